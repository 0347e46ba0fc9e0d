"""Each way to tamper with a ledger, and what finds it; reliability needs every one of them."""

import contextlib
import json

import pytest
from ledgers import DAY, WHY, as_person, claim, clock, made, proposed, registered, right
from sqlalchemy import text

from ecogis.core.errors import InputError
from ecogis.registry.chain import START, chained
from ecogis.registry.exporting import verify_export
from ecogis.registry.ledger import Ledger
from ecogis.registry.schema import rules
from ecogis.registry.signing import SignedHead, new_key, read_key


@pytest.fixture
def told(kept):
    """A ledger with a life in it, and the head that was printed then."""
    registered(kept, claim(0, dossier="D1"))
    proposed(kept, claim(1, kg=100))
    return kept, kept.head()


def tamper(ledger, *statements, **values):
    """Change rows as somebody would who owns the database: without its rules."""
    triggers = [entry for entry in rules(ledger._store.dialect).values() if "TRIGGER" in entry[:20]]
    names = [entry.split()[2] for entry in triggers]
    sqlite = ledger._store.dialect == "sqlite"
    with ledger._store.engine.connect() as connection:
        if sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            if sqlite:
                for name in names:
                    connection.execute(text(f"DROP TRIGGER {name}"))
            else:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in statements:
                connection.execute(text(statement), values)
            if sqlite:
                for statement in triggers:
                    connection.exec_driver_sql(statement)
        if sqlite:
            connection.connection.cursor().execute("PRAGMA foreign_keys=ON")


def found(ledger, *heads):
    return set(ledger.verify(heads).table()["code"])


def test_a_sound_ledger_has_no_findings(told):
    ledger, head = told
    assert ledger.verify([head]).count() == 0
    ledger.step("D", {}, **WHY)
    assert ledger.verify([head, ledger.head()]).count() == 0


@pytest.mark.parametrize("old_new", [("600", "6"), ("甲", "乙"), ("2027", "2028")])
def test_a_body_is_edited(told, old_new):
    ledger, _ = told
    old, new = old_new
    tamper(
        ledger,
        "UPDATE event SET body = replace(body, :old, :new) WHERE kind = 'propose'",
        old=old,
        new=new,
    )
    assert "E823" in found(ledger)


def test_a_body_is_edited_and_its_hash_made_anew(told):
    ledger, _ = told
    event = next(event for event in ledger.history() if event.kind == "propose")
    with ledger._store.engine.connect() as connection:
        body = connection.scalar(text("SELECT body FROM event WHERE seq = :n"), {"n": event.seq})
    body = body.replace("600", "500")
    tamper(
        ledger,
        "UPDATE event SET body = :body, hash = :hash WHERE seq = :seq",
        body=body,
        hash=chained(event.previous, body),
        seq=event.seq,
    )
    assert {"E824", "E825"} <= found(ledger)


def test_a_row_in_the_middle_is_deleted(told):
    ledger, _ = told
    tamper(ledger, "DELETE FROM event WHERE seq = 4")
    assert "E824" in found(ledger)


def test_the_first_row_is_deleted(told):
    ledger, _ = told
    tamper(ledger, "DELETE FROM event WHERE seq = 1")
    assert "E824" in found(ledger)


def test_two_bodies_are_swapped(told):
    ledger, _ = told
    tamper(
        ledger,
        "CREATE TEMPORARY TABLE kept AS SELECT seq, body FROM event WHERE seq IN (4, 5)",
        "UPDATE event SET body = (SELECT body FROM kept WHERE kept.seq = 9 - event.seq)"
        " WHERE seq IN (4, 5)",
    )
    assert "E823" in found(ledger)


def test_a_row_is_added(told):
    ledger, _ = told
    last = ledger.history()[-1]
    body = last.text.replace(f'"seq":{last.seq}', f'"seq":{last.seq + 1}')
    tamper(
        ledger,
        "INSERT INTO event SELECT :seq, kind, claim, right_id, dossier, actor, key, :body, :before,"
        " :hash, signature FROM event WHERE seq = :last",
        seq=last.seq + 1, last=last.seq, body=body, before=last.hash, hash=chained(last.hash, body),
    )  # fmt: skip
    assert {"E825", "E827"} <= found(ledger)


def test_the_end_is_cut_off(told):
    """Every derived table is cut back with it: only the head kept elsewhere tells."""
    ledger, head = told
    last = ledger.history()[-1]
    assert last.kind == "propose"
    tamper(
        ledger,
        f"DELETE FROM claim WHERE claim = {last.seq}",
        f"DELETE FROM lien WHERE right_id = '{last.right}'",
        f"DELETE FROM event WHERE seq = {last.seq}",
    )
    assert found(ledger) == set()
    assert found(ledger, head) == {"E826"}


