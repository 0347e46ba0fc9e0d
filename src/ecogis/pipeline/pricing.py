"""The price at the valuation date and after it, as the project file asks."""

from dataclasses import replace
from typing import Literal, cast

import msgspec
import pandas as pd

from ecogis import valuation
from ecogis.core.errors import InputError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import code_label
from ecogis.methods import unit_kind
from ecogis.pipeline.config_prices import Calibrate
from ecogis.pipeline.run import Run
from ecogis.valuation import PriceModel, PriceProcess

__all__ = ["drawn_process", "price_model", "reference"]

Kind = Literal["gbm", "mean_reverting", "jump"]

_STATED = "assumed"
"""Confidence of what the client states in the project file."""


def reference(run: Run) -> valuation.ReferencePrice:
    """The reference price, from the sources the project file weights.

    Findings
    --------
    E738
        No price it can be made of is of the kind of unit the methodology yields; one per run.
    """
    asked = run.config.prices
    found = valuation.reference_price(
        run.tables["prices"],
        run.date,
        weights=asked.weights,
        lookback_days=asked.lookback_days,
        findings=run.findings,
        instruments=asked.instruments,
    )
    _look_at_instruments(run)
    return found


def _look_at_instruments(run: Run) -> None:
    """Say where other units stand for those that are valued."""
    asked, prices, units = run.config.prices, run.tables["prices"], run.methodology.unit_kind
    days = (pd.Timestamp(run.date) - pd.to_datetime(prices["date"])).dt.days
    recent = prices[days.between(0, asked.lookback_days)]
    names = sorted(set(recent["instrument"].dropna()) & set(asked.instruments))
    if names and (not units or units not in map(unit_kind, names)):
        run.findings.add(
            "E738",
            layer="prices",
            column="instrument",
            observed=", ".join(names),
            units_zh=code_label("unit_kind", units or None, "zh"),
            units_en=code_label("unit_kind", units or None, "en"),
        )


def price_model(run: Run) -> PriceModel:
    """How the price moves after the valuation date; a calibration is made and told here.

    Raises
    ------
    InputError
        E872: the record cannot carry the process asked for.
    ConfigError
        E532, E861: the figures stated do not belong to the model.
    """
    asked = run.config.prices
    process, confidence = None, _STATED
    if asked.process is not None:
        process = PriceProcess(**msgspec.structs.asdict(asked.process), confidence=_STATED)
    if asked.calibrate is not None:
        process = _calibrated(run, asked.calibrate)
        confidence = process.confidence
    return PriceModel(
        asked.model,
        asked.because,
        confidence,
        growth=asked.growth_rate,
        prices={int(year): price for year, price in asked.scenario.items()},
        process=process,
    )


def _calibrated(run: Run, asked: Calibrate) -> PriceProcess:
    """The process of the project's own prices up to the valuation date, with its figures told."""
    found_here = Findings()
    series = valuation.price_series(
        run.tables["prices"],
        asked.instrument,
        findings=found_here,
        start=asked.start,
        end=min(asked.end or run.date, run.date),
        every=asked.every,
    )
    kind = cast("Kind", run.config.prices.model)  # others have no calibration: E874
    found = valuation.calibrate(series, kind=kind, findings=found_here)
    run.findings.extend(found_here)
    if found.process is None:
        faults = [row for row in found_here.rows() if row["code"] == "E869"]
        zh, en = (" ".join(row[f"message_{lang}"] for row in faults) for lang in ("zh", "en"))
        raise InputError("E872", instrument=series.label, kind=kind, why_zh=zh, why=en)
    figures = zip(
        found.figures["zh"], found.figures["en"], found.figures["value"],
        found.figures["standard_error"], strict=True,
    )  # fmt: skip
    told = [(zh, en, f"{value:.4g} ± {error:.2g}") for zh, en, value, error in figures]
    run.findings.add(
        "E873", layer="prices", column="price_cny_t", instrument=series.label, kind=kind,
        figures_zh="; ".join(f"{zh} {text}" for zh, _, text in told),
        figures="; ".join(f"{en} {text}" for _, en, text in told),
    )  # fmt: skip
    return found.process


def drawn_process(run: Run, model: PriceModel) -> PriceProcess:
    """How far the price leaves its path in the draws: the model's process, else the library's.

    It stays on the path where the project file does not ask for prices to be simulated.
    """
    process = model.process
    if process is None:
        process = PriceProcess(
            volatility=run.uncertainty.value("price_volatility_ccer", run.date, "1"),
            reversion=run.uncertainty.value("price_reversion_cea", run.date, "yr-1"),
            because=run.uncertainty.label,
            confidence=_STATED,
        )
    if "price" in run.config.valuation.simulated:
        return process
    return replace(process, volatility=0.0, jump_rate=0.0)
