"""What can be entered: appointments, surveys, claims, and what becomes of claims.

Each function works inside one transaction that holds the ledger alone; what it raises undoes all.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, update

from ecogis.core.errors import ConfigError
from ecogis.registry.chain import Event
from ecogis.registry.claims import LARGEST_KG, Claim, Registration, Survey
from ecogis.registry.desk import Desk
from ecogis.registry.fields import (
    day_of,
    folded,
    line_of_text,
    person_name,
    sha256_or_blank,
    whole_number,
)
from ecogis.registry.held import CORRECTABLE, LIVE, Held, followed, proposed
from ecogis.registry.places import Place, shared_m2, stored
from ecogis.registry.placing import Neighbours
from ecogis.registry.schema import CLAIM, MEMBER, PLACE, RIGHTS, YIELDS

__all__ = ["ROLES", "appoint", "correction", "follow", "propose", "registration", "survey"]

ROLES = ("read", "propose", "approve", "administer")
"""What a person can be allowed; whoever has any may read."""

_DATES = ("registered_on", "expires_on")


def appoint(desk: Desk, person: str, roles: Sequence[str], *, kind: str = "appoint") -> Event:
    """Say what a person may do from now on, instead of what was said before.

    Raises
    ------
    ConfigError
        E811 a role is not known, a name cannot be, or nobody would be left to administer.
    """
    for role in roles:
        if role not in ROLES:
            raise ConfigError("E811", field="role", value=role, expected=", ".join(ROLES))
    person = person_name("person", person)
    ordered = [role for role in ROLES if role in roles]
    _administered(desk, person, ordered)
    body: dict[str, Any] = {"person": person, "roles": ordered}
    event = desk.append(kind, body)
    values = {"roles": ",".join(ordered), "seq": event.seq}
    changed = desk.connection.execute(
        update(MEMBER).where(MEMBER.c.person == person).values(**values)
    )
    if not changed.rowcount:
        desk.connection.execute(insert(MEMBER), values | {"person": person})
    return event


def _administered(desk: Desk, person: str, roles: Sequence[str]) -> None:
    others = desk.connection.execute(select(MEMBER.c.roles).where(MEMBER.c.person != person))
    if "administer" not in [*roles, *(role for row in others for role in row.roles.split(","))]:
        raise ConfigError("E811", field="administer", value=person, expected=">= 1")


def survey(desk: Desk, entry: Survey, place: Place) -> Event:
    """Enter where a right lies and what it yields; a later survey replaces an earlier one.

    Raises
    ------
    StageRefusedError
        E803 the right has live claims, and its new place lies over another right's.
    ConfigError
        E812 the day lies before the survey it replaces, or what last happened to its claims.
    """
    right = entry.right
    body: dict[str, Any] = {
        "unit_code": folded(right.unit_code),
        "kind": right.kind,
        "registration_no": right.registration_no,
        "place": place.sha256,
        "yields": dict(entry.yields),
        "pieces": list(entry.pieces),
        "manifest": entry.manifest,
        "methodology": entry.methodology,
    }
    old = desk.known("survey", entry.key, right=right.id, dossier="", body=body)
    if old is not None:
        return old
    here = RIGHTS.c.right_id == right.id
    before = desk.connection.execute(select(RIGHTS).where(here)).first()
    if before is not None:
        desk.follows(max(before.day, desk.latest(right.id)))
    found = {"area_m2": round(place.area_m2, 2), "alerts": _moved(desk, right.id, place)}
    _keep(desk, place)
    event = desk.append("survey", body | {"found": found}, right=right.id, key=entry.key)
    values = {"place": place.sha256, "day": desk.day.isoformat(), "seq": event.seq}
    if before is not None:
        desk.connection.execute(update(RIGHTS).where(here).values(**values))
    else:
        named = {name: body[name] for name in ("unit_code", "kind", "registration_no")}
        desk.connection.execute(insert(RIGHTS), {"right_id": right.id} | named | values)
    _yields(desk, right.id, entry.yields, event.seq)
    return event


def _moved(desk: Desk, right: str, place: Place) -> list[dict[str, Any]]:
    """What a new place of a right with live claims leads to, in each of their vintages."""
    query = select(CLAIM.c.vintage, CLAIM.c.place).distinct()
    live = (CLAIM.c.right_id == right, CLAIM.c.state.in_(LIVE))
    claimed = sorted(tuple(row) for row in desk.connection.execute(query.where(*live)))
    if not claimed:
        return []
    neighbours = Neighbours(desk.connection, right, place, desk.policy)
    vintages = sorted({vintage for vintage, _ in claimed})
    alerts = [(vintage, alert) for vintage in vintages for alert in neighbours.alerts(vintage)]
    left = {sha256: _left_m2(desk, sha256, place) for sha256 in sorted({at for _, at in claimed})}
    alerts += [
        (vintage, {"code": "E845", "place": sha256, "area_m2": round(left[sha256], 1)})
        for vintage, sha256 in claimed
        if left[sha256] > desk.policy.notice_m2
    ]
    return [alert | {"vintage": vintage} for vintage, alert in alerts]


def _left_m2(desk: Desk, sha256: str, place: Place) -> float:
    """Land of an earlier place that a new one has no more. [m2]"""
    if sha256 == place.sha256:
        return 0.0
    before = _stored(desk, sha256)
    return before.area_m2 - shared_m2(before, place)


def _stored(desk: Desk, sha256: str) -> Place:
    query = select(PLACE).where(PLACE.c.sha256 == sha256)
    return stored(dict(desk.connection.execute(query).mappings().one()))


def _keep(desk: Desk, place: Place) -> None:
    if desk.connection.scalar(select(PLACE.c.sha256).where(PLACE.c.sha256 == place.sha256)):
        return
    west, south, east, north = place.bounds
    level, column, row = place.cell
    desk.connection.execute(
        insert(PLACE),
        {
            "sha256": place.sha256,
            "wkb": place.wkb,
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "area_m2": place.area_m2,
            "perimeter_m": place.perimeter_m,
            "level": level,
            "column_no": column,
            "row_no": row,
        },
    )


def _yields(desk: Desk, right: str, yields: Mapping[int, int], seq: int) -> None:
    here = YIELDS.c.right_id == right
    known = set(desk.connection.scalars(select(YIELDS.c.vintage).where(here)))
    for vintage, kg in sorted(yields.items()):
        values = {"kg": kg, "seq": seq}
        if vintage in known:
            one = update(YIELDS).where(here, YIELDS.c.vintage == vintage)
            desk.connection.execute(one.values(**values))
        else:
            key = {"right_id": right, "vintage": vintage}
            desk.connection.execute(insert(YIELDS), key | values)


def propose(desk: Desk, claims: Sequence[Claim]) -> list[Event]:
    """Claim tonnes of rights: by right and vintage, by quantity, and by place.

    Raises
    ------
    StageRefusedError
        E801, E802, E803, E804: they are taken or not known; E805 a key says something else.
    ConfigError
        E812 the day lies before the right's survey, or before what last happened to a claim on the
        same right and vintage.
    """
    events: dict[int, Event] = {}
    grouped: dict[str, list[int]] = {}
    for number, claim in enumerate(claims):
        grouped.setdefault(claim.right.id, []).append(number)
    for right, numbers in grouped.items():  # a right is compared after all before it are written
        neighbours: Neighbours | None = None
        for number in numbers:
            claim = claims[number]
            old = desk.known(
                "propose", claim.key, right=right, dossier=claim.dossier, body=_body(claim)
            )
            if old is None:
                neighbours = neighbours or _neighbours(desk, right)
                old = _propose(desk, claim, neighbours)
            events[number] = old
    return [events[number] for number in range(len(claims))]


def _neighbours(desk: Desk, right: str) -> Neighbours:
    place = _stored(desk, desk.place(right))
    return Neighbours(desk.connection, right, place, desk.policy)


def _propose(desk: Desk, claim: Claim, neighbours: Neighbours) -> Event:
    right = claim.right.id
    desk.follows(max(desk.surveyed(right), desk.latest(right, claim.vintage)))
    desk.within_yield(right, claim.vintage, claim.kg)
    found = {"place": desk.place(right), "alerts": neighbours.alerts(claim.vintage)}
    event = desk.append(
        "propose",
        _body(claim) | {"found": found},
        right=right,
        dossier=claim.dossier,
        key=claim.key,
    )
    desk.hold(proposed(event))
    return event


def _body(claim: Claim) -> dict[str, Any]:
    return {name: getattr(claim, name) for name in ("vintage", "kg", "use", "party", "manifest")}


def follow(desk: Desk, kind: str, changes: Mapping[int, Mapping[str, Any]]) -> list[Event]:
    """Let the same kind of event happen to some claims.

    Parameters
    ----------
    desk : Desk
        The transaction.
    kind : str
        Kind of the event.
    changes : mapping
        Body of the event by claim.

    Raises
    ------
    StageRefusedError
        E806 a state does not allow it; E807 it needs another person; E802 more than yielded.
    ConfigError
        E811 a value cannot be; E812 the day lies before what last happened to a claim on the same
        right and vintage; E816 no such claim.
    """
    events = []
    for claim, body in changes.items():
        before = desk.held(claim)
        desk.follows(desk.latest(before.right_id, before.vintage))
        event = desk.append(
            kind, body, claim=before.claim, right=before.right_id, dossier=before.dossier
        )
        after = followed(before, event)
        if after.kg > before.kg:
            desk.within_yield(after.right_id, after.vintage, after.kg - before.kg)
        desk.change(before, after)
        events.append(event)
    return events


def registration(entry: Registration) -> dict[str, Any]:
    """What an external registration says, as it is recorded.

    >>> from datetime import date
    >>> registration(Registration("No. 7", date(2031, 6, 30)))["expires_on"]
    '2031-06-30'
    """
    return {
        "system": entry.system,
        "external_no": entry.number,
        "registered_on": entry.registered and entry.registered.isoformat(),
        "expires_on": entry.expires and entry.expires.isoformat(),
        "real_estate_no": entry.real_estate_no,
        "project_no": entry.project_no,
    }


def correction(held: Held, changes: Mapping[str, Any]) -> dict[str, Any]:
    """What a correction changes, as it is recorded.

    Raises
    ------
    ConfigError
        E811 a field cannot be corrected, or its value cannot be.
    """
    unknown = set(changes) - set(CORRECTABLE)
    if unknown or not changes:
        expected = ", ".join(CORRECTABLE)
        raise ConfigError("E811", field="correct", value=sorted(unknown), expected=expected)
    named = {name: value for name, value in changes.items() if name in {"kg", "party", "dossier"}}
    fields = {"vintage": held.vintage, "kg": held.kg, "party": held.party} | named
    days = {name: day_of(name, value) for name, value in changes.items() if name in _DATES}
    ends, made = (
        days[name] if name in days else day_of(name, getattr(held, name))
        for name in ("expires_on", "registered_on")
    )
    number = changes.get("external_no", held.external_no)
    if held.state == "registered":
        Registration(number, ends, made)
    if held.state == "registered" and held.use == "pledge" and ends is None:
        raise ConfigError("E811", field="expires_on", value="—", expected="YYYY-MM-DD")
    _checked(fields, changes)
    written = {name: value and value.isoformat() for name, value in days.items()}
    return {"changes": dict(changes) | written}


def _checked(fields: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    whole_number("kg", fields["kg"], 1, LARGEST_KG)
    for name in sorted(set(changes) - {"kg", *_DATES}):
        line_of_text(name, changes[name], blank=name not in {"party", "system"})
        if name == "manifest":
            sha256_or_blank(name, changes[name])
