"""The workbook of a batch: sums by place with live formulas, accounts added up, what is missing."""

import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

__all__ = ["batch_book"]

_CREATED: Final = datetime(1980, 1, 1)  # noqa: DTZ001 - the same bytes at any time; a zip's first day
_HEAD: Final = {"bold": True, "bg_color": "#EEF2EE", "bottom": 1, "text_wrap": True,
                "valign": "vcenter", "align": "center"}  # fmt: skip
_LEVELS: Final = {
    "batch": ("全部", "all"),
    "province": ("省", "province"),
    "county": ("县", "county"),
    "area": ("区域", "area"),
}
_HEADLINES: Final = {  # column and unit of a total: heading, unit as printed, and its factor
    ("stands", "1"): ("小班", "stands", "", 1),
    ("parcels", "1"): ("宗地", "parcels", "", 1),
    ("pieces", "1"): ("地块", "pieces", "", 1),
    ("area", "dm2"): ("面积", "area", "ha", 1_000_000),
    ("forest", "dm2"): ("森林面积", "forest", "ha", 1_000_000),
    ("forest_opening", "dm2"): ("期初森林面积", "forest at the opening", "ha", 1_000_000),
    ("forest_closing", "dm2"): ("期末森林面积", "forest at the closing", "ha", 1_000_000),
    ("timber_opening", "dm3"): ("期初蓄积", "volume at the opening", "m3", 1_000),
    ("timber_closing", "dm3"): ("期末蓄积", "volume at the closing", "m3", 1_000),
    ("carbon_opening", "kg"): ("期初碳储量", "carbon at the opening", "t CO2e", 1_000),
    ("carbon_closing", "kg"): ("期末碳储量", "carbon at the closing", "t CO2e", 1_000),
    ("standing_volume", "dm3"): ("蓄积", "standing volume", "m3", 1_000),
    ("stock_co2e_kg_valuation", "1"): ("碳储量", "carbon stock", "t CO2e", 1_000),
    ("creditable", "dm2"): ("可计入面积", "creditable", "ha", 1_000_000),
    ("credit", "kg"): ("减排量", "reductions", "t CO2e", 1_000),
    ("issued", "t"): ("签发量", "issued", "t CO2e", 1),
    ("pledge_issued", "t"): ("可质押签发量", "issued, pledgeable", "t CO2e", 1),
}
_STATUS: Final = {"area": ("区域", "area"), "name": ("名称", "name"), "county": ("县", "county"),
                  "province": ("省", "province"), "task": ("任务", "task"),
                  "done": ("完成", "done")}  # fmt: skip
_FIGURES: Final = {"level": ("级别", "level"), "place": ("地方", "place"), "task": ("任务", "task"),
                   "table": ("表", "table"), "line": ("行", "line"), "column": ("列", "column"),
                   "unit": ("单位", "unit"), "amount": ("数量", "amount"),
                   "areas": ("区域数", "areas"), "missing": ("缺", "missing"),
                   "state": ("状态", "state")}  # fmt: skip
_FINDINGS: Final = {"code": ("编号", "code"), "severity": ("级别", "severity"),
                    "feature": ("对象", "feature"), "message_zh": ("问题", "finding (zh)"),
                    "message_en": ("问题(英)", "finding"), "remedy_zh": ("处理", "to do (zh)"),
                    "remedy_en": ("处理(英)", "to do")}  # fmt: skip
_ACCOUNTS: Final = {"land": ("土地", "land"), "forest": ("森林", "forest"),
                    "timber": ("林木蓄积", "timber"), "carbon": ("碳", "carbon"),
                    "quality": ("质量等级", "quality"), "age": ("龄组", "age groups"),
                    "extent": ("其他土地", "other land"), "water": ("水", "water")}  # fmt: skip
_UNITS: Final = {"timber": ("m3", 1_000), "carbon": ("t CO2e", 1_000), "water": ("m3", 1)}
_HECTARES: Final = ("ha", 1_000_000)
_FIRST: Final = 2  # first data row


def batch_book(
    members: pd.DataFrame,
    sums: pd.DataFrame,
    balances: dict[str, pd.DataFrame],
    findings: pd.DataFrame,
    *,
    lang: str,
) -> bytes:
    """The sums of a batch as an .xlsx file.

    Sums of counties, of provinces and of the whole are formulas over the rows of areas that carry
    the value they must give.

    Parameters
    ----------
    members : DataFrame, one row per area and task
        ``area name county province task folder``; `folder` is empty where the step is not done.
    sums : DataFrame
        ``level place task table line column unit amount areas missing state``; an amount is
        missing where none of a place's areas is done.
    balances : dict of str to DataFrame
        Wide table of each account of the whole batch.
    findings : DataFrame
        Findings of the roll-up.
    lang : {"zh", "en"}
        Language of headings.

    Returns
    -------
    bytes
        The same tables give the same bytes.
    """
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(stream, options)
    book.set_properties({"author": "ecogis", "created": _CREATED})
    at = 0 if lang == "zh" else 1
    book.head = book.add_format(_HEAD)
    for task in members["task"].drop_duplicates().tolist():
        title = f"{('汇总', 'sums')[at]} {task}"
        _headlines(book, title, members[members["task"].eq(task)], sums, at)
    done = members.assign(done=members["folder"].ne("").map({True: "√", False: "×"}))
    _listed(book, ("状态", "status")[at], done, _STATUS, at)
    for account, table in balances.items():
        _balance(book, account, table, at)
    _listed(book, ("明细", "figures")[at], sums[sums["level"].ne("area")], _FIGURES, at)
    _listed(book, ("问题", "findings")[at], findings, _FINDINGS, at)
    book.close()
    return stream.getvalue()


