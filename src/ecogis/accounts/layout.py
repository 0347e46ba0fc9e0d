"""Printed tables: rows, columns, amounts with their status, and which cells are sums of others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from ecogis.core.errors import IdentityError

__all__ = ["STATUS", "Column", "Row", "Table", "column_table", "status_of", "sums_of"]

STATUS: Final = ("observed", "modelled", "imputed", "incomplete", "missing")
"""Status of a cell, the better first. Incomplete: some part of the sum is missing."""

_MISSING: Final = STATUS.index("missing")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table.

    Attributes
    ----------
    code, zh, en : str
        Code of the line and its words.
    role : str
        stock, add, less, subtotal, closing, difference, net, total, memo or equity.
    sums : tuple of (sign, code)
        Rows it is the sum of; empty where it stands for itself.
    ours : bool
        Whether the row is not in the layout the table follows.
    """

    code: str
    zh: str
    en: str
    role: str
    sums: tuple[tuple[int, str], ...] = ()
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its code, words, unit, and the columns it is the sum of."""

    code: str
    zh: str
    en: str
    unit: str
    sums: tuple[tuple[int, str], ...] = ()
    group_zh: str = ""
    group_en: str = ""


@dataclass(frozen=True)
class Table:
    """A table of the balance sheet, as filed: amounts in whole units.

    Attributes
    ----------
    name, zh, en : str
        Name of the table and its title.
    rows, columns : tuple
        In the order of print.
    amounts : DataFrame (row, column), Int64
        Missing where nothing is known.
    status : DataFrame (row, column), str
        One of `STATUS`; empty where nothing was booked.
    identity : str
        Which identity its sums are.
    note_zh, note_en : str
        Printed under the table.
    """

    name: str
    zh: str
    en: str
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    amounts: pd.DataFrame
    status: pd.DataFrame
    identity: str = "I01"
    note_zh: str = ""
    note_en: str = ""

    def check(self) -> None:
        """Every row and column that is a sum of others is that sum.

        Raises
        ------
        IdentityError
            E399, naming table, row and column.
        """
        amounts = self.amounts.fillna(0).astype("int64")
        for row in self.rows:
            if row.sums:
                across = amounts.T
                gap = across[row.code].copy()
                for sign, code in row.sums:
                    gap -= sign * across[code]
                self._refuse(gap, self.identity, row.code)
        for column in self.columns:
            if column.sums:
                gap = amounts[column.code].copy()
                for sign, code in column.sums:
                    gap -= sign * amounts[code]
                self._refuse(gap, "V3", column.code)

    def _refuse(self, gap: pd.Series, identity: str, code: str) -> None:
        wrong = gap[gap.ne(0)]
        if len(wrong):
            raise IdentityError(
                "E399",
                identity=identity,
                cells=f"{self.name} / {code} / {wrong.index[0]}",
                difference=int(wrong.iloc[0]),
                unit="",
            )

    def long(self) -> pd.DataFrame:
        """One row per cell, with the words of its row and column, its unit and its status."""
        rows = [
            (
                row.code,
                row.zh,
                row.en,
                row.role,
                column.code,
                f"{column.group_zh} {column.zh}".strip(),
                f"{column.group_en} {column.en}".strip(),
                self.amounts.loc[row.code, column.code],
                column.unit,
                self.status.loc[row.code, column.code],
            )
            for row in self.rows
            for column in self.columns
        ]
        names = ["row_code", "zh", "en", "role", "column", "column_zh", "column_en", "amount",
                 "unit", "status"]  # fmt: skip
        return pd.DataFrame(rows, columns=names).astype({"amount": "Int64"})

    def wide(self, lang: str = "zh") -> pd.DataFrame:
        """The table as printed: words of the rows, one column of amounts for each of its own."""
        zh = lang == "zh"
        made = self.amounts.reset_index(drop=True)
        heads = [
            f"{c.group_zh if zh else c.group_en} {c.zh if zh else c.en} [{c.unit}]".strip()
            for c in self.columns
        ]
        made.columns = pd.Index(heads)
        made.insert(0, "line", [row.zh if zh else row.en for row in self.rows])
        made.insert(0, "code", [row.code for row in self.rows])
        return made

    def amount(self, row: str, column: str) -> int | None:
        """One cell; nothing where it is missing."""
        found: Any = self.amounts.loc[row, column]
        return None if pd.isna(found) else int(found)


def status_of(status: Iterable[str]) -> str:
    """Status of a sum: the worst of its parts; incomplete where only some are missing.

    Examples
    --------
    >>> status_of(["observed", "modelled"])
    'modelled'
    >>> status_of(["observed", "missing"]), status_of(["missing"]), status_of([""])
    ('incomplete', 'missing', '')
    """
    ranks = sorted({STATUS.index(entry) for entry in status if entry})
    if not ranks:
        return ""
    if ranks[-1] == _MISSING and ranks[0] != _MISSING:
        return "incomplete"
    return STATUS[ranks[-1]]


def sums_of(rows: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Sums of amounts by `keys`, each with its status.

    Parameters
    ----------
    rows : DataFrame
        `keys`, ``amount`` and ``status``; a missing amount is no part of the sum.
    keys : sequence of str
        Columns to group by.

    Returns
    -------
    DataFrame
        `keys`, ``amount`` (Int64, missing where every part is) and ``status``.

    Examples
    --------
    >>> rows = pd.DataFrame(
    ...     {"line": ["a", "a"], "amount": [1, 0], "status": ["observed", "missing"]}
    ... )
    >>> sums_of(rows, ["line"]).values.tolist()
    [['a', 1, 'incomplete']]
    """
    ranks = _ranks(rows["status"])
    ranked = rows[list(keys)].assign(
        _low=ranks, _high=ranks, amount=rows["amount"].astype("Int64").fillna(0)
    )
    grouped = ranked.groupby(list(keys), sort=True, observed=True)
    made = grouped.agg(amount=("amount", "sum"), _low=("_low", "min"), _high=("_high", "max"))
    made = made.reset_index()
    low, high = made.pop("_low"), made.pop("_high")
    names = high.map(dict(enumerate(STATUS))).fillna("").astype(object)
    some = high.eq(_MISSING) & low.ne(_MISSING)
    made["status"] = names.mask(some, "incomplete")
    made["amount"] = made["amount"].mask(low.eq(_MISSING)).astype("Int64")
    return made


