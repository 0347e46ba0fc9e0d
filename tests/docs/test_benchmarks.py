"""The benchmarks run, and their last line has the figures they are judged by."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
SHARED = {"layers", "measuring"}  # used by the benchmarks, none themselves
SCRIPTS = sorted({path.stem for path in FOLDER.glob("*.py")} - SHARED)
KEYS = {
    "overlay": {
        "speedup_geometry", "speedup_geometry_sjoin", "speedup_area", "speedup_area_sjoin",
        "speedup_dirty", "max_abs_diff_m2", "rel_total", "invalid", "memory_ratio_area",
        "memory_ratio_geometry", "exponent", "peak_gb_large",
    },
    "area": {"speedup", "max_abs_diff_m2"},
    "zonal": {"speedup", "max_rel_diff"},
    "projection": {
        "speedup_numpy", "speedup_chunked", "speedup_exact", "fill_fraction", "triad_fraction",
        "totals_gsy_s", "totals_extra_gb", "cold_s",
    },
    "montecarlo": {
        "draws_per_s", "draws_per_s_class", "draws_per_s_stand", "peak_gb", "same_bytes",
    },
    "libcbm": {"ratio", "max_rel_diff_increments"},
    "prices": {"seconds", "same_bytes"},
    "registry": {"attempts", "double_pledges", "lost", "appends_per_s"},
    "county": {"cpu_s", "peak_gb", "exponent", "identities_broken"},
    "dask": {"overhead", "same_bytes"},
    "mappage": {"first_frame_s", "requests"},
    "rusle": {"speedup", "max_rel_diff", "large_cells", "large_cpu_s", "rise_gb_large"},
    "rastercarbon": {"mpx_s", "ratio_invest", "speedup_numpy", "rel_diff"},
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", SCRIPTS)
def test_the_small_size_runs_and_tells_what_is_judged(name):
    done = subprocess.run(
        [sys.executable, str(FOLDER / f"{name}.py"), "--size", "small"],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) > 1
    assert KEYS[name] <= rows[-1].keys()


@pytest.mark.slow
def test_ours_and_geos_find_the_same_land():
    done = subprocess.run(
        [sys.executable, str(FOLDER / "overlay.py"), "--size", "small", "--part", "accuracy"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["max_abs_diff_m2"] < 1e-4
    assert last["max_abs_diff_recorded_m2"] < 0.02  # two units of the area of record
    assert last["rel_total"] < 1e-6
    assert last["speedup_geometry"] is None


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_benchmark_is_described(name):
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"`{name}.py`" in text
    assert all(f"`{key}`" in text for key in KEYS[name])


@pytest.mark.parametrize("name", SCRIPTS)
def test_results_have_a_place_for_every_benchmark(name):
    assert f"\n## {name}\n" in (FOLDER / "results.md").read_text(encoding="utf-8")
