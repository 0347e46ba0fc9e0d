"""Look-up in tables with equal steps, for kernels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecogis.numerics.compiling import inlined

__all__ = ["interpolated"]


@inlined
def interpolated(row: NDArray[np.float64], index: int, part: float) -> float:
    """Value of a row at ``index + part``, ``0 <= part < 1``; its ends are held outside it.

    Free of branches, so that a loop over it can be vectorised.
    """
    last = row.size - 1
    low = min(max(index, 0), last)
    high = min(low + 1, last)
    step = part if index >= 0 else 0.0
    return float(row[low] + step * (row[high] - row[low]))
