"""Water of a year as rasters that are worked out window by window: potential, actual, storms."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pyproj

from ecogis.core.errors import InputError
from ecogis.services.cells import CellSource, strips
from ecogis.services.erosion import aligned
from ecogis.services.evapotranspiration import (
    daylight,
    extraterrestrial_radiation,
    hargreaves,
    thornthwaite,
)
from ecogis.spatial.grids import Grid, RasterSource, Values

__all__ = ["POTENTIAL_WAYS", "PotentialSource", "sum_of", "year_of"]

Floats = npt.NDArray[np.float64]
POTENTIAL_WAYS: Final = ("hargreaves", "thornthwaite")
"""Formulas of potential evapotranspiration from monthly temperatures."""
_MONTHS: Final = 12
_COLD, _HOT = -60.0, 60.0  # of a month's mean; kelvin and tenths of a degree lie outside [°C]


@dataclass(frozen=True, slots=True)
class PotentialSource:
    """Potential evapotranspiration of a year from monthly temperatures on the same cells.

    A month's day is its middle one (day 30.4 m - 15 of FAO 56), its latitude that of the row at the
    grid's middle column: a policy, since a county's rows keep theirs to a hundredth of a degree.

    Parameters
    ----------
    temperatures : sequence of sequence of RasterSource
        Twelve months each of the mean and, for ``hargreaves``, of the highest and the lowest of a
        day. [°C]
    way : {"hargreaves", "thornthwaite"}
        Formula, as the function of its name.
    year : int
        For the days of February.

    Raises
    ------
    InputError
        E507 not twelve months, E508 months on other cells; when a window is read, E507
        temperatures that are none in degrees.

    Examples
    --------
    20 °C all the year on the equator, where days have 12 hours: 73.9 mm in 30 days.

    >>> import xarray as xr
    >>> from ecogis.spatial.grids import as_source
    >>> cells = {"y": [0.5, -0.5], "x": [117.5, 118.5]}
    >>> month = as_source(
    ...     xr.DataArray(np.full((2, 2), 20.0), cells, ("y", "x"), attrs={"crs": "EPSG:4490"})
    ... )
    >>> made = PotentialSource([(month,) * 12], "thornthwaite", 2026)
    >>> made.window(slice(0, 1), slice(0, 1)).round(0).item(), round(73.9 / 30 * 365)
    (899.0, 899)
    """

    temperatures: Sequence[Sequence[RasterSource]]
    way: Literal["hargreaves", "thornthwaite"]
    year: int

    def __post_init__(self) -> None:
        for months in self.temperatures:
            if len(months) != _MONTHS:
                raise InputError("E507", detail=f"{len(months)} / {_MONTHS}")
            for number, month in enumerate(months, 1):
                if not aligned(self.grid, month.grid):
                    raise InputError("E508", detail=f"month {number}: {month.grid.rows} rows")

    @property
    def grid(self) -> Grid:
        """Where the cells lie."""
        return self.temperatures[0][0].grid

    @property
    def block_rows(self) -> int:
        """Rows that are read together. [1]"""
        return self.temperatures[0][0].block_rows

    def window(self, rows: slice, columns: slice) -> Values:
        """Depth of a year at some cells. [mm yr-1]"""
        out = np.empty((rows.stop - rows.start, columns.stop - columns.start))
        for part in strips(rows, columns):
            out[part.start - rows.start : part.stop - rows.start] = self._year(part, columns)
        return out

    def _year(self, rows: slice, columns: slice) -> Floats:
        read = [
            np.stack([_celsius(month.window(rows, columns)) for month in months])
            for months in self.temperatures
        ]
        shape = (_MONTHS, rows.stop - rows.start, 1)
        middle = np.round(30.4 * np.arange(1, _MONTHS + 1) - 15.0)[:, None]
        latitude = _latitudes(self.grid, rows)[None, :]
        days = np.array([calendar.monthrange(self.year, m)[1] for m in range(1, _MONTHS + 1)])
        days = days[:, None, None].astype(np.float64)
        if self.way == "thornthwaite":
            hours = daylight(latitude, middle).reshape(shape)
            return np.asarray(thornthwaite(read[0], hours, days).sum(axis=0))
        sun = extraterrestrial_radiation(latitude, middle).reshape(shape)
        mean, highest, lowest = read
        return np.asarray((hargreaves(mean, highest, lowest, sun) * days).sum(axis=0))


def year_of(months: Sequence[RasterSource]) -> CellSource:
    """The sum of a year's months on the same cells.

    Parameters
    ----------
    months : sequence of RasterSource
        Twelve depths. [mm]

    Returns
    -------
    CellSource
        Missing where a month is. [mm yr-1]

    Raises
    ------
    InputError
        As `sum_of`; E507 not twelve months.
    """
    if len(months) != _MONTHS:
        raise InputError("E507", detail=f"{len(months)} / {_MONTHS}")
    return sum_of(months)


def sum_of(depths: Sequence[RasterSource]) -> CellSource:
    """The sum of several depths on the same cells, such as a year's storms.

    Parameters
    ----------
    depths : sequence of RasterSource
        None below nought. [mm]

    Returns
    -------
    CellSource
        Missing where one of them is. [mm]

    Raises
    ------
    InputError
        E507 a depth below nought, when a window is read; E508 they lie on other cells.
    """
    for number, each in enumerate(depths, 1):
        if not aligned(depths[0].grid, each.grid):
            detail = f"{number}: {each.grid.rows} x {each.grid.columns}"
            raise InputError("E508", detail=detail)
    return CellSource(_summed, depths)


def _summed(*months: Values) -> Any:
    found = np.sum(months, axis=0, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        lowest = min(float(np.nanmin(m, initial=0.0)) for m in months)
    if lowest < 0.0:
        raise InputError("E507", detail=f"{lowest:g} mm")
    return found


def _celsius(values: Values) -> Floats:
    with np.errstate(invalid="ignore"):
        wrong = (values < _COLD) | (values > _HOT)
    if wrong.any():
        raise InputError("E507", detail=f"{float(values[wrong][0]):g} °C")
    return values.astype(np.float64)


def _latitudes(grid: Grid, rows: slice) -> Floats:
    """Of the rows, at the middle column. [degree]"""
    y = grid.y0 + grid.dy * (np.arange(rows.start, rows.stop) + 0.5)
    x = np.full(len(y), grid.x0 + grid.dx * grid.columns / 2.0)
    if grid.crs.is_geographic:
        return np.asarray(y)
    turn = pyproj.Transformer.from_crs(grid.crs, grid.crs.geodetic_crs, always_xy=True)
    return np.asarray(turn.transform(x, y)[1])
