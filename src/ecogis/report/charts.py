"""Charts: stock by year, reductions and issuances, value, price, cash."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from ecogis.core.vocabulary import code_label
from ecogis.report.canvas import INK, canvas, png
from ecogis.report.desk import Desk
from ecogis.report.present import KINDS, cell, exact

__all__ = ["CHARTS"]

_WIDTH, _HEIGHT = 15.0, 7.5
_DARK, _MIDDLE, _LIGHT = "#2b4c7e", "#5b9a8b", "#d9c97a"


def _finish(axes: Any, desk: Desk, x: str, y: str) -> bytes:
    axes.set_xlabel(desk.words.word(f"drawing.{x}") if x else "")
    axes.set_ylabel(desk.words.word(f"drawing.{y}"))
    axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=8, loc="best")
    return png(axes)


def _thousands(axes: Any, which: str = "y") -> None:
    from matplotlib.ticker import FuncFormatter

    shown = FuncFormatter(lambda value, _: f"{value:,.10g}")
    getattr(axes, f"{which}axis").set_major_formatter(shown)


def _whole_years(axes: Any) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=12))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))


def _stock(desk: Desk) -> bytes | None:
    if not desk.has("forecast"):
        return None
    with canvas(_WIDTH, _HEIGHT) as axes:
        lines = (
            ("forecast", "all_stands", _DARK, "-"),
            ("project_forecast", "project", _MIDDLE, "--"),
        )
        for name, label, colour, dash in lines:
            if desk.has(name):
                table = desk.source(name)
                axes.plot(
                    table["year"].astype(int),
                    table["co2e_t"].astype(float) / 1000,
                    dash,
                    color=colour,
                    linewidth=1.8,
                    marker="o",
                    markersize=2.5,
                    label=desk.words.word(f"drawing.{label}"),
                )
        axes.set_ylim(bottom=0)
        _whole_years(axes)
        _thousands(axes)
        return _finish(axes, desk, "year", "stock")


def _credits(desk: Desk) -> bytes | None:
    if not desk.has("vintages", "issuances"):
        return None
    vintages, issuances = desk.source("vintages"), desk.source("issuances")
    with canvas(_WIDTH, _HEIGHT) as axes:
        axes.bar(
            vintages["vintage"].astype(int),
            vintages["credit_kg"].astype(float) / KINDS["t_kg"].per,
            color=_MIDDLE,
            edgecolor=INK,
            linewidth=0.4,
            width=0.8,
            label=desk.words.word("drawing.credits"),
        )
        years = pd.to_datetime(issuances["issuance_date"]).dt.year
        axes.stem(
            years.to_numpy(),
            issuances["issued_t"].astype(float).to_numpy(),
            linefmt=_DARK,
            markerfmt="D",
            basefmt=" ",
            label=desk.words.word("drawing.issued"),
        )
        axes.set_ylim(bottom=0)
        _whole_years(axes)
        _thousands(axes)
        return _finish(axes, desk, "year", "quantity")


def _distribution(desk: Desk) -> bytes | None:
    if not desk.has("value_draws"):
        return None
    draws = desk.source("value_draws")["value_fen"].to_numpy(dtype=float) / 1e6
    with canvas(_WIDTH, _HEIGHT) as axes:
        axes.hist(draws, bins=40, color=_LIGHT, edgecolor=INK, linewidth=0.4)
        for name, dash in (("p5", ":"), ("p50", "-"), ("p95", "--")):
            value = desk.amount(f"valuation.{name}_fen")
            if value is not None:
                axes.axvline(value / 1e6, color=_DARK, linestyle=dash, linewidth=1.5)
                axes.text(
                    value / 1e6,
                    1.01,
                    f"{name.upper()}\n{value / 1e6:,.2f}",
                    transform=axes.get_xaxis_transform(),
                    ha="center",
                    fontsize=8,
                )
        _thousands(axes, "x")
        _thousands(axes)
        return _finish(axes, desk, "value", "draws")


def _price(desk: Desk) -> bytes | None:
    if not desk.has("price_parts"):
        return None
    parts = desk.source("price_parts").dropna(subset=["price_cny_t"])
    lang, word = desk.words.lang, desk.words.word
    with canvas(_WIDTH, 5.5) as axes:
        labels = [code_label("price_kind", kind, lang) for kind in parts["price_kind"]]
        rows = np.arange(len(parts))[::-1]
        prices = parts["price_cny_t"].astype(float).to_numpy()
        axes.barh(rows, prices, color=_MIDDLE, edgecolor=INK, linewidth=0.4, height=0.55)
        reference = desk.amount("valuation.reference_price")
        right = max([*prices, float(reference or 0)]) * 1.01
        for row, price, weight in zip(rows, prices, parts["weight_used"], strict=True):
            note = word("drawing.weight").format(weight=cell(weight, "percent", lang))
            axes.text(right, row, f" {price:,.2f} ({note})", va="center", fontsize=8)
        axes.set_yticks(rows, labels)
        if reference is not None:
            shown = word("drawing.weighted").format(price=cell(reference, "price", lang))
            axes.axvline(float(reference), color=_DARK, linestyle="--", label=shown)
        axes.set_xlim(0, right * 1.4)
        axes.set_xlabel(word("drawing.price"))
        axes.legend(frameon=False, fontsize=8, loc="lower right", bbox_to_anchor=(1, 1))
        return png(axes)


def _cash(desk: Desk) -> bytes | None:
    if not desk.has("cash_flow"):
        return None
    flow = desk.source("cash_flow").sort_values("date", kind="stable")
    yearly = flow.groupby(pd.to_datetime(flow["date"]).dt.year)[["net_fen", "present_fen"]].sum()
    with canvas(_WIDTH, _HEIGHT) as axes:
        for shift, name, label, colour, hatch in (
            (-0.2, "net_fen", "net", _LIGHT, ""),
            (0.2, "present_fen", "present", _DARK, "///"),
        ):
            axes.bar(
                yearly.index.to_numpy() + shift,
                [float(exact(value, KINDS["yuan"])) / 1e4 for value in yearly[name]],
                width=0.4,
                color=colour,
                edgecolor=INK,
                linewidth=0.4,
                hatch=hatch,
                label=desk.words.word(f"drawing.{label}"),
            )
        axes.axhline(0, color=INK, linewidth=0.6)
        _whole_years(axes)
        _thousands(axes)
        return _finish(axes, desk, "year", "value")


def _tornado(desk: Desk) -> bytes | None:
    """Difference from the base by assumption, the widest on top."""
    if not desk.has("sensitivity"):
        return None
    moved = desk.source("sensitivity").iloc[1:]
    lang = desk.words.lang
    spans = moved.groupby(lang, sort=False)["difference_fen"].agg(["min", "max"]) / 1e6
    spans = spans.iloc[np.argsort((spans["max"] - spans["min"]).to_numpy(), kind="stable")]
    with canvas(_WIDTH, 5.5) as axes:
        rows = np.arange(len(spans))
        style: dict[str, Any] = {"edgecolor": INK, "linewidth": 0.4, "height": 0.55}
        axes.barh(rows, spans["min"].clip(upper=0), color=_LIGHT, **style)
        axes.barh(rows, spans["max"].clip(lower=0), color=_MIDDLE, hatch="///", **style)
        for name, row in zip(spans.index, rows, strict=True):
            steps = moved[moved[lang] == name]
            for step in steps.itertuples(index=False):
                side = "left" if step.difference_fen > 0 else "right"
                text = f" {cell(step.change, 'signed', lang)} "
                axes.text(step.difference_fen / 1e6, row, text, ha=side, va="center", fontsize=8)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_yticks(rows, spans.index)
        axes.margins(x=0.25)
        _thousands(axes, "x")
        axes.set_xlabel(desk.words.word("drawing.difference"))
        return png(axes)


CHARTS: Final[Mapping[str, Callable[[Desk], bytes | None]]] = MappingProxyType(
    {
        "chart_stock": _stock,
        "chart_credits": _credits,
        "chart_distribution": _distribution,
        "chart_price": _price,
        "chart_cash": _cash,
        "chart_tornado": _tornado,
    }
)
"""Charts by name; one that lacks its table gives nothing."""
