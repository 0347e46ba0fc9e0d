"""Terrain for soil loss: contributing area and the length-slope factor of a grid of heights.

Heights are held in memory whole, since water knows no windows: with float32 heights a cell takes
about 25 bytes, so that 8,000 x 8,000 cells need 1.6 GB.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from ecogis.core.errors import InputError
from ecogis.services import terrain_kernels as kernels
from ecogis.spatial.grids import Grid, grid_of

__all__ = ["LENGTH_SLOPE_WAYS", "STEEPNESS_WAYS", "Drainage", "drainage", "length_slope"]

Floats = npt.NDArray[np.float64]
LENGTH_SLOPE_WAYS: Final = ("desmet-govers", "moore-burch")
"""Formulas of the length-slope factor."""
STEEPNESS_WAYS: Final = ("mccool", "liu")
"""Formulas of the steepness in it: McCool's, or Liu's which goes on above 10 degrees."""
_CELLS: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Drainage:
    """Where water goes on a grid of heights.

    Attributes
    ----------
    level : DataArray (y, x)
        Heights with their hollows filled. [m]
    direction : array (row, column) of uint8
        Neighbour a cell drains to, 0 east turning over south to 7 north-east; 255 off the grid,
        254 no height.
    area : DataArray (y, x)
        Area that drains through a cell, its own included. [m2]
    """

    level: xr.DataArray
    direction: npt.NDArray[np.uint8]
    area: xr.DataArray


def drainage(heights: xr.DataArray) -> Drainage:
    """Fill hollows and follow water: steepest of eight neighbours, over flats the way out.

    Parameters
    ----------
    heights : DataArray (y, x), float32 or float64
        Even coordinates and ``attrs["crs"]``, missing outside; what lies beside a missing cell or
        on the rim drains off the grid. [m]

    Returns
    -------
    Drainage
        On the same cells. Every cell drains: the areas of the cells that drain off the grid add up
        to the area of all.

    Raises
    ------
    InputError
        E631, E636 as `ecogis.spatial.grids.grid_of`; E505 more cells than a 32-bit number counts.

    References
    ----------
    Filling: priority flood, Barnes et al. 2014, Computers & Geosciences 62. Directions: D8,
    O'Callaghan and Mark 1984.

    Examples
    --------
    >>> slope = xr.DataArray(
    ...     [[3.0, 2.0, 1.0]] * 2,
    ...     {"y": [15.0, 5.0], "x": [5.0, 15.0, 25.0]},
    ...     ("y", "x"),
    ...     attrs={"crs": "EPSG:4547"},
    ... )
    >>> drainage(slope).area.to_numpy().tolist()
    [[100.0, 200.0, 300.0], [100.0, 200.0, 300.0]]
    """
    grid = grid_of(heights)
    if heights.size > _CELLS:
        raise InputError("E505", cells=heights.size, limit=_CELLS)
    z = _held(heights)
    level, direction = np.empty_like(z), np.empty(z.shape, np.uint8)
    order = np.empty(z.size, np.int32)
    number = kernels.flood(z, level, direction, order)
    wide, tall = cell_sides(grid)
    kernels.directions(level, wide, tall, direction)
    area = np.empty(z.shape)
    kernels.accumulate(direction, order[:number], wide * tall, area)
    return Drainage(
        level=_like(heights, level, "level", "m"),
        direction=direction,
        area=_like(heights, area, "contributing_area", "m2"),
    )


def length_slope(
    heights: xr.DataArray,
    *,
    way: Literal["desmet-govers", "moore-burch"] = "desmet-govers",
    steepness: Literal["mccool", "liu"] = "mccool",
    limit_m2: float = 110_889.0,
    area: xr.DataArray | None = None,
) -> xr.DataArray:
    r"""Length-slope factor of the universal soil-loss equation, cell by cell.

    With contributing area at the inlet :math:`A`, cell side :math:`D`, slope angle
    :math:`\theta`, aspect :math:`\alpha`, :math:`x = |\sin\alpha| + |\cos\alpha|` and
    :math:`m = \beta/(1+\beta)`,
    :math:`\beta = (\sin\theta/0.0896)/(3\sin^{0.8}\theta + 0.56)`:

    .. math:: L = \frac{(A + D^2)^{m+1} - A^{m+1}}{D^{m+2}\, x^m\, 22.13^m}

    and S is :math:`10.8\sin\theta + 0.03` below 9 %, else :math:`16.8\sin\theta - 0.5`; Liu's goes
    on with :math:`21.91\sin\theta - 0.96` above 10 degrees. Moore and Burch's LS is
    :math:`(A_s/22.13)^{0.4}(\sin\theta/0.0896)^{1.3}` with the area above a metre of contour
    :math:`A_s`. Slope is taken from the eight neighbours after Horn; a missing neighbour goes on as
    the one opposite falls.

    Parameters
    ----------
    heights : DataArray (y, x)
        As `drainage`. [m]
    way : {"desmet-govers", "moore-burch"}
        Which formula.
    steepness : {"mccool", "liu"}
        Which S; with ``desmet-govers`` only.
    limit_m2 : float
        Contributing area above which water runs in a channel and the factor no longer rises. A
        policy; the default is that of InVEST's sediment model, 333 m squared. [m2]
    area : DataArray (y, x), optional
        Contributing area, where it is known already. [m2]

    Returns
    -------
    DataArray (y, x)
        Named ``ls_factor``, of the heights' own precision; missing where the height is. [1]

    Raises
    ------
    InputError
        As `drainage`; E506 an unknown way, or a limit that is not above nought.

    References
    ----------
    Desmet and Govers 1996; McCool et al. 1987; Liu et al. 1994; Moore and Burch 1986. Formulas as
    remembered, the papers were not at hand: recalled.

    Examples
    --------
    A plane of 9 % that falls east, cells of 22.13 m: at the divide the plot of the equation.

    >>> step = 22.13
    >>> plane = xr.DataArray(
    ...     np.tile(100 - 0.09 * step * np.arange(4.0), (3, 1)),
    ...     {"y": -step * np.arange(3), "x": step * np.arange(4)},
    ...     ("y", "x"),
    ...     attrs={"crs": "EPSG:4547"},
    ... )
    >>> length_slope(plane, way="moore-burch").to_numpy()[1].round(2).tolist()
    [1.0, 1.32, 1.55, 1.74]
    """
    if way not in LENGTH_SLOPE_WAYS or steepness not in STEEPNESS_WAYS:
        known = ", ".join((*LENGTH_SLOPE_WAYS, *STEEPNESS_WAYS))
        raise InputError("E506", value=f"{way}, {steepness}", expected=known)
    if not limit_m2 > 0.0:
        raise InputError("E506", value=limit_m2, expected="limit_m2 > 0")
    contributing = drainage(heights).area if area is None else area
    z = _held(heights)
    wide, tall = cell_sides(grid_of(heights))
    out = np.empty_like(z)
    kernels.length_slope(
        z,
        np.ascontiguousarray(contributing.to_numpy(), dtype=np.float64),
        wide,
        tall,
        float(limit_m2),
        LENGTH_SLOPE_WAYS.index(way),
        STEEPNESS_WAYS.index(steepness),
        out,
    )
    return _like(heights, out, "ls_factor", "1")


def cell_sides(grid: Grid) -> tuple[Floats, Floats]:
    """Width and height of the cells of each row, on the ellipsoid where the grid is in degrees.

    Returns
    -------
    wide, tall : array (row)
        West to east and north to south; their product is the cell's area. [m]

    Examples
    --------
    >>> import pyproj
    >>> degrees = Grid(pyproj.CRS("EPSG:4490"), 117.0, 0.01, 27.0, -0.01, rows=1, columns=1)
    >>> [side.round(1).tolist() for side in cell_sides(degrees)]
    [[992.6], [1108.0]]
    """
    areas = grid.cell_areas()
    unit = float(grid.crs.axis_info[0].unit_conversion_factor) if grid.crs.axis_info else 1.0
    if not grid.crs.is_geographic:
        tall = np.full(grid.rows, abs(grid.dy) * unit)
        return areas / tall, tall
    found = grid.crs.ellipsoid
    flattening = 1.0 / found.inverse_flattening if found.inverse_flattening else 0.0
    e2 = flattening * (2.0 - flattening)
    middle = (grid.y0 + grid.dy * (np.arange(grid.rows) + 0.5)) * unit
    radius = found.semi_major_metre * (1.0 - e2) / (1.0 - e2 * np.sin(middle) ** 2) ** 1.5
    tall = radius * abs(grid.dy) * unit
    return areas / tall, tall


def _held(raster: xr.DataArray) -> Any:
    """The values as the kernels take them: float32 stays, anything else is float64."""
    kind = np.float32 if raster.dtype == np.float32 else np.float64
    return np.ascontiguousarray(raster.to_numpy(), dtype=kind)


def _like(raster: xr.DataArray, values: Any, name: str, units: str) -> xr.DataArray:
    attrs = {"crs": raster.attrs["crs"], "units": units}
    return xr.DataArray(values, raster.coords, ("y", "x"), name=name, attrs=attrs)
