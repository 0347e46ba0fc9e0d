"""A batch of toy steps: what is done stays, what is touched is redone, one failure stops nobody."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from multiprocessing import active_children
from pathlib import Path
from types import SimpleNamespace

import geopandas
import pandas as pd
import pytest
from shapely import box

from ecogis import demo, io
from ecogis.core.errors import ConfigError, IdentityError, InputError
from ecogis.pipeline.batching import batch, jobs, marks, running, tasks, workers
from ecogis.pipeline.batching.figures import figures_of

DEMO = (demo.folder() / "project.toml").read_text(encoding="utf-8")
KINDS = ("a", "b", "c", "d")


def _toy(run, folder, lang):
    """Two square decimetres per seed, one finding, and a file that holds the rights' length."""
    folder.mkdir()
    seed = run.config.project.seed
    length = len((run.project.folder / "rights.csv").read_bytes())
    run.findings.add("E547", layer="stands", what="x")
    if seed == 13:
        raise RuntimeError("toy")
    if seed == 14:
        run.findings.add("E444", layer="stands", feature="S1")
        run.refuse()
    layer = geopandas.GeoDataFrame(
        {"stand": [f"{seed}"], "area_dm2": [2 * seed]},
        geometry=[box(113 + seed, 24, 113.01 + seed, 24.01)],
        crs=4490,
    )
    io.write_parquet(folder / "stands.parquet", layer)
    io.write_parquet(folder / "figures.parquet", figures_of({}, {"area_ha": 2 * seed / 1e6}))
    (folder / "length.txt").write_text(f"{length} {lang}", encoding="utf-8")
    return run.findings.table()


@pytest.fixture
def done(monkeypatch):
    """Steps done in this process, in the order they were."""
    told = []

    def _performed(asked):
        for job in asked:
            told.append(f"{job.area}/{job.task}")
            yield job, jobs.perform(job)

    @contextmanager
    def _here(_workers):
        yield _performed

    monkeypatch.setattr(tasks, "TASKS", {"toy": _toy})
    monkeypatch.setattr(running, "in_processes", _here)
    monkeypatch.setattr(jobs, "program_sha256", lambda: "program")
    monkeypatch.setattr(running, "program_sha256", lambda: "program")
    return told


@pytest.fixture
def province(tmp_path):
    """Four areas with the seeds 1 to 4 and a table each."""
    return _province(tmp_path / "in", dict(zip(KINDS, (1, 2, 3, 4), strict=True)))


def _province(folder, seeds, task="toy"):
    text = f'[batch]\nname = "省"\ntasks = ["{task}"]\n'
    for name, seed in seeds.items():
        (folder / name).mkdir(parents=True)
        project = DEMO.replace("seed = 20260831", f"seed = {seed}")
        (folder / name / "project.toml").write_text(project, encoding="utf-8")
        (folder / name / "rights.csv").write_text("x" * seed, encoding="utf-8")
        county = "甲县" if name in "ab" else "乙县"
        text += (
            f'\n[[areas]]\nid = "{name}"\nname = "{name.upper()}"\nproject = "{name}/project.toml"'
            f'\nparents = {{ county = "{county}", province = "省" }}\n'
        )
    (folder / "COUNTIES.toml").write_text(text, encoding="utf-8")
    return folder / "COUNTIES.toml"


