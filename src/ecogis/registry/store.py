"""Where the ledger is kept: one SQLite file, or PostgreSQL for several offices.

A write is one transaction that holds the ledger alone from its first read to its commit, so that
what was checked still holds when it is written. It is told as done after the database has it on
disk, never before.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.pool import QueuePool, StaticPool

from ecogis.core.errors import ConfigError, InputError, StageRefusedError
from ecogis.registry.schema import EVENT, METADATA, rules

__all__ = ["Store", "file_of"]

_WAL: Final = "PRAGMA journal_mode=WAL"  # a commit is one write and one sync; readers do not wait
_PRAGMAS: Final = (
    "PRAGMA synchronous=FULL",  # on disk before a commit returns
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",  # REPLACE fires the triggers against DELETE
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cell_size_check=ON",
)
_SQLITE_WAIT_S: Final = 60.0
_POSTGRES: Final = "-c lock_timeout=60s -c synchronous_commit=on -c client_encoding=UTF8"
_ATTEMPTS: Final = 6
_PAUSE_S: Final = 0.05
_AGAIN: Final = {"40001", "40P01", "55P03"}  # serialisation failure, deadlock, lock timeout
_RAISED: Final = "P0001"  # by a trigger of ours
_MEMORY: Final = "sqlite://"

Result = TypeVar("Result")


def file_of(url: str | Path) -> Path | None:
    """The file a ledger is kept in; none for PostgreSQL and for one in memory.

    Raises
    ------
    ConfigError
        E811 the address is of no database the ledger knows.

    Examples
    --------
    >>> file_of("offices/ledger.db").name, file_of("sqlite:///ledger.db").name
    ('ledger.db', 'ledger.db')
    """
    if isinstance(url, Path) or "://" not in url:
        return Path(url)
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number
        raise ConfigError("E811", field="url", value="…", expected="sqlite, postgresql") from None
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        shown = parsed.get_backend_name()
        raise ConfigError("E811", field="url", value=shown, expected="sqlite, postgresql")
    named = parsed.get_backend_name() == "sqlite" and parsed.database
    return Path(str(parsed.database)) if named else None


class Store:
    """A database that holds a ledger, or is to hold one.

    Parameters
    ----------
    url : str or Path
        A file, or an address such as ``postgresql+psycopg://office@host/ledger``.
    new : bool
        Whether the file is to be made.

    Raises
    ------
    ConfigError
        E811 the address is of no database the ledger knows.
    InputError
        E814 the file is missing, or is there already when a new one is asked for.
    """

    def __init__(self, url: str | Path, *, new: bool = False) -> None:
        self.file = file_of(url)
        self.memory = url == _MEMORY
        local = self.file is not None or self.memory
        self.dialect = "sqlite" if local else "postgresql"
        self.name = _shown(url)
        if self.file is not None:
            _look(self.file, new=new)
        self.engine = self._local(new=new) if local else _remote(str(url))

    def _local(self, *, new: bool) -> Engine:
        source = "file:ledger?mode=memory"
        pragmas: tuple[str, ...] = (_WAL, *_PRAGMAS)
        if self.file is not None:
            mode = "mode=rwc" if new else "mode=rw"
            if not new and not _writable(self.file):
                mode, pragmas = _mode_of_reading(self.file), _PRAGMAS
            source = f"{self.file.resolve().as_uri()}?{mode}"

        def connect() -> sqlite3.Connection:
            settings: dict[str, Any] = {"isolation_level": None, "timeout": _SQLITE_WAIT_S}
            made: sqlite3.Connection = sqlite3.connect(
                source, uri=True, check_same_thread=False, **settings
            )
            return made

        pool = StaticPool if self.memory else QueuePool
        engine = create_engine(_MEMORY, creator=connect, poolclass=pool)
        event.listen(engine, "connect", partial(_set_up, pragmas))
        event.listen(engine, "begin", _begin)
        return engine

    def close(self) -> None:
        """Let the database go."""
        self.engine.dispose()

    def read(self, work: Callable[[Connection], Result]) -> Result:
        """Do something that only reads, at one state of the ledger.

        Raises
        ------
        InputError
            E814 the database cannot be read.
        StageRefusedError
            E810 it is busy.
        """
        return self._tried(work, writing=False)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Do something alone, and have it on disk when this returns; all of it or nothing.

        Raises
        ------
        InputError
            E814 the database cannot be written; what was asked for is not acknowledged.
        StageRefusedError
            E809 a rule of the database refuses; E810 it is busy.
        """
        return self._tried(work, writing=True)

    def _tried(self, work: Callable[[Connection], Result], *, writing: bool) -> Result:
        for attempt in range(_ATTEMPTS):
            try:
                return self._once(work, writing=writing)
            except DBAPIError as fault:
                if not self.memory:
                    self.engine.dispose()  # what a failed connection remembers is not relied upon
                if not _busy(fault):
                    raise self._told(fault) from None
            except SQLAlchemyError as fault:
                raise InputError("E814", ledger=self.name, detail=_brief(fault)) from None
            time.sleep(_PAUSE_S * (attempt + 1))
        raise StageRefusedError("E810", attempts=_ATTEMPTS)

    def _once(self, work: Callable[[Connection], Result], *, writing: bool) -> Result:
        with self.engine.connect() as bare:
            connection = bare.execution_options(ledger_writing=writing)
            with connection.begin():
                if writing and self.dialect == "postgresql":
                    # Taken before the first look, so that the look sees what the last writer left.
                    connection.execute(text("LOCK TABLE event IN EXCLUSIVE MODE"))
                return work(connection)

    def make(self, work: Callable[[Connection], Result]) -> Result:
        """Make tables and rules, and do the first thing, in one transaction.

        Raises
        ------
        InputError
            E814 the database holds a ledger already, or cannot be written.
        """

        def whole(connection: Connection) -> Result:
            if inspect(connection).has_table(EVENT.name):
                raise InputError("E814", ledger=self.name, detail="台账已存在 / it holds a ledger")
            METADATA.create_all(connection)
            for statement in rules(self.dialect).values():
                connection.exec_driver_sql(statement.replace("%", self._percent))
            return work(connection)

        try:
            with self.engine.connect() as bare:
                connection = bare.execution_options(ledger_writing=True)
                with connection.begin():
                    return whole(connection)
        except DBAPIError as fault:
            raise self._told(fault) from None

    @property
    def _percent(self) -> str:
        return "%" if self.dialect == "sqlite" else "%%"

    def _told(self, fault: DBAPIError) -> StageRefusedError | InputError:
        raised = getattr(fault.orig, "sqlstate", "") == _RAISED
        if isinstance(fault, IntegrityError) or raised:
            return StageRefusedError("E809", detail=_brief(fault))
        return InputError("E814", ledger=self.name, detail=_brief(fault))


