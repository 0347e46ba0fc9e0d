"""The pledge ledger: what persons enter in it, each time in one whole transaction."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from ecogis.registry import recording
from ecogis.registry.book import Book
from ecogis.registry.chain import Event
from ecogis.registry.claims import Claim, Registration, Survey
from ecogis.registry.desk import Desk
from ecogis.registry.fields import line_of_text
from ecogis.registry.places import place_of

__all__ = ["Ledger"]


class Ledger(Book):
    """A ledger of claims on future tonnes, in one SQLite file or in PostgreSQL.

    A right and vintage has one lender at a time; what is claimed on it is never more than it
    yields; rights that lie on the same land cannot both be claimed. What frees tonnes or moves
    them to another party takes effect when a second person approves it. Make one with `create`,
    afterwards `open` it.

    Examples
    --------
    >>> import shapely
    >>> from datetime import UTC, datetime
    >>> from ecogis.registry.claims import Right
    >>> day, why = date(2026, 8, 31), {"day": date(2026, 8, 31), "reason": "example"}
    >>> clock = lambda: datetime(2026, 9, 1, tzinfo=UTC)
    >>> ledger = Ledger.create("sqlite://", "A", clock=clock)
    >>> _ = ledger.appoint("B", ["approve"], **why)
    >>> right = Right("441899101207JE00038L00000001", "forest_ownership", "1")
    >>> _ = ledger.survey([Survey(right, shapely.box(113, 24, 113.01, 24.01), {2027: 500})], **why)
    >>> event = ledger.propose([Claim(right, 2027, 300, "bank")], **why)[0]
    >>> ledger.propose([Claim(right, 2027, 100, "other bank")], **why)
    Traceback (most recent call last):
    ecogis.core.errors.StageRefusedError: E801 ...
    >>> ledger.balances().loc[0, ["yield_kg", "pledged_kg", "free_kg"]].tolist()
    [500, 300, 200]
    >>> ledger.close()
    """

    def appoint(self, person: str, roles: Iterable[str], *, day: date, reason: str) -> Event:
        """Say what a person may do from now on: read, propose, approve, administer.

        Raises
        ------
        StageRefusedError
            E808 the actor does not administer the ledger.
        ConfigError
            E811 a role is not known, a name cannot be, or nobody would be left to administer.
        """
        named = tuple(roles)
        return self._write(
            "administer", day, reason, lambda desk: recording.appoint(desk, person, named)
        )

    def survey(self, surveys: Sequence[Survey], *, day: date, reason: str) -> list[Event]:
        """Enter where rights lie and what they yield.

        Raises
        ------
        ConfigError
            E812 the day cannot be, or lies before what last happened; E813 a shape cannot be used.
        StageRefusedError
            E803 the new place of a right with live claims lies over another right's; E805, E808.
        """
        placed = [(entry, place_of(entry.geometry, entry.right.id)) for entry in surveys]

        def work(desk: Desk) -> list[Event]:
            return [recording.survey(desk, entry, place) for entry, place in placed]

        return self._write("propose", day, reason, work)

    def propose(self, claims: Sequence[Claim], *, day: date, reason: str) -> list[Event]:
        """Claim tonnes: they are held from now on, and pledged when approved and registered.

        Returns
        -------
        list of Event
            One for each claim; `Event.claim` is its number, `body["found"]["alerts"]` what is to
            be looked at before it is approved.

        Raises
        ------
        StageRefusedError
            E801 there is another lender; E802 more than yielded; E803 another right on the same
            land; E804 no yield known; E805 the key says something else; E808 no role.
        """
        return self._write("propose", day, reason, lambda desk: recording.propose(desk, claims))

    def approve(self, claims: Iterable[int], *, day: date, reason: str) -> list[Event]:
        """Let what was asked for take effect, as another person than the one who asked.

        Raises
        ------
        StageRefusedError
            E806 nothing was asked for; E807 the same person; E808 no role; E802 more than yielded.
        """
        return self._follow("approve", {claim: {} for claim in claims}, day, reason)

    def refuse(self, claims: Iterable[int], *, day: date, reason: str) -> list[Event]:
        """Drop what was asked for; a proposed claim is withdrawn and its tonnes are free.

        Raises
        ------
        StageRefusedError
            E806 nothing was asked for; E808 no role.
        """
        return self._follow("refuse", {claim: {} for claim in claims}, day, reason)

    def confirm(
        self, claims: Iterable[int], registration: Registration, *, day: date, reason: str
    ) -> list[Event]:
        """Enter the external registration of approved claims; a pledge now stands.

        Raises
        ------
        StageRefusedError
            E806 a claim is not approved; E808 no role.
        ConfigError
            E811 a pledge without an end of registration.
        """
        body = recording.registration(registration)
        return self._follow("confirm", dict.fromkeys(claims, body), day, reason)

    def extend(
        self, claims: Iterable[int], registration: Registration, *, day: date, reason: str
    ) -> list[Event]:
        """Enter a later end of the external registration.

        Raises
        ------
        StageRefusedError
            E806 a claim is not registered; E808 no role.
        ConfigError
            E811 the end is not later.
        """
        body = recording.registration(registration)
        return self._follow("extend", dict.fromkeys(claims, body), day, reason)

    def expire(self, claims: Iterable[int], *, day: date, reason: str) -> list[Event]:
        """Record that a registration ended; the tonnes stay held until extended or released.

        Raises
        ------
        StageRefusedError
            E806 a claim is not registered; E808 no role.
        ConfigError
            E811 the registration has not ended.
        """
        return self._follow("expire", {claim: {} for claim in claims}, day, reason)

    def release(self, claims: Iterable[int], *, day: date, reason: str) -> list[Event]:
        """Ask for the release of claims.

        Raises
        ------
        StageRefusedError
            E806 the state does not allow it; E808 no role.
        """
        return self._follow("release", {claim: {} for claim in claims}, day, reason)

    def part_release(self, amounts: Mapping[int, int], *, day: date, reason: str) -> list[Event]:
        """Ask for the release of a part of claims.

        Parameters
        ----------
        amounts : mapping of int to int
            What is to be released, by claim; less than all. [kg CO2e]
        day : date
            Day it takes effect.
        reason : str
            Why.

        Raises
        ------
        StageRefusedError
            E806 the state does not allow it; E808 no role.
        ConfigError
            E811 nothing, or no less than all.
        """
        changes = {claim: {"kg": kg} for claim, kg in amounts.items()}
        return self._follow("part_release", changes, day, reason)

    def transfer(self, claims: Iterable[int], party: str, *, day: date, reason: str) -> list[Event]:
        """Ask for the transfer of claims to another party.

        A right and vintage has one lender: all its pledges are transferred and approved together.

        Raises
        ------
        StageRefusedError
            E806 the state does not allow it; E808 no role.
        """
        line_of_text("party", party)
        return self._follow("transfer", {claim: {"party": party} for claim in claims}, day, reason)

    def correct(
        self, changes: Mapping[int, Mapping[str, Any]], *, day: date, reason: str
    ) -> list[Event]:
        """Ask for a correction of what claims say; the events before stay as they are.

        Parameters
        ----------
        changes : mapping
            By claim, the fields that are wrong and what they should be; see `held.CORRECTABLE`.
        day : date
            Day it takes effect.
        reason : str
            Why.

        Raises
        ------
        StageRefusedError
            E806 the state does not allow it; E808 no role.
        ConfigError
            E811 a field cannot be corrected, or its value cannot be.
        """

        def work(desk: Desk) -> list[Event]:
            bodies = {
                claim: recording.correction(desk.held(claim), fields)
                for claim, fields in changes.items()
            }
            return recording.follow(desk, "correct", bodies)

        return self._write("propose", day, reason, work)

    def _follow(
        self, kind: str, changes: Mapping[int, Mapping[str, Any]], day: date, reason: str
    ) -> list[Event]:
        role = "approve" if kind in {"approve", "refuse"} else "propose"
        return self._write(role, day, reason, lambda desk: recording.follow(desk, kind, changes))

    def step(
        self,
        dossier: str,
        body: Mapping[str, Any],
        *,
        day: date,
        reason: str,
        key: str = "",
        role: str = "propose",
    ) -> Event:
        """Record a step in the life of a pledge.

        Parameters
        ----------
        dossier : str
            The business file.
        body : mapping
            What the step says: JSON values.
        day : date
            Day it was taken.
        reason : str
            Why.
        key : str
            Idempotency key.
        role : str
            Role the step asks for.

        Raises
        ------
        StageRefusedError
            E805 the key says something else; E808 no role.
        """
        line_of_text("dossier", dossier)

        def work(desk: Desk) -> Event:
            said = {"step": body}
            old = desk.known("step", key, right="", dossier=dossier, body=said)
            return old or desk.append("step", said, dossier=dossier, key=key)

        return self._write(role, day, reason, work)
