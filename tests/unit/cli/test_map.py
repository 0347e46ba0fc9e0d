"""The words of ``ecogis map``; the page itself is looked at in tests/golden/test_demo_map.py."""

import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from ecogis import demo, pipeline
from ecogis.cli import map_page as body
from ecogis.cli.main import main


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What the page was asked for; the run and the drawing are left out."""
    kept = {}

    def draw(result, out, **words):
        kept.update(words, out=out)
        return [path for path in (out, words["folder"]) if path is not None]

    monkeypatch.setattr(pipeline, "assess", lambda *_, **__: SimpleNamespace(record={}))
    monkeypatch.setattr(body, "write_map", draw)
    return kept


def _run(*words):
    return CliRunner().invoke(main, ["map", *map(str, words)])


def test_nowhere_to_write_to_is_told_before_anything_is_run(tmp_path):
    done = _run(tmp_path / "absent.toml")
    assert done.exit_code == 2
    assert "E474" in done.output


def test_a_project_that_is_not_there(tmp_path):
    done = _run(tmp_path / "absent.toml", "--out", tmp_path / "map.html")
    assert done.exit_code == 2
    assert "E540" in done.output


def test_words_reach_the_page(asked, tmp_path):
    out, folder = tmp_path / "map.html", tmp_path / "map"
    done = _run(
        demo.folder() / "project.toml", "--out", out, "--folder", folder, "--public",
        "--coarsen", "100", "--lang", "en", "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"pages": [str(out), str(folder)], "public": True}
    assert asked == {
        "out": out, "folder": folder, "public": True, "coarsen_m": 100.0, "lang": "en",
    }  # fmt: skip


def test_without_words_the_page_is_whole_and_in_the_project_s_language(asked, tmp_path):
    done = _run(demo.folder() / "project.toml", "--out", tmp_path / "map.html")
    assert done.stdout.strip() == str(tmp_path / "map.html")
    assert (asked["public"], asked["coarsen_m"], asked["lang"]) == (False, 50.0, "zh")


def test_a_run_that_comes_out_otherwise_is_not_drawn(asked, tmp_path):
    project = demo.folder() / "project.toml"
    record = {
        "project": {"file": "project.toml", "sha256": pipeline.open(project).sha256},
        "sha256": "0" * 64,
    }
    (tmp_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    done = _run(tmp_path, "--project", project, "--out", tmp_path / "map.html")
    assert done.exit_code == 2
    assert "E471" in done.output
    assert not asked


def test_a_grid_too_fine_for_the_public_is_told_before_anything_is_run(tmp_path):
    for metres in ("inf", "0.000001"):
        done = _run(tmp_path / "absent.toml", "--out", tmp_path / "p.html", "--public",
                    "--coarsen", metres)  # fmt: skip
        assert (done.exit_code, "E473" in done.output) == (2, True)
