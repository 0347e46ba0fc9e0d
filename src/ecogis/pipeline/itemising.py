"""What is assessed, parcel by parcel: areas, carbon, reductions and a part of the value."""

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from ecogis.core.units import factor
from ecogis.numerics import largest_remainder

__all__ = ["parcel_values"]

_HA: Final = ("creditable", "pledgeable")
_KG: Final = ("co2e_kg", "credit_kg", "pledgeable_kg")
_ORDER: Final = (
    "parcel",
    "location",
    "holder",
    "certificate_no",
    "pieces",
    "area_dm2",
    "creditable_dm2",
    "pledgeable_dm2",
    "co2e_kg",
    "credit_kg",
    "pledgeable_kg",
    "value_fen",
    "pledge_value_fen",
    "value_fen_ha",
)
_FEN: Final = (("value_fen", "npv_fen"), ("pledge_value_fen", "pledge_value_fen"))


def parcel_values(tables: Mapping[str, pd.DataFrame], valuation: Mapping[str, Any]) -> pd.DataFrame:
    """The schedule of an appraisal: a row for each parcel with land of a stand, by size of value.

    The value of the right is one sum over the project; parcels share it in proportion to their
    pledgeable reductions over the crediting period, in whole fen by largest remainder, so that they
    add up to it. A policy: it does not tell early vintages from late ones.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``pieces``, ``parcels`` and ``rights`` of a run.
    valuation : mapping
        ``npv_fen`` and ``pledge_value_fen``; empty where nothing is valued. [fen]

    Returns
    -------
    DataFrame, one row per parcel
        ``parcel location holder certificate_no pieces area_dm2 creditable_dm2 pledgeable_dm2
        co2e_kg credit_kg pledgeable_kg value_fen pledge_value_fen value_fen_ha``; money is
        missing where nothing is valued, holders are missing where no right is on record.

    Examples
    --------
    >>> pieces = pd.DataFrame(
    ...     {
    ...         "parcel": ["a", "b"],
    ...         "area_dm2": [10**6] * 2,
    ...         "co2e_kg": [5, 7],
    ...         "creditable": [True, True],
    ...         "pledgeable": [True, True],
    ...         "credit_kg": [3, 1],
    ...         "pledgeable_kg": [3, 1],
    ...     }
    ... )
    >>> parcels = pd.DataFrame({"parcel": ["a", "b"], "location": ["x", "y"]})
    >>> rights = pd.DataFrame({"parcel": ["a"], "holder": ["h"], "certificate_no": ["c"]})
    >>> given = {"pieces": pieces, "parcels": parcels, "rights": rights}
    >>> parcel_values(given, {"npv_fen": 401, "pledge_value_fen": 200})["value_fen"].tolist()
    [301, 100]
    """
    pieces = tables["pieces"].dropna(subset="parcel")
    amounts = {name: pieces[name] for name in _KG} | {"area_dm2": pieces["area_dm2"], "pieces": 1}
    for name in _HA:
        amounts[f"{name}_dm2"] = pieces["area_dm2"].where(
            pieces[name].fillna(False).astype(bool), 0
        )
    found = pd.DataFrame({"parcel": pieces["parcel"], **amounts}).groupby("parcel", sort=True).sum()
    found = found.reset_index()
    for column, of in _FEN:
        found[column] = _shared(found["pledgeable_kg"], valuation.get(of))
    hectares = found["area_dm2"] * factor("dm2", "ha")
    found["value_fen_ha"] = (
        (found["value_fen"].astype("Float64") / hectares).round().astype("Int64")
    )
    found = _told(found, tables)
    order = ["value_fen", "credit_kg", "parcel"]
    # the largest parts first, of a loss too
    return found.sort_values(
        order,
        ascending=[False, False, True],
        ignore_index=True,
        key=lambda column: column.abs() if column.name == "value_fen" else column,
    )


def _shared(kg: pd.Series, total_fen: int | None) -> pd.Series:
    """A sum of money in proportion to tonnes; missing where there is none to share."""
    if total_fen is None or not kg.sum():
        return pd.Series(pd.NA, index=kg.index, dtype="Int64")
    return pd.Series(largest_remainder(kg.to_numpy(), int(total_fen)), kg.index, dtype="Int64")


def _told(found: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """With the place, the holders and the certificates of each parcel, in the order on record."""
    rights = tables["rights"].dropna(subset="parcel")
    for name in ("holder", "certificate_no"):
        known = rights.dropna(subset=name).drop_duplicates(["parcel", name])
        joined = known.groupby("parcel", sort=False)[name].agg("; ".join)
        found[name] = found["parcel"].map(joined).astype("string")
    places = tables["parcels"].drop_duplicates("parcel").set_index("parcel")
    located = places["location"] if "location" in places else pd.Series(dtype="string")
    found["location"] = found["parcel"].map(located).astype("string")
    return found[list(_ORDER)]
