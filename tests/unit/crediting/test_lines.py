"""Every rule of a line, by hand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.crediting import RULES, waterfall
from ecogis.crediting.lines import COLUMNS
from ecogis.methods import Given, methodology, supplied_numbers

DAY = date(2026, 8, 31)
METHOD = methodology("CCER-14-001-V01")
FOREST = methodology("GD-PHCER-FOREST")
RATE = "t CO2e ha-1 yr-1"
TWO_HA = 2_000_000


class Numbers:
    """One value for the line under test, nothing for the others."""

    def __init__(self, tried):
        self.tried = tried

    def value(self, name, day, unit):
        return self.tried if name == "tried" else 0.0


def removals(gain, loss=0, years=1.0):
    return pd.DataFrame(
        {
            "vintage": [2025],
            "start": pd.to_datetime(["2025-01-01"]),
            "end": pd.to_datetime(["2026-01-01"]),
            "years": [years],
            "removal_kg": np.array([gain], dtype=np.int64),
            "emission_kg": np.array([loss], dtype=np.int64),
        }
    )


def with_line(rule):
    line = replace(METHOD.lines[2], id=rule, rule=rule, parameter="tried")
    return replace(METHOD, lines=(*METHOD.lines[:2], line))


@pytest.mark.parametrize(
    ("rule", "value", "column", "kg"),
    [
        ("baseline", 0.5, "baseline_kg", 1_000),  # 0.5 t on 2 ha
        ("baseline_share", 0.25, "baseline_kg", 2_500),  # of the removal, not of what is left
        ("leakage", 0.5, "leakage_kg", 1_000),
        ("leakage_share", 0.25, "leakage_kg", 2_250),  # of 10 000 less 1 000 lost
        ("uncertainty", 0.06, "uncertainty_kg", 540),
        ("buffer", 0.1, "buffer_kg", 900),
        ("cap", 3.0, "cap_kg", 3_000),  # 9 000 against 6 000
        ("cap", 5.0, "cap_kg", 0),
    ],
)
def test_a_line_takes_off_what_it_says(rule, value, column, kg):
    flows = removals(10_000, 1_000)
    _, table = waterfall(flows, with_line(rule), Numbers(value), area_dm2=TWO_HA, date=DAY)
    assert table.loc[0, column] == kg
    assert table.loc[0, "credit_kg"] == 9_000 - kg
    assert RULES[rule].column == column


def test_a_ceiling_is_rounded_down_and_a_deduction_up():
    small = Numbers(0.0015)
    tables = {
        rule: waterfall(removals(100), with_line(rule), small, area_dm2=1_000_000, date=DAY)[1]
        for rule in ("cap", "baseline")
    }
    assert tables["cap"].loc[0, "credit_kg"] == 1  # 1.5 kg may be credited
    assert tables["baseline"].loc[0, "baseline_kg"] == 2


def numbers_of_the_province():
    given = {name: Given(accept=True, because="by analogy") for name in FOREST.supplied}
    given["average_change"] = Given(
        by={"commercial": 1.5, "public_welfare": 2.0},
        unit=RATE,
        source="test",
        because="test",
        confidence="assumed",
    )
    return supplied_numbers(FOREST, given)


def test_the_average_of_each_class_on_its_own_area():
    classes = pd.DataFrame(
        {
            "area_dm2": [1_000_000, 2_000_000, 500_000],
            "forest_category": ["commercial", "public_welfare", "commercial"],
        }
    )
    _, table = waterfall(
        removals(20_000, years=0.5),
        FOREST,
        numbers_of_the_province(),
        area_dm2=3_500_000,
        date=DAY,
        classes=classes,
    )
    # (1.5 ha × 1.5 + 2 ha × 2.0) × half a year = 3.125 t; then a tenth of 16.875 t
    assert table.loc[0, "baseline_kg"] == 3_125
    assert table.loc[0, "buffer_kg"] == 1_688
    assert table.loc[0, list(COLUMNS[1:])].sum() + table.loc[0, "credit_kg"] == 20_000


@pytest.mark.parametrize(
    ("classes", "code"),
    [
        (None, "E707"),
        (pd.DataFrame({"area_dm2": [1]}), "E707"),
        (pd.DataFrame({"area_dm2": [1], "forest_category": [None]}), "E236"),
        (pd.DataFrame({"area_dm2": [1], "forest_category": ["other"]}), "E236"),
    ],
)
def test_a_class_without_a_rate_is_never_taken_as_zero(classes, code):
    with pytest.raises(ConfigError) as caught:
        waterfall(
            removals(1),
            FOREST,
            numbers_of_the_province(),
            area_dm2=1,
            date=DAY,
            classes=classes,
        )
    assert caught.value.code == code
