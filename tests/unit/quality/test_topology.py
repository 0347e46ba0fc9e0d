"""Faults of a map, planted one by one in squares of a hectare: each is found, and only it."""

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from ecogis.core.errors import InputError, VocabularyError
from ecogis.core.findings import Findings
from ecogis.quality import TopologyLimits, topology
from ecogis.spatial.bounded import Bounds
from ecogis.spatial.plane import equal_area_plane

PLANE = equal_area_plane(24.0, 113.0)


def layer(shapes, key="stand", **columns):
    names = [f"S{number}" for number in range(1, len(shapes) + 1)]
    drawn = [None if shape is None else PLANE.unproject(shape) for shape in shapes]
    return geopandas.GeoDataFrame({key: names} | columns, geometry=drawn, crs=4490)


def looked(shapes, *, key="stand", role="stands", columns=None, **options):
    findings = Findings()
    topology(layer(shapes, key, **(columns or {})), key, findings, role=role, **options)
    return findings.table()


def codes(shapes, **options):
    return looked(shapes, **options)[["code", "feature"]].values.tolist()


def square(x, y, size=100.0):
    return box(x, y, x + size, y + size)


def field(columns=4, rows=4, size=100.0):
    """Squares side by side with common vertices."""
    return [square(x * size, y * size, size) for y in range(rows) for x in range(columns)]


def test_a_clean_map_has_nothing_to_say():
    assert codes(field()) == []


# --- the same polygon twice ---------------------------------------------------------------------


def turned(shape, by, *, back=False):
    """The same ring begun at another vertex, and the other way round."""
    ring = shapely.get_coordinates(shape)[:-1]
    ring = np.roll(ring[::-1] if back else ring, by, axis=0)
    return Polygon(ring)


@pytest.mark.parametrize(
    "copy",
    [
        square(100, 0),
        turned(square(100, 0), 2),
        turned(square(100, 0), 1, back=True),
        shapely.segmentize(square(100, 0), 30.0),  # more vertices on the same lines
        shapely.transform(square(100, 0), lambda xy: xy + 1e-3),  # drawn again to a millimetre
        MultiPolygon([square(100, 0)]),
    ],
    ids=["same", "other start", "other direction", "more vertices", "a millimetre off", "multi"],
)
def test_a_polygon_drawn_twice(copy):
    shapes = [*field(), copy]
    told = looked(shapes)
    told = told[told["code"] == "E600"]
    assert told["feature"].tolist() == ["S17"]
    assert told["area_ha"].iloc[0] == pytest.approx(1.0)
    assert "S2 (10000.0 m²)" in told["message_en"].iloc[0]


def test_three_drawings_of_one_polygon_are_two_copies_of_the_first():
    shapes = [square(0, 0), square(500, 0), square(0, 0), turned(square(0, 0), 1)]
    told = looked(shapes)
    assert told[["code", "feature", "observed"]].values.tolist() == [
        ["E600", "S3", "S1"],
        ["E600", "S4", "S1"],
    ]


def test_neighbours_of_one_size_and_a_ring_about_a_square_are_no_copies():
    ring = Polygon(box(0, 0, 300, 300).exterior, [box(100, 100, 200, 200).exterior])
    assert codes([ring, square(100, 100), square(300, 0)]) == []


def test_a_heap_of_one_polygon_costs_no_more_than_its_number():
    told = looked([square(0, 0)] * 3_000)
    assert told["code"].value_counts().to_dict() == {"E600": 2_999}


# --- gaps ---------------------------------------------------------------------------------------


def holed(width, height, x=150.0, y=150.0):
    """A field in which the stand at (1, 1) leaves out a rectangle at its corner (200, 200)."""
    shapes = field()
    shapes[5] = shapely.difference(shapes[5], box(200 - width, 200 - height, 200, 200))
    return shapes


