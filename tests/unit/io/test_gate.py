from pathlib import Path

import pytest

from ecogis.core.errors import InputError
from ecogis.io import read_layer, read_table

VRT = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource>'


def refused(path, profile, findings):
    with pytest.raises(InputError) as caught:
        read_layer(path, profile=profile, findings=findings)
    return caught.value


@pytest.mark.parametrize(
    "path",
    [
        "/vsicurl/http://127.0.0.1/a.gpkg",
        "http://127.0.0.1/a.geojson",
        "/vsizip/a.zip/a.shp",
        "zip+http://127.0.0.1/a.zip",
        "PG:dbname=forest",
    ],
)
def test_only_files_on_this_machine(path, small, findings):
    error = refused(path, small, findings)
    assert error.code == "E101"
    assert path in str(error)


@pytest.mark.parametrize("suffix", ["shp", "gpkg", "geojson", "fgb", "parquet"])
def test_a_virtual_layer_under_a_false_name(tmp_path, small, findings, suffix):
    path = tmp_path / f"a.{suffix}"
    path.write_text(VRT)
    error = refused(path, small, findings)
    assert error.code == "E107"
    assert "XML" in error.en
    assert path.name in error.zh


def test_links_folders_and_files_that_are_not_there(tmp_path, gpkg, small, findings):
    link = tmp_path / "link.gpkg"
    link.symlink_to(gpkg)
    assert refused(link, small, findings).code == "E102"
    (tmp_path / "folder.gpkg").mkdir()
    assert refused(tmp_path / "folder.gpkg", small, findings).code == "E103"
    missing = refused(tmp_path / "stand.gpkg", small, findings)
    assert missing.code == "E105"
    assert "stands.gpkg" in missing.zh
    (tmp_path / "empty.gdb").mkdir()
    assert refused(tmp_path / "empty.gdb", small, findings).code == "E107"


def test_personal_geodatabase_tells_how_to_export(tmp_path, small, findings):
    path = tmp_path / "小班.mdb"
    path.write_bytes(b"\x00\x01\x00\x00Standard Jet DB")
    error = refused(path, small, findings)
    assert error.code == "E106"
    for word in ("小班.mdb", "FileGDB", "GPKG", "ArcGIS", "QGIS"):
        assert word in error.zh


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\x00\x01\x02"])
def test_content_and_name_differ(tmp_path, small, findings, content):
    path = tmp_path / "a.geojson"
    path.write_bytes(content)
    assert refused(path, small, findings).code == "E107"


@pytest.mark.parametrize(
    "crs",
    [
        '{"type": "link", "properties": {"href": "http://127.0.0.1:9/crs", "type": "proj4"}}',
        '{"type": "name", "properties": {"name": "http://127.0.0.1:9/crs"}}',
        '"http://127.0.0.1:9/crs"',
        '{"type": "\\u006cink", "properties": {"href": "http://127.0.0.1:9/crs"}}',
    ],
)
@pytest.mark.parametrize("at", ["collection", "feature"])
def test_geojson_with_an_address_for_a_crs(tmp_path, small, findings, crs, at):
    feature = '{"type": "Feature", "properties": {}, "geometry": null'
    feature += f', "crs": {crs}}}' if at == "feature" else "}"
    end = f', "crs": {crs}}}' if at == "collection" else "}"
    path = tmp_path / "a.geojson"
    path.write_text(f'{{"type": "FeatureCollection", "features": [{feature}]{end}')
    assert refused(path, small, findings).code == "E108"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"type": "Feature"}', "E109"),
        ('{"type": "FeatureCollection", "features": [NaN]}', "E104"),
        ("[" * 100_000, "E104"),
        ('{"type": "FeatureCollection"', "E104"),
    ],
)
def test_json_that_is_no_layer(tmp_path, small, findings, text, code):
    path = tmp_path / "a.geojson"
    path.write_text(text)
    error = refused(path, small, findings)
    assert error.code == code
    assert "a.geojson" in str(error)


def test_side_files_of_a_raster_and_rasters_as_tables(tmp_path, small, findings):
    path = Path(tmp_path / "a.tif")
    path.write_bytes(b"II*\x00")
    with pytest.raises(InputError, match="E106"):
        read_table(path, profile=small, role="documents", findings=findings)
