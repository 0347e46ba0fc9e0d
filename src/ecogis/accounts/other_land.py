"""Extents of land of every type and stocks of water, from tables; what is not given is missing."""

from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.accounts.flows import FOREST_TYPE
from ecogis.accounts.lines import lines
from ecogis.accounts.parts import STATUSES
from ecogis.accounts.postings import Ledger
from ecogis.accounts.tables import WHOLE
from ecogis.accounts.water_grades import spelt_alike
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import codes, require
from ecogis.numerics.rounding import quantise

__all__ = [
    "EXTENT_COLUMNS",
    "WATER_COLUMNS",
    "extent_postings",
    "forest_land",
    "water_postings",
]

EXTENT_COLUMNS = (
    "township",
    "land_type",
    "opening_ha",
    "additions_ha",
    "reductions_ha",
    "closing_ha",
)
WATER_COLUMNS = ("township", "water_line", "water_m3", "water_grade")
_MISSING: Final = STATUSES.index("missing")
_MODELLED: Final = STATUSES.index("modelled")
_IMPUTED: Final = STATUSES.index("imputed")

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def extent_postings(
    extents: pd.DataFrame | None,
    *,
    surveyed: pd.DataFrame | None = None,
    source: str = "extents",
    rounding_dm2: int = 10_000,
    findings: Findings | None = None,
) -> pd.DataFrame:
    """Postings of the account ``extent``: land by type, its ``land_class`` the land type.

    Parameters
    ----------
    extents : DataFrame or None
        `EXTENT_COLUMNS`, one row per township and type. [ha] A closing that is not given is opening
        + additions - reductions, modelled, where those are; anything else that is not given is
        missing. Types without a row are missing.
    surveyed : DataFrame, optional
        Postings of a balance: forest land (L03) is then that of the surveys, already booked there.
        What the table says of it is compared and not used.
    source : str
        What the table is, carried along.
    rounding_dm2 : int
        By how much a figure of the table may miss the surveys. A policy. [0.01 m2]
    findings : Findings, optional
        Takes what does not close.

    Returns
    -------
    DataFrame
        `POSTING_COLUMNS`; amounts in 0.01 m2.

    Findings
    --------
    E408
        A type's closing is not opening + additions - reductions; shown as difference (E91).
    E409
        The types of a township do not add up to the same area at the opening and the closing.
    E465
        Forest land of the table is not that of the surveys, which is used.

    Examples
    --------
    >>> row = dict(zip(EXTENT_COLUMNS, ("T", "cropland", 10.0, 0.0, 2.0, 8.0)))
    >>> table = extent_postings(pd.DataFrame([row]))
    >>> table[table["line_code"].eq("E90") & table["status"].eq("observed")]["amount"].tolist()
    [8000000]
    """
    table = pd.DataFrame(columns=list(EXTENT_COLUMNS)) if extents is None else extents
    require(table, EXTENT_COLUMNS, "extents")
    seen = Findings() if findings is None else findings
    known = forest_land(surveyed)
    if surveyed is not None:
        table = _of_tables(table, known, rounding_dm2, seen)
    types = [name for name in codes("land_type") if surveyed is None or name != FOREST_TYPE]
    townships, place = _places(table["township"])
    kinds = [*types, *sorted(set(table["land_type"].dropna()) - set(types)), ""]
    kinds += [FOREST_TYPE] if FOREST_TYPE not in kinds else []
    kind = _coded(table["land_type"].fillna(""), kinds)
    ledger = Ledger({"township": townships, "land_class": kinds}, [source])
    amount = {name: _read(table[name], 1e-6) for name in EXTENT_COLUMNS[2:]}
    first, more, less, last = amount.values()
    worked = last[1] & ~(first[1] | more[1] | less[1])
    last = (np.where(worked, first[0] + more[0] - less[0], last[0]), last[1] & ~worked)
    states = np.where(worked, _MODELLED, np.where(last[1], _MISSING, 0))
    cell = {"township": place, "land_class": kind}
    whole = ~(first[1] | last[1])
    rest = np.where(whole, last[0] - first[0] - more[0] + less[0], 0)
    for line, (number, lost) in {"E00": first, "E10": more, "E20": less}.items():
        kept = np.where(whole | (line == "E00"), number, 0)
        kept = np.where(whole, kept, 0)
        ledger.book("extent", line, kept, cell, status=np.where(lost | ~whole, _MISSING, 0))
    ledger.book("extent", "E90", np.where(whole, last[0], 0), cell,
                status=np.where(whole, states, _MISSING))  # fmt: skip
    ledger.book("extent", "E91", rest, cell)
    given = np.zeros((len(townships), len(kinds)), dtype=bool)
    given[place, kind] = True
    _book_missing(ledger, "extent", ("E00", "E10", "E20", "E90"), ~given[:, : len(types)])
    if surveyed is not None and not known.to_numpy(dtype=bool).any():
        _book_none(ledger, FOREST_TYPE, len(townships))
    _tell_extents(table, rest, seen)
    ends = pd.DataFrame({"township": table["township"].fillna(WHOLE).astype(str), "whole": whole})
    ends["changed"] = np.where(whole, last[0] - first[0], 0)
    _tell_sums(ends, known["change"], rounding_dm2, seen)
    return ledger.postings()


