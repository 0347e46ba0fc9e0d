"""Files that are there whole or not at all.

Everything is written beside its place under a temporary name, brought to the disk, and then takes
the old file's place in one step. A crash leaves the old file or the new one, never half of one.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecogis.core.errors import InputError

__all__ = ["whole", "whole_folder"]


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """A temporary path in the same folder, which becomes `path` when the block ends well.

    Parameters
    ----------
    path : str or Path
        File to write. Its folder must exist.

    Yields
    ------
    Path
        Where to write; it has the suffix of `path`. On failure nothing is left of it.

    Raises
    ------
    InputError
        E162 the old file is held by another program, E163 it cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     target = Path(folder) / "a.txt"
    ...     with whole(target) as draft:
    ...         _ = draft.write_text("done")
    ...     target.read_text()
    'done'
    """
    target = Path(path)
    draft = _beside(target)
    try:
        with _ours(target):
            yield draft
            _sync(draft)
            _swap(draft, target)
            _sync(target.parent)
    finally:
        draft.unlink(missing_ok=True)
        for suffix in ("-journal", "-wal", "-shm"):
            draft.with_name(draft.name + suffix).unlink(missing_ok=True)


@contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """A temporary folder beside `path`, which becomes `path` when the block ends well.

    The old folder is moved aside first and comes back should the move fail.

    Raises
    ------
    InputError
        E162 the old folder is held by another program, E163 it cannot be written.
    """
    target = Path(path)
    draft, aside = _beside(target), _beside(target)
    try:
        with _ours(target):
            draft.mkdir()
            yield draft
            for member in sorted(draft.rglob("*")):
                _sync(member)
            _sync(draft)
            if target.exists():
                _swap(target, aside)
            try:
                _swap(draft, target)
            except InputError:
                if aside.exists():
                    aside.replace(target)
                raise
            _sync(target.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(aside, ignore_errors=True)


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.stem}.{secrets.token_hex(4)}.part{target.suffix}")


@contextmanager
def _ours(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        detail = fault.strerror or str(fault)
        raise InputError("E163", file=target, detail=detail) from fault


def _swap(draft: Path, target: Path) -> None:
    try:
        draft.replace(target)
    except PermissionError:
        raise InputError("E162", file=target) from None


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
