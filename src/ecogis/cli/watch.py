"""What ``ecogis watch`` does: judge a book of loans, print what is to be done, leave."""

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
import pandas as pd

from ecogis import io, pipeline
from ecogis.cli.columns import lined_up
from ecogis.core.periods import day as to_day

__all__ = ["watch"]

_MOST: Final = 50
_HEADS: Final = {
    "zh": ("贷款", "触发事项", "观测值", "限度", "应采取的措施", "应还款(元)", "或补充质押(元)"),
    "en": ("loan", "trigger", "seen", "limit", "to do", "repay (CNY)", "or pledge more (CNY)"),
}
_DAYS: Final = "verification"


def watch(
    *,
    book: Path,
    policy: Path,
    day: str,
    profile: str,
    sheet: str | None,
    out: Path | None,
    lang: str | None,
    as_json: bool,
) -> None:
    """Judge the book; exit 1 where rows of it cannot be judged."""
    on, lang = to_day(day), lang or "zh"
    found = pipeline.watch(book, policy, on, profile=profile, sheet=sheet)
    if out is not None:
        io.write_csv(out, found.table)
    told = found.findings.table()
    if as_json:
        record = {
            "date": on.isoformat(),
            "loans": found.loans,
            "triggers": _records(found.table),
            "findings": _records(told),
        }
        click.echo(json.dumps(record, ensure_ascii=False, indent=1))
    else:
        for line in _lines(found.table, found.loans, lang):
            click.echo(line)
        for row in told.itertuples():
            text, remedy = getattr(row, f"message_{lang}"), getattr(row, f"remedy_{lang}")
            click.echo(f"{row.severity:<7} {row.code} {text} {remedy}", err=True)
    if len(found.findings.open("error")):
        sys.exit(1)


def _records(table: pd.DataFrame) -> Any:
    return json.loads(table.to_json(orient="records", force_ascii=False))


def _lines(table: pd.DataFrame, loans: int, lang: str) -> Iterator[str]:
    """The first rows lined up, then how many there are."""
    rows = [_HEADS[lang], *(_cells(row, lang) for _, row in table.head(_MOST).iterrows())]
    if len(table):
        yield from lined_up(rows)
    pulled, open_ = int(table["known"].sum()), int((~table["known"].astype(bool)).sum())
    named = table["loan"].nunique()
    if lang == "zh":
        more = f";此处列出前 {_MOST} 行,全部用 --out 写出" if len(table) > _MOST else ""
        yield f"贷款 {loans} 笔,须处理 {named} 笔:触发 {pulled} 项,资料不足 {open_} 项{more}"
    else:
        more = f"; the first {_MOST} rows are shown, --out writes all" if len(table) > _MOST else ""
        yield f"loans {loans}, to look at {named}: triggers {pulled}, not known {open_}{more}"


def _cells(row: pd.Series, lang: str) -> tuple[str, ...]:
    amounts = (f"{row[name] / 100:,.2f}" for name in ("repay_fen", "pledge_more_fen"))
    blank = row["trigger"] != "cover" or not row["known"]
    return (
        str(row["loan"]),
        str(row[lang]),
        _seen(row["observed"], row["trigger"]),
        _seen(row["limit"], row["trigger"]),
        str(row[f"action_{lang}"]),
        *("" if blank else text for text in amounts),
    )


def _seen(value: float, trigger: str) -> str:
    """A share to four decimals, days whole; a dash where it is not known."""
    known = f"{value:.0f}" if trigger == _DAYS else f"{value:.4f}"
    return "—" if math.isnan(value) else known
