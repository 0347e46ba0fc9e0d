"""Rates of return and annuities against published cases, several roots included."""

import math

import pandas as pd
import pytest

from ecogis.valuation import (
    internal_rates,
    level_payment,
    modified_rate,
    net_present,
    present_of_payments,
)


@pytest.fixture(scope="module")
def cases(shared_data):
    file = shared_data / "ref_xirr" / "numpy_financial_cases.csv"
    return pd.read_csv(file, dtype=str, keep_default_na=False)


def of(cases, function):
    found = cases[cases["function"] == function]
    assert len(found), function
    return found.itertuples(index=False)


def amounts(text):
    return [float(part) for part in text.split(";")]


def test_there_are_fourteen_cases(cases):
    assert len(cases) == 14


def test_internal_rates(cases):
    """The printed rate is among ours to its fourth decimal; none where none exists."""
    for case in of(cases, "irr"):
        rates = internal_rates(amounts(case.flows))
        if case.expected == "NaN":
            assert rates == ()
            continue
        nearest = min(rates, key=lambda rate: abs(rate - float(case.expected)))
        assert nearest == pytest.approx(float(case.expected), abs=5e-5)


def test_every_root_of_the_cases_with_several(cases):
    several = {case.expected: internal_rates(amounts(case.flows)) for case in of(cases, "irr")}
    assert several["-0.0833"] == pytest.approx((-0.678894, -0.083300), abs=1e-6)
    assert several["0.0886"] == pytest.approx((-0.870201, 0.088598, 0.709560), abs=1e-6)
    assert several["0.12"] == pytest.approx((-0.018097, 0.12), abs=1e-6)


def test_net_present_value(cases):
    for case in of(cases, "npv"):
        value = net_present(float(case.rate), amounts(case.flows))
        assert value == pytest.approx(float(case.expected), abs=1e-8)


def test_modified_rates(cases):
    for case in of(cases, "mirr"):
        rate = modified_rate(amounts(case.flows), *(float(r) for r in case.rate.split("|")))
        assert round(rate, len(case.expected.split(".")[1])) == float(case.expected)


def test_annuities(cases):
    """Our amounts have no sign convention: what is lent and what is paid are both above zero."""
    (payment,), (present,) = (list(of(cases, name)) for name in ("pmt", "pv"))
    assert payment.flows == "n=60;pv=15000"
    assert level_payment(15_000, 0.08 / 12, 60) == pytest.approx(-float(payment.expected), abs=1e-6)
    assert present.flows == "n=20;pmt=12000"
    assert present_of_payments(12_000, 0.07, 20) == pytest.approx(
        -float(present.expected), rel=1e-2
    )


def test_net_present_value_closed_form():
    """A level amount for n years is the annuity factor; for ever it is the amount over the rate."""
    assert net_present(0.06, [0.0] + [100.0] * 30) == pytest.approx(
        100 * (1 - 1.06**-30) / 0.06, rel=1e-13
    )
    assert net_present(0.06, [0.0] + [100.0] * 2000) == pytest.approx(100 / 0.06, rel=1e-12)
    assert math.isclose(net_present(0.06, [1.0], [0.5]), 1.06**-0.5)
