"""The accounts laid out: lines down, land classes across, for the whole area and each township."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd

from ecogis.accounts.lines import Line, confidence, lines
from ecogis.accounts.rows import NOT_STATED, QUANTITIES, Survey
from ecogis.core.vocabulary import FOREST, code_label, codes

__all__ = ["WHOLE", "change_matrix", "line_table", "sheet", "structure", "unmatched"]

WHOLE: Final = ""
"""The township of rows that speak for the whole area."""
HEAD: Final = ("township", "line_code", "zh", "en", "kind", "confidence")
DIMENSIONS: Final = ("land_class", "origin", "forest_category", "age_group")


def line_table(flows: pd.DataFrame, name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Bookings as an account: ``township line_code zh en kind confidence``, classes, ``total``.

    Parameters
    ----------
    flows : DataFrame
        ``township land_class line_code amount``.
    name : str
        ``"timber"`` or ``"area"``.
    rows : DataFrame
        The land rows: their townships and classes all have a place, booked to or not.

    Returns
    -------
    DataFrame
        int64 amounts; township ``""`` is the whole area. Subtotals are filled.
    """
    classes = _present(pd.concat([rows["from_class"], rows["to_class"]]))
    account = [line for line in lines(name) if line.separated]
    parts = [
        _filled(_pivot(part, classes, account), account).assign(township=township)
        for township, part in _by_township(flows, rows)
    ]
    found = pd.concat(parts).reset_index()
    found["total"] = found[classes].sum(axis=1)
    return _named(found, account)[[*HEAD, *classes, "total"]]


