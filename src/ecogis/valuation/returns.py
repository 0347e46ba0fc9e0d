"""Rates of return, duration and level payments of a series of amounts, dated or by period.

A series may have no internal rate or several: all of them are returned, none is chosen.
"""

import datetime as dt
import math

import numpy as np
import numpy.typing as npt
import pandas as pd
from numpy.typing import ArrayLike

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.units import share
from ecogis.valuation.discount import years_after

__all__ = [
    "duration",
    "internal_rates",
    "level_payment",
    "modified_rate",
    "net_present",
    "present_of_payments",
    "told_rates",
]

Floats = npt.NDArray[np.float64]
_WIDEST = math.log(1e6)  # rates from -99.9999 % to 100,000,000 % a year
_FLAT = 1e-12  # a turning point this near zero, against the sum of amounts, is a double root
_SAME = 1e-9  # roots nearer than this are one
_CHANGES = 200  # of sign, from which on a series is refused
_HALVINGS = 64  # of a stretch, until nothing changes any more


def internal_rates(amounts: ArrayLike, years: ArrayLike | None = None) -> tuple[float, ...]:
    r"""Every rate at which the amounts are worth nothing together.

    .. math:: \sum_k a_k (1 + r)^{-t_k} = 0

    The sum has at most as many roots as the amounts change sign. Between two roots of its
    derivative, which has one term fewer, it rises or falls throughout, so that all of them are
    found one step after another.

    Parameters
    ----------
    amounts : array (event)
        Paid in is negative, received positive, in any unit of money.
    years : array (event), optional
        Years from the first day to each amount, in any order; 0, 1, 2, … without. [yr]

    Returns
    -------
    tuple of float
        Rates by year, rising; empty where there is none from -99.9999 % to 100,000,000 %. [1]

    Raises
    ------
    ConfigError
        E532: amounts and years are not the same number, not finite, or change sign more than 200
        times.

    References
    ----------
    .. [1] G. J. O. Jameson, "Counting zeros of generalised polynomials: Descartes' rule of signs
       and Laguerre's extensions," Mathematical Gazette 90 (518), 2006.

    Examples
    --------
    Lent 100 for two years at a tenth, and a series with two rates.

    >>> [round(rate, 9) for rate in internal_rates([-100, 0, 121])]
    [0.1]
    >>> [round(rate, 9) for rate in internal_rates([-100, 230, -132])]
    [0.1, 0.2]
    """
    paid = np.asarray(amounts, dtype=np.float64)
    when = np.arange(paid.size, dtype=np.float64) if years is None else np.asarray(years, float)
    if paid.shape != when.shape or not (np.isfinite(paid).all() and np.isfinite(when).all()):
        what = f"{paid.shape}, {when.shape}"
        raise ConfigError("E532", name="amounts, years", value=what, expected="finite, one each")
    times, event = np.unique(when, return_inverse=True)
    sums = np.bincount(event, weights=paid, minlength=times.size)
    kept = sums != 0.0
    changes = int(np.count_nonzero(np.diff(np.sign(sums[kept]))))
    if changes > _CHANGES:
        expected = f"at most {_CHANGES} changes of sign"
        raise ConfigError("E532", name="amounts", value=changes, expected=expected)
    if not changes:
        return ()
    return tuple(sorted(float(rate) + 0.0 for rate in np.expm1(-_roots(sums[kept], times[kept]))))


def told_rates(flow: pd.DataFrame, findings: Findings, *, layer: str = "project") -> Floats:
    """Internal rates of a cash flow; none or several are told.

    Parameters
    ----------
    flow : DataFrame
        ``net_fen`` [fen] and ``years`` [yr] by event, as `cash_flow` gives it.
    findings : Findings
        Takes E860.
    layer : str
        What the finding names.

    Returns
    -------
    array (rate), float64
        All of them, rising. [1]

    Findings
    --------
    E860
        The cash flow has no internal rate, or several.
    """
    rates = internal_rates(flow["net_fen"].to_numpy(), flow["years"].to_numpy())
    if len(rates) != 1:
        listed = ", ".join(f"{rate:.4%}" for rate in rates)
        findings.add(
            "E860", layer=layer, column="net_fen", observed=listed or "-", count=len(rates)
        )
    return np.array(rates, dtype=np.float64)


def _roots(amounts: Floats, years: Floats) -> Floats:
    """Roots of ``sum a exp(x t)`` over the widest rates, rising; amounts not 0, by time.

    From the last derivative, which has one term, back to the sum itself.
    """
    found = np.zeros(0)
    levels = [(amounts / np.abs(amounts).max(), years)] if amounts.size else []
    while levels and levels[-1][0].size > 1:
        amount, when = levels[-1]
        slope = (amount * (when - when[0]))[1:]
        levels.append((slope / np.abs(slope).max(), when[1:] - when[0]))
    for amount, when in reversed(levels):
        found = _between(amount, when, found)
    return found


