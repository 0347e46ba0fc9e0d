"""The accounts laid out: every sheet is a pivot of the postings."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.accounts.lines import Line, confidence, lines
from ecogis.accounts.parts import Parts, rank
from ecogis.accounts.postings import sheet_of
from ecogis.accounts.rows import NOT_STATED, QUANTITIES, Survey
from ecogis.core.vocabulary import FOREST, code_label, codes

__all__ = ["WHOLE", "change_matrix", "line_table", "sheet", "shown", "structure", "unmatched"]

WHOLE: Final = ""
"""The township of rows that speak for the whole area."""
HEAD: Final = ("township", "line_code", "zh", "en", "kind", "confidence")
TYPES: Final = ("origin", "forest_category", "age_group")

Ints = npt.NDArray[np.int64]


def shown(postings: pd.DataFrame, account: str, by: Sequence[str] = ()) -> pd.DataFrame:
    """Postings of an account that a sheet by some attributes shows.

    Moves of an attribute the sheet does not show are left out; moves between land classes stay,
    but of forest area only where the classes are shown.
    """
    moves = {"", "land_class", *by} | ({"forest_class"} if "land_class" in by else set())
    mine = postings[postings["account"].eq(account).to_numpy()]
    wanted = np.array([move in moves for move in mine["move"].cat.categories], dtype=bool)
    return mine[wanted[mine["move"].cat.codes.to_numpy()]]


def line_table(
    postings: pd.DataFrame,
    account: str,
    *,
    by: str = "land_class",
    townships: bool = True,
    every: bool = False,
) -> pd.DataFrame:
    """An account: ``township line_code zh en kind confidence``, a column per class, ``total``.

    Parameters
    ----------
    postings : DataFrame
        As a `Balance` holds them.
    account : str
        One of `ACCOUNTS`.
    by : str
        What the columns tell apart: one of `DIMENSIONS`.
    townships : bool
        Whether each township has rows of its own below the whole.
    every : bool
        Whether lines that two surveys cannot tell apart stand there, with nothing, too.

    Returns
    -------
    DataFrame
        int64 amounts in the account's unit; township ``""`` is the whole area. Subtotals are
        filled. What is not on record stands under ``""``.

    Examples
    --------
    >>> from ecogis.accounts.postings import Ledger
    >>> ledger = Ledger({"township": ["T"], "land_class": ["barren"]}, ["survey"])
    >>> nought = np.zeros(1, dtype=np.int64)
    >>> for line in ("A00", "A90"):
    ...     ledger.book("land", line, nought + 5, {"township": nought, "land_class": nought})
    >>> table = line_table(ledger.postings(), "land", townships=False)
    >>> table.loc[table["line_code"].eq("A90"), "barren"].item()
    5
    """
    mine = shown(postings, account, [by])
    account_lines = _lines(mine, sheet_of(account), every=every)
    places = sorted(set(_present(postings, "township")) - {WHOLE})
    columns = _columns(postings, mine, account, by)
    grid = np.zeros((1 + len(places), len(account_lines), len(columns)), dtype=np.int64)
    at_place = {WHOLE: 0} | {name: at for at, name in enumerate(places, start=1)}
    at_line = {line.code: at for at, line in enumerate(account_lines)}
    at_column = {name: at for at, name in enumerate(columns)}
    cell = tuple(
        _placed(mine[name], places_of)
        for name, places_of in (("township", at_place), ("line_code", at_line), (by, at_column))
    )
    np.add.at(grid, cell, mine["amount"].to_numpy(dtype=np.int64))
    grid[0] = grid.sum(axis=0)
    _fill_subtotals(grid, account_lines)
    return _laid(grid if townships else grid[:1], [WHOLE, *places], account_lines, columns)


def sheet(columns: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The timber sheet: the totals of several accounts side by side, one column each."""
    fullest = max(columns.values(), key=len)
    found = fullest[list(HEAD)].copy()
    for name, table in columns.items():
        keyed = table.set_index(["township", "line_code"])["total"]
        keys = pd.MultiIndex.from_frame(found[["township", "line_code"]])
        found[name] = keyed.reindex(keys, fill_value=0).to_numpy(dtype=np.int64)
    return found


def change_matrix(parts: Parts) -> pd.DataFrame:
    """Land class at the opening by land class at the closing survey. [dm2]

    Returns
    -------
    DataFrame
        One row per opening class (``from_class zh en``), one column per closing class, and
        ``total``; the class ``""`` is land of one survey only. The last row, ``total``, holds the
        margins.
    """
    names = [name for name in parts.names["land_class"] if name != WHOLE]
    classes = rank("land_class", names)
    edges = [*classes, WHOLE]
    at = {name: place for place, name in enumerate(edges)}
    place = np.array([at[name] for name in parts.names["land_class"]], dtype=np.int64)
    none = len(edges) - 1
    one = np.where(parts.has_left, place[parts.before["land_class"]], none)
    two = np.where(parts.has_right, place[parts.after["land_class"]], none)
    cells = np.zeros((len(edges), len(edges)), dtype=np.int64)
    np.add.at(cells, (one, two), parts.area)
    grid = pd.DataFrame(cells, index=edges, columns=edges)
    grid["total"] = grid.sum(axis=1)
    grid.loc["total"] = grid.sum(axis=0)
    grid = grid.reset_index(names="from_class")
    for position, lang in enumerate(("zh", "en"), start=1):
        labels = [_class_label(code, lang) for code in grid["from_class"]]
        grid.insert(position, lang, labels)
    return grid


