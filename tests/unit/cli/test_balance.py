"""``ecogis balance`` on two stands of a hectare that grow: what is written, what is refused."""

import json
import re
from datetime import date

import openpyxl
import pandas as pd
import pytest

import ecogis as eg
from ecogis.methods import parameters
from ecogis.pipeline import verify

SECTIONS = """
[layers.stands_opening]
path = "stands.gpkg"
layer = "小班_2019"
profile = "cn-forest-map"

[accounts]
opening = 2019-12-31
closing = 2024-12-31

[[accounts.prices]]
line = "M01"
basis = "area"
opening_cny = 10000.0
closing_cny = 12000.0
because = "演示用假定"

[[accounts.prices]]
line = "M02"
basis = "volume"
opening_cny = 200.0
closing_cny = 250.0
because = "演示用假定"
"""


def with_opening(tiny):
    before = tiny.stands.assign(HUO_LMGQXJ=[40.0, 50.0], PINGJUN_NL=[5, 5], GXSJ=["20191231"] * 2)
    at = tiny.text.index("[tables]")
    tiny.text = tiny.text[:at] + SECTIONS + "\n" + tiny.text[at:]
    for layer, table in (("小班_2024", tiny.stands), ("小班_2019", before)):
        table.to_file(tiny.folder / "stands.gpkg", layer=layer, driver="GPKG")
    tiny.parcels.to_file(tiny.folder / "parcels.gpkg", layer="宗地", driver="GPKG")
    for name, table in tiny.tables.items():
        table.to_csv(tiny.folder / f"{name}.csv", index=False, encoding="utf-8-sig")
    return tiny


@pytest.fixture
def two_surveys(tiny):
    """The tiny project with an opening survey: 40 and 50 m3 a hectare five years before."""
    return with_opening(tiny)


def balanced(tiny, *words):
    return tiny.ask("balance", "--out", str(tiny.folder / "out"), *words)


@pytest.fixture(scope="module")
def kept(small_project, tmp_path_factory):
    """That project, balanced once for all who only look."""
    made = with_opening(small_project(tmp_path_factory.mktemp("kept")))
    made.done = balanced(made)
    assert made.done.exit_code == 0, made.done.output
    return made


def cells(tiny, name):
    table = pd.read_csv(tiny.folder / "out" / f"{name}.csv")
    return table.set_index(["row_code", "column"])["amount"]


def test_headline_figures_by_hand_files_and_manifest(kept):
    lines = kept.done.stdout.splitlines()
    assert len(lines) == 7
    assert "2.00 → 2.00 ha" in lines[1]
    assert "90.00 → 130.00 m3" in lines[2]
    assert "不完整" in lines[4]  # M07 has no price
    timber, value = cells(kept, "timber"), cells(kept, "value")
    assert timber["T13", "timber..total"] == 40_000
    assert value["M02", "opening"] == 90 * 200 * 100
    assert value["M02", "volume"] == 40 * 225 * 100
    assert value["M02", "price"] == 110 * 50 * 100
    assert value["M02", "closing"] == 130 * 250 * 100
    assert value["M01", "closing"] == pytest.approx(2 * 12_000 * 100, abs=20)  # 2 ha but for mm
    assert value["M90", "closing"] == value["M01", "closing"] + value["M02", "closing"]
    assert pd.isna(value["M07", "closing"])
    found = pd.read_csv(kept.folder / "out" / "findings.csv")
    (told,) = found.loc[found["code"].eq("E423"), "message_en"]
    assert "table: M07;" in told
    names = {path.name for path in (kept.folder / "out").iterdir()}
    assert {"balance.xlsx", "run.json", "postings.parquet", "money.csv", "value.parquet"} <= names
    checked = verify(kept.folder / "out" / "run.json")
    assert {entry["state"] for entry in checked} == {"ok"}
    assert {entry["name"] for entry in checked} == names


def test_the_same_run_writes_the_same_bytes(two_surveys):
    folder = two_surveys.folder / "out"
    seen = []
    for _ in range(2):
        done = balanced(two_surveys, "--lang", "en", "--json")
        assert done.exit_code == 0, done.output
        files = sorted(path for path in folder.iterdir() if path.name != "run.json")
        seen.append({path.name: path.read_bytes() for path in files})
    assert seen[0] == seen[1]
    found = json.loads(done.stdout)
    assert found["results"]["balance"]["timber_closing_dm3"] == 130_000
    book = openpyxl.load_workbook(folder / "balance.xlsx")
    assert book.sheetnames[:3] == ["Checks", "Notes", "Timber"]