def _between(amounts: Floats, years: Floats, turns: Floats) -> Floats:
    """Roots of a sum that rises or falls throughout between its turning points."""
    ends = np.concatenate([[-_WIDEST], turns, [_WIDEST]])
    value = _sum(amounts, years, ends)
    scale = _sum(np.abs(amounts), years, ends)
    touched = np.abs(value) <= _FLAT * scale
    touched[[0, -1]] = False
    sign = np.where(touched, 0.0, np.sign(value))
    at = np.flatnonzero(sign[:-1] * sign[1:] < 0.0)
    low, high, below = ends[at], ends[at + 1], sign[at]
    for _ in range(_HALVINGS if at.size else 0):
        middle = 0.5 * (low + high)
        left = np.sign(_sum(amounts, years, middle)) == below
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    found = np.sort(np.concatenate([ends[touched], 0.5 * (low + high)]))
    return found[np.diff(found, prepend=-np.inf) > _SAME]


def _sum(amounts: Floats, years: Floats, x: Floats) -> Floats:
    """The sum, times a positive factor that keeps it from overflowing."""
    last = np.where(x > 0.0, years[-1], years[0])
    return np.asarray(np.exp(x[:, None] * (years - last[:, None])) @ amounts)


def net_present(rate: float, amounts: ArrayLike, years: ArrayLike | None = None) -> float:
    """Value today of amounts at 0, 1, 2, … years, or at the years given.

    >>> net_present(0.25, [-100, 125])
    0.0
    """
    paid = np.asarray(amounts, dtype=np.float64)
    when = np.arange(paid.size) if years is None else np.asarray(years, dtype=np.float64)
    base = 1.0 + share(rate, "rate")
    return math.fsum(float(a) * base ** -float(t) for a, t in zip(paid, when, strict=True))


def duration(flow: pd.DataFrame, date: dt.date) -> float:
    r"""Macaulay duration of what is received: mean time weighted by present value. [yr]

    .. math:: D = \sum_k t_k v_k / \sum_k v_k, \qquad v_k > 0

    Parameters
    ----------
    flow : DataFrame
        ``date`` and ``present_fen`` by event, as `cash_flow` gives it; costs do not enter.
    date : date
        Valuation date.

    Returns
    -------
    float
        Missing when nothing is received. [yr]

    Examples
    --------
    >>> dates = pd.to_datetime(["2027-08-31", "2029-08-30"])
    >>> duration(pd.DataFrame({"date": dates, "present_fen": [100, 100]}), dt.date(2026, 8, 31))
    2.0
    """
    worth = flow["present_fen"].to_numpy(dtype=np.float64)
    received = worth > 0.0
    if not received.any():
        return math.nan
    years = years_after(flow["date"], date)[received]
    return float((years * worth[received]).sum() / worth[received].sum())


def modified_rate(amounts: ArrayLike, finance_rate: float, reinvest_rate: float) -> float:
    r"""Rate of return with what is paid in financed, and what is received put by, at stated rates.

    .. math:: r = \left(\frac{FV(received)}{-PV(paid)}\right)^{1/n} - 1

    Missing when nothing is paid or nothing received.

    >>> round(modified_rate([-100, 0, 121], 0.05, 0.05), 12)
    0.1
    """
    flows = np.asarray(amounts, dtype=np.float64)
    last = flows.size - 1
    put_by = 1.0 + share(reinvest_rate, "reinvest_rate")
    future = math.fsum(a * put_by ** (last - k) for k, a in enumerate(flows.tolist()) if a > 0)
    paid = net_present(finance_rate, np.minimum(flows, 0.0))
    if future == 0.0 or paid == 0.0:
        return math.nan
    return float((future / -paid) ** (1.0 / last) - 1.0)


def level_payment(present: float, rate: float, periods: int) -> float:
    """Payment at the end of each period that repays an amount; the rate is by period.

    >>> level_payment(1000.0, 0.0, 4)
    250.0
    """
    return present / _annuity(rate, periods)


def present_of_payments(payment: float, rate: float, periods: int) -> float:
    """Value today of a payment at the end of each period; the rate is by period.

    >>> round(present_of_payments(550.0, 0.1, 2), 9)
    954.545454545
    """
    return payment * _annuity(rate, periods)


def _annuity(rate: float, periods: int) -> float:
    by_period = share(rate, "rate")
    if periods < 1:
        raise ConfigError("E532", name="periods", value=periods, expected=">= 1")
    if by_period == 0.0:
        return float(periods)
    return -math.expm1(-periods * math.log1p(by_period)) / by_period
