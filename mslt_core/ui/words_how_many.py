"""Strings of the page How many."""

TITLE = "How many source languages, at the same budget?"
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
    "Over {over}, **{few}** {are} the fewest not clearly behind the best number, {best} ({value}, "
    "95 % interval {interval}): {behind} points behind ({behind_interval}) on the same test items "
    "and seeds."
)
ENOUGH_BEST = (
    "Over {over}, **{best}** {do} best with {value} (95 % interval {interval}); every smaller "
    "number is clearly behind on the same test items and seeds."
)
BEST = (
    "Over {over}, **{best}** {do} best with {value} (95 % interval {interval}). With one seed the "
    "luck of training is unknown, so whether other numbers are behind is not told."
)
ENOUGH_FEWEST = (
    "Over {over}, **{best}** {do} best with {value} (95 % interval {interval}): no larger number "
    "scores higher here."
)
TOUCHES = "The fewest whose own interval touches that of the best {are} {few} ({interval})."
GAIN = "Each doubling of their number changes the score by {gain} points ({interval}): {verdict}."
GAIN_ONE_SEED = "Each doubling of their number changes the score by {gain} points."
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
NOT_BEHIND = (
    "Not to be clearly behind, or to touch, does not show that fewer languages are as good; and "
    "the best of several numbers is partly the luckiest."
)
SEEN = (
    "Each set was trained on other targets, so that sets are not compared on the same ones; the "
    "means of each number of languages are, for they give every target the same weight. Only "
    "targets that sets of every number were trained on count."
)
FEW_SETS = (
    "Where fewer than three of the possible sets were measured (number of languages: {sizes}), "
    "which languages they have shows in the mean as much as how many."
)
THESE = "Intervals say how sure the scores of these sets are, not what other languages would give."
PAPER = (
    "In the paper (Lim et al. 2024), as others summarise it: steep from one language to three, "
    "then flat. This study is not a repetition of it: model {model}, task {task}, budget {budget}."
)

# The chart
CHART = "Score by number of languages"
X = "Source languages in a set"
Y = "{metric}, mean over targets"
LINES = {
    "english": "English alone",
    "best single": "Best single ({name})",
    "mean single": "Mean single",
}
ALSO = " = "
LINE_LABEL = "{name} {value}"
CAPTION = (
    "All sets share out {budget} training examples. A grey dot is a source set, a blue diamond the "
    "mean of all sets with so many languages, in a band of its 95 % interval (bootstrap over seeds "
    "and test items). Intervals are wide for luck with the test items, which all sets share: "
    "differences on the same items are in the table."
)
CAPTION_SEEDS = "Small ticks are the means of each seed."
ALT = "{metric} of {sets} source sets by their number of languages. {sizes}. {lines}."
ALT_SIZE = "{k}: {value}, {interval}"
ALT_LINE = "{name}: {value}"
MEAN_OVER = "{targets} target{s}, {items:,} items in all"
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
    "above": "Above its own, points",
    "best": "Best set",
    "worst": "Worst set",
}
TABLE_CAPTION = (
    "Behind the best: the mean of the best number minus this one. Above its own: how far sets are "
    "above the mean of their own single languages, which leaves out how good the languages are by "
    "themselves; of those sets whose single languages were all measured. Both are on the same test "
    "items and seeds, {ends}. The best of many sets is partly the luckiest, the worst the "
    "unluckiest."
)
SET_SCORE = "{sources} · {value}"
DIFFERENCE = "{value} ({interval})"
ENDS = "with 95 % intervals"
ENDS_ONE_SEED = "without intervals, for one seed does not tell the luck of training"
SETS_CELL = "{sets} of {possible}"
NONE = "–"
ALT_TABLE = "For each number of languages its sets, mean, interval, best and worst set"
