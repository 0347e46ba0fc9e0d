"""Shapefile: its parts, its records and the encoding of its text.

Drivers read a .dbf without a stated encoding as Latin and say nothing; so the text is read byte for
byte and decoded here.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ecogis.core.errors import InputError
from ecogis.io import encodings
from ecogis.io.gate import members
from ecogis.io.raw import Raw

__all__ = ["decode", "live_records"]

_WIDTH: Final = 254  # longest text cell a .dbf can hold, in bytes
_LDID: Final = {0x4D: "gb18030", 0x4F: "big5", 0x7A: "gb18030", 0x78: "big5"}
_DELETED: Final = ord("*")
_HEADER: Final = 32


@dataclass(frozen=True, slots=True)
class _Header:
    """What the .dbf says of itself: driver byte, and which records are marked as deleted."""

    driver: int
    deleted: npt.NDArray[np.bool_]


def _parts(file: Path) -> dict[str, Path]:
    return {member.suffix.lower(): member for member in members(file)}


def live_records(file: Path) -> int:
    """Records of a shapefile that are not marked as deleted.

    Raises
    ------
    InputError
        E150 or E151 a part is missing, E104 the .dbf ends early.
    """
    beside = _parts(file)
    for code, suffix in (("E150", ".dbf"), ("E151", ".shx")):
        if suffix not in beside:
            raise InputError(code, file=file.name)
    return int((~_header(file).deleted).sum())


def _header(file: Path) -> _Header:
    dbf = _parts(file)[".dbf"]
    with dbf.open("rb") as stream:
        head = stream.read(_HEADER)
    records, start, width = struct.unpack("<IHH", head[4:12].ljust(8, b"\0"))
    if len(head) < _HEADER or (records and start + records * width > dbf.stat().st_size):
        raise InputError("E104", file=file.name, detail=".dbf ends early")
    if not records or not width:
        return _Header(driver=head[29], deleted=np.zeros(0, dtype=bool))
    flags = np.memmap(dbf, mode="r", offset=start, shape=(records, width))[:, 0]
    return _Header(driver=head[29], deleted=np.asarray(flags == _DELETED))


def decode(raw: Raw, file: Path, stated: str | None) -> None:
    """Turn a shapefile's bytes into text by the encoding stated, or the one they fit.

    Parameters
    ----------
    raw : Raw
        Layer whose text was read one byte to a character; its table is replaced.
    file : Path
        The .shp.
    stated : str or None
        Encoding the user states.

    Raises
    ------
    InputError
        E153 the encoding is not known, or the text fits none.
    """
    deleted = int(_header(file).deleted.sum())
    if deleted:
        raw.note("E112", number=deleted)
    codec = _codec(raw, file, stated)
    raw.encoding = codec.upper()
    names = []
    for name in raw.table.column_names:
        bare = name.encode("latin-1", "replace").decode(codec, "ignore")
        if len(bare.encode(codec, "ignore")) < len(name.encode("latin-1", "replace")):
            raw.note("E154", column=bare)
        names.append(bare)
    columns = [_decoded(raw, name, codec) for name in raw.table.column_names]
    raw.lost = {names[raw.table.column_names.index(k)]: v for k, v in raw.lost.items()}
    raw.table = pa.table(columns, names=names)


def _codec(raw: Raw, file: Path, stated: str | None) -> str:
    parts = _parts(file)
    label = stated or (parts[".cpg"].read_text("latin-1")[:40] if ".cpg" in parts else "")
    if label.strip():
        codec = encodings.named(label)
        if codec is None:
            raise InputError("E153", file=file.name, encoding=label.strip())
        return codec
    codec = _LDID.get(_header(file).driver) or encodings.sniff(_samples(raw))
    if codec is None:
        raise InputError("E153", file=file.name, encoding="-")
    if any(not text.isascii() for text in _samples(raw)):
        raw.note("E159", encoding=codec.upper())
    return codec


def _samples(raw: Raw) -> list[bytes]:
    found = [name.encode("latin-1", "replace") for name in raw.table.column_names]
    for column in raw.table.columns:
        if pa.types.is_string(column.type):
            values = column.unique().to_pylist()
            found += [value.encode("latin-1", "replace") for value in values if value]
    return found


def _decoded(raw: Raw, name: str, codec: str) -> pa.ChunkedArray:
    column = raw.table.column(name)
    if not pa.types.is_string(column.type):
        return column
    cells = [None if v is None else v.encode("latin-1", "replace") for v in column.to_pylist()]
    text = [None if cell is None else _text(cell, codec) for cell in cells]
    lost = np.array([cell is not None and t is None for cell, t in zip(cells, text, strict=True)])
    full = np.array([cell is not None and len(cell) >= _WIDTH for cell in cells], dtype=bool)
    if lost.any():
        raw.lost[name] = ("E156", lost)
    if full.any():
        raw.note("E155", column=name, number=int(full.sum()))
    return pa.chunked_array([pa.array(text, type=pa.string())])


def _text(cell: bytes, codec: str) -> str | None:
    try:
        return cell.decode(codec)
    except UnicodeDecodeError:
        # a cell as long as its field may end within a character; the rest of it is sound
        whole = len(cell) >= _WIDTH - 3
        return cell.decode(codec, "ignore") if whole else None
