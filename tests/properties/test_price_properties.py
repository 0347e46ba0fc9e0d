"""Laws of quotes and calibration, for any input."""

import math
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogis.core.findings import Findings
from ecogis.io import read_quotes
from ecogis.valuation import PriceSeries, calibrate

HEADER = "日期,市场,品种,均价,成交量"
LINES = {
    "quote": "2026-08-17,甲,CEA,90.5,100",
    "grouped": '2026-08-18,甲,CEA,91,"1,000"',
    "carried on": "2026-08-19,甲,CEA,91,0",
    "unsold": "2026-08-20,甲,PHCER,,500",
    "no trade": "2026-08-21,甲,CEA,--,0",
    "zero": "2026-08-22,甲,CEA,0,0",
    "silent": "2026-08-23,甲,CEA,,",
    "unreadable day": "昨日,甲,CEA,90,10",
    "blank": ",,,,",
    "header": HEADER,
    "total": "合计,,,,600",
    "footer": "数据来源:甲交易所,,,,",
}
KEPT = {"quote", "grouped", "carried on", "unsold", "unreadable day"}


@settings(max_examples=40)
@given(st.lists(st.sampled_from(sorted(LINES)), max_size=25), st.booleans())
def test_every_line_is_a_quote_or_is_told(names, gbk):
    """Quotes and lines told add up to the lines of the file, and rows point where they lie."""
    text = "\n".join([HEADER, *(LINES[name] for name in names)]) + "\n"
    findings = Findings()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "quotes.csv"
        path.write_bytes(text.encode("gbk" if gbk else "utf-8"))
        quotes = read_quotes(path, profile="cn-carbon-quotes", findings=findings)
    told = sum(int(row["observed"]) for row in findings.rows() if row["code"] == "E863")
    assert len(quotes) + told == len(names)
    assert quotes["row"].tolist() == [at + 1 for at, name in enumerate(names) if name in KEPT]
    assert not (quotes["price_cny_t"] == 0.0).any()


CHANGES = st.lists(st.floats(-0.2, 0.2), min_size=8, max_size=60)


@settings(max_examples=40)
@given(CHANGES, st.floats(0.01, 100.0), st.sampled_from(["gbm", "mean_reverting", "jump"]))
def test_the_unit_of_money_changes_only_the_level(changes, factor, kind):
    changes = np.array(changes) + np.tile([1e-3, -2e-3], 30)[: len(changes)]
    days = pd.bdate_range("2024-01-01", periods=len(changes) + 1)
    price = 80.0 * np.exp(np.concatenate([[0.0], np.cumsum(changes)]))

    def fitted(price):
        table = pd.DataFrame({"date": days, "price_cny_t": price})
        found = calibrate(PriceSeries("CEA", "day", table), kind=kind, findings=Findings())
        return found.figures.set_index("figure")["value"], found.log_likelihood

    (one, height), (other, again) = fitted(price), fitted(price * factor)
    # of a reversion only the height is sure: a flat profile has its top anywhere
    assert math.isclose(height, again, rel_tol=1e-6, abs_tol=1e-5)
    if kind != "mean_reverting":
        np.testing.assert_allclose(other, one, rtol=1e-6, atol=1e-9)


@settings(max_examples=40)
@given(CHANGES)
def test_reversion_never_fits_worse_than_brownian_motion(changes):
    """The slowest speed is Brownian motion but for what it fades within the record."""
    changes = np.array(changes) + np.tile([1e-3, -2e-3], 30)[: len(changes)]
    days = pd.bdate_range("2024-01-01", periods=len(changes) + 1)
    price = 80.0 * np.exp(np.concatenate([[0.0], np.cumsum(changes)]))
    series = PriceSeries("CEA", "day", pd.DataFrame({"date": days, "price_cny_t": price}))
    found = calibrate(series, kind="mean_reverting", findings=Findings())
    assert found.gain > -0.1
    row = found.figures.set_index("figure").loc["reversion"]
    assert row["low"] <= row["value"] <= row["high"]
