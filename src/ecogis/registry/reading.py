"""What the ledger says, as tables: claims, balances, persons, alerts, its signed head."""

from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, select

from ecogis.core.errors import InputError
from ecogis.core.findings import Findings
from ecogis.registry.chain import Event
from ecogis.registry.claims import USES, Policy
from ecogis.registry.desk import event_of, held_of
from ecogis.registry.held import Held
from ecogis.registry.replay import Replay
from ecogis.registry.schema import CLAIM, EVENT, MEMBER, RIGHTS, YIELDS
from ecogis.registry.signing import SignedHead

__all__ = ["alerts", "balances", "claims", "events", "head", "members", "state"]

_RIGHT: Final = ("unit_code", "kind", "registration_no")
_USED: Final = {use: f"{use}_kg" for use in USES} | {"pledge": "pledged_kg", "sale": "sold_kg"}
_WHOLE: Final = {"claim", "vintage", "kg", "seq"}
_FIRST: Final = ("claim", "right", "unit_code", "right_kind", "registration_no")
_CLAIMS: Final = (
    *_FIRST,
    *(entry.name for entry in fields(Held) if entry.name not in {"claim", "right_id"}),
)
_BALANCES: Final = (
    *_FIRST[1:], "vintage", "yield_kg", *_USED.values(), "free_kg", "lender",
)  # fmt: skip


def events(connection: Connection) -> list[Event]:
    """All events in their order."""
    return [event_of(row) for row in connection.execute(select(EVENT).order_by(EVENT.c.seq))]


def state(connection: Connection, day: date | None = None) -> Replay:
    """What the ledger adds up to: from its tables now, by replay at the end of a day."""
    if day is not None:
        return Replay().until(events(connection), day)
    found = Replay()
    for row in connection.execute(select(RIGHTS)).mappings():
        found.rights[row["right_id"]] = {name: row[name] for name in (*_RIGHT, "place", "day")}
    for row in connection.execute(select(YIELDS)).mappings():
        found.yields[row["right_id"], row["vintage"]] = row["kg"], row["seq"]
    for entry in connection.execute(select(CLAIM).order_by(CLAIM.c.claim)):
        found.claims[entry.claim] = held_of(entry)
    return found


def claims(connection: Connection, day: date | None, *, live: bool) -> pd.DataFrame:
    """Claims, one row each.

    Parameters
    ----------
    connection : Connection
        Reads the ledger.
    day : date or None
        At the end of which day; none for now.
    live : bool
        Whether those that have ended are left out.

    Returns
    -------
    DataFrame, one row per claim
        Right, vintage, ``kg`` [kg CO2e], party, state, external registration and what waits for a
        second person, in the order they were proposed.
    """
    found = state(connection, day)
    rows = []
    for held in found.claims.values():
        if live and not held.live:
            continue
        entry = asdict(held)
        right = entry.pop("right_id")
        rows.append({"right": right} | _named(found, right) | entry)
    return _typed(pd.DataFrame(rows, columns=list(_CLAIMS)))


def _named(found: Replay, right: str) -> dict[str, Any]:
    known = found.rights.get(right, {})
    unit, kind, number = (known.get(name) for name in _RIGHT)
    return {"unit_code": unit, "right_kind": kind, "registration_no": number}


def balances(connection: Connection, day: date | None) -> pd.DataFrame:
    """What each right yields by vintage, and what is claimed on it.

    Parameters
    ----------
    connection : Connection
        Reads the ledger.
    day : date or None
        At the end of which day; none for now.

    Returns
    -------
    DataFrame, one row per right and vintage
        ``yield_kg``, what live claims hold by use, ``free_kg`` (negative where a survey took away
        what was claimed) and the lender. Missing where the yield was not known at that day.
        [kg CO2e]
    """
    found = state(connection, day)
    held: dict[tuple[str, int], dict[str, int]] = {}
    for claim in found.claims.values():
        if claim.live:
            by_use = held.setdefault((claim.right_id, claim.vintage), dict.fromkeys(USES, 0))
            by_use[claim.use] += claim.kg
    liens = found.liens()
    rows = []
    for right, vintage in sorted(found.yields.keys() | held.keys()):
        by_use = held.get((right, vintage), dict.fromkeys(USES, 0))
        possible = found.yields.get((right, vintage), (None, 0))[0]
        rows.append(
            {"right": right, "vintage": vintage, "yield_kg": possible}
            | _named(found, right)
            | {_USED[use]: kg for use, kg in by_use.items()}
            | {"free_kg": None if possible is None else possible - sum(by_use.values())}
            | {"lender": liens.get((right, vintage))}
        )
    return _typed(pd.DataFrame(rows, columns=list(_BALANCES)))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """The same types in a table of any length, with one kind of missing."""
    whole = [name for name in table if name in _WHOLE or str(name).endswith("_kg")]
    kinds = {name: "Int64" if name in whole else "string" for name in table}
    return table.astype(kinds)


