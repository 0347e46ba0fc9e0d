"""The project file: strict, and every message names file, key and remedy."""

from importlib.resources import files

import pytest

from ecogis.core.errors import ConfigError
from ecogis.pipeline.config import load

DEMO = files("ecogis.demo").joinpath("project.toml").read_text(encoding="utf-8")


def _load(tmp_path, text):
    path = tmp_path / "p.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_the_demo_project_is_sound(tmp_path):
    project, folder = _load(tmp_path, DEMO)
    assert project.project.seed == 20260831
    assert folder == tmp_path
    assert {"stands", "parcels"} <= project.layers.keys()


@pytest.mark.parametrize(
    ("old", "new", "code", "names"),
    [
        ("seed = 20260831", "seeds = 1", "E542", "seeds"),
        ("pledge_rate = 0.5", "pledge_rte = 0.5", "E542", "pledge_rate"),
        ("pledge_rate = 0.5", "pledge_rate = 50", "E544", "valuation.pledge_rate"),
        ("seed = 20260831", "", "E543", "project.seed"),
        ("[layers.stands]", "[layers.stand]", "E542", "layers.stand"),
        ("[layers.parcels]", "[layers.boundary2]", "E542", "layers.boundary2"),
        ("start = 2025-01-01", "start = 2025-07-01", "E545", "2025-07-01"),
        ("valuation_date = 2026-08-31", 'valuation_date = "soon"', "E544", "valuation_date"),
        ('lang = "zh"', 'lang = "fr"', "E544", "project.lang"),
        ("closing = 2024-12-31", "closing = 2019-12-31", "E554", "2019-12-31"),
        ('code = "E355"', 'code = "E998"', "E555", "E998"),
        ("[output]", "[output", "E541", "p.toml"),
    ],
)
def test_a_wrong_key_is_named_with_its_place(tmp_path, old, new, code, names):
    assert old in DEMO
    with pytest.raises(ConfigError, match=code) as caught:
        _load(tmp_path, DEMO.replace(old, new, 1))
    assert names in str(caught.value)
    assert "p.toml" in str(caught.value)
    assert " / " in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "key", "keys"),
    [
        ("[output]", "[ouput]", "ouput", "output, project, layers"),
        ("seed = 20260831", "zzz = 1", "project.zzz", "name, valuation_date, seed, province, lang"),
        ('layer = "宗地"', 'lyer = "宗地"', "layers.parcels.lyer", "layer, path, profile"),
        ("cny = 20.0", "yuan = 20.0", "valuation.costs[2].yuan", "id, zh, en, cny, rule"),
        ("[rasters]\ndem", "[rasters]\nheight", "rasters.height", "dem"),
        ("[layers.villages]", "[layers.vilages]", "layers.vilages", "villages, stands"),
        (
            'en = "field survey and title work"',
            'eng = "field survey and title work"',
            "valuation.development.spent[0].eng",
            "en, zh, date, cny",
        ),
        (
            'species = ["杉木"], return_of',
            'species = ["杉木"], returns_of',
            "valuation.forest_assets.species[0].returns_of",
            "return_of, species",
        ),
    ],
)
def test_an_unknown_key_names_the_keys_of_its_place(tmp_path, old, new, key, keys):
    assert old in DEMO
    with pytest.raises(ConfigError, match="E542") as caught:
        _load(tmp_path, DEMO.replace(old, new, 1))
    assert f"未知键 {key}。 可用的键:{keys}" in caught.value.zh
    assert f"unknown key {key}. Keys there are: {keys}" in caught.value.en


