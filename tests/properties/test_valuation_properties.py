"""Laws of valuation that hold for any input."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogis.core.findings import Findings
from ecogis.valuation import (
    CostItem,
    PriceModel,
    PriceProcess,
    ReferencePrice,
    SaleTerms,
    Uncertainty,
    cash_flow,
    discount_rate,
    distribution,
    loan_proposal,
    net_present_fen,
    pledge_value,
    price_path,
    reference_price,
    repayment_schedule,
)
from ecogis.valuation.money import part_of

DAY = dt.date(2026, 8, 31)
TOLD = {"because": "law", "confidence": "assumed"}

shares = st.integers(0, 1000).map(lambda n: n / 1000)
rates = st.integers(0, 300).map(lambda n: n / 1000)
terms = st.builds(
    lambda h, f, x, d: SaleTerms(h, f, min(x, 1 - f), d, **TOLD),
    shares, st.integers(0, 50).map(lambda n: n / 1000), st.sampled_from([0.0, 0.03, 0.06, 0.09]),
    shares,
)  # fmt: skip
issuance_lists = st.lists(
    st.tuples(st.integers(0, 7000), st.integers(0, 10**6)), min_size=1, max_size=6
)


def table(rows):
    dates = [pd.Timestamp(DAY) + pd.Timedelta(days=days) for days, _ in rows]
    tonnes = [tonnes for _, tonnes in rows]
    return pd.DataFrame(
        {"issuance_date": dates, "verification_date": dates, "issued_t": tonnes}
    ).astype({"issued_t": "int64"})


def flow_of(rows, terms, rate, *, price="80.00", model=None, costs=()):
    issuances = table(rows)
    reference = ReferencePrice(DAY, Decimal(price), pd.DataFrame(), "assumed")
    path = price_path(reference, model or PriceModel("flat", **TOLD), issuances["issuance_date"])
    return cash_flow(
        issuances, path, costs, terms=terms, rate=rate, date=DAY, area_ha=1.0,
        findings=Findings(),
    )  # fmt: skip


@given(rows=issuance_lists, terms=terms, low=rates, more=rates)
def test_a_higher_rate_never_raises_the_value_of_income(rows, terms, low, more):
    value = net_present_fen(flow_of(rows, terms, low))
    assert net_present_fen(flow_of(rows, terms, low + more)) <= value


@given(rows=issuance_lists, terms=terms, rate=rates, a=st.integers(1, 50_000), b=st.integers(0, 99))
def test_a_higher_price_never_lowers_the_value(rows, terms, rate, a, b):
    low, high = (f"{Decimal(fen).scaleb(-2)}" for fen in (a, a + b))
    lower = net_present_fen(flow_of(rows, terms, rate, price=low))
    assert net_present_fen(flow_of(rows, terms, rate, price=high)) >= lower


costs = st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 10**6)), min_size=0, max_size=4)


def charges(rows, factor=1):
    """Costs due on their days, in days after the valuation date and yuan."""
    return [
        CostItem(
            f"c{i}", "费用", "cost", factor * cny, "once", "law", date=DAY + dt.timedelta(days=days)
        )
        for i, (days, cny) in enumerate(rows)
    ]


@given(rows=issuance_lists, paid=costs, terms=terms, low=rates, more=rates)
def test_a_higher_rate_never_raises_the_value_where_costs_come_first(rows, paid, terms, low, more):
    """Paid on the first day: never. Paid before all income: never while the value is above 0."""
    at_once = charges([(0, cny) for _, cny in paid])
    values = [
        net_present_fen(flow_of(rows, terms, rate, costs=at_once)) for rate in (low, low + more)
    ]
    assert values[1] <= values[0] + len(rows)
    first = min(days for days, _ in rows)
    early = charges([(min(days, first), cny) for days, cny in paid])
    values = [
        net_present_fen(flow_of(rows, terms, rate, costs=early)) for rate in (low, low + more)
    ]
    assert values[1] <= max(values[0], 0) + len(rows) + len(early)


@given(rows=issuance_lists, paid=costs, terms=terms, rate=rates)
def test_a_higher_cost_never_raises_the_value(rows, paid, terms, rate):
    lower, higher = (
        net_present_fen(flow_of(rows, terms, rate, costs=charges(paid, factor)))
        for factor in (1, 2)
    )
    assert higher <= lower


@given(rows=issuance_lists, paid=costs, terms=terms, rate=rates, later=st.integers(0, 3000))
def test_a_later_issue_never_raises_the_value_at_a_flat_price(rows, paid, terms, rate, later):
    late = [(days + later, tonnes) for days, tonnes in rows]
    now, then = (
        net_present_fen(flow_of(r, terms, rate, costs=charges(paid))) for r in (rows, late)
    )
    assert then <= now + len(rows)


@given(
    parts=st.lists(st.tuples(*[st.integers(0, 50)] * 3).map(sorted), min_size=1, max_size=6),
    chosen=st.sets(st.integers(0, 5)),
)
def test_a_simulated_risk_is_nought_in_the_rate_and_no_other_is(parts, chosen):
    built = discount_rate(
        pd.DataFrame(
            {"component": f"p{i}", "confidence": "assumed"}
            | dict(zip(("low", "mid", "high"), (n / 1000 for n in span), strict=True))
            for i, span in enumerate(parts)
        )
    )
    risks = {f"p{i}": "drawn" for i in chosen}
    rate = built.simulated(risks)
    for i, span in enumerate(parts):
        kept = [0.0] * 3 if i in chosen else [n / 1000 for n in span]
        assert rate.parts.loc[i, ["low", "mid", "high"]].tolist() == kept
        assert rate.parts.loc[i, "simulated"] == ("drawn" if i in chosen else "")
    assert rate.rate <= built.rate


@given(rows=issuance_lists, rate=rates, growth=st.floats(-0.2, 0.2), more=st.floats(0, 0.2))
def test_higher_growth_never_lowers_the_value(rows, rate, growth, more):
    free = SaleTerms(0.0, 0.0, 0.0, 0.0, **TOLD)
    low, high = (PriceModel("growth", growth=g, **TOLD) for g in (growth, growth + more))
    lower = net_present_fen(flow_of(rows, free, rate, model=low))
    assert net_present_fen(flow_of(rows, free, rate, model=high)) >= lower


@given(rows=issuance_lists, terms=terms, rate=rates, data=st.data())
def test_splitting_or_shuffling_issuances_changes_nothing(rows, terms, rate, data):
    cost = CostItem("c", "成本", "cost", "1234.56", "per_ha_verification", because="law")
    halves = []
    for days, tonnes in rows:
        first = data.draw(st.integers(0, tonnes))
        halves += [(days, tonnes - first), (days, first)]
    whole = flow_of(rows, terms, rate, costs=[cost])
    split = flow_of(data.draw(st.permutations(halves)), terms, rate, costs=[cost])
    pd.testing.assert_frame_equal(whole, split)


@given(rows=issuance_lists, terms=terms, rate=rates)
def test_rows_and_totals_close(rows, terms, rate):
    flow = flow_of(rows, terms, rate)
    total = flow.filter(regex="_fen$").sum()
    off = total[["delivery_fen", "fee_fen", "tax_fen", "developer_fen", "cost_fen"]].sum()
    assert total["gross_fen"] - off == total["net_fen"]
    assert (flow.filter(regex="_fen$").drop(columns="cost_fen") >= 0).all(axis=None)
    assert total["gross_fen"] == 8000 * sum(tonnes for _, tonnes in rows)


@given(
    amounts=st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=20),
    ppm=st.integers(0, 10**6),
)
def test_a_part_and_its_rest_are_the_amount(amounts, ppm):
    parts = part_of(np.array(amounts), ppm)
    exact = [Decimal(amount) * ppm / 10**6 for amount in amounts]
    assert all(
        abs(part - to) <= Decimal("0.5") for part, to in zip(parts.tolist(), exact, strict=True)
    )


@settings(max_examples=25)
@given(
    kg=st.lists(st.integers(0, 10**6), min_size=1, max_size=12),
    spread=st.sampled_from([0.0, 0.1, 0.5]),
    terms=terms,
    rate=rates,
    seed=st.integers(0, 2**31),
)
def test_the_pledge_value_never_exceeds_the_cash_flow_and_the_loan_never_its_limits(
    kg, spread, terms, rate, seed
):
    flow = flow_of([(400, sum(kg) // 1000)], terms, rate)
    matrix = pd.DataFrame({flow["date"].iloc[0]: kg}, index=[f"S{i}" for i in range(len(kg))])
    unsure = Uncertainty(spread, spread, PriceProcess(spread, reversion=0.3, **TOLD), **TOLD)
    draws = distribution(
        matrix, flow, terms=terms, uncertainty=unsure, date=DAY, seed=seed, draws=40
    )
    pledge = pledge_value(draws, net_present_fen(flow), quantile=0.05)
    assert 0 <= pledge.value_fen <= max(net_present_fen(flow), 0)
    ordered = [draws.quantile(q) for q in (0.0, 0.05, 0.5, 0.95, 1.0)]
    assert ordered == sorted(ordered)
    assert pledge.value_fen <= max(draws.quantile(0.5), 0)
    loan = loan_proposal(
        pledge, pledge_rate=0.5, amounts={"requested": 50_000},
        ends={"last_issuance": dt.date(2030, 1, 1)}, date=DAY,
    )  # fmt: skip
    assert loan.principal_fen % 100_000 == 0
    assert 2 * loan.principal_fen <= pledge.value_fen
    assert loan.principal_fen <= 5_000_000


@given(
    rows=st.lists(
        st.tuples(
            st.integers(0, 60),
            st.sampled_from(["acquisition", "market", "regulated"]),
            st.integers(1, 20_000),
            st.one_of(st.none(), st.integers(0, 10**6)),
        ),
        min_size=1,
        max_size=15,
    ),
    data=st.data(),
)
def test_a_reference_price_lies_within_what_was_seen(rows, data):
    seen = pd.DataFrame(
        {
            "date": [pd.Timestamp(DAY) - pd.Timedelta(days=days) for days, *_ in rows],
            "instrument": "CCER",
            "price_kind": [kind for _, kind, *_ in rows],
            "price_cny_t": [fen / 100 for _, _, fen, _ in rows],
            "volume_t": [np.nan if volume is None else float(volume) for *_, volume in rows],
            "source": "law",
            "confidence": "assumed",
            "row": range(1, len(rows) + 1),
        }
    )
    weights = {"acquisition": 0.25, "market": 0.5, "regulated": 0.25}

    def price(table):
        return reference_price(
            table, DAY, weights=weights, lookback_days=60, findings=Findings()
        ).price_cny_t

    found = price(seen)
    prices = [fen for _, _, fen, _ in rows]
    assert min(prices) <= found * 100 <= max(prices)
    assert price(seen.iloc[data.draw(st.permutations(range(len(rows))))]) == found


@given(principal=st.integers(0, 10**10), rate=rates, months=st.integers(1, 60))
def test_a_schedule_pays_the_principal_back(principal, rate, months):
    plan = repayment_schedule(principal, rate, DAY, months, kind="equal_instalment")
    assert plan["principal_fen"].sum() == principal
    assert (plan[["principal_fen", "interest_fen", "closing_fen"]] >= 0).all(axis=None)
