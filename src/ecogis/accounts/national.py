"""National sheets as a bureau files them: timber, land, grades, ages, owners, places, water."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import pandas as pd

from ecogis.accounts.layout import Column, Row, Table, column_table, sums_of
from ecogis.accounts.lines import BY_EVENTS, Line, lines
from ecogis.accounts.values import REVALUED
from ecogis.accounts.water_grades import grade_cells, grade_rows
from ecogis.core.vocabulary import codes

__all__ = ["account_table", "line_rows", "national_tables", "place_table"]

TOTAL: Final = ("合计", "total")
_OWNER_LINES: Final = ("A51", "A52", "A53", "A54", "T16", "T28")
_UNITS: Final = {"forest": "dm2", "timber": "dm3", "carbon": "kg", "land": "dm2"}
_WORDS: Final = {
    "forest": ("森林面积", "forest area"),
    "timber": ("蓄积", "volume"),
    "carbon": ("碳储量", "carbon"),
}
_DIMENSIONS: Final = {
    "origin": ("起源", "origin"),
    "forest_category": ("森林类别", "forest category"),
    "age_group": ("龄组", "age group"),
}
_TITLES: Final = {
    "timber": ("林木资源存量及变动表", "Timber resources: stock and change"),
    "timber_by_kind": ("林木资源存量及变动表(蓄积分项)", "Timber resources: volume by kind"),
    "land": ("土地资源存量及变动表", "Land: stock and change"),
    "quality": ("森林资源质量等级及变动表", "Forest by quality grade: stock and change"),
    "age": ("森林龄组面积及变动表", "Forest area by age group: stock and change"),
    "extent": ("其他地类存量及变动表", "Other land: stock and change"),
    "water": ("水资源存量及变动表", "Water: stock and change"),
    "owner_area": ("森林面积权属分栏表", "Forest area by owner"),
    "owner_volume": ("林木蓄积权属分栏表", "Timber volume by owner"),
    "townships": ("乡镇分列表", "Townships"),
    "farms": ("林场分列表", "Forest farms"),
}
_NOTES: Final = {
    "timber": (
        "短横表示该项与其他项未能分开:{zh}。",
        "A dash: not told apart from another line: {en}.",
    ),
    "owner_area": (
        "权属变动只在本表列示,各栏相抵为零。未记录:登记资料未载明,不推定。",
        "Changes of owner stand here only and cancel over the columns. Nothing is guessed.",
    ),
    "farms": (
        "不属于任何林场的林地合计为一行。",
        "What belongs to no forest farm is one row.",
    ),
}
_PLACES: Final = {"townships": "township", "farms": "farm"}
_NOWHERE: Final = {
    "townships": ("未记录", "not on record"),
    "farms": ("不属林场", "of no forest farm"),
}


def line_rows(sheet: str, *, owners: bool = False) -> tuple[Row, ...]:
    """Rows of a sheet: subtotals and closing as sums of the lines above them.

    Parameters
    ----------
    sheet : str
        As in `lines`.
    owners : bool
        Whether the sheet shows owners, and with them what changed hands.

    Examples
    --------
    >>> {row.code: row.sums for row in line_rows("water")}["W90"][:2]
    ((1, 'W00'), (1, 'W11'))
    """
    kept = [entry for entry in lines(sheet) if owners or not _for_owners(entry)]
    adds, losses, others = (
        [entry.code for entry in kept if entry.kind in kinds]
        for kinds in (("add",), ("less",), ("signed", "check"))
    )
    subtotals = [entry.code for entry in kept if entry.kind == "subtotal"]
    opening = next(entry.code for entry in kept if entry.kind == "stock")
    up = [(1, code) for code in (subtotals[:1] or adds)]
    down = [(-1, code) for code in (subtotals[1:] or losses)]
    closing = ((1, opening), *up, *down, *((1, code) for code in others))
    return tuple(_row(entry, adds, losses, subtotals, closing, opening) for entry in kept)


def _for_owners(line: Line) -> bool:
    return line.code in _OWNER_LINES and line.code.startswith("A")


def _row(  # noqa: PLR0917  the line, and what its sums are made of
    line: Line,
    adds: list[str],
    losses: list[str],
    subtotals: list[str],
    closing: tuple[tuple[int, str], ...],
    opening: str,
) -> Row:
    role, sums = line.kind, ()
    made: tuple[tuple[int, str], ...] = sums
    if line.kind == "subtotal":
        made = tuple((1, code) for code in (adds if line.code == subtotals[0] else losses))
    elif line.kind == "check":
        role = "difference"
    elif line.kind == "stock" and line.code != opening:
        role, made = "closing", closing
    return Row(line.code, line.zh, line.en, role, made)


def account_table(
    name: str,
    sheet: str,
    groups: Mapping[tuple[str, str], str],
    postings: pd.DataFrame,
    *,
    owners: bool = False,
) -> Table:
    """A sheet of one or more groups of columns, each an account told apart by one attribute.

    Parameters
    ----------
    name : str
        Name of the table.
    sheet : str
        Lines of its rows.
    groups : mapping
        Account and attribute (``""`` for one column) to the group's word in the vocabulary's
        order; the groups stand side by side.
    postings : DataFrame
        The postings.
    owners : bool
        Whether what changed hands has lines.

    Raises
    ------
    IdentityError
        E399 when a column does not close.
    """
    columns: list[Column] = []
    parts = []
    for (account, by), unit in groups.items():
        cells = _cells(postings, account, by)
        made = _columns(account, by, cells["column"], unit)
        columns += made
        if owners:
            cells = pd.concat([cells, _noughts(cells)], ignore_index=True)
        parts.append(cells.assign(column=[f"{account}.{by}.{code}" for code in cells["column"]]))
    cells = pd.concat(parts, ignore_index=True)
    rows = line_rows(sheet, owners=owners)
    if sheet == "water":
        rows = grade_rows(rows, postings[postings["account"].eq("water")])
    booked = set(cells["row"])
    apart = [line for line in lines(sheet) if not line.separated and line.code not in booked]
    note_zh, note_en = _NOTES.get(name, ("", ""))
    words = {
        "name": name,
        "zh": _TITLES[name][0],
        "en": _TITLES[name][1],
        "identity": "I11" if name == "carbon" else "I01",
        "note_zh": note_zh.format(zh=";".join(f"{x.code} {x.included_in_zh}" for x in apart)),
        "note_en": note_en.format(en="; ".join(f"{x.code} {x.included_in_en}" for x in apart)),
    }
    return column_table(cells, rows, columns, absent=[line.code for line in apart], words=words)


def _cells(postings: pd.DataFrame, account: str, by: str) -> pd.DataFrame:
    """Sums by line and attribute; moves of attributes that are not shown cancel: left out."""
    shown = {"", "land_class", "forest_class", by}
    mine = postings[postings["account"].eq(account) & postings["move"].isin(list(shown))]
    lines_of = grade_cells(mine) if account == "water" else mine["line_code"]
    found = sums_of(mine.assign(row=lines_of), ["row", *([by] if by else [])])
    found["column"] = found[by].astype(object) if by else "total"
    return found.assign(row=found["row"].astype(object))[["row", "column", "amount", "status"]]


def _noughts(cells: pd.DataFrame) -> pd.DataFrame:
    """Stocks of owners who have none at one end: nought, as surely as the surveys know the rest."""
    made = []
    for line in ("T00", "T90"):
        mine = cells[cells["row"].eq(line)]
        sure = "observed" if mine["status"].isin(["observed", "incomplete"]).any() else "modelled"
        gone = sorted(set(cells["column"]) - set(mine["column"])) if len(mine) else []
        made += [(line, owner, 0, sure) for owner in gone]
    found = pd.DataFrame(made, columns=["row", "column", "amount", "status"])
    return found.astype({"amount": "Int64"})


def _columns(account: str, by: str, seen: Iterable[str], unit: str) -> list[Column]:
    group = _WORDS.get(account, TOTAL) if by in {"", "owner"} else _DIMENSIONS.get(by, ("", ""))
    code = f"{account}.{by}."
    total = Column(f"{code}total", *TOTAL, unit)
    if not by:
        return _under(group, [total])
    words = codes("land_type" if account == "extent" else by)
    present = set(seen)
    known = [name for name in words if name in present]
    rest = sorted(present - set(known))
    named = [(name, words[name].zh, words[name].en) for name in known]
    named += [(name, name or "未记录", name or "not on record") for name in rest]
    made = [Column(code + name, zh, en, unit) for name, zh, en in named]
    sums = tuple((1, column.code) for column in made)
    return _under(group, [*made, replace(total, sums=sums)])


def _under(group: tuple[str, str], columns: Iterable[Column]) -> list[Column]:
    """Columns with the words of their group."""
    return [replace(column, group_zh=group[0], group_en=group[1]) for column in columns]


def place_table(
    name: str,
    postings: pd.DataFrame,
    money: pd.DataFrame | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Table:
    """A row for each township or forest farm: opening, flows and closing of each account.

    Parameters
    ----------
    name : {"townships", "farms"}
        Which places the rows are.
    postings : DataFrame
        The postings.
    money : DataFrame, optional
        As `money_rows` gives it; a group of columns for the value then stands beside.
    names : mapping of str to str
        Place to what people call it.

    Raises
    ------
    IdentityError
        E399 when a place does not close.
    """
    place = _PLACES[name]
    parts = [_place_cells(postings, account, place) for account in _WORDS]
    groups = [(account, *words, _UNITS[account]) for account, words in _WORDS.items()]
    if money is not None and len(money):
        price = money["line_code"].eq(REVALUED)
        priced = money.assign(kind=money["kind"].mask(price, "price"))
        parts.append(_by_place(priced, "value", place))
        groups.append(("value", "资产价值", "value of assets", "fen"))
    cells = pd.concat(parts, ignore_index=True)
    seen = sorted(set(cells["row"]), key=lambda code: (code == "", code))
    words = {code: (names.get(code, code),) * 2 if code else _NOWHERE[name] for code in seen}
    rows = [Row(code or "-", zh, en, "stock") for code, (zh, en) in words.items()]
    rows.append(Row("total", *TOTAL, "total", tuple((1, row.code) for row in rows)))
    columns = [column for group in groups for column in _changes(*group)]
    note_zh, note_en = _NOTES.get(name, ("", ""))
    title = {"name": name, "zh": _TITLES[name][0], "en": _TITLES[name][1]}
    title |= {"note_zh": note_zh, "note_en": note_en}
    return column_table(cells.assign(row=cells["row"].replace("", "-")), rows, columns, words=title)


def _place_cells(postings: pd.DataFrame, account: str, place: str) -> pd.DataFrame:
    shown = postings["move"].isin(["", "land_class", "forest_class"])
    mine = postings[postings["account"].eq(account) & shown]
    kind = {line.code: line.kind for line in lines("timber")}
    kind |= {"T00": "opening", "T90": "closing", "T91": "difference"}
    plain = mine.assign(kind=mine["line_code"].astype(object).map(kind).astype(object))
    return _by_place(plain, account, place)


def _by_place(rows: pd.DataFrame, group: str, place: str) -> pd.DataFrame:
    found = sums_of(rows.assign(**{place: rows[place].astype(object)}), [place, "kind"])
    column = [f"{group}.{kind}" for kind in found["kind"]]
    return found.assign(row=found[place], column=column)[["row", "column", "amount", "status"]]


def _changes(group: str, zh: str, en: str, unit: str) -> list[Column]:
    made = [
        Column(f"{group}.opening", "期初", "opening", unit),
        Column(f"{group}.add", "增加", "additions", unit),
        Column(f"{group}.less", "减少", "reductions", unit),
        Column(f"{group}.difference", "统计差异", "difference", unit),
    ]
    if group == "value":
        made.append(Column("value.price", "重估价", "revaluation", unit))
    sums = tuple((-1 if column.code.endswith("less") else 1, column.code) for column in made)
    closing = Column(f"{group}.closing", "期末", "closing", unit, sums)
    return _under((zh, en), [*made, closing])


def national_tables(
    postings: pd.DataFrame,
    money: pd.DataFrame | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
    *,
    route: str = "surveys",
) -> dict[str, Table]:
    """Every national sheet the postings have rows for, by name; `names` are those of townships.

    On the route ``"events"`` the lines of the difference say that they are what the closing survey
    has more than the records and the kernel lead to.

    Raises
    ------
    IdentityError
        E399, naming the table and the cell that does not close.
    """
    groups: dict[str, tuple[str, Sequence[tuple[str, str, str]]]] = {
        "timber": ("timber", [(name, "", _UNITS[name]) for name in _WORDS]),
        "timber_by_kind": ("timber", [("timber", name, "dm3") for name in _DIMENSIONS]),
        "land": ("area", [("land", "land_class", "dm2")]),
        "quality": ("quality", [("quality", "quality", "dm2")]),
        "age": ("age", [("age", "age_group", "dm2")]),
        "extent": ("extent", [("extent", "land_class", "dm2")]),
        "water": ("water", [("water", "", "m3")]),
        "owner_area": ("timber", [("forest", "owner", "dm2")]),
        "owner_volume": ("timber", [("timber", "owner", "dm3")]),
    }
    there = set(postings["account"].astype(object))
    made = {}
    for name, (sheet, columns) in groups.items():
        if columns[0][0] in there:
            sides = {(account, by): unit for account, by, unit in columns if account in there}
            owners = name.startswith("owner")
            table = account_table(name, sheet, sides, postings, owners=owners)
            surveyed = route == "events" and name not in {"extent", "water"}
            made[name] = _said(table) if surveyed else table
    places = ["townships"] + (["farms"] if postings["farm"].ne("").any() else [])
    return made | {name: place_table(name, postings, money, names) for name in places}


def _said(table: Table) -> Table:
    """The table, its difference named as the surveyed closing less the modelled one."""
    zh, en = BY_EVENTS
    rows = (replace(row, zh=zh, en=en) if row.role == "difference" else row for row in table.rows)
    return replace(table, rows=tuple(rows))
