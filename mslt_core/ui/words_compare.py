"""Strings of the page Compare, but for those on mixing. A string with braces is filled by
`str.format`."""

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
MEANS_BEHIND = "Targets behind the means: {counts}."
MEANS_COUNTS = "{configuration}: {all}, of which {seen} trained on"
MEANS_UNSEEN = {
    "some": "Trained on by none of these, and so the same for all: {targets}.",
    "none": "One of these was trained on each target, so there is no mean over unseen ones.",
}
ALT_MEANS = "Means over all, seen and unseen targets with intervals, of {configurations} sets."
MAP = "Embedding map"
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
