"""Area of record: by hand, against geodesics, against the official formula."""

import math

import numpy as np
import pyproj
import pytest
import shapely

from ecogis.spatial.area import (
    area_dm2,
    ellipsoidal_area_m2,
    polygon_parts,
    quantised_dm2,
    rings_of,
)
from ecogis.spatial.crossings import crossings
from ecogis.spatial.plane import EqualAreaPlane, ellipsoid, equal_area_plane, plane_of

GEOD = pyproj.Geod(ellps="GRS80")


def square(side: float = 100.0, lat: float = 24.0, lon: float = 113.0) -> shapely.Polygon:
    """A square in the equal-area plane about its own corner, as longitude and latitude."""
    return equal_area_plane(lat, lon).unproject(shapely.box(0, 0, side, side))


def stars(radius: float, count: int = 200, seed: int = 0) -> np.ndarray:
    """Star-shaped polygons of 50 vertices all over China."""
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.uniform(0, 2 * np.pi, (count, 50)), axis=1)
    reach = radius * rng.uniform(0.6, 1.4, (count, 50))
    centre = rng.uniform([75, 18], [134, 53], (count, 2))
    lat = centre[:, 1:] + reach * np.sin(angle) / 110_900
    lon = centre[:, :1] + reach * np.cos(angle) / 111_320 / np.cos(np.radians(centre[:, 1:]))
    return shapely.polygons(np.stack([lon, lat], axis=-1))


def trapezoid_area(ring: np.ndarray) -> float:
    """国土调查办发〔2008〕32号: S = 2 b^2 dL [A sin(dB/2) cos Bm - B sin(3dB/2) cos 3Bm ...]."""
    a, e2 = ellipsoid()
    b = a * math.sqrt(1 - e2)
    e4, e6, e8 = e2**2, e2**3, e2**4
    coefficients = (
        1 + 3 / 6 * e2 + 30 / 80 * e4 + 35 / 112 * e6 + 630 / 2304 * e8,
        1 / 6 * e2 + 15 / 80 * e4 + 21 / 112 * e6 + 420 / 2304 * e8,
        3 / 80 * e4 + 7 / 112 * e6 + 180 / 2304 * e8,
        1 / 112 * e6 + 45 / 2304 * e8,
        5 / 2304 * e8,
    )
    lon, lat = np.radians(ring).T
    total = 0.0
    for i in range(len(ring) - 1):
        # each edge with the axis L = L0 spans a trapezoid of width (L_i + L_i+1) / 2 - L0
        width = (lon[i] + lon[i + 1]) / 2 - lon[0]
        half, middle = (lat[i + 1] - lat[i]) / 2, (lat[i + 1] + lat[i]) / 2
        series = sum(
            (-1) ** k * c * math.sin((2 * k + 1) * half) * math.cos((2 * k + 1) * middle)
            for k, c in enumerate(coefficients)
        )
        total += 2 * b * b * width * series
    return abs(total)


def test_a_square_of_100_m_is_one_hectare():
    assert area_dm2([square()]).tolist() == [1_000_000]
    assert GEOD.geometry_area_perimeter(square())[0] == pytest.approx(10_000, rel=1e-6)


def test_a_hole_is_taken_out_and_parts_are_added():
    ring = np.array(square().exterior.coords)
    hole = ring.mean(axis=0) + (ring - ring.mean(axis=0)) / 2
    with_hole = shapely.Polygon(ring, [hole])
    apart = shapely.MultiPolygon([square(), square(lat=25.0)])
    areas = ellipsoidal_area_m2([with_hole, apart, shapely.GeometryCollection([apart])])
    assert areas == pytest.approx([7_500, 20_000, 20_000], abs=0.1)


