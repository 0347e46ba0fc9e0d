"""The crediting sum: the methodology's lines in order, each with its clause, in kilograms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError, IdentityError
from ecogis.crediting.lines import COLUMNS, RULES, Flows, charges
from ecogis.methods import Methodology, ParameterSet

__all__ = ["Waterfall", "applied", "waterfall"]

Ints = NDArray[np.int64]

_NEEDED = ("removal", "emission")


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
    classes: pd.DataFrame | None = None,
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
    classes : DataFrame, optional
        ``area_dm2`` of the pieces and the columns a rate by class is looked up by, for
        methodologies with a line ``baseline_by_class``. [0.01 m2, 1]

    Returns
    -------
    Waterfall
        The lines with clause and sentence.
    DataFrame, one row per vintage
        ``vintage start end years removal_kg emission_kg baseline_kg leakage_kg uncertainty_kg
        buffer_kg cap_kg credit_kg``, int64; all but ``credit_kg`` zero or more. A vintage that
        lost more than it gained has a negative ``credit_kg``: later ones make it up first.
        [kg CO2e]

    Raises
    ------
    ConfigError
        A line names an unknown rule, or removal or emission has no line; classes are needed and
        not given.
    NotInForceError
        A parameter has no value at the date.
    IdentityError
        The lines do not add up, or credits exceed removals.

    Examples
    --------
    A tenth held back of ten tonnes, as the afforestation methodology does:

    >>> from ecogis.methods import methodology, parameters
    >>> used = methodology("CCER-14-001-V01")
    >>> numbers = parameters(used.parameters["crediting"])
    >>> year = {"vintage": [2025], "start": ["2025-01-01"], "end": ["2026-01-01"], "years": [1.0]}
    >>> flows = pd.DataFrame(year | {"removal_kg": [10_000], "emission_kg": [0]})
    >>> day = pd.Timestamp("2026-08-31").date()
    >>> waterfall(flows, used, numbers, area_dm2=1, date=day)[1]["credit_kg"].tolist()
    [9000]
    """
    flows = [removals[f"{name}_kg"].to_numpy(dtype=np.int64) for name in _NEEDED]
    years = removals["years"].to_numpy(dtype=np.float64)
    amounts = applied(
        flows[0],
        flows[1],
        methodology,
        parameters,
        years=years,
        area_dm2=area_dm2,
        date=date,
        classes=classes,
    )
    lines = _lines(removals, methodology, amounts)
    return Waterfall(lines), _table(removals, methodology, amounts, lines)


def applied(
    removal_kg: Ints,
    emission_kg: Ints,
    methodology: Methodology,
    parameters: ParameterSet,
    *,
    years: NDArray[np.float64],
    area_dm2: int,
    date: date,
    classes: pd.DataFrame | None = None,
) -> dict[str, Ints]:
    """What each line adds, by its identifier; the flows' last axis is the vintage. [kg CO2e]

    Parameters
    ----------
    removal_kg, emission_kg : array (..., vintage), int64
        Flows of each vintage, both zero or more; draws may stand before the vintage. [kg CO2e]
    methodology, parameters, area_dm2, date, classes
        As in `waterfall`.
    years : array (vintage)
        Length of each vintage. [yr]

    Returns
    -------
    dict of str to array (..., vintage), int64
        Removal positive, deductions negative. [kg CO2e]
    """
    _check_lines(methodology)
    asked = charges(
        methodology.lines, parameters, years=years, area_dm2=area_dm2, date=date, classes=classes
    )
    running = np.zeros(removal_kg.shape, dtype=np.int64)
    amounts: dict[str, Ints] = {}
    for line in methodology.lines:
        flows = Flows(removal_kg, emission_kg, running)
        amounts[line.id] = RULES[line.rule].amount(flows, asked[line.id])
        running = running + amounts[line.id]
    return amounts


def _check_lines(methodology: Methodology) -> None:
    rules = [line.rule for line in methodology.lines]
    unknown = [rule for rule in rules if rule not in RULES]
    absent = [rule for rule in _NEEDED if rule not in rules]
    if unknown or absent or len(set(rules)) != len(rules):
        what = ", ".join([*unknown, *(f"{rule}?" for rule in absent)]) or "twice"
        raise ConfigError("E371", methodology=methodology.id, what=what, expected=", ".join(RULES))


def _lines(
    removals: pd.DataFrame, methodology: Methodology, amounts: dict[str, Ints]
) -> pd.DataFrame:
    rows = [
        {
            "vintage": vintage,
            "line": line.id,
            "clause": line.clause,
            "zh": line.zh,
            "en": line.en,
            "kg": int(amounts[line.id][row]),
        }
        for row, vintage in enumerate(removals["vintage"].tolist())
        for line in methodology.lines
    ]
    table = pd.DataFrame(rows, columns=["vintage", "line", "clause", "zh", "en", "kg"])
    return table.astype({"vintage": "int64", "kg": "int64"})


def _table(
    removals: pd.DataFrame,
    methodology: Methodology,
    amounts: dict[str, Ints],
    lines: pd.DataFrame,
) -> pd.DataFrame:
    table = removals[["vintage", "start", "end", "years"]].copy()
    for column in COLUMNS:
        sign = 1 if column == "removal_kg" else -1
        mine = [line.id for line in methodology.lines if RULES[line.rule].column == column]
        total = sum((amounts[name] for name in mine), np.zeros(len(table), dtype=np.int64))
        table[column] = sign * total
    table["credit_kg"] = sum(amounts.values(), np.zeros(len(table), dtype=np.int64))
    by_line = lines.groupby("vintage")["kg"].sum().reindex(table["vintage"], fill_value=0)
    if (by_line.to_numpy() != table["credit_kg"].to_numpy()).any():
        raise IdentityError("E372", what="lines and credits")
    if (table["credit_kg"] > table["removal_kg"]).any():
        raise IdentityError("E372", what="credits and removals")
    return table
