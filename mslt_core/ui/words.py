"""Every string of the interface, in one place, so that another language is another file.

Names are grouped by page; a string with braces is filled by `str.format`.
"""

from mslt_core.analysis.mixing.names import NAMES

# The frame
APP = "MSLT Lab"
OVERVIEW = "Overview"
TRAIN = "Train"
COMPARE = "Compare"
HOW_MANY = "How many"
WHICH = "Which"
STUDIES = "Studies"
RUNS = "Runs"
NOTHING_RUNS = "Nothing is running"
QUEUE = "{running} running, {waiting} waiting"
ALL_RUNS = "See all runs"
DEVICE_UNKNOWN = "CPU, {threads} threads"
FOOTER = "{device} · version {version}"
SECONDS = "{seconds} s"
MINUTES = "{minutes} min"
HOURS = "{hours} h {minutes} min"

# Words that several pages use
METHODS = {"finetune": "Fine-tune", "probe": "Probe"}
OVER = {
    "all": "mean over all targets",
    "seen": "mean over targets trained on",
    "unseen": "mean, trained on by none of these",
}
OVER_SHORT = {"all": "all", "seen": "trained on", "unseen": "trained on by none"}
NAMED = "{name} ({tag})"
RUN_NAME = "{sources} with seed {seed}"
LINK_WRONG = "The address asks for {asked}, which there is not here. Shown instead: {instead}."
LINK_NOTHING = "the usual"
LEFT_OUT = "Left out: {run}. {reason}"
STATES = {
    "queued": "queued",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}
STAGES = {
    "": "starting",
    "starting": "starting",
    "loading": "loading model and data",
    "training": "training",
    "scoring": "scoring the targets",
    "embedding": "embedding sentences for the map",
    "measuring": "measuring how the languages mix",
}
CHART = "Chart"
TABLE = "Table"
VIEW = "Chart or table"
CSV = "CSV"
CANCEL = "Cancel"
RETRY = "Retry"
DELETE = "Delete"
OPEN_COMPARE = "Open in Compare"
LEFT = "{time} left"
SPEED = "{speed:,.0f} tokens/s"

# The study that How many and Which are about
STUDY = "Study"
STUDY_LABEL = "{title} · {task} · {done}/{runs}"
STUDY_WRONG = "{name} (cannot be read)"
STUDY_NONE = "There is no study yet."
STUDY_EMPTY = "None of its {runs} runs has a result yet."
STUDY_PARTLY = "{done} of {runs} runs so far: what follows is of these."
STUDY_MEANS_ALONE = (
    "{name}: of this study mean scores and mixing are kept, not the answer to each test item, "
    "which what is said here rests on."
)
STUDY_ELSEWHERE = "Its report is on the page Studies"
STUDY_COMPUTE = "Compute it on the page Studies"
STUDY_READING = "Reading what the study measured"
STUDY_PROBE = (
    "**A probe is not fine-tuning**: it fits a classifier on embeddings that do not change, so "
    "languages cannot mingle by training. What fine-tuning would give may differ."
)
STUDY_ALL = (
    "All targets includes languages trained on: the larger a set, the more of them it has seen, so "
    "that what it gains here is not transfer alone."
)
STUDY_LEFT_OUT = (
    "To compare like with like, all sets stand here with the same seeds ({seeds}); other runs are "
    "left out: {count}."
)

# Overview
WHAT = (
    "Fine-tune one multilingual model on several languages instead of one, **at the same number "
    "of training examples**, and see in which other languages it then works better. "
    "Choose languages by checkbox, watch the training, compare what transferred where."
)
FIRST_TITLE = "Start with your first fine-tune"
FIRST = (
    "Nothing has been trained here yet. Pick a model, a task and a few languages; training runs "
    "in the background on this machine, usually for some minutes, and goes on when you close the "
    "page. You get the score in every language of the task as a heatmap, and a map of how the "
    "languages' sentences mix before and after."
)
FIRST_BUTTON = "Train on languages"
FIRST_STEPS = (
    (":material/tune: **Train**", "Tick English, queue it; then tick three languages, queue them."),
    (":material/grid_on: **Compare**", "See both side by side: scores, gain, embedding map."),
    (":material/list: **Runs**", "Follow, cancel, retry, read the log, download the table."),
)
STILL_FIRST = "The first run is on its way: its scores appear here when it is done."
SHIPPED = "Measured already"
SHIPPED_WHAT = (
    "Whole studies come with the product, hundreds of source sets measured with me5-small: they "
    "open at once, without any training."
)
SHIPPED_HOW_MANY = "How many languages?"
SHIPPED_WHICH = "Which languages?"
SHIPPED_CLAIMS = "Do the paper's claims hold?"
LATEST = "Latest comparison"
MORE_COMPARE = "Choose what to compare"