def rewritten(ledger, signer):
    """The whole chain made anew with a smaller pledge, and every table to match."""
    before, statements = START, []
    values = {}
    for event in ledger.history():
        body = event.text.replace('"kg":600', '"kg":60')
        digest = chained(before, body)
        head = signer.signed(ledger.id, event.seq, digest, event.time)
        n = event.seq
        values |= {f"b{n}": body, f"p{n}": before, f"h{n}": digest, f"s{n}": head.signature}
        statements.append(
            f"UPDATE event SET body = :b{n}, previous = '-{n}' , hash = :h{n}, signature = :s{n}"
            f" WHERE seq = {n}"
        )
        statements.append(f"UPDATE event SET previous = :p{n} WHERE seq = {n}")
        before = digest
    tamper(ledger, *statements, "UPDATE claim SET kg = 60 WHERE kg = 600", **values)


def test_the_whole_chain_is_rewritten_without_the_key(told):
    ledger, _ = told
    rewritten(ledger, new_key(None))
    assert found(ledger) == {"E825"}


def test_the_whole_chain_is_rewritten_with_the_stolen_key(told):
    """The ledger is sound in itself; heads printed earlier are what tells."""
    ledger, head = told
    rewritten(ledger, ledger._signer)
    assert found(ledger) == set()
    assert found(ledger, head) == {"E826"}


def test_the_ledger_is_made_anew_with_another_key(told, tmp_path):
    _, head = told
    with made(str(tmp_path / "other.db")) as other:
        assert found(other, head) == {"E826"}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM claim WHERE state = 'registered'",
        "UPDATE claim SET kg = 1 WHERE state = 'registered'",
        "UPDATE claim SET state = 'released', lien_party = NULL WHERE state = 'registered'",
        "UPDATE claim SET expires_on = '2099-01-01' WHERE state = 'registered'",
        "DELETE FROM lien",
        "UPDATE lien SET party = '乙'",
        "UPDATE yields SET kg = kg * 2",
        "DELETE FROM yields WHERE vintage = 2029",
        "INSERT INTO yields (right_id, vintage, kg, seq) SELECT right_id, 2050, 9, seq FROM rights",
        "UPDATE rights SET place = (SELECT MIN(sha256) FROM place)",
        "UPDATE rights SET registration_no = 'x'",
        "UPDATE place SET wkb = (SELECT wkb FROM place AS p ORDER BY sha256 LIMIT 1)",
        "UPDATE place SET west = 0, east = 0",
        "UPDATE place SET area_m2 = area_m2 * 2",
        "UPDATE place SET row_no = row_no + 50",
        "DELETE FROM place",
        "UPDATE member SET roles = 'propose,approve,administer'",
        "DELETE FROM member WHERE person = 'B'",
        "UPDATE event SET actor = 'B' WHERE kind = 'propose'",
        "UPDATE event SET kind = 'step' WHERE kind = 'confirm'",
        "UPDATE event SET claim = NULL WHERE kind = 'approve'",
        "UPDATE event SET key = 'k' WHERE seq = 4",
    ],
)
def test_only_a_derived_table_or_column_is_changed(told, statement):
    ledger, _ = told
    tamper(ledger, statement)
    assert found(ledger) == {"E827"}


def test_a_rule_is_dropped(told):
    ledger, _ = told
    sqlite = ledger._store.dialect == "sqlite"
    drop = "DROP TRIGGER claim_not_deleted" + ("" if sqlite else " ON claim")
    with ledger._store.engine.begin() as connection:
        connection.execute(text(drop))
        connection.execute(text("DROP INDEX claim_on_right"))
    names = ledger.verify().table()["feature"].tolist()
    assert sorted(names) == ["claim_not_deleted", "claim_on_right"]
    assert found(ledger) == {"E828"}


def test_a_rule_is_weakened(told):
    ledger, _ = told
    if ledger._store.dialect == "sqlite":
        weak = [
            "DROP TRIGGER claim_not_deleted",
            "CREATE TRIGGER claim_not_deleted BEFORE DELETE ON claim BEGIN SELECT 1; END",
        ]
    else:
        weak = [
            "ALTER TABLE claim DISABLE TRIGGER claim_not_deleted",
            """CREATE OR REPLACE FUNCTION ecogis_never() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN RETURN OLD; END'""",
        ]
    with ledger._store.engine.begin() as connection:
        for statement in weak:
            connection.exec_driver_sql(statement)
    assert found(ledger) == {"E828"}


