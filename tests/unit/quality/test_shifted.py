"""A layer that lies beside another: what is told, about which, and what is left alone."""

import geopandas
import numpy as np
import pytest
import shapely

from ecogis.core.errors import InputError
from ecogis.core.findings import Findings
from ecogis.quality import ShiftLimits, shifted
from ecogis.spatial.gcj02 import gcj02
from ecogis.spatial.plane import equal_area_plane

PLANE = equal_area_plane(24.0, 113.0)
TRUE = 620.0  # length of the GCJ-02 offset at 113, 24 [m]


def county(columns=24, rows=20, size=150.0, seed=5):
    """Stands with crooked common borders: a grid of corners moved at random."""
    draw = np.random.default_rng(seed)
    corners = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1), indexing="ij"), 2)
    corners = corners * size + draw.uniform(-0.4, 0.4, corners.shape) * size
    x, y = (index.ravel() for index in np.indices((columns, rows)))
    rings = np.stack(
        [corners[x, y], corners[x + 1, y], corners[x + 1, y + 1], corners[x, y + 1]], 1
    )
    return shapely.polygons(rings)


STANDS = county()
OUTLINE = [shapely.union_all(STANDS)]


def drawn_again(shape, seed):
    """The outer ring, every vertex a metre or so elsewhere."""
    ring = shapely.get_coordinates(shape.exterior)[:-1]
    return shapely.Polygon(ring + np.random.default_rng(seed).normal(0.0, 1.0, ring.shape))


# parcels that follow the stands, four of them joined
PARCELS = [drawn_again(shapely.union_all(four), k) for k, four in enumerate(STANDS.reshape(-1, 4))]
REFERENCES = {"another year": STANDS[::2], "parcels": PARCELS, "a township": OUTLINE}


def layer(shapes):
    drawn = PLANE.unproject(np.asarray(shapes, dtype=object))
    return geopandas.GeoDataFrame({"row": range(len(drawn))}, geometry=drawn, crs=4490)


def through(given, change):
    """A copy of a layer whose coordinates are changed. [degrees]"""
    moved = shapely.transform(np.asarray(given.geometry.array, dtype=object), change)
    return given.set_geometry(geopandas.GeoSeries(moved, index=given.index, crs=given.crs))


def by(east, north):
    return lambda xy: PLANE.inverse(np.add(PLANE.forward(xy), (east, north)))


def told(given, reference, **options):
    findings = Findings()
    shifted(given, reference, findings, role="stands", **options)
    return findings.table()


@pytest.mark.parametrize("name", REFERENCES)
def test_a_layer_in_its_place_is_left_alone(name):
    assert told(layer(STANDS), layer(REFERENCES[name])).empty


@pytest.mark.parametrize("name", REFERENCES)
def test_a_web_map_s_copy_is_recognised(name):
    found = told(through(layer(STANDS), gcj02), layer(REFERENCES[name]))
    assert found[["code", "layer", "severity", "action"]].values.tolist() == [
        ["E312", "stands", "error", "kept"]
    ]
    distance, azimuth = found["observed"].iloc[0].rstrip("°").split(" m ")
    assert float(distance) == pytest.approx(TRUE, abs=10)
    assert float(azimuth) == pytest.approx(119, abs=2)
    assert found["area_ha"].iloc[0] == pytest.approx(shapely.area(STANDS).sum() / 1e4, rel=5e-3)
    assert "GCJ-02" in found["message_zh"].iloc[0]
    assert "boundary" in found["message_en"].iloc[0]


def test_the_reference_may_be_the_one_from_a_web_map():
    found = told(layer(STANDS), through(layer(OUTLINE), gcj02), reference_role="villages")
    assert found[["code", "layer"]].values.tolist() == [["E312", "villages"]]
    assert float(found["observed"].iloc[0].split()[0]) == pytest.approx(TRUE, abs=10)
    assert "from stands" in found["message_en"].iloc[0]


@pytest.mark.parametrize("name", REFERENCES)
def test_a_datum_that_was_not_transformed_is_no_web_map(name):
    found = told(through(layer(STANDS), by(-45.0, -38.0)), layer(REFERENCES[name]))
    assert found["code"].tolist() == ["E618"]
    distance, azimuth = found["observed"].iloc[0].rstrip("°").split(" m ")
    assert float(distance) == pytest.approx(np.hypot(45, 38), abs=6)
    assert float(azimuth) == pytest.approx(180 + np.degrees(np.arctan2(45, 38)), abs=5)
    assert "Beijing" in found["message_en"].iloc[0]


def test_a_shift_like_digitising_is_none():
    moved = through(layer(STANDS), by(9.0, -9.0))
    assert told(moved, layer(OUTLINE)).empty
    strict = ShiftLimits(least_m=8.0)
    assert told(moved, layer(OUTLINE), limits=strict)["code"].tolist() == ["E618"]


def test_a_few_stands_of_many_are_enough():
    few = layer(STANDS[100:112])
    assert told(few, layer(STANDS)).empty
    assert told(through(few, gcj02), layer(STANDS))["code"].tolist() == ["E312"]


def test_layers_with_nothing_in_common_say_nothing():
    other = county(seed=6, size=131.0)
    assert told(layer(STANDS[50:80]), layer(other)).empty
    assert told(through(layer(STANDS[50:80]), gcj02), layer(other)).empty


def test_in_a_grid_of_squares_nothing_can_be_said():
    grid = [
        shapely.box(x, y, x + 100, y + 100)
        for x in range(0, 2000, 100)
        for y in range(0, 2000, 100)
    ]
    inner = [
        shapely.box(x, y, x + 100, y + 100)
        for x in range(500, 900, 100)
        for y in range(500, 900, 100)
    ]
    assert told(through(layer(inner), by(-200.0, 100.0)), layer(grid)).empty


@pytest.mark.parametrize(("degrees", "words"), [(3.0, "about 3°"), (-6.0, "about -6°")])
def test_a_wrong_zone_is_named(degrees, words):
    found = told(through(layer(STANDS), lambda xy: np.add(xy, (degrees, 0.0))), layer(OUTLINE))
    assert found["code"].tolist() == ["E619"]
    assert words in found["message_en"].iloc[0]
    assert "带号" in found["message_zh"].iloc[0]


def test_another_county_is_far_away():
    found = told(through(layer(STANDS), by(60_000.0, 0.0)), layer(OUTLINE))
    assert found["code"].tolist() == ["E619"]
    width = np.ptp(shapely.total_bounds(STANDS)[[0, 2]]) / 1000
    assert float(found["observed"].iloc[0].split()[0]) == pytest.approx(60 - width, abs=0.2)
    assert "check the coordinate system" in found["message_en"].iloc[0]


def test_layers_without_land():
    empty = layer([])
    bare = layer(STANDS[:3]).set_geometry(geopandas.GeoSeries([None] * 3, crs=4490))
    for given in (empty, bare):
        assert told(given, layer(OUTLINE)).empty
        assert told(layer(STANDS), given).empty


def test_another_coordinate_system():
    other = layer(OUTLINE).set_crs(4326, allow_override=True)
    with pytest.raises(InputError, match=r"E345.*boundary"):
        told(layer(STANDS), other)
