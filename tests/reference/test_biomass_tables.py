"""Carbon of a cubic metre and biomass of a tree against published tables."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ecogis.carbon import (
    coefficients,
    fir_models,
    linear_biomass,
    mean_tree_coefficients,
    tree_biomass,
    tree_models,
)
from ecogis.core.findings import Findings
from ecogis.methods import parameters

DAY = date(2026, 8, 31)


def stands(species):
    names = [f"S{k}" for k in range(len(species))]
    return pd.DataFrame({"stand": names, "species": species}, dtype="string")


@pytest.fixture(scope="module")
def check(shared_tables):
    return pd.read_csv(shared_tables / "species_crosscheck_v100.csv")


def test_constants_give_the_published_carbon_of_a_cubic_metre(check):
    found = coefficients(
        stands(check["species_zh"]), parameters("biomass-inventory"), DAY, Findings()
    )
    # four printed digits
    assert np.abs(found["co2e_t_m3"] - check["tCO2_per_m3"]).max() <= 5.1e-5


def test_lines_give_the_published_biomass_at_100_m3(check):
    table = stands(check["species_zh"])
    volume = xr.DataArray(
        np.full((len(table), 1), 100.0),
        {"stand": table["stand"].to_numpy(dtype=object), "instant": [0]},
        ("stand", "instant"),
    )
    findings = Findings()
    found = linear_biomass(
        volume, table, parameters("volume-biomass-linear"), DAY, findings, intercept_share=0.6
    )[:, 0].to_numpy()
    published = check["B_at_100m3_Fang_t_ha"].to_numpy()
    # one printed decimal; eucalypt has no line
    np.testing.assert_allclose(found, published, atol=0.051)
    assert findings.table()[["code", "observed"]].to_numpy().tolist() == [["E677", "桉树"]]


def test_the_two_ways_differ_as_published(check):
    table = stands(check["species_zh"])
    per_m3 = coefficients(table, parameters("biomass-inventory"), DAY, Findings())
    library = parameters("biomass-inventory")
    fraction = table["species"].map(library.table("carbon_fraction", DAY, "t C t-1").to_dict())
    constant = 100.0 * (per_m3["above_t_c_m3"] + per_m3["below_t_c_m3"]) / fraction
    apart = 100.0 * (constant / check["B_at_100m3_Fang_t_ha"] - 1.0)
    # both sides are printed to a tenth of a tonne, the difference to a tenth of a per cent
    assert np.nanmax(np.abs(apart - check["diff_pct"])) <= 0.15


@pytest.mark.parametrize(
    ("dbh", "height", "tonnes", "under"),
    [(8, 7, 1.169, -1.9), (12, 9, 1.119, -6.1), (15, 12, 0.996, -16.4), (20, 15, 0.939, -21.2),
     (25, 18, 0.892, -25.1)],
)  # fmt: skip
def test_fir_by_the_industry_standard(dbh, height, tonnes, under):
    tree = stands(["杉木"]).assign(dbh_cm=float(dbh), height_m=float(height))
    second = mean_tree_coefficients(
        tree, parameters("biomass-lyt2264"), DAY, Findings(), co2_per_c=44 / 12
    )
    first = coefficients(tree, parameters("biomass-inventory"), DAY, Findings())
    per_m3 = float(second["co2e_t_m3"][0])
    assert per_m3 == pytest.approx(tonnes, abs=6e-4)
    assert 100.0 * (per_m3 / first["co2e_t_m3"][0] - 1.0) == pytest.approx(under, abs=0.06)


def test_the_mean_tree_of_huitong_by_the_industry_standard():
    # 25 years: 21.3 cm and 13.1 m
    models = fir_models(parameters("biomass-lyt2264"), DAY)
    library = parameters("biomass-lyt2264")
    above, below = (
        library.value(f"carbon_fraction_{part}", DAY, "t C t-1", key="杉木")
        for part in ("above", "below")
    )
    tree = stands(["杉木"]).assign(dbh_cm=21.3, height_m=13.1, stems_ha=1.0)
    found = tree_biomass(tree, models, Findings())
    kg = above * found["above_ground_kg"][0] + below * found["below_ground_kg"][0]
    # 0.065388 D^2.01735 H^0.49425 = 111.56 kg; 0.016385 D^2.52941 H^-0.11744 = 27.75 kg
    assert found["above_ground_kg"][0] == pytest.approx(111.56, abs=0.01)
    assert found["below_ground_kg"][0] == pytest.approx(27.75, abs=0.01)
    assert kg == pytest.approx(0.5003 * 111.56 + 0.488 * 27.75, abs=0.01)


def test_equations_are_those_of_the_table(shared_tables):
    table = pd.read_csv(shared_tables / "tree_equations.csv")
    table = table[table["form"] == "W=a*(D^2*H)^b"]
    found = tree_models(parameters("tree-biomass-china"), DAY, "Anhui")
    assert len(found) == len(table) == 48
    assert sorted(found["a"]) == sorted(table["a"].astype(float))
    assert sorted(found["b"]) == sorted(table["b"].astype(float))


def test_equations_of_regions_differ_as_much_as_they_do():
    # 杉木 of 15 cm and 12 m: whole tree by two regions
    tree = stands(["杉木"]).assign(dbh_cm=15.0, height_m=12.0, stems_ha=1.0)
    whole = {}
    for region in ("Anhui", "Hubei (second hand)"):
        models = tree_models(parameters("tree-biomass-china"), DAY, region)
        made = tree_biomass(tree, models, Findings())
        parts = [name for name in made if name.endswith("_kg")]
        whole[region] = float(made[parts].sum(axis=1)[0])
    # 0.0411 2700^0.8941 + 0.0015 2700^1.062 + 0.0108 2700^0.8246 + 0.0314 2700^0.7592
    assert whole["Anhui"] == pytest.approx(48.064 + 6.610 + 7.293 + 12.648, abs=0.01)
    assert whole["Hubei (second hand)"] == pytest.approx(0.1198 * 15**2.3326, rel=1e-9)
