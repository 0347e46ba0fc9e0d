"""Finance indicators of Zhejiang's mountain counties: actual, target, gap and trend, by date."""

from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.errors import NotInForceError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.products_places import mountain_counties
from ecogis.finance.told_days import told_days
from ecogis.methods import ParameterSet, parameters

__all__ = ["county_sums", "indicator_board", "observations"]

_AIMED: Final = ("more_than", "at_least")
_STATES: Final = {
    "met": ("达到", "met"),
    "missed": ("未达到", "not met"),
    "unknown": ("不明", "not known"),
    "no_target": ("无目标", "no target"),
}
_TRENDS: Final = {
    "up": ("上升", "up"),
    "down": ("下降", "down"),
    "level": ("持平", "level"),
    "unknown": ("不明", "not known"),
}
_BOUNDS: Final = {
    "more_than": ("大于", "more than"),
    "at_least": ("不低于", "at least"),
    "observed": ("已见数值", "value seen"),
    "none": ("无", "none"),
}
_MEASURES: Final = {"CNY": "元", "pp": "百分点", "pp/yr": "百分点/年", "household": "户"}
_COLUMNS: Final = (
    "indicator", "name_zh", "name_en", "measure",
    "measure_zh", "bound",
    "bound_zh",
    "bound_en", "target", "observed", "deadline", "actual_day",
    "actual", "gap", "state", "state_zh", "state_en", "change", "trend", "trend_zh", "trend_en",
    "confidence", "age_days", "later_day", "later",
)  # fmt: skip
_UNIT: Final = 50.0  # a value so many times below its target is taken for one in another unit
_LARGEST: Final = 2**53


def indicator_board(
    values: pd.DataFrame,
    day: date,
    *,
    findings: Findings,
    rules: ParameterSet | None = None,
) -> pd.DataFrame:
    """Every indicator with its target and the last value known on a day.

    A target is judged by the last value from the plan's first day to its deadline; what is seen
    after the deadline stands apart. There is no trend between two days that have different lists of
    counties.

    Parameters
    ----------
    values : DataFrame, one row per observation
        ``indicator``, ``day`` and ``value`` in the indicator's own measure.
    day : date
        Day of the board; later observations are not looked at.
    findings : Findings
        Takes what cannot be used.
    rules : ParameterSet, optional
        Another edition.

    Returns
    -------
    DataFrame, one row per indicator
        ``indicator name_zh name_en measure bound target observed deadline``, ``actual_day actual``,
        ``gap`` (actual less target; a figure only seen in the press is ``observed``, no target),
        ``state`` (met, missed, unknown, no_target), ``change`` since the observation before,
        ``trend`` (up, down, level, unknown) and ``confidence``; bound, state and trend in words
        too (``_zh``, ``_en``), the measure in Chinese. ``age_days`` is how old the actual value is
        [d]; ``later_day later`` the last value seen after a target's deadline.

    Raises
    ------
    NotInForceError
        The day comes before the plan.
    VocabularyError
        E004 a column is missing.

    Findings
    --------
    E947
        An observation of an unknown indicator, without a day or a number, stated twice, or
        contradicted by another of that day: then neither counts.
    E879
        A value lies so far below its target that it may be in another unit.

    Examples
    --------
    >>> seen = pd.DataFrame(
    ...     {
    ...         "indicator": ["Z09", "Z09"],
    ...         "day": ["2024-12-31", "2025-12-31"],
    ...         "value": [58.0, 61.5],
    ...     }
    ... )
    >>> board = indicator_board(seen, date(2026, 1, 1), findings=Findings()).set_index("indicator")
    >>> board.loc["Z09", ["actual", "target", "gap", "state", "trend"]].map(str).tolist()
    ['61.5', '60.0', '1.5', 'met', 'up']
    """
    require(values, ["indicator", "day", "value"], "indicator_values")
    held = parameters("zhejiang-counties") if rules is None else rules
    table = held.frame("indicators", day).sort_values("indicator", kind="stable")
    known = _usable(values, table["indicator"], findings)
    seen = known[known["day"] <= pd.Timestamp(day)].sort_values(["indicator", "day"])
    board = table.set_index("indicator")
    told_figure = board["target"] if "target" in board else pd.Series(np.nan, index=board.index)
    aimed = board["bound"].isin(_AIMED)
    target, seen_figure = told_figure.where(aimed), told_figure.where(board["bound"] == "observed")
    plan = held.entry("bound", day, str(board.index[0])).from_
    limit = pd.to_datetime(board["deadline"]).where(aimed)
    due = seen["indicator"].map(limit)
    in_time = (due.isna() | (seen["day"] <= due)) & (
        due.isna() | (seen["day"] >= pd.Timestamp(plan))
    )
    last, before = _last_two(seen[in_time], board.index)
    late, _ = _last_two(seen[seen["day"] > due], board.index)
    actual, change = last["value"], last["value"] - before["value"]
    change = change.mask(~_same_list(before["day"], last["day"]))
    _tell_units(known, target, findings)
    state = _state(actual, target, board["bound"])
    trend = np.select(
        [change > 0, change < 0, change == 0], ["up", "down", "level"], default="unknown"
    )
    age = pd.Timestamp(day) - last["day"]
    days, later = (one["day"].dt.strftime("%Y-%m-%d") for one in (last, late))
    told = board.assign(
        measure_zh=board["measure"].replace(_MEASURES),
        bound_zh=[_BOUNDS[one][0] for one in board["bound"]],
        bound_en=[_BOUNDS[one][1] for one in board["bound"]],
        target=target, observed=seen_figure, actual_day=days, actual=actual,
        gap=actual - target, state=state,
        change=change, trend=trend, age_days=age.dt.days.astype("Int64"),
        later_day=later, later=late["value"],
        state_zh=[_STATES[one][0] for one in state], state_en=[_STATES[one][1] for one in state],
        trend_zh=[_TRENDS[one][0] for one in trend], trend_en=[_TRENDS[one][1] for one in trend],
    ).reset_index()  # fmt: skip
    return told.reindex(columns=list(_COLUMNS))


