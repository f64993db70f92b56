"""The Data page: how labels, lengths and places of the languages of a task compare."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pandas as pd
import streamlit as st

from mslt_core.catalog import models
from mslt_core.catalog.languages import language
from mslt_core.jobs import lengths
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec
from mslt_core.ui import data_charts, data_items, frame, results, words, words_data, world
from mslt_core.ui.data_browser import Chosen, language_name, switch
from mslt_core.ui.links import recall, remember
from mslt_core.ui.views import as_chart, chart_or_table

MOST_GROUPS = 6
"""Groups that have a colour of their own on the map; the rest are one group."""


def balance(chosen: Chosen) -> None:
    """The share of each label in each language, and the numbers of items."""
    labels = data_items.label_names(chosen.task)
    counts = data_items.label_counts(chosen.task, chosen.split)
    if counts["count"].sum() == 0:
        st.caption(words_data.FOUND_NONE)
    else:
        named = counts.assign(name=counts["language"].map(language_name))
        table = named[["language", "name", "label", "count", "share"]]
        chart_or_table(
            data_charts.balance(named, labels),
            table,
            f"labels-{_file(chosen.task.name)}-{chosen.split}",
            words_data.ALT_BALANCE.format(labels=len(labels), languages=len(chosen.languages)),
            words_data.BALANCE,
            _balance_caption(chosen, named),
        )
    _sizes(chosen)


def length(store: Store, chosen: Chosen) -> None:
    """Tokens a language by a chosen model's tokenizer, counted by a process of its own."""
    cards = list(models.CARDS)
    recall("model", cards[0], str, bool)
    named = st.session_state.model
    model = st.selectbox(
        words.MODEL,
        cards if named in cards else [*cards, named],
        key="model",
        accept_new_options=True,
        help=words.MODEL_HELP,
        persist_state="session",
        width=420,
    )
    remember({"model": "" if model == cards[0] else model})
    counting = lengths.Counting(model, chosen.task.name, chosen.split)
    path = lengths.table_path(store, counting)
    now = lengths.progress(path)
    if now.state == "done":
        _lengths(chosen, pd.read_parquet(path))
        return
    if now.state == "running":
        st.fragment(_wait, run_every=frame.POLL_SECONDS)(path)
        return
    if now.state == "failed":
        said = now.message or words_data.LENGTH_SILENT
        st.error(words_data.LENGTH_FAILED.format(message=said), icon=":material/error:")
    st.markdown(words_data.LENGTH_FIRST)
    if st.button(words_data.COUNT_TOKENS, type="primary", icon=":material/straighten:"):
        lengths.start(store, counting)
        st.rerun()


def places(chosen: Chosen) -> None:
    """Where the languages of the task are spoken, coloured by family or script."""
    with st.container(horizontal=True):
        group = switch(words.COLOUR_BY, words_data.COLOUR_GROUPS, "group")
        region = switch(words_data.REGION, words_data.REGIONS, "region")
    table = places_table(chosen)
    names = words_data.WORLD_COLUMNS
    placed = table.dropna(subset=["latitude", "longitude"])
    if as_chart(
        table[list(names)].rename(columns=names),
        f"places-{_file(chosen.task.name)}",
        words_data.MAP_WORLD,
        alt := words_data.ALT_WORLD.format(languages=len(placed), groups=placed[group].nunique()),
    ):
        groups = _largest(placed[group])
        points = placed.assign(
            group=placed[group].where(placed[group].isin(groups), words_data.OTHER_GROUP),
            gib=placed["cc100"].map("{:,.1f}".format).where(placed["cc100"].notna(), "–"),
        )
        shown = (
            [*groups, words_data.OTHER_GROUP] if len(groups) < placed[group].nunique() else groups
        )
        st.altair_chart(world.world_map(points, shown, region), alt=alt)
    st.caption(words_data.WORLD_CAPTION)
    lacking = table.loc[table["latitude"].isna(), "tag"]
    if len(lacking):
        names_lacking = ", ".join(map(language_name, lacking))
        st.caption(words_data.WORLD_LACKING.format(languages=names_lacking))


def places_table(chosen: Chosen) -> pd.DataFrame:
    """One row a language of the task: what is known of it, and its items in all splits."""
    items = _item_counts(chosen).sum(axis=1)
    rows = []
    for tag in chosen.languages:
        known = language(tag)
        sizes = (known.cc100_gib, known.wikipedia_gib, known.latitude, known.longitude)
        rows.append((known.name, tag, known.family, known.script, items.get(tag, 0), *sizes))
    table = pd.DataFrame(rows, columns=list(words_data.WORLD_COLUMNS))
    numbers = ["cc100", "wikipedia", "latitude", "longitude"]
    table[numbers] = table[numbers].astype(float)
    return table


