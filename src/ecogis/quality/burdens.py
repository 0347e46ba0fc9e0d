"""Encumbrances, documents and land history: known kinds, things that exist, dates that fit."""

import datetime as dt
from collections.abc import Mapping

import pandas as pd

from ecogis.quality.rights import in_force
from ecogis.quality.table import Names, Table

__all__ = ["active", "document_dates", "double_history", "kinds", "subjects", "unattached"]


def kinds(table: Table, columns: Names) -> None:
    """E223: a kind that is not in the vocabulary."""
    for column in columns:
        table.tell("E223", ~table.decoded(column, column) & ~table.told(column), column)


def unattached(encumbrances: Table) -> None:
    """E224: an encumbrance that names neither a right nor a parcel."""
    nothing = ~encumbrances.given("right") & ~encumbrances.given("parcel")
    encumbrances.tell("E224", nothing, "right", other="rights, parcels")


def active(encumbrances: Table, day: dt.date) -> None:
    """E225: an encumbrance in force at the valuation date."""
    encumbrances.tell(
        "E225",
        in_force(encumbrances, day),
        "encumbrance_kind",
        day=day,
        **encumbrances.labels("encumbrance_kind", "encumbrance_kind"),
        right=encumbrances.text("right").fillna("—"),
        parcel=encumbrances.text("parcel").fillna("—"),
    )


def subjects(documents: Table, known: Mapping[str, Names]) -> None:
    """E224: a document about a parcel, right or stand that is not there."""
    kind = documents.text("subject_kind")
    for name, ids in known.items():
        of_kind = (kind == name).fillna(value=False)
        missing = of_kind & ~documents.known("subject", ids)
        documents.tell("E224", missing, "subject", other=f"{name}s")


def document_dates(documents: Table, day: dt.date) -> None:
    """E226, E227: a document from after the valuation date; one that had lapsed by then."""
    at = pd.Timestamp(day)
    later = (documents.date("date") > at).fillna(value=False)
    documents.tell("E226", later, "date", expected=f"<= {day}", day=day)
    lapsed = (documents.date("valid_until") < at).fillna(value=False)
    documents.tell("E227", lapsed, "valid_until", expected=f">= {day}", day=day)


def double_history(history: Table) -> None:
    """E228: two land classes for one stand in one year."""
    table = pd.DataFrame(
        {
            "stand": history.text("stand"),
            "low": history.number("year_from"),
            "high": history.number("year_to"),
            "class": history.text("land_class"),
        }
    )
    usable = table.notna().all(axis=1) & (table["low"] <= table["high"])
    spans = table[usable].sort_values(["stand", "low", "high"], kind="stable")
    reached = spans.groupby("stand")["high"].cummax().groupby(spans["stand"]).shift()
    before = spans.groupby("stand")["class"].shift()
    clash = (spans["low"] <= reached) & (spans["class"] != before)
    where = clash.reindex(table.index, fill_value=False)
    span = history.text("year_from") + "-" + history.text("year_to")
    history.tell("E228", where, "year_from", observed=span, x=table["stand"])
