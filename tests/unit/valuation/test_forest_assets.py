"""Forest-asset methods by hand, and the check that value does not fall with age."""

import math

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, UnitError
from ecogis.core.findings import Findings
from ecogis.valuation import forest_assets as assets

FIR = assets.Harvest(rotation_yr=25, final_cny=90_000.0, thinnings={12: 3_000.0})


def test_a_middle_aged_stand_by_hand():
    """Age 23, rotation 25, at 5 %: 90,000 / 1.05², less 100 a year in three years."""
    by_hand = 90_000 / 1.05**2 - 100 * (1 / 1.05 + 1 / 1.05**2 + 1 / 1.05**3)
    assert assets.harvest_value(FIR, 23, 100.0, 0.05) == pytest.approx(by_hand, rel=1e-12)


def test_a_thinning_to_come_counts_and_one_that_is_past_does_not():
    without = assets.Harvest(25, 90_000.0, {})
    assert assets.harvest_value(FIR, 13, 0.0, 0.05) == assets.harvest_value(without, 13, 0.0, 0.05)
    gained = assets.harvest_value(FIR, 10, 0.0, 0.05) - assets.harvest_value(without, 10, 0.0, 0.05)
    assert gained == pytest.approx(3_000 / 1.05**2, rel=1e-12)


def test_at_the_rotation_the_harvest_is_worth_itself():
    assert assets.harvest_value(FIR, 25, 0.0, 0.05, quality=0.8) == 72_000.0


def test_land_is_what_endless_rotations_are_worth():
    """The expectation is the sum of the first 400 rotations, each discounted."""
    net = 90_000 + 3_000 * 1.05**13 - 12_000 * 1.05**25
    rotations = math.fsum(net * 1.05 ** (-25 * k) for k in range(1, 401))
    value = assets.land_expectation(FIR, {1: 12_000.0}, 200.0, 0.05)
    assert value == pytest.approx(rotations - 200 / 0.05, rel=1e-12)


def test_a_cycle_of_one_year_is_a_perpetual_income():
    assert assets.periodic_income(500.0, 1, 0.05, 1) == pytest.approx(
        assets.perpetual_income(500.0, 0.05)
    )
    assert assets.years_of_income(500.0, 2_000, 0.05) == pytest.approx(10_000.0)


def test_a_loss_is_a_value_below_nought():
    assert assets.stumpage_residual(10_000, 14_000, 500) == -4_500


def test_cost_without_return_is_the_sum_of_costs():
    assert assets.replacement_cost([1000.0, 200.0, 100.0], 0.0, quality=0.5) == 650.0


@pytest.mark.parametrize(
    "call",
    [
        lambda: assets.perpetual_income(1.0, 5),
        lambda: assets.replacement_cost([1.0], 7.5),
        lambda: assets.harvest_value(FIR, 10, 0.0, 4),
    ],
)
def test_five_for_five_percent_is_refused(call):
    with pytest.raises(UnitError):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: assets.perpetual_income(1.0, 0.0),
        lambda: assets.harvest_value(FIR, 26, 0.0, 0.05),
        lambda: assets.periodic_income(1.0, 5, 0.05, 6),
        lambda: assets.Harvest(10, 1.0, {10: 1.0}),
        lambda: assets.transaction_comparison(
            pd.DataFrame({"unit_price_cny": [], "quality": [], "price_index": []})
        ),
    ],
)
def test_what_has_no_value_is_refused(call):
    with pytest.raises(ConfigError, match="E532"):
        call()


def values(rows):
    names = ["stand", "species", "site_class", "age_yr", "value_cny_ha", "method"]
    return pd.DataFrame(rows, columns=names)


def test_a_value_that_falls_with_age_is_found():
    """A young stand by cost, a middle-aged one by its harvest: the second must not be lower."""
    findings = Findings()
    assets.check_rising(
        values(
            [
                ("A", "fir", "I", 8, 21_000.0, "AM03"),
                ("B", "fir", "I", 12, 18_000.0, "AM02"),
                ("C", "fir", "I", 20, 50_000.0, "AM02"),
                ("D", "fir", "II", 12, 9_000.0, "AM02"),
                ("E", "pine", "I", 12, 1_000.0, "AM02"),
            ]
        ),
        findings,
    )
    table = findings.table()
    assert table["feature"].tolist() == ["B"]
    assert table["code"].tolist() == ["E862"]


def test_equal_values_and_equal_ages_are_fine():
    findings = Findings()
    rows = [
        ("A", "fir", "I", 8, 2.0, "x"),
        ("B", "fir", "I", 8, 1.0, "x"),
        ("C", "fir", "I", 9, 2.0, "x"),
    ]
    assets.check_rising(values(rows), findings)
    assert len(findings.table()) == 0
