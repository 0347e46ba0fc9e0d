"""The project file: strict, and every message names file, key and remedy."""

from importlib.resources import files

import pytest

from ecogis.core.errors import ConfigError
from ecogis.pipeline.config import load

DEMO = files("ecogis.demo").joinpath("project.toml").read_text(encoding="utf-8")


def _load(tmp_path, text):
    path = tmp_path / "p.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_the_demo_project_is_sound(tmp_path):
    project, folder = _load(tmp_path, DEMO)
    assert project.project.seed == 20260831
    assert folder == tmp_path
    assert {"stands", "parcels"} <= project.layers.keys()


@pytest.mark.parametrize(
    ("old", "new", "code", "names"),
    [
        ("seed = 20260831", "seeds = 1", "E542", "seeds"),
        ("pledge_rate = 0.5", "pledge_rte = 0.5", "E542", "pledge_rate"),
        ("pledge_rate = 0.5", "pledge_rate = 50", "E544", "valuation.pledge_rate"),
        ("seed = 20260831", "", "E543", "project.seed"),
        ("[layers.stands]", "[layers.stand]", "E542", "layers.stand"),
        ("[layers.parcels]", "[layers.boundary2]", "E542", "layers.boundary2"),
        ("start = 2025-01-01", "start = 2025-07-01", "E545", "2025-07-01"),
        ("valuation_date = 2026-08-31", 'valuation_date = "soon"', "E544", "valuation_date"),
        ('lang = "zh"', 'lang = "fr"', "E544", "project.lang"),
        ("[output]", "[output", "E541", "p.toml"),
    ],
)
def test_a_wrong_key_is_named_with_its_place(tmp_path, old, new, code, names):
    assert old in DEMO
    with pytest.raises(ConfigError, match=code) as caught:
        _load(tmp_path, DEMO.replace(old, new, 1))
    assert names in str(caught.value)
    assert "p.toml" in str(caught.value)
    assert " / " in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"E540.*nowhere.toml"):
        load(tmp_path / "nowhere.toml")


def test_a_missing_layer_is_named(tmp_path):
    start, end = DEMO.index("[layers.parcels]"), DEMO.index("[layers.boundary]")
    with pytest.raises(ConfigError, match=r"E543.*layers.parcels"):
        _load(tmp_path, DEMO[:start] + DEMO[end:])