def test_a_gap_between_stands():
    told = looked(holed(20, 20))
    assert told[["code", "action"]].values.tolist() == [["E601", "kept"]]
    assert told["area_ha"].iloc[0] == pytest.approx(0.04)
    # S6 goes round two sides of it, S7 and S10 along one each, S11 touches a corner
    assert told["feature"].iloc[0] == "S6"
    assert "between S6, S7, S10" in told["message_en"].iloc[0]
    assert "400.0 m²" in told["message_zh"].iloc[0]
    assert "?" not in told["message_en"].iloc[0] + told["message_zh"].iloc[0]


def test_a_gap_as_narrow_as_a_pen_is_told_as_such():
    told = looked(holed(0.5, 90))
    assert told["code"].tolist() == ["E602"]
    assert told["area_ha"].iloc[0] == pytest.approx(45e-4)
    assert "0.5 m wide" in told["message_en"].iloc[0]


def test_a_lake_is_no_gap():
    assert codes(holed(50, 50)) == []
    assert codes(holed(50, 50), limits=TopologyLimits(gap_m2=2500.5))[0][0] == "E601"


def test_very_small_gaps_are_told_as_a_sum():
    shapes = holed(0.9, 0.9)
    shapes[0] = shapely.difference(shapes[0], box(99.5, 99.5, 100, 100))
    told = looked(shapes)
    assert told["code"].tolist() == ["E603"]
    assert told["area_ha"].iloc[0] == pytest.approx((0.81 + 0.25) / 10_000, rel=0.01)
    assert "2 gaps below 1 m²" in told["message_en"].iloc[0]


def test_the_gap_between_borders_that_share_no_vertex():
    """Each side of the common border has vertices of its own: noding must find the gap."""
    left = Polygon([(0, 0), (100, 0), (100, 30), (95, 50), (100, 70), (100, 100), (0, 100)])
    right = shapely.segmentize(square(100, 0), 7.0)
    told = looked([left, right, box(0, 100, 200, 200)])
    assert told["code"].tolist() == ["E601"]
    assert told["area_ha"].iloc[0] == pytest.approx(100e-4)


def test_land_that_overlaps_is_no_gap():
    shapes = [*field(), box(150, 150, 170, 170)]
    assert codes(shapes) == []


def test_a_copy_beside_a_gap_does_not_hide_it():
    shapes = holed(20, 20)
    told = codes([*shapes, shapes[5]])
    assert told == [["E600", "S17"], ["E601", "S6"]]


def test_an_open_bay_and_an_island_are_no_gaps():
    shapes = [shapely.difference(square(0, 0), box(40, 90, 60, 100)), box(45, 92, 55, 98)]
    assert codes(shapes) == []


def test_where_a_polygon_is_not_valid_nothing_is_called_a_gap():
    bow_tie = Polygon([(100, 100), (200, 200), (200, 100), (100, 200)])
    shapes = field()
    shapes[5] = bow_tie
    told = looked(shapes, limits=TopologyLimits(gap_m2=20_000.0))
    assert told[["code", "feature", "action"]].values.tolist() == [["E347", "S6", "excluded"]]


def test_lines_without_end_are_told_as_not_looked_at():
    """Four hundred needles across one another have 40,000 crossings; the child gets no time."""
    needles = [box(k, -500, k + 0.3, 500) for k in range(200)]
    needles += [box(-500, k, 500, k + 0.3) for k in range(200)]
    told = looked(needles, bounds=Bounds(batch_seconds=0.02), limits=TopologyLimits(width_m=0.1))
    assert told["code"].tolist() == ["E604"]
    assert "took over 0.02 s" in told["message_en"].iloc[0]
    assert told["area_ha"].iloc[0] == pytest.approx(400 * 300e-4, rel=1e-3)


# --- slivers, parts, spikes ---------------------------------------------------------------------


