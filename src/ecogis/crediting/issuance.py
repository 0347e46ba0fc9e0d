"""When reductions are verified and issued, and how many whole tonnes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.periods import add_months, add_years

__all__ = [
    "Schedule",
    "issuable_kg",
    "issuances",
    "kept_kg",
    "lapsed",
    "verification_dates",
    "verified_at",
    "vintage_tonnes",
    "without_lapsed",
]

_KG_PER_T = 1000

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Days of a project.

    Parameters
    ----------
    start, years : date, int
        First day and length of the crediting period. [1, yr]
    application : date
        Day registration is applied for; for a project not yet registered, the valuation date.
    verifications : tuple of date
        Rising days, as `verification_dates` gives them.
    lag_months : int
        Months from verification to issuance; our assumption, to be set by the project.
    last_day : date, optional
        Last day of a project that ends before its crediting period.
    """

    start: date
    years: int
    application: date
    verifications: tuple[date, ...]
    lag_months: int = 6
    last_day: date | None = None


def verification_dates(
    start: date, years: int, *, every_years: int, not_before: date | None = None
) -> list[date]:
    """Verification every so many years from the start, and at the end of the crediting period.

    Parameters
    ----------
    start, years : date, int
        First day and length of the crediting period. [1, yr]
    every_years : int
        Years between verifications. [yr]
    not_before : date, optional
        No verification can happen sooner, such as before the project is registered; what would
        have been verified then is verified at the next one.

    Returns
    -------
    list of date

    Raises
    ------
    ConfigError
        Years are less than one.

    Examples
    --------
    >>> verification_dates(date(2020, 1, 1), 12, every_years=5)  # doctest: +NORMALIZE_WHITESPACE
    [datetime.date(2025, 1, 1), datetime.date(2030, 1, 1), datetime.date(2032, 1, 1)]
    """
    if every_years < 1 or years < 1:
        raise ConfigError("E379", what=f"every {every_years} of {years} years")
    dates = [add_years(start, gone) for gone in range(every_years, years, every_years)]
    dates.append(add_years(start, years))
    if not_before is None:
        return dates
    later = [d for d in dates if d >= not_before]
    return later or [max(not_before, dates[-1])]


def verified_at(ends: pd.Series, verifications: Sequence[date]) -> NDArray[np.int64]:
    """Row of the verification that covers each vintage: the first not before its end.

    -1 where the vintage ends after the last verification. A vintage is verified as a whole.
    """
    dates = pd.DatetimeIndex(list(verifications)).as_unit("ns")
    if not len(dates) or not dates.is_monotonic_increasing or not dates.is_unique:
        raise ConfigError("E379", what=", ".join(map(str, verifications)) or "-")
    row = dates.searchsorted(pd.DatetimeIndex(ends).as_unit("ns"), side="left").astype(np.int64)
    return np.where(row < len(dates), row, -1)


def lapsed(
    vintages: pd.DataFrame, verifications: Sequence[date], window_years: int | None
) -> NDArray[np.bool_]:
    """Whether a vintage began too long before the verification that covers it.

    Reductions must have arisen within so many years before the application to register them. That
    application is taken to be made on the day of verification, the earliest it can be. A policy.

    Parameters
    ----------
    vintages : DataFrame, one row per vintage
        ``start end``, datetime.
    verifications : sequence of date
        Rising days.
    window_years : int, optional
        Years before an application; without it nothing lapses. [yr]

    Returns
    -------
    array (vintage), bool

    Examples
    --------
    >>> years = {"start": ["2020-01-01", "2022-01-01"], "end": ["2021-01-01", "2023-01-01"]}
    >>> frame = pd.DataFrame({name: pd.to_datetime(days) for name, days in years.items()})
    >>> lapsed(frame, [date(2026, 6, 30)], 5).tolist()
    [True, False]
    """
    row = verified_at(vintages["end"], verifications)
    if window_years is None:
        return np.zeros(len(row), dtype=bool)
    since = [add_years(each, -window_years) for each in verifications]
    first = pd.DatetimeIndex([*since, date.min]).as_unit("s").to_numpy()[row]
    return np.asarray(pd.DatetimeIndex(vintages["start"]).as_unit("s").to_numpy() < first)


def without_lapsed(kg: Ints, late: NDArray[np.bool_]) -> Ints:
    """Kilograms (..., vintage) with what lapsed left out; a loss counts whenever it is verified."""
    return np.where(late & (kg > 0), 0, kg).astype(np.int64)


