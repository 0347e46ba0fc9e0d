"""The maker, run as its users run it, at a tenth of the size."""

import hashlib
import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path

import geopandas
import pytest
import shapely

ROOT = Path(__file__).parents[3]
MAKER = ROOT / "data" / "demo" / "make.py"


def _make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(MAKER), "--out", str(folder), *words],
        capture_output=True,
        text=True,
        check=False,
    )


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    done = _make(folder, "--stands", "200", "--seed", "7")
    assert done.returncode == 0, done.stderr
    return folder


def test_the_same_seed_gives_the_same_bytes(small, tmp_path):
    _make(tmp_path, "--stands", "200", "--seed", "7")
    assert _hashes(tmp_path) == _hashes(small)


def test_another_seed_gives_another_land(small, tmp_path):
    _make(tmp_path, "--stands", "200", "--seed", "8", "--surveys", "1", "--clean")
    layers = set(geopandas.list_layers(tmp_path / "stands.gpkg")["name"])
    assert layers == {"小班_2024"}
    assert _hashes(tmp_path)["stands.gpkg"] != _hashes(small)["stands.gpkg"]
    assert (tmp_path / "faults.csv").read_text(encoding="utf-8").splitlines() == [
        "fault,layer,id,expected"
    ]
    stands = geopandas.read_file(tmp_path / "stands.gpkg")
    assert len(stands) == 200
    assert shapely.coverage_is_valid(stands.geometry.to_numpy())


def test_numbers_asked_for_come_out(small):
    stands = geopandas.read_file(small / "stands.gpkg", layer="小班_2024")
    parcels = geopandas.read_file(small / "parcels.gpkg")
    assert len(stands) == 201  # one planted outside
    assert len(parcels) == 350
    assert stands.crs.to_epsg() == parcels.crs.to_epsg() == 4526


@pytest.fixture(scope="module")
def main():
    spec = importlib.util.spec_from_file_location("demo_make", MAKER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module.main
    sys.path.remove(str(MAKER.parent))


@pytest.mark.parametrize(
    "words", [["--stands", "200"], ["--scale", "county"], ["--clean"], ["--surveys", "1"]]
)
def test_the_committed_demo_is_not_overwritten_by_another(main, words, capsys):
    with pytest.raises(SystemExit):
        main(words)
    assert "--out" in capsys.readouterr().err


def test_only_the_committed_demo_goes_into_the_package(main, tmp_path):
    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path), "--stands", "200", "--install"])
    with pytest.raises(SystemExit):
        main(["--seed", "7", "--install"])
    assert list(tmp_path.iterdir()) == []


def test_the_catalogue_knows_every_file():
    entries = tomllib.loads((ROOT / "data" / "catalogue.toml").read_text(encoding="utf-8"))
    for entry in entries.values():
        content = (ROOT / "data" / entry["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert entry["licence"]
        assert entry["source"]
    named = {Path(entry["path"]).name for entry in entries.values()}
    written = {path.name for path in MAKER.parent.iterdir() if path.suffix in {".gpkg", ".tif"}}
    assert written <= named
