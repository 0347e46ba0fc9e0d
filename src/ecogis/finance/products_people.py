"""Borrowers as a catalogue reads them: what cannot be read is told, and then it is not known."""

from collections.abc import Collection
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.finance.households_items import whole_fen
from ecogis.finance.products_places import readable_places

__all__ = ["NUMBERS", "told_people"]

NUMBERS: Final = ("age_yr", "debt_ratio", "area_mu", "sows")
"""Figures of a borrower that products set limits to; nought or more."""

_MONEY: Final = ("wanted_fen", "line_fen")
_FLAGS: Final = {True: True, False: False}


def told_people(
    borrowers: pd.DataFrame, facts: Collection[str], kinds: Collection[str], findings: Findings
) -> pd.DataFrame:
    """Every column a catalogue may ask for; missing where it is not stated or cannot be read.

    Parameters
    ----------
    borrowers : DataFrame, one row per borrower
        As `products_match.match` takes it.
    facts : collection of str
        Facts the catalogue asks for.
    kinds : collection of str
        Kinds of borrowers it has words for.
    findings : Findings
        Takes what cannot be read.

    Returns
    -------
    DataFrame, one row per borrower, in order
        ``borrower kind place``, `NUMBERS` (Float64), ``wanted_fen line_fen`` (Int64) [fen] and one
        boolean column per fact.

    Findings
    --------
    E876
        A cell is stated but cannot be read.

    Examples
    --------
    >>> given = pd.DataFrame({"borrower": ["B"], "kind": ["农户"], "place": ["浙江/丽水"]})
    >>> told_people(given, ["good_credit"], ["household"], Findings())["kind"].isna().tolist()
    [True]
    """
    given = borrowers.reset_index(drop=True)
    kind, place = given["kind"].astype("string"), given["place"].astype("string")
    readable = readable_places(place).fillna(value=False)
    told = {
        "kind": kind.where(kind.isin(list(kinds))),
        "place": place.where(readable),
    }
    absent = pd.Series(pd.NA, index=given.index, dtype="object")
    cells = {name: given.get(name, absent) for name in (*NUMBERS, *_MONEY, *facts)}
    told |= {name: _number(cells[name]) for name in NUMBERS}
    told |= {name: whole_fen(cells[name]) for name in _MONEY}
    told |= {name: _flag(cells[name]) for name in facts}
    for name, column in told.items():
        if name in given:
            wrong = (given[name].notna() & column.isna()).to_numpy(dtype=bool)
            findings.add(
                "E876", layer="borrowers", where=wrong, row=np.arange(1, len(given) + 1),
                column=name, observed=given[name], expected=_expected(name, kinds),
            )  # fmt: skip
    return pd.DataFrame({"borrower": given["borrower"]} | told)


def _number(cells: pd.Series) -> pd.Series:
    number = pd.to_numeric(cells, errors="coerce").astype("float64")
    fits = np.isfinite(number) & (number >= 0)
    return number.where(fits).astype("Float64")


def _flag(cells: pd.Series) -> pd.Series:
    """Yes, no or not known; what is neither true nor false is not known."""
    known = {cell: _FLAGS.get(cell) for cell in cells.dropna().unique() if isinstance(cell, _BOOL)}
    return cells.map(known).astype("boolean")


_BOOL: Final = bool | np.bool_


def _expected(name: str, kinds: Collection[str]) -> str:
    if name == "kind":
        return "/".join(kinds)
    if name == "place":
        return "省/市/县"
    return ">= 0" if name in NUMBERS else ">= 0, int" if name in _MONEY else "yes/no"
