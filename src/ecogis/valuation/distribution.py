"""Distribution of the value: draws of volume, biomass parameters, price and delivery.

Every draw is keyed by (seed, name, purpose), so that the result does not depend on the order of
rows, and a stand draws the same numbers in any run with the same seed.
"""

import datetime as dt
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.units import share
from ecogis.numerics import normals, quantise, uniforms
from ecogis.valuation import kernels
from ecogis.valuation.cash_flow import SaleTerms, income
from ecogis.valuation.discount import present_fen
from ecogis.valuation.money import Ints, exact

__all__ = ["Distribution", "Uncertainty", "distribution"]

_BLOCK: Final = 2048  # stands whose draws are held at once; sums do not depend on it


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """How far quantity and price may lie from what is expected.

    Parameters
    ----------
    volume_cv : float
        Coefficient of variation of a stand's reductions, independent from stand to stand. [1]
    biomass_cv : float
        The same of the biomass parameters, common to all stands of a draw. [1]
    price_volatility : float
        Standard deviation of the price's logarithm over a year. [yr-0.5]
    price_reversion : float
        Speed at which the price returns to its path; 0 is Brownian motion. [yr-1]
    because, confidence : str
        Reason and weakest confidence.
    """

    volume_cv: float
    biomass_cv: float
    price_volatility: float
    price_reversion: float
    because: str
    confidence: str

    def __post_init__(self) -> None:
        for name in ("volume_cv", "biomass_cv", "price_volatility", "price_reversion"):
            value = getattr(self, name)
            if not 0.0 <= value < math.inf:
                raise ConfigError("E535", what=f"{name} = {value}")


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

    Returns
    -------
    Distribution
        Same bytes for the same input, whatever the order of rows.

    Raises
    ------
    ConfigError
        E535: no draws, missing or repeated stands or dates, or tonnes that are not the cash flow's.
    """
    if draws < 1 or delivery not in {"expected", "drawn"}:
        raise ConfigError("E535", what=f"draws = {draws}, delivery = {delivery}")
    sales = flow[flow["kind"] == "issuance"]
    cost_fen = int(flow.loc[flow["kind"] == "cost", "present_fen"].sum())
    issued_kg, coming = _ordered(credit_kg, sales, date)
    drawn_kg = _drawn_kg(coming, uncertainty, seed, draws)
    tonnes = _issued(issued_kg, drawn_kg)
    price_fen = _drawn_prices(sales, uncertainty, seed, draws)
    sold = tonnes
    if delivery == "drawn":
        terms, sold = _delivered(tonnes, sales, terms, seed)
    net = income(sold, price_fen, terms).net
    present = present_fen(net, sales["discount_factor"].to_numpy()[None, :])
    npv = present.sum(axis=1, dtype=np.int64) + cost_fen
    dates = tuple(stamp.date() for stamp in sales["date"])
    return Distribution(npv, tonnes, dates, seed)


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
    expected = _issued(issued_kg, coming.to_numpy(dtype=np.int64).sum(axis=0)[None, :])[0]
    if not np.array_equal(expected, sales["tonnes"].to_numpy()):
        what = (
            f"stands add up to {expected.tolist()} t, the cash flow has {sales['tonnes'].tolist()}"
        )
        raise ConfigError("E535", what=what)
    return issued_kg, coming


def _issued(issued_kg: int, credit_kg: Ints) -> Ints:
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
    common = normals(seed, "project", "biomass-parameters", draws)
    kernels.scale_kg(common, _log_spread(uncertainty.biomass_cv), out)
    return out


def _drawn_prices(sales: pd.DataFrame, uncertainty: Uncertainty, seed: int, draws: int) -> Ints:
    out = np.zeros((draws, len(sales)), dtype=np.int64)
    shocks = normals(seed, _names(sales), "price", draws)
    path_fen = quantise(sales["price_cny_t"].to_numpy(), 0.01)
    kernels.walk_price(
        shocks,
        sales["years"].to_numpy(dtype=np.float64),
        path_fen,
        uncertainty.price_volatility,
        uncertainty.price_reversion,
        out,
    )
    return out


def _delivered(
    tonnes: Ints, sales: pd.DataFrame, terms: SaleTerms, seed: int
) -> tuple[SaleTerms, Ints]:
    """Tonnes after failures drawn by issuance, and terms without the expected deduction."""
    chance = uniforms(seed, _names(sales), "delivery", len(tonnes))
    arrives = (chance >= terms.delivery_risk_share).T
    certain = SaleTerms(
        0.0,
        terms.fee_share,
        terms.tax_share,
        terms.developer_share,
        terms.because,
        terms.confidence,
    )
    return certain, np.asarray(tonnes * arrives, dtype=np.int64)


def _names(sales: pd.DataFrame) -> list[str]:
    return [f"{stamp:%Y-%m-%d}" for stamp in sales["date"]]


def _log_spread(cv: float) -> float:
    """Standard deviation of the logarithm of a lognormal with this coefficient of variation."""
    return math.sqrt(math.log1p(cv * cv))


def _quantile(draws: npt.NDArray[np.int64], q: float) -> int:
    count = len(draws)
    rank = math.ceil(Fraction(exact(share(q, "quantile"), "quantile")) * count)
    return int(np.sort(draws)[max(rank, 1) - 1])


def _mean(draws: npt.NDArray[np.int64]) -> int:
    return round(Fraction(int(draws.sum()), len(draws)))
