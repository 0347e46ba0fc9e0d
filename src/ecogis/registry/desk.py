"""One transaction that writes: the chain's next events, and the tables derived from them."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from ecogis.core.errors import ConfigError, InputError, StageRefusedError
from ecogis.core.provenance import canonical_json
from ecogis.registry.chain import START, Event, chained
from ecogis.registry.claims import LARGEST_KG, Policy
from ecogis.registry.fields import whole_number
from ecogis.registry.held import LIVE, Held
from ecogis.registry.schema import CLAIM, EVENT, LIEN, MEMBER, RIGHTS, YIELDS
from ecogis.registry.signing import SignedHead, Signer

__all__ = ["Desk", "event_of", "held_of", "roles_of"]


def event_of(row: Row[Any]) -> Event:
    """The event in a row of the ledger.

    Raises
    ------
    InputError
        E814 the row does not hold one; `verify` says more.
    """
    try:
        record = json.loads(row.body)
        record["day"] = date.fromisoformat(record["day"])
        return Event(
            **record, previous=row.previous, hash=row.hash, signature=row.signature
        )  # fmt: skip
    except (ValueError, TypeError, KeyError) as fault:
        raise InputError("E814", ledger=f"event {row.seq}", detail=fault) from None


def held_of(row: Row[Any]) -> Held:
    """The claim in a row of the table of claims."""
    fields = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's name for the row as a mapping
    fields.pop("lien_party")
    return Held(**fields)


def roles_of(connection: Connection, person: str) -> tuple[str, ...]:
    """What a person may do."""
    roles = connection.scalar(select(MEMBER.c.roles).where(MEMBER.c.person == person))
    return tuple(filter(None, (roles or "").split(",")))


@dataclass
class Desk:
    """Who writes what, when and why, inside one transaction.

    Attributes
    ----------
    connection : Connection
        Holds the ledger alone.
    signer : Signer
        The ledger's key.
    ledger : str
        Identifier of the ledger.
    policy : Policy
        The ledger's policy.
    actor, time, reason : str
        Who enters it, when [UTC+8], and why.
    today, day : date
        The date of the clock, and the day the events take effect.
    """

    connection: Connection
    signer: Signer
    ledger: str
    policy: Policy
    actor: str
    time: str
    today: date
    day: date
    reason: str
    _last: tuple[int, str] | None = field(default=None, init=False)

    def append(
        self,
        kind: str,
        body: Mapping[str, Any],
        *,
        claim: int | None = None,
        right: str = "",
        dossier: str = "",
        key: str = "",
    ) -> Event:
        """Add an event to the chain, hashed and signed.

        A proposal's claim is its own place in the chain.

        Raises
        ------
        ConfigError
            E811 the body holds what cannot be written.
        """
        seq, previous = self._end()
        event = Event(
            seq=seq + 1,
            kind=kind,
            claim=seq + 1 if kind == "propose" else claim,
            right=right,
            dossier=dossier,
            actor=self.actor,
            time=self.time,
            day=self.day,
            reason=self.reason,
            key=key,
            body=_as_written(body),
            previous=previous,
        )
        text = event.text
        digest = chained(previous, text)
        head = self.signer.signed(self.ledger, event.seq, digest, self.time)
        row = _row(event, text, digest, head)
        self.connection.execute(insert(EVENT), row)
        self._last = event.seq, digest
        return replace(event, hash=digest, signature=head.signature)

    def _end(self) -> tuple[int, str]:
        if self._last is None:
            query = select(EVENT.c.seq, EVENT.c.hash).order_by(EVENT.c.seq.desc()).limit(1)
            row = self.connection.execute(query).first()
            self._last = (row.seq, row.hash) if row else (0, START)
        return self._last

    def known(self, kind: str, key: str, **content: Any) -> Event | None:
        """The event entered under a key before, if it says the same.

        Raises
        ------
        StageRefusedError
            E805 it says something else.
        """
        if not key:
            return None
        row = self.connection.execute(select(EVENT).where(EVENT.c.key == key)).first()
        if row is None:
            return None
        event = event_of(row)
        said = {name: value for name, value in event.body.items() if name != "found"}
        same = {"right": event.right, "dossier": event.dossier, "body": said}
        if event.kind != kind or canonical_json(same) != canonical_json(content):
            raise StageRefusedError("E805", key=key, seq=event.seq)
        return event

    def follows(self, earliest: str) -> None:
        """Refuse a day that lies before what the event follows.

        Raises
        ------
        ConfigError
            E812 it does.
        """
        if self.day.isoformat() < earliest:
            raise ConfigError("E812", day=self.day, latest=self.today, earliest=earliest)

    def held(self, claim: int) -> Held:
        """A claim as it stands.

        Raises
        ------
        ConfigError
            E811 that is no number of a claim; E816 there is none of that number.
        """
        number = whole_number("claim", claim, 1, LARGEST_KG)
        row = self.connection.execute(select(CLAIM).where(CLAIM.c.claim == number)).first()
        if row is None:
            raise ConfigError("E816", what="登记 / claim", value=claim)
        return held_of(row)

    def place(self, right: str) -> str:
        """Hash of the shape of a right.

        Raises
        ------
        StageRefusedError
            E804 the right was never surveyed.
        """
        found = self.connection.scalar(select(RIGHTS.c.place).where(RIGHTS.c.right_id == right))
        if found is None:
            raise StageRefusedError("E804", right=right, vintage="—")
        return str(found)

    def surveyed(self, right: str) -> str:
        """Day of the newest survey of a right; empty where there is none."""
        query = select(RIGHTS.c.day).where(RIGHTS.c.right_id == right)
        return str(self.connection.scalar(query) or "")

    def latest(self, right: str, vintage: int | None = None) -> str:
        """Day of what last happened to claims on a right, or on one vintage; empty for none."""
        query = select(func.max(CLAIM.c.day)).where(CLAIM.c.right_id == right)
        if vintage is not None:
            query = query.where(CLAIM.c.vintage == vintage)
        return str(self.connection.scalar(query) or "")

    def within_yield(self, right: str, vintage: int, more: int) -> None:
        """Refuse to claim more than a right yields.

        Parameters
        ----------
        right : str
            Key of the right.
        vintage : int
            Calendar year.
        more : int
            What is to be claimed beyond what is. [kg CO2e]

        Raises
        ------
        StageRefusedError
            E804 no yield is known; E802 it is more.
        """
        here = (YIELDS.c.right_id == right, YIELDS.c.vintage == vintage)
        limit = self.connection.scalar(select(YIELDS.c.kg).where(*here))
        if limit is None:
            raise StageRefusedError("E804", right=right, vintage=vintage)
        query = select(func.sum(CLAIM.c.kg)).where(*_live_on(right, vintage))
        taken = int(self.connection.scalar(query) or 0)
        if taken + more > limit:
            raise StageRefusedError(
                "E802", right=right, vintage=vintage, limit=limit, taken=taken, kg=more
            )

    def hold(self, held: Held) -> None:
        """Write a new claim; a pledge makes its lender the only one.

        Raises
        ------
        StageRefusedError
            E801 there is another lender.
        """
        if held.lien_party is not None:
            self._lien(held)
        self.connection.execute(insert(CLAIM), _columns(held))

    def _lien(self, held: Held) -> None:
        here = (LIEN.c.right_id == held.right_id, LIEN.c.vintage == held.vintage)
        party = self.connection.scalar(select(LIEN.c.party).where(*here))
        if party is None:
            values = {"right_id": held.right_id, "vintage": held.vintage, "party": held.party}
            self.connection.execute(insert(LIEN), values)
        elif party != held.party:
            pledges = (*_live_on(held.right_id, held.vintage), CLAIM.c.use == "pledge")
            claim = self.connection.scalar(select(func.min(CLAIM.c.claim)).where(*pledges))
            told = {"right": held.right_id, "vintage": held.vintage, "party": party}
            raise StageRefusedError("E801", claim=claim, **told)

    def change(self, before: Held, after: Held) -> None:
        """Write what became of a claim, and of its lender's place as the only one."""
        columns = _columns(after)
        columns.pop("claim")
        self.connection.execute(update(CLAIM).where(CLAIM.c.claim == after.claim).values(**columns))
        if before.lien_party == after.lien_party or before.lien_party is None:
            return
        here = (LIEN.c.right_id == after.right_id, LIEN.c.vintage == after.vintage)
        if after.lien_party is not None:
            self.connection.execute(update(LIEN).where(*here).values(party=after.lien_party))
            return
        pledges = (*_live_on(after.right_id, after.vintage), CLAIM.c.use == "pledge")
        if not self.connection.scalar(select(func.count()).select_from(CLAIM).where(*pledges)):
            self.connection.execute(delete(LIEN).where(*here))


def _as_written(body: Mapping[str, Any]) -> Any:
    """The body as it will be read again."""
    try:
        text = canonical_json(body)
        text.encode()
    except (TypeError, ValueError) as fault:
        raise ConfigError("E811", field="body", value=fault, expected="JSON") from None
    return json.loads(text)


def _row(event: Event, text: str, digest: str, head: SignedHead) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "kind": event.kind,
        "claim": event.claim,
        "right_id": event.right,
        "dossier": event.dossier,
        "actor": event.actor,
        "key": event.key or None,
        "body": text,
        "previous": event.previous,
        "hash": digest,
        "signature": head.signature,
    }


def _columns(held: Held) -> dict[str, Any]:
    return asdict(held) | {"lien_party": held.lien_party}


def _live_on(right: str, vintage: int) -> tuple[Any, ...]:
    return (
        CLAIM.c.right_id == right,
        CLAIM.c.vintage == vintage,
        CLAIM.c.state.in_(LIVE),
    )
