"""The crediting sum, by hand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, NotInForceError
from ecogis.crediting import RULES, waterfall
from ecogis.crediting.lines import COLUMNS
from ecogis.methods import methodology, parameters

DAY = date(2026, 8, 31)
METHOD = methodology("CCER-14-001-V01")


class Numbers:
    """Numbers of the crediting sum, as a test wants them."""

    def __init__(self, **values):
        self.values = values

    def value(self, name, day, unit):
        rate = name in {"project_emission", "baseline_removal", "leakage"}
        assert unit == ("t CO2e ha-1 yr-1" if rate else "1")
        assert day == DAY
        return self.values.get(name, 0.0)


def removals(*pairs):
    return pd.DataFrame(
        {
            "vintage": range(2024, 2024 + len(pairs)),
            "start": pd.to_datetime([f"{2024 + i}-01-01" for i in range(len(pairs))]),
            "end": pd.to_datetime([f"{2025 + i}-01-01" for i in range(len(pairs))]),
            "years": 1.0,
            "removal_kg": np.array([gain for gain, _ in pairs], dtype=np.int64),
            "emission_kg": np.array([loss for _, loss in pairs], dtype=np.int64),
        }
    )


def test_by_hand_with_the_library():
    lines, table = waterfall(
        removals((10_000, 0)),
        METHOD,
        parameters(METHOD.parameters["crediting"]),
        area_dm2=1_000_000,
        date=DAY,
    )
    assert table.loc[0, "buffer_kg"] == 1_000  # K_RISK a tenth, recalled
    assert table.loc[0, "credit_kg"] == 9_000
    total = lines.total()
    assert total["line"].tolist() == [*(line.id for line in METHOD.lines), "credit"]
    assert total["kg"].tolist() == [10_000, 0, 0, 0, 0, -1_000, 9_000]
    assert total["clause"].tolist() == [*(line.clause for line in METHOD.lines), ""]


def test_every_line_by_hand():
    numbers = Numbers(
        project_emission=0.1,
        baseline_removal=0.5,
        leakage=0.25,
        uncertainty_deduction=0.06,
        non_permanence_risk=0.1,
    )
    _, table = waterfall(removals((10_000, 150)), METHOD, numbers, area_dm2=2_000_000, date=DAY)
    # 2 ha: emission 200 + 150, baseline 1000, leakage 500 -> 8150; 6 % = 489 -> 7661;
    # a tenth is 766.1, rounded up -> 6894
    assert table.loc[0, list(COLUMNS)].tolist() == [10_000, 350, 1_000, 500, 489, 767, 0]
    assert table.loc[0, "credit_kg"] == 6_894


@pytest.mark.parametrize(
    ("share", "kg", "deducted"), [(0.1, 1_000, 100), (0.07, 100, 7), (0.1, 1, 1)]
)
def test_shares_are_exact_decimals(share, kg, deducted):
    # 0.07 * 100 is 7.000000000000001 in binary; rounding that up would take a kilogram too much
    numbers = Numbers(non_permanence_risk=share)
    _, table = waterfall(removals((kg, 0)), METHOD, numbers, area_dm2=0, date=DAY)
    assert table.loc[0, "buffer_kg"] == deducted


def test_a_loss_is_carried_and_no_share_is_taken_of_it():
    numbers = Numbers(non_permanence_risk=0.1)
    _, table = waterfall(removals((100, 400), (1_000, 0)), METHOD, numbers, area_dm2=1, date=DAY)
    assert table["credit_kg"].tolist() == [-300, 900]
    assert table["buffer_kg"].tolist() == [0, 100]


def test_lines_add_up_to_the_vintages():
    numbers = Numbers(baseline_removal=0.31, uncertainty_deduction=0.11, non_permanence_risk=0.1)
    lines, table = waterfall(
        removals((9_999, 3), (7, 70), (12_345, 0)), METHOD, numbers, area_dm2=1_234_567, date=DAY
    )
    by_vintage = lines.lines.groupby("vintage")["kg"].sum()
    assert by_vintage.tolist() == table["credit_kg"].tolist()
    assert lines.total()["kg"].iloc[-1] == table["credit_kg"].sum()
    parts = table[list(COLUMNS[1:])].sum(axis=1)
    assert (table["removal_kg"] - parts).tolist() == table["credit_kg"].tolist()


def test_no_vintages():
    lines, table = waterfall(removals(), METHOD, Numbers(), area_dm2=0, date=DAY)
    assert table.empty
    assert lines.total()["kg"].tolist() == [0]


def test_the_day_must_be_in_force():
    with pytest.raises(NotInForceError):
        waterfall(
            removals((1, 0)),
            METHOD,
            parameters(METHOD.parameters["crediting"]),
            area_dm2=1,
            date=date(2020, 1, 1),
        )


@pytest.mark.parametrize("change", ["unknown", "absent", "twice"])
def test_lines_must_fit(change):
    lines = {
        "unknown": (*METHOD.lines, replace(METHOD.lines[0], rule="bonus")),
        "absent": METHOD.lines[:1],
        "twice": (*METHOD.lines, METHOD.lines[-1]),
    }[change]
    with pytest.raises(ConfigError) as caught:
        waterfall(removals((1, 0)), replace(METHOD, lines=lines), Numbers(), area_dm2=1, date=DAY)
    assert caught.value.code == "E371"


@pytest.mark.parametrize("name", ["CCER-14-001-V01", "AR-CM-001-V01"])
def test_rules_of_the_library_exist(name):
    assert {line.rule for line in methodology(name).lines} <= set(RULES)
