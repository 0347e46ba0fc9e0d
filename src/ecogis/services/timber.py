"""The first guard of plausibility: timber of a year against what may be cut and what stands."""

from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.errors import UnitError
from ecogis.core.findings import Findings
from ecogis.core.units import factor
from ecogis.numerics.rounding import quantise
from ecogis.services.guards import not_checked

__all__ = ["allowable_cut"]

_WOOD: Final = ("木材", "原木", "立木", "锯材", "圆木", "蓄积", "timber", "logs", "roundwood")


def allowable_cut(
    quantities: pd.DataFrame,
    allowable_m3: float | None,
    findings: Findings,
    *,
    standing_m3: float | None = None,
    share: float = 0.1,
) -> pd.Series:
    """Timber on record against the allowable cut of the year (PC1): rows within it.

    Parameters
    ----------
    quantities : DataFrame
        With recorded products; forest products by volume are timber, and any other that is put
        down in m3, for a stock of timber may stand under another name.
    allowable_m3 : float, optional
        The most that may be cut in the year. [m3]
    findings : Findings
        Takes timber above it.
    standing_m3 : float, optional
        What stands on the land. [m3]
    share : float
        A policy: the most of what stands that a year's cut is believed to be; timber above it is
        a stock, also where the allowable cut was stated as high. [1]

    Returns
    -------
    Series of bool
        True for rows that may count; timber above the cut may not, whole.

    Findings
    --------
    E485
        Timber of a year is more than may be cut: standing stock, or a slip of units.
    E512
        There is timber, and the allowable cut is not stated.
    E569
        Timber by mass, or a forest product without a name by mass, cannot be held against a volume.
    """
    _tell_by_mass(quantities, findings)
    timber = _timber(quantities)
    cubic = [factor(unit, "m3") for unit in quantities.loc[timber, "unit"]]
    milli = quantities.loc[timber, "quantity_milli"].to_numpy(dtype=np.float64)
    cut = int(quantise(milli * np.array(cubic, dtype=np.float64), 1.0).sum())
    if cut and allowable_m3 is None:
        not_checked("PC1", "products/forest_products", "allowable_cut_m3", findings)
    limits = [np.inf if allowable_m3 is None else allowable_m3]
    limits += [] if standing_m3 is None else [share * standing_m3]
    if cut <= min(limits) * 1000.0:
        return pd.Series(data=True, index=quantities.index)
    findings.add(
        "E485",
        layer="gep_records",
        feature="products/forest_products",
        observed=f"{cut / 1000:,.3f}",
        action="excluded",
        product="timber / 木材",
        unit="m3",
        limit=f"{min(limits):,.3f}",
        why_zh="木材产量超过年允许采伐量,或超过蓄积的可信份额",
        why="more timber than may be cut in the year, or than a year takes of what stands",
    )
    return ~timber


def _timber(quantities: pd.DataFrame) -> "pd.Series[bool]":
    """Rows of products by volume: forest products in any unit of it, others in m3."""
    unit = quantities["unit"]
    by_volume = {name: _is_volume(str(name)) for name in unit.unique()}
    forest = quantities["part"].eq("forest_products") & unit.map(by_volume).eq(other=True)
    return forest | (quantities["item"].eq("products") & unit.eq("m3"))


def _tell_by_mass(quantities: pd.DataFrame, findings: Findings) -> None:
    names = quantities["product"].astype(str).str.lower()
    wood = names.eq("") | names.str.contains("|".join(_WOOD), regex=True)
    by_volume = quantities["unit"].map(lambda unit: _is_volume(str(unit))).eq(other=True)
    at = (quantities["part"].eq("forest_products") & wood & ~by_volume).to_numpy(dtype=bool)
    for row in quantities[at].to_dict("records"):
        findings.add(
            "E569",
            layer="gep_records",
            feature=f"{row['item']}/{row['part']}",
            observed=f"{row['quantity_milli'] / 1000:,.3f}",
            product=row["product"] or row["part"],
            unit=row["unit"],
        )


def _is_volume(unit: str) -> bool:
    try:
        factor(unit, "m3")
    except UnitError:
        return False
    return True
