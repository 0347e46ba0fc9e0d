"""Prices ahead: flat, growing, by a scenario or a process; all start at the reference price."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError, UnitError
from ecogis.numerics import quantise
from ecogis.valuation.discount import years_after
from ecogis.valuation.money import Amount, exact, fen
from ecogis.valuation.prices import ReferencePrice
from ecogis.valuation.processes import PriceProcess, expected_price

__all__ = ["PriceModel", "price_path"]

_RULES: Final = ("flat", "growth", "scenario")
_PROCESSES: Final = {
    "mean_reverting": "reversion > 0, a level, no jumps",
    "gbm": "no reversion, no jumps",
    "jump": "jump_rate > 0, a level where there is a reversion",
}


@dataclass(frozen=True, slots=True)
class PriceModel:
    r"""How the price moves after the valuation date.

    .. math:: P_t = s \, P_0 \, (1 + g)^t

    A growth `g` above 0 raises the price. `P_0` is the reference price, the scenario's price of
    the calendar year, or what a process that starts at the reference price expects at `t`; `s` is
    1 but in sensitivities.

    Parameters
    ----------
    kind : {"flat", "growth", "scenario", "mean_reverting", "gbm", "jump"}
        Which rule, or which process.
    because, confidence : str
        Why this path, and how well it is known.
    growth : float
        Growth of the price by year, a share above -1; with a process it is 0 but in
        sensitivities. [yr-1]
    prices : mapping of year to price
        For ``scenario``: the price of each calendar year. [CNY t-1]
    process : PriceProcess, optional
        For the last three kinds: reverting to a level, without reversion, or with jumps.
    scale : float
        Factor on every price. [1]

    Raises
    ------
    UnitError
        When the growth is not a share (5 for 0.05).
    ConfigError
        When kind and values do not belong together.
    """

    kind: Literal["flat", "growth", "scenario", "mean_reverting", "gbm", "jump"]
    because: str
    confidence: str
    growth: float = 0.0
    prices: Mapping[int, Amount] = field(default_factory=dict)
    scale: float = 1.0
    process: PriceProcess | None = None

    def __post_init__(self) -> None:
        if self.kind not in (*_RULES, *_PROCESSES):
            raise ConfigError("E002", value=self.kind, expected=", ".join((*_RULES, *_PROCESSES)))
        if not -1.0 < self.growth <= 1.0:
            raise UnitError("E532", name="growth", value=self.growth, expected="-1 < growth <= 1")
        if not self.scale >= 0.0:
            raise ConfigError("E532", name="scale", value=self.scale, expected="0 or more")
        if (self.kind == "flat" and self.growth) or (self.kind == "scenario") != bool(self.prices):
            what = f"kind = {self.kind}, growth = {self.growth}, {len(self.prices)} prices"
            expected = "growth not with flat, prices only with scenario"
            raise ConfigError("E532", name="model", value=what, expected=expected)
        if not _belong(self.kind, self.process):
            expected = _PROCESSES.get(self.kind, "no process")
            raise ConfigError("E532", name="process", value=self.process, expected=expected)

    def scaled(self, change: float) -> "PriceModel":
        """The same path with every price changed by a share."""
        return replace(
            self, scale=float(exact(self.scale, "scale") * (1 + exact(change, "change")))
        )

    def growing(self, change: float) -> "PriceModel":
        """The same path with another growth: percentage points as a share, added."""
        growth = float(exact(self.growth, "growth") + exact(change, "change"))
        return replace(self, kind="growth" if self.kind == "flat" else self.kind, growth=growth)


def _belong(kind: str, process: PriceProcess | None) -> bool:
    """Whether a kind has the process it needs, and no other."""
    if process is None or kind not in _PROCESSES:
        return process is None and kind not in _PROCESSES
    reverts, jumps = process.reversion > 0.0, process.jump_rate > 0.0
    levelled = process.level_cny_t is not None
    if kind == "jump":
        return jumps and reverts == levelled
    return not jumps and (reverts and levelled if kind == "mean_reverting" else not reverts)


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
    if model.process is not None:
        start = expected_price(model.process, reference.price_cny_t, years) * 100.0
    moved = quantise(start * model.scale * np.power(1.0 + model.growth, years), 1.0)
    return pd.DataFrame(
        {"date": wanted, "years": years, "price_fen": moved, "price_cny_t": moved / 100}
    )


def _of_year(model: PriceModel, year: int) -> int:
    if year not in model.prices:
        raise ConfigError("E528", when=year)
    return fen(model.prices[year], "prices")
