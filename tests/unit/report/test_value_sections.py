"""Valuation and pledge as an appraiser puts them: method, build-up, checks, limits, conclusion."""

from dataclasses import replace

import pandas as pd
import pytest

from ecogis.report import compose
from ecogis.report.model import Paragraph, Table


def section(report, name):
    return next(part for part in report.sections if part.name == name).blocks


def headings(report, name):
    return [
        block.text
        for block in section(report, name)
        if isinstance(block, Paragraph) and block.style == "heading"
    ]


def tables(report, name):
    return [block.name for block in section(report, name) if isinstance(block, Table)]


def printed(report, name):
    return next(b for b in report.blocks() if isinstance(b, Table) and b.name == name)


def test_the_valuation_goes_from_method_to_conclusion(composed):
    assert headings(composed["zh"], "valuation") == [
        "（一）评估方法及选择理由",
        "（二）折现率",
        "（三）预期收益与现值",
        "（四）价值的波动",
        "（五）敏感性与压力测试",
        "（六）交叉验证",
        "（七）估值结论",
    ]
    assert headings(composed["en"], "valuation")[-1] == "14.7 Conclusion of the valuation"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_conclusion_is_in_figures_and_capitals(composed, lang, content):
    last = section(composed[lang], "valuation")[-1].text
    fen = content.summary["valuation"]["npv_fen"]
    assert f"{fen / 100:,.2f}" in last
    assert "元" in last
    assert "壹佰陆拾万" in last


def test_cross_checks_come_with_their_differences(composed):
    table = printed(composed["en"], "cross_checks")
    assert [row[0] for row in table.rows] == [
        "income approach",
        "market approach",
        "standing trees",
    ]
    assert table.rows[1][2] == "-102,572.30"
    assert table.rows[2][2:4] == ("—", "—")
    assert "4 transactions, mean 57.84 CNY/t" in table.rows[1]


def test_what_was_not_asked_for_is_not_mentioned(content):
    kept = {
        name: table
        for name, table in content.tables.items()
        if name not in {"cross_checks", "forest_assets", "sensitivity", "stresses"}
    }
    report = compose(replace(content, tables=kept), lang="zh")
    said = headings(report, "valuation")
    assert "（五）估值结论" in said
    assert not any("交叉验证" in text or "压力测试" in text for text in said)


def test_the_pledge_names_what_binds_after_the_limits(composed):
    blocks = section(composed["zh"], "pledge")
    at = {block.name: place for place, block in enumerate(blocks) if isinstance(block, Table)}
    end = next(
        place
        for place, block in enumerate(blocks)
        if isinstance(block, Paragraph) and "期限起约束作用的是：申请期限" in block.text
    )
    assert at["loan_amounts"] < at["loan_ends"] < end
    assert "质押价值 × 质押率" in blocks[end].text


def test_the_cap_by_income_is_explained_where_it_is_asked_for(content):
    def said(summary):
        report = compose(replace(content, summary=summary), lang="en")
        return any(
            isinstance(block, Paragraph) and block.text.startswith("The cap by income")
            for block in section(report, "pledge")
        )

    assert said(content.summary)
    value = {k: v for k, v in content.summary["valuation"].items() if k != "least_cover"}
    assert not said({**content.summary, "valuation": value})


def test_trees_without_a_value_keep_their_area(content):
    trees = content.tables["forest_assets"].assign(value_fen=pd.array([None, 1], dtype="Int64"))
    report = compose(replace(content, tables={**content.tables, "forest_assets": trees}), lang="zh")
    table = printed(report, "forest_assets")
    assert table.rows[0][3] == "10.50"
    assert table.rows[0][-1] == "—"
    assert table.rows[-1][3] == "30.75"
