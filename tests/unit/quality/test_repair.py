"""Repairs by name: what is asked for is done, told and bounded; the rest stays byte for byte."""

import geopandas
import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from ecogis.core.errors import ConfigError, InputError
from ecogis.core.findings import Findings
from ecogis.quality import REPAIRS, TopologyLimits, repair, topology
from ecogis.spatial.area import ellipsoidal_area_m2
from ecogis.spatial.bounded import Bounds
from ecogis.spatial.plane import equal_area_plane

PLANE = equal_area_plane(24.0, 113.0)


def layer(shapes, key="stand"):
    names = [f"S{number}" for number in range(1, len(shapes) + 1)]
    drawn = [None if shape is None else PLANE.unproject(shape) for shape in shapes]
    return geopandas.GeoDataFrame({key: names, "age_yr": 7}, geometry=drawn, crs=4490)


def repaired(shapes, *repairs, key="stand", role="stands", **options):
    """The layer before, after, and what was told."""
    before, findings = layer(shapes, key), Findings()
    after = repair(before, key, findings, role=role, repairs=repairs, **options)
    assert after.drop(columns="geometry").equals(before.drop(columns="geometry"))
    return before, after, findings.table()


def hectares(given):
    return np.nan_to_num(ellipsoidal_area_m2(given.geometry.array)) / 10_000.0


def same(before, after, rows):
    """Whether polygons are the very same, bit by bit."""
    one, two = (given.geometry.array[rows] for given in (before, after))
    return bool(shapely.equals_exact(one, two, 0.0).all())


def square(x, y, size=100.0):
    return box(x, y, x + size, y + size)


def field(columns=4, rows=4):
    return [square(x * 100.0, y * 100.0) for y in range(rows) for x in range(columns)]


BOW_TIE = Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])
TWICE = Polygon([(0, 0), (100, 0), (100, 0), (100, 100), (0, 100), (0, 100)])
SPIKED = Polygon([(0, 0), (100, 0), (100, 100), (50.4, 100), (50.2, 120), (50, 100), (0, 100)])


def test_rings_are_what_is_repaired_unasked():
    before, findings = layer([BOW_TIE, square(200, 0)]), Findings()
    after = repair(before, "stand", findings, role="stands")
    assert after.is_valid.all()
    assert findings.table()["code"].tolist() == ["E342"]


def test_nothing_asked_nothing_done():
    before, after, told = repaired([BOW_TIE, TWICE, SPIKED])
    assert told.empty
    assert same(before, after, slice(None))


def test_vertices_that_stand_twice():
    before, after, told = repaired([TWICE, square(200, 0)], "duplicate_vertices")
    assert told[["code", "feature", "action"]].values.tolist() == [["E611", "S1", "repaired"]]
    assert "2 vertices" in told["message_en"].iloc[0]
    assert "from 10000.0 to 10000.0 m²" in told["message_en"].iloc[0]
    assert shapely.get_num_coordinates(after.geometry.array).tolist() == [5, 5]
    assert after.geometry.iloc[0].equals(before.geometry.iloc[0])
    assert same(before, after, [1])


def test_a_spike_is_cut_off_at_its_base():
    before, after, told = repaired([SPIKED, square(300, 0)], "spikes")
    assert told[["code", "feature", "action"]].values.tolist() == [["E612", "S1", "repaired"]]
    assert told["area_ha"].iloc[0] == pytest.approx(4e-4)
    assert "from 10004.0 to 10000.0 m²" in told["message_en"].iloc[0]
    assert hectares(after)[0] == pytest.approx(1.0)
    assert same(before, after, [1])


def test_spikes_in_holes_and_parts_come_off_and_their_neighbours_stay():
    hole = [(20, 20), (40, 20), (40, 40), (30.2, 40), (30.1, 55), (30, 40), (20, 40)]
    shape = MultiPolygon([Polygon(SPIKED.exterior, [hole]), square(200, 0), square(400, 0)])
    _, after, told = repaired([shape], "spikes")
    assert told["code"].tolist() == ["E612"]
    assert "2 spikes" in told["message_en"].iloc[0]
    assert after.geometry.iloc[0].geom_type == "MultiPolygon"
    assert hectares(after)[0] == pytest.approx(3.0 - 0.04)


