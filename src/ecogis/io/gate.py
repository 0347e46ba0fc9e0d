"""What may be read: local regular files whose content is what their name says.

Every path passes here before a driver sees it, so that a text that only looks like a map cannot
send a driver to another file or to the network.
"""

import difflib
import re
from collections.abc import Collection
from pathlib import Path
from typing import Final

from ecogis.core.errors import InputError

__all__ = ["LAYERS", "RASTERS", "TABLES", "admit", "members"]

_KINDS: Final = {
    ".gpkg": "GeoPackage",
    ".gdb": "FileGDB",
    ".shp": "Shapefile",
    ".parquet": "Parquet",
    ".geoparquet": "Parquet",
    ".fgb": "FlatGeobuf",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".csv": "CSV",
    ".xlsx": "XLSX",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
LAYERS: Final = frozenset(
    {"GeoPackage", "FileGDB", "Shapefile", "Parquet", "FlatGeobuf", "GeoJSON"}
)
TABLES: Final = frozenset({"CSV", "XLSX", "GeoPackage", "FileGDB", "Parquet"})
RASTERS: Final = frozenset({"TIFF"})

_MAGIC: Final = (
    (b"SQLite format 3\0", "SQLite"),
    (b"\x00\x00\x27\x0a", "Shapefile"),
    (b"PAR1", "Parquet"),
    (b"fgb\x03fgb", "FlatGeobuf"),
    (b"PK\x03\x04", "ZIP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"MM\x00+", "TIFF"),
    (b"\xd0\xcf\x11\xe0", "OLE (.xls or an encrypted workbook)"),
    (b"\x1f\x8b", "gzip"),
)
_CONTENT: Final = {
    "GeoPackage": "SQLite",
    "XLSX": "ZIP",
    "GeoJSON": "JSON",
    "CSV": "text",
}
_SIDES: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_SCHEME: Final = re.compile(r"^(/vsi|[A-Za-z][A-Za-z0-9+.-]+:)")
_HEAD: Final = 4096


def admit(path: str | Path, allowed: Collection[str]) -> tuple[Path, str]:
    """Check a path and its content.

    Parameters
    ----------
    path : str or Path
        Local file, or folder of a FileGDB.
    allowed : collection of str
        Kinds of file accepted here: LAYERS, TABLES or RASTERS.

    Returns
    -------
    tuple of Path and str
        The path and the kind of file.

    Raises
    ------
    InputError
        E101 not local, E102 a link, E103 not a regular file, E105 missing, E106 type not accepted,
        E107 content is not what the name says.
    """
    if _SCHEME.match(str(path)):
        raise InputError("E101", file=path)
    file = Path(path)
    _exists(file)
    kind = _KINDS.get(file.suffix.lower(), "")
    if kind not in allowed:
        suffixes = [suffix for suffix, known in _KINDS.items() if known in allowed]
        raise InputError("E106", file=file.name, ext=file.suffix or "-", types=" ".join(suffixes))
    if kind == "FileGDB":
        _check_folder(file)
    elif not file.is_file():
        raise InputError("E103", file=file.name)
    else:
        _check_content(file, kind)
    return file, kind


def _exists(file: Path) -> None:
    if file.is_symlink():
        raise InputError("E102", file=file)
    if not file.exists():
        names = [p.name for p in file.parent.iterdir()] if file.parent.is_dir() else []
        near = difflib.get_close_matches(file.name, names, n=3, cutoff=0.5)
        raise InputError("E105", file=file, near=", ".join(near) or "-")


def _check_folder(folder: Path) -> None:
    if not folder.is_dir() or not (folder / "a00000001.gdbtable").is_file():
        raise InputError("E107", file=folder.name, a="not a FileGDB", b="FileGDB")
    for member in folder.iterdir():
        if member.is_symlink():
            raise InputError("E102", file=member)


def _check_content(file: Path, kind: str) -> None:
    with file.open("rb") as stream:
        found = _content(stream.read(_HEAD))
    if found != _CONTENT.get(kind, kind):
        raise InputError("E107", file=file.name, a=found, b=kind)


def _content(head: bytes) -> str:
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if not head.strip():
        return "empty"
    if b"\0" in head:
        return "binary"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return {b"<": "XML", b"{": "JSON", b"[": "JSON"}.get(text[:1], "text")


def members(file: Path) -> list[Path]:
    """The files that make up a layer's file: a Shapefile has several, in a fixed order.

    Names differ in case between systems; the first that exists of each kind is taken.
    """
    if file.suffix.lower() != ".shp":
        return [file]
    beside = {p.suffix.lower(): p for p in sorted(file.parent.glob("*.*")) if p.stem == file.stem}
    beside[".shp"] = file
    return [beside[suffix] for suffix in _SIDES if suffix in beside]
