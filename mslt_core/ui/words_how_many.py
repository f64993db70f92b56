"""Strings of the page How many."""

TITLE = "How many source languages, at the same budget?"
NAV = "How many"
COMPUTING = "Comparing the numbers of languages"
OVER_LABEL = "Mean over targets"
OVER = {"all": "All", "seen": "Trained on", "unseen": "Trained on by none"}
OVER_LONG = {
    "all": "all {count} targets",
    "seen": "the targets that a set was trained on",
    "unseen": "the {count} targets that no set was trained on",
}

# The sentence
ONE = "1 language"
MANY = "{k} languages"
IS = {True: "is", False: "are"}
DOES = {True: "does", False: "do"}
ENOUGH = (
    "Over {over}, **{few}** {are} the fewest whose 95 % interval touches that of the best number, "
    "{best}: {value} ({interval}) against {best_value} ({best_interval})."
)
ENOUGH_BEST = (
    "Over {over}, **{best}** {do} best with {value} (95 % interval {interval}), which the interval "
    "of no smaller number touches."
)
ENOUGH_FEWEST = (
    "Over {over}, **{best}** {do} best with {value} (95 % interval {interval}): no larger number "
    "scores higher here."
)
BEHIND_CLEAR = (
    "On the same test items and seeds, though, {few} {are} clearly behind, by {behind} points "
    "({interval}); the fewest that are not are {paired}."
)
BEHIND_UNCLEAR = (
    "On the same test items and seeds, {few} {are} {behind} points behind ({interval}), which does "
    "not settle whether more help."
)
GAIN = "Each doubling of their number changes the score by {gain} points ({interval}): {verdict}."
VERDICT = {
    "more": "more languages score higher",
    "less": "more languages score lower",
    "none": "whether more languages help is not settled by these runs",
}
ONE_SIZE = (
    "All sets of this study have {k}, so it does not tell how many are enough. Over {over}, their "
    "mean is {value} (95 % interval {interval})."
)
PERCENT = "{value} %"

# What to bear in mind
TOUCHING = (
    "That intervals touch does not show that fewer languages are as good, and the best of several "
    "numbers is partly the luckiest."
)
SEEN = (
    "Each set was trained on other targets, so that here sizes are not compared on the same ones."
)
THESE = "Intervals say how sure the scores of these sets are, not what other languages would give."
PAPER = (
    "In the paper (Lim et al. 2024), as others summarise it: steep from one language to three, "
    "then flat. This study is not a repetition of it: model {model}, task {task}, budget {budget}."
)

# The chart
CHART = "Score by number of languages"
X = "Source languages in a set, sharing {budget} training examples"
Y = "{metric}, {over}"
LINES = {
    "english": "English alone",
    "best single": "Best single ({name})",
    "mean single": "Mean single",
}
ALSO = " = "
LINE_LABEL = "{name} {value}"
CAPTION = (
    "A grey dot is a source set, a blue diamond the mean of all sets with so many languages, in a "
    "band of its 95 % interval (bootstrap over seeds and test items). Intervals are wide for luck "
    "with the test items, which all sets share: differences on the same items are in the table."
)
CAPTION_SEEDS = "Small ticks are the means of each seed."
ALT = "{metric} of {sets} source sets by their number of languages. {sizes}. {lines}."
ALT_SIZE = "{k}: {value}, {interval}"
ALT_LINE = "{name}: {value}"
K = "Languages"
SETS = "Sets"
SET_LANGUAGES = "Trained on"
LINE = "Line"
BEHIND = "Behind the best, points"
POINTS_COLUMNS = {
    "k": "Languages",
    "sources": "Trained on",
    "value": "Mean, %",
    "low": "Low, %",
    "high": "High, %",
    "seeds": "Seeds",
}

# The table
TABLE = "By number of languages"
TABLE_COLUMNS = {
    "k": "Languages",
    "sets": "Sets",
    "mean": "Mean, %",
    "interval": "95 % interval",
    "behind": "Behind the best, points",
    "best": "Best set",
    "worst": "Worst set",
}
TABLE_CAPTION = (
    "Behind the best: the mean of the best number minus this one, on the same test items and "
    "seeds, with its 95 % interval. The best of many sets is partly the luckiest, the worst the "
    "unluckiest."
)
SET_SCORE = "{sources} · {value}"
BEHIND_CELL = "{behind} ({interval})"
NONE = "–"
ALT_TABLE = "For each number of languages its sets, mean, interval, best and worst set"
