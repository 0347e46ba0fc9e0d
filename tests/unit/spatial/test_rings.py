"""Polygons taken apart."""

import numpy as np
import pytest
import shapely
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from ecogis.spatial.rings import polygon_parts, rings_of

HOLED = Polygon(box(0, 0, 4, 4).exterior, [box(1, 1, 2, 2).exterior, box(2, 2, 3, 3).exterior])
TWO = MultiPolygon([box(5, 0, 6, 1), HOLED])
MIXED = GeometryCollection([Point(9, 9), TWO, LineString([(0, 0), (1, 1)]), box(8, 0, 9, 1)])
ALL = [box(0, 0, 1, 1), None, HOLED, Polygon(), TWO, MIXED, Point(1, 1), box(7, 7, 8, 8)]


def by_hand(geometries):
    """One ring after the other, in Python."""
    found = []
    for row, geometry in enumerate(geometries):
        whole = [geometry] if isinstance(geometry, Polygon) else getattr(geometry, "geoms", [])
        parts = [part for one in whole for part in getattr(one, "geoms", [one])]
        for part in (one for one in parts if isinstance(one, Polygon) and not one.is_empty):
            found.append((row, 1.0, shapely.get_coordinates(part.exterior).tolist()))
            found += [
                (row, -1.0, shapely.get_coordinates(hole).tolist()) for hole in part.interiors
            ]
    return found


def taken_apart(geometries):
    rings = rings_of(geometries)
    parts = np.split(rings.xy, rings.starts[1:-1]) if len(rings.sign) else []
    assert rings.starts[-1] == len(rings.xy)
    assert (np.diff(rings.feature) >= 0).all()
    return [
        (row, sign, xy.tolist())
        for row, sign, xy in zip(rings.feature.tolist(), rings.sign.tolist(), parts, strict=True)
    ]


@pytest.mark.parametrize(
    "geometries",
    [
        [],
        [None, Polygon()],
        [box(0, 0, 1, 1), None, Polygon(), box(2, 0, 3, 1)],
        [HOLED],
        [None, TWO, box(0, 0, 1, 1)],
        [MultiPolygon(), MultiPolygon([Polygon(), box(0, 0, 1, 1)])],
        [Point(0, 0)],
        [MIXED, None],
        ALL,
        ALL[::-1],
    ],
    ids=lambda shapes: f"{len(shapes)} shapes",
)
def test_every_ring_in_order_with_sign_and_feature(geometries):
    assert taken_apart(geometries) == by_hand(geometries)


def test_height_is_left_out():
    assert rings_of(shapely.force_3d([box(0, 0, 1, 1)], 7.0)).xy.shape == (5, 2)


def test_parts_and_where_they_come_from():
    parts, source = polygon_parts(ALL)
    assert source.tolist() == [0, 2, 4, 4, 5, 5, 5, 7]
    assert [one.geom_type for one in parts] == ["Polygon"] * 8
    assert shapely.area(parts).tolist() == [1, 14, 1, 14, 1, 14, 1, 1]