def test_a_folder_with_other_files_is_left_alone(two_surveys):
    folder = two_surveys.folder / "out"
    folder.mkdir()
    (folder / "letter.txt").write_text("mine", encoding="utf-8")
    done = balanced(two_surveys)
    assert done.exit_code == 2, done.output
    assert "E551" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["letter.txt"]


def test_a_project_without_an_opening_survey_is_refused(tiny):
    done = balanced(tiny)
    assert done.exit_code == 2
    assert "E425" in done.stderr


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ('line = "M02"', 'line = "M90"', "line"),
        ('basis = "volume"', 'basis = "weight"', "basis"),
        ("opening_cny = 200.0", "opening_cny = -1.0", "opening_cny"),
        ('because = "演示用假定"', 'because = ""', "because"),
        ("opening_cny = 200.0", "opening_yuan = 200.0", "opening_yuan"),
    ],
)
def test_a_wrong_key_names_itself(two_surveys, was, now, told):
    two_surveys.text = two_surveys.text.replace(was, now)
    done = balanced(two_surveys)
    assert done.exit_code == 2
    assert told in done.stderr


def _without(text, *sections):
    """A project file without some sections and what is below them."""
    for name in sections:
        text = re.sub(rf"(?ms)^\[+{name}[.\]].*?(?=^\[(?!\[?{name}[.\]])|\Z)", "", text)
    return text


