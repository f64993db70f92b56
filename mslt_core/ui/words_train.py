"""Strings of the page Train. A string with braces is filled by `str.format`."""

PARAMETERS = "{millions:,.0f} million parameters"
LAYERS_OF = "{layers} layers of {hidden}"
VOCABULARY = "vocabulary of {size:,}"
LANGUAGES_READ = "{count} language{s}"
LANGUAGES_OF = "{count} language{s} ({corpus})"
DECODER = "reads from left to right"
LICENCE = "licence: {licence}"
ASKING_HUB = "Asking the hub about this model"
METHOD = "Method"
METHOD_HELP = (
    "Fine-tune trains the whole encoder. Probe fits a logistic regression on its frozen sentence "
    "embeddings: seconds instead of minutes, and nothing changes in the embeddings."
)
BUDGET = "Budget"
BUDGET_HELP = "Training examples in all, shared evenly by the languages trained on."
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
RANK_HELP = (
    "Higher ranks can learn more and train more numbers. Adapters usually want a learning rate "
    "about ten times that of all weights."
)
FOUR_BIT_WEIGHTS = "Frozen weights in 4 bit"
FOUR_BIT_WEIGHTS_HELP = "An eighth of the memory, for large models; results differ a little."
SOURCES = "Train on"
SEARCH_HINT = "Search by name, tag, family or script"
NO_MATCH = "No language of this task matches “{search}”."
GROUP_BY = "Group by"
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
