"""What the database itself refuses, whoever asks; and what a row of it can and cannot be."""

import contextlib
import sqlite3
import threading

import pytest
from ledgers import (
    DAY,
    WHY,
    YIELD,
    as_person,
    claim,
    clock,
    made,
    proposed,
    registered,
    right,
    square,
    surveyed,
)
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from ecogis.core.errors import StageRefusedError
from ecogis.registry.chain import START
from ecogis.registry.ledger import Ledger
from ecogis.registry.schema import CLAIM, EVENT, rules

NEXT = "(SELECT MAX(seq) FROM event)"


def run(ledger, *statements):
    with ledger._store.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET body = '{}' WHERE seq = 3",
        "UPDATE event SET signature = '' WHERE seq = 3",
        "DELETE FROM event WHERE seq = 3",
        "DELETE FROM event",
        "UPDATE place SET wkb = wkb",
        "UPDATE rights SET registration_no = 'x'",
        f"UPDATE rights SET place = place, seq = {NEXT}",
        "DELETE FROM rights",
        "UPDATE yields SET kg = kg * 2",
        f"UPDATE yields SET kg = kg * 2, seq = {NEXT}",
        "DELETE FROM yields",
        "DELETE FROM claim",
        "DELETE FROM lien",
        "UPDATE lien SET party = '乙'",
        "UPDATE claim SET kg = 1",
        f"UPDATE claim SET kg = 1, seq = {NEXT}",
        f"UPDATE claim SET kg = kg + 1, seq = {NEXT}",
        f"UPDATE claim SET state = 'released', lien_party = NULL, seq = {NEXT}",
        f"UPDATE claim SET party = '乙', lien_party = '乙', seq = {NEXT}",
        "UPDATE claim SET vintage = 2028",
        "UPDATE claim SET state = 'free'",
        "UPDATE member SET roles = 'administer' WHERE person = 'B'",
        f"UPDATE member SET roles = 'administer', seq = {NEXT} WHERE person = 'B'",
        "INSERT INTO member (person, roles, seq) VALUES ('E', 'administer', 4)",
        "INSERT INTO yields (right_id, vintage, kg, seq) SELECT right_id, 2050, 9, 4 FROM rights",
        "DELETE FROM member",
    ],
)
def test_rows_are_not_changed_by_hand(kept, statement):
    registered(kept, claim(0))
    before = kept.claims()
    with pytest.raises(DBAPIError):
        run(kept, statement)
    assert kept.claims().equals(before)
    assert kept.verify().count() == 0


def test_tables_are_not_emptied_at_once(kept):
    if kept._store.dialect == "sqlite":
        with pytest.raises(IntegrityError, match="never deleted"):
            run(kept, "INSERT OR REPLACE INTO place SELECT * FROM place")
    else:
        for table in ("event", "claim", "place", "rights", "yields", "member"):
            with pytest.raises(DBAPIError, match="E809"):
                run(kept, f"TRUNCATE {table} CASCADE")
    assert kept.verify().count() == 0


@pytest.mark.parametrize(
    "changed",
    [{"seq": 99}, {"previous": START}, {"seq": 3}, {"previous": "ab" * 32}],
    ids=["gap", "start again", "again", "elsewhere"],
)
def test_an_event_follows_the_last_one(kept, changed):
    last = kept.history()[-1]
    row = {
        "seq": last.seq + 1, "kind": "step", "claim": None, "right_id": "", "dossier": "",
        "actor": "A", "key": None, "body": "{}", "previous": last.hash, "hash": "", "signature": "",
    }  # fmt: skip
    with pytest.raises(DBAPIError), kept._store.engine.begin() as connection:
        connection.execute(insert(EVENT), row | changed)


def bare_claim(kept, party="乙", **changed):
    """A row for a claim whose event exists, made without any check of ours."""
    (number,) = proposed(kept, claim(2, 2027, kg=1, use="sale"))
    with kept._store.engine.begin() as connection:
        row = dict(connection.execute(CLAIM.select()).mappings().first())
    fields = {"use": "pledge", "party": party, "lien_party": party}
    return row | {"claim": number, "seq": number} | fields | changed


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"kg": YIELD + 1}, "E802|claim"),
        ({"state": "registered"}, "E809|registered"),
        ({"lien_party": None}, "live_pledge|E809|claim"),
        ({"lien_party": "丙"}, "lien|E809|claim"),
        ({"claim": 2}, "E809|claim"),
    ],
)
def test_a_claim_put_in_by_hand_is_refused(kept, changed, told):
    row = bare_claim(kept, **changed)
    with pytest.raises(DBAPIError, match=told), kept._store.engine.begin() as connection:
        connection.execute(insert(CLAIM), row)


