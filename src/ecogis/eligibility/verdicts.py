"""Verdicts: yes, no or not known, for each piece and clause, with reason and evidence."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import and_
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core import identifiers
from ecogis.core.vocabulary import require
from ecogis.eligibility.reasons import reason

__all__ = ["ALL", "COLUMNS", "Case", "Verdicts", "every", "gather", "judge", "words"]

COLUMNS = ("piece", "clause", "verdict", "reason", "evidence", "would_settle", "open_reasons")
ALL: Final = "all"
"""Stands for all clauses together."""

_YES, _NO, _UNKNOWN = "yes", "no", "unknown"
_AREAS: Final = ("yes_dm2", "no_dm2", "unknown_dm2")

Mask = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Case:
    """A reason for no or not known: the pieces it holds for, and what shows it."""

    reason: str
    where: Mask
    evidence: Texts | None = None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The verdicts of some clauses on all pieces.

    Attributes
    ----------
    table : DataFrame
        One row per piece and clause: ``piece clause verdict`` (nullable boolean, missing = not
        known) ``reason`` (code) ``evidence`` (identifiers joined by ``;``) ``would_settle``
        (document kinds joined by ``;``) ``open_reasons`` (all codes that leave it open).
    pieces : DataFrame
        ``piece parcel area_dm2`` of the pieces judged, and ``stand`` where it was given.
    labels : mapping
        Clause to its name in Chinese and English, in the order of the clauses.
    about : DataFrame, optional
        ``parcel reason right holder``: the rights a reason is about, where it is about some.
    """

    table: pd.DataFrame
    pieces: pd.DataFrame
    labels: Mapping[str, tuple[str, str]]
    about: pd.DataFrame | None = None
    _laid_out: list[pd.DataFrame] = field(default_factory=list, repr=False, compare=False)

    def wide(self) -> pd.DataFrame:
        """One row per piece, one nullable-boolean column per clause."""
        if not self._laid_out:
            self._laid_out.append(self._wide())
        return self._laid_out[0].copy()

    def _wide(self) -> pd.DataFrame:
        pieces = pd.Index(self.pieces["piece"], name="piece")
        rows = pieces.get_indexer(pd.Index(self.table["piece"]))
        columns = pd.Index(list(self.labels)).get_indexer(pd.Index(self.table["clause"]))
        known = np.zeros((len(pieces), len(self.labels)), dtype=bool)
        held = known.copy()
        known[rows, columns] = self.table["verdict"].notna()
        held[rows, columns] = self.table["verdict"].fillna(False)
        return pd.DataFrame(
            {
                clause: pd.arrays.BooleanArray(held[:, place].copy(), ~known[:, place])
                for place, clause in enumerate(self.labels)
            },
            index=pieces,
        )

    def updated(self, newer: "Verdicts") -> "Verdicts":
        """The same with some clauses judged anew, for the same pieces."""
        table = self.table.copy()
        again = table["clause"].isin(list(newer.labels)).to_numpy(dtype=bool)
        for name in COLUMNS:
            column = table[name].array.copy()
            column[again] = newer.table[name].array
            table[name] = column
        return replace(self, table=table, _laid_out=[])

    def every(self) -> pd.Series:
        """Whether all clauses hold, by piece: one no decides, else one unknown leaves it open."""
        return every(self.wide())

    def counts(self) -> pd.DataFrame:
        """Pieces and hectares by clause and verdict.

        Returns
        -------
        DataFrame
            ``clause zh en yes no unknown yes_ha no_ha unknown_ha``; areas are int64 sums. [ha]
        """
        area = self.pieces.set_index("piece")["area_dm2"]
        rows = []
        for clause, verdict in self.wide().items():
            spoken = words(verdict)
            zh, en = self.labels[str(clause)]
            row: dict[str, object] = {"clause": clause, "zh": zh, "en": en}
            held = {word: spoken.eq(word) for word in (_YES, _NO, _UNKNOWN)}
            row |= {word: int(mask.sum()) for word, mask in held.items()}
            row |= {f"{word}_ha": _hectares(area[mask]) for word, mask in held.items()}
            rows.append(row)
        return pd.DataFrame(rows)

    def by_parcel(self) -> pd.DataFrame:
        """What the pieces of each parcel come to: one no decides, else one unknown leaves it open.

        Returns
        -------
        DataFrame
            ``parcel clause verdict pieces yes_dm2 no_dm2 unknown_dm2``, by parcel and clause; the
            clause `ALL` stands for all of them together. Areas are int64 sums. [0.01 m2]
        """
        return _summed(self, self.pieces["parcel"].rename("parcel"))

    def of_project(self, among: Collection[str] | None = None) -> pd.DataFrame:
        """What the pieces come to together, clause by clause.

        Parameters
        ----------
        among : collection of str, optional
            The pieces put forward; without it all.

        Returns
        -------
        DataFrame
            As `by_parcel`, without ``parcel``. Without a piece nothing is known.
        """
        chosen = slice(None) if among is None else identifiers.among(self.pieces["piece"], among)
        one = pd.Series("", self.pieces.index[chosen], name="parcel", dtype="string")
        found = _summed(self, one).drop(columns="parcel")
        if len(found):
            return found
        nothing = dict.fromkeys(("pieces", *_AREAS), 0)
        clauses = pd.array([*self.labels, ALL], "string")
        blank = pd.DataFrame({"clause": clauses, "verdict": pd.NA} | nothing)
        return blank.astype(found.dtypes.to_dict())


