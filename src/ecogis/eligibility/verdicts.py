"""Verdicts: yes, no or not known, for each piece and clause, with reason and evidence."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.vocabulary import require
from ecogis.eligibility.reasons import reason

__all__ = ["COLUMNS", "Case", "Verdicts", "every", "gather", "judge", "words"]

COLUMNS = ("piece", "clause", "verdict", "reason", "evidence", "would_settle")
_YES, _NO, _UNKNOWN = "yes", "no", "unknown"

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
        (document kinds joined by ``;``).
    pieces : DataFrame
        ``piece parcel area_dm2`` of the pieces judged.
    labels : mapping
        Clause to its name in Chinese and English, in the order of the clauses.
    """

    table: pd.DataFrame
    pieces: pd.DataFrame
    labels: Mapping[str, tuple[str, str]]

    def wide(self) -> pd.DataFrame:
        """One row per piece, one nullable-boolean column per clause."""
        pieces = pd.Index(self.pieces["piece"], name="piece")
        columns = {
            clause: self.table[self.table["clause"].eq(clause)].set_index("piece")["verdict"]
            for clause in self.labels
        }
        return pd.DataFrame(
            {clause: verdict.reindex(pieces) for clause, verdict in columns.items()}, index=pieces
        ).astype("boolean")

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

    def due_diligence(self, among: Collection[str] | None = None) -> pd.DataFrame:
        """The documents still missing, by parcel and clause.

        Parameters
        ----------
        among : collection of str, optional
            The pieces asked about; without it all.

        Returns
        -------
        DataFrame
            ``subject clause would_settle pieces area_ha``, the largest area first.
        """
        columns = ["piece", "clause", "would_settle"]
        asked = self.table["verdict"].isna()
        if among is not None:
            asked &= self.table["piece"].isin(list(among))
        unsettled = self.table.loc[asked, columns]
        unsettled = unsettled.merge(self.pieces, on="piece", validate="many_to_one")
        keys = ["parcel", "clause", "would_settle"]
        wanted = unsettled.groupby(keys, dropna=False, as_index=False).agg(
            pieces=("piece", "size"), area_dm2=("area_dm2", "sum")
        )
        wanted["area_ha"] = wanted.pop("area_dm2") * 1e-6
        wanted = wanted.rename(columns={"parcel": "subject"})
        order = ["area_ha", "subject", "clause"]
        return wanted.sort_values(order, ascending=[False, True, True], ignore_index=True)


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
        ``verdict reason evidence would_settle``, one row per piece in the order given.
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
    settle = _wanted(leaving_open, len(on_hand))
    settle[verdict != _UNKNOWN] = ""
    return pd.DataFrame(
        {
            "verdict": pd.Series(verdict == _YES, dtype="boolean").mask(verdict == _UNKNOWN),
            "reason": pd.array(why, dtype="string"),
            "evidence": pd.array(shown, dtype="string"),
            "would_settle": pd.array(settle, dtype="string"),
        }
    )


def gather(
    pieces: pd.DataFrame, judged: Mapping[str, pd.DataFrame], labels: Mapping[str, tuple[str, str]]
) -> Verdicts:
    """Verdicts over all clauses, ordered by piece and by the clauses' own order."""
    require(pieces, ("piece", "parcel", "area_dm2"), "pieces")
    kept = pieces[["piece", "parcel", "area_dm2"]].reset_index(drop=True)
    long = pd.concat(
        [
            frame.assign(piece=kept["piece"], clause=pd.array([clause] * len(frame), "string"))
            for clause, frame in judged.items()
        ],
        ignore_index=True,
    )
    rank = long["clause"].map({clause: place for place, clause in enumerate(judged)})
    long = long.assign(rank=rank).sort_values(["piece", "rank"], ignore_index=True)
    kept = kept.sort_values("piece", ignore_index=True)
    return Verdicts(long[list(COLUMNS)], kept, dict(labels))


def _wanted(cases: Sequence[Case], pieces: int) -> Texts:
    """Document kinds asked for by all open cases of a piece, each once, in order."""
    pattern = np.zeros(pieces, dtype=np.int64)
    for bit, case in enumerate(cases):
        pattern |= case.where.astype(np.int64) << bit
    kinds: dict[int, str] = {}
    for hit in np.unique(pattern).tolist():
        open_cases = [case for bit, case in enumerate(cases) if hit >> bit & 1]
        asked = [reason(case.reason).would_settle for case in open_cases]
        kinds[hit] = ";".join(dict.fromkeys(kind for group in asked for kind in group))
    return np.array([kinds[hit] for hit in pattern.tolist()], dtype=object)


def _hectares(area_dm2: pd.Series) -> float:
    return int(area_dm2.sum()) * 1e-6
