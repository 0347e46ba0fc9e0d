"""Rights on parcels and pieces: by code, by certificate, by place; nothing is lost."""

from datetime import date

import geopandas
import numpy as np
import pandas as pd
import pytest
from shapely import MultiPolygon, Point, Polygon, box

from ecogis.core.errors import InputError, VocabularyError
from ecogis.core.findings import Findings
from ecogis.overlay.ownership import share_sums
from ecogis.overlay.placing import right_parcels
from ecogis.overlay.rights import COLUMNS, active_at, piece_rights, without_right

DAY = date(2026, 8, 31)
AREA = "441899101207"
A, B, C = (f"{AREA}JE{number:05d}" for number in (38, 39, 51))
LAND, FOREST = "W00000000", "L00000001"
TEXT = ("right", "unit_code", "right_kind", "holder", "co_ownership", "certificate_no")


def rights(*rows, **more):
    """Sole management rights from 2010 to 2060 unless a row says otherwise."""
    blank = {
        "right": None,
        "unit_code": None,
        "right_kind": "management",
        "holder": "持有人0001",
        "co_ownership": "sole",
        "share": None,
        "certificate_no": None,
        "start": pd.Timestamp("2010-01-01"),
        "end": pd.Timestamp("2060-12-31"),
    }
    made = pd.DataFrame([blank | {"right": f"R{i}"} | row for i, row in enumerate(rows, 1)])
    made = made.reindex(columns=[*blank, *(set(made) - set(blank))])
    kinds = dict.fromkeys(TEXT, "string") | {"share": "Float64"}
    kinds |= dict.fromkeys(("start", "end"), "datetime64[us]")
    return made.astype(kinds).assign(**more)


def layer(**more):
    """Three parcels side by side, each 0.001 degrees square."""
    squares = [box(113 + i / 1000, 24, 113 + (i + 1) / 1000, 24.001) for i in range(3)]
    return geopandas.GeoDataFrame({"parcel": [A, B, C], **more}, geometry=squares, crs=4490)


def pieces(*parcels):
    ids = [f"P{number}" for number in range(1, len(parcels) + 1)]
    table = pd.DataFrame({"piece": ids, "stand": "S1", "parcel": parcels, "area_dm2": 1_000_000})
    return table.astype({"piece": "string", "parcel": "string"})


def lie(table, parcels=None, **options):
    """Where each right lies, and the findings about it."""
    findings = Findings()
    laid = right_parcels(table, layer() if parcels is None else parcels, findings, **options)
    there = {name: sorted(set(rows["parcel"].dropna())) for name, rows in laid.groupby("right")}
    return laid, there, dict(findings.table()[["feature", "code"]].to_numpy())


# (parcels, way, finding): one damaged or sound code
CODES = [
    ({"unit_code": A + FOREST}, [A], "unit_code", None),
    ({"unit_code": A + LAND}, [A], "unit_code", None),
    ({"unit_code": A}, [A], "unit_code", None),  # 19 characters
    ({"unit_code": A + FOREST[:-1]}, [A], "unit_code", None),  # 27, lost at the end
    ({"unit_code": A + "0" + FOREST}, [], None, "E623"),  # 29: a digit too many before the letter
    ({"unit_code": A[:12] + "00038" + FOREST}, [], None, "E620"),  # the letters are gone
    ({"unit_code": A[:12] + "0000038" + FOREST}, [], None, "E623"),  # digits for letters
    ({"unit_code": A[:18]}, [], None, "E623"),
    ({"unit_code": A[:13]}, [], None, "E620"),
    ({"unit_code": A[1:] + FOREST}, [], None, "E620"),  # a digit lost at the start
    ({"unit_code": "4.41E+27"}, [], None, "E620"),
    ({"unit_code": None}, [], None, "E620"),
    ({"unit_code": f"{AREA}JE99999{FOREST}"}, [f"{AREA}JE99999"], None, "E620"),  # off the map
]


