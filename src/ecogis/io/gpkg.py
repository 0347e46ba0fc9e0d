"""GeoPackage, looked at as a database before a driver opens it.

A layer must be a real table with as many rows as the file says: drivers believe the stored count,
and a view can hold a query that never ends.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from ecogis.core.errors import InputError

__all__ = ["connected", "layers", "quoted", "row_count", "triggers"]

_OWN_TRIGGERS: Final = ("rtree_", "trigger_insert_feature_count_", "trigger_delete_feature_count_")
_STANDARD: Final = ("gpkg_", "feature_count_", "layer_styles", "ogr_empty_table")


def quoted(name: str) -> str:
    """A table's or column's name as SQL takes it.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def connected(file: Path) -> Iterator[sqlite3.Connection]:
    """Open a GeoPackage for looking only.

    Raises
    ------
    InputError
        E120 not a GeoPackage, E121 damaged, E161 an unfinished journal lies beside it.
    """
    for suffix in ("-journal", "-wal"):
        journal = file.with_name(file.name + suffix)
        if journal.exists() and journal.stat().st_size:
            raise InputError("E161", file=file.name)
    uri = f"file:{quote(str(file.resolve()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as database:
            database.execute("PRAGMA trusted_schema = OFF")
            _check(file, database)
            yield database
    except sqlite3.DatabaseError as fault:
        raise InputError("E121", file=file.name, detail=fault) from None


def _check(file: Path, database: sqlite3.Connection) -> None:
    names = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    if "gpkg_contents" not in names:
        raise InputError("E120", file=file.name)


def layers(database: sqlite3.Connection) -> dict[str, bool]:
    """Layers and tables by name, and whether each has geometries."""
    rows = database.execute(
        "SELECT table_name, data_type FROM gpkg_contents "
        "WHERE data_type IN ('features', 'attributes', 'aspatial') ORDER BY rowid"
    ).fetchall()
    kinds = dict(database.execute("SELECT name, type FROM sqlite_master"))
    return {name: kind == "features" for name, kind in rows if name in kinds and _shown(name)}


def _shown(name: str) -> bool:
    return not name.startswith(_STANDARD)


def row_count(file: Path, database: sqlite3.Connection, layer: str) -> int:
    """Rows of a layer, counted.

    Raises
    ------
    InputError
        E121 damaged, E122 the layer is a view or a virtual table, E125 the file states another
        number.
    """
    verdict = database.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise InputError("E121", file=file.name, detail=verdict)
    found = database.execute(
        "SELECT type, sql FROM sqlite_master WHERE name = ? AND type IN ('table', 'view')", (layer,)
    ).fetchone()
    if found is None or found[0] != "table" or found[1].upper().startswith("CREATE VIRTUAL"):
        raise InputError("E122", file=file.name, layer=layer)
    counted = int(database.execute(f"SELECT count(*) FROM {quoted(layer)}").fetchone()[0])  # noqa: S608 - quoted
    stored = _stored_count(database, layer)
    if stored is not None and stored != counted:
        raise InputError("E125", file=file.name, layer=layer, a=stored, b=counted)
    return counted


def _stored_count(database: sqlite3.Connection, layer: str) -> int | None:
    has = database.execute(
        "SELECT 1 FROM sqlite_master WHERE name = 'gpkg_ogr_contents'"
    ).fetchone()
    if not has:
        return None
    row = database.execute(
        "SELECT feature_count FROM gpkg_ogr_contents WHERE lower(table_name) = lower(?)", (layer,)
    ).fetchone()
    return None if row is None or row[0] is None else int(row[0])


def triggers(database: sqlite3.Connection) -> list[str]:
    """Triggers the standard does not know. They cannot fire while a file is only read."""
    rows = database.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
    return sorted(
        name
        for name, table in rows
        if not name.startswith(_OWN_TRIGGERS) and not str(table).startswith(_STANDARD)
    )
