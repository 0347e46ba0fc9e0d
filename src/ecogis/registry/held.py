"""A claim as it stands, and what each event makes of it.

The ledger's table of claims and its replay are both made by these functions, so that there is one
account of what an event means.
"""

import json
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.core.provenance import canonical_json
from ecogis.registry.chain import Event
from ecogis.registry.fields import whole_number

__all__ = ["CORRECTABLE", "LIVE", "REQUESTS", "Held", "followed", "proposed"]

LIVE: Final = ("proposed", "approved", "registered", "expired")
"""States in which a claim holds its tonnes."""

REQUESTS: Final = ("release", "part_release", "transfer", "correct")
"""Changes that take effect when another person approves them."""

CORRECTABLE: Final = (
    "kg", "party", "dossier", "manifest", "system", "external_no", "registered_on", "expires_on",
    "real_estate_no", "project_no",
)  # fmt: skip
"""What a correction can put right; for another right, vintage or use a claim is made anew."""

_STANDING: Final = ("approved", "registered", "expired")
_POSSIBLE: Final = MappingProxyType(
    dict.fromkeys(REQUESTS, _STANDING)
    | {
        "confirm": ("approved",),
        "extend": ("registered", "expired"),
        "expire": ("registered",),
        "approve": LIVE,
        "refuse": LIVE,
    }
)


@dataclass(frozen=True, slots=True)
class Held:
    """A claim as it stands after an event; the columns of the ledger's table of claims.

    Attributes
    ----------
    claim : int
        Place of the event that proposed it.
    right_id, vintage, kg, use, party, dossier, manifest
        As proposed, transferred, corrected or released in part.
    place : str
        Hash of the shape the right had when the claim was proposed.
    state : str
        Where it stands.
    system, external_no, registered_on, expires_on, real_estate_no, project_no
        What was registered outside.
    request, change, requested_by : str or None
        A change that waits for another person, what it is, and who asked for it.
    approved_by : str or None
        Who approved last.
    day : str
        Day the last event took effect.
    seq : int
        Place of that event.
    """

    claim: int
    right_id: str
    vintage: int
    kg: int
    use: str
    party: str
    dossier: str
    manifest: str
    place: str
    state: str
    system: str
    external_no: str
    registered_on: str | None
    expires_on: str | None
    real_estate_no: str
    project_no: str
    request: str | None
    change: str | None
    requested_by: str | None
    approved_by: str | None
    day: str
    seq: int

    @property
    def live(self) -> bool:
        """Whether it holds its tonnes."""
        return self.state in LIVE

    @property
    def lien_party(self) -> str | None:
        """The lender that a live pledge makes the only one."""
        return self.party if self.live and self.use == "pledge" else None


def proposed(event: Event) -> Held:
    """The claim an event proposes."""
    body = event.body
    return Held(
        claim=event.seq,
        right_id=event.right,
        vintage=body["vintage"],
        kg=body["kg"],
        use=body["use"],
        party=body["party"],
        dossier=event.dossier,
        manifest=body["manifest"],
        place=body["found"]["place"],
        state="proposed",
        system="",
        external_no="",
        registered_on=None,
        expires_on=None,
        real_estate_no="",
        project_no="",
        request="propose",
        change=None,
        requested_by=event.actor,
        approved_by=None,
        day=event.day.isoformat(),
        seq=event.seq,
    )


def followed(held: Held, event: Event) -> Held:
    """The claim after an event.

    Raises
    ------
    StageRefusedError
        E806 the state does not allow it; E807 it needs another person.
    ConfigError
        E811 the event has a value that cannot be.
    """
    _possible(held, event)
    body: dict[str, Any] = dict(event.body)
    if event.kind in REQUESTS:
        text = canonical_json(body)
        after = replace(held, request=event.kind, change=text, requested_by=event.actor)
        _granted(after, body)  # what cannot be granted is not asked for
    elif event.kind == "approve":
        changed = _granted(held, json.loads(held.change or "{}"))
        after = _settled(replace(changed, approved_by=event.actor))
    elif event.kind == "refuse":
        state = "withdrawn" if held.request == "propose" else held.state
        after = _settled(replace(held, state=state))
    elif event.kind == "expire":
        after = _expired(held, event.day)
    else:
        after = _registered(held, body, event.day)
    return replace(after, day=event.day.isoformat(), seq=event.seq)


def _possible(held: Held, event: Event) -> None:
    answers = event.kind in {"approve", "refuse"}
    right_time = held.state in _POSSIBLE.get(event.kind, ()) and answers == bool(held.request)
    if not right_time:
        raise StageRefusedError(
            "E806",
            claim=held.claim,
            state=held.state,
            request=held.request or "—",
            kind=event.kind,
        )
    if event.kind == "approve" and event.actor == held.requested_by:
        raise StageRefusedError("E807", claim=held.claim, actor=event.actor)


def _granted(held: Held, change: dict[str, Any]) -> Held:
    """The claim with what was asked for."""
    if held.request == "propose":
        return replace(held, state="approved")
    if held.request == "release":
        return replace(held, state="released")
    if held.request == "part_release":
        return replace(held, kg=held.kg - whole_number("kg", change["kg"], 1, held.kg - 1))
    if held.request == "transfer":
        return replace(held, party=change["party"])
    return replace(held, **change["changes"])


def _settled(held: Held) -> Held:
    return replace(held, request=None, change=None, requested_by=None)


def _expired(held: Held, day: date) -> Held:
    if held.expires_on is None or held.expires_on >= day.isoformat():
        expected = f"> {held.expires_on or '—'}"
        raise ConfigError("E811", field="day", value=day, expected=expected)
    return replace(held, state="expired")


def _registered(held: Held, body: dict[str, Any], day: date) -> Held:
    """The claim with the numbers that confirm or extend it; a blank one keeps what was there."""
    ends = body["expires_on"]
    if ends is None and held.use == "pledge":
        raise ConfigError("E811", field="expires", value="—", expected="YYYY-MM-DD")
    if ends is not None and ends < day.isoformat():
        raise ConfigError("E811", field="expires", value=ends, expected=f">= {day}")
    if held.expires_on is not None and (ends is None or ends <= held.expires_on):
        raise ConfigError("E811", field="expires", value=ends, expected=f"> {held.expires_on}")
    return replace(
        held,
        state="registered",
        system=body["system"],
        external_no=body["external_no"],
        registered_on=body["registered_on"] or held.registered_on,
        expires_on=ends,
        real_estate_no=body["real_estate_no"] or held.real_estate_no,
        project_no=body["project_no"] or held.project_no,
    )
