"""``ecogis batch``: its table, its one JSON object, its exit codes."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from ecogis.cli.main import main
from ecogis.pipeline import batching
from ecogis.pipeline.batching import Batched

ROWS = [
    ("a", "甲", "assess", "done", 2.5, ""),
    ("b", "乙", "assess", "failed", 0.1, "E440"),
    ("c", "丙", "assess", "refused", None, "E003"),
    ("", "", "rollup", "done", 0.2, ""),
]


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """What the command asks for; a batch of which two areas are not done."""
    told = {}
    rows = [
        {"area": area, "name": name, "county": "", "province": "", "task": task, "state": state,
         "seconds": seconds, "note": 1, "warning": 0, "error": 0, "code": code,
         "message_zh": "因" if code else "", "message_en": "why" if code else ""}
        for area, name, task, state, seconds, code in ROWS
    ]  # fmt: skip
    told["rows"] = rows

    def _batch(file, out, **words):
        told.update(file=file, out=out, **words)
        return Batched("省", tmp_path, pd.DataFrame(told["rows"]))

    monkeypatch.setattr(batching, "batch", _batch)
    return told


def test_some_areas_that_are_not_done_are_exit_code_4(asked):
    done = CliRunner().invoke(main, ["batch", "COUNTIES.toml", "--out", "o", "--workers", "3"])
    assert done.exit_code == 4
    assert asked["workers"] == 3
    assert not asked["dask"]
    assert "E440 因" in done.stdout
    assert "拒绝" in done.stdout
    assert "—" in done.stdout  # nothing was done for it this time


def test_all_areas_done_is_exit_code_0(asked):
    asked["rows"] = [row for row in asked["rows"] if row["state"] == "done"]
    done = CliRunner().invoke(main, ["batch", "COUNTIES.toml", "--lang", "en", "--dask"])
    assert done.exit_code == 0
    assert asked["dask"]
    assert "done" in done.stdout


def test_sums_with_an_error_are_exit_code_4(asked):
    asked["rows"] = [row for row in asked["rows"] if row["state"] == "done"]
    asked["rows"][0]["error"] = 1  # accepted by the area's own policy
    assert CliRunner().invoke(main, ["batch", "COUNTIES.toml"]).exit_code == 0
    asked["rows"][-1]["error"] = 1
    assert CliRunner().invoke(main, ["batch", "COUNTIES.toml"]).exit_code == 4


def test_a_folder_nobody_asked_for_is_no_failure(asked):
    asked["rows"] = [row for row in asked["rows"] if row["state"] == "done"]
    asked["rows"].append(asked["rows"][0] | {"state": "unlisted", "code": "E434"})
    done = CliRunner().invoke(main, ["batch", "COUNTIES.toml"])
    assert done.exit_code == 0
    assert "未列入" in done.stdout


def test_json_is_one_object(asked):
    done = CliRunner().invoke(
        main, ["batch", "COUNTIES.toml", "--json", "--scheduler", "tls://h:1"]
    )
    told = json.loads(done.stdout)
    assert [row["state"] for row in told["status"]] == [row[3] for row in ROWS]
    assert told["status"][2]["seconds"] is None
    assert asked["scheduler"] == "tls://h:1"


def test_no_batch_file_is_exit_code_2(tmp_path):
    words = ["batch", str(tmp_path / "none.toml"), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert "E435" in done.stderr
    assert not (tmp_path / "out").exists()
