"""Carbon of classes in two rasters: stored before, stored after, change and its value, at once."""

import math

import numpy as np
import numpy.typing as npt

from ecogis.numerics.compiling import kernel

__all__ = ["carbon_of_classes"]

Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]


@kernel
def carbon_of_classes(
    before: Codes,  # (row, column)  class before
    after: Codes,  # (row, column)  class after
    lowest: int,  # code of the first entry of `store`
    store: Floats,  # (code)  carbon of a class, missing where the class has none stated [t C ha-1]
    worth: float,  # value of a tonne of carbon more, after all years [CNY]
    nodata: int,  # code of no data
    opening: Singles,  # (row, column)  out [t C ha-1]
    closing: Singles,  # (row, column)  out [t C ha-1]
    change: Singles,  # (row, column)  out [t C ha-1]
    value: Singles,  # (row, column)  out [CNY ha-1]
) -> int:
    """Fill the four; the first class without a store, or `nodata` where every class has one."""
    rows, columns = before.shape
    unknown = nodata
    for r in range(rows):
        for c in range(columns):
            old, new = before[r, c], after[r, c]
            if old == nodata or new == nodata:  # noqa: PLR1714  compiled
                opening[r, c] = closing[r, c] = change[r, c] = value[r, c] = math.nan
                continue
            i, j = old - lowest, new - lowest
            a = store[i] if 0 <= i < len(store) else math.nan
            b = store[j] if 0 <= j < len(store) else math.nan
            if unknown == nodata and not (math.isfinite(a) and math.isfinite(b)):
                unknown = old if not math.isfinite(a) else new
            opening[r, c], closing[r, c] = a, b
            change[r, c], value[r, c] = b - a, (b - a) * worth
    return unknown
