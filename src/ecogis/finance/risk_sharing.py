"""Who bears a guaranteed loss: bank, first guarantor, province, national fund; and up to where."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.finance.amounts import finite_number, whole_amount
from ecogis.finance.guarantee_limits import WHOLE, parts_of
from ecogis.finance.told_days import told_days
from ecogis.methods import ParameterSet, parameters
from ecogis.numerics import largest_remainder

__all__ = ["check_shares", "compensations", "reguarantee_fee", "risk_shares", "share_loss"]

_PATTERN = {
    "bank": "bank_share",
    "guarantor": "guarantor_share",
    "province": "province_share",
    "national": "national_share",
}


def risk_shares(day: date, *, rules: ParameterSet | None = None) -> dict[str, float]:
    """The shares of the 4-2-2-2 pattern in force on a day. [1]

    A programme's own contract comes first: its shares go to `share_loss` as they are.

    >>> risk_shares(date(2026, 8, 31))
    {'bank': 0.2, 'guarantor': 0.4, 'province': 0.2, 'national': 0.2}
    """
    held = parameters("guarantee-rules") if rules is None else rules
    return {party: held.value(name, day, "1") for party, name in _PATTERN.items()}


def check_shares(
    shares: Mapping[str, float],
    day: date,
    *,
    findings: Findings,
    rules: ParameterSet | None = None,
) -> None:
    """Hold a programme's own shares against the pattern: the bank's least, the guarantor's most.

    Parameters
    ----------
    shares : mapping
        By party. [1]
    day : date
        Day of the check.
    findings : Findings
        Takes the shares that are outside.
    rules : ParameterSet, optional
        Another edition of the rules.

    Raises
    ------
    ConfigError
        E900 a share is no number from nought to one.

    Findings
    --------
    E888
        The bank bears less than its share of the pattern, or the guarantor more than its own. It
        warns only: banks bear 20 % “in principle”, the rest is practice.

    References
    ----------
    .. [1] 财政部 2019-02, on the bank's share; the 4-2-2-2 pattern is from memory.

    Examples
    --------
    >>> found = Findings()
    >>> check_shares({"bank": 0.1, "guarantor": 0.9}, date(2026, 8, 31), findings=found)
    >>> found.table()["column"].tolist()
    ['bank', 'guarantor']
    """
    pattern = risk_shares(day, rules=rules)
    for party, sign in (("bank", ">="), ("guarantor", "<=")):
        told = finite_number(shares.get(party, 0.0), party, most=1.0)
        outside = told < pattern[party] if sign == ">=" else told > pattern[party]
        if outside:
            findings.add(
                "E888", layer="shares", column=party, observed=told,
                expected=f"{sign} {pattern[party]:g}",
            )  # fmt: skip


def share_loss(loss_fen: int, shares: Mapping[str, float]) -> dict[str, int]:
    """A loss over those who share it, to the 分. [fen]

    Parameters
    ----------
    loss_fen : int
        Loss, zero or more. [fen]
    shares : mapping
        By party, adding up to one exactly. [1]

    Returns
    -------
    dict
        By party; the parts add up to the loss, by largest remainder.

    Raises
    ------
    ConfigError
        E900 the shares do not add up to one, or the loss is not whole fen, nought or more.

    Examples
    --------
    >>> share_loss(1_003, {"bank": 0.2, "guarantor": 0.4, "province": 0.2, "national": 0.2})
    {'bank': 201, 'guarantor': 401, 'province': 201, 'national': 200}
    """
    parts = {party: parts_of(share, party) for party, share in shares.items()}
    if sum(parts.values()) != WHOLE:
        raise ConfigError("E900", field="shares", value=dict(shares), expected="Σ = 1")
    split = largest_remainder(np.array(list(parts.values())), whole_amount(loss_fen, "loss"))
    return dict(zip(parts, map(int, split), strict=True))


def compensations(
    losses: pd.DataFrame,
    guaranteed_fen: int,
    shares: Mapping[str, float],
    *,
    limit: float,
) -> pd.DataFrame:
    """Losses of a programme in their order: shared up to its ceiling, then the bank's alone.

    Parameters
    ----------
    losses : DataFrame, one row per loss
        ``loan``, ``day`` and ``loss_fen`` [fen]; taken by day, then in order.
    guaranteed_fen : int
        Amount the programme guarantees, on which the ceiling rests. [fen]
    shares : mapping
        By party, ``bank`` among them. [1]
    limit : float
        Compensation over the guaranteed amount at which the programme stops, as its contract says.
        [1]

    Returns
    -------
    DataFrame, one row per loss
        ``loan day loss_fen``, one column per party ``…_fen`` [fen], and ``beyond_fen``, the part of
        the loss that falls to the bank because the ceiling is reached, included in ``bank_fen``.

    Raises
    ------
    ConfigError
        E900 there is no bank among the shares, an amount is not whole fen, zero or more, a day
        cannot be read, or the ceiling is no share.

    Notes
    -----
    Compensation is what the others pay; the bank's own share does not use up the ceiling.

    Examples
    --------
    A ceiling of 100: the first loss is shared whole, of the second 140, so that the guarantor pays
    the 70 that are left.

    >>> losses = pd.DataFrame(
    ...     {"loan": ["A", "B"], "day": ["2026-01-05"] * 2, "loss_fen": [60, 200]}
    ... )
    >>> shares = {"bank": 0.5, "guarantor": 0.5}
    >>> found = compensations(losses, 2_000, shares, limit=0.05)
    >>> found[["bank_fen", "guarantor_fen", "beyond_fen"]].values.tolist()
    [[30, 30, 0], [130, 70, 60]]
    """
    if "bank" not in shares:
        raise ConfigError("E900", field="shares", value=sorted(shares), expected="bank")
    if not 0 <= limit <= 1:
        raise ConfigError("E900", field="compensation_limit", value=limit, expected="0-1")
    left = (
        whole_amount(guaranteed_fen, "guaranteed") * parts_of(limit, "compensation_limit") // WHOLE
    )
    days = told_days(losses["day"])
    if days.isna().any():
        raise ConfigError("E900", field="day", value="—", expected="YYYY-MM-DD")
    ordered = losses.iloc[np.argsort(days.to_numpy(), kind="stable")]
    rows = []
    for loan, day, loss in zip(ordered["loan"], ordered["day"], ordered["loss_fen"], strict=True):
        whole = whole_amount(loss, "loss_fen")
        parts = _within(whole, left, shares)
        beyond = whole - sum(parts.values())
        left -= sum(parts.values()) - parts["bank"]
        named = {f"{party}_fen": part for party, part in parts.items()}
        named["bank_fen"] += beyond
        rows.append({"loan": loan, "day": day, "loss_fen": whole} | named | {"beyond_fen": beyond})
    columns = ["loan", "day", "loss_fen", *(f"{party}_fen" for party in shares), "beyond_fen"]
    return pd.DataFrame(rows, columns=columns)


def _within(loss_fen: int, left_fen: int, shares: Mapping[str, float]) -> dict[str, int]:
    """The part of a loss that is shared, so that others than the bank bear no more than is left."""
    others = WHOLE - parts_of(shares["bank"], "bank")
    most = left_fen * WHOLE // others if others else loss_fen
    shared = min(loss_fen, most)
    parts = share_loss(shared, shares)
    while shared - parts["bank"] > left_fen:
        shared -= 1
        parts = share_loss(shared, shares)
    return parts


def reguarantee_fee(loan_fen: int, day: date, *, rules: ParameterSet | None = None) -> int:
    """Yearly fee of the national fund on the share of a loan it takes, rounded up. [fen]

    >>> reguarantee_fee(100_000_000, date(2026, 8, 31))  # 1 M: 20 % x 0.3 %
    60000
    >>> reguarantee_fee(1_000_000_000, date(2026, 8, 31))  # 10 M: 20 % x 0.5 %
    1000000
    """
    held = parameters("guarantee-rules") if rules is None else rules
    loan = whole_amount(loan_fen, "loan")
    small = loan <= round(held.value("focus_small_ceiling", day, "fen"))
    name = "national_fee_small" if small else "national_fee"
    rate = parts_of(held.value(name, day, "1"), name)
    share = parts_of(held.value("national_share", day, "1"), "national_share")
    return -(-loan * share * rate // WHOLE**2)