def members(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Who may do what."""
    rows = connection.execute(select(MEMBER).order_by(MEMBER.c.seq))
    return {row.person: tuple(filter(None, row.roles.split(","))) for row in rows}


def head(connection: Connection, ledger: str, public_key: str) -> SignedHead:
    """The head after the last event.

    Raises
    ------
    InputError
        E814 there is no event.
    """
    row = connection.execute(select(EVENT).order_by(EVENT.c.seq.desc()).limit(1)).first()
    if row is None:
        raise InputError("E814", ledger=ledger, detail="0")
    event = event_of(row)
    return SignedHead(ledger, event.seq, event.hash, event.time, event.signature, public_key)


def alerts(connection: Connection, day: date, policy: Policy) -> Findings:
    """What needs somebody's attention at a day.

    Parameters
    ----------
    connection : Connection
        Reads the ledger.
    day : date
        The day; what happened later is not looked at.
    policy : Policy
        How long before its end a registration is told.

    Returns
    -------
    Findings
        None where nothing needs attention.

    Findings
    --------
    E817
        A registration has ended: the claim still holds its tonnes, the pledge may not stand.
    E818
        A registration ends soon.
    E819
        More is claimed than the latest survey yields.
    E820
        A claim's land overlaps another right's, within the tolerance.
    E821
        A claim's land has the shape of another right's nearby.
    E822
        A change waits for a second person.
    E845
        The newest survey of a right has no more some land of a claim on it.
    E889
        Slight overlaps of one right add up to more than one alone may be.
    """
    happened = [event for event in events(connection) if event.day <= day]
    found, findings = Replay().until(happened, None), Findings()
    for held in found.claims.values():
        if held.live:
            _registration(held, day, policy, findings)
            _request(held, findings)
    _over(found, findings)
    seen = list(_seen(happened, found))
    for event, held, alert in seen:
        if alert["code"] == "E845":
            _left(event, held, alert, findings)
        else:
            _neighbour(event, held, alert, findings)
    _together(seen, found, policy, findings)
    return findings


def _registration(held: Held, day: date, policy: Policy, findings: Findings) -> None:
    if held.expires_on is None:
        return
    ended = held.expires_on < day.isoformat()
    soon = day + timedelta(days=policy.expiry_notice_days)
    if ended or held.expires_on <= soon.isoformat():
        findings.add(
            "E817" if ended else "E818",
            layer="ledger",
            feature=held.claim,
            column="expires_on",
            observed=held.expires_on,
            number=held.external_no,
            right=held.right_id,
            vintage=held.vintage,
            party=held.party,
        )


def _request(held: Held, findings: Findings) -> None:
    if held.request is not None:
        findings.add(
            "E822",
            layer="ledger",
            feature=held.claim,
            column="request",
            observed=held.request,
            actor=held.requested_by,
            since=held.day,
        )


def _over(found: Replay, findings: Findings) -> None:
    taken: dict[tuple[str, int], int] = {}
    for held in found.claims.values():
        if held.live:
            where = held.right_id, held.vintage
            taken[where] = taken.get(where, 0) + held.kg
    for (right, vintage), kg in sorted(taken.items()):
        limit = found.yields.get((right, vintage), (0, 0))[0]
        if kg > limit and (right, vintage) in found.yields:
            findings.add(
                "E819", layer="ledger", feature=right, column="kg", observed=kg,
                vintage=vintage, limit=limit,
            )  # fmt: skip


def _seen(happened: list[Event], found: Replay) -> Iterator[tuple[Event, Held, dict[str, Any]]]:
    """What was told when live claims were proposed or their rights surveyed anew."""
    live = [held for held in found.claims.values() if held.live]
    by_number = {held.claim: [held] for held in live}
    by_right: dict[str, list[Held]] = {}
    for held in live:
        by_right.setdefault(held.right_id, []).append(held)
    for event in happened:
        moved = event.kind == "survey"
        concerned = by_right.get(event.right, ()) if moved else by_number.get(event.claim or 0, ())
        for alert in event.body.get("found", {}).get("alerts", ()):
            for held in concerned:
                if moved and alert["vintage"] != held.vintage:
                    continue
                if alert["code"] != "E845" or _still_left(event, held, alert, found):
                    yield event, held, alert


def _still_left(event: Event, held: Held, alert: dict[str, Any], found: Replay) -> bool:
    newest: int = found.rights[event.right]["seq"]
    return event.seq == newest and alert["place"] == held.place


def _left(event: Event, held: Held, alert: dict[str, Any], findings: Findings) -> None:
    findings.add(
        "E845",
        layer="ledger",
        feature=held.claim,
        column="geometry",
        observed=alert["area_m2"],
        right=held.right_id,
        vintage=held.vintage,
        row=event.seq,
    )


def _together(
    seen: list[tuple[Event, Held, dict[str, Any]]],
    found: Replay,
    policy: Policy,
    findings: Findings,
) -> None:
    """Tell rights whose slight overlaps with others add up to more than one alone may be."""
    live = {(held.right_id, held.vintage) for held in found.claims.values() if held.live}
    areas: dict[tuple[str, int], dict[str, float]] = {}
    for _, held, alert in seen:
        if alert["code"] == "E820" and (alert["right"], held.vintage) in live:
            for one, other in ((held.right_id, alert["right"]), (alert["right"], held.right_id)):
                areas.setdefault((one, held.vintage), {})[other] = alert["area_m2"]
    for (right, vintage), others in sorted(areas.items()):
        total = round(sum(others.values()), 1)
        if total > policy.overlap_m2:
            findings.add(
                "E889", layer="ledger", feature=right, column="geometry", observed=total,
                count=len(others), vintage=vintage, limit=policy.overlap_m2,
            )  # fmt: skip


def _neighbour(event: Event, held: Held, alert: dict[str, Any], findings: Findings) -> None:
    slight = alert["code"] == "E820"
    findings.add(
        "E820" if slight else "E821",
        layer="ledger",
        feature=held.claim,
        column="geometry",
        observed=alert["area_m2"] if slight else alert["distance_m"],
        other=alert["right"],
        vintage=held.vintage,
        how=alert.get("how", ""),
        row=event.seq,
    )