def _tree(out):
    """Content of every file but the log and the lock."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in {"log.jsonl", ".lock"}
    }


def _amounts(done_batch, level):
    sums = done_batch.rollup
    return sums[sums["level"].eq(level)].set_index("place")["amount"].to_dict()


def test_areas_are_done_and_added_up(province, tmp_path, done):
    found = batch(province, tmp_path / "out")
    assert done == ["a/toy", "b/toy", "c/toy", "d/toy", "/rollup"]
    assert found.status["state"].eq("done").all()
    assert found.failures.empty
    assert _amounts(found, "batch") == {"": 20}
    assert _amounts(found, "county") == {"甲县": 6, "乙县": 14}
    assert "5 done" in repr(found)
    assert "甲县" in found._repr_html_()


def test_the_status_file_has_no_clock_and_the_log_has(province, tmp_path, done):
    batch(province, tmp_path / "out")
    status = pd.read_csv(tmp_path / "out" / "status.csv")
    assert "seconds" not in status
    assert status["area"].tolist()[:4] == list(KINDS)
    log = (tmp_path / "out" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["state"] for line in log] == ["done"] * 5


def test_a_second_run_does_nothing(province, tmp_path, done):
    batch(province, tmp_path / "out")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.*")}
    done.clear()
    again = batch(province, tmp_path / "out")
    assert done == []
    assert again.status["seconds"].isna().all()
    after = {path: path.stat().st_mtime_ns for path in before if path.exists()}
    assert {path for path in before if before[path] != after.get(path)} <= {
        tmp_path / "out" / ".lock", tmp_path / "out" / ".work"
    }  # fmt: skip


def test_a_changed_input_redoes_only_what_it_touches(province, tmp_path, done):
    batch(province, tmp_path / "out")
    done.clear()
    (province.parent / "b" / "rights.csv").write_text("longer", encoding="utf-8")
    batch(province, tmp_path / "out")
    assert done == ["b/toy", "/rollup"]
    assert (tmp_path / "out/areas/b/toy/length.txt").read_text(encoding="utf-8") == "6 None"


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"")])
def test_a_spoilt_output_is_made_again(province, tmp_path, done, spoil):
    batch(province, tmp_path / "out")
    before = _tree(tmp_path / "out")
    done.clear()
    spoil(tmp_path / "out/areas/c/toy/length.txt")
    batch(province, tmp_path / "out")
    assert done == ["c/toy"]  # the same as before: the sums need not be made again
    assert _tree(tmp_path / "out") == before


def test_a_file_too_many_is_no_output_of_ours(province, tmp_path, done):
    batch(province, tmp_path / "out")
    done.clear()
    (tmp_path / "out/areas/c/toy/more.txt").write_text("x", encoding="utf-8")
    batch(province, tmp_path / "out")
    assert done == ["c/toy"]
    assert not (tmp_path / "out/areas/c/toy/more.txt").exists()


def test_another_language_or_program_is_another_step(province, tmp_path, done, monkeypatch):
    batch(province, tmp_path / "out")
    done.clear()
    batch(province, tmp_path / "out", lang="en")
    assert len(done) == 5
    done.clear()
    monkeypatch.setattr(jobs, "program_sha256", lambda: "another")
    monkeypatch.setattr(running, "program_sha256", lambda: "another")
    batch(province, tmp_path / "out", lang="en")
    assert len(done) == 5


def test_one_area_that_fails_stops_no_other(tmp_path, done):
    file = _province(tmp_path / "in", {"a": 1, "b": 13, "c": 14, "d": 4})
    (tmp_path / "in" / "a" / "project.toml").unlink()
    found = batch(file, tmp_path / "out")
    state = found.status.set_index("area")[["state", "code"]]
    assert state.loc["a"].tolist() == ["failed", "E540"]
    assert state.loc["b"].tolist() == ["failed", "E450"]
    assert state.loc["c"].tolist() == ["refused", "E003"]
    assert state.loc["d"].tolist() == ["done", ""]
    assert found.status.set_index("area").loc["c", ["note", "error"]].tolist() == [1, 1]
    told = pd.read_csv(tmp_path / "out/areas/c/toy/findings.csv")
    assert told["code"].tolist() == ["E444", "E547"]
    sums = found.rollup
    whole = sums[sums["level"].eq("batch")]
    assert whole[["amount", "areas", "missing"]].values.tolist() == [[8, 1, "a, b, c"]]
    missing = pd.read_csv(tmp_path / "out/rollup/findings.csv")
    assert missing[["code", "feature"]].values.tolist() == [["E445", x] for x in "abc"]


def test_what_failed_is_tried_again_and_what_was_refused_is_not(tmp_path, done):
    file = _province(tmp_path / "in", {"b": 13, "c": 14, "d": 4})
    batch(file, tmp_path / "out")
    before = _tree(tmp_path / "out")
    done.clear()
    batch(file, tmp_path / "out")
    assert done == ["b/toy"]
    assert _tree(tmp_path / "out") == before


def test_an_area_that_fails_leaves_nothing_old_behind(province, tmp_path, done):
    batch(province, tmp_path / "out")
    project = province.parent / "b" / "project.toml"
    project.write_text(DEMO.replace("seed = 20260831", "seed = 13"), encoding="utf-8")
    found = batch(province, tmp_path / "out")
    assert not (tmp_path / "out/areas/b/toy").exists()
    assert _amounts(found, "county") == {"甲县": 2, "乙县": 14}


def test_where_nothing_is_done_there_are_no_sums(province, tmp_path, done):
    batch(province, tmp_path / "out")
    for name in KINDS:
        (province.parent / name / "project.toml").unlink()
    found = batch(province, tmp_path / "out")
    assert found.rollup.empty
    assert found.status["task"].eq("toy").all()


def test_inputs_that_change_while_they_are_read_are_not_kept(province, tmp_path, done, monkeypatch):
    def _changing(run, folder, lang):
        (run.project.folder / "rights.csv").write_text("other", encoding="utf-8")
        return _toy(run, folder, lang)

    monkeypatch.setattr(tasks, "TASKS", {"toy": _changing})
    found = batch(province, tmp_path / "out")
    assert found.status["code"].tolist() == ["E452"] * 4


def test_a_worker_with_another_program_is_refused(province, tmp_path, done, monkeypatch):
    monkeypatch.setattr(jobs, "program_sha256", lambda: "another")
    monkeypatch.setattr(running, "key_of", lambda *_: "key")
    found = batch(province, tmp_path / "out")
    assert found.status["code"].tolist() == ["E448"] * 4


def test_areas_that_do_not_add_up_are_our_fault(province, tmp_path, done, monkeypatch):
    def _wrong(run, folder, lang):
        findings = _toy(run, folder, lang)
        io.write_parquet(folder / "figures.parquet", figures_of({}, {"area_ha": 1.0}))
        return findings

    monkeypatch.setattr(tasks, "TASKS", {"toy": _wrong})
    with pytest.raises(IdentityError, match="E453"):
        batch(province, tmp_path / "out")
    assert not (tmp_path / "out" / "rollup").exists()


def test_a_folder_with_other_things_in_it_is_left_alone(province, tmp_path, done):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ConfigError, match="E551"):
        batch(province, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["letter.txt"]


def test_two_batches_in_one_folder(province, tmp_path, done, monkeypatch):
    def _again(run, folder, lang):
        with pytest.raises(ConfigError, match="E438") as told:
            batch(province, tmp_path / "out")
        assert str(os.getpid()) in str(told.value)
        return _toy(run, folder, lang)

    monkeypatch.setattr(tasks, "TASKS", {"toy": _again})
    assert batch(province, tmp_path / "out").failures.empty


def test_a_lock_left_by_a_dead_process_holds_nobody(province, tmp_path, done):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".lock").write_text('{"pid": 1, "host": "gone"}', encoding="utf-8")
    assert batch(province, tmp_path / "out").failures.empty


def test_no_such_task(tmp_path):
    file = _province(tmp_path / "in", {"a": 1}, task="fly")
    with pytest.raises(ConfigError, match="E449"):
        batch(file, tmp_path / "out")


def _one_odd(folder, spoil):
    """Two areas, of which the first is spoilt; the batch file and the first area's folder."""
    file = _province(folder, {"a": 1, "d": 4})
    spoil(file, folder / "a")
    return file


