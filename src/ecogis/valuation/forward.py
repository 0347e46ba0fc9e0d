"""Prices ahead: flat, growing, or by a scenario table; always from the reference price's date."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError, UnitError
from ecogis.numerics import quantise
from ecogis.valuation.discount import years_after
from ecogis.valuation.money import Amount, exact, fen
from ecogis.valuation.prices import ReferencePrice

__all__ = ["PriceModel", "price_path"]


@dataclass(frozen=True, slots=True)
class PriceModel:
    r"""How the price moves after the valuation date.

    .. math:: P_t = s \, P_0 \, (1 + g)^t

    A growth `g` above 0 raises the price. `P_0` is the reference price, or the scenario's price of
    the calendar year; `s` is 1 but in sensitivities.

    Parameters
    ----------
    kind : {"flat", "growth", "scenario"}
        Which rule.
    because, confidence : str
        Why this path, and how well it is known.
    growth : float
        Growth of the price by year, a share above -1. [yr-1]
    prices : mapping of year to price
        For ``scenario``: the price of each calendar year. [CNY t-1]
    scale : float
        Factor on every price. [1]

    Raises
    ------
    UnitError
        When the growth is not a share (5 for 0.05).
    ConfigError
        When kind and values do not belong together.
    """

    kind: Literal["flat", "growth", "scenario"]
    because: str
    confidence: str
    growth: float = 0.0
    prices: Mapping[int, Amount] = field(default_factory=dict)
    scale: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in {"flat", "growth", "scenario"}:
            raise ConfigError("E002", value=self.kind, expected="flat, growth, scenario")
        if not -1.0 < self.growth <= 1.0:
            raise UnitError("E532", name="growth", value=self.growth, expected="-1 < growth <= 1")
        if not self.scale >= 0.0:
            raise ConfigError("E532", name="scale", value=self.scale, expected="0 or more")
        if (self.kind == "flat" and self.growth) or (self.kind == "scenario") != bool(self.prices):
            what = f"kind = {self.kind}, growth = {self.growth}, {len(self.prices)} prices"
            expected = "growth only with growth or scenario, prices only with scenario"
            raise ConfigError("E532", name="model", value=what, expected=expected)

    def scaled(self, change: float) -> "PriceModel":
        """The same path with every price changed by a share."""
        return replace(
            self, scale=float(exact(self.scale, "scale") * (1 + exact(change, "change")))
        )

    def growing(self, change: float) -> "PriceModel":
        """The same path with another growth: percentage points as a share, added."""
        growth = float(exact(self.growth, "growth") + exact(change, "change"))
        return replace(self, kind="growth" if self.kind == "flat" else self.kind, growth=growth)


def price_path(reference: ReferencePrice, model: PriceModel, dates: pd.Series) -> pd.DataFrame:
    """Price at each date, rounded to 0.01 CNY t-1.

    Parameters
    ----------
    reference : ReferencePrice
        Price and date the path starts from. [CNY t-1]
    model : PriceModel
        How it moves.
    dates : Series of datetime64
        Dates asked for; each is answered once, in order of time. Dates before the reference are
        left out: the past has no forward price.

    Returns
    -------
    DataFrame
        ``date``, ``years`` [yr, actual/365], ``price_fen`` [fen t-1], ``price_cny_t`` [CNY t-1].

    Raises
    ------
    ConfigError
        E528: the scenario has no price for a year.
    """
    wanted = pd.Series(pd.to_datetime(pd.Series(dates)).dropna().unique(), name="date")
    wanted = wanted[wanted >= pd.Timestamp(reference.date)].sort_values(ignore_index=True)
    years = years_after(wanted, reference.date)
    start = np.full(len(wanted), float(reference.price_fen))
    if model.kind == "scenario":
        start = np.array([float(_of_year(model, int(year))) for year in wanted.dt.year])
    moved = quantise(start * model.scale * np.power(1.0 + model.growth, years), 1.0)
    return pd.DataFrame(
        {"date": wanted, "years": years, "price_fen": moved, "price_cny_t": moved / 100}
    )


def _of_year(model: PriceModel, year: int) -> int:
    if year not in model.prices:
        raise ConfigError("E528", when=year)
    return fen(model.prices[year], "prices")
