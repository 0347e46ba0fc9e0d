"""Calendar years of the crediting period."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.crediting import reduction_window, vintage_instants, vintage_removals
from ecogis.methods import methodology

START = date(2024, 1, 1)


def piece_kg(days, *rows):
    return xr.DataArray(
        np.array(rows, dtype=np.int64),
        {
            "piece": np.array([f"P{i}" for i in range(len(rows))], dtype=object),
            "instant": np.array(days, dtype="datetime64[ns]"),
        },
        ("piece", "instant"),
    )


def removals(kg, stands=("A", "A", "B"), **options):
    findings = options.pop("findings", Findings())
    options = {"start": START, "years": 2} | options
    return vintage_removals(kg, list(stands), findings=findings, **options)


THREE = ([0, 10, 30], [0, -2, 5], [50, 40, 45])
DAYS = vintage_instants(START, 2)


def test_instants():
    assert [date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)] == DAYS
    window = vintage_instants(START, 2, date(2024, 9, 23))
    assert window == [DAYS[0], date(2024, 9, 23), *DAYS[1:]]
    assert vintage_instants(START, 2, date(2020, 1, 1)) == DAYS


def test_a_stand_counts_as_one_and_gains_and_losses_are_kept_apart():
    found = removals(piece_kg(DAYS, *THREE))
    table = found.table
    # stand A: +10 -2 = 8, then +20 +7 = 27; stand B: -10, then +5
    assert table["vintage"].tolist() == [2024, 2025]
    assert table["removal_kg"].tolist() == [8, 32]
    assert table["emission_kg"].tolist() == [10, 0]
    assert table["years"].tolist() == [1.0, 1.0]
    assert found.change.tolist() == [[10, 20], [-2, 7], [-10, 5]]


def test_instants_outside_and_between_change_nothing():
    days = [date(2020, 1, 1), DAYS[0], date(2024, 5, 1), *DAYS[1:], date(2030, 1, 1)]
    rows = [[9, a, a + 1, b, c, 99] for a, b, c in THREE]
    assert removals(piece_kg(days, *rows)).table.equals(removals(piece_kg(DAYS, *THREE)).table)


def test_a_longer_horizon_does_not_change_the_years_before():
    days = vintage_instants(START, 3)
    kg = piece_kg(days, *([*row, row[-1] + 3] for row in THREE))
    longer = removals(kg, years=3).table
    pd.testing.assert_frame_equal(longer.iloc[:2], removals(kg, years=2).table)


def test_a_period_within_years():
    start = date(2024, 7, 1)
    kg = piece_kg(vintage_instants(start, 1), [0, 4, 10])
    table = removals(kg, ["A"], start=start, years=1).table
    assert table["vintage"].tolist() == [2024, 2025]
    assert table["removal_kg"].tolist() == [4, 6]
    assert table["years"].tolist() == pytest.approx([184 / 365, 181 / 365])


def test_what_arose_before_the_window_is_left_out_and_noted():
    opens = date(2024, 9, 23)
    findings = Findings()
    kg = piece_kg(vintage_instants(START, 2, opens), [0, 700, 1_000, 2_000])
    table = removals(kg, ["A"], earliest=opens, findings=findings).table
    assert table["removal_kg"].tolist() == [300, 1_000]
    assert table["start"].iloc[0] == pd.Timestamp(opens)
    noted = findings.table()
    assert noted[["code", "observed"]].to_numpy().tolist() == [["E375", "700"]]


def test_a_period_across_the_windows_first_day_is_left_out_whole():
    findings = Findings()
    kg = piece_kg(DAYS, [0, 1_000, 2_000])
    table = removals(kg, ["A"], earliest=date(2024, 9, 23), findings=findings).table
    assert table["vintage"].tolist() == [2025]
    assert findings.count("E375") == 1


@pytest.mark.parametrize(
    ("last_day", "years", "removal"),
    [
        (date(2025, 12, 31), [2024, 2025], [8, 32]),
        (date(2030, 1, 1), [2024, 2025], [8, 32]),
        (date(2025, 12, 30), [2024], [8]),
        (date(2025, 1, 1), [2024], [8]),
        (date(2024, 12, 31), [2024], [8]),
        (date(2024, 12, 30), [], []),
    ],
)
def test_a_project_that_ends_early_counts_whole_periods_up_to_its_last_day(
    last_day, years, removal
):
    table = removals(piece_kg(DAYS, *THREE), last_day=last_day).table
    assert table["vintage"].tolist() == years
    assert table["removal_kg"].tolist() == removal


def test_an_instant_on_the_day_after_the_last_ends_the_sum():
    kg = piece_kg([*DAYS[:2], date(2025, 7, 1), DAYS[2]], [0, 10, 16, 30])
    table = removals(kg, ["A"], last_day=date(2025, 6, 30)).table
    assert table["removal_kg"].tolist() == [10, 6]
    assert table["end"].iloc[-1] == pd.Timestamp("2025-07-01")


def test_no_pieces_no_removal():
    kg = piece_kg(DAYS, [0, 0, 0]).isel(piece=[])
    table = removals(kg, []).table
    assert table[["removal_kg", "emission_kg"]].to_numpy().tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("drop", [0, 1, 2])
def test_every_first_of_january_is_needed(drop):
    days = [day for i, day in enumerate(DAYS) if i != drop]
    with pytest.raises(ConfigError) as caught:
        removals(piece_kg(days, *([0, 1],) * 3))
    assert caught.value.code == "E370"


def test_window_of_the_methodology():
    rules = methodology("CCER-14-001-V01")
    assert reduction_window(rules, date(2024, 6, 30)) == date(2020, 9, 23)
    assert reduction_window(rules, date(2026, 8, 31)) == date(2021, 8, 31)
    older = methodology("AR-CM-001-V01")
    expected = any(condition.rule == "reduction_window" for condition in older.conditions)
    assert (reduction_window(older, date(2026, 8, 31)) is not None) == expected