def water_postings(
    water: pd.DataFrame | None, *, source: str = "water", findings: Findings | None = None
) -> pd.DataFrame:
    """Postings of the account ``water``; a line a township does not give is missing.

    Parameters
    ----------
    water : DataFrame or None
        `WATER_COLUMNS`: line code W00 to W95, volume [m3], and for W95 the grade of the water.
    source : str
        What the table is, carried along.
    findings : Findings, optional
        Takes what does not close.

    Returns
    -------
    DataFrame
        `POSTING_COLUMNS`; amounts in m3, the grade in ``quality``.

    Findings
    --------
    E408
        Closing is not opening + additions - reductions; shown as difference (W91), imputed where
        a flow is not given.
    E430
        A township lacks a stock: its lines are missing.
    E431
        The table gives W91, which is worked out.

    Examples
    --------
    >>> rows = [("T", "W00", 5.0, None), ("T", "W11", 3.0, None), ("T", "W90", 8.0, None)]
    >>> table = water_postings(pd.DataFrame(rows, columns=list(WATER_COLUMNS)))
    >>> table.loc[table["status"].eq("observed"), ["line_code", "amount"]].values.tolist()
    [['W00', 5], ['W11', 3], ['W90', 8]]
    """
    kinds = {line.code: line.kind for line in lines("water")}
    seen = Findings() if findings is None else findings
    table = _water_rows(water, kinds, seen)
    townships, place = _places(table["township"])
    grade = spelt_alike(table["water_grade"])
    grades = ["", *sorted(set(grade.dropna()))]
    cell = {"township": place, "quality": _coded(grade.fillna(""), grades)}
    amount, lost = _read(table["water_m3"], 1.0)
    ledger = Ledger({"township": townships, "quality": grades}, [source])
    sums = np.zeros(len(townships), dtype=np.int64)
    both = _stocked(table, place, ~lost, len(townships))
    lost |= ~both[place] & table["water_line"].ne("W95").to_numpy(dtype=bool)
    amount = np.where(lost, 0, amount)
    whole = np.ones(len(townships), dtype=bool)
    for line, kind in kinds.items():
        mine = table["water_line"].eq(line).to_numpy(dtype=bool)
        codes_of = {name: code[mine] for name, code in cell.items()}
        state = np.where(lost[mine], _MISSING, 0)
        ledger.book("water", line, amount[mine], codes_of, status=state)
        known = np.zeros(len(townships), dtype=bool)
        known[place[mine & ~lost]] = True
        if kind in {"add", "less"}:
            whole &= known
        sign = {"add": 1, "less": -1}.get(kind, {"W00": 1, "W90": -1}.get(line, 0))
        np.add.at(sums, place[mine], sign * amount[mine])
        if line != "W91":
            gap = np.flatnonzero(~known & (np.bincount(place[mine], minlength=len(townships)) == 0))
            _missing_at(ledger, "water", line, {"township": gap})
    open_ended = ~both & (np.bincount(place, minlength=len(townships)) > 0)
    state = np.where(whole, 0, _IMPUTED)  # it holds the flows that are not given
    state = np.where(open_ended, _MISSING, state)
    ledger.book("water", "W91", -sums, {"township": np.arange(len(townships))}, status=state)
    for number in np.flatnonzero(open_ended):
        seen.add("E430", layer="water", feature=townships[number] or None)
    for number in np.flatnonzero(sums):
        seen.add("E408", layer="water", feature=townships[number] or None, column="W91",
                 observed=int(-sums[number]), unit="m3")  # fmt: skip
    return ledger.postings()


