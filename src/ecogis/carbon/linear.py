"""Biomass as a straight line of standing volume, where volume is not small."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.units import share
from ecogis.core.vocabulary import require
from ecogis.methods import ParameterSet
from ecogis.numerics import quantise

__all__ = ["linear_biomass", "linear_stocks"]

_KG_PER_T = 1000.0
_HA_PER_DM2 = 1e-6


def linear_biomass(
    volume: xr.DataArray,
    stands: pd.DataFrame,
    library: ParameterSet,
    date: date,
    findings: Findings,
    *,
    intercept_share: float = 0.5,
) -> xr.DataArray:
    """Biomass of trees by ``B = a V + b``.

    The intercept stands for 3 to 46 t of biomass that are there without any volume. So the line
    is used only where volume makes up the greater part of what it says; below, nothing is said.

    Parameters
    ----------
    volume : DataArray (stand, instant), float64
        Standing volume. [m3 ha-1]
    stands : DataFrame, one row per stand
        Columns ``stand species``, in the order of `volume`.
    library : ParameterSet
        Set with ``linear_a linear_b`` by forest type and ``forest_type`` by species, such as
        ``volume-biomass-linear``.
    date : date
        Day the values must be in force.
    findings : Findings
        Grows by the findings below.
    intercept_share : float
        Largest share of the intercept in the biomass. A policy. [1]

    Returns
    -------
    DataArray (stand, instant), float64
        Biomass of the whole trees; zero where the volume is, missing where the line is not used.
        [t DM ha-1]

    Raises
    ------
    ConfigError
        E266: the stands are not the same.

    Findings
    --------
    E675
        The volume is too small for the line at some instant; missing there.
    E677
        The species has no line; excluded.

    Examples
    --------
    >>> from ecogis.methods import parameters
    >>> volume = xr.DataArray(
    ...     [[100.0, 10.0]], {"stand": ["S"], "instant": [0, 1]}, ("stand", "instant")
    ... )
    >>> stands = pd.DataFrame({"stand": ["S"], "species": ["杉木"]})
    >>> linear_biomass(
    ...     volume, stands, parameters("volume-biomass-linear"), date(2026, 8, 31), Findings()
    ... ).to_numpy().round(3).tolist()  # 0.4652 · 100 + 19.141; at 10 m3 80 % would be intercept
    [[65.661, nan]]
    """
    require(stands, ("stand", "species"), "stands")
    if stands["stand"].tolist() != volume["stand"].to_numpy().tolist():
        raise ConfigError("E266", what="volume")
    species = stands["species"].astype("string")
    kind = species.map(library.texts("forest_type", date, species).to_dict())
    kinds = sorted(set(kind.dropna()))
    slope, level = (
        kind.map(library.table(name, date, unit, kinds).to_dict()).to_numpy(
            dtype=np.float64, na_value=np.nan
        )[:, None]
        for name, unit in (("linear_a", "t DM m-3"), ("linear_b", "t DM ha-1"))
    )
    values = volume.to_numpy()
    biomass = slope * values + level
    small = (values > 0.0) & (level > share(intercept_share, "intercept_share") * biomass)
    out = np.where(values == 0.0, 0.0, np.where(small, np.nan, biomass))
    for code, where, column, seen in (
        ("E675", small.any(axis=1), "standing_volume", values.min(axis=1)),
        ("E677", (species.notna() & kind.isna()).to_numpy(dtype=bool), "species", species),
    ):
        findings.add(
            code,
            layer="stands",
            where=where,
            feature=stands["stand"],
            row=stands.get("row"),
            column=column,
            observed=seen,
            area_ha=stands.get("area_ha"),
            action="excluded" if code == "E677" else "kept",
        )
    return xr.DataArray(
        out,
        coords=volume.coords,
        dims=volume.dims,
        name="tree_biomass",
        attrs={"units": "t DM ha-1", "parameter_set": library.label},
    )


def linear_stocks(
    biomass: xr.DataArray,
    area_dm2: ArrayLike,
    *,
    carbon_fraction: ArrayLike,
    co2_per_c: float,
) -> xr.Dataset:
    """Carbon of trees from their biomass.

    The lines come without a carbon fraction: it is the caller's, and belongs in the report.

    Parameters
    ----------
    biomass : DataArray (stand, instant), float64
        As `linear_biomass` gives it. [t DM ha-1]
    area_dm2 : array (stand), int64
        Area of each stand. [0.01 m2]
    carbon_fraction : float or array (stand)
        Carbon in a tonne of dry biomass. [t C t-1]
    co2_per_c : float
        Mass of CO2 of one of carbon. [t CO2e t-1 C-1]

    Returns
    -------
    Dataset (stand, instant)
        ``trees`` [t C ha-1]; ``co2e_kg`` int64, rounded for each stand and instant [kg CO2e];
        ``known`` (stand) bool, false where biomass is missing at some instant: no kilogram there.

    Raises
    ------
    ConfigError
        E266: the areas do not fit.
    """
    area = np.asarray(area_dm2)
    if area.shape != (biomass.sizes["stand"],) or area.dtype.kind not in "iu":
        raise ConfigError("E266", what="area_dm2")
    fraction = np.broadcast_to(np.asarray(carbon_fraction, dtype=np.float64), area.shape)
    carbon = biomass.to_numpy() * fraction[:, None]
    kg = carbon * co2_per_c * _KG_PER_T * (area * _HA_PER_DM2)[:, None]
    missing = np.isnan(kg)
    axes = ("stand", "instant")
    return xr.Dataset(
        {
            "trees": (axes, carbon, {"units": "t C ha-1"}),
            "co2e_kg": (axes, quantise(np.where(missing, 0.0, kg), 1.0), {"units": "kg CO2e"}),
            "known": ("stand", ~missing.any(axis=1), {"units": "1"}),
        },
        coords=biomass.coords,
        attrs={"parameter_set": biomass.attrs.get("parameter_set", "")},
    )
