"""Features outside the area surveyed, and a boundary that is itself at fault."""

import geopandas
import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from ecogis.core.findings import Findings
from ecogis.quality import outside
from ecogis.quality.boundary import sound_land
from ecogis.spatial.bounded import Bounds
from ecogis.spatial.plane import equal_area_plane

PLANE = equal_area_plane(24.0, 113.0)
BOW_TIE = Polygon([(0, 0), (400, 400), (400, 0), (0, 400)])


def layer(shapes, key="stand"):
    names = [f"S{number}" for number in range(1, len(shapes) + 1)]
    drawn = [None if shape is None else PLANE.unproject(shape) for shape in shapes]
    return geopandas.GeoDataFrame({key: names}, geometry=drawn, crs=4490)


def found(shapes, boundary, **options):
    findings = Findings()
    outside(layer(shapes), layer(boundary, "township"), findings, **options)
    return findings.table()


def test_half_outside_is_not_more_than_half():
    told = found([box(-50, 0, 50, 100), box(-51, 0, 49, 100)], [box(0, 0, 400, 400)])
    assert told[["code", "feature", "observed"]].values.tolist() == [["E348", "S2", "0.51"]]
    assert told["area_ha"].iloc[0] == pytest.approx(1.0)


def test_townships_side_by_side_are_one_area():
    two = [box(0, 0, 200, 400), box(200, 0, 400, 400)]
    assert found([box(150, 0, 250, 100)], two).empty


def test_a_boundary_that_is_not_valid_is_mended_to_be_compared_with():
    told = found([box(20, 5, 40, 15), box(190, 0, 210, 20)], [BOW_TIE])
    assert told["feature"].tolist() == ["S1", "S2"]
    assert found([box(10, 100, 30, 120)], [BOW_TIE]).empty


def test_where_the_boundary_cannot_be_mended_nothing_is_judged():
    angle = np.arange(802) * 2 * np.pi * 400 / 801
    star = Polygon(np.column_stack([np.cos(angle), np.sin(angle)]) * 100)
    findings = Findings()
    land = sound_land(layer([star], "township"), "boundary", findings, Bounds(seconds=0.1))
    assert len(land) == 0
    told = findings.table()
    assert told[["code", "layer", "feature", "action"]].values.tolist() == [
        ["E347", "boundary", "S1", "kept"]
    ]


def test_rows_without_polygon_are_nowhere():
    told = found([None, box(900, 0, 1000, 100)], [box(0, 0, 400, 400), None])
    assert told[["code", "feature"]].values.tolist() == [["E343", "S1"], ["E348", "S2"]]


def test_the_share_is_of_the_area_not_of_the_parts():
    shape = shapely.MultiPolygon([box(0, 0, 100, 100), *(box(-k, 0, -k + 9, 9) for k in (20, 40))])
    assert found([shape], [box(0, 0, 400, 400)]).empty