@pytest.mark.parametrize(
    ("old", "new", "key", "value", "zh", "en"),
    [
        ('lang = "zh"', 'lang = "fr"', "project.lang", '"fr"',
         '下列之一:"en", "zh"', 'one of "en", "zh"'),
        ("pledge_rate = 0.5", "pledge_rate = 50", "valuation.pledge_rate", "50",
         "数 ≥ 0, ≤ 1", "a number ≥ 0, ≤ 1"),
        ("draws = 2000", "draws = 5", "valuation.draws", "5",
         "整数 ≥ 200, ≤ 1,000,000", "a whole number ≥ 200, ≤ 1,000,000"),
        ("term_years = 5", "term_years = 0\ncap_cny = 1", "valuation.term_years", "0",
         "数 > 0", "a number > 0"),
        ("term_years = 5", "term_years = 5\ncap_cny = -1", "valuation.cap_cny", "-1",
         "数 > 0", "a number > 0"),
        ('province = "44"', 'province = "广东"', "project.province", '"广东"',
         "引号中的文字,如 44", "text in quotes such as 44"),
        ("valuation_date = 2026-08-31", 'valuation_date = "soon"', "project.valuation_date",
         '"soon"', "日期,如 2026-08-31", "a date such as 2026-08-31"),
        ('layer = "宗地"', "layer = 3", "layers.parcels.layer", "3",
         "引号中的文字", "text in quotes"),
        ("market = 0.6", "market = 6", "prices.weights.market", "6",
         "数 ≥ 0, ≤ 1", "a number ≥ 0, ≤ 1"),
        ('rule = "per_ha_year"', 'rule = "per_mu"', "valuation.costs[2].rule", '"per_mu"',
         "下列之一:", 'one of "once", "per_ha_verification"'),
        ("soil_disturbance = { value = true", "soil_disturbance = { value = 1",
         "methodology.declared.soil_disturbance.value", "1",
         "true 或 false", "true or false"),
        ('formats = ["docx", "html", "pdf", "xlsx", "gpkg"]', "formats = true", "output.formats",
         "true", "方括号中的列表", "a list in square brackets"),
        ('dem = { path = "dem.tif" }', 'dem = ["dem.tif"]', "rasters.dem", "[ … ]",
         "含有键的一节", "a table of keys"),
        ('because = "编号重复的要素均不计收益,待核实"', 'because = "是"',
         "policy.accept[2].because", '"是"',
         "引号中的文字,字数 ≥ 4", "text in quotes, characters ≥ 4"),
    ],
)  # fmt: skip
def test_a_wrong_value_names_what_is_allowed(tmp_path, old, new, key, value, zh, en):
    assert old in DEMO
    with pytest.raises(ConfigError, match="E544") as caught:
        _load(tmp_path, DEMO.replace(old, new, 1))
    assert f"键 {key} 的取值 {value} 不对;应为{zh}" in caught.value.zh
    assert f"{key} cannot be {value}; it must be {en}" in caught.value.en
    assert "Expected" not in str(caught.value)


def test_opening_and_closing_are_both_named(tmp_path):
    text = DEMO.replace("opening = 2019-12-31", "opening = 2025-01-01")
    with pytest.raises(ConfigError, match=r"E554.*2025-01-01.*2024-12-31"):
        _load(tmp_path, text)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"E540.*nowhere.toml.*ecogis init FOLDER"):
        load(tmp_path / "nowhere.toml")


def test_a_file_of_another_encoding_is_to_be_saved_as_utf8(tmp_path):
    path = tmp_path / "p.toml"
    path.write_bytes(DEMO.encode("gb18030"))
    with pytest.raises(ConfigError, match=r"E556 p.toml.*另存为 UTF-8.*Save it as UTF-8"):
        load(path)


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "p.toml"
    path.write_bytes(DEMO.encode("utf-8-sig"))
    assert load(path)[0].project.lang == "zh"


def test_a_missing_layer_is_named(tmp_path):
    start, end = DEMO.index("[layers.parcels]"), DEMO.index("[layers.boundary]")
    with pytest.raises(ConfigError, match=r"E543.*layers.parcels"):
        _load(tmp_path, DEMO[:start] + DEMO[end:])
