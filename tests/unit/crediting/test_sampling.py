"""How many plots, and in which strata."""

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.crediting.sampling import _Expected, sample_design, t_value

STRATA = pd.DataFrame(
    {
        "stratum": ["B", "A", "C"],
        "area_dm2": [70_000_000, 30_000_000, 2_000_000],
        "stock_t_ha": [100.0, 200.0, 50.0],
        "deviation_t_ha": [35.0, 80.0, 5.0],
    }
)
ASKED = {"plot_area_m2": 600.0, "relative_error": 0.1, "confidence": 0.9}


def design(strata=STRATA, **options):
    return sample_design(strata, **ASKED | options)


def expected(strata):
    area = strata["area_dm2"].to_numpy(dtype=float)
    return _Expected(
        area / area.sum(),
        strata["stock_t_ha"].to_numpy(),
        strata["deviation_t_ha"].to_numpy(),
        area * 0.01 / 600.0,
        neyman=True,
    )


@pytest.mark.parametrize(
    ("degrees", "value"), [(1, 6.314), (2, 2.920), (10, 1.812), (30, 1.697), (np.inf, 1.645)]
)
def test_t_is_that_of_printed_tables(degrees, value):
    assert round(t_value(0.9, degrees), 3) == value


def test_no_degree_of_freedom_gives_no_t():
    assert np.isnan(t_value(0.9, 0))


@pytest.mark.parametrize("confidence", [0.0, 1.0, 90.0])
def test_confidence_is_a_share(confidence):
    with pytest.raises(ConfigError):
        t_value(confidence, 5)


def test_the_number_is_the_smallest_that_is_enough_with_its_own_t():
    law = expected(STRATA)
    margin = 0.1 * float(np.sum(law.weight * law.mean))
    enough = [n for n in range(4, 200) if law.needed(t_value(0.9, n - 3), margin) <= n]
    assert design().by_formula == enough[0]


def test_whole_plots_keep_the_promise_and_one_fewer_of_the_formula_would_not():
    sample = design()
    assert sample.relative_margin <= 0.1
    assert sample.table["plots"].min() >= 2
    assert sample.plots >= sample.by_formula
    law = expected(STRATA.sort_values("stratum"))
    fewer = sample.by_formula - 1
    assert law.needed(t_value(0.9, fewer - 3), 0.1 * float(np.sum(law.weight * law.mean))) > fewer


def test_without_end_the_formula_is_the_closed_form():
    """One stratum: n = (t s / E)², and one fewer is not enough."""
    sample = design(STRATA.iloc[[0]].assign(area_dm2=7 * 10**14))
    number = sample.by_formula
    closed = [(t_value(0.9, n - 1) * 35.0 / 10.0) ** 2 for n in (number, number - 1)]
    assert closed[0] <= number
    assert closed[1] > number - 1
    assert sample.plots == number


def test_all_land_is_the_most_that_can_be_sampled():
    small = STRATA.iloc[:2].assign(area_dm2=[1_200_000, 600_000], deviation_t_ha=[90.0, 90.0])
    sample = design(small, relative_error=1e-6)
    assert sample.table["plots"].tolist() == [10, 20]
    assert sample.relative_margin == 0.0


def test_neyman_takes_fewer_than_proportional_and_both_keep_the_promise():
    neyman, proportional = (design(allocation=name) for name in ("neyman", "proportional"))
    assert neyman.plots < proportional.plots
    assert proportional.relative_margin <= 0.1


def test_a_full_stratum_passes_its_plots_on():
    strata = pd.DataFrame(
        {
            "stratum": ["A", "B"],
            "area_dm2": [180_000, 70_000_000],
            "stock_t_ha": [100.0, 100.0],
            "deviation_t_ha": [5_000_000.0, 200.0],
        }
    )
    table = design(strata).table
    assert table["plots"].tolist()[0] == 3  # all that fit
    assert table["plots"].tolist()[1] > 3


def test_land_that_is_all_alike_gets_the_least_number():
    sample = design(STRATA.assign(deviation_t_ha=0.0))
    assert sample.table["plots"].tolist() == [2, 2, 2]
    assert sample.relative_margin == 0.0


def test_order_of_rows_changes_nothing():
    pd.testing.assert_frame_equal(design().table, design(STRATA.iloc[::-1]).table)


@pytest.mark.parametrize(
    "options",
    [
        {"plot_area_m2": 0.0},
        {"relative_error": -0.1},
        {"confidence": 90.0},
        {"allocation": "equal"},
        {"at_least": 1},
        {"plot_area_m2": 20_000.0},  # stratum C has room for one
    ],
)
def test_arguments_that_do_not_fit(options):
    with pytest.raises(ConfigError) as caught:
        design(**options)
    assert caught.value.code == "E753"


@pytest.mark.parametrize(
    "change",
    [
        {"deviation_t_ha": [35.0, np.nan, 5.0]},
        {"stock_t_ha": [100.0, -1.0, 50.0]},
        {"stock_t_ha": 0.0},
        {"area_dm2": [1_000_000, 0, 1_000_000]},
        {"stratum": ["A", "A", "C"]},
    ],
)
def test_nothing_is_expected_by_default(change):
    with pytest.raises(ConfigError) as caught:
        design(STRATA.assign(**change))
    assert caught.value.code == "E753"


def test_a_design_needs_land():
    with pytest.raises(ConfigError):
        design(STRATA.iloc[:0])
