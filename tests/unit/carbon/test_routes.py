"""Lines, tree equations and second opinions: by hand, out of range, and never mixed."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ecogis.carbon import (
    coefficients,
    fir_models,
    joined,
    linear_biomass,
    linear_stocks,
    living,
    mean_tree_coefficients,
    opinions,
    stocks,
    tree_biomass,
    tree_models,
)
from ecogis.core.errors import ConfigError, UnitError
from ecogis.core.findings import Findings
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
HA = 1_000_000
CO2 = 44 / 12


def stands(*species, **more):
    names = [f"S{k}" for k in range(len(species))]
    return pd.DataFrame({"stand": names, "species": pd.array(species, dtype="string"), **more})


def volumes(*rows):
    values = np.array(rows, dtype=np.float64)
    names = np.array([f"S{k}" for k in range(len(values))], dtype=object)
    return xr.DataArray(
        values, {"stand": names, "instant": np.arange(values.shape[1])}, ("stand", "instant")
    )


LINES = parameters("volume-biomass-linear")


def test_a_line_by_hand():
    found = linear_biomass(volumes([100.0, 0.0]), stands("马尾松"), LINES, DAY, Findings())
    assert found[0].to_numpy().tolist() == pytest.approx([0.5034 * 100 + 20.547, 0.0])
    assert found.attrs == {"units": "t DM ha-1", "parameter_set": "volume-biomass-linear@2016"}
    made = linear_stocks(found, [2 * HA], carbon_fraction=0.5, co2_per_c=CO2)
    assert int(made["co2e_kg"][0, 0]) == round(70.887 * 0.5 * CO2 * 2 * 1000)
    assert made["trees"].attrs["units"] == "t C ha-1"


def test_the_intercept_is_not_biomass_of_young_stands():
    findings = Findings()
    # half of the biomass is intercept at 19.141 / 0.4652 = 41.15 m3/ha
    volume = volumes([41.0, 41.3], [np.nan, 80.0], [50.0, 60.0])
    found = linear_biomass(volume, stands("杉木", "杉木", "毛竹"), LINES, DAY, findings)
    assert np.isnan(found.to_numpy()).tolist() == [[True, False], [True, False], [True, True]]
    table = findings.table()[["code", "feature", "action"]].to_numpy().tolist()
    assert table == [["E675", "S0", "kept"], ["E677", "S2", "excluded"]]
    made = linear_stocks(found, [HA] * 3, carbon_fraction=[0.5, 0.5, 0.5], co2_per_c=CO2)
    assert made["known"].to_numpy().tolist() == [False, False, False]
    assert made["co2e_kg"].to_numpy()[:, 0].tolist() == [0, 0, 0]


def test_arguments_of_a_line():
    with pytest.raises(ConfigError):
        linear_biomass(volumes([1.0], [1.0]), stands("杉木"), LINES, DAY, Findings())
    with pytest.raises(UnitError):
        linear_biomass(volumes([1.0]), stands("杉木"), LINES, DAY, Findings(), intercept_share=50.0)
    biomass = linear_biomass(volumes([90.0]), stands("杉木"), LINES, DAY, Findings())
    for area in ([HA, HA], [1.0]):
        with pytest.raises(ConfigError):
            linear_stocks(biomass, area, carbon_fraction=0.5, co2_per_c=CO2)


def mean_tree(species, dbh, height=12.0, stems=1000.0):
    return stands(species, dbh_cm=[dbh], height_m=[height], stems_ha=[stems])


def test_a_tree_and_a_hectare_by_hand():
    models = tree_models(parameters("tree-biomass-china"), DAY, "Anhui")
    found = tree_biomass(mean_tree("马尾松", 20.0), models, Findings())
    # 0.0337 (400 · 12)^0.9551 = 110.6 kg of stem; a thousand stems are 110.6 t
    assert found["stem_kg"][0] == pytest.approx(0.0337 * 4800**0.9551)
    assert found["stem_t"][0] == pytest.approx(found["stem_kg"][0])
    assert found.attrs["parameter_set"] == "tree-biomass-china@2026-1 Anhui"


def test_branches_of_fir_meet_at_five_centimetres():
    models = fir_models(parameters("biomass-lyt2264"), DAY)
    below, at = (
        tree_biomass(mean_tree("杉木", dbh, 6.0), models, Findings())["above_ground_kg"][0]
        for dbh in (5.0 - 1e-9, 5.0)
    )
    assert below == pytest.approx(at, rel=1e-4)


def test_outside_its_range_an_equation_says_nothing():
    models = tree_models(parameters("tree-biomass-china"), DAY, "Anhui")
    findings = Findings()
    trees = stands(
        "湿地松", "湿地松", "湿地松", "樟树", None,
        dbh_cm=[40.0, 20.0, 0.5, 20.0, 20.0],
        height_m=[15.0, np.nan, 2.0, 10.0, 10.0],
        stems_ha=[500.0] * 5,
    )  # fmt: skip
    found = tree_biomass(trees, models, findings)
    assert found["stem_kg"].isna().all()
    table = findings.table()[["code", "feature"]].to_numpy().tolist()
    assert table == [["E676", "S0"], ["E676", "S1"], ["E676", "S2"], ["E677", "S3"]]


def test_equations_that_contradict_or_are_not_known():
    models = pd.DataFrame(
        {"species": "oak", "component": "stem", "form": ["d", "d"], "a": [1.0, 2.0], "b": 2.0}
    )
    with pytest.raises(ConfigError, match="two equations"):
        tree_biomass(mean_tree("oak", 10.0), models, Findings())
    with pytest.raises(ConfigError, match="E673"):
        tree_biomass(mean_tree("oak", 10.0), models.assign(form="cubic"), Findings())
    with pytest.raises(ConfigError, match="E673"):
        tree_models(parameters("tree-biomass-china"), DAY, "Mars")


def two_sets():
    table = stands("杉木", "杉木", "马尾松", dbh_cm=[15.0, 8.0, 15.0], height_m=[12.0, 7.0, 12.0])
    first = coefficients(table, parameters("biomass-inventory"), DAY, Findings())
    second = mean_tree_coefficients(
        table, parameters("biomass-lyt2264"), DAY, Findings(), co2_per_c=CO2
    )
    return first, second


def test_a_second_opinion_stands_beside_the_first():
    first, second = two_sets()
    volume = volumes([100.0], [100.0], [100.0])
    found = opinions(volume, first, second, [HA] * 3)
    assert found["opinion"].to_numpy().tolist() == [
        "biomass-inventory@2014",
        "biomass-lyt2264@2014",
    ]
    assert found["both"].to_numpy().tolist() == [True, True, False]
    # 2 · 119.174 t against 99.6 and 116.9
    assert found["total_kg"][:, 0].to_numpy().tolist() == pytest.approx([238_348, 216_500], abs=200)
    assert float(found["difference"][0]) == pytest.approx(-0.0917, abs=1e-3)
    assert found["careful"].to_numpy().tolist() == ["biomass-lyt2264@2014"]
    np.testing.assert_array_equal(
        found["co2e_kg"][0].to_numpy(), stocks(volume, first, [HA] * 3)["co2e_kg"].to_numpy()
    )


def test_sets_are_never_mixed():
    first, second = two_sets()
    for tables in ([first, second], [first, second.reset_index(drop=True).copy().iloc[:0]]):
        with pytest.raises(ConfigError) as caught:
            joined(tables)
        assert caught.value.code == "E674"
    with pytest.raises(ConfigError) as caught:
        opinions(volumes([1.0], [1.0], [1.0]), first, first, [HA] * 3)
    assert caught.value.code == "E674"
    both = joined([first, first])
    assert len(both) == 6
    assert both.attrs["parameter_set"] == "biomass-inventory@2014"
    mixed = pd.concat([first.iloc[:2], second.iloc[2:]], ignore_index=True)

    class Path:
        stands = pd.DataFrame({"stand": mixed["stand"]})

    with pytest.raises(ConfigError, match="parameter_set"):
        living(Path(), mixed, np.array([HA] * 3))
