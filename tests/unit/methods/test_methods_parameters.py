"""Values at a date, in a unit, by key; never a default; all asked for on record."""

from datetime import date

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, NotInForceError, UnitError
from ecogis.methods import ParameterSet, parameters, read_set, uses_table, weakest

DAY = date(2026, 8, 31)


@pytest.fixture
def tiny(tmp_path) -> ParameterSet:
    head = """
[set]
id = "tiny"
edition = "1"
title_zh = "小"
title_en = "tiny"
checked_on = 2026-01-01

[sources.book]
title_zh = "一本书"
title_en = "A book"
publisher = "somebody"
year = 2020

[parameters.stock]
unit = "t C ha-1"
meaning_zh = "储量"
meaning_en = "stock"

[[parameters.stock.history]]
from = 2020-01-01
value = 10
source = "book"
locator_zh = "第 1 页"
locator_en = "1"
confidence = "quoted"

[[parameters.stock.history]]
from = 2022-07-01
value = 20
source = "book"
locator_zh = "第 2 页"
locator_en = "2"
confidence = "recalled"

[tables.limits]
file = "limits.csv"
keys = ["group", "origin"]
meaning_zh = "界限"
meaning_en = "limits"
source = "book"
locator_zh = "第 3 页"
locator_en = "3"
confidence = "inferred"

[tables.limits.columns.young]
unit = "yr"
meaning_zh = "幼龄"
meaning_en = "young"

[tables.limits.columns.region]
unit = "text"
meaning_zh = "地区"
meaning_en = "region"
"""
    rows = """group,origin,young,region,from
a,planted,10,south,2020-01-01
a,planted,12,south,2024-01-01
a,natural,,south,2020-01-01
b,planted,5,all,2025-01-01
"""
    file = tmp_path / "tiny.toml"
    file.write_text(head, encoding="utf-8")
    (tmp_path / "limits.csv").write_text(rows, encoding="utf-8")
    return ParameterSet(read_set(file, tmp_path))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2020, 1, 1), 10.0),
        (date(2022, 6, 30), 10.0),
        (date(2022, 7, 1), 20.0),
        (DAY, 20.0),
    ],
)
def test_a_value_holds_from_its_day_until_the_next(tiny, day, expected):
    assert tiny.value("stock", day, "t C ha-1") == expected


def test_before_the_first_date_there_is_no_value(tiny):
    with pytest.raises(NotInForceError) as caught:
        tiny.value("stock", date(2019, 12, 31), "t C ha-1")
    assert caught.value.en == (
        "tiny@1: stock has no value in force on 2019-12-31; the first starts on 2020-01-01. "
        "Choose a later date or an edition that covers it."
    )
    with pytest.raises(NotInForceError):
        tiny.table("young", date(2019, 12, 31), "yr")
    with pytest.raises(NotInForceError):
        tiny.entry("young", date(2024, 12, 31), ("b", "planted"))
    assert tiny.uses == []


def test_units_convert_and_kinds_are_kept_apart(tiny):
    assert tiny.value("stock", DAY, "kg C m-2") == pytest.approx(2.0)
    with pytest.raises(UnitError):
        tiny.value("stock", DAY, "t CO2e ha-1")


def test_a_table_gives_what_is_in_force_by_key(tiny):
    found = tiny.table("young", date(2024, 6, 1), "yr")
    assert found.to_dict() == {("a", "planted"): 12.0}
    assert found.index.names == ["group", "origin"]
    later = tiny.table("young", DAY, "yr", keys=[("b", "planted"), ("c", "planted")])
    assert later.to_dict() == {("b", "planted"): 5.0}


def test_a_blank_cell_is_no_value(tiny):
    with pytest.raises(ConfigError, match="E236"):
        tiny.value("young", DAY, "yr", key=("a", "natural"))
    assert tiny.text("region", DAY, ("a", "natural")) == "south"


