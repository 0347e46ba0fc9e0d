"""Water by cell: what a storm sends off, what the air takes up of rain, what is left.

The formulas are remembered, their papers were not at hand: recalled. Depths are yearly or daily
as each function says, never amounts per cell.
"""

from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from ecogis.core.errors import InputError
from ecogis.services import water_kernels as kernels

__all__ = [
    "EVAPOTRANSPIRATION_WAYS",
    "actual_et",
    "as_cells",
    "retention",
    "runoff_of",
    "storm_runoff",
    "year_runoff",
]

Floats = npt.NDArray[np.float64]
EVAPOTRANSPIRATION_WAYS: Final = ("zhang", "fu")
"""Curves of actual evapotranspiration from rain and potential."""


def storm_runoff(
    rain: xr.DataArray, curve_number: xr.DataArray, *, abstraction: float = 0.2
) -> xr.DataArray:
    r"""Runoff of a storm by curve numbers.

    .. math:: Q = \frac{(P - aS)^2}{P + (1 - a)S}, \qquad S = 25400/CN - 254

    and nought while :math:`P \le aS`.

    Parameters
    ----------
    rain, curve_number : DataArray (y, x)
        Depth of one storm [mm], and curve numbers above 0 to 100 on the same cells.
    abstraction : float
        Share of the retention taken up first. [1]

    Returns
    -------
    DataArray (y, x)
        Named ``storm_runoff_mm``; missing where an input is. [mm]

    Raises
    ------
    InputError
        E508 other cells, curve numbers or rain out of range.

    References
    ----------
    US Soil Conservation Service, National Engineering Handbook, section 4. Recalled.

    Examples
    --------
    100 mm on curve number 75: S is 84.67 mm.

    >>> storm, number = (xr.DataArray([[v]], dims=("y", "x")) for v in (100.0, 75.0))
    >>> storm_runoff(storm, number).round(2).item()
    41.14
    """
    if rain.shape != curve_number.shape:
        raise InputError("E508", detail=f"storm_runoff: {rain.shape}, {curve_number.shape}")
    out = runoff_of(rain.to_numpy(), curve_number.to_numpy(), abstraction)
    attrs = {key: rain.attrs[key] for key in ("crs",) if key in rain.attrs} | {"units": "mm"}
    return xr.DataArray(out, rain.coords, rain.dims, name="storm_runoff_mm", attrs=attrs)


def runoff_of(rain: npt.ArrayLike, curve_number: npt.ArrayLike, abstraction: float) -> Floats:
    """As `storm_runoff`, of arrays. [mm]

    >>> runoff_of([100.0, 10.0], 75.0, 0.2).round(2).tolist()
    [41.14, 0.0]
    """
    shape, (depth, number) = as_cells(rain, curve_number)
    with np.errstate(invalid="ignore"):
        wrong = (depth < 0.0) | (number <= 0.0) | (number > 100.0)
    if wrong.any():
        seen = f"{depth[wrong][0]:g} mm, {number[wrong][0]:g}"
        raise InputError("E508", detail=f"storm_runoff: {seen} (≥ 0 mm; 0 – 100)")
    out = np.empty(len(depth))
    kernels.storm_runoff(depth, number, float(abstraction), out)
    return out.reshape(shape)


def year_runoff(
    curve_number: npt.ArrayLike, *storms: npt.ArrayLike, abstraction: float = 0.2
) -> Floats:
    """Runoff of a year's storms, each for itself, as `storm_runoff` has it.

    Parameters
    ----------
    curve_number : array
        Above 0 to 100. [1]
    *storms : array
        Depth of each storm. [mm]
    abstraction : float
        Share of the retention taken up before anything runs off. [1]

    Returns
    -------
    array
        Missing where a storm or the curve number is. [mm yr-1]

    Raises
    ------
    InputError
        E508 curve numbers or rain out of range.

    Examples
    --------
    Two storms of 100 mm on curve number 75 send off 41.14 mm each; one of 200 mm sends off more.

    >>> year_runoff(75.0, 100.0, 100.0).round(2).item(), year_runoff(75.0, 200.0).round(2).item()
    (82.27, 125.17)
    """
    found = sum(runoff_of(storm, curve_number, abstraction) for storm in storms)
    return np.asarray(found, dtype=np.float64)


