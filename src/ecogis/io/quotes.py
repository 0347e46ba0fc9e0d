"""Quotes as exchanges export them: titles above the header, footers, days without trade.

A price table has one header in its first row; an export has a title, notes at its end, thousands
separators, and a line for each day nobody traded. What is not a quote is left out and told; every
quote comes back, also a lot that found no buyer.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ecogis.core.errors import InputError
from ecogis.core.findings import Findings
from ecogis.core.provenance import sha256_file
from ecogis.io import cells, encodings, gate
from ecogis.io.decode import decode
from ecogis.io.layers import LayerInfo, layer_info, read_table
from ecogis.io.mapping import Profile
from ecogis.io.mapping import profile as profile_of
from ecogis.io.raw import Raw
from ecogis.io.tables import MAX_ROWS, MAX_UNPACKED_BYTES, sheet_names

__all__ = ["quotes_info", "read_quotes"]

_KINDS: Final = frozenset({"CSV", "XLSX"})
_HEAD_LINES: Final = 60  # a header is sought in so many lines
_GROUPED: Final = re.compile(r"^([+-]?\d{1,3})((?:[,\uff0c]\d{3})+)(\.\d+)?$")
_SOURCE: Final = re.compile(r"^[\s注*※]*(?:数据)?来源\s*[:\uff1a]\s*(.+?)\s*$")
_REASONS: Final = {
    "title": ("表头以上的标题行", "lines above the header"),
    "blank": ("空行", "blank lines"),
    "header": ("重复的表头", "the header again"),
    "remark": ("附注或合计等非行情行", "remarks, not quotes"),
    "quiet": ("当日无成交,既无价格也无成交量", "no trade: neither a price nor a volume"),
}

Mask = npt.NDArray[np.bool_]
Lines = list[list[str]]


@dataclass(frozen=True, slots=True)
class _Export:
    """The lines of a file, and the words its findings share."""

    file: str
    sheet: str
    lines: Lines
    codec: str

    def __post_init__(self) -> None:
        if not any(any(line) for line in self.lines):
            raise InputError("E107", file=self.file, a="empty", b="CSV, XLSX")


def read_quotes(
    path: str | Path,
    *,
    sheet: str | None = None,
    profile: str | Path | Profile,
    findings: Findings,
) -> pd.DataFrame:
    """Read daily quotes or auction results as a price table.

    The header is the first line that names the profile's columns of date and price. Below it, a
    line is a quote unless it is blank, repeats the header, or has neither a date that can be read
    nor a price. A quote without a price and without a volume is a day without trade:
    a gap, not a price of 0. A quote with a volume and no price, such as a lot that found no buyer,
    stays, with its price missing. Digits in groups of three are numbers here, as exchanges write
    them.

    Parameters
    ----------
    path : str or Path
        CSV in UTF-8 or GBK, or XLSX; a table of another format is read as `read_table` does.
    sheet : str, optional
        Sheet of a workbook; may be left out where there is one.
    profile : str, Path or Profile
        Shipped profile by name, or the user's own by path; its role is ``prices``. A cell whose
        text the profile lists as ``missing``, such as ``--``, holds no price.
    findings : Findings
        Grows by every line left out, with the reason, and by what was not understood.

    Returns
    -------
    DataFrame, one row per quote
        ``date``, ``market``, ``instrument``, ``price_kind``, ``price_cny_t`` [CNY t-1],
        ``volume_t`` [t], ``source``, ``confidence``, ``row`` (1-based below the header), and what
        the profile keeps. A source that no column states is the file's own note of it, or the
        file's name.

    Raises
    ------
    InputError
        E133 a line has more cells than the header, E146 no line names date and price; as for
        `read_table` otherwise.
    ConfigError
        The profile is wrong or not for prices.

    Findings
    --------
    E863
        Lines left out: how many, which, why.
    E864
        Quotes with a volume and no price.
    E865
        Cells whose thousands separators were taken out.
    E866
        Quotes that stand twice; all are kept.
    """
    chosen = profile_of(profile)
    file, kind = gate.admit(path, gate.TABLES)
    if kind not in _KINDS:
        return read_table(path, sheet=sheet, profile=chosen, role="prices", findings=findings)
    export = _export(file, kind, sheet)
    top = _header_at(export, chosen)
    header = [_half_width(cell) for cell in _trimmed(export.lines[top])]
    body = [_fitted(export, at, header) for at in range(top + 1, len(export.lines))]
    names = _Names(chosen, header)
    reasons = _reasons(body, header, names)
    _tell_titles(export, top, findings)
    notes = [" ".join(filter(None, line)) for line in (*export.lines[:top], *body)]
    kept = [
        line if reason == "" else [""] * len(header)
        for line, reason in zip(body, reasons, strict=True)
    ]
    raw = _raw(export, header, kept, names, findings)
    frame = decode(raw, chosen, "prices", findings)
    quiet = _quiet(frame, names.cells(kept, "price_cny_t"), names.marks)
    reasons = [reason or ("quiet" if q else "") for reason, q in zip(reasons, quiet, strict=True)]
    _tell_lines(export, body, reasons, findings)
    out = frame.loc[[reason == "" for reason in reasons]].reset_index(drop=True)
    out["source"] = out["source"].fillna(_source_of(notes) or export.file)
    _tell_quotes(export, out, findings)
    return out


def quotes_info(path: str | Path, sheet: str | None = None) -> LayerInfo:
    """What the manifest says of a file of quotes; its rows are all lines with text but the header.

    Raises
    ------
    InputError
        As for reading it.
    """
    file, kind = gate.admit(path, gate.TABLES)
    if kind not in _KINDS:
        return layer_info(path, sheet)
    export = _export(file, kind, sheet)
    rows = sum(any(line) for line in export.lines) - 1
    return LayerInfo(export.file, export.sheet, rows, "", export.codec.upper(), sha256_file(file))


class _Names:
    """Which cells of a line hold date, price and volume, by the profile."""

    def __init__(self, profile: Profile, header: Sequence[str]) -> None:
        self.profile = profile
        self._at = {name: _place(profile, header, name) for name in profile.columns}
        price = profile.columns.get("price_cny_t")
        self.marks = frozenset(price.missing if price else ())

    def at(self, name: str) -> int | None:
        """Number of the cell, or nothing where the file has none."""
        return self._at.get(name)

    def cells(self, lines: Lines, name: str) -> list[str]:
        """A column of the lines; empty texts where the file has none."""
        at = self.at(name)
        return ["" if at is None else line[at] for line in lines]

    def dated(self, lines: Lines) -> Mask:
        """Lines whose date can be read."""
        column = pa.chunked_array([pa.array(self.cells(lines, "date"), pa.string())])
        given = self.profile.columns["date"]
        values, _ = cells.dates(column, given.dates, given.missing)
        return values.notna().to_numpy(dtype=bool)


def _export(file: Path, kind: str, sheet: str | None) -> _Export:
    if kind == "XLSX":
        return _workbook(file, sheet)
    content = file.read_bytes()
    codec = encodings.sniff([content])
    if codec is None:
        raise InputError("E153", file=file.name, encoding="-")
    text = content.removeprefix(b"\xef\xbb\xbf").decode(codec, "strict")
    lines: Lines = []
    try:
        for line in csv.reader(io.StringIO(text, newline=""), strict=True):
            lines.append([cell.strip() for cell in line])
    except csv.Error as fault:
        raise InputError("E135", file=file.name, row=len(lines) + 1, detail=fault) from None
    return _Export(file.name, file.stem, lines, codec)


def _workbook(file: Path, sheet: str | None) -> _Export:
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as fault:
        raise InputError("E104", file=file.name, detail=fault) from None
    if unpacked > MAX_UNPACKED_BYTES:
        raise InputError("E114", file=file.name, size=unpacked, limit=MAX_UNPACKED_BYTES)
    names = sheet_names(file)
    chosen = sheet or (names[0] if len(names) == 1 else "")
    if chosen not in names:
        code = "E110" if chosen else "E117"
        raise InputError(code, file=file.name, layer=chosen, layers=", ".join(names))
    import openpyxl

    try:
        book = openpyxl.load_workbook(file, data_only=True)
        lines = [[_text(cell) for cell in row] for row in book[chosen].iter_rows(values_only=True)]
    except Exception as fault:  # noqa: BLE001 - openpyxl raises whatever a damaged part leads to
        raise InputError("E104", file=file.name, detail=str(fault)[:200]) from None
    if len(lines) > MAX_ROWS:
        limits: dict[str, Any] = {"R": MAX_ROWS, "C": "-"}
        raise InputError("E131", file=file.name, layer=chosen, r=len(lines), c="-", **limits)
    return _Export(file.name, chosen, lines, "utf-8")


def _text(cell: Any) -> str:
    """A cell of a workbook as a CSV file would have it; a day without its midnight."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip().removesuffix(" 00:00:00")


