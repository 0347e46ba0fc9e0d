"""Standing volume by parameters of a stand's own, where no class of stands shares a curve."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.growth.kernels import fill_richards
from ecogis.growth.volume import YEAR_DAY, Instants, elapsed, rising
from ecogis.numerics.runs import YearRuns, year_runs
from ecogis.numerics.threads import in_parts, parts_of

__all__ = ["own_volume"]

Floats = NDArray[np.float64]

_LAW = ("asymptote", "rate", "shape")
_COLUMNS = ("stand", "age_yr", "survey_date", *_LAW)
_ELSE = {"scale": 1.0, "first_age": 0.0, "last_age": np.inf}


def own_volume(
    stands: pd.DataFrame,
    instants: Instants,
    *,
    findings: Findings,
    year_day: tuple[int, int] = YEAR_DAY,
) -> xr.DataArray:
    r"""Standing volume of stands that each follow a Chapman-Richards curve of their own.

    .. math:: V(t) = a\,(1 - b\,e^{-k t})^{p}

    Below the first valid age volume rises on a straight line from zero, past the last one its
    value is held. Where stands share curves, `standing_volume` looks them up: much faster.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        Columns ``stand age_yr survey_date``; ``asymptote`` a [m3 ha-1], ``rate`` k [yr-1],
        ``shape`` p [1]; if given, ``scale`` b [1], else one, and ``first_age last_age`` [yr],
        else zero and without end.
    instants : sequence of date, or of int
        Rising days, or calendar years.
    findings : Findings
        Grows by the findings below.
    year_day : (int, int)
        Month and day a calendar year stands for. A policy.

    Returns
    -------
    DataArray (stand, instant), float64
        Standing volume; missing for a stand that cannot be followed. [m3 ha-1]

    Raises
    ------
    ConfigError
        Instants do not rise.
    VocabularyError
        A column is missing.

    Findings
    --------
    E653
        Parameters, age or survey date are missing or impossible; excluded, its volume is missing.
    E654
        Stands pass their last valid age; the value there is held.

    Notes
    -----
    For instants one year apart the exponential is carried on from year to year; it lies within
    1e-12 of the formula. The same stands and instants give the same bits in any order and on any
    number of threads.

    Examples
    --------
    >>> stand = {"stand": ["A"], "age_yr": [10], "survey_date": [pd.Timestamp("2024-12-31")]}
    >>> stands = pd.DataFrame(stand | {"asymptote": 200.0, "rate": 0.05, "shape": 2.0})
    >>> own_volume(stands, [2024, 2034], findings=Findings()).round(3).to_numpy()[0].tolist()
    [30.964, 79.915]
    """
    require(stands, _COLUMNS, "stands")
    days = rising(instants, year_day)
    dates = pd.to_datetime(stands["survey_date"])
    survey, whole, part = elapsed(dates, days)
    own = _own(stands, survey, dates.isna().to_numpy(dtype=bool))
    faulty, since = np.isnan(own.values[:, 0]), whole + part
    passing = ~faulty & (own.age + since[survey, -1] > own.limits[:, 1])
    findings.add("E653", layer="stands", where=faulty, feature=stands["stand"], action="excluded")
    if passing.any():
        findings.add("E654", layer="stands", column="age_yr", observed=int(passing.sum()))
    out = np.empty((len(stands), len(days)), dtype=np.float64)
    runs = year_runs(np.zeros((1, 1)), whole, part)
    in_parts(
        partial(_fill, own, runs, since, out),
        parts_of(len(stands), 10 * out.size),  # a power costs ten look-ups
    )
    return xr.DataArray(
        out,
        coords={
            "stand": stands["stand"].to_numpy(dtype=object),
            "instant": np.array(days, dtype="datetime64[ns]"),
        },
        dims=("stand", "instant"),
        name="standing_volume",
        attrs={"units": "m3 ha-1", "long_name": "standing volume", "curve_set": "own"},
    )


class _Own(NamedTuple):
    """What the kernel takes, by stand; a faulty one has no asymptote, and so no volume."""

    values: Floats
    limits: Floats
    age: Floats
    survey: NDArray[np.int32]


def _own(stands: pd.DataFrame, survey: NDArray[np.int32], undated: NDArray[np.bool_]) -> _Own:
    told = {
        name: stands[name].to_numpy(dtype=np.float64, na_value=np.nan)
        if name in stands
        else np.full(len(stands), _ELSE[name])
        for name in ("age_yr", *_LAW, *_ELSE)
    }
    a, k, p, b = (told[name] for name in (*_LAW, "scale"))
    first, last, age = told["first_age"], told["last_age"], told["age_yr"]
    lawful = (a > 0.0) & (k > 0.0) & (p > 0.0) & (b <= 1.0) & (b > 0.0)
    lawful &= np.isfinite(a) & np.isfinite(k) & np.isfinite(p)
    lawful &= (first >= 0.0) & (last > first) & (age >= 0.0) & np.isfinite(age) & ~undated
    values = np.column_stack(
        [
            np.where(lawful, a, np.nan),
            np.where(lawful, k, 1.0),
            np.where(lawful, p, 1.0),
            np.where(lawful, b, 1.0),
        ]
    )
    limits = np.column_stack([np.where(lawful, first, 0.0), np.where(lawful, last, np.inf)])
    return _Own(values, limits, np.where(lawful, age, 0.0), survey)


def _fill(own: _Own, runs: YearRuns, since: Floats, out: Floats, /, *span: int) -> None:
    _, low, high = span
    fill_richards(
        own.values[low:high],
        own.limits[low:high],
        own.age[low:high],
        own.survey[low:high],
        runs.first,
        runs.low,
        runs.high,
        runs.steady,
        since,
        out[low:high],
    )