def _too_long(file, _area):
    text = file.read_text(encoding="utf-8").replace("a/project.toml", "x" * 300 + ".toml")
    file.write_text(text, encoding="utf-8")


def _nested(_file, area):
    (area / "project.toml").write_text("a = " + "[" * 3000 + "]" * 3000, encoding="utf-8")


def _dotted(_file, area):
    (area / "project.toml").write_text(".".join("a" * 3000) + " = 1", encoding="utf-8")


def _pipe(_file, area):
    (area / "project.toml").write_text('name = "x.csv"', encoding="utf-8")
    os.mkfifo(area / "x.csv")


def _named_in_gbk(_file, area):
    (area / "map.gdb").mkdir()
    (Path(os.fsdecode(bytes(area / "map.gdb") + b"/\xb5\xd8.gdbtable"))).touch()
    text = DEMO.replace('"stands.gpkg"', '"map.gdb"')
    (area / "project.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "code", "said"),
    [
        (_too_long, "E514", "x" * 300 + ".toml"),
        (_nested, "E541", "project.toml"),
        (_dotted, "E542", "a"),
        (_pipe, "E542", "name"),
        (_named_in_gbk, "E517", ".gdbtable"),
    ],
)
def test_an_odd_area_has_failed_and_the_other_is_done(tmp_path, done, spoil, code, said):
    found = batch(_one_odd(tmp_path / "in", spoil), tmp_path / "out")
    odd, other, sums = found.status.to_dict("records")
    assert (odd["area"], odd["state"], odd["code"]) == ("a", "failed", code)
    assert said in odd["message_en"]
    assert said in odd["message_zh"]
    assert other["state"] == sums["state"] == "done"
    told = pd.read_csv(tmp_path / "out" / "status.csv")
    assert told["code"].tolist()[0] == code
    assert _amounts(found, "batch") == {"": 8}


