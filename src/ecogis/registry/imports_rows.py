"""A row of an imported list: what it says, whether it can be entered, and what became of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from ecogis.registry.claims import Claim, Registration, Right

__all__ = ["Cells", "Entry", "Row", "listed"]

_COLUMNS: Final = (
    "row",
    "verdict",
    "entered",
    "claim",
    "code",
    "message_zh",
    "message_en",
    "remedy_zh",
    "remedy_en",
    "unit_code",
    "right_kind",
    "certificate_no",
    "vintage",
    "claim_kg",
    "party",
    "dossier",
)

Cells = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a row would enter: a claim, its registration, or an extract to file.

    Attributes
    ----------
    right : Right
        The right the row is about.
    claim : Claim or None
        The claim, but for an extract.
    registration : Registration or None
        What was registered outside, where the row says so.
    extract : mapping
        The cells of an extract.
    """

    right: Right
    claim: Claim | None = None
    registration: Registration | None = None
    extract: Cells = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Row:
    """One row and what became of it.

    Attributes
    ----------
    row : int
        Its number in the list, from 1.
    verdict : {"accepted", "queried", "refused"}
        Whether it can be entered, must be asked about, or cannot.
    reasons : tuple of mapping
        Findings: ``code message_zh message_en remedy_zh remedy_en``.
    cells : mapping
        What the list says.
    key : str
        What the row is known again by.
    entry : Entry or None
        What it would enter; None where it is refused.
    entered : str
        What the import did: proposed, registered, filed, unchanged, nothing; released or withdrawn
        where it was entered before and its claim has ended; empty before.
    claim : int or None
        The claim it became.
    """

    row: int
    verdict: str
    reasons: tuple[Cells, ...]
    cells: Cells
    key: str = ""
    entry: Entry | None = None
    entered: str = ""
    claim: int | None = None


def listed(rows: Iterable[Row]) -> pd.DataFrame:
    """The rows as a table: number, verdict, what was entered, codes and texts, what the row says.

    Several reasons stand in one cell, in their order.

    Examples
    --------
    >>> listed([Row(1, "accepted", (), {"vintage": 2027})])[["row", "verdict"]].to_numpy().tolist()
    [[1, 'accepted']]
    """
    texts = ("code", "message_zh", "message_en", "remedy_zh", "remedy_en")
    records = [
        {
            **{name: row.cells.get(name) for name in _COLUMNS[9:]},
            **{name: " ".join(str(reason[name]) for reason in row.reasons) for name in texts},
            "row": row.row,
            "verdict": row.verdict,
            "entered": row.entered,
            "claim": row.claim,
        }
        for row in rows
    ]
    table = pd.DataFrame(records, columns=list(_COLUMNS))
    return table.astype({"claim": "Int64", "vintage": "Int64", "row": "int64"})
