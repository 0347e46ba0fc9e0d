import sqlite3

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from ecogis.core.errors import ConfigError, InputError
from ecogis.io import layer_info, read_layer, write_parquet
from ecogis.spatial.area import ellipsoidal_area_m2


def read(path, profile, findings, **options):
    return read_layer(path, profile=profile, role="stands", findings=findings, **options)


def codes(findings):
    return set(findings.table()["code"])


def test_a_layer_comes_in_the_words_of_the_vocabulary(gpkg, small, findings):
    layer = read(gpkg, small, findings)
    first = layer.iloc[0]
    assert layer["stand"].tolist() == ["0012", "0013"]
    assert (first["land_class"], first["species"], first["age_yr"]) == ("arbor_forest", "杉木", 12)
    assert first["standing_volume"] == 96.5
    assert layer["area_record_ha"].tolist() == [1.0, 1.0]
    assert str(first["survey_date"].date()) == "2024-12-31"
    assert layer["row"].tolist() == [1, 2]
    assert layer["REMARK"].tolist() == ["甲", "乙"]
    assert layer.crs.to_epsg() == 4490
    assert set(findings.table()["severity"]) == {"note"}


def test_missing_stays_missing(gpkg, small, findings):
    second = read(gpkg, small, findings).iloc[1]
    for column in ("species", "age_yr", "standing_volume", "planting_year", "township"):
        assert pd.isna(second[column]), column


def test_a_hectare_is_a_hectare(gpkg, small, findings):
    area = ellipsoidal_area_m2(read(gpkg, small, findings).geometry.array)
    np.testing.assert_allclose(area, 10_000.0, rtol=1e-3)


def test_columns_that_may_be_absent_are_told_once(gpkg, small, findings):
    layer = read(gpkg, small, findings)
    told = findings.table().query("code == 'E145'")
    assert len(told) == 1
    assert "township" in told["message_zh"].iloc[0]
    assert layer["forest_use"].isna().all()
    assert layer["change_year"].dtype == "Int64"


def test_a_column_that_must_be_there(tmp_path, stands, small, findings):
    path = tmp_path / "a.gpkg"
    stands.drop(columns="DI_LEI").to_file(path, layer="小班")
    with pytest.raises(InputError, match="E146") as caught:
        read(path, small, findings)
    for word in ("a.gpkg", "小班", "land_class", "DI_LEI", "XBID"):
        assert word in str(caught.value)


@pytest.mark.parametrize("suffix", ["geojson", "fgb", "parquet", "shp"])
def test_every_format_gives_the_same(tmp_path, stands, gpkg, small, findings, suffix):
    path = tmp_path / f"other.{suffix}"
    if suffix == "parquet":
        write_parquet(path, stands)
    elif suffix == "fgb":
        stands.to_file(path, driver="FlatGeobuf", SPATIAL_INDEX="NO")
    else:
        stands.to_file(path, encoding="utf-8" if suffix == "shp" else None)
    expected = read(gpkg, small, findings)
    found = read(path, small, findings)
    columns = [name for name in expected.columns if name != "geometry"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(found[columns]), pd.DataFrame(expected[columns]), check_dtype=True
    )
    xy, again = (shapely.get_coordinates(layer.geometry.array) for layer in (expected, found))
    order = (np.lexsort(points.T) for points in (xy, again))
    np.testing.assert_allclose(
        *(points[rank] for points, rank in zip((xy, again), order, strict=True)), atol=1e-9
    )


def test_file_geodatabase(tmp_path, stands, small, findings):
    path = tmp_path / "forest.gdb"
    version = "ARCGIS_PRO_3_2_OR_LATER"
    stands.to_file(path, layer="XB", driver="OpenFileGDB", TARGET_ARCGIS_VERSION=version)
    layer = read(path, small, findings, layer="XB")
    assert layer["stand"].tolist() == ["0012", "0013"]
    info = layer_info(path, "XB")
    assert (info.rows, info.layer, len(info.sha256)) == (2, "XB", 64)


def test_unknown_layer_names_the_layers_there_are(gpkg, small, findings):
    with pytest.raises(InputError, match="E110") as caught:
        read(gpkg, small, findings, layer="小斑")
    assert "小班" in str(caught.value)
    assert "stands.gpkg" in str(caught.value)


