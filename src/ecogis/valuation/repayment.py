"""Repayment month by month, exact to the fen."""

import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Literal

import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.periods import add_months
from ecogis.core.units import share
from ecogis.valuation.money import exact

__all__ = ["repayment_schedule"]


def repayment_schedule(
    principal_fen: int,
    rate: float,
    start: dt.date,
    months: int,
    *,
    kind: Literal["equal_instalment", "bullet"],
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
    kind : {"equal_instalment", "bullet"}
        Equal instalments, or interest monthly and the principal at the end.

    Returns
    -------
    DataFrame, one row per instalment
        ``instalment``, ``date``, ``opening_fen``, ``interest_fen``, ``principal_fen``,
        ``payment_fen``, ``closing_fen``. [fen]

    Raises
    ------
    ConfigError
        E532: fewer than one month, a negative principal or an unknown kind.

    Examples
    --------
    >>> plan = repayment_schedule(1_200_000, 0.12, dt.date(2026, 8, 31), 2, kind="bullet")
    >>> plan["payment_fen"].tolist()
    [12000, 1212000]
    """
    if months < 1 or principal_fen < 0 or kind not in {"equal_instalment", "bullet"}:
        value = f"{kind}, {months} months, {principal_fen} fen"
        raise ConfigError("E532", name="schedule", value=value, expected="1 month or more")
    monthly = exact(share(rate, "rate"), "rate") / 12
    payment = _instalment(principal_fen, monthly, months) if kind == "equal_instalment" else None
    rows, opening = [], principal_fen
    for number in range(1, months + 1):
        interest = _to_fen(opening * monthly)
        paid = 0 if payment is None else min(payment - interest, opening)
        paid = opening if number == months else paid
        due = pd.Timestamp(add_months(start, number))
        rows.append((number, due, opening, interest, paid, interest + paid, opening - paid))
        opening -= paid
    names = ["instalment", "date", "opening_fen", "interest_fen", "principal_fen", "payment_fen"]
    return pd.DataFrame(rows, columns=[*names, "closing_fen"])


def _instalment(principal_fen: int, monthly: Decimal, months: int) -> int:
    if not monthly:
        return _to_fen(Decimal(principal_fen) / months)
    with localcontext(prec=40):
        return _to_fen(principal_fen * monthly / (1 - (1 + monthly) ** -months))


def _to_fen(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_EVEN))
