"""A project's own plan of fellings: read, each row looked at, what the law forbids left out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.growth.events import FELLINGS, Event
from ecogis.methods import ParameterSet
from ecogis.methods.loader import csv_rows

__all__ = ["Planned", "felling_event", "planned_fellings", "read_plan"]

_COLUMNS = ("stand", "year", "felling", "share")
_ENDING = FELLINGS[:3]
_FAULTS = {
    "stand": ("小班不存在", "there is no such stand"),
    "year": ("年份应为整数", "the year must be a whole number"),
    "felling": (
        f"采伐类型应为下列之一:{'、'.join(FELLINGS)}",
        f"the felling must be one of {', '.join(FELLINGS)}",
    ),
    "share": (
        "采伐比例应大于 0、不超过 1;抚育、间伐须小于 1",
        "the share must be above 0 and at most 1, for thinning and tending below 1",
    ),
    "twice": ("同一小班同一年只能有一次采伐", "a stand is felled once in a year"),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """Fellings of a plan that may be.

    Attributes
    ----------
    table : DataFrame, one row per felling
        ``stand year event``, year 0 the first followed.
    events : tuple of Event
        The kinds of felling the rows name.
    """

    table: pd.DataFrame
    events: tuple[Event, ...]


def read_plan(path: str | Path) -> pd.DataFrame:
    r"""A plan of fellings from a CSV in UTF-8, cells as they are written.

    Parameters
    ----------
    path : str or Path
        File with the columns ``stand year felling share``.

    Returns
    -------
    DataFrame of str, one row per felling
        The columns, and ``row``, the line in the file.

    Raises
    ------
    ConfigError
        E241: the file is missing or is no CSV.
    VocabularyError
        A column is missing.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "plan.csv"
    ...     _ = file.write_text("stand,year,felling,share\nA,2030,thinning,0.25\n")
    ...     read_plan(file).to_dict("records")
    [{'stand': 'A', 'year': '2030', 'felling': 'thinning', 'share': '0.25', 'row': 2}]
    """
    header, rows = csv_rows(Path(path))
    header[0] = header[0].removeprefix("\ufeff")  # a spreadsheet's byte order mark
    table = pd.DataFrame(rows, columns=header, dtype=object)
    require(table, _COLUMNS, Path(path).name)
    cells = {name: table[name].str.strip() for name in _COLUMNS}
    return pd.DataFrame(cells | {"row": np.arange(2, len(table) + 2)})


def planned_fellings(
    plan: pd.DataFrame,
    stands: pd.DataFrame,
    law: ParameterSet,
    date: date,
    findings: Findings,
    *,
    years: range,
    followed: ArrayLike,
    stem_out: float = 1.0,
) -> Planned:
    """Rows of a plan that can be followed and are allowed; every other row is told.

    Parameters
    ----------
    plan : DataFrame
        As `read_plan` gives it.
    stands : DataFrame, one row per stand
        Columns ``stand forest_category origin``.
    law : ParameterSet
        Set with ``allowed`` by category, origin and kind of felling, such as ``harvest-law``.
    date : date
        Day the values must be in force.
    findings : Findings
        Grows by the findings below.
    years : range
        Calendar years that are followed.
    followed : array (stand) of bool
        Stands that are on a curve; another one cannot grow again.
    stem_out : float
        Share of felled stems that leaves the forest. A policy. [1]

    Returns
    -------
    Planned
        A felling that takes all ends the stand, where its kind does; it begins again.

    Findings
    --------
    E671
        The felling is not allowed in the stand's forest category and origin; left out.
    E694
        A row cannot be understood; left out.
    E695
        The year is not followed, or the stand is on no curve; left out.
    """
    require(stands, ("stand", "forest_category", "origin"), "stands")
    kept = _understood(plan, stands, findings)
    at = pd.Index(stands["stand"].to_numpy(dtype=object)).get_indexer(
        pd.Index(kept["stand"].to_numpy(dtype=object))
    )
    dated = kept["year"].isin(list(years)).to_numpy(dtype=bool)
    within = dated & np.asarray(followed, dtype=bool)[at]
    _tell(findings, "E695", kept, ~within, years=f"{years.start}-{years.stop - 1}")
    keys = stands[["forest_category", "origin"]].astype("string").fillna("").iloc[at]
    allowed = law.texts("allowed", date)
    named = zip(keys["forest_category"], keys["origin"], kept["felling"], strict=True)
    lawful = np.array([allowed.get(key) == "yes" for key in named], dtype=bool)
    _tell(findings, "E671", kept, within & ~lawful)
    kept = kept[within & lawful]
    pairs = list(zip(kept["felling"], kept["share"], strict=True))
    event = [felling_event(*pair).name for pair in pairs]
    kinds = dict(zip(event, pairs, strict=True))
    return Planned(
        pd.DataFrame(
            {"stand": kept["stand"], "year": kept["year"] - years.start, "event": event}
        ).reset_index(drop=True),
        tuple(felling_event(*kinds[name], stem_out) for name in sorted(kinds)),
    )


def felling_event(kind: str, share: float, stem_out: float = 1.0) -> Event:
    """A felling of a share of the trees; one of all of them ends the stand, where its kind does.

    Parameters
    ----------
    kind : str
        One of `FELLINGS`.
    share : float
        Trees felled. [1]
    stem_out : float
        Share of felled stems that leaves the forest. A policy. [1]

    Returns
    -------
    Event

    Examples
    --------
    >>> felling_event("thinning", 0.25).name, felling_event("final_felling", 1.0).restart
    ('thinning 0.25', True)
    """
    ends = share == 1.0 and kind in _ENDING
    return Event(f"{kind} {share:g}", kind, share, restart=ends, stem_out=stem_out)


def _understood(plan: pd.DataFrame, stands: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Rows whose cells mean something, with numbers for year and share."""
    share = np.array([_number(cell) for cell in plan["share"]])
    most = np.where(plan["felling"].isin(_ENDING), 1.0, np.nextafter(1.0, 0.0))
    faults = {
        "stand": ~plan["stand"].isin(stands["stand"].astype(str)),
        "year": ~plan["year"].str.fullmatch(r"\d{4}"),
        "felling": ~plan["felling"].isin(FELLINGS),
        "share": ~((share > 0.0) & (share <= most)),
        "twice": plan.duplicated(["stand", "year"]),
    }
    left = np.ones(len(plan), dtype=bool)
    for name, where in faults.items():
        zh, en = _FAULTS[name]
        wrong = left & np.asarray(where, dtype=bool)
        findings.add(
            "E694",
            layer="harvest",
            where=wrong,
            feature=plan["stand"],
            row=plan["row"],
            column="stand" if name == "twice" else name,
            observed=plan["year"] if name == "twice" else plan[name],
            action="excluded",
            why_zh=zh,
            why=en,
        )
        left &= ~wrong
    kept = plan[left]
    return kept.assign(year=kept["year"].astype("int64"), share=share[left])


def _tell(findings: Findings, code: str, plan: pd.DataFrame, where: ArrayLike, **more: str) -> None:
    years = plan["year"].astype(str) + " " + plan["felling"]
    findings.add(
        code,
        layer="harvest",
        where=where,
        feature=plan["stand"],
        row=plan["row"],
        column="felling",
        observed=years,
        action="excluded",
        **more,
    )


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan
