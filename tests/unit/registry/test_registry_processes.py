"""Eight and sixteen processes at once: exactly one winner each, on both databases."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from contest import FAR, KINDS
from ledgers import YIELD, right

CODES = {"id": {"E801"}, "quantity": {"E802"}, "overlap": {"E803"}, "vintage": {"E801"}}


def contested(url, key, writers, rights):
    script = Path(__file__).with_name("contest.py")
    words = [sys.executable, str(script), url, str(key), str(writers), str(rights)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=3000, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("writers", "rights"),
    [
        (8, 16),
        pytest.param(16, 16, marks=pytest.mark.slow),
        pytest.param(8, 1000, marks=pytest.mark.slow),
        pytest.param(16, 1000, marks=pytest.mark.slow),
    ],
)
def test_one_winner_each(place, writers, rights):
    told = contested(*place, writers, rights)
    assert told["attempts"] == writers * rights
    assert told["double"] == told["none"] == []
    for number, codes in told["refused"].items():
        assert set(codes) == CODES[KINDS[int(number) % 4]]
    assert told["findings"] == 0
    assert told["least_free_kg"] >= 0
    losers_left_nothing(told, rights)


def losers_left_nothing(told, rights):
    """One claim for each right at stake, two where two vintages were asked for together."""
    by_right = {}
    for claim in told["claims"]:
        by_right.setdefault(claim["right"], []).append(claim)
    wanted = [2 if KINDS[number % 4] == "vintage" else 1 for number in range(rights)]
    assert len(told["claims"]) == sum(wanted)
    for number, count in enumerate(wanted):
        names = [number]
        if KINDS[number % 4] == "overlap":
            names = [FAR + number * 20 + writer for writer in range(16)]
        mine = [claim for name in names for claim in by_right.get(right(name).id, ())]
        (winner,) = told["granted"][str(number)]
        assert {claim["party"] for claim in mine} == {f"银行{winner}"}
        assert len(mine) == count
        assert sum(claim["kg"] for claim in mine) <= YIELD
