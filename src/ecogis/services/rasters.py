"""Rasters the account takes, made of what a county has: heights, monthly rain, soil, cover."""

from collections.abc import Mapping
from typing import Literal

import xarray as xr

from ecogis.core.errors import InputError
from ecogis.services.erosion import FACTORS, erosivity, soil_retained
from ecogis.services.terrain import length_slope

__all__ = ["rasters"]


def rasters(
    heights: xr.DataArray | None = None,
    rain: xr.DataArray | None = None,
    *,
    factors: Mapping[str, xr.DataArray] | None = None,
    erosivity_way: Literal["renard-freimund", "wischmeier", "zhang-fu"] = "renard-freimund",
    slope_way: Literal["desmet-govers", "moore-burch"] = "desmet-govers",
) -> dict[str, xr.DataArray]:
    """Every raster of soil retention that can be made, by the name of its variable.

    Parameters
    ----------
    heights : DataArray (y, x), optional
        For ``ls_factor``. [m]
    rain : DataArray (month, y, x), optional
        For ``r_factor``. [mm]
    factors : mapping of str to DataArray (y, x), optional
        Factors that are known, such as ``k_factor``; they stand before computed ones.
    erosivity_way, slope_way : str
        Which formulas, as `erosivity` and `length_slope`.

    Returns
    -------
    dict of str to DataArray (y, x)
        The factors, and ``soil_retained_t_ha`` where all five lie on the same cells.

    Raises
    ------
    InputError
        As `erosivity`, `length_slope` and `soil_retained`; E508 a factor of another name.

    Examples
    --------
    >>> import numpy as np
    >>> cells = {"y": [15.0, 5.0], "x": [5.0, 15.0]}
    >>> flat = xr.DataArray(np.zeros((2, 2)), cells, ("y", "x"), attrs={"crs": "EPSG:4547"})
    >>> found = rasters(flat)
    >>> found["ls_factor"].to_numpy().round(2).tolist()
    [[0.03, 0.03], [0.03, 0.03]]
    """
    given = dict(factors or {})
    for name in given:
        if name not in FACTORS:
            raise InputError("E508", detail=f"{name} ({', '.join(FACTORS)})")
    if rain is not None and "r_factor" not in given:
        given["r_factor"] = erosivity(rain, way=erosivity_way)
    if heights is not None and "ls_factor" not in given:
        given["ls_factor"] = length_slope(heights, way=slope_way)
    found = {name: given[name] for name in FACTORS if name in given}
    if len(found) == len(FACTORS):
        found["soil_retained_t_ha"] = soil_retained(found)
    return found
