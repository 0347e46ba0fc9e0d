"""Cross-checks, limits and revaluation in a whole run of two hectares."""

import json
import re
from datetime import date

import pandas as pd
import pytest

import ecogis as eg
from ecogis.core.errors import ConfigError, InputError

TREES = 'because = "示例示例"\n[[valuation.forest_assets.species]]\n'
POLICY = eg.valuation.WatchPolicy("example", "assumed", least_cover=1.2)


def without(text, *sections):
    """A project file without some sections."""
    for name in sections:
        text = re.sub(rf"\n\[{re.escape(name)}\]\n.*?(?=\n\[)", "\n", text, flags=re.DOTALL)
    return text


def worth_something(made):
    """The small project without costs."""
    start = made.text.index("costs = [")
    end = made.text.index("\n]\n", start) + 3
    text = made.text[:start] + "costs = []\n" + made.text[end:]
    made.text = text.replace("draws = 2000", "draws = 200")
    return made


@pytest.fixture
def cheap(tiny):
    """The small project without costs, so that it is worth something."""
    return worth_something(tiny)


@pytest.fixture(scope="module")
def first(small_project, tmp_path_factory):
    """The run of that project as it is."""
    return assessed(worth_something(small_project(tmp_path_factory.mktemp("first"))))


def assessed(tiny):
    """The run of the files as they are now."""
    tiny.write()
    return eg.assess(tiny.folder / "project.toml")


def test_cross_checks_stand_beside_the_value_and_never_in_it(first, cheap):
    with_checks = first
    table = with_checks.tables["cross_checks"].set_index("method")
    assert table.index.tolist() == ["income", "market", "cost", "forest"]
    assert table.loc["income", "value_fen"] == with_checks.summary["valuation"]["npv_fen"]
    trees = with_checks.tables["forest_assets"]
    assert table.loc["forest", "value_fen"] == trees["value_fen"].sum()
    assert trees["area_ha"].sum() == pytest.approx(2.0, abs=0.001)
    # the option's cost is nothing: told, not made up
    assert with_checks.findings["code"].eq("E880").sum() == 1

    cheap.text = without(
        cheap.text, "valuation.comparables", "valuation.development", "valuation.option",
        "valuation.forest_assets",
    )  # fmt: skip
    bare = assessed(cheap)
    assert bare.tables["cross_checks"].empty
    for name in ("npv_fen", "pledge_value_fen", "principal_fen", "p5_fen"):
        assert bare.summary["valuation"][name] == with_checks.summary["valuation"][name]


def test_a_whole_run_on_a_process(cheap):
    """The path is the process's expected price from the reference price, and so is the flow's."""
    numbers = "volatility = 0.3, reversion = 0.5, level_cny_t = 90"
    stated = f'model = "mean_reverting"\nprocess = {{ {numbers}, because = "示例假定" }}\n'
    assert 'model = "flat"\n' in cheap.text
    cheap.text = cheap.text.replace('model = "flat"\n', stated, 1)
    result = assessed(cheap)
    path = result.tables["price_path"]
    start = result.summary["valuation"]["reference_price"]
    process = eg.valuation.PriceProcess(0.3, "x", "assumed", reversion=0.5, level_cny_t=90)
    expected = eg.valuation.expected_price(process, start, path["years"].to_numpy())
    assert len(path) > 1
    assert path["price_cny_t"].tolist() == [round(price, 2) for price in expected.tolist()]


def test_the_least_limit_is_the_principal_and_is_named(cheap):
    limits = '[valuation.limits]\nbecause = "示例规则"\n'
    cheap.text = without(cheap.text, "valuation.limits").replace(
        "\n[valuation.stress]", f"\n{limits}requested_cny = 1000\nleast_cover = 1.1\n"
        'cover_at = "maturity"\ncontract_end = 2031-01-15\n\n[valuation.stress]', 1,
    )  # fmt: skip
    found = assessed(cheap).tables
    amounts = found["loan_amounts"].set_index("limit")
    assert amounts.index[amounts["binding"]].tolist() == ["requested"]
    assert amounts.loc["income_cap", "amount_fen"] > 100_000
    ends = found["loan_ends"].set_index("limit")
    assert ends.index[ends["binding"]].tolist() == ["contract_end"]
    assert found["loan_cover"]["service_cover"].iloc[-1] >= 1.1
    assert found["loan_schedule"]["principal_fen"].sum() == 100_000

    # at every instalment nothing is covered before the first income: no loan
    cheap.text = cheap.text.replace('cover_at = "maturity"\n', "")
    found = assessed(cheap)
    assert found.summary["valuation"]["principal_fen"] == 0
    assert found.summary["valuation"]["binding_en"] == "cap by income"


def test_what_follows_the_income_needs_income_within_the_term(cheap):
    cheap.text = without(cheap.text, "valuation.limits").replace(
        "\n[valuation.stress]",
        '\nrepayment = "by_vintage"\n\n[valuation.limits]\nbecause = "示例规则"\n'
        "contract_end = 2029-01-15\n\n[valuation.stress]", 1,
    )  # fmt: skip
    found = assessed(cheap)
    assert found.summary["valuation"]["principal_fen"] == 0
    assert found.summary["valuation"]["binding_en"] == "cap by income"
    assert found.tables["loan_schedule"].empty


