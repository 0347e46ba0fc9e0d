"""Lists from outside judged row by row: accepted, queried or refused, each with its reason.

Three kinds: a lender's book of pledges, what holders have already given away, and extracts of the
real-estate register. Nothing is entered here. A row is known again by its content, so that a second
import, in another order or another file, changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.provenance import canonical_json, sha256_text
from ecogis.core.vocabulary import require
from ecogis.registry.claims import Claim, Registration, Right
from ecogis.registry.fields import folded
from ecogis.registry.imports_held import Match, matches
from ecogis.registry.imports_rows import Cells, Entry, Row

if TYPE_CHECKING:
    from ecogis.registry.ledger import Ledger

__all__ = ["KINDS", "Known", "judge", "known"]

_RIGHT: Final = ("unit_code", "right_kind", "certificate_no")
_NUMBERS: Final = ("unit_code", "certificate_no")
_CLAIM: Final = (*_RIGHT, "vintage", "claim_kg", "party")
KINDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "pledge_book": (*_CLAIM, "dossier"),
        "prior_claims": (*_CLAIM, "claim_use"),
        "register_extract": (*_RIGHT, "right_state", "date"),
    }
)
"""The kinds of lists, and the cells each row must have."""

_ACCEPTED, _QUERIED, _REFUSED = "accepted", "queried", "refused"
_VERDICTS: Final = {"note": _ACCEPTED, "warning": _QUERIED, "error": _REFUSED}
_HEAVIEST: Final = (_ACCEPTED, _QUERIED, _REFUSED)
_REGISTERED: Final = ("registration_no", "registered", "registration_expires")
Reasons = Iterator[tuple[str, dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Known:
    """What a ledger knows already.

    Attributes
    ----------
    rights : mapping of str to frozenset of int
        Vintages with a yield, by the right's identifier.
    numbers : mapping of str to tuple of str
        Registration numbers on record, by unit code and kind.
    live : DataFrame
        Live claims: ``claim right vintage use kg state party dossier external_no expires_on``.
    keys : mapping of str to int or None
        Claim, if any, of each event that was entered with a key.
    """

    rights: Mapping[str, frozenset[int]]
    numbers: Mapping[str, tuple[str, ...]]
    live: pd.DataFrame
    keys: Mapping[str, int | None]


def known(ledger: "Ledger") -> Known:
    """What a ledger knows already, for `judge`."""
    balances = ledger.balances()
    rights: dict[str, set[int]] = defaultdict(set)
    for right, vintage in zip(balances["right"], balances["vintage"], strict=True):
        rights[str(right)].add(int(vintage))
    numbers: dict[str, list[str]] = defaultdict(list)
    for right in rights:
        unit_and_kind, _, number = right.rpartition("|")
        numbers[unit_and_kind].append(number)
    return Known(
        rights={right: frozenset(vintages) for right, vintages in rights.items()},
        numbers={at: tuple(found) for at, found in numbers.items()},
        live=ledger.claims(),
        keys={event.key: event.claim for event in ledger.history() if event.key},
    )


def judge(
    table: pd.DataFrame,
    kind: str,
    known: Known,
    *,
    day: date,
    read: Findings | None = None,
) -> list[Row]:
    """Judge a list row by row.

    Parameters
    ----------
    table : DataFrame
        The list in the vocabulary's names, as ``io.read_table`` gives it, with ``row``.
    kind : {"pledge_book", "prior_claims", "register_extract"}
        What the list is.
    known : Known
        What the ledger knows.
    day : date
        Day of the import.
    read : Findings, optional
        What reading the list found; a cell that could not be understood refuses its row.

    Returns
    -------
    list of Row
        In the list's order, none left out.

    Raises
    ------
    VocabularyError
        The table does not have the columns of its kind.
    ConfigError
        E002: there is no such kind.

    Findings
    --------
    E847
        A cell that must be filled is empty.
    E848
        The row says the same as an earlier one.
    E849
        The quantity is not a positive whole number of kilograms.
    E850
        The ledger knows no yield of the right in this vintage.
    E851
        The ledger has the unit and kind of right under another number.
    E852
        A holder states a pledge; its lender has not.
    E853
        The registration has ended.
    E854
        The register shows the right ended or restricted while claims on it are live.
    E855
        Several parties hold the right and vintage in one list.
    E856
        The extract is dated after the day of the import.
    E857
        A live claim on the right has no dossier the extract could be filed in.
    E896
        The same party has tonnes of the right and vintage already, in another quantity or under
        another registration.
    """
    if kind not in KINDS:
        raise ConfigError("E002", value=kind, expected=", ".join(KINDS))
    require(table, (*KINDS[kind], "row"), kind)
    findings = Findings()
    if read is not None:
        findings.extend(read, layer=kind)
    records = [_cells(record) for record in table.to_dict("records")]
    entries = [_entry(cells, kind, findings) for cells in records]
    keys = [sha256_text(canonical_json(_content(cells, kind))) for cells in records]
    for code, number, values in _against_one_another(records, entries, keys, kind):
        findings.add(code, layer=kind, row=number, **values)
    numbers = [int(cells["row"]) for cells in records]
    entered = [known.keys.get(f"import:{key}") for key in keys]
    first = {key: number for number, key in reversed(list(enumerate(keys)))}
    once = [entry if first[keys[n]] == n else None for n, entry in enumerate(entries)]
    again = matches(once, numbers, entered, known.live)
    for cells, entry, key, match in zip(records, entries, keys, again, strict=True):
        if entry is not None and f"import:{key}" not in known.keys:
            for code, values in _against_ledger(entry, kind, known, day, match):
                findings.add(code, layer=kind, row=cells["row"], **values)
    rows = _verdicts(records, entries, keys, findings)
    pairs = zip(rows, again, strict=True)
    return [replace(r, claim=m.claim) if r.verdict == _ACCEPTED else r for r, m in pairs]


def _cells(record: Mapping[Any, Any]) -> dict[str, Any]:
    """A row's cells, missing ones and blanks as None."""
    found = {str(name): None if pd.isna(cell) else cell for name, cell in record.items()}
    days = {name: cell.date() for name, cell in found.items() if isinstance(cell, pd.Timestamp)}
    return {
        name: None if isinstance(cell, str) and not cell.strip() else cell
        for name, cell in (found | days).items()
    }


