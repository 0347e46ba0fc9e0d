"""What a step depends on, by content: project file, every file it leads to, and this program."""

import os
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from ecogis.core.errors import ConfigError
from ecogis.core.provenance import library_versions, sha256_file, sha256_text
from ecogis.io import gate

__all__ = ["NESTED", "asks_elsewhere", "inputs_of", "led_to", "program_sha256"]

NESTED: Final = "nested too deeply"
"""Why a TOML file of thousands of brackets is none."""

_COMPILED: Final = "__pycache__"


def inputs_of(project: Path) -> dict[str, str]:
    """SHA-256 of a project file and of every file it leads to, by path relative to its folder.

    A file is led to when some text of the project file, or of a TOML file it leads to, is the path
    of an existing file or folder: layers with the files beside them, tables, rasters, profiles,
    curves, plans, methodologies, ledgers. So a section that is new is covered as well. A text that
    leads nowhere adds nothing; should a file appear there, the inputs are others.

    Raises
    ------
    ConfigError
        E540 there is no such project file, E514 its path cannot be used, E541, E556 it is not TOML
        in UTF-8, E451 a file it leads to cannot be read, E517 the name of one is not UTF-8.
    """
    file = _project(project)
    found: dict[Path, str] = {}
    try:
        _follow(file, file.parent, found)
        names = {path: Path(os.path.relpath(path, file.parent)).as_posix() for path in found}
        "".join(names.values()).encode()
    except OSError as fault:
        raise ConfigError("E451", file=fault.filename or file, detail=fault.strerror) from None
    except UnicodeEncodeError as fault:
        raise ConfigError("E517", file=ascii(fault.object)) from None
    return {names[path]: found[path] for path in sorted(found)}


def _project(project: Path) -> Path:
    try:
        if not project.is_file():
            raise ConfigError("E540", file=project)
        return project.resolve()
    except OSError as fault:  # longer than a path may be, or in a folder nobody may look into
        raise ConfigError("E514", file=project, detail=fault.strerror) from None


def _follow(file: Path, folder: Path, found: dict[Path, str]) -> None:
    for part in gate.members(file):
        found[part] = sha256_file(part)
    for _, path in led_to(file, folder):
        if path not in found:
            _follow(path, folder, found)


def led_to(file: Path, folder: Path) -> list[tuple[str, Path]]:
    """Texts of a TOML file that are the path of an existing file or folder, and which.

    Paths are relative to the file or to the project's folder; a file of another kind leads nowhere.
    """
    if file.suffix.lower() != ".toml":
        return []
    starts = dict.fromkeys((file.parent, folder))
    named = [(text, _leads_to(text, at)) for text in _texts(_toml(file)) for at in starts]
    return [(text, path) for text, path in named if path is not None]


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError("E556", file=file.name) from None
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError("E541", file=file.name, detail=fault) from None
    except RecursionError:
        raise ConfigError("E541", file=file.name, detail=NESTED) from None


def _texts(values: dict[str, Any]) -> Iterator[str]:
    """Texts at any depth; dotted keys nest deeper than calls may."""
    waiting: list[Any] = [values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value


def _leads_to(text: str, folder: Path) -> Path | None:
    """The file a text names; a word without a dot is no file, a folder above is none either."""
    if "." not in text or "\n" in text or "\0" in text:
        return None
    path = folder / text
    try:
        there = path.is_dir() or path.is_file()  # a pipe would be waited for
        there = there and path.resolve() not in {folder, *folder.parents}
    except OSError:  # longer than a path may be
        return None
    return path.resolve() if there else None


def asks_elsewhere(project: Path) -> bool:
    """Whether a project asks a pledge ledger whose content no hash of its inputs can tell.

    Such are a ledger on a server, one whose last entries still lie in the log of another process,
    and one whose name has no dot.
    """
    section = _toml(project).get("registry")
    ledger = str(section.get("ledger", "")) if isinstance(section, dict) else ""
    if not ledger:
        return False
    log = project.parent / f"{ledger}-wal"
    return "://" in ledger or "." not in ledger or (log.is_file() and log.stat().st_size > 0)


@cache
def program_sha256() -> str:
    """SHA-256 of this program: every file of the package, and the versions of what it stands on."""
    package = Path(str(files("ecogis")))
    lines = [
        f"{path.relative_to(package).as_posix()} {sha256_file(path)}"
        for path in sorted(package.rglob("*"))
        if path.is_file() and _COMPILED not in path.parts
    ]
    return sha256_text("\n".join([*lines, *map(str, library_versions().items())]))
