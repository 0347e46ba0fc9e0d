"""Every file the methods library ships: sources, marks, ranges, and figures checked by hand."""

import csv
import math
import os
import re
import subprocess
import sys
import zipfile
from datetime import date
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest

import ecogis
from ecogis.core.units import factor
from ecogis.core.vocabulary import codes
from ecogis.methods import (
    CONFIDENCES,
    UNIT_KINDS,
    editions,
    guideline,
    methodology,
    parameters,
)

DAY = date(2026, 8, 31)
LIBRARY = Path(str(files("ecogis.methods").joinpath("library")))
SETS = sorted((editions()["id"] + "@" + editions()["edition"])[editions()["kind"] == "parameters"])
METHODOLOGIES = sorted(editions().query("kind == 'methodology'")["id"])
CJK = re.compile(r"[一-鿿]")


def values(name):
    content = parameters(name)
    return [
        (content.parameter(each), value)
        for each in content.names
        for history in content.parameter(each).history.values()
        for value in history
    ]


def test_files_are_named_by_id_and_edition():
    table = editions()
    expected = (table["id"] + "-" + table["edition"] + ".toml").str.lower()
    assert table["file"].tolist() == expected.tolist()


def test_every_table_has_a_head():
    named = {name for each in SETS for name in parameters(each).files if name.endswith(".csv")}
    assert {entry.name for entry in (LIBRARY / "tables").iterdir()} == named


@pytest.mark.parametrize("name", SETS)
def test_every_value_has_unit_range_source_and_mark(name):
    content = parameters(name)
    for parameter, value in values(name):
        assert value.confidence in CONFIDENCES
        assert value.from_ <= content.checked_on
        if parameter.unit == "text":
            assert value.value
            continue
        assert factor(parameter.unit, parameter.unit) == 1.0
        assert math.isfinite(value.value)
        low, high = parameter.column.minimum, parameter.column.maximum
        assert low is None or low <= value.value
        assert high is None or value.value <= high


@pytest.mark.parametrize("name", SETS)
def test_every_source_listed_is_cited(name):
    cited = {value.source for _, value in values(name)}
    assert cited == set(parameters(name).sources)


@pytest.mark.parametrize("name", SETS)
def test_dates_rise_and_titles_are_in_both_languages(name):
    content = parameters(name)
    assert CJK.search(content.title_zh)
    for each in content.names:
        column = content.parameter(each).column
        assert column.meaning_zh
        assert column.meaning_en
        for history in content.parameter(each).history.values():
            days = [value.from_ for value in history]
            assert days == sorted(set(days))


@pytest.mark.parametrize("name", METHODOLOGIES)
def test_methodologies_cite_every_source_and_speak_both_languages(name):
    method = methodology(name)
    assert {clause.source for clause in method.clauses} == set(method.sources)
    for entry in (*method.clauses, *method.conditions, *method.lines, *method.exemptions):
        assert CJK.search(entry.zh)
        assert not CJK.search(entry.en)
        assert entry.confidence in CONFIDENCES
    for condition in method.conditions:
        clause = method.clause(condition.clause)
        assert CONFIDENCES.index(condition.confidence) >= CONFIDENCES.index(clause.confidence)


@pytest.mark.parametrize("name", METHODOLOGIES)
def test_every_line_finds_its_parameter_in_force(name):
    method = methodology(name)
    for line in method.lines:
        if not line.parameter_set:  # a number the project gives
            assert line.parameter in method.supplied
            continue
        assert parameters(line.parameter_set).entry(line.parameter, DAY).confidence in CONFIDENCES


def test_the_notes_list_every_edition():
    notes = Path(__file__).parents[2] / "docs" / "method-notes" / "parameters.md"
    text = notes.read_text(encoding="utf-8")
    table = editions()
    labels = table["id"] + "@" + table["edition"]
    assert [label for label in labels if f"`{label}`" not in text] == []


def test_every_edition_names_the_units_issued_under_it():
    kinds = {name: methodology(name).unit_kind for name in METHODOLOGIES}
    assert set(kinds.values()) == {"ccer", "gd_phcer", "carbon_ticket", "tcer"}
    assert all(kinds[name] == "ccer" for name in kinds if name.startswith(("CCER", "AR-CM")))
    assert codes("unit_kind").keys() == UNIT_KINDS.keys()


# what a place is called in both languages alike: names of files
FILE_NAMES = re.compile(r"[\w.]+\.csv(、[\w.]+\.csv)*")


def places():
    """Source and place of every figure and clause of the library, with where it stands."""
    for name in SETS:
        listed = parameters(name).sources
        yield from ((listed, value, f"{name} {value.name}") for _, value in values(name))
    for each in (*map(methodology, METHODOLOGIES), guideline("t-gzgfa-8-2026")):
        yield from ((each.sources, clause, f"{each.id} {clause.clause}") for clause in each.clauses)


def test_sources_and_places_are_named_in_both_languages():
    for listed, entry, where in places():
        assert entry.locator_en, where
        assert CJK.search(entry.locator_zh) or FILE_NAMES.fullmatch(entry.locator_zh), where
        title = listed[entry.source]
        assert CJK.search(title.title_zh), where
        assert title.title_en, where


def test_what_was_not_seen_is_said_in_both_languages():
    for listed, entry, where in places():
        title = listed[entry.source]
        for zh, en in ((entry.locator_zh, entry.locator_en), (title.title_zh, title.title_en)):
            assert ("未见" in zh) == ("not seen" in en), where
            assert ("(记忆)" in zh) == ("from memory" in en), where


def test_additionality_is_a_condition_and_an_exemption_is_no_doubt():
    ccer, former = methodology("CCER-14-001-V01"), methodology("AR-CM-001-V01")
    for method, mark in ((ccer, "quoted"), (former, "recalled")):
        asked = [entry for entry in method.conditions if entry.topic == "additionality"]
        assert [(entry.clause, entry.confidence) for entry in asked] == [("额外性", mark)]
    assert {entry.clause for entry in ccer.exemptions} == {"额外性"}
    assert former.exemptions == ()


def test_the_clause_not_seen_is_never_called_quoted():
    method = methodology("CCER-14-001-V01")
    for clause in method.clauses:
        title = method.sources[clause.source].title_en
        if "not seen" in clause.locator_en or "memory" in title:
            assert clause.confidence == "recalled"
    for clause in guideline("t-gzgfa-8-2026").clauses:
        assert clause.confidence == "quoted"
        assert CJK.search(clause.zh)
        assert not CJK.search(clause.en)


def factors() -> pd.DataFrame:
    frame = parameters("biomass-inventory").frame("species", DAY).set_index("species")
    biomass = frame["wood_density"] * frame["bef"] * (1 + frame["root_shoot_ratio"])
    return pd.DataFrame({"biomass": biomass, "co2e": biomass * frame["carbon_fraction"] * 44 / 12})


def test_biomass_of_a_cubic_metre_by_hand():
    found = factors()
    # 0.307 × 1.634 × 1.246 = 0.625041; × 0.520 × 44/12 = 1.191745
    assert found.loc["杉木"].tolist() == pytest.approx([0.625041, 1.191745], abs=5e-7)
    # 0.380 × 1.472 × 1.187 = 0.663960; × 0.460 × 44/12 = 1.119880
    assert found.loc["马尾松"].tolist() == pytest.approx([0.663960, 1.119880], abs=5e-7)
    assert len(found) == 33
    assert found["biomass"].between(0.5, 1.6).all()


def test_the_mass_ratio_is_exact():
    assert parameters("biomass-inventory").value("co2_per_c", DAY, "t CO2e t-1 C-1") == 44 / 12


def test_species_figures_are_those_of_the_tables(shared_tables):
    biomass = parameters("biomass-inventory").frame("species", DAY).set_index("species")
    table = pd.read_csv(shared_tables / "species_params.csv", index_col="species_zh")
    pairs = {
        "cf": "carbon_fraction",
        "bef": "bef",
        "root_shoot": "root_shoot_ratio",
        "wood_density": "wood_density",
    }
    for theirs, ours in pairs.items():
        assert biomass[ours].to_dict() == table[theirs].to_dict()
    assert set(biomass["confidence"]) == {"recalled"}


