"""No figure of a shipped edition changes: every edition is the one that was put on record."""

import re
from importlib import util
from pathlib import Path

import pytest

_SPEC = util.spec_from_file_location("lock_editions", Path(__file__).with_name("lock_editions.py"))
lock = util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(lock)


@pytest.mark.parametrize("label", sorted(lock.locked()))
def test_a_shipped_edition_is_as_it_was_put_on_record(label):
    found = lock.shipped().get(label)
    assert found is not None, f"{label} is gone; runs that name it could not be made again"
    assert found == lock.locked()[label], (
        f"a file of {label} has changed. An edition is never edited: take the change back and add "
        f"a new edition, then run python tests/library/lock_editions.py"
    )


def test_every_edition_is_on_record():
    new = sorted(set(lock.shipped()) - set(lock.locked()))
    assert not new, f"run python tests/library/lock_editions.py to put on record: {', '.join(new)}"


def test_the_record_is_sorted_and_whole():
    lines = lock.LOCK.read_text(encoding="utf-8").splitlines()
    assert all(re.fullmatch(r"[0-9a-f]{64}  [\w.-]+@[\w.-]+", line) for line in lines)
    labels = [line.split()[1] for line in lines]
    assert labels == sorted(set(labels))


def test_a_changed_figure_is_seen(tmp_path, monkeypatch):
    record = tmp_path / "editions.lock"
    record.write_text(f"{'0' * 64}  age-groups@2017\n", encoding="utf-8")
    monkeypatch.setattr(lock, "LOCK", record)
    with pytest.raises(AssertionError, match="never edited"):
        test_a_shipped_edition_is_as_it_was_put_on_record("age-groups@2017")
    lock.main()
    assert lock.locked()["age-groups@2017"] == "0" * 64  # what is on record stays
    assert set(lock.locked()) == set(lock.shipped())