@pytest.mark.parametrize(("row", "parcels", "way", "code"), CODES)
def test_by_code(row, parcels, way, code):
    laid, there, told = lie(rights(row))
    assert there.get("R1", []) == parcels
    assert laid["joined_by"].tolist() == ([way] if way else [pd.NA])
    assert told == ({"R1": code} if code else {})


def test_an_unplaced_right_may_lie_where_its_code_fits():
    laid, _, _ = lie(rights({"unit_code": A[:18]}, {"unit_code": A + FOREST}))
    assert laid["may_lie_on"].tolist() == [f"{A};{B}", ""]


def test_the_last_nine_characters_tell_land_from_forest():
    codes = [A + LAND, A + FOREST, A + "F00010001", A + "W00000001", A + "W0000000", A, None]
    laid, _, _ = lie(rights(*({"unit_code": code} for code in codes)))
    assert laid["land_only"].tolist() == [True, False, False, pd.NA, pd.NA, pd.NA, pd.NA]


def test_parcels_of_another_cadastre_are_taken_at_their_word():
    row = {"unit_code": "7-1", "certificate_no": "证1"}
    table = rights(row, row, parcel=["Z1", "Z9"])
    laid, there, told = lie(table, pd.DataFrame({"parcel": ["Z1", "Z2"]}))
    assert there == {"R1": ["Z1"], "R2": ["Z9"]}
    assert laid["joined_by"].tolist() == ["unit_code", pd.NA]
    assert told == {"R2": "E620"}


def test_a_parcel_that_contradicts_the_unit_code_is_none():
    table = rights({"unit_code": A + FOREST}, {"unit_code": B + FOREST}, parcel=[B, B])
    laid, there, told = lie(table)
    assert there == {"R1": [], "R2": [B]}
    assert laid["may_lie_on"].tolist() == [f"{A};{B}", ""]
    assert told == {"R1": "E622"}


def test_two_parcels_outside_the_layer_contradict_as_well():
    far = [f"{AREA}JE9999{number}" for number in (1, 2)]
    findings = Findings()
    laid = right_parcels(rights({"unit_code": far[0] + FOREST}, parcel=far[1:]), layer(), findings)
    assert laid["parcel"].isna().all()
    assert "—" in findings.table().loc[0, "message_zh"]
    assert findings.table()["code"].tolist() == ["E622"]


def test_by_certificate_of_another_right():
    laid, there, told = lie(
        rights(
            {"unit_code": A + FOREST, "certificate_no": "粤(2020)演示县不动产权第1号"},
            {"unit_code": None, "certificate_no": "粤(2020) 演示县不动产权第1号"},
            {"unit_code": "4.41E+27", "certificate_no": "粤(2020)演示县不动产权第1号"},
            {"unit_code": B + FOREST, "certificate_no": "证2"},
        )
    )
    assert there == {"R1": [A], "R2": [A], "R3": [A], "R4": [B]}
    assert laid["joined_by"].tolist() == ["unit_code", "certificate", "certificate", "unit_code"]
    assert laid["unit"].tolist() == [A + FOREST] * 3 + [B + FOREST]
    assert laid["unit_code"].isna().tolist() == [False, True, False, False]  # as recorded
    assert told == {}


def test_by_certificate_of_the_parcel_layer():
    table = rights({"certificate_no": "证9"}, {"certificate_no": None})
    laid, there, told = lie(table, layer(certificate_no=["证8", "证9", None]))
    assert there == {"R1": [B], "R2": []}
    assert laid["unit"].tolist() == [B, pd.NA]
    assert told == {"R2": "E620"}


def test_a_certificate_on_several_parcels_joins_none():
    laid, there, told = lie(
        rights(
            {"unit_code": A + FOREST, "certificate_no": "证1"},
            {"unit_code": C + FOREST, "certificate_no": "证1"},
            {"certificate_no": "证1"},
            {"unit_code": C[:18], "certificate_no": "证1"},  # fits one of the two
            {"unit_code": A[:17], "certificate_no": "证1"},  # fits both, and B
        )
    )
    assert there == {"R1": [A], "R2": [C], "R3": [], "R4": [C], "R5": []}
    assert laid["may_lie_on"].tolist() == ["", "", f"{A};{C}", "", f"{A};{B};{C}"]
    assert told == {"R3": "E621", "R5": "E621"}