def structure(opening: Survey, closing: Survey) -> pd.DataFrame:
    """Forest by type, origin, category and age group at both surveys.

    Returns
    -------
    DataFrame
        ``dimension code zh en`` and, for area, volume and carbon, ``opening_* closing_*
        change_*``; each dimension adds up to the same total. A missing attribute has code ``""``.
    """
    quantities = ("area_dm2", *QUANTITIES)
    made = []
    sides = {"opening": _forest(opening), "closing": _forest(closing)}
    for dimension in ("land_class", *TYPES):
        sums = {
            name: forest.groupby(dimension)[list(quantities)].sum().add_prefix(f"{name}_")
            for name, forest in sides.items()
        }
        both = pd.concat(sums.values(), axis=1).fillna(0).astype("int64")
        order = [code for code in (*codes(dimension), WHOLE) if code in both.index]
        order += [code for code in both.index if code not in order]
        part = both.loc[order].reset_index(names="code").assign(dimension=dimension)
        for lang in ("zh", "en"):
            part[lang] = [_label(dimension, code, lang) for code in part["code"]]
        made.append(part)
    found = pd.concat(made, ignore_index=True)
    for quantity in quantities:
        found[f"change_{quantity}"] = found[f"closing_{quantity}"] - found[f"opening_{quantity}"]
    amounts = [f"{moment}_{q}" for q in quantities for moment in ("opening", "closing", "change")]
    return found[["dimension", "code", "zh", "en", *amounts]]


def unmatched(rows: pd.DataFrame, opening: Survey, closing: Survey) -> pd.DataFrame:
    """Land of one survey only: ``survey township land_class rows area_dm2 volume_dm3 co2e_kg``."""
    made = []
    sides = (("opening", "left", "right", opening), ("closing", "right", "left", closing))
    for name, side, other, stands in sides:
        mine = rows[rows[side].ge(0) & rows[other].lt(0)]
        of = stands.stands[["township", "land_class"]].iloc[mine[side]].reset_index(drop=True)
        sums = mine[["area_dm2"]].reset_index(drop=True)
        for quantity in QUANTITIES:
            sums[quantity] = mine[f"{name}_{quantity}"].to_numpy()
        made.append(pd.concat([of, sums], axis=1).assign(survey=name))
    together = pd.concat(made, ignore_index=True)
    keys = ["survey", "township", "land_class"]
    added = together.groupby(keys, as_index=False).agg(
        rows=("area_dm2", "size"),
        area_dm2=("area_dm2", "sum"),
        **{quantity: (quantity, "sum") for quantity in QUANTITIES},
    )
    return added.astype(dict.fromkeys(("rows", "area_dm2", *QUANTITIES), "int64"))


def _lines(mine: pd.DataFrame, name: str, *, every: bool) -> list[Line]:
    """Lines of a sheet; those two surveys cannot tell apart only where something is booked."""
    booked = set(_present(mine, "line_code"))
    return [line for line in lines(name) if every or line.separated or line.code in booked]


def _columns(postings: pd.DataFrame, mine: pd.DataFrame, account: str, by: str) -> list[str]:
    """Classes that occur, in order; for land classes those of all land, whatever stands on it."""
    surveyed = account in {"land", "forest", "timber", "carbon"}
    if by == "land_class" and surveyed:
        land = postings[postings["account"].eq("land").to_numpy()]
        return rank(by, sorted({*_present(land, by), *_present(mine, by)}))
    return rank(by, _present(mine, by))


def _present(postings: pd.DataFrame, column: str) -> list[str]:
    """Texts of a column of categories that occur."""
    categories = postings[column].cat.categories.to_numpy(dtype=object)
    seen = np.bincount(postings[column].cat.codes, minlength=len(categories))
    return [str(name) for name in categories[seen > 0]]


def _placed(column: pd.Series, places: Mapping[str, int]) -> Ints:
    """Places of a column of categories; those that do not occur have none."""
    by_code = [places.get(name, -1) for name in column.cat.categories]
    return np.array(by_code, dtype=np.int64)[column.cat.codes.to_numpy()]


def _fill_subtotals(grid: Ints, account_lines: Sequence[Line]) -> None:
    """Subtotals: each is the sum of the lines of its kind."""
    kinds = np.array([line.kind for line in account_lines])
    subtotals = np.flatnonzero(kinds == "subtotal")
    for at, kind in zip(subtotals, ("add", "less"), strict=False):
        grid[:, at] = grid[:, kinds == kind].sum(axis=1)


def _laid(
    grid: Ints, places: Sequence[str], account_lines: Sequence[Line], columns: list[str]
) -> pd.DataFrame:
    count = len(grid)
    head = pd.DataFrame(
        {
            "township": np.repeat(np.array(places[:count], dtype=object), len(account_lines)),
            "line_code": [line.code for line in account_lines] * count,
            "zh": [line.zh for line in account_lines] * count,
            "en": [line.en for line in account_lines] * count,
            "kind": [line.kind for line in account_lines] * count,
            "confidence": [confidence(line) for line in account_lines] * count,
        }
    )
    amounts = pd.DataFrame(grid.reshape(len(head), len(columns)), columns=columns)
    return pd.concat([head, amounts, amounts.sum(axis=1).astype("int64").rename("total")], axis=1)


def _forest(side: Survey) -> pd.DataFrame:
    return side.stands[side.stands["land_class"].isin(list(FOREST))]


def _label(dimension: str, code: str, lang: str) -> str:
    if code == WHOLE:
        return "未记录" if lang == "zh" else "not on record"
    return code_label(dimension, code, lang)


def _class_label(code: str, lang: str) -> str:
    if code == "total":
        return "合计" if lang == "zh" else "total"
    if code == WHOLE:
        return "仅见于一次调查" if lang == "zh" else "in one survey only"
    if code == NOT_STATED:
        return "未载明" if lang == "zh" else "not stated"
    return code_label("land_class", code, lang)
