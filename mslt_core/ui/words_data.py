"""Strings of the page Data. A string with braces is filled by `str.format`."""

DATA_VIEW = "What to look at"
DATA_VIEWS = {
    "browse": "Browse",
    "balance": "Balance",
    "length": "Length",
    "map": "Map",
    "own": "Your own data",
}
SPLIT = "Split"
SPLITS = {"train": "Train", "dev": "Dev", "test": "Test"}
TASK_FACTS = "{title} · {source} Found in: {where}."
PARALLEL = "Items are translations of one another."
NOT_PARALLEL = "Each language has its own items, so nothing here is a translation of another."
BROWSE_LANGUAGES = "Languages side by side"
BROWSE_NONE = "Choose at least one language."
LABEL = "Label"
LABEL_ANY = "Any label"
FIND = "Search in the texts"
FIND_HINT = "Part of a word or sentence"
FOUND = "{count:,} of {all:,} items"
FOUND_ALL = "{count:,} items"
FOUND_NONE = "No item of this split fits."
MORE_TEXT = " … and {count:,} characters more"
NO_TRANSLATION = "Not in {language}."
LANGUAGE_MARK = ":small[:gray[{tag}]]"
ITEM_FACTS = ":small[:gray[{id}]]"
LABEL_BADGE = ":gray-badge[{label}]"
COUNTING_LABELS = "Counting labels in all languages; the first time this takes a moment."
BALANCE = "Share of each label"
BALANCE_CAPTION = "Of the items of a language in this split, the share that has each label."
TAGS_CAPTION = "Of the words of a language in this split, the share that has each tag."
ENTITIES_CAPTION = "Of the entities of a language in this split, the share of each type."
GUESSING = (
    "Always guessing the most common one would be right in {low:.0%} of them ({fewest}) to "
    "{high:.0%} ({most})."
)
GUESSING_SAME = "Always guessing the most common one would be right in {high:.0%} of them."
ALT_BALANCE = "Heatmap of the shares of {labels} labels in {languages} languages."
ITEMS_BY_SPLIT = "Number of items"
SIZES_SAME = "Every language has the same: {train:,} to train on, {dev:,} dev, {test:,} test."
SIZES_DIFFER = "From {low:,} ({fewest}) to {high:,} ({most}) items to train on."
ALT_ITEMS = "Bars with the number of items of each split in {languages} languages."
COUNT_TITLE = "Number"
SHARE_TITLE = "Share"
ITEMS_TITLE = "Items"
TAG_TITLE = "Tag"
GIB_TITLE = "GiB in CC-100"
COUNT_TOKENS = "Count tokens"
LENGTH_FIRST = (
    "A model reads tokens, pieces of words, and it needs more of them for some languages than for "
    "others: less of such a text fits in before it is cut, and training on it costs more. Counting "
    "takes about half a minute, in a process of its own."
)
LENGTH_RUNNING = "Counting tokens: {done} of {all} languages"
LENGTH_STARTING = "Counting tokens: the tokenizer is being loaded"
LENGTH_FAILED = "The counting ended before it was done. The last that it said: {message}"
LENGTH_SILENT = "nothing"
MEASURES = {
    "tokens_per_word": "Tokens per word",
    "relative": "Against English",
    "tokens": "Tokens per item",
    "characters_per_token": "Characters per token",
    "cut": "Cut off",
}
MEASURE_CAPTIONS = {
    "tokens_per_word": (
        "Fertility: 1 would be every word in one piece. Words are what stands between spaces, or "
        "the task's own words."
    ),
    "relative": (
        "Tokens for each token of the same items in English: what a language pays for saying the "
        "same."
    ),
    "tokens": "Mean number of tokens of an item, special tokens not counted.",
    "characters_per_token": "Letters, spaces and signs to a token; a letter of some scripts is a "
    "syllable or a word.",
    "cut": "Share of items with more than {most} tokens, the usual maximum: what follows is lost.",
}
MEASURE_TITLES = {
    "tokens_per_word": "Tokens per word",
    "relative": "Tokens for one of English",
    "tokens": "Tokens per item",
    "characters_per_token": "Characters per token",
    "cut": "Share of items cut off",
}
MEASURE_ENGLISH = "The dashed line is English."
MEASURE_LACKING = "Without spaces between words, so not counted: {languages}."
MEASURE_ITEMS = "From the first {most:,} items of a language at most, split {split}."
ALT_LENGTH = "{title} in {languages} languages, from {low} ({lowest}) to {high} ({highest})."
MAP_WORLD = "Where the languages come from"
REGION = "Region"
REGIONS = {
    "world": "World",
    "europe": "Europe",
    "africa": "Africa",
    "asia": "Asia",
    "america": "America",
}
COLOUR_GROUPS = {"family": "Family", "script": "Script"}
OTHER_GROUP = "other"
WORLD_CAPTION = (
    "One point a language, after Glottolog 4.0, and not all places where it is spoken. Languages "
    "of one place stand side by side. A larger point has more items."
)
WORLD_LACKING = "Without a place on the map: {languages}."
ALT_WORLD = "Map of the world with {languages} languages of {groups} groups."
WORLD_COLUMNS = {
    "name": "Language",
    "tag": "Tag",
    "family": "Family",
    "script": "Script",
    "items": "Items",
    "cc100": "GiB in CC-100",
    "wikipedia": "GiB in Wikipedia (mBERT)",
    "latitude": "Latitude",
    "longitude": "Longitude",
}
OWN_WHAT = (
    "A table with a row for each item: a column for the language (tags such as en, sw or zh-Hant), "
    "one for the text, one for the label; if you have them, one for the split and one for an id "
    "that translations share. For words with tags, the words and the tags of a sentence in two "
    "columns; for pairs, a column for the second text. It stays on this machine."
)
OWN_SAMPLE = (
    ("id", "language", "split", "text", "label"),
    ("1", "en", "train", "The room was clean.", "good"),
    ("1", "de", "train", "Das Zimmer war sauber.", "good"),
    ("2", "en", "test", "Nobody answered.", "bad"),
    ("2", "de", "test", "Niemand hat geantwortet.", "bad"),
)
OWN_FILES = "CSV, TSV, JSONL or Parquet, one file or several"
OWN_READING = "Reading the table"
OWN_CHECKING = "Checking every row"
OWN_EMPTY = "Nothing of your own has been added yet."
OWN_HOLDS = "What is in {source}"
OWN_ROWS = "{rows:,} rows; the first {shown} are shown."
OWN_COLUMNS = "What the columns hold"
OWN_COLUMNS_CAPTION = "Guessed from their names and content. Correct what is wrong."
OWN_FIELDS = {
    "language": "Language",
    "text": "Text, or words",
    "label": "Label",
    "tags": "Tags of the words",
    "second": "Second text",
    "split": "Split",
    "id": "Item id",
}
NO_COLUMN = "none"
SPLIT_BY = "Without a split column, divide by"
SPLITS_BY = {"item": "Item id", "text": "Text"}
SPLIT_BY_HELP = (
    "70 % train, 10 % dev, 20 % test, always the same for the same data. By item id, translations "
    "of one item stay together."
)
OWN_KINDS = {"sentence": "sentences", "pair": "pairs of texts", "token": "words with tags"}
OWN_SUMMARY = "{items:,} items ({kind}) in {languages}, {labels}{parallel}."
OWN_LANGUAGES = "{count} language{s}"
OWN_LABELS = "{count} label{s}"
OWN_PARALLEL = "; translations of one another"
OWN_SOUND = "Every row is sound."
OWN_FAULTY = "Of {rows:,} rows, {count:,} cannot be used: see the faults below."
SIZES_COLUMNS = {"language": "Language", "train": "Train", "dev": "Dev", "test": "Test"}
EXAMPLE_COLUMNS = {
    "language": "Language",
    "split": "Split",
    "text": "Text",
    "second": "Second text",
    "label": "Label",
    "tags": "Tags",
}
ALT_RAW = "The first rows of the table as it was read"
ALT_SIZES = "Numbers of items by language and split"
ALT_LABELS = "Numbers of items by label"
ALT_EXAMPLES = "Some items of each language"
FAULTS = "Faults"
FAULTS_FILTER = "Kind of fault"
FAULTS_SHOWN = "The first {shown:,} of {count:,} are shown; the CSV has all."
FAULT_COLUMNS = {
    "file": "File",
    "row": "Row",
    "column": "Column",
    "message": "What is wrong",
    "kind": "Kind",
    "stops": "Must be mended",
}
ALT_FAULTS = "Faults of the table by row"
OWN_NAME = "Name"
OWN_NAME_EMPTY = "Give it a name."
LEAVE_OUT = "Leave out the {count:,} faulty row{s}"
ADD_DATA = "Add {items:,} items"
ADD_BLOCKED = (
    "{count:,} row{s} above cannot be used as they are. Mend the file and upload it again, or "
    "leave them out."
)
ADD_FATAL = "Leaving rows out does not help here: {message}"
ADDING = "Adding the data"
ADDED = "**{name}** is a task now, as any other."
OTHER_FILE = "Take another file"
OWN_SETS = "Your data sets"
OWN_SET_FACTS = "{items:,} items · {kind} · {languages} · {labels} · {source}"
TRAIN_ON_IT = "Train on it"
BROWSE_IT = "Browse it"
REMOVE_TITLE = "Delete a data set"
REMOVE_SURE = (
    "Delete **{name}**? Runs on it and their results stay, but they cannot be repeated without it."
)
