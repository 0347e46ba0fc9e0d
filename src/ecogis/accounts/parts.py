"""Parts: land rows by owner, coded, with what stayed, rose and fell on each, in whole numbers.

What stayed, what rose and what fell are split apart over the owners by largest remainder; opening
and closing are their sums. So nothing is below nothing, owners add up to the row, and every owner's
opening, flows and closing close.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.accounts.rows import ATTRIBUTES, NOT_STATED, QUANTITIES, Survey
from ecogis.core.vocabulary import codes, require
from ecogis.numerics.rounding import largest_remainder

__all__ = [
    "DIMENSIONS",
    "NOT_ON_RECORD",
    "STATUSES",
    "Parts",
    "holders",
    "over_owners",
    "parts",
    "rank",
]

DIMENSIONS = ("township", "farm", "owner", "land_class", *ATTRIBUTES)
"""What an amount is told apart by."""
NOT_ON_RECORD = "not_on_record"
STATUSES = ("observed", "modelled", "imputed", "missing")
"""How a figure came about, the surest first."""

_CODED = frozenset(DIMENSIONS) - {"township", "farm", "species_group"}

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Codes = Mapping[str, Ints]


@dataclass(frozen=True, slots=True)
class Parts:
    """Land of one row and one owner, arrays of the same length.

    Attributes
    ----------
    names : mapping of str to list of str
        Texts of the codes of each of `DIMENSIONS`, and of ``cause``.
    before, after : mapping of str to array
        Code by dimension at the opening and at the closing; where one side is missing both are
        those of the other.
    has_left, has_right : array of bool
        Whether the land lies in a stand of the opening, of the closing survey.
    left, right : array
        Row of the stand in its survey, -1 where missing.
    cause : array
        Code of the closing stand's cause of change.
    area : array
        Area. [dm2]
    kept, rise, fall : mapping of str to array
        By quantity: the smaller of opening and closing, and what is above it on either side.
    status_before, status_after : array
        Place in `STATUSES` of volume and carbon.
    """

    names: Mapping[str, list[str]]
    before: Codes
    after: Codes
    has_left: Bools
    has_right: Bools
    left: Ints
    right: Ints
    cause: Ints
    area: Ints
    kept: Codes
    rise: Codes
    fall: Codes
    status_before: Ints
    status_after: Ints

    @property
    def both(self) -> Bools:
        """Land of both surveys."""
        return self.has_left & self.has_right

    def opening(self, quantity: str) -> Ints:
        """Opening amounts of a quantity."""
        return self.kept[quantity] + self.fall[quantity]

    def closing(self, quantity: str) -> Ints:
        """Closing amounts of a quantity."""
        return self.kept[quantity] + self.rise[quantity]

    def named(self, dimension: str, texts: object) -> Bools:
        """Whether each code of a dimension is one of some texts; to be indexed by codes."""
        return np.isin(np.array(self.names[dimension], dtype=object), list(texts))  # type: ignore[call-overload]


def parts(
    rows: pd.DataFrame, opening: Survey, closing: Survey, owners: pd.DataFrame | None = None
) -> Parts:
    """Split land rows over the owners of their closing stand.

    Parameters
    ----------
    rows : DataFrame
        As `land_rows` gives them.
    opening, closing : Survey
        The stands.
    owners : DataFrame, optional
        ``stand owner_opening owner_closing area_dm2`` for closing stands, as `stand_owners` gives
        them. Without it, and for land no closing stand covers, owners are ``not_on_record``.

    Returns
    -------
    Parts
    """
    first, last = opening.stands, closing.stands
    left, right = (rows[side].to_numpy(dtype=np.int64) for side in ("left", "right"))
    held, row = holders(owners, last.index, right)
    split = over_owners(_amounts(rows), row, held["area_dm2"].to_numpy(dtype=np.int64))
    names, before, after = _attributes(first, last, left[row], right[row])
    names["owner"] = [str(name) for name in held["owner_opening"].cat.categories]
    for side, name in ((before, "owner_opening"), (after, "owner_closing")):
        side["owner"] = np.asarray(held[name].cat.codes, dtype=np.int64)
    causes, names["cause"] = _factorized(last["cause"].to_numpy(dtype=object))
    blank = len(names["cause"])
    names["cause"].append(NOT_STATED)
    count = len(QUANTITIES)
    return Parts(
        names=names,
        before=before,
        after=after,
        has_left=left[row] >= 0,
        has_right=right[row] >= 0,
        left=left[row],
        right=right[row],
        cause=np.append(causes, blank)[right[row]],
        area=split[:, 0],
        kept={name: split[:, 1 + at] for at, name in enumerate(QUANTITIES)},
        rise={name: split[:, 1 + count + at] for at, name in enumerate(QUANTITIES)},
        fall={name: split[:, 1 + 2 * count + at] for at, name in enumerate(QUANTITIES)},
        status_before=_status(first)[left[row]],
        status_after=_status(last)[right[row]],
    )


def holders(owners: pd.DataFrame | None, stands: pd.Index, of: Ints) -> tuple[pd.DataFrame, Ints]:
    """Owners of the stands some rows lie in, and the row each is of.

    Parameters
    ----------
    owners : DataFrame or None
        ``stand owner_opening owner_closing area_dm2``; nothing where owners are not on record.
    stands : Index
        Stands of a survey.
    of : array
        Place of each row's stand in `stands`, -1 where it lies in none.

    Returns
    -------
    tuple of DataFrame and array
        ``owner_opening owner_closing area_dm2``, one row for each owner of each row, and the
        number of that row; a row without owners on record has one, ``not_on_record``.
    """
    held = _held(owners, stands)
    row, at = _spread(of, held)
    return held.iloc[at].reset_index(drop=True), row


def rank(dimension: str, texts: list[str]) -> list[str]:
    """Texts of a dimension in the vocabulary's order; others after them, by the alphabet."""
    known = list(codes(dimension)) if dimension in _CODED else []
    order = {code: at for at, code in enumerate(known)}
    return sorted(texts, key=lambda text: (order.get(text, len(order)), text == "", text))


