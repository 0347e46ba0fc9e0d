"""Quality grades: the survey's own, else volume against the mean of the class."""

import pandas as pd
import pytest

from ecogis.accounts import graded
from ecogis.core.errors import ConfigError


def table(volumes, **other):
    blank = {"land_class": "arbor_forest", "species_group": "杉木组", "age_group": "young"}
    rows = [blank | {"stand": f"S{at}", "standing_volume": v} for at, v in enumerate(volumes)]
    return pd.DataFrame(rows).assign(area_dm2=1_000_000, **other)


def test_five_grades_about_the_mean_of_100():
    opening = table([130.0, 129.0, 110.0, 90.0, 89.0, 70.0, 69.0, 113.0])
    assert opening["standing_volume"].sum() / 8 == 100
    before, _ = graded(opening, opening)
    assert before["quality"].tolist() == [
        "excellent", "good", "good", "fair", "poor", "poor", "bad", "good",
    ]  # fmt: skip


def test_the_closing_is_measured_against_the_opening():
    before, after = graded(table([100.0, 100.0]), table([200.0, 200.0]))
    assert before["quality"].tolist() == ["fair", "fair"]
    assert after["quality"].tolist() == ["excellent", "excellent"]


def test_what_cannot_be_graded_has_no_grade():
    opening = table([100.0, None, -1.0, 100.0, 100.0])
    opening.loc[3, "land_class"] = "cropland"
    opening.loc[4, "age_group"] = None
    before, _ = graded(opening, opening)
    assert before["quality"].isna().tolist() == [False, True, True, True, True]


def test_the_survey_s_own_grade_goes_first():
    opening = table([100.0, 100.0], quality_grade=["bad", None])
    assert graded(opening, opening)[0]["quality"].tolist() == ["bad", "fair"]


@pytest.mark.parametrize("limits", [(1.0, 0.9, 0.8), (1.0, 1.1, 0.9, 0.7), (1.3, 1.1, 0.9, 0.9)])
def test_limits_fall(limits):
    with pytest.raises(ConfigError, match="E400"):
        graded(table([1.0]), table([1.0]), limits=limits)
