"""Volume of stands at chosen days, by their curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.periods import day, years_between
from ecogis.growth.curves import AgeTable, CurveSet, age_table
from ecogis.growth.kernels import fill_volume, fill_volume_parallel
from ecogis.growth.stands import stand_curves

__all__ = ["Trajectories", "standing_volume", "trajectories"]

_PARALLEL_FROM = 100_000  # stand-instants below which starting threads costs more than it saves


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
    """

    stands: pd.DataFrame
    instants: tuple[date, ...]
    table: AgeTable
    curve: NDArray[np.int32]
    age: NDArray[np.int32]
    survey: NDArray[np.int32]
    scale: NDArray[np.float64]
    whole: NDArray[np.int32]
    part: NDArray[np.float64]


def trajectories(
    stands: pd.DataFrame,
    instants: Sequence[date],
    *,
    curves: CurveSet,
    findings: Findings,
    assigned: pd.DataFrame | None = None,
) -> Trajectories:
    """Stands, their curves and the time from each survey to each instant.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        As for `stand_curves`.
    instants : sequence of date
        Rising days; days before the survey look back along the same curve.
    curves : CurveSet
        Curves and their species.
    findings : Findings
        Grows by what `stand_curves` finds, and E259.
    assigned : DataFrame, optional
        What `stand_curves` gave for the same stands, where it was called with another policy.

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
    days = _rising(instants)
    if assigned is None:
        assigned = stand_curves(stands, curves, findings)
    if assigned["stand"].tolist() != stands["stand"].tolist():
        raise ConfigError("E266", what="assigned")
    table = age_table(curves)
    survey, whole, part = _elapsed(pd.to_datetime(stands["survey_date"]), days)
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
    )
    _report_held(found, stands, findings)
    return found


def standing_volume(
    stands: pd.DataFrame | Trajectories,
    instants: Sequence[date] = (),
    *,
    curves: CurveSet | None = None,
    findings: Findings | None = None,
) -> xr.DataArray:
    """Standing volume of each stand at each instant.

    The stand follows its curve from its surveyed age, scaled to its surveyed volume, linear
    between whole ages; before age zero there is none, past the curve's last age its value is
    held. A stand without a curve keeps its surveyed volume.

    Parameters
    ----------
    stands : DataFrame or Trajectories
        Stands as for `stand_curves`, or what `trajectories` gave; then nothing else is needed.
    instants : sequence of date
        Rising days.
    curves : CurveSet
        Curves and their species.
    findings : Findings, optional
        Grows by what `trajectories` finds.

    Returns
    -------
    DataArray (stand, instant), float64
        Standing volume at the instants; missing where a stocked stand has none on record.
        [m3 ha-1]

    Raises
    ------
    ConfigError
        Instants do not rise, or curves are not given.
    """
    if not isinstance(stands, Trajectories):
        if curves is None:
            raise ConfigError("E265", what="curves and instants are needed with a table of stands")
        findings = Findings() if findings is None else findings
        stands = trajectories(stands, instants, curves=curves, findings=findings)
    out = np.empty((len(stands.curve), len(stands.instants)), dtype=np.float64)
    fill = fill_volume_parallel if out.size >= _PARALLEL_FROM else fill_volume
    fill(
        stands.table.values,
        stands.curve,
        stands.age,
        stands.scale,
        stands.survey,
        stands.whole,
        stands.part,
        out,
    )
    return xr.DataArray(
        out,
        coords={
            "stand": stands.stands["stand"].to_numpy(dtype=object),
            "instant": np.array(stands.instants, dtype="datetime64[ns]"),
        },
        dims=("stand", "instant"),
        name="standing_volume",
        attrs={"units": "m3 ha-1", "long_name": "standing volume"},
    )


def _rising(instants: Sequence[date]) -> tuple[date, ...]:
    days = tuple(day(instant) for instant in instants)
    if not days or any(later <= sooner for sooner, later in pairwise(days)):
        raise ConfigError("E265", what=", ".join(map(str, days)) or "-")
    return days


def _elapsed(
    surveyed: pd.Series, days: tuple[date, ...]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Row of each stand, and whole years and the rest from each survey day to each instant."""
    rows, dates = pd.factorize(surveyed, use_na_sentinel=True)
    starts = [day(stamp) for stamp in pd.DatetimeIndex(dates)] or [days[0]]
    years = np.array([[years_between(start, end) for end in days] for start in starts])
    whole = np.floor(years)
    # a stand without a survey day is held constant: any row serves
    return np.maximum(rows, 0).astype(np.int32), whole.astype(np.int32), years - whole


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
