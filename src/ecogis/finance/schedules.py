"""Payments of a collection: price, rent, advance, dividend, ticket, settlement; to the 分."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from ecogis.core.errors import ConfigError
from ecogis.core.periods import add_years, years_between
from ecogis.finance.guarantee_limits import WHOLE, parts_of
from ecogis.numerics import largest_remainder

__all__ = [
    "MILLION",
    "Payment",
    "dividend",
    "instalments",
    "profit_part",
    "split",
    "ticket_floor",
    "to_parties",
    "tonne_price",
    "yearly",
]

MILLION: Final = 1_000_000
"""Shares of parties are whole millionths that add up to this."""

_DM2_PER_MU: Final = 200_000 / 3  # 15 mu = 1 ha = 1,000,000 dm2


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of a schedule.

    Attributes
    ----------
    kind : str
        price, rent, advance, dividend, difference, subsidy or settlement.
    due : date
        Day it is due.
    payer, payee : str
        Parties.
    amount_fen : int
        What is due. [fen]
    """

    kind: str
    due: date
    payer: str
    payee: str
    amount_fen: int


def split(amount_fen: int, shares: Mapping[str, int]) -> dict[str, int]:
    """An amount over parties by their shares, to the 分. [fen]

    Parameters
    ----------
    amount_fen : int
        What is split. [fen]
    shares : mapping
        By party; together a million. [1e-6]

    Raises
    ------
    ConfigError
        E900 the shares do not add up to one.

    Examples
    --------
    >>> split(1_001, {"village": 300_000, "villagers": 700_000})
    {'village': 300, 'villagers': 701}
    """
    if sum(shares.values()) != MILLION or min(shares.values(), default=-1) < 0:
        raise ConfigError("E900", field="shares", value=dict(shares), expected="Σ = 1000000")
    parts = largest_remainder(np.array(list(shares.values()), dtype=np.int64), amount_fen)
    return dict(zip(shares, map(int, parts), strict=True))


def to_parties(
    amounts: list[tuple[date, int]], kind: str, payer: str, payees: Mapping[str, int]
) -> tuple[Payment, ...]:
    """Dated amounts as payments to parties by their shares.

    Parameters
    ----------
    amounts : list of (date, int)
        Days and amounts. [fen]
    kind : str
        Kind of the payments.
    payer : str
        Who pays.
    payees : mapping
        Shares by party, as for `split`.

    Returns
    -------
    tuple of Payment
        By day, then in the order of the parties; nothing for a part of zero.

    Examples
    --------
    >>> paid = to_parties([(date(2026, 1, 1), 100)], "rent", "P", {"A": 500_000, "B": 500_000})
    >>> [(payment.payee, payment.amount_fen) for payment in paid]
    [('A', 50), ('B', 50)]
    """
    return tuple(
        Payment(kind, day, payer, payee, part)
        for day, amount in amounts
        for payee, part in split(amount, payees).items()
        if part
    )


def yearly(amount_fen: int, start: date, end: date) -> list[tuple[date, int]]:
    """A yearly rent or advance, due when each year begins; the last, begun one by its part.

    Parameters
    ----------
    amount_fen : int
        For a whole year. [fen]
    start, end : date
        Term, the end not included.

    Returns
    -------
    list of (date, int)
        Days and amounts. [fen]

    Raises
    ------
    ConfigError
        E900 the term has no length, or the amount is negative.

    Examples
    --------
    >>> yearly(1_000, date(2026, 1, 1), date(2028, 7, 2))
    [(datetime.date(2026, 1, 1), 1000), (datetime.date(2027, 1, 1), 1000),
     (datetime.date(2028, 1, 1), 500)]
    """
    if end <= start or amount_fen < 0:
        raise ConfigError("E900", field="term", value=f"{start} - {end}", expected="start < end")
    found, year = [], 0
    while (day := add_years(start, year)) < end:
        part = min(years_between(day, end), 1.0)
        found.append((day, round(amount_fen * part)))
        year += 1
    return found


def instalments(total_fen: int, days: list[date]) -> list[tuple[date, int]]:
    """A price in equal instalments that add up to it.

    >>> [
    ...     amount
    ...     for _, amount in instalments(
    ...         100, [date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1)]
    ...     )
    ... ]
    [34, 33, 33]
    """
    if not days or days != sorted(set(days)):
        raise ConfigError("E900", field="due", value=list(map(str, days)), expected="rising")
    parts = largest_remainder(np.ones(len(days), dtype=np.int64), total_fen)
    return list(zip(days, map(int, parts), strict=True))


def profit_part(net_income_fen: int, share: float) -> int:
    """The part of a net income that goes to the household; nothing of a loss. [fen]

    >>> profit_part(1_000_001, 0.6), profit_part(-5, 0.6)
    (600001, 0)
    """
    parts = parts_of(share, "profit_share")
    if parts > WHOLE:
        raise ConfigError("E900", field="profit_share", value=share, expected="0-1")
    return (2 * max(net_income_fen, 0) * parts + WHOLE) // (2 * WHOLE)


def dividend(profit_fen: int, floor_fen: int, share: float) -> int:
    """A guaranteed dividend, and a share of the profit beyond it. [fen]

    The floor is paid in a bad year too. What the share is taken of is read as the profit left
    after the floor. A policy: a contract may say otherwise.

    >>> dividend(1_000, 400, 0.5), dividend(-200, 400, 0.5)
    (700, 400)
    """
    return floor_fen + profit_part(profit_fen - floor_fen, share)


def ticket_floor(area_dm2: int, volume_m3_per_mu: float, price_fen_per_m3: int) -> int:
    """What a forest ticket is bought back at, at least: floor volume times price. [fen]

    Parameters
    ----------
    area_dm2 : int
        Area of the tickets. [dm2]
    volume_m3_per_mu : float
        Floor volume. [m3 mu-1]
    price_fen_per_m3 : int
        Price of standing timber on the day. [fen m-3]

    Examples
    --------
    150 mu (10 ha) at 13 m3 and 600 CNY:

    >>> ticket_floor(10_000_000, 13, 60_000)
    117000000
    """
    return round(area_dm2 / _DM2_PER_MU * volume_m3_per_mu * price_fen_per_m3)


def tonne_price(kg: int, price_fen_per_t: int) -> int:
    """Price of stored reductions, by the kilogram. [fen]

    >>> tonne_price(18_294_000, 1_000)  # 18,294 t at 10 CNY
    18294000
    """
    return (2 * kg * price_fen_per_t + 1000) // 2000
