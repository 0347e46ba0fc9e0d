"""Carbon of bamboo and shrubs: land that holds carbon without stem volume."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from ecogis.core.errors import UnitError
from ecogis.core.findings import Findings
from ecogis.core.periods import day, years_between
from ecogis.core.vocabulary import require
from ecogis.growth.curves import CurveSet
from ecogis.growth.stands import followed
from ecogis.methods import ParameterSet

__all__ = ["bamboo_carbon", "carbon_density", "shrub_carbon"]

Floats = NDArray[np.float64]


def carbon_density(
    stands: pd.DataFrame, instants: Sequence[date], curves: CurveSet, findings: Findings
) -> xr.DataArray:
    """Carbon of living plants by stand and day, straight from curves of carbon over age.

    The curve is taken as it stands: there is no surveyed carbon to scale it by.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        ``stand species age_yr survey_date``.
    instants : sequence of date
        Days.
    curves : CurveSet
        Curves in t C ha-1, such as ``curve_set("growth-bamboo-shrub", day, unit="t C ha-1")``.
    findings : Findings
        Grows by E252 and E256.

    Returns
    -------
    DataArray (stand, instant), float64
        Missing where the stand has no curve, age or survey date. [t C ha-1]

    Raises
    ------
    UnitError
        The curves do not stand in t C ha-1.

    Findings
    --------
    E252, E256
        No curve for the species; no age or survey date.

    Examples
    --------
    >>> from ecogis.growth.library import curve_set
    >>> curves = curve_set("growth-bamboo-shrub", date(2026, 8, 31), unit="t C ha-1")
    >>> stands = pd.DataFrame(
    ...     {"stand": ["B"], "species": ["毛竹"], "age_yr": [4], "survey_date": ["2020-01-01"]}
    ... )
    >>> found = carbon_density(stands, [date(2020, 1, 1), date(2030, 1, 1)], curves, Findings())
    >>> found.values.round(2).tolist()  # half-way to ripe, then constant
    [[11.89, 23.78]]
    """
    if curves.unit != "t C ha-1":
        raise UnitError("E005", a=curves.unit, b="t C ha-1")
    require(stands, ("stand", "species", "age_yr", "survey_date", *curves.keys), "stands")
    names = followed(stands, curves)
    ages = stands["age_yr"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    surveyed = pd.to_datetime(stands["survey_date"])
    aged = ~np.isnan(ages) & surveyed.notna().to_numpy(dtype=bool)
    has = names.notna().to_numpy(dtype=bool)
    for code, where in (("E252", ~has), ("E256", has & ~aged)):
        findings.add(
            code,
            layer="stands",
            where=where,
            feature=stands["stand"],
            row=stands.get("row"),
            column="species" if code == "E252" else "age_yr",
            observed=stands["species"],
            action="excluded",
            species=stands["species"],
        )
    days = [day(instant) for instant in instants]
    out = np.full((len(stands), len(days)), np.nan)
    by_name = {curve.name: curve for curve in curves.curves}
    keys = [names.array, surveyed.array]
    for (name, stamp), members in stands.reset_index().groupby(keys, sort=False):
        rows = members.index.to_numpy()
        years = np.array([years_between(day(stamp), end) for end in days])
        at = ages[rows][:, None] + years
        sound = ~np.isnan(at)
        out[rows] = np.where(sound, by_name[str(name)].at(np.where(sound, at, 0.0)), np.nan)
    return xr.DataArray(
        out,
        coords={
            "stand": stands["stand"].to_numpy(dtype=object),
            "instant": np.array(days, dtype="datetime64[ns]"),
        },
        dims=("stand", "instant"),
        name="carbon_density",
        attrs={"units": "t C ha-1", "long_name": "carbon of living plants", "curves": curves.label},
    )


def bamboo_carbon(culms_ha: ArrayLike, library: ParameterSet, day: date) -> Floats:
    """Carbon of a bamboo stand from its culms by degree (度, about two years each).

    Parameters
    ----------
    culms_ha : array (stand, 3)
        Culms of degree I, II, and III or more. [ha-1]
    library : ParameterSet
        An edition of ``growth-bamboo-shrub``.
    day : date
        Day the values must be in force.

    Returns
    -------
    array (stand), float64
        Carbon of whole culms. [t C ha-1]

    Examples
    --------
    >>> from ecogis.methods import parameters
    >>> library = parameters("growth-bamboo-shrub")
    >>> bamboo_carbon([[1000, 1000, 1000]], library, date(2026, 8, 31)).round(3).tolist()
    [27.911]
    """
    degrees = ("I", "II", "III")
    mass = library.table("culm_mass", day, "kg", degrees)
    share = library.table("culm_carbon_fraction", day, "t C t-1", degrees)
    each = np.array([mass[name] * share[name] for name in degrees]) / 1000.0
    return np.asarray(np.atleast_2d(np.asarray(culms_ha, dtype=np.float64)) @ each)


def shrub_carbon(
    cover: ArrayLike, forest_biomass: ArrayLike, library: ParameterSet, day: date
) -> Floats:
    r"""Carbon of shrubs from their cover, above and below ground.

    .. math:: C = BDR \cdot B_{forest} \cdot c \cdot (1 + R) \cdot CF

    Parameters
    ----------
    cover : array
        Cover of shrubs, a share. [1]
    forest_biomass : array
        Above-ground biomass of the region's forest. [t DM ha-1]
    library : ParameterSet
        An edition of ``growth-bamboo-shrub``.
    day : date
        Day the values must be in force.

    Returns
    -------
    array, float64
        Below the least cover zero. [t C ha-1]

    References
    ----------
    .. [1] UNFCCC, AR-TOOL14, "Estimation of carbon stocks and change in carbon stocks of trees and
       shrubs in A/R CDM project activities."

    Examples
    --------
    >>> from ecogis.methods import parameters
    >>> library = parameters("growth-bamboo-shrub")
    >>> found = shrub_carbon([0.5, 0.04], 100.0, library, date(2026, 8, 31))
    >>> found.round(2).tolist()  # 0.1 x 100 x 0.5 x 1.4 x 0.47
    [3.29, 0.0]
    """
    share = library.value("shrub_share_of_forest", day, "1")
    roots = library.value("shrub_root_shoot_ratio", day, "1")
    carbon = library.value("shrub_carbon_fraction", day, "t C t-1")
    least = library.value("shrub_least_cover", day, "1")
    covered = np.asarray(cover, dtype=np.float64)
    biomass = share * np.asarray(forest_biomass, dtype=np.float64) * covered
    return np.asarray(np.where(covered < least, 0.0, biomass * (1.0 + roots) * carbon))
