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


TRUST = LEASE | {
    "mode": "CM3", "rights": [], "price_fen": 0, "payments": [], "profit_share": 0.6,
    "public_forest": False, "quota": True,
}  # fmt: skip
SALE = {
    "mode": "CM8", "rights": ["operating_right"], "back": [], "documents": [], "serials": [],
    "lots": LEASE["lots"], "givers": [["H1", ONE]], "takers": [["centre", ONE]],
    "price_fen": 100, "payments": [LEASE["payments"][0] | {"kind": "price"}],
    "term_start": None, "term_end": None, "contract_end": None,
}  # fmt: skip
LATE = ("--reason", "entered late")


def entered(folder, *collections):
    """A ledger with one parcel and collections on it, each approved by B."""
    approve(*record(folder, {"holdings": [HOLDING]}, "--new", *LATE))
    made = record(folder, {"collections": list(collections)}, *LATE)
    approve(*made)
    return made


def act(word, *words, actor="A", code=0):
    done = run("collection", word, "l.db", *words, "--actor", actor, "--json", code=code)
    return json.loads(done.stdout) if not code else done


def state(tx):
    rows = act("replay", "--show", "transactions")["transactions"]
    return next(row["state"] for row in rows if row["tx_id"] == tx)


def test_a_proposal_is_refused_whole(folder):
    approve(*record(folder, {"holdings": [HOLDING]}, "--new", *LATE))
    made = record(folder, {"collections": [LEASE, TRUST | {"term_start": "2036-09-01",
                  "term_end": "2040-01-01"}]}, *LATE)  # fmt: skip
    assert "E907" in act("refuse", *made, "none", "--reason", "x", code=1).stderr
    assert [state(one) for one in made] == ["proposed", "proposed"]
    found = act("refuse", *made, "--reason", "not agreed")
    assert [row["state"] for row in found["transactions"]] == ["refused", "refused"]
    assert found["head"][0]["seq"] == 6
    run("collection", "refuse", "l.db", made[0], "--actor", "A", code=2)  # without a reason


def test_a_collection_is_taken_back_by_two_persons(folder):
    (lease,) = entered(folder, LEASE)
    found = act("reverse", lease, "--reason", "the holder withdrew")
    (back,) = (row["tx_id"] for row in found["proposed"])
    assert "E906" in run("collection", "approve", "l.db", back, "--actor", "a", code=1).stderr
    assert state(lease) == "approved"
    approve(back)
    assert state(lease) == "reversed"
    assert "E907" in act("reverse", lease, "--reason", "again", code=1).stderr


def test_income_is_shared_once_for_a_document(folder):
    (trust,) = entered(folder, TRUST)
    words = (trust, "--net", "10.00", "--payer", "centre", "--document", "S1", *LATE)
    (made,) = (row["tx_id"] for row in act("income", *words, "--felling")["proposed"])
    approve(made)
    assert "E900" in act("income", *words, "--no-felling", code=2).stderr
    run("collection", "income", "l.db", *words, "--actor", "A", code=2)  # felling is not told
    held = act("replay")["balances"]
    assert {row["party"]: row["amount"] for row in held if row["account"] == "cash"} == {
        "H1": 600, "centre": -600,
    }  # fmt: skip


def test_what_a_disposal_brought_is_paid_out_and_no_more(folder):
    (sale,) = entered(folder, SALE)
    paid = {"payments": [{"tx": sale, "number": 1, "amount_fen": 100}]}
    approve(*record(folder, paid, *LATE))
    words = (sale, "--payer", "centre", *LATE)
    for wrong in (("bank=1.01",), ("bank",), ("bank=1", "bank=1"), ("bank=-1",), ("=1",)):
        said = [word for one in wrong for word in ("--part", one)]
        assert "E900" in act("settle", *words, *said, code=2).stderr
    made = act("settle", *words, "--part", "bank=0.70", "--part", "H1=0.30")["proposed"]
    approve(made[0]["tx_id"])
    assert made[0]["kind"] == "settlement"
    held = act("replay")["balances"]
    assert {row["party"]: row["amount"] for row in held if row["account"] == "cash"} == {
        "H1": 130, "bank": 70, "centre": -200,
    }  # fmt: skip


def test_a_head_kept_elsewhere_tells_a_ledger_written_anew(folder):
    entered(folder, LEASE)
    kept = act("verify")["verified"][0]
    assert (kept["seq"], kept["kept"]) == (4, None)
    made = record(folder, {"payments": [{"tx": lease_of_ledger(), "number": 1,
                  "amount_fen": 100}]}, *LATE)  # fmt: skip
    approve(*made)
    found = act("verify", "--head", kept["hash"].upper())["verified"][0]
    assert (found["seq"], found["kept"], found["later"]) == (6, 4, 2)
    assert "E900" in act("verify", "--head", "5", code=2).stderr
    (folder / "l.db").unlink()
    entered(folder, LEASE | {"price_fen": 0, "payments": []})  # every entry holds, but another
    assert act("verify")["verified"][0]["seq"] == 4
    assert "E931" in act("verify", "--head", kept["hash"], code=2).stderr


def lease_of_ledger():
    rows = act("replay", "--show", "transactions")["transactions"]
    return next(row["tx_id"] for row in rows if row["what"] == "collection")


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
