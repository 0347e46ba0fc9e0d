"""Rates by hand: against the register's bands and against the limits of the policy."""

from datetime import date

import pandas as pd
import pytest

from ecogis.core.findings import Findings
from ecogis.crediting import Band, check_rate, mean_rate, register_bands
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
HECTARE_DM2 = 1_000_000
METHOD = "CCER-14-001-V01"
JIANGXI = (Band(METHOD, "all", 1.06, 12.16, 98), Band(METHOD, "36", 2.88, 5.77, 14))


def years(*tonnes):
    """Vintages of a year each on one hectare."""
    kg = [round(amount * 1000) for amount in tonnes]
    return pd.DataFrame({"credit_kg": kg, "years": [1.0] * len(kg)})


def codes(rate, bands=JIANGXI, **limits):
    findings = Findings()
    check_rate(years(rate), HECTARE_DM2, findings, bands=bands, **limits)
    return findings.table()["code"].tolist()


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        (2.88, []),
        (5.77, []),
        (5.774, []),  # the register prints two digits
        (5.78, ["E731"]),
        (2.87, ["E731"]),
        (12.17, ["E730", "E731"]),
        (1.05, ["E730", "E731"]),
        (25.0, ["E730", "E731"]),
        (25.1, ["E373", "E730", "E731"]),
        (40.0, ["E373", "E730", "E731"]),
        (40.1, ["E374", "E730", "E731"]),
        (-1.0, ["E730", "E731"]),
    ],
)
def test_outside_a_band_is_found_with_the_band(rate, expected):
    assert sorted(codes(rate)) == expected


def test_the_finding_names_the_band():
    findings = Findings()
    check_rate(years(6.0), HECTARE_DM2, findings, bands=JIANGXI)
    row = findings.table().iloc[0]
    assert (row["severity"], row["observed"], row["expected"]) == ("warning", "6.00", "2.88-5.77")
    assert "14" in row["message_en"]
    assert "CCER-14-001-V01" in row["message_zh"]


def test_only_the_refused_limit_is_an_error():
    findings = Findings()
    check_rate(years(41.0), HECTARE_DM2, findings)
    assert findings.table()["severity"].tolist() == ["error"]
    findings.refuse("error", ["E374"])  # accepted by name


def test_limits_are_policy():
    assert codes(3.0, (), notable=2.0, refused=4.0) == ["E373"]
    assert codes(3.0, (), notable=1.0, refused=2.0) == ["E374"]


def test_the_mean_is_over_the_whole_period_harvests_included():
    # 30 t in the first year, 20 t felled in the second: 5 t a year
    assert mean_rate(years(30.0, -20.0), HECTARE_DM2) == 5.0
    findings = Findings()
    check_rate(years(30.0, -20.0), HECTARE_DM2, findings, bands=JIANGXI)
    assert findings.count() == 0


def test_without_land_there_is_no_rate():
    findings = Findings()
    check_rate(years(0.0), 0, findings, bands=JIANGXI)
    assert findings.count() == 0
    assert mean_rate(years(0.0), 0) == 0.0


def test_bands_of_a_province_and_of_the_whole_register():
    rates = parameters("register-rates")
    found = register_bands(rates, METHOD, "36", DAY)
    assert found == JIANGXI
    elsewhere = register_bands(rates, METHOD, "31", DAY)
    assert [band.province for band in elsewhere] == ["all"]
    assert register_bands(rates, "AR-CM-001-V01", "44", DAY) == ()
    assert {value.set for value in rates.uses} == {"register-rates@2026-1"}


def test_lowest_and_highest_are_those_of_the_tables(shared_tables):
    rates = parameters("register-rates").frame("rates", DAY)
    own = rates[rates["methodology"].eq("CCER-14-001-V01") & rates["province"].ne("all")]
    table = pd.read_csv(shared_tables / "ccer_rate_by_province.csv")
    pairs = {"min_tCO2_ha_yr": "rate_low", "max": "rate_high"}
    theirs = table.rename(columns=pairs).sort_values(["rate_low", "rate_high"])
    ours = own.sort_values(["rate_low", "rate_high"])
    names = list(pairs.values())
    assert ours[names].to_numpy().tolist() == theirs[names].to_numpy().tolist()
    register = pd.read_csv(shared_tables / "ccer_forestry_projects.csv")
    by_method = register.groupby("methodology")["tCO2_per_ha_yr"].agg(["min", "max"])
    whole = rates[rates["province"].eq("all")].set_index("methodology")
    assert whole[["rate_low", "rate_high"]].to_numpy().tolist() == by_method.to_numpy().tolist()