def test_several_layers_and_none_named(gpkg, stands, small, findings):
    stands.to_file(gpkg, layer="小班_2019")
    with pytest.raises(InputError, match=r"E117.*小班_2019"):
        read(gpkg, small, findings)
    assert len(read(gpkg, small, findings, layer="小班_2019")) == 2


def test_a_table_is_no_layer(tmp_path, stands, small, findings):
    path = write_parquet(tmp_path / "t.parquet", pd.DataFrame(stands.drop(columns="geometry")))
    with pytest.raises(InputError, match=r"E118.*t.parquet"):
        read(path, small, findings)


def test_profile_for_another_role(gpkg, findings):
    with pytest.raises(ConfigError, match="E158"):
        read(gpkg, "demo-parcels", findings)


def test_unknown_code_names_file_layer_row_value_and_remedy(tmp_path, stands, small, findings):
    stands["DI_LEI"] = ["111", "999"]
    path = tmp_path / "a.gpkg"
    stands.to_file(path, layer="小班")
    layer = read(path, small, findings)
    assert pd.isna(layer["land_class"].iloc[1])
    found = findings.table().query("code == 'E147'").iloc[0]
    assert (found["row"], found["feature"], found["observed"]) == (2, "0013", "999")
    for word in ("a.gpkg", "小班", "2", "DI_LEI", "999", "601"):
        assert word in found["message_zh"]
        assert word in found["message_en"]
    assert found["remedy_zh"]
    assert found["remedy_en"]


def test_a_character_nobody_sees_is_found_when_the_layer_is_read(tmp_path, stands, small, findings):
    stands["XBID"] = ["7\u200b", "8"]
    path = tmp_path / "a.gpkg"
    stands.to_file(path, layer="小班")
    layer = read(path, small, findings)
    assert layer["stand"].tolist() == ["7\u200b", "8"]
    found = findings.table().query("code == 'E928'")
    assert found[["row", "column", "observed"]].to_numpy().tolist() == [[1, "stand", "7⟨U+200B⟩"]]
    assert "XBID" in found["message_en"].item()


def test_identifiers_missing_or_twice_stay_apart(tmp_path, stands, small, findings):
    three = pd.concat([stands, stands.iloc[:1]], ignore_index=True)
    three["XBID"] = pd.array(["7", None, "7"], dtype="string")
    path = tmp_path / "a.gpkg"
    three.to_file(path, layer="小班")
    layer = read(path, small, findings)
    assert layer["stand"].tolist() == ["7", "#2", "7#3"]
    table = findings.table()
    assert table.query("code == 'E142'")["row"].tolist() == [2]
    assert table.query("code == 'E143'")["row"].tolist() == [1, 3]
    assert set(table.query("code in ['E142', 'E143']")["action"]) == {"excluded"}


def test_identifier_put_together_from_its_parts(tmp_path, stands, findings):
    whole = stands.rename(columns={"XBID": "XIAO_BAN"})
    for name, value in {"XIAN": "441899", "XIANG": "101", "CUN": "201", "LIN_BAN": "8"}.items():
        whole[name] = value
    path = tmp_path / "a.gpkg"
    whole.to_file(path, layer="小班")
    layer = read(path, "cn-forest-map", findings)
    assert layer["stand"].iloc[0] == "441899-101-201-8-0012"
    assert "E111" in codes(findings)


