import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, UnitError
from ecogis.valuation import PriceModel, price_path

TOLD = {"because": "example", "confidence": "assumed"}


@pytest.fixture
def dates():
    return pd.Series(pd.to_datetime(["2028-08-30", "2026-08-31", "2027-08-31", "2027-08-31"]))


def test_flat_stays_and_dates_are_ordered_once(reference, flat, dates):
    path = price_path(reference, flat, dates)
    assert path["price_fen"].tolist() == [8000, 8000, 8000]
    assert path["years"].tolist() == [0.0, 1.0, 2.0]
    assert path["price_cny_t"].tolist() == [80.0, 80.0, 80.0]


def test_growth_above_zero_raises_the_price(reference, dates):
    path = price_path(reference, PriceModel("growth", growth=0.1, **TOLD), dates)
    assert path["price_fen"].tolist() == [8000, 8800, 9680]


def test_a_scenario_is_read_by_calendar_year_and_never_extrapolated(reference, dates):
    model = PriceModel("scenario", prices={2026: 80, 2027: "70.5", 2028: 60.0}, **TOLD)
    assert price_path(reference, model, dates)["price_fen"].tolist() == [8000, 7050, 6000]
    short = PriceModel("scenario", prices={2026: 80, 2027: 70.5}, **TOLD)
    with pytest.raises(ConfigError, match=r"E528 .*2028"):
        price_path(reference, short, dates)


def test_the_past_has_no_forward_price(reference, flat):
    path = price_path(reference, flat, pd.Series(pd.to_datetime(["2025-01-01", "2026-09-30"])))
    assert path["date"].dt.year.tolist() == [2026]
    assert price_path(reference, flat, pd.Series([], dtype="datetime64[ns]")).empty


def test_changes_for_sensitivities(reference, flat, dates):
    assert price_path(reference, flat.scaled(-0.45), dates)["price_fen"].tolist() == [4400] * 3
    grown = price_path(reference, flat.growing(0.1), dates)
    assert grown["price_fen"].tolist() == [8000, 8800, 9680]
    assert PriceModel("growth", growth=0.02, **TOLD).growing(0.01).growth == 0.03


@pytest.mark.parametrize("growth", [5, -1.0, float("nan")])
def test_a_growth_in_percent_is_refused(growth):
    with pytest.raises(UnitError, match="growth"):
        PriceModel("growth", growth=growth, **TOLD)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "flat", "growth": 0.02},
        {"kind": "flat", "prices": {2027: 80}},
        {"kind": "scenario"},
        {"kind": "jump"},
        {"kind": "flat", "scale": -1.0},
    ],
)
def test_kind_and_values_belong_together(wrong):
    with pytest.raises(ConfigError):
        PriceModel(**wrong, **TOLD)
