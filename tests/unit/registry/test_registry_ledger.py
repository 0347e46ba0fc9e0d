"""The ledger on both databases: one lender, no more than yielded, one claim on one land."""

from datetime import date

import numpy as np
import pytest
import shapely
from ledgers import (
    DAY,
    NOW,
    SIDE,
    VINTAGES,
    WHY,
    YIELD,
    as_person,
    claim,
    clock,
    proposed,
    registered,
    registration,
    right,
    square,
    surveyed,
)

from ecogis.core.errors import ConfigError, InputError, StageRefusedError
from ecogis.registry.claims import Claim, Right, Survey
from ecogis.registry.ledger import Ledger
from ecogis.registry.places import place_of


def refused(code, function, *words, **named):
    with pytest.raises(StageRefusedError) as told:
        function(*words, **(WHY | named))
    assert told.value.code == code
    return told.value


def wrong(code, function, *words, **named):
    with pytest.raises(ConfigError) as told:
        function(*words, **(WHY | named))
    assert told.value.code == code


def balance(ledger, number=0, vintage=2027, day=None):
    table = ledger.balances(day)
    row = table[(table["right"] == right(number).id) & (table["vintage"] == vintage)]
    return row.iloc[0]


def standing(ledger, number):
    table = ledger.claims(live=False).set_index("claim")
    return table.loc[number]


def test_a_right_and_vintage_has_one_lender(kept):
    proposed(kept, claim(kg=600, party="甲"))
    fault = refused("E801", kept.propose, [claim(kg=100, party="乙")])
    assert fault.where["party"] == "甲"
    proposed(kept, claim(kg=100, party="甲"), claim(vintage=2028, party="乙"))
    assert balance(kept)[["pledged_kg", "free_kg", "lender"]].tolist() == [700, 300, "甲"]


@pytest.mark.parametrize("use", ["sale", "forest_ticket", "eco_product", "other_methodology"])
def test_the_quantity_is_capped_across_uses(kept, use):
    proposed(kept, claim(kg=600), claim(kg=300, use=use, party="乙"))
    fault = refused("E802", kept.propose, [claim(kg=101, use="sale", party="丙")])
    assert (fault.where["limit"], fault.where["taken"], fault.where["kg"]) == (YIELD, 900, 101)
    refused("E802", kept.propose, [claim(kg=101)])
    proposed(kept, claim(kg=100))
    assert balance(kept)["free_kg"] == 0


def test_a_batch_is_all_or_nothing(kept):
    before = kept.head().seq
    refused("E802", kept.propose, [claim(1), claim(0, kg=YIELD + 1)])
    assert kept.head().seq == before
    assert len(kept.claims()) == 0


@pytest.mark.parametrize(("number", "vintage"), [(0, 2050), (77, 2027)], ids=["vintage", "right"])
def test_what_is_not_known_cannot_be_claimed(kept, number, vintage):
    refused("E804", kept.propose, [claim(number, vintage, kg=1)])


def test_land_under_a_live_claim_cannot_be_claimed_through_another_right(kept):
    kept.survey(
        [surveyed(50, square(0)), surveyed(51, shapely.box(112.9, 23.9, 113.2, 24.2))], **WHY
    )
    held = proposed(kept, claim(0, 2027))
    for number in (50, 51):
        fault = refused("E803", kept.propose, [claim(number, 2027)])
        assert (fault.where["other"], fault.where["claim"]) == (right(0).id, held[0])
        proposed(kept, claim(number, 2028 if number == 50 else 2029))
    kept.refuse(held, **WHY)
    proposed(kept, claim(50, 2027))


def test_rights_of_one_batch_are_compared_with_one_another(kept):
    kept.survey([surveyed(50, square(0))], **WHY)
    batch = [claim(0, 2027), claim(50, 2028), claim(0, 2028)]
    refused("E803", kept.propose, batch)
    assert [event.claim for event in kept.propose(batch[:2], **WHY)] == proposed_numbers(kept)


