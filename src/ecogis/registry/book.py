"""The ledger as a book: made with its key, opened by a person, read at any date, verified."""

import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import pandas as pd
from sqlalchemy import Connection, select

from ecogis.core.errors import ConfigError, InputError, StageRefusedError
from ecogis.core.findings import Findings
from ecogis.registry import checking, exporting, reading, recording
from ecogis.registry.chain import Event
from ecogis.registry.claims import LARGEST_KG, Policy
from ecogis.registry.desk import Desk, event_of, roles_of
from ecogis.registry.fields import line_of_text, person_name, whole_number
from ecogis.registry.schema import EVENT
from ecogis.registry.signing import SignedHead, Signer, new_key, read_key
from ecogis.registry.store import Store

__all__ = ["Book"]

FORMAT: Final = "ecogis-ledger/1"
_ALGORITHM: Final = "sha256, ed25519"
_CHINA: Final = timezone(timedelta(hours=8))

Clock = Callable[[], datetime]
Result = TypeVar("Result")


def _now() -> datetime:
    return datetime.now(UTC)


class Book:
    """A ledger in one SQLite file or in PostgreSQL: everything but what is entered.

    Make one with `create`, afterwards `open` it; `ecogis.registry.ledger` enters.
    """

    def __init__(self, store: Store, actor: str, signer: Signer | None, clock: Clock) -> None:
        self._store, self._signer, self._clock = store, signer, clock
        self.actor = actor = person_name("actor", actor)
        opened = store.read(_opening)
        self.id: str = opened["ledger"]
        self.public_key: str = opened["public_key"]
        self.policy = _policy(opened["policy"], store.name)
        if signer is not None and signer.public_key != self.public_key:
            raise InputError("E815", file="—", detail="不是本台账的密钥 / not this ledger's key")
        if not store.read(lambda connection: roles_of(connection, actor)):
            raise StageRefusedError("E808", actor=actor, role="read")

    @classmethod
    def create(
        cls,
        url: str | Path,
        actor: str,
        *,
        key: Path | None = None,
        policy: Policy | None = None,
        clock: Clock = _now,
    ) -> Self:
        """Make a ledger, its tables, its rules and its key; the actor administers it.

        Parameters
        ----------
        url : str or Path
            A file, or an address such as ``postgresql+psycopg://office@host/ledger``.
        actor : str
            Who makes it: the first person, with every role.
        key : Path, optional
            File of the signing key, made here with mode 0600; beside an SQLite file by default.
        policy : Policy, optional
            What counts as an overlap or a copy.
        clock : callable, optional
            Tells the time, with its zone.

        Raises
        ------
        ConfigError
            E811 the address is of no database the ledger knows; E815 there is no place for the key.
        InputError
            E814 there is a ledger already, or the database cannot be written.
        """
        actor = person_name("actor", actor)
        store = Store(url, new=True)
        file = _key_file(store, key)
        if file is None and not store.memory:
            raise ConfigError("E815", file="—", detail="请指定密钥文件 / name a file for the key")
        signer = new_key(file)
        ledger, now = uuid.uuid4().hex, clock().astimezone(_CHINA)
        body: dict[str, Any] = {
            "format": FORMAT,
            "ledger": ledger,
            "algorithm": _ALGORITHM,
            "public_key": signer.public_key,
            "policy": asdict(policy or Policy()),
        }

        def begin(connection: Connection) -> None:
            desk = _desk(
                connection, signer, ledger, policy=policy or Policy(), actor=actor, now=now
            )
            desk.append("open", body)
            recording.appoint(desk, actor, recording.ROLES)

        try:
            store.make(begin)
        except BaseException:
            store.close()
            if file is not None:
                with suppress(OSError):
                    file.unlink()
            raise
        return cls(store, actor, signer, clock)

    @classmethod
    def open(
        cls, url: str | Path, actor: str, *, key: Path | None = None, clock: Clock = _now
    ) -> Self:
        """Open a ledger that is there.

        Parameters
        ----------
        url : str or Path
            A file, or an address such as ``postgresql+psycopg://office@host/ledger``.
        actor : str
            Who opens it; has to have a role.
        key : Path, optional
            File of the signing key, needed to write; beside an SQLite file by default.
        clock : callable, optional
            Tells the time, with its zone.

        Raises
        ------
        InputError
            E814 there is no ledger; E815 the key cannot be used.
        StageRefusedError
            E808 the actor has no role.
        """
        store = Store(url)
        try:
            file = _key_file(store, key)
            signer = None
            if file is not None and (key is not None or os.access(file, os.R_OK)):
                signer = read_key(file)
            return cls(store, actor, signer, clock)
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        """Let the database go."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.close()

    def _write(self, role: str, day: date, reason: str, work: Callable[[Desk], Result]) -> Result:
        """Do something in one transaction, as a person with a role."""
        line_of_text("reason", reason)
        now = self._clock().astimezone(_CHINA)
        if type(day) is not date or day > now.date():
            raise ConfigError("E812", day=day, latest=now.date(), earliest="—")
        signer = self._signer
        if signer is None:
            raise InputError(
                "E815", file="—", detail="没有密钥不能写入 / none, so nothing is written"
            )

        def alone(connection: Connection) -> Result:
            if role not in roles_of(connection, self.actor):
                raise StageRefusedError("E808", actor=self.actor, role=role)
            desk = _desk(
                connection, signer, self.id, policy=self.policy, actor=self.actor, now=now,
                day=day, reason=reason,
            )  # fmt: skip
            return work(desk)

        return self._store.write(alone)

    def claims(self, day: date | None = None, *, live: bool = True) -> pd.DataFrame:
        """Claims now, or as they stood at the end of a day; see `reading.claims`."""
        return self._store.read(lambda connection: reading.claims(connection, day, live=live))

    def balances(self, day: date | None = None) -> pd.DataFrame:
        """What rights yield and what is claimed on them; see `reading.balances`."""
        return self._store.read(lambda connection: reading.balances(connection, day))

    def history(
        self,
        *,
        claim: int | None = None,
        right: str | None = None,
        dossier: str | None = None,
        kind: str | None = None,
    ) -> list[Event]:
        """Events in their order: all, or those about a claim, a right, a business file, a kind.

        Raises
        ------
        ConfigError
            E811 that is no number of a claim.
        """
        named: dict[str, Any] = {
            "claim": claim,
            "right_id": right,
            "dossier": dossier,
            "kind": kind,
        }
        if claim is not None:
            named["claim"] = whole_number("claim", claim, 1, LARGEST_KG)
        wanted = [EVENT.c[name] == value for name, value in named.items() if value is not None]
        query = select(EVENT).where(*wanted).order_by(EVENT.c.seq)
        return self._store.read(
            lambda connection: [event_of(row) for row in connection.execute(query)]
        )

    def steps(self, dossier: str | None = None) -> list[Event]:
        """Steps in the life of pledges, of one business file or of all."""
        return self.history(dossier=dossier, kind="step")

    def members(self) -> dict[str, tuple[str, ...]]:
        """Who may do what."""
        return self._store.read(reading.members)

    def alerts(self, day: date) -> Findings:
        """What needs somebody's attention at a day; see `reading.alerts`."""
        return self._store.read(lambda connection: reading.alerts(connection, day, self.policy))

    def head(self) -> SignedHead:
        """The signed head: where the ledger stands now, to be printed and kept elsewhere."""
        return self._store.read(
            lambda connection: reading.head(connection, self.id, self.public_key)
        )

    def verify(self, heads: Sequence[SignedHead] = ()) -> Findings:
        """Go through every event, table and rule; see `checking.verify`."""
        return checking.verify(self._store, self.public_key, heads)

    def export(self, path: Path) -> SignedHead:
        """Write all events and shapes to one file, the signed head last; see `exporting`.

        Raises
        ------
        InputError
            E814 the file cannot be written.
        """
        lines, head = self._store.read(
            lambda connection: exporting.lines(connection, self.id, self.public_key)
        )
        exporting.write(path, lines)
        return head


