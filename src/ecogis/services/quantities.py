"""Biophysical quantities of a year: one row for each part and land unit, in whole thousandths.

A part is rounded once a township and shared among its units.
"""

import math
from collections.abc import Collection, Mapping
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.numerics.rounding import quantise
from ecogis.services.formulas import LAND
from ecogis.services.inputs import LandInputs, joined
from ecogis.services.items import Part, parts

__all__ = [
    "COLUMNS",
    "carbon_quantities",
    "land_quantities",
    "no_quantities",
    "part_codes",
    "stacked",
    "unknown_carbon",
]

COLUMNS: Final = (
    "item",
    "part",
    "product",
    "unit_id",
    "township",
    "ecosystem",
    "quantity_milli",
    "unit",
    "own_price",
    "origin",
    "formula",
)
"""Columns of quantities; `quantity_milli` is int64, in thousandths of `unit`."""

STEP: Final = 0.001
_MILLI: Final = 1000.0
_LARGEST: Final = 9.0e15  # thousandths beyond which float64 no longer counts them one by one
CARBON: Final = ("carbon_fixation", "carbon_dioxide")
OXYGEN: Final = ("oxygen_release", "oxygen")


def land_quantities(
    inputs: LandInputs,
    wanted: Collection[str],
    constants: Mapping[str, float],
    findings: Findings,
) -> pd.DataFrame:
    """What land units give, by the formula of each part.

    Parameters
    ----------
    inputs : LandInputs
        Units and their variables.
    wanted : collection of str
        Items to compute.
    constants : mapping of str to float
        Constants of the formulas, in the units the formulas take.
    findings : Findings
        Takes what is not known.

    Returns
    -------
    DataFrame
        `COLUMNS`, one row per part and unit with a quantity.

    Findings
    --------
    E500
        A quantity is below nought: it is not counted.
    E501
        A variable is missing for some units of a part that other units have: their area.

    Examples
    --------
    One hectare that retains 300 mm: 3,000 m3.

    >>> units = pd.DataFrame(
    ...     {"township": ["T"], "ecosystem": ["forest"], "area_dm2": [1_000_000]}, index=["S1"]
    ... )
    >>> findings = Findings()
    >>> given = {"retention_mm": {"stand": pd.Series({"S1": 300.0})}}
    >>> inputs = LandInputs(units, given, findings)
    >>> found = land_quantities(inputs, {"water_retention"}, {}, findings)
    >>> found[["part", "quantity_milli", "unit", "origin"]].to_numpy().tolist()
    [['water', 3000000, 'm3', 'stand']]
    """
    found = [
        _of_part(inputs, part, constants, findings)
        for part in parts().values()
        if part.kind == "land" and part.variables and part.item in wanted
    ]
    return stacked(found)


def carbon_quantities(
    units: pd.DataFrame, carbon_kg: pd.Series, wanted: Collection[str], oxygen: float
) -> pd.DataFrame:
    """Carbon and oxygen of the year, both from the carbon stage's own kilograms.

    There is no second formula for carbon: these are the differences between the stocks of the
    account's first and last day, stand by stand. A stand that lost carbon counts with what it
    lost, since counting gains alone would claim what felling took away.

    Parameters
    ----------
    units : DataFrame
        Land units.
    carbon_kg : Series of int64
        Net removal of the year by unit; a unit that is missing is not known. [kg CO2e]
    wanted : collection of str
        Items to compute.
    oxygen : float
        Oxygen for a tonne of carbon dioxide. [1]

    Returns
    -------
    DataFrame
        `COLUMNS`. A thousandth of a tonne is the kilogram: carbon is taken over unchanged.

    Examples
    --------
    >>> units = pd.DataFrame(
    ...     {"township": ["T"], "ecosystem": ["forest"], "area_dm2": [1_000_000]}, index=["S1"]
    ... )
    >>> kept = {"carbon_fixation", "oxygen_release"}
    >>> found = carbon_quantities(units, pd.Series({"S1": 11_000}), kept, 32 / 44)
    >>> found["quantity_milli"].tolist()
    [11000, 8000]
    """
    held = carbon_kg.reindex(units.index).dropna()
    kilograms = held.to_numpy(dtype=np.int64)
    amounts = {CARBON: kilograms, OXYGEN: quantise(kilograms * oxygen, 1.0)}
    known = units.loc[held.index]
    made = []
    for key, amount in amounts.items():
        if key[0] in wanted:
            origin = np.full(len(known), "carbon", dtype=object)
            made.append(_rows(parts()[key], known, amount, origin))
    return stacked(made)


def unknown_carbon(units: pd.DataFrame, carbon_kg: pd.Series, findings: Findings) -> int:
    """Units whose carbon the carbon stage does not know, told with their area.

    Parameters
    ----------
    units : DataFrame
        Land units.
    carbon_kg : Series of int64
        Net removal of the year by unit. [kg CO2e]
    findings : Findings
        Takes the units that are not in it; where none is, the item has no data at all.

    Returns
    -------
    int
        Findings made.

    Findings
    --------
    E501
        Some units have no carbon.
    """
    gap = ~units.index.isin(carbon_kg.dropna().index)
    if not gap.any() or gap.all():
        return 0
    part = parts()[CARBON]
    hectares = float(units.loc[gap, "area_dm2"].sum()) * 1e-6
    return findings.add(
        "E501",
        layer="gep",
        feature="/".join(CARBON),
        column="carbon_kg",
        area_ha=hectares,
        zh=part.zh,
        en=part.en,
        number=int(gap.sum()),
        ha=f"{hectares:,.2f}",
        names="carbon_kg",
    )


def stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Several tables of quantities as one."""
    some = [table for table in tables if len(table)]
    return pd.concat(some, ignore_index=True) if some else no_quantities()


def part_codes(
    quantities: pd.DataFrame,
) -> tuple[npt.NDArray[np.int64], list[tuple[str, str]]]:
    """Which part each row is of: its place in the list of items and parts, in order of rows.

    >>> table = pd.DataFrame({"item": ["a", "b", "a"], "part": ["x", "x", "x"]})
    >>> codes, keys = part_codes(table)
    >>> codes.tolist(), keys
    ([0, 1, 0], [('a', 'x'), ('b', 'x')])
    """
    items, named = pd.factorize(quantities["item"])
    own, parted = pd.factorize(quantities["part"])
    wide = max(len(parted), 1)
    codes, found = pd.factorize(items * wide + own)
    keys = [(str(named[at // wide]), str(parted[at % wide])) for at in found.tolist()]
    return codes.astype(np.int64), keys


def no_quantities() -> pd.DataFrame:
    """A table of quantities without rows."""
    kinds = {"quantity_milli": "int64", "own_price": "float64"}
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "object")) for name in COLUMNS})


def _of_part(
    inputs: LandInputs, part: Part, constants: Mapping[str, float], findings: Findings
) -> pd.DataFrame:
    taken = [inputs[name] for name in part.variables]
    if np.logical_or.reduce([np.isnan(values) for values, _ in taken]).all():
        return no_quantities()  # nor is a constant asked for, which may not be in force yet
    numbers = [constants[name] for name in part.constants]
    level = [part.level] if part.level else []
    rate = LAND[part.formula](*(values for values, _ in taken), *numbers, *level)
    amount = rate * inputs.area_ha / part.per
    known = ~np.isnan(amount)
    if known.any() and not known.all():
        _tell_gaps(inputs, part, ~known, findings)
    sound = known & _sound(inputs, part, amount, findings)
    if part.level:
        sound &= amount > 0.0  # a class the unit is not of is no row of it
    origin = joined([origins for _, origins in taken])
    units = inputs.units[sound]
    return _rows(part, units, _whole(amount[sound], units), origin[sound])


def _whole(amount: npt.NDArray[np.float64], units: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Thousandths of each unit, so that those of a township add up to its own, rounded once.

    What is left over when all are rounded down goes to the largest remainders, in the order of
    names where they are equal: many small stands do not round to nought together.
    """
    scaled = amount * _MILLI
    down = np.floor(scaled)
    places, _ = pd.factorize(units["township"].fillna(""))
    names = np.argsort(np.argsort(units.index.to_numpy(dtype=str)))
    order = np.lexsort((names, down - scaled, places))
    starts = np.flatnonzero(np.diff(places[order], prepend=-1))
    left = np.zeros(len(order), dtype=np.int64)
    for first, last in pairwise([*starts, len(order)]):
        rest = math.fsum((scaled - down)[order[first:last]])
        left[order[first : first + int(quantise(rest, 1.0))]] = 1
    return np.asarray(quantise(down, 1.0) + left)


def _sound(
    inputs: LandInputs, part: Part, amount: npt.NDArray[np.float64], findings: Findings
) -> npt.NDArray[np.bool_]:
    """Amounts from nought up to what whole thousandths can hold; the others are told."""
    with np.errstate(invalid="ignore"):
        wrong = (amount < 0.0) | (amount / STEP > _LARGEST)
    findings.add(
        "E500",
        layer="stands",
        where=wrong,
        feature=inputs.units.index.to_numpy(dtype=object),
        column=part.part,
        observed=amount,
        expected="≥ 0",
        area_ha=inputs.area_ha,
        zh=part.zh,
        en=part.en,
        unit=part.unit,
    )
    return ~wrong


def _tell_gaps(
    inputs: LandInputs, part: Part, gap: npt.NDArray[np.bool_], findings: Findings
) -> None:
    missing = [name for name in part.variables if np.isnan(inputs[name][0]).any()]
    hectares = float(inputs.area_ha[gap].sum())
    findings.add(
        "E501",
        layer="gep",
        feature=f"{part.item}/{part.part}",
        column=", ".join(missing),
        area_ha=hectares,
        zh=part.zh,
        en=part.en,
        number=int(gap.sum()),
        ha=f"{hectares:,.2f}",
        names=", ".join(missing),
    )


def _rows(
    part: Part,
    units: pd.DataFrame,
    milli: npt.NDArray[np.int64],
    origin: npt.NDArray[np.object_],
) -> pd.DataFrame:
    made = pd.DataFrame(
        {
            "item": part.item,
            "part": part.part,
            "product": "",
            "unit_id": units.index.to_numpy(dtype=object),
            "township": units["township"].fillna("").to_numpy(dtype=object),
            "ecosystem": units["ecosystem"].to_numpy(dtype=object),
            "quantity_milli": milli,
            "unit": part.unit,
            "own_price": np.nan,
            "origin": origin,
            "formula": part.formula,
        }
    )
    return made[list(COLUMNS)]
