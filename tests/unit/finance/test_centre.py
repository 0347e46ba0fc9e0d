"""Default cases: only the steps there are, each shown, nothing disposed of twice, payouts exact."""

from datetime import date

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, NotInForceError, StageRefusedError
from ecogis.core.findings import Findings
from ecogis.finance import (
    Claim,
    Docket,
    Step,
    overdue_cases,
    owed_fen,
    replayed,
    shortfalls,
    waterfall,
)

OPEN = {"right": "R1", "loan": "L1", "principal_fen": 1_000_00, "interest_fen": 50_00}
VALUED = {"appraisal_id": "V7", "value_fen": 900_00}
SOLD = VALUED | {"route": "auction", "proceeds_fen": 950_00, "cost_fen": 30_00}


def steps(*more, case="C1"):
    return [
        Step(case, "performing", date(2026, 1, 5), OPEN),
        Step(case, "overdue", date(2026, 6, 1), {"overdue_days": 90}),
        Step(case, "compensated", date(2026, 6, 20), {"paid_fen": 800_00} | VALUED),
        Step(case, "collected", date(2026, 7, 15), VALUED),
        *more,
    ]


def docket(*taken):
    found = Docket()
    for step in taken:
        found.take(step)
    return found


def test_a_case_to_its_end():
    sold = Step("C1", "disposed", date(2026, 9, 1), SOLD)
    found = docket(*steps(sold))["C1"]
    paid = found.payout(fee_fen=5_00)
    assert paid["paid_fen"].sum() == 950_00
    assert paid.set_index(["item", "party"])["paid_fen"].to_dict() == {
        ("cost", "centre"): 30_00,
        ("principal", "bank"): 184_00,  # 920 of 1,000, shared 200 to 800
        ("principal", "guarantor"): 736_00,
        ("interest", "bank"): 0,
        ("fee", "centre"): 0,
        ("surplus", "borrower"): 0,
    }
    assert shortfalls(paid) == {"bank": 66_00, "guarantor": 64_00, "centre": 5_00}
    assert [step.to for step in found.steps][-1] == "disposed"


@pytest.mark.parametrize("route", ["agreed_sale", "transfer", "collection"])
def test_nothing_is_sold_cheap_without_bidding_and_a_reason(route):
    sold = SOLD | {"route": route, "proceeds_fen": 899_99}
    with pytest.raises(StageRefusedError, match="E914"):
        docket(*steps(Step("C1", "disposed", date(2026, 9, 1), sold)))
    lower = sold | {"value_fen": 1}  # a later, lower figure does not lift it
    with pytest.raises(StageRefusedError, match="E914"):
        docket(*steps(Step("C1", "disposed", date(2026, 9, 1), lower)))
    for said in (sold | {"reason": "no other buyer"}, sold | {"proceeds_fen": 900_00},
                 sold | {"route": "auction"}):  # fmt: skip
        assert docket(*steps(Step("C1", "disposed", date(2026, 9, 1), said)))["C1"].route


@pytest.mark.parametrize("to", ["disposed", "managed", "closed", "written_off", "redeemed", "gone"])
def test_only_the_steps_there_are(to):
    found = docket(steps()[0])
    with pytest.raises(StageRefusedError, match="E912"):
        found.take(Step("C1", to, date(2026, 2, 1), SOLD | {"reason": "x", "paid_fen": 1}))
    assert found["C1"].state == "performing"


def test_a_case_begins_with_its_loan():
    with pytest.raises(StageRefusedError, match="E912"):
        docket(Step("C1", "overdue", date(2026, 1, 1), {"overdue_days": 90}))
    with pytest.raises(StageRefusedError, match="E914"):
        docket(Step("C1", "performing", date(2026, 1, 1), {"right": "R1"}))
    with pytest.raises(ConfigError, match="E900"):
        docket()["C1"]


@pytest.mark.parametrize("left_out", ["route", "proceeds_fen", "appraisal_id", "cost_fen"])
def test_a_disposal_states_route_value_costs_and_proceeds(left_out):
    said = {name: value for name, value in SOLD.items() if name != left_out}
    found = docket(*steps())
    with pytest.raises(StageRefusedError, match="E914"):
        found.take(Step("C1", "disposed", date(2026, 9, 1), said))
    with pytest.raises(StageRefusedError, match="E914"):
        found["C1"].payout()


