"""The small project under methodologies that leave numbers to the project file."""

import json
from importlib.resources import files

import pandas as pd
import pytest

import ecogis as eg

GUANGDONG = 'id = "GD-PHCER-FOREST@2022"'
DECLARED = '\ntext_checked = { value = true, because = "对照正文核对(测试)" }\n'
ANALOGY = 'accept = true, because = "按类比取值(测试)"'


def number(name, value, unit="1"):
    """A number of the project file; `value` as TOML writes it."""
    return f"""
[methodology.parameters.{name}]
{value}
unit = "{unit}"
source = "所用文本(测试)"
because = "测试用数值"
confidence = "assumed"
"""


RATE = "t CO2e ha-1 yr-1"
AVERAGE = number("average_change", "by = { commercial = 1.5, public_welfare = 2.0 }", RATE)
OTHERS = f"""
[methodology.parameters]
project_emission = {{ {ANALOGY} }}
leakage = {{ {ANALOGY} }}
uncertainty_deduction = {{ {ANALOGY} }}
{number("non_permanence_risk", "value = 0.0")}
"""
NUMBERS = OTHERS + AVERAGE


def under(tiny, name, numbers=NUMBERS):
    text = tiny.text.replace('id = "CCER-14-001-V01@2023"', name)
    text = text.replace("[methodology.declared]", f"[methodology.declared]{DECLARED}")
    tiny.text = text.replace("[prices]", f"{numbers}\n[prices]", 1)
    return tiny


def results(tiny):
    return json.loads((tiny.folder / "out" / "run.json").read_text(encoding="utf-8"))["results"]


def test_the_average_of_the_category_is_taken_off(tiny):
    done = under(tiny, GUANGDONG).run("check")
    assert done.exit_code == 0, done.output
    result = eg.assess(tiny.folder / "project.toml")
    total = result.summary["totals"]
    assert total["buffer_kg"] == 0
    assert total["creditable_ha"] == pytest.approx(2.0, abs=0.001)
    # 2 ha of commercial forest at 1.5 t a hectare and year for 20 years
    assert total["baseline_kg"] == pytest.approx(60_000, abs=20)
    assert total["credit_kg"] == total["removal_kg"] - total["baseline_kg"]
    printed = result.tables["parameters"].set_index("name")
    assert printed.loc["average_change", ["edition", "key", "value", "confidence"]].tolist() == [
        "project.toml", "commercial", "1.5", "assumed",
    ]  # fmt: skip
    assert printed.loc["leakage", "edition"] == "crediting-by-analogy@2026-1"


def test_a_number_that_is_not_given_stops_the_run_and_names_the_key(tiny):
    done = under(tiny, GUANGDONG, OTHERS).run()
    assert done.exit_code == 2
    for word in (
        "E700",
        "project.toml",
        "methodology.parameters.average_change",
        "forest_category",
    ):
        assert word in done.output


def test_a_category_without_a_rate_earns_nothing_and_is_told(tiny):
    tiny.stands.loc[1, "SEN_LIN_LB"] = "11"
    done = under(tiny, GUANGDONG, NUMBERS.replace(", public_welfare = 2.0", "")).run()
    assert done.exit_code == 0, done.output
    findings = pd.read_csv(tiny.folder / "out" / "findings.csv")
    told = findings[findings["code"].eq("E708")]
    assert told["observed"].tolist() == ["public_welfare"]
    assert results(tiny)["totals"]["baseline_kg"] == pytest.approx(30_000, abs=20)
    result = eg.assess(tiny.folder / "project.toml")
    # the draws are of the hectare that earns, and so is the rate that is compared
    total = result.summary["totals"]
    drawn = result.tables["credit_quantiles"]["credit_kg_mean"].iloc[-1]
    assert drawn == pytest.approx(total["credit_kg"], rel=0.1)
    assert total["creditable_ha"] == pytest.approx(2.0, abs=0.001)


def mangrove(tiny, biomass='by = { "红树林" = 10.0 }', extra=""):
    """The small project as planted mangrove: by hand 12 t a hectare and year."""
    tiny.stands["DI_LEI"], tiny.stands["YOU_SHI_SZ"] = "120", "500"
    tiny.stands["LIN_ZHONG"] = "111"
    tiny.tables["land_history"]["地类"] = "养殖坑塘"
    rates = number("mangrove_biomass_rate", biomass, RATE)
    rates += number("mangrove_soil_rate", "value = 2.0", RATE)
    rest = f"\n[methodology.parameters]\nbaseline_removal = {{ {ANALOGY} }}\n"
    numbers = OTHERS.replace("\n[methodology.parameters]\n", rest) + rates
    made = under(tiny, f'id = "CCER-14-002-V01@2023"{extra}', numbers)
    suitable = 'site_suitable = { value = true, because = "测试:生境适宜" }'
    made.text = made.text.replace(DECLARED, f"{DECLARED}{suitable}\n")
    return made


def codes(tiny):
    return pd.read_csv(tiny.folder / "out" / "findings.csv")["code"].tolist()


def test_mangrove_is_area_times_rate(tiny):
    done = mangrove(tiny).run()
    assert done.exit_code == 0, done.output
    total = results(tiny)["totals"]
    assert total["creditable_ha"] == pytest.approx(2.0, abs=0.001)
    # 2 ha at 12 t a hectare and year for 20 years
    assert total["removal_kg"] == pytest.approx(480_000, abs=50)
    assert total["credit_kg"] == total["removal_kg"]


