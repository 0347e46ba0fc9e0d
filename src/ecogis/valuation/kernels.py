"""Draws of quantity: arrays in, results written to `out`."""

import numpy as np
import numpy.typing as npt

from ecogis.numerics.compiling import kernel
from ecogis.numerics.elementary import exp

__all__ = ["add_drawn_kg", "scale_kg"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@kernel
def add_drawn_kg(
    credit_kg: Ints,  # (stand, issuance)  kg CO2e
    normals: Floats,  # (stand, draw)      standard normal
    spread: float,  #                      standard deviation of the logarithm
    out: Ints,  # (draw, issuance)         kg CO2e
) -> None:
    """Add each stand's drawn reductions to `out`.

    The factor is lognormal with mean one. A stand's kilograms are whole before they are added, so
    the sums do not depend on the order of the stands.
    """
    stands, issuances = credit_kg.shape
    for s in range(stands):
        for d in range(normals.shape[1]):
            size = exp(spread * normals[s, d] - 0.5 * spread * spread)
            for i in range(issuances):
                out[d, i] += np.int64(np.rint(credit_kg[s, i] * size))


@kernel
def scale_kg(
    normals: Floats,  # (draw)          standard normal
    spread: float,  #                   standard deviation of the logarithm
    out: Ints,  # (draw, issuance)      kg CO2e
) -> None:
    """Multiply each draw with one lognormal factor of mean one, in place."""
    for d in range(out.shape[0]):
        size = exp(spread * normals[d] - 0.5 * spread * spread)
        for i in range(out.shape[1]):
            out[d, i] = np.int64(np.rint(out[d, i] * size))
