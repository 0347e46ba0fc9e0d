"""Volume of stands at chosen days, by their curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.periods import add_years, day, years_between
from ecogis.growth import totals
from ecogis.growth.curves import AgeTable, CurveSet, age_table
from ecogis.growth.kernels import fill_volume
from ecogis.growth.stands import stand_curves
from ecogis.numerics.runs import year_runs
from ecogis.numerics.threads import in_parts, parts_of

__all__ = ["YEAR_DAY", "Trajectories", "elapsed", "rising", "standing_volume", "trajectories"]

YEAR_DAY = (12, 31)
"""Month and day a calendar year stands for: its end. A policy."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
_fill_volume: Callable[..., None] = fill_volume
Instants = Sequence[date] | Sequence[int] | range


@dataclass(frozen=True, slots=True)
class Trajectories:
    """All that is needed to follow stands through time, as plain arrays.

    Attributes
    ----------
    stands : DataFrame
        As `stand_curves` gives it.
    instants : tuple of date
        Days asked for.
    table : AgeTable
        Volume by class and age. [m3 ha-1]
    curve, age, survey : array (stand), int32
        Row of the table; age at the survey [yr]; row of `whole` and `part`.
    scale : array (stand), float64
        Factor on the curve. [1]
    whole, part : array (survey, instant), int32 and float64
        Years from the survey to the instant: whole ones, rounded down, and the rest. [yr]
    curve_set, unit : str
        The curves, ``id@edition``, and the unit they are in.
    years : bool
        Whether the instants were asked for as calendar years.
    """

    stands: pd.DataFrame
    instants: tuple[date, ...]
    table: AgeTable
    curve: Ints
    age: Ints
    survey: Ints
    scale: Floats
    whole: Ints
    part: Floats
    curve_set: str = ""
    unit: str = "m3 ha-1"
    years: bool = False


def trajectories(
    stands: pd.DataFrame,
    instants: Instants,
    *,
    curves: CurveSet,
    findings: Findings,
    assigned: pd.DataFrame | None = None,
    year_day: tuple[int, int] = YEAR_DAY,
) -> Trajectories:
    """Stands, their curves and the time from each survey to each instant.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        As for `stand_curves`.
    instants : sequence of date, or of int
        Rising days, or calendar years; days before the survey look back along the same curve.
    curves : CurveSet
        Curves and their species.
    findings : Findings
        Grows by what `stand_curves` finds, and E259.
    assigned : DataFrame, optional
        What `stand_curves` gave for the same stands, where it was called with another policy.
    year_day : (int, int)
        Month and day a calendar year stands for. A policy.

    Returns
    -------
    Trajectories

    Raises
    ------
    ConfigError
        Instants do not rise, or `assigned` is of other stands.

    Findings
    --------
    E259
        Stands pass their curve's last valid age, one note per curve; the value there is held.
    """
    days = rising(instants, year_day)
    if assigned is None:
        assigned = stand_curves(stands, curves, findings)
    if assigned["stand"].tolist() != stands["stand"].tolist():
        raise ConfigError("E266", what="assigned")
    table = age_table(curves)
    survey, whole, part = elapsed(pd.to_datetime(stands["survey_date"]), days)
    found = Trajectories(
        stands=assigned,
        instants=days,
        table=table,
        curve=assigned["class"].to_numpy(dtype=np.int32),
        age=assigned["age_yr"].to_numpy(dtype=np.int32),
        survey=survey,
        scale=assigned["scale"].to_numpy(dtype=np.float64),
        whole=whole,
        part=part,
        curve_set=f"{curves.id}@{curves.edition}",
        unit=curves.unit,
        years=isinstance(instants[0], int | np.integer),
    )
    _report_held(found, stands, findings)
    return found


def standing_volume(
    stands: pd.DataFrame | Trajectories,
    instants: Instants = (),
    *,
    curves: CurveSet | None = None,
    findings: Findings | None = None,
    by: str | ArrayLike | None = None,
    area_dm2: ArrayLike | None = None,
    year_day: tuple[int, int] = YEAR_DAY,
    out: Floats | None = None,
) -> xr.DataArray:
    """Standing volume of each stand at each instant, or of groups of stands.

    The stand follows its curve from its surveyed age, scaled to its surveyed volume, linear
    between whole ages; before age zero there is none, past the curve's last age its value is
    held. A stand without a curve keeps its surveyed volume.

    Parameters
    ----------
    stands : DataFrame or Trajectories
        Stands as for `stand_curves`, or what `trajectories` gave; then no curves are needed.
    instants : sequence of date, or of int
        Rising days, or calendar years.
    curves : CurveSet
        Curves and their species.
    findings : Findings, optional
        Grows by what `trajectories` finds, and E650.
    by : str or array (stand), optional
        Column of `stands`, or the group of each stand: whole volumes of groups are given, and
        memory grows with groups, not with stands.
    area_dm2 : array (stand), int64
        Area of each stand, for groups; else the column ``area_dm2``. [0.01 m2]
    year_day : (int, int)
        Month and day a calendar year stands for. A policy.
    out : array (stand, instant), float64, optional
        Filled and used for the result, where a large one is asked for again and again.

    Returns
    -------
    DataArray (stand, instant), float64
        Standing volume; missing where a stocked stand has none on record. [m3 ha-1]
        With `by`, DataArray (group, instant), int64: ``standing_volume_dm3``, whole dm3 of each
        stand and instant, added up: the same for any order and any number of threads. [dm3]
        Its coordinates tell each group's ``area_dm2`` and how much of it is ``unknown_dm2``.

    Raises
    ------
    ConfigError
        Instants do not rise; curves, areas or groups are not given or do not fit.

    Findings
    --------
    E650
        A stand belongs to no group; it is added up under a group without a name.

    Examples
    --------
    >>> from ecogis.growth import Curve
    >>> line = {"constant": 0.0, "linear": 10.0, "quadratic": 0.0}  # ten times the age
    >>> curves = CurveSet("c", "1", (Curve("a", "quadratic", line, 0.0, 40.0),), {"fir": "a"})
    >>> stands = pd.DataFrame(
    ...     {
    ...         "stand": ["A", "B"],
    ...         "species": "fir",
    ...         "land_class": "arbor_forest",
    ...         "age_yr": [10, 20],
    ...         "standing_volume": [200.0, 100.0],
    ...         "survey_date": pd.Timestamp("2024-12-31"),
    ...         "village": "north",
    ...         "area_dm2": 1_000_000,
    ...     }
    ... )
    >>> standing_volume(stands, [2024, 2025], curves=curves).to_numpy().tolist()
    [[200.0, 220.0], [100.0, 105.0]]
    >>> standing_volume(stands, [2025], curves=curves, by="village").to_numpy().tolist()
    [[325000]]
    """
    findings = Findings() if findings is None else findings
    if not isinstance(stands, Trajectories):
        if curves is None:
            raise ConfigError("E265", what="curves and instants are needed with a table of stands")
        if by is not None and area_dm2 is None:
            area_dm2 = totals.column(stands, "area_dm2")
        by = totals.column(stands, by) if isinstance(by, str) else by
        stands = trajectories(stands, instants, curves=curves, findings=findings, year_day=year_day)
    if by is None:
        return _labelled(stands, _volumes(stands, out))
    return totals.group_volume(stands, by, area_dm2, findings, _times(stands))


