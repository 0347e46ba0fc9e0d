"""Other approaches beside the income approach: to compare with it, never to add to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.units import share
from ecogis.core.vocabulary import require
from ecogis.valuation.discount import discount_factors, present_fen, years_after
from ecogis.valuation.money import exact

__all__ = ["APPROACHES", "CrossCheck", "cross_checks", "development_cost", "worth_at_price"]

APPROACHES: Final = {
    "income": ("收益法(净现值)", "income approach (net present value)"),
    "market": ("市场法:已签发减排量成交价", "market approach: lots of issued reductions"),
    "market_right": ("市场法:预期收益权成交价", "market approach: rights to reductions"),
    "cost": ("成本法:已投入的开发成本及其收益", "cost approach: cost so far, with return"),
    "option": ("收益法加等待期权", "income approach with the option to wait"),
    "forest": ("林木资产(另一项资产)", "standing trees (another asset)"),
    "vep": (
        "特定地域单元生态产品价值(另一项资产)",
        "ecosystem products of the land unit (another asset)",
    ),
}
"""Approaches in the order they are shown, in Chinese and English."""

_OTHER_ASSETS: Final = frozenset({"forest", "vep"})


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """A value by one approach, with where it comes from.

    Parameters
    ----------
    method : str
        Key of `APPROACHES`.
    value_fen : int
        Value. [fen]
    zh, en : str
        Source, in Chinese and English.
    confidence : str
        The weakest mark of its figures.

    Raises
    ------
    ConfigError
        E002: another method.
    """

    method: str
    value_fen: int
    zh: str
    en: str
    confidence: str

    def __post_init__(self) -> None:
        if self.method not in APPROACHES:
            raise ConfigError("E002", value=self.method, expected=", ".join(APPROACHES))


def cross_checks(income: CrossCheck, others: Sequence[CrossCheck]) -> pd.DataFrame:
    """Each approach beside the income approach.

    Standing trees, and the products of the land's ecosystems, are other assets than the right to
    the carbon's income: their value has no difference from it, and none is added to another.

    Parameters
    ----------
    income : CrossCheck
        The income approach, the first row.
    others : sequence of CrossCheck
        The others, in any order.

    Returns
    -------
    DataFrame, one row per approach
        ``method``, ``zh``, ``en``, ``value_fen``, ``difference_fen`` [fen], ``change`` [1],
        ``because``, ``because_en``, ``confidence``.

    Examples
    --------
    >>> base = CrossCheck("income", 1000, "现金流", "cash flow", "assumed")
    >>> found = cross_checks(base, [CrossCheck("cost", 900, "账簿", "books", "quoted")])
    >>> found[["method", "difference_fen", "change"]].to_numpy().tolist()
    [['income', 0, 0.0], ['cost', -100, -0.1]]
    """
    order = list(APPROACHES)
    rows = []
    for each in (income, *sorted(others, key=lambda entry: order.index(entry.method))):
        alike = each.method not in _OTHER_ASSETS
        gap = each.value_fen - income.value_fen if alike else None
        change = None if gap is None or not income.value_fen else gap / abs(income.value_fen)
        told = (gap, change, each.zh, each.en, each.confidence)
        rows.append((each.method, *APPROACHES[each.method], each.value_fen, *told))
    names = ["method", "zh", "en", "value_fen", "difference_fen", "change"]
    table = pd.DataFrame(rows, columns=[*names, "because", "because_en", "confidence"])
    return table.astype({"value_fen": "int64", "difference_fen": "Int64", "change": "float64"})


def worth_at_price(flow: pd.DataFrame, price_cny_t: float) -> int:
    """Value of a cash flow when every tonne sells at one price, all else as it is. [fen]

    What lots of issued reductions have fetched says what a tonne is worth on the day it is issued:
    the tonnes to come are discounted, and the costs of having them issued stay.

    Parameters
    ----------
    flow : DataFrame
        As `cash_flow` gives it.
    price_cny_t : float
        Price of a tonne, above 0. [CNY t-1]

    Raises
    ------
    ConfigError
        E532: the price is not above 0.

    Examples
    --------
    Income of 100 at a price of 50 is 80 at 40; the cost of 30 stays.

    >>> flow = pd.DataFrame(
    ...     {
    ...         "kind": ["issuance", "cost"],
    ...         "price_cny_t": [50.0, 0.0],
    ...         "present_fen": [10_000, -3_000],
    ...     }
    ... )
    >>> worth_at_price(flow, 40.0)
    5000
    """
    require(flow, ("kind", "price_cny_t", "present_fen"), "flow")
    if exact(price_cny_t, "price_cny_t") <= 0:
        raise ConfigError("E532", name="price_cny_t", value=price_cny_t, expected="above 0")
    sold = flow["kind"].eq("issuance").to_numpy()
    present = flow["present_fen"].to_numpy(dtype=np.int64)
    times = price_cny_t / flow.loc[sold, "price_cny_t"].to_numpy(dtype=np.float64)
    return int(present_fen(present[sold], times).sum() + present[~sold].sum())


def development_cost(spent: pd.DataFrame, rate: float, date: dt.date) -> int:
    r"""What development has cost up to a day, with its return. [fen]

    .. math:: E = \sum_i C_i (1 + P)^{t_i}

    Parameters
    ----------
    spent : DataFrame, one row per payment
        ``date``, ``cost_fen`` [fen].
    rate : float
        Return of the investment, a year. [1]
    date : date
        Valuation date; nothing is spent after it. Years are actual days over 365.

    Raises
    ------
    ConfigError
        E532: a payment after the valuation date, or below 0.

    References
    ----------
    .. [1] Replacement cost with return, as for young stands: Journal of Natural Resources 2023,
       table 4.

    Examples
    --------
    1,000 two years ago and 500 a year ago, at a tenth: 1,210 + 550.

    >>> paid = pd.DataFrame(
    ...     {
    ...         "date": pd.to_datetime(["2024-08-31", "2025-08-31"]),
    ...         "cost_fen": [100_000, 50_000],
    ...     }
    ... )
    >>> development_cost(paid, 0.1, dt.date(2026, 8, 31))
    176000
    """
    require(spent, ("date", "cost_fen"), "spent")
    years = -years_after(spent["date"], date)
    cost = spent["cost_fen"].to_numpy(dtype=np.int64)
    if (years < 0).any() or (cost < 0).any():
        value = f"{spent['date'].max():%Y-%m-%d}"
        raise ConfigError("E532", name="spent", value=value, expected=f"0 or more, up to {date}")
    return int(present_fen(cost, 1.0 / discount_factors(years, share(rate, "rate"))).sum())
