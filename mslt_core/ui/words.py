"""Every string of the interface that no page has for itself; those of a page are in
`words_<page>`. So another language is another set of files.

A string with braces is filled by `str.format`.
"""

# The frame
APP = "MSLT Lab"
OVERVIEW = "Overview"
TRAIN = "Train"
COMPARE = "Compare"
HOW_MANY = "How many"
WHICH = "Which"
STUDIES = "Studies"
RUNS = "Runs"
DATA = "Data"
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
OVER_LONG = {
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
FIRST_BUTTON = "Train on languages"
MODEL = "Model"
MODEL_HELP = (
    "A name from the list, or any other model: type its hub id, such as owner/name, or the path of "
    "a local folder."
)
TASK = "Task"
SEEDS = "Seeds"
GROUPS = {"family": "Family", "script": "Script", "table": "Table"}
NO_TARGET = "Choose at least one language to test on."
NO_DATA = "This task's data is not on this machine, so it cannot be chosen yet."
NO_DATA_HELP = (
    "Set the environment variable MSLT_DATASETS to a folder that holds the data set and start the "
    "app again, or choose the bundled task, which needs no download."
)
READING_DATA = "Reading the task's data; the first time this takes a moment."
COMMAND = "The same in the terminal"
METRICS = {"accuracy": "Accuracy", "f1": "F1 of entities"}
MEANS_ITEMS = "Bootstrap over test items."
MEANS_SEEDS = "Bootstrap over seeds and items together."
MEANS_FEW = (
    "Small ticks are the seeds: from so few, intervals may come out too narrow where training's "
    "luck outweighs the sentences'."
)
COLOUR_BY = "Colour by"
MAP_POOLINGS = {"mean": "Mean", "first": "First token"}
BUDGETS_DIFFER = "Their budgets differ, so this is not the languages alone."
LINK_FLAT = "All {sets} source sets have the same value, so there is nothing to correlate."
OWN_SAMPLE_CAPTION = "Such as this one:"
MIX_NONE = "–"
DELETE_YES = "Delete for good"
KEEP = "Keep"
MEASURE = "Measure"

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
    "A mean over all targets includes languages trained on: the larger a set, the more of them it "
    "has seen, so that what it gains here is not transfer alone."
)
STUDY_LEFT_OUT = (
    "To compare like with like, all sets stand here with the same seeds ({seeds}); other runs are "
    "left out: {count}."
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
