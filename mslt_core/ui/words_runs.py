"""Strings of the page Runs. A string with braces is filled by `str.format`."""

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
