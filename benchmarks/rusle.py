"""Soil retention from a DEM: CPU beside NumPy, exactness, and memory at 8,000 x 8,000 cells.

``python benchmarks/rusle.py --size small|medium|full``

Hollows filled, directions of flow, contributing area, length-slope factor and R K LS (1 - C P).
The peer does the same with whole NumPy arrays, and with Python's heap where cells wait for one
another, as a script would. ``full`` adds 8,000 x 8,000 cells of ours alone, for memory.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from scipy.ndimage import gaussian_filter

import measuring
from ecogis.services import erosion, terrain

CELL = 30.0
SEED = 20_260
SIDES = {"small": (300, None), "medium": (600, 2_000), "full": (1_000, 8_000)}
ROUNDS = {"small": 1, "medium": 1, "full": 3}
LIMIT = 110_889.0
AROUND = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]


def heights(side: int) -> xr.DataArray:
    """Hills of several sizes with noise, so that there are hollows; float32."""
    rng = np.random.default_rng([SEED, side])
    noise = (rng.standard_normal((side, side), dtype=np.float32) for _ in range(3))
    z = sum(
        (
            gaussian_filter(one, sigma) * sigma * 8.0
            for one, sigma in zip(noise, (2, 8, 32), strict=True)
        ),
        start=np.float32(300.0),
    )
    along = CELL * np.arange(side)
    return xr.DataArray(
        np.asarray(z, dtype=np.float32),
        {"y": 3e6 - along, "x": 5e5 + along},
        ("y", "x"),
        attrs={"crs": "EPSG:4547"},
    )


def given(z: xr.DataArray) -> dict[str, xr.DataArray]:
    """The other factors: smooth, within their ranges."""
    wave = np.sin(np.arange(z.shape[1], dtype=np.float32) / 97.0)
    values = {"r_factor": 4000 + 500 * wave, "k_factor": 0.03 + 0.005 * wave}
    values |= {"cover_factor": 0.1 + 0.05 * wave, "practice_factor": 1.0 + 0.0 * wave}
    return {
        name: xr.DataArray(
            np.broadcast_to(one.astype(np.float32), z.shape), z.coords, z.dims, attrs=z.attrs
        )
        for name, one in values.items()
    }


def by_ecogis(z: xr.DataArray) -> Any:
    """Ours."""
    return erosion.soil_retained(given(z) | {"ls_factor": terrain.length_slope(z)}).to_numpy()


def by_numpy(z: xr.DataArray) -> Any:
    """The peer: whole arrays, and a heap of Python where cells wait for one another."""
    factors = {name: one.to_numpy().astype(float) for name, one in given(z).items()}
    slope = slow_length_slope(z.to_numpy().astype(float), slow_area(z.to_numpy()))
    bare = factors["r_factor"] * factors["k_factor"] * slope
    return bare * (1.0 - factors["cover_factor"] * factors["practice_factor"])


def slow_area(z: np.ndarray) -> np.ndarray:
    """Contributing area, cell by cell from the rim."""
    rows, columns = z.shape
    level, came, order = z.astype(float), np.full(z.size, -2, np.int64), []
    queue: list[tuple[float, int, int]] = []
    for r in range(rows):
        for c in range(columns) if r in {0, rows - 1} else (0, columns - 1):
            came[r * columns + c] = -1
            queue.append((level[r, c], len(queue), r * columns + c))
    heapq.heapify(queue)
    reached = len(queue)
    while queue:
        height, _, here = heapq.heappop(queue)
        order.append(here)
        for i, j in AROUND:
            r, c = here // columns + i, here % columns + j
            if 0 <= r < rows and 0 <= c < columns and came[r * columns + c] == -2:
                came[r * columns + c] = here
                level[r, c] = max(level[r, c], height)
                heapq.heappush(queue, (level[r, c], reached, r * columns + c))
                reached += 1
    return handed_on(steepest(level, came), order, z.shape)


def steepest(level: np.ndarray, came: np.ndarray) -> np.ndarray:
    """The cell each drains to: steepest way down, else the way it was reached."""
    rows, columns = level.shape
    wide = np.pad(level, 1, constant_values=np.inf)
    falls = np.array(
        [
            (level - wide[1 + i : 1 + i + rows, 1 + j : 1 + j + columns]) / (CELL * np.hypot(i, j))
            for i, j in AROUND
        ]
    )
    best = falls.argmax(axis=0)
    step = np.array([i * columns + j for i, j in AROUND])[best]
    place = np.arange(level.size).reshape(level.shape)
    return np.where(falls.max(axis=0) > 0, place + step, came.reshape(level.shape)).ravel()


def handed_on(to: np.ndarray, order: list[int], shape: tuple[int, ...]) -> np.ndarray:
    """Area handed on from the highest to the lowest."""
    area = np.full(to.size, CELL * CELL)
    for here in reversed(order):
        if to[here] >= 0:
            area[to[here]] += area[here]
    return area.reshape(shape)


def slow_length_slope(z: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Desmet and Govers with McCool's steepness, by whole arrays."""
    rows, columns = z.shape
    wide = np.pad(z, 1, constant_values=np.nan)
    near = np.array([wide[1 + i : 1 + i + rows, 1 + j : 1 + j + columns] for i, j in AROUND])
    across = np.concatenate([near[4:], near[:4]])
    near = np.where(np.isnan(near), np.where(np.isnan(across), z, 2 * z - across), near)
    e, se, s, sw, w, nw, n, ne = near
    x = (ne + 2 * e + se - nw - 2 * w - sw) / (8 * CELL)
    y = (sw + 2 * s + se - nw - 2 * n - ne) / (8 * CELL)
    rise = np.hypot(x, y)
    sine = rise / np.sqrt(1 + rise * rise)
    beta = (sine / 0.0896) / (3 * sine**0.8 + 0.56)
    m = beta / (1 + beta)
    own = CELL * CELL
    inlet = np.minimum(area, LIMIT) - own
    turned = np.where(rise == 0, 1.0, (np.abs(x) + np.abs(y)) / np.where(rise == 0, 1.0, rise))
    length = ((inlet + own) ** (m + 1) - inlet ** (m + 1)) / (
        CELL ** (m + 2) * turned**m * 22.13**m
    )
    return length * np.where(rise < 0.09, 10.8 * sine + 0.03, 16.8 * sine - 0.5)


