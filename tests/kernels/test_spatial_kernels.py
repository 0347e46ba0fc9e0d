"""Compiled, plain Python and NumPy give the same."""

from itertools import pairwise

import numpy as np
import pytest
import shapely

from ecogis.spatial import kernels
from ecogis.spatial.plane import ellipsoid

A, E2 = ellipsoid()
POINTS = np.random.default_rng(3).uniform([112, 23], [114, 25], (200, 2))
CONSTANTS = (113.0, kernels.authalic(np.sin(np.radians(24.0)), E2), A, E2, 0.91)


def authalic(s):
    """The textbook form, with the logarithm written out."""
    e = np.sqrt(E2)
    return (1 - E2) * (s / (1 - E2 * s * s) - np.log((1 - e * s) / (1 + e * s)) / (2 * e))


def test_authalic_is_the_textbook_s():
    s = np.linspace(-1.0, 1.0, 201)
    ours = [kernels.authalic(value, E2) for value in s]
    np.testing.assert_allclose(ours, authalic(s), rtol=0, atol=1e-14)


@pytest.mark.parametrize("s", [-0.9999, -0.3, 0.0, 0.4, 0.8, 1.0])
def test_the_sine_is_found_again(s):
    pole = kernels.authalic(1.0, E2)
    assert kernels.sine_of(kernels.authalic(s, E2), pole, E2) == pytest.approx(s, abs=1e-15)


@pytest.mark.parametrize("name", ["to_plane", "to_lonlat"])
def test_points_compiled_and_plain(name):
    kernel = getattr(kernels, name)
    given = POINTS if name == "to_plane" else (POINTS - [113, 24]) * 1e5
    compiled, plain = np.empty_like(given), np.empty_like(given)
    kernel(given, *CONSTANTS, compiled)
    kernel.py_func(given, *CONSTANTS, plain)
    np.testing.assert_allclose(compiled, plain, rtol=0, atol=1e-9)


def test_to_plane_against_numpy():
    out = np.empty_like(POINTS)
    kernels.to_plane(POINTS, *CONSTANTS, out)
    lon0, q0, a, _, k0 = CONSTANTS
    x = a * k0 * np.radians(POINTS[:, 0] - lon0)
    y = a * (authalic(np.sin(np.radians(POINTS[:, 1]))) - q0) / (2 * k0)
    np.testing.assert_allclose(out, np.column_stack([x, y]), rtol=0, atol=1e-7)


def test_ring_areas_compiled_plain_and_numpy():
    rng = np.random.default_rng(4)
    rings = [shapely.Point(*centre).buffer(0.01) for centre in rng.uniform(20, 50, (20, 2))]
    xy = shapely.get_coordinates(rings)
    starts = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(rings))]).astype(np.int64)
    compiled, plain = np.empty(20), np.empty(20)
    kernels.ring_areas(xy, starts, A, E2, compiled)
    kernels.ring_areas.py_func(xy, starts, A, E2, plain)
    np.testing.assert_allclose(compiled, plain, rtol=1e-12)
    oracle = []
    for low, high in pairwise(starts):
        u = np.radians(xy[low:high, 0])
        q = authalic(np.sin(np.radians(xy[low:high, 1])))
        oracle.append(A * A / 4 * np.sum(u[:-1] * q[1:] - u[1:] * q[:-1]))
    np.testing.assert_allclose(compiled, oracle, rtol=1e-6)  # the oracle keeps the offset
    assert (compiled < 0).all()  # buffers run clockwise


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
