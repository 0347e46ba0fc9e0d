"""Quantities on record: crops, water, lakes, visits … each row with its unit, price and place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from ecogis.core.errors import UnitError
from ecogis.core.findings import Findings
from ecogis.core.units import factor
from ecogis.core.vocabulary import require
from ecogis.numerics.rounding import quantise
from ecogis.services.formulas import RECORD
from ecogis.services.items import Part, parts, record_unit
from ecogis.services.quantities import COLUMNS, STEP, no_quantities

__all__ = ["RECORD_COLUMNS", "Records", "recorded"]

RECORD_COLUMNS: Final = (
    "service_item",
    "service_part",
    "product",
    "township",
    "quantity",
    "unit_text",
    "price_cny",
    "outside_quantity",
    "record_kind",
    "row",
)
"""What a table of records has. Quantities are in `unit_text`; a kind is flow, stock or load."""

_LARGEST: Final = 9.0e12
_LOADS: Final = frozenset({"air_purification", "water_purification"})
_WHY: Final = {
    "item": ("没有这样的项目或分项", "there is no such item and part"),
    "land": ("该分项由土地单元计算,不取统计量", "this part is computed on land, not recorded"),
    "quantity": ("数量缺失、为负或过大", "the quantity is missing, below nought or too large"),
    "unit": (
        "单位缺失,或不能换算为该分项的单位",
        "the unit is missing or cannot be turned into the part's unit",
    ),
    "price": ("价格缺失或为负", "the price is missing or below nought"),
    "outside": ("区外数量为负或多于总量", "what comes from outside is below nought or above all"),
    "kind": ("记录类型不是 flow、stock、load", "the kind is none of flow, stock and load"),
    "load": (
        "排放量(load)只用于空气净化和水质净化",
        "an emission (load) is of air or water purification only",
    ),
    "constant": ("缺少公式常数", "a constant of the formula is missing"),
}


@dataclass(frozen=True, slots=True)
class Records:
    """What a table of records says.

    Attributes
    ----------
    quantities : DataFrame
        As of land units; `unit_id` is the row, and what comes from outside is in the rows of
        `outside` alone.
    outside : DataFrame
        The parts of quantities that come from outside, in the same form, positive.
    loads : mapping of (str, str) to int
        Emissions by item and part: the most that can be taken up. [thousandths of the unit]
    """

    quantities: pd.DataFrame
    outside: pd.DataFrame
    loads: Mapping[tuple[str, str], int]


def recorded(table: pd.DataFrame, constants: Mapping[str, float], findings: Findings) -> Records:
    """Quantities of a table of records, row by row; a row that cannot be used is told.

    Parameters
    ----------
    table : DataFrame
        `RECORD_COLUMNS`. A price is of one unit, also where the quantity is in ten thousands of it;
        of a lake, a marsh or open water it is of the part's own unit, whatever the row's.
    constants : mapping of str to float
        Constants of the formulas.
    findings : Findings
        Takes rows that cannot be used.

    Returns
    -------
    Records

    Findings
    --------
    E485
        PC1, I13: a stock is put down as a product of the year; it is not counted.
    E490
        A row that cannot be used: which and why.
    E513
        Rows of the same item, part, product, township and kind: perhaps one thing put down twice.

    Examples
    --------
    Twenty thousand tonnes of rice at 3,000 CNY, and 1 km2 of marsh.

    >>> table = pd.DataFrame(
    ...     [
    ...         ["products", "crops", "稻谷", "T", 2.0, "万吨", 3000.0, None, None, 1],
    ...         ["flood_mitigation", "marsh", "", "T", 1.0, "km2", None, None, None, 2],
    ...     ],
    ...     columns=list(RECORD_COLUMNS),
    ... )
    >>> known = {"marsh_depth": 0.3}
    >>> found = recorded(table, known, Findings())
    >>> found.quantities[["part", "quantity_milli", "unit"]].to_numpy().tolist()
    [['crops', 20000000, 't'], ['marsh', 300000000, 'm3']]
    >>> found.quantities["own_price"].iloc[0].item()
    3000.0
    """
    require(table, RECORD_COLUMNS, "gep_records")
    _tell_alike(table, findings)
    kept: list[dict[str, Any]] = []
    outside: list[dict[str, Any]] = []
    loads: dict[tuple[str, str], int] = {}
    for record in table.to_dict("records"):
        row = {str(name): None if pd.isna(cell) else cell for name, cell in record.items()}
        found = _read(row, constants, findings)
        if found is None:
            continue
        made, from_outside = found
        if row["record_kind"] == "load":
            key = (made["item"], made["part"])
            loads[key] = loads.get(key, 0) + made["quantity_milli"]
            continue
        kept.append(made)
        if from_outside:
            outside.append(made | {"quantity_milli": from_outside})
    return Records(_framed(kept), _framed(outside), loads)


def _read(
    row: Mapping[str, Any], constants: Mapping[str, float], findings: Findings
) -> tuple[dict[str, Any], int] | None:
    """A row as a quantity and what of it comes from outside; nothing where it cannot be used."""
    part = parts().get((str(row["service_item"]), str(row["service_part"])))
    fault = _fault(row, part, constants)
    if fault or part is None:
        _tell(row, fault or "item", findings)
        return None
    if row["record_kind"] == "stock":
        _tell_stock(row, findings)
        return None
    symbol, times = record_unit(str(row["unit_text"]))
    to = _unit_in(part, symbol)
    per = factor(symbol, to)
    scale = per * times
    numbers = [] if row["record_kind"] == "load" else [constants[n] for n in part.constants]
    formula = RECORD["on_record" if row["record_kind"] == "load" else part.formula]
    amounts = formula(np.array([row["quantity"], row["outside_quantity"] or 0.0]) * scale, *numbers)
    if part.formula == "lake" and amounts[0] > 0.0:  # not of its area: half a lake holds half of it
        amounts[1] = amounts[0] * float(row["outside_quantity"] or 0.0) / float(row["quantity"])
    if not (np.abs(amounts) < _LARGEST).all():
        _tell(row, "quantity", findings)
        return None
    milli = quantise(amounts, STEP)
    price = row["price_cny"]
    priced_in = per if part.formula == "on_record" else 1.0  # else the price is of the part's unit
    made = {
        "item": part.item,
        "part": part.part,
        "product": str(row["product"] or ""),
        "unit_id": f"row {row['row']}",
        "township": str(row["township"] or ""),
        "ecosystem": part.ecosystem,
        "quantity_milli": int(milli[0]),
        "unit": to if part.unit == "own" else part.unit,
        "own_price": np.nan if price is None else float(price) / priced_in,
        "origin": "record",
        "formula": part.formula,
    }
    return made, int(milli[1])


def _unit_in(part: Part, symbol: str) -> str:
    """The unit a record of the part is turned into before the formula."""
    return part.given_in or (symbol if part.unit == "own" else part.unit)


def _fault(row: Mapping[str, Any], part: Part | None, constants: Mapping[str, float]) -> str:
    """The first reason a row cannot be used, or nothing."""
    if part is None:
        return "item"
    kind = row["record_kind"] or "flow"
    tests = {
        "kind": kind not in {"flow", "stock", "load"},
        "land": part.kind == "land" and kind != "load",
        "load": kind == "load" and part.item not in _LOADS,
        "unit": not _convertible(part, row["unit_text"]),
        "quantity": not _sound(row["quantity"]),
        "outside": not _within(row["outside_quantity"], row["quantity"]),
        "price": not _priced(part, row["price_cny"], kind),
        "constant": kind == "flow" and any(name not in constants for name in part.constants),
    }
    return next((name for name, wrong in tests.items() if wrong), "")


def _convertible(part: Part, text: object) -> bool:
    if text is None or not str(text).strip():
        return False  # a unit is never guessed: 50 ha of lake are not 50 km2
    symbol, _ = record_unit(str(text))
    try:
        factor(symbol, _unit_in(part, symbol))
    except UnitError:
        return False
    return True


def _sound(quantity: Any) -> bool:
    return quantity is not None and 0.0 <= float(quantity) < _LARGEST


def _within(outside: Any, quantity: Any) -> bool:
    return outside is None or 0.0 <= float(outside) <= float(quantity or 0.0)


def _priced(part: Part, price: Any, kind: str) -> bool:
    """A part without a price of its own in any set needs one on record."""
    if price is None:
        return part.price != "own" or kind != "flow"
    return 0.0 <= float(price) < _LARGEST


def _tell(row: Mapping[str, Any], fault: str, findings: Findings) -> None:
    zh, en = _WHY[fault]
    findings.add(
        "E490",
        layer="gep_records",
        feature=f"{row['service_item']}/{row['service_part']}",
        row=row["row"],
        observed=row["quantity"],
        action="excluded",
        why_zh=zh,
        why=en,
    )


def _tell_alike(table: pd.DataFrame, findings: Findings) -> None:
    names = ["service_item", "service_part", "product", "township", "record_kind"]
    findings.add(
        "E513",
        layer="gep_records",
        where=table[names].astype("string").fillna("").duplicated(keep=False).to_numpy(dtype=bool),
        feature=table["service_part"],
        row=table["row"],
        observed=table["quantity"],
    )


def _tell_stock(row: Mapping[str, Any], findings: Findings) -> None:
    findings.add(
        "E485",
        layer="gep_records",
        feature=f"{row['service_item']}/{row['service_part']}",
        row=row["row"],
        observed=row["quantity"],
        action="excluded",
        product=row["product"] or row["service_part"],
        unit=row["unit_text"],
        limit=0,
        why_zh="所填为存量",
        why="a stock is put down",
    )


def _framed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    if not rows:
        return no_quantities()
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"quantity_milli": "int64"})
