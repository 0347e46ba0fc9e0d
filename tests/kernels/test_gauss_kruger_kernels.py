"""Transverse Mercator loops: compiled = plain Python, whatever stands beside a point."""

import numpy as np
import pytest

from ecogis.spatial import gauss_kruger_kernels as kernels
from ecogis.spatial.gauss_kruger import TransverseMercator
from ecogis.spatial.plane import equal_area_plane

GRID = TransverseMercator(114.0)
PLANE = equal_area_plane(35.0, 113.0)
NAMES = ("forward", "inverse", "to_plane")


def points(count=3_000, seed=0):
    """Mostly in a zone, some far from it, some near the poles, one missing."""
    rng = np.random.default_rng(seed)
    lonlat = rng.uniform([112.5, 0], [115.5, 54], (count, 2))
    far = rng.random(count) < 0.05
    lonlat[far] = rng.uniform([60, -89], [170, 89], (int(far.sum()), 2))
    lonlat[7] = np.nan
    return lonlat


def given(name):
    return points() if name == "forward" else GRID.forward(points())


def run(name, xy, out=None):
    return GRID.to_plane(xy, PLANE, out) if name == "to_plane" else getattr(GRID, name)(xy, out)


@pytest.fixture
def in_plain_python(monkeypatch):
    """Run the kernels' Python source, every function of it."""
    for name, value in vars(kernels).copy().items():
        if hasattr(value, "py_func"):
            monkeypatch.setattr(kernels, name, value.py_func)
    return run


@pytest.mark.parametrize("name", NAMES)
def test_compiled_and_plain_python_agree(name, request):
    xy = given(name)
    compiled = run(name, xy)
    plain = request.getfixturevalue("in_plain_python")(name, xy)
    # near the meridian to the bit, far from it as well as two libraries' sines agree
    np.testing.assert_allclose(compiled, plain, rtol=1e-14, atol=1e-8)
    near = np.abs(points()[:, 0] - 114) < 1.5
    np.testing.assert_array_equal(compiled[near], plain[near])


@pytest.mark.parametrize("name", NAMES)
def test_a_point_does_not_depend_on_its_neighbours(name):
    xy = given(name)
    together = run(name, xy)
    np.testing.assert_array_equal(run(name, xy[::-1])[::-1], together)
    alone = np.concatenate([run(name, xy[i : i + 1]) for i in range(60)])
    np.testing.assert_array_equal(alone, together[:60])


@pytest.mark.parametrize("name", NAMES)
def test_the_result_may_take_the_place_of_the_input(name):
    xy = given(name)
    apart = run(name, xy)
    assert run(name, xy, xy) is xy
    np.testing.assert_array_equal(xy, apart)


@pytest.mark.parametrize("name", NAMES)
def test_missing_stays_missing_and_stays_alone(name):
    out = run(name, given(name))
    assert np.isnan(out[7]).all()
    assert np.isfinite(np.delete(out, 7, axis=0)).all()


@pytest.mark.parametrize("name", NAMES)
def test_no_points(name):
    assert run(name, np.empty((0, 2))).shape == (0, 2)