def _water_rows(
    water: pd.DataFrame | None, kinds: Mapping[str, str], findings: Findings
) -> pd.DataFrame:
    """Rows of the lines there are; the difference is worked out, not read."""
    table = pd.DataFrame(columns=list(WATER_COLUMNS)) if water is None else water
    require(table, WATER_COLUMNS, "water")
    given = table["water_line"].eq("W91").to_numpy(dtype=bool)
    findings.add("E431", layer="water", where=given, feature=table["township"],
                 row=table.get("row"), column="W91")  # fmt: skip
    named = table["water_line"].isin(list(kinds)).to_numpy(dtype=bool) & ~given
    return table[named].reset_index(drop=True)


def _stocked(table: pd.DataFrame, place: Ints, known: Bools, count: int) -> Bools:
    """Townships of which the stocks at both ends are known."""
    ends = []
    for line in ("W00", "W90"):
        mine = table["water_line"].eq(line).to_numpy(dtype=bool) & known
        ends.append(np.bincount(place[mine], minlength=count) > 0)
    return np.asarray(ends[0] & ends[1], dtype=np.bool_)


def _places(township: pd.Series) -> tuple[list[str], Ints]:
    """Townships that occur, or the whole area where none does, and each row's."""
    names = sorted(set(township.dropna().astype(str))) or [""]
    names += [""] if township.isna().any() and "" not in names else []
    return names, _coded(township.fillna("").astype(str), names)


def _coded(texts: pd.Series, names: list[str]) -> Ints:
    place: Mapping[str, int] = {name: at for at, name in enumerate(names)}
    return np.array([place[str(text)] for text in texts], dtype=np.int64)