def _lengths(chosen: Chosen, table: pd.DataFrame) -> None:
    """The chart of one measure, or the table of all."""
    measures = {
        name: text for name, text in words_data.MEASURES.items() if table[name].notna().any()
    }
    measure = switch(words.MEASURE, measures, "measure", show_label=False)
    named = table.assign(
        name=table["language"].map(language_name),
        script=[language(tag).script for tag in table["language"]],
    )
    known = named.dropna(subset=[measure]).sort_values(measure)
    title = words_data.MEASURE_TITLES[measure]
    form = ".0%" if measure == "cut" else ".2f"
    lowest, highest = known.iloc[0], known.iloc[-1]
    alt = words_data.ALT_LENGTH.format(
        title=title,
        languages=len(known),
        low=format(lowest[measure], form),
        lowest=lowest["name"],
        high=format(highest[measure], form),
        highest=highest["name"],
    )
    caption = words_data.MEASURE_CAPTIONS[measure].format(most=RunSpec.max_length)
    counted = words_data.MEASURE_ITEMS.format(
        most=lengths.MOST_ITEMS, split=words_data.SPLITS[chosen.split]
    )
    english = known.loc[known["language"] == "en", measure]
    rule = float(english.iloc[0]) if len(english) and measure != "cut" else None
    if rule is not None:
        counted = f"{words_data.MEASURE_ENGLISH} {counted}"
    chart_or_table(
        data_charts.lengths(known, measure, title, form, rule),
        named[["language", "name", "script", "items", *measures]],
        f"lengths-{_file(chosen.task.name)}-{chosen.split}",
        alt,
        title,
        f"{caption} {counted}",
    )
    lacking = named.loc[named[measure].isna(), "name"]
    if len(lacking):
        st.caption(words_data.MEASURE_LACKING.format(languages=", ".join(lacking)))


@frame.told()
def _wait(path: Path) -> None:
    """The bar of a counting; the page is drawn anew when it has ended."""
    now = lengths.progress(path)
    if now.state != "running":
        st.rerun()
    found = re.fullmatch(r"(\d+)/(\d+)", now.message)
    if found is None:
        st.progress(0.0, text=words_data.LENGTH_STARTING)
        return
    done, total = map(int, found.groups())
    st.progress(done / total, text=words_data.LENGTH_RUNNING.format(done=done, all=total))


def _balance_caption(chosen: Chosen, named: pd.DataFrame) -> str:
    if chosen.types:
        return words_data.ENTITIES_CAPTION
    said = words_data.TAGS_CAPTION if chosen.task.kind == "token" else words_data.BALANCE_CAPTION
    best = named.groupby("language")["share"].max()
    low, high = best.min(), best.max()
    if high - low < 0.01:
        return f"{said} {words_data.GUESSING_SAME.format(high=high)}"
    guessing = words_data.GUESSING.format(
        low=low,
        fewest=language(best.idxmin()).name,
        high=high,
        most=language(best.idxmax()).name,
    )
    return f"{said} {guessing}"


def _sizes(chosen: Chosen) -> None:
    """Numbers of items: in a sentence where all languages have the same, else as bars."""
    counts = _item_counts(chosen)
    if (counts.nunique() == 1).all():
        st.subheader(words_data.ITEMS_BY_SPLIT)
        st.caption(words_data.SIZES_SAME.format(**counts.iloc[0]))
        return
    named = counts.rename(index=language_name).rename_axis("name")
    bars = named.reset_index().melt("name", var_name="split", value_name="count")
    train = counts["train"]
    chart_or_table(
        data_charts.sizes(
            bars.assign(split=bars["split"].map(words_data.SPLITS)),
            list(words_data.SPLITS.values()),
        ),
        counts.reset_index(),
        f"items-{_file(chosen.task.name)}",
        words_data.ALT_ITEMS.format(languages=len(counts)),
        words_data.ITEMS_BY_SPLIT,
        words_data.SIZES_DIFFER.format(
            low=train.min(),
            fewest=language(train.idxmin()).name,
            high=train.max(),
            most=language(train.idxmax()).name,
        ),
    )


def _item_counts(chosen: Chosen) -> pd.DataFrame:
    """Numbers of items, columns train, dev and test, by language."""
    fingerprint = chosen.task.fingerprint(chosen.languages)
    return results.sizes(chosen.task.name, fingerprint)[["train", "dev", "test"]]


def _largest(groups: pd.Series) -> list[str]:
    return [str(name) for name, _ in Counter(groups).most_common(MOST_GROUPS)]


def _file(task_name: str) -> str:
    """A task's name as part of a file's name."""
    return task_name.replace(":", "-")
