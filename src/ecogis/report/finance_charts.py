"""Charts of the county's board: each indicator over time against its target, and the gaps.

Every mark is told apart by shape or hatch as well as by shade, so that a grey print says the same.
"""

from textwrap import wrap
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.report.canvas import INK, canvas, png
from ecogis.report.desk import Desk
from ecogis.report.finance_measures import large_unit
from ecogis.report.model import Content
from ecogis.report.words import Words

__all__ = ["board_pictures"]

_DARK, _MIDDLE, _LIGHT = "#2b4c7e", "#5b9a8b", "#d9c97a"
_COLUMNS: Final = 3
_POINTS: Final = ("%", "pp", "pp/yr")  # gaps of these are all in percentage points
_WIDE: Final = {"zh": 13, "en": 26}
_FREE: Final = "no_target"
_MARKS: Final = {"met": "o", "missed": "X", "unknown": "D", _FREE: "s"}


def board_pictures(content: Content, *, lang: str = "zh") -> dict[str, bytes]:
    """Draw the board of indicators.

    Parameters
    ----------
    content : Content
        With ``finance_indicators``, as `ecogis.finance.indicator_board` gives them, and
        ``finance_history``: ``indicator``, ``day`` and ``value`` of the observations behind them.
    lang : {"zh", "en"}
        Language of names and marks.

    Returns
    -------
    dict of str to bytes
        PNG by figure name: ``chart_indicators`` (a panel for each indicator that has a target or
        an observation: observations, target, gap and trend) and ``chart_gaps`` (actual less target
        of those measured in per cent or points). One without anything to show is left out.
    """
    desk = Desk(content, Words(lang), {})
    if not desk.has("finance_indicators"):
        return {}
    board = desk.source("finance_indicators")
    history = desk.source("finance_history") if desk.has("finance_history") else _last(board)
    drawn = {"chart_indicators": _panels(desk, board, history), "chart_gaps": _gaps(desk, board)}
    return {name: picture for name, picture in drawn.items() if picture is not None}


def _last(board: pd.DataFrame) -> pd.DataFrame:
    """The observations the board itself has: the last of each indicator."""
    seen = board.dropna(subset=["actual", "actual_day"])
    columns = {"actual_day": "day", "actual": "value"}
    return seen[["indicator", *columns]].rename(columns=columns)


