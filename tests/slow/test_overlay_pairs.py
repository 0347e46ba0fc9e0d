"""A hundred thousand random pairs of polygons against GEOS: no area and no shape disagrees.

``pytest -m slow tests/slow/test_overlay_pairs.py``
"""

import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from ecogis.overlay.area_kernels import DECLINED, shared_areas
from ecogis.overlay.clip import shared
from ecogis.overlay.outlines import outlines

sys.path.insert(0, str(Path(__file__).parents[1] / "kernels"))
from shapes_at_random import FAMILIES, pairs

PAIRS = 102_000  # 17 000 of each family
AT_ONCE = 1_000
TOLERANCE_M2 = 1e-4


def apart(shapes):
    """Each shape in a field of its own, so that only pairs meet."""
    side = np.repeat(np.arange(len(shapes)) * 1_000.0, shapely.get_num_coordinates(shapes))
    xy = shapely.get_coordinates(shapes)
    return shapely.set_coordinates(shapes.copy(), xy + np.column_stack([side, 0.0 * side]))


def kept(shapes):
    return outlines(shapes).moved(lambda xy, out: np.copyto(out, xy), keep=True)


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_no_pair_disagrees_with_geos(family):
    seen = declined = 0
    seed = 0
    while seen < PAIRS // len(FAMILIES):
        one, other = pairs(np.random.default_rng([seed, 9]), family, AT_ONCE)
        seed += 1
        one, other = apart(one), apart(other)
        good = shapely.is_valid(one) & shapely.is_valid(other)
        one, other = one[good], other[good]
        exact = shapely.intersection(one, other)
        area, sure = kernel_areas(one, other)
        assert np.abs(area - shapely.area(exact))[sure].max() < TOLERANCE_M2
        found = shared(kept(one), kept(other), from_plane=lambda xy: xy)
        assert (found.left == found.right).all()
        full = np.zeros(len(one))
        full[found.left] = found.area_m2
        assert np.abs(full - shapely.area(exact)).max() < TOLERANCE_M2
        assert shapely.is_valid(found.shape).all()
        gap = shapely.area(shapely.symmetric_difference(found.shape, exact[found.left]))
        assert gap.max() < 5 * TOLERANCE_M2  # parts below 1e-4 m2 are counted, not drawn
        seen += len(one)
        declined += int((~sure).sum())
    assert declined < 0.05 * seen


def kernel_areas(one, other):
    a, b = outlines(one), outlines(other)
    rows = np.arange(len(one))
    area, state = np.empty(len(one)), np.empty(len(one), np.uint8)
    first = np.empty(len(one) + 1, np.int64)
    shared_areas(a.flat, b.flat, rows, rows, int(b.edges().max()), False, area, state, first)
    return area, state & DECLINED == 0