def test_land_without_a_rate_is_not_in_the_mean_rate(tiny):
    made = mangrove(tiny, biomass='by = { "红树林" = 24.0 }')
    made.stands.loc[1, "YOU_SHI_SZ"] = "120"
    done = made.run()
    assert done.exit_code == 0, done.output
    findings = pd.read_csv(tiny.folder / "out" / "findings.csv").set_index("code")
    assert findings.loc[["E702"], "feature"].str.endswith("S2").tolist() == [True]
    assert results(tiny)["totals"]["removal_kg"] == pytest.approx(520_000, abs=50)
    # 26 t a year on the hectare that earns; on both it would be 13, within every limit
    assert findings.loc["E373", "observed"] in {"26.00", 26.0}


def test_a_merged_project_ends_with_the_first_right(tiny):
    tiny.tables["rights"].loc[0, "终止日期"] = "2035-06-30"
    done = mangrove(tiny, extra="\nmerged = true").run()
    assert done.exit_code == 0, done.output
    assert "E767" in codes(tiny)
    # 2 ha at 12 t for the ten whole years up to the end of 2034
    assert results(tiny)["totals"]["removal_kg"] == pytest.approx(240_000, abs=50)
    assert results(tiny)["totals"]["pledgeable_kg"] == results(tiny)["totals"]["credit_kg"]


def test_nothing_of_a_merged_project_is_pledged_where_an_end_is_not_known(tiny):
    tiny.tables["rights"].loc[0, "终止日期"] = ""
    done = mangrove(tiny, extra="\nmerged = true").run()
    assert done.exit_code == 0, done.output
    assert "E766" in codes(tiny)
    assert results(tiny)["totals"]["removal_kg"] > 0
    assert results(tiny)["totals"]["pledgeable_kg"] == 0


def test_an_own_edition_in_the_folder(tiny):
    shipped = files("ecogis.methods").joinpath("library", "methodologies")
    text = shipped.joinpath("ccer-14-001-v01-2023.toml").read_text("utf-8")
    own = text.replace('id = "CCER-14-001-V01"', 'id = "OWN"', 1)
    (tiny.folder / "own.toml").write_text(own, encoding="utf-8")
    done = under(tiny, 'id = "own.toml"', "").run()
    assert done.exit_code == 0, done.output
    assert results(tiny)["methodology"]["id"] == "OWN"
    assert results(tiny)["totals"]["credit_kg"] > 0


def test_a_number_of_the_edition_is_replaced_and_that_is_told(tiny):
    numbers = number("non_permanence_risk", "value = 0.2")
    done = under(tiny, 'id = "CCER-14-001-V01@2023"', numbers).run()
    assert done.exit_code == 0, done.output
    findings = pd.read_csv(tiny.folder / "out" / "findings.csv")
    told = findings[findings["code"].eq("E703")]
    assert told[["feature", "observed", "expected"]].astype(str).to_numpy().tolist() == [
        ["non_permanence_risk", "0.2", "0.1"]
    ]
    total = results(tiny)["totals"]
    assert total["buffer_kg"] == pytest.approx(0.2 * total["removal_kg"], abs=30)


def test_days_of_verification_and_application(tiny):
    days = "verifications = [2031-06-30, 2033-06-30]\napplication = 2031-01-01"
    tiny.text = tiny.text.replace("verify_every_years = 5", days)
    done = tiny.run()
    assert done.exit_code == 0, done.output
    findings = pd.read_csv(tiny.folder / "out" / "findings.csv")
    early = findings[findings["code"].eq("E375")]
    assert early["expected"].tolist() == [">= 2026-01-01"]  # five years before the application
    total = results(tiny)["totals"]
    # 2026 is too old in mid-2031; six of nineteen years are issued: 2027 to 2032
    assert findings[findings["code"].eq("E713")]["feature"].tolist() == ["2026"]
    assert 0 < total["issued_t"] * 1_000 < total["credit_kg"] / 2


@pytest.mark.parametrize(
    ("days", "value", "first"),
    [
        ("verifications = [2025-06-30, 2026-01-31]", "2025-06-30", "2026-08-31"),
        ("verifications = [2026-08-30, 2031-06-30]", "2026-08-30", "2026-08-31"),
        ("verifications = [2028-06-30]\napplication = 2031-01-01", "2028-06-30", "2031-01-01"),
    ],
)
def test_a_verification_before_it_is_possible_is_refused(tiny, days, value, first):
    tiny.text = tiny.text.replace("verify_every_years = 5", days)
    done = tiny.ask("check")
    assert done.exit_code == 2
    for word in ("E715", "project.toml", value, first):
        assert word in done.output


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("verify_every_years = 5", "verifications = [9999-06-30]", "methodology.verifications"),
        ("[methodology]", "[methodology]\napplication = 0003-01-01", "methodology.application"),
        ("[methodology]", "[methodology]\napplication = 9998-01-01", "methodology.application"),
        ("start = 2025-01-01", "start = 2300-01-01", "methodology.start"),
        ("start = 2025-01-01", "start = 2190-01-01", "methodology.years"),
    ],
)
def test_years_out_of_reach_are_refused(tiny, old, new, key):
    assert old in tiny.text
    tiny.text = tiny.text.replace(old, new, 1)
    done = tiny.ask("check")
    assert done.exit_code == 2
    for word in ("E716", key):
        assert word in done.output


@pytest.mark.parametrize("days", ["", "verify_every_years = 5\nverifications = [2030-01-01]"])
def test_verification_is_stated_once(tiny, days):
    tiny.text = tiny.text.replace("verify_every_years = 5", days)
    done = tiny.ask("check")
    assert done.exit_code == 2
    assert "E710" in done.output
