"""Whole columns of the workbook at once: amounts in the unit shown, their total, texts."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from ecogis.report.present import KINDS, is_missing

__all__ = ["amounts", "memo"]


def amounts(values: pd.Series, kind: str) -> tuple[list[float | None], Decimal]:
    """A column in the unit of its heading, nothing where it is missing, and its exact total.

    Shares stay shares; the format of the cell shows per cent. What is counted in base units is
    added up in whole base units.

    Parameters
    ----------
    values : Series
        Source amounts.
    kind : str
        A name in `ecogis.report.present.KINDS`.

    Examples
    --------
    >>> amounts(pd.Series([150, None]), "yuan")
    ([1.5, None], Decimal('1.5'))
    """
    rule = KINDS[kind]
    there = ~values.isna().to_numpy()
    known = pd.to_numeric(values[there])
    if rule.steps > 1:
        counted = np.rint(known.to_numpy(dtype=np.float64) * rule.steps).astype(np.int64)
        shown = counted / (rule.steps * rule.per)
        total = Decimal(int(counted.sum())) / rule.steps / rule.per
    elif pd.api.types.is_integer_dtype(known.dtype):
        whole = known.to_numpy(dtype=np.int64)
        shown, total = whole / rule.per, Decimal(int(whole.sum())) / rule.per
    else:
        shown = known.to_numpy(dtype=np.float64) / rule.per
        total = sum((Decimal(str(value)) for value in known.tolist()), Decimal(0)) / rule.per
    found: list[float | None] = [None] * len(values)
    for place, value in zip(np.flatnonzero(there), shown.tolist(), strict=True):
        found[place] = value
    return found, total


def memo(make: Callable[[Any], Any], values: pd.Series) -> list[Any]:
    """What `make` gives for each value, made once for each that differs; nothing for a missing one.

    >>> memo(str.upper, pd.Series(["a", None, "a"]))
    ['A', None, 'A']
    """
    made: dict[Any, Any] = {}
    found = []
    for value in values.tolist():
        if value not in made:
            made[value] = None if is_missing(value) else make(value)
        found.append(made[value])
    return found
