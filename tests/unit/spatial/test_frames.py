"""Frames: which systems are one, and the way to the plane and back."""

import numpy as np
import pyproj
import pytest
import shapely

from ecogis.core.errors import ConfigError, InputError
from ecogis.spatial.frames import frame_of
from ecogis.spatial.plane import equal_area_plane, plane_of

KNOWN = [4490, 4491, 4507, 4513, 4526, 4533, 4534, 4547, 4554]
PLANE = equal_area_plane(24.1, 113.4)
LONLAT = np.random.default_rng(0).uniform([112.5, 22.0], [115.5, 26.0], (500, 2))


def frame(code):
    return frame_of(pyproj.CRS.from_epsg(code), layer="stands")


@pytest.mark.parametrize("code", KNOWN)
def test_there_and_back(code):
    one = frame(code)
    lonlat = LONLAT - [114.0 - (one.grid.lon0 if one.grid else 114.0), 0.0]
    plane = equal_area_plane(24.1, lonlat[0, 0])
    xy = one.from_lonlat(lonlat)
    np.testing.assert_allclose(one.lonlat(xy), lonlat, rtol=0, atol=1e-12)
    flat = one.to_plane(xy, plane)
    np.testing.assert_allclose(flat, plane.forward(lonlat), rtol=0, atol=5e-8)
    np.testing.assert_allclose(one.from_plane(flat, plane), xy, rtol=0, atol=5e-8)


@pytest.mark.parametrize("code", [4490, 4526])
@pytest.mark.parametrize("name", ["lonlat", "from_lonlat", "to_plane", "from_plane"])
def test_in_place_is_the_same_and_touches_nothing_else(code, name):
    one = frame(code)
    points = {
        "lonlat": one.from_lonlat(LONLAT),
        "from_lonlat": LONLAT.copy(),
        "to_plane": one.from_lonlat(LONLAT),
        "from_plane": PLANE.forward(LONLAT),
    }[name]
    more = (PLANE,) if name.endswith("plane") else ()
    before = points.copy()
    apart = getattr(one, name)(points, *more)
    np.testing.assert_array_equal(points, before)
    assert not np.shares_memory(apart, points)
    assert getattr(one, name)(points, *more, out=points) is points
    np.testing.assert_array_equal(points, apart)


@pytest.mark.parametrize(
    "name",
    ["EPSG:4326", "EPSG:4610", "EPSG:2380", "EPSG:2432", "EPSG:32650", "EPSG:3857", "EPSG:4479"],
)
def test_other_systems_are_refused(name):
    with pytest.raises(InputError, match="E345") as caught:
        frame_of(pyproj.CRS(name), layer="小班")
    assert "小班" in caught.value.zh
    assert name in caught.value.en


def test_no_system_is_refused():
    with pytest.raises(InputError, match="E345"):
        frame_of(None, layer="stands")


def test_cgcs2000_in_another_projection_is_refused():
    albers = pyproj.CRS(
        "+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +x_0=0 +y_0=0 +ellps=GRS80 +units=m"
    )
    named = albers.to_wkt().replace('DATUM["Unknown based on GRS 1980', 'DATUM["China 2000')
    with pytest.raises(InputError, match="E345"):
        frame_of(pyproj.CRS.from_wkt(named), layer="stands")


def test_what_a_system_is_called_does_not_matter():
    text = pyproj.CRS.from_epsg(4547).to_wkt("WKT1_ESRI")
    named_otherwise = frame_of(pyproj.CRS.from_wkt(text), layer="stands")
    assert named_otherwise.same_as(frame(4547))
    assert not frame(4547).same_as(frame(4526))
    assert not frame(4547).same_as(frame(4490))
    assert frame(4490).same_as(frame_of(pyproj.CRS("EPSG:4490"), layer="parcels"))


def test_the_plane_of_layers_in_metres_is_the_one_of_their_degrees():
    box = shapely.box(113.01, 24.02, 113.47, 24.26)
    one = frame(4526)
    there = shapely.transform(box, one.from_lonlat)
    assert plane_of([there, None], [], frame=one) == plane_of([box])
    assert plane_of([None], frame=one) == equal_area_plane(0.0, 0.0)


def test_out_of_another_shape_is_refused():
    for code in (4490, 4526):
        with pytest.raises(ConfigError, match="E640"):
            frame(code).lonlat([[113.0, 24.0]], out=np.empty((2, 2)))
