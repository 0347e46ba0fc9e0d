"""Calibration: figures put into a record come back within errors; weak records are refused."""

import math

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.valuation import (
    CalibrationPolicy,
    PriceModel,
    PriceProcess,
    PriceSeries,
    calibrate,
    calibration_plot,
    price_fan,
)
from ecogis.valuation.price_fits import brownian, returning

DAYS = 2600  # ten years of weekdays


def series(logs, days, every="day"):
    table = pd.DataFrame({"date": days, "price_cny_t": np.exp(logs), "volume_t": 1.0})
    return PriceSeries("CEA", every, table)


def record(process, *, seed, gaps=0.0, days=DAYS):
    """Daily prices of a process by weekdays, with some days left out."""
    rng = np.random.default_rng(seed)
    dates = pd.bdate_range("2016-01-04", periods=days)
    step = (dates[-1] - dates[0]).days / 365.0 / (days - 1)
    kappa, sigma, log = process.reversion, process.volatility, math.log(80.0)
    keep = math.exp(-kappa * step)
    spread = sigma * math.sqrt((1.0 - keep**2) / (2.0 * kappa) if kappa else step)
    grown = math.expm1(process.jump_mean + process.jump_spread**2 / 2.0)
    drift = (process.drift - sigma**2 / 2.0 - process.jump_rate * grown) * step
    logs = [log]
    for shock in rng.normal(0.0, spread, days - 1):
        level = math.log(process.level_cny_t) if kappa else log + drift
        log = level + (log - level) * keep + shock if kappa else level + shock
        jumps = rng.poisson(process.jump_rate * step)
        log += rng.normal(process.jump_mean, process.jump_spread, jumps).sum()
        logs.append(log)
    kept = np.ones(days, dtype=bool)
    kept[1:-1] = rng.random(days - 2) >= gaps
    return series(np.array(logs)[kept], dates[kept])


def near(found, figure, truth, errors=3.0):
    row = found.figures.set_index("figure").loc[figure]
    return abs(row["value"] - truth) < errors * row["standard_error"]


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("gaps", [0.0, 0.4])
def test_brownian_motion_comes_back(findings, seed, gaps):
    truth = PriceProcess(0.3, "x", "assumed", drift=0.1)
    found = calibrate(record(truth, seed=seed, gaps=gaps), kind="gbm", findings=findings)
    assert near(found, "volatility", 0.3)
    assert near(found, "drift", 0.1)
    assert found.process.volatility == found.value("volatility")
    assert findings.count("E870") == 0
    assert (found.clock, round(found.span_yr, 1)) == ("weekdays", 10.0)


@pytest.mark.parametrize("seed", [1, 3, 4])
@pytest.mark.parametrize("gaps", [0.0, 0.4])
def test_mean_reversion_comes_back(findings, seed, gaps):
    truth = PriceProcess(0.3, "x", "assumed", reversion=3.0, level_cny_t=90)
    found = calibrate(record(truth, seed=seed, gaps=gaps), kind="mean_reverting", findings=findings)
    for figure, value in (("volatility", 0.3), ("reversion", 3.0), ("level_cny_t", 90.0)):
        assert near(found, figure, value), figure
    row = found.figures.set_index("figure").loc["reversion"]
    assert row["low"] < row["value"] < row["high"]
    assert found.gain > 4.1
    model = PriceModel("mean_reverting", "x", "inferred", process=found.process)
    assert model.process.level_cny_t == found.value("level_cny_t")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_jumps_come_back(findings, seed):
    truth = PriceProcess(
        0.2, "x", "assumed", jump_rate=3.0, jump_mean=-0.2, jump_spread=0.05, drift=0.1
    )
    found = calibrate(record(truth, seed=seed), kind="jump", findings=findings)
    assert int(found.residuals["jump"].sum()) == round(found.value("jump_rate") * found.span_yr)
    for figure, value in (("volatility", 0.2), ("drift", 0.1), ("jump_rate", 3.0)):
        assert near(found, figure, value, 4.0), figure
    # the filter takes 3 in 1000 ordinary changes for jumps, here about 7 beside 30
    assert -0.22 < found.value("jump_mean") < -0.12
    assert (
        found.log_likelihood > calibrate(found.series, kind="gbm", findings=findings).log_likelihood
    )


