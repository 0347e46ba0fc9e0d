"""What ``ecogis finance`` does for collection and the collateral centre."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import click
import pandas as pd

from ecogis import io
from ecogis.cli.finance_answers import answer, day_of
from ecogis.cli.finance_words import MONEY, Session
from ecogis.cli.finance_writing import alone, must_be_past
from ecogis.core.errors import ConfigError, InputError
from ecogis.core.findings import Findings
from ecogis.core.periods import day as to_day
from ecogis.finance.centre import overdue_cases, replayed
from ecogis.finance.collection import from_record
from ecogis.finance.collection_ledger import CollectionLedger
from ecogis.finance.collection_tables import in_force, transactions
from ecogis.finance.collection_tables import payments as payments_due
from ecogis.finance.movements import Holding
from ecogis.pipeline.finance_inputs import finance_table
from ecogis.pipeline.finance_land import ask_near, joined_layer, land_of

__all__ = [
    "approve",
    "ask_next",
    "groups",
    "income",
    "record",
    "refuse",
    "replay",
    "reverse",
    "settle",
    "status",
    "step",
    "verify",
]


_ZONE: Final = timezone(timedelta(hours=8))


def groups(
    *,
    parcels: Path,
    holders: Path,
    profile: str,
    collector: str,
    taken: tuple[str, ...],
    layer: Path | None,
    session: Session,
) -> None:
    """Groups before and after, and the layer for a map."""
    findings = Findings()
    land = land_of(parcels, holders, profile=profile, findings=findings)
    table, drawn = joined_layer(land, taken, collector, findings=findings)
    if layer is not None:
        io.write_gpkg(layer, {"joined_land": drawn})
    answer(session, findings, {"groups": table})


def ask_next(
    *,
    parcels: Path,
    holders: Path,
    profile: str,
    collector: str,
    budget: int,
    nearest: int,
    session: Session,
) -> None:
    """Whom to ask; the result says how many holders were looked at and by which method."""
    findings = Findings()
    land = land_of(parcels, holders, profile=profile, findings=findings)
    found = ask_near(land, budget * 100, collector, findings=findings, most=nearest)
    row = asdict(found.asked) | {"method": found.method, "looked_at": found.looked_at,
                                 "all_holders": found.holders,
                                 "most_gain_dm2": found.most_gain_dm2}  # fmt: skip
    row |= {name: " ".join(row[name]) for name in ("holders", "parcels")}
    if session.lang == "zh":
        note = f"只考虑最近的 {found.looked_at} 户,共 {found.holders} 户"
    else:
        note = f"the nearest {found.looked_at} of {found.holders} holders were looked at"
    answer(session, findings, {"next": pd.DataFrame([row])}, note=note)


@contextmanager
def _ledger(file: Path, actor: str, *, new: bool = False) -> Iterator[CollectionLedger]:
    opener = CollectionLedger.create if new else CollectionLedger.open
    ledger = opener(file, actor)
    try:
        yield ledger
    finally:
        ledger.close()


def record(
    *, ledger: Path, actor: str, records: Path, new: bool, reason: str, session: Session
) -> None:
    """Propose what a JSON file lists, all of it or nothing.

    It lists ``holdings``, ``collections`` and ``payments``; a collection rests on holdings that
    have been approved, so the two never come in one file.
    """
    content = _json(records)
    day = day_of(session)
    made: list[tuple[str, str]] = []
    try:
        held = [Holding(**one) for one in content["holdings"]]
        collected = [from_record(one) for one in content["collections"]]
        paid = [(str(one["tx"]), one["number"], one["amount_fen"]) for one in content["payments"]]
    except (TypeError, KeyError, ValueError, AttributeError, ConfigError) as fault:
        raise InputError("E953", file=records.name, detail=fault) from None
    with _ledger(ledger, actor, new=new) as book, book.together():
        if held:
            made.append(("holdings", book.open_holdings(held, day=day, reason=reason)))
        made += [("collection", book.collect(one, day=day, reason=reason)) for one in collected]
        made += [
            ("payment", book.pay(tx, number, fen, day=day, reason=reason))
            for tx, number, fen in paid
        ]
        head = book.head()
    _proposed(session, made, head)


def _proposed(session: Session, made: list[tuple[str, str]], head: tuple[int, str]) -> None:
    table = pd.DataFrame(made, columns=["kind", "tx_id"])
    _with_head(session, {"proposed": table}, head)


def _with_head(session: Session, tables: dict[str, pd.DataFrame], head: tuple[int, str]) -> None:
    """The answer, with the last entry of the ledger, to be kept apart."""
    seq, link = head
    last = "末条" if session.lang == "zh" else "last entry"
    told = tables | {"head": pd.DataFrame([head], columns=["seq", "hash"])}
    answer(session, Findings(), told, note=f"{last}: {seq} {link}")


def _json(file: Path) -> dict[str, list[Any]]:
    names = ("holdings", "collections", "payments")
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise InputError("E953", file=file.name, detail=fault) from None
    fits = isinstance(found, dict) and not set(found) - set(names)
    if not fits or not all(isinstance(found.get(name, []), list) for name in names):
        raise InputError("E953", file=file.name, detail=", ".join(names))
    return {name: found.get(name, []) for name in names}


def approve(
    *, ledger: Path, actor: str, tx: tuple[str, ...], reason: str = "", session: Session
) -> None:
    """Approve transactions; the ledger refuses the person who proposed them."""
    with _ledger(ledger, actor) as book:
        for one in tx:
            book.approve(one, reason=reason)
        _decided(session, book, tx)


def refuse(*, ledger: Path, actor: str, tx: tuple[str, ...], reason: str, session: Session) -> None:
    """Refuse transactions, all of them or none."""
    with _ledger(ledger, actor) as book:
        with book.together():
            for one in tx:
                book.refuse(one, reason=reason)
        _decided(session, book, tx)


def _decided(session: Session, book: CollectionLedger, tx: tuple[str, ...]) -> None:
    table = transactions(book.known())
    _with_head(session, {"transactions": table[table["tx_id"].isin(tx)]}, book.head())


def reverse(*, ledger: Path, actor: str, tx: str, reason: str, session: Session) -> None:
    """Propose to take a collection back."""
    with _ledger(ledger, actor) as book:
        made = book.reverse(tx, day=day_of(session), reason=reason)
        _proposed(session, [("reversal", made)], book.head())


def income(
    *,
    ledger: Path,
    actor: str,
    tx: str,
    net: int,
    payer: str,
    document: str,
    felling: bool,
    reason: str,
    session: Session,
) -> None:
    """Propose the givers' share of a net income."""
    with _ledger(ledger, actor) as book:
        made = book.share_income(
            tx, net, payer=payer, felling=felling, document=document, day=day_of(session),
            reason=reason,
        )  # fmt: skip
        _proposed(session, [("income", made)], book.head())