# Train
MODEL = "Model"
MODEL_HELP = (
    "A name from the list, or any other model: type its hub id, such as owner/name, or the path of "
    "a local folder."
)
PARAMETERS = "{millions:,.0f} million parameters"
LAYERS_OF = "{layers} layers of {hidden}"
VOCABULARY = "vocabulary of {size:,}"
LANGUAGES_READ = "{count} language{s}"
LANGUAGES_OF = "{count} language{s} ({corpus})"
DECODER = "reads from left to right"
LICENCE = "licence: {licence}"
ASKING_HUB = "Asking the hub about this model"
TASK = "Task"
METHOD = "Method"
METHOD_HELP = (
    "Fine-tune trains the whole encoder. Probe fits a logistic regression on its frozen sentence "
    "embeddings: seconds instead of minutes, and nothing changes in the embeddings."
)
BUDGET = "Budget"
BUDGET_HELP = "Training examples in all, shared evenly by the languages trained on."
SEEDS = "Seeds"
SEEDS_HELP = "One run for each. Several seeds show how much is luck; use at least three."
DETAILS = "Details"
SAMPLING = "Sampling"
SAMPLINGS = {"disjoint": "Different items", "parallel": "Same items, translated"}
SAMPLING_HELP = (
    "Different items: every language gives other items. Same items, translated: every language "
    "gives the same ones, where the task is parallel."
)
EPOCHS = "Epochs"
LEARNING_RATE = "Learning rate"
BATCH_SIZE = "Batch size"
TRAINED_LABEL = "What is trained"
TRAINED = {"all": "Everything", "layers": "Top layers", "adapters": "Adapters (LoRA)"}
TRAINED_HELP = (
    "Everything: all weights. Top layers: the lower ones stay as they are, and what they give is "
    "computed once for all runs. Adapters: small matrices beside the frozen weights, the only way "
    "for models that read from left to right (BLOOM, Qwen, Llama)."
)
LAYERS = "Layers, counted from the top"
LAYERS_HELP = "0 trains the classifier alone."
LORA_RANK = "Rank of the adapters"
RANK_HELP = (
    "Higher ranks can learn more and train more numbers. Adapters usually want a learning rate "
    "about ten times that of all weights."
)
FOUR_BIT_WEIGHTS = "Frozen weights in 4 bit"
FOUR_BIT_WEIGHTS_HELP = "An eighth of the memory, for large models; results differ a little."
SOURCES = "Train on"
SEARCH_HINT = "Search by name, tag, family or script"
NO_MATCH = "No language of this task matches “{search}”."
GROUP_BY = "Group by"
GROUPS = {"family": "Family", "script": "Script", "table": "Table"}
LANGUAGE_COLUMNS = (
    "Language",
    "Tag",
    "Script",
    "Family",
    "GiB",
    "Train",
    "Dev",
    "Test",
)
ALT_LANGUAGES = "What the task has in each language"
ITEMS_MOST = "{count} training items in a language where nothing else is said. "
ITEMS_ALL = "{count} training items in every language. "
SIZES_NOTE = "GiB: the language's share of CC-100, the text that XLM-R was pretrained on."
LANGUAGE = "{name} :gray[{facts}]"
GIB = "{size} GiB"
ITEMS = "{count:,} items"
PRESETS = "Tick"
PRESET_ENGLISH = "English"
PRESET_SEVEN = "The paper's seven"
PRESET_SCRIPTS = "One per script"
PRESET_NONE = "None"
TARGETS = "Test on"
TARGETS_ALL = "All {count} languages"
TARGETS_SOME = "Only some"
TARGETS_PICK = "Languages to test on"
NOT_YET = "Tick at least one language to train on."
NO_SEED = "Choose at least one seed."
NO_TARGET = "Choose at least one language to test on."
NO_DATA = "This task's data is not on this machine, so it cannot be chosen yet."
NO_DATA_HELP = (
    "Set the environment variable MSLT_DATASETS to a folder that holds the data set and start the "
    "app again, or choose the bundled task, which needs no download."
)
READING_DATA = "Reading the task's data; the first time this takes a moment."
SHARES = "Training examples: {shares}. Tested on {targets} languages."
SHARES_OF = "{numbers} for {sources}"
ESTIMATE = "About {time} on this machine."
ESTIMATE_NONE = (
    "How long it takes here is not known yet: the first run will tell. On two processor cores, "
    "fine-tuning at a budget of 700 takes some minutes, a probe some seconds."
)
STORED_ALL = "Already in the store: nothing needs to be trained again."
STORED_SOME = "{stored} of {all} are in the store already."
UNDER_WAY = "{count} of {all} are queued or running already."
QUEUE_FINETUNE = "Queue {count} fine-tune{s}"
QUEUE_PROBE = "Queue {count} probe{s}"
SHOW_STORED = "Show the stored result{s}"
SHOW_PROGRESS = "Show the run{s}"
COMMAND = "The same in the terminal"
WATCH = "Progress"
RUN_FACTS = "{model} · {task} · budget {budget} · {targets} targets"
RUN_TITLE = "**{sources}** · {method} · seed {seed}"
WATCH_NONE = "Queued runs show their progress here, also when you close this page and come back."
WAITING = "Waiting for its turn"
STARTING = "Waiting for the worker to start"
CANCELLING = "Stopping at the next step"
CANCELLED = "Cancelled."
FAILED = "Failed: {message}"
DONE = "{metric}, mean {all} % · trained on {seen} % · not trained on {unseen} %"
ALT_LOSS = "Training loss by step, now {loss:.2f}."

