"""The chain of transfers a right rests on: each link documented, each term within the one above.

A right names the one it derives from in ``from_right``. A right to manage that names none is taken
to derive from the contracted right on its parcel, where somebody else holds one; where none is in
force, from one that has ended or begins later, and the link is broken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.eligibility.documents import SILENT, joined, laid, latest, numbered
from ecogis.eligibility.kinds import CONTRACT, LEVEL, MANAGEMENT, WITH_TERM

__all__ = ["LINKS", "chains"]

LINKS: Final = ("link_source_missing", "link_not_documented", "link_term_outside")
"""What can be wrong with a link, as reasons of clause 4.1 a, the weightiest first."""

_ROOT, _LOST = -1, -2
_DERIVED: Final = 2  # level of rights transferred by contract

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class _Links:
    """Row by row: the row above (or `_ROOT`), what is wrong, the link's name, its contracts."""

    above: Ints
    fault: Texts
    name: Texts
    papers: Texts


def chains(rights: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    """Follow each right up to the one it rests on at last.

    Parameters
    ----------
    rights : DataFrame
        One row per right and parcel: ``right parcel unit_code right_kind holder from_right active
        start end``; a right derives from one on the same parcel.
    documents : DataFrame
        Usable documents; a transfer contract with a number, about the right or one of its
        co-owners' rights, shows a link.

    Returns
    -------
    DataFrame
        By the index of `rights`: ``chain`` (the right and those above it, joined by ``;``),
        ``chain_evidence`` (contracts), ``chain_end`` (the earliest end along it; missing: none on
        record), ``passed_on`` (whether a right to manage in force, or perhaps, derives from this
        right to manage), ``link_fault`` (one of `LINKS`, empty where the chain is whole) and
        ``missing_link`` (the rights of the first broken link, joined by ``;``).

    Examples
    --------
    >>> rights = pd.DataFrame(
    ...     {
    ...         "right": ["R1", "R2"],
    ...         "parcel": ["Z1", "Z1"],
    ...         "unit_code": ["U1", "U1"],
    ...         "right_kind": ["contract_management", "management"],
    ...         "holder": ["甲", "乙"],
    ...         "from_right": [None, "R1"],
    ...         "active": [True, True],
    ...         "start": pd.to_datetime(["2000-01-01", "2020-01-01"]),
    ...         "end": pd.to_datetime(["2029-12-31", "2039-12-31"]),
    ...     }
    ... )
    >>> columns = ["document", "document_kind", "subject_kind", "subject", "number", "date"]
    >>> found = chains(rights, pd.DataFrame(columns=[*columns, "result"]))
    >>> found[["chain", "link_fault", "missing_link"]].values.tolist()
    [['R1', '', ''], ['R2;R1', 'link_not_documented', 'R2']]
    """
    table = rights.reset_index(drop=True)
    links = _links(table, documents)
    names = table["right"].to_numpy(dtype=object)
    trail, papers = names.copy(), np.full(len(table), "", dtype=object)
    fault, missing = papers.copy(), papers.copy()
    end = pd.to_datetime(table["end"]).to_numpy(dtype="datetime64[ns]").copy()
    recorded = end.copy()
    for rows, at in _steps(links.above):
        first = fault[rows] == ""
        fault[rows] = np.where(first, links.fault[at], fault[rows])
        missing[rows] = np.where(first, links.name[at], missing[rows])
        papers[rows] = _and(papers[rows], links.papers[at])
        known = links.above[at] >= 0
        higher = links.above[at][known]
        trail[rows[known]] = _and(trail[rows[known]], names[higher])
        end[rows[known]] = np.fmin(end[rows[known]], recorded[higher])
    return pd.DataFrame(
        {
            "chain": pd.array(trail, "string"),
            "chain_evidence": pd.array(papers, "string"),
            "chain_end": end,
            "passed_on": _passed_on(table, links.above),
            "link_fault": pd.array(fault, "string"),
            "missing_link": pd.array(missing, "string"),
        },
        index=rights.index,
    )


def _steps(above: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Rows that still climb, and the row each has come to: every row once at its own link."""
    rows = np.flatnonzero(above != _ROOT)
    at = rows.copy()
    while len(rows):
        yield rows, at
        higher = above[at]
        going = (higher >= 0) & (above[np.maximum(higher, 0)] != _ROOT)
        rows, at = rows[going], higher[going]


def _links(table: pd.DataFrame, documents: pd.DataFrame) -> _Links:
    above = _unlooped(_above(table))
    names = table["right"].to_numpy(dtype=object)
    source = table["from_right"].astype("string").fillna("").to_numpy(dtype=object)
    known = above >= 0
    higher = np.maximum(above, 0)
    papers = _contracts(table.assign(above=above), documents)
    own = table["holder"].eq(table["holder"].take(higher).array).fillna(False).to_numpy(dtype=bool)
    level = _levels(table)
    by_contract = (level == _DERIVED) & (level[higher] > 0) & ~own
    lost, undocumented = above == _LOST, known & by_contract & (papers == "")
    outside = known & ~_within(table, higher)
    both = _and(names, names[higher])
    return _Links(
        above=above,
        fault=np.select([lost, undocumented, outside], list(LINKS), "").astype(object),
        name=np.select([lost, undocumented, outside], [_and(names, source), names, both], ""),
        papers=np.where(known, papers, ""),
    )


def _above(table: pd.DataFrame) -> Ints:
    """The row each right derives from; `_LOST` where it cannot be told."""
    first = table.reset_index().drop_duplicates(["parcel", "right"])
    rows = first.set_index(["parcel", "right"])["index"]
    named = table["from_right"].notna().to_numpy(dtype=bool)
    keys = pd.MultiIndex.from_arrays([table["parcel"], table["from_right"]])
    found = rows.reindex(keys).fillna(_LOST).to_numpy(dtype=np.int64)
    level = _levels(table)
    higher = level[np.maximum(found, 0)]
    manages = table["right_kind"].isin(MANAGEMENT).to_numpy(dtype=bool)
    below = (higher >= 0) & (higher < level)
    fits = below | (manages & manages[np.maximum(found, 0)])
    found = np.where((found >= 0) & ~fits, _LOST, found)
    return np.where(named, found, _taken(table, manages))


def _taken(table: pd.DataFrame, manages: npt.NDArray[np.bool_]) -> Ints:
    """The contracted right of another on the parcel; lost where there are several units of it."""
    possible = table["active"].fillna(True).astype(bool)
    contracted = table["right_kind"].isin(CONTRACT)
    in_force = (possible & contracted).groupby(table["parcel"]).transform("any").astype(bool)
    sources = table[contracted & (possible | ~in_force)]
    units = sources["unit_code"].fillna(sources["right"]).groupby(sources["parcel"]).nunique()
    first = sources.reset_index().drop_duplicates("parcel").set_index("parcel")["index"]
    row = table["parcel"].map(first).fillna(_ROOT).to_numpy(dtype=np.int64)
    several = table["parcel"].map(units).fillna(0).gt(1).to_numpy(dtype=bool)
    pairs = pd.MultiIndex.from_frame(sources[["parcel", "holder"]])
    own = pd.MultiIndex.from_frame(table[["parcel", "holder"]]).isin(pairs)
    other = manages & ~(own & table["holder"].notna().to_numpy(dtype=bool)) & (row >= 0)
    return np.where(other, np.where(several, _LOST, row), _ROOT)


def _passed_on(table: pd.DataFrame, above: Ints) -> npt.NDArray[np.bool_]:
    manages = table["right_kind"].isin(MANAGEMENT).to_numpy(dtype=bool)
    lasting = table["active"].fillna(True).to_numpy(dtype=bool)
    found = np.zeros(len(table), dtype=bool)
    found[above[manages & lasting & (above >= 0)]] = True
    return found & manages


def _unlooped(above: Ints) -> Ints:
    """Rights that lead back to themselves derive from nothing that is known."""
    at = above.copy()
    for _ in range(len(above).bit_length()):  # twice as far each time
        at = np.where(at >= 0, at[np.maximum(at, 0)], at)
    return np.where(at >= 0, _LOST, above)


def _within(table: pd.DataFrame, higher: Ints) -> npt.NDArray[np.bool_]:
    """Whether a term lies within the one above; an end the kind above need not have is none."""
    start, end = pd.to_datetime(table["start"]), pd.to_datetime(table["end"])
    top = table["right_kind"].take(higher)
    endless = ~top.isin(WITH_TERM).to_numpy(dtype=bool)
    begins, ends = start.take(higher), end.take(higher)
    after = start.array >= begins.array
    before = end.array <= ends.array
    open_start = endless & begins.isna().to_numpy()
    open_end = endless & ends.isna().to_numpy()
    return np.asarray((after | open_start) & (before | open_end), dtype=bool)


def _contracts(table: pd.DataFrame, documents: pd.DataFrame) -> Texts:
    """Transfer contracts about a right; one speaks for all co-owners who have it from there."""
    of_right = documents["subject_kind"].eq("right")
    kept = documents[documents["document_kind"].eq("transfer_contract") & of_right]
    refused = kept[kept["result"].eq("refused")]
    told = pd.concat([numbered(kept[kept["result"].ne("refused")]), refused])
    pairs = told.merge(table[["right"]], left_on="subject", right_on="right")
    heard = latest(pairs, "right", ["clear", SILENT])
    names = (table["parcel"], table["unit_code"].fillna(table["right"]), table["right_kind"])
    parcel, code, kind = (column.astype("string") for column in names)
    unit = parcel + "|" + code + "|" + kind + "|" + table["above"].astype("string")
    about = table[["right"]].assign(unit=unit).merge(heard[["right", "document"]], on="right")
    return laid(unit, joined(about.dropna(), "unit", "document"))


def _levels(table: pd.DataFrame) -> Ints:
    level = table["right_kind"].map(dict(LEVEL)).fillna(-1)
    return np.asarray(level, dtype=np.int64)


def _and(left: Texts, right: Texts) -> Texts:
    """Two texts joined by ``;``, either of which may be empty."""
    pairs = zip(left.tolist(), right.tolist(), strict=True)
    return np.array([";".join(filter(None, pair)) for pair in pairs], dtype=object)
