"""What land gains where a methodology counts area times a yearly rate."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ecogis.core.findings import Findings
from ecogis.core.periods import years_between
from ecogis.core.vocabulary import require
from ecogis.crediting.lines import RATE, rate_keys
from ecogis.methods import Methodology, ParameterSet
from ecogis.numerics import quantise

__all__ = ["area_stocks"]

Floats = NDArray[np.float64]
Key = tuple[str, ...]

_AGE: Final = "age_yr"
_HA_PER_DM2: Final = 1e-6
_T_PER_KG: Final = 0.001


def area_stocks(
    stands: pd.DataFrame,
    methodology: Methodology,
    numbers: ParameterSet,
    *,
    instants: Sequence[dt.date],
    start: dt.date,
    date: dt.date,
    findings: Findings,
) -> xr.DataArray:
    r"""What each stand has gained since the crediting period began, by area and rate.

    .. math:: G_s(t) = A_s \sum_r \int_{t_0}^{t} q_r(c_s)\,d\tau

    with area :math:`A`, the methodology's rates :math:`q_r` added, and :math:`c` the stand's class.
    A stand gains nothing in the years before it was planted, where that year is on record. Rates by
    ``age_yr`` hold from the lower age of their band on; the age counts from the planting year.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        ``stand area_dm2``, the columns the rates are looked up by, and ``planting_year`` where
        rates go by age. [1, 0.01 m2, 1, calendar year]
    methodology : Methodology
        Names the rates (``removal.parameters``).
    numbers : ParameterSet
        Holds them, as `ecogis.methods.supplied_numbers` gives it. [t CO2e ha-1 yr-1]
    instants : sequence of date
        Days wanted, rising.
    start : date
        First day of the crediting period.
    date : date
        Day the rates must be in force.
    findings : Findings
        Grows by the finding below.

    Returns
    -------
    DataArray (stand, instant), int64
        Gained since `start`, nothing before it; rounded once for a stand and instant. The
        coordinate ``rated`` (stand) says whether the stand has every rate it needs. [kg CO2e]

    Raises
    ------
    VocabularyError
        A column the rates are looked up by is not there.

    Findings
    --------
    E702
        A stand's class, or its age in a year of its growth, has no value of one of the rates; the
        stand gains nothing at all.

    Examples
    --------
    >>> from datetime import date as day
    >>> from ecogis.methods import Given, methodology, supplied_numbers
    >>> used = methodology("CCER-14-003-V01")
    >>> rate = {"unit": "t CO2e ha-1 yr-1", "source": "plots", "because": "measured"}
    >>> given = Given(value=5.0, confidence="quoted", **rate)
    >>> share = Given(value=0.1, unit="1", source="text", because="read", confidence="quoted")
    >>> asked = {
    ...     name: given if each.unit == RATE else share for name, each in used.supplied.items()
    ... }
    >>> numbers = supplied_numbers(used, asked)
    >>> gained = area_stocks(
    ...     pd.DataFrame({"stand": ["A"], "area_dm2": [2_000_000]}),
    ...     used,
    ...     numbers,
    ...     instants=[day(2026, 1, 1), day(2027, 1, 1)],
    ...     start=day(2026, 1, 1),
    ...     date=day(2026, 8, 31),
    ...     findings=Findings(),
    ... )
    >>> gained.to_numpy().tolist()  # 2 ha at the sum of the rates
    [[0, 10000]]
    """
    require(stands, ("stand", "area_dm2"), "stands")
    new_years = {dt.date(year, 1, 1) for year in range(start.year + 1, instants[-1].year + 1)}
    days = sorted({*instants, *new_years, start})
    spans = [(a, b) for a, b in pairwise(days) if a >= start]
    grown = _grown(stands, [a.year for a, _ in spans])
    hectares = stands["area_dm2"].to_numpy(dtype=np.float64) * _HA_PER_DM2
    yearly = np.zeros((len(stands), len(spans)), dtype=np.float64)
    rated = np.ones(len(stands), dtype=bool)
    for name in methodology.removal.parameters:
        rates = _rates(stands, name, numbers, date, [a.year for a, _ in spans])
        missing: NDArray[np.bool_] = np.any(np.isnan(rates) & grown, axis=1)
        _tell(stands, name, numbers, missing, findings)
        rated &= ~missing
        yearly += np.nan_to_num(rates)
    years = np.array([years_between(a, b) for a, b in spans], dtype=np.float64)
    sums = np.cumsum(yearly * (grown & rated[:, None]) * years[None, :], axis=1)
    before = len(days) - len(spans)
    tonnes = np.hstack([np.zeros((len(stands), before)), sums * hectares[:, None]])
    kept = [days.index(each) for each in instants]
    return xr.DataArray(
        quantise(tonnes[:, kept], _T_PER_KG),
        coords={
            "stand": stands["stand"].to_numpy(dtype=object),
            "instant": pd.DatetimeIndex(list(instants)).as_unit("ns"),
            "rated": ("stand", rated),
        },
        dims=("stand", "instant"),
        name="co2e_kg",
        attrs={"units": "kg CO2e"},
    )


def _grown(stands: pd.DataFrame, years: list[int]) -> NDArray[np.bool_]:
    """Whether a stand (row) is planted by a year (column); yes where its year is not on record."""
    if "planting_year" not in stands:
        return np.ones((len(stands), len(years)), dtype=bool)
    planted = stands["planting_year"].astype("Int64").fillna(0).to_numpy(dtype=np.int64)
    return np.asarray(np.array(years, dtype=np.int64)[None, :] >= planted[:, None])


def _rates(
    stands: pd.DataFrame, name: str, numbers: ParameterSet, date: dt.date, years: list[int]
) -> Floats:
    """Rate of each stand and year; missing where its class has none. [t CO2e ha-1 yr-1]"""
    columns = numbers.parameter(name).keys
    if not columns:
        return np.full((len(stands), len(years)), numbers.value(name, date, RATE))
    require(stands, [each for each in columns if each != _AGE], "stands")
    rates = _Rates(name, numbers, date, columns)
    others = [each for each in columns if each != _AGE]
    classes = rate_keys(stands, others) if others else [()] * len(stands)
    if _AGE not in columns:
        by_class = np.array([rates.at(key) for key in classes], dtype=np.float64)
        return np.repeat(by_class[:, None], len(years), axis=1)
    require(stands, ("planting_year",), "stands")
    planted = stands["planting_year"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    rows = zip(classes, planted.tolist(), strict=True)
    return np.array(
        [[rates.at_age(key, year - first) for year in years] for key, first in rows],
        dtype=np.float64,
    ).reshape(len(stands), len(years))


class _Rates:
    """One table of rates: by class, or by class and age band; missing where there is none."""

    def __init__(
        self, name: str, numbers: ParameterSet, date: dt.date, columns: Sequence[str]
    ) -> None:
        self._name, self._numbers, self._date = name, numbers, date
        self._place = columns.index(_AGE) if _AGE in columns else None
        self._known: dict[Key, float | None] = dict.fromkeys(map(_parts, numbers.keys(name)))
        self._bands: dict[Key, list[float]] = {}
        if self._place is not None:
            for key in self._known:
                self._bands.setdefault(self._class(key), []).append(float(key[self._place]))

    def at(self, key: Key | None) -> float:
        """Rate of a whole key. [t CO2e ha-1 yr-1]"""
        if key is None or key not in self._known:
            return np.nan
        found = self._known[key]
        if found is None:
            found = self._numbers.value(self._name, self._date, RATE, key=key)
            self._known[key] = found
        return found

    def at_age(self, key: Key | None, age: float) -> float:
        """Rate of a class at an age: that of the highest band not above it. [t CO2e ha-1 yr-1]"""
        lower = [band for band in self._bands.get(key or (), ()) if band <= max(age, 0.0)]
        if key is None or math.isnan(age) or not lower:
            return np.nan
        whole = next(
            each
            for each in self._known
            if self._class(each) == key and float(each[self._place or 0]) == max(lower)
        )
        return self.at(whole)

    def _class(self, key: Key) -> Key:
        return tuple(part for place, part in enumerate(key) if place != self._place)


def _parts(key: str | Key) -> Key:
    return key if isinstance(key, tuple) else (key,)


def _tell(
    stands: pd.DataFrame,
    name: str,
    numbers: ParameterSet,
    missing: NDArray[np.bool_],
    findings: Findings,
) -> None:
    if not missing.any():
        return
    columns = [each for each in numbers.parameter(name).keys if each in stands]
    seen = ["/".join(key or ("—",)) for key in rate_keys(stands, columns)] if columns else name
    findings.add(
        "E702",
        layer="stands",
        where=missing,
        feature=stands["stand"],
        column=columns[0] if columns else "planting_year",
        observed=seen,
        area_ha=stands["area_dm2"].to_numpy(dtype=np.float64) * _HA_PER_DM2,
        name=name,
    )
