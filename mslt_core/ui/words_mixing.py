"""Strings on mixing, of the page Compare. A string with braces is filled by `str.format`."""

from mslt_core.analysis.mixing.names import NAMES

MIXING = "Do the languages mix?"
MIX_OVER_LABEL = "Over which languages"
MIX_OVER = {"all": "All languages", "seen": "Trained on", "unseen": "Not trained on"}
MIX_FAMILIES = {
    "mixing": "Mixing: whether the language of a sentence shows",
    "alignment": "Alignment: whether translations lie together",
    "control": "Controls: a space that collapses looks mixed too",
}
MIX_FAMILY = {"mixing": "Mixing", "alignment": "Alignment", "control": "Control"}
MIX_METRICS = NAMES
MIX_QUOTED = {
    "language_silhouette": "silhouette by language",
    "neighbour_mixing": "languages among neighbours",
    "language_probe": "language-ID accuracy",
    "centroid_distance": "distance between languages",
    "retrieval": "translations retrieved",
    "debiased_cka": "debiased CKA",
    "label_silhouette": "silhouette by class",
    "effective_rank": "effective rank",
    "anisotropy": "anisotropy",
}
MIX_HELP = {
    "language_silhouette": (
        "How much nearer a sentence is to those of its own language than to those of the nearest "
        "other one: 1 far apart, 0 mixed."
    ),
    "neighbour_mixing": (
        "How evenly the languages share a sentence's nearest neighbours: 0 all of one language, "
        "1 as if drawn at random."
    ),
    "same_language_share": "The share of nearest neighbours in a sentence's own language.",
    "language_probe": (
        "How often a linear classifier names the language of a sentence that it never met."
    ),
    "centroid_distance": (
        "How far apart the centres of two languages are, divided by the spread within them; mean "
        "over pairs."
    ),
    "retrieval": (
        "How often the nearest sentence in another language is the translation; mean over pairs, "
        "both ways."
    ),
    "debiased_cka": (
        "Whether sentences lie to one another as their translations do, whatever the direction: "
        "1 the same layout, about 0 unrelated; mean over pairs."
    ),
    "label_silhouette": (
        "How much nearer a sentence is to those of its own class than to those of the nearest "
        "other one. If it falls while languages mix more, the space may have collapsed."
    ),
    "effective_rank": "How many directions the sentences fill: few where a space has collapsed.",
    "anisotropy": (
        "Mean cosine of two sentences that are no translations of each other: near 1 all vectors "
        "point the same way."
    ),
}
MIX_LOWER = "← {what}"
MIX_HIGHER = "{what} →"
MIX_TOWARDS = {
    "mixing": "more mixed",
    "alignment": "better aligned",
    "label_silhouette": "classes further apart",
    "effective_rank": "more directions",
    "anisotropy": "more alike",
}
MIX_FAMILY_HEADING = "**{family}**"
MIX_METRIC = "{metric} :gray[{towards}]"
MIX_ALT = "{metric}, {towards}: {values}."
MIX_ALT_VALUE = "{column} {value} ({interval})"
MIX_CAPTION = (
    "Dots with 95 % intervals. A hollow circle is what chance gives: the value if languages, or "
    "the pairing of translations, meant nothing. Every measure has an axis of its own, which all "
    "models share."
)
MIX_UNDEFINED = "No value: the sentences have no classes, or all lie in one point."
MIX_NO_VALUE = (
    "No value over these languages: {columns}. At least two are needed to see whether they mix."
)
MIX_BEFORE_OF = "{before}, for {sets}"
MIX_OTHER_SEEN = (
    "These sets were not trained on the same languages, so “trained on” and “not trained on” are "
    "other languages for each. Compare a set with its own column before training, and sets with "
    "each other over all languages."
)
MIX_VALUES = "All values as a table"
MIX_COLUMNS = {
    "column": "Model",
    "metric": "Measure",
    "family": "Kind",
    "value": "Value",
    "low": "Low",
    "high": "High",
    "null": "By chance",
    "seeds": "Seeds",
}
PAIRS = "Pairs of languages"
PAIRS_HELP = "A measure of every two languages alone, in one model at a time."
PAIRS_MODEL = "Model"
PAIRS_OTHER = "With"
PAIRS_CAPTION = (
    "The value of two languages alone, mean over seeds; the colours have one scale for all models."
)
ALT_PAIRS = "{metric} of {pairs} pairs of languages, {column}; the table holds every number."
MIX_CHANGES = "What changed"
MIX_CHANGES_CAPTION = (
    "Paired differences with 95 % intervals: the same sentences, and the same seeds, in both. Of a "
    "control, higher and lower say nothing about mixing by themselves."
)
MIX_STEP = "{before} → {after}"
MIX_CELL = "{said}: {change} ({interval})"
MIX_CELL_SAID = {
    ("mixing", "more"): "more mixed",
    ("mixing", "less"): "less mixed",
    ("alignment", "more"): "better aligned",
    ("alignment", "less"): "less aligned",
    ("control", "more"): "higher",
    ("control", "less"): "lower",
    ("mixing", "unclear"): "unclear",
    ("alignment", "unclear"): "unclear",
    ("control", "unclear"): "unclear",
}
ALT_MIX_CHANGES = "Changes of every measure between models, with intervals."
ALT_MIX_VALUES = "Every measure of every model, with intervals."
MIX_LANGUAGES = {
    "all": "languages",
    "seen": "the languages trained on",
    "unseen": "the languages not trained on",
}
MIX_SAID = {
    ("training", "more"): (
        "After training on **{after}**, {languages} mix more than before it ({more} of {all} "
        "measures, such as {evidence})"
    ),
    ("training", "less"): (
        "After training on **{after}**, {languages} mix less than before it ({less} of {all} "
        "measures, such as {evidence})"
    ),
    ("training", "unclear"): (
        "There is no clear difference in how {languages} mix before and after training on "
        "**{after}** ({more} of {all} measures say more, {less} less)"
    ),
    ("sets", "more"): (
        "After training on **{after}**, {languages} mix more than after training on **{before}** "
        "({more} of {all} measures, such as {evidence})"
    ),
    ("sets", "less"): (
        "After training on **{after}**, {languages} mix less than after training on **{before}** "
        "({less} of {all} measures, such as {evidence})"
    ),
    ("sets", "unclear"): (
        "There is no clear difference in how {languages} mix after training on **{before}** and "
        "on **{after}** ({more} of {all} measures say more for the second, {less} less)"
    ),
}
MIX_EVIDENCE = "{metric} {before} → {after}, change {change}, 95 % interval {interval}"
MIX_ALIGNMENT = {
    "more": "translations align better ({evidence})",
    "less": "translations align less well ({evidence})",
    "unclear": "there is no clear difference in how translations align",
}
MIX_CLASSES = {
    "more": "classes separate more ({evidence})",
    "less": "classes separate less ({evidence})",
    "unclear": "there is no clear difference in how classes separate",
}
MIX_COLLAPSED = "but {signs}, so the space may have collapsed rather than mixed"
MIX_COLLAPSED_BY = {
    "label_silhouette": "classes separate less too ({evidence})",
    "effective_rank": "sentences fill fewer directions ({evidence})",
    "anisotropy": "vectors are more alike ({evidence})",
}
MIX_CLASSES_UNKNOWN = (
    "whether classes still separate was not measured, so a collapse is not ruled out"
)
MIX_NO_COMMON_SEED = (
    "**{before}** and **{after}** have no measured seed in common, so their difference cannot be "
    "paired: train one of them with a seed of the other."
)
MIX_OTHER_SENTENCES = (
    "**{before}** and **{after}** were not measured on the same sentences in the same languages, "
    "so they are compared with their own pretrained model only: choose sets with the same targets."
)
MIX_MESSAGES = (
    "Measured on {number} interface messages of Django, not on the task's own sentences{without}."
)
MIX_MESSAGES_OF = "{sets}: {said}"
MIX_MESSAGES_LACKING = "; not in {languages}, where there are too few of them"
MIX_MISSING = "Not measured: {reasons}"
MIX_NOT_MEASURED = "{runs}: {reason}"
MIX_WHY = {
    "probe": "a probe changes no embedding; fine-tune on these languages to see a change.",
    "unpaired": (
        "the sentences of this task are no translations of one another, and too few of its targets "
        "have messages of Django to be measured on instead; choose other targets, or a task of "
        "translations."
    ),
    "few": (
        "this needs two or more languages with ten or more sentences each; train again with more "
        "targets."
    ),
    "older": (
        "stored before mixing was measured as it is now; delete them on the Runs page and train "
        "them again."
    ),
}

