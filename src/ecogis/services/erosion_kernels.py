"""Soil loss by cell: small laws of a cell, fused so that each raster is read once."""

import math

import numpy as np
import numpy.typing as npt

from ecogis.numerics.compiling import kernel

__all__ = ["erosivity", "soil_retained"]

Values = npt.NDArray[np.float32] | npt.NDArray[np.float64]

# formulas of erosivity
RENARD_FREIMUND, WISCHMEIER, ZHANG_FU = 0, 1, 2


@kernel
def erosivity(
    rain: Values,  # (month, row, column)  [mm]
    way: int,
    out: Values,  # (row, column)  [MJ mm ha-1 h-1 yr-1]
) -> None:
    """Fill `out` with the erosivity of a year's rain; missing where a month is."""
    months, rows, columns = rain.shape
    for r in range(rows):
        for c in range(columns):
            year, squares, logs = 0.0, 0.0, 0.0
            for m in range(months):
                depth = float(rain[m, r, c])
                year += depth
                squares += depth * depth
            if not year > 0.0:
                out[r, c] = year * 0.0  # no rain wears nothing; missing stays missing
                continue
            index = squares / year  # modified Fournier index [mm]
            if way == RENARD_FREIMUND:
                out[r, c] = (
                    0.07397 * math.pow(index, 1.847)
                    if index < 55.0
                    else 95.77 - 6.081 * index + 0.4770 * index * index
                )
            elif way == ZHANG_FU:
                out[r, c] = 0.0534 * math.pow(year, 1.6548)
            else:
                for m in range(months):
                    depth = float(rain[m, r, c])
                    if depth > 0.0:
                        logs += 1.735 * math.pow(
                            10.0, 1.5 * math.log10(depth * depth / year) - 0.8188
                        )
                out[r, c] = 17.02 * logs


@kernel
def soil_retained(
    rain: Values,  # (row, column)  R [MJ mm ha-1 h-1 yr-1]
    soil: Values,  # (row, column)  K [t ha h ha-1 MJ-1 mm-1]
    slope: Values,  # (row, column)  LS [1]
    cover: Values,  # (row, column)  C [1]
    practice: Values,  # (row, column)  P [1]
    out: Values,  # (row, column)  [t ha-1 yr-1]
) -> None:
    """Fill `out` with what bare soil would lose beyond what is lost; missing where a factor is."""
    rows, columns = rain.shape
    for r in range(rows):
        for c in range(columns):
            bare = float(rain[r, c]) * float(soil[r, c]) * float(slope[r, c])
            out[r, c] = bare * (1.0 - float(cover[r, c]) * float(practice[r, c]))
