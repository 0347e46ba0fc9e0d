"""Terrain for soil loss: contributing area and the length-slope factor of a grid of heights.

Slope is worked out by windows with a row more above and below. Contributing area is worked out of
the whole grid, since water knows no windows: that takes `BYTES_PER_CELL`, so that 8,000 x 8,000
cells need 1 GB; what is free is looked at before it begins.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from ecogis.core.errors import InputError
from ecogis.services import terrain_kernels as kernels
from ecogis.services.memory import room
from ecogis.spatial.grids import Grid, RasterSource, as_source

__all__ = [
    "BYTES_PER_CELL",
    "LENGTH_SLOPE_WAYS",
    "STEEPNESS_WAYS",
    "Drainage",
    "contributing_area",
    "drainage",
    "length_slope",
    "length_slope_windows",
]

Floats = npt.NDArray[np.float64]
LENGTH_SLOPE_WAYS: Final = ("desmet-govers", "moore-burch")
"""Formulas of the length-slope factor."""
STEEPNESS_WAYS: Final = ("mccool", "liu")
"""Formulas of the steepness in it: McCool's, or Liu's which goes on above 10 degrees."""
BYTES_PER_CELL: Final = 16
"""Memory contributing area takes: 13 of arrays, the rest for the heap of the rim, which is small on
land and larger where heights are noise. [B]"""
_CELLS: Final = 2**31 - 1
_WINDOW_ROWS: Final = 512


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
    source = as_source(heights)
    level, direction, order = _flooded(source)
    area = _handed_on(source.grid, direction, order)
    return Drainage(
        level=_like(heights, level, "level", "m"),
        direction=direction,
        area=_like(heights, area, "contributing_area", "m2"),
    )


def contributing_area(
    heights: xr.DataArray | RasterSource, *, memory_bytes: float | None = None
) -> Floats:
    """Area that drains through each cell, its own included, as `drainage` follows water.

    Parameters
    ----------
    heights : DataArray (y, x) or RasterSource
        As `drainage`, or a file open for reading by windows. [m]
    memory_bytes : float, optional
        A policy: the most memory this may take; what is free where nothing is said. [B]

    Returns
    -------
    array (row, column)
        Missing where the height is. [m2]

    Raises
    ------
    InputError
        As `drainage`; E481 there is less memory than `BYTES_PER_CELL` for each cell, told before
        any is taken.

    Examples
    --------
    >>> slope = xr.DataArray(
    ...     [[3.0, 2.0, 1.0]] * 2,
    ...     {"y": [15.0, 5.0], "x": [5.0, 15.0, 25.0]},
    ...     ("y", "x"),
    ...     attrs={"crs": "EPSG:4547"},
    ... )
    >>> contributing_area(slope)[0].tolist()
    [100.0, 200.0, 300.0]
    >>> contributing_area(slope, memory_bytes=50)
    Traceback (most recent call last):
    ecogis.core.errors.InputError: E481 ...
    """
    source = as_source(heights)
    need = source.grid.rows * source.grid.columns * BYTES_PER_CELL
    free = room() if memory_bytes is None else memory_bytes
    if free is not None and need > free:
        raise InputError(
            "E481",
            cells=f"{need // BYTES_PER_CELL:,}",
            each=BYTES_PER_CELL,
            need=f"{need / 1e9:,.2f}",
            free=f"{free / 1e9:,.2f}",
        )
    level, direction, order = _flooded(source)
    del level  # its memory serves for the area
    return _handed_on(source.grid, direction, order)


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
    source = as_source(heights)
    _accepted(way, steepness, limit_m2)
    contributing = contributing_area(source) if area is None else area.to_numpy()
    out = np.empty(heights.shape, np.float32 if heights.dtype == np.float32 else np.float64)
    windows = length_slope_windows(
        source, contributing, way=way, steepness=steepness, limit_m2=limit_m2
    )
    for rows, values in windows:
        out[rows] = values
    return _like(heights, out, "ls_factor", "1")


def length_slope_windows(
    heights: RasterSource,
    area: npt.NDArray[Any],
    *,
    way: str = "desmet-govers",
    steepness: str = "mccool",
    limit_m2: float = 110_889.0,
    rows: int = _WINDOW_ROWS,
) -> Iterator[tuple[slice, Floats]]:
    """As `length_slope`, window by window, each read with the row above and the row below it.

    Parameters
    ----------
    heights : RasterSource
        Such as an open file. [m]
    area : array (row, column)
        Contributing area, as `contributing_area` gives it. [m2]
    way, steepness : str
        Which formula, as `length_slope`.
    limit_m2 : float
        As `length_slope`. [m2]
    rows : int
        Rows of a window; no figure depends on it. [1]

    Yields
    ------
    slice, array (row, column)
        Rows from the first to the last, and their factors. [1]

    Raises
    ------
    InputError
        E506 as `length_slope`.

    Examples
    --------
    >>> flat = as_source(
    ...     xr.DataArray(
    ...         np.zeros((3, 2)),
    ...         {"y": [25.0, 15.0, 5.0], "x": [5.0, 15.0]},
    ...         ("y", "x"),
    ...         attrs={"crs": "EPSG:4547"},
    ...     )
    ... )
    >>> windows = length_slope_windows(flat, contributing_area(flat), rows=2)
    >>> [(part.start, values.round(2).tolist()) for part, values in windows]
    [(0, [[0.03, 0.03], [0.03, 0.03]]), (2, [[0.03, 0.03]])]
    """
    _accepted(way, steepness, limit_m2)
    grid = heights.grid
    wide, tall = cell_sides(grid)
    for start in range(0, grid.rows, rows):
        stop = min(start + rows, grid.rows)
        above = max(start - 1, 0)
        read: Any = heights.window(slice(above, min(stop + 1, grid.rows)), slice(0, grid.columns))
        out = np.empty((stop - start, grid.columns))
        kernels.length_slope(
            np.ascontiguousarray(read),
            start - above,
            np.ascontiguousarray(area[start:stop], dtype=np.float64),
            wide[start:stop],
            tall[start:stop],
            float(limit_m2),
            LENGTH_SLOPE_WAYS.index(way),
            STEEPNESS_WAYS.index(steepness),
            out,
        )
        yield slice(start, stop), out


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


def _accepted(way: str, steepness: str, limit_m2: float) -> None:
    if way not in LENGTH_SLOPE_WAYS or steepness not in STEEPNESS_WAYS:
        known = ", ".join((*LENGTH_SLOPE_WAYS, *STEEPNESS_WAYS))
        raise InputError("E506", value=f"{way}, {steepness}", expected=known)
    if not limit_m2 > 0.0:
        raise InputError("E506", value=limit_m2, expected="limit_m2 > 0")


def _flooded(
    source: RasterSource,
) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8], npt.NDArray[np.int32]]:
    """Heights with hollows filled, directions, and cells from the lowest to the highest."""
    grid = source.grid
    cells = grid.rows * grid.columns
    if cells > _CELLS:
        raise InputError("E505", cells=cells, limit=_CELLS)
    level = _read(source)
    direction = np.empty(level.shape, np.uint8)
    order = np.empty(cells, np.int32)
    number = kernels.flood(level, level, direction, order)
    wide, tall = cell_sides(grid)
    kernels.directions(level, wide, tall, direction)
    return level, direction, order[:number]


def _read(source: RasterSource) -> npt.NDArray[Any]:
    """All heights in one array of their own precision, read by windows."""
    grid = source.grid
    columns = slice(0, grid.columns)
    first = source.window(slice(0, 1), columns)
    out = np.empty((grid.rows, grid.columns), first.dtype)
    for start in range(0, grid.rows, _WINDOW_ROWS):
        part = slice(start, min(start + _WINDOW_ROWS, grid.rows))
        out[part] = source.window(part, columns)
    return out


def _handed_on(
    grid: Grid, direction: npt.NDArray[np.uint8], order: npt.NDArray[np.int32]
) -> Floats:
    wide, tall = cell_sides(grid)
    area = np.empty(direction.shape)
    kernels.accumulate(direction, order, wide * tall, area)
    return area


def _like(raster: xr.DataArray, values: Any, name: str, units: str) -> xr.DataArray:
    attrs = {"crs": raster.attrs["crs"], "units": units}
    return xr.DataArray(values, raster.coords, ("y", "x"), name=name, attrs=attrs)
