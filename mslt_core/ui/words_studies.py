"""Strings of the page Studies."""

TITLE = "Studies"
VIEW = "What the page shows"
VIEWS = {"list": "All studies", "new": "New study"}

# The list
COLUMNS = {
    "title": "Study",
    "runs": "Runs done",
    "task": "Task",
    "model": "Model",
    "method": "Method",
    "sizes": "Set sizes",
}
TITLE_WIDTH = 485
"""Pixels of the column with the titles."""
FAULT_COLUMN = "Fault"
SHIPPED = "the product"
OWN = "this machine"
RUNS = "{done} of {runs}"
NONE = "–"
RANGE = "{low} to {high}"
ALT_LIST = "{count} studies, a row each, with task, model, method, sizes of sets and runs done"

# The picked one
SETTINGS = (
    "{model} on {task}, {method} · {sets} source set{s} of {sizes} · seed{s_seeds} {seeds} · "
    "{budget} training examples each, {sampling} · {targets} targets"
)
SIZE_ONE = "1 language"
SIZES = "{sizes} languages"
SAMPLING = {"disjoint": "different items", "parallel": "the same items translated"}
FINETUNE = " · {epochs} epochs at {learning_rate:.0e}, batches of {batch_size}{trained}"
TRAINED_LAYERS = ", top {layers} layers"
TRAINED_RANK = ", adapters of rank {rank}"
FILE = "`{name}` · from {origin}, declared in {path}"

# Progress
DONE = "{done} of {runs} runs have results"
ALL_DONE = "All {runs} runs have results"
WORKING = "at work"
LEFT = "about {time} left"
LEFT_PROBE = "about {time} left once all texts are embedded"
LEFT_UNKNOWN = "time left unknown until a run of this model and task is done"
FAILED = "**The last try stopped.** {reason}"
RUN_ALL = "Compute all {count} runs"
RUN_LEFT = "Compute what is left ({count})"
RUN_AGAIN = "Try again what is left ({count})"
TAKES_PROBE = "About {time}, once all texts are embedded."
TAKES = "About {time} on this machine."
TAKES_UNKNOWN = (
    "How long it takes is known once a run of this model and task was done on this machine."
)
GOES_ON = (
    "It goes on when you close the page. What runs gave is kept soon after they are done; the page "
    "Runs cancels those of a fine-tuned study."
)

# The claims
CLAIMS = "The paper’s claims, judged on this study"
VERDICT = {
    "supported": ":blue-badge[:material/check_circle: supported]",
    "not supported": ":orange-badge[:material/cancel: not supported]",
    "undecided": ":gray-badge[:material/help: undecided]",
    "untested": ":gray-badge[:material/block: cannot be tested]",
}
CLAIM_TITLE = "**{claim}** {verdict}  \n{long}"
SUMMARY_OF = "This study {parts}."
SUMMARY = {
    "supported": "supports: **{claims}**",
    "not supported": "does not support: **{claims}**",
    "undecided": "leaves undecided: **{claims}**",
    "untested": "cannot test: **{claims}**",
}
JUDGING = "Judging the claims on this study"
NOT_THE_PAPER = (
    "This is not a repetition of the paper, whose models and data are others: a verdict is on this "
    "study, with {model} on {task}."
)
PAPER = "In the paper: {pattern}"
SEEDS_NEEDED = (
    "With {seeds} seeds a study like this one finds an effect of {unit} in 8 of 10 cases."
)
SEEDS_NOT_ENOUGH = "Not even 100 seeds would find an effect of {unit} in 8 of 10 cases here."
SOUGHT = {"score": "3 points", "mingling": "3 points of the way to complete mingling"}
HOW = "How this is judged"
HOW_CLAIM = {
    "mingling": (
        "Of each run one number is taken: how far training went from the model before it (0) to "
        "languages that cannot be told apart (100, and no more), by the mean of the metrics of "
        "mixing that have a say in a verdict. Sets of several languages are compared with their "
        "own single ones, or with all single ones where those are lacking, by a t test over runs. "
        "The sentences that are embedded are taken as fixed."
    ),
    "helps": (
        "Each set of several languages is compared with the mean of its own single languages, or "
        "of all single ones where those are lacking, over targets that neither was trained on. The "
        "effect is the mean over all such sets. A t test, with the luck of training estimated from "
        "all runs together and that of the test items from the items."
    ),
    "not always": (
        "Every set of several languages is compared with every single language, over targets that "
        "neither was trained on, by a t test; since there are many comparisons, p values are "
        "adjusted (Holm). The effect is by how many points the clearest of them loses, and its "
        "interval holds for all comparisons at once."
    ),
    "choosable": (
        "Of each criterion the rank correlation with the scores of all sets of one size is "
        "compared with what it would be if languages changed places, adjusted for the number of "
        "criteria; one whose pick does not beat a random one counts for nothing. The effect is "
        "what the pick of the best criterion gains over a random one, and its interval holds for "
        "all criteria at once. More seeds do not help much here: p depends on the number of "
        "languages. Criteria that need a model’s "
        "facts count where these have been computed (see the page Which)."
    ),
}
HOW_ALL = (
    "Tested one-sided at 5 %: **supported** where p is below 0.05; **not supported** where even "
    "the upper end of the 90 % interval (of several comparisons, of each one’s own) is below one "
    "point, so that no effect worth having is likely; **undecided** otherwise. What is said holds "
    "for these languages, sets and targets, not for others."
)
SIDES = {
    "score": "Effect, points of the score",
    "mingling": "Effect, points of the way to complete mingling",
}
EFFECT = "Effect, points"
INTERVAL = "90 % interval"
P = "p"
CLAIM_COLUMN = "Claim"
VERDICT_COLUMN = "Verdict"
CHART_CAPTION = (
    "Effects with 90 % intervals, of several comparisons for all at once, above 0 where the claim "
    "is right; dotted: one point, less than which is too small to matter. Mingling has a unit, and "
    "so an axis, of its own. What could not be tested is not drawn."
)
ALT_CHART = "Effect of each claim in points with its 90 % interval. {effects}."
ALT_EFFECT = "{claim}: {effect}, {interval}, {verdict}"
NOTHING_TESTED = "None of the claims could be tested on this study."
CLAIM_TABLE = {
    "claim": "Claim",
    "verdict": "Verdict",
    "effect": "Effect, points",
    "low": "Low (90 %)",
    "high": "High (90 %)",
    "highest": "Highest of each (90 %)",
    "p": "p",
    "comparisons": "Comparisons",
    "seeds_needed": "Seeds needed",
    "sentence": "What was found",
}

