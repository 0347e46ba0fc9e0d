"""Steps of a pledge: the ways through a life, every reason for a refusal, what is due and late."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.registry.lifecycle import lifecycle
from ecogis.registry.lifecycle_due import next_steps, overdue
from ecogis.registry.lifecycle_steps import Step, refusals, standing, take

START = date(2026, 9, 1)
PERSONS = {"approve": "审批01", "value": "评估01", "write_off": "审批01"}
TO_DRAWN = ("apply", "examine", "value", "approve", "register", "draw")


def step(name, day=START, **changed):
    """A step as its rule wants it: one document of each group, dates a year or two ahead."""
    rule = lifecycle().steps[name]
    words = {
        "step": name,
        "day": day,
        "actor": PERSONS.get(name, "柜员01"),
        "role": rule.actors[0],
        "documents": {group[0]: f"{group[0]}-1" for group in rule.documents},
        "dates": {date_: day + timedelta(days=730) for date_ in rule.dates},
        "reason": "按流程办理" if rule.reason else "",
    }
    return Step(**(words | changed))


def walk(*names, start=START, every=1):
    """The life that takes these steps, one each `every` days."""
    taken = ()
    for number, name in enumerate(names):
        day = start + timedelta(days=number * every)
        taken = take(taken, step(name, day), today=day)
    return taken


LATER = START + timedelta(days=400)


def _codes(taken, next_step, today=LATER):
    return [row["code"] for row in refusals(taken, next_step, today=today).rows()]


@pytest.mark.parametrize(
    ("names", "state"),
    [
        ((), ""),
        (("apply", "refuse"), "refused"),
        (("apply", "examine", "value", "approve", "withdraw"), "withdrawn"),
        ((*TO_DRAWN, "check", "repay", "release"), "released"),
        ((*TO_DRAWN, "watch", "check"), "watched"),
        ((*TO_DRAWN, "watch", "clear"), "drawn"),
        ((*TO_DRAWN, "default", "repay", "release"), "released"),
        ((*TO_DRAWN, "default", "transfer", "settle"), "released"),
        ((*TO_DRAWN, "default", "compensate", "auction", "settle"), "released"),
        ((*TO_DRAWN, "default", "compensate", "collect", "manage", "redeem"), "drawn"),
        ((*TO_DRAWN, "default", "collect", "harvest", "write_off"), "written_off"),
    ],
)
def test_ways_through_a_life(names, state):
    assert standing(walk(*names)).state == state


def test_a_renewal_leaves_the_state_and_the_day_it_was_entered():
    taken = walk(*TO_DRAWN)
    before = standing(taken)
    dates = {"registration_expires": START + timedelta(days=2000)}
    after = standing(
        take(taken, step("renew", START + timedelta(days=30), dates=dates), today=LATER)
    )
    assert (after.state, after.entered["drawn"]) == ("drawn", before.entered["drawn"])
    assert after.dates["registration_expires"] == START + timedelta(days=2000)
    assert after.dates["loan_due"] == before.dates["loan_due"]


def test_a_step_has_its_state():
    assert _codes((), step("draw")) == ["E834", "E840"]
    assert _codes(walk("apply"), step("apply")) == ["E834"]


def test_a_step_has_its_party():
    assert _codes((), step("apply", role="appraiser")) == ["E835"]


@pytest.mark.parametrize("number", ["", "  "])
def test_a_document_without_a_number_is_missing(number):
    papers = {"pledge_application": number, "transfer_contract": "HT-1"}
    found = refusals((), step("apply", documents=papers), today=LATER).rows()
    assert [(row["code"], row["observed"]) for row in found] == [("E836", "质押贷款申请书")]


def test_a_document_nobody_asked_for_by_that_name_is_refused():
    papers = {"pledge_application": "1", "certificate": "2", "photo": "3"}
    assert _codes((), step("apply", documents=papers)) == ["E844"]


def test_a_date_that_is_no_part_of_the_step_is_refused():
    taken = walk(*TO_DRAWN)
    moved = step("check", LATER, dates={"loan_due": date(2099, 1, 1)})
    assert _codes(taken, moved) == ["E844"]


@pytest.mark.parametrize("stated", [None, START, START + timedelta(days=4)])
def test_a_registration_ends_after_the_day_it_is_entered(stated):
    taken = walk("apply", "examine", "value", "approve")
    dates = {} if stated is None else {"registration_expires": stated}
    assert _codes(taken, step("register", START + timedelta(days=4), dates=dates)) == ["E837"]


def test_an_extension_extends():
    taken = walk(*TO_DRAWN)
    same = {"loan_due": standing(taken).dates["loan_due"]}
    assert _codes(taken, step("extend", LATER, dates=same)) == ["E843"]


def test_steps_follow_one_another_in_time():
    taken = walk("apply", "examine")
    assert _codes(taken, step("value", START)) == ["E838"]
    assert _codes(taken, step("value", LATER), today=LATER - timedelta(days=1)) == ["E838"]
    assert _codes(taken, step("value", LATER)) == []


@pytest.mark.parametrize("person", ["柜员01", "评估01"])
def test_who_examined_or_valued_does_not_approve(person):
    taken = walk("apply", "examine", "value")
    assert _codes(taken, step("approve", LATER, actor=person)).count("E839") >= 1


def test_who_records_counts_like_who_acts():
    taken = (step("apply", actor="持有人0001", recorded_by="柜员02"), *walk("apply", "examine")[1:])
    taken = (*taken, step("value", LATER))
    assert _codes(taken, step("approve", LATER, actor="审批01", recorded_by="柜员02")) == ["E839"]
    assert _codes(taken, step("approve", LATER, actor="审批01", recorded_by="审批01")) == []


def test_money_is_not_paid_out_on_an_ended_registration():
    taken = walk("apply", "examine", "value", "approve", "register")
    ends = standing(taken).dates["registration_expires"]
    day = ends + timedelta(days=1)
    assert _codes(taken, step("draw", ends), today=day) == []
    assert _codes(taken, step("draw", day), today=day) == ["E840"]


def test_a_loan_without_end_is_never_due_and_breaks_nothing():
    ends = date(9999, 12, 31)
    taken = (*walk(*TO_DRAWN[:-1]), step("draw", LATER, dates={"loan_due": ends}))
    found = next_steps(taken, LATER)
    assert found.set_index("step")["due"]["repay"] == ends
    assert found.set_index("step")["due"]["default"] is None
    late = overdue({"ZY-1": taken}, ends)
    assert late["step"].tolist() == ["check", "renew"]


def test_a_right_is_redeemed_within_its_time():
    taken = walk(*TO_DRAWN, "default", "collect", "manage")
    last = standing(taken).entered["collected"] + timedelta(days=365)
    due = {"loan_due": last + timedelta(days=900)}
    assert _codes(taken, step("redeem", last, dates=due), today=last) == []
    late = last + timedelta(days=1)
    assert _codes(taken, step("redeem", late, dates=due), today=late) == ["E841"]


def test_a_refusal_of_credit_has_a_person_and_a_reason():
    assert _codes(walk("apply"), step("refuse", actor=" ", reason=" ")) == ["E842", "E842"]


def test_a_step_refused_tells_every_reason_in_both_languages():
    wrong = Step("draw", START, "柜员01", "borrower")
    with pytest.raises(StageRefusedError, match="E833") as fault:
        take((), wrong, today=START, pledge="ZY-1")
    for word in ("ZY-1", "放款凭证", "贷款到期日", "应由贷款人办理"):
        assert word in fault.value.zh
    assert "drawdown voucher" in fault.value.en


def test_a_step_the_life_does_not_have_is_named():
    with pytest.raises(ConfigError, match=r"E830.*dance"):
        take((), Step("dance", START, "柜员01", "lender"), today=START)


@given(st.lists(st.sampled_from(sorted(lifecycle().steps)), max_size=12))
def test_whatever_is_tried_a_life_is_told_by_the_steps_it_took(names):
    taken = ()
    for number, name in enumerate(names):
        day = START + timedelta(days=number)
        trial = step(name, day)
        allowed = not refusals(taken, trial, today=day).count()
        state, rule = standing(taken).state, lifecycle().steps[name]
        assert not allowed or state in (rule.froms or ("",))
        if allowed:
            taken = take(taken, trial, today=day)
            assert standing(taken).state == (rule.to or state)
    through_text = json.loads(json.dumps([entry.record() for entry in taken]))
    assert tuple(Step.of(record) for record in through_text) == taken


def test_next_steps_name_who_acts_what_is_shown_and_when():
    found = next_steps(walk("apply"), START + timedelta(days=10)).set_index("step")
    assert found.index.tolist() == ["examine", "refuse", "withdraw"]
    examine = found.loc["examine"]
    assert (examine["actors"], examine["due"], examine["days_left"]) == (
        "lender", START + timedelta(days=15), 5,
    )  # fmt: skip
    assert examine["documents"].split(";")[-1] == "project_search"
    assert examine["confidence"] == "assumed"
    assert found.loc["withdraw", "due"] is None
    assert found.loc["withdraw", "reason"]


def test_alternatives_are_kept_apart_from_what_is_needed():
    found = next_steps((), START)
    assert found["documents"].tolist() == ["pledge_application;certificate/transfer_contract"]


def test_nothing_follows_an_ended_life():
    found = next_steps(walk("apply", "refuse"), START)
    assert found.empty
    assert "due" in found


def test_a_check_is_due_again_after_the_last_one():
    taken = walk(*TO_DRAWN)
    drawn = standing(taken).entered["drawn"]
    due = next_steps(taken, START).set_index("step").loc["check", "due"]
    assert due == drawn + timedelta(days=30)
    checked = take(taken, step("check", drawn + timedelta(days=20)), today=drawn.replace(year=2027))
    due = next_steps(checked, START).set_index("step").loc["check", "due"]
    assert due == drawn + timedelta(days=50)


def test_a_step_due_today_is_not_late():
    lives = {"ZY-1": walk("apply")}
    assert overdue(lives, START + timedelta(days=15)).empty
    late = overdue(lives, START + timedelta(days=16))
    assert late["days_late"].tolist() == [1]


def test_late_steps_of_all_pledges_the_latest_first():
    lives = {
        "ZY-2": walk("apply"),
        "ZY-1": walk("apply", "examine"),
        "ZY-3": walk("apply", "withdraw"),
        "ZY-4": (),
    }
    late = overdue(lives, START + timedelta(days=40))
    assert late[["pledge", "state", "step", "days_late"]].to_numpy().tolist() == [
        ["ZY-2", "applied", "examine", 25],
        ["ZY-1", "examined", "value", 19],
    ]


def test_repayment_and_the_registration_are_counted_from_their_dates():
    taken = walk(*TO_DRAWN)
    dates = standing(taken).dates
    day = dates["loan_due"] + timedelta(days=91)
    late = overdue({"ZY-1": taken}, day).set_index("step")
    assert late.loc["repay", "days_late"] == 91
    assert late.loc["default", "days_late"] == 1
    assert late.loc["default", "confidence"] == "recalled"
    renew = late.loc["renew", "due"]
    assert renew == dates["registration_expires"] - timedelta(days=30)


def test_an_empty_book_has_no_late_steps():
    assert overdue({}, START).columns.tolist()[0] == "pledge"