def _last_two(seen: pd.DataFrame, index: pd.Index) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The last observation of each indicator, and the one before it."""
    grouped = seen.groupby("indicator")
    last = grouped.tail(1).set_index("indicator").reindex(index)
    before = grouped.nth(-2).set_index("indicator").reindex(index)
    return last, before


def _same_list(one: pd.Series, other: pd.Series) -> np.ndarray:
    """Whether two days have the same list of counties; not where there was none."""
    lists = {day: _listed(day) for day in pd.concat([one, other]).dropna().unique()}
    pairs = zip(one.map(lists), other.map(lists), strict=True)
    return np.array([isinstance(a, frozenset) and a == b for a, b in pairs], dtype=bool)


def _listed(day: pd.Timestamp) -> frozenset[str] | None:
    try:
        return frozenset(mountain_counties(day.date())["admin_code"])
    except NotInForceError:
        return None


def _tell_units(known: pd.DataFrame, target: pd.Series, findings: Findings) -> None:
    """Values far below a target of some size: 0.6 for 60 %, or hundreds of millions for CNY."""
    aim = known["indicator"].map(target).astype("float64")
    small = (aim >= _UNIT) & (known["value"].abs() < aim / _UNIT)
    findings.add(
        "E879", layer="indicator_values", where=small.to_numpy(dtype=bool), action="kept",
        feature=known["indicator"], observed=known["value"], target=aim,
    )  # fmt: skip


def observations(
    values: pd.DataFrame, day: date, *, rules: ParameterSet | None = None
) -> pd.DataFrame:
    """The observations a board rests on, by indicator and day; what it leaves out is left out here.

    Parameters
    ----------
    values, day, rules
        As for `indicator_board`, which tells what is wrong with them.

    Returns
    -------
    DataFrame, one row per observation up to the day
        ``indicator``, ``day`` (date) and ``value`` in the indicator's measure.

    Raises
    ------
    VocabularyError
        E004 a column is missing.
    NotInForceError
        The day comes before the plan of 2021.

    Examples
    --------
    >>> seen = pd.DataFrame(
    ...     {"indicator": ["Z09"] * 2, "day": ["2025-12-31", "2027-12-31"], "value": [61.5, 70.0]}
    ... )
    >>> observations(seen, date(2026, 1, 1))["value"].tolist()
    [61.5]
    """
    require(values, ["indicator", "day", "value"], "indicator_values")
    held = parameters("zhejiang-counties") if rules is None else rules
    known = _usable(values, held.frame("indicators", day)["indicator"], Findings())
    seen = known[known["day"] <= pd.Timestamp(day)].sort_values(["indicator", "day"])
    return seen.assign(day=seen["day"].dt.date).reset_index(drop=True)


def _usable(values: pd.DataFrame, names: pd.Series, findings: Findings) -> pd.DataFrame:
    day = told_days(values["day"])
    number = pd.to_numeric(values["value"], errors="coerce").astype("float64")
    wrong = ~values["indicator"].isin(names.tolist()) | day.isna() | ~np.isfinite(number)
    told = pd.DataFrame({"i": values["indicator"], "d": day, "v": number})
    wrong |= told.duplicated()
    others = told[~wrong].duplicated(["i", "d"], keep=False)
    wrong[others.index[others]] = True
    findings.add(
        "E947", layer="indicator_values", where=wrong.to_numpy(), feature=values["indicator"],
        row=np.arange(1, len(values) + 1), observed=values["value"], action="excluded",
    )  # fmt: skip
    return pd.DataFrame({"indicator": values["indicator"], "day": day, "value": number})[~wrong]


def _state(actual: pd.Series, target: pd.Series, bound: pd.Series) -> np.ndarray:
    """Met or not by the indicator's bound; not known without a value."""
    aimed = bound.isin(_AIMED).to_numpy()
    reached = np.where(bound.to_numpy() == "more_than", actual > target, actual >= target)
    return np.select(
        [~aimed, actual.isna().to_numpy(), reached], ["no_target", "unknown", "met"], "missed"
    )