# Compare
COMPARE_EMPTY = "Comparisons appear here once a run has finished."
COMPARE_PICK = "Source sets"
COMPARE_HELP = "Runs that differ in the seed alone count as one."
COMPARE_SETTINGS = "Settings"
COMPARE_SETTINGS_HELP = (
    "All but sources and seed. What is chosen stays chosen when you look at other settings."
)
COMPARE_ANY = "All settings ({count:,} source sets)"
COMPARE_ONE = "Choose at least one source set."
BASELINE = "Baseline"
LEVEL_GAIN = "Show"
LEVEL = "Score"
GAIN = "Gain over baseline"
METRICS = {"accuracy": "Accuracy", "f1": "F1 of entities"}
GAIN_AXES = {"accuracy": "Gain in accuracy", "f1": "Gain in F1"}
HEATMAP = "Transfer"
HEATMAP_CAPTION = (
    "{metric} in per cent, mean over seeds. Outlined: the language was in training. "
    "Grey with a dash: not measured."
)
HEATMAP_CAPTION_GAIN = (
    "Gain over {baseline} in points, paired by seed and item. Orange is better, blue is worse. "
    "Outlined: the language was in training. Grey with a dash: no common seed or target."
)
ALT_HEATMAP = (
    "Heatmap of {what} for {configurations} source sets on {targets} targets; the table holds "
    "every number."
)
ALT_BEST = " Best mean over all targets: {best}, {value}."
SHARED = "The sets were tested on different languages; means are over the {count} that they share."
NOTHING_SHARED = (
    "These sets share no language that they were tested on, so their means cannot be compared: "
    "choose sets with the same targets."
)
MEANS = "Means with 95 % intervals"
MEANS_ITEMS = "Bootstrap over test items."
MEANS_ONE_SEED = (
    "An interval of one seed covers the choice of test sentences, not the luck of training."
)
MEANS_SEEDS = "Bootstrap over seeds and items together."
FEW_SEEDS = (
    "From {seeds} seeds alone, the interval may come out too narrow where training's luck "
    "outweighs the sentences'."
)
MEANS_FEW = (
    "Small ticks are the seeds: from so few, intervals may come out too narrow where training's "
    "luck outweighs the sentences'."
)
MEANS_BEHIND = "Targets behind the means: {counts}."
MEANS_COUNTS = "{configuration}: {all}, of which {seen} trained on"
MEANS_UNSEEN = {
    "some": "Trained on by none of these, and so the same for all: {targets}.",
    "none": "One of these was trained on each target, so there is no mean over unseen ones.",
}
ALT_MEANS = "Means over all, seen and unseen targets with intervals, of {configurations} sets."
MAP = "Embedding map"
COLOUR_BY = "Colour by"
COLOURS = {
    "language": "Language",
    "script": "Script",
    "family": "Family",
    "seen": "In training",
    "label": "Class",
}
SEEN = "in training"
UNSEEN = "not in training"
PRETRAINED = "Pretrained"
UNTRAINED = "Untrained"
BEFORE = "{before} · {model}"
TRUST = "Trustworthiness {value:.2f}"
MAP_METHOD = "Projection"
MAP_METHODS = {"pca": "PCA", "tsne": "t-SNE"}
MAP_METHOD_HELP = (
    "PCA shows the two directions in which the sentences differ most, and how far apart they are. "
    "t-SNE shows who is near to whom; how far groups lie apart means nothing there."
)
MAP_LAYER = "Layer"
LAYER_NAMES = {0: "embeddings"}
MAP_LAYER_HELP = (
    "After which layer the sentences are looked at, from the embeddings, before the first, up to "
    "the last. Of most layers fewer sentences are kept than of the last."
)
MAP_POOLING = "Sentence vector"
MAP_POOLINGS = {"mean": "Mean", "first": "First token"}
MAP_POOLING_HELP = (
    "The mean of all tokens of a sentence, or the first token alone, which before the first layer "
    "is the same in every sentence."
)
MAP_JOIN = "Join translations"
MAP_JOIN_HELP = "Lines from the translations of some sentences to their middle."
MAP_PANEL = "**{name}**"
MAP_PANEL_SEED = "**{name}** :gray[seed {seed}]"
MAP_WAITS = {
    "pca": "The map is being computed; this takes a few seconds.",
    "tsne": "The map is being computed; t-SNE takes up to a minute.",
}
MAP_FAILED = "There is no map: {reason}"
MAP_JOINED = (
    "Lines join the translations of some sentences to their middle; the other sentences are faint."
)
MAP_NO_TEXTS = (
    "The sentences themselves are not on this machine, so a pointer is told their numbers alone."
)
MAP_CAPTION = "PCA of unit vectors, each panel centred: {variance:.0%} of the variance."
MAP_CAPTION_TSNE = (
    "t-SNE of unit vectors, each panel centred: it keeps neighbours together, and neither the "
    "distance of groups nor their size."
)
MAP_CAPTION_ALL = (
    "One dot a sentence; the same sentences and one shared projection in all panels, and around a "
    "panel the colour that its model has below. A label stands at the centre of its language, or "
    "is joined to it by a line. Maps are for looking only: distances on them mislead where "
    "trustworthiness is below about 0.9."
)
MAP_MESSAGES = (
    "The sentences are interface messages of Django, for those of the task are no translations of "
    "one another."
)
MAP_OTHER_SENTENCES = (
    "Not on the map: {configurations}. They have other targets, or were trained before this task "
    "had such sentences, so theirs are not the ones that are shown."
)
MAP_PROBE = (
    "{configurations}: a probe changes no embedding, so the map is that of the pretrained model."
)
MAP_MORE = "The map shows the first {shown} fine-tuned source sets of {all}."
MAP_NONE = (
    "No sentence vectors are stored for these runs: those from before training are made again by "
    "the next run on the same model, task and targets."
)
MAP_NO_BEFORE = (
    "Not shown before training: {models}. These vectors are no longer stored; they are made again "
    "by the next run on the same model, task and targets."
)
MAP_OTHER_SPACE = (
    "Not on the map: {configurations}. Their models have vectors of another size, which cannot "
    "stand in one projection with the others."
)
ALT_MAP = "Embedding map, {panel}: {points} sentences of {languages} languages in two dimensions."
FOUR_BIT = "The bundled model is a 4-bit copy: its scores are near the original's, not equal."
BETTER = (
    "Trained on **{best}**, the mean over all {targets} targets is {value} %: {gain} points "
    "against **{baseline}** (95 % interval {low} to {high}, {seeds} common seed{s}). {verdict}"
)
NOT_BETTER = (
    "No other set here beats **{baseline}**, with a mean over all {targets} targets of "
    "{reference} %. The nearest, **{best}**, has {value} %: {gain} points (95 % interval {low} to "
    "{high}, {seeds} common seed{s}). {verdict}"
)
BUDGETS_DIFFER = "Their budgets differ, so this is not the languages alone."
VERDICT = {
    "more": "The interval is above 0.",
    "less": "The interval is below 0.",
    "none": "The interval includes 0: these runs do not settle which is better.",
}
PICKED = "It was picked as the best of {count} by this same number, which flatters it."
ONE_SET = (
    "Trained on **{label}**, the mean over all {targets} targets is {value} % (95 % interval "
    "{low} to {high}, {seeds} seed{s}). Train a second source set at the same budget to compare."
)
NO_COMMON_SEED = (
    "No other set has a seed and a target in common with **{baseline}** (its seeds: {seeds}), so "
    "there is no gain to state: train another set with one of these seeds."
)

