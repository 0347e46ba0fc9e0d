"""Postings: the one table every sheet is a pivot of, so that all sheets tie.

A posting is an amount on a line of an account, told apart by place, owner and kind of forest. What
changes its kind moves in steps, one attribute at a time: out of the old cell and into the new one.
A sheet that does not show an attribute leaves its moves out; they cancel in each of its columns.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.accounts.lines import SHEETS, lines
from ecogis.accounts.parts import DIMENSIONS, STATUSES, rank
from ecogis.core.errors import VocabularyError

__all__ = [
    "ACCOUNTS",
    "POSTING_COLUMNS",
    "UNITS",
    "Ledger",
    "condensed",
    "joined",
    "line_place",
    "sheet_of",
    "summed",
]

UNITS: Final = {
    "land": "dm2",
    "forest": "dm2",
    "timber": "dm3",
    "carbon": "kg CO2e",
    "quality": "dm2",
    "age": "dm2",
    "extent": "dm2",
    "water": "m3",
}
"""Accounts in their order, and the unit of the amounts of each."""
ACCOUNTS: Final = tuple(UNITS)
_SHEET: Final = {"land": "area", "forest": "timber", "carbon": "timber"}
MOVES: Final = ("", "forest_class", *DIMENSIONS)
POSTING_COLUMNS: Final = (
    "account",
    "line_code",
    "move",
    *DIMENSIONS,
    "amount",
    "unit",
    "status",
    "source",
)
_LINES: Final = tuple(line.code for sheet in SHEETS for line in lines(sheet))

_LARGEST_KEY: Final = 2**62

Ints = npt.NDArray[np.int64]
Cell = Mapping[str, Ints]


def sheet_of(account: str) -> str:
    """The sheet whose lines an account has.

    >>> sheet_of("carbon")
    'timber'
    """
    return _SHEET.get(account, account)


def line_place(codes: Sequence[str]) -> Ints:
    """Places of line codes, as `Ledger.book` takes them for an array of lines."""
    return np.array([_LINES.index(code) for code in codes], dtype=np.int64)


class Ledger:
    """Collects bookings as whole numbers in coded cells and adds equal ones up.

    Parameters
    ----------
    names : mapping of str to list of str
        Texts of the codes of each of `DIMENSIONS` a cell may have.
    sources : sequence of str
        Where figures come from; `book` names one by its place.
    extra : mapping of str to sequence of str
        Texts that no part has but a booking may need.
    """

    def __init__(
        self,
        names: Mapping[str, Sequence[str]],
        sources: Sequence[str],
        extra: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        self._sources = tuple(dict.fromkeys(sources))
        self._source_at = [self._sources.index(source) for source in sources]
        self._given: dict[str, list[str]] = {}
        self._ranked: dict[str, list[str]] = {}
        self._place: dict[str, Ints] = {}
        for dimension in DIMENSIONS:
            given = list(names.get(dimension, ()))
            given += [text for text in (*extra.get(dimension, ()), "") if text not in given]
            ranked = rank(dimension, given)
            at = {text: place for place, text in enumerate(ranked)}
            self._ranked[dimension], self._given[dimension] = ranked, given
            self._place[dimension] = np.array([at[text] for text in given], dtype=np.int64)
        sizes = [len(self._ranked[dimension]) for dimension in DIMENSIONS]
        self._sizes = (len(ACCOUNTS), len(_LINES), len(MOVES), *sizes, len(STATUSES))
        self._sizes += (len(self._sources),)
        self._batches: list[tuple[Ints, Ints]] = []

    def code(self, dimension: str, text: str) -> int:
        """Code of a text in a cell."""
        return self._given[dimension].index(text)

    def book(
        self,
        account: str,
        line: str | Ints,
        amount: Ints,
        cell: Cell,
        *,
        move: str = "",
        status: int | Ints = 0,
        source: int = 0,
        zeros: bool = False,
    ) -> None:
        """Book amounts to a line, or to a line each, in the cells given by codes.

        A dimension the cell does not name is not told apart. Nothing is booked where the amount is
        nought and known, unless `zeros` are asked for: then the sheet shows that there is none.
        """
        states = np.broadcast_to(np.asarray(status, dtype=np.int64), amount.shape)
        kept = np.flatnonzero(zeros | (amount != 0) | (states == STATUSES.index("missing")))
        if not len(kept):
            return
        if len(kept) < len(amount):
            amount, states = amount[kept], states[kept]
            line = line if isinstance(line, str) else line[kept]
            cell = {name: codes[kept] for name, codes in cell.items()}
        places = _LINES.index(line) if isinstance(line, str) else line
        axes = [np.int64(ACCOUNTS.index(account)), places, np.int64(MOVES.index(move))]
        for dimension in DIMENSIONS:
            blank = np.int64(self._ranked[dimension].index(""))
            here = cell.get(dimension)
            axes.append(blank if here is None else self._place[dimension][here])
        axes += [states, np.int64(self._source_at[source])]
        key = np.zeros(len(kept), dtype=np.int64)
        for axis, size in zip(axes, self._sizes, strict=True):
            key = key * size + axis
        self._batches.append((key, amount.astype(np.int64)))

    def postings(self) -> pd.DataFrame:
        """All bookings, equal cells added up, in the order of `POSTING_COLUMNS`."""
        none = np.zeros(0, dtype=np.int64)
        keys = np.concatenate([none, *(key for key, _ in self._batches)])
        amounts = np.concatenate([none, *(amount for _, amount in self._batches)])
        order = np.argsort(keys)
        keys, amounts = keys[order], amounts[order]
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        sums = np.add.reduceat(amounts, first) if len(first) else none
        names = [ACCOUNTS, _LINES, MOVES, *(self._ranked[name] for name in DIMENSIONS)]
        names += [STATUSES, self._sources]
        columns = [*POSTING_COLUMNS[: 3 + len(DIMENSIONS)], "status", "source"]
        rest, made = keys[first], {}
        for column, size, texts in reversed(list(zip(columns, self._sizes, names, strict=True))):
            above = rest // size
            rest, place = above, rest - above * size
            made[column] = pd.Categorical.from_codes(place, categories=pd.Index(list(texts)))
        table = pd.DataFrame(made).assign(amount=sums)
        units = pd.Categorical(list(UNITS.values()), categories=sorted(set(UNITS.values())))
        table["unit"] = units[table["account"].cat.codes.to_numpy()]
        return table[list(POSTING_COLUMNS)]


def joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Several tables of postings as one, row below row; text columns become categories.

    Raises
    ------
    VocabularyError
        E008 there is no such account, line, move or status.
    """
    made = []
    order = {"account": ACCOUNTS, "line_code": _LINES, "move": MOVES, "status": STATUSES}
    texts: dict[str, Sequence[str]] = {}
    for name in _TEXTS:
        seen = {str(text) for table in tables for text in _texts(table[name])}
        ranked = rank(name, sorted(seen)) if name in DIMENSIONS else sorted(seen)
        texts[name] = list(order.get(name, ranked))
        if strange := sorted(seen.difference(texts[name])):
            raise VocabularyError("E008", name=f"{name} {strange[0]}")
    for table in tables:
        columns = {name: _recoded(table[name], texts[name]) for name in _TEXTS}
        made.append(table.assign(**columns)[list(POSTING_COLUMNS)])
    return pd.concat(made, ignore_index=True)


