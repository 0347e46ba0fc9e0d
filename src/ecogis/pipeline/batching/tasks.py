"""What a batch can do for an area: a table from a task's name to a function.

A task is given a run and a new folder. It leaves there its files for people, and GeoParquet and
Parquet from which areas are added up; no clock stands in any of them.
"""

import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import geopandas
import pandas as pd

from ecogis import io
from ecogis.core.errors import ConfigError
from ecogis.pipeline.balance_run import balanced
from ecogis.pipeline.batching.figures import figures_of
from ecogis.pipeline.outputs import MANIFEST
from ecogis.pipeline.result import result_of
from ecogis.pipeline.run import Run
from ecogis.pipeline.stages import run_stages

__all__ = ["FIGURES", "POSTINGS", "TASKS", "Task", "task"]

Task = Callable[[Run, Path, str | None], pd.DataFrame]
"""Given a run, a folder that is not there yet, and a language or None for the project's own; gives
the findings."""

FIGURES: Final = "figures.parquet"
POSTINGS: Final = "postings.parquet"
_CLOCK: Final = ("written", "seconds")


def task(name: str) -> Task:
    """A task by its name.

    Raises
    ------
    ConfigError
        E449 there is no such task.
    """
    if name not in TASKS:
        raise ConfigError("E449", value=name, expected=", ".join(TASKS))
    return TASKS[name]


def _check(run: Run, folder: Path, _lang: str | None) -> pd.DataFrame:
    """Read and look; refused as the policy says."""
    _looked(run)
    folder.mkdir()
    io.write_parquet(folder / FIGURES, figures_of({}, _counted(run)))
    return _written(folder, _looked_at(run), run.findings.table())


def _assess(run: Run, folder: Path, lang: str | None) -> pd.DataFrame:
    """Every stage; the files of an assessment, its layers and postings."""
    run_stages(run, "account", None)
    result = result_of(run, time.monotonic())
    result.write(folder, lang=lang)
    _without_clock(folder / MANIFEST)
    accounts = run.left["balance"]
    if accounts is not None:
        io.write_parquet(folder / POSTINGS, accounts.postings)
    found = figures_of(result.tables, result.summary["totals"])
    io.write_parquet(folder / FIGURES, found)
    layers = {name: result.tables[name] for name in ("stands", "parcels", "pieces")}
    return _written(folder, layers, result.findings)


def _balance(run: Run, folder: Path, lang: str | None) -> pd.DataFrame:
    """The accounts between two surveys: workbook, tables, postings."""
    result = balanced(run, time.monotonic())
    result.write(folder, lang=lang)
    _without_clock(folder / MANIFEST)
    totals = {name: value for name, value in result.summary["balance"].items() if value is not None}
    io.write_parquet(folder / FIGURES, figures_of({}, _counted(run) | totals))
    return _written(folder, _looked_at(run), result.findings)


TASKS: Mapping[str, Task] = MappingProxyType(
    {"check": _check, "assess": _assess, "balance": _balance}
)
"""Tasks a batch file may name."""


def _looked(run: Run) -> None:
    run_stages(run, "look", None, refuse=False, after=0)
    run.refuse()


def _counted(run: Run) -> dict[str, int]:
    counts = {role: len(run.layers[role]) for role in ("stands", "parcels")}
    return counts | {"area_dm2": int(run.layers["stands"]["area_dm2"].sum())}


def _looked_at(run: Run) -> dict[str, Any]:
    return {role: run.layers[role] for role in ("stands", "parcels")}


def _written(folder: Path, layers: Mapping[str, Any], findings: pd.DataFrame) -> pd.DataFrame:
    """Layers and findings; of parcels the table alone, for their land lies in the pieces."""
    for name, layer in layers.items():
        table = pd.DataFrame(layer.drop(columns="geometry")) if name == "parcels" else layer
        whole = table if name == "parcels" else geopandas.GeoDataFrame(table)
        io.write_parquet(folder / f"{name}.parquet", whole)
    texts = [name for name in findings if name not in {"row", "area_ha"}]
    told = findings.astype(dict.fromkeys(texts, "string"))  # also where there is none
    io.write_parquet(folder / "findings.parquet", told)
    return findings


def _without_clock(manifest: Path) -> None:
    """Take out of a run's manifest what tells when it was made; its own hash is without them."""
    record = json.loads(manifest.read_text(encoding="utf-8"))
    kept = {key: value for key, value in record.items() if key not in _CLOCK}
    manifest.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
