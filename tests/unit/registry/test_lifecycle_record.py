"""Steps in the ledger: who recorded them, what the claims must show, one next step at a time."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from shapely import box

from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.registry import Claim, Ledger, Registration, Right, Survey
from ecogis.registry.lifecycle import lifecycle
from ecogis.registry.lifecycle_record import claims_agree, lives, record_step
from ecogis.registry.lifecycle_steps import Step, standing

DAY = date(2026, 9, 1)
NOW = datetime(2026, 9, 2, tzinfo=UTC)
WHY = {"day": DAY, "reason": "试办"}
ENDS, DUE = date(2031, 9, 1), date(2029, 9, 1)
RIGHT = Right("441899101201JE00001L00000001", "management", "演示证0001")


@pytest.fixture
def desks():
    """The same ledger for two persons, each of whom may ask and approve."""
    first = Ledger.create("sqlite://", "柜员01", clock=lambda: NOW)
    first.appoint("审批01", ["read", "propose", "approve"], **WHY)
    first.survey([Survey(RIGHT, box(114, 23, 114.01, 23.01), {2027: 9000})], **WHY)
    yield first, Ledger(first._store, "审批01", first._signer, lambda: NOW)
    first.close()


def wanted(name, **changed):
    rule = lifecycle().steps[name]
    words = {
        "documents": {group[0]: "演示文号01" for group in rule.documents},
        "dates": {at: ENDS if at == "registration_expires" else DUE for at in rule.dates},
        "reason": "试办" if rule.reason else "",
        "role": rule.actors[0],
        "actor": "评估01" if name == "value" else "柜员01",
    }
    return Step(name, DAY, **(words | changed))


def to_approved(first, second):
    for name in ("apply", "examine", "value"):
        record_step(first, "ZY-1", wanted(name), today=DAY)
    record_step(second, "ZY-1", wanted("approve", actor="审批01"), today=DAY)


def state(ledger):
    return standing(lives(ledger.steps())["ZY-1"]).state


def test_a_step_is_an_event_with_both_persons(desks):
    event = record_step(desks[0], "ZY-1", wanted("apply", actor="持有人0001"), today=DAY)
    assert (event.kind, event.dossier, event.actor) == ("step", "ZY-1", "柜员01")
    taken = lives(desks[0].steps())["ZY-1"]
    assert [(step.actor, step.recorded_by) for step in taken] == [("持有人0001", "柜员01")]
    assert event.reason == "申请"


def test_who_recorded_the_application_does_not_approve(desks):
    first, _second = desks
    for name in ("apply", "examine", "value"):
        record_step(first, "ZY-1", wanted(name, actor="某人"), today=DAY)
    with pytest.raises(StageRefusedError, match="E833"):
        record_step(first, "ZY-1", wanted("approve", actor="审批01"), today=DAY)


def test_registration_and_release_wait_for_the_claims(desks):
    first, second = desks
    to_approved(first, second)
    with pytest.raises(StageRefusedError, match="E846"):
        record_step(first, "ZY-1", wanted("register"), today=DAY)
    claim = first.propose([Claim(RIGHT, 2027, 9000, "甲银行", dossier="ZY-1")], **WHY)[0].claim
    with pytest.raises(StageRefusedError, match="E846"):
        record_step(first, "ZY-1", wanted("register"), today=DAY)
    second.approve([claim], **WHY)
    first.confirm([claim], Registration("演示登记01", ENDS), **WHY)
    for name in ("register", "draw", "check", "repay"):
        record_step(first, "ZY-1", wanted(name), today=DAY)
    with pytest.raises(StageRefusedError, match="E846"):
        record_step(first, "ZY-1", wanted("release"), today=DAY)
    first.release([claim], **WHY)
    with pytest.raises(StageRefusedError, match="E846"):
        record_step(first, "ZY-1", wanted("release"), today=DAY)
    second.approve([claim], **WHY)
    record_step(first, "ZY-1", wanted("release"), today=DAY)
    assert state(first) == "released"
    assert not first.verify().count()


def test_compensation_waits_for_the_transfer_of_the_claims(desks):
    first, second = desks
    to_approved(first, second)
    claim = first.propose([Claim(RIGHT, 2027, 9000, "甲银行", dossier="ZY-1")], **WHY)[0].claim
    second.approve([claim], **WHY)
    first.confirm([claim], Registration("演示登记01", ENDS), **WHY)
    for name in ("register", "draw", "default"):
        record_step(first, "ZY-1", wanted(name), today=DAY)
    with pytest.raises(StageRefusedError, match="E846"):
        record_step(first, "ZY-1", wanted("compensate"), today=DAY)
    first.transfer([claim], "演示担保公司", **WHY)
    second.refuse([claim], **WHY)
    with pytest.raises(StageRefusedError, match="E846"):
        record_step(first, "ZY-1", wanted("compensate"), today=DAY)
    first.transfer([claim], "演示担保公司", **WHY)
    with pytest.raises(StageRefusedError, match="E846"):
        record_step(first, "ZY-1", wanted("compensate"), today=DAY)
    second.approve([claim], **WHY)
    record_step(first, "ZY-1", wanted("compensate"), today=DAY)
    assert state(first) == "compensated"


def lent(first, second, ends=ENDS):
    """A claim that is registered, in a life that is approved."""
    to_approved(first, second)
    claim = first.propose([Claim(RIGHT, 2027, 9000, "甲银行", dossier="ZY-1")], **WHY)[0].claim
    second.approve([claim], **WHY)
    first.confirm([claim], Registration("演示登记01", ends, date(2026, 9, 1)), **WHY)
    return claim


def test_a_registration_is_stated_as_the_ledger_has_it(desks):
    claim = lent(*desks)
    for ends in (date(2099, 1, 1), date(2031, 8, 31)):
        stated = wanted("register", dates={"registration_expires": ends})
        with pytest.raises(StageRefusedError, match=r"E846.*2031-09-01"):
            record_step(desks[0], "ZY-1", stated, today=DAY)
    record_step(desks[0], "ZY-1", wanted("register"), today=DAY)
    desks[0].extend([claim], Registration("演示登记02", date(2033, 9, 1)), **WHY)
    for ends, agreed in ((date(2034, 9, 1), False), (date(2033, 9, 1), True)):
        renewed = wanted("renew", dates={"registration_expires": ends})
        if agreed:
            record_step(desks[0], "ZY-1", renewed, today=DAY)
        else:
            with pytest.raises(StageRefusedError, match="E846"):
                record_step(desks[0], "ZY-1", renewed, today=DAY)


def test_a_registration_made_after_the_step_is_none_yet(desks):
    first, second = desks
    to_approved(first, second)
    claim = first.propose([Claim(RIGHT, 2027, 9000, "甲银行", dossier="ZY-1")], **WHY)[0].claim
    second.approve([claim], **WHY)
    first.confirm([claim], Registration("演示登记01", ENDS, date(2026, 9, 2)), **WHY)
    with pytest.raises(StageRefusedError, match=r"E846.*made by 2026-09-01"):
        record_step(first, "ZY-1", wanted("register"), today=DAY)


def test_who_redeems_has_the_first_lender_again(desks):
    first, second = desks
    claim = lent(first, second)
    for name in ("register", "draw", "default"):
        record_step(first, "ZY-1", wanted(name), today=DAY)
    first.transfer([claim], "演示收储中心", **WHY)
    second.approve([claim], **WHY)
    record_step(first, "ZY-1", wanted("collect"), today=DAY)
    redeemed = wanted("redeem", dates={"loan_due": date(2030, 9, 1)})
    with pytest.raises(StageRefusedError, match="E846"):
        record_step(first, "ZY-1", redeemed, today=DAY)
    first.transfer([claim], "甲银行", **WHY)
    with pytest.raises(StageRefusedError, match="E846"):
        record_step(first, "ZY-1", redeemed, today=DAY)
    second.approve([claim], **WHY)
    record_step(first, "ZY-1", redeemed, today=DAY)
    assert state(first) == "drawn"


def test_an_application_is_not_withdrawn_while_its_claims_hold_tonnes(desks):
    first, second = desks
    to_approved(first, second)
    claim = first.propose([Claim(RIGHT, 2027, 9000, "甲银行", dossier="ZY-1")], **WHY)[0].claim
    with pytest.raises(StageRefusedError, match="E846"):
        record_step(first, "ZY-1", wanted("withdraw"), today=DAY)
    second.refuse([claim], **WHY)
    record_step(first, "ZY-1", wanted("withdraw"), today=DAY)
    assert state(first) == "withdrawn"


def test_two_clerks_take_the_next_step_once(desks, monkeypatch):
    first, second = desks
    before = first.steps("ZY-1")
    record_step(first, "ZY-1", wanted("apply"), today=DAY)
    monkeypatch.setattr(second, "steps", lambda _dossier: before)
    with pytest.raises(StageRefusedError, match="E805"):
        record_step(second, "ZY-1", wanted("apply", actor="审批01"), today=DAY)
    assert len(first.steps()) == 1


def test_a_step_refused_leaves_nothing(desks):
    events = len(desks[0].history())
    with pytest.raises(StageRefusedError, match="E833"):
        record_step(desks[0], "ZY-1", wanted("draw"), today=DAY)
    with pytest.raises(ConfigError, match="E830"):
        record_step(desks[0], "ZY-1", Step("dance", DAY, "柜员01", "lender"), today=DAY)
    assert len(desks[0].history()) == events


def test_an_extract_filed_in_a_dossier_is_no_step(desks):
    desks[0].step("ZY-1", {"extract": {"number": "演示查询01"}}, **WHY)
    assert lives(desks[0].steps()) == {}


@pytest.mark.parametrize(
    ("states", "request_", "party", "agreed"),
    [
        ([], [], "甲银行", {"none"}),
        (["registered"], [None], "甲银行", {"confirm", "extend", "return"}),
        (["registered"], [None], "乙担保", {"confirm", "extend", "transfer"}),
        (["registered", "approved"], [None, None], "乙担保", {"transfer"}),
        (["registered"], ["transfer"], "乙担保", set()),
        (["released", "withdrawn"], [None, None], "甲银行", {"none", "release"}),
        (["expired"], [None], "甲银行", {"return"}),
    ],
)
def test_what_claims_show(states, request_, party, agreed):
    claims = pd.DataFrame({"state": states, "request": request_}, dtype=object)
    claims = claims.assign(claim=range(len(states)), party=party)
    needs = ("confirm", "extend", "transfer", "return", "release", "none")
    first = dict.fromkeys(range(len(states)), "甲银行")
    assert {need for need in needs if claims_agree(need, claims, first)} == agreed
