"""The appraisal report and its explanation: items, conclusion, schedule, adjusted figures."""

import dataclasses
import io

import openpyxl
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.report import FORMS, Content, compose, xlsx_bytes
from ecogis.report.adjusting import ADJUSTABLE
from ecogis.report.model import Figure, Paragraph, Table

ITEMS = [
    *("委托人、产权持有人及其他使用人", "评估目的", "评估对象和范围", "价值类型", "评估基准日"),
    *("评估依据", "评估方法", "评估程序实施", "评估假设", "评估结论", "特别事项说明"),
    *("使用限制说明", "报告日", "签名盖章"),
]

MINE = ("carbon", "asset", "explanation")  # the forms of an assessment


def said(report):
    return [block.text for block in report.blocks() if isinstance(block, Paragraph)]


def section(report, name):
    return next(part for part in report.sections if part.name == name).blocks


def table(report, name):
    return next(b for b in report.blocks() if isinstance(b, Table) and b.name == name)


def adjusted(content, *entries):
    given = [
        {"figure": figure, "value": value, "because": "参照同类成交", "by": "签字评估师甲"}
        for figure, value in entries
    ]
    return dataclasses.replace(content, summary={**content.summary, "adjustments": given})


def test_fourteen_items_in_the_order_of_the_practice(appraisal, shared_tables):
    titles = [(part.number, part.title) for part in appraisal["zh"].sections]
    assert [title for _, title in titles[:14]] == ITEMS
    assert titles[0][0] == "一、"
    assert titles[13][0] == "十四、"
    assert titles[14:] == [("", "附件")]
    listed = pd.read_csv(shared_tables / "report_sections.csv")
    practice = listed[listed["report"].str.startswith("资产评估报告")]["title_zh"]
    assert practice.tolist() == ITEMS


@pytest.mark.parametrize("form", MINE)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nothing_is_left_unfilled_and_every_reference_leads_somewhere(
    content, pictures, form, lang
):
    report = compose(content, lang=lang, form=form, pictures=pictures[lang])
    shown = {block.name for block in report.blocks() if not isinstance(block, Paragraph)}
    for block in report.blocks():
        if isinstance(block, Paragraph):
            assert "{" not in block.text
            assert "[[" not in block.text
            assert report.words["none"] not in block.text
            assert "".join(text for text, _ in block.parts) == block.text
            assert {target for _, target in block.parts} <= {*shown, ""}


@pytest.mark.parametrize("form", MINE)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_run_without_value_is_reported_too(barren, form, lang):
    report = compose(barren, lang=lang, form=form)
    assert [part.name for part in report.sections] == list(FORMS[form].sections)
    assert all(part.blocks for part in report.sections)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_table_has_its_source(composed, appraisal, explanation, lang):
    for report in (composed[lang], appraisal[lang], explanation[lang]):
        for block in report.blocks():
            if isinstance(block, Table):
                assert block.foot.startswith({"zh": "来源：", "en": "Source: "}[lang]), block.name


def test_the_conclusion_is_the_value_in_figures_and_capitals(appraisal, content):
    text = "".join(
        block.text for block in section(appraisal["zh"], "conclusion") if hasattr(block, "text")
    )
    assert f"{content.summary['valuation']['npv_fen'] / 100:,.2f}" in text
    assert "壹佰陆拾万" in text
    names = [
        block.name for block in section(appraisal["zh"], "conclusion") if hasattr(block, "name")
    ]
    assert names == ["conclusion", "parcel_values", "map_value"]


def test_the_schedule_shares_the_value_out_by_parcel(appraisal):
    printed = table(appraisal["zh"], "parcel_values")
    assert len(printed.rows) == 4 + 1
    assert printed.rows[-1][-2] == "1,602,572.30"
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(appraisal["zh"])), data_only=True)
    assert "评估明细表" in book.sheetnames
    assert "数据问题" not in "".join(book.sheetnames)
    sheet = book["评估明细表"]
    assert sheet.max_row == 3 + 20 + 1
    heads = [cell.value.partition("\n")[0] for cell in sheet[3]]
    assert sheet.cell(24, heads.index("评估价值") + 1).value == pytest.approx(1_602_572.30)


