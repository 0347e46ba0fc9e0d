"""The guarantee book against every limit: leverage, one party, related parties (identity I19).

Liability is weighted balance. All arithmetic is in whole 分 times ten-thousandths, so no limit is
passed by rounding. What is not known never helps: a loan of unknown kind weighs in full.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.guarantee_limits import SMALL_KINDS, WHOLE, GuaranteeRules
from ecogis.finance.parties import all_told, party_keys, related_groups
from ecogis.numerics import group_sum_int64

__all__ = ["BookCheck", "check_book", "weighed"]

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_LARGEST_FEN: Final = 2**61 // 10**6  # of net assets and of a book, so that products fit int64
_LARGEST_BOOK_FEN: Final = 2**63 // (2 * WHOLE)  # so that the weighted sum fits int64
_COLUMNS: Final = ("loan", "borrower", "kind", "balance_fen")


@dataclass(frozen=True, slots=True)
class BookCheck:
    """What a book of guarantees comes to under the limits.

    Attributes
    ----------
    passed : bool or None
        Whether every limit holds; none where a borrower, a balance or a relation is not known.
    limits : DataFrame, one row per limit and party
        ``rule`` (leverage, single, group), ``party``, ``balance_fen``, ``liability_fen`` (rounded
        up), ``limit_fen`` (rounded down), ``room_fen`` (negative where passed) and ``passed``,
        which is missing for a group within its limit while not all relations are known.
    loans : DataFrame, one row per loan, in order
        ``loan borrower kind balance_fen``, with ``party`` and ``group`` (keys), ``small`` and
        ``weight`` [1/10000].
    net_assets_fen : int
        Net assets the limits rest on. [fen]
    main_business : bool
        Whether small firms and farmers are the main business, which the higher leverage needs.
    """

    passed: bool | None
    limits: pd.DataFrame
    loans: pd.DataFrame
    net_assets_fen: int
    main_business: bool


def check_book(
    book: pd.DataFrame,
    net_assets_fen: int,
    relations: pd.DataFrame | None,
    *,
    rules: GuaranteeRules,
    findings: Findings,
) -> BookCheck:
    """Check a whole book of guarantees against all limits.

    A loan to a small firm or farmer has the lower weight only while its whole group of related
    parties stays within the ceiling. A policy: the text says one account (单户), and one account
    could be divided.

    Parameters
    ----------
    book : DataFrame, one row per guaranteed loan
        ``loan``, ``borrower``, ``kind`` (small_firm, farmer, bond_aa, other) and ``balance_fen``,
        the guaranteed balance in force [fen].
    net_assets_fen : int
        Net assets of the company. [fen]
    relations : DataFrame or None
        ``party related_party``; see `related_groups`. An empty table says that none are related;
        none, that it is not known.
    rules : GuaranteeRules
        What is in force on the day.
    findings : Findings
        Takes what is wrong with the book and every limit it passes.

    Returns
    -------
    BookCheck
        Every limit with what is left under it.

    Raises
    ------
    ConfigError
        E900 net assets are not whole fen, zero or more, or the book is too large to be added up.
    VocabularyError
        A column is missing.

    Findings
    --------
    E890, E901, E902, E904, E922
        A loan twice (each row counts); unknown kind; no borrower or balance; a relation without a
        party; no relations at all.
    E903
        A limit is passed.

    Examples
    --------
    50 M of net assets bear 500 M, and 5 M for one party:

    >>> from datetime import date
    >>> from ecogis.finance.guarantee_limits import guarantee_rules
    >>> book = pd.DataFrame(
    ...     {"loan": ["L1"], "borrower": ["F1"], "kind": ["other"], "balance_fen": [300_000_000]}
    ... )
    >>> none = pd.DataFrame({"party": [], "related_party": []})
    >>> rules = guarantee_rules(date(2026, 8, 31))
    >>> found = check_book(book, 5_000_000_000, none, rules=rules, findings=Findings())
    >>> found.limits[["rule", "liability_fen", "limit_fen"]].values.tolist()
    [['leverage', 300000000, 50000000000], ['single', 300000000, 500000000],
     ['group', 300000000, 750000000]]
    """
    if not 0 <= net_assets_fen <= _LARGEST_FEN:
        expected = f"0-{_LARGEST_FEN} fen"
        raise ConfigError("E900", field="net_assets", value=net_assets_fen, expected=expected)
    told = pd.DataFrame({"party": [], "related_party": []}) if relations is None else relations
    loans, whole = weighed(book, told, rules=rules, findings=findings)
    related = relations is not None and all_told(relations)
    if relations is None:
        findings.add("E922", layer="relations")
    main = _main_business(loans, rules)
    total = int(loans["balance_fen"].sum()), int(_weighted(loans).sum())
    leverage = rules.leverage_small if main else rules.leverage
    limits = pd.concat(
        [
            _row("leverage", total, net_assets_fen * leverage),
            _by_party("single", loans, "party", net_assets_fen * rules.single),
            _by_party("group", loans, "group", net_assets_fen * rules.group, sure=related),
        ],
        ignore_index=True,
    )
    _note_passed(limits, findings)
    passed = _verdict(limits["passed"]) if whole else None
    if passed and not related:  # of an empty book too: what is to come cannot be judged
        passed = None
    return BookCheck(passed, limits, loans, net_assets_fen, main)


def _verdict(passed: pd.Series) -> bool | None:
    """One no decides; else one not known leaves it open."""
    if not passed.fillna(value=True).all():
        return False
    return None if passed.isna().any() else True


def weighed(
    book: pd.DataFrame, relations: pd.DataFrame, *, rules: GuaranteeRules, findings: Findings
) -> tuple[pd.DataFrame, bool]:
    """The loans of a book with party, group and weight, and whether all could be told.

    Parameters
    ----------
    book, relations, rules, findings
        As for `check_book`.

    Returns
    -------
    DataFrame and bool
        As `BookCheck.loans`. A loan without a borrower is a party of its own, one without a balance
        has none; either makes the second value false.

    Raises
    ------
    ConfigError
        E900 the balances are too large to be added up.

    Findings
    --------
    E890, E901, E902, E904
        As for `check_book`.
    """
    require(book, list(_COLUMNS), "guarantee book")
    loans = book[list(_COLUMNS)].reset_index(drop=True)
    kinds = loans["kind"].astype("string")
    known = kinds.isin(list(rules.weights)).to_numpy(dtype=bool)
    party = party_keys(loans["borrower"])
    balance, told = _balances(loans["balance_fen"])
    whole = told & party.notna().to_numpy(dtype=bool)
    about: dict[str, Any] = {
        "layer": "guarantees",
        "feature": loans["loan"],
        "row": np.arange(1, len(loans) + 1),
    }
    findings.add("E901", where=~known, column="kind", observed=kinds, **about)
    loan = party_keys(loans["loan"])
    twice = (loan.notna() & loan.duplicated()).to_numpy(dtype=bool)
    findings.add("E890", where=twice, column="loan", **about)
    findings.add("E902", where=~whole, column="balance_fen", observed=loans["balance_fen"], **about)
    in_all = sum(map(int, balance))
    if in_all > _LARGEST_BOOK_FEN:
        expected = f"Σ <= {_LARGEST_BOOK_FEN} fen"
        raise ConfigError("E900", field="balance_fen", value=in_all, expected=expected)
    loans["balance_fen"] = balance
    loans["kind"] = kinds.where(known, "other")
    alone = pd.Series([f"? {row}" for row in range(1, len(loans) + 1)], dtype="string")
    loans["party"] = party.fillna(alone)
    loans["group"] = related_groups(party, relations, findings).fillna(alone)
    loans["small"] = (kinds.isin(list(SMALL_KINDS)) & known).to_numpy(dtype=bool)
    loans["weight"] = _weights(loans, rules)
    return loans, bool(whole.all())


def _balances(column: pd.Series) -> tuple[Ints, Flags]:
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    told = (numbers >= 0) & (numbers <= _LARGEST_FEN) & (numbers == np.floor(numbers))
    return np.where(told, numbers, 0).astype(np.int64), told


def _weights(loans: pd.DataFrame, rules: GuaranteeRules) -> Ints:
    code, names = pd.factorize(loans["group"])
    groups = group_sum_int64(loans["balance_fen"].to_numpy(), code, len(names))[code]
    weight = np.full(len(loans), rules.weights["other"], dtype=np.int64)
    for kind, own in rules.weights.items():
        is_kind = (loans["kind"] == kind).to_numpy(dtype=bool)
        ceiling = rules.ceilings_fen.get(kind)
        weight[is_kind if ceiling is None else is_kind & (groups <= ceiling)] = own
    return weight


def _weighted(loans: pd.DataFrame) -> Ints:
    """Liability of each loan. [fen/10000]"""
    found = loans["balance_fen"].to_numpy() * loans["weight"].to_numpy()
    return np.asarray(found, dtype=np.int64)


def _main_business(loans: pd.DataFrame, rules: GuaranteeRules) -> bool:
    """Whether small firms and farmers have the shares of balance and of accounts asked for.

    What is repaid is no account in force.
    """
    loans = loans[loans["balance_fen"] > 0]
    total = int(loans["balance_fen"].sum())
    accounts = loans["party"].nunique()
    if not total or not accounts:
        return False
    small = loans[loans["small"]]
    others = loans.loc[~loans["small"], "party"].nunique()
    balance = int(small["balance_fen"].sum()) * WHOLE >= total * rules.small_balance
    return balance and (accounts - others) * WHOLE >= accounts * rules.small_accounts


def _by_party(
    rule: str, loans: pd.DataFrame, by: str, limit: int, *, sure: bool = True
) -> pd.DataFrame:
    code, names = pd.factorize(loans[by], sort=True)
    sums = np.stack([loans["balance_fen"].to_numpy(), _weighted(loans)], axis=1)
    totals = group_sum_int64(sums, code, len(names))
    table = _table(rule, np.asarray(names, dtype=object), totals, limit)
    if not sure:
        table["passed"] = table["passed"].mask(table["passed"])
    return table


def _row(rule: str, total: tuple[int, int], limit: int) -> pd.DataFrame:
    return _table(rule, np.array([""], dtype=object), np.array([total], dtype=np.int64), limit)


def _table(rule: str, names: npt.NDArray[np.object_], sums: Ints, limit: int) -> pd.DataFrame:
    """Sums by party of balance [fen] and liability [fen/10000], against one limit [fen/10000]."""
    liability = -(-sums[:, 1] // WHOLE)
    table = pd.DataFrame(
        {
            "rule": rule,
            "party": pd.array(names, dtype="string"),
            "balance_fen": sums[:, 0],
            "liability_fen": liability,
            "limit_fen": limit // WHOLE,
        }
    )
    table["room_fen"] = table["limit_fen"] - table["liability_fen"]
    table["passed"] = pd.array(sums[:, 1] <= limit, dtype="boolean")
    return table


def _note_passed(limits: pd.DataFrame, findings: Findings) -> None:
    over = limits[~limits["passed"].fillna(value=True)]
    for row in over.to_dict("records"):
        findings.add(
            "E903",
            layer="guarantees",
            feature=row["party"],
            column=row["rule"],
            observed=row["liability_fen"],
            expected=f"{row['limit_fen']} fen",
            rule=row["rule"],
            party=row["party"] or "—",
        )
