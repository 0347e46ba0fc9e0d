"""Distribution of the value: quantiles of the net present value and of the tonnes issued."""

import datetime as dt
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.units import share
from ecogis.valuation.cash_flow import SaleTerms
from ecogis.valuation.draws import Draws, Future, Uncertainty, futures
from ecogis.valuation.money import Ints, exact

__all__ = ["Distribution", "distribution", "distribution_of"]


@dataclass(frozen=True, slots=True)
class Distribution:
    """Draws of the net present value and of the tonnes issued.

    Attributes
    ----------
    npv_fen : array (draw), int64
        Net present value of each draw. [fen]
    tonnes : array (draw, issuance), int64
        Tonnes issued. [t CO2e]
    dates : tuple of date
        Issuance dates.
    seed : int
        Seed the draws are keyed with.
    """

    npv_fen: Ints
    tonnes: Ints
    dates: tuple[dt.date, ...]
    seed: int

    def quantile(self, q: float) -> int:
        """The smallest draw that at least the share `q` of draws does not exceed. [fen]"""
        return _quantile(self.npv_fen, q)

    @property
    def mean_fen(self) -> int:
        """Mean of the draws, to the fen. [fen]"""
        return _mean(self.npv_fen)

    def summary(self) -> pd.DataFrame:
        """P5, P50, P95 and mean of the value and of the tonnes, in all and by issuance.

        Returns
        -------
        DataFrame
            ``quantity``, ``zh``, ``en``, ``unit`` (fen or t), ``p5``, ``p50``, ``p95``, ``mean``;
            whole numbers.
        """
        rows = [("net_present_value", "净现值", "net present value", "fen", self.npv_fen)]
        total = self.tonnes.sum(axis=1, dtype=np.int64)
        rows.append(("tonnes", "签发量合计", "tonnes issued in all", "t", total))
        rows += [
            (f"tonnes_{when}", f"{when} 签发量", f"tonnes issued {when}", "t", self.tonnes[:, i])
            for i, when in enumerate(self.dates)
        ]
        names = ["quantity", "zh", "en", "unit", "p5", "p50", "p95", "mean"]
        table = [
            (*head, *(_quantile(draws, q) for q in (0.05, 0.5, 0.95)), _mean(draws))
            for *head, draws in rows
        ]
        return pd.DataFrame(table, columns=names)


def distribution(
    credit_kg: pd.DataFrame,
    flow: pd.DataFrame,
    *,
    terms: SaleTerms,
    uncertainty: Uncertainty,
    date: dt.date,
    seed: int,
    draws: int,
    delivery: Literal["expected", "drawn"] = "expected",
    drawn_kg: Ints | None = None,
) -> Distribution:
    """Net present value of `draws` futures of the same cash flow.

    A stand's reductions carry a lognormal factor of mean one, drawn once for all its issuances;
    one more factor is common to all stands of a draw. Whole tonnes are issued per draw as in the
    plan: the floor of the cumulative sum less what was issued. Prices move around the cash flow's
    path. Costs are certain.

    Parameters
    ----------
    credit_kg : DataFrame (stand, issuance date), int64
        Expected reductions by stand (index: identifier) and issuance date (columns, datetime).
        Issuances before the valuation date are taken as they were. [kg CO2e]
    flow : DataFrame
        The cash flow of the same issuances, as `cash_flow` gives it.
    terms : SaleTerms
        As in the cash flow. [1]
    uncertainty : Uncertainty
        Spread of each source.
    date : date
        Valuation date.
    seed, draws : int
        Seed of the run and number of draws.
    delivery : {"expected", "drawn"}
        The delivery risk as a certain deduction, or as the chance that an issuance fails as a
        whole; never both.
    drawn_kg : array (draw, issuance), int64, optional
        Reductions drawn elsewhere, with every source of their uncertainty; the two coefficients
        of variation are not used then. [kg CO2e]

    Returns
    -------
    Distribution
        Same bytes for the same input, whatever the order of rows.

    Raises
    ------
    ConfigError
        E535: no draws, missing or repeated stands or dates, tonnes that are not the cash flow's, or
        drawn kilograms of another shape.
    """
    plan, drawn = futures(
        credit_kg, flow, terms=terms, uncertainty=uncertainty, date=date, seed=seed, draws=draws,
        delivery=delivery, drawn_kg=drawn_kg,
    )  # fmt: skip
    return distribution_of(plan, drawn, seed)


def distribution_of(plan: Future, draws: Draws, seed: int) -> Distribution:
    """What draws that were made are worth; `seed` is the one they were made with."""
    tonnes, npv = plan.worth(draws)
    return Distribution(npv, tonnes, tuple(day.date() for day in plan.sales["date"]), seed)


def _quantile(draws: npt.NDArray[np.int64], q: float) -> int:
    count = len(draws)
    rank = math.ceil(Fraction(exact(share(q, "quantile"), "quantile")) * count)
    return int(np.sort(draws)[max(rank, 1) - 1])


def _mean(draws: npt.NDArray[np.int64]) -> int:
    return round(Fraction(int(draws.sum()), len(draws)))
