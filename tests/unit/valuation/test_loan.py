import dataclasses
import datetime as dt

import numpy as np
import pytest

from ecogis.core.errors import ConfigError, IdentityError, UnitError
from ecogis.valuation import Distribution, check_loan, loan_proposal, pledge_value

ENDS = {"last_issuance": dt.date(2032, 6, 30), "right_end": dt.date(2049, 12, 31)}


def draws(*values):
    npv = np.array(values, dtype=np.int64)
    return Distribution(npv, np.zeros((len(npv), 0), dtype=np.int64), (), 1)


@pytest.fixture
def pledge():
    """A pledge value of 1,234,567.89 CNY."""
    return pledge_value(draws(123_456_789, 200_000_000), 150_000_000, quantile=0.05)


def test_the_low_quantile_is_the_pledge_value(pledge):
    assert (pledge.value_fen, pledge.binding) == (123_456_789, "quantile")
    assert pledge.cash_flow_fen == 150_000_000


def test_never_above_the_cash_flow_and_never_below_zero():
    above = pledge_value(draws(900), 500, quantile=0.05)
    assert (above.value_fen, above.binding, above.zh) == (500, "mean", "现金流净现值")
    below = pledge_value(draws(-900), 500, quantile=0.05)
    assert (below.value_fen, below.binding) == (0, "zero")


def test_the_pledge_rate_enters_once(pledge, day):
    loan = loan_proposal(pledge, pledge_rate=0.5, amounts={}, ends=ENDS, date=day)
    assert loan.principal_fen == 61_700_000  # 617,283.94 down to 617,000.00
    assert loan.cover_ratio == pytest.approx(123_456_789 / 61_700_000)
    assert loan.amounts["amount_fen"].tolist() == [61_728_394]


def test_the_smallest_limit_binds_and_is_named(pledge, day):
    amounts = {"requested": 800_000, "lender_cap": "500500.50", "product_cap": None}
    loan = loan_proposal(pledge, pledge_rate=0.6, amounts=amounts, ends=ENDS, date=day)
    assert loan.principal_fen == 50_000_000
    bound = loan.amounts[loan.amounts["binding"]]
    assert bound[["limit", "zh", "en"]].values.tolist() == [
        ["lender_cap", "贷款人上限", "lender's cap"]
    ]
    assert loan.amounts.set_index("limit")["amount_fen"].isna().to_dict()["product_cap"]


def test_the_earliest_end_is_the_maturity(pledge, day):
    ends = ENDS | {"requested": dt.date(2029, 8, 30), "contract_end": None}
    loan = loan_proposal(pledge, pledge_rate=0.6, amounts={}, ends=ends, date=day)
    assert (loan.maturity, loan.months) == (dt.date(2029, 8, 30), 35)
    assert loan.ends.loc[loan.ends["binding"], "limit"].tolist() == ["requested"]


def test_limits_that_tie_are_all_named(pledge, day):
    ends = dict.fromkeys(["last_issuance", "methodology"], dt.date(2031, 8, 31))
    loan = loan_proposal(pledge, pledge_rate=0.6, amounts={}, ends=ends, date=day)
    assert loan.ends["binding"].all()
    assert loan.months == 60


def test_no_time_or_no_value_is_no_loan(pledge, day):
    over = {"right_end": dt.date(2026, 8, 1)}
    loan = loan_proposal(pledge, pledge_rate=0.6, amounts={}, ends=over, date=day)
    assert (loan.principal_fen, loan.months, loan.maturity) == (0, 0, day)
    assert loan.cover_ratio is None
    worthless = pledge_value(draws(-1), -1, quantile=0.05)
    loan = loan_proposal(worthless, pledge_rate=0.6, amounts={}, ends=ENDS, date=day)
    assert loan.principal_fen == 0


@pytest.mark.parametrize(
    ("amounts", "ends"),
    [
        ({"pledge": 1}, ENDS),
        ({"wish": 1}, ENDS),
        ({"requested": -1}, ENDS),
        ({}, {"sometime": dt.date(2030, 1, 1)}),
        ({}, {}),
        ({}, {"right_end": None}),
    ],
)
def test_limits_must_be_known(pledge, day, amounts, ends):
    with pytest.raises(ConfigError, match="E538"):
        loan_proposal(pledge, pledge_rate=0.6, amounts=amounts, ends=ends, date=day)


def test_a_pledge_rate_is_a_share(pledge, day):
    with pytest.raises(UnitError, match="pledge_rate"):
        loan_proposal(pledge, pledge_rate=60, amounts={}, ends=ENDS, date=day)


def test_a_principal_above_a_limit_breaks_identity_i20(pledge, day):
    loan = loan_proposal(pledge, pledge_rate=0.6, amounts={}, ends=ENDS, date=day)
    more = dataclasses.replace(loan, principal_fen=loan.principal_fen + 100_000)
    with pytest.raises(IdentityError, match=r"E009 .*I20"):
        check_loan(more)