def test_brownian_motion_by_hand(findings):
    """Up and down by 0.02 on 260 weekdays: 0.02 a step, no drift but that of the mean."""
    days = pd.bdate_range("2025-01-01", periods=261)
    found = calibrate(series(np.tile([0.0, 0.02], 131)[:261], days), kind="gbm", findings=findings)
    step = 364 / 365 / 260
    assert found.value("volatility") == pytest.approx(0.02 / math.sqrt(step), rel=1e-12)
    assert found.value("drift") == pytest.approx(0.0004 / step / 2.0, rel=1e-12)
    assert found.steps == 260
    assert found.log_likelihood == pytest.approx(-130 * (math.log(2 * math.pi * 0.0004) + 1))


def test_the_likelihood_of_an_uneven_record_by_hand():
    """Three steps: the best level and volatility of the best speed beat every other near them."""
    logs, steps = np.array([0.0, 0.3, 0.1, 0.15]), np.array([0.5, 1.0, 0.25])

    def height(kappa, level, sigma):
        keep = np.exp(-kappa * steps)
        spread = sigma**2 * (1.0 - keep**2) / (2.0 * kappa)
        error = logs[1:] - level - (logs[:-1] - level) * keep
        return -0.5 * float(np.sum(np.log(2 * np.pi * spread) + error**2 / spread))

    fit = returning(logs, steps)
    best = [fit.values[name] for name in ("reversion", "level", "volatility")]
    assert height(*best) == pytest.approx(fit.log_likelihood, rel=1e-12)
    for at in range(3):
        for factor in (0.98, 1.02):
            other = [value * (factor if i == at else 1.0) for i, value in enumerate(best)]
            assert height(*other) < fit.log_likelihood
    assert fit.gain == fit.log_likelihood - brownian(logs, steps).log_likelihood


def test_standard_errors_are_those_of_many_records():
    """200 records of Brownian motion by months: the spread of the figures is the mean error."""
    rng, steps = np.random.default_rng(8), np.full(120, 1.0 / 12.0)
    found = [
        brownian(np.r_[0.0, np.cumsum(rng.normal(0.01, 0.3 * math.sqrt(1 / 12), 120))], steps)
        for _ in range(200)
    ]
    for figure in ("volatility", "drift"):
        spread = np.std([fit.values[figure] for fit in found])
        assert spread == pytest.approx(np.mean([fit.errors[figure] for fit in found]), rel=0.2)


def test_without_reversion_the_gain_passes_4_1_in_about_5_of_100():
    rng, steps = np.random.default_rng(2), np.full(60, 1.0 / 12.0)
    gains = [
        returning(np.r_[0.0, np.cumsum(rng.normal(0.0, 0.08, 60))], steps).gain for _ in range(300)
    ]
    assert 0.02 < np.mean(np.array(gains) > CalibrationPolicy().least_gain) < 0.09


def reasons(findings):
    return " ".join(row["message_en"] for row in findings.rows() if row["code"] == "E869")


@pytest.mark.parametrize(
    ("logs", "kind", "every", "words"),
    [
        (np.linspace(0, 0.1, 12), "gbm", "day", "11 changes, fewer than 30"),
        (np.linspace(0, 0.1, 40) ** 2, "gbm", "day", "0.15 years, shorter than 1.0"),
        (np.zeros(400), "gbm", "day", "does not move"),
        (np.linspace(0, 0.5, 400), "mean_reverting", "day", "at one pace"),
        (np.repeat([0.0, 0.5], 200), "jump", "day", "0 jumps"),
        ([0.0], "gbm", "day", "0 changes"),
        ([], "jump", "day", "0 changes"),
        (np.cumsum(np.full(400, 0.01)) * np.tile([1, 1.001], 200), "jump", "day", "0 jumps"),
        (np.tile([0.0, 0.02, 0.01], 200), "mean_reverting", "day", "noise between trades"),
        (np.tile([0.0, 0.02, 0.01], 200), "mean_reverting", "month_mean", "carry only gbm"),
        (np.linspace(0.0, 5.0, 400) + np.tile([0, 1e-3], 200), "gbm", "day", "outside -1 … 1"),
    ],
)
def test_a_record_that_cannot_carry_a_process_is_refused(findings, logs, kind, every, words):
    days = pd.bdate_range("2024-01-01", periods=len(logs))
    found = calibrate(series(np.array(logs), days, every), kind=kind, findings=findings)
    assert found.process is None
    assert words in reasons(findings)


