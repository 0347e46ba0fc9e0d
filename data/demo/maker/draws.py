"""Random streams by purpose, and smooth random fields: nothing depends on the order of calls."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def stream(seed: int, purpose: str) -> np.random.Generator:
    """Random generator of one purpose: adding a purpose changes no other."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode())])


@dataclass(frozen=True)
class Grid:
    """Values on a square grid of nodes, read between the nodes by bilinear interpolation."""

    x0: float
    y0: float
    step: float
    values: Floats  # (row from the south, column from the west)

    def at(self, xy: Floats) -> Floats:
        """Interpolated values at points (n, 2)."""
        rows, columns = self.values.shape
        u = np.clip((xy[:, 0] - self.x0) / self.step, 0, columns - 1.001)
        v = np.clip((xy[:, 1] - self.y0) / self.step, 0, rows - 1.001)
        j, i = u.astype(np.int64), v.astype(np.int64)
        u, v = u - j, v - i
        z = self.values
        south = z[i, j] * (1 - u) + z[i, j + 1] * u
        north = z[i + 1, j] * (1 - u) + z[i + 1, j + 1] * u
        return south * (1 - v) + north * v


def smooth_field(
    rng: np.random.Generator, half_width: float, *, step: float, wavelength: float, slope: float
) -> Grid:
    """Gaussian random field, mean 0 and standard deviation 1, on [-half_width, half_width] squared.

    Power falls as ``frequency ** -slope`` above the frequency of `wavelength` [m].
    """
    nodes = int(np.ceil(2 * half_width / step)) + 2
    frequency = np.fft.fftfreq(nodes, step)
    radius = np.hypot(frequency[:, None], frequency[None, :])
    knee = 1.0 / wavelength
    amplitude = (1.0 + (radius / knee) ** 2) ** (-slope / 4.0)
    amplitude[0, 0] = 0.0
    noise = np.fft.fft2(rng.standard_normal((nodes, nodes)))
    values = np.real(np.fft.ifft2(noise * amplitude))
    values = (values - values.mean()) / values.std()
    return Grid(-half_width, -half_width, step, values)


def ranks(values: Floats) -> Floats:
    """Ranks as shares in (0, 1)."""
    order = np.empty(len(values))
    order[np.argsort(values, kind="stable")] = np.arange(len(values))
    return (order + 0.5) / len(values)
