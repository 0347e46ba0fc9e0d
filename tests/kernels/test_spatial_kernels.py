"""Compiled, plain Python and NumPy give the same."""

import numpy as np
import pytest
import shapely

from ecogis.spatial import kernels
from ecogis.spatial.authalic import authalic_of_sine, sine_of_authalic
from ecogis.spatial.plane import ellipsoid, equal_area_plane

A, E2 = ellipsoid()
SERIES, BACK = authalic_of_sine(E2), sine_of_authalic(E2)
PLANE = equal_area_plane(24.0, 113.0).constants
POINTS = np.random.default_rng(3).uniform([112, 23], [114, 25], (200, 2))
FAR = np.array([[100.0, 80.0], [113.0, -70.0], [113.0, 91.0], [113.0, np.nan], [np.nan, 24.0]])


def authalic(s):
    """The textbook form, with the logarithm written out."""
    e = np.sqrt(E2)
    return (1 - E2) * (s / (1 - E2 * s * s) - np.log((1 - e * s) / (1 + e * s)) / (2 * e))


def to_plane(points, kernel=kernels.to_plane):
    out = np.empty_like(points)
    kernel(points, 113.0, SERIES, PLANE, out)
    return out


def to_lonlat(points, kernel=kernels.to_lonlat):
    out = np.empty_like(points)
    q0, width, height = PLANE
    kernel(points, 113.0, BACK, (q0, 1 / width, 1 / height), 24.0, out)
    return out


@pytest.fixture
def plain(monkeypatch):
    """The kernels' module with every function in plain Python."""
    for name, value in vars(kernels).copy().items():
        if hasattr(value, "py_func"):
            monkeypatch.setattr(kernels, name, value.py_func)
    return kernels


def test_points_to_the_plane_compiled_and_plain(request):
    points = np.concatenate([POINTS, FAR])
    compiled = to_plane(points)
    out = to_plane(points, request.getfixturevalue("plain").to_plane)
    np.testing.assert_array_equal(compiled[:200], out[:200])
    np.testing.assert_allclose(compiled, out, rtol=1e-15, atol=1e-9)
    assert np.isnan(out[-2:]).sum() == 2


def test_points_from_the_plane_compiled_and_plain(request):
    points = to_plane(np.concatenate([POINTS, FAR]))
    points = np.concatenate([points, [[0.0, 2e7], [0.0, -2e7]]])  # beyond the poles
    compiled = to_lonlat(points)
    out = to_lonlat(points, request.getfixturevalue("plain").to_lonlat)
    np.testing.assert_allclose(compiled, out, rtol=1e-15, atol=1e-13)
    assert out[-2:, 1].tolist() == [90.0, -90.0]
    assert np.isnan(out[-4:-2]).sum() == 2


def test_to_plane_against_numpy():
    q0, width, height = PLANE
    x = width * np.radians(POINTS[:, 0] - 113.0)
    y = (authalic(np.sin(np.radians(POINTS[:, 1]))) - q0) * height
    np.testing.assert_allclose(to_plane(POINTS), np.column_stack([x, y]), rtol=0, atol=1e-8)


@pytest.mark.parametrize("name", ["to_plane", "to_lonlat"])
def test_a_point_does_not_depend_on_its_neighbours(name):
    run, points = globals()[name], np.concatenate([FAR, POINTS])
    points = points if name == "to_plane" else to_plane(points)
    together = run(points)
    alone = np.concatenate([run(points[i : i + 1]) for i in range(len(points))])
    np.testing.assert_array_equal(alone, together)


def rings(radius, latitudes=(20, 50), count=20, seed=4):
    """Clockwise rings of 65 vertices, and the first vertex of each."""
    low, high = latitudes
    centres = np.random.default_rng(seed).uniform([75, low], [134, high], (count, 2))
    made = shapely.buffer(shapely.points(centres), radius)
    starts = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(made))])
    return shapely.get_coordinates(made), starts.astype(np.int64)


def oracle(xy, starts):
    """The shoelace of rings in extended precision."""
    out, e = [], np.sqrt(np.longdouble(E2))
    degree = np.arctan(np.longdouble(1)) / 45
    for ring in np.split(xy.astype(np.longdouble), starts[1:-1]):
        s = np.sin(ring[:, 1] * degree)
        q = (1 - np.longdouble(E2)) * (s / (1 - e * e * s * s) + np.arctanh(e * s) / e)
        u, v = (ring[:, 0] - ring[0, 0]) * degree, q - q[0]
        out.append(np.longdouble(A) ** 2 / 4 * np.sum(u[:-1] * v[1:] - u[1:] * v[:-1]))
    return np.array(out, dtype=np.float64)