def county_sums(
    figures: pd.DataFrame, column: str, *, findings: Findings, lists: ParameterSet | None = None
) -> pd.DataFrame:
    """Sums of a county figure over the list of each day: 26 counties, then 25.

    Parameters
    ----------
    figures : DataFrame, one row per county and day
        ``admin_code`` (text or whole number), ``day`` and the figure, whole numbers.
    column : str
        The figure, such as ``loans_fen``. [its unit]
    findings : Findings
        Takes counties that are missing.
    lists : ParameterSet, optional
        Another edition.

    Returns
    -------
    DataFrame, one row per day
        ``day``, ``counties`` on the list, ``missing`` among them, and ``value``: missing where a
        county is, for a sum over some counties is not the sum.

    Raises
    ------
    NotInForceError
        A day comes before the list of 2021.
    VocabularyError
        E004 a column is missing.

    Findings
    --------
    E882
        A row without a day, or whose figure is no whole number; it is left out.
    E949
        A county on the day's list has no figure, or has it twice.

    Examples
    --------
    >>> codes = mountain_counties(date(2024, 8, 21))["admin_code"]
    >>> figures = pd.DataFrame({"admin_code": codes, "day": "2024-12-31", "loans_fen": 10})
    >>> county_sums(figures, "loans_fen", findings=Findings()).values.tolist()
    [['2024-12-31', 25, 0, 250]]
    """
    require(figures, ["admin_code", "day", column], "county_figures")
    told = _county_rows(figures, column, findings)
    rows = []
    for when, given in told.groupby("day", sort=True):
        day = pd.Timestamp(str(when)).date()
        counties = mountain_counties(day, lists=lists)["admin_code"].astype(str)
        mine = given[given["code"].isin(counties.tolist())]
        twice = set(mine.loc[mine["code"].duplicated(), "code"])
        short = sorted((set(counties) - set(mine["code"])) | twice)
        findings.add(
            "E949", layer="county_figures", where=np.ones(len(short), dtype=bool), feature=short,
            observed=day.isoformat(), column=column,
        )  # fmt: skip
        total = pd.NA if short else sum(map(int, mine["value"]))
        rows.append((day.isoformat(), len(counties), len(short), total))
    table = pd.DataFrame(rows, columns=["day", "counties", "missing", "value"])
    return table.astype({"value": "Int64"})


def _county_rows(figures: pd.DataFrame, column: str, findings: Findings) -> pd.DataFrame:
    """Rows that can be added up: a day, a code as text and a whole number, exact in a double."""
    day = told_days(figures["day"])
    number = pd.to_numeric(figures[column], errors="coerce").astype("float64")
    whole = (number.abs() <= _LARGEST) & (number == np.floor(number))
    stated = figures[column].notna()
    wrong = day.isna() | (stated & ~whole)
    findings.add(
        "E882", layer="county_figures", where=wrong.to_numpy(dtype=bool), column=column,
        feature=figures["admin_code"].astype("string"), row=np.arange(1, len(figures) + 1),
        observed=figures[column], action="excluded",
    )  # fmt: skip
    codes = figures["admin_code"].astype("string").str.replace(r"\.0$", "", regex=True)
    table = pd.DataFrame({"code": codes, "day": day, "value": number})
    return table[whole & ~wrong]