@pytest.mark.parametrize("make", [lambda place: place.symlink_to("nowhere"), Path.touch])
def test_an_area_whose_place_is_no_folder_has_failed(province, tmp_path, done, make):
    (tmp_path / "out" / "areas").mkdir(parents=True)
    (tmp_path / "out" / "batch.json").touch()
    place = tmp_path / "out" / "areas" / "b"
    make(place)
    found = batch(province, tmp_path / "out")
    status = found.status.set_index("area")
    assert status.loc["b", ["state", "code"]].tolist() == ["failed", "E515"]
    assert str(place) in status.loc["b", "message_zh"]
    assert status["state"].tolist() == ["done", "failed", "done", "done", "done"]
    assert os.path.lexists(place)
    place.unlink()
    done.clear()
    assert batch(province, tmp_path / "out").complete
    assert done == ["b/toy", "/rollup"]


def test_a_link_in_the_place_of_results_is_replaced(province, tmp_path, done):
    (tmp_path / "out/areas/b").mkdir(parents=True)
    (tmp_path / "out" / "batch.json").touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept.txt").touch()
    (tmp_path / "out/areas/b/toy").symlink_to(tmp_path / "elsewhere")
    assert batch(province, tmp_path / "out").complete
    assert not (tmp_path / "out/areas/b/toy").is_symlink()
    assert (tmp_path / "elsewhere" / "kept.txt").exists()


def _full(*_words, **_more):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "file")


def _no_memory(*_words):
    raise MemoryError


def _cannot_write(*_words):
    raise InputError("E163", file="x", detail="full")


@pytest.mark.parametrize(
    ("fault", "code"), [(_full, "E516"), (_no_memory, "E518"), (_cannot_write, "E163")]
)
def test_a_fault_of_the_machine_is_no_refusal(tmp_path, done, monkeypatch, fault, code):
    file = _province(tmp_path / "in", {"a": 1})
    with monkeypatch.context() as patched:
        patched.setattr(tasks, "TASKS", {"toy": fault})
        found = batch(file, tmp_path / "out")
    assert found.status[["state", "code"]].values.tolist() == [["failed", code]]
    done.clear()
    assert batch(file, tmp_path / "out").complete  # the same inputs, and tried again
    assert done == ["a/toy", "/rollup"]


@pytest.mark.parametrize("name", ["batch.json", "status.csv", "log.jsonl"])
def test_files_of_the_batch_that_cannot_be_written_stop_it(province, tmp_path, done, name):
    batch(province, tmp_path / "out")
    before = _tree(tmp_path / "out")
    (province.parent / "a" / "rights.csv").write_text("y", encoding="utf-8")
    (tmp_path / "out" / name).unlink()
    (tmp_path / "out" / name).mkdir()
    with pytest.raises(ConfigError, match=rf"E546.*{name}"):
        batch(province, tmp_path / "out")
    assert not (tmp_path / "out" / ".work").exists()
    (tmp_path / "out" / name).rmdir()
    (province.parent / "a" / "rights.csv").write_text("x", encoding="utf-8")
    (tmp_path / "out" / "batch.json").touch()
    batch(province, tmp_path / "out")
    assert _tree(tmp_path / "out") == before