@pytest.mark.parametrize(
    ("statements", "names"),
    [
        (["DROP INDEX claim_on_right", "CREATE INDEX claim_on_right ON claim (state)"],
         {"claim_on_right"}),
        (["CREATE INDEX more ON claim (day)"], {"more"}),
        (["CREATE TABLE claim_notes (a TEXT)"], {"claim_notes"}),
    ],
    ids=["index", "more", "table"],
)  # fmt: skip
def test_a_definition_is_replaced_or_added(told, statements, names):
    ledger, _ = told
    with ledger._store.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    if "claim_notes" in names and ledger._store.dialect == "postgresql":
        names = set()  # another table in a database that is not the ledger's alone
    assert set(ledger.verify().table()["feature"]) == names


@pytest.mark.parametrize("kind", ["CHECK", "FOREIGN KEY", "NOT NULL", "UNIQUE"])
def test_a_constraint_is_taken_out(told, kind):
    ledger, _ = told
    with ledger._store.engine.begin() as connection:
        if ledger._store.dialect == "sqlite":
            _written_anew(connection, kind)
        else:
            connection.exec_driver_sql(_ALTERED[kind])
    assert found(ledger) == {"E828"}
    assert ledger.verify().count() >= 1


_ALTERED = {
    "CHECK": "ALTER TABLE claim DROP CONSTRAINT live_pledge_has_lien",
    "FOREIGN KEY": "ALTER TABLE claim DROP CONSTRAINT one_lender",
    "NOT NULL": "ALTER TABLE claim ALTER COLUMN party DROP NOT NULL",
    "UNIQUE": "ALTER TABLE event DROP CONSTRAINT event_key_once",
}
_TAKEN_OUT = {
    "CHECK": ("claim", "CONSTRAINT claim_above_nothing CHECK (kg > 0)"),
    "FOREIGN KEY": ("claim", "REFERENCES event (seq)"),
    "NOT NULL": ("claim", "party TEXT NOT NULL"),
    "UNIQUE": ("event", "event_key_once UNIQUE ("),
}
_LEFT = {"CHECK": "CHECK (1)", "NOT NULL": "party TEXT", "UNIQUE": "event_key_once UNIQUE (seq, "}


def _written_anew(connection, kind):
    """The text of a table changed in the file's own catalogue."""
    table, words = _TAKEN_OUT[kind]
    kept = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = :n"), {"n": table})
    statement = kept.replace(words, _LEFT.get(kind, ""))
    assert statement != kept
    if kind == "FOREIGN KEY":
        statement = ",".join(
            part for part in statement.split(",") if "FOREIGN KEY(claim)" not in part
        ).replace("FOREIGN KEY(seq) ", "CHECK (1)")
    connection.exec_driver_sql("PRAGMA writable_schema=ON")
    query = text("UPDATE sqlite_master SET sql = :sql WHERE name = :n")
    connection.execute(query, {"sql": statement, "n": table})
    connection.exec_driver_sql("PRAGMA writable_schema=OFF")


def test_a_trigger_is_added(told):
    ledger, _ = told
    if ledger._store.dialect == "sqlite":
        more = "CREATE TRIGGER more AFTER INSERT ON claim BEGIN DELETE FROM lien WHERE 0; END"
    else:
        more = (
            "CREATE TRIGGER more AFTER INSERT ON claim FOR EACH STATEMENT"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()"
        )
    with ledger._store.engine.begin() as connection:
        connection.exec_driver_sql(more)
    told_ = ledger.verify().table()
    assert told_[["code", "feature"]].to_numpy().tolist() == [["E828", "more"]]


def test_a_head_is_forged_or_of_another_ledger(told):
    ledger, head = told
    fields = {name: getattr(head, name) for name in head.__slots__}
    for changed in ({"hash": "0" * 64}, {"ledger": "x"}, {"public_key": "0" * 64}, {"seq": 99}):
        assert found(ledger, SignedHead(**fields | changed)) == {"E826"}


def test_no_text_of_an_event_brings_the_check_down(told):
    ledger, _ = told
    for body in ("", "[]", "{", '{"day": 3}', "null", '{"seq": 4}'):
        tamper(ledger, "UPDATE event SET body = :body WHERE seq = 4", body=body)
        assert {"E823", "E827"} <= found(ledger)
        with pytest.raises(InputError, match="E814"):
            ledger.history()


@pytest.mark.parametrize(
    "change",
    [
        {"yields": [3]},
        {"yields": {"x": 1}},
        {"place": ["x"]},
        {"place": 3},
        {"yields": None, "unit_code": 3},
    ],
    ids=str,
)
def test_no_body_of_a_survey_brings_the_check_down(small, change):
    event = small.history(kind="survey")[-1]
    record = json.loads(event.text)
    record["body"] |= change
    body = json.dumps(record)
    tamper(small, "UPDATE event SET body = :body WHERE seq = :seq", body=body, seq=event.seq)
    assert {"E823", "E827"} <= found(small)


