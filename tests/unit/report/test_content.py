"""The report as a whole: its sections, its numbers, and what it says when there is nothing."""

import dataclasses

import pandas as pd
import pytest

from ecogis.core.errors import InputError, VocabularyError
from ecogis.core.vocabulary import term
from ecogis.report import Content, compose
from ecogis.report.model import Paragraph, Table
from ecogis.report.tables import printed
from ecogis.report.words import Words

AWKWARD = "演示林场 & <合作社> “青山”"


def _said(report):
    return [block.text for block in report.blocks() if isinstance(block, Paragraph)]


def _table(report, name):
    return next(b for b in report.blocks() if isinstance(b, Table) and b.name == name)


def test_seventeen_sections_in_order(composed):
    titles = [section.title for section in composed["zh"].sections]
    assert titles == [
        *("摘要", "委托与主体", "项目边界与权属", "适用方法学与资格", "基线情景", "额外性"),
        *("数据与参数", "碳储量与变化量", "泄漏与非持久性", "减排量预测", "不确定性"),
        *("监测与核查安排", "价格与市场", "估值", "质押可行性", "特别事项与限制", "附件"),
    ]
    assert [section.number for section in composed["zh"].sections][10:12] == ["十一、", "十二、"]
    assert [section.number for section in composed["en"].sections][:2] == ["1 ", "2 "]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_left_unfilled(composed, lang):
    for text in _said(composed[lang]):
        assert "{" not in text
        assert "[[" not in text
        assert "\ue000" not in text
        assert "—" not in text.replace("2026)", "").replace("8—2026", "").replace("——", "") or (
            "“—”" in text
        )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_reference_finds_its_table(composed, lang):
    none = composed[lang].words["none"]
    assert not any(none in text for text in _said(composed[lang]))


def test_tables_and_figures_are_numbered_in_reading_order(composed):
    for kind, prefix in (("Table", "表"), ("Figure", "图")):
        blocks = [b for b in composed["zh"].blocks() if type(b).__name__ == kind]
        numbers = list(dict.fromkeys(b.number for b in blocks))
        assert numbers == [f"{prefix}{n}" for n in range(1, len(numbers) + 1)]


def test_every_row_is_as_wide_as_its_head(composed):
    for block in composed["zh"].blocks():
        if isinstance(block, Table):
            assert block.rows
            assert {len(row) for row in block.rows} == {len(block.columns)}


def test_no_cell_is_empty(composed):
    """A dash, never nothing: but for totals of columns that have none and flags not set."""
    for block in composed["zh"].blocks():
        if isinstance(block, Table) and block.name not in {"loan_amounts", "loan_ends"}:
            rows = block.rows[:-1] if block.total else block.rows
            assert all(cell for row in rows for cell in row), block.name
            if any("—" in row for row in rows) and block.name != "headline":
                assert any("“—”" in note for note in block.notes)


def test_headline_figures_are_those_of_the_run(composed, content):
    rows = {row[0]: row[1] for row in _table(composed["zh"], "headline").rows}
    totals, valuation = content.summary["totals"], content.summary["valuation"]
    assert rows["可计入面积"] == "800.10 (12,001.50)"
    assert rows["计入期预计签发量"] == f"{totals['issued_t']:,}"
    assert rows["净现值"] == f"{valuation['npv_fen'] / 100:,.2f}"
    assert rows["质押率"] == "60.00%"


def test_the_summary_says_the_value_in_capitals(composed):
    assert any("玖拾捌万柒仟陆佰伍拾肆元叁角贰分" in text for text in _said(composed["zh"]))
    assert any("玖拾捌万柒仟陆佰伍拾肆元叁角贰分" in text for text in _said(composed["en"]))


def test_printed_parts_add_up_to_the_printed_total(composed):
    table = _table(composed["zh"], "vintages")
    for place, column in enumerate(table.columns):
        if column.numeric and place:
            cells = [float(row[place].replace(",", "")) for row in table.rows]
            assert sum(cells[:-1]) == pytest.approx(cells[-1], abs=1e-6)


def test_values_that_are_not_quoted_are_marked_and_counted(composed):
    rows = _table(composed["zh"], "parameters_used").rows
    assert [row[-1] for row in rows].count("记忆未核") == 4
    assert rows[0][:2] == ("木材基本密度：取值", "杉木 0.307; 阔叶混 0.307")
    assert "[1] 附录 B 表 B.1" in rows[0]
    assert any("[1] CCER-14-001-V01" in text for text in _said(composed["zh"]))
    assert any("4 个取值不是引用自原文" in text for text in _said(composed["zh"]))
    assert any(text.startswith("可信度分四级") for text in _said(composed["zh"]))


def test_meaning_source_and_place_are_in_the_language_of_the_report(composed):
    chinese, english = (_table(composed[lang], "parameters_used").rows for lang in ("zh", "en"))
    assert english[0][0] == "wood density: value"
    assert "[1] annex B, table B.1" in english[0]
    for lang, other in (("zh", "Afforestation"), ("en", "温室气体自愿减排项目方法学")):
        listed = next(t for t in _said(composed[lang]) if "[1] CCER-14-001-V01" in t)
        assert other not in listed
        sheet = next(sheet for sheet in composed[lang].sheets if sheet.name == "parameters")
        held = sheet.table.astype(str)
        twins = {"zh": "_en", "en": "_zh"}[lang]
        assert not [column for column in held.columns if column.endswith(twins)]
    assert len(chinese) == len(english)