@pytest.mark.parametrize("room", [0, 1, 2, 7])
def test_a_disk_that_is_full_at_any_draft_leaves_nothing_half_written(
    province, tmp_path, done, monkeypatch, room
):
    batch(province, tmp_path / "whole")
    left, rename = [room], Path.replace

    def _until_full(path, target):
        left[0] -= 1
        if left[0] < 0:
            _full()
        return rename(path, target)

    with monkeypatch.context() as patched, suppress(ConfigError):
        patched.setattr(Path, "replace", _until_full)
        batch(province, tmp_path / "out")
    assert not (tmp_path / "out" / ".work").exists()
    batch(province, tmp_path / "out")
    assert _tree(tmp_path / "out") == _tree(tmp_path / "whole")


@pytest.mark.parametrize("make", [lambda place: place.symlink_to("/"), Path.touch])
def test_a_folder_of_drafts_that_is_none_is_told(province, tmp_path, done, make):
    (tmp_path / "out").mkdir()
    make(tmp_path / "out" / ".work")
    with pytest.raises(ConfigError, match=r"E546.*\.work"):
        batch(province, tmp_path / "out")
    assert os.path.lexists(tmp_path / "out" / ".work")


def test_drafts_of_a_worker_that_is_not_quite_dead_hold_nobody_up(province, tmp_path, done):
    """The folder of drafts could not be emptied, for something came into it meanwhile."""
    (tmp_path / "out" / ".work" / "late").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(shutil, "rmtree", lambda *_words, **_more: None)
        assert batch(province, tmp_path / "out").complete


def test_a_lock_on_a_full_disk_holds_without_words(province, tmp_path, done, monkeypatch):
    monkeypatch.setattr(os, "write", _full)
    assert batch(province, tmp_path / "out").complete


def test_folders_of_no_area_in_the_batch_file_are_named_and_left(province, tmp_path, done):
    batch(province, tmp_path / "out")
    areas = tmp_path / "out" / "areas"
    for folder in ("a/old", "gone/toy", "empty"):
        (areas / folder).mkdir(parents=True)
    (areas / "a/old/x").touch()
    found = batch(province, tmp_path / "out")
    left = found.status[found.status["state"].eq("unlisted")]
    assert left[["area", "task", "code", "note"]].values.tolist() == [
        ["a", "old", "E434", 1], ["gone", "", "E434", 1]
    ]  # fmt: skip
    assert "areas/gone" in left["message_zh"].iloc[1]
    assert found.complete
    assert found.failures.empty
    assert (areas / "gone/toy").is_dir()
    assert (areas / "a/old/x").is_file()
    assert "areas/a/old" in (tmp_path / "out" / "status.csv").read_text(encoding="utf-8")


def test_land_counted_twice_is_not_complete(tmp_path, done):
    found = batch(_province(tmp_path / "in", {"a": 3, "b": 3}), tmp_path / "out")
    assert found.failures.empty
    assert found.status.set_index("task").loc["rollup", "error"] == 1
    assert not found.complete


def test_an_area_that_breaks_an_identity_is_its_own_fault(tmp_path, done, monkeypatch):
    def _broken(run, folder, lang):
        if run.config.project.seed == 1:
            raise IdentityError("E446", cell="x", a=1, b=2)
        return _toy(run, folder, lang)

    monkeypatch.setattr(tasks, "TASKS", {"toy": _broken})
    found = batch(_province(tmp_path / "in", {"a": 1, "b": 2}), tmp_path / "out")
    assert found.status["state"].tolist() == ["failed", "done", "done"]


def test_a_step_of_which_nothing_is_heard_has_failed(province, tmp_path, done, monkeypatch):
    @contextmanager
    def _deaf(_workers):
        yield lambda asked: ((job, jobs.perform(job)) for job in list(asked) if job.area != "c")

    monkeypatch.setattr(running, "in_processes", _deaf)
    found = batch(province, tmp_path / "out")
    assert found.status.set_index("area").loc["c", ["state", "code"]].tolist() == ["failed", "E440"]
    assert found.status["state"].value_counts().to_dict() == {"done": 4, "failed": 1}


