"""Water by cell: what a storm sends off, what the air could take up, what it does take up.

The formulas are remembered, their papers were not at hand: recalled. Depths are yearly or daily
as each function says, never amounts per cell.
"""

from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import xarray as xr

from ecogis.core.errors import InputError
from ecogis.services import erosion_kernels as kernels

__all__ = [
    "actual_et",
    "extraterrestrial_radiation",
    "hargreaves",
    "penman_monteith",
    "retention",
    "storm_runoff",
    "thornthwaite",
]

Floats = npt.NDArray[np.float64]
_SOLAR: Final = 0.0820  # solar constant [MJ m-2 min-1]
_MJ_TO_MM: Final = 0.408  # a megajoule a square metre evaporates so much water [mm]


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
    depth, number = (_held(raster) for raster in (rain, curve_number))
    with np.errstate(invalid="ignore"):
        wrong = (depth < 0.0).any() or (number <= 0.0).any() or (number > 100.0).any()
    if depth.shape != number.shape or wrong:
        raise InputError("E508", detail=f"storm_runoff: {depth.shape}, {number.shape}")
    out = np.empty(depth.shape)
    kernels.curve_number_runoff(depth, number, float(abstraction), out)
    attrs = {key: rain.attrs[key] for key in ("crs",) if key in rain.attrs} | {"units": "mm"}
    return xr.DataArray(out, rain.coords, rain.dims, name="storm_runoff_mm", attrs=attrs)


def extraterrestrial_radiation(latitude: npt.ArrayLike, day: npt.ArrayLike) -> Floats:
    """Radiation above the air on a day of the year.

    Parameters
    ----------
    latitude : array
        North positive. [degree]
    day : array
        Day of the year, 1 to 366.

    Returns
    -------
    array
        Nought in the polar night. [MJ m-2 d-1]

    References
    ----------
    FAO Irrigation and drainage paper 56, equations 21 to 25; its example 8 is below. Recalled.

    Examples
    --------
    >>> extraterrestrial_radiation(-20.0, 246).round(1).item()
    32.2
    """
    phi = np.radians(np.asarray(latitude, dtype=np.float64))
    angle = 2.0 * np.pi * np.asarray(day, dtype=np.float64) / 365.0
    distance = 1.0 + 0.033 * np.cos(angle)
    declination = 0.409 * np.sin(angle - 1.39)
    sunset = np.arccos(np.clip(-np.tan(phi) * np.tan(declination), -1.0, 1.0))
    up = sunset * np.sin(phi) * np.sin(declination)
    return np.asarray(
        24.0 * 60.0 / np.pi * _SOLAR * distance
        * (up + np.cos(phi) * np.cos(declination) * np.sin(sunset))
    )  # fmt: skip


def hargreaves(
    mean: npt.ArrayLike, highest: npt.ArrayLike, lowest: npt.ArrayLike, radiation: npt.ArrayLike
) -> Floats:
    r"""Reference evapotranspiration of a day from temperatures.

    .. math:: ET_0 = 0.0023 \cdot 0.408\, R_a (T + 17.8) \sqrt{T_{max} - T_{min}}

    Parameters
    ----------
    mean, highest, lowest : array
        Air temperatures. [°C]
    radiation : array
        Extraterrestrial radiation. [MJ m-2 d-1]

    Returns
    -------
    array
        Never below nought; missing where the highest lies below the lowest. [mm d-1]

    References
    ----------
    Hargreaves and Samani 1985, as in FAO 56, equation 52. Recalled.

    Examples
    --------
    >>> hargreaves(25.0, 31.0, 22.0, 40.0).round(2).item()
    4.82
    """
    t, high, low, ra = (np.asarray(v, dtype=np.float64) for v in (mean, highest, lowest, radiation))
    with np.errstate(invalid="ignore"):
        found = 0.0023 * _MJ_TO_MM * ra * (t + 17.8) * np.sqrt(high - low)
    return np.asarray(np.maximum(found, 0.0))


def thornthwaite(monthly: npt.ArrayLike, hours: npt.ArrayLike, days: npt.ArrayLike) -> Floats:
    r"""Potential evapotranspiration of twelve months from their mean temperatures.

    .. math:: PET = 16\,\frac{N}{12}\,\frac{n}{30}\left(\frac{10\,T}{I}\right)^a, \quad
       I = \sum (T/5)^{1.514}

    with :math:`a = 6.75\cdot10^{-7} I^3 - 7.71\cdot10^{-5} I^2 + 1.792\cdot10^{-2} I + 0.49239`;
    nought in months at or below freezing.

    Parameters
    ----------
    monthly : array (12, ...)
        Mean temperatures. [°C]
    hours, days : array (12, ...)
        Hours of daylight of the months' days [h d-1] and days of the months [d].

    Returns
    -------
    array (12, ...)
        Depths. [mm per month]

    Raises
    ------
    InputError
        E507 not twelve months.

    References
    ----------
    Thornthwaite 1948. Recalled.

    Examples
    --------
    20 °C, 12 h and 30 d in each month: I is 97.87, a is 2.14.

    >>> even = np.full(12, 20.0)
    >>> thornthwaite(even, np.full(12, 12.0), np.full(12, 30.0))[0].round(1).item()
    73.9
    """
    t = np.asarray(monthly, dtype=np.float64)
    if t.shape[:1] != (12,):
        raise InputError("E507", detail=f"{t.shape}")
    warm = np.where(t < 0.0, 0.0, t)  # missing stays missing
    index = ((warm / 5.0) ** 1.514).sum(axis=0)
    power = 6.75e-7 * index**3 - 7.71e-5 * index**2 + 1.792e-2 * index + 0.49239
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = 16.0 * (10.0 * warm / index) ** power
    share = np.asarray(hours, dtype=np.float64) / 12.0 * np.asarray(days, dtype=np.float64) / 30.0
    return np.asarray(np.where(warm == 0.0, 0.0, rate * share))


