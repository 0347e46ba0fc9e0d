"""What the tables must agree on with one another: sheets that are made of the same postings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ecogis.accounts.flows import FOREST_TYPE
from ecogis.accounts.layout import Table
from ecogis.core.errors import IdentityError
from ecogis.core.vocabulary import FOREST_LAND

__all__ = ["Cell", "Tie", "check_ties", "ties"]

_TREES: Final = ("M02", "M03", "M04", "M05", "M06")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table with the sign it is added with."""

    table: str
    row: str
    column: str
    sign: int = 1


@dataclass(frozen=True, slots=True)
class Tie:
    """Two sums of cells that must be equal."""

    zh: str
    en: str
    left: tuple[Cell, ...]
    right: tuple[Cell, ...]


def _one(zh: str, en: str, left: tuple[str, str, str], right: tuple[str, str, str]) -> Tie:
    return Tie(zh, en, (Cell(*left),), (Cell(*right),))


def _timber() -> list[Tie]:
    national, seea = ("timber", "timber..total"), ("seea_timber", "total")
    ends = (("期初", "opening", "T00", "CF1"), ("期末", "closing", "T90", "CF9"))
    made = [
        _one(
            f"林木蓄积{zh}:国家表=SEEA",
            f"timber {en}: national = SEEA",
            (national[0], line, national[1]),
            (seea[0], row, seea[1]),
        )
        for zh, en, line, row in ends
    ]
    felled = tuple(Cell(national[0], line, national[1]) for line in ("T21", "T25"))
    removed = (Cell(seea[0], "CF4", seea[1]),)
    grown = tuple(Cell(national[0], line, national[1]) for line in ("T11", "T12", "T13"))
    made += [
        Tie("采伐与征占用=SEEA 采伐移出", "harvest, land taken = SEEA removals", felled, removed),
        Tie(
            "造林、更新、生长=SEEA 自然生长",
            "planting, regeneration, growth = SEEA natural growth",
            grown,
            (Cell(seea[0], "CF2", seea[1]),),
        ),
    ]
    return made


def _others() -> list[Tie]:
    area, volume, carbon = "forest..total", "timber..total", "carbon..total"
    made = []
    for zh, en, line, land, carbon_row in (
        ("期初", "opening", "T00", "A00", "CA1"),
        ("期末", "closing", "T90", "A90", "CA4z"),
    ):
        extent, cover = ("EX1", "LC0") if line == "T00" else ("EX7", "LC9")
        end = "opening" if line == "T00" else "closing"
        made += [
            _one(f"碳储量{zh}:国家表=SEEA", f"carbon {en}: national = SEEA",
                 ("timber", line, carbon), ("seea_carbon", carbon_row, "total")),
            _one(f"土地面积{zh}:国家表=SEEA 范围", f"land {en}: national = SEEA extent",
                 ("land", land, "land.land_class.total"), ("seea_extent", extent, "total")),
            _one(f"土地面积{zh}:国家表=SEEA 土地覆被", f"land {en}: national = SEEA land cover",
                 ("land", land, "land.land_class.total"), ("seea_land_cover", cover, "total")),
            _one(f"森林面积{zh}:各权属合计=总计", f"forest area {en}: owners = whole",
                 ("owner_area", line, "forest.owner.total"), ("timber", line, area)),
            _one(f"林木蓄积{zh}:各权属合计=总计", f"timber {en}: owners = whole",
                 ("owner_volume", line, "timber.owner.total"), ("timber", line, volume)),
            *(
                _one(f"{word_zh}{zh}:各{place_zh}合计=总计", f"{word_en} {en}: {place} = whole",
                     (place, "total", f"{account}.{end}"), ("timber", line, column))
                for place_zh, place in (("乡镇", "townships"), ("林场", "farms"))
                for word_zh, word_en, account, column in (
                    ("森林面积", "forest area", "forest", area),
                    ("林木蓄积", "timber", "timber", volume),
                    ("碳储量", "carbon", "carbon", carbon),
                )
            ),
        ]  # fmt: skip
    return made