@pytest.mark.parametrize(
    ("radius", "latitudes", "atol"),
    [
        (0.0005, (18, 54), 1e-8),  # a hectare: by powers of the step
        (0.0299, (18, 54), 1e-4),  # 35 km2, the largest by powers; 3e-12 of the area
        (0.0301, (18, 54), 1e-4),  # the smallest vertex by vertex
        (0.5, (18, 54), 0.05),  # a county
        (0.0005, (57, 89), 1e-6),  # farther north than the powers
        (0.0005, (-54, -18), 1e-8),
        (0.0005, (-0.001, 0.001), 1e-8),
    ],
)
def test_ring_areas_compiled_plain_and_exact(radius, latitudes, atol, request):
    xy, starts = rings(radius, latitudes)
    given = xy, starts, SERIES, A, E2
    compiled, python, single = np.empty(20), np.empty(20), np.ones(20, np.bool_)
    kernels.lonlat_ring_areas(*given, compiled, single)
    request.getfixturevalue("plain").lonlat_ring_areas(*given, python, single)
    assert single.all()
    np.testing.assert_allclose(compiled, python, rtol=1e-13)
    np.testing.assert_allclose(compiled, oracle(xy, starts), rtol=0, atol=atol)
    assert (compiled < 0).all()


def test_plane_areas_compiled_plain_and_by_hand(request):
    xy = np.array([[0, 0], [3, 0], [3, 2], [0, 2], [0, 0], [9, 9], [9, 8], [8, 8], [9, 9]], float)
    starts = np.array([0, 5, 5, 9])
    compiled, python, single = np.empty(3), np.empty(3), np.array([True, True, False])
    kernels.ring_areas(xy, starts, compiled, single)
    request.getfixturevalue("plain").ring_areas(xy, starts, python, single)
    assert single.tolist() == [True, True, False]
    assert compiled.tolist() == python.tolist() == [6.0, 0.0, -0.5]


def test_first_vertices_compiled_and_plain(request):
    given = np.array([5, 0, 4], np.int32), np.array([3, -1, 3], np.int32), 3
    for module in (kernels, request.getfixturevalue("plain")):
        starts, alike = np.empty(4, np.int64), np.empty(3, np.bool_)
        module.first_vertices(*given, starts, alike)
        assert starts.tolist() == [0, 5, 5, 9]
        assert alike.tolist() == [True, False, True]


@pytest.mark.parametrize(
    "ring",
    [
        [[0, 0], [4, 0], [4, 4], [0, 0], [1, 1], [2, 1], [2, 2], [1, 1]],  # a hole
        [[0, 0], [4, 0], [4, 4], [0, 0], [2, 1], [3, 1], [0, 0]],  # a hole that begins there too
        [[0, 0], [4, 0], [4, 4], [np.nan, 0], [0, 1]],  # not closed
        [[np.nan, 0], [4, 0], [4, 4], [np.nan, 0]],
    ],
)
def test_two_rings_are_never_taken_for_one(ring):
    square = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
    xy, out = np.array(square + ring + square, dtype=float), np.empty(3)
    starts = np.cumsum([0, 5, len(ring), 5])
    single = np.ones(3, np.bool_)
    kernels.ring_areas(xy, starts, out, single)
    assert single.tolist() == [True, False, True]
    single[:] = True
    kernels.lonlat_ring_areas(xy, starts, SERIES, A, E2, out, single)
    assert single.tolist() == [True, False, True]


@pytest.mark.parametrize("points", [5, 9, 21])
def test_crossings_compiled_and_plain(points):
    angle = np.arange(points + 1) * 2 * np.pi * (points // 2) / points
    xy = np.column_stack([np.cos(angle), np.sin(angle)])
    starts, first = np.array([0, points + 1]), np.array([0, 1])
    compiled, plain = np.zeros(1, np.int64), np.zeros(1, np.int64)
    kernels.count_crossings(xy, starts, first, 1000, compiled)
    kernels.count_crossings.py_func(xy, starts, first, 1000, plain)
    expected = points * (points // 2 - 1)  # a star polygon {n / k} crosses itself n (k - 1) times
    assert compiled[0] == plain[0] == expected
