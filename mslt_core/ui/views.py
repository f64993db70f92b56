"""Charts with the table and the CSV behind them: what is drawn can also be read and taken away."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mslt_core.ui import charts, words


def chart_or_table(
    chart: charts.Chart, table: pd.DataFrame, name: str, alt: str, title: str, caption: str
) -> None:
    """A chart under its title, or its table, as the person chooses."""
    if as_chart(table, name, title, alt):
        # Tests hold charts to the schema: to do so at every draw takes longer than all the rest.
        st.vega_lite_chart(chart.to_dict(validate=False), alt=alt)
    st.caption(caption)


def as_chart(table: pd.DataFrame, name: str, title: str, alt: str) -> bool:
    """Title, switch and CSV of what is drawn from `table`. Returns whether the chart is asked for,
    which is then the caller's to draw; else the table has been shown."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(title, width="stretch")
        view = st.segmented_control(
            words.VIEW,
            [words.CHART, words.TABLE],
            default=words.CHART,
            required=True,
            key=f"view-{name}",
            label_visibility="collapsed",
        )
        csv(table, name)
    if view == words.TABLE:
        st.dataframe(table.round(4), hide_index=True, alt=alt)
    return view != words.TABLE


def csv(table: pd.DataFrame, name: str) -> None:
    """A link that downloads a table."""
    st.download_button(
        words.CSV,
        table.to_csv(index=False),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"csv-{name}",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
