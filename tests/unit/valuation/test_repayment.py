import datetime as dt

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, UnitError
from ecogis.valuation import REPAYMENTS, repayment_schedule

START = dt.date(2026, 8, 31)


def test_instalments_by_hand():
    plan = repayment_schedule(10_000, 0.12, START, 2, kind="equal_instalment")
    assert plan["interest_fen"].tolist() == [100, 50]  # 1 % of 100.00, of 50.25 half to even
    assert plan["principal_fen"].tolist() == [4975, 5025]
    assert plan["payment_fen"].tolist() == [5075, 5075]
    assert plan["date"].dt.strftime("%Y-%m-%d").tolist() == ["2026-09-30", "2026-10-31"]


@pytest.mark.parametrize("kind", REPAYMENTS)
@pytest.mark.parametrize("rate", [0.0, 0.0365, 0.0435])
@pytest.mark.parametrize("months", [1, 7, 36, 120])
def test_the_principal_is_paid_back_exactly(kind, rate, months):
    income = pd.DataFrame({"date": pd.to_datetime(["2026-09-15", "2027-02-01"]), "net_fen": [7, 3]})
    plan = repayment_schedule(61_700_001, rate, START, months, kind=kind, income=income)
    assert plan["principal_fen"].sum() == 61_700_001
    assert plan["closing_fen"].tolist()[-1] == 0
    assert (plan["principal_fen"] >= 0).all()
    assert (plan["payment_fen"] == plan["interest_fen"] + plan["principal_fen"]).all()
    assert (plan["opening_fen"].shift(-1).dropna() == plan["closing_fen"].iloc[:-1]).all()


def test_equal_parts_differ_by_a_fen_at_most():
    plan = repayment_schedule(61_700_001, 0.0435, START, 36, kind="equal_principal")
    assert plan["principal_fen"].max() - plan["principal_fen"].min() <= 1


@pytest.mark.parametrize("income", [None, ("2026-09-15", -5), ("2030-01-01", 5)])
def test_a_loan_cannot_follow_income_that_does_not_come(income):
    table = None
    if income is not None:
        table = pd.DataFrame({"date": pd.to_datetime([income[0]]), "net_fen": [income[1]]})
    with pytest.raises(ConfigError, match="income"):
        repayment_schedule(100, 0.04, START, 12, kind="by_vintage", income=table)


def test_equal_instalments_are_equal_but_for_the_last():
    plan = repayment_schedule(61_700_000, 0.0435, START, 36, kind="equal_instalment")
    level = plan["payment_fen"].iloc[:-1]
    assert (level == level.iloc[0]).all()
    assert abs(plan["payment_fen"].iloc[-1] - plan["payment_fen"].iloc[0]) < 36


@pytest.mark.parametrize("wrong", [{"months": 0}, {"principal_fen": -1}, {"kind": "balloon"}])
def test_wrong_arguments(wrong):
    arguments = {"principal_fen": 1, "rate": 0.04, "start": START, "months": 3, "kind": "bullet"}
    with pytest.raises(ConfigError, match="E532"):
        repayment_schedule(**(arguments | wrong))


def test_a_rate_is_a_share():
    with pytest.raises(UnitError, match="rate"):
        repayment_schedule(100, 4.35, START, 3, kind="bullet")
