"""Every string of the interface, in one place, so that another language is another file.

Names are grouped by page; a string with braces is filled by `str.format`.
"""

# The frame
APP = "MSLT Lab"
OVERVIEW = "Overview"
TRAIN = "Train"
COMPARE = "Compare"
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
    "unseen": "mean over targets not trained on",
}
OVER_GAIN = {**OVER, "unseen": "mean over targets new to both"}
OVER_SHORT = {"all": "all", "seen": "trained on", "unseen": "not trained on"}
OVER_GAIN_SHORT = {**OVER_SHORT, "unseen": "new to both"}
NAMED = "{name} ({tag})"
RUN_NAME = "{sources} with seed {seed}"
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
RANK_HELP = "Higher ranks can learn more and train more numbers."
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
MEANS_FEW = "Small ticks are the seeds: so few make the intervals too narrow."
MEANS_BEHIND = "Targets behind the means: {counts}."
MEANS_COUNTS = "{configuration}: {all}, of which {seen} trained on and {unseen} not"
MEANS_COUNTS_GAIN = "{configuration}: {all}, of which {seen} trained on and {unseen} new to both"
MEANS_UNSEEN_GAIN = "New to both: neither the set nor the baseline was trained on them."
ALT_MEANS = "Means over all, seen and unseen targets with intervals, of {configurations} sets."
MAP = "Embedding map"
COLOUR_BY = "Colour by"
COLOURS = {
    "language": "Language",
    "script": "Script",
    "family": "Family",
    "seen": "In training",
}
SEEN = "in training"
UNSEEN = "not in training"
PROJECTING = "Drawing the map"
PRETRAINED = "Pretrained"
UNTRAINED = "Untrained"
BEFORE = "{before} · {model}"
TRUST = "Trustworthiness {value:.2f}"
MAP_CAPTION = (
    "One dot a sentence; the same sentences and one shared projection (PCA of unit vectors, each "
    "panel centred, {variance:.0%} of the variance) in all panels. A label stands at the centre "
    "of its language, or is joined to it by a line. Maps are for looking only: distances on them "
    "mislead where trustworthiness is below about 0.9."
)
MAP_PROBE = (
    "{configurations}: a probe changes no embedding, so the map is that of the pretrained model."
)
MAP_MORE = "The map shows the first {shown} fine-tuned source sets of {all}, with their first seed."
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
LINK_MISSING = "{count} of the runs in this link are not in the store, or have not finished."
VERDICT = {
    "more": "The interval is above 0.",
    "less": "The interval is below 0.",
    "none": "The interval includes 0: these runs do not settle which is better.",
}
ONE_SEED = (
    "With one common seed the interval covers the choice of test sentences, not the luck of "
    "training."
)
PICKED = "It was picked as the best of {count} by this same number, which flatters it."
ONE_SET = (
    "Trained on **{label}**, the mean over all {targets} targets is {value} % (95 % interval "
    "{low} to {high}, {seeds} seed{s}). Train a second source set at the same budget to compare."
)
NO_COMMON_SEED = (
    "No other set has a seed and a target in common with **{baseline}** (its seeds: {seeds}), so "
    "there is no gain to state: train another set with one of these seeds."
)

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
GROUP_TITLE = "Group"
SENTENCE_TITLE = "Sentence"
STEP_TITLE = "Step"
LOSS_TITLE = "Loss"
TOKENS_TITLE = "Tokens a second"

# Runs
RUNS_EMPTY = "No run yet. Everything you queue is listed here, with its progress, log and files."
RUNS_FILTER = "State"
RUNS_NONE_LEFT = "No run is in this state."
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
ALT_RUNS = "All runs, newest first"
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