def test_signature_seal_and_number_stay_blank(appraisal):
    signed = table(appraisal["zh"], "signed")
    assert {row[1] for row in signed.rows} == {"（待签）"}
    assert [row[0] for row in signed.rows][2:4] == ["林业专业人员（一）", "林业专业人员（二）"]
    assert signed.tall
    assert appraisal["zh"].signatures == ()
    assert dict(appraisal["zh"].cover)["报告编号"] == "（待签）"
    assert any(text == "报告日：（待签）" for text in said(appraisal["zh"]))


def test_an_adjusted_figure_stands_beside_the_computed_one(content):
    changed = adjusted(content, ("npv", 1_444_000), ("issued", 26_000))
    for form in ("carbon", "asset"):
        report = compose(changed, form=form)
        rows = {row[0]: row for row in table(report, "adjustments").rows}
        assert rows["净现值"][1:] == (
            *("1,602,572.30", "1,444,000.00", "元", "参照同类成交", "签字评估师甲"),
        )
        told = [text for text in said(report) if "1,444,000.00" in text]
        assert told
        for text in told:
            assert "1,444,000.00（经签字人员调整，计算值 1,602,572.30）" in text
        assert any("壹佰肆拾肆万肆仟元整" in text for text in told)
    computed = [row[-1] for row in table(compose(changed), "cash_flow").rows]
    assert computed[-1] == "1,602,572.30"


def test_without_adjustments_nothing_is_said_of_them(composed, appraisal):
    for report in (composed["zh"], appraisal["zh"]):
        assert "adjustments" not in {getattr(block, "name", "") for block in report.blocks()}
        assert not any("经签字人员调整，" in text for text in said(report))


def test_adjustments_that_make_no_sense_are_refused(content, barren):
    with pytest.raises(ConfigError, match=r"E458.*“colour”.*npv"):
        compose(adjusted(content, ("colour", 1)))
    with pytest.raises(ConfigError, match=r"E458.*“npv”"):
        compose(adjusted(content, ("npv", 1), ("npv", 2)))
    with pytest.raises(ConfigError, match=r"E459.*“npv”"):
        compose(adjusted(barren, ("npv", 1)))


@pytest.mark.parametrize("figure", ADJUSTABLE)
def test_every_figure_that_can_be_adjusted_is(content, figure):
    report = compose(adjusted(content, (figure, 12_345)), lang="en")
    (row,) = table(report, "adjustments").rows
    assert row[2].startswith("12,345")
    assert any("12,345" in text and "(as adjusted; computed: " in text for text in said(report))


def test_the_manifest_is_there_as_a_code_and_the_ledger_by_its_head(content):
    inputs = content.tables["inputs"]
    ledger = pd.DataFrame([{"role": "ledger", "file": "ledger.db", "rows": 2, "sha256": "c" * 64}])
    told = Content(content.summary, {**content.tables, "inputs": pd.concat([inputs, ledger])})
    for form in ("carbon", "asset"):
        report = compose(told, form=form)
        (seal,) = [b for b in report.blocks() if isinstance(b, Figure)]
        assert "3" * 64 in seal.alt
        assert seal.png[1:4] == b"PNG"
        assert any("c" * 64 in text for text in said(report))
    assert not any("质押台账的链首" in text for text in said(compose(content)))


def test_a_caller_may_bring_figures_of_its_own(content, pictures):
    own = dataclasses.replace(content, pictures={"map_age": pictures["zh"]["map_age"]})
    figures = [b.name for b in compose(own).blocks() if isinstance(b, Figure)]
    assert figures == ["map_age", "manifest_qr"]


def _valued(content, **more):
    """The content with other results of the valuation or totals."""
    summary = dict(content.summary)
    for key, value in more.items():
        group = "valuation" if key in summary["valuation"] else "totals"
        summary[group] = {**summary[group], key: value}
    return dataclasses.replace(content, summary=summary)


