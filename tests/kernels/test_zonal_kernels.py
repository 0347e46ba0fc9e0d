"""Covered shares: compiled, plain Python and GEOS, cell by cell."""

import numpy as np
import pytest
import shapely

from ecogis.spatial import zonal_kernels as kernels
from ecogis.spatial.rings import rings_of

ROWS, COLUMNS = 6, 9
PLAIN = ("mark", "draw", "order_of", "first_value", "count_classes", "sweep", "collect", "place")


def star(rng, points, centre, reach):
    angle = np.sort(rng.uniform(0, 2 * np.pi, points))
    radius = reach * rng.uniform(0.3, 1.0, points)
    return shapely.Polygon(
        np.column_stack([centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)])
    )


def shapes():
    """Polygons in cells: small and large, with holes and parts, on the grid, across its edges."""
    rng = np.random.default_rng(5)
    stars = [star(rng, 12, rng.uniform(-1, 9, 2), rng.uniform(0.2, 6)) for _ in range(40)]
    stars = [shapely.make_valid(one, method="structure") for one in stars]
    ring = shapely.Point(4, 3).buffer(2.5).difference(shapely.Point(4.2, 3.1).buffer(1.4))
    parts = shapely.MultiPolygon([shapely.box(-3, 1.5, 0.5, 2.5), shapely.box(8.25, 5, 12, 9)])
    around = shapely.box(-5, -5, 20, 20).difference(shapely.box(1, 1, 8.5, 5))
    inside = shapely.box(3.2, 2.1, 3.6, 2.9)
    aligned = shapely.box(2, 1, 5, 4)
    return [*stars, ring, ring.reverse(), parts, around, inside, aligned, shapely.box(20, 1, 30, 2)]


def arrays(geometries):
    rings = rings_of(geometries)
    number = len(geometries)
    first = np.searchsorted(rings.feature, np.arange(number + 1)).astype(np.int64)
    return {
        "xy": rings.xy.copy(),
        "starts": rings.starts,
        "turn": rings.sign.copy(),
        "first": first,
        "grid": np.array([0.0, 1.0, 0.0, 1.0]),
        "shape": np.array([ROWS, COLUMNS]),
        "box": np.full((number, 4), -1, np.int64),
        "size": np.full(number, -1.0),
    }


def empty(number, classes):
    sums = np.zeros((number, kernels.SUMS))
    sums[:, [kernels.LOW, kernels.HIGH, kernels.ORIGIN]] = np.inf, -np.inf, np.nan
    return sums, np.zeros((number, classes + 1))


def run(geometries, values, *, scratch=400, rows=50):
    """Sums and covered shares of all cells: each cell is a class of its own."""
    placed = arrays(geometries)
    kernels.place(*placed.values())
    which = np.flatnonzero(placed["box"][:, 1])
    codes = np.unique(values[np.isfinite(values)]).astype(np.float64)
    sums, classes = empty(len(geometries), len(codes))
    steps, span = np.zeros(scratch), np.zeros((rows, 2), np.int64)
    ones = np.ones(ROWS)
    kernels.collect(
        placed["xy"],
        placed["starts"],
        placed["turn"],
        placed["first"],
        placed["box"],
        which,
        values,
        np.array([0, 0]),
        ones,
        2.0 * ones,
        codes,
        steps,
        span,
        sums,
        classes,
    )
    assert not steps.any()
    return placed, sums, classes


def numbered(dtype=np.float64):
    return np.arange(ROWS * COLUMNS, dtype=dtype).reshape(ROWS, COLUMNS)


def by_geos(geometries):
    cells = [shapely.box(c, r, c + 1, r + 1) for r in range(ROWS) for c in range(COLUMNS)]
    return shapely.area(shapely.intersection(np.array(geometries)[:, None], np.array(cells)))


@pytest.fixture
def plain(monkeypatch):
    """Kernels that are not compiled, and call none that is."""
    for name in PLAIN:
        kernel = getattr(kernels, name)
        monkeypatch.setattr(kernels, name, getattr(kernel, "py_func", kernel))


def test_every_cell_s_share_is_the_area_geos_cuts():
    _, sums, classes = run(shapes(), numbered())
    oracle = by_geos(shapes())
    np.testing.assert_allclose(classes[:, :-1], oracle, rtol=0, atol=1e-8)
    assert not classes[:, -1].any()
    np.testing.assert_allclose(sums[:, kernels.CELLS], oracle.sum(axis=1), rtol=0, atol=1e-7)
    assert not sums[:, kernels.EXCESS].any()


