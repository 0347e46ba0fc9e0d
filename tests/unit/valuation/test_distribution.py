import math

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.valuation import (
    CostItem,
    PriceProcess,
    SaleTerms,
    Uncertainty,
    cash_flow,
    distribution,
    net_present_fen,
)

TOLD = {"because": "example", "confidence": "assumed"}
TERMS = SaleTerms(0.1, 0.005, 0.06, 0.3, **TOLD)


def unsure(volume_cv, biomass_cv, volatility, reversion):
    price = PriceProcess(volatility, reversion=reversion, **TOLD)
    return Uncertainty(volume_cv, biomass_cv, price, **TOLD)


CERTAIN = unsure(0.0, 0.0, 0.0, 0.0)
WIDE = unsure(0.3, 0.1, 0.4, 0.5)
COST = CostItem(
    "verification", "核查费", "verification", 10_000, "per_verification", because="example"
)


@pytest.fixture
def credit_kg():
    """Forty stands that add up to 1000.4 t and 1999.7 t: 1000 t, then 2000 t."""
    dates = pd.to_datetime(["2027-08-31", "2028-08-30"])
    stands = [f"S{i:03}" for i in range(40)]
    table = pd.DataFrame(25_000, index=stands, columns=dates)
    table.loc[:, dates[1]] = 50_000
    table.loc["S000"] += [400, -300]
    return table


@pytest.fixture
def flow(issuances, prices, day, findings):
    return cash_flow(
        issuances, prices, [COST], terms=TERMS, rate=0.09, date=day, area_ha=None,
        findings=findings,
    )  # fmt: skip


@pytest.fixture
def drawn(credit_kg, flow, day):
    def build(uncertainty=WIDE, *, credit_kg=credit_kg, flow=flow, seed=7, draws=200, **more):
        return distribution(
            credit_kg, flow, terms=TERMS, uncertainty=uncertainty, date=day, seed=seed,
            draws=draws, **more,
        )  # fmt: skip

    return build


def test_without_uncertainty_every_draw_is_the_cash_flow(drawn, flow):
    found = drawn(CERTAIN, draws=5)
    assert found.npv_fen.tolist() == [net_present_fen(flow)] * 5
    assert found.tonnes.tolist() == [[1000, 2000]] * 5
    assert found.mean_fen == found.quantile(0.05) == net_present_fen(flow)


def test_same_bytes_whatever_the_order(drawn, credit_kg):
    one = drawn()
    other = drawn(credit_kg=credit_kg.iloc[::-1, ::-1])
    assert one.npv_fen.tobytes() == other.npv_fen.tobytes()
    assert one.tonnes.tobytes() == other.tonnes.tobytes()
    assert drawn(seed=8).npv_fen.tobytes() != one.npv_fen.tobytes()


def test_more_draws_keep_the_first_ones(drawn):
    assert drawn(draws=50).npv_fen.tolist() == drawn(draws=200).npv_fen[:50].tolist()


def test_independent_errors_average_out_and_common_ones_do_not(drawn):
    own = drawn(unsure(0.2, 0.0, 0.0, 0.0), draws=2000).tonnes.sum(axis=1)
    common = drawn(unsure(0.0, 0.2, 0.0, 0.0), draws=2000).tonnes.sum(axis=1)
    assert own.std() / own.mean() == pytest.approx(0.2 / math.sqrt(40), rel=0.1)
    assert common.std() / common.mean() == pytest.approx(0.2, rel=0.1)
    assert own.mean() == pytest.approx(3000, rel=0.005)
    assert common.mean() == pytest.approx(3000, rel=0.02)


def test_price_draws_have_mean_and_spread_of_the_model(drawn, flow):
    only_price = unsure(0.0, 0.0, 0.3, 0.0)
    first = flow[flow["kind"] == "issuance"].iloc[:1]
    free = flow.iloc[:1].assign(**first.iloc[0].to_dict())
    matrix = pd.DataFrame([[1_000_000]], index=["S"], columns=[first["date"].iloc[0]])
    values = drawn(only_price, credit_kg=matrix, flow=free, draws=4000).npv_fen
    expected = int(first["present_fen"].iloc[0])
    assert values.mean() == pytest.approx(expected, rel=0.02)
    assert np.log(values).std() == pytest.approx(0.3, rel=0.05)
    fifth = expected * math.exp(-1.645 * 0.3 - 0.3**2 / 2)
    assert np.quantile(values, 0.05) == pytest.approx(fifth, rel=0.03)


def test_reversion_narrows_a_distant_price(drawn):
    free = drawn(unsure(0.0, 0.0, 0.4, 0.0), draws=1000)
    held = drawn(unsure(0.0, 0.0, 0.4, 2.0), draws=1000)
    assert held.npv_fen.std() < 0.8 * free.npv_fen.std()


def test_failed_delivery_is_drawn_or_expected_never_both(drawn):
    expected = drawn(CERTAIN, draws=4000)
    failing = drawn(CERTAIN, draws=4000, delivery="drawn")
    assert len(set(failing.npv_fen.tolist())) == 4  # none, first, second, both arrive
    assert failing.npv_fen.mean() == pytest.approx(expected.mean_fen, rel=0.02)
    assert failing.quantile(0.05) < expected.quantile(0.05)


def test_quantiles_are_draws(drawn):
    found = drawn(draws=200)
    ordered = sorted(found.npv_fen.tolist())
    assert found.quantile(0.05) == ordered[9]
    assert found.quantile(0.0) == ordered[0]
    assert found.quantile(1.0) == ordered[-1]


def test_summary_reads_by_quantity(drawn):
    table = drawn().summary()
    assert table["quantity"].tolist() == [
        "net_present_value",
        "tonnes",
        "tonnes_2027-08-31",
        "tonnes_2028-08-30",
    ]
    assert (table["p5"] <= table["p50"]).all()
    assert (table["p50"] <= table["p95"]).all()
    assert table[["p5", "mean"]].dtypes.astype(str).tolist() == ["int64", "int64"]


def test_past_issuances_carry_their_remainder(drawn, credit_kg, flow):
    earlier = credit_kg.assign(**{"2025-12-31": 0})
    earlier.loc["S000", "2025-12-31"] = 5_600
    earlier.columns = pd.to_datetime(earlier.columns)
    shifted = flow.assign(tonnes=[1001, 0, 1999, 0])
    assert drawn(CERTAIN, credit_kg=earlier, flow=shifted, draws=1).tonnes.tolist() == [
        [1001, 1999]
    ]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda t: t.iloc[:-1], "add up"),
        (lambda t: t.iloc[:, :1], "dates"),
        (lambda t: t.astype("float64"), "int64"),
        (lambda t: pd.concat([t, t]), "repeated"),
        (lambda t: t.rename(index={"S000": None}), "missing"),
    ],
)
def test_what_does_not_fit_the_cash_flow_is_refused(drawn, credit_kg, change, match):
    with pytest.raises(ConfigError, match=f"E535.*{match}"):
        drawn(credit_kg=change(credit_kg))


def test_arguments_out_of_range():
    with pytest.raises(ConfigError, match="volume_cv"):
        unsure(-0.1, 0.0, 0.0, 0.0)
    with pytest.raises(ConfigError, match="volatility"):
        unsure(0.1, 0.0, float("nan"), 0.0)


def test_draws_and_delivery_are_checked(drawn):
    with pytest.raises(ConfigError, match="E535"):
        drawn(draws=0)
    with pytest.raises(ConfigError, match="E535"):
        drawn(delivery="hoped")
