"""The library on the command line: listed, shown, checked, compared, explained."""

import json
from importlib.resources import files

import pytest
from click.testing import CliRunner

import ecogis as eg
from ecogis import demo
from ecogis.cli.columns import lined_up
from ecogis.cli.main import main
from ecogis.core.errors import ConfigError

SHIPPED = files("ecogis.methods").joinpath("library")
AFFORESTATION = "methodologies/ccer-14-001-v01-2023.toml"


def ask(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def test_the_list_has_the_status_of_each_methodology():
    told = ask("methods", "list", "--kind", "methodology", "--date", "2026-08-31", "--lang", "en")
    lines = told.stdout.splitlines()
    former = next(line for line in lines if "AR-CM-001-V01 " in line)
    assert "closed to new registrations" in former
    now = next(line for line in lines if "CCER-14-001-V01 " in line)
    assert "  open  " in now
    assert "growth-south-china" not in told.stdout


def test_the_status_is_that_of_the_day():
    told = ask("methods", "list", "--date", "2014-01-01", "--json")
    status = {row["id"]: row["status"] for row in json.loads(told.stdout)["editions"]}
    assert status["AR-CM-001-V01"] == "open"
    assert status["CCER-14-001-V01"] == "not_yet"
    assert status["age-groups"] == ""


def test_an_edition_is_shown_with_clause_condition_line_number_and_mark():
    told = ask("methods", "show", "CCER-14-001-V01", "--date", "2026-08-31", "--lang", "en").stdout
    assert "status: open" in told
    assert "  2 d): The land is not wetland. [" in told
    assert "(not_forest_before, years=3) [quoted]" in told
    assert "(buffer: non_permanence_risk = 0.1, recalled, ccer-14-001-crediting@2023)" in told
    assert "dead_wood: ignored [recalled]" in told
    chinese = ask("methods", "show", "CCER-14-001-V01").stdout
    assert "土地不属于湿地。" in chinese


def test_sets_and_guidelines_are_shown_too():
    shown = ask("methods", "show", "register-rates@2026-1", "--lang", "en").stdout
    assert "rate_low [t CO2e ha-1 yr-1] (methodology/province)" in shown
    record = json.loads(ask("methods", "show", "t-gzgfa-8-2026", "--json").stdout)
    assert any(text.startswith("4.1 a") for text in record["clauses"])


def test_standards_of_ecosystem_services_are_listed_shown_and_explained():
    listed = ask("methods", "list", "--kind", "standard", "--lang", "en").stdout
    assert "gep-gbt-46869" in listed
    assert "CCER" not in listed
    shown = ask("methods", "show", "gep-gbt-46869", "--lang", "en").stdout
    assert "  carbon_fixation: " in shown
    assert "annex A.7: biomass, rate or net ecosystem production; quoted]" in shown
    assert "  outside: " in shown
    day = eg.open(demo.folder() / "project.toml").valuation_date
    told = eg.explain("carbon_fixation", "gep-gbt-46869", day)
    assert told.startswith("gep-gbt-46869@2025 carbon_fixation")
    with pytest.raises(ConfigError, match="E002"):
        eg.explain("oxygen_release", "gep-gbt-46869", day)


def test_what_the_project_must_supply_is_shown():
    record = json.loads(ask("methods", "show", "CCER-14-002-V01", "--json").stdout)
    assert any(text.startswith("mangrove_biomass_rate: ") for text in record["supplied"])
    assert any("由项目提供" in text for text in record["lines"])


def test_an_edition_there_is_not_is_named():
    told = ask("methods", "show", "CCER-99")
    assert told.exit_code == 2
    assert "E234" in told.stderr


def own(folder, *changes):
    """The shipped afforestation methodology as a file of one's own, changed."""
    text = SHIPPED.joinpath(AFFORESTATION).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "own.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_sound_file_is_named_with_its_edition(tmp_path):
    told = ask("methods", "check", own(tmp_path))
    assert told.exit_code == 0
    assert "own.toml: CCER-14-001-V01@2023" in told.stdout
    table = tmp_path / "age-groups-2017-limits.csv"
    for name in ("age-groups-2017-limits.csv", "age-groups-2017-species.csv"):
        source = SHIPPED.joinpath("tables", name).read_bytes()
        (tmp_path / name).write_bytes(source)
    head = tmp_path / "ages.toml"
    source = SHIPPED.joinpath("parameters", "age-groups-2017.toml").read_bytes()
    head.write_bytes(source)
    assert (
        json.loads(ask("methods", "check", head, "--json").stdout)["edition"] == "age-groups@2017"
    )
    table.unlink()
    assert "E241" in ask("methods", "check", head).stderr


@pytest.mark.parametrize(
    ("change", "code", "key"),
    [
        (('rule = "not_wetland"', 'rule = "not_wet"'), "E273", "not_wet"),
        (("arguments = { years = 3 }", "arguments = { yers = 3 }"), "E275", "yers"),
        (('rule = "buffer"', 'rule = "bufer"'), "E371", "bufer"),
        (('clause = "2 d)"\nrule', 'clause = "2 z)"\nrule'), "E245", "conditions[4].clause"),
        (('parameter = "leakage"', 'parameter = "leak"'), "E245", "lines[3].parameter"),
        (("[rounding]", "[rounding"), "E247", "own.toml"),
        (('confidence = "quoted"', 'confidence = "sure"'), "E233", "clauses[0].confidence"),
    ],
)
def test_a_fault_names_file_key_and_remedy(tmp_path, change, code, key):
    told = ask("methods", "check", own(tmp_path, change))
    assert told.exit_code == 2
    assert code in told.stderr
    assert key in told.stderr


def test_a_file_there_is_not(tmp_path):
    told = ask("methods", "check", tmp_path / "none.toml")
    assert told.exit_code == 2
    assert "E247" in told.stderr


EDITIONS = ("AR-CM-001-V01@2013", "CCER-14-001-V01@2023", "CCER-14-002-V01@2023")


def test_the_same_land_under_several_methodologies(sound):
    alone = sound.record["results"]["totals"]
    table = eg.compare(sound.folder / "project.toml", EDITIONS).set_index("methodology")
    former, now, mangrove = (table.loc[label] for label in EDITIONS)
    assert list(table.index) == list(EDITIONS)
    for name in ("creditable_ha", "unknown_ha", "excluded_ha"):
        assert now[name] == pytest.approx(alone[name], abs=1e-6)
    for name in ("removal_kg", "buffer_kg", "credit_kg", "issued_t"):
        assert now[name] == alone[name]
    # the same land and growth; the older methodology holds nothing back
    assert (former["status"], now["status"]) == ("closed", "open")
    assert former["removal_kg"] == now["removal_kg"]
    assert former["credit_kg"] == former["removal_kg"]
    assert now["rate"] == pytest.approx(now["credit_kg"] / 1000 / now["creditable_ha"] / 20)
    assert now["must_supply_zh"] == ""
    assert mangrove["creditable_ha"] == 0.0
    assert "mangrove_biomass_rate" in mangrove["must_supply_en"]
    # no row depends on the others
    alone = eg.compare(sound.folder / "project.toml", EDITIONS[1:2]).set_index("methodology")
    assert alone.loc[EDITIONS[1]].equals(now)


def test_the_comparison_is_printed_as_one_table(sound):
    told = ask("methods", "compare", sound.folder / "project.toml", *EDITIONS[:2], "--lang", "en")
    assert told.exit_code == 0
    head, *rows = told.stdout.splitlines()
    assert head.split() == list(EDITIONS[:2])
    assert any(row.startswith("credits [t CO2e]") for row in rows)
    title = "Afforestation carbon-sink project methodology, version 01"
    assert f"{EDITIONS[0]}: {title}" in rows


@pytest.mark.parametrize("named", [[], [EDITIONS[0]] * 2])
def test_nothing_or_one_twice_is_no_comparison(named):
    with pytest.raises(ConfigError, match="E736"):
        eg.compare(demo.folder() / "project.toml", named)


def test_a_figure_is_explained_from_the_command_line(sound):
    out = sound.out
    told = ask("explain", out, "buffer_kg", "--lang", "en").stdout
    assert told.startswith("totals.buffer_kg = ")
    assert "non_permanence_risk = 0.1" in told
    second = ask("explain", out / "run.json", "non_permanence_risk", "--lang", "en").stdout
    assert "edition: ccer-14-001-crediting@2023" in second
    assert "confidence: recalled" in second
    clause = ask("explain", out, "非持久性").stdout
    assert "可信度: 记忆值" in clause


def test_the_library_is_explained_without_a_run():
    told = ask("explain", "bef", "--set", "biomass-inventory", "--key", "杉木", "--lang", "en")
    assert told.stdout.startswith("bef [杉木] = 1.634")


@pytest.mark.parametrize("words", [["bef"], ["a", "b", "c"], ["a", "b", "--set", "age-groups"]])
def test_too_few_or_too_many_words(words):
    told = ask("explain", *words)
    assert told.exit_code == 2
    assert "RUN NAME" in told.stderr


def test_columns_are_as_wide_as_their_widest_cell():
    assert list(lined_up([["甲", "1"], ["ab c", "22"]])) == ["甲    1", "ab c  22"]
    assert list(lined_up([["甲", "1"], ["abc", "22"]], right=True)) == ["甲    1", "abc  22"]


def test_every_edition_a_run_uses_is_noted_when_it_was_checked_long_ago(tiny):
    tiny.text = tiny.text.replace("valuation_date = 2026-08-31", "valuation_date = 2027-09-15")
    told = tiny.run("check", "--lang", "en").stdout
    noted = [line for line in told.splitlines() if " E246 " in line]
    used = (
        "CCER-14-001-V01@2023",
        "ccer-14-001-crediting@2023",
        "biomass-inventory@2014",
        "discount-buildup@2026-1",
        "t-gzgfa-8-2026@2026",
        "age-groups@2017",
    )
    for edition in used:
        assert sum(edition in line for line in noted) == 1, edition


def test_a_figure_under_a_methodology_of_ones_own_is_explained_beside_its_file(tiny):
    own(tiny.folder, ('id = "CCER-14-001-V01"', 'id = "OWN-V01"'))
    tiny.text = tiny.text.replace('id = "CCER-14-001-V01@2023"', 'id = "own.toml"')
    done = tiny.run()
    assert done.exit_code == 0, done.output
    project = tiny.folder / "project.toml"
    told = ask("explain", tiny.folder / "out", "credit_t", "--project", project, "--lang", "en")
    assert "edition: OWN-V01@2023" in told.stdout
    alone = ask("explain", tiny.folder / "out", "credit_t")
    assert alone.exit_code == 2
    assert "E234" in alone.stderr
    retitled = ('title_en = "Voluntary', 'title_en = "A voluntary')
    own(tiny.folder, ('id = "CCER-14-001-V01"', 'id = "OWN-V01"'), retitled)
    changed = ask("explain", tiny.folder / "out", "credit_t", "--project", project)
    assert "E734" in changed.stderr
