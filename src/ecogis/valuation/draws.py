"""Draws of quantity, price and delivery, and what each draw is worth.

Every draw is keyed by (seed, name, purpose), so that the result does not depend on the order of
rows, and a stand draws the same numbers in any run with the same seed. Sources are drawn apart and
put together last: exchanging one of them between two sets of draws tells how much it matters.
"""

import datetime as dt
import math
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.numerics import normals, quantise, uniforms
from ecogis.valuation import kernels
from ecogis.valuation.cash_flow import SaleTerms, income
from ecogis.valuation.discount import present_fen, years_after
from ecogis.valuation.money import Ints
from ecogis.valuation.processes import PriceProcess, drawn_prices

__all__ = ["SOURCES", "Draws", "Future", "Uncertainty", "futures"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

_BLOCK: Final = 2048  # stands whose draws are held at once; sums do not depend on it

_MOST_FEN: Final = 9.0e12  # shares are taken of it in millionths, in whole numbers

SOURCES: Final = ("quantity_kg", "biomass", "price_fen", "arrives")
"""What is drawn apart: the arrays of `Draws`."""


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How far quantity and price may lie from what is expected.

    Parameters
    ----------
    volume_cv : float
        Coefficient of variation of a stand's reductions, independent from stand to stand. [1]
    biomass_cv : float
        The same of the biomass parameters, common to all stands of a draw. [1]
    price : PriceProcess
        How far the price leaves its path, and how fast it returns.
    because, confidence : str
        Reason and weakest confidence.
    """

    volume_cv: float
    biomass_cv: float
    price: PriceProcess
    because: str
    confidence: str

    def __post_init__(self) -> None:
        for name in ("volume_cv", "biomass_cv"):
            value = getattr(self, name)
            if not 0.0 <= value < math.inf:
                raise ConfigError("E535", what=f"{name} = {value}")


@dataclass(frozen=True, slots=True)
class Draws:
    """What was drawn, source by source.

    Attributes
    ----------
    quantity_kg : array (draw, issuance), int64
        Reductions, each stand with its own error. [kg CO2e]
    biomass : array (draw), float64
        Standard normal behind the factor common to all stands. [1]
    price_fen : array (draw, issuance), int64
        [fen t-1]
    arrives : array (draw, issuance), bool
        Whether an issuance is delivered.
    """

    quantity_kg: Ints
    biomass: Floats
    price_fen: Ints
    arrives: Bools

    def rows(self, low: int, high: int) -> "Draws":
        """Some of the draws."""
        return Draws(*(getattr(self, name)[low:high] for name in SOURCES))

    def with_source(self, name: str, other: "Draws") -> "Draws":
        """The same draws but for one source."""
        return replace(self, **{name: getattr(other, name)})


@dataclass(frozen=True, slots=True)
class Future:
    """What all draws share: plan, terms and costs of the cash flow.

    Attributes
    ----------
    issued_kg : int
        Reductions issued before the valuation date. [kg CO2e]
    sales : DataFrame
        Issuances of the cash flow, in order of time.
    terms : SaleTerms
        Shares taken off; without the expected delivery risk where delivery is drawn.
    cost_fen : int
        Present value of all costs, below zero. [fen]
    spread : float
        Standard deviation of the logarithm of the common factor. [1]
    """

    issued_kg: int
    sales: pd.DataFrame
    terms: SaleTerms
    cost_fen: int
    spread: float

    def worth(self, draws: Draws) -> tuple[Ints, Ints]:
        """Tonnes issued (draw, issuance) [t CO2e] and net present value (draw) [fen].

        Raises
        ------
        ConfigError
            E535: the income of a draw at one date is too large to be counted in fen.
        """
        kg = draws.quantity_kg.copy()
        kernels.scale_kg(draws.biomass, self.spread, kg)
        tonnes = issued_tonnes(self.issued_kg, kg)
        sold = tonnes * draws.arrives
        most = float((sold.astype(np.float64) * draws.price_fen).max(initial=0.0))
        if most >= _MOST_FEN:
            raise ConfigError("E535", what=f"a draw's income of {most / 100:,.0f} yuan at one date")
        net = income(sold, draws.price_fen, self.terms).net
        present = present_fen(net, self.sales["discount_factor"].to_numpy()[None, :])
        return tonnes, present.sum(axis=1, dtype=np.int64) + self.cost_fen


def futures(
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
) -> tuple[Future, Draws]:
    """Draw every source of the same cash flow; arguments as for `distribution`.

    Raises
    ------
    ConfigError
        E535: no draws, missing or repeated stands or dates, tonnes that are not the cash flow's,
        or drawn kilograms of another shape.
    """
    if draws < 1 or delivery not in {"expected", "drawn"}:
        raise ConfigError("E535", what=f"draws = {draws}, delivery = {delivery}")
    sales = flow[flow["kind"] == "issuance"]
    cost_fen = int(flow.loc[flow["kind"] == "cost", "present_fen"].sum())
    issued_kg, coming = _ordered(credit_kg, sales, date)
    quantity, spread = _quantity(coming, uncertainty, seed, draws, drawn_kg)
    found = Draws(
        quantity,
        normals(seed, "project", "biomass-parameters", draws),
        _drawn_prices(sales, uncertainty, date, seed, draws),
        np.ones((draws, len(sales)), dtype=np.bool_),
    )
    if delivery == "drawn":
        chance = uniforms(seed, _names(sales), "delivery", draws)
        arrives = np.ascontiguousarray((chance >= terms.delivery_risk_share).T)
        found, terms = replace(found, arrives=arrives), replace(terms, delivery_risk_share=0.0)
    return Future(issued_kg, sales, terms, cost_fen, spread), found


def _quantity(
    coming: pd.DataFrame, uncertainty: Uncertainty, seed: int, draws: int, drawn_kg: Ints | None
) -> tuple[Ints, float]:
    """Drawn kilograms by issuance, and the spread of the factor still to come."""
    if drawn_kg is None:
        spread = _log_spread(uncertainty.biomass_cv)
        return _drawn_kg(coming, uncertainty, seed, draws), spread
    if drawn_kg.shape != (draws, coming.shape[1]) or drawn_kg.dtype != np.int64:
        what = f"drawn_kg of shape {drawn_kg.shape}, {drawn_kg.dtype}"
        raise ConfigError("E535", what=what)
    return drawn_kg, 0.0


def _ordered(
    credit_kg: pd.DataFrame, sales: pd.DataFrame, date: dt.date
) -> tuple[int, pd.DataFrame]:
    """Kilograms of the issuances that are past, and the matrix of those to come."""
    dates = pd.to_datetime(credit_kg.columns)
    table = credit_kg.set_axis(dates, axis=1)
    if table.index.hasnans or not (table.index.is_unique and dates.is_unique):
        raise ConfigError("E535", what="stands or issuance dates missing or repeated")
    if not all(dtype == np.int64 for dtype in table.dtypes):
        raise ConfigError("E535", what="credit_kg must be int64 kilograms")
    past = dates < pd.Timestamp(date)
    issued_kg = int(table.loc[:, past].to_numpy(dtype=np.int64).sum())
    coming = table.loc[:, ~past].sort_index(axis=1)
    if list(coming.columns) != list(sales["date"]):
        raise ConfigError("E535", what="issuance dates are not those of the cash flow")
    expected = issued_tonnes(issued_kg, coming.to_numpy(dtype=np.int64).sum(axis=0)[None, :])[0]
    if not np.array_equal(expected, sales["tonnes"].to_numpy()):
        what = (
            f"stands add up to {expected.tolist()} t, the cash flow has {sales['tonnes'].tolist()}"
        )
        raise ConfigError("E535", what=what)
    return issued_kg, coming


def issued_tonnes(issued_kg: int, credit_kg: Ints) -> Ints:
    """Whole tonnes by issuance: floor of the cumulative sum less what was issued. [t]"""
    whole = (issued_kg + np.cumsum(credit_kg, axis=1, dtype=np.int64)) // 1000
    start = np.full((len(whole), 1), issued_kg // 1000, dtype=np.int64)
    reached = np.maximum.accumulate(np.hstack([start, whole]), axis=1)
    return np.asarray(np.diff(reached, axis=1), dtype=np.int64)


def _drawn_kg(coming: pd.DataFrame, uncertainty: Uncertainty, seed: int, draws: int) -> Ints:
    out = np.zeros((draws, coming.shape[1]), dtype=np.int64)
    matrix = np.ascontiguousarray(coming.to_numpy(dtype=np.int64))
    stands = coming.index.astype(str).to_list()
    spread = _log_spread(uncertainty.volume_cv)
    for start in range(0, len(stands), _BLOCK):
        block = slice(start, start + _BLOCK)
        shocks = normals(seed, stands[block], "stand-volume", draws)
        kernels.add_drawn_kg(matrix[block], shocks, spread, out)
    return out


def _drawn_prices(
    sales: pd.DataFrame, uncertainty: Uncertainty, date: dt.date, seed: int, draws: int
) -> Ints:
    path_fen = quantise(sales["price_cny_t"].to_numpy(), 0.01)
    years = years_after(sales["date"], date)  # prices move by the calendar, however one discounts
    return drawn_prices(uncertainty.price, path_fen, years, _names(sales), seed=seed, draws=draws)


def _names(sales: pd.DataFrame) -> list[str]:
    return [f"{stamp:%Y-%m-%d}" for stamp in sales["date"]]


def _log_spread(cv: float) -> float:
    """Standard deviation of the logarithm of a lognormal with this coefficient of variation."""
    return math.sqrt(math.log1p(cv * cv))