# Compare: how languages mix
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
MIX_NONE = "–"
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

# Compare: how mixing goes over the layers
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
AXIS_LOWER = "← {towards}"
AXIS_HIGHER = "{towards} →"

# Compare: mixing and transfer
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
LINK_FLAT = "All {sets} source sets have the same value, so there is nothing to correlate."
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
    "small": "p < 0.001 when languages change places",
    "some": "p = {p:.2g} when languages change places",
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

# The tooltips and axes of charts
TRAINED_ON = "Trained on"
TARGET = "Target"
TARGETS_TITLE = "Targets"
IN_TRAINING = "In training"
YES = "yes"
NO = "no"
GAIN_POINTS = "Gain, points"
MEAN_PERCENT = "Mean, %"
INTERVAL = "95 % interval"
FROM_TO = "{low} to {high}"
BEHIND = "Mean over"
BEHIND_COUNT = "Number of targets"
BEHIND_ITEMS = "{count} items"
BEHIND_TARGETS = "{count} target{s}"
SEED_TITLE = "Seed"
LANGUAGE_TITLE = "Language"
SENTENCE_TITLE = "Sentence"
SENTENCE_NUMBER = "Sentence {number}"
TWIN_TITLE = "In English"
LAYER_TITLE = "Layer"
STEP_TITLE = "Step"
LOSS_TITLE = "Loss"
TOKENS_TITLE = "Tokens a second"
MODEL_TITLE = "Model"
VALUE_TITLE = "Value"
NULL_TITLE = "By chance"

