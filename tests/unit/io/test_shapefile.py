import struct

import geopandas
import pandas as pd
import pytest
import shapely

from ecogis.core.errors import InputError
from ecogis.io import layer_info, read_layer

SQUARE = shapely.box(38_500_000, 2_600_000, 38_500_100, 2_600_100)
PRJ = geopandas.GeoSeries([SQUARE], crs="EPSG:4526").crs.to_wkt("WKT1_ESRI")


def shapefile(folder, fields, encoding, *, cpg=None, ldid=0x57):
    """Write a polygon shapefile byte by byte: names and cells as given, nothing added."""
    path = folder / "xb.shp"
    ring = shapely.get_coordinates(SQUARE)
    content = struct.pack("<i4d2i", 5, *SQUARE.bounds, 1, len(ring)) + struct.pack("<i", 0)
    content += b"".join(struct.pack("<2d", *point) for point in ring)
    record = struct.pack(">2i", 1, len(content) // 2) + content
    for suffix, body in ((".shp", record), (".shx", struct.pack(">2i", 50, len(content) // 2))):
        head = struct.pack(">7i", 9994, 0, 0, 0, 0, 0, 50 + len(body) // 2)
        head += struct.pack("<2i8d", 1000, 5, *SQUARE.bounds, 0, 0, 0, 0)
        path.with_suffix(suffix).write_bytes(head + body)
    cells = b" "
    names = b""
    for name, width, value in fields:
        raw = value if isinstance(value, bytes) else value.encode(encoding)
        label = name if isinstance(name, bytes) else name.encode(encoding)[:10]
        names += label.ljust(11, b"\0") + b"C" + bytes(4) + bytes([width, 0]) + bytes(14)
        cells += raw[:width].ljust(width)
    head = struct.pack("<4BIHH", 3, 124, 1, 1, 1, 33 + len(names), len(cells))
    head += bytes(17) + bytes([ldid]) + bytes(2)
    path.with_suffix(".dbf").write_bytes(head + names + b"\r" + cells + b"\x1a")
    path.with_suffix(".prj").write_text(PRJ)
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    return path


FIELDS = [
    ("XBID", 20, "0012"),
    ("DI_LEI", 8, "111"),
    ("YOU_SHI_SZ", 8, "121"),
    ("REMARK", 30, "杉木"),
]


def read(path, profile, findings, **options):
    return read_layer(path, profile=profile, role="stands", findings=findings, **options)


@pytest.mark.parametrize(
    ("encoding", "cpg", "ldid", "stated", "told"),
    [
        ("gbk", None, 0x57, None, True),
        ("utf-8", None, 0x57, None, True),
        ("gbk", "GBK", 0x57, None, False),
        ("utf-8", "UTF-8", 0x57, None, False),
        ("gbk", "936", 0x57, None, False),
        ("gbk", None, 0x4D, None, True),
        ("gbk", "UTF-8", 0x57, "GBK", False),
    ],
)
def test_encoding_stated_or_found(tmp_path, small, findings, encoding, cpg, ldid, stated, told):
    path = shapefile(tmp_path, FIELDS, encoding, cpg=cpg, ldid=ldid)
    layer = read(path, small, findings, encoding=stated)
    assert layer["REMARK"].tolist() == ["杉木"]
    assert layer["stand"].tolist() == ["0012"]
    assert ("E159" in set(findings.table()["code"])) == told


def test_chinese_names_cut_to_ten_bytes(tmp_path, small, findings):
    long = [("小班唯一编号", 20, "0012"), *FIELDS[1:]]
    assert read(shapefile(tmp_path, long, "gbk"), "cn-forest-map", findings)["stand"].tolist() == [
        "0012"
    ]


def test_a_name_cut_within_a_character(tmp_path, small, findings):
    fields = [*FIELDS, ("备注说明栏".encode()[:10], 8, "x")]
    read(shapefile(tmp_path, fields, "utf-8", cpg="UTF-8"), small, findings)
    assert "备注说" in findings.table().query("code == 'E154'")["message_zh"].iloc[0]


def test_a_character_lost(tmp_path, small, findings):
    fields = [*FIELDS[:1], ("YOU_SHI_SZ", 8, b"\xff\xff"), ("DI_LEI", 8, "111"), FIELDS[3]]
    path = shapefile(tmp_path, fields, "gbk", cpg="GBK")
    layer = read(path, small, findings)
    assert pd.isna(layer["species"].iloc[0])
    found = findings.table().query("code == 'E156'").iloc[0]
    assert (found["row"], found["column"]) == (1, "species")
    assert "xb.shp" in found["message_zh"]


def test_a_cell_written_full(tmp_path, small, findings):
    fields = [*FIELDS[:3], ("REMARK", 254, "林" * 127)]
    layer = read(shapefile(tmp_path, fields, "gbk", cpg="GBK"), small, findings)
    assert layer["REMARK"].iloc[0] == "林" * 127
    assert findings.count("E155") == 1


@pytest.mark.parametrize(("suffix", "code"), [(".dbf", "E150"), (".shx", "E151"), (".prj", "E311")])
def test_parts_that_are_missing(tmp_path, small, findings, suffix, code):
    path = shapefile(tmp_path, FIELDS, "gbk")
    path.with_suffix(suffix).unlink()
    with pytest.raises(InputError) as caught:
        read(path, small, findings)
    assert caught.value.code == code
    assert "xb.shp" in caught.value.zh
    assert ".prj" in caught.value.en


def test_missing_prj_and_the_crs_stated(tmp_path, small, findings):
    path = shapefile(tmp_path, FIELDS, "gbk")
    path.with_suffix(".prj").unlink()
    layer = read(path, small, findings, crs="EPSG:4526")
    assert layer.geometry.iloc[0].centroid.x == pytest.approx(114.0, abs=0.01)


@pytest.mark.parametrize("label", ["nonsense", "UTF-99"])
def test_an_encoding_nobody_knows(tmp_path, small, findings, label):
    path = shapefile(tmp_path, FIELDS, "gbk", cpg=label)
    with pytest.raises(InputError, match=f"E153.*{label}"):
        read(path, small, findings)


def test_two_columns_of_one_name(tmp_path, small, findings):
    path = shapefile(tmp_path, [*FIELDS, FIELDS[0]], "gbk")
    with pytest.raises(InputError, match=r"E134.*XBID"):
        read(path, small, findings)


def test_records_marked_as_deleted_are_told(tmp_path, small, findings):
    path = shapefile(tmp_path, FIELDS, "gbk")
    dbf = path.with_suffix(".dbf")
    content = bytearray(dbf.read_bytes())
    content[int.from_bytes(content[8:10], "little")] = ord("*")
    dbf.write_bytes(content)
    assert len(read(path, small, findings)) == 0
    assert "1" in findings.table().query("code == 'E112'")["message_zh"].iloc[0]


def test_a_dbf_that_ends_early(tmp_path, small, findings):
    path = shapefile(tmp_path, FIELDS, "gbk")
    dbf = path.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"E104.*xb\.shp"):
        read(path, small, findings)


def test_manifest_of_a_shapefile(tmp_path):
    info = layer_info(shapefile(tmp_path, FIELDS, "gbk"))
    assert (info.rows, info.crs, info.encoding) == (1, "EPSG:4526", "GB18030")