def test_only_what_was_asked_for_is_recorded_once():
    biomass = parameters("biomass-inventory")
    species = pd.Series(["杉木", "杉木", pd.NA, "外星树", "马尾松"], dtype="string")
    found = biomass.table("bef", DAY, "1", keys=species)
    assert found.to_dict() == {"杉木": 1.634, "马尾松": 1.472}
    assert found.index.name == "species"
    biomass.value("bef", DAY, "1", key="杉木")
    assert [(use.name, use.key) for use in biomass.uses] == [
        ("bef", ("杉木",)),
        ("bef", ("马尾松",)),
    ]
    assert parameters("biomass-inventory").uses == []


def test_a_species_that_is_not_there_is_an_error_never_a_default():
    with pytest.raises(ConfigError) as caught:
        parameters("biomass-inventory").value("bef", DAY, "1", key="毛竹")
    assert caught.value.code == "E236"
    assert "biomass-inventory@2014" in caught.value.en
    assert "毛竹" in caught.value.zh


def test_asking_for_words_as_numbers_is_refused(tiny):
    with pytest.raises(ConfigError, match="E242"):
        tiny.table("region", DAY, "1")
    with pytest.raises(ConfigError, match="E242"):
        tiny.text("stock", DAY)
    assert tiny.texts("region", DAY).tolist() == ["south", "south", "all"]


def test_unknown_names_list_what_there_is(tiny):
    with pytest.raises(ConfigError, match="stock, young, region"):
        tiny.value("stick", DAY, "1")
    with pytest.raises(ConfigError, match="limits"):
        tiny.frame("stick", DAY)
    assert tiny.keys("young") == (("a", "planted"), ("b", "planted"))
    assert tiny.keys("stock") == ()


def test_a_frame_joins_the_columns_and_takes_the_weakest_mark():
    growth = parameters("growth-south-china")
    frame = growth.frame("curves", DAY).set_index("curve")
    assert frame.loc["马尾松", ["form", "valid_from_age"]].tolist() == ["schumacher", 5.0]
    assert frame.attrs["units"]["valid_to_age"] == "yr"
    points = growth.frame("huitong", DAY)
    assert set(points["confidence"]) == {"inferred"}
    assert growth.entry("huitong_dbh", DAY, "5").confidence == "quoted"
    assert set(points["locator_zh"]) == {"表 1;表 1 与 DB35/T 1823"}
    assert set(points["locator_en"]) == {"table 1; table 1 and DB35/T 1823"}


def test_the_record_of_uses_is_a_table(tiny):
    tiny.value("stock", DAY, "kg C m-2")
    tiny.texts("region", DAY, keys=[("b", "planted")])
    table = uses_table([tiny])
    assert table.columns.tolist() == [
        "set",
        "name",
        "key",
        "value",
        "unit",
        "from",
        "meaning_zh",
        "meaning_en",
        "source_zh",
        "source_en",
        "locator_zh",
        "locator_en",
        "confidence",
    ]
    assert table.loc[0].tolist() == [
        "tiny@1",
        "stock",
        "",
        "20",
        "t C ha-1",
        "2022-07-01",
        "储量",
        "stock",
        "一本书",
        "A book",
        "第 2 页",
        "2",
        "recalled",
    ]
    assert table.loc[1, ["key", "value", "unit"]].tolist() == ["b/planted", "all", ""]
    assert len(uses_table([])) == 0


def test_a_blend_takes_the_weakest_mark():
    assert weakest(["quoted"]) == "quoted"
    assert weakest(["quoted", "inferred"]) == "inferred"
    assert weakest(["recalled", "inferred"]) == "recalled"
    assert weakest(["recalled", "assumed", "quoted"]) == "assumed"
    with pytest.raises(ConfigError, match="sure"):
        weakest(["sure"])
    with pytest.raises(ConfigError):
        weakest([])


def test_a_set_shows_what_it_is(tiny):
    assert repr(tiny) == "ParameterSet(tiny@1)"
    assert (tiny.id, tiny.edition, tiny.title_zh, tiny.title_en) == ("tiny", "1", "小", "tiny")
    assert tiny.checked_on == date(2026, 1, 1)
    assert tiny.files == ("tiny.toml", "limits.csv")
    assert tiny.sources["book"].title_en == "A book"
    assert len(tiny.sha256) == 64
    assert (tiny.note_zh, tiny.note_en, tiny.replaces) == ("", "", "")
    assert "recalled" in parameters("biomass-inventory").note_en