def test_declared_conditions_are_listed_with_their_reason(composed, bare):
    for lang, value in (("zh", "符合"), ("en", "Yes")):
        row = _table(composed[lang], "declared").rows
        assert [(cells[0], *cells[2:]) for cells in row] == [("5.4", value, "委托人声明:已论证")]
    section = next(s for s in composed["zh"].sections if s.name == "methodology")
    assert any(getattr(block, "name", "") == "declared" for block in section.blocks)
    assert any("未经审定机构确认" in text for text in _said(composed["zh"]))


def test_nothing_declared_is_not_mentioned(content):
    methodology = {**content.summary["methodology"], "declared": []}
    report = compose(Content({**content.summary, "methodology": methodology}, content.tables))
    assert not any("声明判定" in text for text in _said(report))
    assert "declared" not in {getattr(block, "name", "") for block in report.blocks()}


def test_accepted_findings_stand_with_their_reason(composed):
    assert [row[0] for row in _table(composed["zh"], "findings_open").rows] == ["E350"]
    accepted = _table(composed["zh"], "findings_accepted").rows
    assert accepted[0][0] == "E221"
    assert accepted[0][-1] == "已与林业站核对外业记录,属实"


def test_long_tables_are_cut_and_say_so(composed):
    table = _table(composed["zh"], "due_diligence")
    assert len(table.rows) == 20
    assert any("全部 60 行" in note for note in table.notes)
    assert table.rows[0][2] == "动产融资统一登记查询；减排项目登记查询"


def test_balances_are_printed_by_group_of_classes(composed, content):
    table = _table(composed["zh"], "balance_area")
    heads = [column.title for column in table.columns]
    assert heads == [
        *("行次", "项目", "乔木林地", "竹林地", "特灌林地", "其他林地", "非林地", "合计")
    ]
    assert table.rows[0][:3] == ("T00", "期初存量", "15.00")
    source = content.tables["balance_area"].iloc[0]
    others = source[["young_plantation", "cutover", "barren"]].sum()
    assert table.rows[0][heads.index("其他林地")] == f"{others / 1e6:.2f}"
    assert any("“面积平衡表”" in note for note in table.notes)
    sheet = next(sheet for sheet in composed["zh"].sheets if sheet.name == "balance_area")
    assert set(content.tables["balance_area"].columns) - {"en"} == set(sheet.table.columns)


def test_wide_accounts_are_printed_in_parts(content):
    many = {f"class_{place}": [place + 1] for place in range(10)}
    table = pd.DataFrame({"line_code": ["T00"], "zh": ["期初"], "en": ["opening"], **many})
    parts = list(printed("balance_volume", table.assign(total=55), Words("zh")))
    assert [part.caption.endswith("（续）") for part in parts] == [False, True]
    assert [len(part.columns) for part in parts] == [10, 5]
    assert parts[1].columns[-1].title == "合计"


def test_analogy_is_said_where_it_matters(composed, bare):
    notices = [b.text for b in bare["zh"].blocks() if getattr(b, "style", "") == "notice"]
    assert sum("类比引用" in text for text in notices) == 3
    assert sum("不能在该机制下登记" in text for text in notices) == 2
    assert not any("类比引用" in text for text in _said(composed["zh"]))


def test_nothing_creditable_is_said_not_tabled(bare):
    for lang, sentence in (
        ("zh", "没有地块被判定为可计入"),
        ("en", "No piece was found creditable"),
    ):
        said = " ".join(_said(bare[lang]))
        assert said.count(sentence) >= 3
    names = {b.name for b in bare["zh"].blocks() if isinstance(b, Table)}
    assert names == {
        "headline",
        "parties",
        "condition_counts",
        "additionality",
        "declared",
        "verdict_counts",
        "inputs",
    }


def test_parties_and_seals_are_blank(composed):
    blanks = [value for _, value in composed["zh"].signatures]
    assert blanks == ["（待签）"] * 5
    assert dict(composed["zh"].cover)["报告编号"] == "（待签）"


def test_the_content_must_have_what_every_report_needs(content):
    summary = {key: value for key, value in content.summary.items() if key != "totals"}
    with pytest.raises(InputError, match="E562"):
        compose(Content(summary, content.tables))


def test_a_table_without_a_column_it_prints_is_refused(content):
    tables = {**content.tables, "vintages": content.tables["vintages"].drop(columns="buffer_kg")}
    with pytest.raises(VocabularyError, match="buffer_kg"):
        compose(dataclasses.replace(content, tables=tables))


def test_the_moment_of_writing_is_nowhere(composed):
    assert pd.Timestamp(composed["zh"].created) == pd.Timestamp("2026-11-22T08:00:00")


def test_english_twins_keep_the_heading_of_the_column(content):
    species = content.tables["stock_by_species"]
    tables = {"stock_by_species": species.assign(species_en="Cunninghamia lanceolata")}
    table = _table(compose(Content(content.summary, tables), lang="en"), "stock_by_species")
    assert table.columns[0].title == term("species").en.capitalize()
    assert table.rows[0][0] == "Cunninghamia lanceolata"