def test_a_project_file_for_the_accounts_alone(kept, two_surveys):
    """Neither methodology nor carbon prices nor a valuation: the same accounts, and no more."""
    two_surveys.text = _without(two_surveys.text, "methodology", "prices", "valuation")
    assert "[valuation" not in two_surveys.text
    done = balanced(two_surveys)
    assert done.exit_code == 0, done.output
    pd.testing.assert_series_equal(cells(two_surveys, "timber"), cells(kept, "timber"))
    record = json.loads((two_surveys.folder / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["methodology"] is None
    refused = two_surveys.ask("assess", "--out", str(two_surveys.folder / "assessed"))
    assert refused.exit_code == 2
    assert "E543" in refused.stderr
    assert "methodology" in refused.stderr


def test_one_survey_and_event_records(two_surveys):
    """The survey of 2019 opens; growth and a felling of 10 m3 close; nothing else is observed."""
    text = two_surveys.text.replace('layer = "小班_2024"', 'layer = "小班_2019"')
    opening = re.search(r"(?ms)^\[layers\.stands_opening\].*?(?=^\[)", text).group()
    text = text.replace(opening, "").replace(
        "closing = 2024-12-31\n", 'closing = 2024-12-31\nroute = "events"\nresidue_share = 0.1\n'
    )
    two_surveys.text = re.sub(
        r"(?m)^\[tables\]\n",
        '[tables]\nevents = { path = "events.csv", profile = "demo-events" }\n',
        text,
    )
    stand = str(two_surveys.stands["XBID"].iloc[0])
    (two_surveys.folder / "events.csv").write_text(
        "事件编号,小班编号,事件类型,日期,面积,蓄积,剩余物比例,变更后地类,文件编号\n"
        f"H1,{stand},采伐,2022-06-30,,10,,,\n", encoding="utf-8",
    )  # fmt: skip
    done = balanced(two_surveys)
    assert done.exit_code == 0, done.output
    timber = pd.read_csv(two_surveys.folder / "out" / "timber.csv")
    found = timber[timber["column"].eq("timber..total")].set_index("row_code")
    assert found.loc["T00", "amount"] == 90_000
    assert found.loc["T21", "amount"] == 9_000
    assert found.loc["T22", "amount"] == 1_000
    assert found.loc["T90", "amount"] == 90_000 + found.loc["T13", "amount"] - 10_000
    assert found.loc["T13", "amount"] > 0
    assert found.loc["T00", "status"] == "observed"
    assert found.loc[["T13", "T21", "T90"], "status"].eq("modelled").all()
    assert found.loc["T91", "zh"] == "统计差异(期末调查减推算)"
    book = openpyxl.load_workbook(two_surveys.folder / "out" / "balance.xlsx")
    told = {row[0].value: row[1].value for row in book["编制说明"].iter_rows() if row[0].value}
    assert "无期末调查" in told["编制方法"]
    result = eg.balance(two_surveys.folder / "project.toml")
    assert result.route == "modelled"
    page = result.report(two_surveys.folder / "balance.html")
    assert "无期末调查" in page.read_text(encoding="utf-8")


def test_without_accounts_no_section_may_be_left_out(tiny):
    tiny.text = _without(tiny.text, "valuation")
    done = tiny.ask("assess", "--out", str(tiny.folder / "out"))
    assert done.exit_code == 2
    assert "valuation" in done.stderr


GEP = """
[accounts.gep]
opening_cny = 500000.0
closing_cny = 600000.0
because = "演示用假定"
"""


def test_ecosystem_services_stand_beside_and_are_in_no_total(kept, two_surveys):
    without = cells(kept, "value"), cells(kept, "net_worth")
    two_surveys.text = two_surveys.text.replace("[tables]", GEP + "\n[tables]", 1)
    done = balanced(two_surveys)
    assert done.exit_code == 0, done.output
    value, worth = cells(two_surveys, "value"), cells(two_surveys, "net_worth")
    assert value["M08", "opening"] == 50_000_000
    assert value["M08", "closing"] == 60_000_000
    pd.testing.assert_series_equal(
        value.sort_index().drop("M08"), without[0].sort_index().drop("M08")
    )
    pd.testing.assert_series_equal(worth, without[1])


def test_timber_priced_by_the_value_of_its_stands(two_surveys):
    """Stands of 5 and of 10 years: what planting and tending cost, with its return."""
    text = two_surveys.text
    priced = text[text.index('[[accounts.prices]]\nline = "M02"') : text.index("\n[tables]")]
    two_surveys.text = text.replace(priced, "").replace(
        "closing = 2024-12-31\n", 'closing = 2024-12-31\ntimber_prices = "stand_assets"\n'
    )
    done = balanced(two_surveys)
    assert done.exit_code == 0, done.output
    value = cells(two_surveys, "value")
    rate = parameters("forest-returns@2026-1").value(
        "forest_return", date(2026, 8, 31), "1", key="杉木人工林"
    )
    planted = [6000.0, 1500.0, 1500.0]  # the demo's terms for 杉木
    for end, years in (("opening", 5), ("closing", 10)):
        spent = [*planted, *[100.0] * (years - 3)]
        cost = sum(each * (1 + rate) ** (years - at) for at, each in enumerate(spent))
        assert value["M02", end] == pytest.approx(2 * cost * 100, rel=1e-4)
    parts = value["M02", "opening"] + value["M02", "volume"] + value["M02", "price"]
    assert parts == value["M02", "closing"]
    book = openpyxl.load_workbook(two_surveys.folder / "out" / "balance.xlsx")
    told = {row[0].value: row[1].value for row in book["编制说明"].iter_rows() if row[0].value}
    assert "100.0%" in next(text for name, text in told.items() if name.startswith("价格 M02"))


def test_prices_from_stands_need_terms(two_surveys):
    bare = re.sub(r"(?ms)^\[valuation\.forest_assets\].*?(?=^\[)", "", two_surveys.text)
    two_surveys.text = bare.replace(
        "closing = 2024-12-31\n", 'closing = 2024-12-31\ntimber_prices = "stand_assets"\n'
    )
    done = balanced(two_surveys)
    assert done.exit_code == 2
    assert "E426" in done.stderr
    assert "valuation.forest_assets" in done.stderr


def test_two_prices_of_one_line_are_refused(two_surveys):
    two_surveys.text = two_surveys.text.replace('line = "M01"', 'line = "M02"')
    done = balanced(two_surveys)
    assert done.exit_code == 2
    assert "E420" in done.stderr


def test_the_result_for_the_analyst(two_surveys):
    file = two_surveys.folder / "project.toml"
    file.write_text(two_surveys.text, encoding="utf-8")
    result = eg.balance(file)
    assert result.table("timber").set_index("code").loc["T13"].iloc[2] == 40_000
    assert "130 m3" in repr(result)
    assert "<table" in result._repr_html_()
    book = result.workbook(two_surveys.folder / "book.xlsx", lang="en")
    assert openpyxl.load_workbook(book).sheetnames[0] == "Checks"
    assert set(result.frames()) >= {"timber", "value", "money", "change_matrix"}