def _read(column: pd.Series, step: float) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Whole numbers, and where there is none; less than nothing is none."""
    numbers = pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
    lost = np.isnan(numbers) | (numbers < 0)
    return quantise(np.where(lost, 0.0, numbers), step), np.asarray(lost)


def _book_missing(
    ledger: Ledger, account: str, codes_of_lines: tuple[str, ...], gaps: Bools
) -> None:
    """Book missing the types (township, kind) a township gives no row for."""
    place, kind = (at.astype(np.int64) for at in np.nonzero(gaps))
    for line in codes_of_lines:
        _missing_at(ledger, account, line, {"township": place, "land_class": kind})


def _book_none(ledger: Ledger, land_type: str, townships: int) -> None:
    """Book that there is none of a type: seen, and nought."""
    none = np.zeros(townships, dtype=np.int64)
    cell = {
        "township": np.arange(townships),
        "land_class": none + ledger.code("land_class", land_type),
    }
    for line in ("E00", "E10", "E20", "E90"):
        ledger.book("extent", line, none, cell, zeros=True)


def _missing_at(ledger: Ledger, account: str, line: str, cell: dict[str, Ints]) -> None:
    none = np.zeros(len(cell["township"]), dtype=np.int64)
    ledger.book(account, line, none, cell, status=none + _MISSING)


def _tell_extents(table: pd.DataFrame, rest: Ints, findings: Findings) -> None:
    findings.add("E408", layer="extents", where=rest != 0, feature=table["land_type"],
                 row=table.get("row"), column="E91", observed=rest, unit="0.01 m²")  # fmt: skip


def _tell_sums(ends: pd.DataFrame, known: pd.Series, rounding: int, findings: Findings) -> None:
    """Townships, all of whose figures are given, with other sums of their types at the ends."""
    unknown = ends["township"].isin(ends.loc[~ends["whole"], "township"])
    changed, township = (ends.loc[~unknown, name] for name in ("changed", "township"))
    apart = changed.groupby(township).sum()
    if len(known):
        apart += known.reindex(apart.index).fillna(0).astype("int64")
        off = changed.groupby(township).size() * rounding
        apart = apart.where(apart.abs().gt(off), 0)
    named = apart.index.to_series().replace(WHOLE, None)
    findings.add("E409", layer="extents", where=apart.ne(0).to_numpy(), feature=named,
                 observed=apart.to_numpy())  # fmt: skip


def forest_land(surveyed: pd.DataFrame | None) -> pd.DataFrame:
    """Forest land (L03) the surveys know, by township and as a whole. [0.01 m2]

    Parameters
    ----------
    surveyed : DataFrame or None
        Postings of a balance.

    Returns
    -------
    DataFrame, indexed by township
        ``E00 E90`` and ``change``, what came less what went; the township ``""`` is the whole.
        Without rows where nothing is surveyed.

    Examples
    --------
    >>> ledger = Ledger({"township": ["T"], "land_class": [FOREST_TYPE]}, ["survey"])
    >>> nought = np.zeros(1, dtype=np.int64)
    >>> for line, amount in (("E00", 5), ("E10", 2), ("E90", 7)):
    ...     ledger.book("extent", line, nought + amount, {"township": nought, "land_class": nought})
    >>> forest_land(ledger.postings()).loc["T"].tolist()
    [5, 7, 2]
    """
    names = ["E00", "E90", "change"]
    if surveyed is None:
        return pd.DataFrame(columns=names)
    kept = surveyed["account"].eq("extent") & surveyed["land_class"].eq(FOREST_TYPE)
    mine = surveyed[kept].astype({"township": object, "line_code": object})
    sums = mine.pivot_table("amount", "township", "line_code", "sum", fill_value=0, observed=True)
    sums = sums.reindex(columns=["E00", "E10", "E20", "E90"], fill_value=0).astype("int64")
    if WHOLE not in sums.index:
        sums.loc[WHOLE] = sums.sum()
    return sums.assign(change=sums["E10"] - sums["E20"])[names]


def _of_tables(
    table: pd.DataFrame, known: pd.DataFrame, rounding: int, findings: Findings
) -> pd.DataFrame:
    """Rows of the types the surveys do not know; forest land of the table is compared."""
    ours = table["land_type"].eq(FOREST_TYPE).to_numpy(dtype=bool)
    mine = table[ours]
    township = mine["township"].fillna(WHOLE).astype(str).to_numpy(dtype=object)
    first = mine[~pd.Series(township).duplicated().to_numpy(dtype=bool)]
    gaps = []
    for column, line in (("opening_ha", "E00"), ("closing_ha", "E90")):
        number, lost = _read(mine[column], 1e-6)
        given = pd.DataFrame({"dm2": number, "lost": lost}).groupby(township, sort=False)
        there = known[line].reindex(list(given.groups)).fillna(0).to_numpy(dtype=np.int64)
        gaps.append(np.where(given["lost"].any(), 0, given["dm2"].sum() - there))
    worst = np.where(np.abs(gaps[0]) > np.abs(gaps[1]), *gaps)
    findings.add("E465", layer="extents", where=np.abs(worst) > rounding, feature=first["township"],
                 row=first.get("row"), column="land_type", observed=worst * 1e-6,
                 ha=np.round(worst * 1e-6, 4))  # fmt: skip
    return table[~ours].reset_index(drop=True)
