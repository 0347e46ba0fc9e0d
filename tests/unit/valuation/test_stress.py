"""Stress tests: what each does to the plan, by hand, and the table."""

import datetime as dt

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, UnitError
from ecogis.valuation import Stress, standard_stresses, stress_table, stressed

DAY = dt.date(2026, 8, 31)
TOLD = ("压力", "stress", "example", "assumed")


@pytest.fixture
def plan():
    return pd.DataFrame(
        {
            "verification_date": pd.to_datetime(["2025-06-30", "2028-02-29", "2032-06-30"]),
            "issuance_date": pd.to_datetime(["2026-01-31", "2028-08-31", "2032-12-31"]),
            "issued_t": [70, 101, 200],
        }
    )


def tonnes(plan, **wrong):
    return stressed(plan, Stress("x", *TOLD, **wrong), DAY)["issued_t"].tolist()


def test_nothing_wrong_changes_nothing(plan):
    pd.testing.assert_frame_equal(stressed(plan, Stress("x", *TOLD), DAY), plan)


def test_what_was_issued_stays_as_it_was(plan):
    assert tonnes(plan, refused=True) == [70, 0, 0]
    assert tonnes(plan, lost_share=1.0) == [70, 0, 0]


def test_a_loss_is_rounded_once_over_all_that_is_to_come(plan):
    """Half of 301 is kept: 150 t, of which the first 101 bring 50 and the rest 100."""
    assert tonnes(plan, lost_share=0.5) == [70, 50, 100]
    assert tonnes(plan, lost_share=0.5, from_day=dt.date(2030, 1, 1)) == [70, 101, 100]


def test_a_right_that_ends_early_keeps_what_comes_before(plan):
    assert tonnes(plan, until_day=dt.date(2028, 8, 31)) == [70, 101]
    assert tonnes(plan, until_day=dt.date(2028, 8, 30)) == [70]


def test_a_verification_that_is_done_is_not_done_again(plan):
    """Verified before the valuation date, issued after it: only the issuance is late."""
    plan.loc[1, "verification_date"] = pd.Timestamp("2026-02-28")
    later = stressed(plan, Stress("x", *TOLD, delay_months=24), DAY)
    assert later["verification_date"].tolist()[1] == pd.Timestamp("2026-02-28")
    assert later["issuance_date"].tolist()[1] == pd.Timestamp("2030-08-31")


def test_a_verification_without_a_date_stays_so(plan):
    plan.loc[2, "verification_date"] = pd.NaT
    later = stressed(plan, Stress("x", *TOLD, delay_months=24), DAY)
    assert later["verification_date"].isna().tolist() == [False, False, True]


def test_a_delay_moves_verification_and_issuance(plan):
    later = stressed(plan, Stress("x", *TOLD, delay_months=24), DAY)
    assert later["issuance_date"].dt.strftime("%Y-%m-%d").tolist() == [
        "2026-01-31",
        "2030-08-31",
        "2034-12-31",
    ]
    assert later["verification_date"].dt.strftime("%Y-%m-%d").tolist()[1] == "2030-02-28"
    assert later["issued_t"].tolist() == [70, 101, 200]


def test_order_of_rows_changes_nothing(plan):
    mixed = plan.iloc[[2, 0, 1]]
    found = stressed(mixed, Stress("x", *TOLD, lost_share=0.33), DAY)
    straight = stressed(plan, Stress("x", *TOLD, lost_share=0.33), DAY)
    pd.testing.assert_frame_equal(found.sort_index(), straight)


def test_the_table_has_the_base_and_the_five(plan):
    def value(issuances, change):
        coming = issuances[issuances["issuance_date"] >= pd.Timestamp(DAY)]
        return int(coming["issued_t"].sum() * 100 * (1 + change))

    cases = standard_stresses(fire_share=0.2, right_end=dt.date(2030, 1, 1), because="example")
    table = stress_table(plan, cases, value, DAY)
    assert table["case"].tolist() == ["base", "price", "delay", "fire", "refused", "right_ends"]
    assert table["value_fen"].tolist() == [30_100, 21_070, 30_100, 24_000, 0, 10_100]
    assert table["change"].tolist()[1] == pytest.approx(-0.3)
    assert table.loc[1, "zh"] == "价格下跌 30%"
    assert (table["difference_fen"] == table["value_fen"] - 30_100).all()


def test_without_value_there_is_no_relative_change(plan):
    table = stress_table(plan, [Stress("x", *TOLD)], lambda *_: 0, DAY)
    assert table["change"].isna().tolist() == [False, True]


def test_figures_out_of_range_are_refused():
    for wrong in ({"price_change": -1.5}, {"delay_months": -1}):
        with pytest.raises(ConfigError, match="E532"):
            Stress("x", *TOLD, **wrong)
    with pytest.raises(UnitError):
        Stress("x", *TOLD, lost_share=30)
    with pytest.raises(ConfigError, match="price_change"):
        standard_stresses(fire_share=0.1, right_end=DAY, because="example", price_change=0.3)


def test_a_loss_is_a_loss_from_a_base_below_nought_too(plan):
    """From -100 to -130 is 30 % down, to -80 is 20 % up."""
    values = iter((-100, -130, -80))
    cases = [Stress("x", *TOLD), Stress("y", *TOLD)]
    table = stress_table(plan, cases, lambda *_: next(values), DAY)
    assert table["change"].tolist() == pytest.approx([0.0, -0.3, 0.2])