def _money() -> list[Tie]:
    made = []
    for zh, en, end, row in (
        ("期初", "opening", "opening", "CF1"),
        ("期末", "closing", "closing", "CF9"),
    ):
        trees = tuple(Cell("value", line, end) for line in _TREES)
        made += [
            Tie(f"林木价值{zh}:价值表=SEEA", f"value of timber {en}: value table = SEEA",
                trees, (Cell("seea_timber_value", row, "total"),)),
            _one(f"资产{zh}:价值表=各权属合计", f"assets {en}: value table = owners",
                 ("value", "M10", end), ("net_worth", "M10", f"{end}.total")),
            _one(f"净资产{zh}:价值表=各权属合计", f"net worth {en}: value table = owners",
                 ("value", "M90", end), ("net_worth", "M90", f"{end}.total")),
            *(
                _one(f"资产{zh}:价值表=各{place_zh}合计", f"assets {en}: value table = {place}",
                     ("value", "M10", end), (place, "total", f"value.{end}"))
                for place_zh, place in (("乡镇", "townships"), ("林场", "farms"))
            ),
        ]  # fmt: skip
    effect = tuple(Cell("value", line, "price") for line in _TREES)
    revalued = (Cell("seea_timber_value", "CM1", "total"),)
    made.append(
        Tie("林木重估价:价值表=SEEA", "revaluation of timber: value table = SEEA", effect, revalued)
    )
    return made


def _forest_land(tables: Mapping[str, Table]) -> list[Tie]:
    """Forest land (L03): the sheet of extents, the land account and SEEA EA say the same."""
    column = f"extent.land_class.{FOREST_TYPE}"
    made = []
    for zh, en, line, land, seea in (
        ("期初", "opening", "E00", "A00", "EX1"),
        ("期末", "closing", "E90", "A90", "EX7"),
    ):
        ours = (Cell("extent", line, column),)
        for word_zh, word_en, table, row, prefix in (
            ("土地资源表", "land", "land", land, "land.land_class."),
            ("SEEA 范围账户", "SEEA extent", "seea_extent", seea, ""),
        ):
            cells = _classes(tables, table, row, prefix)
            text = f"林地(L03){zh}:地类表={word_zh}", f"forest land (L03) {en}: extents = {word_en}"
            made += [Tie(*text, ours, cells)] if cells else []
    return made


def _classes(tables: Mapping[str, Table], table: str, row: str, prefix: str) -> tuple[Cell, ...]:
    """Cells of a row of all classes of forest land a table has."""
    found = tables[table].amounts.columns if table in tables else ()
    return tuple(
        Cell(table, row, prefix + name) for name in sorted(FOREST_LAND) if prefix + name in found
    )


def ties(tables: Mapping[str, Table]) -> list[Tie]:
    """The ties between those tables that are there."""
    return [
        tie
        for tie in (*_timber(), *_others(), *_forest_land(tables), *_money())
        if all(_there(tables, cell) for cell in (*tie.left, *tie.right))
    ]


def _there(tables: Mapping[str, Table], cell: Cell) -> bool:
    table = tables.get(cell.table)
    if table is None:
        return False
    return cell.row in table.amounts.index and cell.column in table.amounts.columns


def check_ties(tables: Mapping[str, Table], wanted: Sequence[Tie]) -> None:
    """Refuse tables that do not agree.

    Raises
    ------
    IdentityError
        E399, naming the cells of both sides.
    """
    for tie in wanted:
        left, right = (_sum(tables, side) for side in (tie.left, tie.right))
        if left != right:
            first, other = tie.left[0], tie.right[0]
            cells = f"{first.table} / {first.row} = {other.table} / {other.row}"
            raise IdentityError(
                "E399", identity="V3", cells=cells, difference=left - right, unit=""
            )


def _sum(tables: Mapping[str, Table], cells: Sequence[Cell]) -> int:
    found = ((cell.sign, tables[cell.table].amount(cell.row, cell.column)) for cell in cells)
    return sum(sign * (amount or 0) for sign, amount in found)
