"""Layouts of the SEEA tables: which national lines each of their rows takes."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import pandas as pd

from ecogis.accounts.layout import Column, Row, Table, column_table, sums_of

__all__ = ["layout", "row_of", "rows", "seea_table", "signed"]


@cache
def _layouts() -> dict[str, Any]:
    text = files("ecogis.accounts").joinpath("seea.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def layout(name: str) -> Mapping[str, str]:
    """Words of a table: ``zh en framework table identity note_zh note_en``.

    >>> layout("seea_timber")["framework"]
    'SEEA-CF'
    """
    return {key: value for key, value in _layouts()[name].items() if key != "row"}


def rows(name: str) -> tuple[Row, ...]:
    """Rows of a table, in order.

    >>> [row.code for row in rows("seea_extent") if not row.ours]
    ['EX1', 'EX2', 'EX3', 'EX4', 'EX5', 'EX6', 'EX7']
    """
    return tuple(
        Row(
            code=entry["code"],
            zh=entry["zh"],
            en=entry["en"],
            role=entry["role"],
            sums=signed(entry.get("sums", ())),
            ours=entry.get("ours", False),
        )
        for entry in _layouts()[name]["row"]
    )


def row_of(name: str) -> dict[str, str]:
    """National line to the row of a table that takes it.

    >>> row_of("seea_timber")["T21"]
    'CF4'
    """
    return {
        line: entry["code"] for entry in _layouts()[name]["row"] for line in entry.get("lines", ())
    }


def signed(codes: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """Signed codes: ``"-CF4"`` is subtracted.

    >>> signed(["CF1", "-CF4"])
    ((1, 'CF1'), (-1, 'CF4'))
    """
    return tuple((-1 if code.startswith("-") else 1, code.removeprefix("-")) for code in codes)


def seea_table(
    name: str, flows: pd.DataFrame, columns: Sequence[Column], *, absent: Sequence[str] = ()
) -> Table:
    """A SEEA table from national rows.

    Parameters
    ----------
    name : str
        Layout, such as ``"seea_timber"``.
    flows : DataFrame
        ``column line_code amount status``.
    columns : sequence of Column
        Columns; the sums among them are filled.
    absent : sequence of str
        Rows not told apart from others: a dash, not nought.

    Returns
    -------
    Table
        Closing rows come from the surveys and are checked against what leads to them.

    Raises
    ------
    IdentityError
        E399 when a column does not close.
    """
    cells = flows.assign(row=flows["line_code"].map(row_of(name)))
    words = {key: layout(name)[key] for key in ("zh", "en", "identity", "note_zh", "note_en")}
    laid = sums_of(cells[cells["row"].notna()], ["row", "column"])
    return column_table(laid, rows(name), columns, absent=absent, words={"name": name} | words)
