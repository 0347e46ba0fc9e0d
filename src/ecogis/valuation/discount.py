"""Discounting: the rate as a sum of named parts, and values at the valuation date."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.units import share
from ecogis.core.vocabulary import require
from ecogis.methods.confidence import weakest
from ecogis.numerics import quantise
from ecogis.valuation.money import Ints, exact

__all__ = [
    "TIMINGS",
    "DiscountRate",
    "Timing",
    "discount_factors",
    "discount_rate",
    "present_fen",
    "years_after",
]

Timing = Literal["dated", "mid_year", "year_end"]
TIMINGS: Final[tuple[Timing, ...]] = ("dated", "mid_year", "year_end")

_DAYS_PER_YEAR = 365  # the convention "actual/365"; not a measured length
_PARTS = ("component", "low", "mid", "high", "confidence")


@dataclass(frozen=True, slots=True)
class DiscountRate:
    """A yearly rate with its span, its parts and the weakest confidence among them."""

    rate: float
    low: float
    high: float
    parts: pd.DataFrame
    confidence: str

    def simulated(self, risks: Mapping[str, str]) -> "DiscountRate":
        """The rate of a run that simulates risks: their components are 0, not counted twice.

        Parameters
        ----------
        risks : mapping of str to str
            Component to the risk that is simulated in its place. A component the build-up does
            not have is already 0.

        Returns
        -------
        DiscountRate
            With a column ``simulated`` naming the risk, empty where there is none.

        Examples
        --------
        >>> parts = pd.DataFrame(
        ...     {
        ...         "component": ["risk free", "hazard"],
        ...         "low": [0.02, 0.0],
        ...         "mid": [0.02, 0.01],
        ...         "high": [0.03, 0.02],
        ...         "confidence": "assumed",
        ...     }
        ... )
        >>> discount_rate(parts).simulated({"hazard": "fire"}).rate
        0.02
        """
        found = [risks.get(name, "") for name in self.parts["component"]]
        named = pd.Series(found, index=self.parts.index, dtype="object")
        kept = {name: self.parts[name].where(named.eq(""), 0.0) for name in ("low", "mid", "high")}
        return discount_rate(self.parts.assign(**kept, simulated=named))

    def at(self, level: Literal["low", "mid", "high"]) -> float:
        """The rate at a level of the build-up. [1]"""
        rates = {"low": self.low, "mid": self.rate, "high": self.high}
        if level not in rates:
            raise ConfigError("E002", value=level, expected=", ".join(rates))
        return rates[level]


def discount_rate(components: pd.DataFrame) -> DiscountRate:
    """Build-up of the discount rate: the sum of its components.

    .. math:: r = r_f + r_{ind} + r_{pol} + r_{liq} + r_{nat}

    Parameters
    ----------
    components : DataFrame, one row per component
        ``component``, ``low``, ``mid``, ``high`` [1], ``confidence``; other columns pass through.

    Returns
    -------
    DiscountRate
        Sums of the three columns, exact to the decimals stated. [1]

    Raises
    ------
    ConfigError
        When there is no component or its three values do not rise.
    UnitError
        When a component is not a share.

    Examples
    --------
    >>> parts = pd.DataFrame(
    ...     {
    ...         "component": ["risk free", "industry"],
    ...         "low": [0.017, 0.02],
    ...         "mid": [0.02, 0.03],
    ...         "high": [0.026, 0.04],
    ...         "confidence": ["quoted", "assumed"],
    ...     }
    ... )
    >>> found = discount_rate(parts)
    >>> found.rate, found.low, found.high, found.confidence
    (0.05, 0.037, 0.066, 'assumed')
    """
    require(components, _PARTS, "discount rate")
    if components.empty:
        raise ConfigError("E534", component="", what="no component")
    spans = components[["low", "mid", "high"]].astype("float64").to_numpy().tolist()
    for name, span in zip(components["component"].astype(str), spans, strict=True):
        for value in span:
            share(value, name)
        if span != sorted(span):
            raise ConfigError("E534", component=name, what=f"{span}")
    low, mid, high = (_sum(components[column]) for column in ("low", "mid", "high"))
    marks = components["confidence"].astype(str).tolist()
    return DiscountRate(mid, low, high, components.reset_index(drop=True), weakest(marks))


def _sum(column: pd.Series) -> float:
    return float(sum((exact(value, "component") for value in column), Decimal(0)))


def years_after(
    dates: pd.Series, date: dt.date, timing: Timing = "dated"
) -> npt.NDArray[np.float64]:
    """Years from the valuation date to each date, by a named convention. [yr]

    Parameters
    ----------
    dates : Series of datetime64
        Days of the amounts.
    date : date
        Valuation date.
    timing : {"dated", "mid_year", "year_end"}
        ``dated``: actual days over 365, below 0 before the valuation date. The others place what
        falls in the k-th year after the valuation date, anniversary included, at ``k - 0.5`` or
        at ``k``; the valuation date itself is 0.

    Returns
    -------
    array (date), float64
        [yr]

    Raises
    ------
    ConfigError
        E002: another convention.

    Examples
    --------
    >>> days = pd.Series(["2026-08-31", "2027-02-28", "2027-08-31", "2027-09-01"])
    >>> years_after(days, dt.date(2026, 8, 31), "mid_year")
    array([0. , 0.5, 0.5, 1.5])
    >>> years_after(days.iloc[[0, 2]], dt.date(2026, 8, 31))
    array([0., 1.])
    """
    if timing not in TIMINGS:
        raise ConfigError("E002", value=timing, expected=", ".join(TIMINGS))
    when, start = pd.DatetimeIndex(pd.to_datetime(dates)), pd.Timestamp(date)
    if timing == "dated":
        return (when - start).days.to_numpy(dtype=np.float64) / _DAYS_PER_YEAR
    whole = (when.year - start.year).to_numpy()
    reached = [start + pd.DateOffset(years=int(years)) for years in whole]
    passed = whole + (when > pd.DatetimeIndex(reached))
    late = np.sign(passed) * 0.5 if timing == "mid_year" else 0.0
    return np.asarray(passed - late, dtype=np.float64)


def discount_factors(years: npt.NDArray[np.float64], rate: float) -> npt.NDArray[np.float64]:
    r"""Value at the valuation date of one yuan received later.

    .. math:: d(t) = (1 + r)^{-t}

    Examples
    --------
    >>> discount_factors(np.array([0.0, 1.0]), 0.25)
    array([1. , 0.8])
    """
    base = 1.0 + share(rate, "discount_rate")
    return np.array([math.pow(base, -year) for year in years], dtype=np.float64)


def present_fen(net_fen: Ints, factors: npt.NDArray[np.float64]) -> Ints:
    """Each amount at the valuation date, rounded to the fen, half to even. [fen]

    Rounded before it is added to anything, so that totals are exact sums of their rows.

    >>> present_fen(np.array([1000, 3]), np.array([0.8, 0.5]))
    array([800,   2])
    """
    return quantise(net_fen * factors, 1.0)
