"""Water by cell: storms that run off, what the air could take up, what it takes up, what stays.

Cells lie in one row, so that a window of any shape goes in as it is; a missing value stays missing
in its own cell.
"""

import math

import numpy as np
import numpy.typing as npt

from ecogis.numerics.compiling import kernel

__all__ = [
    "actual_et",
    "hargreaves",
    "penman_monteith",
    "retention",
    "storm_runoff",
    "thornthwaite",
]

Floats = npt.NDArray[np.float64]

# curves of actual evapotranspiration
ZHANG, FU = 0, 1

_MJ_TO_MM = 0.408  # a megajoule a square metre evaporates so much water [mm]


@kernel
def storm_runoff(
    rain: Floats,  # (cell)  depth of one storm [mm]
    number: Floats,  # (cell)  curve number, above 0 to 100
    abstraction: float,  # share of the retention taken up before anything runs off [1]
    out: Floats,  # (cell)  [mm]
) -> None:
    """Fill `out` with the runoff of a storm; missing where rain or curve number is."""
    for i in range(len(rain)):
        held = 25400.0 / number[i] - 254.0
        over = rain[i] - abstraction * held
        if over > 0.0:
            out[i] = over * over / (rain[i] + (1.0 - abstraction) * held)
        else:
            out[i] = 0.0 * over  # missing stays missing


@kernel
def hargreaves(
    mean: Floats,  # (cell)  [°C]
    highest: Floats,  # (cell)  [°C]
    lowest: Floats,  # (cell)  [°C]
    radiation: Floats,  # (cell)  above the air [MJ m-2 d-1]
    out: Floats,  # (cell)  [mm d-1]
) -> None:
    """Fill `out` with a day's reference evapotranspiration, never below nought."""
    for i in range(len(mean)):
        span = highest[i] - lowest[i]
        root = math.sqrt(span) if span >= 0.0 else math.nan  # missing the wrong way round
        found = 0.0023 * _MJ_TO_MM * radiation[i] * (mean[i] + 17.8) * root
        out[i] = 0.0 if found < 0.0 else found  # noqa: FURB136  max would lose what is missing


@kernel
def thornthwaite(
    monthly: Floats,  # (month, cell)  mean temperatures [°C]
    share: Floats,  # (month, cell)  daylight over 12 h times days over 30 d [1]
    out: Floats,  # (month, cell)  [mm per month]
) -> None:
    """Fill `out` with the months' potential evapotranspiration; nought at or below freezing."""
    months, cells = monthly.shape
    for i in range(cells):
        index = 0.0
        for m in range(months):
            t = monthly[m, i]
            index += math.nan if math.isnan(t) else math.pow(max(t, 0.0) / 5.0, 1.514)
        power = (
            6.75e-7 * index * index * index - 7.71e-5 * index * index + 1.792e-2 * index + 0.49239
        )
        for m in range(months):
            t = monthly[m, i]
            if t <= 0.0:
                out[m, i] = 0.0
            else:
                out[m, i] = 16.0 * math.pow(10.0 * t / index, power) * share[m, i]


@kernel
def penman_monteith(
    temperature: Floats,  # (cell)  [°C]
    net_radiation: Floats,  # (cell)  [MJ m-2 d-1]
    soil_heat: Floats,  # (cell)  [MJ m-2 d-1]
    wind: Floats,  # (cell)  at two metres [m s-1]
    vapour: Floats,  # (cell)  [kPa]
    saturation: Floats,  # (cell)  [kPa]
    elevation: Floats,  # (cell)  [m]
    out: Floats,  # (cell)  [mm d-1]
) -> None:
    """Fill `out` with a day's reference evapotranspiration, never below nought."""
    for i in range(len(temperature)):
        t = temperature[i]
        pressure = 101.3 * math.pow((293.0 - 0.0065 * elevation[i]) / 293.0, 5.26)
        gamma = 0.665e-3 * pressure
        above = t + 237.3
        slope = 4098.0 * 0.6108 * math.exp(17.27 * t / above) / (above * above)
        dry = gamma * 900.0 / (t + 273.0) * wind[i] * (saturation[i] - vapour[i])
        top = _MJ_TO_MM * slope * (net_radiation[i] - soil_heat[i]) + dry
        found = top / (slope + gamma * (1.0 + 0.34 * wind[i]))
        out[i] = 0.0 if found < 0.0 else found  # noqa: FURB136  max would lose what is missing


@kernel
def actual_et(
    rain: Floats,  # (cell)  [mm yr-1]
    potential: Floats,  # (cell)  [mm yr-1]
    plant_water: Floats,  # (cell)  w of the curve [1]
    way: int,  # ZHANG or FU
    out: Floats,  # (cell)  [mm yr-1]
) -> None:
    """Fill `out` with a year's actual evapotranspiration: at most rain, at most potential."""
    for i in range(len(rain)):
        p, pet, w = rain[i], potential[i], plant_water[i]
        if math.isnan(p) or math.isnan(pet) or math.isnan(w):
            out[i] = math.nan
        elif p <= 0.0 or pet <= 0.0:
            out[i] = 0.0
        else:
            phi = pet / p
            if way == ZHANG:
                found = p * (1.0 + w * phi) / (1.0 + w * phi + 1.0 / phi)
            else:
                found = p * (1.0 + phi - math.pow(1.0 + math.pow(phi, w), 1.0 / w))
            out[i] = min(found, p, pet)


@kernel
def retention(
    rain: Floats,  # (cell)  [mm yr-1]
    runoff: Floats,  # (cell)  [mm yr-1]
    et: Floats,  # (cell)  [mm yr-1]
    least: float,  # what is below counts as this; minus infinity leaves it [mm yr-1]
    out: Floats,  # (cell)  [mm yr-1]
) -> None:
    """Fill `out` with rain less runoff less evapotranspiration; missing where one is."""
    for i in range(len(rain)):
        found = rain[i] - runoff[i] - et[i]
        out[i] = least if found < least else found  # noqa: FURB136  as above
