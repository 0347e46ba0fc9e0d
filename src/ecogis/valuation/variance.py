"""Which source of uncertainty the spread of the value comes from: variance shares by exchange."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.valuation.draws import SOURCES, Draws, Future

__all__ = ["variance_shares"]

Floats = npt.NDArray[np.float64]

_LEAST: Final = 200
_NAMES: Final = {
    "quantity_kg": ("减排量", "reductions"),
    "biomass": ("生物量参数(共同误差)", "biomass parameters, common error"),
    "price_fen": ("价格", "price"),
    "arrives": ("交付", "delivery"),
}


def variance_shares(plan: Future, draws: Draws) -> pd.DataFrame:
    r"""Share of each source in the variance of the net present value.

    The draws are halved into sets `A` and `B`. A source is taken from `B` while the others stay
    as in `A`; how the value then follows `B` gives the first-order share, how it leaves `A` the
    total one:

    .. math:: S_i = \frac{E[y_B (y_{A_B^i} - y_A)]}{V}, \qquad
       T_i = \frac{E[(y_A - y_{A_B^i})^2]}{2 V}

    Parameters
    ----------
    plan : Future
        What all draws share.
    draws : Draws
        As `futures` gives them.

    Returns
    -------
    DataFrame, one row per source
        ``source``, ``zh``, ``en``, ``first_order``, ``first_order_error``, ``total``,
        ``total_error`` [1]: shares and their standard errors. Missing where the value does not
        vary. The common factor of biomass has a row where it is drawn apart. Estimates of a share
        near nought may lie a little below it.

    Raises
    ------
    ConfigError
        E535: fewer than 200 draws.

    References
    ----------
    .. [1] A. Saltelli et al., "Variance based sensitivity analysis of model output," Computer
       Physics Communications 181, 2010, :doi:`10.1016/j.cpc.2009.09.018`.
    .. [2] M. J. W. Jansen, "Analysis of variance designs for model output," Computer Physics
       Communications 117, 1999, :doi:`10.1016/S0010-4655(98)00154-4`.
    """
    count = len(draws.biomass)
    if count < _LEAST:
        raise ConfigError("E535", what=f"draws = {count}, {_LEAST} needed")
    half = count // 2
    a, b = draws.rows(0, half), draws.rows(half, 2 * half)
    y_a, y_b = (_value(plan, each) for each in (a, b))
    middle = np.concatenate([y_a, y_b]).mean()
    y_a, y_b = y_a - middle, y_b - middle
    spread = float(np.concatenate([y_a, y_b]).var())
    rows = []
    drawn = [name for name in SOURCES if name != "biomass" or plan.spread]
    for name in drawn:
        y_ab = _value(plan, a.with_source(name, b)) - middle
        first, total = y_b * (y_ab - y_a), 0.5 * (y_a - y_ab) ** 2
        rows.append((name, *_NAMES[name], *_share(first, spread), *_share(total, spread)))
    names = ["source", "zh", "en", "first_order", "first_order_error", "total", "total_error"]
    return pd.DataFrame(rows, columns=names)


def _value(plan: Future, draws: Draws) -> Floats:
    return plan.worth(draws)[1].astype(np.float64)


def _share(terms: Floats, spread: float) -> tuple[float, float]:
    """Mean of the terms over the variance, and its standard error."""
    if spread == 0.0:
        return float("nan"), float("nan")
    return float(terms.mean()) / spread, float(terms.std() / np.sqrt(terms.size)) / spread