def _entry(cells: Cells, kind: str, findings: Findings) -> Entry | None:
    """What a row would enter; None with findings where it cannot be."""
    empty = [name for name in KINDS[kind] if cells[name] is None]
    if any(cells.get(name) is not None for name in _REGISTERED[1:]) and kind == "pledge_book":
        empty += [name for name in _REGISTERED[:1] if cells.get(name) is None]
    kg = _whole_kg(cells.get("claim_kg"))
    if empty:
        findings.add("E847", layer=kind, row=cells["row"], columns=", ".join(empty))
        return None
    if kg is None and "claim_kg" in KINDS[kind]:
        findings.add("E849", layer=kind, row=cells["row"], observed=cells["claim_kg"])
        return None
    try:
        return _made(cells, kind, kg or 0)
    except ConfigError as fault:
        findings.add(fault.code, layer=kind, row=cells["row"], **fault.where)
        return None


def _whole_kg(value: Any) -> int | None:
    """Kilograms where tonnes of three decimals were read; None where it is no positive number."""
    if value is None or value <= 0:
        return None
    kg = round(value)
    return kg if abs(value - kg) <= max(1e-6, 1e-12 * kg) and kg else None


def _made(cells: Cells, kind: str, kg: int) -> Entry:
    right = Right(*(cells[name] for name in _RIGHT))
    if kind == "register_extract":
        return Entry(right, extract=_content(cells, kind))
    claim = Claim(
        right,
        int(cells["vintage"]),
        kg,
        cells["party"],
        use="pledge" if kind == "pledge_book" else cells["claim_use"],
        dossier=cells.get("dossier") or "",
        key=f"import:{sha256_text(canonical_json(_content(cells, kind)))}",
    )
    number = cells.get("registration_no")
    if number is None or (kind == "pledge_book" and cells.get("registration_expires") is None):
        return Entry(right, claim)
    registration = Registration(
        number,
        cells.get("registration_expires"),
        registered=cells.get("registered"),
        system="movables" if kind == "pledge_book" else claim.use,
    )
    return Entry(right, claim, registration)


