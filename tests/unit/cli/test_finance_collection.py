"""``ecogis finance collection`` and ``centre``: all of a file or nothing, one clerk at a time."""

import fcntl
import json

import pytest
from click.testing import CliRunner

from ecogis import io
from ecogis.cli.main import main

ONE = 1_000_000
DAY = ("--day", "2026-08-31")
HOLDING = {"parcel": "P1", "right": "operating_right", "holder": "H1", "quantity": 600,
           "outline": "0" * 64}  # fmt: skip
LEASE = {
    "mode": "CM2", "rights": ["operating_right"], "back": [], "documents": [], "serials": [],
    "lots": [{"parcel": "P1", "quantity": 600, "outline": "0" * 64, "stands": []}],
    "givers": [["H1", ONE]], "takers": [["centre", ONE]], "term_start": "2026-08-31",
    "term_end": "2036-08-31", "contract_end": "2050-01-01", "price_fen": 100,
    "payments": [{"kind": "rent", "due": "2026-08-31", "payer": "centre", "payee": "H1",
                  "amount_fen": 100}],
}  # fmt: skip


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words, code=0):
    done = CliRunner().invoke(main, ["finance", *words, *DAY])
    assert done.exit_code == code, done.output
    return done


def record(folder, content, *words, code=0):
    (folder / "r.json").write_text(json.dumps(content), encoding="utf-8")
    said = ("--actor", "A", "--json", *words)
    done = run("collection", "record", "l.db", "r.json", *said, code=code)
    return [row["tx_id"] for row in json.loads(done.stdout)["proposed"]] if not code else done


def approve(*words, code=0):
    return run("collection", "approve", "l.db", *words, "--actor", "B", code=code)


def test_a_file_is_entered_whole_or_not_at_all(folder):
    both = {"holdings": [HOLDING], "collections": [LEASE]}
    assert "E900" in record(folder, both, "--new", "--reason", "x", code=2).stderr
    shown = run("collection", "replay", "l.db", "--actor", "B", "--show", "transactions", "--json")
    found = json.loads(shown.stdout)
    assert found["transactions"] == []
    assert found["head"] == [{"seq": 0, "hash": "0" * 64}]


def test_a_past_day_has_its_reason_for_payments_and_approvals_too(folder):
    opened = record(folder, {"holdings": [HOLDING]}, "--new", "--reason", "late")
    approve(*opened)
    lease = record(folder, {"collections": [LEASE]}, "--reason", "late")
    approve(*lease, "--reason", "board met late")
    paid = {"payments": [{"tx": lease[0], "number": 1, "amount_fen": 100}]}
    assert record(folder, paid, "--reason", "late")
    half = {"payments": [{"tx": lease[0], "number": 1, "amount_fen": 0.5}]}
    assert "E900" in record(folder, half, "--reason", "late", code=2).stderr


def test_a_holding_is_whole(folder):
    cut = {"holdings": [HOLDING | {"quantity": 600.9}]}
    assert "E900" in record(folder, cut, "--new", "--reason", "x", code=2).stderr


OPEN = ("--case", "C1", "--to", "performing", "--set", "right=R1", "--set", "loan=L1",
        "--set", "principal_fen=1000", "--set", "interest_fen=30")  # fmt: skip


def test_a_step_is_written_by_one_clerk_at_a_time(folder, monkeypatch):
    write, seen = io.write_csv, []

    def written(path, table):
        with (folder / ".s.csv.lock").open("w", encoding="utf-8") as lock:
            with pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            seen.append(path.name)
        return write(path, table)

    monkeypatch.setattr(io, "write_csv", written)
    run("centre", "step", "s.csv", *OPEN)
    assert seen == ["s.csv"]
    assert "E953" in run("centre", "step", "none/s.csv", *OPEN, code=2).stderr


@pytest.mark.parametrize("days", ["95天", "1e2", "1,000"])
def test_a_number_that_cannot_be_read_is_told(folder, days):
    run("centre", "step", "s.csv", *OPEN)
    late = ("--case", "C1", "--to", "overdue", "--set", f"overdue_days={days}")
    assert "E900" in run("centre", "step", "s.csv", *late, code=2).stderr