def test_conversion_agrees_with_the_cross_check(shared_tables):
    table = pd.read_csv(shared_tables / "species_crosscheck_v100.csv", index_col="species_zh")
    found = factors().loc[table.index]
    # four printed digits
    assert (found["co2e"] - table["tCO2_per_m3"]).abs().max() <= 5.1e-5


def test_age_limits_rise_through_the_groups():
    limits = parameters("age-groups").frame("limits", DAY)
    steps = limits[["young_max", "middle_max", "near_mature_max", "mature_max"]]
    assert (steps.diff(axis=1).iloc[:, 1:] > 0).all(axis=None)
    by_key = limits.set_index(["species_group", "origin"])["confidence"]
    assert by_key[("杉木组", "planted")] == "quoted"
    assert by_key[("马尾松组", "natural")] == "recalled"
    groups = parameters("age-groups").texts("species_group", DAY)
    assert set(groups) == set(limits["species_group"])
    assert set(groups.index) == set(factors().index)


def test_every_code_means_a_named_species():
    names = parameters("species-names")
    known = set(names.keys("label"))
    assert set(names.texts("species", DAY)) <= known
    assert known == set(factors().index) | {"毛竹", "其他竹类"}
    codes = names.texts("species", DAY)
    assert codes[["121", "131", "301", "411"]].tolist() == ["杉木", "马尾松", "桉树", "毛竹"]


def test_the_discount_rate_adds_up():
    parts = parameters("discount-buildup").frame("components", DAY)
    assert parts[["low", "mid", "high"]].sum().round(6).tolist() == [0.057, 0.09, 0.146]
    assert (parts["low"] <= parts["mid"]).all()
    assert (parts["mid"] <= parts["high"]).all()
    marks = parts.set_index("component")["confidence"].to_dict()
    assert marks["risk_free"] == "recalled"
    assert marks["forestry"] == "inferred"
    assert marks["price_and_policy"] == "assumed"


def test_fir_by_the_industry_standard_agrees_with_itself():
    content = parameters("biomass-lyt2264")
    models = content.frame("tree_models", DAY).set_index(["quantity", "size"])

    def at(quantity, size, d, h):
        a, b, c = models.loc[(quantity, size), ["model_a", "model_b", "model_c"]]
        return a * d**b * h**c

    for tree, row in content.frame("stand_factors", DAY).set_index("mean_tree").iterrows():
        d, h = (float(part[1:]) for part in tree.split())
        assert at("bcef", "from_5_cm", d, h) == pytest.approx(row["bcef"], abs=6e-5)
        ratio = at("root_shoot_ratio", "from_5_cm", d, h)
        assert ratio == pytest.approx(row["root_shoot_ratio"], abs=6e-5)
        below, above = (at(q, "from_5_cm", d, h) for q in ("below_ground", "above_ground"))
        assert below / above == pytest.approx(ratio, rel=2e-4)
        carbon = row["bcef"] * (0.5003 + 0.488 * row["root_shoot_ratio"])
        assert carbon * 44 / 12 == pytest.approx(row["co2e_per_volume"], abs=6e-4)
    for quantity in ("above_ground", "below_ground", "bcef", "root_shoot_ratio"):
        joint = [at(quantity, size, 5.0, 6.0) for size in ("under_5_cm", "from_5_cm")]
        assert joint[0] == pytest.approx(joint[1], rel=1e-4)


def test_tables_are_plain_text():
    for file in (LIBRARY / "tables").iterdir():
        raw = file.read_bytes()
        assert b"\r" not in raw
        assert raw.endswith(b"\n")
        rows = list(csv.reader(raw.decode("utf-8").splitlines()))
        assert len({len(row) for row in rows}) == 1


def test_the_library_is_read_from_an_archive(tmp_path):
    source = Path(ecogis.__file__).parent
    archive = tmp_path / "ecogis.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for folder in ("core", "methods"):
            for file in sorted((source / folder).rglob("*")):
                if file.is_file() and "__pycache__" not in file.parts:
                    packed.write(file, Path("ecogis") / file.relative_to(source))
        packed.writestr("ecogis/__init__.py", "")
    code = "import ecogis.methods as m; print(m.__file__); print(len(m.editions()))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(archive)},
    )
    where, count = done.stdout.split()
    assert ".zip" in where
    assert int(count) == len(editions())
