"""What rules out counting a thing twice, or more than there is: each rule named, each cut shown."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from ecogis.numerics.rounding import largest_remainder
from ecogis.services.items import rules
from ecogis.services.quantities import part_codes

__all__ = ["ADJUSTMENT_COLUMNS", "less_outside", "once"]

ADJUSTMENT_COLUMNS: Final = (
    "rule",
    "zh",
    "en",
    "item",
    "part",
    "unit",
    "before_milli",
    "cut_milli",
)
_CAP: Final = ("以排放量为上限", "at most what is emitted")
_OUTSIDE: Final = ("扣除区外产品", "products from outside taken out")
_STORM: Final = ("flood_mitigation", "storm")
_WATER: Final = ("water_retention", "water")


def once(
    quantities: pd.DataFrame,
    loads: Mapping[tuple[str, str], int],
    counting: Collection[str] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Quantities in which storm water counts once and no more is taken up than is emitted.

    ``storm_once``: what vegetation holds back of storms is taken out of the water the same unit
    retains; the water retained stays at nought or above. A policy: storm water is then part of
    flood mitigation only. ``load``: where records state an emission, uptake of all units together
    is at most that, shared by largest remainder.

    Parameters
    ----------
    quantities : DataFrame
        As `land_quantities` and `recorded` give them.
    loads : mapping of (str, str) to int
        Emissions by item and part. [thousandths of the unit]
    counting : collection of str, optional
        Items that count: water is taken out for a flood item that counts as well, and for no other.
        All count where nothing is said.

    Returns
    -------
    quantities : DataFrame
        With what is counted once.
    adjustments : DataFrame
        `ADJUSTMENT_COLUMNS`: what each rule cut, in whole thousandths.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {
    ...         "item": ["water_retention", "flood_mitigation"],
    ...         "part": ["water", "storm"],
    ...         "unit_id": ["S1", "S1"],
    ...         "unit": ["m3", "m3"],
    ...         "quantity_milli": [3_000_000, 400_000],
    ...     }
    ... )
    >>> found, cut = once(table, {})
    >>> found["quantity_milli"].tolist(), cut["cut_milli"].tolist()
    ([2600000, 400000], [400000])
    """
    amounts = quantities["quantity_milli"].to_numpy(dtype=np.int64).copy()
    codes, keys = part_codes(quantities)
    place = {key: at for at, key in enumerate(keys)}
    at = {key: codes == place.get(key, -1) for key in {_WATER, _STORM, *loads}}
    both = counting is None or {_WATER[0], _STORM[0]} <= set(counting)
    rows = [_storm_once(quantities, amounts, at[_WATER], at[_STORM])] if both else []
    rows += [_capped(quantities, amounts, key, at[key], load) for key, load in loads.items()]
    made = [row for row in rows if row is not None]
    table = pd.DataFrame(made, columns=list(ADJUSTMENT_COLUMNS))
    return quantities.assign(quantity_milli=amounts), table


def less_outside(
    quantities: pd.DataFrame, outside: pd.DataFrame, *, deducted: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Quantities without what comes from outside, where the standard takes it out (I14).

    Parameters
    ----------
    quantities, outside : DataFrame
        As `recorded` gives them; rows go together by `unit_id`.
    deducted : bool
        Whether the standard deducts products from outside.

    Returns
    -------
    quantities : DataFrame
        With the amounts that count.
    adjustments : DataFrame
        `ADJUSTMENT_COLUMNS`.
    """
    if outside.empty or not deducted:
        return quantities, pd.DataFrame(columns=list(ADJUSTMENT_COLUMNS))
    cut = quantities["unit_id"].map(outside.set_index("unit_id")["quantity_milli"]).fillna(0)
    amounts = quantities["quantity_milli"] - cut.astype("int64")
    before = outside["unit_id"].map(quantities.set_index("unit_id")["quantity_milli"])
    told = outside[["item", "part", "unit"]].assign(
        rule="outside",
        zh=_OUTSIDE[0],
        en=_OUTSIDE[1],
        before_milli=before.to_numpy(dtype="int64"),
        cut_milli=outside["quantity_milli"],
    )
    table = told[list(ADJUSTMENT_COLUMNS)].reset_index(drop=True)
    return quantities.assign(quantity_milli=amounts), table


def _storm_once(quantities: pd.DataFrame, amounts: Any, water: Any, storm: Any) -> Any:
    held = dict(zip(quantities.loc[storm, "unit_id"], amounts[storm], strict=True))
    twice = np.array([held.get(unit, 0) for unit in quantities.loc[water, "unit_id"]], np.int64)
    cut = np.minimum(twice, amounts[water])
    if not cut.any():
        return None
    before = int(amounts[water].sum())
    amounts[water] -= cut
    about = rules()["storm_once"]
    return ("storm_once", about["zh"], about["en"], *_WATER, "m3", before, int(cut.sum()))


def _capped(
    quantities: pd.DataFrame, amounts: Any, key: tuple[str, str], at: Any, load: int
) -> Any:
    before = int(amounts[at].sum())
    if before <= load:
        return None
    amounts[at] = largest_remainder(amounts[at], load)
    unit = str(quantities.loc[at, "unit"].iloc[0])
    return ("load", *_CAP, *key, unit, before, before - load)
