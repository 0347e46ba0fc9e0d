"""Gauss-Krüger against PROJ, against integrals along the meridian, and by hand."""

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogis.core.errors import ConfigError
from ecogis.spatial import gauss_kruger
from ecogis.spatial.gauss_kruger import TransverseMercator, transverse_mercator
from ecogis.spatial.plane import ellipsoid, equal_area_plane

METRES = 111_320.0  # of a degree, at the most
GRID = TransverseMercator(114.0)
PROJ = pyproj.Proj(proj="tmerc", lon_0=114, k=1, x_0=500_000, ellps="GRS80")


def grid(half_width, south, north, steps=91):
    lon = np.linspace(114 - half_width, 114 + half_width, steps)
    return np.stack(np.meshgrid(lon, np.linspace(south, north, steps)), axis=-1).reshape(-1, 2)


def proj(points, *, back=False, by=PROJ):
    return np.column_stack(by(*points.T, inverse=back))


@pytest.mark.parametrize(
    ("half_width", "south", "north", "metres"),
    [
        (1.5, 0.0, 54.0, 1e-8),  # a zone of 3 degrees
        (4.5, 0.0, 54.0, 1e-8),  # a zone of 6 degrees, and a stand that lies over its edge
        (9.0, 0.0, 54.0, 1e-8),  # one zone off
        (4.5, -84.0, 84.0, 1e-8),
        (30.0, -80.0, 80.0, 1e-6),
    ],
)
def test_both_ways_as_proj(half_width, south, north, metres):
    lonlat = grid(half_width, south, north)
    xy = proj(lonlat)
    np.testing.assert_allclose(GRID.forward(lonlat), xy, rtol=0, atol=metres)
    back = proj(xy, back=True)
    np.testing.assert_allclose(GRID.inverse(xy) * METRES, back * METRES, rtol=0, atol=metres)


def test_straight_to_the_plane_is_the_way_by_degrees():
    plane = equal_area_plane(24.0, 113.2)
    lonlat = grid(9.0, 0.0, 54.0)
    direct = GRID.to_plane(proj(lonlat), plane)
    np.testing.assert_allclose(direct, plane.forward(lonlat), rtol=0, atol=5e-8)


@pytest.mark.parametrize("code", [27700, 32650, 2380, 2413, 3067, 4547, 4526])
def test_any_ellipsoid_scale_and_origin_as_proj(code):
    crs = pyproj.CRS.from_epsg(code)
    found = transverse_mercator(crs)
    way = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    lonlat = grid(4.0, 20.0, 60.0, 31) - [114.0 - found.lon0, 0.0]
    xy = np.column_stack(way.transform(*lonlat.T))
    np.testing.assert_allclose(found.forward(lonlat), xy, rtol=0, atol=2e-8)
    np.testing.assert_allclose(found.inverse(xy) * METRES, lonlat * METRES, rtol=0, atol=2e-8)


@pytest.mark.parametrize("name", ["EPSG:4490", "EPSG:3857", "EPSG:2263", "EPSG:2222", "EPSG:2053"])
def test_what_is_no_transverse_mercator_in_metres(name):
    """Degrees, Mercator, a conic in feet, transverse in feet, and south-orientated."""
    assert transverse_mercator(pyproj.CRS(name)) is None


@settings(deadline=None)  # the first call may compile
@given(
    st.floats(109.5, 118.5),
    st.floats(0.0, 54.0),
    st.sampled_from([500_000.0, 38_500_000.0]),
)
def test_there_and_back(lon, lat, false_easting):
    there = TransverseMercator(114.0, false_easting)
    back = there.inverse(there.forward([[lon, lat]]))[0]
    np.testing.assert_allclose(back * METRES, np.array([lon, lat]) * METRES, rtol=0, atol=1e-7)


def test_by_hand():
    origin, east, pole = GRID.forward([[114.0, 0.0], [115.0, 0.0], [114.0, 90.0]])
    assert origin.tolist() == [500_000.0, 0.0]
    assert east[1] == 0.0
    assert east[0] - 500_000.0 == pytest.approx(np.radians(1.0) * 6_378_137.0, rel=1e-4)
    assert pole == pytest.approx([500_000.0, 10_001_965.729], abs=1e-3)  # quadrant of GRS80


def test_east_and_west_mirror_each_other():
    lonlat = grid(4.5, 0.0, 54.0, 21)
    mirrored = lonlat * [-1.0, 1.0] + [228.0, 0.0]
    there, other = GRID.forward(lonlat), GRID.forward(mirrored)
    np.testing.assert_allclose(there[:, 0] + other[:, 0], 1e6, rtol=0, atol=1e-8)
    np.testing.assert_allclose(there[:, 1], other[:, 1], rtol=0, atol=1e-8)


def test_what_the_projection_does_not_reach_is_missing():
    lonlat = np.array([[114.0, 90.5], [197.0, 0.0], [np.nan, 30.0], [np.inf, 30.0]])
    assert np.isnan(GRID.forward(lonlat)).any(axis=1).all()
    xy = np.array([[2e7, 0.0], [np.nan, 3e6], [500_000.0, np.nan], [np.inf, 3e6]])
    assert np.isnan(GRID.inverse(xy)).any(axis=1).all()
    assert np.isnan(GRID.to_plane(xy, equal_area_plane(24.0, 113.0))).any(axis=1).all()


def test_out_of_another_kind_is_refused():
    for out in (np.empty((1, 2), np.float32), np.empty((2, 2)), np.empty((1, 4))[:, ::2]):
        with pytest.raises(ConfigError, match="E640"):
            GRID.forward([[114.0, 30.0]], out)


@pytest.mark.parametrize("e2", [ellipsoid()[1], 0.0066934216229659, 0.0067686579972912])
def test_series_are_fourier_sums_along_the_meridian(e2):
    """The coefficients as integrals, in extended precision, without any series in n."""
    long, steps = np.longdouble, 512
    quarter = 2 * np.arctan(long(1))
    phi = (np.arange(steps) + long(0.5)) * quarter / steps
    s, e = np.sin(phi), np.sqrt(long(e2))
    sigma = np.sinh(e * np.arctanh(e * s))
    tau = np.tan(phi)
    chi = np.arctan(tau * np.hypot(1, sigma) - sigma * np.hypot(1, tau))
    density = (1 - e * e * s * s) ** long(-1.5)
    mean = density.mean()
    mu = phi + sum(
        (density * np.cos(2 * k * phi)).mean() * np.sin(2 * k * phi) / (k * mean)
        for k in range(1, 25)
    )
    slope = (1 - e * e) / (1 - e * e * s * s) * np.cos(chi) / np.cos(phi)  # of chi by phi
    cases = {
        "_ALPHA": (mu - chi, chi, slope),
        "_BETA": (mu - chi, mu, density / mean),
        "_GAMMA": (chi - phi, phi, np.ones(steps)),
        "_DELTA": (phi - chi, chi, slope),
    }
    root = np.sqrt(1 - e2)
    n = (1 - root) / (1 + root)
    for name, (difference, angle, weight) in cases.items():
        exact = [2 * (difference * np.sin(2 * j * angle) * weight).mean() for j in range(1, 7)]
        own = gauss_kruger._terms(getattr(gauss_kruger, name), n)
        np.testing.assert_allclose(own, np.array(exact, float), rtol=1e-13, atol=1e-17)
