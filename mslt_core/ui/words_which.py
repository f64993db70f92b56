"""The strings of the page Which. A string with braces is filled by `str.format`."""

TITLE = "Which languages should I pick?"
K = "Languages in a set"
OVER_LABEL = "Targets"
TOO_FEW = (
    "This study has fewer than three measured sets of every size, so no criterion can be judged "
    "on it: choose another study."
)
JUDGING = "Judging the criteria on this study"

CRITERION = "Criterion"
CRITERIA = {
    "pretraining": "Pretraining size",
    "vocabulary": "Vocabulary coverage",
    "syntax": "Diversity of syntax",
    "phonology": "Diversity of phonology",
    "inventory": "Diversity of sounds",
    "family": "Diversity of families",
    "geography": "Diversity of places",
    "embedding": "Diversity of embeddings",
    "scripts": "Writing systems",
    "probe": "Linear probe",
    "random": "Random",
    "guess": "Your guess",
}
CRITERIA_HELP = {
    "pretraining": "GiB of the languages’ text in the pretraining corpus, summed.",
    "vocabulary": "Share of the pool's sub-words that the training text of the set has.",
    "syntax": "1 − cosine of lang2vec's syntax vectors, summed over the pairs of a set.",
    "phonology": "1 − cosine of lang2vec's phonology vectors, summed over the pairs of a set.",
    "inventory": "1 − cosine of lang2vec's sound inventories, summed over the pairs of a set.",
    "family": "1 − cosine of the languages' places in Glottolog's tree, summed over the pairs.",
    "geography": "1 − cosine of the languages' nearness to points on the globe, over the pairs.",
    "embedding": (
        "1 − cosine of the languages' mean sentence vectors in the model before training, summed "
        "over the pairs of a set."
    ),
    "scripts": "Number of distinct writing systems.",
    "probe": "Mean score of a linear probe on frozen embeddings, trained on the set.",
}

# The sentence
VERDICT = {
    "supported": "**Yes, a criterion beats chance here.**",
    "not supported": "**No criterion beats chance here by as much as a point.**",
    "undecided": "**Whether a criterion beats chance is not settled here.**",
    "untested": "**Whether a criterion beats chance cannot be tested here.**",
}
STAKES = (
    "What is at stake: of the {sets} measured sets of {k}, **{best}** did best with {value} %, and "
    "one drawn at random is {regret} points below the best, as far as that is not luck (95 % "
    "interval {interval})."
)

# The leaderboard
BOARD = "Criteria against what was measured"
BOARD_COLUMNS = {
    "criterion": "Criterion",
    "pick": "Pick",
    "rank": "Rank of {sets}",
    "regret": "Below the best, points",
    "spearman": "Spearman’s ρ",
    "kendall": "Kendall’s τ",
}
ALT_BOARD = "The criteria from the best pick to the worst, with intervals; random among them."
TIED = "{pick} (+{others} tied)"
ANY = "any"
WITH_INTERVAL = "{value} ({low} to {high})"
NONE = "–"
FROM_TO = "{low} to {high}"
BOARD_CAPTION = (
    "In brackets 95 % intervals over seeds and test items. Rank: of the pick among the measured "
    "sets, 1 is best; of tied picks the mean. Below the best: without the luck of the best. "
    "ρ and τ: how a criterion’s order of all sets goes with the measured one, 1 the same, 0 none. "
    "Random, in grey: what to expect of a set drawn blindly."
)
BOARD_SOME = (
    "Of the {every} sets of this size that the pool makes {measured} were measured: a pick is the "
    "criterion’s first among these."
)
BOARD_PROBE = (
    "The linear probe is scored on one half of the test items and judged by the other: on the same "
    "items both would share their luck."
)
LACKING = "**{criterion}**: {reason}"
SIZES_OF = (
    "Sizes of pretraining are those of {corpus}, which {model} was not itself pretrained on as far "
    "as is known here."
)
FACTS_WANTED = "not computed yet: see the button below."
PROBE_ITSELF = "this study is by probe itself."
PROBE_NONE = "there is no study by probe of this task, model and these sets."