METHODS: dict[str, Callable[[xr.DataArray], Any]] = {"numpy": by_numpy, "ecogis": by_ecogis}


def prepared(method: str, side: int) -> Callable[[], Any]:
    """The call to measure; compiled code is loaded by a small one."""
    METHODS[method](heights(20))
    z = heights(side)
    return lambda: METHODS[method](z)


def main() -> None:
    """Run ours and the peer in turn, then the large raster."""
    asked = measuring.arguments(__doc__ or "")
    side, large = SIDES[asked.size]
    measuring.row(**measuring.versions())
    runs: dict[str, list[measuring.Fresh]] = {method: [] for method in METHODS}
    for _ in range(ROUNDS[asked.size]):
        for method, done in runs.items():
            done.append(measuring.fresh(prepared, method, side, tell=np.asarray))
    cpu = {name: measuring.median([run.cpu_s[0] for run in done]) for name, done in runs.items()}
    for name, seconds in cpu.items():
        measuring.row(method=name, cells=side**2, cpu_s=seconds)
    ours, theirs = (runs[name][-1].result for name in ("ecogis", "numpy"))
    huge = measuring.fresh(prepared, "ecogis", large, tell=np.nanmean) if large else None
    if huge is not None:
        measuring.row(method="ecogis", cells=large**2, cpu_s=huge.cpu_s[0], peak_gb=huge.peak_gb)
    measuring.summary(
        "rusle",
        asked.size,
        speedup=cpu["numpy"] / cpu["ecogis"],
        max_rel_diff=float(np.max(np.abs(ours - theirs) / np.maximum(np.abs(theirs), 1e-3))),
        large_cells=large and large**2,
        large_cpu_s=huge and huge.cpu_s[0],
        rise_gb_large=huge and huge.rise_gb,
    )


if __name__ == "__main__":
    main()
