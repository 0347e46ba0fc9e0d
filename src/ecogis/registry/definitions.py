"""What a database keeps of the ledger's tables, indexes and rules, beside the schema's own."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, create_engine, text

from ecogis.core.findings import Findings
from ecogis.registry.schema import METADATA, rules

__all__ = ["check_definitions"]

_SQLITE: Final = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'"

_TABLES: Final = (
    "SELECT oid FROM pg_class WHERE relnamespace = :space AND relname IN ("  # noqa: S608 - own names
    + ", ".join(f"'{table}'" for table in METADATA.tables)
    + ")"
)
_POSTGRES: Final = (
    (
        "SELECT relname AS name, CONCAT_WS(' ', relkind, relrowsecurity, relforcerowsecurity)"
        " AS sql FROM pg_class WHERE oid IN ({tables})"
    ),
    (
        "SELECT (SELECT relname FROM pg_class WHERE oid = attrelid) || '.' || attname AS name,"
        " CONCAT_WS(' ',"
        " format_type(atttypid, atttypmod), attnotnull, attgenerated, attidentity,"
        " pg_get_expr(adbin, adrelid)) AS sql"
        " FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum"
        " WHERE attnum > 0 AND NOT attisdropped AND attrelid IN ({tables})"
    ),
    (
        "SELECT conname AS name, pg_get_constraintdef(oid) AS sql"
        " FROM pg_constraint WHERE conrelid IN ({tables})"
    ),
    (
        "SELECT relname AS name, CONCAT_WS(' ', indisvalid,"
        " regexp_replace(pg_get_indexdef(indexrelid), ' ON [^ ]+[.]', ' ON ')) AS sql"
        " FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indrelid IN ({tables})"
    ),
    (
        "SELECT rulename AS name, pg_get_ruledef(oid) AS sql"
        " FROM pg_rewrite WHERE ev_class IN ({tables})"
    ),
    (
        "SELECT conname AS name, tgenabled AS sql FROM pg_trigger"
        " JOIN pg_constraint ON pg_constraint.oid = tgconstraint"
        " WHERE tgisinternal AND tgenabled NOT IN ('O', 'A') AND tgrelid IN ({tables})"
    ),
)
_RULES: Final = (
    (
        "SELECT tgname AS name, pg_get_triggerdef(oid, true) AS sql FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgrelid IN ({tables})"
    ),
    (
        "SELECT proname AS name, prosrc AS sql FROM pg_proc"
        " WHERE proname LIKE 'ecogis%' AND pronamespace = :space"
    ),
)

Definitions = dict[str, str]


def check_definitions(connection: Connection, findings: Findings) -> None:
    """Compare tables, keys, checks, indexes, triggers and functions with the schema's own.

    On PostgreSQL the schema's own are read from temporary tables that are made and undone inside
    the transaction, so that both are told in the words of the same server.

    Parameters
    ----------
    connection : Connection
        Reads the ledger.
    findings : Findings
        Receives E828.
    """
    if connection.dialect.name == "sqlite":
        kept, own = _of_sqlite(connection), _sqlite_own()
    else:
        kept, own = _of_postgres(connection), _postgres_own(connection)
    for name in sorted(kept.keys() | own.keys()):
        if kept.get(name) == own.get(name):
            continue
        observed = "改动 / altered"
        if name not in kept:
            observed = "缺失 / missing"
        elif name not in own:
            observed = "多出 / surplus"
        findings.add("E828", layer="ledger", feature=name, observed=observed)


def _of_sqlite(connection: Connection) -> Definitions:
    return {row.name: _plain(row.sql or "") for row in connection.execute(text(_SQLITE))}


def _sqlite_own() -> Definitions:
    """What a new ledger in memory keeps."""
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(":memory:"))
    with engine.connect() as connection:
        METADATA.create_all(connection)
        for statement in rules("sqlite").values():
            connection.exec_driver_sql(statement)
        found = _of_sqlite(connection)
    engine.dispose()
    return found


def _of_postgres(connection: Connection) -> Definitions:
    space = connection.scalar(text("SELECT current_schema()::regnamespace::oid"))
    return _asked(connection, (*_POSTGRES, *_RULES), space)


def _postgres_own(connection: Connection) -> Definitions:
    with connection.begin_nested() as undone:
        temporary = connection.execution_options(schema_translate_map={None: "pg_temp"})
        METADATA.create_all(temporary, checkfirst=False)
        found = _asked(connection, _POSTGRES, connection.scalar(text("SELECT pg_my_temp_schema()")))
        undone.rollback()
    connection.execution_options(schema_translate_map=None)
    for name, statement in rules("postgresql").items():
        found[name] = found.get(name, "") + _plain(statement)
    return found


def _asked(connection: Connection, queries: Sequence[str], space: Any) -> Definitions:
    """Definitions by name; what shares a name is told as one."""
    found: Definitions = {}
    for query in queries:
        asked = text(query.format(tables=_TABLES))
        for row in connection.execute(asked, {"space": space}):
            found[row.name] = found.get(row.name, "") + _plain(str(row.sql))
    return found


def _plain(statement: str) -> str:
    """A statement as databases keep it: one kind of blank, a function's body alone."""
    body = statement.split("$$")[1] if "$$" in statement else statement
    return " ".join(body.split()).removesuffix(";")
