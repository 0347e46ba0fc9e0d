"""Area of record: by hand, against geodesics, against the official formula."""

import math

import geopandas
import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogis.core.errors import ConfigError, InputError
from ecogis.spatial.area import (
    AREA_DEFINITION,
    area_dm2,
    ellipsoidal_area_m2,
    quantised_dm2,
    ring_area_m2,
)
from ecogis.spatial.crossings import crossings
from ecogis.spatial.frames import frame_of
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


@pytest.mark.parametrize("radius", [18.0, 56.0, 180.0, 560.0])  # 0.1, 1, 10 and 100 ha
@pytest.mark.parametrize("south", [-0.02, 18.0, 53.9])
def test_the_official_trapezoid_formula_is_the_same_area(radius, south):
    polygons = stars(radius, 40)
    if south != 18.0:
        polygons = shapely.transform(polygons, lambda xy: xy * [1, 1e-3] + [0, south])
    official = [trapezoid_area(shapely.get_coordinates(one)) for one in polygons]
    ours = ellipsoidal_area_m2(polygons, definition=AREA_DEFINITION)
    np.testing.assert_allclose(ours, official, rtol=0, atol=1e-4)
    np.testing.assert_array_equal(ours, ellipsoidal_area_m2(polygons))


def gauss_kruger(code):
    return frame_of(pyproj.CRS.from_epsg(code), layer="stands")


@pytest.mark.parametrize("code", [4526, 4547, 4508, 4525])  # with number, without, wide, one off
def test_the_area_is_the_same_on_every_map(code):
    frame = gauss_kruger(code)
    polygons = shapely.transform(stars(560.0), lambda xy: (xy - [104.5, 0]) * [0.05, 1] + [114, 0])
    drawn = shapely.transform(polygons, frame.from_lonlat)
    expected = ellipsoidal_area_m2(polygons)
    np.testing.assert_allclose(ellipsoidal_area_m2(drawn, frame=frame), expected, rtol=0, atol=2e-5)
    layer = geopandas.GeoSeries(drawn, crs=code)
    np.testing.assert_array_equal(
        ellipsoidal_area_m2(layer), ellipsoidal_area_m2(drawn, frame=frame)
    )
    assert (area_dm2(layer.array) - area_dm2(polygons)).max() <= 1
    assert not np.allclose(layer.area, expected, rtol=1e-7)  # the plane of the map is no measure


def test_geometries_that_say_where_they_are_are_believed():
    layer = geopandas.GeoSeries([square()], crs=4490)
    assert ellipsoidal_area_m2(layer) == pytest.approx([10_000.0], abs=1e-6)
    with pytest.raises(InputError, match="E642"):
        ellipsoidal_area_m2(layer, frame=gauss_kruger(4547))
    with pytest.raises(InputError, match="E345"):
        ellipsoidal_area_m2(layer.to_crs(32649))


def test_geodesics_are_another_definition():
    ring = np.array(square(side=1_000.0, lat=40.0).exterior.coords)
    hole = ring.mean(axis=0) + (ring - ring.mean(axis=0)) / 2
    holed = shapely.Polygon(ring, [hole[::-1]])
    given = [holed, shapely.MultiPolygon([square(), square(lat=25.0)]), None, shapely.Polygon()]
    geodesic = ellipsoidal_area_m2(given, definition="geodesic")
    loop = [abs(GEOD.geometry_area_perimeter(shapely.orient_polygons(g))[0]) for g in given[:2]]
    assert geodesic[:2] == pytest.approx(loop, abs=1e-6)
    assert np.isnan(geodesic[2])
    assert geodesic[3] == 0.0
    large = stars(560.0)  # edges of some 100 m to 1 km tell the two apart
    apart = ellipsoidal_area_m2(large, definition="geodesic") - ellipsoidal_area_m2(large)
    assert 0.1 < np.abs(apart).max() < 20.0
    frame = gauss_kruger(4547)
    drawn = shapely.transform(holed, frame.from_lonlat)
    there = ellipsoidal_area_m2([drawn], definition="geodesic", frame=frame)
    assert there == pytest.approx(loop[:1], abs=1e-5)


