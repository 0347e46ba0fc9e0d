"""Repayment month by month, exact to the fen."""

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Final, Literal

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.periods import add_months
from ecogis.core.units import share
from ecogis.core.vocabulary import require
from ecogis.numerics import largest_remainder
from ecogis.valuation.money import Ints, exact

__all__ = ["REPAYMENTS", "Repayment", "repayment_schedule", "since"]

Repayment = Literal["equal_instalment", "equal_principal", "bullet", "by_vintage"]
REPAYMENTS: Final[tuple[Repayment, ...]] = (
    "equal_instalment", "equal_principal", "bullet", "by_vintage",
)  # fmt: skip
_Plan = Callable[[int, int, int], int]  # number, opening, interest: principal


def repayment_schedule(
    principal_fen: int,
    rate: float,
    start: dt.date,
    months: int,
    *,
    kind: Repayment,
    income: pd.DataFrame | None = None,
) -> pd.DataFrame:
    r"""Instalments of a loan with interest by the month at a twelfth of the yearly rate.

    .. math:: a = P \, i \, / \, (1 - (1 + i)^{-n})

    Interest and instalment are rounded to the fen, half to even; the last instalment clears the
    rest, so that the principal paid adds up to the principal exactly.

    Parameters
    ----------
    principal_fen : int
        Principal. [fen]
    rate : float
        Yearly rate. [1]
    start : date
        Day of drawing; instalments fall due monthly after it.
    months : int
        Number of instalments.
    kind : {"equal_instalment", "equal_principal", "bullet", "by_vintage"}
        Equal instalments; equal parts of the principal; interest monthly and the principal at the
        end; or the principal in parts as income comes in, each on the first instalment on or after
        the day of its income.
    income : DataFrame, optional
        For ``by_vintage``: ``date`` and ``net_fen`` [fen] of each income. What comes in after the
        last instalment, or before the day of drawing, does not count.

    Returns
    -------
    DataFrame, one row per instalment
        ``instalment``, ``date``, ``opening_fen``, ``interest_fen``, ``principal_fen``,
        ``payment_fen``, ``closing_fen``. [fen]

    Raises
    ------
    ConfigError
        E532: fewer than one month, a negative principal, an unknown kind, or no income within the
        term to follow.

    Examples
    --------
    >>> plan = repayment_schedule(1_200_000, 0.12, dt.date(2026, 8, 31), 2, kind="bullet")
    >>> plan["payment_fen"].tolist()
    [12000, 1212000]
    """
    if months < 1 or principal_fen < 0 or kind not in REPAYMENTS:
        value = f"{kind}, {months} months, {principal_fen} fen"
        raise ConfigError("E532", name="schedule", value=value, expected="1 month or more")
    monthly = exact(share(rate, "rate"), "rate") / 12
    dates = pd.DatetimeIndex([add_months(start, number) for number in range(1, months + 1)])
    coming = None if income is None else since(income, start)
    plan = _plan(kind, principal_fen, monthly, dates, coming)
    rows, opening = [], principal_fen
    for number, due in enumerate(dates):
        interest = _to_fen(opening * monthly)
        paid = min(max(plan(number, opening, interest), 0), opening)
        paid = opening if number == months - 1 else paid
        rows.append((number + 1, due, opening, interest, paid, interest + paid, opening - paid))
        opening -= paid
    names = ["instalment", "date", "opening_fen", "interest_fen", "principal_fen", "payment_fen"]
    return pd.DataFrame(rows, columns=[*names, "closing_fen"])


def since(flow: pd.DataFrame, start: dt.date | None) -> pd.DataFrame:
    """What comes in on a day or after it; all of it without one."""
    if start is None:
        return flow
    require(flow, ("date",), "flow")
    return flow[(pd.to_datetime(flow["date"]) >= pd.Timestamp(start)).to_numpy()]


def _plan(
    kind: Repayment,
    principal_fen: int,
    monthly: Decimal,
    dates: pd.DatetimeIndex,
    income: pd.DataFrame | None,
) -> _Plan:
    """How much principal an instalment pays; the last one clears what is left."""
    if kind == "bullet":
        return lambda *_: 0
    if kind == "equal_instalment":
        payment = _instalment(principal_fen, monthly, len(dates))
        return lambda _, __, interest: payment - interest
    parts = np.ones(len(dates), dtype=np.int64)
    if kind == "by_vintage":
        parts = _income_by_instalment(income, dates)
    split = largest_remainder(parts, principal_fen)
    return lambda number, *_: int(split[number])


def _income_by_instalment(income: pd.DataFrame | None, dates: pd.DatetimeIndex) -> Ints:
    """Income above nought that came in since the instalment before. [fen]"""
    came = np.zeros(len(dates), dtype=np.int64)
    if income is not None:
        require(income, ("date", "net_fen"), "income")
        at = dates.searchsorted(pd.DatetimeIndex(pd.to_datetime(income["date"])), side="left")
        net = np.maximum(income["net_fen"].to_numpy(dtype=np.int64), 0)
        np.add.at(came, at[at < len(dates)], net[at < len(dates)])
    if not came.any():
        expected = "income above nought within the term"
        raise ConfigError("E532", name="income", value="none", expected=expected)
    return came


def _instalment(principal_fen: int, monthly: Decimal, months: int) -> int:
    if not monthly:
        return _to_fen(Decimal(principal_fen) / months)
    with localcontext(prec=40):
        return _to_fen(principal_fen * monthly / (1 - (1 + monthly) ** -months))


def _to_fen(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_EVEN))