def _content(cells: Cells, kind: str) -> dict[str, Any]:
    """What a row says, without its number and with numbers of documents in one spelling."""
    names = (name for name in cells if name != "row" and cells[name] is not None)
    said = {name: cells[name] for name in names}
    spelled = {name: folded(said[name]) for name in _NUMBERS if name in said}
    return {"kind": kind} | said | spelled


def _against_one_another(
    records: Sequence[Cells], entries: Sequence[Entry | None], keys: Sequence[str], kind: str
) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Rows said twice, and rights more than one party holds."""
    first: dict[str, int] = {}
    for cells, entry, key in zip(records, entries, keys, strict=True):
        if key in first and entry is not None:
            yield "E848", cells["row"], {"first": first[key]}
        first.setdefault(key, cells["row"])
    if kind != "pledge_book":
        return
    claims = [entry.claim if entry else None for entry in entries]
    held = {(claim.right.id, claim.vintage, folded(claim.party)) for claim in claims if claim}
    parties = Counter((right, vintage) for right, vintage, _ in held)
    for cells, claim in zip(records, claims, strict=True):
        if claim and parties[claim.right.id, claim.vintage] > 1:
            yield "E855", cells["row"], {"vintage": claim.vintage, "right": claim.right.id}


def _against_ledger(entry: Entry, kind: str, known: Known, day: date, match: Match) -> Reasons:
    """What the ledger says about a row."""
    numbers = known.numbers.get(entry.right.id.rpartition("|")[0], ())
    if entry.right.id not in known.rights and numbers:
        yield "E851", {"right": entry.right.id, "numbers": ", ".join(numbers)}
    elif entry.claim and entry.claim.vintage not in known.rights.get(entry.right.id, ()):
        yield "E850", {"right": entry.right.id, "vintage": entry.claim.vintage}
    if match.others and entry.claim:
        told = {"right": entry.right.id, "vintage": entry.claim.vintage, "claims": match.others}
        yield "E896", told | {"observed": entry.claim.kg}
    if kind == "prior_claims" and entry.claim and entry.claim.use == "pledge":
        yield "E852", {"party": entry.claim.party}
    ends = entry.registration.expires if entry.registration else None
    if ends is not None and ends < day:
        yield "E853", {"observed": ends, "day": day}
    if kind == "register_extract":
        yield from _restrained(entry, known, day)


def _restrained(entry: Entry, known: Known, day: date) -> Reasons:
    """What an extract says against the claims that rest on its right."""
    said = entry.extract
    if said["date"] > day:
        yield "E856", {"observed": said["date"], "day": day}
    live = known.live[known.live["right"].eq(entry.right.id)]
    ended = said["right_state"] != "current" or (said.get("end") is not None and said["end"] < day)
    if len(live) and (ended or said.get("encumbrance_kind") is not None):
        what = said.get("encumbrance_kind") or said["right_state"]
        claims = ", ".join(str(claim) for claim in live["claim"])
        yield "E854", {"observed": what, "claims": claims, "right": entry.right.id}
    if live["dossier"].fillna("").eq("").any():
        yield "E857", {"right": entry.right.id}


def _verdicts(
    records: Sequence[Cells], entries: Sequence[Entry | None], keys: Sequence[str],
    findings: Findings,
) -> list[Row]:  # fmt: skip
    about: dict[int, list[Cells]] = defaultdict(list)
    for reason in findings.rows():
        if reason["row"] is not None and reason["severity"] != "note":
            about[int(reason["row"])].append(reason)
    rows = []
    for cells, entry, key in zip(records, entries, keys, strict=True):
        reasons = about[cells["row"]]
        heaviest = max((_HEAVIEST.index(_VERDICTS[r["severity"]]) for r in reasons), default=0)
        verdict = _HEAVIEST[heaviest]
        kept = None if verdict == _REFUSED else entry
        rows.append(Row(cells["row"], verdict, tuple(reasons), cells, f"import:{key}", kept))
    return rows
