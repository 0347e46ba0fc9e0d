"""Volume to carbon, by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ecogis.carbon import coefficients, group_kg, stand_kg, stocks
from ecogis.core.errors import ConfigError, NotInForceError
from ecogis.core.findings import Findings
from ecogis.growth import curve_set, standing_volume, trajectories
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
HA = 1_000_000  # dm2


def per_m3(*species, findings=None):
    table = pd.DataFrame(
        {
            "stand": pd.array([f"S{i}" for i in range(len(species))], dtype="string"),
            "species": pd.array(species, dtype="string"),
        }
    )
    findings = Findings() if findings is None else findings
    return coefficients(table, parameters("biomass-inventory"), DAY, findings)


def volumes(*rows):
    values = np.array(rows, dtype=np.float64)
    days = np.array(["2025-01-01", "2026-01-01"][: values.shape[1]], dtype="datetime64[ns]")
    names = np.array([f"S{i}" for i in range(len(values))], dtype=object)
    return xr.DataArray(values, {"stand": names, "instant": days}, ("stand", "instant"))


def test_chinese_fir_of_100_m3():
    # 100 m3/ha: 62.50 t of biomass, 119.17 t CO2e for a hectare (D BEF (1+R) CF 44/12)
    table = per_m3("杉木")
    found = stocks(volumes([100.0]), table, [HA])
    carbon = float(found["above_ground"][0, 0] + found["below_ground"][0, 0])
    assert carbon / 0.520 == pytest.approx(62.50, abs=0.005)
    assert float(found["above_ground"][0, 0]) == pytest.approx(100 * 0.307 * 1.634 * 0.52)
    assert int(found["co2e_kg"][0, 0]) == 119_174
    assert found["co2e_kg"].dtype == np.int64
    assert found["above_ground"].attrs["units"] == "t C ha-1"
    assert found["co2e_kg"].attrs["units"] == "kg CO2e"


@pytest.mark.parametrize(
    ("species", "tonnes"),
    [("马尾松", 1.120), ("湿地松", 1.621), ("针叶混", 1.523), ("阔叶混", 1.655), ("硬阔类", 2.300),
     ("软阔类", 1.611), ("栎类", 2.170), ("木荷", 2.597), ("樟树", 1.494), ("桉树", 1.716)],
)  # fmt: skip
def test_co2e_of_a_cubic_metre(species, tonnes):
    # the table of D BEF (1+R) CF 44/12, three printed decimals
    assert per_m3(species)["co2e_t_m3"][0] == pytest.approx(tonnes, abs=0.0006)


def test_area_and_doubling():
    table = per_m3("杉木", "杉木", "杉木")
    kg = stocks(volumes([100.0], [200.0], [100.0]), table, [HA, HA, 3 * HA])["co2e_kg"][:, 0]
    assert kg.to_numpy().tolist() == [119_174, 238_349, 357_523]  # 119.174408 t a hectare


def test_a_species_without_parameters_is_found_and_not_guessed():
    findings = Findings()
    table = per_m3("毛竹", None, findings=findings)
    assert findings.table()[["code", "feature", "action"]].to_numpy().tolist() == [
        ["E251", "S0", "excluded"]
    ]
    assert "毛竹" in findings.table()["message_zh"][0]
    found = stocks(volumes([50.0], [0.0]), table, [HA, HA])
    assert found["known"].to_numpy().tolist() == [False, True]
    assert found["co2e_kg"].to_numpy().tolist() == [[0], [0]]
    assert np.isnan(found["above_ground"][0, 0])
    assert float(found["below_ground"][1, 0]) == 0.0


def test_a_stand_is_told_once_for_each_layer():
    findings = Findings()
    table = pd.DataFrame({"stand": ["A"], "species": ["毛竹"]}, dtype="string")
    library = parameters("biomass-inventory")
    for layer in ("stands", "stands", "stands_opening"):
        coefficients(table, library, DAY, findings, layer=layer)
    assert findings.table()["layer"].tolist() == ["stands", "stands_opening"]


def test_only_species_present_are_recorded():
    library = parameters("biomass-inventory")
    table = pd.DataFrame({"stand": ["A"], "species": ["杉木"]})
    coefficients(table, library, DAY, Findings())
    assert {use.key for use in library.uses} == {("杉木",), ()}
    assert {use.confidence for use in library.uses} == {"recalled"}


def test_before_the_parameters_nothing_is_calculated():
    table = pd.DataFrame({"stand": ["A"], "species": ["杉木"]})
    with pytest.raises(NotInForceError):
        coefficients(table, parameters("biomass-inventory"), date(1990, 1, 1), Findings())


def test_stands_and_areas_must_fit():
    table = per_m3("杉木", "杉木")
    with pytest.raises(ConfigError) as caught:
        stocks(volumes([1.0], [1.0]), table.iloc[::-1], [HA, HA])
    assert caught.value.code == "E266"
    for area in ([HA], [1.0, 2.0]):
        with pytest.raises(ConfigError) as caught:
            stocks(volumes([1.0], [1.0]), table, area)
        assert caught.value.code == "E266"


@pytest.fixture
def county():
    rng = np.random.default_rng(7)
    count = 400
    species = rng.choice(["桉树", "马尾松", "杉木", "木荷", "毛竹"], count)
    stands = pd.DataFrame(
        {
            "stand": pd.array([f"S{i:04d}" for i in range(count)], dtype="string"),
            "species": pd.array(species, dtype="string"),
            "land_class": "arbor_forest",
            "age_yr": pd.array(rng.integers(1, 60, count), dtype="Int64"),
            "standing_volume": np.where(
                rng.random(count) < 0.05, np.nan, rng.uniform(5, 150, count)
            ),
            "survey_date": pd.Timestamp("2024-12-31"),
        }
    )
    days = [date(2025 + year, 1, 1) for year in range(12)]
    curves = curve_set("growth-south-china", DAY)
    path = trajectories(stands, days, curves=curves, findings=Findings())
    table = coefficients(stands, parameters("biomass-inventory"), DAY, Findings())
    return path, table, rng.integers(1_000, 30 * HA, count)


def test_the_fused_way_gives_the_same_kilograms(county):
    path, table, area = county
    whole = stocks(standing_volume(path), table, area)["co2e_kg"].to_numpy()
    fused = stand_kg(path, table, area)
    np.testing.assert_array_equal(fused, whole)
    given = stocks(standing_volume(path), table, area, co2e_kg=fused)
    xr.testing.assert_identical(given, stocks(standing_volume(path), table, area))
    groups = np.arange(len(area)) % 7
    totals = group_kg(path, table, area, groups, 8)
    np.testing.assert_array_equal(
        totals, [whole[groups == g].sum(axis=0, dtype=np.int64) for g in range(8)]
    )


def test_pools_and_kilograms_agree(county):
    path, table, area = county
    found = stocks(standing_volume(path), table, area)
    carbon = (found["above_ground"] + found["below_ground"]).to_numpy()[found["known"]]
    tonnes = carbon * 44 / 12 * (area[found["known"].to_numpy()] * 1e-6)[:, None]
    kg = found["co2e_kg"].to_numpy()[found["known"]]
    assert np.abs(kg - tonnes * 1000).max() <= 0.5 + 1e-6


def test_group_totals_refuse_groups_that_do_not_fit(county):
    path, table, area = county
    for groups in (np.zeros(3, dtype=int), np.full(len(area), 2), np.full(len(area), -1)):
        with pytest.raises(ConfigError) as caught:
            group_kg(path, table, area, groups, 2)
        assert caught.value.code == "E262"
