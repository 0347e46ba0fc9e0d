"""Products of the borrower's land beside a valuation: a cross-check, never inside the value."""

import re

import pytest

import ecogis as eg

GEP = """
[gep]
year = 2026
standard = "gep-gbt-46869@2025"
prices = "gep-prices-garze@2010"
because = "虚构数据,仅供测试"
values = "values.csv"

[gep.vep]
parcels = ["441899101201JE00001"]
sold = { water_retention = 0.25 }
years = 10
rate = 0.05
because = "虚构数据,仅供测试"
"""
VALUES = "变量,值,小班编号,地类\nretention_mm,RETAINED,,\n"


def assessed(tiny, retained):
    """The assessment with so much water retained. [mm]"""
    (tiny.folder / "values.csv").write_text(VALUES.replace("RETAINED", retained), encoding="utf-8")
    tiny.write()
    return eg.assess(tiny.folder / "project.toml")


@pytest.fixture
def cheap(tiny):
    """The small project without costs and other approaches."""
    start = tiny.text.index("costs = [")
    end = tiny.text.index("\n]\n", start) + 3
    text = tiny.text[:start] + "costs = []\n" + tiny.text[end:]
    for name in ("comparables", "development", "option", "forest_assets"):
        text = re.sub(rf"\n\[valuation\.{name}\]\n.*?(?=\n\[)", "\n", text, flags=re.DOTALL)
    tiny.text = text.replace("draws = 2000", "draws = 200")
    return tiny


def test_products_of_the_land_never_enter_the_pledge_value(cheap):
    cheap.write()
    bare = eg.assess(cheap.folder / "project.toml")
    assert bare.tables["cross_checks"].empty
    cheap.text += GEP
    made = assessed(cheap, "300")
    table = made.tables["cross_checks"].set_index("method")
    assert table.index.tolist() == ["income", "vep"]
    assert table.loc["vep", "value_fen"] > 0
    assert table.loc["vep", ["difference_fen", "change"]].isna().all()
    for name in ("npv_fen", "pledge_value_fen", "principal_fen", "p5_fen"):
        assert made.summary["valuation"][name] == bare.summary["valuation"][name]
    more = assessed(cheap, "600")
    worth = more.tables["cross_checks"].set_index("method")["value_fen"]
    assert worth["vep"] > table.loc["vep", "value_fen"]
    assert worth["income"] == table.loc["income", "value_fen"]
    roles = {entry["role"] for entry in more.record["inputs"]}
    assert "gep_values" in roles


def test_carbon_that_is_pledged_is_not_sold_again(cheap):
    """PC11: the land's carbon is credited and pledged; its products cannot sell it as well."""
    cheap.text += GEP.replace("sold = {", "sold = { carbon_fixation = 0.5,")
    made = assessed(cheap, "300")
    assert made.tables["cross_checks"].empty
    told = made.findings.query("code == 'E880'")["message_en"].tolist()
    assert len(told) == 1
    assert "E497" in told[0]


def test_an_account_that_is_refused_is_told_and_the_valuation_stands(cheap):
    cheap.text += GEP
    made = assessed(cheap, "-300")
    assert made.tables["cross_checks"].empty
    told = made.findings.query("code == 'E880'")["message_en"].tolist()
    assert len(told) == 1
    assert "E500" in told[0]
    assert not made.findings["code"].eq("E500").any()
    assert made.summary["valuation"]["pledge_value_fen"] > 0
