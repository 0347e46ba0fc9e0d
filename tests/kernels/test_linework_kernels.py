"""Compiled, plain Python and NumPy or a sum by hand give the same."""

import math

import numpy as np
import pytest
import shapely

from ecogis.spatial import linework_kernels as kernels
from ecogis.spatial.linework import edges_of, tips
from ecogis.spatial.rings import rings_of

DRAW = np.random.default_rng(11)
SQUARES = shapely.box(*np.indices((5, 4)).reshape(2, -1), *(np.indices((5, 4)).reshape(2, -1) + 1))
HOLED = shapely.difference(shapely.box(10, 0, 14, 4), shapely.box(11, 1, 13, 3))
SPIKED = shapely.Polygon([(0, 0), (9, 0), (9, 9), (5.2, 9), (5.1, 19), (5, 9), (0, 9)])
SHAPES = [*SQUARES, HOLED, shapely.Polygon(SPIKED.exterior.coords[::-1]), SPIKED]


@pytest.fixture
def plain(monkeypatch):
    """The kernels in plain Python; hashing overflows there as it should."""
    for name, value in vars(kernels).copy().items():
        if hasattr(value, "py_func"):
            monkeypatch.setattr(kernels, name, value.py_func)
    with np.errstate(over="ignore"):
        yield kernels


def test_edges_compiled_and_plain(request):
    rings = rings_of(SHAPES)
    compiled = edges_of(rings)
    request.getfixturevalue("plain")
    out = edges_of(rings)
    for name in ("first", "feature", "key", "along"):
        np.testing.assert_array_equal(getattr(compiled, name), getattr(out, name))


def test_edges_are_those_of_numpy():
    edges = edges_of(rings_of(SHAPES))
    ends = np.stack([edges.xy[edges.first], edges.xy[edges.first + 1]], axis=1)
    assert len(ends) == sum(shapely.get_num_coordinates(shapely.boundary(SHAPES))) - len(SHAPES) - 1
    order = np.lexsort((ends[:, :, 1].T[0], ends[:, :, 0].T[0]))
    assert len(order) == len(ends)
    both = np.sort(ends[..., 0] * 1_000 + ends[..., 1], axis=1)  # the same for both directions
    _, by_ends = np.unique(both, axis=0, return_inverse=True)
    _, by_key = np.unique(edges.key, return_inverse=True)
    pairs = np.unique(np.column_stack([by_ends.ravel(), by_key]), axis=0)
    assert len(pairs) == len(np.unique(by_ends)) == len(np.unique(by_key))


def test_land_lies_on_the_left_whatever_way_a_ring_is_drawn():
    """Neighbours follow a common edge in opposite directions, shells and holes alike."""
    inside = shapely.box(11, 1, 13, 3)
    for one in (inside, shapely.Polygon(inside.exterior.coords[::-1])):
        edges = edges_of(rings_of([HOLED, one]))
        order = np.argsort(edges.key, kind="stable")
        twice = np.flatnonzero(np.diff(edges.key[order].view(np.int64)) == 0)
        assert len(twice) == 4
        assert (edges.along[order[twice]] != edges.along[order[twice + 1]]).all()


def test_a_zero_has_one_sign_and_an_edge_of_no_length_is_none():
    ring = shapely.linearrings([(0.0, 0.0), (1.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)])
    other = shapely.linearrings([(-0.0, -0.0), (1.0, -0.0), (1.0, 1.0), (0.0, -0.0)])
    one, two = (edges_of(rings_of([shapely.Polygon(shape)])) for shape in (ring, other))
    assert len(one.key) == 3
    np.testing.assert_array_equal(np.sort(one.key), np.sort(two.key))