def test_a_stair_of_spikes_comes_off_step_by_step():
    """Cut at its tip the thorn is a thorn still, until the third time."""
    thorn = [
        (51, 100),
        (50.5, 110),
        (50.35, 120),
        (50.2, 130),
        (50.05, 120),
        (50, 110),
        (49.6, 100),
    ]
    shape = Polygon([(0, 0), (100, 0), (100, 100), *thorn, (0, 100)])
    limits = TopologyLimits(spike_degrees=6.0, width_m=2.0)
    _, after, told = repaired([shape], "spikes", limits=limits)
    assert told["code"].tolist() == ["E612"]
    findings = Findings()
    topology(after, "stand", findings, role="stands", limits=limits)
    assert findings.count("E609") == 0


def test_a_spike_that_is_much_of_the_stand_stays():
    large = Polygon([(0, 0), (10, 0), (10, 10), (5.5, 10), (5.2, 60), (5, 10), (0, 10)])
    before, after, told = repaired([large], "spikes")
    assert told[["code", "action"]].values.tolist() == [["E616", "kept"]]
    assert "more than 1 %" in told["message_en"].iloc[0]
    assert same(before, after, [0])


def with_sliver():
    """A strip of half a metre between S1 and S2, in line with the border of S3 and S4."""
    return [
        square(0, 0),
        box(100.5, 0, 200, 100),
        square(0, 100),
        square(100.5, 100),
        box(100, 0, 100.5, 100),
    ]


def test_a_sliver_goes_to_the_neighbour_with_the_longest_border():
    before, after, told = repaired(with_sliver(), "slivers_to_neighbour")
    assert told[["code", "feature", "action"]].values.tolist() == [
        ["E613", "S5", "repaired"],
        ["E614", "S1", "repaired"],
    ]
    assert told["area_ha"].tolist() == pytest.approx([50e-4, 50e-4])
    assert "went to S1; its area went from 50.0 to 0.0" in told["message_en"].iloc[0]
    assert "of S5; its area went from 10000.0 to 10050.0" in told["message_en"].iloc[1]
    assert len(after) == 5
    assert after.geometry.iloc[4].is_empty
    assert hectares(after).sum() == pytest.approx(hectares(before).sum(), abs=1e-9)
    assert same(before, after, [1, 2, 3])


def test_a_sliver_that_is_a_part_leaves_the_rest_of_its_stand():
    strip = box(100, 0, 100.5, 100)
    shapes = [square(0, 0), box(100.5, 0, 200, 100), MultiPolygon([strip, square(500, 0)])]
    before, after, told = repaired(shapes, "slivers_to_neighbour")
    assert told[["code", "feature"]].values.tolist() == [["E613", "S3"], ["E614", "S1"]]
    assert hectares(after).tolist() == pytest.approx([1.005, 0.995, 1.0])
    assert hectares(after).sum() == pytest.approx(hectares(before).sum(), abs=1e-9)


def test_a_sliver_without_neighbour_or_among_slivers_stays():
    shapes = [square(0, 0), box(300, 0, 300.5, 100), box(300.5, 0, 301, 100)]
    before, after, told = repaired(shapes, "slivers_to_neighbour")
    assert told[["code", "feature"]].values.tolist() == [["E616", "S2"], ["E616", "S3"]]
    assert "no neighbour" in told["message_en"].iloc[0]
    assert same(before, after, slice(None))


def test_a_stand_takes_no_more_than_its_share():
    strip = box(20, 0, 20.9, 20)
    before, after, told = repaired([square(0, 0, 20.0), strip], "slivers_to_neighbour")
    assert told[["code", "feature"]].values.tolist() == [["E616", "S1"]]
    assert "(400.0 → 418.0 m²)" in told["message_en"].iloc[0]
    assert same(before, after, slice(None))
    wide = TopologyLimits(moved_share=0.05)
    assert repaired([square(0, 0, 20.0), strip], "slivers_to_neighbour", limits=wide)[2][
        "code"
    ].tolist() == ["E613", "E614"]