def _half_width(name: str) -> str:
    """A column's name with its brackets and letters of one width: both ways are met."""
    return unicodedata.normalize("NFKC", name)


def _place(profile: Profile, header: Sequence[str], name: str) -> int | None:
    given = profile.columns.get(name)
    folded = {_half_width(cell).casefold(): at for at, cell in reversed(list(enumerate(header)))}
    aliases = [alias.strip().casefold() for alias in (given.sources if given else ())]
    return next((folded[alias] for alias in aliases if alias in folded), None)


def _header_at(export: _Export, profile: Profile) -> int:
    for at, line in enumerate(export.lines[:_HEAD_LINES]):
        if all(_place(profile, line, name) is not None for name in ("date", "price_cny_t")):
            return at
    first = next(line for line in export.lines if any(line))
    wanted = (profile.columns.get(name) for name in ("date", "price_cny_t"))
    aliases = ", ".join(alias for column in wanted if column for alias in column.sources)
    raise InputError(
        "E146", file=export.file, name=export.sheet, column="date, price_cny_t",
        aliases=aliases, columns=", ".join(filter(None, first)),
    )  # fmt: skip


def _trimmed(line: list[str]) -> list[str]:
    """A line without the empty cells at its end."""
    filled = [at for at, cell in enumerate(line) if cell]
    return line[: filled[-1] + 1] if filled else []


