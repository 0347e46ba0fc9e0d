"""The rules a line of the crediting sum may name, each on whole kilograms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.methods import Line, ParameterSet

__all__ = ["COLUMNS", "RATE", "RULES", "Flows", "Rule", "charges", "exact", "rate_keys"]

Ints = NDArray[np.int64]

RATE: Final = "t CO2e ha-1 yr-1"
_SHARE: Final = "1"
_KG_PER_T: Final = 1000
_DM2_PER_HA: Final = 1_000_000

COLUMNS: Final = (
    "removal_kg",
    "emission_kg",
    "baseline_kg",
    "leakage_kg",
    "uncertainty_kg",
    "buffer_kg",
    "cap_kg",
)
"""Columns of the table of vintages a line may fall in."""


@dataclass(frozen=True, slots=True)
class Flows:
    """What a rule may look at: the flows of each vintage, and the sum of the lines before.

    The last axis is the vintage; draws may stand before it. [kg CO2e]
    """

    removal_kg: Ints
    emission_kg: Ints
    running_kg: Ints


@dataclass(frozen=True, slots=True)
class Charge:
    """The number of a line made ready: kilograms of each vintage, or an exact share."""

    kg: Ints
    share: Fraction


@dataclass(frozen=True, slots=True)
class Rule:
    """What a line of this rule does.

    Attributes
    ----------
    column : str
        Column of the table of vintages.
    unit : str
        Unit of its parameter; empty where the number was used before.
    amount : callable
        Kilograms it adds, from the flows and its charge.
    by_class : bool
        The rate differs by class of land.
    rounding : str
        Of a rate times area and years to whole kilograms.
    """

    column: str
    unit: str
    amount: Callable[[Flows, Charge], Ints]
    by_class: bool = False
    rounding: str = ROUND_CEILING


def _removal(flows: Flows, _: Charge) -> Ints:
    return flows.removal_kg


def _emission(flows: Flows, charge: Charge) -> Ints:
    return -charge.kg - flows.emission_kg


def _by_area(flows: Flows, charge: Charge) -> Ints:
    return np.broadcast_to(-charge.kg, flows.removal_kg.shape)


def _of_the_removal(flows: Flows, charge: Charge) -> Ints:
    return -_share_up(flows.removal_kg, charge.share)


def _of_what_is_left(flows: Flows, charge: Charge) -> Ints:
    return -_share_up(np.maximum(flows.running_kg, 0), charge.share)


def _above_the_ceiling(flows: Flows, charge: Charge) -> Ints:
    return np.asarray(-np.maximum(flows.running_kg - charge.kg, 0), dtype=np.int64)


def _share_up(kg: Ints, share: Fraction) -> Ints:
    """Whole kilograms of a share, never less than it; exact however long the share is."""
    whole = kg.astype(object)
    return np.asarray(-(-whole * share.numerator // share.denominator), dtype=np.int64)


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "removal": Rule("removal_kg", "", _removal),
        "emission": Rule("emission_kg", RATE, _emission),
        "baseline": Rule("baseline_kg", RATE, _by_area),
        "baseline_by_class": Rule("baseline_kg", RATE, _by_area, by_class=True),
        "baseline_share": Rule("baseline_kg", _SHARE, _of_the_removal),
        "leakage": Rule("leakage_kg", RATE, _by_area),
        "leakage_share": Rule("leakage_kg", _SHARE, _of_what_is_left),
        "uncertainty": Rule("uncertainty_kg", _SHARE, _of_what_is_left),
        "buffer": Rule("buffer_kg", _SHARE, _of_what_is_left),
        "cap": Rule("cap_kg", RATE, _above_the_ceiling, rounding=ROUND_FLOOR),
    }
)
"""Rules a methodology's line may name.

``removal`` adds the year's removal (its parameter was used before); ``emission`` takes off what
stands lost and the parameter's rate; ``baseline`` and ``leakage`` take off a rate on the area,
``baseline_by_class`` the rate of each class of land on its area, ``baseline_share`` a share of the
removal; ``leakage_share``, ``uncertainty`` and ``buffer`` a share of what the lines before leave,
if anything; ``cap`` takes off what they leave above a rate on the area. Deductions are rounded up
to the kilogram, ceilings down.
"""


def charges(
    lines: Sequence[Line],
    parameters: ParameterSet,
    *,
    years: NDArray[np.float64],
    area_dm2: int,
    date: date,
    classes: pd.DataFrame | None,
) -> dict[str, Charge]:
    """The number of each line made ready, by the line's identifier.

    Raises
    ------
    ConfigError
        E707 a rate by class is asked for and the classes are not there, E236 a class has no rate.
    """
    found: dict[str, Charge] = {}
    for line in lines:
        rule = RULES[line.rule]
        kg, share = np.zeros(len(years), dtype=np.int64), Fraction(0)
        if rule.unit == _SHARE:
            share = Fraction(exact(parameters.value(line.parameter, date, _SHARE)))
        elif rule.by_class:
            kg = _kilograms(_by_class(line.parameter, parameters, date, classes), years, rule)
        elif rule.unit == RATE:
            rate = exact(parameters.value(line.parameter, date, RATE))
            kg = _kilograms(rate * area_dm2 / _DM2_PER_HA, years, rule)
        found[line.id] = Charge(kg, share)
    return found


def exact(value: float) -> Decimal:
    """A number as it is printed, so that 0.07 is seven hundredths.

    >>> exact(0.07)
    Decimal('0.07')
    """
    return Decimal(f"{value:.15g}")


def rate_keys(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[str, ...] | None]:
    """The key of each row in a table of rates; None where a column is missing a value.

    >>> rate_keys(pd.DataFrame({"species": ["杉木", None]}), ["species"])
    [('杉木',), None]
    """
    values = [frame[name].astype(object).tolist() for name in columns]
    return [
        None if any(pd.isna(part) for part in parts) else tuple(map(str, parts))
        for parts in zip(*values, strict=True)
    ]


def _by_class(
    name: str, parameters: ParameterSet, date: date, classes: pd.DataFrame | None
) -> Decimal:
    """Rate times area over the classes. [t CO2e yr-1]"""
    columns = parameters.parameter(name).keys
    if classes is None or not {*columns, "area_dm2"} <= set(classes.columns):
        raise ConfigError("E707", name=name, columns=", ".join(columns))
    area: dict[tuple[str, ...] | None, int] = {}
    for key, dm2 in zip(rate_keys(classes, columns), classes["area_dm2"].tolist(), strict=True):
        area[key] = area.get(key, 0) + int(dm2)
    total = Decimal(0)
    for key, dm2 in area.items():
        rate = exact(parameters.value(name, date, RATE, key=key or ("—",) * len(columns)))
        total += rate * dm2 / _DM2_PER_HA
    return total


def _kilograms(t_per_year: Decimal, years: NDArray[np.float64], rule: Rule) -> Ints:
    kg = [
        int((t_per_year * exact(span) * _KG_PER_T).to_integral_value(rounding=rule.rounding))
        for span in years.tolist()
    ]
    return np.array(kg, dtype=np.int64)
