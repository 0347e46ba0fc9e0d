"""How far income covers a loan, date by date, and the largest loan it covers."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Literal

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.periods import add_months
from ecogis.core.vocabulary import require
from ecogis.valuation.discount import discount_factors, present_fen, years_after
from ecogis.valuation.money import Amount, Ints, exact, fen
from ecogis.valuation.repayment import Repayment, repayment_schedule, since

__all__ = ["cover_ratios", "income_cap"]


def cover_ratios(
    schedule: pd.DataFrame, flow: pd.DataFrame, *, rate: float, start: dt.date | None = None
) -> pd.DataFrame:
    r"""Cover of the debt service so far, and of the balance by what is still to come.

    .. math:: SC_t = \frac{\sum_{s \le t} I_s}{\sum_{s \le t} D_s}, \qquad
       LC_t = \frac{\sum_{s > t} I_s (1 + r)^{-(s - t)}}{B_t}

    Parameters
    ----------
    schedule : DataFrame
        Instalments, as `repayment_schedule` gives them. [fen]
    flow : DataFrame
        ``date`` and ``net_fen`` of every income and cost to come. [fen]
    rate : float
        Discount rate. [1]
    start : date, optional
        Day of drawing; what came in before it does not cover the loan.

    Returns
    -------
    DataFrame, one row per instalment
        ``date``; ``service_fen``, ``income_fen`` up to and with that day [fen]; ``service_cover``;
        ``balance_fen`` after the instalment, ``coming_fen`` present value on that day of what
        comes after it [fen]; ``life_cover``. A ratio over nothing is missing. [1]

    Examples
    --------
    100 due after a month, and after two; 150 come in in between.

    >>> plan = pd.DataFrame(
    ...     {
    ...         "date": pd.to_datetime(["2026-09-30", "2026-10-31"]),
    ...         "payment_fen": [100, 100],
    ...         "closing_fen": [100, 0],
    ...     }
    ... )
    >>> income = pd.DataFrame({"date": pd.to_datetime(["2026-10-15"]), "net_fen": [150]})
    >>> found = cover_ratios(plan, income, rate=0.0)
    >>> found["service_cover"].tolist(), found["life_cover"].tolist()
    ([0.0, 0.75], [1.5, nan])
    """
    require(schedule, ("date", "payment_fen", "closing_fen"), "schedule")
    require(flow, ("date", "net_fen"), "flow")
    due = pd.DatetimeIndex(pd.to_datetime(schedule["date"]))
    flow = since(flow, start)
    by_day = flow["net_fen"].astype("int64").groupby(pd.to_datetime(flow["date"])).sum()
    service = schedule["payment_fen"].cumsum().to_numpy(dtype=np.int64)
    balance = schedule["closing_fen"].to_numpy(dtype=np.int64)
    coming = np.array([_coming(by_day, day.date(), rate) for day in due], dtype=np.int64)
    received = _income(flow, due)
    return pd.DataFrame(
        {
            "date": due,
            "service_fen": service,
            "income_fen": received,
            "service_cover": _ratio(received, service),
            "balance_fen": balance,
            "coming_fen": coming,
            "life_cover": _ratio(coming, balance),
        }
    )


def income_cap(
    flow: pd.DataFrame,
    *,
    least_cover: Amount,
    rate: float,
    start: dt.date,
    months: int,
    kind: Repayment,
    at: Literal["every_date", "maturity"] = "every_date",
    other_income_cny_yr: Amount = 0,
    step_cny: int = 1000,
) -> int:
    r"""The largest principal whose debt service the income covers. [fen]

    .. math:: \max P : \sum_{s \le t} (I_s + O_s) \ge c \sum_{s \le t} D_s(P)

    found by halving over whole steps: the service rises with the principal.

    Parameters
    ----------
    flow : DataFrame
        ``date`` and ``net_fen`` [fen] by event, as `cash_flow` gives it.
    least_cover : number
        Cover `c` asked for, above 0. [1]
    rate : float
        Yearly rate of the loan. [1]
    start : date
        Day of drawing.
    months : int
        Number of instalments; no loan without one.
    kind : str
        Repayment, as `repayment_schedule`.
    at : {"every_date", "maturity"}
        Whether the sums up to every instalment are covered, or those up to the last. A policy.
    other_income_cny_yr : number
        What the borrower has beside for the service, by month a twelfth. [CNY yr-1]
    step_cny : int
        The principal is a multiple of this. A policy. [CNY]

    Returns
    -------
    int
        0 where no principal is covered. [fen]

    Raises
    ------
    ConfigError
        E532: a cover not above 0, or other income below 0.

    Examples
    --------
    An income of 3,000 on the day a bullet without interest is due, to be covered 1.5 times.

    >>> flow = pd.DataFrame({"date": pd.to_datetime(["2027-02-28"]), "net_fen": [300_000]})
    >>> income_cap(
    ...     flow,
    ...     least_cover="1.5",
    ...     rate=0.0,
    ...     start=dt.date(2026, 8, 31),
    ...     months=6,
    ...     kind="bullet",
    ... )
    200000
    """
    least, other = Fraction(exact(least_cover, "least_cover")), fen(other_income_cny_yr)
    if least <= 0 or other < 0:
        value = f"{least_cover}, {other_income_cny_yr}"
        raise ConfigError("E532", name="least_cover, other_income", value=value, expected="above 0")
    dates = pd.DatetimeIndex([add_months(start, month) for month in range(1, months + 1)])
    flow = since(flow, start)
    if not months or not _comes_in(flow, dates[-1], kind):
        return 0
    beside = other * np.arange(1, months + 1, dtype=np.int64) // 12
    income = [int(amount) for amount in _income(flow, dates) + beside]
    last = slice(-1, None) if at == "maturity" else slice(None)

    def covered(steps: int) -> bool:
        principal = steps * fen(step_cny)
        plan = repayment_schedule(principal, rate, start, months, kind=kind, income=flow)
        service = [int(amount) for amount in plan["payment_fen"].cumsum()]
        return all(
            have >= least * due for have, due in zip(income[last], service[last], strict=True)
        )

    low, high = 0, max(int(Fraction(income[-1], fen(step_cny)) / least), 0) + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if covered(middle) else (low, middle)
    return low * fen(step_cny)


def _comes_in(flow: pd.DataFrame, last: pd.Timestamp, kind: Repayment) -> bool:
    """Whether there is what the repayment follows; only one kind follows the income."""
    due = pd.to_datetime(flow["date"]) <= last
    return kind != "by_vintage" or bool((flow.loc[due, "net_fen"] > 0).any())


def _income(flow: pd.DataFrame, due: pd.DatetimeIndex) -> Ints:
    """Net income up to each day. [fen]"""
    by_day = flow["net_fen"].astype("int64").groupby(pd.to_datetime(flow["date"])).sum()
    so_far = by_day.cumsum().reindex(by_day.index.union(due)).ffill().fillna(0).reindex(due)
    return np.asarray(so_far.to_numpy(), dtype=np.int64)


def _coming(by_day: pd.Series, date: dt.date, rate: float) -> int:
    later = by_day[by_day.index > pd.Timestamp(date)]
    factors = discount_factors(years_after(pd.Series(later.index), date), rate)
    return int(present_fen(later.to_numpy(dtype=np.int64), factors).sum())


def _ratio(top: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.asarray(np.divide(top, below, out=np.full(len(top), np.nan), where=below > 0))
