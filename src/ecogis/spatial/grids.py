"""Rasters as grids of cells: where they lie, how large a cell is, how windows are read."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyproj
import xarray as xr
from pyproj.exceptions import CRSError, ProjError

from ecogis.core.errors import InputError
from ecogis.spatial.authalic import authalic_of_sine

__all__ = ["Grid", "RasterSource", "Values", "as_source", "grid_of", "horizontal"]

_EVEN = 1e-3  # of a step; coordinates written with few digits are even, a warped raster's are not

Floats = npt.NDArray[np.float64]
Values = npt.NDArray[np.float32] | npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of equal steps along both axes of a coordinate system.

    Attributes
    ----------
    crs : pyproj.CRS
        Coordinate system, without heights.
    x0, dx : float
        First edge of the first column, and step from a column to the next; signed. [unit of crs]
    y0, dy : float
        First edge of the first row, and step from a row to the next: negative where the first row
        is the northernmost. [unit of crs]
    rows, columns : int
        Number of cells. [1]
    """

    crs: pyproj.CRS
    x0: float
    dx: float
    y0: float
    dy: float
    rows: int
    columns: int

    def cell_areas(self) -> Floats:
        """Area of a cell of each row. [m2]

        On the ellipsoid where the grid is in longitude and latitude, in the plane otherwise.

        Examples
        --------
        >>> utm = Grid(pyproj.CRS("EPSG:32650"), 0.0, 30.0, 0.0, -30.0, rows=2, columns=1)
        >>> utm.cell_areas().tolist()
        [900.0, 900.0]
        """
        unit = float(self.crs.axis_info[0].unit_conversion_factor) if self.crs.axis_info else 1.0
        if not self.crs.is_geographic:
            return np.full(self.rows, abs(self.dx * self.dy) * unit * unit)
        found = self.crs.ellipsoid
        flattening = 1.0 / found.inverse_flattening if found.inverse_flattening else 0.0
        e2 = flattening * (2.0 - flattening)
        latitude = (self.y0 + self.dy * np.arange(self.rows + 1)) * unit
        s = np.sin(np.clip(latitude, -np.pi / 2, np.pi / 2))
        q = s * np.polynomial.polynomial.polyval(s * s, np.asarray(authalic_of_sine(e2)))
        width = abs(self.dx) * unit
        return np.asarray(found.semi_major_metre**2 * width * np.abs(np.diff(q)) / 2, np.float64)

    def areal_scale(self, bounds: npt.ArrayLike) -> float:
        """Plane area over true area where it is furthest from 1 in a box.

        Parameters
        ----------
        bounds : array (4)
            West, south, east, north. [unit of crs]

        Returns
        -------
        float
            At a corner or the middle of the box; 1 for longitude and latitude, and missing where
            the projection does not say. [1]
        """
        if self.crs.is_geographic:
            return 1.0
        if not self.crs.is_projected:
            return float("nan")
        west, south, east, north = np.asarray(bounds, dtype=np.float64)
        x = np.array([west, east, west, east, (west + east) / 2])
        y = np.array([south, south, north, north, (south + north) / 2])
        try:
            plane = pyproj.Proj(self.crs)
            scale = np.asarray(plane.get_factors(*plane(x, y, inverse=True)).areal_scale)
        except (ProjError, CRSError):
            return float("nan")
        return float(scale[np.argmax(np.abs(np.log(scale)))])


class RasterSource(Protocol):
    """What values are read from: a file that is open, or an array."""

    @property
    def grid(self) -> Grid:
        """Where the cells lie."""

    @property
    def block_rows(self) -> int:
        """Rows that are read together at no more cost than one of them. [1]"""

    def window(self, rows: slice, columns: slice) -> Values:
        """Values of some rows and columns; not finite where there is none."""


@dataclass(frozen=True, slots=True)
class _Array:
    """A raster that is in memory, or that xarray reads by windows."""

    raster: xr.DataArray
    grid: Grid
    block_rows: int = 1

    def window(self, rows: slice, columns: slice) -> Values:
        values = self.raster.isel(y=rows, x=columns).to_numpy()
        dtype = "float32" if values.dtype == "float32" else "float64"
        out: Values = np.array(values, dtype=dtype, order="C")
        blank = self.raster.attrs.get("_FillValue")
        if blank is not None:
            out[values == blank] = np.nan
        return out


def as_source(raster: xr.DataArray | RasterSource) -> RasterSource:
    """A raster to read windows from: itself, or an array wrapped.

    Raises
    ------
    InputError
        As `grid_of`.
    """
    return _Array(raster, grid_of(raster)) if isinstance(raster, xr.DataArray) else raster


def grid_of(raster: xr.DataArray) -> Grid:
    """Where the cells of an array lie, from the coordinates of their centres.

    Parameters
    ----------
    raster : DataArray (y, x)
        With even coordinates and ``attrs["crs"]``, as `ecogis.io.read_raster` gives it.

    Raises
    ------
    InputError
        E631 without a coordinate system, E636 axes are not y and x, or not even.

    Examples
    --------
    >>> heights = xr.DataArray(
    ...     np.zeros((2, 3)),
    ...     {"y": [15.0, 5.0], "x": [5.0, 15.0, 25.0]},
    ...     attrs={"crs": "EPSG:4547"},
    ... )
    >>> grid = grid_of(heights)
    >>> grid.x0, grid.dx, grid.y0, grid.dy
    (0.0, 10.0, 20.0, -10.0)
    """
    name = "raster" if raster.name is None else str(raster.name)
    if raster.dims != ("y", "x") or not {"y", "x"} <= set(raster.coords):
        raise InputError("E636", name=name, detail=f"dims {raster.dims}")
    x0, dx = _edge(raster["x"].to_numpy(), name, "x")
    y0, dy = _edge(raster["y"].to_numpy(), name, "y")
    rows, columns = raster.shape
    return Grid(_crs(raster.attrs.get("crs"), name), x0, dx, y0, dy, rows, columns)


def _crs(stated: Any, name: str) -> pyproj.CRS:
    if stated is None:
        raise InputError("E631", what=name)
    try:
        return horizontal(pyproj.CRS.from_user_input(stated))
    except CRSError as fault:
        raise InputError("E631", what=f"{name} ({str(fault)[:100]})") from None


def horizontal(crs: pyproj.CRS) -> pyproj.CRS:
    """A coordinate system without its heights.

    >>> horizontal(pyproj.CRS("EPSG:32650+5703")).to_epsg()
    32650
    """
    return crs.to_2d()


def _edge(centres: npt.NDArray[Any], name: str, axis: str) -> tuple[float, float]:
    """First edge and step of an axis."""
    values = np.asarray(centres, dtype=np.float64)
    if len(values) < 2:
        raise InputError("E636", name=name, detail=f"{axis}: {len(values)}")
    step = (values[-1] - values[0]) / (len(values) - 1)
    even = values[0] + step * np.arange(len(values))
    if not step or not np.abs(values - even).max() <= _EVEN * abs(step):
        raise InputError("E636", name=name, detail=f"{axis}: {values[:3].tolist()} …")
    return float(values[0] - step / 2), float(step)
