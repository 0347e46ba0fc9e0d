"""Whether the ledger, or another row of the list, holds what a row claims, however it is said.

A row that was filled in since, or whose holder is spelled otherwise, is known again by what it
claims: the right, the vintage, the use and who takes the tonnes.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from ecogis.core.periods import day as to_day
from ecogis.registry.claims import Claim
from ecogis.registry.fields import folded
from ecogis.registry.imports_rows import Entry

__all__ = ["Match", "matches"]

Taken = tuple[str, int, str, str]


class Match(NamedTuple):
    """What holds the same tonnes already.

    Attributes
    ----------
    claim : int or None
        The live claim that a row tells of again.
    others : str
        Claims and rows that may be the same and say something else; empty for none.
    """

    claim: int | None = None
    others: str = ""


def matches(
    entries: Sequence[Entry | None],
    rows: Sequence[int],
    entered: Sequence[int | None],
    live: pd.DataFrame,
) -> list[Match]:
    """What holds already what each row claims.

    A live claim stands for one row. It is the row's own where right, vintage, use, party and
    quantity agree, and dossier and registration do wherever both state them. Where one of the last
    three does not, somebody has to say whether it is a second claim.

    Parameters
    ----------
    entries : sequence of Entry or None
        What the rows would enter.
    rows : sequence of int
        Their numbers.
    entered : sequence of int or None
        The claim that a row of the same content became before.
    live : DataFrame
        Live claims: ``claim right vintage use party dossier kg external_no expires_on``.

    Returns
    -------
    list of Match
        One per row; empty for a row that claims nothing or was entered before.
    """
    free: dict[Taken, list[Any]] = defaultdict(list)
    unnamed = live[~live["claim"].isin([claim for claim in entered if claim is not None])]
    held: Any
    for held in unnamed.itertuples():
        free[held.right, int(held.vintage), held.use, folded(held.party)].append(held)
    told: dict[tuple[str, ...], int] = {}
    for entry, row, before in zip(entries, rows, entered, strict=True):
        if entry is not None and entry.claim is not None and before is not None:
            told.setdefault(_file(entry, entry.claim), row)
    found = []
    for entry, row, before in zip(entries, rows, entered, strict=True):
        if entry is None or entry.claim is None or before is not None:
            found.append(Match())
            continue
        found.append(_match(entry, entry.claim, free[_taken(entry.claim)], told))
        told.setdefault(_file(entry, entry.claim), row)
    return found


def _taken(claim: Claim) -> Taken:
    return claim.right.id, claim.vintage, claim.use, folded(claim.party)


def _file(entry: Entry, claim: Claim) -> tuple[str, ...]:
    """What tells two claims of one list apart: the dossier, without one the voucher."""
    number = entry.registration.number if entry.registration else ""
    return *map(str, _taken(claim)), folded(claim.dossier or number)


def _match(entry: Entry, claim: Claim, free: list[Any], told: dict[tuple[str, ...], int]) -> Match:
    near = [held for held in free if _agree(claim.dossier, held.dossier)]
    same = [held for held in near if held.kg == claim.kg and _registered_alike(entry, held)]
    if same:
        own = next((held for held in same if held.dossier == claim.dossier), same[0])
        free.remove(own)
        return Match(int(own.claim))
    if near:
        return Match(others=", ".join(f"#{held.claim}" for held in near))
    twin = told.get(_file(entry, claim))
    return Match(others="" if twin is None else f"行 / row {twin}")


def _agree(one: Any, other: Any) -> bool:
    """Whether two texts say the same wherever both say something."""
    texts = [text for text in _texts(one, other) if text]
    return len(set(texts)) < 2


def _texts(*values: Any) -> Iterator[str]:
    return (folded(value) if isinstance(value, str) else "" for value in values)


def _registered_alike(entry: Entry, held: Any) -> bool:
    made = entry.registration
    if made is None:
        return True
    ends = to_day(held.expires_on) if isinstance(held.expires_on, str | date) else None
    later = made.expires is not None and ends is not None and made.expires > ends
    return _agree(made.number, held.external_no) and not later
