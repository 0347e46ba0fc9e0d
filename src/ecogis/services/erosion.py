"""Factors of the universal soil-loss equation, and soil retained by plants, as rasters.

The formulas are remembered, their papers were not at hand: recalled. Factors of class tables (C
and P) come with the project or the library.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from ecogis.core.errors import InputError
from ecogis.services import erosion_kernels as kernels
from ecogis.spatial.grids import Grid, RasterSource, as_source

__all__ = [
    "EROSIVITY_WAYS",
    "FACTORS",
    "SOIL_WAYS",
    "erodibility",
    "erosivity",
    "soil_retained",
    "soil_retained_windows",
]

Floats = npt.NDArray[np.float64]
EROSIVITY_WAYS: Final = ("renard-freimund", "wischmeier", "zhang-fu")
"""Formulas of erosivity from monthly rain."""
SOIL_WAYS: Final = ("epic", "epic-china", "nomograph")
"""Formulas of erodibility from texture."""
FACTORS: Final[tuple[str, ...]] = (
    "r_factor",
    "k_factor",
    "ls_factor",
    "cover_factor",
    "practice_factor",
)
"""Rasters soil retention is made of, in their order."""
_METRIC: Final = 0.1317  # of erodibility: US customary units to t ha h ha-1 MJ-1 mm-1
_WINDOW_ROWS: Final = 512

_RANGES: Final = MappingProxyType(
    {"cover_factor": (0.0, 1.0), "practice_factor": (0.0, 1.0)}
    | dict.fromkeys(("r_factor", "k_factor", "ls_factor"), (0.0, np.inf))
)


def erosivity(
    rain: xr.DataArray,
    *,
    way: Literal["renard-freimund", "wischmeier", "zhang-fu"] = "renard-freimund",
) -> xr.DataArray:
    r"""Erosivity of rain from twelve monthly depths.

    With monthly rain :math:`P_i`, a year's :math:`P` and :math:`F = \sum P_i^2 / P`:

    - ``renard-freimund``: :math:`0.07397 F^{1.847}` below 55 mm, else
      :math:`95.77 - 6.081 F + 0.477 F^2`
    - ``wischmeier``: :math:`17.02 \sum 1.735 \cdot 10^{1.5 \lg(P_i^2/P) - 0.8188}`, the factor
      from US customary units
    - ``zhang-fu``: :math:`0.0534 P^{1.6548}`

    Parameters
    ----------
    rain : DataArray (month, y, x)
        Twelve depths. [mm]
    way : {"renard-freimund", "wischmeier", "zhang-fu"}
        Which formula; they differ by a factor of two and more, so the report names it.

    Returns
    -------
    DataArray (y, x)
        Named ``r_factor``; missing where a month is. [MJ mm ha-1 h-1 yr-1]

    Raises
    ------
    InputError
        E506 an unknown way, E507 not twelve months, or rain below nought.

    References
    ----------
    Renard and Freimund 1994; Wischmeier and Smith 1978; Zhang and Fu 2003. Recalled.

    Examples
    --------
    100 mm in each month: F is 100 mm.

    >>> even = xr.DataArray(np.full((12, 1, 1), 100.0), dims=("month", "y", "x"))
    >>> erosivity(even).item()
    4257.67
    >>> erosivity(even, way="zhang-fu").round(1).item()
    6652.3
    """
    _known(way, EROSIVITY_WAYS)
    depths = _held(rain)
    if depths.ndim != 3 or depths.shape[0] != 12:
        raise InputError("E507", detail=f"{rain.dims} {rain.shape}")
    if (depths < 0.0).any():
        raise InputError("E507", detail=f"rain {np.nanmin(depths)} mm")
    out = np.empty(depths.shape[1:], dtype=depths.dtype)
    kernels.erosivity(depths, EROSIVITY_WAYS.index(way), out)
    return _like(rain.isel({rain.dims[0]: 0}, drop=True), out, "r_factor", "MJ mm ha-1 h-1 yr-1")


def erodibility(
    sand: npt.ArrayLike,
    silt: npt.ArrayLike,
    clay: npt.ArrayLike,
    organic_carbon: npt.ArrayLike,
    *,
    way: Literal["epic", "epic-china", "nomograph"] = "epic",
    structure: float = 3.0,
    permeability: float = 3.0,
) -> Floats:
    r"""Erodibility of soil from its texture.

    Parameters
    ----------
    sand, silt, clay : array
        Shares by mass that add up to 1 within 2 %. [1]
    organic_carbon : array
        Share by mass; organic matter is 1.724 times it. [1]
    way : {"epic", "epic-china", "nomograph"}
        Williams' formula, the same as corrected for China
        (:math:`-0.01383 + 0.51575 K`), or the nomograph of Wischmeier.
    structure, permeability : float
        Classes of the nomograph, 1 to 4 and 1 to 6; the middle ones are a policy. [1]

    Returns
    -------
    array
        Missing where an input is, or where shares do not add up. [t ha h ha-1 MJ-1 mm-1]

    Raises
    ------
    InputError
        E506 an unknown way.

    References
    ----------
    Williams 1990 (EPIC); Zhang Keli et al. 2008; Wischmeier et al. 1971. Recalled.

    Examples
    --------
    A loam: 40 % sand, 40 % silt, 20 % clay, 1.5 % carbon.

    >>> erodibility(0.4, 0.4, 0.2, 0.015).round(4).item()
    0.0343
    """
    _known(way, SOIL_WAYS)
    a, b, c, d = (
        100.0 * np.asarray(values, dtype=np.float64)
        for values in (sand, silt, clay, organic_carbon)
    )
    whole = np.abs(a + b + c - 100.0) <= 2.0
    a, b, c, d = (np.where(whole, values, np.nan) for values in (a, b, c, d))
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (
            _nomograph(a, b, c, d, structure, permeability)
            if way == "nomograph"
            else _epic(a, b, c, d)
        )
    if way == "epic-china":
        found = -0.01383 + 0.51575 * found
    return np.asarray(np.where(found > 0.0, found * _METRIC, np.nan))


def soil_retained(factors: Mapping[str, xr.DataArray]) -> xr.DataArray:
    r"""Soil plants keep in place: :math:`R\,K\,LS\,(1 - C\,P)`.

    Parameters
    ----------
    factors : mapping of str to DataArray (y, x)
        `FACTORS`, on the same cells.

    Returns
    -------
    DataArray (y, x)
        Named ``soil_retained_t_ha``; missing where a factor is. [t ha-1 yr-1]

    Raises
    ------
    InputError
        E508 a factor is missing, on other cells, or out of its range.

    Examples
    --------
    >>> cell = {"y": [15.0, 5.0], "x": [5.0, 15.0]}
    >>> made = {
    ...     name: xr.DataArray(np.full((2, 2), v), cell, ("y", "x"), attrs={"crs": "EPSG:4547"})
    ...     for name, v in zip(FACTORS, (4000.0, 0.03, 2.0, 0.05, 1.0))
    ... }
    >>> soil_retained(made).to_numpy()[0, 0].round(6).item()
    228.0
    """
    sources = {name: as_source(raster) for name, raster in factors.items()}
    parts = [values for _, values in soil_retained_windows(sources)]
    return _like(factors[FACTORS[0]], np.concatenate(parts), "soil_retained_t_ha", "t ha-1 yr-1")


def soil_retained_windows(
    factors: Mapping[str, RasterSource], *, rows: int = _WINDOW_ROWS
) -> Iterator[tuple[slice, Any]]:
    """As `soil_retained`, window by window, so that no raster is held whole.

    Parameters
    ----------
    factors : mapping of str to RasterSource
        `FACTORS`, on the same grid, such as open files.
    rows : int
        Rows of a window. [1]

    Yields
    ------
    slice, array (row, column)
        Rows from the first to the last, and their values. [t ha-1 yr-1]

    Raises
    ------
    InputError
        As `soil_retained`.
    """
    grid = _one_grid(factors)
    for start in range(0, grid.rows, rows):
        part = slice(start, min(start + rows, grid.rows))
        read = [factors[name].window(part, slice(0, grid.columns)) for name in FACTORS]
        for name, values in zip(FACTORS, read, strict=True):
            within(name, values)
        kind = np.result_type(*read)
        out = np.empty(read[0].shape, dtype=kind)
        r, k, ls, c, p = (values.astype(kind, copy=False) for values in read)
        kernels.soil_retained(r, k, ls, c, p, out)
        yield part, out


def aligned(grid: Grid, other: Grid) -> bool:
    """Whether two grids have the same cells."""
    here, there = ((g.x0, g.y0, g.dx, g.dy) for g in (grid, other))
    alike = (grid.rows, grid.columns) == (other.rows, other.columns) and np.allclose(here, there)
    return bool(alike) and grid.crs.equals(other.crs, ignore_axis_order=True)


def _one_grid(factors: Mapping[str, RasterSource]) -> Grid:
    missing = [name for name in FACTORS if name not in factors]
    if missing:
        raise InputError("E508", detail=", ".join(missing))
    grid = factors[FACTORS[0]].grid
    for name in FACTORS[1:]:
        other = factors[name].grid
        if not aligned(grid, other):
            raise InputError("E508", detail=f"{name}: {other.rows} x {other.columns}")
    return grid


def within(name: str, values: Any) -> None:
    """Refuse values of a factor that are out of its range (E508)."""
    low, high = _RANGES[name]
    with np.errstate(invalid="ignore"):
        wrong = (values < low) | (values > high)
    if wrong.any():
        raise InputError("E508", detail=f"{name} = {values[wrong][0]:g} ({low:g} – {high:g})")


def _epic(sand: Floats, silt: Floats, clay: Floats, carbon: Floats) -> Floats:
    coarse = 1.0 - sand / 100.0
    found = (
        (0.2 + 0.3 * np.exp(-0.0256 * sand * (1.0 - silt / 100.0)))
        * (silt / (clay + silt)) ** 0.3
        * (1.0 - 0.25 * carbon / (carbon + np.exp(3.72 - 2.95 * carbon)))
        * (1.0 - 0.7 * coarse / (coarse + np.exp(-5.51 + 22.9 * coarse)))
    )
    return np.asarray(found)


def _nomograph(  # noqa: PLR0917  texture, then the two classes
    sand: Floats, silt: Floats, clay: Floats, carbon: Floats, structure: float, permeability: float
) -> Floats:
    fine = silt + 0.2 * sand  # silt and very fine sand, a fifth of the sand: a policy
    found = (
        2.1e-4 * (fine * (100.0 - clay)) ** 1.14 * (12.0 - 1.724 * carbon)
        + 3.25 * (structure - 2.0)
        + 2.5 * (permeability - 3.0)
    ) / 100.0
    return np.asarray(found)


def _known(way: str, ways: tuple[str, ...]) -> None:
    if way not in ways:
        raise InputError("E506", value=way, expected=", ".join(ways))


def _held(raster: xr.DataArray) -> Any:
    kind = np.float32 if raster.dtype == np.float32 else np.float64
    return np.ascontiguousarray(raster.to_numpy(), dtype=kind)


def _like(raster: xr.DataArray, values: Any, name: str, units: str) -> xr.DataArray:
    attrs = {key: raster.attrs[key] for key in ("crs",) if key in raster.attrs}
    return xr.DataArray(
        values, raster.coords, ("y", "x"), name=name, attrs=attrs | {"units": units}
    )