def test_a_sliver():
    told = looked([square(0, 0), box(100, 0, 100.6, 100)])
    assert told[["code", "feature"]].values.tolist() == [["E605", "S2"]]
    assert told["area_ha"].iloc[0] == pytest.approx(60e-4)
    assert float(told["observed"].iloc[0]) == pytest.approx(2 * 60 / 201.2, abs=1e-3)
    assert codes([square(0, 0), box(100, 0, 101.2, 100)]) == []


def test_slivers_among_the_parts_of_a_stand_count_alone():
    part = MultiPolygon([square(0, 0), box(200, 0, 200.5, 40), box(210, 0, 210.4, 50)])
    told = looked([part]).set_index("code")
    assert told.index.tolist() == ["E605", "E606"]
    assert told.loc["E605", "area_ha"] == pytest.approx(40e-4)
    assert "2 slivers, 40.0 m²" in told.loc["E605", "message_en"]


def test_parts_and_how_far_apart_they_are():
    shape = MultiPolygon([box(0, 0, 20, 20), square(300, 0), box(500, 100, 520, 120)])
    told = looked([shape, square(1000, 0)])
    assert told[["code", "feature", "severity"]].values.tolist() == [["E606", "S1", "note"]]
    assert told["area_ha"].iloc[0] == pytest.approx(800e-4)
    # from the middle of the largest, (350, 50), to (10, 10): 342.3 m
    assert "3 parts up to 342.3 m apart" in told["message_en"].iloc[0]


def test_parts_too_far_apart_are_a_warning():
    shape = MultiPolygon([square(0, 0), square(1_100, 0)])
    told = looked([shape])
    assert told[["code", "severity"]].values.tolist() == [["E607", "warning"]]
    assert codes([shape], limits=TopologyLimits(part_m=1_100.5)) == [["E606", "S1"]]


SPIKED = Polygon([(0, 0), (100, 0), (100, 100), (50.4, 100), (50.2, 120), (50, 100), (0, 100)])
SLIT = Polygon([(0, 0), (100, 0), (100, 100), (50.4, 100), (50.2, 80), (50, 100), (0, 100)])


@pytest.mark.parametrize("shape", [SPIKED, SLIT, turned(SPIKED, 4), turned(SPIKED, 2, back=True)])
def test_spikes_and_slits(shape):
    told = looked([shape, square(300, 0)])
    assert told[["code", "feature"]].values.tolist() == [["E609", "S1"]]
    assert told["area_ha"].iloc[0] == pytest.approx(4e-4)  # 0.4 m wide, 20 m long
    assert "1 spikes (under 3°), up to 20.0 m long, 4.0 m²" in told["message_en"].iloc[0]


def test_a_tip_of_two_vertices_is_one_spike():
    tip = Polygon(
        [(0, 0), (100, 0), (100, 100), (50.4, 100), (50.23, 120), (50.17, 120), (50, 100), (0, 100)]
    )
    told = looked([tip])
    assert told["code"].tolist() == ["E609"]
    assert "1 spikes" in told["message_en"].iloc[0]


def test_a_wedge_of_land_is_no_spike():
    wedge = Polygon([(0, 0), (100, 0), (100, 20)])  # 11 degrees
    blunt = Polygon([(0, 0), (100, 0), (100, 100), (60, 100), (50, 105), (40, 100), (0, 100)])
    short = Polygon(
        [(0, 0), (100, 0), (100, 100), (50.02, 100), (50.01, 100.9), (50, 100), (0, 100)]
    )
    assert codes([wedge, shapely.transform(blunt, lambda xy: xy + 500)]) == []
    assert codes([short]) == []


# --- one stand written as several rows ----------------------------------------------------------


def stated(areas, *, volumes=None, shapes=None, **columns):
    shapes = shapes or [square(150 * k, 0) for k in range(len(areas))]
    columns |= {"area_record_ha": areas}
    if volumes is not None:
        columns |= {"standing_volume_m3": volumes}
    return looked(shapes, columns=columns)