@pytest.mark.parametrize("form", ["carbon", "asset"])
def test_a_pledge_value_of_nought_is_not_land_that_fails(content, form):
    """Land is pledgeable and its value not above nought: nothing to lend, no condition failed."""
    text = "".join(said(compose(_valued(content, pledge_value_fen=0), form=form)))
    assert "质押价值为 0.00 元，没有可据以放款的价值" in text
    assert "没有地块同时符合全部质押条件" not in text


def test_without_value_the_cause_is_told(content):
    """Creditable land that nobody may pledge is not land that does not count."""
    gone = dict.fromkeys(("npv_fen", "pledge_value_fen", "reference_price"))
    left = _valued(content, **gone, pledgeable_ha=0.0)
    for form in ("carbon", "asset", "explanation"):
        text = "".join(said(compose(left, form=form)))
        assert "可计入的地块中没有一块符合全部质押条件" in text
        assert "没有地块被判定为可计入，也就没有" not in text
        assert "没有可用的价格观测" not in text
    held = "".join(said(compose(_valued(content, **gone))))
    assert "可质押的地块没有可供估值的预期签发量" in held
    assert "没有地块同时符合全部质押条件，本报告" not in held
    text = "".join(said(compose(_valued(content, **gone, creditable_ha=0.0))))
    assert "没有地块被判定为可计入，也就没有" in text


def test_parcels_share_a_value_below_nought(content):
    shares = content.tables["parcel_values"]
    below = shares.assign(value_fen=-shares["value_fen"])
    told = Content(content.summary, {**content.tables, "parcel_values": below})
    printed = table(compose(told, form="asset"), "parcel_values")
    assert len(printed.rows) == 4 + 1
    assert printed.rows[-1][-2] == "-1,602,572.30"


def test_an_adjusted_figure_leaves_no_sentence_untrue(content):
    for form in ("carbon", "asset"):
        report = compose(adjusted(content, ("npv", 1_000)), form=form)
        text = "".join(said(report))
        assert "且不高于收益法净现值、不低于零，为" not in text
        assert "且不高于市场价值、不低于零" not in text
        assert "经调整后，质押价值高于净现值" in text
        assert "经调整后，本金高于" not in text
    over = compose(adjusted(content, ("principal", 9_000_000)))
    assert any(text.startswith("经调整后，本金高于") for text in said(over))
    lent = adjusted(_valued(content, pledge_value_fen=0), ("pledge_value", 50_000))
    pledge = "".join(b.text for b in section(compose(lent), "pledge") if isinstance(b, Paragraph))
    assert "50,000.00（经签字人员调整，计算值 0.00）" in pledge


def test_the_explanation_says_what_was_adjusted_and_why(content):
    report = compose(adjusted(content, ("npv", 1_444_000)), form="explanation")
    assert table(report, "adjustments").rows[0][4] == "参照同类成交"


@pytest.mark.parametrize("form", ["carbon", "asset"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_without_rights_no_table_of_them_is_named(content, pictures, form, lang):
    for gone in (("rights", "encumbrances"), ("encumbrances",), ("project_forecast",)):
        drawn = (
            dict(pictures[lang])
            if "rights" not in gone
            else {name: png for name, png in pictures[lang].items() if name != "map_rights"}
        )
        kept = {name: rows for name, rows in content.tables.items() if name not in gone}
        report = compose(Content(content.summary, kept), lang=lang, form=form, pictures=drawn)
        assert not [text for text in said(report) if report.words["none"] in text]


def test_species_have_english_names_in_the_english_table_of_parameters(content):
    by_species = content.tables["stock_by_species"].assign(species_en="Fir")
    told = Content(content.summary, {**content.tables, "stock_by_species": by_species})
    rows = table(compose(told, lang="en"), "parameters_used").rows
    assert any("Fir 0.307" in text for row in rows for text in row)
    assert not any("杉木 0.307" in text for row in rows for text in row)