def proposed_numbers(ledger):
    return ledger.claims()["claim"].tolist()


def test_a_batch_is_told_in_the_order_asked(kept):
    claims = [claim(0, 2027), claim(1, 2027), claim(0, 2028), claim(1, 2028)]
    events = kept.propose(claims, **WHY)
    assert [(event.right, event.body["vintage"]) for event in events] == [
        (entry.right.id, entry.vintage) for entry in claims
    ]


def test_the_life_of_a_claim(kept):
    """Each step by hand: what it holds, who has to act."""
    (number,) = proposed(kept, claim(kg=600, dossier="D1"))
    assert standing(kept, number)["state"] == "proposed"
    refused("E806", kept.confirm, [number], registration())
    refused("E807", kept.approve, [number])
    other = as_person(kept, "B")
    other.approve([number], **WHY)
    assert standing(kept, number)[["state", "approved_by"]].tolist() == ["approved", "B"]
    wrong("E811", kept.confirm, [number], registration(ends=None))
    kept.confirm([number], registration(project_no="P1"), **WHY)
    entered = standing(kept, number)[["state", "external_no", "expires_on", "project_no"]]
    assert entered.tolist() == ["registered", "中登1", "2031-06-30", "P1"]

    wrong("E811", kept.part_release, {number: 600})
    kept.part_release({number: 250}, **WHY)
    assert balance(kept)["pledged_kg"] == 600  # asked for, not granted
    refused("E806", kept.release, [number])
    refused("E807", kept.approve, [number])
    other.approve([number], **WHY)
    assert balance(kept)["pledged_kg"] == 350

    kept.release([number], **WHY)
    other.refuse([number], **WHY)
    assert standing(kept, number)["state"] == "registered"
    kept.release([number], **WHY)
    other.approve([number], **WHY)
    assert standing(kept, number)["state"] == "released"
    assert balance(kept)["free_kg"] == YIELD
    refused("E806", kept.release, [number])
    proposed(kept, claim(kg=YIELD, party="乙"))
    assert [event.kind for event in kept.history(claim=number)] == [
        "propose", "approve", "confirm", "part_release", "approve", "release", "refuse",
        "release", "approve",
    ]  # fmt: skip
    assert kept.verify().count() == 0


def test_a_transfer_moves_all_pledges_of_a_right_and_vintage(kept):
    first, second = registered(kept, claim(kg=300), claim(kg=200))
    other = as_person(kept, "B")
    kept.transfer([first], "乙", **WHY)
    refused("E809", other.approve, [first])
    kept.transfer([second], "乙", **WHY)
    other.approve([first, second], **WHY)
    assert balance(kept)[["lender", "pledged_kg"]].tolist() == ["乙", 500]
    refused("E801", kept.propose, [claim(kg=1, party="甲")])
    assert kept.verify().count() == 0


def test_a_correction_is_a_new_event_that_another_person_approves(kept):
    (number,) = registered(kept, claim(kg=600))
    other = as_person(kept, "B")
    kept.correct({number: {"kg": 700, "expires_on": date(2030, 1, 1)}}, **WHY)
    other.approve([number], **WHY)
    assert standing(kept, number)[["kg", "expires_on"]].tolist() == [700, "2030-01-01"]
    kept.correct({number: {"kg": YIELD + 1}}, **WHY)
    refused("E802", other.approve, [number])
    other.refuse([number], **WHY)
    assert balance(kept)["pledged_kg"] == 700


