"""Figures of an area that add up: whole numbers in one long table, and their sums."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from ecogis.core.errors import IdentityError

__all__ = ["FIGURE_COLUMNS", "TOTALS", "added", "figures_of", "fits"]

FIGURE_COLUMNS: Final = ("table", "line", "column", "unit", "amount")
"""Table and line of it, column, unit, and the amount in int64."""

TOTALS: Final = "totals"
"""The table of headline totals."""

COUNT: Final = "1"
_TABLES: Final = {  # tables whose whole-number columns add up over areas, by the column of lines
    "area_by_class": "land_class",
    "stock_by_species": "species",
    "stock_by_age": "age_group",
    "vintages": "vintage",
    "issuances": "issuance_date",
    "pledgeable_issuances": "issuance_date",
}
_UNITS: Final = ("dm2", "dm3", "kg", "t", "fen")
_HA, _M3 = "_ha", "_m3"
_LARGEST: Final = 2**62


def figures_of(tables: Mapping[str, pd.DataFrame], totals: Mapping[str, Any]) -> pd.DataFrame:
    """What of an area's results adds up over areas.

    Areas and volumes come as whole square decimetres and cubic decimetres. What does not add up,
    such as quantiles and prices, is not among them.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        Tables of a result, of which those that add up are taken.
    totals : mapping
        Headline totals; ``_ha`` and ``_m3`` become dm2 and dm3.

    Returns
    -------
    DataFrame, one row per figure
        `FIGURE_COLUMNS`.

    Examples
    --------
    >>> figures_of({}, {"stands": 2, "area_ha": 1.5})[["column", "unit", "amount"]].values.tolist()
    [['stands', '1', 2], ['area', 'dm2', 1500000]]
    """
    rows = [(TOTALS, "", *_whole(name, value)) for name, value in totals.items()]
    for name, line in _TABLES.items():
        if name in tables and line in tables[name]:
            rows += _of_table(name, line, tables[name])
    found = pd.DataFrame(rows, columns=list(FIGURE_COLUMNS))
    return found.astype(dict.fromkeys(FIGURE_COLUMNS[:-1], "string") | {"amount": "int64"})


def _whole(name: str, value: float) -> tuple[str, str, int]:
    """Column, unit and whole amount of a total."""
    if name.endswith(_HA):
        return name.removesuffix(_HA), "dm2", round(value * 1_000_000)
    if name.endswith(_M3):
        return name.removesuffix(_M3), "dm3", round(value * 1_000)
    return *_column(name), int(value)


def _column(name: str) -> tuple[str, str]:
    stem, _, unit = name.rpartition("_")
    return (stem, unit) if stem and unit in _UNITS else (name, COUNT)


def _of_table(name: str, line: str, table: pd.DataFrame) -> list[tuple[Any, ...]]:
    lines = table[line].astype("string").fillna("").tolist()
    whole = [c for c in table if c != line and str(table[c].dtype) in {"int64", "Int64"}]
    return [
        (name, key, *_column(str(column)), int(amount))
        for column in whole
        for key, amount in zip(lines, table[column].fillna(0).tolist(), strict=True)
    ]


def added(parts: pd.DataFrame, by: list[str], amount: str = "amount") -> pd.DataFrame:
    """Exact sums of an int64 column by the columns named, in their order.

    Raises
    ------
    IdentityError
        E519 a sum might pass what int64 holds.

    Examples
    --------
    >>> parts = pd.DataFrame({"unit": ["kg", "t", "kg"], "amount": [1, 2, 3]})
    >>> added(parts, ["unit"])["amount"].tolist()
    [4, 2]
    """
    fits(parts[amount])
    return parts.groupby(by, sort=True, dropna=False, observed=True)[amount].sum().reset_index()


def fits(amounts: pd.Series) -> None:
    """Refuse whole amounts some of which might add up to more than int64 holds.

    Raises
    ------
    IdentityError
        E519 a sum might pass what int64 holds.

    Examples
    --------
    >>> fits(pd.Series([2**61, -(2**61)]))
    Traceback (most recent call last):
    ecogis.core.errors.IdentityError: E519 待汇总数值的绝对值合计为 4.6e+18,超过 int64 ...
    """
    every = float(np.abs(amounts.to_numpy(dtype=np.float64)).sum())
    if every >= _LARGEST:
        raise IdentityError("E519", value=f"{every:.1e}", limit=f"{_LARGEST:.1e}")
