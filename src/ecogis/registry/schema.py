"""Tables of the ledger, the same on SQLite and PostgreSQL, and the rules the database holds.

``event`` is the ledger. All others are derived from it and can be made again: they are what unique
indexes and triggers work on. The triggers stand in ``sqlite.sql`` and ``postgresql.sql``.
"""

import re
from importlib.resources import files
from typing import Any, Final

from sqlalchemy import (
    REAL,
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from ecogis.registry.held import LIVE

__all__ = [
    "CLAIM",
    "EVENT",
    "LIEN",
    "MEMBER",
    "METADATA",
    "PLACE",
    "RIGHTS",
    "STATES",
    "YIELDS",
    "rules",
]

STATES: Final = (*LIVE, "released", "withdrawn")
"""States of a claim."""

METADATA: Final = MetaData()

_WHOLE: Final[TypeEngine[Any]] = BigInteger().with_variant(Integer(), "sqlite")


def _text(name: str, *rest: Any, null: bool = False) -> Column[Any]:
    return Column(name, Text, *rest, nullable=null)


def _whole(name: str, *rest: Any, null: bool = False) -> Column[Any]:
    return Column(name, _WHOLE, *rest, nullable=null)


def _real(name: str) -> Column[Any]:
    return Column(name, Double().with_variant(REAL(), "sqlite"), nullable=False)


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


EVENT: Final = Table(
    "event",
    METADATA,
    Column("seq", _WHOLE, primary_key=True, autoincrement=False),
    _text("kind"),
    _whole("claim", null=True),
    _text("right_id"),
    _text("dossier"),
    _text("actor"),
    _text("key", null=True),
    _text("body"),
    _text("previous"),
    _text("hash"),
    _text("signature"),
    UniqueConstraint("key", name="event_key_once"),
    UniqueConstraint("previous", name="event_followed_once"),
    Index("event_of_claim", "claim"),
    Index("event_of_kind", "kind"),
    sqlite_strict=True,
)

PLACE: Final = Table(
    "place",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("wkb", LargeBinary, nullable=False),
    *map(_real, ("west", "south", "east", "north", "area_m2", "perimeter_m")),
    *map(_whole, ("level", "column_no", "row_no")),
    Index("place_cell", "level", "column_no", "row_no"),
    sqlite_strict=True,
)

RIGHTS: Final = Table(
    "rights",
    METADATA,
    Column("right_id", Text, primary_key=True),
    *map(_text, ("unit_code", "kind", "registration_no")),
    _text("place", ForeignKey("place.sha256")),
    _text("day"),
    _whole("seq", ForeignKey("event.seq")),
    Index("rights_at_place", "place"),
    sqlite_strict=True,
)

YIELDS: Final = Table(
    "yields",
    METADATA,
    Column("right_id", Text, ForeignKey("rights.right_id"), primary_key=True),
    Column("vintage", _WHOLE, primary_key=True, autoincrement=False),
    _whole("kg"),
    _whole("seq", ForeignKey("event.seq")),
    CheckConstraint("kg >= 0", name="yield_not_negative"),
    sqlite_strict=True,
)

LIEN: Final = Table(
    "lien",
    METADATA,
    Column("right_id", Text, primary_key=True),
    Column("vintage", _WHOLE, primary_key=True, autoincrement=False),
    _text("party"),
    UniqueConstraint("right_id", "vintage", "party", name="lien_party"),
    sqlite_strict=True,
)
"""One lender at a time: the primary key lets a right and vintage stand here once."""

CLAIM: Final = Table(
    "claim",
    METADATA,
    Column("claim", _WHOLE, ForeignKey("event.seq"), primary_key=True, autoincrement=False),
    _text("right_id"),
    _whole("vintage"),
    _whole("kg"),
    *map(_text, ("use", "party")),
    _text("lien_party", null=True),
    *map(_text, ("dossier", "manifest", "place", "state", "system", "external_no")),
    _text("registered_on", null=True),
    _text("expires_on", null=True),
    *map(_text, ("real_estate_no", "project_no")),
    _text("request", null=True),
    _text("change", null=True),
    _text("requested_by", null=True),
    _text("approved_by", null=True),
    _text("day"),
    _whole("seq", ForeignKey("event.seq")),
    ForeignKeyConstraint(
        ["right_id", "vintage"], ["yields.right_id", "yields.vintage"], name="claim_on_yield"
    ),
    ForeignKeyConstraint(
        ["right_id", "vintage", "lien_party"],
        ["lien.right_id", "lien.vintage", "lien.party"],
        name="one_lender",
        deferrable=True,
        initially="DEFERRED",
    ),
    CheckConstraint("kg > 0", name="claim_above_nothing"),
    _one_of("state", STATES),
    CheckConstraint(
        "(lien_party IS NOT NULL) = (use = 'pledge' AND state NOT IN ('released', 'withdrawn'))",
        name="live_pledge_has_lien",
    ),
    CheckConstraint("lien_party IS NULL OR lien_party = party", name="lien_is_of_party"),
    CheckConstraint(
        "state <> 'registered'"
        " OR (external_no <> '' AND (use <> 'pledge' OR expires_on IS NOT NULL))",
        name="registered_has_number_and_end",
    ),
    Index("claim_on_right", "right_id", "vintage"),
    Index("claim_state", "state"),
    Index("claim_at_place", "place"),
    sqlite_strict=True,
)

MEMBER: Final = Table(
    "member",
    METADATA,
    Column("person", Text, primary_key=True),
    _text("roles"),
    _whole("seq", ForeignKey("event.seq")),
    sqlite_strict=True,
)


def rules(dialect: str) -> dict[str, str]:
    """Statements that make the database's own rules, by name of the trigger or function.

    Parameters
    ----------
    dialect : {"sqlite", "postgresql"}
        The database.

    Examples
    --------
    >>> rules("sqlite")["event_not_deleted"].splitlines()[0]
    'CREATE TRIGGER event_not_deleted BEFORE DELETE ON event'
    """
    source = files("ecogis.registry").joinpath(f"{dialect}.sql").read_text(encoding="utf-8")
    found = {}
    for statement in filter(None, map(str.strip, re.split(r"\n\s*\n", source))):
        named = re.search(r"CREATE (?:TRIGGER|FUNCTION) (\w+)", statement)
        if named:
            found[named.group(1)] = statement
    return found
