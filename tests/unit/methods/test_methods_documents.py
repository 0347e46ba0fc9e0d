"""Methodologies, guidelines, editions and explanations."""

from datetime import date
from importlib.resources import files

import pytest

from ecogis.core.errors import ConfigError, NotInForceError
from ecogis.core.findings import Findings
from ecogis.methods import (
    RESOURCES,
    editions,
    explain,
    guideline,
    methodology,
    note_stale,
    parameters,
    read_methodology,
)

DAY = date(2026, 8, 31)
FILE = "ccer-14-001-v01-2023.toml"


def faulty(tmp_path, old: str, new: str):
    text = files("ecogis.methods").joinpath("library", "methodologies", FILE).read_text("utf-8")
    assert old in text
    file = tmp_path / FILE
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return read_methodology(file, parameters)


@pytest.mark.parametrize(
    ("old", "new", "code", "key"),
    [
        ('rule = "activity"', 'rool = "activity"', "E231", "conditions[0].rool"),
        ('clause = "2 c)"\nrule', 'clause = "9 z)"\nrule', "E245", "conditions[3].clause"),
        ('parameter = "leakage"', 'parameter = "leekage"', "E245", "lines[3].parameter"),
        ('biomass-inventory@2014"', 'biomass-inventory@1999"', "E234", "biomass-inventory@1999"),
        ('id = "leakage"\n', 'id = "baseline"\n', "E233", "lines[3].id"),
        ("arguments = { years = 3 }", "arguments = { years = [] }", "E233", "arguments.years"),
        ('topic = "additionality"', 'topic = "weather"', "E233", "conditions[7].topic"),
        ('rule = "registration_open"', 'rule = "x"', "E232", "conditions (registration_open)"),
        ("minimum = 20,", "", "E232", "crediting-years.arguments.minimum"),
        ("minimum = 20,", "minimum = 20.0,", "E233", "crediting-years.arguments.minimum"),
        ('treatment = "counted"', 'treatment = "maybe"', "E233", "pools[0].treatment"),
        ('pool = "soil"', 'pool = "sea"', "E233", "pools[4].pool"),
        ('source = "methodology-text"', 'source = "rumour"', "E239", "clauses[0].source"),
        ('unit = "t CO2e"', 'unit = "tonnes"', "E233", "rounding.unit"),
        ("in_force_from = 2023-10-24", 'in_force_from = "2023"', "E233", "in_force_from"),
    ],
)
def test_a_fault_in_a_methodology_is_named(tmp_path, old, new, code, key):
    with pytest.raises(ConfigError) as caught:
        faulty(tmp_path, old, new)
    assert caught.value.code == code
    assert key in caught.value.zh
    assert key in caught.value.en


def test_a_methodology_without_exemptions_is_sound(tmp_path):
    method = methodology("AR-CM-001-V01@2013")
    assert method.exemptions == ()
    assert method.clause("额外性").confidence == "recalled"
    assert method.registration_open == (date(2013, 11, 4), date(2017, 3, 14))
    assert method.crediting_years == (20, 60)


def test_ccer_as_data():
    method = methodology("CCER-14-001-V01@2023")
    assert method.crediting_years == (20, 40)
    assert method.registration_open == (date(2023, 10, 24), None)
    assert [line.rule for line in method.lines] == [
        "removal",
        "emission",
        "baseline",
        "leakage",
        "uncertainty",
        "buffer",
    ]
    assert [condition.rule for condition in method.conditions] == [
        "activity",
        "not_forest_before",
        "tenure_documented",
        "minimum_area",
        "not_wetland",
        "vegetation_kept",
        "soil_disturbance",
        "additionality",
        "crediting_years",
        "started_after",
        "reduction_window",
        "registration_open",
    ]
    area = next(c for c in method.conditions if c.rule == "minimum_area")
    assert dict(area.arguments) == {
        "minimum_m2": 400,
        "earlier_minimum_m2": 667,
        "begun_before": date(2020, 1, 1),
        "merge_touching": True,
    }
    assert method.clause("2 c)").confidence == "quoted"
    assert method.clause("非持久性").confidence == "recalled"
    assert {p.pool for p in method.pools if p.treatment == "counted"} == {
        "above_ground",
        "below_ground",
    }
    assert len(method.exemptions) == 3
    shown = [condition.id for condition in method.conditions if condition.topic]
    assert shown == ["additionality"]
    with pytest.raises(ConfigError, match="E235"):
        method.clause("99")


def test_the_share_held_back_is_recalled():
    method = methodology("CCER-14-001-V01")
    buffer = method.lines[-1]
    crediting = parameters(buffer.parameter_set)
    entry = crediting.entry(buffer.parameter, DAY)
    assert (entry.value, entry.unit, entry.confidence) == (0.1, "1", "recalled")


