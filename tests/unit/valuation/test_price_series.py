"""Series of one instrument, their years, and auctions that found no buyer: by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, VocabularyError
from ecogis.valuation import auction_outcomes, price_series, yearly_prices


@pytest.fixture
def daily(observed):
    """Prices of January and February: a day without trade, two prices of one day, one missing."""
    return observed(
        ("2026-01-05", "market", 80.0, 100),
        ("2026-01-06", "market", 80.0, 0),
        ("2026-01-30", "market", 90.0, 300),
        ("2026-01-30", "market", 94.0, 100),
        ("2026-02-02", "market", np.nan, 50),
        ("2026-02-27", "market", 60.0, 10),
        ("2026-02-27", "acquisition", 10.0, 10),
        instrument="CEA",
    )


def told(findings):
    return {
        row["message_en"].split(", ")[-1].rstrip("."): int(row["observed"])
        for row in findings.rows()
    }


def test_a_day_without_trade_is_a_gap(daily, findings):
    series = price_series(daily, "CEA", findings=findings)
    assert series.table["price_cny_t"].tolist() == [80.0, 91.0, 60.0]
    assert series.table["volume_t"].tolist() == [100.0, 400.0, 10.0]
    assert series.label == "CEA 2026-01-05/2026-02-27, day, n = 3"
    assert told(findings) == {
        "without a date or a price above 0": 1, "the price before carried on": 1,
    }  # fmt: skip


def test_month_ends_and_means_by_hand(daily, findings):
    ends = price_series(daily, "CEA", findings=findings, every="month_end").table
    assert ends["price_cny_t"].tolist() == [91.0, 60.0]
    means = price_series(daily, "CEA", findings=findings, every="month_mean").table
    assert means["price_cny_t"].tolist() == [(80 * 100 + 91 * 400) / 500, 60.0]
    assert means["date"].dt.day.tolist() == [30, 27]


def test_means_are_plain_where_a_volume_is_missing(observed, findings):
    table = observed(("2026-01-05", "market", 80.0, 100), ("2026-01-05", "market", 90.0, None))
    assert price_series(table, "CCER", findings=findings).table["price_cny_t"].tolist() == [85.0]
    assert findings.count() == 0


def test_the_span_is_kept_to_and_told(daily, findings):
    span = {"start": dt.date(2026, 1, 6), "end": dt.date(2026, 1, 31)}
    series = price_series(daily, "CEA", findings=findings, **span)
    assert series.table["price_cny_t"].tolist() == [91.0]
    assert told(findings)["outside the span asked for"] == 2


def test_the_order_of_rows_changes_nothing(daily, findings):
    mixed = daily.sample(frac=1.0, random_state=1)
    for every in ("day", "month_end", "month_mean"):
        one, other = (
            price_series(table, "CEA", findings=findings, every=every).table
            for table in (daily, mixed)
        )
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_an_instrument_nobody_quotes_has_no_series(daily, findings):
    series = price_series(daily, "CCER", findings=findings, every="month_mean")
    assert (len(series.table), series.label) == (0, "CCER, n = 0")


def test_another_step_and_missing_columns_are_refused(daily, findings):
    with pytest.raises(ConfigError, match="E002"):
        price_series(daily, "CEA", findings=findings, every="week")
    with pytest.raises(VocabularyError):
        price_series(daily.drop(columns="volume_t"), "CEA", findings=findings)


def test_a_year_by_hand(daily):
    (year,) = yearly_prices(daily, trading_days=100).to_dict("records")
    assert (year["days"], year["first_cny_t"], year["last_cny_t"]) == (5, 80.0, 60.0)
    assert (year["low_cny_t"], year["high_cny_t"], year["volume_t"]) == (60.0, 94.0, 510.0)
    assert year["weighted_cny_t"] == pytest.approx((8000 + 27000 + 9400 + 600) / 510)
    changes = np.log([80 / 80, 90 / 80, 94 / 90, 60 / 94])
    assert year["volatility"] == pytest.approx(
        np.sqrt(100 * np.mean((changes - changes.mean()) ** 2))
    )
    assert yearly_prices(daily.iloc[:1], trading_days=100)["volatility"].isna().all()
    idle = daily.iloc[1:2]
    assert yearly_prices(idle, trading_days=100)["weighted_cny_t"].isna().all()


@pytest.fixture
def lots():
    return pd.DataFrame(
        {
            "date": pd.to_datetime(
                ["2024-02-01", "2024-03-01", "2024-05-01", "2024-12-01", "2025-01-01"]
            ),
            "lot": ["甲县28村", "甲县3村", "乙林场", "甲县27村", "丙村"],
            "price_cny_t": [np.nan, np.nan, 40.0, 30.0, np.nan],
            "volume_t": [300.0, 100.0, 100.0, 500.0, 70.0],
            "result": ["流拍", "unsold", "", "", "result not in set"],
        }
    )


def test_a_result_that_is_not_stated_is_neither_sold_nor_unsold(lots, findings):
    found = auction_outcomes(lots, findings=findings, lot="lot", note="result")
    first, second = found.by_year.to_dict("records")
    assert (first["sold_t"], first["unsold_t"], first["not_stated_t"]) == (600.0, 400.0, 0.0)
    assert (first["price_cny_t"], first["unsold_share"]) == (pytest.approx(19000 / 600), 0.4)
    assert second["not_stated_t"] == 70.0
    assert np.isnan(second["unsold_share"])
    assert np.isnan(second["price_cny_t"])


def test_the_next_sale_of_the_place_is_found(lots, findings):
    found = auction_outcomes(lots, findings=findings, lot="lot", note="result").resold
    assert found["next_lot"].tolist() == ["甲县27村", "甲县27村"]
    assert found["delay_days"].tolist() == [304, 275]
    assert found["next_cny_t"].tolist() == [30.0, 30.0]
    (row,) = findings.rows()
    assert "a share of 0.400" in row["message_en"]
    assert "304, 275" in row["message_zh"]


def test_a_lot_that_never_sold_has_no_delay(lots, findings):
    alone = lots.iloc[:1]
    found = auction_outcomes(alone, findings=findings, lot="lot", note="result")
    assert found.resold["delay_days"].isna().all()
    assert found.by_year["unsold_share"].tolist() == [1.0]
    sold = auction_outcomes(lots.iloc[2:3], findings=findings, lot="lot", note="result")
    assert sold.resold.empty
    assert findings.count() == 1