@pytest.mark.parametrize(
    ("place", "change"),
    [
        (1, {"overdue_days": 89}),
        (2, {"paid_fen": 1_000_01} | VALUED),
        (2, {"paid_fen": -1} | VALUED),
        (2, {"paid_fen": 0.5} | VALUED),
    ],
)
def test_figures_keep_to_their_limits(place, change):
    before = steps()[:place]
    wrong = steps()[place]
    with pytest.raises(ConfigError, match="E900"):
        docket(*before).take(Step("C1", wrong.to, wrong.day, change))


def test_days_never_go_back_and_routes_are_known():
    found = docket(*steps())
    with pytest.raises(ConfigError, match="E900"):
        found.take(Step("C1", "disposed", date(2026, 7, 14), SOLD))
    with pytest.raises(ConfigError, match="E900"):
        found.take(Step("C1", "disposed", date(2026, 9, 1), SOLD | {"route": "gift"}))


def test_nothing_is_disposed_of_twice():
    found = docket(*steps(Step("C1", "disposed", date(2026, 9, 1), SOLD)))
    found.take(Step("C1", "closed", date(2026, 9, 2), {"reason": "paid out"}))
    with pytest.raises(StageRefusedError, match="E913"):
        found.take(Step("C2", "performing", date(2027, 1, 5), OPEN))
    with pytest.raises(StageRefusedError, match="E912"):
        found.take(Step("C1", "disposed", date(2026, 9, 3), SOLD))
    with pytest.raises(StageRefusedError, match="E913"):
        docket(steps()[0]).take(Step("C2", "performing", date(2026, 2, 1), OPEN))


def test_only_a_shortfall_is_written_off():
    paid = SOLD | {"proceeds_fen": 1_080_00}  # cost 30, principal 1,000, interest 50
    why = {"reason": "paid out"}
    whole = docket(*steps(Step("C1", "disposed", date(2026, 9, 1), paid)))
    with pytest.raises(StageRefusedError, match="E932"):
        whole.take(Step("C1", "written_off", date(2026, 9, 2), why))
    assert whole.take(Step("C1", "closed", date(2026, 9, 2), why)).state == "closed"
    short = docket(*steps(Step("C1", "disposed", date(2026, 9, 1), SOLD)))
    assert short.take(Step("C1", "written_off", date(2026, 9, 2), why)).state == "written_off"


def test_no_case_is_older_than_the_rules():
    with pytest.raises(NotInForceError):
        docket(Step("C1", "performing", date(2001, 1, 5), OPEN))


def test_a_redeemed_right_may_be_pledged_again():
    whole = {"paid_fen": 1_050_00}
    found = docket(*steps(Step("C1", "redeemed", date(2026, 12, 1), whole)))
    assert (found["C1"].collected, found["C1"].compensated_fen) == (None, 0)
    found.take(Step("C1", "closed", date(2026, 12, 2), {"reason": "returned"}))
    with pytest.raises(StageRefusedError, match="E919"):
        found.take(Step("C2", "performing", date(2027, 1, 5), OPEN))
    again = OPEN | {"loan": "L2"}
    assert found.take(Step("C2", "performing", date(2027, 1, 5), again)).state == "performing"


@pytest.mark.parametrize(
    ("day", "paid"), [(date(2027, 7, 16), 1_050_00), (date(2027, 7, 15), 1_049_99)]
)
def test_redemption_ends_with_its_window_and_asks_for_all(day, paid):
    with pytest.raises(ConfigError, match="E900"):
        docket(*steps()).take(Step("C1", "redeemed", day, {"paid_fen": paid}))


def test_the_docket_of_any_day_is_what_its_steps_make():
    rows = [{"case": s.case, "to": s.to, "day": s.day.isoformat()} | dict(s.said) for s in steps()]
    table = pd.DataFrame(rows)
    assert replayed(table).table().equals(docket(*steps()).table())
    assert replayed(table, date(2026, 6, 19))["C1"].state == "overdue"
    assert replayed(table, date(2025, 1, 1)).table().empty


def test_late_cases_are_told():
    found, findings = docket(*steps()), Findings()
    assert overdue_cases(found, date(2026, 9, 13), findings)["late"].tolist() == [False]
    assert overdue_cases(found, date(2026, 9, 14), findings)["late"].tolist() == [True]
    assert findings.count("E915") == 1
    assert overdue_cases(docket(steps()[0]), date(2030, 1, 1), findings).empty


def test_a_surplus_is_the_borrowers():
    paid = waterfall(2_000, owed_fen(1_000, 30, 1_000), date(2026, 8, 31))
    assert paid.iloc[-1][["party", "paid_fen"]].tolist() == ["borrower", 970]
    assert shortfalls(paid) == {}


