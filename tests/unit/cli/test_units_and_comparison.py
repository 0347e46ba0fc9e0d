"""The small project under other methodologies: what crosses over, what is told, what is pledged."""

import json
from importlib.resources import files

import pandas as pd
import pytest
from click.testing import CliRunner

import ecogis as eg
from ecogis.cli.main import main

AFFORESTATION, FORMER = "CCER-14-001-V01@2023", "AR-CM-001-V01@2013"
MANGROVE, GUANGDONG = "CCER-14-002-V01@2023", "GD-PHCER-FOREST@2022"
TICKET = "SANMING-CARBON-TICKET@2021"
RATE = "t CO2e ha-1 yr-1"
ACCEPTED = 'accept = true, because = "按类比取值(测试)"'
CHECKED = 'text_checked = { value = true, because = "对照正文核对(测试)" }'
SUITABLE = 'site_suitable = { value = true, because = "测试:生境适宜" }'


def number(name, value, unit="1"):
    return f"""
[methodology.parameters.{name}]
{value}
unit = "{unit}"
source = "所用文本(测试)"
because = "测试用数值"
confidence = "assumed"
"""


def accepted(*names):
    return "\n[methodology.parameters]\n" + "".join(
        f"{name} = {{ {ACCEPTED} }}\n" for name in names
    )


def under(tiny, name, numbers, *keys):
    """The small project under a methodology, with the numbers it leaves to the project."""
    text = tiny.text.replace(f'id = "{AFFORESTATION}"', "\n".join([f'id = "{name}"', *keys]))
    declared = "[methodology.declared]"
    text = text.replace(declared, f"{declared}\n{CHECKED}\n{SUITABLE}")
    tiny.text = text.replace("[prices]", f"{numbers}\n[prices]", 1)
    return tiny


def mangrove(tiny, rate=10.0, *keys):
    tiny.stands["DI_LEI"], tiny.stands["YOU_SHI_SZ"] = "120", "500"
    tiny.stands["LIN_ZHONG"] = "111"
    tiny.tables["land_history"]["地类"] = "养殖坑塘"
    numbers = accepted("project_emission", "leakage", "uncertainty_deduction", "baseline_removal")
    numbers += number("non_permanence_risk", "value = 0.0")
    numbers += number("mangrove_biomass_rate", f'by = {{ "红树林" = {rate} }}', RATE)
    numbers += number("mangrove_soil_rate", "value = 2.0", RATE)
    return under(tiny, MANGROVE, numbers, *keys)


def ticket(tiny, *keys):
    numbers = accepted("project_emission", "uncertainty_deduction")
    numbers += number("non_permanence_risk", "value = 0.0")
    numbers += number("rate_per_mu", 'by = { "杉木" = 0.5 }', "t CO2e mu-1 yr-1")
    made = under(tiny, TICKET, numbers, *keys)
    made.text = made.text.replace('province = "44"', 'province = "35"')
    return made


def compared(tiny, *names):
    tiny.write()
    return eg.compare(tiny.folder / "project.toml", names).set_index("methodology")


def test_a_number_replaced_for_one_methodology_stays_with_it(tiny):
    before = compared(tiny, AFFORESTATION, FORMER)
    replaced = number("non_permanence_risk", "value = 0.2")
    tiny.text = tiny.text.replace("[prices]", f"{replaced}\n[prices]", 1)
    after = compared(tiny, AFFORESTATION, FORMER)
    assert after.loc[AFFORESTATION, "buffer_kg"] > before.loc[AFFORESTATION, "buffer_kg"]
    assert after.loc[FORMER].equals(before.loc[FORMER])


def test_a_number_of_another_form_is_not_taken(tiny):
    # the baseline is one number for mangrove, a table by species for forest management
    managed = "AR-CM-003-V01@2014"
    table = compared(mangrove(tiny), MANGROVE, managed, GUANGDONG, AFFORESTATION)
    assert table.loc[MANGROVE, "credit_kg"] > 0
    assert "baseline_removal" in table.loc[managed, "must_supply_en"]
    assert "E700" in table.loc[managed, "not_computed_zh"]
    # what Guangdong's scheme leaves to the project in the same form is taken
    assert table.loc[GUANGDONG, "must_supply_en"].startswith("average_change: ")
    assert ";" not in table.loc[GUANGDONG, "must_supply_en"]
    # afforestation has numbers of its own and asks for none
    assert table.loc[AFFORESTATION, "not_computed_zh"] is pd.NA
    assert table.loc[AFFORESTATION, "must_supply_en"] == ""


def test_what_an_assessment_would_refuse_is_marked(tiny):
    table = compared(mangrove(tiny, 45.0), MANGROVE, AFFORESTATION)
    assert table.loc[MANGROVE, "rate"] == pytest.approx(47.0, abs=0.001)
    assert bool(table.loc[MANGROVE, "refused"])
    assert "E374 ×1" in table.loc[MANGROVE, "findings"]
    assert not table.loc[AFFORESTATION, "refused"]
    assert "E374" not in table.loc[AFFORESTATION, "findings"]
    project = str(tiny.folder / "project.toml")
    told = CliRunner().invoke(main, ["methods", "compare", project, MANGROVE, "--lang", "en"])
    rows = dict(line.rsplit("  ", 1) for line in told.stdout.splitlines() if "  " in line)
    shown = {name.strip(): value.strip() for name, value in rows.items()}
    assert shown["an assessment would be refused"] == "yes"
    assert "E374 ×1" in shown["found under it"]