def _fitted(export: _Export, at: int, header: Sequence[str]) -> list[str]:
    line = _trimmed(export.lines[at])
    if len(line) > len(header):
        raise InputError("E133", file=export.file, row=at + 1, a=len(line), b=len(header))
    return line + [""] * (len(header) - len(line))


def _reasons(body: Lines, header: Sequence[str], names: _Names) -> list[str]:
    """Why a line is no quote; empty for a quote."""
    quoted = names.dated(body) | np.array(names.cells(body, "price_cny_t"), dtype=bool)
    return [_reason(line, header, bool(q)) for line, q in zip(body, quoted, strict=True)]


def _reason(line: list[str], header: Sequence[str], quoted: bool) -> str:
    if not any(line):
        return "blank"
    if [_half_width(cell) for cell in line] == list(header):
        return "header"
    return "" if quoted else "remark"


def _raw(
    export: _Export, header: list[str], lines: Lines, names: _Names, findings: Findings
) -> Raw:
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise InputError("E134", file=export.file, x=", ".join(twice))
    ungrouped = 0
    for column in ("price_cny_t", "volume_t"):
        at = names.at(column)
        if at is None:
            continue
        for line in lines:
            plain = _ungrouped(line[at])
            ungrouped += plain != line[at]
            line[at] = plain
    if ungrouped:
        findings.add("E865", layer="prices", observed=ungrouped, file=export.file)
    named = [(name, at) for at, name in enumerate(header) if name]
    columns = [pa.array([line[at] or None for line in lines], pa.string()) for _, at in named]
    table = pa.table(columns, names=[name for name, _ in named])
    raw = Raw(file=export.file, layer=export.sheet, table=table, encoding=export.codec.upper())
    if export.codec != "utf-8":
        raw.note("E159", encoding=raw.encoding)
    return raw


def _ungrouped(text: str) -> str:
    """A number without its thousands separators; any other text as it is."""
    return re.sub("[,\uff0c]", "", text) if _GROUPED.match(text) else text


def _quiet(frame: pd.DataFrame, price: Sequence[str], marks: Collection[str]) -> Mask:
    """Days without trade: no price, or a price of 0, and no volume."""
    silent = np.array([text == "" or text in marks for text in price], dtype=bool)
    silent |= (frame["price_cny_t"] == 0.0).to_numpy(dtype=bool)
    return silent & ~(frame["volume_t"] > 0.0).to_numpy(dtype=bool)


def _source_of(notes: Sequence[str]) -> str:
    """What the file says of its source, in a title or a footer."""
    return next((found[1] for note in notes if (found := _SOURCE.match(note))), "")


def _tell_titles(export: _Export, top: int, findings: Findings) -> None:
    filled = [at for at in range(top) if any(export.lines[at])]
    if filled:
        words = "; ".join(" ".join(filter(None, export.lines[at])) for at in filled)
        rows = ", ".join(f"-{top - at}" for at in filled)
        _tell(export, "title", (len(filled), rows, words), findings)


def _tell_lines(export: _Export, body: Lines, reasons: Sequence[str], findings: Findings) -> None:
    for reason in ("blank", "header", "remark", "quiet"):
        rows = [at + 1 for at, found in enumerate(reasons) if found == reason]
        words = [" ".join(filter(None, body[row - 1])) for row in rows]
        if rows:
            said = "; ".join(words) if reason == "remark" else "—"
            _tell(export, reason, (len(rows), _ranges(rows), said), findings)


def _tell(export: _Export, reason: str, what: tuple[int, str, str], findings: Findings) -> None:
    count, rows, words = what
    zh, en = _REASONS[reason]
    findings.add(
        "E863", layer="prices", observed=count, file=export.file, rows=rows, words=words,
        why_zh=zh, why_en=en, action="excluded",
    )  # fmt: skip


def _tell_quotes(export: _Export, quotes: pd.DataFrame, findings: Findings) -> None:
    """Quotes without a price, and quotes that stand twice."""
    unpriced = (quotes["price_cny_t"].isna() & (quotes["volume_t"] > 0)).to_numpy(dtype=bool)
    same = ["date", "market", "instrument", "price_kind", "price_cny_t", "volume_t"]
    again = quotes.duplicated(same, keep="first").to_numpy(dtype=bool)
    for code, where in (("E864", unpriced), ("E866", again)):
        if where.any():
            rows = _ranges(quotes.loc[where, "row"].tolist())
            tonnes = float(quotes.loc[where, "volume_t"].sum())
            findings.add(
                code, layer="prices", column="price_cny_t", observed=int(where.sum()),
                file=export.file, rows=rows, tonnes=f"{tonnes:,.0f}",
            )  # fmt: skip


def _ranges(rows: Sequence[int]) -> str:
    """Row numbers, runs of them as a span.

    >>> _ranges([1, 2, 3, 7])
    '1–3, 7'
    """
    found = np.asarray(rows, dtype=np.int64)
    runs = np.split(found, np.flatnonzero(np.diff(found) != 1) + 1)
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
