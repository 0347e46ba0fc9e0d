"""A balance as the report reads it: headline results and tables laid out for pages."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from ecogis.accounts.layout import Table
from ecogis.core.vocabulary import codes
from ecogis.report import Content

__all__ = ["content"]

_ROUTES: Final = {
    "surveys": ("两期调查逐小班对比", "two surveys, stand by stand"),
    "events": ("变化事件与生长模型", "event records and the growth model"),
    "modelled": (
        "变化事件与生长模型(无期末调查,期末为模型推算)",
        "event records and the growth model (no closing survey: the closing is modelled)",
    ),
}
_ENDS: Final = {"opening": "T00", "closing": "T90"}
_KINDS: Final = ("opening", "add", "less", "difference", "closing")


def content(
    headline: Mapping[str, Any],
    tables: Mapping[str, Table],
    *,
    condition: pd.DataFrame,
    limits: pd.DataFrame,
    notes: Sequence[tuple[str, str, str, str]],
    inputs: pd.DataFrame,
    route: str,
    fingerprint: Mapping[str, str],
) -> Content:
    """Headline results and tables of the balance report.

    Parameters
    ----------
    headline : mapping
        As in run.json: ``project`` and ``balance``.
    tables : mapping of str to Table
        Tables of the workbook.
    condition, limits, inputs : DataFrame
        Condition account, statistical differences with their limits, input files.
    notes : sequence of tuple
        Prices and policies, in words.
    route : str
        ``"surveys"``, ``"events"`` or ``"modelled"``.
    fingerprint : mapping
        ``sha256`` and ``version`` of the run.
    """
    return Content(
        {
            "project": dict(headline["project"]),
            "balance": _facts(headline, route),
            "manifest": dict(fingerprint),
        },
        {
            "balance_limits": limits,
            "balance_policies": pd.DataFrame(
                notes, columns=["what_zh", "what_en", "text_zh", "text_en"]
            ),
            "balance_land": _turned(tables["land"], ("A00", "A10", "A20", "A91", "A90")),
            "balance_ages": _turned(tables["age"], ("G00", "G10", "G20", "G91", "G90")),
            "balance_quality": _turned(tables["quality"], ("Q00", "", "", "Q91", "Q90")),
            "balance_lines": _lines(tables["timber"]),
            "balance_owners": _owners(tables),
            "balance_townships": _places(tables),
            "balance_value": _frame(tables["value"], ("opening", "volume", "price", "closing")),
            "balance_seea": _frame(
                tables["seea_timber"],
                ("cultivated", "available", "not_available", "not_on_record", "total"),
            ),
            "balance_condition": condition,
            "inputs": inputs,
        },
        None,
    )


def _facts(headline: Mapping[str, Any], route: str) -> dict[str, Any]:
    found, project = headline["balance"], headline["project"]
    zh, en = _ROUTES[route]
    made: dict[str, Any] = {
        "opening_date": project["opening_date"],
        "closing_date": project["closing_date"],
        "route_zh": zh,
        "route_en": en,
    }
    for end in _ENDS:
        made[f"forest_{end}_ha"] = (found[f"forest_{end}_dm2"] or 0) * 1e-6
        made[f"timber_{end}_m3"] = (found[f"timber_{end}_dm3"] or 0) / 1000
        made[f"carbon_{end}_kg"] = found[f"carbon_{end}_kg"]
        made[f"net_worth_{end}_fen"] = found[f"net_worth_{end}_fen"]
    return made


def _frame(table: Table, columns: Sequence[str]) -> pd.DataFrame:
    """Rows with their words, chosen columns; a missing cell stays missing."""
    star = {False: "", True: " *"}
    made = table.amounts[list(columns)].reset_index(drop=True)
    made.insert(0, "en", [row.en + star[row.ours] for row in table.rows])
    made.insert(0, "zh", [row.zh + star[row.ours] for row in table.rows])
    made.insert(0, "code", [row.code for row in table.rows])
    return made


def _lines(table: Table) -> pd.DataFrame:
    names = {f"{account}..total": account for account in ("forest", "timber", "carbon")}
    return _frame(table, tuple(names)).rename(columns=names)


def _turned(table: Table, rows: Sequence[str]) -> pd.DataFrame:
    """Columns of a table as rows, some of its rows as opening, additions, ... closing."""
    made = pd.DataFrame({"zh": [c.zh for c in table.columns], "en": [c.en for c in table.columns]})
    for kind, row in zip(_KINDS, rows, strict=True):
        if row:
            made[kind] = table.amounts.loc[row].to_numpy()
    return made


def _owners(tables: Mapping[str, Table]) -> pd.DataFrame:
    words = codes("owner")
    area, volume, worth = (tables[name] for name in ("owner_area", "owner_volume", "net_worth"))
    columns = {*area.amounts, *volume.amounts, *worth.amounts}
    names = ("forest.owner", "timber.owner", "opening", "closing")
    present = [code for code in words if columns & {f"{name}.{code}" for name in names}]
    rows: list[dict[str, Any]] = []
    for code in [*present, "total"]:
        zh, en = ("合计", "total") if code == "total" else (words[code].zh, words[code].en)
        row: dict[str, Any] = {"zh": zh, "en": en}
        for end, line in _ENDS.items():
            row[f"area_{end}"] = _cell(area, line, f"forest.owner.{code}")
            row[f"volume_{end}"] = _cell(volume, line, f"timber.owner.{code}")
            unvalued = f"{end}.{code}" not in worth.amounts and any(
                f"{name}.owner.{code}" in sheet.amounts
                for name, sheet in (("forest", area), ("timber", volume))
            )
            row[f"worth_{end}"] = None if unvalued else _cell(worth, "M90", f"{end}.{code}")
        rows.append(row)
    return pd.DataFrame(rows).convert_dtypes()


def _cell(table: Table, row: str, column: str) -> int | None:
    """A cell; an owner without a column in a sheet has none of what it shows."""
    return table.amount(row, column) if column in table.amounts else 0


def _places(tables: Mapping[str, Table]) -> pd.DataFrame:
    """Townships and their total, and below them of which what forest farms hold, if any do."""
    made = _place_rows(tables["townships"])
    if "farms" not in tables:
        return made
    farms = tables["farms"]
    held = _place_rows(farms)[[row.code not in {"-", "total"} for row in farms.rows]]
    named = held.assign(zh="其中林场:" + held["zh"], en="of which farm: " + held["en"])
    return pd.concat([made, named], ignore_index=True)


def _place_rows(table: Table) -> pd.DataFrame:
    made = pd.DataFrame(
        {"zh": [row.zh for row in table.rows], "en": [row.en for row in table.rows]}
    )
    for account in ("forest", "timber", "carbon"):
        for end in _ENDS:
            made[f"{account}_{end}"] = table.amounts[f"{account}.{end}"].to_numpy()
    return made
