"""The overlay kernels against GEOS and against themselves as plain Python."""

import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from ecogis.overlay import area_kernels, kernels, trace_kernels
from ecogis.overlay.area_kernels import CLOSE, DECLINED, SHIFT_X, SHIFT_Y, shared_areas
from ecogis.overlay.clip import shared
from ecogis.overlay.outlines import outlines

sys.path.insert(0, str(Path(__file__).parent))
from shapes_at_random import FAMILIES, crooked, pairs

NEAR_M2 = 1e-4


def walked(one, other, *, plain=False, keep=True):
    """Areas, states and crossings of pairs of single polygons."""
    a, b = outlines(one), outlines(other)
    rows = np.arange(len(one))
    area, state = np.empty(len(one)), np.empty(len(one), np.uint8)
    first = np.empty(len(one) + 1, np.int64)
    run = shared_areas.py_func if plain else shared_areas
    most = int(b.edges().max(initial=1))
    at, where = run(a.flat, b.flat, rows, rows, most, keep, area, state, first)
    return area, state, first, at, where


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("seed", range(3))
def test_area_is_that_of_geos_or_declined(family, seed):
    one, other = pairs(np.random.default_rng(seed), family, 300)
    area, state, *_ = walked(one, other, keep=False)
    sure = state & DECLINED == 0
    assert sure.mean() > 0.9
    exact = shapely.area(shapely.intersection(one, other))
    assert np.abs(area - exact)[sure].max() < NEAR_M2


def test_compiled_is_plain_python(as_plain):
    one, other = pairs(np.random.default_rng(7), "holed", 12)
    compiled = walked(one, other)
    as_plain(area_kernels)
    plain = walked(one, other, plain=True)
    for left, right in zip(compiled, plain, strict=True):
        np.testing.assert_array_equal(left, right)


def test_crossings_lie_on_both_boundaries():
    one, other = pairs(np.random.default_rng(3), "crooked", 100)
    _, _, first, at, where = walked(one, other)
    pair = np.repeat(np.arange(len(one)), np.diff(first))
    points = shapely.points(where[:, 2:])
    for shape in (one, other):
        assert shapely.distance(shapely.boundary(shape[pair]), points).max() < 1e-6
    assert len(at) > 100
    assert set(np.bincount(pair, weights=at[:, 2])) == {0.0}  # as many ways in as out


def test_two_squares_by_hand():
    """Squares of 100 m, one moved by 50 m both ways, share 2 500 m2 and cross twice."""
    area, state, _, at, where = walked(
        [shapely.box(0, 0, 100, 100)], [shapely.box(50, 50, 150, 150)]
    )
    assert area[0] == pytest.approx(2_500.0, abs=1e-5)
    assert state[0] & (DECLINED | CLOSE) == 0
    assert sorted(map(tuple, where[:, 2:].round(6).tolist())) == [(50.0, 100.0), (100.0, 50.0)]
    assert sorted(at[:, 2].tolist()) == [-1, 1]


@pytest.mark.parametrize(
    ("other", "area"),
    [
        (shapely.box(100, 0, 200, 100), 0.0),  # a shared edge
        (shapely.box(100, 100, 200, 200), 0.0),  # a shared corner
        (shapely.box(100, 20, 200, 80), 0.0),  # an edge on an edge
        (shapely.box(0, 0, 100, 100), 10_000.0),  # the same
        (shapely.box(20, 0, 80, 100), 6_000.0),  # two edges on edges
        (shapely.box(-50, -50, 150, 150), 10_000.0),  # around
        (shapely.box(20, 20, 40, 40), 400.0),  # inside
        (shapely.Polygon([(100, 0), (100, 100), (0, 50)]), 5_000.0),
    ],
)
def test_shared_boundaries_by_hand(other, area):
    found = shared(outlines([shapely.box(0, 0, 100, 100)]), outlines([other]))
    assert found.area_m2.tolist() == pytest.approx([area] if area else [], abs=NEAR_M2)


def test_far_from_the_origin_everything_is_declined():
    """There a coordinate is coarser than what the second layer is moved by."""
    one, other = pairs(np.random.default_rng(5), "split", 50)
    away = [
        shapely.transform(shapes, lambda c: c + np.array([3.6e10, 0.0])) for shapes in (one, other)
    ]
    _, state, *_ = walked(*away, keep=False)
    assert (state & DECLINED).all()


def test_edges_along_the_shift():
    """Moved along itself an edge still lies on itself; the area must come out all the same."""
    along = np.array([SHIFT_X, SHIFT_Y]) / np.hypot(SHIFT_X, SHIFT_Y)
    across = np.array([-along[1], along[0]])
    square = shapely.Polygon([0 * along, 100 * along, 100 * (along + across), 100 * across])
    found = shared(outlines([square]), outlines([square]))
    assert found.area_m2.tolist() == pytest.approx([10_000.0], abs=NEAR_M2)


