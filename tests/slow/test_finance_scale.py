"""A county of 100,000 households: lines within their caps, sheets equal to a plain grouping."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.core.findings import Findings
from ecogis.finance.households import balance_sheets, household_rules
from ecogis.finance.households_lines import score

pytestmark = pytest.mark.slow


def test_a_county_of_households():
    count, rows = 100_000, 800_000
    rng = np.random.default_rng(26)
    keys = pd.Series([f"h{n}" for n in range(count)])
    names = [f"H{n:02d}" for n in range(1, 20)]
    items = pd.DataFrame({"household": rng.choice(keys, rows), "item": rng.choice(names, rows),
                          "value_fen": rng.integers(0, 10**8, rows)})  # fmt: skip
    items = items.drop_duplicates()
    debts = [pd.DataFrame({"household": keys, "item": each, "value_fen": 0})
             for each in ("H17", "H18", "H19")]  # fmt: skip
    items = pd.concat([items, *debts], ignore_index=True)
    people = pd.DataFrame({"household": keys, "place": "浙江/丽水/云和", "unsecured_fen": 0,
                           "bad_record": False, "grade": rng.choice(["A+", "A", "D"], count),
                           "veto": False, "minutes": "1"})  # fmt: skip
    rules, findings = household_rules(date(2026, 8, 31)), Findings()
    told = score(people, items, rules, findings=findings)
    assert findings.count() == 0
    assert told["line_fen"].between(0, 30_000_000).all()
    assert ((told["verdict"] == "granted") == (told["line_fen"] > 0)).all()
    sheets = balance_sheets(keys, items, rules, findings=findings)
    owned = items["item"].map(rules.classes).isin(["fixed", "rights", "financial"])
    plain = items[owned].groupby("household")["value_fen"].sum()
    expected = plain.reindex(keys).fillna(0).to_numpy()
    np.testing.assert_array_equal(sheets["assets_fen"], expected)
