"""From areas to counties and provinces: sums that are exactly the sums of their parts, checked.

Everything is read from what the areas' steps left on disk; an area that left nothing is named.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow.parquet as pq

from ecogis import io
from ecogis.core.errors import IdentityError
from ecogis.core.findings import Findings
from ecogis.pipeline.batching.areas import LEVELS, WHOLE
from ecogis.pipeline.batching.balances import postings
from ecogis.pipeline.batching.figures import FIGURE_COLUMNS, TOTALS, added
from ecogis.pipeline.batching.land import same_land
from ecogis.pipeline.batching.tasks import FIGURES
from ecogis.report.batch_book import batch_book

__all__ = ["roll_up", "rolled"]

_FIGURE: Final = list(FIGURE_COLUMNS[:-1])
_SUMS: Final = {  # layer and column whose own sum a total, with its unit, must be
    ("pieces", "area_dm2"): ("pieces", "dm2"),
    ("pieces", "credit_kg"): ("credit", "kg"),
    ("pieces", "pledgeable_kg"): ("pledgeable", "kg"),
    ("stands", "area_dm2"): ("area", "dm2"),
}
_SEVERITIES: Final = ("note", "warning", "error")


def roll_up(
    out: Path, members: tuple[dict[str, str], ...], folder: Path, lang: str
) -> dict[str, int]:
    """Add up the areas of a batch and write the sums to a new folder.

    Parameters
    ----------
    out : Path
        Folder of the batch.
    members : tuple of dict
        Per area and task: ``area name county province task folder``; `folder` is relative to `out`
        and empty where the step is not done.
    folder : Path
        Made, and written to: ``rollup.parquet``, ``rollup.csv``, ``postings.parquet``,
        ``findings.csv`` and ``summary.xlsx``.
    lang : {"zh", "en"}
        Language of the workbook.

    Returns
    -------
    dict of str to int
        Findings by severity.

    Raises
    ------
    IdentityError
        E446 a sum is not that of its parts; E399 accounts that were added up do not close.

    Findings
    --------
    E442, E443, E444
        A stand or a parcel in two areas, land in two areas.
    E445
        An area is missing from the sums.
    """
    folder.mkdir()
    findings = Findings()
    table = pd.DataFrame(list(members))
    missing = table[table["folder"].eq("")]
    for row in missing.to_dict("records"):
        about = {"name": row["name"], "task": row["task"]}
        findings.add("E445", layer=row["task"], feature=row["area"], **about)
    done = table[table["folder"].ne("")]
    parts: list[pd.DataFrame] = [_figures(out, row) for row in done.to_dict("records")]
    figures = pd.concat(parts, ignore_index=True)
    sums = rolled(figures, table)
    _check(sums, figures)
    same_land(
        dict(zip(done["area"], (out / name for name in done["folder"]), strict=True)), findings
    )
    io.write_parquet(folder / "rollup.parquet", sums)
    io.write_csv(folder / "rollup.csv", sums)
    io.write_csv(folder / "findings.csv", findings.table())
    balances = postings(out, done, folder)
    book = batch_book(table, sums, balances, findings.table(), lang=lang)
    (folder / "summary.xlsx").write_bytes(book)
    counts = findings.table()["severity"].value_counts()
    return {name: int(counts.get(name, 0)) for name in _SEVERITIES}


def _figures(out: Path, row: Mapping[Any, Any]) -> pd.DataFrame:
    """Figures of a step, each total held against the layer it is the total of."""
    folder = out / row["folder"]
    found = pd.read_parquet(folder / FIGURES)
    totals = found[found["table"].eq("totals")].set_index(["column", "unit"])["amount"]
    for (layer, column), name in _SUMS.items():
        file = folder / f"{layer}.parquet"
        if file.is_file() and name in totals.index:
            own = int(pq.read_table(file, columns=[column]).to_pandas()[column].sum())
            _must_be(f"{row['area']} {row['task']} {layer}.{column}", int(totals[name]), own)
    return found.assign(**{name: row[name] for name in ("area", "task", *LEVELS)})


def rolled(figures: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Figures of areas added up by county, by province and in all.

    Parameters
    ----------
    figures : DataFrame
        `FIGURE_COLUMNS` with ``area task county province``.
    members : DataFrame
        ``area task county province folder``, also those without figures.

    Returns
    -------
    DataFrame, one row per level, place, task and figure
        ``level place task table line column unit amount areas missing state``: how many areas are
        in the sum, which are missing from it, and whether it is complete, partial or none. A place
        none of whose areas is done has the totals other places have, without an amount.
    """
    found = []
    for level in (WHOLE, *reversed(LEVELS), "area"):
        if level in LEVELS and not members[level].ne("").any():
            continue
        place = figures["area"] if level == "area" else figures.get(level, "")
        sums = added(figures.assign(place=place), ["place", "task", *_FIGURE])
        told = _counted(members, level)
        every = pd.concat([sums.astype({"amount": "Int64"}), _absent(told, figures)])
        every = every.assign(level=level).merge(told, on=["place", "task"], how="left")
        found.append(every.sort_values(["place", "task"], kind="stable"))
    columns = ["level", "place", "task", *FIGURE_COLUMNS, "areas", "missing", "state"]
    return pd.concat(found, ignore_index=True)[columns]


def _absent(told: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    """Rows of the places none of whose areas is done: totals as elsewhere, amounts missing.

    One row without a figure where the task is not done anywhere.
    """
    totals = figures.loc[figures["table"].eq(TOTALS), ["task", *_FIGURE]].drop_duplicates()
    places = told.loc[told["areas"].eq(0), ["place", "task"]].astype("string")
    every = places.merge(totals.astype("string"), on="task", how="left").fillna("")
    return every.assign(amount=pd.array([pd.NA] * len(every), dtype="Int64"))


def _counted(members: pd.DataFrame, level: str) -> pd.DataFrame:
    """Per place and task: areas in the sum, the names of those that are missing, and the state."""
    place = members["area"] if level == "area" else members.get(level, "")
    rows = []
    for (where, name), part in members.assign(place=place).groupby(["place", "task"], sort=True):
        absent = part.loc[part["folder"].eq(""), "area"].tolist()
        there = len(part) - len(absent)
        state = "complete" if not absent else "partial" if there else "none"
        rows.append((where, name, there, ", ".join(absent), state))
    return pd.DataFrame(rows, columns=["place", "task", "areas", "missing", "state"])


def _check(sums: pd.DataFrame, figures: pd.DataFrame) -> None:
    """Each level adds up to what the areas add up to, figure by figure."""
    sums = sums[sums["amount"].notna()]
    of_areas = figures.groupby(["task", *_FIGURE], dropna=False)["amount"].sum()
    for level, part in sums.groupby("level"):
        of_level = part.groupby(["task", *_FIGURE], dropna=False)["amount"].sum()
        for cell in of_areas.index.symmetric_difference(of_level.index):
            raise IdentityError("E446", cell=f"{level} {cell}", a="—", b="—")
        for cell in of_areas.index[of_areas.ne(of_level.reindex(of_areas.index))]:
            _must_be(f"{level} {cell}", int(of_level[cell]), int(of_areas[cell]))


def _must_be(cell: str, found: int, wanted: int) -> None:
    if found != wanted:
        raise IdentityError("E446", cell=cell, a=found, b=wanted)
