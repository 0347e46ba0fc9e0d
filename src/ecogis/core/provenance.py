"""Where results come from: hashes of files, canonical text of records, versions of libraries."""

import hashlib
import json
import math
import platform
from collections.abc import Mapping
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

__all__ = ["canonical_json", "library_versions", "sha256_file", "sha256_text"]

_LIBRARIES = (
    "ecogis",
    "numpy",
    "pandas",
    "geopandas",
    "shapely",
    "pyogrio",
    "rasterio",
    "pyproj",
    "xarray",
    "numba",
)


def sha256_file(path: Path) -> str:
    """SHA-256 of a file, or of a folder's files in the order of their names."""
    digest = hashlib.sha256()
    members = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for member in members:
        if path.is_dir():
            digest.update(member.relative_to(path).as_posix().encode() + b"\0")
        with member.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def sha256_text(text: str) -> str:
    """SHA-256 of a text in UTF-8.

    >>> sha256_text("")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def canonical_json(record: Mapping[str, Any]) -> str:
    """One text for one record: sorted keys, UTF-8, no NaN, integers beyond 2^53 as text.

    >>> canonical_json({"b": 1, "a": date(2026, 8, 31)})
    '{"a":"2026-08-31","b":1}'
    """
    return json.dumps(
        _plain(record),
        sort_keys=True,
        ensure_ascii=False,
        allow_nan=False,
        separators=(",", ":"),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(entry) for entry in (sorted(value) if isinstance(value, set) else value)]
    return _scalar(value.item() if hasattr(value, "item") else value)


def _scalar(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    big = isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53
    return str(value) if big or isinstance(value, date | Path) else value


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries a figure can depend on."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
