"""One batch at a time in a folder: a lock that ends with the process that holds it."""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ecogis.core.errors import ConfigError

__all__ = ["LOCK", "held"]

LOCK = ".lock"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder's lock while the block runs.

    The system gives the lock back when the process ends, however it ends, so that no lock is ever
    stale. What stands in the file only tells people who holds it.

    Raises
    ------
    ConfigError
        E438 another batch is at work in the folder, E546 the lock cannot be made there.
    """
    path = folder / LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as fault:
        raise ConfigError("E546", file=folder, detail=fault.strerror) from None
    try:
        _take(descriptor, path)
        yield
        with suppress(OSError):
            os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid, host = _holder(path)
        raise ConfigError("E438", file=path.parent, pid=pid, host=host) from None
    except OSError as fault:
        raise ConfigError("E546", file=path.parent, detail=fault.strerror) from None
    holder = json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode()
    with suppress(OSError):  # a full disk: the lock holds without the words
        os.ftruncate(descriptor, 0)
        os.write(descriptor, holder)


def _holder(path: Path) -> tuple[str, str]:
    """Process and machine of the holder, as far as its lock tells them."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return str(told["pid"]), str(told["host"])
    except (OSError, ValueError, KeyError, TypeError):
        return "?", "?"