@pytest.mark.parametrize(
    ("section", "text"),
    [
        ("comparables", 'because = "示例示例"\n'),
        ("comparables", 'because = "示例示例"\npath = "prices.csv"\n'),
        ("forest_assets", TREES + 'species = ["杉木"]\nreturn_rate = 0.05\n'),
        ("forest_assets", TREES + 'species = ["毛竹"]\nincome_cny_ha = 500.0\n'),
    ],
)  # fmt: skip
def test_a_section_half_filled_is_refused(tiny, section, text):
    name = f"valuation.{section}"
    tiny.text = without(tiny.text, name).replace(
        "\n[valuation.stress]", f"\n[{name}]\n{text}\n[valuation.stress]", 1
    )
    done = tiny.ask("check")
    assert done.exit_code == 2
    assert "E883" in done.stderr
    assert name in done.stderr


def test_sales_from_a_table_unsold_lots_and_later_ones_are_told(cheap):
    lots = "date,project,tCO2,price_cny_t,source\n" + "".join(
        f"{day},P,100,{price},notice\n"
        for day, price in (("2025-01-01", "40"), ("2025-02-01", ""), ("2027-01-01", "90"))
    )
    (cheap.folder / "lots.csv").write_text(lots, encoding="utf-8")
    cheap.text = without(cheap.text, "valuation.comparables").replace(
        "\n[valuation.stress]",
        '\n[valuation.comparables]\nbecause = "示例示例"\npath = "lots.csv"\n'
        'profile = "phcer-auctions"\n\n[valuation.stress]', 1,
    )  # fmt: skip
    found = assessed(cheap)
    market = found.tables["cross_checks"].set_index("method").loc["market"]
    assert "40.00" in market["because_en"]
    told = found.findings
    assert told.loc[told["code"] == "E881", "observed"].tolist() == ["1", "1"]
    assert "comparables" in [entry["role"] for entry in found.record["inputs"]]


def test_a_revaluation_tells_what_has_changed_and_what_it_calls_for(first, cheap):
    """Next year one holder's consent is gone and the price has halved."""
    before = cheap.folder / "before"
    first.write(before)
    assert json.loads((before / "run.json").read_text(encoding="utf-8"))["results"]
    cheap.text = cheap.text.replace("valuation_date = 2026-08-31", "valuation_date = 2027-08-31")
    cheap.tables["prices"][["日期", "价格"]] = ["2027-08-19", "43.04"]
    cheap.tables["rights"] = cheap.tables["rights"].iloc[:1]
    cheap.write()
    again = eg.revalue(
        cheap.folder / "project.toml", before=before, policy=POLICY, balance_cny=5000.0,
        hazard_share=0.0,
    )  # fmt: skip
    changes = again.changes.set_index("figure")
    assert changes.loc["totals.pledgeable_ha", "change"] == pytest.approx(-0.5, abs=0.001)
    assert changes.loc["valuation.reference_price", "now"] == 43.04
    assert changes.loc["totals.creditable_ha", "difference"] == 0.0
    states = again.inputs.set_index("role")["state"]
    assert states[["rights", "prices", "documents"]].tolist() == ["changed", "changed", "same"]
    pulled = again.triggers.set_index("trigger")
    assert {"price", "area", "title"} <= set(pulled.index)
    assert pulled["known"].all()
    assert pulled.loc["price", "observed"] == pytest.approx(1 - 43.04 / 86.09)
    cheap.text = cheap.text.replace("= 2027-08-31", "= 2026-08-30")
    cheap.write()
    with pytest.raises(ConfigError, match="E887"):
        eg.revalue(cheap.folder / "project.toml", before=before, policy=POLICY, balance_cny=1.0)


def test_what_is_no_earlier_run_is_refused(tiny):
    tiny.write()
    for text in ("{}", "no", '{"results": {"project": {"valuation_date": "2026-08-31"}}}'):
        (tiny.folder / "run.json").write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="E550"):
            eg.revalue(
                tiny.folder / "project.toml", before=tiny.folder, policy=POLICY, balance_cny=1.0,
                verified_on=date(2026, 1, 1),
            )  # fmt: skip


def test_nothing_pledgeable_any_more_is_a_value_of_nothing(first, cheap):
    before = cheap.folder / "before"
    first.write(before)
    cheap.tables["documents"] = cheap.tables["documents"].iloc[:0]
    cheap.write()
    again = eg.revalue(
        cheap.folder / "project.toml", before=before / "run.json", policy=POLICY, balance_cny=5000.0
    )
    pulled = again.triggers.set_index("trigger")
    assert pulled.loc["cover", "observed"] == 0.0
    assert pulled.loc["cover", "repay_fen"] == 500_000
    assert pulled.loc["price", "known"] == pulled.loc["hazard", "known"] == False  # noqa: E712
    assert pd.isna(again.changes.set_index("figure").loc["valuation.pledge_value_fen", "now"])
