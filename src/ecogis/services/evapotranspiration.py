"""What the air could take up of water by cell, from temperatures or from the whole of the weather.

The formulas are remembered, their papers were not at hand: recalled. Depths are of a day or a month
as each function says, never amounts per cell.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecogis.core.errors import InputError
from ecogis.services import water_kernels as kernels
from ecogis.services.water import as_cells

__all__ = [
    "daylight",
    "extraterrestrial_radiation",
    "hargreaves",
    "penman_monteith",
    "thornthwaite",
]

Floats = npt.NDArray[np.float64]
_SOLAR: Final = 0.0820  # solar constant [MJ m-2 min-1]


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
    phi, declination, sunset = _sun(latitude, day)
    distance = 1.0 + 0.033 * np.cos(_angle(day))
    up = sunset * np.sin(phi) * np.sin(declination)
    return np.asarray(
        24.0 * 60.0 / np.pi * _SOLAR * distance
        * (up + np.cos(phi) * np.cos(declination) * np.sin(sunset))
    )  # fmt: skip


def daylight(latitude: npt.ArrayLike, day: npt.ArrayLike) -> Floats:
    """Hours from sunrise to sunset on a day of the year.

    Parameters
    ----------
    latitude : array
        North positive. [degree]
    day : array
        Day of the year, 1 to 366.

    Returns
    -------
    array
        From 0 to 24. [h]

    References
    ----------
    FAO Irrigation and drainage paper 56, equation 34; its example 9 is below. Recalled.

    Examples
    --------
    >>> daylight(-20.0, 246).round(1).item()
    11.7
    """
    return np.asarray(24.0 / np.pi * _sun(latitude, day)[2])


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
    shape, (t, high, low, sun) = as_cells(mean, highest, lowest, radiation)
    out = np.empty(len(t))
    kernels.hargreaves(t, high, low, sun, out)
    return out.reshape(shape)


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
    share = np.asarray(hours, dtype=np.float64) / 12.0 * np.asarray(days, dtype=np.float64) / 30.0
    wide = np.ascontiguousarray(t.reshape(12, -1))
    part = np.broadcast_to(share, t.shape).reshape(12, -1)
    out = np.empty_like(wide)
    kernels.thornthwaite(wide, np.ascontiguousarray(part), out)
    return out.reshape(t.shape)


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
    shape, (t, rn, g, u, ea, es, z) = as_cells(
        temperature, net_radiation, soil_heat, wind, vapour, saturation, elevation
    )
    out = np.empty(len(t))
    kernels.penman_monteith(t, rn, g, u, ea, es, z, out)
    return out.reshape(shape)


def _angle(day: npt.ArrayLike) -> Any:
    return 2.0 * np.pi * np.asarray(day, dtype=np.float64) / 365.0


def _sun(latitude: npt.ArrayLike, day: npt.ArrayLike) -> tuple[Any, Any, Any]:
    """Latitude, declination and hour angle of sunset. [radian]"""
    phi = np.radians(np.asarray(latitude, dtype=np.float64))
    declination = 0.409 * np.sin(_angle(day) - 1.39)
    sunset = np.arccos(np.clip(-np.tan(phi) * np.tan(declination), -1.0, 1.0))
    return phi, declination, sunset