@pytest.mark.parametrize(
    "fields",
    [{}, {"vintage": 2028}, {"kg": 0}, {"kg": 1.5}, {"party": " "}, {"expires_on": None},
     {"expires_on": "bald"}, {"expires_on": "20310630"}, {"expires_on": "2031-W26-1"},
     {"party": "甲\n乙"}, {"system": ""}, {"manifest": "x"}, {"dossier": "\x1b[2J"},
     {"registered_on": NOW}, {"external_no": ""}, {"dossier": 3}],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_corrected(small, fields):
    (number,) = registered(small, claim())
    wrong("E811", small.correct, {number: fields})


def test_a_registration_ends_and_is_extended(kept):
    (number,) = registered(kept, claim())
    other = as_person(kept, "B")
    wrong("E811", kept.expire, [number])
    kept.correct({number: {"expires_on": date(2026, 8, 30)}}, **WHY)
    other.approve([number], **WHY)
    kept.expire([number], **WHY)
    assert standing(kept, number)["state"] == "expired"
    refused("E801", kept.propose, [claim(kg=1, party="乙")])
    wrong("E811", kept.extend, [number], registration(ends=date(2026, 8, 30)))
    kept.extend([number], registration("中登2", date(2032, 1, 1)), **WHY)
    assert standing(kept, number)[["state", "external_no"]].tolist() == ["registered", "中登2"]


def test_a_new_survey_counts_from_now_on(kept):
    proposed(kept, claim(kg=600))
    kept.survey([surveyed(0, yields={2027: 500, 2030: 50})], **WHY)
    assert balance(kept)[["yield_kg", "free_kg"]].tolist() == [500, -100]
    assert balance(kept, vintage=2028)["yield_kg"] == YIELD
    assert balance(kept, vintage=2030)["yield_kg"] == 50
    refused("E802", kept.propose, [claim(kg=1)])
    told = kept.alerts(DAY).table()
    assert told.loc[told["code"] == "E819", "observed"].tolist() == ["600"]
    assert kept.verify().count() == 0


def test_a_claimed_right_cannot_be_moved_over_another(kept):
    proposed(kept, claim(0), claim(1))
    refused("E803", kept.survey, [surveyed(1, square(0))])
    kept.survey([surveyed(1, square(7))], **WHY)
    kept.survey([surveyed(2, square(1))], **WHY)
    refused("E803", kept.propose, [claim(2)])


@pytest.mark.parametrize("moved", [square(7), square(1, SIDE / 10)], ids=["away", "smaller"])
def test_land_a_survey_takes_off_a_claimed_right_stays_held(kept, moved):
    """One tonne is not pledged twice by measuring the first right anew."""
    (held,) = registered(kept, claim(1))
    kept.survey([surveyed(50, square(1))], **WHY)
    (event,) = kept.survey([surveyed(1, moved)], **WHY)
    lost = place_of(square(1), "R").area_m2 * (1.0 if moved.bounds[0] > 113.01 else 0.99)
    told = {alert["vintage"]: alert for alert in event.body["found"]["alerts"]}
    assert told.keys() == {2027}
    assert (told[2027]["code"], told[2027]["area_m2"]) == ("E845", pytest.approx(lost, rel=1e-3))
    fault = refused("E803", kept.propose, [claim(50, 2027)])
    assert (fault.where["other"], fault.where["claim"]) == (right(1).id, held)
    assert kept.alerts(DAY).table()["code"].tolist() == ["E845"]
    proposed(kept, claim(50, 2028))  # nothing was claimed in 2028
    kept.release([held], **WHY)
    as_person(kept, "B").approve([held], **WHY)
    proposed(kept, claim(50, 2027))
    assert "E845" not in set(kept.alerts(DAY).table()["code"])


def test_land_given_back_to_a_claimed_right_is_told_no_more(small):
    proposed(small, claim(1))
    small.survey([surveyed(1, square(7))], **WHY)
    assert "E845" in set(small.alerts(DAY).table()["code"])
    small.survey([surveyed(1, square(1))], **WHY)
    assert "E845" not in set(small.alerts(DAY).table()["code"])


def test_slight_overlaps_are_told_together(small):
    """Four strips of some 200 m2 each lie in one forest: 800 m2, more than one mu."""
    step = SIDE / 4
    forest = shapely.box(113.5, 24, 113.52, 24.02)
    strips = [
        shapely.box(113.495, 24 + n * step, 113.5 + 7.1e-5, 24 + (n + 1) * step) for n in range(4)
    ]
    small.survey([surveyed(60 + n, at) for n, at in enumerate((forest, *strips))], **WHY)
    proposed(small, *(claim(60 + n) for n in range(4)))
    assert "E889" not in set(small.alerts(DAY).table()["code"])
    proposed(small, claim(64))
    told = small.alerts(DAY).table().set_index("code").loc["E889"]
    assert told["feature"] == right(60).id
    assert float(told["observed"]) == pytest.approx(4 * 7.22 * 27.7, rel=0.02)


def test_no_day_before_what_happened_to_the_right_and_vintage(kept):
    """What another day showed as free or held is not changed afterwards."""
    early, late = date(2026, 3, 1), date(2026, 5, 1)
    kept.survey([surveyed(9)], day=early, reason="早")
    wrong("E812", kept.propose, [claim(9)], day=date(2026, 2, 28))
    first = kept.propose([claim(9, kg=100)], day=early, reason="早")[0].claim
    as_person(kept, "B").refuse([first], day=late, reason="晚")
    wrong("E812", kept.propose, [claim(9, party="乙")], day=date(2026, 4, 1))
    wrong("E812", kept.survey, [surveyed(9)], day=date(2026, 4, 1))
    sale = kept.propose([claim(9, 2028, kg=100)], day=early, reason="早")[0].claim
    kept.propose([claim(9, 2028, kg=100, use="sale")], day=late, reason="晚")
    wrong("E812", as_person(kept, "B").approve, [sale], day=date(2026, 4, 1))


def test_a_registration_that_has_ended_confirms_nothing(kept):
    (number,) = proposed(kept, claim())
    as_person(kept, "B").approve([number], **WHY)
    wrong("E811", kept.confirm, [number], registration(ends=date(2026, 8, 30)))
    kept.confirm([number], registration(ends=DAY), **WHY)
    wrong("E811", kept.extend, [number], registration(ends=date(2026, 8, 31)))
    today = NOW.date()
    wrong("E811", kept.extend, [number], registration(ends=DAY), day=today)


def test_the_same_key_is_entered_once(kept):
    first = kept.propose([claim(key="行1", kg=600)], **WHY)[0]
    again = kept.propose([claim(key="行1", kg=600)], day=DAY, reason="再次导入")[0]
    assert again == first
    refused("E805", kept.propose, [claim(key="行1", kg=601)])
    refused("E805", kept.step, "D", {"a": 1}, key="行1")
    survey = kept.survey([surveyed(9, key="s")], **WHY)
    assert kept.survey([surveyed(9, key="s")], **WHY) == survey
    refused("E805", kept.survey, [surveyed(9, key="s", yields={2027: 1})])
    step = kept.step("D", {"名": "申请", "天": 3}, key="t", **WHY)
    assert kept.step("D", {"名": "申请", "天": 3}, key="t", **WHY) == step
    assert kept.steps("D") == [step]
    assert kept.steps("E") == []


def test_what_was_returned_is_what_is_read(kept):
    events = kept.propose([claim(dossier="D"), claim(1, key="k")], **WHY)
    assert kept.history(kind="propose") == events
    assert kept.history(right=right(1).id, kind="propose") == events[1:]
    assert kept.history(dossier="D") == events[:1]


def test_a_day_back_the_ledger_says_what_it_said_then(kept):
    early = {"day": date(2026, 3, 1), "reason": "早"}
    kept.survey([surveyed(9)], **early)
    (event,) = kept.propose([claim(9, kg=400)], **early)
    as_person(kept, "B").approve([event.claim], **WHY)
    assert balance(kept, 9, day=date(2026, 3, 1))["pledged_kg"] == 400
    assert kept.claims(date(2026, 3, 1))["state"].tolist() == ["proposed"]
    assert kept.claims(DAY)["state"].tolist() == ["approved"]
    assert len(kept.balances(date(2026, 2, 28))) == 0
    wrong("E812", kept.confirm, [event.claim], registration(), day=date(2026, 3, 1))
    wrong("E812", kept.survey, [surveyed(0)], day=date(2026, 3, 1))


def test_a_day_to_come_is_no_day(small):
    wrong("E812", small.propose, [claim()], day=date(2026, 9, 2))
    wrong("E812", small.propose, [claim()], day="2026-08-31")
    small.propose([claim()], day=NOW.date(), reason="今天")


@pytest.mark.parametrize("reason", ["", "  ", None, "a\x00b"])
def test_a_reason_is_needed(small, reason):
    wrong("E811", small.propose, [claim()], reason=reason)


def test_persons_and_roles(kept):
    for person, roles in {"C": ["read"], "D": []}.items():
        kept.appoint(person, roles, **WHY)
    reader = as_person(kept, "C")
    assert len(reader.claims()) == 0
    refused("E808", reader.propose, [claim()])
    refused("E808", as_person(kept, "B").appoint, "B", ["administer"])
    for person in ("D", "nobody"):
        with pytest.raises(StageRefusedError, match="E808"):
            as_person(kept, person)
    assert kept.members()["C"] == ("read",)
    wrong("E811", kept.appoint, "A", ["propose"])
    wrong("E811", kept.appoint, "C", ["rule"])
    kept.appoint("C", ["administer"], **WHY)
    kept.appoint("A", ["propose"], **WHY)
    refused("E808", kept.appoint, "A", ["administer"])
    assert kept.verify().count() == 0


@pytest.mark.parametrize("name", ["甲\u200b", "\u202e甲", "甲\n", " ", 3, None])
def test_names_that_no_eye_tells_apart_are_refused(small, name):
    wrong("E811", small.appoint, name, ["approve"])


def test_one_person_under_two_spellings_is_one(small):
    """Full-width letters and blanks make no second person who could approve."""
    small.appoint(" Ａ ", ["propose", "approve", "administer"], **WHY)
    assert sorted(small.members()) == ["A", "B"]
    (number,) = proposed(small, claim())
    refused("E807", as_person(small, "Ａ ").approve, [number])


@pytest.mark.parametrize("number", [10**30, 0, -1, "1"])
def test_numbers_no_claim_can_have(small, number):
    wrong("E811", small.correct, {number: {"kg": 1}})
    wrong("E811", small.release, [number])
    with pytest.raises(ConfigError, match="E811"):
        small.history(claim=number)


def test_a_ledger_that_cannot_be_written_is_read(tmp_path, monkeypatch):
    """As on a read-only medium: no log is made beside the file."""
    path = tmp_path / "ledger.db"
    with Ledger.create(str(path), "A", clock=clock) as ledger:
        ledger.survey([surveyed(0)], **WHY)
    monkeypatch.setattr("ecogis.registry.store._writable", lambda _file: False)
    with Ledger.open(path, "A", clock=clock) as reader:
        assert len(reader.balances()) == len(VINTAGES)
        assert reader.verify().count() == 0
        assert {entry.name for entry in tmp_path.iterdir()} == {"ledger.db", "ledger.db.key"}
        with pytest.raises(InputError, match="E814"):
            reader.propose([claim(0)], **WHY)


def test_alerts(kept):
    """A touching neighbour, a slight overlap, a shifted copy, an end, an open request."""
    land = shapely.Polygon([(113.5, 24), (113.504, 24.001), (113.502, 24.003)])
    moved = shapely.transform(land, lambda xy: xy + np.array([0.0045, 0.0]))
    touching = shapely.box(113 + SIDE - 1e-6, 24, 113 + 2 * SIDE - 1e-6, 24 + SIDE * 1.2)
    kept.survey([surveyed(60, land), surveyed(61, moved), surveyed(62, touching)], **WHY)
    registered(kept, claim(0), claim(60))
    copy, slight = kept.propose([claim(61), claim(62)], **WHY)
    assert [alert["code"] for alert in copy.body["found"]["alerts"]] == ["E821"]
    assert slight.body["found"]["alerts"][0]["area_m2"] == pytest.approx(11.3, abs=0.2)
    told = kept.alerts(date(2031, 5, 1)).table()
    assert told["code"].tolist() == ["E818", "E818", "E820", "E821", "E822", "E822"]
    assert told["observed"].tolist()[:2] == ["2031-06-30"] * 2
    later = kept.alerts(date(2031, 7, 1)).table()
    assert later["code"].tolist() == ["E817", "E817", "E820", "E821", "E822", "E822"]
    assert set(kept.alerts(DAY).table()["code"]) == {"E820", "E821", "E822"}


def test_a_survey_that_moves_a_claimed_right_tells_its_neighbours(small):
    proposed(small, claim(0), claim(1, 2027), claim(1, 2028))
    near = shapely.box(113 + SIDE - 1e-6, 24, 113 + 2 * SIDE - 1e-6, 24 + SIDE * 1.2)
    small.survey([surveyed(1, near)], **WHY)
    told = small.alerts(DAY).table()
    # both are claimed in 2027 alone; before, they were squares of one size; what was left is told
    assert told["code"].tolist() == ["E820", "E821", "E822", "E822", "E822", "E845", "E845"]


def test_the_tables_have_one_form(kept):
    empty = kept.claims()
    proposed(kept, claim())
    full = kept.claims()
    assert full.dtypes.equals(empty.dtypes)
    assert full["external_no"].tolist() == [""]
    assert full["expires_on"].isna().all()
    assert len(kept.balances()) == 3 * len(VINTAGES)


def test_a_claim_there_is_not(small):
    wrong("E816", small.approve, [999])


def test_the_largest_quantity(kept):
    kept.survey([surveyed(9, yields={2027: 10**15})], **WHY)
    proposed(kept, claim(9, kg=10**15 - 1), claim(9, kg=1, use="sale"))
    refused("E802", kept.propose, [claim(9, kg=1, use="sale")])
    assert balance(kept, 9)["pledged_kg"] == 10**15 - 1


def test_a_spelling_is_no_other_right(small):
    """Full-width letters, blanks and small letters name the same certificate."""
    proposed(small, claim(0))
    unit = right(0).unit_code
    again = Right(unit.lower(), "forest_ownership", " 证 ０ ")
    assert again.id == right(0).id
    small.survey([Survey(again, square(0), {2027: YIELD})], **WHY)
    refused("E801", small.propose, [Claim(again, 2027, 1, "乙")])


@pytest.mark.parametrize(
    "address", ["mysql://a/b", "nothing://", "postgresql+nosuch://x/y", "postgresql://x:y/z"]
)
def test_addresses_of_no_database_we_know(address):
    with pytest.raises((ConfigError, InputError)):
        Ledger.open(address, "A")


def test_files_that_are_no_ledger(tmp_path):
    text, empty = tmp_path / "text.db", tmp_path / "empty.db"
    text.write_text("not a database at all", encoding="utf-8")
    empty.touch()
    for path in (tmp_path / "none.db", text, empty, tmp_path):
        with pytest.raises(InputError, match="E814"):
            Ledger.open(path, "A")
    with pytest.raises(InputError, match="E814"):
        Ledger.create(text, "A")
    assert text.read_text(encoding="utf-8").startswith("not")
    assert not (tmp_path / "text.db.key").exists()


def test_a_ledger_is_made_once(place):
    url, key = place
    Ledger.create(url, "A", key=key, clock=clock).close()
    other = key.with_name("other.key")
    with pytest.raises(InputError, match="E814"):
        Ledger.create(url, "B", key=other, clock=clock)
    assert not other.exists()
    with Ledger.open(url, "A", key=key, clock=clock) as ledger:
        assert ledger.verify().count() == 0
        assert ledger.head().seq == 2


def test_a_database_that_does_not_answer(tmp_path):
    with pytest.raises(InputError, match="E814") as told:
        Ledger.open(f"postgresql://office:secret@/none?host={tmp_path}", "A")
    assert "secret" not in str(told.value)