# Runs
RUNS_EMPTY = "No run yet. Everything you queue is listed here, with its progress, log and files."
RUNS_FILTER = "State"
RUNS_FIND = "Search runs"
RUNS_FIND_HINT = "Language tags, model, task, method or run"
RUNS_ORDER = "Order"
RUNS_ORDERS = {"newest": "Newest first", "best": "Best score first", "longest": "Longest first"}
RUNS_ALL = "Select all {count:,}, on every page"
RUNS_NONE_LEFT = "No run fits."
RUNS_HINT = "Select rows to act on them; a single one opens its details below."
COLUMNS = {
    "state": "State",
    "sources": "Trained on",
    "k": "k",
    "seed": "Seed",
    "method": "Method",
    "model": "Model",
    "task": "Task",
    "budget": "Budget",
    "targets": "Targets",
    "progress": "Progress",
    "mean": "Score",
    "time": "Stage or time",
    "run": "Run",
}
TURN = "turn {turn}"
CHOICE_COLUMNS = ("Choice", "Value")
FILE_COLUMNS = ("File", "kB")
ALT_HISTORY = "Training loss by step"
RUN_FIRST = "Run first"
ALT_RUNS = "Runs {first:,} to {last:,} of {count:,}"
DELETE_TITLE = "Delete runs"
DELETE_SURE = "Delete {count} run{s} with all results? This cannot be undone."
DELETE_YES = "Delete for good"
KEEP = "Keep"
DETAIL = "View"
DETAIL_VIEWS = {
    "history": "Loss",
    "log": "Log",
    "spec": "Choices",
    "files": "Files",
}
NO_HISTORY = "No training step has been recorded."
NO_LOG = "The log is empty."
NO_FILES = "No results are stored."

