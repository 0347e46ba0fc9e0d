"""The same steps through Dask: the same bytes, also when a worker is lost; and no plain text."""

import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from ecogis.core.errors import ConfigError
from ecogis.pipeline.batching import batch, clusters, jobs, running

NAMES = ("a", "b", "c", "d", "e", "f")


@pytest.fixture(scope="module")
def province(tmp_path_factory, small_area):
    """Six areas of three stands and three parcels of the demo."""
    folder = tmp_path_factory.mktemp("province")
    text = '[batch]\nname = "省"\ntasks = ["check"]\n'
    for number, name in enumerate(NAMES):
        small_area(folder / name, 10 * number)
        text += f'[[areas]]\nid = "{name}"\nname = "{name}"\nproject = "{name}/project.toml"\n'
    (folder / "COUNTIES.toml").write_text(text, encoding="utf-8")
    return folder / "COUNTIES.toml"


def _tree(out):
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name not in {"log.jsonl", ".lock"}
    }


@contextmanager
def _here(_workers):
    yield lambda asked: ((job, jobs.perform(job)) for job in asked)


def _workers():
    """Worker processes this process has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if int(parent) == os.getpid() and b"spawn_main" in words:
            found.append(int(folder.name))
    return found


def test_two_workers_of_dask_give_the_bytes_of_one_process_though_one_is_killed(
    province, tmp_path, monkeypatch
):
    with monkeypatch.context() as patched:
        patched.setattr(running, "in_processes", _here)
        batch(province, tmp_path / "here")
    killed = []

    def _kill_one(*_told):
        if not killed:
            killed.append(_workers()[0])
            os.kill(killed[0], signal.SIGKILL)

    found = batch(province, tmp_path / "dask", dask=True, workers=2, progress=_kill_one)
    assert killed
    assert found.failures.empty, found.failures["message_en"].tolist()
    assert _tree(tmp_path / "dask") == _tree(tmp_path / "here")


@pytest.mark.parametrize("address", ["tcp://10.0.0.1:8786", "10.0.0.1:8786", "ws://example.cn"])
def test_plain_text_beyond_this_machine_is_refused(province, tmp_path, address):
    with pytest.raises(ConfigError, match="E447"):
        batch(province, tmp_path, scheduler=address)


@pytest.mark.parametrize("address", ["tls://10.0.0.1:8786", "tcp://127.0.0.1:8786", "localhost:1"])
def test_certificates_or_this_machine_are_not_refused(address):
    assert not clusters._is_open(address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "tls://127.0.0.1:1"])
def test_a_scheduler_that_does_not_answer_or_without_certificates(province, tmp_path, address):
    import dask

    soon = dask.config.set({"distributed.comm.timeouts.connect": "200ms"})
    with soon, pytest.raises(ConfigError, match="E441"):
        batch(province, tmp_path, scheduler=address)


def test_without_dask_the_remedy_is_told(province, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"E439.*ecogis\[dask\]"):
        batch(province, tmp_path, dask=True)


def test_a_step_the_cluster_gave_up_has_failed():
    fault = RuntimeError("KilledWorker")
    told = clusters._outcome((RuntimeError, fault, None))
    assert (told.state, told.code) == ("failed", "E440")
    assert "KilledWorker" in told.en
