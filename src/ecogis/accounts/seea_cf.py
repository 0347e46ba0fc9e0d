"""SEEA Central Framework: timber in kind and in money, and land cover, from the same postings."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.accounts.asset_flows import physical_rows
from ecogis.accounts.layout import Column, Table
from ecogis.accounts.seea import seea_table
from ecogis.core.vocabulary import codes

__all__ = ["land_columns", "land_cover", "supply", "timber_physical", "timber_value"]

_SUPPLY: Final = {
    "cultivated": ("人工林", "cultivated"),
    "available": ("天然林,可供木材", "natural, available for wood supply"),
    "not_available": ("天然林,不可供木材", "natural, not available for wood supply"),
    "not_on_record": ("未记录", "not on record"),
}
_UNSEPARATED: Final = {"T22": "CF5", "T23": "CF6"}
TOTAL: Final = ("合计", "total")


def supply(rows: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Column of timber: cultivated, natural and available for wood supply or not.

    Parameters
    ----------
    rows : DataFrame
        ``origin forest_category``.

    Returns
    -------
    array of str
        Planted forest is cultivated; natural commercial forest is available; natural
        public-welfare forest is not. A policy: the last may allow tending cuts.

    Examples
    --------
    >>> forest = {"origin": ["planted", "natural"], "forest_category": ["", "public_welfare"]}
    >>> supply(pd.DataFrame(forest)).tolist()
    ['cultivated', 'not_available']
    """
    natural = rows["origin"].astype(object).eq("natural")
    category = rows["forest_category"].astype(object)
    return np.select(
        [
            rows["origin"].astype(object).eq("planted"),
            natural & category.eq("commercial"),
            natural & category.eq("public_welfare"),
        ],
        ["cultivated", "available", "not_available"],
        "not_on_record",
    ).astype(object)


def timber_physical(postings: pd.DataFrame) -> Table:
    """SEEA CF asset account of timber resources. [dm3]

    Raises
    ------
    IdentityError
        E399 when a column does not close.
    """
    flows = physical_rows(postings.assign(column=supply(postings)), "timber", ["column"])
    booked = set(flows["line_code"])
    absent = [row for line, row in _UNSEPARATED.items() if line not in booked]
    return seea_table("seea_timber", flows, _supply_columns("dm3"), absent=absent)


def timber_value(money: pd.DataFrame) -> Table:
    """SEEA CF monetary account of timber resources, without land and without carbon. [fen]

    Parameters
    ----------
    money : DataFrame
        As `money_rows` gives it, with ``asset line_code kind amount status origin
        forest_category``.

    Raises
    ------
    IdentityError
        E399 when a column does not close.
    """
    trees = money[money["asset"].isin(["M02", "M03", "M04", "M05", "M06"])]
    flows = trees.assign(column=supply(trees))
    booked = set(flows["line_code"])
    absent = [row for line, row in _UNSEPARATED.items() if line not in booked]
    return seea_table("seea_timber_value", flows, _supply_columns("fen"), absent=absent)


def land_cover(postings: pd.DataFrame) -> Table:
    """SEEA CF land cover account by land class. [dm2]

    Raises
    ------
    IdentityError
        E399 when a class does not close.
    """
    return seea_table(
        "seea_land_cover", _by_class(postings), land_columns(postings, "land", unit="dm2")
    )


def _by_class(postings: pd.DataFrame) -> pd.DataFrame:
    named = postings.assign(column=postings["land_class"].astype(object))
    return physical_rows(named, "land", ["column"])


def land_columns(postings: pd.DataFrame, account: str, *, unit: str) -> list[Column]:
    """A column for each land class an account has, in the vocabulary's order, and their total."""
    mine = postings["account"].astype(object).eq(account)
    seen = set(postings.loc[mine, "land_class"].astype(object))
    words = codes("land_class")
    known = [code for code in words if code in seen]
    other = sorted(seen - set(known))
    made = [Column(code, words[code].zh, words[code].en, unit) for code in known]
    made += [Column(code, code or "未记录", code or "not stated", unit) for code in other]
    return [*made, _total(made, unit)]


def _supply_columns(unit: str) -> list[Column]:
    made = [Column(code, zh, en, unit) for code, (zh, en) in _SUPPLY.items()]
    return [*made, _total(made, unit)]


def _total(parts: Sequence[Column], unit: str) -> Column:
    return Column("total", *TOTAL, unit, tuple((1, part.code) for part in parts))