def _panels(desk: Desk, board: pd.DataFrame, history: pd.DataFrame) -> bytes | None:
    seen = history["indicator"].dropna().tolist()
    shown = board[(board["state"] != _FREE) | board["indicator"].isin(seen)]
    if shown.empty:
        return None
    rows = -(-len(shown) // _COLUMNS)
    with canvas(16.0, 4.2 * rows + 1.0) as first:
        figure = first.figure
        first.remove()
        panels = figure.subplots(rows, _COLUMNS, squeeze=False).ravel()
        for axes, (_, one) in zip(panels, shown.iterrows(), strict=False):
            scale, unit = _unit(one, desk.words.lang)
            mine = history[history["indicator"] == one["indicator"]]
            _plotted(axes, desk, one, (_days(mine), mine["value"].to_numpy(dtype=float) / scale))
            _named(axes, desk, one, (scale, unit))
        for axes in panels[len(shown) :]:
            axes.remove()
        figure.legend(
            handles=_legend(desk), loc="outside lower center", ncols=6, frameon=False, fontsize=8
        )
        return png(panels[0])


def _days(seen: pd.DataFrame) -> npt.NDArray[np.datetime64]:
    return np.asarray(pd.to_datetime(seen["day"]), dtype="datetime64[D]")


def _plotted(
    axes: Any,
    desk: Desk,
    one: pd.Series,
    seen: tuple[npt.NDArray[np.datetime64], npt.NDArray[np.float64]],
) -> None:
    """Observations, the target, and the gap to it from the value it is judged by, marked so."""
    days, values = seen
    target = _target(one, desk.words.lang)
    if target is not None:
        axes.axhline(target, color=INK, linestyle="--", linewidth=1.0)
    if not len(days):
        word = desk.words.word("drawing.not_seen")
        axes.text(0.5, 0.7, word, transform=axes.transAxes, ha="center", fontsize=8)
        axes.set_xticks([])
        axes.set_yticks([] if target is None else [target])
        return
    order = np.argsort(days, kind="stable")
    days, values = days[order], values[order]
    axes.plot(days, values, "-", color=_DARK, linewidth=1.2, marker=".", markersize=4)
    marked = np.unique(days[[0, -1]])
    axes.set_xticks(marked, [str(day)[:7] for day in marked])
    if not pd.isna(one["actual"]):
        _judged(axes, one, target, _unit(one, desk.words.lang)[0])


def _judged(axes: Any, one: pd.Series, target: float | None, scale: float) -> None:
    """The actual value on its own day: what is seen after a deadline changes no state."""
    day, actual = np.datetime64(str(one["actual_day"]), "D"), float(one["actual"]) / scale
    if target is not None:
        axes.vlines(day, *sorted([actual, target]), color=INK, linestyle=":", linewidth=1.4)
    mark = _MARKS[str(one["state"])]
    axes.plot([day], [actual], mark, color=_MIDDLE, markeredgecolor=INK, markersize=7)


def _target(one: pd.Series, lang: str) -> float | None:
    """The target in the unit shown; a value only seen in the press is none."""
    if one["state"] == _FREE or pd.isna(one["target"]):
        return None
    return float(one["target"]) / _unit(one, lang)[0]


def _named(axes: Any, desk: Desk, one: pd.Series, measure: tuple[float, str]) -> None:
    """Name, measure, and the figures in words, so that none has to be read off."""
    from matplotlib.ticker import FuncFormatter

    scale, unit = measure
    lang = desk.words.lang
    target = None if one["state"] == _FREE else one["target"]
    gap = None if target is None else one["gap"]
    told = desk.words.word("drawing.board").format(
        actual=_shown(one["actual"], scale), target=_shown(target, scale),
        gap=_shown(gap, scale, sign="+"), trend=one[f"trend_{lang}"],
    )  # fmt: skip
    if not pd.isna(one["later"]):
        after = desk.words.word("drawing.later")
        told += "\n" + after.format(later=_shown(one["later"], scale), day=one["later_day"])
    name = "\n".join(wrap(f"{one['indicator']} {one[f'name_{lang}']}", _WIDE[lang]))
    axes.set_title(name, fontsize=8, loc="left")
    axes.set_xlabel(told, fontsize=7)
    axes.set_ylabel(unit, fontsize=7)
    axes.tick_params(labelsize=6.5)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{round(value, 6):,.12g}"))
    axes.margins(x=0.15, y=0.25)


def _unit(one: pd.Series, lang: str) -> tuple[float, str]:
    return large_unit(str(one["measure"]), str(one["measure_zh"]), lang)


def _shown(value: Any, scale: float, sign: str = "") -> str:
    return "—" if pd.isna(value) else f"{round(float(value) / scale, 6):{sign},.12g}"


def _legend(desk: Desk) -> list[Any]:
    from matplotlib.lines import Line2D

    word = desk.words.word
    marks = [
        Line2D(
            [], [], color=_MIDDLE, marker=mark, markeredgecolor=INK, linestyle="none",
            label=word(f"drawing.{state}"),
        )
        for state, mark in _MARKS.items()
    ]  # fmt: skip
    lines = [
        Line2D([], [], color=INK, linestyle=dash, label=word(f"drawing.{name}"))
        for name, dash in (("target", "--"), ("gap_line", ":"))
    ]
    return [*marks, *lines]


def _gaps(desk: Desk, board: pd.DataFrame) -> bytes | None:
    """Actual less target in points; one not known has its dash."""
    shown = board[(board["state"] != _FREE) & board["measure"].isin(_POINTS)].iloc[::-1]
    if shown.empty or shown["gap"].isna().all():
        return None
    lang = desk.words.lang
    with canvas(16.0, 0.95 * len(shown) + 2.0) as axes:
        for row, (_, one) in enumerate(shown.iterrows()):
            met = one["state"] == "met"
            gap = 0.0 if pd.isna(one["gap"]) else float(one["gap"])
            axes.barh(
                row, gap, height=0.55, color=_MIDDLE if met else _LIGHT, edgecolor=INK,
                linewidth=0.5, hatch="" if met else "////",
            )  # fmt: skip
            text = f" {_shown(one['gap'], 1.0, '+')}  {one[f'state_{lang}']} "
            axes.text(gap, row, text, ha="right" if gap < 0 else "left", va="center", fontsize=8)
        names = [f"{one.indicator} {getattr(one, f'name_{lang}')}" for one in shown.itertuples()]
        axes.set_yticks(range(len(shown)), ["\n".join(wrap(name, 30)) for name in names])
        axes.tick_params(axis="y", labelsize=7.5)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.margins(x=0.35)
        axes.set_xlabel(desk.words.word("drawing.gap"))
        return png(axes)