# Data
DATA = "Data"
DATA_VIEW = "What to look at"
DATA_VIEWS = {
    "browse": "Browse",
    "balance": "Balance",
    "length": "Length",
    "map": "Map",
    "own": "Your own data",
}
SPLIT = "Split"
SPLITS = {"train": "Train", "dev": "Dev", "test": "Test"}
TASK_FACTS = "{title} · {source} Found in: {where}."
PARALLEL = "Items are translations of one another."
NOT_PARALLEL = "Each language has its own items, so nothing here is a translation of another."
BROWSE_LANGUAGES = "Languages side by side"
BROWSE_NONE = "Choose at least one language."
LABEL = "Label"
LABEL_ANY = "Any label"
FIND = "Search in the texts"
FIND_HINT = "Part of a word or sentence"
FOUND = "{count:,} of {all:,} items"
FOUND_ALL = "{count:,} items"
FOUND_NONE = "No item of this split fits."
MORE_TEXT = " … and {count:,} characters more"
NO_TRANSLATION = "Not in {language}."
LANGUAGE_MARK = ":small[:gray[{tag}]]"
ITEM_FACTS = ":small[:gray[{id}]]"
LABEL_BADGE = ":gray-badge[{label}]"
COUNTING_LABELS = "Counting labels in all languages; the first time this takes a moment."
BALANCE = "Share of each label"
BALANCE_CAPTION = "Of the items of a language in this split, the share that has each label."
TAGS_CAPTION = "Of the words of a language in this split, the share that has each tag."
ENTITIES_CAPTION = "Of the entities of a language in this split, the share of each type."
GUESSING = (
    "Always guessing the most common one would be right in {low:.0%} of them ({fewest}) to "
    "{high:.0%} ({most})."
)
GUESSING_SAME = "Always guessing the most common one would be right in {high:.0%} of them."
ALT_BALANCE = "Heatmap of the shares of {labels} labels in {languages} languages."
ITEMS_BY_SPLIT = "Number of items"
SIZES_SAME = "Every language has the same: {train:,} to train on, {dev:,} dev, {test:,} test."
SIZES_DIFFER = "From {low:,} ({fewest}) to {high:,} ({most}) items to train on."
ALT_ITEMS = "Bars with the number of items of each split in {languages} languages."
COUNT_TITLE = "Number"
SHARE_TITLE = "Share"
ITEMS_TITLE = "Items"
TAG_TITLE = "Tag"
GIB_TITLE = "GiB in CC-100"
COUNT_TOKENS = "Count tokens"
LENGTH_FIRST = (
    "A model reads tokens, pieces of words, and it needs more of them for some languages than for "
    "others: less of such a text fits in before it is cut, and training on it costs more. Counting "
    "takes about half a minute, in a process of its own."
)
LENGTH_RUNNING = "Counting tokens: {done} of {all} languages"
LENGTH_STARTING = "Counting tokens: the tokenizer is being loaded"
LENGTH_FAILED = "The counting ended before it was done. The last that it said: {message}"
LENGTH_SILENT = "nothing"
MEASURE = "Measure"
MEASURES = {
    "tokens_per_word": "Tokens per word",
    "relative": "Against English",
    "tokens": "Tokens per item",
    "characters_per_token": "Characters per token",
    "cut": "Cut off",
}
MEASURE_CAPTIONS = {
    "tokens_per_word": (
        "Fertility: 1 would be every word in one piece. Words are what stands between spaces, or "
        "the task's own words."
    ),
    "relative": (
        "Tokens for each token of the same items in English: what a language pays for saying the "
        "same."
    ),
    "tokens": "Mean number of tokens of an item, special tokens not counted.",
    "characters_per_token": "Letters, spaces and signs to a token; a letter of some scripts is a "
    "syllable or a word.",
    "cut": "Share of items with more than {most} tokens, the usual maximum: what follows is lost.",
}
MEASURE_TITLES = {
    "tokens_per_word": "Tokens per word",
    "relative": "Tokens for one of English",
    "tokens": "Tokens per item",
    "characters_per_token": "Characters per token",
    "cut": "Share of items cut off",
}
MEASURE_ENGLISH = "The dashed line is English."
MEASURE_LACKING = "Without spaces between words, so not counted: {languages}."
MEASURE_ITEMS = "From the first {most:,} items of a language at most, split {split}."
ALT_LENGTH = "{title} in {languages} languages, from {low} ({lowest}) to {high} ({highest})."
MAP_WORLD = "Where the languages come from"
REGION = "Region"
REGIONS = {
    "world": "World",
    "europe": "Europe",
    "africa": "Africa",
    "asia": "Asia",
    "america": "America",
}
COLOUR_GROUPS = {"family": "Family", "script": "Script"}
OTHER_GROUP = "other"
WORLD_CAPTION = (
    "One point a language, after Glottolog 4.0, and not all places where it is spoken. Languages "
    "of one place stand side by side. A larger point has more items."
)
WORLD_LACKING = "Without a place on the map: {languages}."
ALT_WORLD = "Map of the world with {languages} languages of {groups} groups."
WORLD_COLUMNS = {
    "name": "Language",
    "tag": "Tag",
    "family": "Family",
    "script": "Script",
    "items": "Items",
    "cc100": "GiB in CC-100",
    "wikipedia": "GiB in Wikipedia (mBERT)",
    "latitude": "Latitude",
    "longitude": "Longitude",
}
OWN_WHAT = (
    "A table with a row for each item: a column for the language (tags such as en, sw or zh-Hant), "
    "one for the text, one for the label; if you have them, one for the split and one for an id "
    "that translations share. For words with tags, the words and the tags of a sentence in two "
    "columns; for pairs, a column for the second text. It stays on this machine."
)
OWN_SAMPLE_CAPTION = "Such as this one:"
OWN_SAMPLE = (
    ("id", "language", "split", "text", "label"),
    ("1", "en", "train", "The room was clean.", "good"),
    ("1", "de", "train", "Das Zimmer war sauber.", "good"),
    ("2", "en", "test", "Nobody answered.", "bad"),
    ("2", "de", "test", "Niemand hat geantwortet.", "bad"),
)
OWN_FILES = "CSV, TSV, JSONL or Parquet, one file or several"
OWN_READING = "Reading the table"
OWN_CHECKING = "Checking every row"
OWN_EMPTY = "Nothing of your own has been added yet."
OWN_HOLDS = "What is in {source}"
OWN_ROWS = "{rows:,} rows; the first {shown} are shown."
OWN_COLUMNS = "What the columns hold"
OWN_COLUMNS_CAPTION = "Guessed from their names and content. Correct what is wrong."
OWN_FIELDS = {
    "language": "Language",
    "text": "Text, or words",
    "label": "Label",
    "tags": "Tags of the words",
    "second": "Second text",
    "split": "Split",
    "id": "Item id",
}
NO_COLUMN = "none"
SPLIT_BY = "Without a split column, divide by"
SPLITS_BY = {"item": "Item id", "text": "Text"}
SPLIT_BY_HELP = (
    "70 % train, 10 % dev, 20 % test, always the same for the same data. By item id, translations "
    "of one item stay together."
)
OWN_KINDS = {"sentence": "sentences", "pair": "pairs of texts", "token": "words with tags"}
OWN_SUMMARY = "{items:,} items ({kind}) in {languages}, {labels}{parallel}."
OWN_LANGUAGES = "{count} language{s}"
OWN_LABELS = "{count} label{s}"
OWN_PARALLEL = "; translations of one another"
OWN_SOUND = "Every row is sound."
OWN_FAULTY = "Of {rows:,} rows, {count:,} cannot be used: see the faults below."
SIZES_COLUMNS = {"language": "Language", "train": "Train", "dev": "Dev", "test": "Test"}
EXAMPLE_COLUMNS = {
    "language": "Language",
    "split": "Split",
    "text": "Text",
    "second": "Second text",
    "label": "Label",
    "tags": "Tags",
}
ALT_RAW = "The first rows of the table as it was read"
ALT_SIZES = "Numbers of items by language and split"
ALT_LABELS = "Numbers of items by label"
ALT_EXAMPLES = "Some items of each language"
FAULTS = "Faults"
FAULTS_FILTER = "Kind of fault"
FAULTS_SHOWN = "The first {shown:,} of {count:,} are shown; the CSV has all."
FAULT_COLUMNS = {
    "file": "File",
    "row": "Row",
    "column": "Column",
    "message": "What is wrong",
    "kind": "Kind",
    "stops": "Must be mended",
}
ALT_FAULTS = "Faults of the table by row"
OWN_NAME = "Name"
OWN_NAME_EMPTY = "Give it a name."
LEAVE_OUT = "Leave out the {count:,} faulty row{s}"
ADD_DATA = "Add {items:,} items"
ADD_BLOCKED = (
    "{count:,} row{s} above cannot be used as they are. Mend the file and upload it again, or "
    "leave them out."
)
ADD_FATAL = "Leaving rows out does not help here: {message}"
ADDING = "Adding the data"
ADDED = "**{name}** is a task now, as any other."
OTHER_FILE = "Take another file"
OWN_SETS = "Your data sets"
OWN_SET_FACTS = "{items:,} items · {kind} · {languages} · {labels} · {source}"
TRAIN_ON_IT = "Train on it"
BROWSE_IT = "Browse it"
REMOVE_TITLE = "Delete a data set"
REMOVE_SURE = (
    "Delete **{name}**? Runs on it and their results stay, but they cannot be repeated without it."
)
