"""What the value would be if price, rate or growth were otherwise, one at a time."""

from collections.abc import Callable, Sequence

import pandas as pd

from ecogis.valuation.forward import PriceModel
from ecogis.valuation.money import exact

__all__ = ["sensitivities"]

_NAMES = {
    "base": ("基准", "base"),
    "price": ("价格", "price"),
    "rate": ("折现率", "discount rate"),
    "growth": ("价格年增长率", "growth of the price"),
}


def sensitivities(
    model: PriceModel,
    rate: float,
    value_fen: Callable[[PriceModel, float], int],
    *,
    price_steps: Sequence[float] = (-0.2, 0.2),
    rate_steps: Sequence[float] = (-0.02, 0.02),
    growth_steps: Sequence[float] = (-0.02, 0.02),
) -> pd.DataFrame:
    """Value with one assumption changed at a time, computed by the same functions.

    Parameters
    ----------
    model : PriceModel
        The base price model.
    rate : float
        The base discount rate. [1]
    value_fen : callable
        Value for a price model and a rate, such as the net present value of the cash flow. [fen]
    price_steps : sequence of float
        Changes of every price, as shares of it. [1]
    rate_steps, growth_steps : sequence of float
        Changes of rate and growth in percentage points, as shares; a rate never falls below 0. [1]

    Returns
    -------
    DataFrame
        ``factor``, ``zh``, ``en``, ``change`` [1], ``value_fen``, ``difference_fen`` [fen]; the
        first row is the base.
    """
    base = value_fen(model, rate)
    cases = [("base", 0.0, model, rate)]
    cases += [("price", step, model.scaled(step), rate) for step in price_steps]
    cases += [("rate", step, model, _moved(rate, step)) for step in rate_steps]
    cases += [("growth", step, model.growing(step), rate) for step in growth_steps]
    rows = []
    for factor, change, changed, at in cases:
        value = base if factor == "base" else value_fen(changed, at)
        rows.append((factor, *_NAMES[factor], change, value, value - base))
    names = ["factor", "zh", "en", "change", "value_fen", "difference_fen"]
    return pd.DataFrame(rows, columns=names)


def _moved(rate: float, step: float) -> float:
    return max(0.0, float(exact(rate, "rate") + exact(step, "step")))
