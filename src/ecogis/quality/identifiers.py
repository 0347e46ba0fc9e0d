"""Identifiers: there, only once, and pointing at something."""

from ecogis.quality.table import Names, Table

__all__ = ["duplicated", "references", "unnamed"]


def unnamed(table: Table) -> None:
    """E200: a row without identifier."""
    table.tell("E200", ~table.given(table.key), table.key, excluded=True)


def duplicated(table: Table) -> None:
    """E201: an identifier that stands more than once; it cannot be known which row is meant."""
    ids = table.text(table.key)
    table.tell("E201", ids.notna() & ids.duplicated(keep=False), table.key, excluded=True)


def references(table: Table, column: str, among: Names, other: str) -> None:
    """E224: a reference to something that is not in the other table."""
    table.tell("E224", table.given(column) & ~table.known(column, among), column, other=other)
