"""How well the probe's ranking of source sets foretells that of fine-tuned models."""

from __future__ import annotations

import streamlit as st

from mslt_core.analysis.stats import p_value
from mslt_core.analysis.study.surrogate import Surrogate, surrogate
from mslt_core.jobs.study_files import StudyFile
from mslt_core.spec import BadArgument
from mslt_core.ui import study_picker, words_which
from mslt_core.ui.which import Asked
from mslt_core.ui.which_words import correlation


def foretold(asked: Asked, partner: StudyFile | None) -> None:
    """A sentence with the correlation; what it would take where there is none."""
    if partner is None or partner.declared is None:
        st.caption(words_which.FORETELLS_NONE)
        return
    try:
        key = (asked.version, study_picker.version(partner), asked.size)
        found = _surrogate(key, asked, partner)
    except BadArgument as error:
        st.caption(words_which.FORETELLS_NOT.format(reason=error))
        return
    said = words_which.FORETELLS.format(
        sets=len(found.sets),
        k=asked.size,
        targets=len(found.targets),
        rho=correlation(found.spearman),
        verdict=words_which.FORETELLS_VERDICT[_verdict(found)],
        p="" if found.p is None else words_which.FORETELLS_P.format(p=p_value(found.p)),
    )
    if found.itself is not None:
        itself = f"{found.itself:.2f}"
        said += " " + words_which.FORETELLS_ITSELF.format(seeds=found.seeds, rho=itself)
    st.caption(said)


def _verdict(found: Surrogate) -> str:
    """By the permutation of languages where there is one, for sets that share languages are not
    independent; else by the interval."""
    sure = found.p < 0.05 if found.p is not None else found.spearman.low > 0
    return "well" if sure else "unclear"


@st.cache_resource(show_spinner=words_which.FORETELLS_READING, max_entries=20)
def _surrogate(key: tuple[object, ...], _asked: Asked, _partner: StudyFile) -> Surrogate:
    own, other = _asked.measured, study_picker.measured(_partner)
    probed = _asked.declared.settings.method == "probe"
    cheap, dear = (own, other) if probed else (other, own)
    return surrogate(cheap, dear, _asked.size, _asked.over)