@pytest.mark.parametrize(
    ("radius", "relative"),
    [(18.0, 3e-7), (56.0, 1.5e-6), (560.0, 2e-5)],  # 0.1, 1 and 100 ha
)
def test_geodesic_edges_differ_by_little(radius, relative):
    polygons = stars(radius)
    geodesic = np.array([abs(GEOD.geometry_area_perimeter(one)[0]) for one in polygons])
    np.testing.assert_allclose(ellipsoidal_area_m2(polygons), geodesic, rtol=relative)


def test_the_official_trapezoid_formula_is_the_same_area():
    polygons = stars(100.0)
    official = [trapezoid_area(shapely.get_coordinates(one)) for one in polygons]
    np.testing.assert_allclose(ellipsoidal_area_m2(polygons), official, rtol=1e-9)


def test_plane_area_is_area_of_record():
    polygons = stars(300.0)
    near = [plane_of([one]).project(one) for one in polygons]
    np.testing.assert_allclose(shapely.area(near), ellipsoidal_area_m2(polygons), rtol=1e-10)


def test_direction_and_first_vertex_do_not_matter():
    one = stars(100.0, count=1)[0]
    ring = shapely.get_coordinates(one)[:-1]
    turned = shapely.Polygon(np.roll(ring, 7, axis=0)[::-1])
    assert area_dm2([one]) == area_dm2([turned])


def test_missing_stays_missing_and_takes_no_land():
    corners = shapely.get_coordinates(square())
    corners[2] = np.nan
    lost = shapely.set_coordinates(square(), corners)
    given = [None, shapely.Polygon(), shapely.Point(113, 24), lost]
    areas = ellipsoidal_area_m2(given)
    assert np.isnan(areas[[0, 3]]).all()
    assert areas[1:3].tolist() == [0.0, 0.0]
    assert area_dm2(given).tolist() == [0, 0, 0, 0]
    assert ellipsoidal_area_m2([]).shape == (0,)


def test_quantised_half_to_even():
    assert quantised_dm2([0.005, 0.015, np.nan, np.inf]).tolist() == [0, 2, 0, 0]


def test_rings_know_their_feature_and_their_sign():
    two = shapely.MultiPolygon([square(), square(lat=25.0)])
    rings = rings_of([None, two])
    assert rings.feature.tolist() == [1, 1]
    assert rings.sign.tolist() == [1.0, 1.0]
    parts, source = polygon_parts([shapely.Point(0, 0), two])
    assert len(parts) == 2
    assert source.tolist() == [1, 1]


@pytest.mark.parametrize("lat0", [0.0, 24.0, 53.0])
def test_there_and_back(lat0):
    plane = EqualAreaPlane(lon0=113.0, lat0=lat0)
    points = np.random.default_rng(1).uniform([112, lat0 - 3], [114, lat0 + 3], (500, 2))
    np.testing.assert_allclose(plane.inverse(plane.forward(points)), points, rtol=0, atol=1e-12)


def test_the_plane_is_proj_s_equal_area_cylinder():
    plane = equal_area_plane(24.0, 113.0)
    proj = pyproj.Proj(proj="cea", ellps="GRS80", lat_ts=24.0, lon_0=113.0)
    points = np.random.default_rng(2).uniform([112, 23], [114, 25], (100, 2))
    there = np.column_stack(proj(*points.T)) - np.array(proj(113.0, 24.0))
    np.testing.assert_allclose(plane.forward(points), there, rtol=0, atol=1e-4)


def test_the_plane_of_a_layer_is_about_its_middle():
    layers = [square(lat=24.03), None], [square(lat=24.21, lon=113.4)]
    assert plane_of(*layers) == EqualAreaPlane(lon0=113.2, lat0=24.1)
    assert plane_of([None], []) == EqualAreaPlane(lon0=0.0, lat0=0.0)


def test_a_star_is_counted_no_further_than_the_limit():
    angle = np.arange(101) * 2 * np.pi * 50 / 101
    star = shapely.Polygon(np.column_stack([np.cos(angle), np.sin(angle)]))
    assert crossings([star, square(), None], 20).tolist() == [21, 0, 0]
