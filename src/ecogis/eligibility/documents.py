"""Documents that count at a date, and what they say about each subject.

A document counts only when it is dated on or before the day and not past its ``valid_until``; an
undated one never counts. Of several results the latest speaks; on the same day the adverse one. A
good word from somebody who cannot give it (`NOT_ISSUED_BY`) does not count, a bad one does.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.vocabulary import require

__all__ = [
    "COLUMNS",
    "NOT_ISSUED_BY",
    "Shelf",
    "in_force",
    "joined",
    "laid",
    "latest",
    "numbered",
    "shelf",
    "standing",
    "strung",
    "usable",
]

COLUMNS = (
    "document",
    "document_kind",
    "subject_kind",
    "subject",
    "number",
    "date",
    "valid_until",
    "result",
    "issuer_kind",
)
SILENT = "silent"  # a document without a result: it exists, and says no more than that
_ADVERSE: Final = ("encumbered", "refused")
_PARTIES: Final = ("holder", "own")
NOT_ISSUED_BY: Final = MappingProxyType(
    {
        "certificate": _PARTIES,
        "register_extract": _PARTIES,
        "pledge_search": _PARTIES,
        "project_search": _PARTIES,
        "project_registration": _PARTIES,
        "local_standard_proof": _PARTIES,
        "ledger_extract": ("holder",),
    }
)
"""Who cannot issue a paper of a kind: its holder and ourselves; of our own ledger, the holder.

A policy. Where the issuer is not on record the paper counts.
"""

Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Documents that count, one row per document and piece it is about.

    ``pairs`` has the document's columns and ``piece``; a missing result reads ``silent``.
    """

    pieces: pd.Index
    pairs: pd.DataFrame

    def of(self, kinds: Collection[str], results: Collection[str] | None = None) -> pd.DataFrame:
        """The pairs of some document kinds, of some results only where given."""
        wanted = self.pairs["document_kind"].isin(list(kinds))
        if results is not None:
            wanted &= self.pairs["result"].isin(list(results))
        return self.pairs[wanted]

    def held(self, pairs: pd.DataFrame) -> tuple[Mask, Texts]:
        """For each piece whether any of the pairs is about it, and their identifiers joined."""
        evidence = laid(self.pieces.to_series(), joined(pairs, "piece", "document"))
        return evidence != "", evidence

    def says(
        self, kind: str, result: Collection[str], among: Collection[str]
    ) -> tuple[Mask, Texts]:
        """Whether the latest document of a kind has one of `result`; only `among` are heard."""
        return self.held(latest(self.of([kind], among), "piece", set(result)))


def usable(documents: pd.DataFrame | None, day: date) -> pd.DataFrame:
    """The documents that count on a day, ordered by identifier.

    Examples
    --------
    >>> on_file = pd.DataFrame(
    ...     {
    ...         "document": ["D1", "D2", "D3"],
    ...         "document_kind": ["certificate"] * 3,
    ...         "subject_kind": ["parcel"] * 3,
    ...         "subject": ["P"] * 3,
    ...         "number": ["1", "2", "3"],
    ...         "date": pd.to_datetime(["2020-01-01", "2027-01-01", "2020-01-01"]),
    ...         "valid_until": pd.to_datetime([None, None, "2021-01-01"]),
    ...         "result": [None] * 3,
    ...         "issuer_kind": ["registry"] * 3,
    ...     }
    ... )
    >>> usable(on_file, date(2026, 8, 31))["document"].tolist()
    ['D1']
    """
    if documents is None:
        return pd.DataFrame(columns=[*COLUMNS]).astype({"date": "datetime64[ns]"})
    require(documents, COLUMNS, "documents")
    now = pd.Timestamp(day)
    dated, ends = pd.to_datetime(documents["date"]), pd.to_datetime(documents["valid_until"])
    known = documents["subject"].notna() & documents["document"].notna()
    counts = known & dated.le(now) & (ends.isna() | ends.ge(now)) & ~_self_issued(documents)
    found = documents.loc[counts, list(COLUMNS)].assign(date=dated[counts])
    found["result"] = found["result"].astype("string").fillna(SILENT)
    return found.sort_values("document", kind="stable", ignore_index=True)


def shelf(
    pieces: pd.DataFrame,
    documents: pd.DataFrame,
    piece_rights: pd.DataFrame,
    *,
    project: str | None = None,
) -> Shelf:
    """Lay usable documents beside the pieces they are about.

    Parameters
    ----------
    pieces : DataFrame
        ``piece stand parcel``.
    documents : DataFrame
        From `usable`.
    piece_rights : DataFrame
        ``piece right``: the rights whose documents speak for the piece.
    project : str, optional
        The project's identifier; without it every document about a project is about this one.
    """
    subjects = {
        "parcel": pieces[["piece", "parcel"]].set_axis(["piece", "subject"], axis=1),
        "stand": pieces[["piece", "stand"]].set_axis(["piece", "subject"], axis=1),
        "right": piece_rights[["piece", "right"]].set_axis(["piece", "subject"], axis=1),
    }
    found = [
        _about(named.dropna(), documents[documents["subject_kind"].eq(kind)])
        for kind, named in subjects.items()
    ]
    general = documents[documents["subject_kind"].eq("project")]
    if project is not None:
        general = general[general["subject"].eq(project)]
    found.append(pieces[["piece"]].merge(general, how="cross"))
    pairs = pd.concat([frame for frame in found if len(frame)] or found[-1:], ignore_index=True)
    return Shelf(pd.Index(pieces["piece"]), pairs)


