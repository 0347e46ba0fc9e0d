"""By how much one layer lies beside another."""

import numpy as np
import pytest
import shapely

from ecogis.spatial.offsets import compared
from ecogis.spatial.plane import equal_area_plane

PLANE = equal_area_plane(24.0, 113.0)


def crooked(columns=30, rows=30, size=150.0, seed=5, origin=(0.0, 0.0)):
    draw = np.random.default_rng(seed)
    corners = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1), indexing="ij"), 2)
    corners = corners * size + draw.uniform(-0.4, 0.4, corners.shape) * size + np.array(origin)
    x, y = (index.ravel() for index in np.indices((columns, rows)))
    return shapely.polygons(
        np.stack([corners[x, y], corners[x + 1, y], corners[x + 1, y + 1], corners[x, y + 1]], 1)
    )


def moved(shapes, east, north):
    return shapely.transform(shapes, lambda xy: np.add(xy, (east, north)))


def best(layer, reference, **options):
    return compared(PLANE.unproject(layer), PLANE.unproject(reference), PLANE, **options).best()


STANDS = crooked()


@pytest.mark.parametrize("outlines", [False, True])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (3.0, -4.0), (437.0, -251.0), (-940.0, 900.0)])
def test_a_layer_moved_is_found_to_some_metres(shift, outlines):
    found = best(moved(STANDS, *shift), STANDS, outlines=outlines)
    assert (found.east_m, found.north_m) == pytest.approx(shift, abs=2.0)
    assert found.contrast > 2
    assert found.match == pytest.approx(1.0, abs=0.15)


def test_layers_of_other_land_have_no_shift_that_stands_out():
    found = best(STANDS, crooked(seed=8, size=137.0))
    assert found.contrast < 1.3


def test_layers_farther_apart_than_the_reach_are_not_compared():
    found = best(moved(STANDS, 9_500.0, 0.0), STANDS)
    assert (found.east_m, found.contrast, found.match) == (0.0, 1.0, 0.0)
    empty = best(np.empty(0, dtype=object), STANDS)
    assert (empty.contrast, empty.match) == (1.0, 0.0)


def test_less_than_a_kilometre_of_lines_matches_nothing():
    found = best(STANDS[:1], STANDS)
    assert found.match == 0.0


def test_a_shift_that_differs_from_place_to_place_is_looked_for_as_such():
    """Stretched about its middle, by 75 m at its ends."""
    wide = crooked(columns=200, rows=30)
    middle = shapely.get_coordinates(shapely.centroid(shapely.multipolygons(wide)))[0]
    field = lambda xy: 0.005 * (xy - middle) + (200.0, 0.0)  # noqa: E731
    found = compared(
        PLANE.unproject(shapely.transform(wide, lambda xy: xy + field(xy))),
        PLANE.unproject(wide),
        PLANE,
    )
    bent, flat = found.best(field(found.middle)), found.best()
    assert bent.contrast > flat.contrast
    assert bent.match > flat.match
    mean = field(found.middle).mean(axis=0)
    assert (bent.east_m, bent.north_m) == pytest.approx(mean, abs=8.0)


def test_windows_are_where_both_have_lines():
    two = np.concatenate([STANDS, crooked(seed=7, origin=(40_000.0, 0.0))])
    found = compared(PLANE.unproject(two), PLANE.unproject(STANDS), PLANE)
    assert found.middle[:, 0].max() < 10_000
    few = compared(PLANE.unproject(two), PLANE.unproject(STANDS), PLANE, windows=1)
    assert len(few.middle) == 1
    assert found.middle[0].tolist() == few.middle[0].tolist()


def test_coordinates_that_are_not_finite_are_left_out():
    reference = PLANE.unproject(STANDS)
    with np.errstate(invalid="ignore"):
        bad = shapely.polygons([[(113.0, 24.0), (np.nan, 24.0), (113.0, 24.1), (113.0, 24.0)]])
        found = compared(np.concatenate([reference, bad]), reference, PLANE).best()
    assert (found.east_m, found.north_m) == pytest.approx((0.0, 0.0), abs=0.5)