def gapped():
    shapes = field()
    shapes[5] = shapely.difference(shapes[5], box(195, 120, 200, 138))
    return shapes


def test_a_gap_goes_to_the_neighbour_with_the_longest_border():
    before, after, told = repaired(gapped(), "gaps_to_neighbour")
    assert told[["code", "feature", "action"]].values.tolist() == [["E615", "S6", "repaired"]]
    assert told["area_ha"].iloc[0] == pytest.approx(90e-4)
    assert "from 9910.0 to 10000.0 m²" in told["message_en"].iloc[0]
    assert hectares(after).sum() == pytest.approx(16.0)
    assert same(before, after, [row for row in range(16) if row != 5])
    findings = Findings()
    topology(after, "stand", findings, role="stands")
    assert findings.count() == 0


def test_several_gaps_of_one_stand_are_filled_together():
    shapes = gapped()
    shapes[5] = shapely.difference(shapes[5], box(100, 100, 104, 109))
    _, after, told = repaired(shapes, "gaps_to_neighbour", limits=TopologyLimits(moved_share=0.02))
    assert told["code"].tolist() == ["E615"]
    assert "2 gaps (126.0 m²)" in told["message_en"].iloc[0]
    assert hectares(after)[5] == pytest.approx(1.0)


def test_a_gap_too_large_for_its_neighbour_stays():
    before, after, told = repaired(
        gapped(), "gaps_to_neighbour", limits=TopologyLimits(moved_share=0.005)
    )
    assert told[["code", "feature"]].values.tolist() == [["E616", "S6"]]
    assert same(before, after, slice(None))


def test_gaps_that_cannot_be_looked_for_change_nothing():
    needles = [box(k, -300, k + 2, 300) for k in range(0, 300, 3)]
    needles += [box(-300, k, 300, k + 2) for k in range(0, 300, 3)]
    before, after, told = repaired(needles, "gaps_to_neighbour", bounds=Bounds(batch_seconds=0.01))
    assert told["code"].tolist() == ["E604"]
    assert same(before, after, slice(None))


def test_all_repairs_in_their_order_whatever_the_order_asked():
    shapes = [*gapped(), SPIKED, shapely.transform(TWICE, lambda xy: np.add(xy, (1_000, 0)))]
    shapes[16] = shapely.transform(SPIKED, lambda xy: np.add(xy, (700, 0)))
    one, two = repaired(shapes, *REPAIRS), repaired(shapes, *REPAIRS[::-1])
    assert one[2].equals(two[2])
    assert same(one[1], two[1], slice(None))
    assert one[2]["code"].tolist() == ["E611", "E612", "E615"]


def test_a_polygon_that_is_not_valid_takes_no_part_and_stays():
    before, after, told = repaired([BOW_TIE, TWICE], "duplicate_vertices", "gaps_to_neighbour")
    assert told[["code", "feature"]].values.tolist() == [["E347", "S1"], ["E611", "S2"]]
    assert same(before, after, [0])


def test_land_of_parcels_is_not_moved():
    for name in ("slivers_to_neighbour", "gaps_to_neighbour"):
        with pytest.raises(ConfigError, match=rf"E617.*{name}.*rings, duplicate_vertices, spikes"):
            repaired([square(0, 0)], name, key="parcel", role="parcels")
    told = repaired([SPIKED], "spikes", key="parcel", role="parcels")[2]
    assert told["code"].tolist() == ["E612"]


@pytest.mark.parametrize("asked", [("snap",), ("rings", "Spikes"), "rings"])
def test_repairs_that_are_not_known(asked):
    with pytest.raises(ConfigError, match="E617"):
        repair(layer([square(0, 0)]), "stand", Findings(), role="stands", repairs=asked)


def test_another_coordinate_system():
    other = layer([square(0, 0)]).set_crs(4326, allow_override=True)
    with pytest.raises(InputError, match="E345"):
        repair(other, "stand", Findings(), role="stands", repairs=["spikes"])


def test_an_empty_layer():
    _, after, told = repaired([], *REPAIRS)
    assert told.empty
    assert len(after) == 0
