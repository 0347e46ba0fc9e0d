"""What a methodology takes off for uncertainty: a share that grows with the relative margin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from itertools import pairwise

import numpy as np

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.units import share as share_of_one
from ecogis.methods import ParameterSet

__all__ = ["DeductionTable", "deduction", "deduction_table", "discounted_kg"]


@dataclass(frozen=True, slots=True)
class DeductionTable:
    """Grades of relative margin and what each takes off.

    A margin `u` falls in the first grade whose upper end is not below it; the share taken off is
    ``shares[grade] + of_margin[grade] * u``, at most one. A table that is supplied is made here.

    Parameters
    ----------
    name : str
        Where it is from: ``id@edition`` or the words of who supplies it.
    up_to : tuple of float
        Upper ends, rising and included; the last may be infinite. [1]
    shares, of_margin : tuple of float
        Share of the estimate, and part of the margin itself. [1]

    Raises
    ------
    ConfigError
        Grades do not rise, are of unlike number, or a larger margin would take off less.

    Examples
    --------
    >>> DeductionTable("ours", (0.1, 0.2), (0.0, 0.05), (0.0, 0.0)).name
    'ours'
    """

    name: str
    up_to: tuple[float, ...]
    shares: tuple[float, ...]
    of_margin: tuple[float, ...]

    def __post_init__(self) -> None:
        counts = {len(self.up_to), len(self.shares), len(self.of_margin)}
        values = (*self.shares, *self.of_margin)
        rises = all(low < high for low, high in pairwise((0.0, *self.up_to)))
        if counts != {len(self.up_to)} or not self.up_to or not rises:
            raise ConfigError("E763", name=self.name, what="up_to")
        if not all(0.0 <= value <= 1.0 for value in values):
            raise ConfigError("E763", name=self.name, what="shares, of_margin")
        for grade, end in enumerate(self.up_to[:-1]):
            if self._share(grade, end) > self._share(grade + 1, end):
                raise ConfigError("E763", name=self.name, what=f"up_to > {end:g}")

    def _share(self, grade: int, margin: float) -> float:
        part = self.of_margin[grade] * margin if self.of_margin[grade] else 0.0
        return min(self.shares[grade] + part, 1.0)

    def at(self, relative_margin: float) -> float | None:
        """The share taken off at a margin; None beyond the last grade. [1]"""
        grade = int(np.searchsorted(self.up_to, relative_margin, side="left"))
        return self._share(grade, relative_margin) if grade < len(self.up_to) else None


def deduction_table(numbers: ParameterSet, day: date) -> DeductionTable:
    """A methodology's table of deductions, from a parameter set of the library.

    Parameters
    ----------
    numbers : ParameterSet
        A set with the columns ``error_up_to deduction of_margin`` by grade, such as
        ``uncertainty-deductions-ar-cm``; a grade without ``error_up_to`` has no upper end.
    day : date
        Day it must be in force.

    Returns
    -------
    DeductionTable

    Raises
    ------
    ConfigError
        The set has no such columns, or they make no table.
    NotInForceError
        Nothing is in force on the day.

    Examples
    --------
    >>> from ecogis.methods import parameters
    >>> table = deduction_table(parameters("uncertainty-deductions-ar-cm"), date(2026, 8, 31))
    >>> table.up_to, table.shares
    ((0.1, 0.2, 0.3), (0.0, 0.06, 0.11))
    """
    shares = numbers.table("deduction", day, "1")
    ends = numbers.table("error_up_to", day, "1").reindex(shares.index, fill_value=np.inf)
    parts = numbers.table("of_margin", day, "1").reindex(shares.index, fill_value=0.0)
    order = ends.sort_values(kind="stable").index
    up_to, share, of_margin = (
        tuple(column.reindex(order).astype(float).tolist()) for column in (ends, shares, parts)
    )
    return DeductionTable(numbers.label, up_to, share, of_margin)


def deduction(
    relative_margin: float, table: DeductionTable, findings: Findings | None = None
) -> float | None:
    """Share of an estimate taken off for its uncertainty.

    Parameters
    ----------
    relative_margin : float
        Half-width of the interval over the estimate, at the confidence the methodology names;
        missing where it is not known. [1]
    table : DeductionTable
        The methodology's table. Where a methodology's is not known it has to be supplied: there
        is no default.
    findings : Findings, optional
        Grows by the finding below.

    Returns
    -------
    float or None
        The share, never less for a larger margin; None where the table has none: nothing can be
        credited on such an estimate, and more plots are needed. [1]

    Raises
    ------
    ConfigError
        The margin is negative.

    Findings
    --------
    E762
        The margin is not known or beyond the last grade.

    Examples
    --------
    >>> steps = DeductionTable("steps", (0.1, 0.2, 0.3), (0.0, 0.06, 0.11), (0.0, 0.0, 0.0))
    >>> [deduction(margin, steps) for margin in (0.1, 0.15, 0.31)]
    [0.0, 0.06, None]
    """
    if relative_margin < 0:
        raise ConfigError("E763", name=table.name, what=f"relative_margin = {relative_margin:g}")
    share = None if np.isnan(relative_margin) else table.at(relative_margin)
    if share is None and findings is not None:
        findings.add(
            "E762",
            layer="project",
            column="relative_margin",
            observed="" if np.isnan(relative_margin) else f"{relative_margin:.4f}",
            expected=f"<= {table.up_to[-1]:g}",
            action="excluded",
            v="—" if np.isnan(relative_margin) else f"{100 * relative_margin:.1f} %",
            limit=f"{100 * table.up_to[-1]:g} %",
            table=table.name,
        )
    return share


def discounted_kg(kg: int, share: float, *, baseline: bool = False) -> int:
    """An estimate less its deduction; a baseline is raised by it instead.

    Whatever the sign of the change, the deduction makes credits smaller: a gain becomes less, a
    loss more. It is rounded up to the kilogram.

    Parameters
    ----------
    kg : int
        Stock or change. [kg CO2e]
    share : float
        From `deduction`. [1]
    baseline : bool
        The estimate is taken off credits, not added.

    Returns
    -------
    int
        [kg CO2e]

    Raises
    ------
    UnitError
        The share is not between 0 and 1.

    Examples
    --------
    >>> (
    ...     discounted_kg(1_000, 0.06),
    ...     discounted_kg(-1_000, 0.06),
    ...     discounted_kg(1_000, 0.06, baseline=True),
    ... )
    (940, -1060, 1060)
    """
    part = Decimal(repr(share_of_one(share, "deduction"))) * abs(kg)
    whole = int(part.to_integral_value(rounding=ROUND_CEILING))
    return kg + whole if baseline else kg - whole
