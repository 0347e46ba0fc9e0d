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

__all__ = ["Schedule", "issuances", "verification_dates", "verified_at"]

_KG_PER_T = 1000


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
    """

    start: date
    years: int
    application: date
    verifications: tuple[date, ...]
    lag_months: int = 6


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


def issuances(
    vintages: pd.DataFrame,
    verifications: Sequence[date],
    *,
    lag_months: int = 6,
    column: str = "credit_kg",
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
    kg = np.zeros(len(verifications), dtype=np.int64)
    covered = row >= 0
    np.add.at(kg, row[covered], vintages[column].to_numpy(dtype=np.int64)[covered])
    whole = np.maximum.accumulate(np.concatenate([[0], np.cumsum(kg) // _KG_PER_T]))
    labels = vintages["vintage"].to_numpy()
    issued = [add_months(verification, lag_months) for verification in verifications]
    return pd.DataFrame(
        {
            "verification_date": pd.DatetimeIndex(list(verifications)).as_unit("ns"),
            "issuance_date": pd.DatetimeIndex(issued).as_unit("ns"),
            "vintages": pd.array([_span(labels[row == i]) for i in range(len(kg))], dtype="string"),
            "credit_kg": kg,
            "issued_t": np.diff(whole).astype(np.int64),
        }
    )


def _span(years: NDArray[np.int64]) -> str:
    if not years.size:
        return ""
    first, last = int(years.min()), int(years.max())
    return str(first) if first == last else f"{first}-{last}"
