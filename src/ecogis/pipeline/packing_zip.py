"""Bundles as ZIP files: the same files give the same bytes, and nothing leaves the folder."""

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from ecogis.core.errors import InputError
from ecogis.io.whole import whole

__all__ = ["safe_name", "unzip", "write_zip"]

_TIME: Final = (1980, 1, 1, 0, 0, 0)
_PLAIN: Final = 0o100644 << 16
_KINDS: Final = 0o170000 << 16
_LIMIT: Final = 64 << 30
_BLOCK: Final = 1 << 20


def write_zip(path: Path, files: Mapping[str, Path]) -> Path:
    """Write files under their names, in the order of the names, without clock and machine.

    Returns
    -------
    Path
        The file; the same files give the same bytes with the same zlib.

    Raises
    ------
    InputError
        E162, E163: it cannot be written.
    """
    with whole(path) as draft, zipfile.ZipFile(draft, "w", allowZip64=True) as bundle:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = _PLAIN
            entry.file_size = files[name].stat().st_size
            with files[name].open("rb") as source, bundle.open(entry, "w") as target:
                shutil.copyfileobj(source, target, _BLOCK)
    return path


def safe_name(name: str) -> bool:
    r"""Whether a name stays inside the folder on any system.

    >>> [safe_name(name) for name in ("a/b.csv", "../b", "/b", "a//b", "C:/b", "a\\b", "")]
    [True, False, False, False, False, False, False]
    """
    parts = PurePosixPath(name).parts
    plain = bool(parts) and "/".join(parts) == name and not {"..", ".", "/"} & set(parts)
    return plain and not any(sign in name for sign in ("\\", ":", "\0"))


def unzip(path: Path, folder: Path) -> None:
    """Unpack a bundle that others may have made.

    Raises
    ------
    InputError
        E478 it is no ZIP file or is damaged; E479 an entry has an absolute path, one that leads
        out of the folder, a name twice, is a link or encrypted, or all are more than 64 GiB (a
        policy). Nothing is left outside `folder`.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            entries = bundle.infolist()
            _refuse(path, entries)
            for entry in entries:
                target = folder / entry.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                with bundle.open(entry) as source, target.open("wb") as file:
                    shutil.copyfileobj(source, file, _BLOCK)
    except (OSError, zipfile.BadZipFile, NotImplementedError, EOFError, ValueError) as fault:
        raise InputError("E478", file=path, detail=fault) from None


def _refuse(path: Path, entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    size = 0
    for entry in entries:
        folded = entry.filename.casefold()
        size += entry.file_size
        link = entry.external_attr & _KINDS not in {0, _PLAIN & _KINDS}
        closed = entry.flag_bits & 1
        if not safe_name(entry.filename) or folded in seen or link or closed or size > _LIMIT:
            raise InputError("E479", file=path, value=entry.filename)
        seen.add(folded)