def test_a_certificate_that_contradicts_what_is_left_of_the_code_joins_none():
    laid, there, told = lie(
        rights(
            {"unit_code": A + FOREST, "certificate_no": "证1"},
            {"unit_code": C[:18], "certificate_no": "证1"},
        )
    )
    assert there["R2"] == []
    assert laid["may_lie_on"].tolist() == ["", f"{A};{C}"]
    assert told == {"R2": "E622"}


def test_a_sound_code_is_not_overruled_by_a_certificate():
    _, there, told = lie(
        rights(
            {"unit_code": A + FOREST, "certificate_no": "证1"},
            {"unit_code": f"{AREA}JE99999{FOREST}", "certificate_no": "证1"},
        )
    )
    assert there["R2"] == [f"{AREA}JE99999"]
    assert told == {"R2": "E620"}


@pytest.mark.parametrize("code", [None, "4.41E+27"])
def test_a_certificate_that_also_stands_outside_the_layer_joins_none(code):
    far = f"{AREA}JE99999"
    findings = Findings()
    table = rights(
        {"unit_code": A + FOREST, "certificate_no": "证1"},
        {"unit_code": far + FOREST, "certificate_no": "证1"},
        {"unit_code": code, "certificate_no": "证1"},
    )
    laid = right_parcels(table, layer(), findings)
    assert laid["joined_by"].tolist() == ["unit_code", pd.NA, pd.NA]
    assert laid["may_lie_on"].tolist() == ["", "", A]
    told = findings.table().set_index("feature")
    assert told["code"].to_dict() == {"R2": "E620", "R3": "E621"}
    assert f"{A}, {far}" in told.loc["R3", "message_en"]


def test_a_certificate_only_outside_the_layer_joins_none():
    far = {"unit_code": f"{AREA}JE99999{FOREST}", "certificate_no": "证1"}
    laid, there, told = lie(rights(far, {"certificate_no": "证1"}))
    assert there["R2"] == []
    assert laid["may_lie_on"].tolist() == ["", ""]
    assert told == {"R1": "E620", "R2": "E620"}


@pytest.mark.parametrize("given", ["12", "", " ", None, A[:18], f" {A} "])
@pytest.mark.parametrize("unit", [A + FOREST, f" {A}{FOREST} "])
def test_a_parcel_of_another_form_does_not_spoil_a_whole_code(given, unit):
    laid, there, told = lie(rights({"unit_code": unit}, parcel=[given]))
    assert there == {"R1": [A]}
    assert laid[["joined_by", "unit"]].to_numpy().tolist() == [["unit_code", A + FOREST]]
    assert laid["land_only"].tolist() == [False]
    assert told == {}


def test_blanks_around_the_identifiers_of_the_layer_do_not_count():
    land = pd.DataFrame({"parcel": ["Z1 ", "Z2"]})
    laid = right_parcels(rights({"unit_code": "Z1"}, {"unit_code": " "}), land)
    assert laid["parcel"].tolist() == ["Z1 ", pd.NA]  # as recorded
    with pytest.raises(InputError, match="E346"):
        right_parcels(rights({}), pd.DataFrame({"parcel": ["Z1 ", "Z1"]}))


def test_identifiers_and_shares_of_several_types_are_ordered_as_text():
    table = rights(*({"unit_code": A + FOREST} for _ in range(4)))
    table = table.assign(right=pd.Series(["R2", 7, 7, "R1"], dtype=object))
    table = table.assign(share=pd.Series(["1/3", 0.5, "1/4", None], dtype=object), row=[1, 2, 2, 3])
    laid = right_parcels(table, layer())
    assert laid["right"].tolist() == ["7", "7", "R1", "R2"]
    assert laid["share"].tolist()[:2] == [0.5, "1/4"]