# What needs the model
FACTS_BUTTON = "Compute what the model makes of these languages (about a minute)"
FACTS_RUNNING = "Reading the training text of {count} languages {progress}"
FACTS_FAILED = "It was not computed: {reason}"
FACTS_HELP = (
    "The sub-words of the languages’ training text and their mean sentence vectors, for vocabulary "
    "coverage and diversity of embeddings. Nothing is trained."
)

# The scatter
SCATTER = "{criterion} against the measured score"
SCORE_AXIS = "Mean score, targets: {targets}, %"
MEAN = "Mean of all sets, %"
MARKS = {"other": "set", "pick": "pick", "best": "best measured", "guess": "your guess"}
ALT_SCATTER = (
    "{sets} source sets by {criterion} and measured score, Spearman’s ρ {rho}. Pick: {picks}; best "
    "measured: {best}. The table holds every number."
)
SCATTER_CAPTION = (
    "A point a source set, with its 95 % interval over seeds and test items; those of two sets may "
    "overlap and their difference still be sure, for they are compared on the same items. Dashed: "
    "the mean of all sets, which is what a random pick gives."
)
SCATTER_PROBE = (
    "Measured here: the half of the test items by which the probe is judged, not the half that it "
    "is scored on."
)

# Why these
WHY = "Why {pick}?"
WHY_NO_PAIRS = "{criterion}: no sum over pairs of languages, so there are no distances to show."
WHY_ALONE = "One language has no pairs, so there are no distances to show."
WHY_TIED = "One of {count} tied picks, the first by name."
DISTANCE = "1 − cosine"
IN_PICK = "Both in the pick"
ALT_MATRIX = (
    "Distances between {languages} languages, {criterion}, those of the pick {pick} outlined; the "
    "table holds every number."
)
MATRIX_CAPTION = (
    "1 − cosine of each two languages, 0 alike; outlined: the pairs of the pick, which sum to "
    "{total} ({sum})."
)
PICKED = "Pick"
SCRIPT = "Script"
FAMILY = "Family"
SIZE = "GiB, {corpus}"
PREDICTED = "Predicted"
ALT_FACTS = "Script, family and pretraining size of each language of the pool."
IMPUTED = (
    "**Predicted, not observed**: what no source says of a language lang2vec predicts from other "
    "languages, of {shares} of the values. Source: {source}, {licence}."
)
IMPUTED_OF = "{name} {share:.0%}"

# The value of a language
WORTH = "What each language is worth"
WORTH_AXIS = "Shapley value, points"
WORTH_POINTS = "Value, points"
ALT_WORTH = "What each language is worth, in points: {values}."
WORTH_CAPTION = (
    "What a language adds to a set, averaged over all orders in which the pool could be put "
    "together (Shapley), with 95 % intervals. {against}"
)
WORTH_ALONE = (
    "0 is one language drawn at random, {alone} %; the values sum to what the whole pool gains "
    "over that."
)
WORTH_MEAN = (
    "0 is the mean language of the pool: the whole pool was not measured, so the values tell "
    "languages apart, not what all of them gain."
)
WORTH_EXACT = "All {sets} sets that the pool makes were measured."
WORTH_FIT = (
    "Not every set was measured: the values are a weighted fit to {sets} sets, extrapolated to the "
    "sizes that were not, and the intervals do not cover which sets these are."
)

# Guess first
GUESS_FIRST = "Guess first"
GUESS_HELP = (
    "Pick languages yourself before the ranks are shown; your guess then stands in the table."
)
GUESS_ASK = (
    "**Which {k} of these {count} languages would you train on?** The ranks are shown once you "
    "have chosen."
)
GUESS_COUNT = "{count} of {k} ticked."
GUESS_NOT_MEASURED = "The study has not measured this set: choose another."
GUESS_SHOW = "Show the ranks"
GUESS_AGAIN = "Guess again"
GUESS_SAID = "You guessed **{guess}**: rank {rank}, {regret} points below the best."

