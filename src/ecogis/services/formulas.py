"""What a hectare gives in a year, and what a record stands for: each formula with its source.

Arrays in, arrays out; a value that is missing stays missing. Numbers with a source are arguments:
they come from the parameter library.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = [
    "LAND",
    "RECORD",
    "area_class",
    "depth",
    "earth",
    "evaporation",
    "evaporation_energy",
    "fertiliser",
    "ions",
    "lake",
    "less",
    "marsh",
    "on_record",
    "reservoir",
    "rusle",
    "sand",
    "silt",
    "soil_nutrient",
    "times",
    "transpiration",
    "water_balance",
]

Floats = npt.NDArray[np.float64]

_M3_PER_MM_HA: Final = 10.0  # 1 mm on 10,000 m2
_M2_PER_HA: Final = 1e4
_KJ_PER_KWH: Final = 3600.0
_M3_PER_LAKE_UNIT: Final = 1e4  # the lake model gives units of 10,000 m3


def water_balance(rain: Floats, runoff: Floats, evaporated: Floats) -> Floats:
    """Depth of water land retains in a year: rain less runoff less evapotranspiration. [mm yr-1]

    References
    ----------
    .. [1] 白玛卓嘎 et al. 2017, 生态学报 37(19); LY/T 1721-2008 has the same terms.

    Examples
    --------
    >>> water_balance(np.array([1600.0]), np.array([500.0]), np.array([800.0]))
    array([300.])
    """
    return rain - runoff - evaporated


def less(first: Floats, second: Floats) -> Floats:
    """Storm rain less storm runoff: what vegetation holds back. [mm yr-1]

    >>> less(np.array([220.0]), np.array([180.0]))
    array([40.])
    """
    return first - second


def depth(millimetres: Floats) -> Floats:
    """Volume on a hectare. [m3 ha-1]

    >>> depth(np.array([300.0]))
    array([3000.])
    """
    return _M3_PER_MM_HA * millimetres


def rusle(r: Floats, k: Floats, ls: Floats, c: Floats, p: Floats) -> Floats:
    r"""Soil kept on a hectare: potential less actual erosion. [t ha-1 yr-1]

    .. math:: A_s = R \, K \, LS \, (1 - C P)

    References
    ----------
    .. [1] Revised universal soil loss equation; as in 白玛卓嘎 et al. 2017.

    Examples
    --------
    >>> one = [np.array([v]) for v in (6000.0, 0.03, 2.0, 0.01, 1.0)]
    >>> rusle(*one).round(6)
    array([356.4])
    """
    return np.asarray(r * k * ls * (1.0 - c * p))


def silt(kept: Floats, density: Floats, share: float) -> Floats:
    """Silt kept out of reservoirs, as volume, of a hectare. [m3 ha-1 yr-1]

    >>> silt(np.array([356.4]), np.array([1.2]), 0.24).round(6)
    array([71.28])
    """
    return share * kept / density


def soil_nutrient(kept: Floats, content: Floats) -> Floats:
    """Nutrient in the soil kept on a hectare. [t ha-1 yr-1]

    >>> soil_nutrient(np.array([356.4]), np.array([0.002])).round(6)
    array([0.7128])
    """
    return kept * content


def sand(kept: Floats, density: float, layer: float) -> Floats:
    """Land that the sand kept on a hectare would have covered. [m2 ha-1 yr-1]

    >>> sand(np.array([12.8]), 1.28, 0.1)
    array([100.])
    """
    return kept / (density * layer)


def times(rate: Floats) -> Floats:
    """A rate of a hectare as it is. [t ha-1 yr-1]

    >>> times(np.array([0.15]))
    array([0.15])
    """
    return rate


def transpiration(heat: Floats, days: Floats, efficiency: float) -> Floats:
    """Electricity that would cool as transpiration of a hectare does. [kWh ha-1 yr-1]

    Parameters
    ----------
    heat : array
        Heat of transpiration. [kJ m-2 d-1]
    days : array
        Days of cooling in a year. [1]
    efficiency : float
        Heat an air conditioner moves for the energy it takes. [1]

    Examples
    --------
    360 kJ a square metre and day, 90 days: 90,000 kWh of heat a hectare, a third as electricity.

    >>> transpiration(np.array([360.0]), np.array([90.0]), 3.0)
    array([30000.])
    """
    return heat * days * _M2_PER_HA / (_KJ_PER_KWH * efficiency)


def evaporation_energy(efficiency: float, latent: float, humidifier: float) -> float:
    """Electricity for the cooling and moistening of a cubic metre evaporated. [kWh m-3]

    Parameters
    ----------
    efficiency : float
        Heat an air conditioner moves for the energy it takes. [1]
    latent : float
        Latent heat of water. [kWh m-3]
    humidifier : float
        Electricity of a humidifier. [kWh m-3]

    Examples
    --------
    2450 J/g is 680.56 kWh a cubic metre: with a COP of 3 it makes 347, without one 801.

    >>> (
    ...     round(evaporation_energy(3.0, 2450 / 3.6, 120.0)),
    ...     round(evaporation_energy(1.0, 2450 / 3.6, 120.0)),
    ... )
    (347, 801)
    """
    return latent / efficiency + humidifier


def ions(density: Floats, height: Floats, life: Floats, rate: float, threshold: float) -> Floats:
    """Negative ions a hectare makes in a year above the threshold. [1]

    None are counted where the density does not pass the threshold.

    References
    ----------
    .. [1] LY/T 1721-2008, by the code of a public calculator.

    Examples
    --------
    >>> ions(np.array([1600.0]), np.array([10.0]), np.array([10.0]), 5.256e15, 600.0)
    array([5.256e+18])
    """
    above = np.maximum(density - threshold, 0.0)
    return np.asarray(rate * height * above / life)


def fertiliser(matter: Floats, content: Floats, share: float) -> Floats:
    """Fertiliser that holds the nutrient of some matter, of a hectare. [t ha-1 yr-1]

    >>> fertiliser(np.array([10.0]), np.array([0.007]), 0.14).round(6)
    array([0.5])
    """
    return matter * content / share


def earth(kept: Floats, density: Floats) -> Floats:
    """Soil kept on a hectare as volume. [m3 ha-1 yr-1]

    >>> earth(np.array([24.0]), np.array([1.2]))
    array([20.])
    """
    return kept / density


def area_class(index: Floats, level: int) -> Floats:
    """A hectare of the class of the Shannon-Wiener index, nothing of any other. [1]

    Class 1 is below 1, class 2 from 1 to 2, class 7 from 6 on.

    >>> area_class(np.array([0.5, 1.0, 8.0, np.nan]), 2)
    array([ 0.,  1.,  0., nan])
    """
    found = np.clip(np.floor(index) + 1.0, 1.0, 7.0)
    return np.where(np.isnan(index), np.nan, (found == level).astype(np.float64))


def on_record(quantity: Floats) -> Floats:
    """A quantity as it stands on record.

    >>> on_record(np.array([7.0]))
    array([7.])
    """
    return quantity


def lake(area: Floats, log: float, exponent: float, turnover: float) -> Floats:
    r"""Water lakes hold back of floods. [m3 yr-1]

    .. math:: C = e^{a} A^{b} T \cdot 10^4

    Parameters
    ----------
    area : array
        Area of each lake. [km2]
    log, exponent, turnover : float
        Coefficients of the region. [1]

    References
    ----------
    .. [1] 白玛卓嘎 et al. 2017 for the plateau; 饶恩明 et al. 2014 elsewhere.

    Examples
    --------
    A lake of 1 km2 on the plateau: e to the power 6.636 is 762.0, in units of 10,000 m3.

    >>> lake(np.array([1.0]), 6.636, 0.678, 1.0).round(-4)
    array([7620000.])
    """
    return np.asarray(np.exp(log) * np.power(area, exponent) * turnover * _M3_PER_LAKE_UNIT)


def reservoir(capacity: Floats, share: float) -> Floats:
    """Water reservoirs take up of floods. [m3 yr-1]

    >>> reservoir(np.array([1000.0]), 0.35)
    array([350.])
    """
    return capacity * share


def marsh(area: Floats, held: float) -> Floats:
    """Water marshes hold back. [m3 yr-1]

    Parameters
    ----------
    area : array
        Area. [ha]
    held : float
        Depth held back. [m]

    Examples
    --------
    >>> marsh(np.array([1.0]), 0.3)
    array([3000.])
    """
    return area * _M2_PER_HA * held


def evaporation(volume: Floats, efficiency: float, latent: float, humidifier: float) -> Floats:
    """Electricity that would cool and moisten as open water does. [kWh yr-1]

    >>> evaporation(np.array([2.0]), 3.0, 2450 / 3.6, 120.0).round(2)
    array([693.7])
    """
    return volume * evaporation_energy(efficiency, latent, humidifier)


LAND: Final = MappingProxyType[str, Callable[..., Any]](
    {
        "water_balance": water_balance,
        "storm_balance": less,
        "depth": depth,
        "rusle": rusle,
        "silt": silt,
        "soil_nutrient": soil_nutrient,
        "sand": sand,
        "uptake": times,
        "transpiration": transpiration,
        "ions": ions,
        "fertiliser": fertiliser,
        "soil_fertiliser": fertiliser,
        "earth": earth,
        "area_class": area_class,
    }
)
"""Formulas of land units by name: variables in their order, then constants in theirs."""

RECORD: Final = MappingProxyType[str, Callable[..., Any]](
    {
        "on_record": on_record,
        "lake": lake,
        "reservoir": reservoir,
        "marsh": marsh,
        "evaporation": evaporation,
    }
)
"""Formulas of records by name: the quantity, then constants in their order."""
