"""Stress tests: the same valuation with one thing going wrong, computed by the same functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.periods import add_months, day
from ecogis.core.units import share
from ecogis.core.vocabulary import require
from ecogis.valuation.money import exact, share_ppm

__all__ = ["Stress", "standard_stresses", "stress_table", "stressed"]

_PPM: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Stress:
    """One thing that goes wrong; what is not said stays as it is.

    Parameters
    ----------
    id, zh, en : str
        Name for machines and for people.
    because, confidence : str
        Where the figures come from, and how well they are known.
    price_change : float
        Change of every price, a share above -1. [1]
    delay_months : int
        Months every verification and issuance to come is late.
    lost_share : float
        Share of the tonnes to come that is lost. [1]
    from_day, until_day : date, optional
        Tonnes are lost only from, or kept only up to, this day of issuance.
    refused : bool
        No tonne is issued at all, while costs are paid.

    Raises
    ------
    ConfigError, UnitError
        A figure is out of range.
    """

    id: str
    zh: str
    en: str
    because: str
    confidence: str
    price_change: float = 0.0
    delay_months: int = 0
    lost_share: float = 0.0
    from_day: dt.date | None = None
    until_day: dt.date | None = None
    refused: bool = False

    def __post_init__(self) -> None:
        share(self.lost_share, "lost_share")
        if not -1.0 <= exact(self.price_change, "price_change") <= 1.0 or self.delay_months < 0:
            value = f"price_change {self.price_change}, delay {self.delay_months} months"
            expected = "a change from -1 to 1, a delay of 0 or more"
            raise ConfigError("E532", name=self.id, value=value, expected=expected)


def stressed(issuances: pd.DataFrame, case: Stress, date: dt.date) -> pd.DataFrame:
    """Issuances to come under a stress; those before the valuation date stay as they were.

    Whole tonnes: what is lost is rounded up over all tonnes to come together, so that many small
    issuances do not lose less than one large one.

    Parameters
    ----------
    issuances : DataFrame
        ``verification_date``, ``issuance_date``, ``issued_t`` [t CO2e].
    case : Stress
        What goes wrong.
    date : date
        Valuation date.

    Returns
    -------
    DataFrame
        The same rows, later and smaller; without those after the last day of a right that ends,
        since nobody verifies what is not issued.

    Examples
    --------
    >>> plan = pd.DataFrame(
    ...     {
    ...         "verification_date": pd.to_datetime(["2027-06-30", "2032-06-30"]),
    ...         "issuance_date": pd.to_datetime(["2027-12-31", "2032-12-31"]),
    ...         "issued_t": [101, 200],
    ...     }
    ... )
    >>> fire = Stress("fire", "火灾", "fire", "example", "assumed", lost_share=0.5)
    >>> stressed(plan, fire, dt.date(2026, 8, 31))["issued_t"].tolist()
    [50, 100]
    """
    require(issuances, ("verification_date", "issuance_date", "issued_t"), "issuances")
    coming = (pd.to_datetime(issuances["issuance_date"]) >= pd.Timestamp(date)).to_numpy()
    out = issuances.copy()
    for name in ("verification_date", "issuance_date"):
        moved = coming & (pd.to_datetime(out[name]) >= pd.Timestamp(date)).to_numpy()
        late = [add_months(day(when), case.delay_months) for when in out.loc[moved, name]]
        out.loc[moved, name] = pd.to_datetime(pd.Series(late, index=out.index[moved]))
    if case.until_day is not None:
        kept = ~coming | (pd.to_datetime(out["issuance_date"]) <= pd.Timestamp(case.until_day))
        out, coming = out[kept], coming[kept]
    tonnes = out["issued_t"].to_numpy(dtype=np.int64, copy=True)
    dates = pd.to_datetime(out["issuance_date"])
    if case.refused:
        tonnes[coming] = 0
    hit = coming if case.from_day is None else coming & (dates >= pd.Timestamp(case.from_day))
    order = np.flatnonzero(hit)[np.argsort(dates[hit].to_numpy(), kind="stable")]
    left = np.cumsum(tonnes[order]) * (_PPM - share_ppm(case.lost_share, case.id)) // _PPM
    tonnes[order] = np.diff(left, prepend=0)
    return out.assign(issued_t=tonnes)


def standard_stresses(
    *,
    fire_share: float,
    right_end: dt.date,
    because: str,
    price_change: float = -0.3,
    delay_months: int = 24,
) -> tuple[Stress, ...]:
    """The five stresses every report shows.

    Parameters
    ----------
    fire_share : float
        Share of the tonnes to come that a fire takes. [1]
    right_end : date
        Day the right is taken to end early.
    because : str
        Where the two come from.
    price_change, delay_months : float, int
        A policy: a fall, from -1 to 0, and a delay. [1, month]

    Returns
    -------
    tuple of Stress
        Price falls, issue delayed, fire, methodology refused, right ends early.
    """
    if price_change > 0.0:
        raise ConfigError("E532", name="price_change", value=price_change, expected="-1 to 0")
    fall, years = f"{-price_change:.0%}", f"{delay_months / 12:g}"
    named = (
        ("price", f"价格下跌 {fall}", f"prices fall by {fall}"),
        ("delay", f"签发推迟 {years} 年", f"issuance {years} years late"),
        ("fire", f"火灾损失 {fire_share:.0%}", f"fire takes {fire_share:.0%}"),
        ("refused", "方法学不获认可", "methodology refused"),
        ("right_ends", f"权利提前至 {right_end} 终止", f"right ends early, on {right_end}"),
    )
    price, delay, fire, refused, ends = (Stress(*name, because, "assumed") for name in named)
    return (
        replace(price, price_change=price_change),
        replace(delay, delay_months=delay_months),
        replace(fire, lost_share=fire_share),
        replace(refused, refused=True),
        replace(ends, until_day=right_end),
    )


def stress_table(
    issuances: pd.DataFrame,
    cases: Sequence[Stress],
    value_fen: Callable[[pd.DataFrame, float], int],
    date: dt.date,
) -> pd.DataFrame:
    """Value under each stress, beside the base.

    Parameters
    ----------
    issuances : DataFrame
        As `stressed`.
    cases : sequence of Stress
        What goes wrong, one at a time.
    value_fen : callable
        Value for issuances and a change of all prices, such as the cash flow's net present value.
        [fen]
    date : date
        Valuation date.

    Returns
    -------
    DataFrame
        ``case``, ``zh``, ``en``, ``value_fen``, ``difference_fen`` [fen], ``change`` [1],
        ``because``, ``confidence``; the first row is the base. ``change`` is the difference to the
        size of the base, so that a loss is below nought for a base below nought too.
    """
    base = value_fen(issuances, 0.0)
    rows = [("base", "基准", "base", base, 0, 0.0, "", "")]
    for case in cases:
        value = value_fen(stressed(issuances, case, date), case.price_change)
        change = (value - base) / abs(base) if base else float("nan")
        told = (case.because, case.confidence)
        rows.append((case.id, case.zh, case.en, value, value - base, change, *told))
    names = ["case", "zh", "en", "value_fen", "difference_fen", "change", "because", "confidence"]
    return pd.DataFrame(rows, columns=names)
