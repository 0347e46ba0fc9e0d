"""Limits and weights a guarantee company stands under on a day, in whole numbers."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from ecogis.core.errors import ConfigError
from ecogis.finance.amounts import finite_number
from ecogis.methods import ParameterSet, parameters

__all__ = ["KINDS", "SMALL_KINDS", "WHOLE", "GuaranteeRules", "guarantee_rules", "parts_of"]

WHOLE: Final = 10_000
"""Shares and weights are whole ten-thousandths, so that limits are integer arithmetic."""

SMALL_KINDS: Final = ("small_firm", "farmer")
"""Kinds that count as 小微 and 三农."""

KINDS: Final = (*SMALL_KINDS, "bond_aa", "other")
"""Kinds of guaranteed debt."""


@dataclass(frozen=True, slots=True)
class GuaranteeRules:
    """Limits and weights in force on a day.

    Attributes
    ----------
    day : date
        Day they are in force on.
    leverage, leverage_small : int
        Liability over net assets, at most; the second where small firms and farmers are the main
        business. [1/10000]
    small_balance, small_accounts : int
        Shares of balance and of accounts that make them the main business. [1/10000]
    single, group : int
        Liability for one party and for related parties over net assets. [1/10000]
    weights : mapping of str to int
        By kind of debt. [1/10000]
    ceilings_fen : mapping of str to int
        Up to which amount of one account the weight of a kind holds. [fen]
    """

    day: date
    leverage: int
    leverage_small: int
    small_balance: int
    small_accounts: int
    single: int
    group: int
    weights: dict[str, int]
    ceilings_fen: dict[str, int]


def parts_of(value: float, name: str) -> int:
    """A number in whole ten-thousandths.

    Raises
    ------
    ConfigError
        E900 it is no number, negative, or has more than four decimals.

    Examples
    --------
    >>> parts_of(0.15, "group_limit"), parts_of(15.0, "leverage_limit")
    (1500, 150000)
    """
    exact = Decimal(str(finite_number(value, name))) * WHOLE
    if exact != exact.to_integral_value():
        raise ConfigError("E900", field=name, value=value, expected="0.0001 ×")
    return int(exact)


def guarantee_rules(day: date, *, rules: ParameterSet | None = None) -> GuaranteeRules:
    """What a guarantee company stands under on a day.

    Parameters
    ----------
    day : date
        Day of the check.
    rules : ParameterSet, optional
        Another edition or a province's own; the shipped one otherwise.

    Returns
    -------
    GuaranteeRules
        Whole ten-thousandths and fen.

    Raises
    ------
    NotInForceError
        A rule was not in force yet.

    References
    ----------
    .. [1] 融资担保公司监督管理条例, Order 683, articles 15 and 16, and its four systems (recalled).

    Examples
    --------
    >>> found = guarantee_rules(date(2026, 8, 31))
    >>> found.leverage // WHOLE, found.leverage_small // WHOLE, found.ceilings_fen["farmer"] // 100
    (10, 15, 2000000)
    """
    held = parameters("guarantee-rules") if rules is None else rules

    def share(name: str) -> int:
        return parts_of(held.value(name, day, "1"), name)

    def amount(name: str) -> int:
        return round(held.value(name, day, "fen"))

    weights = {kind: share(f"{kind}_weight") for kind in KINDS}
    if not 0 < min(weights.values()) <= max(weights.values()) <= WHOLE:
        raise ConfigError("E900", field="weight", value=weights, expected="0-1, > 0")
    return GuaranteeRules(
        day=day,
        leverage=share("leverage_limit"),
        leverage_small=share("leverage_limit_small"),
        small_balance=share("small_balance_share"),
        small_accounts=share("small_account_share"),
        single=share("single_limit"),
        group=share("group_limit"),
        weights=weights,
        ceilings_fen={kind: amount(f"{kind}_ceiling") for kind in SMALL_KINDS},
    )
