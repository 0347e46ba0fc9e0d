"""Options of [growth] and [policy.repairs]: fitted and own curves, scaling, filling, repairs."""

import shutil

import pytest

import ecogis as eg
from ecogis import demo
from ecogis.core.errors import ConfigError, InputError

HEAD = "curve,species,age_yr,standing_volume,source,confidence\n"
OWN = HEAD + "".join(f"own,杉木,{age},{age * 8},样地,quoted\n" for age in (5, 20, 40))


PLAN = """stand,year,felling,share
4418991012070070036,2030,thinning,0.2
4418991012070070036,2031,burning,0.2
nowhere,2030,thinning,0.2
"""
FOLLOWED = """own_curves = "own.csv"
fill = ["planting_year", "canopy"]
harvest = { quota_m3 = 5000.0, because = "演示用假定", plan = "plan.csv" }
opinion = "volume-biomass-linear@2016"
pools = { follow = ["dead_wood", "litter"], rates = "pools-south-china@2026-1" }
disturbance.hazards = "mortality-guangdong@2018"
disturbance.disaster_share = 0.4
disturbance.severity = 0.3
disturbance.because = "演示用假定"
"""


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    """The demo with lines added to a section, assessed without outputs."""

    def run(section, lines):
        folder = tmp_path_factory.mktemp("options") / "project"
        shutil.copytree(demo.folder(), folder)
        (folder / "own.csv").write_text(OWN, encoding="utf-8")
        (folder / "plan.csv").write_text(PLAN, encoding="utf-8")
        text = (folder / "project.toml").read_text(encoding="utf-8")
        start = text.index(f"[{section}]") + len(section) + 2
        text = text[:start] + "\n" + lines + text[start:]
        text = text.replace('"html", "xlsx", "gpkg"]', '"html"]')
        (folder / "project.toml").write_text(text, encoding="utf-8")
        return eg.assess(folder / "project.toml")

    return run


@pytest.fixture(scope="module")
def followed(assessed):
    """Curves of one's own, gaps filled, harvest, disturbance, pools and a second opinion."""
    return assessed("growth", FOLLOWED)


def test_fitted_curves_come_before_the_librarys(assessed):
    result = assessed("growth", 'fit = { by = ["species"], form = "schumacher" }\n')
    assert "E657" in set(result.findings["code"])  # a species with too few stands is refused
    credit = result.summary["totals"]["credit_kg"]
    assert credit != 32_384_000
    assert credit > 0


def test_own_curves_and_filling_are_told(followed):
    assert any(entry["role"] == "own_curves" for entry in followed.record["inputs"])
    assert {"E667"} <= set(followed.findings["code"])


def test_harvest_disturbance_and_pools_are_followed_and_recorded(followed):
    result = followed
    told = result.findings.set_index("code")
    assert told.loc["E694", "row"].astype(int).tolist() == [3, 4]
    assert "E690" not in told.index
    assert result.fellings["stand"].tolist() == ["4418991012070070036"]
    found = result.summary["growth"]
    assert found["harvest"]["fellings"] == 1
    assert found["harvest"]["volume_m3"] == result.fellings["volume_m3"].sum()
    assert found["disturbance"]["severity"] == 0.3
    assert found["pools"]["followed"] == ["dead_wood", "litter"]
    assert found["opinion"]["total_kg"][0] > 0
    spread = result.summary["forecast"]
    assert spread["year"] == 2045
    for land in ("whole", "project"):
        assert spread[land]["p5_kg"] < spread[land]["p50_kg"] < spread[land]["p95_kg"]
    assert result.pools["stock_kg"].sel(pool="litter").sum() > 0
    assert result.opinion["difference"].notnull().all()
    assert {"whole", "project"} < set(result.forecast_quantiles["group"].to_numpy())
    assert any(entry["role"] == "harvest" for entry in result.record["inputs"])
    sets = {entry["id"] for entry in result.record["parameter_sets"]}
    assert {"harvest-law", "mortality-guangdong", "pools-south-china"} < sets


def test_a_plan_that_is_not_there_is_named(assessed):
    lines = 'harvest = { quota_m3 = 5000.0, because = "演示用假定", plan = "none.csv" }\n'
    with pytest.raises(InputError, match=r"E105.*none.csv"):
        assessed("growth", lines)


def test_a_repair_parcels_may_not_have_is_refused(assessed):
    with pytest.raises(ConfigError, match="parcels"):
        assessed("policy", 'repairs = { parcels = ["gaps_to_neighbour"] }\n')
