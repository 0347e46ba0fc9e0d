"""A guarantee company's asset mix and reserves."""

from collections.abc import Mapping
from datetime import date

import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.finance.amounts import whole_amount
from ecogis.finance.guarantee_limits import WHOLE, parts_of
from ecogis.methods import ParameterSet, parameters

__all__ = ["asset_mix", "capital_shortfall", "loss_reserve", "unearned_fee_reserve"]


def asset_mix(
    assets_fen: Mapping[str, int], day: date, *, rules: ParameterSet | None = None
) -> pd.DataFrame:
    """Classes of assets over total assets less receivables from compensation.

    Parameters
    ----------
    assets_fen : mapping
        ``class_1`` (cash, deposits, government bonds), ``class_2``, ``class_3``, ``other`` and
        ``receivable`` (from compensation); all five, together the total assets. [fen]
    day : date
        Day of the check.
    rules : ParameterSet, optional
        Another edition of the rules.

    Returns
    -------
    DataFrame, one row per rule
        ``rule`` (class_1_share, class_1_2_share, class_3_share), ``part_fen``, ``whole_fen``,
        ``limit`` [1], ``bound`` (at_least, at_most) and ``passed``; not known without such assets.

    Raises
    ------
    ConfigError
        E900 a class is missing, unknown, or not whole fen, nought or more.

    References
    ----------
    .. [1] 融资担保公司资产比例管理办法, 2018 (recalled).

    Examples
    --------
    >>> held = {"class_1": 20, "class_2": 50, "class_3": 30, "other": 0, "receivable": 10}
    >>> asset_mix(held, date(2026, 8, 31))[
    ...     ["rule", "part_fen", "whole_fen", "passed"]
    ... ].values.tolist()
    [['class_1_share', 20, 100, True], ['class_1_2_share', 70, 100, True],
     ['class_3_share', 30, 100, True]]
    """
    held = parameters("guarantee-rules") if rules is None else rules
    names = {"class_1", "class_2", "class_3", "other", "receivable"}
    if set(assets_fen) != names:
        raise ConfigError("E900", field="assets", value=dict(assets_fen), expected=sorted(names))
    stated = {name: whole_amount(amount, name) for name, amount in assets_fen.items()}
    whole = sum(amount for name, amount in stated.items() if name != "receivable")
    parts = {
        "class_1_share": (stated["class_1"], "at_least"),
        "class_1_2_share": (stated["class_1"] + stated["class_2"], "at_least"),
        "class_3_share": (stated["class_3"], "at_most"),
    }
    rows = []
    for rule, (part, bound) in parts.items():
        limit = held.value(rule, day, "1")
        least = part * WHOLE - whole * parts_of(limit, rule)
        passed = pd.NA if whole == 0 else least >= 0 if bound == "at_least" else least <= 0
        rows.append((rule, part, whole, limit, bound, passed))
    columns = ["rule", "part_fen", "whole_fen", "limit", "bound", "passed"]
    return pd.DataFrame(rows, columns=columns).astype({"passed": "boolean"})


def capital_shortfall(paid_in_fen: int, day: date, *, rules: ParameterSet | None = None) -> int:
    """What the paid-in capital lacks of the least a company must have. [fen]

    >>> capital_shortfall(5_000_000_000, date(2026, 8, 31))
    0
    >>> capital_shortfall(1_500_000_000, date(2026, 8, 31))
    500000000
    """
    held = parameters("guarantee-rules") if rules is None else rules
    return max(
        round(held.value("paid_in_capital", day, "fen")) - whole_amount(paid_in_fen, "capital"), 0
    )


def unearned_fee_reserve(fees_fen: int, day: date, *, rules: ParameterSet | None = None) -> int:
    """Reserve for unexpired liability: a share of the guarantee fees of the year, rounded up. [fen]

    >>> unearned_fee_reserve(1_001, date(2026, 12, 31))
    501
    """
    held = parameters("guarantee-rules") if rules is None else rules
    name = "unearned_fee_share"
    return -(-whole_amount(fees_fen, "fees") * parts_of(held.value(name, day, "1"), name) // WHOLE)


def loss_reserve(
    liability_fen: int, held_fen: int, day: date, *, rules: ParameterSet | None = None
) -> int:
    """What is booked to the loss reserve at a year's end; negative where it is released. [fen]

    A share of the liability each year until the reserve reaches its target share, then the
    difference to the target, up or down. Amounts are rounded up.

    Parameters
    ----------
    liability_fen : int
        Liability at the year's end. [fen]
    held_fen : int
        Reserve before. [fen]
    day : date
        The year's end.
    rules : ParameterSet, optional
        Another edition of the rules.

    Returns
    -------
    int
        To be added. [fen]

    References
    ----------
    .. [1] 融资性担保公司管理暂行办法, 2010, clause on reserves (recalled).

    Examples
    --------
    100 M of liability: 1 M a year, never beyond 10 M; 11 M give 1 M back.

    >>> [loss_reserve(10**10, held, date(2026, 12, 31)) for held in (0, 995_000_000, 1_100_000_000)]
    [100000000, 5000000, -100000000]
    """
    rule = parameters("guarantee-rules") if rules is None else rules
    liability, held = whole_amount(liability_fen, "liability"), whole_amount(held_fen, "reserve")
    rate, target = (
        parts_of(rule.value(name, day, "1"), name)
        for name in ("loss_reserve_rate", "loss_reserve_target")
    )
    to_target = -(-liability * target // WHOLE) - held
    return min(-(-liability * rate // WHOLE), to_target)