def test_a_speed_not_told_from_zero_is_refused_but_shown(findings):
    walk = record(PriceProcess(0.3, "x", "assumed"), seed=6, days=800)
    found = calibrate(walk, kind="mean_reverting", findings=findings)
    assert found.process is None
    assert "not told from 0" in reasons(findings)
    assert found.figures.set_index("figure").loc["reversion", "low"] == 0.0
    kept = calibrate(
        walk, kind="mean_reverting", findings=findings, policy=CalibrationPolicy(least_gain=0.0)
    )
    assert kept.process.reversion == found.value("reversion")


def test_a_drift_not_told_from_zero_is_left_out_and_told(findings):
    walk = record(PriceProcess(0.3, "x", "assumed", drift=0.02), seed=6)
    found = calibrate(walk, kind="gbm", findings=findings)
    assert found.process.drift == 0.0
    assert found.value("drift") != 0.0
    assert findings.count("E871") == 1


def test_heavy_tails_and_autocorrelation_are_told(findings):
    rng = np.random.default_rng(3)
    changes = np.convolve(rng.standard_t(3, 900) * 0.01, [1.0, 0.6], "valid")
    days = pd.bdate_range("2020-01-01", periods=900)
    found = calibrate(series(np.r_[0.0, np.cumsum(changes)], days), kind="gbm", findings=findings)
    chance = found.checks.set_index("check")["p_value"]
    assert chance["normal"] < 0.01
    assert chance["independent"] < 0.01
    assert findings.count("E870") == (chance < 0.01).sum()


def test_a_price_made_on_a_weekend_turns_the_clock_to_the_calendar(findings):
    days = pd.date_range("2024-01-06", periods=500)
    logs = np.cumsum(np.random.default_rng(1).normal(0, 0.01, 500))
    found = calibrate(series(logs, days), kind="gbm", findings=findings)
    assert found.clock == "calendar"
    assert found.value("volatility") == pytest.approx(0.01 * math.sqrt(365), rel=0.1)


def test_monthly_means_hide_a_third_of_the_variance(findings):
    """Means of months of a walk, put right, are as volatile as the walk: within 3 errors."""
    daily = record(PriceProcess(0.3, "x", "assumed"), seed=9, days=6000).table
    means = daily.groupby(daily["date"].dt.to_period("M")).agg(
        {"date": "max", "price_cny_t": "mean"}
    )
    found = calibrate(PriceSeries("CEA", "month_mean", means), kind="gbm", findings=findings)
    assert near(found, "volatility", 0.3)
    plain = calibrate(PriceSeries("CEA", "month_end", means), kind="gbm", findings=findings)
    ratio = found.value("volatility") / plain.value("volatility")
    assert ratio == pytest.approx(math.sqrt(1.5))


def test_another_kind_is_refused(findings):
    with pytest.raises(ConfigError, match="E002"):
        calibrate(series(np.zeros(3), pd.bdate_range("2024-01-01", periods=3)), kind="cev",
                  findings=findings)  # fmt: skip


def test_the_fan_has_the_quantiles_of_theory():
    process = PriceProcess(0.3, "x", "assumed")
    fan = price_fan(process, 80.0, np.array([1.0, 4.0]), seed=2, draws=20_000)
    for spread, row in zip((0.3, 0.6), fan.itertuples(), strict=True):
        low, high = (80 * math.exp(z * spread - spread**2 / 2) for z in (-1.6449, 1.6449))
        assert (row.p5, row.p95) == (pytest.approx(low, rel=0.03), pytest.approx(high, rel=0.03))
        assert row.expected == 80.0


@pytest.mark.parametrize("kind", ["gbm", "mean_reverting", "jump"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_figure_shows_record_fit_fan_and_residuals(findings, kind, language):
    truth = PriceProcess(0.3, "x", "assumed", reversion=3.0, level_cny_t=90)
    found = calibrate(record(truth, seed=1, days=700), kind=kind, findings=findings)
    figure = calibration_plot(found, language=language)
    top, residuals, normal = figure.axes
    assert len(top.lines) == (3 if found.process else 2)
    assert len(top.collections) == (found.process is not None)
    assert len(residuals.lines[0].get_xdata()) == found.steps
    assert len(normal.lines) == 2


def test_the_figure_of_a_refused_record_says_so(findings):
    days = pd.bdate_range("2024-01-01", periods=3)
    found = calibrate(series(np.zeros(3), days), kind="gbm", findings=findings)
    figure = calibration_plot(found)
    assert "cannot carry" in figure.get_suptitle()
    assert len(figure.axes[0].lines) == 1