def settle(
    *,
    ledger: Path,
    actor: str,
    tx: str,
    parts: tuple[str, ...],
    payer: str,
    reason: str,
    session: Session,
) -> None:
    """Propose to pay out what a disposal brought."""
    named: dict[str, int] = {}
    for text in parts:
        party, _, amount = text.rpartition("=")
        if not party.strip() or party.strip() in named:
            raise ConfigError("E900", field="--part", value=text, expected="PARTY=CNY")
        try:
            named[party.strip()] = MONEY(amount)
        except click.BadParameter:
            raise ConfigError("E900", field="--part", value=text, expected="CNY, 0.01") from None
    with _ledger(ledger, actor) as book:
        made = book.settle(tx, named, payer=payer, day=day_of(session), reason=reason)
        _proposed(session, [("settlement", made)], book.head())


def verify(*, ledger: Path, actor: str, head: str | None, session: Session) -> None:
    """The chain holds, and leads on from a head kept elsewhere; E909 or E931 where it does not."""
    with _ledger(ledger, actor) as book:
        kept = None if head is None else book.store.place_of(head)
        seq, link = book.head()
    row = {"seq": seq, "hash": link, "kept": kept, "later": None if kept is None else seq - kept}
    table = pd.DataFrame([row]).astype({"kept": "Int64", "later": "Int64"})
    answer(session, Findings(), {"verified": table})


def replay(*, ledger: Path, actor: str, known: str | None, show: str, session: Session) -> None:
    """What the ledger holds on a day, as known on another; and its last entry, to be kept apart."""
    day = day_of(session)
    until = None if known is None else _end_of(to_day(known))
    with _ledger(ledger, actor) as book:
        state = book.known(until)
        if show == "balances":
            table = book.balances(day, until=until)
        elif show == "in-force":
            table = in_force(state, day)
        else:
            table = payments_due(state, day) if show == "payments" else transactions(state)
        _with_head(session, {show: table}, book.head())


def _end_of(day: date) -> datetime:
    """The last moment of a day in China."""
    return datetime.combine(day + timedelta(days=1), time(), _ZONE) - timedelta(microseconds=1)


def step(*, steps: Path, case: str, to: str, said: tuple[str, ...], session: Session) -> None:
    """Take the step; nothing is written unless it may follow."""
    findings = Findings()
    must_be_past(day_of(session))
    row = {"case": case, "to": to, "day": day_of(session).isoformat()}
    for one in said:
        name, equals, value = one.partition("=")
        if not equals or name in row:
            raise ConfigError("E900", field="--set", value=one, expected="FIELD=VALUE")
        row[name] = value
    with alone(steps):
        told = finance_table(steps, "centre_steps", findings) if steps.exists() else pd.DataFrame()
        table = pd.concat([told, pd.DataFrame([row], dtype="string")], ignore_index=True)
        docket = replayed(table)
        io.write_csv(steps, table)
    answer(session, findings, {"cases": docket.table()})


def status(*, steps: Path, case: str | None, session: Session) -> None:
    """Where cases stand on a day; the payout of one."""
    findings, day = Findings(), day_of(session)
    docket = replayed(finance_table(steps, "centre_steps", findings), day)
    if case is not None:
        answer(session, findings, {"payout": docket[case].payout()})
        return
    overdue = overdue_cases(docket, day, findings)
    answer(session, findings, {"cases": docket.table(), "overdue": overdue})
