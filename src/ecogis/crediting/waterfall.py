"""The crediting sum: the methodology's lines in order, each with its clause, in kilograms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError, IdentityError
from ecogis.methods import Methodology, ParameterSet

__all__ = ["RULES", "Vintage", "Waterfall", "waterfall"]

_KG_PER_T = 1000
_RATE = "t CO2e ha-1 yr-1"
_UNITS = {"emission": _RATE, "baseline": _RATE, "leakage": _RATE, "uncertainty": "1", "buffer": "1"}
_NEEDED = ("removal", "emission")


@dataclass(frozen=True, slots=True)
class Vintage:
    """What a rule may look at: the year's flows, its extent, and the sum of the lines before.

    Kilograms are whole; `area_ha` and `years` are exact decimals.
    """

    removal_kg: int
    emission_kg: int
    area_ha: Decimal
    years: Decimal
    running_kg: int


def _whole_up(kg: Decimal) -> int:
    """Whole kilograms of a deduction, never less than it."""
    return int(kg.to_integral_value(rounding=ROUND_CEILING))


def _removal(vintage: Vintage, _: Decimal) -> int:
    return vintage.removal_kg


def _by_area(vintage: Vintage, rate: Decimal) -> int:
    return -_whole_up(rate * vintage.area_ha * vintage.years * _KG_PER_T)


def _emission(vintage: Vintage, rate: Decimal) -> int:
    return _by_area(vintage, rate) - vintage.emission_kg


def _by_share(vintage: Vintage, share: Decimal) -> int:
    return -_whole_up(share * max(vintage.running_kg, 0))


Rule = Callable[[Vintage, Decimal], int]

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "removal": _removal,
        "emission": _emission,
        "baseline": _by_area,
        "leakage": _by_area,
        "uncertainty": _by_share,
        "buffer": _by_share,
    }
)
"""Rules a methodology's line may name.

``removal`` adds the year's removal (its parameter was used when carbon became CO2e); ``emission``
takes off what stands lost and the parameter's rate; ``baseline`` and ``leakage`` take off a rate
on the area; ``uncertainty`` and ``buffer`` a share of what the lines before leave, if anything.
Deductions are rounded up to the kilogram.
"""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Lines by vintage, long: ``vintage line clause zh en kg``; deductions are negative."""

    lines: pd.DataFrame

    def total(self) -> pd.DataFrame:
        """Lines of the whole crediting period and, last, their sum: ``line clause zh en kg``."""
        keys = ["line", "clause", "zh", "en"]
        table = self.lines.groupby(keys, sort=False)["kg"].sum().reset_index()
        net = int(self.lines["kg"].sum())
        last = {"line": "credit", "clause": "", "zh": "核算减排量", "en": "Reductions", "kg": net}
        rows = [*table.to_dict("records"), last]
        return pd.DataFrame(rows, columns=[*keys, "kg"])


def waterfall(
    removals: pd.DataFrame,
    methodology: Methodology,
    parameters: ParameterSet,
    *,
    area_dm2: int,
    date: date,
) -> tuple[Waterfall, pd.DataFrame]:
    """The crediting sum of every vintage.

    Parameters
    ----------
    removals : DataFrame, one row per vintage
        As ``Removals.table``.
    methodology : Methodology
        Its lines are applied in their order.
    parameters : ParameterSet
        Numbers the lines ask for, at `date`.
    area_dm2 : int
        Area of the creditable pieces. [0.01 m2]
    date : date
        Day the parameters must be in force.

    Returns
    -------
    Waterfall
        The lines with clause and sentence.
    DataFrame, one row per vintage
        ``vintage start end years removal_kg emission_kg baseline_kg leakage_kg uncertainty_kg
        buffer_kg credit_kg``, int64; all but ``credit_kg`` zero or more. A vintage that lost more
        than it gained has a negative ``credit_kg``: later ones make it up first. [kg CO2e]

    Raises
    ------
    ConfigError
        A line names an unknown rule, or removal or emission has no line.
    NotInForceError
        A parameter has no value at the date.
    IdentityError
        The lines do not add up, or credits exceed removals.
    """
    _check_lines(methodology)
    values = _asked(methodology, parameters, date)
    rows: list[dict[str, object]] = []
    net: list[dict[str, int]] = []
    for record in removals.to_dict("records"):
        amounts = _amounts(record, values, Decimal(area_dm2) / 1_000_000)
        net.append(amounts)
        rows += [
            {
                "vintage": record["vintage"],
                "line": line.id,
                "clause": line.clause,
                "zh": line.zh,
                "en": line.en,
                "kg": amounts[line.rule],
            }
            for line in methodology.lines
        ]
    lines = pd.DataFrame(rows, columns=["vintage", "line", "clause", "zh", "en", "kg"])
    lines = lines.astype({"vintage": "int64", "kg": "int64"})
    return Waterfall(lines), _table(removals, net, lines)


def _check_lines(methodology: Methodology) -> None:
    rules = [line.rule for line in methodology.lines]
    unknown = [rule for rule in rules if rule not in RULES]
    absent = [rule for rule in _NEEDED if rule not in rules]
    if unknown or absent or len(set(rules)) != len(rules):
        what = ", ".join([*unknown, *(f"{rule}?" for rule in absent)]) or "twice"
        raise ConfigError("E371", methodology=methodology.id, what=what, expected=", ".join(RULES))


def _asked(
    methodology: Methodology, parameters: ParameterSet, date: date
) -> dict[str, tuple[Rule, Decimal]]:
    """Each line's rule and the value of its parameter; exact as printed in the library."""
    found: dict[str, tuple[Rule, Decimal]] = {}
    for line in methodology.lines:
        unit = _UNITS.get(line.rule)
        value = parameters.value(line.parameter, date, unit) if unit else 0.0
        found[line.rule] = (RULES[line.rule], Decimal(repr(value)))
    return found


def _amounts(
    record: Mapping[Any, Any], values: Mapping[str, tuple[Rule, Decimal]], area_ha: Decimal
) -> dict[str, int]:
    running = 0
    amounts: dict[str, int] = {}
    for rule, (function, value) in values.items():
        vintage = Vintage(
            removal_kg=int(record["removal_kg"]),
            emission_kg=int(record["emission_kg"]),
            area_ha=area_ha,
            years=Decimal(repr(float(record["years"]))),
            running_kg=running,
        )
        amounts[rule] = function(vintage, value)
        running += amounts[rule]
    return amounts


def _table(removals: pd.DataFrame, net: list[dict[str, int]], lines: pd.DataFrame) -> pd.DataFrame:
    table = removals[["vintage", "start", "end", "years"]].copy()
    for rule in RULES:
        sign = 1 if rule == "removal" else -1
        table[f"{rule}_kg"] = np.array([sign * row.get(rule, 0) for row in net], dtype=np.int64)
    table["credit_kg"] = np.array([sum(row.values()) for row in net], dtype=np.int64)
    by_line = lines.groupby("vintage")["kg"].sum().reindex(table["vintage"], fill_value=0)
    if (by_line.to_numpy() != table["credit_kg"].to_numpy()).any():
        raise IdentityError("E372", what="lines and credits")
    if (table["credit_kg"] > table["removal_kg"]).any():
        raise IdentityError("E372", what="credits and removals")
    return table