def test_winding_tells_inside_from_outside():
    rng = np.random.default_rng(11)
    shapes, _ = pairs(rng, "holed", 40)
    flat = outlines(shapes).flat
    for row, shape in enumerate(shapes):
        for x, y in rng.uniform(-200, 200, (20, 2)):
            turns, sure = kernels.winding(x, y, flat, row, 0.0, 0.0)
            plain = kernels.winding.py_func(x, y, flat, row, 0.0, 0.0)
            assert sure
            assert (turns, sure) == plain
            assert (turns == 1) == shapely.contains_xy(shape, x, y)


def test_surely_simple_is_never_wrong_and_seldom_unsure():
    rng = np.random.default_rng(2)
    walks = [
        np.cumsum(rng.uniform(-10, 10, (int(rng.integers(4, 60)), 2)), axis=0) for _ in range(400)
    ]
    tangled = shapely.polygons([shapely.linearrings(walk) for walk in walks])
    sound = crooked(rng, 400)
    shapes = np.concatenate([tangled, sound])
    flat = outlines(shapes).flat
    sure, plain = np.empty(len(shapes), bool), np.empty(len(shapes), bool)
    kernels.surely_simple(flat, sure)
    assert not (sure & ~shapely.is_valid(shapes)).any()
    assert sure[400:].mean() > 0.98
    kernels.surely_simple.py_func(outlines(shapes[:60]).flat, plain[:60])
    assert plain[:60].tolist() == sure[:60].tolist()


@pytest.mark.parametrize(
    "ring",
    [
        [(0, 0), (10, 0), (10, 10), (5, 0), (0, 10)],  # touches itself
        [(0, 0), (10, 0), (10, 10), (10, 0), (20, 0), (20, 20), (0, 20)],  # a spike
        [(0, 0), (10, 10), (10, 0), (0, 10)],  # a bow-tie
        [(0, 0), (10, 0), (10, 0), (10, 10)],  # a doubled vertex, which is valid
    ],
)
def test_what_is_not_certainly_simple_is_left_to_geos(ring):
    sure = np.ones(1, bool)
    kernels.surely_simple(outlines([shapely.Polygon(ring)]).flat, sure)
    assert not sure[0]


def test_rings_are_turned_and_rolled():
    hole = [(2, 2), (4, 2), (4, 4), (2, 4)]  # counter-clockwise, as a hole should not be
    shape = shapely.Polygon([(10, 10), (10, 0), (0, 0), (0, 10)], [hole])
    flat = outlines([shape]).flat
    assert flat.xy[:5].tolist() == [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
    assert flat.xy[5:].tolist() == [[2, 2], [2, 4], [4, 4], [4, 2], [2, 2]]
    assert flat.box[0].tolist() == [0, 0, 10, 10]
    assert outlines([shape]).area_m2.tolist() == [96.0]
    again = flat.xy.copy()
    kernels.arrange.py_func(again, flat.ring, np.array([True, False]))
    np.testing.assert_array_equal(again, flat.xy)


@pytest.mark.parametrize("family", FAMILIES)
def test_shapes_are_those_of_geos(family):
    one, other = pairs(np.random.default_rng(21), family, 60)
    a, b = outlines(one), outlines(other)
    found = shared(_kept(a), _kept(b), from_plane=lambda xy: xy)
    exact = shapely.intersection(one[found.left], other[found.right])
    assert shapely.is_valid(found.shape).all()
    gap = shapely.area(shapely.symmetric_difference(found.shape, exact))
    assert gap.max() < 2 * NEAR_M2
    assert np.abs(shapely.area(found.shape) - found.area_m2).max() < 2 * NEAR_M2
    assert found.area_m2.tolist() == shared(a, b).area_m2.tolist()


def _kept(layer):
    return layer.moved(lambda xy, out: np.copyto(out, xy), keep=True)


def test_traced_vertices_are_the_layers_own():
    one, other = shapely.box(0.1, 0.1, 100.3, 100.7), shapely.box(50.9, 50.9, 150, 150)
    found = shared(_kept(outlines([one])), _kept(outlines([other])), from_plane=lambda xy: xy)
    corners = set(map(tuple, shapely.get_coordinates(found.shape[0]).tolist()))
    assert {(100.3, 100.7), (50.9, 50.9)} <= corners
    assert len(corners) == 4


def test_tracing_compiled_is_plain_python(as_plain):
    one, other = pairs(np.random.default_rng(9), "holed", 8)
    a, b = outlines(one), outlines(other)
    area, _, first, at, where = walked(one, other)
    rows = np.arange(len(one))
    given = (a.flat, b.flat, a.flat.xy, b.flat.xy, rows, rows, area, first[:-1], first[1:])
    given += (at, where, where[:, 2:].copy())
    done = np.empty((2, len(one)), bool)
    found = [[*trace_kernels.trace(*given, done[0]), done[0]]]
    as_plain(trace_kernels)
    found.append([*trace_kernels.trace.py_func(*given, done[1]), done[1]])
    for left, right in zip(*found, strict=True):
        np.testing.assert_array_equal(left, right)


def test_the_second_layer_is_moved_by_less_than_any_survey_can_tell():
    assert 0 < np.hypot(SHIFT_X, SHIFT_Y) < 1e-7
    assert area_kernels.SURE == 0
