"""What was accepted of a list is entered in the ledger, row by row whole or not at all.

Claims go in as proposals: another person approves them. A row whose claim has been approved since
is registered by importing the list again; a row that is already entered changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from ecogis.core.errors import EcogisError
from ecogis.registry.imports_rows import Row

if TYPE_CHECKING:
    from ecogis.registry.ledger import Ledger

__all__ = ["enter"]

_AT_ONCE: Final = 256  # rows in one transaction, so that a refused one sends back no more
_ENDED: Final = {"released", "withdrawn"}
_ABOUT_A_ROW: Final = {"E801", "E802", "E803", "E804", "E805", "E806", "E809"}


def enter(ledger: "Ledger", rows: Sequence[Row], *, day: date, reason: str) -> list[Row]:
    """Enter the accepted rows of a list.

    Parameters
    ----------
    ledger : Ledger
        Open for a person who may propose.
    rows : sequence of Row
        From ``judge``.
    day : date
        Day the claims take effect.
    reason : str
        Why they are entered, for every event.

    Returns
    -------
    list of Row
        In the same order, with what was entered; a row the ledger refuses is refused with its
        reason, the others are entered all the same.

    Raises
    ------
    StageRefusedError
        E808: the person may not propose; E810: the ledger stays busy.
    ConfigError
        E812: the day cannot be used.
    """
    entered = {event.key: event for event in ledger.history() if event.key}
    claims_now = ledger.claims(live=False)
    state = dict(zip(claims_now["claim"], claims_now["state"], strict=True))
    done = {row.row: _as_known(row, entered, state) for row in rows}
    fresh = [row for row in done.values() if _to_enter(row)]
    claims = [row for row in fresh if row.entry and row.entry.claim]
    done |= _proposed(ledger, claims, day, reason)
    done |= _filed(ledger, [row for row in fresh if row not in claims], day, reason)
    done |= _registered(ledger, list(done.values()), day, reason)
    return [done[row.row] for row in rows]


def _to_enter(row: Row) -> bool:
    return row.verdict == "accepted" and not row.entered


def _as_known(row: Row, entered: Mapping[str, Any], state: Mapping[int, str]) -> Row:
    """A row that was entered before says so, and whether its claim has ended since."""
    claim = entered[row.key].claim if row.key in entered else row.claim
    if row.verdict != "accepted" or (claim is None and row.key not in entered):
        return row
    now = state.get(claim, "") if claim is not None else ""
    return replace(row, entered=now if now in _ENDED else "unchanged", claim=claim)


def _proposed(ledger: "Ledger", rows: Sequence[Row], day: date, reason: str) -> dict[int, Row]:
    def propose(part: Sequence[Row]) -> list[Row]:
        claims = [row.entry.claim for row in part if row.entry and row.entry.claim]
        events = ledger.propose(claims, day=day, reason=reason)
        pairs = zip(part, events, strict=True)
        return [replace(row, entered="proposed", claim=event.claim) for row, event in pairs]

    starts = range(0, len(rows), _AT_ONCE)
    parts = (list(rows[start : start + _AT_ONCE]) for start in starts)
    return {row.row: row for part in parts for row in _in_parts(propose, part)}


def _in_parts(write: Callable[[Sequence[Row]], list[Row]], rows: list[Row]) -> list[Row]:
    """All rows in one transaction; where one is refused, in halves, the earlier half first."""
    if not rows:
        return []
    try:
        return write(rows)
    except EcogisError as fault:
        if not _about_a_row(fault):
            raise
        if len(rows) == 1:
            return [_refused(rows[0], fault)]
    middle = len(rows) // 2
    return _in_parts(write, rows[:middle]) + _in_parts(write, rows[middle:])


def _about_a_row(fault: EcogisError) -> bool:
    """Whether a refusal is one row's: not the person's, the day's or the ledger's."""
    before_another = fault.code == "E812" and isinstance(fault.where["earliest"], date | str)
    return fault.code in _ABOUT_A_ROW or (before_another and fault.where["earliest"] != "—")


def _refused(row: Row, fault: EcogisError) -> Row:
    texts = {"message_zh": fault.zh, "message_en": fault.en, "remedy_zh": "", "remedy_en": ""}
    reasons = (*row.reasons, {"code": fault.code, "severity": "error", **texts})
    return replace(row, verdict="refused", reasons=reasons)


def _filed(ledger: "Ledger", rows: Sequence[Row], day: date, reason: str) -> dict[int, Row]:
    """File each extract in the dossiers of the claims that rest on its right."""
    live = ledger.claims()
    entered = {event.key for event in ledger.history() if event.key}
    done = {}
    for row in rows:
        right = row.entry.right.id if row.entry else ""
        extract = (
            {name: _text(cell) for name, cell in row.entry.extract.items()} if row.entry else {}
        )
        dossiers = sorted(set(live.loc[live["right"].eq(right), "dossier"]))
        wanted = {f"{row.key}:{dossier}": dossier for dossier in dossiers}
        for key, dossier in wanted.items():
            if key not in entered:
                ledger.step(dossier, {"extract": extract}, day=day, reason=reason, key=key)
        new = wanted.keys() - entered
        done[row.row] = replace(
            row, entered="filed" if new else "unchanged" if wanted else "nothing"
        )
    return done


def _text(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, date) else cell


def _registered(ledger: "Ledger", rows: Sequence[Row], day: date, reason: str) -> dict[int, Row]:
    """Confirm the claims that were approved since with the registration their rows state."""

    def confirm(part: Sequence[Row]) -> list[Row]:
        for row in part:
            if row.entry and row.entry.registration and row.claim is not None:
                ledger.confirm([row.claim], row.entry.registration, day=day, reason=reason)
        return [replace(row, entered="registered") for row in part]

    claims = ledger.claims()
    approved = set(claims.loc[claims["state"].eq("approved"), "claim"].tolist())
    done = {}
    for row in rows:
        registration = row.entry.registration if row.entry else None
        if registration is not None and row.claim is not None and row.claim in approved:
            done[row.row] = _in_parts(confirm, [row])[0]
    return done
