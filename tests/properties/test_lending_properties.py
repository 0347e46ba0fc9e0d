"""Laws of the cap by income, of the market cross-check and of the trees' value."""

import datetime as dt

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogis.core.findings import Findings
from ecogis.valuation import (
    REPAYMENTS,
    TimberTerms,
    cover_ratios,
    income_cap,
    repayment_schedule,
    stand_assets,
    stand_assets_by_age,
    worth_at_price,
)

START = dt.date(2026, 8, 31)
EVENTS = st.lists(
    st.tuples(st.integers(1, 900), st.integers(-2_000_000, 20_000_000)), min_size=1, max_size=6
)
LOANS = st.fixed_dictionaries(
    {
        "rate": st.sampled_from([0.0, 0.0415, 0.12]),
        "months": st.integers(1, 30),
        "kind": st.sampled_from(REPAYMENTS),
        "at": st.sampled_from(["every_date", "maturity"]),
    }
)


def flow(events):
    days = [START + dt.timedelta(days=days) for days, _ in events]
    return pd.DataFrame({"date": pd.to_datetime(days), "net_fen": [net for _, net in events]})


def cap(events, loan, least=1.2, **more):
    return income_cap(flow(events), least_cover=least, start=START, **loan, **more)


@given(EVENTS, LOANS)
@settings(max_examples=60, deadline=None)
def test_the_cap_is_covered_at_its_dates(events, loan):
    found = cap(events, loan)
    if found:
        plan = repayment_schedule(
            found, loan["rate"], START, loan["months"], kind=loan["kind"], income=flow(events)
        )
        cover = cover_ratios(plan, flow(events), rate=0.0)
        due = cover[cover["service_fen"] > 0]
        watched = due.iloc[-1:] if loan["at"] == "maturity" else due
        assert (watched["income_fen"] * 10 >= watched["service_fen"] * 12).all()


@given(EVENTS, LOANS, st.sampled_from([1.0, 1.3, 2.5]))
@settings(max_examples=40, deadline=None)
def test_a_higher_cover_or_less_income_never_raises_the_cap(events, loan, least):
    found = cap(events, loan, least)
    assert cap(events, loan, least + 0.5) <= found
    assert cap(events, loan, least, other_income_cny_yr=12_000) >= found
    assert found % 100_000 == 0


@given(EVENTS, LOANS)
@settings(max_examples=40, deadline=None)
def test_every_date_is_never_less_strict_than_maturity(events, loan):
    assert cap(events, loan | {"at": "every_date"}) <= cap(events, loan | {"at": "maturity"})


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=8),
    st.integers(0, 10**9),
    st.floats(1.0, 500.0),
)
def test_sales_at_their_own_price_are_worth_what_they_were(sold, cost, price):
    table = pd.DataFrame(
        {
            "kind": ["issuance"] * len(sold) + ["cost"],
            "price_cny_t": [price] * len(sold) + [0.0],
            "present_fen": [*sold, -cost],
        }
    )
    assert worth_at_price(table, price) == sum(sold) - cost
    assert worth_at_price(table, price / 2) <= sum(sold) - cost


STANDS = st.lists(
    st.fixed_dictionaries(
        {
            "species": st.sampled_from(["杉木", "桉树", None]),
            "age_group": st.sampled_from(["young", "middle", "mature", None]),
            "age_yr": st.one_of(st.none(), st.floats(0.0, 60.0)),
            "area_ha": st.floats(0.01, 50.0),
            "standing_volume": st.one_of(st.none(), st.floats(0.0, 400.0)),
            "final_volume": st.one_of(st.none(), st.floats(0.0, 400.0)),
        }
    ),
    min_size=1,
    max_size=8,
)


@given(STANDS)
@settings(max_examples=40, deadline=None)
def test_no_stand_is_dropped_and_sums_keep_every_fen(rows):
    stands = pd.DataFrame(rows).assign(site_class="planted")
    stands["stand"] = [f"S{n}" for n in range(len(stands))]
    terms = {"杉木": TimberTerms(0.075, 26, price_cny_m3=900.0, cost_cny_m3=300.0, outturn=0.7)}
    findings = Findings()
    valued = stand_assets(stands, terms, findings)
    sums = stand_assets_by_age(valued)
    assert sums["stands"].sum() == len(stands)
    assert sums["value_fen"].sum() == valued["value_fen"].sum()
    told = findings.table()
    told = told[told["code"] == "E884"]
    assert told["observed"].astype(int).sum() == valued["value_fen"].isna().sum()
