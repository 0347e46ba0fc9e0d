"""What each command of ``ecogis registry`` does: open the ledger, ask it, print, leave."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import click
import pandas as pd

from ecogis.cli.registry import Entry, Session
from ecogis.cli.registry_answers import (
    CLAIM,
    EVENT,
    NAMES,
    claims_at,
    event_record,
    lasting,
    opened,
    out_of_the_way,
    pairs,
    print_json,
    records,
    say,
    show_table,
    tell,
    when,
    whole,
)
from ecogis.core.errors import ConfigError
from ecogis.core.periods import day as to_day
from ecogis.registry import Event, Ledger, Registration, SignedHead, verify_export

__all__ = [
    "appoint",
    "approve",
    "confirm",
    "correct",
    "create",
    "expire",
    "export",
    "extend",
    "history",
    "part_release",
    "refuse",
    "release",
    "show",
    "transfer",
    "verify",
]

_BALANCE: Final = (
    "unit_code", "right_kind", "certificate_no", "vintage", "yield_kg", "pledged_kg", "sold_kg",
    "forest_ticket_kg", "eco_product_kg", "other_methodology_kg", "free_kg", "lender",
)  # fmt: skip
_HISTORY: Final = ("seq", "day", "event", "claim", "dossier", "actor", "reason", "hash")
_SHOWN_OF_A_HASH: Final = 12


def create(*, session: Session) -> None:
    """Make a ledger; the actor becomes its first administrator."""
    lasting(session)
    with Ledger.create(session.ledger, session.actor, key=session.key) as ledger:
        head = ledger.head()
        if session.as_json:
            print_json(ledger=ledger.id, public_key=ledger.public_key, head=json.loads(head.json()))
            return
        zh = session.lang == "zh"
        click.echo(f"{'台账' if zh else 'ledger'}: {session.ledger}")
        click.echo(f"{'公钥' if zh else 'public key'}: {ledger.public_key}")
        click.echo(head.text())


def appoint(*, session: Session, entry: Entry, person: str, roles: Sequence[str]) -> None:
    """Say what a person may do."""
    with opened(session) as ledger:
        ledger.appoint(person, roles, day=when(entry.day), reason=entry.reason)
        members = ledger.members()
    if session.as_json:
        print_json(members=members)
        return
    for name, held in sorted(members.items()):
        click.echo(f"{name}: {', '.join(held) or '—'}")


Write = Callable[[Ledger, list[int], date, str], list[Event]]


def _follow(
    session: Session, entry: Entry, claims: Sequence[int], dossier: str, write: Write
) -> None:
    """Let something happen to the claims named, or to the live claims of a dossier."""
    with opened(session) as ledger:
        chosen = _chosen(ledger, claims, dossier)
        tell(session, ledger, write(ledger, chosen, when(entry.day), entry.reason))


def _chosen(ledger: Ledger, claims: Sequence[int], dossier: str) -> list[int]:
    if bool(claims) == bool(dossier):
        raise click.UsageError("CLAIMS / --dossier: one of the two (登记号与业务编号二选一).")
    if claims:
        return list(claims)
    live = ledger.claims()
    found = live.loc[live["dossier"].eq(dossier), "claim"].astype(int).tolist()
    if not found:
        raise ConfigError("E816", what="业务编号 / dossier", value=dossier)
    return [int(claim) for claim in found]


def approve(*, session: Session, entry: Entry, claims: Sequence[int], dossier: str) -> None:
    """Approve what is requested."""
    _follow(session, entry, claims, dossier, _plain("approve"))


def refuse(*, session: Session, entry: Entry, claims: Sequence[int], dossier: str) -> None:
    """Refuse what is requested."""
    _follow(session, entry, claims, dossier, _plain("refuse"))


def release(*, session: Session, entry: Entry, claims: Sequence[int], dossier: str) -> None:
    """Ask for a release."""
    _follow(session, entry, claims, dossier, _plain("release"))


def expire(*, session: Session, entry: Entry, claims: Sequence[int], dossier: str) -> None:
    """Mark ended registrations."""
    _follow(session, entry, claims, dossier, _plain("expire"))


def _plain(kind: str) -> Write:
    def write(ledger: Ledger, claims: list[int], day: date, reason: str) -> list[Event]:
        events: list[Event] = getattr(ledger, kind)(claims, day=day, reason=reason)
        return events

    return write


def confirm(
    *, session: Session, entry: Entry, claims: Sequence[int], dossier: str, **words: str
) -> None:
    """Enter an outside registration."""
    made = _registration(words)
    _follow(
        session, entry, claims, dossier,
        lambda ledger, chosen, day, why: ledger.confirm(chosen, made, day=day, reason=why),
    )  # fmt: skip


def extend(
    *, session: Session, entry: Entry, claims: Sequence[int], dossier: str, **words: str
) -> None:
    """Enter a renewed registration."""
    made = _registration(words)
    _follow(
        session, entry, claims, dossier,
        lambda ledger, chosen, day, why: ledger.extend(chosen, made, day=day, reason=why),
    )  # fmt: skip


def _registration(words: Mapping[str, str]) -> Registration:
    days = {name: to_day(words[name]) for name in ("expires", "registered") if words[name]}
    return Registration(
        words["number"],
        days.get("expires"),
        registered=days.get("registered"),
        system=words["system"],
        real_estate_no=words["real_estate_no"],
        project_no=words["project_no"],
    )


def part_release(*, session: Session, entry: Entry, claims: Sequence[str]) -> None:
    """Ask for the release of a part."""
    named = pairs(claims)
    amounts = {whole(name): whole(kg) for name, kg in named.items()}
    if len(amounts) < len(named):
        raise click.UsageError("CLAIM=KG: given twice (重复给出).")
    with opened(session) as ledger:
        events = ledger.part_release(amounts, day=when(entry.day), reason=entry.reason)
        tell(session, ledger, events)


def transfer(
    *, session: Session, entry: Entry, claims: Sequence[int], dossier: str, party: str
) -> None:
    """Ask for a transfer to another lender."""
    _follow(
        session, entry, claims, dossier,
        lambda ledger, chosen, day, why: ledger.transfer(chosen, party, day=day, reason=why),
    )  # fmt: skip


def correct(*, session: Session, entry: Entry, claim: int, changes: Sequence[str]) -> None:
    """Ask for a correction."""
    fields: dict[str, Any] = dict(pairs(changes))
    if "kg" in fields:
        fields["kg"] = whole(fields["kg"])
    with opened(session) as ledger:
        events = ledger.correct({claim: fields}, day=when(entry.day), reason=entry.reason)
        tell(session, ledger, events)


def show(
    *, session: Session, day: str | None, dossier: str, unit_code: str, ended: bool, balances: bool
) -> None:
    """Show claims or balances at a day, and what to look at."""
    at = to_day(day) if day else None
    with opened(session) as ledger:
        found = ledger.balances(at).rename(columns=NAMES) if balances else None
        table = claims_at(ledger, at, live=not ended) if found is None else found
        alerts = ledger.alerts(when(day)).table()
    if dossier and not balances:
        table = table[table["dossier"].eq(dossier)]
    if unit_code:
        table = table[table["unit_code"].eq(unit_code)]
    if session.as_json:
        print_json(rows=records(table), alerts=records(alerts))
        return
    show_table(table, _BALANCE if balances else CLAIM, session.lang)
    say(alerts, session.lang)


def history(*, session: Session, claim: int | None, dossier: str) -> None:
    """List events."""
    with opened(session) as ledger:
        events = ledger.history(claim=claim, dossier=dossier or None)
    if session.as_json:
        print_json(events=[event_record(event) for event in events])
        return
    table = pd.DataFrame([event_record(event) for event in events], columns=list(EVENT))
    table["event"], table["claim"] = table["kind"], table["claim"].astype("Int64")
    table["hash"] = table["hash"].str.slice(0, _SHOWN_OF_A_HASH)
    show_table(table, _HISTORY, session.lang)


def verify(*, session: Session, heads: Sequence[Path], export: Path | None) -> None:
    """Look for changes made behind the ledger's back; exit 1 where there are any."""
    kept = [SignedHead.read(path) for path in heads]
    with opened(session) as ledger:
        if export is None:
            found, head = ledger.verify(kept).table(), ledger.head()
        else:
            found, head = verify_export(export, ledger.public_key, kept).table(), ledger.head()
    if session.as_json:
        print_json(findings=records(found), head=json.loads(head.json())["head"])
    else:
        say(found, session.lang)
        if found.empty:
            click.echo("完好" if session.lang == "zh" else "sound")
        click.echo(head.text())
    if len(found):
        sys.exit(1)


def export(*, session: Session, file: Path) -> None:
    """Write every event and the signed head."""
    out_of_the_way(session, file)
    with opened(session) as ledger:
        head = ledger.export(file)
    if session.as_json:
        print_json(file=str(file), head=json.loads(head.json())["head"])
    else:
        click.echo(f"{file}\n{head.text()}")
