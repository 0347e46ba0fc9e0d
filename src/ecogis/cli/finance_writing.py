"""Files that commands of ``ecogis finance`` write a row behind: CSV, one clerk at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from ecogis.core.errors import ConfigError, InputError

__all__ = ["alone", "must_be_past"]

_ZONE: Final = timezone(timedelta(hours=8))


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Hold a file until a row is written; a second clerk waits and reads it anew.

    Raises
    ------
    ConfigError
        E933 the file is no CSV, as which it would be written back.
    InputError
        E953 its folder cannot be written to.
    """
    if file.suffix.lower() != ".csv":
        raise ConfigError("E933", file=file.name)
    try:
        lock = file.with_name(f".{file.name}.lock").open("w", encoding="utf-8")
    except OSError as fault:
        raise InputError("E953", file=file.name, detail=fault) from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def must_be_past(day: date) -> None:
    """Refuse to record what has not happened yet.

    Raises
    ------
    ConfigError
        E934 the day lies after today in China.
    """
    today = datetime.now(_ZONE).date()
    if day > today:
        raise ConfigError("E934", day=day, today=today)
