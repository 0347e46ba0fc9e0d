"""Tables of loans for a report: running numbers for parties, and only what is shown."""

from collections.abc import Mapping
from typing import Final

import pandas as pd

from ecogis.finance.parties import party_keys

__all__ = ["RULES", "reported"]

_PARTIES: Final = {"finance_offers": "borrower", "finance_limits": "party"}
_PRIVATE: Final = ("household", "name", "holder")
_PREFIX: Final = "P"  # read in either language
RULES: Final = {
    "leverage": ("放大倍数", "leverage"),
    "single": ("单一主体", "one party"),
    "group": ("关联主体", "related parties"),
}
"""Limits of a guarantor as people read them, Chinese and English."""
_PASSED: Final = {True: ("通过", "kept"), False: ("未通过", "passed beyond")}
_UNKNOWN: Final = ("不明", "not known")
_REFUSED: Final = "refused"


def reported(
    tables: Mapping[str, pd.DataFrame], *, named: bool = False
) -> tuple[dict[str, pd.DataFrame], int]:
    """Tables as a report shows them, and how many refused offers are left out.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``finance_offers``, ``finance_lines``, ``finance_limits``, and others that stay as they are.
    named : bool
        With keys and names, for those who may see. Otherwise borrowers, parties and holders are
        running numbers, one party the same in each table and in any spelling, and columns that name
        somebody are absent.

    Returns
    -------
    tuple
        The tables, and the number of refused offers.

    Examples
    --------
    >>> offers = pd.DataFrame({"borrower": ["b 1", "b2"], "verdict": ["offered", "refused"]})
    >>> limits = pd.DataFrame(
    ...     {"rule": ["single"], "party": ["B1"], "room_fen": [5], "passed": [True]}
    ... )
    >>> told, left_out = reported({"finance_offers": offers, "finance_limits": limits})
    >>> told["finance_offers"]["borrower"].tolist(), told["finance_limits"]["party"].tolist()
    (['P0001'], ['P0001'])
    >>> left_out
    1
    """
    told, left_out = dict(tables), 0
    if "finance_offers" in told:
        offers = told["finance_offers"]
        shown = offers["verdict"] != _REFUSED
        told["finance_offers"] = offers[shown].reset_index(drop=True)
        left_out = int((~shown).sum())
    if "finance_limits" in told:
        told["finance_limits"] = _worded(told["finance_limits"])
    return (told if named else _numbered(told)), left_out


def _worded(limits: pd.DataFrame) -> pd.DataFrame:
    """Rules and whether they are kept in words; no room is shown where that is not known."""
    rules = [RULES.get(rule, (rule, rule)) for rule in limits["rule"]]
    passed = limits["passed"].astype("boolean")
    words = [_PASSED.get(one, _UNKNOWN) for one in passed.astype(object).fillna("").tolist()]
    return limits.assign(
        rule_zh=[zh for zh, _ in rules], rule_en=[en for _, en in rules],
        passed_zh=[zh for zh, _ in words], passed_en=[en for _, en in words],
        room_fen=limits["room_fen"].astype("Int64").mask(passed.isna()),
    )  # fmt: skip


def _numbered(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Without keys and names; parties numbered as they come."""
    told = {
        name: table.drop(columns=[each for each in _PRIVATE if each in table])
        for name, table in tables.items()
    }
    keys = {name: party_keys(told[name][column]) for name, column in _PARTIES.items()
            if name in told}  # fmt: skip
    every = pd.concat([*keys.values(), pd.Series(dtype="string")]).dropna().unique()
    number = {key: f"{_PREFIX}{at:04d}" for at, key in enumerate(every, 1)}
    for name, own in keys.items():
        told[name] = told[name].assign(**{_PARTIES[name]: own.map(number).array})
    return told