@pytest.mark.parametrize("number", [0, -1])
def test_there_is_no_batch_without_workers(province, tmp_path, done, number):
    with pytest.raises(ConfigError, match=r"E002.*workers"):
        batch(province, tmp_path / "out", workers=number)


class _Killed(BaseException):
    """A death of the process as far as the files can tell."""


def test_a_crash_at_any_file_operation_is_resumed_to_the_same_bytes(tmp_path, done, monkeypatch):
    """Die before the first change of a name, before the second, and so on until none is left."""
    province, whole = _province(tmp_path / "in", {"a": 1, "b": 2}), tmp_path / "whole"
    batch(province, whole)
    rename, left, number = Path.replace, [0], 0
    rmtree = shutil.rmtree

    def _counted(path, target):
        left[0] -= 1
        if left[0] == 0:
            raise _Killed
        return rename(path, target)

    finished = False
    while not finished:
        number += 1
        out = tmp_path / f"{number}"
        left[0] = number
        monkeypatch.setattr(Path, "replace", _counted)
        try:
            batch(province, out)
            finished = True
        except _Killed:
            monkeypatch.setattr(Path, "replace", rename)
            batch(province, out)
        assert _tree(out) == _tree(whole), number
        rmtree(out)
    assert number > 6  # each step, the sums, the status, and what the batch is about


def test_a_torn_log_is_gone_on_with_on_a_new_line(province, tmp_path, done):
    batch(province, tmp_path / "out")
    log = tmp_path / "out" / "log.jsonl"
    log.write_bytes(log.read_bytes()[:-9])
    (province.parent / "a" / "rights.csv").write_text("y", encoding="utf-8")
    batch(province, tmp_path / "out")
    lines = log.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[-1])["task"] == "rollup"


def test_a_mark_of_something_else_is_none(tmp_path):
    (tmp_path / marks.MARK).write_text('{"key": 1}', encoding="utf-8")
    assert marks.read_mark(tmp_path) is None


def test_a_worker_that_dies_takes_only_its_own_step(tmp_path, small_area):
    """Real processes: the first is killed while it starts, the second does what is left."""
    file = _province(tmp_path / "in", {"a": 1, "b": 2}, task="check")
    for name in "ab":
        small_area(tmp_path / "in" / name)
    killer = threading.Thread(target=_kill_the_first_child)
    killer.start()
    found = batch(file, tmp_path / "out", workers=1)
    killer.join()
    status = found.status.set_index("area")
    assert status.loc["a", ["state", "code"]].tolist() == ["failed", "E440"]
    assert "SIGKILL" in status.loc["a", "message_en"]
    assert status.loc["b", "state"] == "done", status.loc["b", "message_en"]
    assert active_children() == []


def test_a_worker_that_dies_again_or_in_the_midst_of_its_answer_is_told(monkeypatch):
    worker = workers._Worker(1)
    dead = SimpleNamespace(send=_full, recv=_full)

    def _starts_and_dies(self):
        self.pipe, self._process = dead, SimpleNamespace(join=lambda: None, exitcode=-9)

    monkeypatch.setattr(workers._Worker, "_start", _starts_and_dies)
    worker.give("job")
    assert worker.job == "job"
    assert worker.result().code == "E440"
    assert "SIGKILL" in worker.result().zh


def _kill_the_first_child():
    while not active_children():
        time.sleep(0.01)
    os.kill(active_children()[0].pid, signal.SIGKILL)


def test_workers_end_when_their_batch_is_killed(tmp_path, small_area):
    """Nobody goes on computing, or could write, once the process that publishes is gone."""
    file = _province(tmp_path / "in", {"a": 1}, task="check")
    small_area(tmp_path / "in" / "a")
    words = ["batch", str(file), "--out", str(tmp_path / "out"), "--workers", "1"]
    parent = subprocess.Popen([sys.executable, "-m", "ecogis", *words])
    children = _wait_for(lambda: _children(parent.pid))
    parent.kill()
    parent.wait()
    _wait_for(lambda: not any(map(_lives, children)))


def _children(pid):
    """Processes a process has started, by the system's table."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    return [child for child, parent in parents.items() if parent == pid]


def _lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _wait_for(what):
    for _ in range(6000):
        if found := what():
            return found
        time.sleep(0.01)
    raise AssertionError("waited for a minute")
