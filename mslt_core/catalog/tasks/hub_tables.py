"""Data sets that the hub has as Parquet files, one configuration a language: which there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mslt_core.catalog.tasks.base import Kind, Metric, Split


@dataclass(frozen=True, eq=False)
class HubTable:
    """Where a data set of the hub is, and what is in it."""

    name: str
    title: str
    kind: Kind
    metric: Metric
    parallel: bool
    source: str
    repository: str
    example: str
    """One of its files."""
    text: str
    """Column of the text, or of the lists of words."""
    label: str
    """Column of the class, or of the lists of tags."""
    labels: tuple[str, ...]
    """Names of the classes, in the order of their numbers."""
    revision: str = "main"
    """Branch on the hub."""
    second: str = ""
    """Column of a pair's second text."""
    id: str = ""
    """Column that numbers the items in the same way in every language; "" if the row does."""
    published: tuple[str, ...] = ()
    """Names of the classes in the files, where they are others than `labels`."""
    untranslated: str = ""
    """What stands in place of a text that there is not."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Languages of configurations that are named otherwise, "" for those to be left out."""
    rows: Mapping[Split, int] = field(default_factory=dict)
    """Rows of each split on the hub where all languages have the same; else its card tells."""


XNLI = HubTable(
    name="xnli",
    title="Entailment between two sentences (XNLI)",
    kind="pair",
    metric="accuracy",
    parallel=True,
    source="XNLI (Conneau et al. 2018), non-commercial use only (CC BY-NC 4.0); dev and test "
    "translated by people, train (MultiNLI) by machine.",
    repository="facebook/xnli",
    example="en/test-00000-of-00001.parquet",
    text="premise",
    second="hypothesis",
    label="label",
    labels=("entailment", "neutral", "contradiction"),
    rows={"train": 392702, "dev": 2490, "test": 5010},
)
"""Rows are aligned: row n is the same pair in every language. MultiNLI has up to three hypotheses
to a premise, all in one split."""

PAWS_X = HubTable(
    name="paws-x",
    title="Paraphrases or not (PAWS-X)",
    kind="pair",
    metric="accuracy",
    parallel=True,
    source="PAWS-X (Yang et al. 2019), free to use, Google LLC to be acknowledged; dev and test "
    "translated by people, train by machine.",
    repository="google-research-datasets/paws-x",
    example="en/test-00000-of-00001.parquet",
    text="sentence1",
    second="sentence2",
    label="label",
    labels=("different", "same"),
    published=("0", "1"),
    id="id",
    untranslated="NS",
    rows={"train": 49401, "dev": 2000, "test": 2000},
)
"""Sentences that were not translated read NS or nothing (up to 4 % of dev and test); a few pairs
have another label in one language than in the others; a first sentence may be in dev and test,
never the pair. A number may be in two splits."""

WIKIANN = HubTable(
    name="wikiann",
    title="Named entities (WikiANN)",
    kind="token",
    metric="f1",
    parallel=False,
    source="WikiANN (Pan et al. 2017, splits of Rahimi et al. 2019), from Wikipedia and annotated "
    "by machine; its licence is not stated.",
    repository="unimelb-nlp/wikiann",
    example="en/test-00000-of-00001.parquet",
    text="tokens",
    label="ner_tags",
    labels=("O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"),
    tags={
        # Editions of Wikipedia, some of them older than the codes of their languages.
        "als": "gsw",
        "bat-smg": "sgs",
        "cbk-zam": "cbk",
        "fiu-vro": "vro",
        "zh-classical": "lzh",
        "zh-min-nan": "nan",
        "zh-yue": "yue",
        # Another spelling, dialect or register of a language that has a configuration.
        "be-x-old": "",
        "map-bms": "",
        "simple": "",
        # Two languages together, Emilian and Romagnol.
        "eml": "",
    },
)
"""Each language has sentences of its own. Languages differ in size: 100 to 20,000 to train on."""

MASSIVE = HubTable(
    name="massive",
    title="Intent of a request (MASSIVE)",
    kind="sentence",
    metric="accuracy",
    parallel=True,
    source="MASSIVE (FitzGerald et al. 2023), requests of SLURP localised by people, CC BY 4.0.",
    repository="AmazonScience/massive",
    revision="refs/convert/parquet",
    example="en-US/test/0000.parquet",
    text="utt",
    label="intent",
    id="id",
    labels=(
        *("datetime_query", "iot_hue_lightchange", "transport_ticket", "takeaway_query"),
        *("qa_stock", "general_greet", "recommendation_events", "music_dislikeness"),
        *("iot_wemo_off", "cooking_recipe", "qa_currency", "transport_traffic"),
        *("general_quirky", "weather_query", "audio_volume_up", "email_addcontact"),
        *("takeaway_order", "email_querycontact", "iot_hue_lightup", "recommendation_locations"),
        *("play_audiobook", "lists_createoradd", "news_query", "alarm_query"),
        *("iot_wemo_on", "general_joke", "qa_definition", "social_query"),
        *("music_settings", "audio_volume_other", "calendar_remove", "iot_hue_lightdim"),
        *("calendar_query", "email_sendemail", "iot_cleaning", "audio_volume_down"),
        *("play_radio", "cooking_query", "datetime_convert", "qa_maths"),
        *("iot_hue_lightoff", "iot_hue_lighton", "transport_query", "music_likeness"),
        *("email_query", "play_music", "audio_volume_mute", "social_post"),
        *("alarm_set", "qa_factoid", "calendar_set", "play_game"),
        *("alarm_remove", "lists_remove", "transport_taxi", "recommendation_movies"),
        *("iot_coffee", "music_query", "play_podcasts", "lists_query"),
    ),
    # All languages together; `all` by itself would be Allar, a language of Kerala.
    tags={"all": "", "all_1.1": ""},
    rows={"train": 11514, "dev": 2033, "test": 2974},
)
"""An utterance has one number and one split in all languages. The branch is the hub's own copy in
Parquet: the main one holds only a script, which `datasets` no longer runs."""

TABLES = (XNLI, PAWS_X, WIKIANN, MASSIVE)
