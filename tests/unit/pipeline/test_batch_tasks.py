"""The balance of areas as a task: the same bytes however it is run, and findings that stay."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import geopandas
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import ecogis as eg
from ecogis.core.errors import StageRefusedError
from ecogis.core.findings import Findings
from ecogis.pipeline.batching import batch, jobs, running, tasks
from ecogis.pipeline.run import Run

MAKER = Path(__file__).parents[3] / "data" / "demo" / "make.py"


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    """Two counties of 150 stands, to be balanced."""
    folder = tmp_path_factory.mktemp("province")
    words = ["--scale", "province", "--counties", "2", "--stands", "150", "--clean"]
    line = [sys.executable, str(MAKER), *words, "--out", str(folder)]
    subprocess.run(line, check=True, capture_output=True)
    file = folder / "COUNTIES.toml"
    text = file.read_text(encoding="utf-8").replace('["assess"]', '["balance"]')
    file.write_text(text, encoding="utf-8")
    return file


@contextmanager
def _here(_workers):
    yield lambda asked: ((job, jobs.perform(job)) for job in asked)


def _tree(out):
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in {"log.jsonl", ".lock"}
    }


@pytest.mark.slow
def test_balances_have_the_same_bytes_in_this_process_and_through_dask(
    province, tmp_path, monkeypatch
):
    with monkeypatch.context() as patched:
        patched.setattr(running, "in_processes", _here)
        batch(province, tmp_path / "here")
    here = _tree(tmp_path / "here")
    assert {"balance.xlsx", "postings.parquet", "run.json", "done.json"} <= {
        name.removeprefix("areas/441831/balance/") for name in here
    }
    found = batch(province, tmp_path / "dask", workers=2, dask=True)
    assert found.failures.empty, found.failures["message_en"].tolist()
    assert _tree(tmp_path / "dask") == here


def test_the_task_leaves_what_the_single_command_writes(province, tmp_path):
    project = province.parent / "441830" / "project.toml"
    eg.balance(project).write(tmp_path / "single")
    tasks.task("balance")(Run(eg.open(project)), tmp_path / "task", None)
    single, by_task = _tree(tmp_path / "single"), _tree(tmp_path / "task")
    del single["run.json"], by_task["run.json"]  # it says when it was made
    assert single.items() <= by_task.items()
    assert {"figures.parquet", "stands.parquet", "parcels.parquet", "findings.parquet"} == (
        by_task.keys() - single.keys()
    )


def test_findings_of_areas_read_as_one_whether_there_are_any_or_not(tmp_path):
    found = Findings()
    found.add("E004", layer="stands", columns="species")
    files = []
    for name, findings in {"none": Findings(), "one": found}.items():
        (tmp_path / name).mkdir()
        tasks._written(tmp_path / name, {}, findings.table())
        files.append(tmp_path / name / "findings.parquet")
    both = pa.concat_tables([pq.read_table(file) for file in files])
    assert both["code"].to_pylist() == ["E004"]
    assert both["feature"].to_pylist() == [None]


def test_accounts_that_are_refused_keep_the_findings_that_say_why(province, tmp_path):
    """Land that only the opening survey has is a difference above its limit of nothing."""
    folder = province.parent / "441830"
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    stands = geopandas.read_file(folder / "stands.gpkg", layer="小班_2024")
    stands.iloc[5:].to_file(tmp_path / "stands.gpkg", layer="小班_2024", driver="GPKG")
    run = Run(eg.open(tmp_path / "project.toml"))
    with pytest.raises(StageRefusedError):
        tasks.task("balance")(run, tmp_path / "task", None)
    told = run.findings.table()
    assert set(told.loc[told["severity"].eq("error"), "code"]) == {"E401"}
    assert not (tmp_path / "task").exists()
    assert _refused_in_a_batch(tmp_path)["code"].tolist() == told["code"].tolist()


def _refused_in_a_batch(folder):
    text = '[batch]\nname = "省"\ntasks = ["balance"]\n[[areas]]\nid = "a"\nname = "a"\n'
    (folder / "ONE.toml").write_text(text + 'project = "project.toml"\n', encoding="utf-8")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(running, "in_processes", _here)
        found = batch(folder / "ONE.toml", folder / "out")
    assert found.status[["state", "code"]].values.tolist() == [["refused", "E003"]]
    return pd.read_csv(folder / "out" / "areas" / "a" / "balance" / "findings.csv")