def vintage_tonnes(credit_kg: Ints, row: Ints) -> Ints:
    """Whole tonnes of each vintage: the floor of the cumulative sum less what was issued.

    What a vintage loses is made up before anything more is issued: by earlier vintages of the same
    verification, whose tonnes it lowers, then by later ones. Tonnes that were issued at a
    verification never change, and without losses those of no vintage do, however many years follow.

    Parameters
    ----------
    credit_kg : array (..., vintage), int64
        Reductions in order of time; draws may stand before the vintage. [kg CO2e]
    row : array (vintage), int64
        Verification of each vintage, as `verified_at` gives it; -1 is not verified.

    Returns
    -------
    array (..., vintage), int64
        Zero or more; a verification's vintages add up to what it issues. [t CO2e]

    Examples
    --------
    A loss in the second year of the first verification takes the first year's tonnes:

    >>> kg = np.array([4_500, -4_000, 2_700, 4_500])
    >>> vintage_tonnes(kg, np.array([0, 0, 1, 1])).tolist()
    [0, 0, 3, 4]
    """
    whole = _reached(credit_kg, row) // _KG_PER_T
    return np.where(row >= 0, np.diff(whole, axis=-1), 0).astype(np.int64)


def issuable_kg(credit_kg: Ints, row: Ints) -> Ints:
    """Kilograms of each vintage that a project can issue: what makes up a loss is left out.

    The kilograms behind `vintage_tonnes`, with the same arguments; vintages that are not verified
    yet count as one verification to come.

    Returns
    -------
    array (..., vintage), int64
        Zero or more, and never more than the vintage's reductions. [kg CO2e]

    Examples
    --------
    >>> issuable_kg(np.array([4_500, -4_000, 2_700, 4_500]), np.array([0, 0, 1, 1])).tolist()
    [500, 0, 2700, 4500]
    """
    return np.diff(_reached(credit_kg, row), axis=-1)


def kept_kg(credit_kg: Ints, row: Ints) -> Ints:
    """Cumulative kilograms (..., vintage), less the later losses of the same verification."""
    kept = np.cumsum(credit_kg, axis=-1, dtype=np.int64)
    for place in range(kept.shape[-1] - 2, -1, -1):
        if row[place] == row[place + 1]:
            kept[..., place] = np.minimum(kept[..., place], kept[..., place + 1])
    return kept


def _reached(credit_kg: Ints, row: Ints) -> Ints:
    """Highest cumulative kilograms (..., 1 + vintage) up to each vintage; nothing before them."""
    kept = kept_kg(credit_kg, row)
    none = np.zeros((*kept.shape[:-1], 1), dtype=np.int64)
    return np.maximum.accumulate(np.concatenate([none, kept], axis=-1), axis=-1)


def issuances(
    vintages: pd.DataFrame,
    verifications: Sequence[date],
    *,
    lag_months: int = 6,
    column: str = "credit_kg",
    window_years: int | None = None,
) -> pd.DataFrame:
    """Whole tonnes issued after each verification.

    Kilograms are summed over vintages first; issued is the floor of the cumulative sum less what
    was issued before, and never less than nothing. What is left under a tonne waits.

    Parameters
    ----------
    vintages : DataFrame, one row per vintage
        Columns ``vintage end`` and `column`, int64. [kg CO2e]
    verifications : sequence of date
        Rising days; a vintage is verified at the first one not before its end.
    lag_months : int
        Months from verification to issuance; our assumption, to be set by the project.
    column : str
        Column to issue, such as ``pledgeable_kg``.
    window_years : int, optional
        Reductions verified later than so many years after they began to arise lapse; `vintages`
        then has ``start`` too. [yr]

    Returns
    -------
    DataFrame, one row per verification
        ``verification_date issuance_date vintages credit_kg issued_t``; dates datetime64,
        `vintages` text such as ``2020-2024``, numbers int64. [kg CO2e, t CO2e]

    Raises
    ------
    ConfigError
        Verifications do not rise, or the lag is negative.

    Examples
    --------
    >>> years = pd.DataFrame({"vintage": [2024, 2025], "credit_kg": [1_600, 1_600]})
    >>> years["end"] = pd.to_datetime(["2025-01-01", "2026-01-01"])
    >>> issuances(years, [date(2025, 1, 1), date(2026, 1, 1)])["issued_t"].tolist()
    [1, 2]
    """
    if lag_months < 0:
        raise ConfigError("E379", what=f"lag of {lag_months} months")
    row = verified_at(vintages["end"], verifications)
    late = lapsed(vintages, verifications, window_years)
    credit = without_lapsed(vintages[column].to_numpy(dtype=np.int64), late)
    covered = row >= 0
    kg, tonnes = (np.zeros(len(verifications), dtype=np.int64) for _ in range(2))
    np.add.at(kg, row[covered], credit[covered])
    np.add.at(tonnes, row[covered], vintage_tonnes(credit, row)[covered])
    labels = vintages["vintage"].to_numpy()
    issued = [add_months(verification, lag_months) for verification in verifications]
    return pd.DataFrame(
        {
            "verification_date": pd.DatetimeIndex(list(verifications)).as_unit("ns"),
            "issuance_date": pd.DatetimeIndex(issued).as_unit("ns"),
            "vintages": pd.array([_span(labels[row == i]) for i in range(len(kg))], dtype="string"),
            "credit_kg": kg,
            "issued_t": tonnes,
        }
    )


def _span(years: NDArray[np.int64]) -> str:
    if not years.size:
        return ""
    first, last = int(years.min()), int(years.max())
    return str(first) if first == last else f"{first}-{last}"
