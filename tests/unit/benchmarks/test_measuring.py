"""What every benchmark measures with."""

import functools
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture
def measuring(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    import measuring

    yield measuring
    sys.modules.pop("measuring")


def test_each_run_is_told(measuring):
    calls = []
    taken = measuring.cpu_seconds(lambda: calls.append(1), 4)
    assert len(calls) == len(taken) == 4
    assert min(taken) >= 0


def test_memory_taken_is_seen_in_a_fresh_process(measuring):
    """25 million ones of eight bytes are 0.2 GB; a tenth more is the interpreter's own."""
    run = measuring.fresh(functools.partial, np.ones, 25_000_000, repeats=2, tell=np.sum)
    assert run.result == 25_000_000
    assert len(run.cpu_s) == 2
    assert 0.2 <= run.rise_gb < 0.22
    assert run.peak_gb > run.rise_gb


def test_what_was_held_before_the_call_is_not_counted(measuring):
    held = np.ones(12_500_000)  # 0.1 GB, handed over before the level is taken
    assert measuring.peak_rise(functools.partial, np.sum, held) < 0.02


def test_a_process_that_ends_early_is_an_error(measuring):
    with pytest.raises(SystemExit, match="ended with 3"):
        measuring.fresh(sys.exit, 3)


def test_power_of_growth(measuring):
    assert measuring.exponent((100.0, 3.0), (500.0, 11.0), 1.0) == pytest.approx(1.0)
    assert measuring.exponent((1.0, 2.0), (2.0, 8.0), 0.0) == pytest.approx(math.log2(4))


def test_a_row_is_one_line_of_json(measuring, capsys):
    measuring.row(method="面积", cpu_s=1.23456789, pairs=3, exponent=None)
    measuring.summary("overlay", "small", speedup_area=10.0)
    first, last = capsys.readouterr().out.splitlines()
    assert json.loads(first) == {"method": "面积", "cpu_s": 1.23457, "pairs": 3, "exponent": None}
    assert json.loads(last)["speedup_area"] == 10.0
    assert json.loads(last)["size"] == "small"


def test_inputs_are_kept_where_the_user_says(measuring, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.delenv("ECOGIS_CACHE", raising=False)
    assert measuring.cache_folder("layers") == tmp_path / "xdg" / "ecogis" / "layers"
    monkeypatch.setenv("ECOGIS_CACHE", str(tmp_path / "own"))
    assert measuring.cache_folder("layers") == tmp_path / "own" / "layers"
    assert (tmp_path / "own" / "layers").is_dir()


def test_all_parts_unless_some_are_named(measuring):
    assert measuring.arguments("x", [], parts=("a", "b")).part == ["a", "b"]
    asked = measuring.arguments("x", ["--size", "full", "--part", "b"], parts=("a", "b"))
    assert (asked.size, asked.part) == ("full", ["b"])


def test_versions_name_what_is_measured(measuring):
    assert {"python", "geopandas", "shapely", "numba", "geos"} <= measuring.versions().keys()
