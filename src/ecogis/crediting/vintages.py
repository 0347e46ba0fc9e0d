"""Removal and emission by calendar year of the crediting period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.periods import add_years, day, years_between
from ecogis.methods import Methodology
from ecogis.numerics import group_sum_int64

__all__ = [
    "Removals",
    "reduction_window",
    "reduction_years",
    "vintage_instants",
    "vintage_removals",
]

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Removals:
    """Change of stock by vintage.

    Attributes
    ----------
    table : DataFrame, one row per vintage
        ``vintage`` calendar year; ``start``, ``end`` first day and day after the last; ``years``
        [yr]; ``removal_kg``, ``emission_kg``, both zero or more, int64 [kg CO2e].
    change : array (piece, vintage), int64
        Change of each piece's stock, negative where carbon was lost. [kg CO2e]
    """

    table: pd.DataFrame
    change: Ints


def reduction_window(methodology: Methodology, application: date) -> date | None:
    """First day reductions may arise, by the methodology's condition ``reduction_window``.

    The later of the day after ``after`` and ``years_before_application`` years before the
    application; None when the methodology has no such condition.
    """
    days = []
    for condition in methodology.conditions:
        if condition.rule == "reduction_window":
            days.append(day(condition.arguments["after"]) + timedelta(days=1))
            years = int(condition.arguments["years_before_application"])
            days.append(add_years(application, -years))
    return max(days, default=None)


def reduction_years(methodology: Methodology) -> int | None:
    """Years before an application within which reductions must have arisen, if it says so. [yr]

    >>> from ecogis.methods import methodology
    >>> reduction_years(methodology("CCER-14-001-V01"))
    5
    """
    years = [
        int(condition.arguments["years_before_application"])
        for condition in methodology.conditions
        if condition.rule == "reduction_window"
    ]
    return min(years, default=None)


def vintage_instants(start: date, years: int, earliest: date | None = None) -> list[date]:
    """Days the stocks are needed at: start, every 1 January, end, and the window's first day.

    >>> vintage_instants(date(2024, 7, 1), 1)
    [datetime.date(2024, 7, 1), datetime.date(2025, 1, 1), datetime.date(2025, 7, 1)]
    """
    end = add_years(start, years)
    days = {start, end} | {date(year, 1, 1) for year in range(start.year + 1, end.year + 1)}
    if earliest is not None:
        days.add(earliest)
    return sorted(instant for instant in days if start <= instant <= end)


def vintage_removals(
    piece_kg: xr.DataArray,
    stands: Sequence[str],
    *,
    start: date,
    years: int,
    earliest: date | None = None,
    last_day: date | None = None,
    findings: Findings,
) -> Removals:
    """Removal and emission of each calendar year within ``[start, start + years)``.

    The change of a stand's pieces counts as one: what a stand gains is removal, what it loses is
    emission. Instants outside the crediting period may be there and are not used.

    Parameters
    ----------
    piece_kg : DataArray (piece, instant), int64
        Stock of the creditable pieces. [kg CO2e]
    stands : sequence (piece) of str
        Stand of each piece.
    start, years : date, int
        First day and length of the crediting period. [1, yr]
    earliest : date, optional
        First day reductions may arise; what arose before it is left out. Where it is none of the
        instants, the whole span it lies in is left out.
    last_day : date, optional
        Last day of a project that ends before its crediting period; likewise.
    findings : Findings
        Grows by the finding below.

    Returns
    -------
    Removals

    Raises
    ------
    ConfigError
        Instants lack the first or the last day of the crediting period, or a 1 January in it.

    Findings
    --------
    E375
        Reductions arose before `earliest`; left out.
    """
    days = [day(stamp) for stamp in pd.DatetimeIndex(piece_kg["instant"].to_numpy())]
    end = add_years(start, years)
    missing = [str(d) for d in vintage_instants(start, years) if d not in days]
    if missing or years < 1:
        raise ConfigError("E370", start=start, end=end, missing=", ".join(missing) or "-")
    first = start if earliest is None else max(start, earliest)
    spans = list(pairwise(days))
    stop = end if last_day is None else min(end, last_day + timedelta(days=1))
    kept = [i for i, (a, b) in enumerate(spans) if a >= first and b <= stop]
    early = [i for i, (a, b) in enumerate(spans) if start <= a < first and b <= end]
    steps = np.diff(piece_kg.transpose("piece", "instant").to_numpy(), axis=1)
    _report_early(findings, int(steps[:, early].sum()), len(early), first)
    labels = sorted({spans[i][0].year for i in kept})
    column = np.array([labels.index(spans[i][0].year) for i in kept], dtype=np.int64)
    change = group_sum_int64(steps[:, kept].T, column, len(labels)).T
    codes, names = pd.factorize(np.asarray(stands, dtype=object))
    by_stand = group_sum_int64(change, codes, len(names))
    rows = [_bounds([spans[i] for i in kept if spans[i][0].year == year]) for year in labels]
    table = pd.DataFrame(
        {
            "vintage": np.array(labels, dtype=np.int64),
            "start": pd.DatetimeIndex([a for a, _ in rows]).as_unit("ns"),
            "end": pd.DatetimeIndex([b for _, b in rows]).as_unit("ns"),
            "years": np.array([years_between(a, b) for a, b in rows], dtype=np.float64),
            "removal_kg": np.maximum(by_stand, 0).sum(axis=0, dtype=np.int64),
            "emission_kg": np.maximum(-by_stand, 0).sum(axis=0, dtype=np.int64),
        }
    )
    return Removals(table, np.ascontiguousarray(change))


def _bounds(spans: Sequence[tuple[date, date]]) -> tuple[date, date]:
    return spans[0][0], spans[-1][1]


def _report_early(findings: Findings, kg: int, periods: int, first: date) -> None:
    if periods and kg:
        findings.add(
            "E375",
            layer="project",
            column="vintage",
            observed=kg,
            expected=f">= {first}",
            action="excluded",
            first=first,
            t=f"{kg / 1000:,.0f}",
        )
