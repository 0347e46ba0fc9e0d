"""The length-slope factor and soil retention on a real DEM, against a second, slow version.

The second version is written from the formulas with NumPy, heapq and loops, and shares no line
with the kernels.
"""

import heapq

import numpy as np
import pytest
import xarray as xr

from ecogis.io import read_dem
from ecogis.services import erosion, terrain

AROUND = [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)]
SIDE = 30.0


@pytest.fixture(scope="module")
def heights(shared_data):
    return read_dem(shared_data / "rasters" / "invest" / "dem.tif")


def slow_area(z):
    """Contributing area: the rim inwards by height, then from the highest to the lowest."""
    land = {(r, c) for r, c in zip(*np.nonzero(np.isfinite(z)), strict=True)}
    queue, level, came, order = [], {}, {}, []
    for r, c in sorted(land):
        if any((r + i, c + j) not in land for i, j in AROUND):
            level[r, c], came[r, c] = z[r, c], None
            heapq.heappush(queue, (z[r, c], len(came), (r, c)))
    while queue:
        height, _, here = heapq.heappop(queue)
        order.append(here)
        for i, j in AROUND:
            there = (here[0] + i, here[1] + j)
            if there in land and there not in came:
                came[there] = here
                level[there] = max(z[there], height)
                heapq.heappush(queue, (level[there], len(came), there))
    area = np.where(np.isfinite(z), SIDE * SIDE, np.nan)
    for here in reversed(order):
        to = steepest(level, here) or came[here]
        if to is not None:
            area[to] += area[here]
    return area


def steepest(level, here):
    """The first neighbour with the steepest fall, if any lies lower."""
    falls = []
    for place, (i, j) in enumerate(AROUND):
        there = (here[0] + i, here[1] + j)
        drop = (level[here] - level.get(there, np.inf)) / (SIDE * np.hypot(i, j))
        falls.append((-drop, place, there))
    return min(falls)[2] if min(falls)[0] < 0 else None


def slow_length_slope(z, area, limit):
    """LS by whole arrays."""
    rows, columns = z.shape
    wide = np.full((rows + 2, columns + 2), np.nan)
    wide[1:-1, 1:-1] = z
    near = np.array([wide[1 + i : 1 + i + rows, 1 + j : 1 + j + columns] for i, j in AROUND])
    across = np.concatenate([near[4:], near[:4]])
    near = np.where(np.isnan(near), np.where(np.isnan(across), z, 2 * z - across), near)
    e, se, s, sw, w, nw, n, ne = near
    x = (ne + 2 * e + se - nw - 2 * w - sw) / (8 * SIDE)
    y = (sw + 2 * s + se - nw - 2 * n - ne) / (8 * SIDE)
    rise = np.hypot(x, y)
    sine = np.sin(np.arctan(rise))
    beta = (sine / 0.0896) / (3 * sine**0.8 + 0.56)
    m = beta / (1 + beta)
    own = SIDE**2
    inlet = np.minimum(area, limit) - own
    with np.errstate(invalid="ignore", divide="ignore"):
        turned = np.where(rise == 0, 1.0, (np.abs(x) + np.abs(y)) / rise)
    length = ((inlet + own) ** (m + 1) - inlet ** (m + 1)) / (
        SIDE ** (m + 2) * turned**m * 22.13**m
    )
    return length * np.where(rise < 0.09, 10.8 * sine + 0.03, 16.8 * sine - 0.5)


def test_length_slope_and_soil_agree_to_a_billionth(heights):
    z = heights.to_numpy()
    area = slow_area(z)
    np.testing.assert_allclose(terrain.drainage(heights).area.to_numpy(), area, rtol=1e-9)
    expected = slow_length_slope(z, area, 110_889.0)
    slopes = terrain.length_slope(heights)
    np.testing.assert_allclose(slopes.to_numpy(), expected, rtol=1e-9, atol=1e-12)
    rng = np.random.default_rng(7)
    drawn = {"r_factor": (2000, 6000), "k_factor": (0.01, 0.05), "cover_factor": (0, 0.4)}
    factors = {
        name: xr.DataArray(rng.uniform(*ends, z.shape), heights.coords, attrs=heights.attrs)
        for name, ends in drawn.items()
    } | {"ls_factor": slopes, "practice_factor": xr.ones_like(heights)}
    soil = factors["r_factor"] * factors["k_factor"] * expected * (1 - factors["cover_factor"])
    np.testing.assert_allclose(
        erosion.soil_retained(factors).to_numpy(), soil.to_numpy(), rtol=1e-9, atol=1e-9
    )


def test_degrees_give_the_area_of_the_ellipsoid(shared_data):
    """A DEM in degrees: what drains off is the land's area on the ellipsoid."""
    heights = read_dem(shared_data / "rasters" / "terra_lux" / "elev.tif")
    found = terrain.drainage(heights)
    off = found.area.to_numpy()[found.direction == 255].sum()
    assert off / 1e6 == pytest.approx(2_600, rel=0.05)  # Luxembourg has 2,586 km2