def _desk(
    connection: Connection,
    signer: Signer,
    ledger: str,
    *,
    policy: Policy,
    actor: str,
    now: datetime,
    day: date | None = None,
    reason: str = "建账 / opening",
) -> Desk:
    time = now.isoformat(timespec="milliseconds")
    today = now.date()
    return Desk(connection, signer, ledger, policy, actor, time, today, day or today, reason)


def _opening(connection: Connection) -> Mapping[str, Any]:
    """What the first event says."""
    row = connection.execute(select(EVENT).where(EVENT.c.seq == 1)).first()
    body = event_of(row).body if row is not None else {}
    known = isinstance(body, dict) and body.get("format") == FORMAT
    if not known or not {"ledger", "public_key", "policy"} <= body.keys():
        raise InputError("E814", ledger=connection.engine.url.database, detail=FORMAT)
    return body


def _policy(record: Any, ledger: str) -> Policy:
    """The policy a ledger was made with; one that this program does not know is refused."""
    try:
        if record["version"] != Policy().version:
            raise ValueError(record["version"])  # noqa: TRY301 - one message for every wrong policy
        return Policy(**{name: value for name, value in record.items() if name != "version"})
    except (AttributeError, ConfigError, KeyError, TypeError, ValueError) as fault:
        detail = f"policy: {fault.en if isinstance(fault, ConfigError) else fault}"
        raise InputError("E814", ledger=ledger, detail=detail) from None


def _key_file(store: Store, key: Path | None) -> Path | None:
    if key is not None or store.file is None:
        return key
    return store.file.with_name(f"{store.file.name}.key")