@pytest.mark.filterwarnings("error")
def test_a_polygon_that_is_not_a_number_is_no_place():
    with np.errstate(invalid="ignore"):
        odd = Polygon([(113, 24), (np.nan, np.nan), (113.001, 24.001)])
    _, there, told = lie(at(odd, Point(113.0005, 24.0005)))
    assert there == {"R1": [], "R2": [A]}
    assert told == {"R1": "E620"}


def at(*shapes):
    """One right without a code for each shape."""
    table = rights(*({} for _ in shapes))
    return geopandas.GeoDataFrame(table, geometry=list(shapes), crs=4490)


def square(left, right, low=0.0, high=1.0):
    return box(113 + left / 1000, 24 + low / 1000, 113 + right / 1000, 24 + high / 1000)


# (shape, parcels it lies on, parcels it may lie on, finding)
PLACES = [
    (Point(113.0005, 24.0005), [A], "", None),
    (Point(113.001, 24.0005), [], f"{A};{B}", "E624"),  # on the boundary
    (Point(120.0, 24.0), [], "", "E620"),
    (square(0.05, 1.05), [A], "", None),  # drawn a little off
    (square(0, 2), [A, B], "", None),  # a certificate over two parcels
    (MultiPolygon([square(0, 1), square(2, 3)]), [A, C], "", None),
    (square(0, 1.5), [], f"{A};{B}", "E624"),
    (square(0.4, 0.6, 0.4, 0.6), [], A, "E624"),  # a small plot inside a parcel
    (square(0, 1, 0, 0.05), [], A, "E624"),
    (Polygon(), [], "", "E620"),
    (None, [], "", "E620"),
    (Polygon([(113, 24), (113.001, 24.001), (113.001, 24), (113, 24.001)]), [], "", "E620"),
    (square(0, 1).exterior, [], "", "E620"),
]


@pytest.mark.parametrize(("shape", "parcels", "may", "code"), PLACES)
def test_by_place(shape, parcels, may, code):
    laid, there, told = lie(at(shape))
    assert there["R1"] == parcels
    assert set(laid["joined_by"].dropna()) == ({"place"} if parcels else set())
    assert set(laid["may_lie_on"]) == {may}
    assert told == ({"R1": code} if code else {})
    assert "geometry" not in laid


def test_how_far_an_old_polygon_may_be_off_is_a_policy():
    drawn = at(square(0.25, 1.25))
    assert lie(drawn)[1]["R1"] == []
    assert lie(drawn, misfit_share=0.3)[1]["R1"] == [A]


def test_place_and_certificate_must_agree():
    table = at(*[Point(113.0005, 24.0005), Point(113.0005, 24.0005), Point(113.0025, 24.0005)])
    table = table.assign(unit_code=pd.array([A + FOREST, None, None], dtype="string"))
    other = rights({"right": "R4", "unit_code": B + FOREST})
    table = pd.concat([table, geopandas.GeoDataFrame(other, geometry=[None], crs=4490)])
    laid, there, told = lie(table.assign(certificate_no="证1"))
    assert there == {"R1": [A], "R2": [A], "R3": [], "R4": [B]}
    assert laid["joined_by"].tolist() == ["unit_code", "place", pd.NA, "unit_code"]
    assert laid.loc[2, "may_lie_on"] == f"{A};{B};{C}"
    assert told == {"R3": "E622"}


def test_by_the_name_of_the_place():
    table = rights({}, {}, {}, location=["演示村 大坑", "演示村长冲", None])
    land = layer(location=["演示村大坑", "演示村长冲", "演示村长冲"])
    laid, there, told = lie(table, land)
    assert there == {"R1": [A], "R2": [], "R3": []}
    assert laid["may_lie_on"].tolist() == ["", f"{B};{C}", ""]
    assert told == {"R2": "E624", "R3": "E620"}


