"""Finance indicators of Zhejiang's mountain counties: actual, target, gap and trend, by date."""

from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.products_places import mountain_counties
from ecogis.methods import ParameterSet, parameters

__all__ = ["county_sums", "indicator_board"]

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
    "bound_en", "target", "deadline", "actual_day",
    "actual", "gap", "state", "state_zh", "state_en", "change", "trend", "trend_zh", "trend_en",
    "confidence",
)  # fmt: skip


def indicator_board(
    values: pd.DataFrame,
    day: date,
    *,
    findings: Findings,
    rules: ParameterSet | None = None,
) -> pd.DataFrame:
    """Every indicator with its target and the last value known on a day.

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
        ``indicator name_zh name_en measure bound target deadline``, ``actual_day actual``, ``gap``
        (actual less target), ``state`` (met, missed, unknown, no_target), ``change`` since the
        observation before, ``trend`` (up, down, level, unknown) and ``confidence``; bound, state
        and trend in words too (``_zh``, ``_en``), the measure in Chinese.

    Raises
    ------
    NotInForceError
        The day comes before the plan.
    VocabularyError
        E004 a column is missing.

    Findings
    --------
    E947
        An observation of an unknown indicator, without a day or a number, or the second of a day.

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
    last = seen.groupby("indicator").tail(1).set_index("indicator")
    before = seen.groupby("indicator").nth(-2).set_index("indicator")["value"]
    board = table.set_index("indicator")
    actual = last["value"].reindex(board.index)
    change = actual - before.reindex(board.index)
    target = board["target"] if "target" in board else pd.Series(np.nan, index=board.index)
    state = _state(actual, target, board["bound"])
    trend = np.select(
        [change > 0, change < 0, change == 0], ["up", "down", "level"], default="unknown"
    )
    days = last["day"].dt.strftime("%Y-%m-%d").reindex(board.index)
    told = board.assign(
        measure_zh=board["measure"].replace(_MEASURES),
        bound_zh=[_BOUNDS[one][0] for one in board["bound"]],
        bound_en=[_BOUNDS[one][1] for one in board["bound"]],
        target=target, actual_day=days, actual=actual, gap=actual - target, state=state,
        change=change, trend=trend,
        state_zh=[_STATES[one][0] for one in state], state_en=[_STATES[one][1] for one in state],
        trend_zh=[_TRENDS[one][0] for one in trend], trend_en=[_TRENDS[one][1] for one in trend],
    ).reset_index()  # fmt: skip
    return told.reindex(columns=list(_COLUMNS))


def _usable(values: pd.DataFrame, names: pd.Series, findings: Findings) -> pd.DataFrame:
    day = pd.to_datetime(values["day"], errors="coerce", format="ISO8601")
    number = pd.to_numeric(values["value"], errors="coerce").astype("float64")
    wrong = ~values["indicator"].isin(names.tolist()) | day.isna() | ~np.isfinite(number)
    wrong |= pd.DataFrame({"i": values["indicator"], "d": day}).duplicated()
    findings.add(
        "E947", layer="indicator_values", where=wrong.to_numpy(), feature=values["indicator"],
        row=np.arange(1, len(values) + 1), observed=values["value"], action="excluded",
    )  # fmt: skip
    return pd.DataFrame({"indicator": values["indicator"], "day": day, "value": number})[~wrong]


def _state(actual: pd.Series, target: pd.Series, bound: pd.Series) -> np.ndarray:
    """Met or not by the indicator's bound; not known without a value."""
    aimed = bound.isin(["more_than", "at_least"]).to_numpy()
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
        ``admin_code``, ``day`` and the figure, int64.
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
    rows = []
    for day, told in figures.groupby(figures["day"].astype(str), sort=True):
        counties = mountain_counties(date.fromisoformat(str(day)), lists=lists)["admin_code"]
        mine = told[told["admin_code"].isin(counties.tolist())].dropna(subset=[column])
        twice = set(mine.loc[mine["admin_code"].duplicated(), "admin_code"])
        short = sorted((set(counties) - set(mine["admin_code"])) | twice)
        findings.add(
            "E949", layer="county_figures", where=np.ones(len(short), dtype=bool), feature=short,
            observed=str(day), column=column,
        )  # fmt: skip
        total = pd.NA if short else int(mine[column].sum())
        rows.append((str(day), len(counties), len(short), total))
    table = pd.DataFrame(rows, columns=["day", "counties", "missing", "value"])
    return table.astype({"value": "Int64"})
