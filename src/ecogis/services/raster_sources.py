"""Factors of soil loss as rasters that are computed window by window: none is held whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
import xarray as xr

from ecogis.core.errors import InputError
from ecogis.services.erosion import aligned, erodibility, erosivity
from ecogis.spatial.grids import Grid, RasterSource, Values

__all__ = ["TEXTURE", "TEXTURE_UNITS", "ErodibilitySource", "ErosivitySource"]

TEXTURE: Final = ("sand", "silt", "clay", "organic_carbon")
"""Rasters erodibility is made of, in their order."""
TEXTURE_UNITS: Final = MappingProxyType({"1": 1.0, "%": 0.01, "g kg-1": 0.001})
"""Units texture may be in, as shares by mass."""


@dataclass(frozen=True, slots=True)
class ErosivitySource:
    """Erosivity of rain, of twelve months on the same cells.

    Parameters
    ----------
    months : tuple of RasterSource
        January to December. [mm]
    way : str
        Formula, as `ecogis.services.erosivity`.

    Raises
    ------
    InputError
        E507 not twelve months, E508 months on other cells; when a window is read, as `erosivity`.

    Examples
    --------
    >>> from ecogis.spatial.grids import as_source
    >>> cells = {"y": [15.0, 5.0], "x": [5.0, 15.0]}
    >>> month = as_source(
    ...     xr.DataArray(np.full((2, 2), 100.0), cells, ("y", "x"), attrs={"crs": "EPSG:4547"})
    ... )
    >>> made = ErosivitySource((month,) * 12, "renard-freimund")
    >>> made.window(slice(0, 1), slice(0, 2)).tolist()
    [[4257.67, 4257.67]]
    """

    months: tuple[RasterSource, ...]
    way: Literal["renard-freimund", "wischmeier", "zhang-fu"]

    def __post_init__(self) -> None:
        if len(self.months) != 12:
            raise InputError("E507", detail=f"{len(self.months)} / 12")
        _same_cells({f"month {number}": each for number, each in enumerate(self.months, 1)})

    @property
    def grid(self) -> Grid:
        """Where the cells lie."""
        return self.months[0].grid

    @property
    def block_rows(self) -> int:
        """Rows that are read together. [1]"""
        return self.months[0].block_rows

    def window(self, rows: slice, columns: slice) -> Values:
        """Erosivity of some cells. [MJ mm ha-1 h-1 yr-1]"""
        depths = np.stack([month.window(rows, columns) for month in self.months])
        made: Values = erosivity(
            xr.DataArray(depths, dims=("month", "y", "x")), way=self.way
        ).to_numpy()
        return made


@dataclass(frozen=True, slots=True)
class ErodibilitySource:
    """Erodibility of soil, of its texture on the same cells.

    Parameters
    ----------
    texture : mapping of str to RasterSource
        `TEXTURE`.
    way : str
        Formula, as `ecogis.services.erodibility`.
    unit, carbon_unit : str
        Of sand, silt and clay, and of organic carbon: one of `TEXTURE_UNITS`.

    Raises
    ------
    InputError
        E506 an unknown unit, E508 texture that is missing or on other cells.

    Examples
    --------
    A loam: 40 % sand, 40 % silt, 20 % clay, 15 g of carbon a kilogram.

    >>> from ecogis.spatial.grids import as_source
    >>> cells = {"y": [15.0, 5.0], "x": [5.0, 15.0]}
    >>> loam = {
    ...     name: as_source(
    ...         xr.DataArray(np.full((2, 2), v), cells, ("y", "x"), attrs={"crs": "EPSG:4547"})
    ...     )
    ...     for name, v in zip(TEXTURE, (40.0, 40.0, 20.0, 15.0))
    ... }
    >>> made = ErodibilitySource(loam, "epic", unit="%", carbon_unit="g kg-1")
    >>> made.window(slice(0, 1), slice(0, 1)).round(4).tolist()
    [[0.0343]]
    """

    texture: Mapping[str, RasterSource]
    way: Literal["epic", "epic-china", "nomograph"]
    unit: str = "1"
    carbon_unit: str = "1"

    def __post_init__(self) -> None:
        missing = [name for name in TEXTURE if name not in self.texture]
        if missing:
            raise InputError("E508", detail=", ".join(missing))
        for unit in (self.unit, self.carbon_unit):
            if unit not in TEXTURE_UNITS:
                raise InputError("E506", value=unit, expected=", ".join(TEXTURE_UNITS))
        _same_cells({name: self.texture[name] for name in TEXTURE})

    @property
    def grid(self) -> Grid:
        """Where the cells lie."""
        return self.texture[TEXTURE[0]].grid

    @property
    def block_rows(self) -> int:
        """Rows that are read together. [1]"""
        return self.texture[TEXTURE[0]].block_rows

    def window(self, rows: slice, columns: slice) -> Values:
        """Erodibility of some cells. [t ha h ha-1 MJ-1 mm-1]"""
        units = (self.unit, self.unit, self.unit, self.carbon_unit)
        shares = (
            self.texture[name].window(rows, columns) * TEXTURE_UNITS[unit]
            for name, unit in zip(TEXTURE, units, strict=True)
        )
        return erodibility(*shares, way=self.way)


def _same_cells(sources: Mapping[str, RasterSource]) -> None:
    first = next(iter(sources.values())).grid
    for name, source in sources.items():
        if not aligned(first, source.grid):
            detail = f"{name}: {source.grid.rows} x {source.grid.columns}"
            raise InputError("E508", detail=detail)