@pytest.mark.parametrize(
    ("proceeds", "claims"),
    [
        (-1, []),
        (10.5, []),
        (10, [Claim("bank", "fee", 0.5)]),
        (10, [Claim("bank", "tax", 5)]),
        (10, [Claim("bank", "principal", -5)]),
    ],
)
def test_a_waterfall_refuses_what_cannot_be(proceeds, claims):
    with pytest.raises(ConfigError, match="E900"):
        waterfall(proceeds, claims, date(2026, 8, 31))
    with pytest.raises(ConfigError, match="E900"):
        owed_fen(100, 0, 101)


def owing(case, right="R1", loan="L1", **changes):
    said = {"right": right, "loan": loan, "principal_fen": 1_000, "interest_fen": 30}
    return Step(case, "performing", date(2026, 1, 5), said | changes)


def sold_out(found, case):
    """From performing to the payout, by party."""
    day = date(2027, 1, 1)
    worth = {"appraisal_id": "V", "value_fen": 2_000}
    found.take(Step(case, "overdue", day, {"overdue_days": 95}))
    found.take(Step(case, "collected", day, worth))
    ends = worth | {"route": "auction", "proceeds_fen": 700, "cost_fen": 100}
    found.take(Step(case, "disposed", day, ends))
    return found[case].payout().groupby("party")["paid_fen"].sum().to_dict()


def test_what_the_borrower_paid_is_owed_no_more():
    found = docket(owing("C1"), Step("C1", "overdue", date(2026, 6, 1), {"overdue_days": 95}))
    with pytest.raises(ConfigError, match="E900"):
        found.take(Step("C1", "performing", date(2026, 6, 5), {"paid_fen": 1_031}))
    paid = found.take(Step("C1", "performing", date(2026, 6, 5), {"paid_fen": 900}))
    assert (paid.principal_fen, paid.interest_fen) == (100, 30)
    assert sold_out(found, "C1") == {"bank": 130, "borrower": 470, "centre": 100, "guarantor": 0}


def test_what_was_redeemed_is_not_enforced_again():
    found = docket(owing("C1"), Step("C1", "overdue", date(2026, 6, 1), {"overdue_days": 95}))
    found.take(Step("C1", "redeemed", date(2026, 6, 5), {"paid_fen": 1_030}))
    found.take(Step("C1", "performing", date(2026, 6, 6), {"reason": "returned"}))
    with pytest.raises(StageRefusedError, match="E920"):
        found.take(Step("C1", "overdue", date(2027, 1, 1), {"overdue_days": 95}))


def test_interest_may_be_stated_anew_and_nothing_is_left_unheeded():
    found = docket(owing("C1"))
    late = {"overdue_days": 95, "interest_fen": 500}
    assert found.take(Step("C1", "overdue", date(2026, 6, 1), late)).interest_fen == 500
    with pytest.raises(ConfigError, match="principal_fen"):
        found.take(Step("C1", "performing", date(2026, 6, 2), {"paid_fen": 1, "principal_fen": 1}))


@pytest.mark.parametrize("spelled", ["r1", "R1 ", "R-1", "R1\u200b"])
def test_a_right_is_one_in_any_spelling(spelled):
    with pytest.raises(StageRefusedError, match="E913"):
        docket(owing("C1")).take(owing("C2", right=spelled, loan="L2"))


def test_a_loan_is_paid_once_whatever_cases_it_has():
    found = docket(owing("C1"), owing("C2", right="R2", loan="l1"))
    assert sold_out(found, "C1")["bank"] == 600
    assert (found["C2"].principal_fen, found["C2"].interest_fen) == (400, 30)
    assert sold_out(found, "C2")["bank"] == 430
    with pytest.raises(StageRefusedError, match="E919"):
        found.take(owing("C3", right="R3"))


@pytest.mark.parametrize("value", ["95天", "1,000", "1e2", "-1"])
def test_numbers_that_cannot_be_read_are_told(value):
    rows = [{"case": "C1", "to": "performing", "day": "2026-01-05"} | OPEN]
    rows.append({"case": "C1", "to": "overdue", "day": "2026-06-01", "overdue_days": value})
    with pytest.raises(ConfigError, match="overdue_days"):
        replayed(pd.DataFrame(rows, dtype="object"))


def test_a_case_has_a_name():
    rows = [{"case": None, "to": "performing", "day": "2026-01-05"} | OPEN]
    with pytest.raises(ConfigError, match="case"):
        replayed(pd.DataFrame(rows, dtype="object"))
