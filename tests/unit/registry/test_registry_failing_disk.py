"""A full or broken disk at every write call: the old state or the new one, never a torn one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ledgers import WHY, claim, made, proposed
from sqlalchemy import event, text

from ecogis.core.errors import InputError


@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
@pytest.mark.parametrize("how", ["once", "on"])
def test_every_write_call_fails_in_turn(tmp_path, error, how):
    script = Path(__file__).with_name("failing.py")
    words = [sys.executable, str(script), str(tmp_path / "ledger.db"), error, how]
    done = subprocess.run(words, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    *failed, last = told["outcomes"]
    assert len(failed) >= 5, "the calls of this SQLite were not seen"
    assert last["told"] == "done"
    for outcome in told["outcomes"]:
        assert outcome["findings"] == [], outcome
        assert outcome["told"] in {"done", "E814"}, outcome
        assert outcome["events"] in {told["before"], told["before"] + 1}, outcome
        if outcome["acknowledged"]:
            assert outcome["events"] == told["before"] + 1, outcome
    assert any(outcome["told"] == "E814" for outcome in failed)


def test_a_file_that_may_not_grow(tmp_path):
    with made(str(tmp_path / "ledger.db")) as ledger:
        proposed(ledger, claim(0, kg=1, use="sale"))
        before = ledger.head()
        pages = []

        def narrow(connection, _record):
            pages.append(connection.execute("PRAGMA page_count").fetchone()[0])
            connection.execute(f"PRAGMA max_page_count = {pages[-1]}")

        ledger._store.engine.dispose()
        event.listen(ledger._store.engine, "connect", narrow)
        large = {"text": "x" * 100_000}
        with pytest.raises(InputError, match="E814"):
            ledger.step("D", large, **WHY)
        assert ledger.head() == before
        assert ledger.verify([before]).count() == 0
        event.remove(ledger._store.engine, "connect", narrow)
        ledger._store.engine.dispose()
        assert ledger.step("D", large, **WHY).seq == before.seq + 1


def test_a_ledger_that_may_only_be_read(tmp_path):
    with made(str(tmp_path / "ledger.db")) as ledger:
        with ledger._store.engine.connect() as connection:
            connection.execute(text("PRAGMA query_only = ON"))
        with pytest.raises(InputError, match="E814"):
            ledger.propose([claim()], **WHY)
