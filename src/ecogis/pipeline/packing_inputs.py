"""What a project leads to, and where it lies in a bundle: a project file with relative paths."""

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

from ecogis.core.errors import ConfigError
from ecogis.io.gate import members
from ecogis.io.layers import input_sha256
from ecogis.pipeline.batching.inputs import led_to

__all__ = ["Gathered", "gathered"]

_ELSEWHERE: Final = "elsewhere"
_UP: Final = 3
_OF_OTHERS: Final = (
    ("registry", "ledger"),
    ("valuation", "guarantee", "book"),
    ("valuation", "guarantee", "fund"),
    ("valuation", "guarantee", "relations"),
)


@dataclass(frozen=True)
class Gathered:
    """Inputs of a project and their places.

    Attributes
    ----------
    project : str
        Place of the project file.
    files : mapping of str to Path
        Source of each place, relative to the folder of inputs; forward slashes.
    rewritten : mapping of str to str
        New text of the TOML files whose paths had to change.
    sha256 : frozenset of str
        Hashes of layers, tables and other files as a run records them.
    ledger : {"none", "packed", "left_out"}
        What became of the project's pledge ledger and its guarantor's tables.
    """

    project: str
    files: Mapping[str, Path]
    rewritten: Mapping[str, str]
    sha256: frozenset[str]
    ledger: str


def gathered(project: Path, *, ledger: bool) -> Gathered:
    """Everything a project file leads to, and the project file itself.

    A file in the project's folder, or one its relative paths lead to up to three folders above (a
    policy), keeps its place to the project file, which then stays as it is. One elsewhere goes to
    ``elsewhere/N/`` with the files beside it, and its path in the project file is rewritten.

    Parameters
    ----------
    project : Path
        Project file.
    ledger : bool
        Whether a pledge ledger in a file and a guarantor's tables go along; they hold other
        people's pledges and loans.

    Returns
    -------
    Gathered

    Raises
    ------
    ConfigError
        E477 a path cannot be rewritten; E541, E556 a file is not TOML in UTF-8.
    """
    file = project.resolve()
    folder = file.parent
    of_others = _of_others(file)
    local = {(folder / text).resolve() for text in of_others if "://" not in text}
    left_out = set() if ledger else local
    named = [path for path in _led(file, folder) if path not in left_out]
    places = _places(named, _root(file, named))
    home = places[file].parent
    files = {
        place / part.relative_to(path).as_posix() if path.is_dir() else place.with_name(part.name):
        part
        for path, place in places.items()
        for part in _parts(path)
        if part.resolve() not in left_out
    }  # fmt: skip
    rewritten = {
        place.as_posix(): text
        for path, place in places.items()
        if (text := _relative(path, places, folder, home)) is not None
    }
    return Gathered(
        places[file].as_posix(),
        {place.as_posix(): part for place, part in files.items()},
        rewritten,
        frozenset(input_sha256(path) for path in named),
        _became(of_others, local & set(named)),
    )


def _became(of_others: set[str], taken: set[Path]) -> str:
    """What became of what is others'; a ledger in a database cannot go along."""
    if not of_others:
        return "none"
    return "packed" if taken else "left_out"


def _of_others(file: Path) -> set[str]:
    """The project's ledger and its guarantor's tables, as the project file writes them."""
    found = {_at(tomllib.loads(file.read_text(encoding="utf-8-sig")), keys) for keys in _OF_OTHERS}
    return {text for text in found if isinstance(text, str) and text}


def _at(value: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None


def _led(file: Path, folder: Path) -> list[Path]:
    """The project file and every file or folder it leads to, each once."""
    found, waiting = {file: None}, [file]
    while waiting:
        for _, path in led_to(waiting.pop(), folder):
            if path not in found:
                found[path] = None
                waiting.append(path)
    return sorted(found)


def _parts(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(part for part in path.rglob("*") if part.is_file())
    return members(path)


def _root(file: Path, named: list[Path]) -> Path:
    """The folder that holds the project file and what its relative paths lead to."""
    folder = file.parent
    highest = [folder, *folder.parents][: _UP + 1]
    root = folder
    for text, path in led_to(file, folder):
        plain = path in named and Path(os.path.normpath(folder / text)) == path
        if Path(text).is_absolute() or not plain:
            continue
        holds = next((above for above in highest if path.is_relative_to(above)), root)
        root = holds if root.is_relative_to(holds) else root
    return root


def _places(named: list[Path], root: Path) -> dict[Path, PurePosixPath]:
    outside = sorted({path.parent for path in named if not path.is_relative_to(root)})
    number = {parent: f"{at:02d}" for at, parent in enumerate(outside, start=1)}
    return {
        path: PurePosixPath(path.relative_to(root).as_posix())
        if path.is_relative_to(root)
        else PurePosixPath(_ELSEWHERE, number[path.parent], path.name)
        for path in named
    }


def _relative(
    file: Path, places: Mapping[Path, PurePosixPath], folder: Path, home: PurePosixPath
) -> str | None:
    """Text of a TOML file with paths as in the bundle; None where it stays as it is."""
    start = places[file].parent
    changes = {
        text: _from(start, places[path])
        for text, path in led_to(file, folder)
        if path in places and not _leads(text, (start, home), places[path])
    }
    if not changes:
        return None
    text = file.read_text(encoding="utf-8-sig")
    before = tomllib.loads(text)
    for old, new in changes.items():
        for quoted in (json.dumps(old, ensure_ascii=False), f"'{old}'"):
            text = text.replace(quoted, json.dumps(new, ensure_ascii=False))
    if tomllib.loads(text) != _exchanged(before, changes):
        raise ConfigError("E477", file=file.name, value=next(iter(changes)))
    return text


def _leads(text: str, starts: tuple[PurePosixPath, ...], place: PurePosixPath) -> bool:
    """Whether a path as written leads to a place of the bundle, from the file or the project."""
    written = text.replace("\\", "/") if os.sep == "\\" else text
    from_each = (os.path.normpath(at / written) for at in starts)
    return place in {PurePosixPath(Path(path).as_posix()) for path in from_each}


def _from(start: PurePosixPath, place: PurePosixPath) -> str:
    return Path(os.path.relpath(place, start)).as_posix()


def _exchanged(value: Any, changes: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _exchanged(entry, changes) for key, entry in value.items()}
    if isinstance(value, list):
        return [_exchanged(entry, changes) for entry in value]
    return changes.get(value, value) if isinstance(value, str) else value