def test_an_unknown_definition_is_refused():
    with pytest.raises(ConfigError, match="survey-2008-32, geodesic"):
        ellipsoidal_area_m2([square()], definition="planar")


@settings(deadline=None)  # the first call may compile
@given(
    st.floats(75, 134),
    st.floats(0, 54),
    st.floats(10, 20_000),
    st.lists(st.floats(0.3, 1.0), min_size=3, max_size=40),
)
def test_what_is_cut_along_its_vertices_adds_up(lon, lat, radius, reach):
    """A star and its triangles about the middle; the larger ones leave the short way."""
    angle = np.arange(len(reach)) * 2 * np.pi / len(reach)
    corners = radius * np.array(reach) * np.array([np.cos(angle), np.sin(angle)])
    xy = np.array([lon, lat]) + corners.T / [111_320 * np.cos(np.radians(lat)), 110_900]
    triangles = [
        shapely.Polygon([(lon, lat), xy[i], xy[(i + 1) % len(xy)]]) for i in range(len(xy))
    ]
    whole = ellipsoidal_area_m2([shapely.Polygon(xy)])[0]
    assert ellipsoidal_area_m2(triangles).sum() == pytest.approx(whole, abs=1e-7 * radius + 1e-6)


@pytest.mark.parametrize("code", [4490, 4547])
def test_an_area_does_not_depend_on_its_neighbours(code):
    frame = gauss_kruger(code)
    polygons = shapely.transform(
        stars(180.0, 700), lambda xy: (xy - [104.5, 0]) * [0.05, 1] + [114, 0]
    )
    polygons = shapely.transform(polygons, frame.from_lonlat)
    together = ellipsoidal_area_m2(polygons, frame=frame)
    alone = [ellipsoidal_area_m2([one], frame=frame)[0] for one in polygons[:50]]
    np.testing.assert_array_equal(alone, together[:50])
    np.testing.assert_array_equal(ellipsoidal_area_m2(polygons[::-1], frame=frame)[::-1], together)
    holed = shapely.Polygon(
        polygons[3].exterior, [shapely.centroid(polygons[3]).buffer(1e-5).exterior]
    )
    among = ellipsoidal_area_m2([*polygons[:3], holed, None, *polygons[4:]], frame=frame)
    np.testing.assert_array_equal(np.delete(among, [3, 4]), np.delete(together, 3))
    assert 0 < together[3] - among[3] < 10


def test_a_hole_that_begins_where_the_shell_does_is_taken_out():
    shell = [(113.0, 24.0), (113.002, 24.0), (113.002, 24.002), (113.0, 24.0)]
    hole = [(113.0, 24.0), (113.0015, 24.0005), (113.001, 24.0002), (113.0, 24.0)]
    one = shapely.Polygon(shell, [hole])
    parts = ellipsoidal_area_m2([shapely.Polygon(shell), shapely.Polygon(hole)])
    assert ellipsoidal_area_m2([one])[0] == pytest.approx(parts[0] - parts[1], abs=1e-9)


def test_flat_arrays_give_the_same_and_the_direction():
    polygons = shapely.orient_polygons(stars(180.0))
    xy = shapely.get_coordinates(polygons)
    starts = np.concatenate([[0], np.cumsum(shapely.get_num_coordinates(polygons))])
    expected = ellipsoidal_area_m2(polygons)
    np.testing.assert_array_equal(ring_area_m2(xy, starts), expected)
    np.testing.assert_array_equal(ring_area_m2(xy[::-1], starts) < 0, True)
    frame = gauss_kruger(4547)
    drawn = frame.from_lonlat((xy - [104.5, 0]) * [0.05, 1] + [114, 0])
    kept = drawn.copy()
    assert (ring_area_m2(drawn, starts, frame=frame) > 0).all()
    np.testing.assert_array_equal(drawn, kept)


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


@pytest.mark.parametrize("lat0", [0.0, 24.0, 53.0, -33.0, 85.0])
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
