"""Studies with results whose truth is known, declared and kept as files."""

from pathlib import Path

import numpy as np
import pandas as pd

from mslt_core.analysis.measured import Measured
from mslt_core.jobs import study_files, study_results
from mslt_core.jobs.store import Store
from mslt_core.spec import RunSpec
from mslt_core.study_spec import StudySpec

ITEMS = 30


def declared(name: str, found: Measured, method: str = "finetune") -> StudySpec:
    """The study that would measure this."""
    settings = RunSpec(
        model="tiny-random",
        task="sib200",
        sources=found.sets[0],
        targets=found.targets,
        method=method,
        budget=len(found.pool) * 10,
    )
    return StudySpec(name, f"Planted: {name}", settings, found.sets, found.seeds)


def kept(store: Store, name: str, found: Measured, method: str = "finetune", runs: int = 0) -> Path:
    """Writes a study of one's own with the results of its first runs; 0: of all."""
    study = declared(name, found, method)
    path = study_files.own_folder(store) / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(study_files.to_toml(study), encoding="utf-8")
    parts = [_rows(found, *place) for place in np.ndindex(len(found.seeds), len(found.sets))]
    scores = pd.concat(parts[: runs or None], ignore_index=True)
    results = study_results.Results(scores, study_results.no_mixing())
    study_results.write(results, path, study.settings)
    return path


def _rows(found: Measured, seed: int, s: int) -> pd.DataFrame:
    """One run."""
    right = [part[s, seed].astype(np.uint16) for part in found.right]
    of = [part[s, seed].astype(np.uint16) for part in found.of]
    n, correct = ([int(part.sum()) for part in parts] for parts in (of, right))
    return pd.DataFrame(
        {
            "sources": ",".join(found.sets[s]),
            "seed": found.seeds[seed],
            "run_id": f"run-{s}-{found.seeds[seed]}",
            "target": found.targets,
            "metric": found.metric,
            "value": np.divide(correct, n),
            "n": n,
            "correct": correct,
            "right": right,
            "of": of,
        }
    )
