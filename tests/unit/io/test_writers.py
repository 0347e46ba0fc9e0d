import sqlite3

import geopandas
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from ecogis.core.errors import InputError
from ecogis.io import (
    categorised_style,
    geopackage,
    read_layer,
    whole,
    whole_folder,
    write_csv,
    write_gpkg,
    write_parquet,
    write_parquet_parts,
)


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def broken_off(writing):
    with writing as draft:
        (draft / "a.txt" if draft.is_dir() else draft).write_text("half")
        raise KeyError


def test_whole_replaces_in_one_step(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with whole(target) as draft:
        draft.write_text("new")
        assert target.read_text() == "old"
        assert draft.suffix == ".txt"
    assert target.read_text() == "new"
    assert left(tmp_path) == ["a.txt"]


def test_whole_leaves_the_old_file_when_the_block_fails(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(KeyError):
        broken_off(whole(target))
    assert target.read_text() == "old"
    assert left(tmp_path) == ["a.txt"]


def test_whole_tells_why_it_cannot_write(tmp_path):
    with pytest.raises(InputError, match="E163"), whole(tmp_path / "no" / "a.txt") as draft:
        draft.write_text("new")
    with pytest.raises(InputError, match=r"E163.*a.txt"), whole(tmp_path / "a.txt"):
        pass


def test_a_file_held_by_another_program(tmp_path, monkeypatch):
    def held(self, target):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.replace", held)
    with pytest.raises(InputError, match=r"E162.*a.txt"), whole(tmp_path / "a.txt") as draft:
        draft.write_text("new")
    monkeypatch.undo()
    assert left(tmp_path) == []


def test_a_folder_of_several_files(tmp_path):
    target = tmp_path / "run"
    for text in ("first", "second"):
        with whole_folder(target) as draft:
            (draft / "a.txt").write_text(text)
            (draft / "b.txt").write_text(text)
    assert (target / "b.txt").read_text() == "second"
    with pytest.raises(KeyError):
        broken_off(whole_folder(target))
    assert (target / "a.txt").read_text() == "second"
    assert left(tmp_path) == ["run"]


@pytest.fixture
def layer(gpkg, small, findings):
    return read_layer(gpkg, profile=small, role="stands", findings=findings)


def style(layer):
    del layer
    return categorised_style(
        "species", [("杉木", "杉木 & <木>", "#2e7d32")], aliases={"stand": "小班"}
    )


def test_same_layers_same_bytes(tmp_path, layer):
    for name in ("a.gpkg", "b.gpkg"):
        write_gpkg(
            tmp_path / name,
            {"林班": layer, "表": pd.DataFrame(layer.drop(columns="geometry"))},
            styles={"林班": style(layer)},
            aliases={"林班": {"stand": "小班", "not there": "x"}},
        )
        write_parquet(tmp_path / f"{name}.parquet", layer)
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    one, two = (tmp_path / f"{name}.gpkg.parquet" for name in "ab")
    assert one.read_bytes() == two.read_bytes()


def test_qgis_finds_the_style_and_the_names(tmp_path, layer):
    path = write_gpkg(
        tmp_path / "a.gpkg",
        {"林班": layer},
        styles={"林班": style(layer)},
        aliases={"林班": {"stand": "小班"}},
    )
    with sqlite3.connect(path) as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(layer_styles)")]
        stored = database.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
        ).fetchall()
        kind = database.execute(
            "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'"
        ).fetchone()
        names = database.execute("SELECT column_name, title FROM gpkg_data_columns").fetchall()
    database.close()
    assert len(columns) == 13
    assert kind == ("attributes",)
    assert stored[0][:3] == ("林班", "geom", 1)
    assert "杉木 &amp; &lt;木&gt;" in stored[0][3]
    assert names == [("stand", "小班")]


def test_values_and_kinds_come_back(tmp_path, layer, findings):
    path = write_gpkg(tmp_path / "a.gpkg", {"林班": layer, "空": layer.iloc[:0]})
    with sqlite3.connect(path) as database:
        row = database.execute(
            "SELECT stand, age_yr, standing_volume, survey_date FROM 林班 ORDER BY fid"
        ).fetchall()
        empty = database.execute("SELECT count(*) FROM 空").fetchone()
    database.close()
    assert row == [("0012", 12, 96.5, "2024-12-31"), ("0013", None, None, "2024-12-31")]
    assert empty == (0,)


def test_geoparquet_comes_back_as_it_was(tmp_path, layer):
    again = geopandas.read_parquet(write_parquet(tmp_path / "a.parquet", layer))
    assert_geodataframe_equal(again, layer, check_dtype=False)
    table = pd.DataFrame({"a": [1]})
    assert len(pd.read_parquet(write_parquet(tmp_path / "t.parquet", table))) == 1


def test_a_layer_that_loses_rows_is_not_written(tmp_path, layer, monkeypatch):
    target = tmp_path / "a.gpkg"
    write_gpkg(target, {"林班": layer})
    before = target.read_bytes()
    monkeypatch.setattr(geopackage, "_days", lambda table: table.iloc[:1])
    with pytest.raises(InputError, match=r"E164.*a\.gpkg.*林班"):
        write_gpkg(target, {"林班": layer})
    assert target.read_bytes() == before


def test_csv_that_opens_in_chinese(tmp_path):
    table = pd.DataFrame({"编号": ["0012", 'a,b\n"c"'], "值": [0.1, None]})
    path = write_csv(tmp_path / "a.csv", table)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    again = pd.read_csv(path, dtype="str", encoding="utf-8-sig", keep_default_na=False)
    assert again["编号"].tolist() == table["编号"].tolist()
    assert again["值"].tolist() == ["0.1", ""]


def test_other_geometries_keep_their_kind(tmp_path, layer):
    points = layer.set_geometry(shapely.centroid(layer.geometry.array), crs=layer.crs)
    path = write_gpkg(tmp_path / "a.gpkg", {"点": points})
    with sqlite3.connect(path) as database:
        kind = database.execute("SELECT geometry_type_name FROM gpkg_geometry_columns").fetchone()
    database.close()
    assert kind == ("POINT",)
    assert shapely.get_num_coordinates(points.geometry.iloc[0]) == 1


def test_a_long_table_in_parts_reads_back_as_one(tmp_path):
    parts = [
        pd.DataFrame({"town": pd.Categorical(towns), "kg": range(len(towns))})
        for towns in ([f"镇{number}" for number in range(300)], ["乡", "镇7"])
    ]
    found = pd.read_parquet(write_parquet_parts(tmp_path / "a.parquet", iter(parts)))
    assert isinstance(found["town"].dtype, pd.CategoricalDtype)
    assert found["town"].tolist() == [*parts[0]["town"], "乡", "镇7"]
    assert found["kg"].tolist() == [*range(300), 0, 1]


def test_a_table_in_parts_is_written_whole_or_not_at_all(tmp_path):
    (tmp_path / "a.parquet").write_text("old")

    def broken():
        yield pd.DataFrame({"kg": [1]})
        raise KeyError

    with pytest.raises(KeyError):
        write_parquet_parts(tmp_path / "a.parquet", broken())
    assert (tmp_path / "a.parquet").read_text() == "old"
    assert left(tmp_path) == ["a.parquet"]