def test_a_methodology_is_refused_outside_its_span():
    method = methodology("CCER-14-001-V01")
    method.require_in_force(date(2023, 10, 24))
    with pytest.raises(NotInForceError, match="2023-10-24"):
        method.require_in_force(date(2023, 10, 23))


def test_the_guideline_says_what_settles_a_clause():
    guide = guideline("t-gzgfa-8-2026@2026")
    assert guide.clause("4.1 d").document_kinds == ("pledge_search", "project_search")
    assert guide.clause("4.2 a").price_kinds == ("acquisition", "market", "regulated")
    assert guide.applies_in("441899")
    assert not guide.applies_in("450621")
    assert len(guide.unseen) == 2
    assert guide.in_force_from == date(2026, 1, 16)
    with pytest.raises(ConfigError, match=r"4\.1 a"):
        guide.clause("5")


@pytest.mark.parametrize("read", [parameters, methodology, guideline])
def test_what_the_library_lacks_is_named(read):
    with pytest.raises(ConfigError) as caught:
        read("nothing", "1")
    assert caught.value.code == "E234"
    assert "nothing@1" in caught.value.en


def test_editions_lists_every_file():
    table = editions()
    folder = files("ecogis.methods").joinpath("library")
    shipped = {
        entry.name
        for kind in ("parameters", "methodologies", "guidelines", "gep")
        for entry in folder.joinpath(kind).iterdir()
    }
    assert set(table["file"]) == shipped
    assert table["sha256"].str.len().eq(64).all()
    assert not table.duplicated(["kind", "id", "edition"]).any()


def test_several_editions_must_be_told_apart():
    from ecogis.methods.editions import _chosen

    shelf = {"a@1": parameters("age-groups"), "a@2": parameters("biomass-inventory")}
    with pytest.raises(ConfigError, match=r"E248.*a@1, a@2"):
        _chosen(shelf, "a", None, ("参数集", "parameter set"))
    assert _chosen(shelf, "a", "2", ("参数集", "parameter set")).id == "biomass-inventory"


def test_explain_says_where_a_number_is_from():
    text = explain("non_permanence_risk", "ccer-14-001-crediting", DAY)
    assert text.splitlines() == [
        "non_permanence_risk = 0.1",
        "  meaning: share held against the loss of credited carbon, K_RISK",
        "  in force from: 2023-10-24",
        "  source: CCER-14-001-V01 造林碳汇, later clauses, from memory (生态环境部, 2023)",
        "  where: formula of the reduction",
        "  confidence: recalled: from memory, source not seen",
        "  file: ccer-14-001-crediting@2023, ccer-14-001-crediting-2023.toml",
    ]


def test_explain_in_chinese_is_chinese():
    text = explain("non_permanence_risk", "ccer-14-001-crediting", DAY, lang="zh")
    assert text.splitlines() == [
        "non_permanence_risk = 0.1",
        "  含义: 非持久性风险比例 K_RISK",
        "  生效: 2023-10-24",
        "  来源: CCER-14-001-V01 造林碳汇,后续条款(记忆)(生态环境部,2023)",
        "  位置: 减排量公式",
        "  可信度: 记忆值,未见来源",
        "  文件: ccer-14-001-crediting@2023, ccer-14-001-crediting-2023.toml",
    ]
    clause = explain("2 f)", "CCER-14-001-V01", DAY, lang="zh")
    assert "  位置: 第 2 条 f),正文中断" in clause
    assert "  where: clause 2 f), text breaks off" in explain("2 f)", "CCER-14-001-V01", DAY)


def test_explain_gives_unit_span_and_all_keys():
    text = explain("richards_a", "growth-south-china@2026-1", DAY, lang="zh")
    assert text.count("richards_a [") == 3
    assert "richards_a [杉木] = 125.8 m3 ha-1" in text
    assert "  范围: 96.3 – 158.8" in text
    assert "  可信度: 由所读资料推算" in text


def test_explain_gives_a_clause():
    text = explain("2 c)", "CCER-14-001-V01", DAY)
    assert text.startswith("CCER-14-001-V01@2023 2 c): Each continuous plot of land is at least")
    assert "confidence: quoted" in text
    assert explain("4.1 e", "t-gzgfa-8-2026", DAY, lang="zh").startswith(
        "t-gzgfa-8-2026@2026 4.1 e"
    )


def test_explain_knows_two_languages():
    with pytest.raises(ConfigError, match="E002"):
        explain("4.1 e", "t-gzgfa-8-2026", DAY, lang="fr")