def _ranks(status: pd.Series) -> pd.Series:
    """Place of each status in `STATUS`; missing where it is none of them."""
    places, kinds = pd.factorize(status)
    ranks = [STATUS.index(kind) if kind in STATUS else np.nan for kind in kinds]
    return pd.Series(np.append(ranks, np.nan)[places], status.index)


def column_table(
    cells: pd.DataFrame,
    rows: Iterable[Row],
    columns: Iterable[Column],
    *,
    absent: Iterable[str] = (),
    words: Mapping[str, Any],
) -> Table:
    """Lay cells out, fill the rows and columns that are sums, and check all of them.

    Parameters
    ----------
    cells : DataFrame
        ``row column amount status``, one row per cell. Rows that are sums may be there too: they
        are then checked against their parts, and filled from them where they are not.
    rows : iterable of Row
        The rows; sums come after their parts or name other sums that do.
    columns : iterable of Column
        The columns.
    absent : iterable of str
        Rows not told apart from others: their empty cells are dashes, not nought.
    words : mapping
        ``name zh en`` and, where the table has them, ``identity note_zh note_en``.

    Returns
    -------
    Table

    Raises
    ------
    IdentityError
        E399 when a cell is not the sum it should be.
    """
    lines, heads = tuple(rows), tuple(columns)
    index, names = [row.code for row in lines], [column.code for column in heads]
    found: dict[tuple[str, str], tuple[Any, str]] = {
        (str(row), str(code)): (amount, str(status))
        for row, code, amount, status in zip(
            cells["row"], cells["column"], cells["amount"], cells["status"], strict=True
        )
    }
    apart = set(absent)
    nothing = {row: (pd.NA if row in apart else 0, "") for row in index}
    made = {(row, code): found.get((row, code), nothing[row]) for row in index for code in names}
    made |= _differences_of_nothing(lines, names, found)
    for column in heads:
        if column.sums:
            for line in index:
                if (line, column.code) not in found:
                    parts = [(sign, made[line, code]) for sign, code in column.sums]
                    made[line, column.code] = _sum(parts)
    for row in _parts_first(lines):
        for name in names:
            if (row.code, name) not in found:
                parts = [(sign, made[code, name]) for sign, code in row.sums]
                made[row.code, name] = _sum(parts)
    amounts = pd.DataFrame(
        {name: pd.array([made[row, name][0] for row in index], dtype="Int64") for name in names},
        index=index,
    )
    status = pd.DataFrame({name: [made[row, name][1] for row in index] for name in names}, index)
    table = Table(rows=lines, columns=heads, amounts=amounts, status=status, **words)
    table.check()
    return table


def _differences_of_nothing(
    lines: Sequence[Row], names: Sequence[str], found: Mapping[tuple[str, str], tuple[Any, str]]
) -> dict[tuple[str, str], tuple[Any, str]]:
    """Cells of the difference in columns where nothing is known: missing, not nought."""
    made: dict[tuple[str, str], tuple[Any, str]] = {}
    for name in names:
        seen = {found[row.code, name][1] for row in lines if (row.code, name) in found}
        if seen == {"missing"}:
            gaps = [row.code for row in lines if row.role == "difference"]
            made |= {(code, name): (pd.NA, "missing") for code in gaps if (code, name) not in found}
    return made


def _parts_first(rows: tuple[Row, ...]) -> list[Row]:
    """Rows that are sums, each after those of its parts that are sums too."""
    waiting = {row.code: row for row in rows if row.sums}
    ordered: list[Row] = []
    while waiting:
        ready = [
            row for row in waiting.values() if not any(code in waiting for _, code in row.sums)
        ]
        ordered += ready
        for row in ready:
            del waiting[row.code]
    return ordered


def _sum(parts: Sequence[tuple[int, tuple[Any, str]]]) -> tuple[Any, str]:
    """A sum with its status; nothing where none of its parts is known."""
    status = status_of(status for _, (_, status) in parts)
    known = [(sign, int(amount)) for sign, (amount, _) in parts if not pd.isna(amount)]
    if status == "missing" or (parts and not known):
        return pd.NA, status
    return sum(sign * amount for sign, amount in known), status