def every(wide: pd.DataFrame) -> pd.Series:
    """Kleene conjunction over columns: one no decides, otherwise one unknown leaves it open.

    Examples
    --------
    >>> wide = pd.DataFrame({"a": [True, True, False], "b": [True, None, None]}, dtype="boolean")
    >>> every(wide).tolist()
    [True, <NA>, False]
    """
    held = (wide[column] for column in wide.columns)
    return reduce(and_, held).rename("verdict")


def words(verdict: pd.Series) -> pd.Series:
    """The verdict as ``yes``, ``no`` or ``unknown``, for borders and counts.

    >>> words(pd.Series([True, None], dtype="boolean")).tolist()
    ['yes', 'unknown']
    """
    spoken = np.select([verdict.fillna(False), ~verdict.fillna(True)], [_YES, _NO], _UNKNOWN)
    return pd.Series(spoken, index=verdict.index, dtype="string")


def judge(cases: Sequence[Case], otherwise: str | Texts, on_hand: Texts) -> pd.DataFrame:
    """Join the cases of one clause into verdicts.

    A case of no decides. Otherwise any case of not known leaves the piece open, and what would
    settle it is the union over all of them. A piece with no case against it gets `otherwise`.

    Parameters
    ----------
    cases : sequence of Case
        Reasons against, the weightiest first.
    otherwise : str or array of str
        The reason for yes.
    on_hand : array of str
        Evidence for yes, shown for not known as well.

    Returns
    -------
    DataFrame
        ``verdict reason evidence would_settle open_reasons``, one row per piece in the order given.
    """
    refusing = [case for case in cases if reason(case.reason).verdict == _NO]
    leaving_open = [case for case in cases if reason(case.reason).verdict == _UNKNOWN]
    ordered = refusing + leaving_open
    why = np.array(otherwise, dtype=object) if isinstance(otherwise, str) else otherwise
    verdict = np.full(len(on_hand), _YES, dtype=object)
    why, shown = np.broadcast_to(why, len(on_hand)).copy(), on_hand.copy()
    for case in reversed(ordered):
        why[case.where] = case.reason
        verdict[case.where] = reason(case.reason).verdict
        shown[case.where] = (on_hand if case.evidence is None else case.evidence)[case.where]
    settle, whys = _wanted(leaving_open, len(on_hand))
    settled = verdict != _UNKNOWN
    settle[settled] = whys[settled] = ""
    return pd.DataFrame(
        {
            "verdict": pd.Series(verdict == _YES, dtype="boolean").mask(verdict == _UNKNOWN),
            "reason": pd.array(why, dtype="string"),
            "evidence": pd.array(shown, dtype="string"),
            "would_settle": pd.array(settle, dtype="string"),
            "open_reasons": pd.array(whys, dtype="string"),
        }
    )


