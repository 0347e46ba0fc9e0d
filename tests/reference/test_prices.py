"""Real quotes and auctions: years recomputed from days, and processes calibrated on them."""

from datetime import date

import pandas as pd
import pytest

from ecogis.core.findings import Findings
from ecogis.io import read_quotes
from ecogis.methods import parameters
from ecogis.valuation import CalibrationPolicy, auction_outcomes, calibrate, price_series
from ecogis.valuation import yearly_prices as years_of

TRADING_DAYS = 243  # with it the table's volatilities are met; population standard deviation
EXACT = {
    "n_days": "days", "first": "first_cny_t", "last": "last_cny_t", "min": "low_cny_t",
    "max": "high_cny_t", "volume_t": "volume_t",
}  # fmt: skip


@pytest.fixture(scope="module")
def quotes(shared_data):
    path = shared_data / "carbon_prices" / "cea_ccer_daily.csv"
    return read_quotes(path, profile="cn-carbon-quotes-daily", findings=Findings())


@pytest.fixture(scope="module")
def lots(shared_tables):
    path = shared_tables / "phcer_auctions.csv"
    return read_quotes(path, profile="phcer-auctions", findings=Findings())


def test_the_years_of_the_daily_file_are_those_printed(quotes, shared_tables):
    """Every figure of `price_stats_by_year.csv`, to its printed digits."""
    printed = pd.read_csv(shared_tables / "price_stats_by_year.csv")
    found = years_of(quotes, trading_days=TRADING_DAYS)
    both = printed.merge(found, left_on=["market", "year"], right_on=["instrument", "year"])
    assert len(both) == len(printed) == len(found) == 9
    for column, own in EXACT.items():
        name = f"{column}_x" if f"{column}_x" in both else column
        mine = f"{own}_y" if f"{own}_y" in both else own
        assert both[name].tolist() == both[mine].tolist(), column
    assert (both["mean_close"] - both["mean_cny_t"]).abs().max() < 0.005
    assert (both["volume_weighted_avg"] - both["weighted_cny_t"]).abs().max() <= 0.005
    volatility = both["daily_logret_vol_annualised"]
    assert (volatility - both["volatility"]).abs().max() <= 0.0005
    assert volatility.isna().tolist() == both["volatility"].isna().tolist()


def test_auctions_by_year_are_those_printed(lots, shared_tables):
    """`phcer_by_year.csv`: 589 of 1000 tonnes found no buyer in 2024."""
    printed = pd.read_csv(shared_tables / "phcer_by_year.csv")
    findings = Findings()
    found = auction_outcomes(lots, findings=findings)
    by_year = found.by_year
    assert by_year["year"].tolist() == printed["year"].tolist()
    assert by_year["sold_t"].tolist() == printed["sold_t"].tolist()
    assert by_year["unsold_t"].tolist() == printed["unsold_t"].tolist()
    assert (by_year["price_cny_t"] - printed["weighted_price_cny_t"]).abs().max() <= 0.005
    assert by_year["not_stated_t"].sum() == 43474.0
    share = by_year.set_index("year")["unsold_share"]
    stated = parameters("uncertainty-assumptions@2026-1").value(
        "unsold_share", date(2026, 8, 31), "1"
    )
    assert share[2024] == pytest.approx(stated, abs=0.0005)


def test_the_delays_are_those_described(lots):
    """Guangning failed on 2024-03-20 and sold on 09-20; Lianshan on 02-07 and 12-17."""
    found = auction_outcomes(lots, findings=Findings()).resold
    assert found["delay_days"].tolist()[:2] == [314, 184]
    assert found["next_cny_t"].tolist()[:2] == [38.0, 36.5]
    assert found["delay_days"].isna().tolist() == [False, False, True]


def test_the_allowance_has_the_librarys_volatility_and_reversion(quotes):
    """62 month-end closes: volatility 0.292, reversion 0.68, one standard error 0.57."""
    library, day = parameters("uncertainty-assumptions@2026-1"), date(2026, 8, 31)
    findings = Findings()
    series = price_series(quotes, "CEA", findings=findings, every="month_end")
    assert len(series.table) == 62
    walk = calibrate(series, kind="gbm", findings=findings)
    stated = library.value("price_volatility_cea", day, "1")
    assert walk.value("volatility") == pytest.approx(stated, abs=0.005)
    found = calibrate(series, kind="mean_reverting", findings=findings)
    row = found.figures.set_index("figure").loc["reversion"]
    stated = library.value("price_reversion_cea", day, "yr-1")
    assert row["value"] == pytest.approx(stated, abs=0.05)
    assert row["standard_error"] == pytest.approx(0.57, abs=0.02)
    # the library's note: hardly different from zero. So it is refused, and shown
    assert (found.process, row["low"]) == (None, 0.0)
    assert found.gain < 1.0


def test_the_daily_volatility_is_the_librarys_low_value(quotes):
    series = price_series(quotes, "CEA", findings=Findings())
    found = calibrate(series, kind="gbm", findings=Findings())
    assert found.value("volatility") == pytest.approx(0.276, abs=0.01)


def test_reductions_by_month_have_the_librarys_volatility(quotes):
    """18 monthly means since 2025: 0.46 as they are, 0.57 by month-end closes."""
    since = {"start": date(2025, 1, 1), "findings": Findings()}
    means = price_series(quotes, "CCER", every="month_mean", **since)
    found = calibrate(means, kind="gbm", findings=Findings())
    assert found.value("volatility") / 1.5**0.5 == pytest.approx(0.46, abs=0.01)
    assert found.value("volatility") == pytest.approx(0.57, abs=0.02)
    assert found.process is None  # 17 changes are too few


def test_daily_reductions_return_within_days_which_is_noise(quotes):
    series = price_series(quotes, "CCER", findings=Findings())
    findings = Findings()
    found = calibrate(series, kind="mean_reverting", findings=findings)
    assert found.process is None
    assert found.gain > CalibrationPolicy().least_gain
    assert [row["code"] for row in findings.rows()].count("E869") == 1


def test_jumps_tell_more_of_daily_prices_than_brownian_motion(quotes):
    for instrument in ("CEA", "CCER"):
        series = price_series(quotes, instrument, findings=Findings())
        walk, jumps = (
            calibrate(series, kind=kind, findings=Findings()) for kind in ("gbm", "jump")
        )
        assert jumps.log_likelihood > walk.log_likelihood + 40.0
        assert jumps.process.jump_rate > 5.0