def _headlines(book: Any, title: str, members: pd.DataFrame, sums: pd.DataFrame, at: int) -> None:
    """Areas with their totals, and above them what they add up to, by formula."""
    task = members["task"].iloc[0]
    sums = sums[sums["task"].eq(task)]
    totals = sums[sums["table"].eq("totals")]
    wanted = [key for key in _HEADLINES if (totals["column"] + "|" + totals["unit"])
              .eq("|".join(key)).any()]  # fmt: skip
    page = _page(book, title)
    heads = [("级别", "level")[at], ("地方", "place")[at], *_parents(at)]
    heads += [_heading(_HEADLINES[key], at) for key in wanted] + [("缺", "missing")[at]]
    page.write_row(_FIRST - 1, 0, heads, book.head)
    upper = sums.loc[sums["level"].ne("area"), ["level", "place"]].drop_duplicates()
    first = _FIRST + len(upper)
    span = first + 1, first + max(len(members), 1)
    for row, (level, place) in enumerate(upper.itertuples(index=False), start=_FIRST):
        page.write_row(row, 0, [_LEVELS[level][at], place])
        _row(page, row, _of(sums, level, place), wanted, (level, span))
    for row, member in enumerate(members.to_dict("records"), start=first):
        words = [_LEVELS["area"][at], f"{member['area']} {member['name']}"]
        page.write_row(row, 0, [*words, member["county"], member["province"]])
        _row(page, row, _of(sums, "area", member["area"]), wanted, None)
        if not member["folder"]:
            page.write_string(row, 4 + len(wanted), member["area"])
    page.set_column(0, 0, 8)
    page.set_column(1, 3 + len(wanted), 16)


def _parents(at: int) -> list[str]:
    return [_LEVELS["county"][at], _LEVELS["province"][at]]


def _heading(headline: tuple[str, str, str, int], at: int) -> str:
    name, unit = headline[:2][at], headline[2]
    return f"{name} ({unit})" if unit else name


def _of(sums: pd.DataFrame, level: str, place: str) -> pd.DataFrame:
    return sums[sums["level"].eq(level) & sums["place"].eq(place)]


def _row(
    page: Any,
    row: int,
    found: pd.DataFrame,
    wanted: list[tuple[str, str]],
    over: tuple[str, tuple[int, int]] | None,
) -> None:
    """Totals of one place; sums over the rows of areas where `over` names their level.

    An amount that is missing stays empty: the sum of no areas is not nought.
    """
    totals = found[found["table"].eq("totals") & found["amount"].notna()]
    for column, (name, unit) in enumerate(wanted, start=4):
        cell = totals.loc[totals["column"].eq(name) & totals["unit"].eq(unit), "amount"]
        if cell.empty:
            continue
        value = int(cell.iloc[0]) / _HEADLINES[name, unit][3]
        if over is None:
            page.write_number(row, column, value)
        else:
            page.write_formula(row, column, _sum(over, row, column), None, value)
    if over is not None and len(found):
        page.write_string(row, 4 + len(wanted), str(found["missing"].iloc[0]))


def _sum(over: tuple[str, tuple[int, int]], row: int, column: int) -> str:
    level, (first, last) = over
    letter = xl_col_to_name(column)
    cells = f"{letter}{first}:{letter}{last}"
    if level == "batch":
        return f"=SUM({cells})"
    of = "C" if level == "county" else "D"
    return f"=SUMIF({of}{first}:{of}{last},B{row + 1},{cells})"


def _balance(book: Any, account: str, table: pd.DataFrame, at: int) -> None:
    """An account of the whole batch in hectares, m3 or t CO2e; an amount not known is empty."""
    unit, factor = _UNITS.get(account, _HECTARES)
    page = _page(book, f"{_ACCOUNTS.get(account, (account, account))[at]} ({unit})")
    text = ["line_code", ("zh", "en")[at]]
    amounts = [name for name in table if str(table[name].dtype) in {"int64", "Int64"}]
    page.write_row(_FIRST - 1, 0, ["", "", *map(str, amounts)], book.head)
    for row, cells in enumerate(table.to_dict("records"), start=_FIRST):
        page.write_row(row, 0, [str(cells[name]) for name in text])
        for column, name in enumerate(amounts, start=2):
            if not pd.isna(cells[name]):
                page.write_number(row, column, int(cells[name]) / factor)
    page.set_column(1, 1, 32)
    page.set_column(2, 1 + len(amounts), 14)


def _listed(
    book: Any, title: str, table: pd.DataFrame, heads: dict[str, tuple[str, str]], at: int
) -> None:
    page = _page(book, title)
    page.write_row(_FIRST - 1, 0, [head[at] for head in heads.values()], book.head)
    for row, cells in enumerate(table[list(heads)].itertuples(index=False), start=_FIRST):
        for column, value in enumerate(_plain(cells)):
            page.write(row, column, value)
    page.set_column(0, len(heads) - 1, 16)
    page.autofilter(_FIRST - 1, 0, _FIRST + max(len(table), 1) - 1, len(heads) - 1)


def _plain(cells: Iterable[Any]) -> list[Any]:
    return ["" if pd.isna(cell) else cell for cell in cells]


def _page(book: Any, title: str) -> Any:
    page = book.add_worksheet(title)
    page.write_string(0, 0, title)
    page.freeze_panes(_FIRST, 2)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(_FIRST - 1)
    return page