def test_old_editions_are_noted():
    findings = Findings()
    used = [parameters("age-groups"), methodology("CCER-14-001-V01"), guideline("t-gzgfa-8-2026")]
    assert note_stale(used, date(2027, 8, 31), findings) == 0
    assert note_stale(used, date(2027, 9, 1), findings) == 3
    assert findings.table()["code"].unique().tolist() == ["E246"]
    assert "CCER-14-001-V01@2023" in findings.table()["message_en"].tolist()[0]


def changed(tmp_path, name: str, *changes: tuple[str, str]):
    text = files("ecogis.methods").joinpath("library", "methodologies", name).read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    text = text.replace('edition = "', 'edition = "own-', 1)
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    return methodology("own.toml", folder=tmp_path)


FOREST, TICKET = "gd-phcer-forest-2022.toml", "sanming-carbon-ticket-2021.toml"
MARSH = "ccer-14-003-v01-2025.toml"


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "key"),
    [
        (FOREST, 'kind = "stock_change_beyond_average"', 'kind = "guess"', "E233", "removal.kind"),
        (FOREST, 'rule = "baseline_by_class"', 'rule = "baseline"', "E705", "baseline_by_class"),
        (FOREST, 'kind = "stock_change_beyond_average"', 'kind = "area_rate"', "E705", "removal"),
        (TICKET, 'rule = "emission"', 'rule = "baseline"', "E705", "removal.kind"),
        (MARSH, '["salt_marsh_rate"]', "[]", "E705", "removal.parameters"),
        (MARSH, '["salt_marsh_rate"]', '["other"]', "E245", "removal.parameters"),
        (MARSH, 'resources = ["ocean", "wetland"]', 'resources = ["sea"]', "E233", "resources"),
        (MARSH, 'offered = "leakage_by_analogy"', 'offered = "rumour"', "E245", "offered"),
        (MARSH, "[supplied.leakage]", "[supplied.leakage_by_analogy]", "E705", "supplied.leakage"),
        (FOREST, 'by = ["forest_category"]', 'by = ["colour"]', "E233", "average_change.by"),
        (MARSH, 'resources = ["ocean', 'draft = true\nresources = ["ocean', "E705", "draft"),
        (MARSH, "crediting = ", "biomass = ", "E232", "parameters.crediting"),
    ],
)
def test_what_an_edition_says_of_removals_must_hang_together(tmp_path, name, old, new, code, key):
    with pytest.raises(ConfigError) as caught:
        changed(tmp_path, name, (old, new))
    assert caught.value.code == code
    assert key in caught.value.en


def test_kinds_of_removal_and_resources():
    kinds = {name: methodology(name).removal.kind for name in editions().query(
        "kind == 'methodology'")["id"]}  # fmt: skip
    assert kinds["CCER-14-001-V01"] == "stock_change"
    assert kinds["CCER-14-002-V01"] == kinds["CCER-14-004-V01"] == "area_rate"
    assert kinds["GD-PHCER-FOREST"] == "stock_change_beyond_average"
    assert kinds["SANMING-CARBON-TICKET"] == "all_growth"
    assert methodology("CCER-14-001-V01").resources == ("forest",)
    assert methodology("CCER-14-003-V01").resources == ("ocean", "wetland")
    assert set(methodology("CCER-14-003-V01").resources) <= set(RESOURCES)


def test_a_draft_is_for_comparison_only(tmp_path):
    opened = ("open_from = 2025-12-09", "open_from = 2025-12-09, open_to = 2025-12-09")
    draft = changed(tmp_path, MARSH, ('resources = ["ocean', 'draft = true\nresources = ["ocean'),
                    opened)  # fmt: skip
    assert draft.status(DAY) == "draft"


@pytest.mark.parametrize(
    ("name", "day", "status"),
    [
        ("CCER-14-001-V01", DAY, "open"),
        ("CCER-14-001-V01", date(2023, 10, 23), "not_yet"),
        ("AR-CM-001-V01", DAY, "closed"),
        ("GD-PHCER-FOREST", date(2027, 5, 5), "open"),
        ("GD-PHCER-FOREST", date(2027, 5, 6), "closed"),
    ],
)
def test_status_by_day(name, day, status):
    assert methodology(name).status(day) == status


def test_a_period_that_is_not_known_is_none_and_is_asked_about():
    method = methodology("CCER-14-003-V01")
    assert method.crediting_years is None
    assert "text_checked" in [each.rule for each in method.conditions]


def test_an_own_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError) as caught:
        methodology("own.toml", folder=tmp_path)
    assert caught.value.code == "E706"


def test_an_own_file_cannot_go_by_the_name_of_a_shipped_edition(tmp_path):
    text = files("ecogis.methods").joinpath("library", "methodologies", MARSH).read_text("utf-8")
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        methodology("own.toml", folder=tmp_path)
    assert caught.value.code == "E712"
    assert "CCER-14-003-V01@2025" in caught.value.en
