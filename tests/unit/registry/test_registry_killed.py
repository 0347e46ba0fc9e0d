"""``kill -9`` while writing: what was acknowledged is there, and the chain is whole."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("rounds", [25, pytest.param(500, marks=pytest.mark.slow)])
def test_nothing_acknowledged_is_lost(tmp_path, rounds):
    script = Path(__file__).with_name("killing.py")
    words = [sys.executable, str(script), str(tmp_path / "ledger.db"), str(rounds), str(rounds)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=3000, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["acknowledged"] >= rounds
    assert told["lost"] == 0
    assert told["unsound"] == 0
    assert told["kept"] >= told["acknowledged"]