def test_sums_are_those_of_the_shares():
    values = np.random.default_rng(1).normal(1e6, 1.0, (ROWS, COLUMNS))
    _, sums, _ = run(shapes(), values)
    share, flat = by_geos(shapes()), values.ravel()
    cells, origin = share.sum(axis=1), sums[:, kernels.ORIGIN]
    some = cells > 0
    np.testing.assert_allclose(
        (sums[:, kernels.PLAIN] + origin * sums[:, kernels.CELLS])[some], (share @ flat)[some]
    )
    mean = (share @ flat)[some] / cells[some]
    second = sums[some, kernels.SECOND] / sums[some, kernels.WEIGHT]
    spread = np.sqrt(second - (sums[some, kernels.FIRST] / sums[some, kernels.WEIGHT]) ** 2)
    oracle = np.sqrt((share[some] * (flat - mean[:, None]) ** 2).sum(axis=1) / cells[some])
    np.testing.assert_allclose(spread, oracle, rtol=1e-6, atol=1e-7)
    touched = np.where(share > 1e-7, flat, np.nan)[some]
    np.testing.assert_array_equal(sums[some, kernels.LOW], np.nanmin(touched, axis=1))
    np.testing.assert_array_equal(sums[some, kernels.HIGH], np.nanmax(touched, axis=1))
    np.testing.assert_allclose(sums[:, kernels.WEIGHT], 2.0 * sums[:, kernels.AREA])


def test_compiled_and_plain_are_the_same(request):
    values = numbered(np.float32)
    values[2, 3:5] = np.nan, np.inf
    placed, sums, classes = run(shapes(), values)
    request.getfixturevalue("plain")
    again, plain_sums, plain_classes = run(shapes(), values)
    for name in ("xy", "turn", "box", "size"):
        np.testing.assert_array_equal(placed[name], again[name])
    np.testing.assert_array_equal(classes, plain_classes)
    np.testing.assert_array_equal(sums, plain_sums)


@pytest.mark.parametrize(("scratch", "rows"), [(COLUMNS + 2, 50), (400, 1), (3 * COLUMNS, 2)])
def test_scratch_space_changes_no_byte(scratch, rows):
    _, sums, classes = run(shapes(), numbered())
    _, small, small_classes = run(shapes(), numbered(), scratch=scratch, rows=rows)
    assert sums.tobytes() == small.tobytes()
    assert classes.tobytes() == small_classes.tobytes()


def test_polygons_are_placed_in_cells():
    placed = arrays([shapely.box(103, 190, 105, 195), shapely.box(0, 0, 1, 1), shapely.Point(0, 0)])
    placed["grid"] = np.array([100.0, 2.0, 200.0, -5.0])  # north up: rows fall by five
    kernels.place(*placed.values())
    assert placed["box"].tolist() == [[1, 2, 1, 3], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert placed["size"] == pytest.approx([1.0, 0.1, 0.0])
    assert placed["xy"][:, 0].min() == -50.0
    assert placed["xy"][:5, 1].tolist() == [2.0, 1.0, 1.0, 2.0, 2.0]


@pytest.mark.parametrize("lost", [np.nan, np.inf, -np.inf])
def test_coordinates_that_are_not_finite_have_no_size(lost):
    placed = arrays([shapely.box(1, 1, 2, 2)])
    placed["xy"][2, 0] = lost
    kernels.place(*placed.values())
    assert not np.isfinite(placed["size"][0])
    assert not placed["box"].any()


def test_land_covered_twice_and_turned_over_is_in_excess():
    bow_tie = shapely.Polygon([(1, 1), (4, 4), (4, 1), (1, 5)])
    twice = shapely.MultiPolygon([shapely.box(1, 1, 4, 4), shapely.box(3, 1, 5, 4)])
    _, sums, _ = run([bow_tie, twice, shapely.box(1, 1, 4, 4)], numbered())
    assert sums[0, kernels.EXCESS] > 1.0
    assert sums[1:, kernels.EXCESS].tolist() == [3.0, 0.0]


@pytest.mark.parametrize(("value", "place"), [(1.0, 0), (7.0, 2), (2.0, 3), (0.0, 3), (9.0, 3)])
def test_place_among_codes(value, place):
    codes = np.array([1.0, 5.0, 7.0])
    assert kernels.order_of(value, codes) == place
    assert kernels.order_of.py_func(value, codes) == place