def test_shapes_in_unlike_frames_are_refused():
    spot = at(Point(113.0005, 24.0005))
    with pytest.raises(InputError, match="E349"):
        right_parcels(spot.to_crs(4526), layer())
    for rights_crs, parcels_crs in ((None, 4490), (4490, None)):
        with pytest.raises(InputError, match="E345"):
            right_parcels(
                spot.set_crs(rights_crs, allow_override=True),
                layer().set_crs(parcels_crs, allow_override=True),
            )
    metres = right_parcels(spot.to_crs(4526), layer().to_crs(4526))
    assert metres["parcel"].tolist() == [A]


def test_parcels_must_be_unique():
    with pytest.raises(InputError, match="E346"):
        right_parcels(rights({}), pd.DataFrame({"parcel": [A, A]}))
    with pytest.raises(VocabularyError, match="certificate_no"):
        right_parcels(rights({}).drop(columns="certificate_no"), layer())


def test_the_finding_tells_code_certificate_and_place():
    findings = Findings()
    lost = at(Point(120.0, 24.0)).assign(certificate_no="证7", row=[12])
    right_parcels(lost, layer(), findings)
    told = findings.table().iloc[0]
    assert (told["feature"], told["row"]) == ("R1", 12)
    assert "证7" in told["message_zh"]
    assert "120.00000 24.00000" in told["message_en"]


def test_what_the_record_has_is_carried_along():
    table = rights({"unit_code": A + FOREST}, consent_document=["D1"], row=[7])
    laid = right_parcels(table, layer())
    assert laid[["consent_document", "row"]].to_numpy().tolist() == [["D1", 7]]


def test_one_row_per_piece_and_right():
    table = rights(
        {"right": "R2", "unit_code": A + FOREST},
        {"right": "R1", "unit_code": A + LAND, "right_kind": "land_ownership"},
        {"right": "R3", "unit_code": B + FOREST},
    )
    held = piece_rights(pieces(A, B, A, C), table, DAY)
    assert held[["piece", "right"]].to_numpy().tolist() == [
        ["P1", "R1"],
        ["P1", "R2"],
        ["P2", "R3"],
        ["P3", "R1"],
        ["P3", "R2"],
    ]
    assert tuple(held.columns) == COLUMNS
    assert without_right(pieces(A, B, A, C), held)["piece"].tolist() == ["P4"]


def test_a_certificate_over_several_parcels_lies_on_their_pieces():
    held = piece_rights(pieces(A, B, B, C), at(square(0, 2)), DAY, parcels=layer())
    assert held[["piece", "parcel"]].to_numpy().tolist() == [["P1", A], ["P2", B], ["P3", B]]
    assert set(held["joined_by"]) == {"place"}


# (start, end, in force on 2026-08-31)
TERMS = [
    ("2026-08-31", "2026-08-31", True),
    ("2010-01-01", None, True),
    ("2010-01-01", "2026-08-30", False),  # expired
    ("2026-09-01", "2060-01-01", False),  # not begun
    (None, "2060-01-01", pd.NA),
    (None, "2026-08-30", False),
    (None, None, pd.NA),
    ("2060-01-01", "2010-01-01", pd.NA),  # one of the two is wrong
]


def test_in_force_at_the_day():
    start, end = (pd.to_datetime([term[i] for term in TERMS]) for i in (0, 1))
    table = rights(*({"unit_code": A + FOREST} for _ in TERMS)).assign(start=start, end=end)
    expected = [term[2] for term in TERMS]
    assert active_at(table, DAY).tolist() == expected
    assert piece_rights(pieces(A), table, DAY)["active"].tolist() == expected


def test_shares_stay_as_recorded():
    table = rights(
        {"unit_code": A + FOREST, "co_ownership": "joint"},
        {"unit_code": A + FOREST, "co_ownership": "shares", "share": 0.25},
    )
    assert piece_rights(pieces(A), table, DAY)["share"].tolist() == [pd.NA, 0.25]


