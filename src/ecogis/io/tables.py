"""Tables of CSV and XLSX files as they are: every cell text, every row counted.

A row with one field too many would shift all columns, a number cell cannot hold a 28-character
code, a formula without a saved value is no value: each is told with its place.
"""

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ecogis.core.errors import EcogisError, InputError
from ecogis.io import encodings
from ecogis.io.plain_csv import plain_columns
from ecogis.io.raw import Raw

__all__ = ["read_csv", "read_xlsx", "sheet_names"]

MAX_ROWS: Final = 1_000_000
MAX_COLUMNS: Final = 1_000
MAX_UNPACKED_BYTES: Final = 1 << 30
_EXACT: Final = 10**15

Cell = Any
Lines = list[list[str]]


def read_csv(file: Path) -> Raw:
    """A comma-separated table, with the header in the first row.

    Raises
    ------
    InputError
        E133 a row has another number of fields, E134 two columns have one name, E135 a quote does
        not end, E139 a column without a name holds values, E153 neither UTF-8 nor GB18030.
    """
    content = file.read_bytes()
    codec = encodings.sniff([content])
    if codec is None:
        raise InputError("E153", file=file.name, encoding="-")
    content = content.removeprefix(b"\xef\xbb\xbf")
    text = content if codec == "utf-8" else content.decode(codec, "strict").encode()
    plain = plain_columns(text)
    raw = _raw(file, "", _lines(file, text.decode())) if plain is None else _named(file, plain)
    raw.encoding = codec.upper()
    if codec != "utf-8":
        raw.note("E159", encoding=raw.encoding)
    return raw


def _lines(file: Path, text: str) -> Lines:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: Lines = []
    try:
        for line in reader:
            lines.append(line)
    except csv.Error as fault:
        row = max(len(lines), 1)
        raise InputError("E135", file=file.name, row=row, detail=fault) from None
    if not lines:
        raise InputError("E107", file=file.name, a="empty", b="CSV")
    while len(lines) > 1 and not any(lines[-1]):
        lines.pop()
    for row, line in enumerate(lines[1:], start=1):
        if len(line) != len(lines[0]):
            raise InputError("E133", file=file.name, row=row, a=len(line), b=len(lines[0]))
    return lines


def sheet_names(file: Path) -> list[str]:
    """Sheets of a workbook, in their order."""
    book = _open(file, values=True)
    try:
        return [str(name) for name in book.sheetnames]
    finally:
        book.close()


def read_xlsx(file: Path, sheet: str | None = None) -> Raw:
    """A sheet of a workbook, with the header in its first row that is not empty.

    Raises
    ------
    InputError
        E110 no such sheet, E114 expands too much, E117 several sheets and none named, E131 too
        large, E132 a formula without a saved value, E134 and E139 as in a CSV file.
    """
    _check_archive(file)
    names = sheet_names(file)
    chosen = sheet or (names[0] if len(names) == 1 else "")
    if not chosen:
        raise InputError("E117", file=file.name, layers=", ".join(names))
    if chosen not in names:
        raise InputError("E110", file=file.name, layer=chosen, layers=", ".join(names))
    written = list(_cells(file, chosen, values=False))
    saved = list(_cells(file, chosen, values=True))
    _check_formulas(file, chosen, written, saved)
    return _sheet(file, chosen, saved)


def _check_archive(file: Path) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as fault:
        raise InputError("E104", file=file.name, detail=fault) from None
    if unpacked > MAX_UNPACKED_BYTES:
        raise InputError("E114", file=file.name, size=unpacked, limit=MAX_UNPACKED_BYTES)


def _open(file: Path, *, values: bool) -> Any:
    try:
        import openpyxl
    except ImportError:
        raise InputError("E115", file=file.name) from None
    try:
        return openpyxl.load_workbook(file, read_only=True, data_only=values)
    except Exception as fault:  # noqa: BLE001 - openpyxl raises whatever a damaged part leads to
        raise InputError("E104", file=file.name, detail=str(fault)[:200]) from None