def test_land_that_earns_nothing_is_not_in_the_rate(tiny):
    tiny.stands.loc[1, "SEN_LIN_LB"] = "11"  # a category the project gives no average of
    numbers = accepted("project_emission", "leakage", "uncertainty_deduction")
    numbers += number("non_permanence_risk", "value = 0.0")
    numbers += number("average_change", "by = { commercial = 1.5 }", RATE)
    found = compared(under(tiny, GUANGDONG, numbers), GUANGDONG).loc[GUANGDONG]
    assert "E708" in found["findings"]
    assert found["creditable_ha"] == pytest.approx(2.0, abs=0.001)
    assert found["rate"] == pytest.approx(found["credit_kg"] / 1_000 / 1.0 / 20, rel=1e-5)


def test_projects_that_share_a_registration_are_compared(tiny):
    tiny.tables["rights"].loc[0, "终止日期"] = "2035-06-30"
    table = compared(mangrove(tiny, 10.0, "merged = true"), MANGROVE, AFFORESTATION)
    # 2 ha at 12 t a hectare and year, until the first right ends
    assert 200_000 < table.loc[MANGROVE, "credit_kg"] < 480_000
    assert "E767 ×1" in table.loc[MANGROVE, "findings"]


def test_area_times_rate_is_explained_by_its_rates(tiny):
    done = mangrove(tiny).run()
    assert done.exit_code == 0, done.output
    out = tiny.folder / "out"

    def explained(name):
        told = CliRunner().invoke(main, ["explain", str(out), name, "--lang", "en"])
        assert told.exit_code == 0, told.output
        return told.stdout

    removal = explained("vintages.removal_kg")
    assert "area of the creditable pieces times the yearly rates" in removal
    for name in ("mangrove_biomass_rate [红树林] = 10", "mangrove_soil_rate = 2"):
        assert name in removal
    for figure in ("vintages.removal_kg", "credit_t", "issued_t", "npv_yuan", "p5_yuan"):
        told = explained(figure)
        assert "mangrove_soil_rate = 2" in told, figure
        for stock in ("growth-south-china", "biomass-inventory", "wood density"):
            assert stock not in told, figure
    assert "growth-south-china" in explained("stands.co2e_kg")
    assert "line: Removal by the project" in explained("mangrove_soil_rate")


def results(tiny):
    return json.loads((tiny.folder / "out" / "run.json").read_text(encoding="utf-8"))["results"]


def codes(tiny):
    return set(pd.read_csv(tiny.folder / "out" / "findings.csv")["code"])


def test_carbon_tickets_are_credited_but_not_pledgeable_under_the_guideline(tiny):
    ticket(tiny).write()
    found = eg.assess(tiny.folder / "project.toml")
    total = found.summary["totals"]
    assert total["credit_kg"] == pytest.approx(300_000, abs=50)  # 30 mu x 0.5 t x 20 years
    assert (total["pledgeable_ha"], total["pledgeable_kg"]) == (0.0, 0)
    assert "E549" in set(found.findings["code"])
    verdicts = found.tables["verdicts"]
    clause = verdicts[verdicts["clause"].eq("4.1 b")]
    assert clause["reason"].str.contains("(3.3)", regex=False).all()


def test_by_analogy_tickets_are_pledged_and_other_units_prices_are_told(tiny):
    done = ticket(tiny, 'by_analogy_because = "贷款人书面同意参照(测试)"').run()
    assert done.exit_code == 0, done.output
    assert results(tiny)["totals"]["pledgeable_kg"] > 0
    findings = pd.read_csv(tiny.folder / "out" / "findings.csv").set_index("code")
    assert "贷款人书面同意参照" in findings.loc["E737", "message_zh"]
    assert findings.loc["E738", ["severity", "observed"]].tolist() == ["warning", "CCER"]
    assert "碳票" in findings.loc["E738", "message_zh"]


def test_a_price_of_the_same_units_is_no_finding(sound):
    assert not {"E737", "E738"} & codes(sound)


def test_an_own_methodology_that_does_not_name_its_units_leaves_the_pledge_open(tiny):
    shipped = files("ecogis.methods").joinpath("library", "methodologies")
    text = shipped.joinpath("ccer-14-001-v01-2023.toml").read_text(encoding="utf-8")
    own = text.replace('id = "CCER-14-001-V01"', 'id = "OWN"', 1)
    (tiny.folder / "own.toml").write_text(own, encoding="utf-8")
    tiny.text = tiny.text.replace(f'id = "{AFFORESTATION}"', 'id = "own.toml"')
    assert tiny.run().exit_code == 0
    assert results(tiny)["totals"]["pledgeable_kg"] == 0
    named = own.replace('edition = "2023"', 'edition = "2023"\nunit_kind = "ccer"', 1)
    (tiny.folder / "own.toml").write_text(named, encoding="utf-8")
    assert tiny.run().exit_code == 0
    assert results(tiny)["totals"]["pledgeable_kg"] > 0
    (tiny.folder / "own.toml").write_text(named.replace('"ccer"', '"credit"', 1), encoding="utf-8")
    assert "unit_kind" in tiny.run().output
