"""Done-marks: what a step was made from and what it made, by hash; it is done only if all hold."""

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from ecogis.core.errors import ConfigError
from ecogis.core.provenance import sha256_file

__all__ = [
    "MARK",
    "Mark",
    "as_text",
    "draft_in",
    "drafts",
    "own_files",
    "publish",
    "read_mark",
    "sealed",
    "write_text",
]

MARK: Final = "done.json"


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a step's done-mark; no clock and no machine.

    Attributes
    ----------
    key : str
        Hash of everything the step depends on.
    state : {"done", "refused"}
        Refused steps have no results but the findings that refuse them.
    inputs, outputs : dict of str to str
        SHA-256 by name.
    findings : dict of str to int
        Number by severity.
    code, zh, en : str
        Why the step was refused.
    """

    key: str
    state: str
    inputs: dict[str, str]
    outputs: dict[str, str]
    findings: dict[str, int]
    code: str = ""
    zh: str = ""
    en: str = ""


def read_mark(folder: Path, key: str | None = None) -> Mark | None:
    """The mark of a step's folder, if every file it names is there with the content it names.

    Parameters
    ----------
    folder : Path
        Folder of the step.
    key : str, optional
        Key the step must have; another one counts as not done.

    Returns
    -------
    Mark or None
        None where the step has to be done.
    """
    try:
        mark = msgspec.json.decode((folder / MARK).read_bytes(), type=Mark)
        if key is not None and mark.key != key:
            return None
        return mark if mark.outputs == _hashes(folder) else None
    except (OSError, msgspec.DecodeError, RecursionError):
        return None


def sealed(folder: Path, mark: Mark) -> Mark:
    """Write the mark of a folder, with the hashes of what lies in it; all of it on the disk."""
    mark = msgspec.structs.replace(mark, outputs=_hashes(folder))
    text = json.dumps(msgspec.to_builtins(mark), ensure_ascii=False, indent=1)
    (folder / MARK).write_text(text + "\n", encoding="utf-8")
    for member in [*sorted(folder.rglob("*")), folder]:
        _sync(member)
    return mark


def _hashes(folder: Path) -> dict[str, str]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in found}
    return {name: sha256_file(path) for name, path in names.items() if name != MARK}


def draft_in(work: Path) -> Path:
    """A path for a new draft in the folder of drafts; nothing is there yet."""
    return work / secrets.token_hex(8)


def publish(draft: Path | None, target: Path, work: Path) -> None:
    """Let a draft folder take its place; without a draft, take away what was there.

    The old folder leaves in one step and the new one comes in one step: a crash leaves the old one,
    none, or the new one, and never a mix.

    Raises
    ------
    OSError
        Its place is no folder, or cannot be written.
    """
    there = os.path.lexists(target)
    if draft is None and not there:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if there:
        aside = draft_in(work)
        target.replace(aside)
        shutil.rmtree(aside, ignore_errors=True)
    if draft is not None:
        draft.replace(target)
    _sync(target.parent)


@contextmanager
def own_files(folder: Path) -> Iterator[None]:
    """Files of the batch itself: a fault of the disk is an error that names the file.

    Raises
    ------
    ConfigError
        E546 a file of the batch in this folder cannot be read or written.
    """
    try:
        yield
    except OSError as fault:
        file = fault.filename2 or fault.filename or folder
        raise ConfigError("E546", file=file, detail=fault.strerror or fault) from None


@contextmanager
def drafts(work: Path) -> Iterator[Path]:
    """An empty folder of drafts, taken away when the block ends, by an error as well.

    A worker that outlives its batch by a moment may still write there; nothing of it is published.

    Raises
    ------
    ConfigError
        E546 its place is a link or a file, or it cannot be made.
    """
    shutil.rmtree(work, ignore_errors=True)
    if work.is_symlink() or (work.exists() and not work.is_dir()):
        raise ConfigError("E546", file=work, detail="not a folder")
    with own_files(work):
        work.mkdir(exist_ok=True)
    try:
        yield work
    except Exception:
        shutil.rmtree(work, ignore_errors=True)
        raise
    shutil.rmtree(work, ignore_errors=True)


def write_text(path: Path, text: str, work: Path) -> None:
    """Write a small file whole, and only if its content is another."""
    if path.is_file() and path.read_bytes() == text.encode():
        return
    draft = draft_in(work)
    draft.write_bytes(text.encode())
    _sync(draft)
    draft.replace(path)
    _sync(path.parent)


def as_text(record: Any) -> str:
    """A record as the JSON its file holds."""
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