# Across studies
ACROSS = "Across studies"
ACROSS_JUDGING = "Judging the claims on all studies"
STUDY_COLUMN = "Study"
CELL = "{verdict}, {effect}"
ACROSS_TABLE = {
    "claim": "Claim",
    "studies": "Studies that test it",
    "supported": "Supported",
    "not_supported": "Not supported",
    "undecided": "Undecided",
    "above": "Effect above 0",
    "p_some": "p, at least one",
    "p_all": "p, every one",
}
ACROSS_CAPTION = (
    "Verdict and effect in points; a dash where a study cannot test the claim. Where the effect is "
    "that of the clearest of several comparisons, it tends to be above 0 by selection alone: it is "
    "told only where the claim is supported, and never counted. p, at least one: "
    "that some study supports it (Bonferroni); p, every one: that each does (the largest p). "
    "Studies with the same model or the same sentences are not independent, and both hold for "
    "such ones, too."
)
OWN_STUDY = " (own)"
SO_FAR = " ({done} of {runs} runs)"
SHARED = "{one} and {other} have {count} run{s} in common, counted in both."
ALT_STUDIES = "The verdict of each study on each claim"
ALT_ACROSS = "How many studies support each claim"

# A new study
NEW = (
    "A study is a family of runs that share everything but the languages trained on and the seed. "
    "Declare which, and start it: it is computed in the background."
)
NAME = "Name"
NAME_HELP = "Small letters, digits and hyphens. Its files are called so."
NAME_FIRST = "my-study"
STUDY_TITLE = "Title"
TITLE_FIRST = "My study"
POOL = "Languages to train on"
POOL_HELP = "The pool of which the source sets are made. Any language of the task."
SETS = "Source sets"
SETS_BY = {"sizes": "All of some sizes", "list": "A list of my own"}
SIZES_LABEL = "Languages in a set"
LIST = "One set a line"
LIST_HELP = "Tags with commas between them; a line is a source set."
LIST_HINT = "en\nar, de, zh"
PLAN = "**{sets} source set{s_sets} × {seeds} seed{s} = {runs} run{s_runs}**"
START = "Start {runs} run{s_runs}"
CHECKING = "Looking whether the task can give what is asked for"
NO_NAME = "Give the study a name."
NO_TITLE = "Give the study a title."
NAME_TAKEN = "There is a study {name} already: give this one another name."
NO_SETS = "Choose at least one language and a size, or write a set."

# The report
REPORT = "Report: scores and gains of every set, how many languages, the claims, and mixing"
ALT_REPORT = "A table of the report"
REPORT_DOWNLOAD = "Download as Markdown"
REPORT_WRITING = "Writing the report"