def test_rows_that_each_state_the_area_of_the_whole():
    shapes = [square(0, 0), box(200, 0, 400, 100), square(500, 0)]
    told = stated([3.0, 3.0, 1.0], shapes=shapes)
    assert told[["code", "feature", "column", "observed"]].values.tolist() == [
        ["E608", "S2", "area_record_ha", "3.0"]
    ]
    assert told["area_ha"].iloc[0] == pytest.approx(2.0)
    assert "like S1" in told["message_en"].iloc[0]


def test_a_small_part_and_the_rest_of_it_are_found_too():
    told = stated([1.04, 1.04], shapes=[square(0, 0), square(200, 0, 20.0)])
    assert told["feature"].tolist() == ["S2"]


def test_stands_that_happen_to_state_the_same_are_right():
    assert stated([1.0, 1.0, 1.0]).empty
    # two of four make up a stand; the other two state what they have
    shapes = [square(0, 0), square(200, 0), box(400, 0, 600, 100), box(700, 0, 900, 100)]
    assert stated([2.0] * 4, shapes=shapes)["feature"].tolist() == ["S2"]


def test_rows_alike_in_area_and_not_in_what_grows_there_are_two_stands():
    shapes = [square(0, 0), square(200, 0)]
    assert stated([2.0, 2.0], shapes=shapes, species=["杉木", "马尾松"]).empty
    told = stated([2.0, 2.0], shapes=shapes, species=["杉木", "杉木"])
    assert told["code"].tolist() == ["E608"]


def test_rows_that_each_state_the_volume_of_the_whole():
    told = stated([1.0, 1.0], volumes=[240.0, 240.0], standing_volume=[120.0, 120.0])
    assert told[["code", "feature", "column"]].values.tolist() == [
        ["E608", "S2", "standing_volume_m3"]
    ]


# --- the boundary, and the call -----------------------------------------------------------------


def test_parcels_and_stands_outside_the_boundary():
    boundary = layer([box(0, 0, 250, 100)], key="township")
    shapes = [square(0, 0), square(300, 0), square(200.5, 200)]
    for key, role, code in (("parcel", "parcels", "E610"), ("stand", "stands", "E348")):
        told = looked(shapes, key=key, role=role, boundary=boundary)
        assert told[["code", "feature", "action"]].values.tolist() == [
            [code, "S2", "excluded"],
            [code, "S3", "excluded"],
        ]
        assert told["area_ha"].tolist() == pytest.approx([1.0, 1.0])
        assert "100.0 %" in told["message_zh"].iloc[0]


def test_the_share_that_may_lie_outside_is_the_caller_s():
    boundary = layer([box(0, 0, 50, 100)], key="township")
    strict = TopologyLimits(outside_share=0.49)
    assert codes([square(0, 0)], boundary=boundary) == []
    assert codes([square(0, 0)], boundary=boundary, limits=strict) == [["E348", "S1"]]


def test_rows_without_polygon_or_name_are_kept_and_told():
    shapes = [square(0, 0), None, square(0, 0)]
    given = layer(shapes).assign(stand=[pd.NA, "S2", pd.NA])
    findings = Findings()
    topology(given, "stand", findings, role="stands")
    told = findings.table()
    assert told[["code", "row"]].values.tolist() == [["E343", 2], ["E600", 3]]
    assert "#1" in told["message_en"].iloc[1]


def test_an_empty_layer():
    assert codes([]) == []
    assert codes([], boundary=layer([], key="township")) == []


def test_what_the_caller_did_wrong():
    given = layer([square(0, 0)])
    with pytest.raises(InputError, match=r"E345.*EPSG:4326"):
        topology(given.set_crs(4326, allow_override=True), "stand", Findings(), role="stands")
    with pytest.raises(VocabularyError, match=r"E004.*parcel"):
        topology(given, "parcel", Findings(), role="parcels")
