"""Condition: area-weighted variables, indicators from 0 to 1, an index; unknown stays unknown."""

import numpy as np
import pandas as pd
import pytest

from ecogis.accounts.condition import Variable, condition, indicator
from ecogis.core.errors import ConfigError

HECTARE = 1_000_000
VOLUME = Variable("standing_volume", "functional", 0.0, 200.0, "演示", weight=3.0)
COVER = Variable("canopy_cover", "structural", 0.0, 1.0, "演示")


def stands(cover, volume=(100.0, 100.0), classes=("arbor_forest", "arbor_forest")):
    return pd.DataFrame(
        {
            "land_class": list(classes),
            "area_dm2": [3 * HECTARE, HECTARE],
            "canopy_cover": list(cover),
            "standing_volume": list(volume),
        }
    )


def row(made, variable, land_class=""):
    found = made[made["variable"].eq(variable) & made["land_class"].eq(land_class)]
    return found.iloc[0]


def test_means_are_weighted_by_area_and_the_index_by_weight():
    made = condition(stands([0.4, 0.8]), stands([0.8, 0.8], (200.0, 200.0)), [COVER, VOLUME])
    assert row(made, "canopy_cover")["opening"] == pytest.approx(0.5)
    assert row(made, "index")["opening_indicator"] == pytest.approx((0.5 + 3 * 0.5) / 4)
    assert row(made, "index")["closing_indicator"] == pytest.approx((0.8 + 3 * 1.0) / 4)
    assert row(made, "index")["status"] == "observed"


def test_what_harms_counts_the_other_way_round():
    harm = Variable("canopy_cover", "structural", 0.0, 1.0, "演示", higher_is_better=False)
    assert indicator(np.array([0.25]), harm).tolist() == [0.75]


@pytest.mark.parametrize("bad", [np.nan, 1.4])
def test_a_value_that_is_missing_or_cannot_be_is_not_known(bad):
    made = condition(stands([0.4, bad]), stands([0.4, 0.4]), [COVER])
    found = row(made, "canopy_cover")
    assert found["opening"] == pytest.approx(0.4)
    assert found["known_share_opening"] == pytest.approx(0.75)
    assert found["status"] == row(made, "index")["status"] == "incomplete"


def test_without_any_value_the_index_is_missing():
    made = condition(stands([np.nan, np.nan]), stands([0.4, 0.4]), [COVER])
    assert np.isnan(row(made, "index")["opening_indicator"])
    assert row(made, "index")["status"] == "missing"


def test_types_stand_apart_and_other_land_is_left_out():
    made = condition(
        stands([0.4, 0.8], classes=("arbor_forest", "bamboo_forest")),
        stands([0.4, 0.0], classes=("arbor_forest", "built_up")),
        [COVER],
    )
    assert made["land_class"].drop_duplicates().tolist() == ["arbor_forest", "bamboo_forest", ""]
    assert row(made, "canopy_cover", "bamboo_forest")["opening"] == pytest.approx(0.8)
    assert row(made, "canopy_cover", "bamboo_forest")["status"] == "missing"


def test_levels_that_are_no_range_are_refused():
    with pytest.raises(ConfigError, match="E421"):
        indicator(np.zeros(1), Variable("canopy_cover", "structural", 1.0, 1.0, "演示"))
    with pytest.raises(ConfigError, match="E421"):
        indicator(np.zeros(1), Variable("canopy_cover", "beauty", 0.0, 1.0, "演示"))