def _held(owners: pd.DataFrame | None, stands: pd.Index) -> pd.DataFrame:
    """Owners by place of the stand; the last row is for land without owners on record."""
    nobody = pd.DataFrame({"at": [len(stands)], "owner_opening": [NOT_ON_RECORD]})
    nobody = nobody.assign(owner_closing=NOT_ON_RECORD, area_dm2=1)
    if owners is None:
        return nobody.astype({"owner_opening": "category", "owner_closing": "category"})
    require(owners, ["stand", "owner_opening", "owner_closing", "area_dm2"], "owners")
    at = stands.get_indexer(pd.Index(owners["stand"].astype(object)))
    known = (at >= 0) & owners["area_dm2"].gt(0).to_numpy()
    held = owners.loc[known, ["area_dm2"]].assign(at=at[known])
    names = rank("owner", sorted({*_seen(owners, "opening"), *_seen(owners, "closing")}))
    for name in ("owner_opening", "owner_closing"):
        held[name] = pd.Categorical(owners.loc[known, name], categories=[*names, NOT_ON_RECORD])
        nobody[name] = pd.Categorical(nobody[name], categories=[*names, NOT_ON_RECORD])
    held = held.sort_values(["at", "owner_opening", "owner_closing"], kind="stable")
    return pd.concat([held[list(nobody)], nobody], ignore_index=True)


def _seen(owners: pd.DataFrame, side: str) -> list[str]:
    return [str(name) for name in owners[f"owner_{side}"].unique() if name != NOT_ON_RECORD]


def _spread(right: Ints, held: pd.DataFrame) -> tuple[Ints, Ints]:
    """Row and place in `held` of each part; a row has as many parts as its stand has owners."""
    at = held["at"].to_numpy(dtype=np.int64)
    start = np.searchsorted(at, right)
    count = np.searchsorted(at, right, side="right") - start
    none = (right < 0) | (count == 0)
    start, count = np.where(none, len(held) - 1, start), np.where(none, 1, count)
    row = np.repeat(np.arange(len(right)), count)
    within = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    return row, start[row] + within


def _amounts(rows: pd.DataFrame) -> Ints:
    """Area, and of each quantity what stayed, rose and fell, in columns."""
    before, after = (
        rows[[f"{side}_{quantity}" for quantity in QUANTITIES]].to_numpy(dtype=np.int64)
        for side in ("opening", "closing")
    )
    kept = np.minimum(before, after)
    area = rows[["area_dm2"]].to_numpy(dtype=np.int64)
    return np.concatenate([area, kept, after - kept, before - kept], axis=1)


def over_owners(amounts: Ints, row: Ints, weights: Ints) -> Ints:
    """Split each row's amounts (row, quantity) over its owners, by area, by largest remainder."""
    alone = np.bincount(row, minlength=len(amounts))[row] == 1
    split = amounts[row]
    if not alone.all():
        several, groups = np.unique(row[~alone], return_inverse=True)
        split[~alone] = largest_remainder(weights[~alone], amounts[several], groups)
    return split


def _attributes(
    first: pd.DataFrame, last: pd.DataFrame, left: Ints, right: Ints
) -> tuple[dict[str, list[str]], dict[str, Ints], dict[str, Ints]]:
    """Codes of both sides by dimension; a side that is missing takes the other's."""
    names: dict[str, list[str]] = {}
    before: dict[str, Ints] = {}
    after: dict[str, Ints] = {}
    for name in DIMENSIONS:
        if name == "owner":
            continue
        both = np.concatenate([first[name].to_numpy(object), last[name].to_numpy(object)])
        found, names[name] = _factorized(both)
        one, two = (
            np.append(found[: len(first)], -1)[left],
            np.append(found[len(first) :], -1)[right],
        )
        before[name], after[name] = np.where(left < 0, two, one), np.where(right < 0, one, two)
    for name in ("township", "farm"):  # a place is that of the closing survey
        before[name] = after[name]
    return names, before, after


def _factorized(texts: npt.NDArray[np.object_]) -> tuple[Ints, list[str]]:
    found, names = pd.factorize(texts, sort=False)
    return found.astype(np.int64), [str(name) for name in names]


def _status(stands: pd.DataFrame) -> Ints:
    """Places in `STATUSES`; the last is for a stand that is not there."""
    places = {name: at for at, name in enumerate(STATUSES)}
    return np.append(stands["status"].map(places).to_numpy(dtype=np.int64), 0)
