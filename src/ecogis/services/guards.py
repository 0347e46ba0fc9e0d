"""Guards of plausibility: errors of 7 to 90 times in prices and units, made impossible to miss.

Each limit is a policy with its reason in the table of checks PC1 to PC16; PC1 is `allowable_cut`,
PC7 the account's `spread`, PC4 `physical_total`, PC13 `ecogis.services.vep`, PC12 the range of
every input.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd

from ecogis.core.errors import UnitError
from ecogis.core.findings import Findings
from ecogis.services.formulas import evaporation_energy
from ecogis.services.inputs import LandInputs
from ecogis.services.quantities import CARBON, OXYGEN

__all__ = [
    "area_unit",
    "carbon_claimed_once",
    "evaporation_efficiency",
    "industrial_water",
    "not_checked",
    "oxygen_ratio",
    "physical_total",
    "soil",
    "water_beside_forest",
]

_RATIOS: Final = {
    100.0: ("平方公里当作公顷", "km2 for ha, or ha for km2"),
    0.01: ("公顷当作平方公里", "km2 for ha, or ha for km2"),
    15.0: ("亩当作公顷", "mu for ha"),
    1 / 15.0: ("公顷当作亩", "ha for mu"),
    6.07: ("亩译作英亩(1 英亩 = 6.07 亩)", "acres for mu: an acre is 6.07 mu"),
    1 / 2.471: ("英亩当作公顷", "acres for ha"),
    2.471: ("英亩当作公顷", "acres for ha"),
}


def soil(
    inputs: LandInputs,
    findings: Findings,
    *,
    high: float = 500.0,
    impossible: float = 1500.0,
    densities: tuple[float, float] = (0.8, 1.8),
) -> np.ndarray:
    """Soil kept and its density, unit by unit (PC2, PC3): units whose soil may count.

    Parameters
    ----------
    inputs : LandInputs
        Units and their variables.
    findings : Findings
        Takes what is implausible.
    high, impossible : float
        A policy: soil kept above which a unit is looked at, and not counted. [t ha-1 yr-1]
    densities : tuple of float
        A policy: what mineral soils weigh. [t m-3]

    Returns
    -------
    array of bool
        False for units whose soil is impossible.

    Findings
    --------
    E486, E487
        Soil kept on a hectare is high, or impossible.
    E488
        The bulk density is not one of mineral soil.
    """
    kept, density = inputs["soil_retained_t_ha"][0], inputs["bulk_density"][0]
    with np.errstate(invalid="ignore"):
        worst, much = kept > impossible, (kept > high) & (kept <= impossible)
        odd = (density < densities[0]) | (density > densities[1])
    span = {"low": densities[0], "high": densities[1]}
    name = "soil_retained_t_ha"
    _tell_units("E486", inputs, much, findings, column=name, seen=kept, limit=f"{high:g}")
    _tell_units("E487", inputs, worst, findings, column=name, seen=kept, limit=f"{impossible:g}")
    _tell_units("E488", inputs, odd, findings, column="bulk_density", seen=-density, **span)
    return np.asarray(~worst)


def _tell_units(
    code: str,
    inputs: LandInputs,
    where: Any,
    findings: Findings,
    *,
    column: str,
    seen: Any,
    **values: Any,
) -> None:
    """One finding for all units of a fault: how many, how large, and the worst of them."""
    if not where.any():
        return
    hectares = float(inputs.area_ha[where].sum())
    findings.add(
        code,
        layer="gep",
        feature=str(inputs.units.index[where][int(np.argmax(seen[where]))]),
        column=column,
        observed=f"{abs(float(seen[where].max())):,.2f}",
        area_ha=hectares,
        action="excluded" if code == "E487" else "kept",
        number=int(where.sum()),
        ha=f"{hectares:,.2f}",
        **values,
    )


def not_checked(check: str, feature: str, key: str, findings: Findings) -> int:
    """Tell of a check that could not be made, since the project does not state what it needs.

    Parameters
    ----------
    check : str
        Check, as ``PC1``.
    feature : str
        What was to be checked.
    key : str
        Key of the project file that is not stated.
    findings : Findings
        Takes it.

    Returns
    -------
    int
        Findings made.

    Findings
    --------
    E512
        The check was not made.
    """
    return findings.add("E512", layer="gep", feature=feature, column=f"gep.{key}", check=check)


def physical_total(quantities: pd.DataFrame) -> int:
    """Sum of quantities of one unit (PC4). [thousandths of the unit]

    Raises
    ------
    UnitError
        E489: the rows have several units.

    Examples
    --------
    >>> table = pd.DataFrame({"quantity_milli": [1000, 500], "unit": ["t", "m3"]})
    >>> physical_total(table)
    Traceback (most recent call last):
    ecogis.core.errors.UnitError: E489 ...
    >>> physical_total(table.assign(unit="t"))
    1500
    """
    units = sorted(set(quantities["unit"]))
    if len(units) > 1:
        raise UnitError("E489", units=", ".join(units))
    return int(quantities["quantity_milli"].sum())


def oxygen_ratio(
    quantities: pd.DataFrame, findings: Findings, *, span: tuple[float, float] = (0.70, 0.76)
) -> None:
    """Oxygen over carbon dioxide of the same production (PC5).

    Findings
    --------
    E491
        The ratio is not about 32 to 44.
    """
    sums = quantities.groupby(["item", "part"])["quantity_milli"].sum()
    if CARBON not in sums.index or OXYGEN not in sums.index or not sums[CARBON]:
        return
    ratio = float(sums[OXYGEN] / sums[CARBON])
    if not span[0] <= ratio <= span[1]:
        findings.add("E491", layer="gep", feature="oxygen_release", observed=f"{ratio:.2f}",
                     low=span[0], high=span[1])  # fmt: skip


def industrial_water(
    quantities: pd.DataFrame,
    population: float | None,
    findings: Findings,
    *,
    limit: float = 1000.0,
) -> int:
    """Industrial water a head (PC6).

    Parameters
    ----------
    quantities : DataFrame
        With ``water_industry`` in m3.
    population : float, optional
        People of the area; where it is not stated, that is told. [1]
    findings : Findings
        Takes an outlier.
    limit : float
        A policy: water a head and year above which a slip of units is likely. [m3]

    Returns
    -------
    int
        Findings made.

    Findings
    --------
    E492
        More industrial water a head than the limit.
    E512
        There is industrial water, and the population is not stated.
    """
    used = quantities.loc[quantities["part"].eq("water_industry"), "quantity_milli"].sum() / 1000.0
    if used and not population:
        return not_checked("PC6", "water_supply/water_industry", "population", findings)
    if not population or used / population <= limit:
        return 0
    return findings.add(
        "E492",
        layer="gep_records",
        feature="water_supply/water_industry",
        observed=f"{used / population:,.0f}",
        limit=f"{limit:,.0f}",
    )


def water_beside_forest(quantities: pd.DataFrame, findings: Findings) -> int:
    """Tell of water retained by built-up land and open water: a value for all land was used there.

    Parameters
    ----------
    quantities : DataFrame
        With ``water_retention`` in m3.
    findings : Findings
        Takes it.

    Returns
    -------
    int
        Findings made.

    Findings
    --------
    E571
        Such land retains water; lakes and reservoirs stand under flood mitigation.
    """
    where = quantities["ecosystem"].isin(["built_up", "water", "lake", "reservoir"])
    rows = quantities[where & quantities["item"].eq("water_retention")]
    if not rows["quantity_milli"].sum():
        return 0
    return findings.add(
        "E571",
        layer="gep",
        feature="water_retention/water",
        observed=f"{rows['quantity_milli'].sum() / 1000:,.0f}",
        number=len(rows),
    )


def evaporation_efficiency(
    constants: Mapping[str, float], findings: Findings, *, limit: float = 500.0
) -> None:
    """Electricity for a cubic metre evaporated (PC8): 347 kWh with a COP of 3, 801 without.

    Findings
    --------
    E494
        More electricity for a cubic metre than `limit`: the efficiency was left out.
    """
    names = ("cooling_efficiency", "latent_heat", "humidifier_energy")
    energy = evaporation_energy(*(constants[name] for name in names))
    if energy > limit:
        findings.add("E494", layer="gep", feature="local_climate/evaporation",
                     observed=f"{energy:.0f}", limit=f"{limit:.0f}")  # fmt: skip


def carbon_claimed_once(
    quantities: pd.DataFrame, claim: str, claimed_kg: int, findings: Findings
) -> int:
    """A tonne is claimed once (PC11): carbon sold in a product and credited or pledged too.

    Parameters
    ----------
    quantities : DataFrame
        With carbon.
    claim : {"account", "sale"}
        Whether carbon is only shown, or sold as an ecosystem product.
    claimed_kg : int
        What of the same land is credited or pledged in the year. [kg CO2e]
    findings : Findings
        Takes a second claim.

    Returns
    -------
    int
        Findings made.

    Findings
    --------
    E497
        Carbon is sold and claimed elsewhere.
    """
    ours = quantities["item"].eq(CARBON[0])
    kilograms = int(quantities.loc[ours, "quantity_milli"].sum())
    if claim != "sale" or claimed_kg <= 0:
        return 0
    return findings.add(
        "E497",
        layer="gep",
        feature="carbon_fixation",
        observed=f"{kilograms / 1000:,.3f}",
        claimed=f"{claimed_kg / 1000:,.3f}",
    )


def area_unit(
    stated_ha: float,
    measured_ha: float,
    what: tuple[str, str],
    findings: Findings,
    *,
    tolerance: float = 0.05,
) -> bool:
    """An area on record against the layer's own (PC14, PC15).

    Parameters
    ----------
    stated_ha, measured_ha : float
        Area on record and of the layer. [ha]
    what : tuple of str
        What has the area, in Chinese and English.
    findings : Findings
        Takes an area in another unit.
    tolerance : float
        A policy: share by which the two may differ. [1]

    Returns
    -------
    bool
        Whether the two agree.

    Findings
    --------
    E498
        They do not; the unit it probably is in is named.

    Examples
    --------
    1.676 million mu put down as hectares:

    >>> found = Findings()
    >>> area_unit(1_676_000.0, 111_733.3, ("林地", "forest land"), found)
    False
    >>> print(found.table()["message_en"].iloc[0])
    The area of forest land, 1,676,000.00 ha, is about 15 times the 111,733.30 ha of ... mu for ha.
    """
    ratio = stated_ha / measured_ha if measured_ha > 0.0 else np.inf
    if abs(ratio - 1.0) <= tolerance:
        return True
    like = (why for known, why in _RATIOS.items() if abs(ratio / known - 1.0) <= tolerance)
    zh, en = next(like, ("二者不符", "the two do not agree"))
    findings.add(
        "E498",
        layer="gep",
        observed=f"{stated_ha:,.2f}",
        measured=f"{measured_ha:,.2f}",
        ratio=f"{ratio:.3g}",
        what_zh=what[0],
        what=what[1],
        why_zh=zh,
        why=en,
    )
    return False