def gather(
    pieces: pd.DataFrame,
    judged: Mapping[str, pd.DataFrame],
    labels: Mapping[str, tuple[str, str]],
    about: pd.DataFrame | None = None,
) -> Verdicts:
    """Verdicts over all clauses, ordered by piece and by the clauses' own order."""
    require(pieces, ("piece", "parcel", "area_dm2"), "pieces")
    columns = [name for name in ("piece", "parcel", "area_dm2", "stand") if name in pieces]
    kept = pieces[columns].reset_index(drop=True)
    long = pd.concat(
        [
            frame.assign(piece=kept["piece"], clause=pd.array([clause] * len(frame), "string"))
            for clause, frame in judged.items()
        ],
        ignore_index=True,
    )
    order = kept["piece"].argsort(kind="stable").to_numpy()
    places = order[:, None] + len(kept) * np.arange(len(judged))
    table = long[list(COLUMNS)].take(places.reshape(-1)).reset_index(drop=True)
    return Verdicts(table, kept.take(order).reset_index(drop=True), dict(labels), about)


def _summed(verdicts: Verdicts, key: pd.Series) -> pd.DataFrame:
    """Verdicts and areas by a key of the pieces and by clause, and over all clauses."""
    wide = verdicts.wide().reset_index(drop=True)
    wide[ALL] = every(wide)
    area = verdicts.pieces["area_dm2"].reindex(key.index).astype("int64")
    rows = []
    for place, clause in enumerate(wide.columns):
        spoken = words(wide[clause].reindex(key.index))
        parts = {f"{word}_dm2": area.where(spoken.eq(word), 0) for word in (_YES, _NO, _UNKNOWN)}
        some = {word: spoken.eq(word) for word in (_NO, _UNKNOWN)}
        frame = pd.DataFrame(parts | some | {"pieces": 1})
        found = frame.groupby(key, sort=True, dropna=False).sum()
        verdict = found[_NO].eq(0).astype("boolean").mask(found[_NO].eq(0) & found[_UNKNOWN].gt(0))
        rows.append(found.assign(clause=clause, verdict=verdict, place=place).reset_index())
    table = pd.concat(rows, ignore_index=True).astype({"parcel": "string", "clause": "string"})
    ordered = table.sort_values(["parcel", "place"], ignore_index=True)
    return ordered[["parcel", "clause", "verdict", "pieces", *_AREAS]]


def _wanted(cases: Sequence[Case], pieces: int) -> tuple[Texts, Texts]:
    """Document kinds asked for by all open cases of a piece, each once, in order; and the cases."""
    pattern = np.zeros(pieces, dtype=np.int64)
    for bit, case in enumerate(cases):
        pattern |= case.where.astype(np.int64) << bit
    kinds: dict[int, str] = {}
    whys: dict[int, str] = {}
    for hit in np.unique(pattern).tolist():
        codes = dict.fromkeys(case.reason for bit, case in enumerate(cases) if hit >> bit & 1)
        asked = [reason(code).would_settle for code in codes]
        kinds[hit] = ";".join(dict.fromkeys(kind for group in asked for kind in group))
        whys[hit] = ";".join(codes)
    told = ([names[hit] for hit in pattern.tolist()] for names in (kinds, whys))
    settle, codes_of = (np.array(texts, dtype=object) for texts in told)
    return settle, codes_of


def _hectares(area_dm2: pd.Series) -> float:
    return int(area_dm2.sum()) * 1e-6
