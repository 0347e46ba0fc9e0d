"""Rows shared out among threads."""

import threading

import numba
import pytest

from ecogis.numerics.threads import in_parts, parts_of


@pytest.mark.parametrize("rows", [0, 1, 3, 10, 1001])
@pytest.mark.parametrize("threads", [1, 2, 4])
def test_parts_meet_and_leave_no_row_out(rows, threads, monkeypatch):
    monkeypatch.setattr(numba, "get_num_threads", lambda: threads)
    parts = parts_of(rows, 10**9)
    assert 1 <= len(parts) <= threads
    assert [row for low, high in parts for row in range(low, high)] == list(range(rows))


def test_little_work_stays_in_one_thread(monkeypatch):
    monkeypatch.setattr(numba, "get_num_threads", lambda: 4)
    assert parts_of(100, 1_000) == [(0, 100)]
    where = []
    in_parts(lambda *_: where.append(threading.current_thread()), [(0, 100)])
    assert where == [threading.current_thread()]


def test_each_part_runs_once_under_its_number():
    found = {}
    in_parts(lambda part, low, high: found.update({part: (low, high)}), [(0, 2), (2, 5), (5, 6)])
    assert found == {0: (0, 2), 1: (2, 5), 2: (5, 6)}


def test_a_fault_in_a_part_reaches_the_caller():
    def work(part, low, high):
        if part == 1:
            raise KeyError(low)

    with pytest.raises(KeyError, match="3"):
        in_parts(work, [(0, 3), (3, 6)])
