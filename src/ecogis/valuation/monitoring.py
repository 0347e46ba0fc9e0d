"""After the loan: what has happened to each loan of a book, and what the policy says to do.

What is not known is a row of its own: a loan nobody looked at is not a sound loan.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.units import share
from ecogis.core.vocabulary import require
from ecogis.valuation.money import exact

__all__ = ["ACTIONS", "TRIGGERS", "WatchPolicy", "watch_list"]

ACTIONS: Final = {
    "margin_call": ("补充质押或部分还款", "more collateral, or part repayment"),
    "more_collateral": ("补充质押物", "more collateral"),
    "early_repayment": ("提前还款", "early repayment"),
    "review": ("重新评估", "revaluation"),
    "supply": ("补充资料", "supply what is missing"),
}
"""What a policy may ask for, in Chinese and English."""

TRIGGERS: Final = {
    "cover": ("质押价值覆盖率低于下限", "pledge value covers too little of the balance"),
    "price": ("价格下跌超过限度", "the price has fallen too far"),
    "area": ("可计入面积减少超过限度", "too much of the area is lost"),
    "hazard": ("灾害损失超过限度", "a hazard took too much"),
    "title": ("权属发生变化", "something happened to the title"),
    "verification": ("核查逾期", "verification is overdue"),
}
"""What is looked at, in Chinese and English."""

_COLUMNS: Final = (
    "loan", "balance_fen", "pledge_value_fen", "price_before_cny_t", "price_cny_t",
    "area_before_dm2", "area_dm2", "hazard_share", "title_event", "verification_due",
    "verified_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WatchPolicy:
    """Limits of a lender, and what each asks for. All are a policy of the lender.

    Parameters
    ----------
    because, confidence : str
        Where the limits come from, and how well they are known.
    least_cover : float
        Pledge value over balance. [1]
    price_fall, area_lost, hazard_share : float
        Shares above which the trigger is pulled. [1]
    verification_days : int
        Days a verification may be late. [d]
    actions : mapping
        Trigger to action; those not named have the usual one.

    Raises
    ------
    ConfigError, UnitError
        A limit is out of range, or a trigger or an action unknown.
    """

    because: str
    confidence: str
    least_cover: float = 1.0
    price_fall: float = 0.3
    area_lost: float = 0.05
    hazard_share: float = 0.05
    verification_days: int = 180
    actions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("price_fall", "area_lost", "hazard_share"):
            share(getattr(self, name), name)
        if exact(self.least_cover, "least_cover") <= 0 or self.verification_days < 0:
            value = f"{self.least_cover}, {self.verification_days} days"
            raise ConfigError("E532", name="least_cover", value=value, expected="above 0")
        unknown = (self.actions.keys() - TRIGGERS.keys()) | (
            set(self.actions.values()) - ACTIONS.keys()
        )
        if unknown:
            expected = f"{', '.join(TRIGGERS)} to {', '.join(ACTIONS)}"
            raise ConfigError(
                "E532", name="actions", value=", ".join(sorted(unknown)), expected=expected
            )

    def action(self, trigger: str) -> str:
        """What the policy asks for when a trigger is pulled."""
        return self.actions.get(trigger, _USUAL[trigger])


_USUAL: Final = {
    "cover": "margin_call",
    "price": "review",
    "area": "more_collateral",
    "hazard": "review",
    "title": "early_repayment",
    "verification": "review",
}
_EARLY_DAYS: Final = 366
_Judged = tuple[pd.Series, float]  # what was seen, and its limit
_Look = Callable[[pd.DataFrame, WatchPolicy, dt.date], _Judged]


def watch_list(book: pd.DataFrame, policy: WatchPolicy, date: dt.date) -> pd.DataFrame:
    r"""Triggers pulled in a book of loans at a date, the loans that need most first.

    The amount asked for restores the least cover: what has to be repaid is
    :math:`B - V / c`, what has to be pledged besides is :math:`c B - V`.

    Parameters
    ----------
    book : DataFrame, one row per loan
        ``loan``; ``balance_fen``, ``pledge_value_fen`` now [fen]; ``price_before_cny_t``,
        ``price_cny_t`` when granted and now [CNY t-1]; ``area_before_dm2``, ``area_dm2`` creditable
        when granted and now [0.01 m2]; ``hazard_share`` lost since [1]; ``title_event`` boolean;
        ``verification_due``, ``verified_on`` dates, the second missing while it was not done; a
        day to come where none has been due yet. A missing value is not known.
    policy : WatchPolicy
        Limits and actions.
    date : date
        Day of the review.

    Returns
    -------
    DataFrame, one row per loan and trigger pulled or not known
        ``loan``, ``trigger``, ``zh``, ``en``, ``known``, ``observed``, ``limit`` [1 or d],
        ``action``, ``action_zh``, ``action_en``, ``repay_fen``, ``pledge_more_fen`` [fen], the
        last two where cover is too low.

    Raises
    ------
    ConfigError
        E532: a loan without a name or named twice, or a balance missing.

    Examples
    --------
    >>> book = pd.DataFrame(
    ...     {
    ...         "loan": ["L1"], "balance_fen": [1000], "pledge_value_fen": [900],
    ...         "price_before_cny_t": [80.0], "price_cny_t": [70.0],
    ...         "area_before_dm2": [100], "area_dm2": [100], "hazard_share": [0.0],
    ...         "title_event": [False], "verified_on": [pd.NaT],
    ...         "verification_due": [pd.Timestamp("2027-06-30")],
    ...     }
    ... )  # fmt: skip
    >>> policy = WatchPolicy("example", "assumed", least_cover=1.2)
    >>> found = watch_list(book, policy, dt.date(2026, 8, 31))
    >>> found[["trigger", "observed", "repay_fen", "pledge_more_fen"]].to_numpy().tolist()
    [['cover', 0.9, 250, 300]]
    """
    require(book, _COLUMNS, "book")
    if (
        book["loan"].isna().any()
        or book["loan"].duplicated().any()
        or book["balance_fen"].isna().any()
    ):
        expected = "each loan named once, with its balance"
        raise ConfigError("E532", name="book", value=f"{len(book)} loans", expected=expected)
    found = [_pulled(book, trigger, look, policy, date) for trigger, look in _LOOKS.items()]
    rows = pd.concat(found, ignore_index=True)
    balance = rows["loan"].map(book.set_index("loan")["balance_fen"])
    order = np.lexsort((rows["loan"].to_numpy(dtype=str), -balance.to_numpy(dtype=np.int64)))
    return rows.iloc[order].reset_index(drop=True)


def _pulled(
    book: pd.DataFrame, trigger: str, look: _Look, policy: WatchPolicy, date: dt.date
) -> pd.DataFrame:
    seen, limit = look(book, policy, date)
    owed = book["balance_fen"].to_numpy(dtype=np.int64) > 0
    known = seen.notna().to_numpy(dtype=bool)
    value = seen.to_numpy(dtype=np.float64, na_value=np.nan)
    beyond = (value < limit) if trigger == "cover" else (value > limit)
    at = owed & (beyond | ~known)
    action = np.where(known[at], policy.action(trigger), "supply")
    repay, more = _amounts(book[at], policy) if trigger == "cover" else (0, 0)
    table = pd.DataFrame({"loan": book.loc[at, "loan"].to_numpy()})
    return table.assign(
        trigger=trigger,
        zh=TRIGGERS[trigger][0],
        en=TRIGGERS[trigger][1],
        known=known[at],
        observed=value[at],
        limit=limit,
        action=action,
        action_zh=[ACTIONS[each][0] for each in action],
        action_en=[ACTIONS[each][1] for each in action],
        repay_fen=repay,
        pledge_more_fen=more,
    ).astype({"repay_fen": "int64", "pledge_more_fen": "int64"})


def _amounts(book: pd.DataFrame, policy: WatchPolicy) -> tuple[list[int], list[int]]:
    """What restores the least cover, rounded up to the fen; nothing where it is not known."""
    least = exact(policy.least_cover, "least_cover")
    pairs = [
        (Decimal(int(balance)), None if pd.isna(value) else Decimal(int(value)))
        for balance, value in zip(book["balance_fen"], book["pledge_value_fen"], strict=True)
    ]
    repay = [0 if v is None else _up(b - v / least) for b, v in pairs]
    return repay, [0 if v is None else _up(least * b - v) for b, v in pairs]


def _up(amount: Decimal) -> int:
    return int(amount.to_integral_value("ROUND_CEILING"))


def _cover(book: pd.DataFrame, policy: WatchPolicy, _: dt.date) -> _Judged:
    value = book["pledge_value_fen"].astype("Float64")
    return value / _above_nought(book["balance_fen"]), policy.least_cover


def _fallen(book: pd.DataFrame, before: str, now: str) -> pd.Series:
    """Share lost since; not known without both figures."""
    return 1.0 - book[now].astype("Float64") / _above_nought(book[before])


def _above_nought(figures: pd.Series) -> pd.Series:
    """Figures to divide by; nought is not known."""
    floats = figures.astype("Float64")
    return floats.mask(floats <= 0.0)


def _price(book: pd.DataFrame, policy: WatchPolicy, _: dt.date) -> _Judged:
    return _fallen(book, "price_before_cny_t", "price_cny_t"), policy.price_fall


def _area(book: pd.DataFrame, policy: WatchPolicy, _: dt.date) -> _Judged:
    return _fallen(book, "area_before_dm2", "area_dm2"), policy.area_lost


def _hazard(book: pd.DataFrame, policy: WatchPolicy, _: dt.date) -> _Judged:
    return book["hazard_share"].astype("Float64"), policy.hazard_share


def _title(book: pd.DataFrame, _: WatchPolicy, __: dt.date) -> _Judged:
    return book["title_event"].astype("boolean").astype("Float64"), 0.0


def _verification(book: pd.DataFrame, policy: WatchPolicy, date: dt.date) -> _Judged:
    """Days late; a verification counts for the day it was due up to a year before it."""
    due, done = (pd.to_datetime(book[name]) for name in ("verification_due", "verified_on"))
    late = (pd.Timestamp(date) - due).dt.days.astype("Float64")
    known = done.le(pd.Timestamp(date))
    served = known & (due.isna() | ((due - done).dt.days <= _EARLY_DAYS))
    return late.mask(served, 0.0), float(policy.verification_days)


_LOOKS: Final[Mapping[str, _Look]] = {
    "cover": _cover,
    "price": _price,
    "area": _area,
    "hazard": _hazard,
    "title": _title,
    "verification": _verification,
}
