"""Parties and what relates them: one identifier for one party, one group for the related."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require

__all__ = ["all_told", "components", "party_key", "party_keys", "related_groups"]

Ints = npt.NDArray[np.int64]

_PAIR: Final = ["party", "related_party"]
_UNSEEN: Final = {"Cc", "Cf"}
_SIGNS: Final = re.compile(r"[-.\u00b7\u2010-\u2015\u2212\u30fb]")
_LOOSE: Final = re.compile(rf"(?<!\d){_SIGNS.pattern}|{_SIGNS.pattern}(?!\d)")
_CODE_LENGTH: Final = 18  # credit codes and identity numbers


def party_keys(parties: Iterable[object]) -> pd.Series:
    """Identifiers of parties without what does not tell two apart.

    That is width, case, blanks and signs nobody sees; and hyphens and dots, but between two digits,
    where ``1-12`` and ``11-2`` are two (in a code of 18 signs there too). A policy.

    Parameters
    ----------
    parties : iterable
        Identifiers as given: certificate number, credit code or name.

    Returns
    -------
    Series of string
        One per party, in order; missing where there is none.

    Examples
    --------
    >>> party_keys(["H1", "h 1", None]).tolist()
    ['H1', 'H1', <NA>]
    """
    given = parties if isinstance(parties, pd.Series) else pd.Series(list(parties), dtype=object)
    names = given.astype("string").reset_index(drop=True)
    distinct = {name: party_key(name) for name in names.dropna().unique()}
    folded = names.map(distinct, na_action="ignore").astype("string")
    return folded.mask(folded == "")


def party_key(party: str) -> str:
    """Identifier of one party; see `party_keys`.

    >>> party_key("h 1"), party_key("H-1"), party_key("P1-12"), party_key("li.wei")
    ('H1', 'H1', 'P1-12', 'LIWEI')
    """
    seen = (sign for sign in party if sign.isspace() or unicodedata.category(sign) not in _UNSEEN)
    text = "".join(unicodedata.normalize("NFKC", "".join(seen)).split()).upper()
    bare = _SIGNS.sub("", text)
    return bare if len(bare) == _CODE_LENGTH else _LOOSE.sub("", text)


def related_groups(
    parties: Iterable[object], relations: pd.DataFrame, findings: Findings
) -> pd.Series:
    """Group of each party: all that are related, directly or through others, are one group.

    Parameters
    ----------
    parties : iterable
        Identifiers of parties.
    relations : DataFrame, one row per relation
        ``party`` and ``related_party``: spouse, household, shareholder, mutual guarantor ... What
        makes two parties related is for the caller to state.
    findings : Findings
        Takes what is wrong with the relations.

    Returns
    -------
    Series of string
        Key of the group's first party, in the order of `parties`; missing for a missing party.

    Findings
    --------
    E904
        A relation lacks a party.

    Examples
    --------
    >>> relations = pd.DataFrame({"party": ["A", "B"], "related_party": ["B", "C"]})
    >>> related_groups(["C", "D", "A"], relations, Findings()).tolist()
    ['A', 'D', 'A']
    """
    require(relations, _PAIR, "relations")
    one, other = party_keys(relations["party"]), party_keys(relations["related_party"])
    whole = (one.notna() & other.notna()).to_numpy(dtype=bool)
    rows = np.arange(1, len(relations) + 1)
    findings.add("E904", layer="relations", where=~whole, row=rows, column="party")
    keys = party_keys(parties)
    pairs = pd.concat([one[whole], other[whole]], ignore_index=True)
    code, names = pd.factorize(pd.concat([keys, pairs], ignore_index=True), sort=True)
    first, second = np.split(code[len(keys) :], 2)
    label = components(first, second, len(names))
    leader = np.full(len(names), len(names), dtype=np.int64)
    np.minimum.at(leader, label, np.arange(len(names)))
    own = code[: len(keys)]
    found = pd.Series(pd.NA, index=range(len(keys)), dtype="string")
    known = own >= 0
    found[known] = np.asarray(names, dtype=object)[leader[label[own[known]]]]
    return found


def all_told(relations: pd.DataFrame) -> bool:
    """Whether every relation names both parties.

    >>> all_told(pd.DataFrame({"party": ["A"], "related_party": [None]}))
    False
    """
    return all(bool(party_keys(relations[name]).notna().all()) for name in relations[_PAIR])


def components(first: Ints, second: Ints, count: int) -> Ints:
    """Number of the connected group each of `count` things belongs to, by the pairs that join.

    >>> components(np.array([0]), np.array([2]), 3).tolist()
    [0, 1, 0]
    """
    links = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(count, count))
    _, label = connected_components(links, directed=False)
    return np.asarray(label, dtype=np.int64)
