"""Verifications and whole tonnes."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.crediting import issuances, lapsed, verification_dates, vintage_tonnes


def vintages(*kg, first=2020):
    years = np.arange(first, first + len(kg))
    return pd.DataFrame(
        {
            "vintage": years,
            "end": pd.to_datetime([f"{year + 1}-01-01" for year in years]),
            "credit_kg": np.array(kg, dtype=np.int64),
        }
    )


def test_dates():
    assert verification_dates(date(2020, 1, 1), 20, every_years=5) == [
        date(year, 1, 1) for year in (2025, 2030, 2035, 2040)
    ]
    assert verification_dates(date(2020, 1, 1), 3, every_years=5) == [date(2023, 1, 1)]


def test_nothing_is_verified_before_it_can_be():
    dates = verification_dates(date(2020, 1, 1), 10, every_years=5, not_before=date(2026, 8, 31))
    assert dates == [date(2030, 1, 1)]
    late = verification_dates(date(2010, 1, 1), 10, every_years=5, not_before=date(2026, 8, 31))
    assert late == [date(2026, 8, 31)]


def test_whole_tonnes_are_the_floor_of_the_sum_less_what_was_issued():
    dates = [date(2022, 1, 1), date(2024, 1, 1), date(2025, 1, 1)]
    table = issuances(vintages(600, 900, 700, 700, 99), dates, lag_months=6)
    assert table["credit_kg"].tolist() == [1_500, 1_400, 99]
    assert table["issued_t"].tolist() == [1, 1, 0]  # 1.5 -> 1; 2.9 -> 2; 2.999 -> 2
    assert table["vintages"].tolist() == ["2020-2021", "2022-2023", "2024"]
    assert table["issuance_date"].dt.date.tolist() == [
        date(2022, 7, 1),
        date(2024, 7, 1),
        date(2025, 7, 1),
    ]


def test_a_vintage_is_verified_whole_at_the_first_day_not_before_its_end():
    table = issuances(vintages(1_000, 1_000), [date(2021, 6, 1), date(2022, 1, 1)])
    assert table["credit_kg"].tolist() == [1_000, 1_000]
    late = issuances(vintages(1_000, 1_000), [date(2021, 1, 1)])
    assert late["credit_kg"].tolist() == [1_000]


def test_a_loss_is_made_up_before_anything_is_issued():
    dates = [date(2021, 1, 1), date(2022, 1, 1), date(2023, 1, 1)]
    table = issuances(vintages(5_000, -2_000, 2_500), dates)
    assert table["issued_t"].tolist() == [5, 0, 0]  # cumulative 5.0, 3.0, 5.5
    assert issuances(vintages(-2_000, 1_500, 1_500), dates)["issued_t"].tolist() == [0, 0, 1]


def test_another_column_can_be_issued():
    table = vintages(1_000).assign(pledgeable_kg=np.array([0]))
    assert issuances(table, [date(2021, 1, 1)], column="pledgeable_kg")["issued_t"].tolist() == [0]


@pytest.mark.parametrize(
    ("dates", "lag"),
    [([], 0), ([date(2022, 1, 1), date(2021, 1, 1)], 0), ([date(2021, 1, 1)] * 2, 0),
     ([date(2021, 1, 1)], -1)],
)  # fmt: skip
def test_schedules_that_do_not_fit(dates, lag):
    with pytest.raises(ConfigError) as caught:
        issuances(vintages(1), dates, lag_months=lag)
    assert caught.value.code == "E379"


@pytest.mark.parametrize(("years", "every"), [(0, 1), (5, 0)])
def test_years_are_whole(years, every):
    with pytest.raises(ConfigError) as caught:
        verification_dates(date(2020, 1, 1), years, every_years=every)
    assert caught.value.code == "E379"


@pytest.mark.parametrize(
    ("kg", "row", "tonnes"),
    [
        ([600, 900, 700, 700, 99], [0, 0, 1, 1, 2], [0, 1, 1, 0, 0]),
        ([600, 900, 700, 700, 101], [0, 0, 1, 1, 2], [0, 1, 1, 0, 1]),
        ([4_500, -4_000, 2_700, 4_500], [0, 0, 1, 1], [0, 0, 3, 4]),
        ([5_000, -2_000, 2_500], [0, 1, 2], [5, 0, 0]),
        ([5_000, 3_000, -2_000, 900], [0, 0, 0, 1], [5, 1, 0, 0]),
        ([1_500, 1_500], [0, -1], [1, 0]),
        ([], [], []),
    ],
)
def test_tonnes_by_vintage(kg, row, tonnes):
    found = vintage_tonnes(np.array(kg, dtype=np.int64), np.array(row, dtype=np.int64))
    assert found.tolist() == tonnes


def test_reductions_lapse_with_the_years_before_their_verification():
    table = vintages(1_000, 1_000, 1_000)
    table["start"] = pd.to_datetime([f"{year}-01-01" for year in table["vintage"]])
    days = [date(2025, 1, 1), date(2027, 1, 1)]
    assert lapsed(table, days, 5).tolist() == [False] * 3  # to the day
    assert lapsed(table, days, 4).tolist() == [True, False, False]
    assert lapsed(table, [date(2021, 1, 1)], 1).tolist() == [False] * 3  # the others are open
    assert lapsed(table, days, None).tolist() == [False] * 3
    assert issuances(table, days, window_years=4)["issued_t"].tolist() == [2, 0]