def condensed(postings: pd.DataFrame) -> pd.DataFrame:
    """Postings as the printed tables need them: fewer rows, the same sums and statuses.

    Species groups and sources are not told apart, quality grades only where they are an account of
    their own, and moves between them are left out.

    Parameters
    ----------
    postings : DataFrame
        `POSTING_COLUMNS`, text columns as categories.

    Returns
    -------
    DataFrame
        `POSTING_COLUMNS`, equal cells added up.

    Examples
    --------
    >>> ledger = Ledger({"species_group": ["fir", "pine"]}, ["survey"])
    >>> group = np.arange(2)
    >>> ledger.book("timber", "T00", group + 1, {"species_group": group})
    >>> condensed(ledger.postings())[["line_code", "species_group", "amount"]].values.tolist()
    [['T00', '', 3]]
    """
    left_out = postings["move"].isin(["species_group", "quality"]) & ~_graded(postings)
    kept = postings[~left_out.to_numpy()]
    grades = dict.fromkeys([*kept["quality"].cat.categories, ""])
    quality = kept["quality"].cat.set_categories(list(grades))
    kept = kept.assign(quality=quality.where(_graded(kept), ""))
    return summed(kept, without=["species_group"])


def summed(postings: pd.DataFrame, *, without: Sequence[str] = ()) -> pd.DataFrame:
    """Equal cells added up; sources are not told apart, and no dimension named in `without`.

    Parameters
    ----------
    postings : DataFrame
        `POSTING_COLUMNS`, text columns as categories; int64 must hold the sum of the amounts.
    without : sequence of str
        Of `DIMENSIONS`.

    Returns
    -------
    DataFrame
        `POSTING_COLUMNS`, in the order of the categories.

    Examples
    --------
    >>> ledger = Ledger({"township": ["S", "T"]}, ["survey"])
    >>> place = np.arange(2)
    >>> ledger.book("timber", "T00", place + 1, {"township": place})
    >>> summed(ledger.postings(), without=["township"])[["township", "amount"]].values.tolist()
    [['', 3]]
    """
    left_out = {*without, "source"}
    told = [name for name in _TEXTS if name not in left_out]
    order, first = _equal([postings[name] for name in told])
    amount = postings["amount"].to_numpy(dtype=np.int64)[order]
    made = postings.iloc[order[first]].reset_index(drop=True)
    blank = pd.Categorical([""] * len(made))
    return made.assign(
        amount=np.add.reduceat(amount, first) if len(first) else amount,
        **dict.fromkeys(left_out, blank),
    )


def _equal(columns: Sequence[pd.Series]) -> tuple[Ints, Ints]:
    """Order in which rows with equal categories stand together, and the first place of each."""
    key, size = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        count = len(column.cat.categories) + 1
        if size * count > _LARGEST_KEY:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            size = len(key) + 1
        key, size = key * count + column.cat.codes.to_numpy() + 1, size * count
    order = np.argsort(key, kind="stable")
    return order, np.flatnonzero(np.diff(key[order], prepend=-1))


def _graded(postings: pd.DataFrame) -> pd.Series:
    return postings["account"].isin(["quality", "water"])


def _texts(column: pd.Series) -> Sequence[str]:
    is_coded = isinstance(column.dtype, pd.CategoricalDtype)
    return list(column.cat.categories) if is_coded else list(column.unique())


def _recoded(column: pd.Series, texts: Sequence[str]) -> pd.Categorical:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return pd.Categorical(column.cat.set_categories(list(texts)))
    return pd.Categorical(column, categories=list(texts))


_TEXTS: Final = tuple(column for column in POSTING_COLUMNS if column != "amount")
