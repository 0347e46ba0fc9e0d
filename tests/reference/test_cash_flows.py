"""Discounting against published figures: numpy-financial's cases and the build-up of the rate."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest

from ecogis.core.findings import Findings
from ecogis.valuation import (
    CostItem,
    PriceModel,
    PriceProcess,
    ReferencePrice,
    SaleTerms,
    cash_flow,
    discount_factors,
    discount_rate,
    drawn_prices,
    net_present_fen,
    present_fen,
    price_path,
    repayment_schedule,
)

DAY = dt.date(2026, 8, 31)
TOLD = {"because": "reference case", "confidence": "quoted"}


def whole_years(count):
    return [pd.Timestamp(DAY) + pd.Timedelta(days=365 * year) for year in range(1, count + 1)]


def test_net_present_value_of_numpy_financial():
    """npv(0.05, [-15000, 1500, 2500, 3500, 4500, 6000]) = 122.89485495 (numpy-financial)."""
    dates = pd.Series(whole_years(5))
    issuances = pd.DataFrame({"issuance_date": dates, "issued_t": [1500, 2500, 3500, 4500, 6000]})
    reference = ReferencePrice(DAY, 1, pd.DataFrame(), "quoted")
    flow = cash_flow(
        issuances,
        price_path(reference, PriceModel("flat", **TOLD), dates),
        [CostItem("start", "投资", "outlay", 15_000, "once", because="example", date=DAY)],
        terms=SaleTerms(0.0, 0.0, 0.0, 0.0, **TOLD),
        rate=0.05,
        date=DAY,
        area_ha=None,
        findings=Findings(),
    )
    assert net_present_fen(flow) == pytest.approx(12289.485495, abs=0.5 * len(flow))


def test_annuity_of_numpy_financial():
    """pv(0.07, 20, 12000) = -127128.17 (numpy-financial)."""
    factors = discount_factors(np.arange(1.0, 21.0), 0.07)
    value = present_fen(np.full(20, 1_200_000), factors).sum()
    assert value == pytest.approx(12_712_817, abs=0.5 * 20)


def test_instalment_of_numpy_financial():
    """pmt(0.08 / 12, 60, 15000) = -304.145914 (numpy-financial)."""
    plan = repayment_schedule(1_500_000, 0.08, DAY, 60, kind="equal_instalment")
    assert plan["payment_fen"].iloc[0] == 30_415


def test_cases_against_the_shared_file(shared_data):
    """The figures above are those of the file beside the project."""
    cases = pd.read_csv(shared_data / "ref_xirr" / "numpy_financial_cases.csv")
    expected = cases.set_index("function")["expected"]
    assert float(expected["npv"]) == 122.89485495
    assert float(expected["pv"]) == -127128.17
    assert float(expected["pmt"]) == -304.145914


def test_build_up_of_the_rate(shared_tables):
    """Low, mid and high add up to 5.7, 9.0 and 14.6 % (accounts_finance, F3)."""
    table = pd.read_csv(shared_tables / "discount_rate_buildup.csv")
    parts = table[table["symbol"] != "r"].rename(
        columns={"default_low": "low", "default_mid": "mid", "default_high": "high"}
    )
    found = discount_rate(parts.assign(confidence="assumed"))
    assert (found.low, found.rate, found.high) == (0.057, 0.09, 0.146)


@pytest.mark.parametrize(
    ("volatility", "years", "printed"),
    [
        (0.35, 1, 0.54), (0.35, 2, 0.41), (0.35, 3, 0.33), (0.35, 5, 0.23),
        (0.25, 1, 0.64), (0.25, 2, 0.52), (0.25, 3, 0.44), (0.25, 5, 0.33),
    ],
)  # fmt: skip
def test_price_only_haircut(volatility, years, printed):
    """One-sided 95 % haircut by price alone with 4 % carry: exp(-1.645 s sqrt(t) - 0.04 t).

    Our paths keep their mean on the path, so half the variance is added back before comparing.
    """
    moving = PriceProcess(volatility, because="example", confidence="assumed")
    out = drawn_prices(moving, [1_000_000], [years], ["2027-08-31"], seed=11, draws=20_000)
    fifth = np.quantile(out, 0.05) / 1_000_000 * math.exp(volatility**2 * years / 2)
    assert fifth * math.exp(-0.04 * years) == pytest.approx(printed, abs=0.005 + 0.01)