def sheet(columns: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The timber sheet: the totals of several accounts side by side, one column each."""
    first, *_ = columns.values()
    found = first[list(HEAD)].copy()
    for name, table in columns.items():
        keyed = table.set_index(["township", "line_code"])["total"]
        keys = pd.MultiIndex.from_frame(found[["township", "line_code"]])
        found[name] = keyed.reindex(keys, fill_value=0).to_numpy(dtype=np.int64)
    return found


def change_matrix(rows: pd.DataFrame) -> pd.DataFrame:
    """Land class at the opening by land class at the closing survey. [dm2]

    Returns
    -------
    DataFrame
        One row per opening class (``from_class zh en``), one column per closing class, and
        ``total``; the class ``""`` is land of one survey only. The last row, ``total``, holds the
        margins.
    """
    classes = _present(pd.concat([rows["from_class"], rows["to_class"]]))
    edges = [*classes, WHOLE]
    grid = rows.pivot_table(
        index="from_class", columns="to_class", values="area_dm2", aggfunc="sum", fill_value=0
    )
    grid = grid.reindex(index=edges, columns=edges, fill_value=0).astype("int64")
    grid["total"] = grid.sum(axis=1)
    grid.loc["total"] = grid.sum(axis=0)
    grid = grid.rename_axis(columns=None).reset_index(names="from_class")
    for place, lang in enumerate(("zh", "en"), start=1):
        names = [_class_label(code, lang) for code in grid["from_class"]]
        grid.insert(place, lang, names)
    return grid


def structure(opening: Survey, closing: Survey) -> pd.DataFrame:
    """Forest by type, origin, category and age group at both surveys.

    Returns
    -------
    DataFrame
        ``dimension code zh en`` and, for area, volume and carbon, ``opening_* closing_*
        change_*``; each dimension adds up to the same total. A missing attribute has code ``""``.
    """
    quantities = ("area_dm2", *QUANTITIES)
    parts = []
    for dimension in DIMENSIONS:
        sums = {
            name: _forest(side).groupby(dimension)[list(quantities)].sum().add_prefix(f"{name}_")
            for name, side in (("opening", opening), ("closing", closing))
        }
        both = pd.concat(sums.values(), axis=1).fillna(0).astype("int64")
        order = [code for code in (*codes(dimension), WHOLE) if code in both.index]
        order += [code for code in both.index if code not in order]
        part = both.loc[order].reset_index(names="code").assign(dimension=dimension)
        for lang in ("zh", "en"):
            part[lang] = [_label(dimension, code, lang) for code in part["code"]]
        parts.append(part)
    found = pd.concat(parts, ignore_index=True)
    for quantity in quantities:
        found[f"change_{quantity}"] = found[f"closing_{quantity}"] - found[f"opening_{quantity}"]
    amounts = [f"{moment}_{q}" for q in quantities for moment in ("opening", "closing", "change")]
    return found[["dimension", "code", "zh", "en", *amounts]]


def unmatched(rows: pd.DataFrame) -> pd.DataFrame:
    """Land of one survey only: ``survey township land_class rows area_dm2 volume_dm3 co2e_kg``."""
    parts = []
    for survey, side, other in (("opening", "left", "right"), ("closing", "right", "left")):
        mine = rows[rows[side].notna() & rows[other].isna()]
        land_class = "from_class" if survey == "opening" else "to_class"
        named = mine.rename(columns={land_class: "land_class"})
        named = named.rename(columns={f"{survey}_{q}": q for q in QUANTITIES})
        named = named[["township", "land_class", "area_dm2", *QUANTITIES]]
        parts.append(named.assign(survey=survey))
    together = pd.concat(parts, ignore_index=True)
    keys = ["survey", "township", "land_class"]
    sums = together.groupby(keys, as_index=False).agg(
        rows=("area_dm2", "size"),
        area_dm2=("area_dm2", "sum"),
        **{quantity: (quantity, "sum") for quantity in QUANTITIES},
    )
    return sums.astype(dict.fromkeys(("rows", "area_dm2", *QUANTITIES), "int64"))


def _by_township(flows: pd.DataFrame, rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    yield WHOLE, flows
    for township in sorted(rows["township"].unique()):
        yield township, flows[flows["township"].eq(township)]


def _pivot(flows: pd.DataFrame, classes: list[str], account: Sequence[Line]) -> pd.DataFrame:
    sums = flows.pivot_table(
        index="line_code", columns="land_class", values="amount", aggfunc="sum", fill_value=0
    )
    wanted = [line.code for line in account]
    return sums.reindex(index=wanted, columns=classes, fill_value=0).astype("int64")


def _filled(table: pd.DataFrame, account: Sequence[Line]) -> pd.DataFrame:
    """Subtotals: each is the sum of the lines of its kind."""
    adds = [line.code for line in account if line.kind == "add"]
    losses = [line.code for line in account if line.kind == "less"]
    first, second = (line.code for line in account if line.kind == "subtotal")
    table.loc[first] = table.loc[adds].sum()
    table.loc[second] = table.loc[losses].sum()
    return table.rename_axis(index="line_code", columns=None)


def _named(table: pd.DataFrame, account: Sequence[Line]) -> pd.DataFrame:
    by_code = {line.code: line for line in account}
    found = [by_code[code] for code in table["line_code"]]
    return table.assign(
        zh=[line.zh for line in found],
        en=[line.en for line in found],
        kind=[line.kind for line in found],
        confidence=[confidence(line) for line in found],
    )


def _present(land_class: pd.Series) -> list[str]:
    """Classes that occur, in the vocabulary's order; unknown codes last, no class never."""
    seen = set(land_class) - {WHOLE}
    known = [code for code in codes("land_class") if code in seen]
    return known + sorted(seen - set(known))


def _forest(side: Survey) -> pd.DataFrame:
    return side.stands[side.stands["land_class"].isin(list(FOREST))]


def _label(dimension: str, code: str, lang: str) -> str:
    if code == WHOLE:
        return "未记录" if lang == "zh" else "not on record"
    return code_label(dimension, code, lang)


def _class_label(code: str, lang: str) -> str:
    if code == "total":
        return "合计" if lang == "zh" else "total"
    if code == WHOLE:
        return "仅见于一次调查" if lang == "zh" else "in one survey only"
    if code == NOT_STATED:
        return "未载明" if lang == "zh" else "not stated"
    return code_label("land_class", code, lang)
