"""Strings of the page Studies."""

TITLE = "Studies"
VIEW = "What the page shows"
VIEWS = {"list": "All studies", "new": "New study"}

# The list
COLUMNS = {
    "title": "Study",
    "task": "Task",
    "model": "Model",
    "method": "Method",
    "sizes": "Languages in a set",
    "runs": "Runs done",
    "origin": "From",
}
FAULT_COLUMN = "Fault"
SHIPPED = "the product"
OWN = "this machine"
RUNS = "{done} of {runs}"
UNREADABLE = "cannot be read"
NONE = "–"
RANGE = "{low} to {high}"
ALT_LIST = "{count} studies, a row each, with task, model, method, sizes of sets and runs done"

# The picked one
SETTINGS = (
    "{model} on {task}, {method} · {sets} source set{s} of {sizes} · seeds {seeds} · "
    "{budget} training examples each, {sampling} · {targets} targets"
)
SIZE_ONE = "1 language"
SIZES = "{sizes} languages"
SAMPLING = {"disjoint": "different items", "parallel": "the same items translated"}
FINETUNE = " · {epochs} epochs at {learning_rate:.0e}, batches of {batch_size}{trained}"
TRAINED_LAYERS = ", top {layers} layers"
TRAINED_RANK = ", adapters of rank {rank}"
FILE = "`{name}` · declared in {path}"

# Progress
DONE = "{done} of {runs} runs have results"
ALL_DONE = "All {runs} runs have results"
WORKING = "at work"
LEFT = "about {time} left"
LEFT_UNKNOWN = "time left unknown until a run of this model and task is done"
FAILED = "**The last try stopped.** {reason}"
RUN_ALL = "Compute all {count} runs"
RUN_LEFT = "Compute the {count} runs that are left"
RUN_AGAIN = "Try the {count} runs that are left again"
TAKES_PROBE = "About {time}, once all texts are embedded."
TAKES = "About {time} on this machine."
TAKES_UNKNOWN = (
    "How long it takes is known once a run of this model and task was done on this machine."
)
GOES_ON = (
    "It goes on when you close the page. What runs gave is kept soon after they are done; the page "
    "Runs cancels those of a fine-tuned study."
)
