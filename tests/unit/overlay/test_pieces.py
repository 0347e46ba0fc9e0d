"""Stands over parcels, on squares of 100 m: 1 ha, 1 000 000 dm2."""

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import box

from ecogis.core.errors import InputError, VocabularyError
from ecogis.core.findings import Findings
from ecogis.overlay import areas, common, parcel_cover, pieces, touching_groups, unique_ids
from ecogis.overlay.outlines import gathered
from ecogis.overlay.rings import polygonal
from ecogis.spatial.area import area_dm2
from ecogis.spatial.plane import equal_area_plane

PLANE = equal_area_plane(24.0, 113.0)
HA = 1_000_000  # dm2


def layer(key, shapes):
    """Named plane shapes [m] as a layer in EPSG:4490."""
    drawn = [None if shape is None else PLANE.unproject(shape) for shape in shapes.values()]
    return geopandas.GeoDataFrame(
        {key: pd.array(list(shapes), dtype="string")}, geometry=drawn, crs=4490
    )


def stands(**shapes):
    return layer("stand", shapes)


def parcels(**shapes):
    return layer("parcel", shapes)


def codes(findings):
    return sorted(set(findings.table()["code"]))


def closes(over):
    """Pieces + remainder + contested = area of record, for every stand and parcel."""
    for key, rest in (("stand", over.stand_remainder), ("parcel", over.parcel_remainder)):
        used = over.pieces.groupby(key)["area_dm2"].sum().reindex(rest[key], fill_value=0)
        total = used.to_numpy() + rest["area_dm2"] + rest["contested_dm2"]
        pd.testing.assert_series_equal(total, rest[f"{key}_dm2"], check_names=False)
        assert (rest["pieces_dm2"].to_numpy() == used.to_numpy()).all()
    return True