# The probe as a surrogate
FORETELLS_TITLE = "Does a probe foretell fine-tuning?"
FORETELLS = (
    "**Is the probe a preview?** Its order of the {sets} sets of {k} languages goes with that of "
    "the fine-tuned models with Spearman’s ρ {rho} over {targets} targets{p}, each scored on "
    "another half of the test items: {verdict}"
)
FORETELLS_P = ", {p} when languages change places"
FORETELLS_VERDICT = {
    "well": "it tells something of which sets do better.",
    "unclear": "that it foretells which set does better is not shown here.",
}
FORETELLS_ITSELF = (
    "The fine-tuned models of {seeds} other seeds would foretell these with ρ {rho} (estimated by "
    "Spearman–Brown from single seeds, on halves of the items too)."
)
FORETELLS_NONE = (
    "**Is the probe a preview?** That takes two studies of the same model, task and sets, one by "
    "probe and one fine-tuned; there is one of them alone."
)
FORETELLS_NONE_OF_TASK = (
    "Not measured on {task}: it takes a study of the same source sets by probe and another "
    "fine-tuned. Studies has those of other tasks; what holds there need not hold here."
)
FORETELLS_NOT = "**Is the probe a preview?** That cannot be said: {reason}"
FORETELLS_READING = "Comparing probe and fine-tuned models"

# Recommend
OWN = "Recommend for my languages"
OWN_CAPTION = (
    "A criterion ranks the sets of your own pool without training on them. Type or choose the "
    "languages that you have training data in."
)
OWN_POOL = "Languages to choose from"
OWN_EMPTY = "Choose the languages that could be trained on."
OWN_MUST = "Must contain"
OWN_TARGETS = "Near to these targets"
OWN_NONE = "None"
OWN_NO_PROBE = (
    "Linear probe: there is no study by probe of {model} on {task}, whose results this criterion "
    "reads: take another criterion, or compute such a study."
)
OWN_BY = "{criterion}: the ranking"
OWN_FOR = "{criterion} for these targets: the ranking"
OWN_NEAR = "Nearness to the targets by {criterion}: the ranking"
OWN_COLUMNS = ("Rank", "Languages", "Score")
RANK_OF = "{rank} of {sets}"
RANK_TIED = "{rank} ="
ALT_OWN = "The first sets by the chosen criterion, with rank and score."
OWN_SHOWN = "The first {shown} of {sets} sets; click a row to train on it."
OWN_TIED = "= tied: {count} sets share the first rank, and stand in the order of their names."
OWN_STAR = "* Mostly predicted."
OWN_TRAIN = "Train on {sources}"
KNOWN = "What is known"
KNOWN_NOTHING = "No study here has judged this criterion, so nothing is known of how well it picks."
KNOWN_CAPTION = (
    "How this criterion’s own pick did among the sets of each study, over the targets "
    "that no set was trained on (all, where these are fewer than three), with 95 % intervals. "
    "Where a rank’s interval holds the random one, the criterion is not shown to pick better than "
    "chance."
)
EVIDENCE_COLUMNS = (
    "Study",
    "k",
    "Rank of its pick",
    "Random rank",
    "Below the best, points",
    "Random, points",
    "Spearman’s ρ",
)
ALT_EVIDENCE = "How the criterion did on each study."
EXTRAPOLATED = "What is extrapolated"
NO_TASK = "None of these studies is of the task {task}."
NO_MODEL = "None is of the model {model}."
ONLY_PROBE = "All are by probe, none by fine-tuning."
NO_SIZE = "None measured sets of {k} languages."
NO_SOURCE = "None trained on {names}."
NO_AIM = "Criteria were judged as diversity; nearness to targets was judged in no study."
NO_TARGET = "None tested on {names}."
MOSTLY_PREDICTED = "The values of {names} are mostly predicted from other languages."
ALWAYS = "Whether what held in a study holds for your own data: no study can say."
