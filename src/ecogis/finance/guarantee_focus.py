"""Whether a policy guarantee company serves small firms and farms, and small accounts."""

from datetime import date

import pandas as pd

from ecogis.finance.amounts import whole_amount
from ecogis.finance.guarantee import BookCheck
from ecogis.finance.guarantee_limits import WHOLE, parts_of
from ecogis.methods import ParameterSet, parameters

__all__ = ["policy_focus"]


def policy_focus(
    found: BookCheck,
    day: date,
    *,
    fees_fen: int | None = None,
    rules: ParameterSet | None = None,
) -> pd.DataFrame:
    """The shares and the ceiling a policy guarantee company is held to.

    Parameters
    ----------
    found : BookCheck
        The book as checked; its loans are told small by their kind.
    day : date
        Day of the check.
    fees_fen : int, optional
        Guarantee fees of a year on the loans to small firms and farms; where they are stated, their
        average is held against its limit. [fen]
    rules : ParameterSet, optional
        Another edition of the rules.

    Returns
    -------
    DataFrame, one row per rule
        ``rule`` (focus_share, focus_small_share, focus_ceiling; policy_fee_limit where fees are
        stated), ``value``, ``limit`` and ``passed``; the shares are of amounts [1], the ceiling is
        of one account [CNY], the fee of the guaranteed balance [1]. Not known for an empty book, or
        where a loan could not be told.

    Raises
    ------
    ConfigError
        E900 fees are not whole fen, nought or more.
    NotInForceError
        Before the measure of 2025.

    References
    ----------
    .. [1] 财金〔2025〕11号, as a press summary tells it.
    .. [2] 国办发〔2019〕6号, on the average fee (recalled).

    Examples
    --------
    >>> from ecogis.core.findings import Findings
    >>> from ecogis.finance.guarantee import check_book
    >>> from ecogis.finance.guarantee_limits import guarantee_rules
    >>> book = pd.DataFrame(
    ...     {
    ...         "loan": [1, 2],
    ...         "borrower": ["A", "B"],
    ...         "kind": ["farmer", "other"],
    ...         "balance_fen": [80, 20],
    ...     }
    ... )
    >>> none = pd.DataFrame({"party": [], "related_party": []})
    >>> rules = guarantee_rules(date(2026, 8, 31))
    >>> found = check_book(book, 10_000, none, rules=rules, findings=Findings())
    >>> policy_focus(found, date(2026, 8, 31))["passed"].tolist()
    [True, True, True]
    """
    held = parameters("guarantee-rules") if rules is None else rules
    loans = found.loans
    accounts = loans.groupby("party")["balance_fen"].transform("sum")
    ceiling = round(held.value("focus_small_ceiling", day, "fen"))
    total = int(loans["balance_fen"].sum())
    small = int(loans.loc[loans["small"], "balance_fen"].sum())
    within = int(loans.loc[loans["small"] & (accounts <= ceiling), "balance_fen"].sum())
    known = found.passed is not None and total > 0
    rows = []
    for name, part, whole in (
        ("focus_share", small, total),
        ("focus_small_share", within, small),
    ):
        limit = held.value(name, day, "1")
        enough = part * WHOLE >= whole * parts_of(limit, name)
        share = part / whole if whole else float("nan")
        rows.append((name, share, limit, enough if known and whole else pd.NA))
    most = round(held.value("focus_ceiling", day, "fen"))
    largest = int(accounts[loans["small"]].max()) if loans["small"].any() else 0
    rows.append(("focus_ceiling", largest / 100, most / 100, largest <= most if known else pd.NA))
    if fees_fen is not None:
        fees, name = whole_amount(fees_fen, "fees"), "policy_fee_limit"
        limit = held.value(name, day, "1")
        kept = fees * WHOLE <= small * parts_of(limit, name)
        rate = fees / small if small else float("nan")
        rows.append((name, rate, limit, kept if known and small else pd.NA))
    table = pd.DataFrame(rows, columns=["rule", "value", "limit", "passed"])
    return table.astype({"passed": "boolean"})