def test_a_part_of_an_identifier_with_a_character_nobody_sees_or_lost_digits(
    tmp_path, stands, findings
):
    whole = stands.rename(columns={"XBID": "XIAO_BAN"})
    whole["XIAO_BAN"] = ["0012", "1.2E+05"]
    for name, value in {"XIAN": "441899", "XIANG": "101", "CUN": "201"}.items():
        whole[name] = value
    whole["XIANG"] = ["101", "1\u200b01"]
    whole["LIN_BAN"] = ["8\u200b", "8"]
    path = tmp_path / "a.gpkg"
    whole.to_file(path, layer="小班")
    layer = read(path, "cn-forest-map", findings)
    one, two = "441899-101-201-8\u200b-0012", "441899-1\u200b01-201-8-1.2E+05"
    assert layer["stand"].tolist() == [one, two]
    told = ["code", "row", "feature", "column", "observed"]
    found = findings.table()[told].query("code in ['E137', 'E928']")
    assert found.to_numpy().tolist() == [
        ["E137", 2, two, "stand", "1.2E+05"],
        ["E928", 1, one, "stand", "8⟨U+200B⟩"],
        ["E928", 2, two, "township", "1⟨U+200B⟩01"],
    ]


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        (shapely.Point(38_500_000, 2_600_000), "E126"),
        (None, "E129"),
        (shapely.Polygon(), "E129"),
    ],
)
def test_a_row_without_a_polygon_is_kept_and_told(
    tmp_path, stands, small, findings, geometry, code
):
    shapes = stands.geometry.tolist()
    stands = stands.set_geometry(geopandas.GeoSeries([shapes[0], geometry], crs=stands.crs))
    path = tmp_path / "a.gpkg"
    stands.to_file(path, layer="小班", engine="pyogrio", geometry_type="Unknown")
    layer = read(path, small, findings)
    assert len(layer) == 2
    assert layer.geometry.isna().tolist() == [False, True]
    assert findings.excluded("stands") == {"0013"}
    found = findings.table().query("code == @code").iloc[0]
    assert "2" in found["message_zh"]
    assert "0013" in found["message_zh"]


def test_stored_row_count_that_lies(gpkg, small, findings):
    with sqlite3.connect(gpkg) as database:
        database.execute("UPDATE gpkg_ogr_contents SET feature_count = 1")
    database.close()
    with pytest.raises(InputError, match="E125") as caught:
        read(gpkg, small, findings)
    for word in ("stands.gpkg", "小班", "1", "2"):
        assert word in str(caught.value)


def test_a_view_is_no_layer(gpkg, small, findings):
    with sqlite3.connect(gpkg) as database:
        database.execute("CREATE VIEW fake AS SELECT * FROM 小班")
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
            "SELECT 'fake', 'features', 'fake', srs_id FROM gpkg_contents WHERE table_name='小班'"
        )
    database.close()
    with pytest.raises(InputError, match=r"E122.*fake"):
        read(gpkg, small, findings, layer="fake")


def test_unfinished_journal(gpkg, small, findings):
    gpkg.with_name("stands.gpkg-wal").write_bytes(b"x")
    with pytest.raises(InputError, match=r"E161.*stands.gpkg"):
        read(gpkg, small, findings)


def test_trigger_the_standard_does_not_know(gpkg, small, findings):
    with sqlite3.connect(gpkg) as database:
        database.execute(
            "CREATE TRIGGER owner AFTER INSERT ON 小班 BEGIN UPDATE 小班 SET REMARK='x'; END"
        )
    database.close()
    read(gpkg, small, findings)
    assert "owner" in findings.table().query("code == 'E123'")["message_zh"].iloc[0]


def test_damaged_and_foreign_databases(tmp_path, gpkg, small, findings):
    content = bytearray(gpkg.read_bytes())
    content[5000:60_000] = b"\xff" * 55_000
    (tmp_path / "broken.gpkg").write_bytes(content)
    with pytest.raises(InputError, match=r"E12[01]"):
        read(tmp_path / "broken.gpkg", small, findings)
    plain = sqlite3.connect(tmp_path / "plain.gpkg")
    plain.execute("CREATE TABLE a (b)")
    plain.commit()
    plain.close()
    with pytest.raises(InputError, match="E120"):
        read(tmp_path / "plain.gpkg", small, findings)


def test_manifest_entry(gpkg, stands, tmp_path):
    info = layer_info(gpkg)
    assert (info.file, info.layer, info.rows, info.crs) == ("stands.gpkg", "小班", 2, "EPSG:4526")
    path = tmp_path / "b.shp"
    stands.to_file(path, encoding="utf-8")
    before = layer_info(path).sha256
    path.with_suffix(".prj").write_text(path.with_suffix(".prj").read_text() + " ")
    assert layer_info(path).sha256 != before


def test_long_numbers_in_an_identifier(tmp_path, stands, small, findings):
    stands["XBID"] = [1.2345678901234567e17, 7.0]
    path = tmp_path / "a.gpkg"
    stands.to_file(path, layer="小班")
    layer = read(path, small, findings)
    assert layer["stand"].iloc[1] == "7"
    found = findings.table().query("code == 'E137'").iloc[0]
    assert (found["row"], found["column"]) == (1, "stand")
    assert "XBID" in found["message_zh"]
