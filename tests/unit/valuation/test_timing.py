"""Conventions of timing: a table worked by hand, and what each does to a value."""

import datetime as dt

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.valuation import cash_flow, net_present_fen, years_after

DAY = dt.date(2024, 2, 29)
BY_HAND = {  # date: actual days / 365, middle of the year, end of the year
    "2024-02-29": (0.0, 0.0, 0.0),
    "2024-03-01": (1 / 365, 0.5, 1.0),
    "2025-02-28": (1.0, 0.5, 1.0),
    "2025-03-01": (366 / 365, 1.5, 2.0),
    "2028-02-29": (1461 / 365, 3.5, 4.0),
}


@pytest.mark.parametrize(("at", "timing"), [(0, "dated"), (1, "mid_year"), (2, "year_end")])
def test_by_hand(at, timing):
    found = years_after(pd.Series(list(BY_HAND)), DAY, timing)
    assert found.tolist() == pytest.approx([years[at] for years in BY_HAND.values()])


def test_days_before_the_valuation_date_are_below_nought():
    assert years_after(pd.Series(["2023-12-31"]), DAY).tolist() == pytest.approx([-60 / 365])


def test_another_convention_is_refused():
    with pytest.raises(ConfigError, match="mid_year"):
        years_after(pd.Series(["2025-01-01"]), DAY, "whenever")


def test_the_middle_of_the_year_is_worth_more_than_its_end(
    issuances, prices, day, findings, no_terms
):
    value = {
        timing: net_present_fen(
            cash_flow(
                issuances, prices, [], terms=no_terms, rate=0.09, date=day, area_ha=None,
                findings=findings, timing=timing,
            )
        )
        for timing in ("mid_year", "year_end")
    }  # fmt: skip
    assert value["mid_year"] / value["year_end"] == pytest.approx(1.09**0.5, rel=1e-6)
