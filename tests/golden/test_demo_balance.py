"""The demo's balance: its workbook recalculated by LibreOffice, its identities, its refusal."""

import shutil
import subprocess

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import ecogis as eg
from ecogis import demo
from ecogis.accounts.ties import check_ties
from ecogis.cli.main import main
from ecogis.report import compose
from ecogis.report.balance_sections import SECTIONS
from ecogis.report.model import Paragraph
from ecogis.report.model import Table as Printed

DUTY = """[[accounts.liabilities]]
policy = "restoration"
opening_cny = 9000.0
closing_cny = 10000.0
because = "演示用假定"

"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The demo with one policy of liabilities."""
    folder = tmp_path_factory.mktemp("priced") / "demo"
    shutil.copytree(demo.folder(), folder)
    text = (folder / "project.toml").read_text(encoding="utf-8")
    at = text.index("[registry]")
    text = text[:at] + DUTY + text[at:]
    (folder / "project.toml").write_text(text, encoding="utf-8")
    return folder / "project.toml"


@pytest.fixture(scope="module")
def result(project):
    return eg.balance(project)


@pytest.fixture(scope="module")
def recalculated(result, program, tmp_path_factory):
    """Formulas, the values we cached, and the values LibreOffice gives without any of them."""
    folder = tmp_path_factory.mktemp("book")
    ours = result.workbook(folder / "ours.xlsx")
    formulas = openpyxl.load_workbook(ours)
    bare = folder / "bare.xlsx"
    formulas.save(bare)  # openpyxl keeps formulas and drops the cached values
    subprocess.run(
        [program("soffice"), f"-env:UserInstallation=file://{folder}/profile", "--headless",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "again"),
         str(bare)],
        capture_output=True, check=True, timeout=240,
    )  # fmt: skip
    again = openpyxl.load_workbook(folder / "again" / "bare.xlsx", data_only=True)
    return formulas, openpyxl.load_workbook(ours, data_only=True), again


def test_libreoffice_finds_the_values_we_cached(recalculated):
    formulas, ours, again = recalculated
    seen = 0
    for sheet in formulas.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type != "f":
                    continue
                seen += 1
                mine = ours[sheet.title][cell.coordinate].value
                theirs = again[sheet.title][cell.coordinate].value
                if isinstance(mine, str):
                    assert theirs == mine, (sheet.title, cell.coordinate)
                else:
                    assert theirs == pytest.approx(mine, rel=1e-12, abs=1e-6), (
                        sheet.title, cell.coordinate,
                    )  # fmt: skip
    assert seen > 500


def test_every_check_of_the_workbook_passes(recalculated):
    _, _, again = recalculated
    page = again["检查"]
    assert page["B6"].value == "全部通过"
    verdicts = [row[4].value for row in page.iter_rows(min_row=7) if row[0].value]
    assert len(verdicts) >= 40
    assert set(verdicts) == {"√"}


def test_every_table_closes_and_ties(result):
    for table in result.tables.values():
        table.check()
    check_ties(result.tables, result.ties)
    assert {"timber", "land", "quality", "value", "net_worth", "townships", "seea_timber",
            "seea_timber_value", "seea_land_cover", "seea_extent", "seea_carbon", "seea_asset",
            "owner_area", "owner_volume", "age"} <= set(result.tables)  # fmt: skip


def test_the_change_matrix_has_the_margins_of_the_land_account(result):
    """I02 and I03: rows are the opening, columns the closing; the edge is land of one survey."""
    matrix, land = result.matrix.set_index("from_class"), result.tables["land"]
    for column in land.columns:
        name = column.code.removeprefix("land.land_class.")
        if name in matrix.index and name != "total":
            assert matrix.loc[name, "total"] == (land.amount("A00", column.code) or 0)
            assert matrix.loc["total", name] == (land.amount("A90", column.code) or 0)
    apart = matrix.loc["", "total"] - matrix.loc["total", ""]  # new land less what is gone
    assert apart == land.amount("A91", "land.land_class.total")


def test_forest_land_ties_from_the_extents_to_the_land_account_and_seea(result):
    column = "extent.land_class.forest_land"
    extent = result.tables["extent"]
    assert extent.status.loc["E90", column] == "observed"
    assert sum("L03" in tie.en for tie in result.ties) == 4
    assert extent.amount("E00", column) > extent.amount("E20", column) > 0


