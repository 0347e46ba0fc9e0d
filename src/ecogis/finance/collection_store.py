"""Where the collection ledger is kept: one SQLite file that holds its own rules."""

import hashlib
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from ecogis.core.errors import ConfigError, InputError, StageRefusedError
from ecogis.core.provenance import canonical_json
from ecogis.finance.collection import is_hash
from ecogis.finance.movements import Posting

__all__ = ["START", "CollectionStore", "Entry", "chained", "new_id", "now", "time_ordered_id"]

START: Final = "0" * 64
"""What the first entry follows."""

_DOMAIN: Final = b"ecogis-collection-v1\0"
_FIELDS: Final = ("seq", "tx_id", "kind", "recorded", "effective", "actor", "reason", "body")
_PRAGMAS: Final = (
    "PRAGMA synchronous=FULL",  # on disk before a commit returns
    "PRAGMA foreign_keys=ON",
    "PRAGMA recursive_triggers=ON",  # REPLACE fires the triggers against DELETE
    "PRAGMA trusted_schema=OFF",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the ledger.

    Attributes
    ----------
    seq : int
        Its place, from 1.
    tx_id : str
        The transaction it is about.
    kind : str
        propose, approve or refuse.
    recorded : str
        When it was entered, UTC+8.
    effective : str
        Day it takes effect.
    actor, reason : str
        Who entered it, and why.
    body : dict
        What a proposal is about.
    previous, hash : str
        SHA-256 of the entry before and of this one.
    """

    seq: int
    tx_id: str
    kind: str
    recorded: str
    effective: str
    actor: str
    reason: str
    body: dict[str, Any]
    previous: str
    hash: str = ""

    @property
    def text(self) -> str:
        """What is hashed, but for the link: canonical JSON."""
        return canonical_json({name: getattr(self, name) for name in _FIELDS})


def chained(previous: str, text: str) -> str:
    """Hash of an entry: SHA-256 of the format's name, the hash before, and the text.

    >>> by_hand = hashlib.sha256(b"ecogis-collection-v1" + bytes(1 + 32) + b"{}").hexdigest()
    >>> chained(START, "{}") == by_hand
    True
    """
    return hashlib.sha256(_DOMAIN + bytes.fromhex(previous) + text.encode()).hexdigest()


def time_ordered_id(milliseconds: int, random: bytes) -> str:
    """An identifier that sorts by time: UUID version 7.

    Parameters
    ----------
    milliseconds : int
        Since 1970. [ms]
    random : bytes
        Ten bytes.

    References
    ----------
    .. [1] RFC 9562, section 5.7.

    Examples
    --------
    >>> time_ordered_id(0x0123456789AB, bytes(10))
    '01234567-89ab-7000-8000-000000000000'
    """
    high = int.from_bytes(random[:2], "big") & 0x0FFF
    low = int.from_bytes(random[2:10], "big") & (2**62 - 1)
    value = milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def new_id() -> str:
    """A fresh identifier of a transaction; see `time_ordered_id`."""
    return time_ordered_id(time.time_ns() // 1_000_000, os.urandom(10))


def now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


class CollectionStore:
    """The file of a collection ledger.

    Parameters
    ----------
    file : Path or ":memory:"
        Where it is kept.
    new : bool
        Whether it is to be made.

    Raises
    ------
    InputError
        E918 the file is missing, is there already when a new one is asked for, or is another file.
    """

    def __init__(self, file: str | Path, *, new: bool = False) -> None:
        self.name = str(file)
        here = self.name != ":memory:" and Path(file).exists()
        if here is new:
            detail = "exists" if here else "missing"
            raise InputError("E918", file=self.name, detail=detail)
        source = self.name if self.name == ":memory:" else _address(Path(file), new=new)
        with self._told():
            self.base = sqlite3.connect(source, uri=True, isolation_level=None, timeout=60)
            for pragma in _PRAGMAS:
                self.base.execute(pragma)
            self.base.row_factory = sqlite3.Row
            if new:
                text = files("ecogis.finance").joinpath("collection.sql")
                self.base.executescript(text.read_text(encoding="utf-8"))
            self.base.execute("SELECT 1 FROM settled, entry, posting LIMIT 1")

    def close(self) -> None:
        """Let the file go."""
        self.base.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """The database's own refusals and faults in our words."""
        try:
            yield
        except sqlite3.IntegrityError as fault:
            raise StageRefusedError("E918", file=self.name, detail=str(fault)) from None
        except sqlite3.Error as fault:
            raise InputError("E918", file=self.name, detail=str(fault)) from None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One transaction that holds the ledger alone; all of it or nothing, an inner one too."""
        if self.base.in_transaction:
            yield
            return
        with self._told():
            self.base.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.base.execute("ROLLBACK")
                raise
            self.base.execute("COMMIT")

    def entries(self, after: int = 0) -> list[Entry]:
        """The entries after a place, in their order."""
        query = "SELECT * FROM entry WHERE seq > ? ORDER BY seq"
        with self._told():
            rows = self.base.execute(query, (after,)).fetchall()
        return [self._entry(row) for row in rows]

    def place_of(self, head: str) -> int:
        """Place of an entry whose hash was kept elsewhere; see `CollectionLedger.head`.

        Parameters
        ----------
        head : str
            Hash of what was the last entry then.

        Returns
        -------
        int
            Its place; what follows it was added since.

        Raises
        ------
        ConfigError
            E900 it is no hash.
        InputError
            E931 no entry has it.
        """
        asked = head.strip().lower()
        if not is_hash(asked):
            raise ConfigError("E900", field="head", value=head, expected="SHA-256")
        places = {START: 0} | {entry.hash: entry.seq for entry in self.entries()}
        if asked not in places:
            raise InputError("E931", file=self.name, head=asked)
        return places[asked]

    def _entry(self, row: sqlite3.Row) -> Entry:
        fields = {name: row[name] for name in (*_FIELDS, "previous", "hash")}
        try:
            body = json.loads(row["body"])
        except ValueError:
            raise InputError("E909", file=self.name, seq=row["seq"], detail="body") from None
        return Entry(**fields | {"body": body})

    def append(self, made: Callable[[int, str], Entry]) -> Entry:
        """Append what `made` makes of the next place and the last hash; within `alone`."""
        row = self.base.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        seq, previous = (row["seq"] + 1, row["hash"]) if row else (1, START)
        bare = made(seq, previous)
        fields = {name: getattr(bare, name) for name in _FIELDS}
        fields |= {"body": canonical_json(bare.body), "previous": previous}
        fields["hash"] = chained(previous, bare.text)
        names = ", ".join(fields)
        marks = ", ".join(f":{name}" for name in fields)
        self.base.execute(f"INSERT INTO entry ({names}) VALUES ({marks})", fields)  # noqa: S608
        return Entry(
            **{name: getattr(bare, name) for name in _FIELDS},
            previous=previous,
            hash=fields["hash"],
        )

    def post(self, seq: int, postings: Iterable[Posting]) -> None:
        """Enter the postings of an approval and settle it; within `alone`."""
        rows = [(seq, p.account, p.party, p.day.isoformat(), p.amount) for p in postings]
        self.base.executemany(
            "INSERT INTO posting (seq, account, party, day, amount) VALUES (?, ?, ?, ?, ?)", rows
        )
        self.base.execute("INSERT INTO settled VALUES (?)", (seq,))

    def postings(self) -> list[tuple[int, str, str, str, int]]:
        """All postings: seq, account, party, day, amount; in the order they were entered."""
        query = "SELECT seq, account, party, day, amount FROM posting ORDER BY number"
        with self._told():
            return [tuple(row) for row in self.base.execute(query)]

    def settled(self) -> list[int]:
        """Places of the approvals whose postings are complete."""
        with self._told():
            return [row["seq"] for row in self.base.execute("SELECT seq FROM settled ORDER BY seq")]


def _address(file: Path, *, new: bool) -> str:
    return f"{file.resolve().as_uri()}?mode={'rwc' if new else 'rw'}"