# How mixing goes over the layers
LAYERS = "Over the layers, sentence vector: {pooling}"
LAYER_AXIS = "Layer (0: the embeddings)"
LAYERS_CAPTION = (
    "Lines are means over seeds, bands the mean of their 95 % intervals, which cover the choice "
    "of sentences and not the luck of training. Dashed: what chance gives."
)
LAYERS_LAST = (
    "Not all sentences that are measured above are measured at the layers, or their vectors are "
    "pooled in another way: the last values differ from those above by up to {change} ({here} "
    "here, {above} above)."
)
LAYERS_SAME = "The last values are those above."
LAYERS_MISSING = "Without layers: {columns}."
LAYERS_NONE = "There is no curve over the layers: {reasons}"
LAYER_COLUMNS = {
    "column": "Model",
    "layer": "Layer",
    "value": "Value",
    "low": "Low",
    "high": "High",
    "null": "By chance",
}
ALT_LAYERS = "{metric} by layer. From the embeddings to the last layer: {values}."
ALT_LAYERS_VALUE = "{column} {first} to {last}"

# Mixing and transfer
LINK = "Does more mixing go with better transfer?"
LINK_CHART = "Mixing and score, a point a run"
LINK_READING = "Reading the measured runs"
LINK_SETTINGS = "All measured runs with the settings {settings}."
LINK_FEW_RUNS = (
    "This needs five measured runs or more with the same task and settings; there {are} "
    "{count} so far. Train on more source sets to see."
)
LINK_FEW_SETS = (
    "These {runs} runs are of {sets} source sets: to say whether mixing and transfer go together "
    "takes five or more, for other seeds of the same set are not new evidence."
)
LINK_MORE = {
    "mixing": "languages mix more",
    "alignment": "translations align better",
    "label_silhouette": "classes are further apart",
    "effective_rank": "sentences fill more directions",
    "anisotropy": "vectors are more alike",
}
LINK_SAID = {
    "better": (
        "Where {what} (by {metric}), scores on {over} are higher: Spearman's ρ {rho} over {sets} "
        "source sets, {p}. That does not show that one causes the "
        "other: the number of languages trained on, for one, can move both."
    ),
    "worse": (
        "Where {what} (by {metric}), scores on {over} are lower: Spearman's ρ {rho} over {sets} "
        "source sets, {p}. That does not show that one causes the "
        "other: the number of languages trained on, for one, can move both."
    ),
    "unclear": (
        "Whether scores on {over} are higher where {what} (by {metric}) is not settled by these "
        "runs: Spearman's ρ {rho} over {sets} source sets, {p}."
    ),
}
LINK_P = {
    "some": "{p} when languages change places",
    "none": (
        "without a p value, for too few of these sets turn into one another when languages change "
        "places; all sets of one size would"
    ),
}
LINK_PAIRS = {
    "better": (
        "From one language to another, transfer is better where the two {what} before training "
        "(by {metric}): Spearman's ρ {rho} over pairs of {languages} languages, {p}."
    ),
    "worse": (
        "From one language to another, transfer is worse where the two {what} before training "
        "(by {metric}): Spearman's ρ {rho} over pairs of {languages} languages, {p}."
    ),
    "unclear": (
        "Whether transfer from one language to another is better where the two {what} before "
        "training (by {metric}) is not settled by these runs: Spearman's ρ {rho} over pairs of "
        "{languages} languages, {p}."
    ),
}
LINK_PAIRS_MORE = {"mixing": "mix more", "alignment": "align better"}
LINK_AXIS = "Shown as"
LINK_AXES = {"change": "Change", "value": "Value"}
LINK_X = {"change": "{metric}, change by training", "value": "{metric}, after training"}
LINK_OVER = "Score on"
LINK_OVERS = {"all": "All targets", "unseen": "Targets trained on by none of these"}
LINK_SCORE = "Score on {over}, %"
LINK_K = "Languages"
LINK_CAPTION = (
    "A point a run of the same task and settings, also those that are not compared above, which "
    "have no outline; larger and lighter with more languages trained on. For the p value languages "
    "change places, so it asks which of them are in a set, not how many."
)
LINK_SKIPPED = "Left out: {count} runs, too many or measured in an older way."
LINK_COLUMNS = {
    "run": "Run",
    "sources": "Trained on",
    "k": "k",
    "seed": "Seed",
    "x": "Mixing",
    "y": "Score, %",
}
ALT_LINK = "{runs} runs by {metric} and score on {score}; the table holds every number."