def numbered(documents: pd.DataFrame) -> pd.DataFrame:
    """Those that bear a number, which clause 4.1 asks of certificates, contracts and reports.

    >>> numbered(pd.DataFrame({"document": ["D1", "D2"], "number": ["1", None]}))["document"].item()
    'D1'
    """
    return documents[documents["number"].astype("string").str.strip().fillna("").ne("")]


def standing(pairs: pd.DataFrame, refusals: pd.DataFrame) -> pd.DataFrame:
    """The pairs dated later than every refusal about the same piece.

    >>> days = pd.to_datetime(["2020-01-01", "2024-01-01"])
    >>> papers = pd.DataFrame({"piece": "P1", "document": ["D1", "D2"], "date": days})
    >>> refused = papers.assign(date=pd.Timestamp("2022-01-01"))
    >>> standing(papers, refused)["document"].tolist()
    ['D2']
    """
    last = refusals.groupby("piece")["date"].max().reindex(pd.Index(pairs["piece"]))
    beaten = pd.to_datetime(pairs["date"]).array <= pd.to_datetime(last).array
    return pairs[~np.asarray(beaten, dtype=bool)]


def latest(pairs: pd.DataFrame, key: str, results: Collection[str]) -> pd.DataFrame:
    """The rows by which the newest document of each key has one of `results`.

    Where several bear the newest date they must agree: an adverse one (encumbered, refused) beside
    a clear one is the one heard.
    """
    newest = pairs[pairs["date"].eq(pairs.groupby(key)["date"].transform("max"))]
    adverse = newest["result"].isin(_ADVERSE)
    overruled = adverse.groupby(newest[key]).transform("any") & ~adverse
    heard = newest[~overruled]
    return heard[heard["result"].isin(list(results))]


def joined(pairs: pd.DataFrame, key: str, name: str) -> pd.Series:
    """Identifiers per key, each once, ordered and joined by ``;``."""
    at, keys = pd.factorize(pairs[key], use_na_sentinel=False)
    which, names = pd.factorize(pairs[name], use_na_sentinel=False)
    once = np.unique(at.astype(np.int64) * len(names) + which)
    owner, place = np.divmod(once, max(1, len(names)))
    texts = _strung(owner, np.asarray(names, dtype=object)[place], len(keys), ordered=True)
    return pd.Series(texts, pd.Index(np.asarray(keys, dtype=object), dtype=object), dtype=object)


def strung(rows: pd.DataFrame, key: str, name: str) -> pd.Series:
    """Identifiers per key, as they come, joined by ``;``; a missing key has none.

    >>> rows = pd.DataFrame({"parcel": ["Z1", "Z1", None], "right": ["R2", "R1", "R3"]})
    >>> strung(rows, "parcel", "right").to_dict()
    {'Z1': 'R2;R1'}
    """
    at, keys = pd.factorize(rows[key])
    order = np.argsort(at, kind="stable")[np.count_nonzero(at < 0) :]
    texts = _strung(at[order], rows[name].to_numpy(dtype=object)[order], len(keys))
    return pd.Series(texts, pd.Index(np.asarray(keys, dtype=object), dtype=object), dtype=object)


def _strung(
    owner: npt.NDArray[np.int64], names: Texts, count: int, *, ordered: bool = False
) -> Texts:
    """Names of each of `count` owners, who stand in rising order; most have but one."""
    first = np.searchsorted(owner, np.arange(count + 1))
    texts = names[first[:-1]]
    for many in np.flatnonzero(np.diff(first) > 1).tolist():
        some = names[first[many] : first[many + 1]].tolist()
        texts[many] = ";".join(sorted(some) if ordered else some)
    return texts


def laid(keys: pd.Series, texts: pd.Series) -> Texts:
    """Texts by key laid beside the rows that bear the keys, empty where there is none."""
    found = texts.reindex(pd.Index(keys)).to_numpy(dtype=object)
    return np.where(pd.isna(found), "", found)


def in_force(start: pd.Series, end: pd.Series, day: date) -> Mask:
    """Whether a record is in force on a day: without a start it has begun, without an end lasts."""
    now = pd.Timestamp(day)
    begun, ends = pd.to_datetime(start), pd.to_datetime(end)
    return np.asarray((begun.isna() | begun.le(now)) & (ends.isna() | ends.ge(now)), dtype=bool)


def _self_issued(documents: pd.DataFrame) -> pd.Series:
    """Papers whose good word comes from somebody who cannot give it."""
    found = pd.Series(False, documents.index)
    for kind, parties in NOT_ISSUED_BY.items():
        found |= documents["document_kind"].eq(kind) & documents["issuer_kind"].isin(parties)
    return (found & ~documents["result"].isin(_ADVERSE)).fillna(False).astype(bool)


def _about(named: pd.DataFrame, documents: pd.DataFrame) -> pd.DataFrame:
    return named.merge(documents, on="subject", how="inner")