def actual_et(
    rain: npt.ArrayLike,
    potential: npt.ArrayLike,
    *,
    way: Literal["zhang", "fu"] = "zhang",
    plant_water: npt.ArrayLike = 2.0,
) -> Floats:
    r"""Actual evapotranspiration of a year from rain and what the air could take up.

    - ``zhang``: :math:`P\,\frac{1 + w\phi}{1 + w\phi + 1/\phi}` with :math:`\phi = PET/P`
    - ``fu``: :math:`P\,(1 + \phi - (1 + \phi^w)^{1/w})`

    Parameters
    ----------
    rain, potential : array
        Yearly depths. [mm yr-1]
    way : {"zhang", "fu"}
        Which curve.
    plant_water : array
        w, above nought: with ``zhang`` 2.0 for forest and 0.5 for grass, with ``fu`` above 1. [1]

    Returns
    -------
    array
        Never more than rain, nor than PET; nought without rain. [mm yr-1]

    Raises
    ------
    InputError
        E506 an unknown way, E508 a w out of its range, or a depth below nought.

    References
    ----------
    Zhang, Dawes and Walker 2001; Fu 1981 (傅抱璞). Recalled.

    Examples
    --------
    A PET of 0.8 of rain and w = 2: 1500 × 2.6 / (2.6 + 1.25).

    >>> actual_et(1500.0, 1200.0).round(1).item()
    1013.0
    >>> actual_et(1500.0, 1200.0, way="fu", plant_water=2.6).round(1).item()
    920.3
    """
    if way not in EVAPOTRANSPIRATION_WAYS:
        raise InputError("E506", value=way, expected=", ".join(EVAPOTRANSPIRATION_WAYS))
    shape, (p, pet, w) = as_cells(rain, potential, plant_water)
    _look("rain_mm", p, 0.0, at_least=True)
    _look("potential_et_mm", pet, 0.0, at_least=True)
    _look("plant_water", w, 1.0 if way == "fu" else 0.0)
    out = np.empty(len(p))
    kernels.actual_et(p, pet, w, EVAPOTRANSPIRATION_WAYS.index(way), out)
    return out.reshape(shape)


def retention(
    rain: npt.ArrayLike, runoff: npt.ArrayLike, et: npt.ArrayLike, *, least: float = -np.inf
) -> Floats:
    """Water held in a year: rain less runoff less evapotranspiration.

    Parameters
    ----------
    rain, runoff, et : array
        Yearly depths. [mm yr-1]
    least : float
        A policy: what is below counts as this. Nothing is raised where nothing is said: land that
        takes up more than falls on it is told by the account, and never counts as nought. [mm yr-1]

    Returns
    -------
    array
        Missing where one of the three is. [mm yr-1]

    Examples
    --------
    >>> retention([1800.0, 900.0], [400.0, 300.0], [900.0, 700.0]).tolist()
    [500.0, -100.0]
    """
    shape, (p, q, e) = as_cells(rain, runoff, et)
    out = np.empty(len(p))
    kernels.retention(p, q, e, float(least), out)
    return out.reshape(shape)


def as_cells(*values: npt.ArrayLike) -> tuple[tuple[int, ...], list[Floats]]:
    """Arrays of one shape as rows of cells, as the kernels take them."""
    given = [np.asarray(each, dtype=np.float64) for each in values]
    shape = np.broadcast_shapes(*(each.shape for each in given))
    laid = (e if e.shape == shape else np.broadcast_to(e, shape).copy() for e in given)
    return shape, [np.ascontiguousarray(each).reshape(-1) for each in laid]


def _look(name: str, values: Floats, limit: float, *, at_least: bool = False) -> None:
    with np.errstate(invalid="ignore"):
        wrong = values < limit if at_least else values <= limit
    if wrong.any():
        expected = f"{'≥' if at_least else '>'} {limit:g}"
        raise InputError("E508", detail=f"{name} = {values[wrong][0]:g} ({expected})")
