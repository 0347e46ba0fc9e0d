"""[prices] of the project file: models, stated and calibrated processes, and what is refused."""

import numpy as np
import pandas as pd
import pytest

import ecogis as eg
from ecogis import demo
from ecogis.core.errors import ConfigError, InputError
from ecogis.pipeline import pricing
from ecogis.pipeline.config import load
from ecogis.pipeline.run import Run

DEMO = (demo.folder() / "project.toml").read_text(encoding="utf-8")
FLAT = 'model = "flat"\n'
STATED = """model = "mean_reverting"
process = { volatility = 0.3, reversion = 0.5, level_cny_t = 90, because = "示例假定" }
"""
CALIBRATED = """model = "gbm"
calibrate = { instrument = "CEA", start = 2024-01-01 }
"""


def written(tmp_path, lines):
    assert FLAT in DEMO
    path = tmp_path / "project.toml"
    path.write_text(DEMO.replace(FLAT, lines, 1), encoding="utf-8")
    return path


@pytest.fixture
def run_of(tmp_path):
    """A run of the demo with other lines in [prices], and 600 daily prices of CEA."""

    def build(lines):
        run = Run(eg.open(written(tmp_path, lines)))
        days = pd.bdate_range("2024-06-03", periods=700)
        logs = np.cumsum(np.random.default_rng(4).normal(0.0, 0.02, len(days)))
        run.tables["prices"] = pd.DataFrame(
            {
                "date": days,
                "market": "全国碳市场",
                "instrument": "CEA",
                "price_kind": "market",
                "price_cny_t": 80.0 * np.exp(logs),
                "volume_t": 1000.0,
                "source": "示例",
                "confidence": "quoted",
                "row": range(1, len(days) + 1),
            }
        )
        return run

    return build


def test_flat_draws_with_the_librarys_process(run_of):
    run = run_of(FLAT)
    model = pricing.price_model(run)
    assert (model.kind, model.process) == ("flat", None)
    process = pricing.drawn_process(run, model)
    assert (process.volatility, process.reversion) == (0.46, 0.68)


def test_a_stated_process_is_path_and_draws(run_of):
    run = run_of(STATED)
    model = pricing.price_model(run)
    assert (model.process.level_cny_t, model.process.confidence) == (90.0, "assumed")
    assert pricing.drawn_process(run, model) == model.process
    assert run.findings.count() == 0


def test_a_price_that_is_not_simulated_stays_on_its_path(tmp_path):
    path = written(tmp_path, STATED)
    text = path.read_text(encoding="utf-8")
    assert "\n[valuation]\n" in text
    path.write_text(
        text.replace("\n[valuation]\n", "\n[valuation]\nsimulated = []\n", 1), encoding="utf-8"
    )
    run = Run(eg.open(path))
    still = pricing.drawn_process(run, pricing.price_model(run))
    assert (still.volatility, still.reversion) == (0.0, 0.5)


def test_a_calibrated_process_sees_nothing_after_the_valuation_date(run_of):
    run = run_of(CALIBRATED)
    model = pricing.price_model(run)
    assert model.process.volatility == pytest.approx(0.02 * 16.1, rel=0.1)
    assert model.confidence == "inferred"
    assert "/2026-08-31" in model.process.because
    (told,) = (row for row in run.findings.rows() if row["code"] == "E873")
    assert "volatility 0.3" in told["message_en"]
    assert "波动率 0.3" in told["message_zh"]
    (late,) = (row for row in run.findings.rows() if row["code"] == "E867")
    assert int(late["observed"]) == len(pd.bdate_range("2026-09-01", "2027-02-05"))


def test_a_record_that_cannot_carry_the_process_is_an_error_with_its_reason(run_of):
    run = run_of(CALIBRATED.replace("gbm", "mean_reverting"))
    with pytest.raises(InputError, match="E872") as caught:
        pricing.price_model(run)
    assert "not told from 0" in str(caught.value)
    assert run.findings.count("E869") == 1


def test_an_instrument_without_prices_is_an_error(run_of):
    with pytest.raises(InputError, match="E872") as caught:
        pricing.price_model(run_of(CALIBRATED.replace('"CEA"', '"CCER"')))
    assert "CCER, n = 0" in str(caught.value)


def test_a_scenario_is_read_by_year(run_of):
    run = run_of('model = "scenario"\nscenario = { "2030" = 90.0 }\n')
    assert dict(pricing.price_model(run).prices) == {2030: 90.0}


def test_the_reference_price_takes_the_instruments_named(run_of):
    run = run_of(FLAT)
    with pytest.raises(InputError, match="E520"):
        pricing.reference(run)  # CEA is not among them


@pytest.mark.parametrize(
    "lines",
    [
        'model = "gbm"\n',
        'model = "flat"\nprocess = { volatility = 0.3, because = "示例假定" }\n',
        CALIBRATED + 'process = { volatility = 0.3, because = "示例假定" }\n',
        'model = "scenario"\n',
        'model = "flat"\nscenario = { "2030" = 90.0 }\n',
        'model = "scenario"\nscenario = { "later" = 90.0 }\n',
        STATED + "growth_rate = 0.02\n",
        CALIBRATED.replace("}", ", end = 2023-01-01 }"),
    ],
)
def test_keys_that_do_not_belong_to_the_model_are_refused(tmp_path, lines):
    with pytest.raises(ConfigError, match="E874") as caught:
        load(written(tmp_path, lines))
    assert "project.toml" in str(caught.value)


def test_the_instruments_must_be_named(tmp_path):
    path = tmp_path / "project.toml"
    text = DEMO.replace('instruments = ["CCER", "PHCER"]\n', "", 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"E543.*prices\.instruments"):
        load(path)
