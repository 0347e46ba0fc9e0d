"""The chain of events: each body in canonical text, each hash over the one before."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ecogis.core.provenance import canonical_json

__all__ = ["KINDS", "START", "Event", "chained"]

KINDS: Final = (
    "open", "appoint", "survey", "propose", "approve", "refuse", "confirm", "release",
    "part_release", "transfer", "correct", "extend", "expire", "step",
)  # fmt: skip
"""Kinds of events."""

START: Final = "0" * 64
"""What the first event follows."""

_DOMAIN: Final = b"ecogis-ledger-v1\0"


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the ledger.

    Attributes
    ----------
    seq : int
        Its place, from 1.
    kind : str
        What it does.
    claim : int or None
        The claim it is about: the place of the event that proposed it.
    right : str
        Key of the right it is about, or empty.
    dossier : str
        The business file it belongs to, or empty.
    actor : str
        Who entered it.
    time : str
        When it was entered, UTC+8.
    day : date
        Day it takes effect.
    reason : str
        Why.
    key : str
        Idempotency key, or empty.
    body : mapping
        What the kind needs.
    previous, hash : str
        SHA-256 of the event before and of this one.
    signature : str
        Ed25519 signature of the head this event was.
    """

    seq: int
    kind: str
    claim: int | None
    right: str
    dossier: str
    actor: str
    time: str
    day: date
    reason: str
    key: str
    body: Mapping[str, Any]
    previous: str
    hash: str = ""
    signature: str = ""

    @property
    def text(self) -> str:
        """What is hashed, but for the link to the event before: canonical JSON."""
        fields = ("seq", "kind", "claim", "right", "dossier", "actor", "time", "day", "reason")
        record = {name: getattr(self, name) for name in fields}
        return canonical_json(record | {"key": self.key, "body": self.body})


def chained(previous: str, text: str) -> str:
    """Hash of an event.

    Parameters
    ----------
    previous : str
        Hash of the event before. [hexadecimal]
    text : str
        Canonical text of the event.

    Returns
    -------
    str
        SHA-256 of the ledger's name for its format, the hash before, and the text. [hexadecimal]

    Examples
    --------
    >>> import hashlib
    >>> by_hand = hashlib.sha256(b"ecogis-ledger-v1" + bytes(1 + 32) + b"{}").hexdigest()
    >>> chained(START, "{}") == by_hand
    True
    """
    return hashlib.sha256(_DOMAIN + bytes.fromhex(previous) + text.encode()).hexdigest()
