"""A province of two small counties: beside one another, under codes of their own."""

import subprocess
import sys
from pathlib import Path

import geopandas
import pytest
import shapely

import ecogis as eg
from ecogis.pipeline.batching.areas import read_areas

MAKER = Path(__file__).parents[3] / "data" / "demo" / "make.py"


def _make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, str(MAKER), "--scale", "province", "--out", str(folder), *words]
    return subprocess.run(line, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    folder = tmp_path_factory.mktemp("province")
    done = _make(folder, "--counties", "2", "--stands", "150", "--clean", "--format", "parquet")
    assert done.returncode == 0, done.stderr
    return folder


def test_counties_lie_beside_one_another_under_codes_of_their_own(province):
    layers = [
        geopandas.read_parquet(province / code / "stands_小班_2024.parquet")
        for code in ("441830", "441831")
    ]
    assert [len(layer) for layer in layers] == [150, 150]
    west, east = (shapely.union_all(layer.geometry.to_numpy()) for layer in layers)
    assert shapely.distance(west, east) > 0
    assert shapely.area(west) != shapely.area(east)  # another seed
    ids = [set(layer["XBID"]) for layer in layers]
    assert not ids[0] & ids[1]
    assert {name[:6] for name in ids[1]} == {"441831"}


def test_each_county_has_a_project_and_the_batch_names_them_all(province):
    found, folder = read_areas(province / "COUNTIES.toml")
    assert [area.name for area in found.areas] == ["演示县01", "演示县02"]
    assert {area.parents.province for area in found.areas} == {"演示省"}
    projects = [eg.open(folder / area.project) for area in found.areas]
    assert projects[0].config.project.seed != projects[1].config.project.seed
    for project in projects:
        assert project.config.output.formats == ()
        assert all((project.folder / layer.path).is_file()
                   for layer in project.config.layers.values())  # fmt: skip


@pytest.mark.parametrize("words", [["--counties", "0"], ["--counties", "51"], ["--surveys", "1"]])
def test_a_province_that_cannot_be_is_refused(tmp_path, words):
    done = _make(tmp_path, *words)
    assert done.returncode == 2
    assert "a province has 1 to 50 counties" in done.stderr