@pytest.mark.parametrize("value", [[1], {"a": 1}, "x", None])
def test_no_body_of_a_claim_brings_the_check_down(small, value):
    (number,) = proposed(small, claim())
    record = json.loads(small.history(claim=number)[0].text)
    record["body"]["vintage"] = value
    body = json.dumps(record)
    tamper(small, "UPDATE event SET body = :body WHERE seq = :seq", body=body, seq=number)
    assert {"E823", "E827"} <= found(small)


@pytest.mark.parametrize(
    "change",
    [("copy_size", "copy_sise"), ('"version":1', '"version":2'), ('share":0.05', 'share":5')],
)
def test_a_ledger_with_a_policy_we_do_not_know_is_not_opened(tmp_path, change):
    path = tmp_path / "ledger.db"
    with made(str(path)) as ledger:
        query = "UPDATE event SET body = replace(body, :old, :new) WHERE seq = 1"
        tamper(ledger, query, old=change[0], new=change[1])
    with pytest.raises(InputError, match="E814"):
        Ledger.open(path, "A", clock=clock)


def test_a_damaged_file_is_told(tmp_path):
    path = tmp_path / "ledger.db"
    with made(str(path)) as ledger:
        registered(ledger, claim())
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 3 + 300] = bytes(300)
    path.write_bytes(content)
    with contextlib.suppress(InputError), Ledger.open(path, "A", clock=clock) as ledger:
        assert "E829" in found(ledger)
        return
    pytest.fail("the damaged ledger could not even be opened")


def test_an_export_is_verified_without_the_database(told, tmp_path):
    ledger, head = told
    path = tmp_path / "ledger.jsonl"
    assert ledger.export(path) == head
    assert SignedHead.read(path) == head
    assert verify_export(path, ledger.public_key, [head]).count() == 0
    assert right(0).id in path.read_text(encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0]).keys() == {"place"}


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        (lambda lines: [line.replace(":600", ":601") for line in lines], {"E823"}),
        (lambda lines: [lines[0].replace('"wkb":"01', '"wkb":"00'), *lines[1:]], {"E827"}),
        (lambda lines: lines[1:], {"E827"}),
        (lambda lines: [*lines[:5], *lines[6:]], {"E824"}),
        (lambda lines: [*lines[:-2], lines[-1]], {"E826"}),
        (lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]], {"E824"}),
    ],
    ids=["edited", "shape edited", "shape removed", "removed", "cut off", "swapped"],
)
def test_an_export_is_tampered_with(small, tmp_path, change, codes):
    registered(small, claim(0))
    path = tmp_path / "ledger.jsonl"
    small.export(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(change(lines)) + "\n", encoding="utf-8")
    assert set(verify_export(path).table()["code"]) == codes


def test_an_export_signed_by_somebody_else(small, tmp_path):
    path = tmp_path / "ledger.jsonl"
    small.export(path)
    told = verify_export(path, "ab" * 32).table()
    assert set(told["code"]) == {"E825", "E826"}


@pytest.mark.parametrize("content", ["", "x\n", "{}\n", '{"head": {}}\n', '{"head": [1]}\n'])
def test_files_that_are_no_export(tmp_path, content):
    path = tmp_path / "x.jsonl"
    path.write_text(content, encoding="utf-8")
    for read in (verify_export, SignedHead.read):
        with pytest.raises(InputError, match="E814"):
            read(path)


def test_the_key_is_its_owners_alone(tmp_path):
    path = tmp_path / "ledger.db"
    with made(str(path)) as ledger:
        key = tmp_path / "ledger.db.key"
        assert key.stat().st_mode & 0o777 == 0o600
        assert ledger.head().genuine(ledger.public_key)
        assert not ledger.head().genuine("00" * 32)
    key.chmod(0o644)
    with pytest.raises(InputError, match="E815"):
        read_key(key)
    key.chmod(0o600)
    other = tmp_path / "other.key"
    new_key(other)
    with pytest.raises(InputError, match="E815"):
        Ledger.open(path, "A", key=other, clock=clock)
    key.unlink()
    with Ledger.open(path, "A", clock=clock) as reader:
        assert reader.alerts(DAY).count() == 0
        with pytest.raises(InputError, match="E815"):
            reader.step("D", {}, **WHY)


@pytest.mark.parametrize("content", [b"", b"no key", b"\xff\xfe"])
def test_files_that_are_no_key(tmp_path, content):
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(InputError, match="E815"):
        read_key(path)
    with pytest.raises(InputError, match="E815"):
        read_key(tmp_path / "none")


def test_what_is_signed_names_the_ledger_the_place_and_the_time(small):
    head = small.head()
    assert as_person(small, "B").head() == head
    for name in ("ledger", "seq", "hash", "time"):
        fields = {entry: getattr(head, entry) for entry in head.__slots__}
        fields[name] = 1 if name == "seq" else "0" * 64
        assert not SignedHead(**fields).genuine()