def test_a_yearly_flow_enters_no_total(result):
    """I13: M08 stands beside; no sum of the value table has it."""
    for row in result.tables["value"].rows:
        assert "M08" not in {code for _, code in row.sums}


def test_an_owner_without_a_line_has_nought_of_it_and_not_missing(result):
    worth = result.tables["net_worth"]
    for column in worth.columns:
        if not column.sums:
            for line in ("M01", "M02", "M03", "M04", "M05", "M06"):
                assert worth.amount(line, column.code) is not None, (line, column.code)
    assert (worth.status.loc["M01":"M06"].eq("observed")).to_numpy().any()


def test_the_sheets_are_those_of_the_postings(result):
    postings = result.postings
    timber = result.tables["timber"]
    for line in ("T00", "T13", "T21", "T90"):
        posted = postings[postings["account"].eq("timber") & postings["line_code"].eq(line)]
        assert posted["amount"].sum() == timber.amount(line, "timber..total")


def test_townships_go_by_their_names(result):
    rows = {row.code: row.zh for row in result.tables["townships"].rows}
    assert rows["441899101"] == "演示镇"


def test_what_an_assessment_alone_needs_is_not_read_and_that_is_told(result):
    told = result.findings.loc[result.findings["code"].eq("E557"), "layer"]
    assert sorted(told) == ["documents", "land_history", "prices"]
    read = {entry["role"] for entry in result.record["inputs"]}
    assert {"stands", "parcels", "rights"} <= read
    assert not read & set(told)


def test_growth_of_the_demo_is_what_such_forest_grows(result):
    """Stocked forest of the south grows a few per cent a year, and is felled below that."""
    timber = result.tables["timber"]
    opening = timber.amount("T00", "timber..total")
    assert 0.01 < timber.amount("T13", "timber..total") / opening / 5 < 0.08
    assert 0.0 < timber.amount("T21", "timber..total") < timber.amount("T13", "timber..total")


def test_value_closes_by_volume_and_price(result):
    value = result.tables["value"]
    for line in ("M01", "M02", "M03", "M04", "M05", "M06", "M90"):
        parts = [value.amount(line, name) for name in ("opening", "volume", "price")]
        assert sum(parts) == value.amount(line, "closing"), line
    assert value.amount("M07", "closing") is None  # no reductions stated
    assert value.status.loc["M90", "closing"] == "incomplete"


def test_a_finding_the_policy_does_not_accept_refuses_the_balance(project, tmp_path):
    text = project.read_text(encoding="utf-8").replace(
        'refuse_at = "error"', 'refuse_at = "warning"'
    )
    strict = project.with_name("strict.toml")
    strict.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["balance", str(strict), "--out", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert not (tmp_path / "out").exists()


def test_written_tables_read_back(result, tmp_path):
    names = result.write(tmp_path / "out", lang="en")
    assert names[-1] == "run.json"
    back = pd.read_parquet(tmp_path / "out" / "net_worth.parquet")
    pd.testing.assert_frame_equal(back, result.tables["net_worth"].long())
    rows = pd.read_parquet(tmp_path / "out" / "stand_rows.parquet")
    assert len(rows) == len(result.rows) > 500


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_has_every_section_and_nothing_unfilled(result, lang):
    made = compose(result._content(), lang=lang, form="balance")
    assert [part.name for part in made.sections] == list(SECTIONS)
    blocks = list(made.blocks())
    texts = [block.text for block in blocks if isinstance(block, Paragraph)]
    assert texts
    assert not [text for text in texts if set(text) & set("{}[]")]
    tables = {block.name: block for block in blocks if isinstance(block, Printed)}
    assert set(tables) == {
        "balance_limits", "balance_policies", "balance_land", "balance_ages", "balance_quality",
        "balance_lines", "balance_owners", "balance_townships", "balance_value", "balance_seea",
        "balance_condition", "inputs",
    }  # fmt: skip
    closing = result.tables["timber"].amount("T90", "timber..total")
    rows = {row[0]: row for row in tables["balance_lines"].rows}
    assert rows["T90"][3] == f"{closing / 1000:,.0f}"
    assert rows["T22"][3] == "—"


def test_the_report_is_written_beside_the_tables(result, tmp_path):
    names = result.write(tmp_path / "out", lang="zh", reports=("docx", "html"))
    assert {"balance.docx", "balance.html", "balance.xlsx"} <= set(names)
    page = (tmp_path / "out" / "balance.html").read_text(encoding="utf-8")
    assert "森林资源资产负债表编制报告" in page
