"""Sums the workbook adds up again, so that a reader can see that the tables agree."""

from collections.abc import Iterator
from typing import Final

from ecogis.report.desk import Desk
from ecogis.report.model import Check

__all__ = ["checks"]

# text, signed columns that add up, the headline result they equal (nothing: they add up to nil)
_CHECKS: Final = (
    ("area", ((1, "area_by_class", "area_ha"),), "totals.area_ha", "ha"),
    ("species", ((1, "stock_by_species", "co2e_kg"),), "totals.stock_co2e_kg_valuation", "t_kg"),
    ("age", ((1, "stock_by_age", "co2e_kg"),), "totals.stock_co2e_kg_valuation", "t_kg"),
    ("credit", ((1, "vintages", "credit_kg"),), "totals.credit_kg", "t_kg"),
    (
        "lines",
        (
            (1, "vintages", "removal_kg"),
            (-1, "vintages", "emission_kg"),
            (-1, "vintages", "baseline_kg"),
            (-1, "vintages", "leakage_kg"),
            (-1, "vintages", "uncertainty_kg"),
            (-1, "vintages", "buffer_kg"),
            (-1, "vintages", "cap_kg"),
            (-1, "vintages", "credit_kg"),
        ),
        "",
        "t_kg",
    ),
    ("issued", ((1, "issuances", "issued_t"),), "totals.issued_t", "t"),
    ("present", ((1, "cash_flow", "present_fen"),), "valuation.npv_fen", "yuan"),
    ("parcel_value", ((1, "parcel_values", "value_fen"),), "valuation.npv_fen", "yuan"),
    (
        "parcel_pledge",
        ((1, "parcel_values", "pledge_value_fen"),),
        "valuation.pledge_value_fen",
        "yuan",
    ),
    ("parcel_kg", ((1, "parcel_values", "pledgeable_kg"),), "totals.pledgeable_kg", "t_kg"),
    ("gep_items", ((1, "gep_items", "value_fen"),), "gep.total_fen", "yuan"),
    ("gep_townships", ((1, "gep_townships", "value_fen"),), "gep.total_fen", "yuan"),
    ("gep_supply", ((1, "gep_supply", "value_fen"), (-1, "gep_use", "value_fen")), "", "yuan"),
)


def checks(desk: Desk) -> Iterator[Check]:
    """The checks this run has the tables for."""
    for name, terms, key, kind in _CHECKS:
        value = desk.amount(key) if key else 0
        there = all(column in desk.source(table).columns for _, table, column in terms)
        rows = all(desk.has(table) for _, table, _ in terms)
        if value is not None and there and rows:
            yield Check(desk.words.word(f"checks.{name}"), terms, value, kind)
