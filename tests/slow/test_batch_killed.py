"""Twenty areas, killed fifty times at random and resumed: the bytes of a run nobody disturbed.

``pytest -m slow -n 0 tests/slow/test_batch_killed.py`` prints where each kill fell. Every kill is
of real processes. What it left is gone on with twice: a copy to its end, by workers kept warm,
whose steps and bytes are compared each time; and the folder itself by the next one to be killed.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path

import pandas as pd
import pytest

from ecogis.pipeline.batching import batch, running
from ecogis.pipeline.batching.workers import in_processes

ROOT = Path(__file__).parents[2]
AREAS, KILLS, KILLS_A_BATCH = 20, 50, 10
APART = 10  # rows of the demo between the land of two areas
MOMENTS = ("any", "working", "sealed", "sealed", "published", "published")
LONGEST = 300  # of one call, on a machine that has much else to do [s]


@pytest.fixture(scope="module")
def areas(tmp_path_factory, small_area):
    """Twenty areas of three stands and three parcels of the demo; two of them are refused."""
    folder = tmp_path_factory.mktemp("areas")
    text = '[batch]\nname = "省"\ntasks = ["check"]\n'
    for number in range(AREAS):
        name = f"a{number:02d}"
        small_area(folder / name, APART * number)
        text += f'[[areas]]\nid = "{name}"\nname = "{name}"\nproject = "{name}/project.toml"\n'
    (folder / "COUNTIES.toml").write_text(text, encoding="utf-8")
    return folder / "COUNTIES.toml"


def _started(file, out, workers=2):
    words = ["batch", str(file), "--out", str(out), "--workers", str(workers), "--quiet"]
    return subprocess.Popen(
        [sys.executable, "-m", "ecogis", *words],
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _finished(file, out):
    """Run to the end; exit code 4 tells the two areas that are refused."""
    process = _started(file, out)
    told, _ = process.communicate(timeout=LONGEST)
    assert process.returncode == 4, told.decode()
    states = _states(out)
    assert Counter(states.values()) == {"done": AREAS - 2 + 1, "refused": 2}, told.decode()


def _states(out):
    status = pd.read_csv(out / "status.csv", keep_default_na=False)
    return dict(zip(status["area"], status["state"], strict=True))


def _tree(out):
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in {"log.jsonl", ".lock"}
    }


def _published(out):
    """Areas that have their place, each with what would be another if it were made again."""
    found = {}
    for mark in (out / "areas").glob("*/check/done.json"):
        with suppress(FileNotFoundError):  # it is being replaced
            found[mark.parts[-3]] = mark.stat().st_ino, mark.stat().st_mtime_ns
    return found


def _drafts(out, file="*"):
    return {path.parent.name for path in (out / ".work").glob(f"*/{file}")}


def _wait(process, until, every=0.005):
    """Whether it came to pass before the process ended."""
    soonest = time.monotonic()
    while process.poll() is None:
        if until():
            return True
        assert time.monotonic() < soonest + LONGEST, "the batch does not go on"
        time.sleep(every)
    return False


def _killed(file, out, chance, moment):
    """Kill a batch at a moment, with its workers or alone; False when it had ended by then."""
    had, old = len(_published(out)), _drafts(out)
    process = _started(file, out, workers=chance.choice((1, 2)))
    more = chance.randint(1, 3)
    until = {
        "any": lambda: True,
        "working": lambda: _drafts(out) - old,
        "sealed": lambda: _drafts(out, "done.json") - old,
        "published": lambda: len(_published(out)) >= min(had + more, AREAS),
        "adding up": lambda: len(_published(out)) == AREAS and _drafts(out) - old,
    }[moment]
    alone = chance.random() < 0.5
    lives = _wait(process, until, 0.001 if moment == "sealed" else 0.005)
    time.sleep(chance.uniform(0, {"any": 4.0, "working": 0.3, "adding up": 0.3}.get(moment, 0.01)))
    lives = lives and process.poll() is None
    with suppress(ProcessLookupError):
        (os.kill if alone else os.killpg)(process.pid, signal.SIGKILL)
    process.communicate()
    return lives


def _fell(out):
    """What a kill left behind, by the files."""
    drafts, sealed = _drafts(out), _drafts(out, "done.json")
    log = out / "log.jsonl"
    logged = set()
    for line in log.read_text(encoding="utf-8").splitlines() if log.is_file() else []:
        with suppress(ValueError):  # torn
            logged.add(json.loads(line)["area"])
    if not out.is_dir() or not (out / "batch.json").is_file():
        return "before anything was written"
    if _published(out).keys() - logged:
        return "a step published, not yet logged"
    if (out / "rollup").is_dir():
        return "the sums published, the batch not ended"
    if sealed:
        return "a draft sealed, not yet published"
    if len(_published(out)) == AREAS:
        return "all areas published, adding up"
    return "drafts half written" if drafts else "workers at work, no draft yet"


def _resumed(file, out, aside, monkeypatch, do):
    """Steps done, and content of the files, of a copy that is gone on with to its end."""
    if out.is_dir():
        shutil.copytree(out, aside, ignore=shutil.ignore_patterns(".work"))
    steps = []

    @contextmanager
    def _warm(_workers):
        def _performed(asked):
            steps.extend(job.area for job in asked)
            yield from do(asked)

        yield _performed

    with monkeypatch.context() as patched:
        patched.setattr(running, "in_processes", _warm)
        batch(file, aside)
    tree = _tree(aside)
    shutil.rmtree(aside)
    return steps, tree


@pytest.fixture(scope="module")
def workers():
    """Two worker processes for all that is gone on with: they start once."""
    with in_processes(2) as do:
        yield do


@pytest.mark.slow
def test_a_batch_killed_at_random_ends_with_the_same_bytes(
    areas, workers, tmp_path, monkeypatch, capsys
):
    started, whole, out = time.monotonic(), tmp_path / "whole", tmp_path / "out"
    _finished(areas, whole)
    wanted, chance, where, number = _tree(whole), random.Random(8), Counter(), 0
    while where.total() < KILLS and number < 2 * KILLS // KILLS_A_BATCH:
        number += 1
        kept = {}
        for kill in range(min(KILLS_A_BATCH, KILLS - where.total())):
            last = kill == KILLS_A_BATCH - 1
            if not _killed(areas, out, chance, "adding up" if last else chance.choice(MOMENTS)):
                break
            fell, now = _fell(out), _published(out)
            where[fell] += 1
            assert {area: now.get(area) for area in kept} == kept, (number, kill)
            kept = now
            steps, tree = _resumed(areas, out, tmp_path / "aside", monkeypatch, workers)
            assert not kept.keys() & set(steps), (number, kill)
            assert tree == wanted, (number, kill)
            seconds = time.monotonic() - started
            told = f"kill {where.total()}/{KILLS}: {fell}; {len(kept)} areas kept, same bytes"
            with capsys.disabled():
                sys.stdout.write(f"{told}; {seconds:.0f} s\n")
                sys.stdout.flush()
        _finished(areas, out)
        now = _published(out)
        assert {area: now[area] for area in kept} == kept, number  # nothing was done twice
        assert _tree(out) == wanted, number
        shutil.rmtree(out)
    told = [f"{count:3} {fell}" for fell, count in where.most_common()]
    with capsys.disabled():
        sys.stdout.write("\n".join([f"{where.total()} kills, {number} batches", *told, ""]))
    assert where.total() >= KILLS
    assert len(where) >= 4


@pytest.mark.slow
def test_an_area_whose_worker_was_killed_is_told_and_tried_again(areas, tmp_path):
    whole, out = tmp_path / "whole", tmp_path / "out"
    _finished(areas, whole)
    process = _started(areas, out, workers=1)
    log, killed = out / "log.jsonl", 0
    for settled in (2, 6, 11):
        assert _wait(process, lambda: log.is_file() and _lines(log) >= settled)  # noqa: B023
        time.sleep(0.05)  # it is in the next area by now
        for worker in _workers(process.pid):
            os.kill(worker, signal.SIGKILL)
            killed += 1
    told, _ = process.communicate(timeout=LONGEST)
    assert process.returncode == 4, told.decode()
    failed = [area for area, state in _states(out).items() if state == "failed"]
    assert 1 <= len(failed) <= killed == 3
    assert len(_states(out)) == AREAS + 1
    sums = pd.read_csv(out / "rollup" / "rollup.csv", keep_default_na=False)
    missing = set(sums.loc[sums["level"].eq("batch"), "missing"])
    refused = {area for area, state in _states(whole).items() if state == "refused"}
    assert missing == {", ".join(sorted(refused.union(failed)))}
    kept = _published(out)
    assert not kept.keys() & set(failed)
    _finished(areas, out)
    now = _published(out)
    assert {area: now[area] for area in kept} == kept
    assert _tree(out) == _tree(whole)


def _lines(log):
    return log.read_bytes().count(b"\n")


def _workers(parent):
    """Worker processes of a batch, by the system's table."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            stat = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(stat[1]) == parent and b"spawn_main" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


@pytest.mark.slow
def test_assessments_through_dask_have_the_bytes_of_local_ones(tmp_path):
    words = ["--scale", "province", "--counties", "3", "--stands", "150", "--clean"]
    make = [sys.executable, str(ROOT / "data" / "demo" / "make.py"), *words]
    subprocess.run([*make, "--out", str(tmp_path / "in")], check=True, capture_output=True)
    file = tmp_path / "in" / "COUNTIES.toml"
    for name, way in {"here": {}, "dask": {"dask": True}}.items():
        assert batch(file, tmp_path / name, workers=2, **way).failures.empty
    assert _tree(tmp_path / "dask") == _tree(tmp_path / "here")
    sums = pd.read_parquet(tmp_path / "dask" / "rollup" / "rollup.parquet")
    total = sums[sums["table"].eq("totals") & sums["column"].eq("area")]
    by_level = total.groupby("level")["amount"].sum()
    assert len(set(by_level)) == 1
    assert set(by_level.index) == {"batch", "province", "county", "area"}