def test_tips_compiled_and_plain(request):
    rings = rings_of(SHAPES)
    limits = (0.05, 3.0, 1.0, 1.0)
    compiled = tips(rings.xy, rings.starts, limits)
    request.getfixturevalue("plain")
    out = tips(rings.xy, rings.starts, limits)
    for name in ("vertex", "number", "length_m", "area_m2"):
        np.testing.assert_array_equal(getattr(compiled, name), getattr(out, name))
    assert compiled.number.tolist() == [0] * 22 + [1, 1]
    assert compiled.area_m2[-1] == pytest.approx(1.0)
    assert compiled.length_m[-1] == pytest.approx(math.hypot(10, 0.1))
    assert rings.xy[compiled.vertex].tolist() == [[5.1, 19], [5.1, 19]]


def test_tips_follow_each_limit():
    """The thorn is 10 m long, 0.2 m wide at its base and 1.15 degrees sharp."""
    rings = rings_of([SPIKED])
    for limits, number in {
        (0.05, 1.2, 10.0, 0.21): 1,
        (0.05, 1.1, 10.0, 0.21): 0,
        (0.05, 1.2, 10.1, 0.21): 0,
        (0.05, 1.2, 10.0, 0.19): 0,
    }.items():
        assert tips(rings.xy, rings.starts, limits).number.tolist() == [number]


def test_vertices_near_one_another_are_one_corner():
    ring = [(0, 0), (9, 0), (9, 9), (5.2, 9), (5.12, 19), (5.08, 19), (5, 9), (0, 9), (0, 0)]
    xy, starts = np.array(ring, dtype=float), np.array([0, 9])
    for by in range(8):  # wherever the ring begins
        turned = np.roll(xy[:-1], by, axis=0)
        found = tips(np.concatenate([turned, turned[:1]]), starts, (0.05, 3.0, 1.0, 1.0))
        assert found.number.tolist() == [1]
        assert turned[found.vertex[:-1]][:, 1].tolist() == [19.0, 19.0]
        assert not tips(np.concatenate([turned, turned[:1]]), starts, (0.01, 3.0, 1.0, 1.0)).number[
            0
        ]


def test_a_ring_of_fewer_than_three_corners_has_no_tip():
    xy = np.array([(0, 0), (9, 0), (9, 0.01), (0, 0.01), (0, 0)], dtype=float)
    found = tips(xy, np.array([0, 5]), (0.05, 3.0, 1.0, 1.0))
    assert found.number.tolist() == [0]
    assert not found.vertex.any()


def drawn(lines, size, kernel=kernels.draw_edges):
    xy = np.asarray(lines, dtype=np.float64).reshape(-1, 2)
    grid = np.zeros((size, size))
    kernel(xy, np.arange(0, len(xy), 2), np.array([-2.0, 1.0]), grid)
    return grid


def test_lines_on_a_grid_by_hand():
    grid = drawn([[(-1.5, 2.5), (1.5, 2.5)], [(0.5, 2.5), (0.5, 4.5)]], 5)
    assert np.argwhere(grid).tolist() == [[0, 1], [1, 1], [2, 1], [2, 2], [2, 3], [3, 1]]


def test_lines_on_a_grid_compiled_and_plain():
    lines = DRAW.uniform(-30, 30, (200, 2, 2))
    lines[5, 0, 0], lines[6, 1, 1], lines[7] = np.nan, np.inf, lines[7] * 1e9
    out = drawn(lines, 20, kernels.draw_edges.py_func)
    np.testing.assert_array_equal(drawn(lines, 20), out)
    assert 0 < out.sum() < 400


def test_every_cell_a_line_passes_far_enough_is_drawn():
    """Against GEOS: a cell crossed by more than a step of the line is marked."""
    lines = DRAW.uniform(0, 20, (50, 2, 2))
    grid = drawn(lines - [2.0, -1.0], 20)
    cells = shapely.box(
        *np.indices((20, 20)).reshape(2, -1), *(np.indices((20, 20)).reshape(2, -1) + 1)
    )
    passed = shapely.length(shapely.intersection(cells[:, None], shapely.linestrings(lines)[None]))
    crossed = passed.max(axis=1).reshape(20, 20)
    assert grid[crossed > 0.75].all()
    assert not grid[crossed == 0].any()