def penman_monteith(
    temperature: npt.ArrayLike,
    *,
    net_radiation: npt.ArrayLike,
    soil_heat: npt.ArrayLike,
    wind: npt.ArrayLike,
    vapour: npt.ArrayLike,
    saturation: npt.ArrayLike,
    elevation: npt.ArrayLike,
) -> Floats:
    r"""Reference evapotranspiration of a day by Penman and Monteith, as FAO 56 has it.

    .. math:: ET_0 = \frac{0.408\,\Delta (R_n - G) + \gamma \frac{900}{T+273} u_2 (e_s - e_a)}
       {\Delta + \gamma (1 + 0.34 u_2)}

    Parameters
    ----------
    temperature : array
        Mean air temperature. [°C]
    net_radiation, soil_heat : array
        Rn and G. [MJ m-2 d-1]
    wind : array
        At two metres. [m s-1]
    vapour, saturation : array
        Actual and mean saturation vapour pressure. [kPa]
    elevation : array
        Above the sea, for the air's pressure. [m]

    Returns
    -------
    array
        Never below nought. [mm d-1]

    References
    ----------
    FAO Irrigation and drainage paper 56, equation 6; its example 17 (Bangkok, April; 5.72 from
    rounded terms) is below. Recalled.

    Examples
    --------
    >>> penman_monteith(
    ...     30.2,
    ...     net_radiation=14.33,
    ...     soil_heat=0.14,
    ...     wind=2.0,
    ...     vapour=2.85,
    ...     saturation=4.42,
    ...     elevation=2.0,
    ... ).round(1).item()
    5.7
    """
    t, rn, g, u, ea, es, z = (
        np.asarray(values, dtype=np.float64)
        for values in (temperature, net_radiation, soil_heat, wind, vapour, saturation, elevation)
    )
    pressure = 101.3 * ((293.0 - 0.0065 * z) / 293.0) ** 5.26
    gamma = 0.665e-3 * pressure
    slope = 4098.0 * 0.6108 * np.exp(17.27 * t / (t + 237.3)) / (t + 237.3) ** 2
    top = _MJ_TO_MM * slope * (rn - g) + gamma * 900.0 / (t + 273.0) * u * (es - ea)
    return np.asarray(np.maximum(top / (slope + gamma * (1.0 + 0.34 * u)), 0.0))


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
        w: with ``zhang`` 2.0 for forest and 0.5 for grass, with ``fu`` above 1. [1]

    Returns
    -------
    array
        Never more than rain, nor than PET; nought without rain. [mm yr-1]

    Raises
    ------
    InputError
        E506 an unknown way.

    References
    ----------
    Zhang, Dawes and Walker 2001; Fu 1981 (傅抱璞). Recalled.

    Examples
    --------
    >>> actual_et(1500.0, 1200.0).round(1).item()
    1013.0
    >>> actual_et(1500.0, 1200.0, way="fu", plant_water=2.6).round(1).item()
    920.3
    """
    if way not in {"zhang", "fu"}:
        raise InputError("E506", value=way, expected="zhang, fu")
    p, pet, w = (np.asarray(v, dtype=np.float64) for v in (rain, potential, plant_water))
    with np.errstate(divide="ignore", invalid="ignore"):
        phi = pet / p
        if way == "zhang":
            found = p * (1.0 + w * phi) / (1.0 + w * phi + 1.0 / phi)
        else:
            found = p * (1.0 + phi - (1.0 + phi**w) ** (1.0 / w))
    bounded = np.minimum(np.minimum(found, p), pet)
    return np.asarray(np.where((p == 0.0) | (pet == 0.0), 0.0, bounded))


def retention(rain: npt.ArrayLike, runoff: npt.ArrayLike, et: npt.ArrayLike) -> Floats:
    """Water held in a year: rain less runoff less evapotranspiration, never below nought.

    >>> retention([1800.0, 900.0], [400.0, 300.0], [900.0, 700.0]).tolist()
    [500.0, 0.0]
    """
    p, q, e = (np.asarray(values, dtype=np.float64) for values in (rain, runoff, et))
    return np.asarray(np.maximum(p - q - e, 0.0))


def _held(raster: xr.DataArray) -> Any:
    return np.ascontiguousarray(raster.to_numpy(), dtype=np.float64)
