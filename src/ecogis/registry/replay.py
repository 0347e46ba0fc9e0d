"""What the events add up to: rights, yields, claims and persons, from the first event on."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ecogis.registry.chain import Event
from ecogis.registry.held import Held, followed, proposed

__all__ = ["Replay"]


@dataclass
class Replay:
    """The ledger's state, made from its events alone.

    Attributes
    ----------
    rights : dict
        By key of the right: unit_code, kind, registration_no, place, day, seq.
    yields : dict
        By right and vintage: the yield [kg CO2e] and the place of the survey in the chain.
    claims : dict
        By number: the claim as it stands.
    members : dict
        By person: the roles, and the place of the event that gave them.
    places : set
        Hashes of all shapes surveyed.
    """

    rights: dict[str, dict[str, Any]] = field(default_factory=dict)
    yields: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    claims: dict[int, Held] = field(default_factory=dict)
    members: dict[str, tuple[str, int]] = field(default_factory=dict)
    places: set[str] = field(default_factory=set)

    def add(self, event: Event) -> None:
        """Let an event happen.

        Raises
        ------
        StageRefusedError
            E806, E807 a claim's state does not allow it.
        KeyError
            The event is about a claim there is not, or lacks what its kind needs.
        """
        if event.kind == "survey":
            self._survey(event)
        elif event.kind == "propose":
            self.claims[event.seq] = proposed(event)
        elif event.kind == "appoint":
            self.members[event.body["person"]] = ",".join(event.body["roles"]), event.seq
        elif event.claim is not None:
            self.claims[event.claim] = followed(self.claims[event.claim], event)

    def _survey(self, event: Event) -> None:
        body = event.body
        named = ("unit_code", "kind", "registration_no")
        right = self.rights.setdefault(event.right, {name: body[name] for name in named})
        right |= {"place": body["place"], "day": event.day.isoformat(), "seq": event.seq}
        self.places.add(body["place"])
        for vintage, kg in body["yields"].items():
            self.yields[event.right, int(vintage)] = kg, event.seq

    def until(self, events: list[Event], day: date | None) -> "Replay":
        """Let all events happen that took effect by the end of a day; all where none is given."""
        for event in events:
            if day is None or event.day <= day:
                self.add(event)
        return self

    def liens(self) -> dict[tuple[str, int], str]:
        """The one lender of each right and vintage that has live pledges."""
        pledges = [held for held in self.claims.values() if held.lien_party is not None]
        return {(held.right_id, held.vintage): held.party for held in pledges}
