"""How answers of ``ecogis finance`` go out: a table on the terminal, JSON or CSV, then findings."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import click
import pandas as pd

from ecogis import io
from ecogis.cli.columns import lined_up
from ecogis.cli.finance_words import Session
from ecogis.core.findings import Findings
from ecogis.core.periods import day as to_day
from ecogis.pipeline.finance_privacy import RULES

__all__ = ["answer", "day_of"]

_MOST: Final = 60
_HEADS: Final[Mapping[str, tuple[str, str]]] = {
    "product": ("产品", "product"), "lender": ("机构", "lender"),
    "borrower": ("借款人", "borrower"),
    "rank": ("排名", "rank"), "verdict": ("结论", "verdict"),
    "verdict_zh": ("结论", "verdict"), "amount_fen": ("金额(元)", "CNY"),
    "rate": ("利率", "rate"), "tenor_yr": ("期限(年)", "years"), "number": ("编号", "no."),
    "household": ("农户", "household"), "name": ("姓名", "name"),
    "line_fen": ("额度(元)", "line CNY"),
    "net_fen": ("净资产(元)", "net CNY"), "income_fen": ("年收入(元)", "income CNY"),
    "rule": ("规则", "rule"), "party": ("主体", "party"),
    "balance_fen": ("余额(元)", "balance CNY"),
    "liability_fen": ("责任余额(元)", "liability CNY"), "limit_fen": ("限额(元)", "limit CNY"),
    "room_fen": ("可用(元)", "room CNY"), "passed": ("通过", "passed"), "at": ("时点", "at"),
    "groups": ("片数", "groups"), "holders": ("户数", "holders"), "parcels": ("宗地", "parcels"),
    "largest_dm2": ("最大片(0.01 m²)", "largest dm2"), "mean_dm2": ("平均(0.01 m²)", "mean dm2"),
    "compactness": ("紧凑度", "compactness"), "gain_dm2": ("新增面积(0.01 m²)", "gain dm2"),
    "cost_fen": ("费用(元)", "cost CNY"), "method": ("方法", "method"),
    "looked_at": ("考虑户数", "looked at"), "all_holders": ("全部户数", "all holders"),
    "most_gain_dm2": ("新增上界(0.01 m²)", "gain at most dm2"),
    "case": ("案件", "case"), "state": ("状态", "state"),
    "since": ("自", "since"), "retail_bp": ("零售利率(bp)", "retail bp"),
    "room_bp": ("余地(bp)", "room bp"), "cap_bp": ("上限(bp)", "cap bp"),
    "indicator": ("指标", "indicator"), "measure_zh": ("单位", "unit"),
    "bound_zh": ("要求", "bound"), "target": ("目标", "target"),
    "actual": ("实际", "actual"), "gap": ("差距", "gap"), "request": ("诉求", "request"),
    "first_due": ("首次期限", "first due"), "times_assigned": ("分派次数", "times assigned"),
    "late_days": ("最长超期(天)", "most days late"), "days_open": ("已历天数", "days open"),
    "level": ("层级", "level"), "due": ("期限", "due"), "days_over": ("超期天数", "days over"),
    "tx_id": ("业务", "tx"), "name_zh": ("名称", "name"), "reason_zh": ("理由", "reason"),
    "state_zh": ("状态", "state"), "trend_zh": ("趋势", "trend"), "zh": ("理由", "reason"),
    "amount": ("数量", "amount"), "account": ("账户", "account"), "item": ("项目", "item"),
    "parcel": ("宗地", "parcel"), "mode": ("方式", "mode"), "day": ("日期", "day"),
    "cap_fen": ("上限(元)", "cap CNY"), "basis_fen": ("资产价值(元)", "assets CNY"),
    "partners": ("合作方", "partners"), "age_days": ("数据天数", "age d"),
    "cover": ("覆盖倍数", "cover"), "observed": ("报道所见", "seen"),
    "forestry": ("林业", "forestry"), "family": ("类别", "family"),
    "kind": ("类别", "kind"), "loan": ("担保笔", "loan"), "share": ("比例", "share"),
    "value": ("实际", "value"), "limit": ("限值", "limit"), "bound": ("要求", "bound"),
    "part_fen": ("该类(元)", "part CNY"), "whole_fen": ("总额(元)", "whole CNY"),
    "loss_fen": ("损失(元)", "loss CNY"), "beyond_fen": ("超上限(元)", "beyond CNY"),
    "bank_fen": ("银行(元)", "bank CNY"), "guarantor_fen": ("担保机构(元)", "guarantor CNY"),
    "province_fen": ("省级(元)", "province CNY"), "national_fen": ("国家(元)", "nation CNY"),
    "cap_kind": ("上限", "cap"), "confidence": ("可信度", "mark"),
    "list": ("清单", "list"), "service": ("服务", "service"), "from": ("起", "from"),
    "seq": ("末条", "last entry"), "hash": ("哈希", "hash"),
    "kept": ("另存条目", "kept entry"), "later": ("其后条数", "entries since"),
    "later_day": ("期限后观测日", "seen after due"),
    "wholesale_bp": ("资金成本(bp)", "wholesale bp"), "cost_bp": ("运营成本(bp)", "cost bp"),
    "loss_bp": ("预期损失(bp)", "loss bp"), "margin_bp": ("利差(bp)", "margin bp"),
    "retail_rate": ("零售利率", "retail rate"), "offer": ("报价", "offer"),
}  # fmt: skip


def day_of(session: Session) -> date:
    """The day asked for; today where none is."""
    return to_day(session.day) if session.day else date.today()  # noqa: DTZ011 - the office's day


def answer(
    session: Session,
    findings: Findings,
    tables: Mapping[str, pd.DataFrame],
    *,
    shown: Sequence[str] = (),
    note: str = "",
    heads: Mapping[str, tuple[str, str]] | None = None,
) -> None:
    """Print the first table (all of them as JSON), then what is wrong; exit 1 with an error open.

    Parameters
    ----------
    session : Session
        How it goes out.
    findings : Findings
        What is wrong.
    tables : mapping of str to DataFrame
        The main table first.
    shown : sequence of str
        Its columns on the terminal, all where empty; ``…_zh`` turns with the language.
    note : str
        A line behind the table.
    heads : mapping of str to (str, str), optional
        Headings, Chinese and English, that differ from the usual ones.
    """
    main = next(iter(tables.values()))
    if session.out is not None:
        io.write_csv(session.out, main)
    told = findings.table()
    if session.as_json:
        record: dict[str, Any] = {name: _records(table) for name, table in tables.items()}
        click.echo(json.dumps(record | {"findings": _records(told)}, ensure_ascii=False, indent=1))
    else:
        _print(main, session.lang, shown, _HEADS if heads is None else {**_HEADS, **heads})
        if note:
            click.echo(note)
        for row in told.to_dict("records"):
            text, remedy = row[f"message_{session.lang}"], row[f"remedy_{session.lang}"]
            click.echo(f"{row['severity']:<7} {row['code']} {text} {remedy}", err=True)
    if len(findings.open("error")):
        sys.exit(1)


def _records(table: pd.DataFrame) -> Any:
    return json.loads(table.to_json(orient="records", force_ascii=False, date_format="iso"))


def _print(
    table: pd.DataFrame, lang: str, shown: Sequence[str], titles: Mapping[str, tuple[str, str]]
) -> None:
    names = [name for name in (shown or table.columns) if name in table]
    zh = lang == "zh"
    heads = [titles.get(name, (name, name))[0 if zh else 1] for name in names]
    columns = [name if zh or name not in _TWINS else _TWINS[name] for name in names]
    rows = [
        [_cell(name, value, zh=zh) for name, value in zip(columns, row, strict=True)]
        for row in table[columns].head(_MOST).itertuples(index=False)
    ]
    for line in lined_up([heads, *rows]):
        click.echo(line)
    if len(table) > _MOST:
        more = f"此处列出前 {_MOST} 行,共 {len(table)} 行;全部用 --out 写出"
        click.echo(more if zh else f"the first {_MOST} of {len(table)} rows; --out writes all")


_TWINS: Final = {
    "measure_zh": "measure",
    "bound_zh": "bound_en",
    "name_zh": "name_en",
    "verdict_zh": "verdict_en",
    "reason_zh": "reason_en",
    "state_zh": "state_en",
    "trend_zh": "trend_en",
    "zh": "en",
}


_VERDICTS: Final = {
    "offered": "可办理",
    "open": "资料不足",
    "refused": "不符合",
    "granted": "授信",
    "standard": "标准",
    "higher": "较高",
    "quoted": "引用",
    "inferred": "推算",
    "recalled": "记忆",
    "assumed": "假定",
    "loss_reserve": "担保赔偿准备金",
    "unearned_fee_reserve": "未到期责任准备金",
    "capital_shortfall": "资本缺口",
    "reguarantee_fee": "再担保费(年)",
    "index_payout": "指数保险赔付",
    "cost_payout": "成本保险赔付",
    "at_least": "不低于",
    "at_most": "不高于",
    "reversal": "冲回",
    "income": "分红",
    "settlement": "清偿",
    "True": "是",
    "False": "否",
}
_RULES: Final = {rule: zh for rule, (zh, _) in RULES.items()} | {
    "focus_share": "支小支农占比",
    "focus_small_share": "其中单户小额占比",
    "focus_ceiling": "单户最高余额(元)",
    "policy_fee_limit": "平均担保费率",
    "class_1_share": "Ⅰ级资产占比",
    "class_1_2_share": "Ⅰ级和Ⅱ级资产占比",
    "class_3_share": "Ⅲ级资产占比",
}


def _cell(name: str, value: Any, *, zh: bool) -> str:
    if value is None or pd.isna(value):
        return "—"
    if name.endswith("_fen"):
        return f"{value / 100:,.2f}"
    text = f"{round(value, 6):,.15g}" if isinstance(value, float) else str(value)
    words = _RULES if name == "rule" else _VERDICTS
    return words.get(text, text) if zh else text