def test_a_second_lender_is_refused_by_the_database_alone(small):
    """With the check of ours taken out, the foreign key to the one lien says no."""
    proposed(small, claim(0, kg=100, party="甲"))
    with small._store.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER claim_is_proposed"))
        row = dict(connection.execute(CLAIM.select()).mappings().one())
        row |= {"claim": 3, "seq": 3, "party": "乙", "lien_party": "乙"}
    with pytest.raises(IntegrityError), small._store.engine.begin() as connection:
        connection.execute(insert(CLAIM), row)


def test_sqlite_has_one_writer_at_a_time(tmp_path):
    with (
        made(str(tmp_path / "ledger.db")) as ledger,
        contextlib.closing(ledger._store.engine.raw_connection()) as one,
        contextlib.closing(ledger._store.engine.raw_connection()) as other,
    ):
        other.cursor().execute("PRAGMA busy_timeout = 0")
        one.cursor().execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.cursor().execute("BEGIN IMMEDIATE")


def test_postgresql_holds_the_cap_without_our_lock(cluster, tmp_path):
    """Two transactions put in claims by hand, and neither sees the other's before it commits."""
    with made(cluster.database(), key=tmp_path / "key") as ledger:
        (model,) = proposed(ledger, claim(0, kg=1, use="sale"))
        engine = ledger._store.engine.execution_options(isolation_level="READ COMMITTED")
        with engine.begin() as connection:  # two events that claims can hang on
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(
                text("UPDATE event SET kind = 'propose', claim = seq, right_id = :r WHERE seq < 6"),
                {"r": right(0).id},
            )

        def put(connection, number):
            row = dict(connection.execute(CLAIM.select()).mappings().first())
            assert row["claim"] == model
            connection.execute(insert(CLAIM), row | {"claim": number, "seq": number, "kg": 600})

        def late():
            with pytest.raises(DBAPIError, match="E802"), engine.begin() as connection:
                put(connection, 5)
            told.append("E802")

        told = []
        waiting = threading.Thread(target=late)
        with engine.begin() as connection:
            put(connection, 4)
            waiting.start()
            waiting.join(timeout=1)
            assert waiting.is_alive()  # for the row of the yield
        waiting.join(timeout=30)
        assert told == ["E802"]


def test_one_person_cannot_approve_alone_even_by_hand(kept):
    (number,) = proposed(kept, claim(0))
    event = kept.step("D", {}, **WHY)
    with kept._store.engine.begin() as connection, contextlib.suppress(DBAPIError):
        connection.execute(text(f"UPDATE event SET claim = {number} WHERE seq = {event.seq}"))
    with pytest.raises(DBAPIError):
        run(kept, f"UPDATE claim SET state = 'approved', seq = {event.seq}")
    assert kept.claims()["state"].tolist() == ["proposed"]


def test_a_rule_of_the_database_is_told_as_ours(small):
    """A writer that skips the checks meets the trigger, and is told in our words."""

    def work(connection):
        connection.execute(text("UPDATE claim SET kg = 1"))

    proposed(small, claim())
    with pytest.raises(StageRefusedError, match="E809"):
        small._store.write(work)


def test_both_databases_have_rules_for_the_same_tables():
    tables = {}
    for dialect in ("sqlite", "postgresql"):
        statements = [entry for entry in rules(dialect).values() if "TRIGGER" in entry[:20]]
        tables[dialect] = {entry.split(" ON ")[1].split()[0] for entry in statements}
    assert tables["sqlite"] == tables["postgresql"]
    assert tables["sqlite"] == {"event", "place", "rights", "yields", "claim", "member"}


def test_a_shape_is_kept_once(kept):
    kept.survey([surveyed(7, square(0)), surveyed(8, square(0))], **WHY)
    with kept._store.engine.connect() as connection:
        assert connection.scalar(text("SELECT COUNT(*) FROM place")) == 3
        assert connection.scalar(text("SELECT COUNT(*) FROM rights")) == 5


def test_another_person_writes_through_another_connection(place):
    url, key = place
    with made(url, key=key) as one, Ledger.open(url, "B", key=key, clock=clock) as other:
        numbers = proposed(one, claim())
        other.approve(numbers, **WHY)
        assert one.claims()["approved_by"].tolist() == ["B"]
        assert as_person(one, "B").history()[-1] == other.history()[-1]
        assert one.alerts(DAY).count() == 0
