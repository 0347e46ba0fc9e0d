import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, UnitError
from ecogis.valuation import PriceModel, PriceProcess, expected_price, price_path

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


RETURNING = PriceProcess(0.3, **TOLD, reversion=0.5, level_cny_t=100)
BROWNIAN = PriceProcess(0.3, **TOLD, drift=0.05)
JUMPING = PriceProcess(0.2, **TOLD, jump_rate=0.5, jump_mean=-0.2, jump_spread=0.1)


@pytest.mark.parametrize(
    ("kind", "process"), [("mean_reverting", RETURNING), ("gbm", BROWNIAN), ("jump", JUMPING)]
)
def test_the_path_of_a_process_is_what_it_expects(reference, dates, kind, process):
    path = price_path(reference, PriceModel(kind, process=process, **TOLD), dates)
    expected = expected_price(process, 80, path["years"].to_numpy())
    assert path["price_cny_t"].tolist() == [round(price, 2) for price in expected.tolist()]
    assert path["price_fen"].iloc[0] == 8000


def test_a_process_by_hand(reference, dates):
    grown = price_path(reference, PriceModel("gbm", process=BROWNIAN, **TOLD), dates)
    assert grown["price_cny_t"].tolist() == [80.0, 84.10, 88.41]  # 80 e^0.05, 80 e^0.1
    flat = price_path(reference, PriceModel("jump", process=JUMPING, **TOLD), dates)
    assert flat["price_cny_t"].tolist() == [80.0] * 3


def test_a_process_in_sensitivities(reference, dates):
    model = PriceModel("gbm", process=BROWNIAN, **TOLD)
    assert price_path(reference, model.scaled(-0.5), dates)["price_fen"].tolist() == [
        4000, 4205, 4421,
    ]  # fmt: skip
    grown = price_path(reference, model.growing(0.1), dates)
    assert (grown["price_fen"].iloc[1], model.growing(0.1).kind) == (9251, "gbm")


@pytest.mark.parametrize(
    ("kind", "process"),
    [
        ("flat", BROWNIAN),
        ("gbm", None),
        ("gbm", RETURNING),
        ("gbm", JUMPING),
        ("mean_reverting", BROWNIAN),
        ("mean_reverting", PriceProcess(0.3, **TOLD, reversion=0.5)),
        ("jump", RETURNING),
        ("jump", PriceProcess(0.3, **TOLD, reversion=0.5, jump_rate=1.0)),
    ],
)
def test_kind_and_process_belong_together(kind, process):
    with pytest.raises(ConfigError, match="E532"):
        PriceModel(kind, process=process, **TOLD)


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