def _look(file: Path, *, new: bool) -> None:
    """Refuse a file that is not what it is said to be, before a driver sees it."""
    try:
        size = file.stat().st_size if file.exists() else None
        if new and size:
            raise InputError("E814", ledger=file, detail="文件已存在 / the file exists")
        if not new and not size:
            raise InputError("E814", ledger=file, detail="没有此文件 / no such file")
        if size and not _is_sqlite(file):
            raise InputError("E814", ledger=file, detail="不是 SQLite 文件 / not an SQLite file")
    except OSError as fault:
        raise InputError("E814", ledger=file, detail=fault.strerror) from None


def _is_sqlite(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(16) == b"SQLite format 3\0"


def _shown(url: str | Path) -> str:
    if isinstance(url, Path) or "://" not in url:
        return str(url)
    return make_url(url).render_as_string(hide_password=True)


def _remote(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    arguments = {"options": _POSTGRES}
    try:
        return create_engine(parsed, isolation_level="SERIALIZABLE", connect_args=arguments)
    except ArgumentError:
        shown = parsed.drivername
        raise ConfigError("E811", field="url", value=shown, expected="postgresql+psycopg") from None
    except ModuleNotFoundError:
        raise ConfigError("E800", library="psycopg", extra="postgres") from None


def _writable(file: Path) -> bool:
    """Whether the file and the folder of its log can be written."""
    return os.access(file, os.W_OK) and os.access(file.resolve().parent, os.W_OK)


def _mode_of_reading(file: Path) -> str:
    """How a file that cannot be written is opened: with its log where there is one, else alone."""
    log = file.with_name(f"{file.name}-wal")
    return "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"


def _set_up(pragmas: Sequence[str], connection: sqlite3.Connection, _record: Any) -> None:
    for pragma in pragmas:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    writing = connection.get_execution_options().get("ledger_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _busy(fault: DBAPIError) -> bool:
    state = getattr(fault.orig, "sqlstate", None)
    return state in _AGAIN or "database is locked" in str(fault.orig)


def _brief(fault: Exception) -> str:
    told = fault.orig if isinstance(fault, DBAPIError) else fault
    return (str(told).strip().splitlines() or [type(told).__name__])[0]
