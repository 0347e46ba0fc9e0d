"""Formulas of the cells that are sums of others, for a table laid out from a given cell."""

from collections.abc import Sequence
from itertools import groupby

from xlsxwriter.utility import xl_rowcol_to_cell

from ecogis.accounts.layout import Table

__all__ = ["formulas", "sum_formula"]


def formulas(table: Table, *, first_row: int, first_column: int) -> dict[tuple[str, str], str]:
    """Formula of each cell of a table that is a sum of others.

    Parameters
    ----------
    table : Table
        The table.
    first_row, first_column : int
        Where its first cell stands, counted from nought.

    Returns
    -------
    dict
        Codes of row and column to a formula; where both are sums the rows are added up.
    """
    rows = {row.code: first_row + place for place, row in enumerate(table.rows)}
    columns = {column.code: first_column + place for place, column in enumerate(table.columns)}
    found = {}
    for column in table.columns:
        if column.sums:
            parts = [(sign, columns[code]) for sign, code in column.sums]
            for row, line in rows.items():
                cells = [(sign, line, place) for sign, place in parts]
                found[row, column.code] = sum_formula(cells)
    for entry in table.rows:
        if entry.sums:
            for code, place in columns.items():
                cells = [(sign, rows[name], place) for sign, name in entry.sums]
                found[entry.code, code] = sum_formula(cells)
    return found


def sum_formula(cells: Sequence[tuple[int, int, int]]) -> str:
    """A live sum of cells, each with its sign; a text among them, such as a dash, counts nothing.

    Parameters
    ----------
    cells : sequence of (sign, row, column)
        Rows and columns counted from nought.

    Examples
    --------
    >>> sum_formula([(1, 4, 2), (1, 5, 2), (1, 6, 2), (-1, 8, 2)])
    '=SUM(C5:C7)-SUM(C9)'
    """
    parts = []
    for sign, text in ((1, "+"), (-1, "-")):
        chosen = [(row, column) for mark, row, column in cells if mark == sign]
        if chosen:
            parts.append(f"{text}SUM({','.join(_ranges(chosen))})")
    return "=" + "".join(parts).removeprefix("+")


def _ranges(cells: Sequence[tuple[int, int]]) -> list[str]:
    """Cells beside or below one another as ranges."""
    down = len({column for _, column in cells}) == 1
    places = [row if down else column for row, column in cells]
    found = []
    for _, run in groupby(enumerate(places), key=lambda entry: entry[1] - entry[0]):
        at = [index for index, _ in run]
        first, last = (xl_rowcol_to_cell(*cells[index]) for index in (at[0], at[-1]))
        found.append(first if first == last else f"{first}:{last}")
    return found