def _cells(file: Path, sheet: str, *, values: bool) -> Iterator[tuple[Cell, ...]]:
    book = _open(file, values=values)
    page = book[sheet]
    try:
        page.reset_dimensions()  # the size a sheet states is not to be believed
        for row, cells in enumerate(page.iter_rows(values_only=True), start=1):
            _check_size(file, sheet, row, len(cells))
            yield cells
    except EcogisError:
        raise
    except Exception as fault:  # noqa: BLE001 - openpyxl raises whatever a damaged part leads to
        raise InputError("E104", file=file.name, detail=str(fault)[:200]) from None
    finally:
        book.close()


def _check_size(file: Path, sheet: str, row: int, columns: int) -> None:
    if row > MAX_ROWS or columns > MAX_COLUMNS:
        limits: dict[str, Any] = {"R": MAX_ROWS, "C": MAX_COLUMNS}
        raise InputError("E131", file=file.name, layer=sheet, r=row, c=columns, **limits)


def _check_formulas(
    file: Path, sheet: str, written: Sequence[Sequence[Cell]], saved: Sequence[Sequence[Cell]]
) -> None:
    from openpyxl.utils import get_column_letter

    for row, (formulas, values) in enumerate(zip(written, saved, strict=True), start=1):
        for at, (formula, value) in enumerate(zip(formulas, values, strict=True), start=1):
            if value is None and formula is not None:
                place = f"{get_column_letter(at)}{row}"
                raise InputError("E132", file=file.name, layer=sheet, A1=place)


def _sheet(file: Path, sheet: str, rows: list[tuple[Cell, ...]]) -> Raw:
    filled = [any(cell is not None for cell in cells) for cells in rows]
    if not any(filled):
        raise InputError("E107", file=file.name, a="empty", b="XLSX")
    first = filled.index(True)
    last = len(rows) - filled[::-1].index(True)
    width = max(len(cells) for cells in rows[first:last])
    table = [(*cells, *[None] * (width - len(cells))) for cells in rows[first:last]]
    raw = _raw(file, sheet, [[_cell_text(cell) for cell in cells] for cells in table])
    for name in raw.table.column_names:
        at = [_cell_text(cell).strip() for cell in table[0]].index(name)
        lost = np.array([_too_long(cells[at]) for cells in table[1:]], dtype=bool)
        if lost.any():
            raw.lost[name] = ("E137", lost)
    return raw


def _cell_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT:
        return str(int(cell))
    if isinstance(cell, datetime):
        midnight = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
        return cell.date().isoformat() if midnight else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def _too_long(cell: Cell) -> bool:
    number = isinstance(cell, int | float) and not isinstance(cell, bool)
    return number and abs(cell) >= _EXACT


def _named(file: Path, plain: pa.Table) -> Raw:
    """A plain table under the names of its first row, empty cells missing."""
    header = [str(plain.column(at)[0]).strip().strip("\ufeff") for at in range(plain.num_columns)]
    columns = [plain.column(at)[1:] for at in range(plain.num_columns)]
    filled = [bool(pc.any(pc.not_equal(column, "")).as_py()) for column in columns]
    _check_header(file, header, filled)
    cells = [pc.if_else(pc.equal(column, ""), None, column) for column in columns]
    named = [(name, column) for name, column in zip(header, cells, strict=True) if name]
    table = pa.table([column for _, column in named], names=[name for name, _ in named])
    return Raw(file=file.name, layer=file.stem, table=table)


def _raw(file: Path, layer: str, lines: Lines) -> Raw:
    header = [name.strip().strip("\ufeff") for name in lines[0]]
    _check_header(file, header, [any(line[at] for line in lines[1:]) for at in range(len(header))])
    columns = zip(*lines[1:], strict=True) if len(lines) > 1 else ([] for _ in header)
    named = [(name, _strings(cells)) for name, cells in zip(header, columns, strict=True) if name]
    table = pa.table([cells for _, cells in named], names=[name for name, _ in named])
    return Raw(file=file.name, layer=layer or file.stem, table=table)


def _strings(cells: Iterable[str]) -> pa.Array:
    return pa.array([cell or None for cell in cells], type=pa.string())


def _check_header(file: Path, header: list[str], filled: list[bool]) -> None:
    twice = [name for name, number in Counter(header).items() if number > 1 and name]
    if twice:
        raise InputError("E134", file=file.name, x=", ".join(twice))
    for number, (name, full) in enumerate(zip(header, filled, strict=True), start=1):
        if full and not name:
            raise InputError("E139", file=file.name, number=number)
