"""Whether the ledger is what was entered: every event, every derived table, every rule."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, Table, select, text

from ecogis.core.errors import ConfigError, EcogisError, StageRefusedError
from ecogis.core.findings import Findings
from ecogis.registry.chain import START, chained
from ecogis.registry.definitions import check_definitions
from ecogis.registry.desk import event_of
from ecogis.registry.places import sound
from ecogis.registry.replay import Replay
from ecogis.registry.schema import (
    CLAIM,
    EVENT,
    LIEN,
    MEMBER,
    PLACE,
    RIGHTS,
    YIELDS,
)
from ecogis.registry.signing import SignedHead
from ecogis.registry.store import Store

__all__ = ["Link", "check_chain", "check_heads", "verify"]


class Link:
    """What the chain is checked by: a row of the ledger or a line of an export.

    Parameters
    ----------
    seq : int
        Its place.
    body, previous, hash, signature : str
        As kept.
    """

    def __init__(self, seq: int, body: str, previous: str, digest: str, signature: str) -> None:
        self.seq, self.body, self.previous = seq, body, previous
        self.hash, self.signature = digest, signature


def verify(store: Store, public_key: str, heads: Sequence[SignedHead]) -> Findings:
    """Go through the whole ledger; nothing is changed.

    Parameters
    ----------
    store : Store
        Where it is kept.
    public_key : str
        Its key. [hexadecimal]
    heads : sequence of SignedHead
        Heads kept elsewhere: only they show that the end was cut off, or everything made anew.

    Returns
    -------
    Findings
        None where the ledger is sound.

    Findings
    --------
    E823
        An event was altered.
    E824
        Events were removed, added or swapped.
    E825
        An event is not signed with the key.
    E826
        A head kept elsewhere does not agree.
    E827
        A derived table is not what the events give.
    E828
        A table, key, check, index or trigger of the database is missing, disabled, altered or
        surplus.
    E829
        The file is damaged.
    """
    findings = Findings()
    try:
        store.read(lambda connection: _all(connection, public_key, heads, findings))
    except EcogisError as fault:
        findings.add("E829", layer="ledger", feature=store.name, observed=fault.en)
    return findings


def _all(
    connection: Connection, public_key: str, heads: Sequence[SignedHead], findings: Findings
) -> None:
    _file(connection, findings)
    rows = connection.execute(select(EVENT).order_by(EVENT.c.seq)).all()
    links = [Link(row.seq, row.body, row.previous, row.hash, row.signature) for row in rows]
    ledger = _identifier(rows)
    check_chain(links, ledger, public_key, findings)
    check_heads(links, ledger, public_key, heads, findings)
    _tables(connection, rows, findings)
    check_definitions(connection, findings)


def _file(connection: Connection, findings: Findings) -> None:
    if connection.dialect.name == "sqlite":
        for told in connection.scalars(text("PRAGMA integrity_check")):
            if told != "ok":
                findings.add("E829", layer="ledger", observed=told)


def _identifier(rows: Sequence[Row[Any]]) -> str:
    try:
        return str(event_of(rows[0]).body["ledger"])
    except (EcogisError, IndexError, KeyError, TypeError):
        return ""


def check_chain(links: Iterable[Link], ledger: str, public_key: str, findings: Findings) -> None:
    """Whether each event is what its hash says, follows the one before, and is signed.

    Parameters
    ----------
    links : iterable of Link
        In their order.
    ledger : str
        Identifier of the ledger.
    public_key : str
        Its key. [hexadecimal]
    findings : Findings
        Receives E823, E824, E825.
    """
    before, place = START, 0
    for link in links:
        place += 1
        at: dict[str, Any] = {"layer": "ledger", "feature": link.seq, "row": place}
        if link.seq != place or link.previous != before:
            expected = f"#{place} {before[:8]}"
            observed = f"#{link.seq} {link.previous[:8]}"
            findings.add("E824", **at, observed=observed, expected=expected)
            place = link.seq
        if not _is_hash(link):
            findings.add("E823", **at, observed=link.hash)
        elif not _signed(link, ledger, public_key):
            findings.add("E825", **at, observed=link.signature[:16])
        before = link.hash


def _is_hash(link: Link) -> bool:
    try:
        return chained(link.previous, link.body) == link.hash
    except ValueError:
        return False


def _signed(link: Link, ledger: str, public_key: str) -> bool:
    try:
        time = str(json.loads(link.body)["time"])
    except (ValueError, KeyError, TypeError):
        return False
    return SignedHead(ledger, link.seq, link.hash, time, link.signature, public_key).genuine()


def check_heads(
    links: Sequence[Link],
    ledger: str,
    public_key: str,
    heads: Sequence[SignedHead],
    findings: Findings,
) -> None:
    """Whether heads kept elsewhere are in the chain.

    Parameters
    ----------
    links : sequence of Link
        The chain.
    ledger : str
        Identifier of the ledger.
    public_key : str
        Its key. [hexadecimal]
    heads : sequence of SignedHead
        What was kept.
    findings : Findings
        Receives E826.
    """
    hashes = {link.seq: link.hash for link in links}
    for head in heads:
        fault = ""
        if head.ledger != ledger or head.public_key != public_key:
            fault = "另一台账或另一密钥 / another ledger or key"
        elif not head.genuine():
            fault = "签名头本身无效 / the head itself is not genuine"
        elif head.seq not in hashes:
            fault = f"台账只到 {len(hashes)} / the ledger ends at {len(hashes)}"
        elif hashes[head.seq] != head.hash:
            fault = f"{hashes[head.seq][:16]} ≠ {head.hash[:16]}"
        if fault:
            findings.add("E826", layer="ledger", feature=head.seq, observed=fault)


def _tables(connection: Connection, rows: Sequence[Row[Any]], findings: Findings) -> None:
    """Replay the events and compare with every derived table."""
    replay = Replay()
    for row in rows:
        try:
            event = event_of(row)
            replay.add(event)
        except (EcogisError, AttributeError, KeyError, TypeError, ValueError) as fault:
            told = fault.en if isinstance(fault, StageRefusedError | ConfigError) else repr(fault)
            _differs(findings, EVENT, row.seq, told)
            continue
        copies = (event.kind, event.claim, event.right, event.dossier, event.actor, event.key)
        kept = (row.kind, row.claim, row.right_id, row.dossier, row.actor, row.key or "")
        if (event.seq, *copies) != (row.seq, *kept):
            _differs(findings, EVENT, row.seq, str(kept))
    try:
        tables = _expected(replay)
    except TypeError as fault:  # an event whose vintage or person is no word or number
        _differs(findings, EVENT, "—", repr(fault))
        return
    for table, expected in tables.items():
        _compare(connection, table, expected, findings)
    _places(connection, replay.places, findings)


def _expected(replay: Replay) -> dict[Table, dict[Any, dict[str, Any]]]:
    claims = {
        (held.claim,): asdict(held) | {"lien_party": held.lien_party}
        for held in replay.claims.values()
    }
    rights = {(right,): {"right_id": right} | row for right, row in replay.rights.items()}
    yields = {
        (right, vintage): {"right_id": right, "vintage": vintage, "kg": kg, "seq": seq}
        for (right, vintage), (kg, seq) in replay.yields.items()
    }
    liens = {
        (right, vintage): {"right_id": right, "vintage": vintage, "party": party}
        for (right, vintage), party in replay.liens().items()
    }
    members = {
        (person,): {"person": person, "roles": roles, "seq": seq}
        for person, (roles, seq) in replay.members.items()
    }
    return {CLAIM: claims, RIGHTS: rights, YIELDS: yields, LIEN: liens, MEMBER: members}


def _compare(
    connection: Connection, table: Table, expected: Mapping[Any, dict[str, Any]], findings: Findings
) -> None:
    keys = [column.name for column in table.primary_key]
    rows = connection.execute(select(table)).mappings()
    found = {tuple(row[name] for name in keys): dict(row) for row in rows}
    for key in sorted(found.keys() | expected.keys(), key=str):
        is_, should = found.get(key), expected.get(key)
        if is_ == should:
            continue
        what = "多出 / surplus" if should is None else "缺失 / missing"
        if is_ is not None and should is not None:
            what = ", ".join(name for name in should if is_.get(name) != should[name])
        _differs(findings, table, " ".join(map(str, key)), what)


def _differs(findings: Findings, table: Table, row: object, what: str) -> None:
    findings.add("E827", layer="ledger", feature=row, observed=what, table=table.name)


def _places(connection: Connection, surveyed: set[str], findings: Findings) -> None:
    found = set()
    for row in connection.execute(select(PLACE)).mappings():
        found.add(row["sha256"])
        if not sound(dict(row)):
            _differs(findings, PLACE, row["sha256"], "wkb")
    for place in sorted(surveyed ^ found, key=str):
        what = "缺失 / missing" if place in surveyed else "多出 / surplus"
        _differs(findings, PLACE, place, what)
