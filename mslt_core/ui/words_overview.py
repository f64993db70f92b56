"""Strings of the overview."""

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
