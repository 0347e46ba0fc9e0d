import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, UnitError
from ecogis.valuation import CostItem, SaleTerms, cash_flow, income, net_present_fen, price_path

TOLD = {"because": "example", "confidence": "assumed"}
VERIFICATION = CostItem(
    "verification", "核查费", "verification", 10_000, "per_verification", because="example"
)


@pytest.fixture
def flow_of(prices, no_terms, day, findings):
    def build(issuances, costs=(), *, prices=prices, terms=no_terms, rate=0.25):
        return cash_flow(
            issuances, prices, costs, terms=terms, rate=rate, date=day, area_ha=None,
            findings=findings,
        )  # fmt: skip

    return build


def test_two_issuances_by_hand(flow_of, issuances, findings):
    flow = flow_of(issuances)
    assert flow["gross_fen"].tolist() == [8_000_000, 16_000_000]
    assert flow["years"].tolist() == [1.0, 2.0]
    assert flow["discount_factor"].tolist() == [0.8, 0.64]
    assert flow["present_fen"].tolist() == [6_400_000, 10_240_000]
    assert net_present_fen(flow) == 16_640_000
    assert findings.count() == 0


def test_costs_stand_in_their_own_rows(flow_of, issuances):
    flow = flow_of(issuances, [VERIFICATION])
    assert flow["kind"].tolist() == ["issuance", "cost", "issuance", "cost"]
    assert flow["cost_fen"].tolist() == [0, 1_000_000, 0, 1_000_000]
    assert flow["zh"].tolist()[:2] == ["减排量收入", "核查费"]
    assert net_present_fen(flow) == 16_640_000 - 800_000 - 640_000


def test_each_row_closes(flow_of, issuances):
    terms = SaleTerms(0.07, 0.005, 0.0613, 0.333, **TOLD)
    flow = flow_of(issuances.assign(issued_t=[1003, 777]), [VERIFICATION], terms=terms)
    off = flow[["delivery_fen", "fee_fen", "tax_fen", "developer_fen", "cost_fen"]].sum(axis=1)
    assert (flow["net_fen"] == flow["gross_fen"] - off).all()
    money = flow.filter(regex="_fen$")
    assert set(money.dtypes.astype(str)) == {"int64"}


def test_deductions_in_their_order():
    found = income(np.array([1000]), np.array([8000]), SaleTerms(0.1, 0.005, 0.06, 0.3, **TOLD))
    assert found.delivery == [800_000]  # 10 % of 8,000,000
    assert (found.fee, found.tax) == ([36_000], [432_000])  # of the 7,200,000 delivered
    assert found.developer == [2_019_600]  # 30 % of the 6,732,000 left


def test_splitting_an_issuance_on_one_date_changes_nothing(flow_of, issuances):
    halves = pd.concat(
        [issuances.assign(issued_t=[333, 1]), issuances.assign(issued_t=[667, 1999])]
    )
    terms = SaleTerms(0.07, 0.005, 0.0613, 0.333, **TOLD)
    pd.testing.assert_frame_equal(
        flow_of(issuances, [VERIFICATION], terms=terms),
        flow_of(halves, [VERIFICATION], terms=terms),
    )


def test_what_is_past_is_named_and_not_valued(flow_of, issuances, findings):
    past = issuances.assign(
        issuance_date=issuances["issuance_date"].where([False, True], pd.Timestamp("2026-08-30")),
        verification_date=issuances["issuance_date"].where(
            [False, True], pd.Timestamp("2026-01-01")
        ),
    )
    flow = flow_of(past, [VERIFICATION])
    assert flow["tonnes"].sum() == 2000
    table = findings.table()
    assert table["code"].tolist() == ["E529", "E533"]
    assert table["observed"].tolist() == ["1000", "1000000"]
    assert table["feature"].tolist() == ["2026-08-30", "verification"]


def test_an_issuance_on_the_day_counts_in_full(flow_of, issuances, reference, flat, day):
    today = issuances.assign(issuance_date=pd.Timestamp(day)).iloc[:1]
    flow = flow_of(today, prices=price_path(reference, flat, today["issuance_date"]))
    assert net_present_fen(flow) == 8_000_000


def test_nothing_to_issue_is_said(flow_of, issuances, findings):
    flow = flow_of(issuances.iloc[:0])
    assert flow.empty
    assert net_present_fen(flow) == 0
    assert findings.table()["code"].tolist() == ["E539"]
    flow = flow_of(issuances.assign(issued_t=0), [VERIFICATION])
    assert net_present_fen(flow) == -1_440_000
    assert findings.count("E539") == 2


def test_a_date_without_a_price_is_an_error(flow_of, issuances, prices):
    with pytest.raises(ConfigError, match=r"E528 .*2028-08-30"):
        flow_of(issuances, prices=prices.iloc[:1])


def test_terms_are_shares():
    with pytest.raises(UnitError, match="tax_share"):
        SaleTerms(0.0, 0.0, 6, 0.0, **TOLD)
    with pytest.raises(ConfigError, match="fee_share"):
        SaleTerms(0.0, 0.6, 0.6, 0.0, **TOLD)


def test_a_cost_between_issuances_is_in_order_of_time(flow_of, issuances):
    dated = CostItem(
        "design", "设计费", "design", 1, "once", because="example", date=dt.date(2028, 1, 1)
    )
    flow = flow_of(issuances, [dated])
    assert flow["item"].tolist() == ["issuance", "design", "issuance"]
