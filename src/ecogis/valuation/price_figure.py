"""A calibration as a figure: record, fit, what may come, residuals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from ecogis.valuation.calibration import Calibration
from ecogis.valuation.processes import PriceProcess, drawn_prices, expected_price

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["calibration_plot", "price_fan"]

Floats = npt.NDArray[np.float64]

_STEPS_A_YEAR: Final = 12
_WORDS: Final = {
    "zh": {
        "price": "价格(元/吨)",
        "residual": "标准化残差",
        "normal": "正态分位数",
        "fan": "P5–P95",
        "mean": "期望",
        "level": "回复水平",
        "trend": "首末趋势",
        "refused": "不足以标定该过程",
    },
    "en": {
        "price": "price (CNY/t)",
        "residual": "standardised residual",
        "normal": "normal quantile",
        "fan": "P5–P95",
        "mean": "expected",
        "level": "level returned to",
        "trend": "trend, first to last",
        "refused": "the record cannot carry the process",
    },
}


def price_fan(
    process: PriceProcess, start_cny_t: float, years: Floats, *, seed: int, draws: int = 4000
) -> pd.DataFrame:
    """Quantiles of a process's draws around what it expects.

    Parameters
    ----------
    process : PriceProcess
        With a level where it reverts.
    start_cny_t : float
        Price it starts from. [CNY t-1]
    years : array (date)
        Years ahead, rising. [yr]
    seed, draws : int
        Of the draws.

    Returns
    -------
    DataFrame
        ``years`` [yr], ``p5 p50 p95 expected`` [CNY t-1].

    Raises
    ------
    ConfigError
        E861: a reversion without its level, or years that fall.

    Examples
    --------
    >>> still = PriceProcess(0.0, "example", "assumed")
    >>> price_fan(still, 80.0, np.array([1.0]), seed=1)["p5"].tolist()
    [80.0]
    """
    expected = expected_price(process, start_cny_t, years)
    names = [f"{year:.6f}" for year in years]
    drawn = drawn_prices(process, expected * 100.0, years, names, seed=seed, draws=draws) / 100.0
    p5, p50, p95 = np.quantile(drawn, (0.05, 0.5, 0.95), axis=0)
    return pd.DataFrame({"years": years, "p5": p5, "p50": p50, "p95": p95, "expected": expected})


def calibration_plot(
    found: Calibration, *, years: float = 5.0, seed: int = 1, language: str = "en"
) -> Figure:
    """Series with its fit and the fan ahead; residuals in time; residuals against normal ones.

    Needs matplotlib. Where the process was refused there is no fan, and the title says so.

    Parameters
    ----------
    found : Calibration
        As `calibrate` gives it.
    years : float
        Length of the fan. [yr]
    seed : int
        Of the fan's draws.
    language : {"en", "zh"}
        Of the axes; a font with Chinese must be set in matplotlib for Chinese.

    Returns
    -------
    matplotlib Figure
    """
    from matplotlib.figure import Figure

    words = _WORDS[language]
    figure = Figure(figsize=(9.0, 6.4), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=(1.4, 1.0))
    _draw_record(figure.add_subplot(grid[0, :]), found, (years, seed), words)
    _draw_residuals(figure.add_subplot(grid[1, 0]), found, words)
    _draw_normal(figure.add_subplot(grid[1, 1]), found, words)
    title = f"{found.series.label} · {found.kind}"
    if found.process is None:
        title += f" · {words['refused']}"
    figure.suptitle(title, fontsize=9)
    return figure


def _draw_record(
    panel: Any, found: Calibration, ahead: tuple[float, int], words: dict[str, str]
) -> None:
    table = found.series.table
    panel.plot(table["date"], table["price_cny_t"], color="0.35", linewidth=0.9)
    panel.set_ylabel(words["price"])
    if len(found.figures):
        fitted, name = _fitted(found), "level" if found.kind == "mean_reverting" else "trend"
        panel.plot(table["date"], fitted, color="#1f4e79", linestyle="--", label=words[name])
    if found.process is not None:
        years, seed = ahead
        at = np.linspace(0.0, years, math.ceil(years * _STEPS_A_YEAR) + 1)
        last = table.iloc[-1]
        fan = price_fan(found.process, float(last["price_cny_t"]), at, seed=seed)
        dates = last["date"] + pd.to_timedelta(fan["years"] * 365.0, unit="D")
        colour = "#1f4e79"
        panel.fill_between(
            dates, fan["p5"], fan["p95"], color=colour, alpha=0.2, linewidth=0, label=words["fan"]
        )
        panel.plot(dates, fan["expected"], color=colour, label=words["mean"])
    panel.set_ylim(bottom=0.0)
    if panel.get_legend_handles_labels()[0]:
        panel.legend(fontsize=8, frameon=False)


def _fitted(found: Calibration) -> Floats:
    """The level returned to, or the trend from the first price to the last."""
    table = found.series.table
    if found.kind == "mean_reverting":
        return np.full(len(table), found.value("level_cny_t"))
    price = table["price_cny_t"].to_numpy(dtype=np.float64)
    days = (table["date"] - table["date"].iloc[0]).dt.days.to_numpy(dtype=np.float64)
    return np.asarray(price[0] * (price[-1] / price[0]) ** (days / days[-1]))


def _draw_residuals(panel: Any, found: Calibration, words: dict[str, str]) -> None:
    rows = found.residuals
    panel.plot(rows["date"], rows["residual"], ".", ms=2.0, color="0.35")
    panel.axhline(0.0, color="#1f4e79", linewidth=0.8)
    for date in rows.loc[rows["jump"], "date"]:
        panel.axvline(date, color="#b5532a", linewidth=0.4, alpha=0.6)
    panel.set_ylabel(words["residual"])
    panel.tick_params(axis="x", labelrotation=30)


def _draw_normal(panel: Any, found: Calibration, words: dict[str, str]) -> None:
    values = np.sort(found.residuals["residual"].dropna().to_numpy(dtype=np.float64))
    if values.size:
        normal = special.ndtri((np.arange(values.size) + 0.5) / values.size)
        panel.plot(normal, values, ".", ms=2.0, color="0.35")
        panel.plot(normal[[0, -1]], normal[[0, -1]], color="#1f4e79", linewidth=0.8)
    panel.set(xlabel=words["normal"], ylabel=words["residual"])