def test_a_stand_on_two_parcels_and_beyond():
    findings = Findings()
    over = pieces(
        stands(S1=box(0, 0, 300, 100)),
        parcels(Z1=box(0, 0, 100, 100), Z2=box(100, 0, 150, 100)),
        findings,
    )
    assert over.pieces[["piece", "stand", "parcel", "area_dm2"]].values.tolist() == [
        ["P000001", "S1", "Z1", HA],
        ["P000002", "S1", "Z2", HA // 2],
    ]
    assert over.pieces["area_ha"].tolist() == [1.0, 0.5]
    assert over.stand_remainder["area_dm2"].tolist() == [3 * HA // 2]
    assert over.parcel_remainder["area_dm2"].tolist() == [0, 0]
    assert over.contested.empty
    assert closes(over)
    assert findings.count() == 0


def test_pieces_are_drawn_where_they_lie():
    over = pieces(stands(S1=box(0, 0, 100, 100)), parcels(Z1=box(50, 0, 200, 100)), Findings())
    assert over.pieces.crs.to_epsg() == 4490
    assert area_dm2(over.pieces.geometry.array).tolist() == over.pieces["area_dm2"].tolist()
    expected = PLANE.unproject(box(50, 0, 100, 100))
    assert shapely.hausdorff_distance(over.pieces.geometry.iloc[0], expected) < 1e-9


def test_without_geometry_the_table_is_the_same():
    given = stands(S1=box(0, 0, 100, 100)), parcels(Z1=box(50, 0, 200, 100))
    drawn, plain = (pieces(*given, Findings(), geometry=flag).pieces for flag in (True, False))
    assert "geometry" not in plain
    pd.testing.assert_frame_equal(pd.DataFrame(drawn.drop(columns="geometry")), plain)


def test_a_multipart_stand_is_one_piece_per_parcel():
    both = shapely.union_all([box(0, 0, 100, 100), box(900, 0, 1000, 100)])
    over = pieces(stands(S1=both), parcels(Z1=box(-10, -10, 1010, 110)), Findings())
    assert over.pieces["area_dm2"].tolist() == [2 * HA]
    assert over.pieces.geometry.iloc[0].geom_type == "MultiPolygon"


def test_a_hole_is_not_land():
    ring = box(0, 0, 100, 100).difference(box(25, 25, 75, 75))
    over = pieces(stands(S1=ring), parcels(Z1=box(0, 0, 100, 100)), Findings())
    assert over.pieces["area_dm2"].tolist() == [3 * HA // 4]
    assert over.parcel_remainder["area_dm2"].tolist() == [HA // 4]


def test_features_that_only_touch_share_nothing():
    findings = Findings()
    over = pieces(
        stands(S1=box(0, 0, 100, 100)),
        parcels(Z1=box(100, 0, 200, 100), Z2=box(100, 100, 200, 200)),
        findings,
    )
    assert len(over.pieces) == 0
    assert over.stand_remainder["area_dm2"].tolist() == [HA]
    assert findings.count() == 0


def test_slivers_go_to_the_remainders_with_one_note():
    findings = Findings()
    over = pieces(
        stands(S1=box(0, 0, 100, 100), S2=box(0, 200, 100, 300)),
        parcels(Z1=box(99.995, 0, 200, 100), Z2=box(99.995, 200, 200, 300)),
        findings,
    )
    assert len(over.pieces) == 0
    assert over.stand_remainder["area_dm2"].tolist() == [HA, HA]
    assert findings.table()[["code", "observed"]].values.tolist() == [["E353", "1.0"]]
    assert closes(over)


def test_overlapping_parcels_are_contested_and_counted_once():
    findings = Findings()
    over = pieces(
        stands(S1=box(0, 0, 200, 100)),
        parcels(Z1=box(0, 0, 110, 100), Z2=box(90, 0, 200, 100)),
        findings,
    )
    assert over.pieces["area_dm2"].tolist() == [9 * HA // 10, 9 * HA // 10]
    assert over.stand_remainder[["area_dm2", "contested_dm2"]].values.tolist() == [[0, HA // 5]]
    assert over.parcel_remainder["contested_dm2"].tolist() == [HA // 5, HA // 5]
    row = over.contested.iloc[0]
    assert [row["kind"], row["left"], row["right"], row["area_dm2"]] == [
        "parcels",
        "Z1",
        "Z2",
        HA // 5,
    ]
    assert codes(findings) == ["E355"]
    assert findings.table()["area_ha"].tolist() == pytest.approx([0.2])
    assert closes(over)


def test_overlapping_stands_are_contested_on_both_sides():
    findings = Findings()
    over = pieces(
        stands(S1=box(0, 0, 60, 100), S2=box(40, 0, 100, 100)),
        parcels(Z1=box(0, 0, 100, 100)),
        findings,
    )
    assert over.pieces["area_dm2"].tolist() == [4 * HA // 10, 4 * HA // 10]
    assert over.stand_remainder["contested_dm2"].tolist() == [HA // 5, HA // 5]
    assert over.parcel_remainder["contested_dm2"].tolist() == [HA // 5]
    assert codes(findings) == ["E350"]
    assert "33.33 %" in findings.table()["message_en"].iloc[0]
    assert closes(over)


def test_three_parcels_on_one_spot_are_cut_out_once():
    same = box(0, 0, 100, 100)
    over = pieces(stands(S1=same), parcels(Z1=same, Z2=same, Z3=same), Findings())
    assert len(over.pieces) == 0
    assert len(over.contested) == 3
    assert over.stand_remainder["contested_dm2"].tolist() == [HA]
    assert closes(over)


def test_small_overlaps_stay_and_are_told_once():
    findings = Findings()
    over = pieces(
        stands(S1=box(0, 0, 200, 100)),
        parcels(Z1=box(0, 0, 100.005, 100), Z2=box(100, 0, 200, 100)),
        findings,
    )
    assert codes(findings) == ["E352"]
    assert over.pieces["area_dm2"].sum() == 2 * HA
    assert closes(over)


def test_an_invalid_polygon_takes_no_part():
    bow_tie = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 50)])
    findings = Findings()
    over = pieces(
        stands(S1=bow_tie, S2=box(200, 0, 300, 100)), parcels(Z1=box(0, 0, 300, 100)), findings
    )
    assert over.pieces["stand"].tolist() == ["S2"]
    assert codes(findings) == ["E344"]
    assert findings.excluded("stands") == {"S1"}
    assert closes(over)


@pytest.mark.parametrize("nothing", [None, shapely.Polygon(), shapely.Point(0, 0)])
def test_a_feature_without_polygon_has_no_land(nothing):
    over = pieces(stands(S1=nothing), parcels(Z1=box(0, 0, 100, 100)), Findings())
    assert over.stand_remainder["stand_dm2"].tolist() == [0]
    assert closes(over)


def test_no_rows_no_pieces():
    none = stands().astype({"stand": "string"}), parcels().astype({"parcel": "string"})
    over = pieces(*none, Findings())
    assert len(over.pieces) == len(over.stand_remainder) == len(over.contested) == 0


def test_tables_have_their_types():
    over = pieces(stands(S1=box(0, 0, 100, 100)), parcels(Z1=box(0, 0, 50, 100)), Findings())
    assert {name: str(dtype) for name, dtype in over.pieces.dtypes.items()} == {
        "piece": "string",
        "stand": "string",
        "parcel": "string",
        "area_dm2": "int64",
        "area_ha": "float64",
        "geometry": "geometry",
    }


def test_repeated_identifiers_are_refused():
    twice = pd.concat([stands(S1=box(0, 0, 1, 1))] * 2)
    with pytest.raises(InputError, match=r"E346.*S1"):
        pieces(twice, parcels(Z1=box(0, 0, 1, 1)), Findings())


@pytest.mark.parametrize("crs", [None, 4326, 3857, 2383])
def test_a_crs_of_another_datum_is_refused(crs):
    other = stands(S1=box(0, 0, 1, 1)).set_crs(crs, allow_override=True)
    with pytest.raises(InputError, match="E345"):
        pieces(other, parcels(Z1=box(0, 0, 1, 1)), Findings())


def test_layers_in_unlike_systems_are_not_overlaid():
    other = parcels(Z1=box(0, 0, 1, 1)).to_crs(4547)
    with pytest.raises(InputError, match=r"E349.*stands.*parcels"):
        pieces(stands(S1=box(0, 0, 1, 1)), other, Findings())


def test_gauss_krueger_metres_give_the_same_land():
    """The same squares in degrees and in two zones: areas of record agree to the dm2."""
    own, lots = stands(S1=box(0, 0, 300, 100)), parcels(Z1=box(-50, -50, 150, 150))
    over = pieces(own, lots, Findings())
    for epsg in (4547, 4526):
        moved = pieces(own.to_crs(epsg), lots.to_crs(epsg), Findings())
        assert moved.pieces.crs == f"EPSG:{epsg}"
        assert moved.pieces["area_dm2"].tolist() == over.pieces["area_dm2"].tolist()
        assert moved.stand_remainder.equals(over.stand_remainder)
        back = moved.pieces.geometry.to_crs(4490)
        assert shapely.hausdorff_distance(back.iloc[0], over.pieces.geometry.iloc[0]) < 1e-8


def test_a_piece_keeps_the_vertices_of_its_layers():
    own, lots = stands(S1=box(0, 0, 300, 100)), parcels(Z1=box(-50, -50, 150, 150))
    corners = {tuple(xy) for xy in shapely.get_coordinates(own.geometry.array).tolist()}
    drawn = pieces(own, lots, Findings()).pieces.geometry.iloc[0]
    kept = corners & {tuple(xy) for xy in shapely.get_coordinates(drawn).tolist()}
    assert len(kept) == 2  # byte for byte


def test_a_layer_without_its_key_is_refused():
    with pytest.raises(VocabularyError, match="stand"):
        pieces(parcels(Z1=box(0, 0, 1, 1)), parcels(Z1=box(0, 0, 1, 1)), Findings())


def test_unique_ids_end_by_shape_and_exclude_all_of_a_name():
    small, large = box(0, 0, 50, 50), box(100, 0, 200, 100)
    one = pd.concat([stands(A=small), stands(A=large), stands(B=large)], ignore_index=True)
    findings = Findings()
    named = unique_ids(one, "stand", findings)
    assert sorted(named["stand"]) == ["A", "A#2", "B"]
    assert findings.excluded("stands") == {"A", "A#2"}
    assert codes(findings) == ["E202"]
    unique_ids(one, "stand", findings, role="stands_opening")
    assert findings.excluded("stands_opening") == {"A", "A#2"}
    back = unique_ids(one.iloc[::-1], "stand", Findings())
    assert back.iloc[::-1]["stand"].tolist() == named["stand"].tolist()


def test_unique_ids_name_what_has_none_and_avoid_taken_names():
    table = stands(A=box(0, 0, 1, 1), B=box(0, 0, 2, 2), C=box(0, 0, 3, 3), D=box(0, 0, 4, 4))
    table["stand"] = pd.array(["A", "A", "A#2", None], dtype="string")
    findings = Findings()
    named = unique_ids(table, "stand", findings)["stand"].tolist()
    assert sorted(named) == ["#4", "A", "A#2", "A#3"]
    assert codes(findings) == ["E200", "E202"]


def test_areas_between_two_surveys_add_up_on_both_sides():
    before = stands(A=box(0, 0, 100, 100), B=box(100, 0, 200, 100))
    after = stands(A=box(0, 0, 150, 100), C=box(150, 0, 250, 100))
    table = areas(before, after)
    assert table[["left", "right", "kind", "area_dm2"]].fillna("").values.tolist() == [
        ["A", "A", "common", HA],
        ["B", "A", "common", HA // 2],
        ["B", "C", "common", HA // 2],
        ["", "C", "right_only", HA // 2],
    ]
    assert table.groupby("left")["area_dm2"].sum().tolist() == [HA, HA]
    assert table.groupby("right")["area_dm2"].sum().tolist() == [3 * HA // 2, HA]


def test_areas_keep_contested_land_apart():
    before = stands(A=box(0, 0, 100, 100), B=box(50, 0, 150, 100))
    findings = Findings()
    table = areas(before, stands(C=box(0, 0, 200, 100)), findings)
    kinds = table.groupby("kind")["area_dm2"].sum().to_dict()
    assert kinds == {
        "common": HA,
        "left_contested": HA,
        "right_contested": HA // 2,
        "right_only": HA // 2,
    }
    assert set(findings.table()["layer"]) == {"stands_opening"}


def test_touching_needs_an_edge_not_a_corner():
    table = layer(
        "piece",
        {
            "P1": box(0, 0, 10, 10),
            "P2": box(10.02, 0, 20, 10),  # 2 cm away
            "P3": box(20, 10, 30, 20),  # corner of P2
            "P4": box(30, 15, 40, 25),  # half an edge of P3
        },
    ).assign(area_dm2=[100, 20, 3, 4])
    found = touching_groups(table)
    assert found["group"].tolist() == ["P1", "P1", "P3", "P3"]
    assert found["merged_area_dm2"].tolist() == [120, 120, 7, 7]


def test_touching_through_a_third_and_nothing_at_all():
    table = layer("piece", {f"P{i}": box(10 * i, 0, 10 * i + 10, 10) for i in range(3)})
    assert touching_groups(table.assign(area_dm2=1))["merged_area_dm2"].tolist() == [3, 3, 3]
    none = table.assign(area_dm2=np.int64(1)).iloc[:0]
    assert len(touching_groups(none)) == 0


def test_parcels_that_stands_do_not_cover_are_told():
    over = pieces(
        stands(S1=box(0, 0, 99.5, 100)),
        parcels(Z1=box(0, 0, 100, 100), Z2=box(200, 0, 300, 100)),
        Findings(),
    )
    findings = Findings()
    parcel_cover(over, findings)
    assert findings.table()["feature"].tolist() == ["Z2"]
    parcel_cover(over, findings, tolerance=0.001)
    assert findings.count("E354") == 3


def test_only_the_areal_part_is_kept():
    mixed = shapely.from_wkt(
        "GEOMETRYCOLLECTION (LINESTRING (0 0, 1 1), MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0))))"
    )
    got = polygonal(np.array([mixed, shapely.Point(0, 0), None, box(0, 0, 1, 1)], dtype=object))
    assert shapely.area(got).tolist() == [0.5, 0.0, 0.0, 1.0]
    assert gathered(np.array([], dtype=object), np.array([], dtype=int), 2).tolist() == [
        shapely.Polygon(),
        shapely.Polygon(),
    ]


def test_common_land_is_counted_for_each_claimant():
    """Two stands overlap by half a hectare on one parcel: each has its hectare."""
    own = stands(S1=box(0, 0, 100, 100), S2=box(50, 0, 150, 100))
    found = common(own, parcels(Z1=box(-10, -10, 200, 200)), geometry=True)
    assert found[["stand", "parcel"]].values.tolist() == [["S1", "Z1"], ["S2", "Z1"]]
    assert found["area_dm2"].tolist() == [HA, HA]
    assert found.is_valid.all()
    bare = common(own, parcels(Z1=box(-10, -10, 200, 200)))
    assert bare["area_dm2"].tolist() == [HA, HA]
    assert "geometry" not in bare


def test_an_area_halfway_between_two_is_rounded_as_the_layer_has_it():
    width = 0.0010000002153616053  # 11,269.805 m2 but for the noise of a plane
    shape = box(113, 24, 113 + width, 24.001)
    layer = geopandas.GeoDataFrame({"stand": ["S1"]}, geometry=[shape], crs=4490)
    for known in (1_126_980, 1_126_981):
        recorded = layer.assign(area_dm2=np.array([known]))
        both = areas(recorded, recorded)
        assert both["area_dm2"].tolist() == [known]
        found = pieces(recorded, recorded.rename(columns={"stand": "parcel"}), Findings())
        assert found.pieces["area_dm2"].tolist() == [known]
    wrong = layer.assign(area_dm2=np.array([1_126_982]))  # not its area: ours counts
    assert areas(wrong, wrong)["area_dm2"].tolist() == areas(layer, layer)["area_dm2"].tolist()