def _volumes(paths: Trajectories, out: Floats | None) -> Floats:
    shape = (len(paths.curve), len(paths.instants))
    if out is None:
        out = np.empty(shape, dtype=np.float64)
    if out.shape != shape or out.dtype != np.float64 or not out.flags.carray:
        raise ConfigError("E651", shape=shape)
    in_parts(partial(_fill, paths, year_runs(paths.table.values, paths.whole, paths.part), out),
             parts_of(shape[0], out.size))  # fmt: skip
    return out


def _fill(paths: Trajectories, runs: Any, out: Floats, _: int, low: int, high: int) -> None:
    place, way = totals.along(paths, runs, low, high)
    _fill_volume(*place, *way, out[low:high])


def _times(paths: Trajectories) -> dict[str, Any]:
    """Coordinates of the instants; calendar years too, where they were asked for."""
    days = np.array(paths.instants, dtype="datetime64[ns]")
    years = {"year": ("instant", [at.year for at in paths.instants])} if paths.years else {}
    return {"instant": days} | years


def _labelled(paths: Trajectories, volume: Floats) -> xr.DataArray:
    return xr.DataArray(
        volume,
        coords={"stand": paths.stands["stand"].to_numpy(dtype=object)} | _times(paths),
        dims=("stand", "instant"),
        name="standing_volume",
        attrs={"units": paths.unit, "long_name": "standing volume", "curve_set": paths.curve_set},
    )


def rising(instants: Instants, year_day: tuple[int, int] = YEAR_DAY) -> tuple[date, ...]:
    """Days in order; a calendar year is its day `year_day`.

    Raises
    ------
    ConfigError
        They do not rise, or there are none.

    Examples
    --------
    >>> rising(range(2025, 2027))
    (datetime.date(2025, 12, 31), datetime.date(2026, 12, 31))
    """
    days = tuple(
        date(int(instant), *year_day) if isinstance(instant, int | np.integer) else day(instant)
        for instant in instants
    )
    if not days or any(later <= sooner for sooner, later in pairwise(days)):
        raise ConfigError("E265", what=", ".join(map(str, days)) or "-")
    return days


def elapsed(surveyed: pd.Series, days: tuple[date, ...]) -> tuple[Ints, Ints, Floats]:
    """Row of each stand, and whole years and the rest from each survey day to each instant."""
    rows, dates = pd.factorize(surveyed, use_na_sentinel=True)
    starts = [day(stamp) for stamp in pd.DatetimeIndex(dates)] or [days[0]]
    apart = np.array([[_apart(start, end) for end in days] for start in starts])
    # a stand without a survey day is held constant: any row serves
    row = np.maximum(rows, 0).astype(np.int32)
    return row, apart[..., 0].astype(np.int32), np.ascontiguousarray(apart[..., 1])


def _apart(start: date, end: date) -> tuple[int, float]:
    """Whole years, rounded down, and the rest: the same rest, bit by bit, in every like year."""
    if end < start:
        whole, part = _apart(end, start)
        return (-whole, 0.0) if part == 0.0 else (-whole - 1, 1.0 - part)
    whole = int(years_between(start, end))
    since = add_years(start, whole)
    return whole, (end - since).days / (add_years(start, whole + 1) - since).days


def _report_held(found: Trajectories, stands: pd.DataFrame, findings: Findings) -> None:
    """One note per curve: on a long horizon most stands pass its last age."""
    limits = np.append(found.table.held_from, np.inf)
    last = found.age + (found.whole + found.part)[found.survey, -1]
    passing = last > limits[found.curve]
    area = stands["area_ha"].to_numpy(dtype=np.float64) if "area_ha" in stands else None
    for row, name in enumerate(found.table.names):
        where = passing & (found.curve == row)
        if where.any():
            findings.add(
                "E259",
                layer="stands",
                column="age_yr",
                observed=int(where.sum()),
                expected=f"<= {limits[row]:.0f}",
                area_ha=None if area is None else float(np.nansum(area[where])),
                curve=name,
                limit=f"{limits[row]:.0f}",
            )