def test_rights_without_a_piece_and_pieces_without_a_right_are_told():
    findings = Findings()
    table = rights({"unit_code": A + FOREST}, {"unit_code": C + FOREST}, {"unit_code": None})
    piece_rights(pieces(A, B), table, DAY, parcels=layer(), findings=findings)
    told = findings.table().set_index("code")
    assert told.loc["E620", "feature"] == "R3"
    assert told.loc["E625", "feature"] == "R2"
    assert told.loc["E626", ["observed", "area_ha"]].tolist() == ["1", 1.0]


def test_what_is_laid_is_not_laid_again():
    laid = right_parcels(rights({"unit_code": A + FOREST}, {"unit_code": None}), layer())
    findings = Findings()
    held = piece_rights(pieces(A), laid, DAY, findings=findings)
    assert held["right"].tolist() == ["R1"]
    assert findings.count("E620") == 0


def test_rights_laid_in_part_are_refused():
    laid = right_parcels(rights({"unit_code": A + FOREST}), layer())
    with pytest.raises(VocabularyError, match="land_only"):
        piece_rights(pieces(A), laid.drop(columns="land_only"), DAY)


@pytest.mark.parametrize(
    "wrong", ["不详", "2010-13-01", 2010, pd.Timestamp("2010-01-01", tz="UTC")]
)
def test_a_date_that_is_none_is_refused(wrong):
    table = rights({"unit_code": A + FOREST}, {"unit_code": B + FOREST})
    for starts in ([None, wrong], [wrong, wrong], ["2010-01-01", wrong]):
        dated = table.assign(start=pd.Series(starts, dtype=object))
        with pytest.raises(InputError, match=f"E002.*{str(wrong)[:10]}"):
            piece_rights(pieces(A, B), dated, DAY)
        with pytest.raises(InputError, match="E002"):
            share_sums(right_parcels(dated, layer()), DAY)


def test_dates_with_a_time_zone_are_refused():
    zoned = pd.to_datetime(["2010-01-01"]).tz_localize("Asia/Shanghai")
    table = rights({"unit_code": A + FOREST}).assign(start=zoned)
    with pytest.raises(InputError, match="2010-01-01 00:00:00"):
        active_at(table, DAY)


def test_identity_i15_is_checked_on_every_join():
    findings = Findings()
    half = {"unit_code": A + FOREST, "co_ownership": "shares"}
    table = rights(
        half | {"share": 0.6},
        half | {"share": 0.5},
        {"unit_code": B + FOREST, "co_ownership": "joint", "share": 0.5},
        {"unit_code": C + FOREST, "co_ownership": None},
    )
    piece_rights(pieces(A, A, B, C), table, DAY, parcels=layer(), findings=findings)
    told = findings.table().set_index("code")
    broken = told.loc["E627"]
    assert (broken["feature"], broken["observed"], broken["area_ha"]) == (A + FOREST, "1.1", 2.0)
    assert "林地经营权" in broken["message_zh"]
    assert told.loc["E628", "feature"] == "R3"
    unknown = told.loc[["E629"], ["observed", "area_ha"]].to_numpy().tolist()
    assert unknown == [["3", 4.0], ["1", 1.0]]  # no owner of the land on record; R4


def test_nothing_in_nothing_out():
    none = rights({}).iloc[:0]
    for table in (none, rights({"unit_code": A + FOREST})):
        for land in (layer(), layer().iloc[:0]):
            held = piece_rights(pieces().iloc[:0], table, DAY, parcels=land, findings=Findings())
            assert held.empty
            assert tuple(held.columns) == COLUMNS
    held = piece_rights(pieces(A, None), none, DAY, findings=Findings())
    assert held.empty
    assert len(without_right(pieces(A, None), held)) == 2


def test_many_rights_on_a_parcel():
    count = 40
    table = rights(
        *({"unit_code": A + FOREST, "co_ownership": "joint"} for _ in range(count)),
        right=[f"R{number:03d}" for number in range(count)],
    )
    held = piece_rights(pieces(A, A), table, DAY)
    assert held.groupby("piece").size().tolist() == [count, count]
    assert held["right"].tolist() == np.tile(table["right"], 2).tolist()
