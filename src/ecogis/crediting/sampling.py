"""How many sample plots a stated precision needs, and how many of them in each stratum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import require

__all__ = ["ALLOCATIONS", "Design", "sample_design", "t_value"]

ALLOCATIONS = ("neyman", "proportional")
"""Plots by area times deviation, which takes the fewest, or by area alone."""

_M2_PER_DM2 = 0.01
_HALVINGS = 200  # beyond what a float can tell apart
_NOTHING = 1e-12  # a size, to the largest, that asks for no plots of its own

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def t_value(confidence: float, degrees: float) -> float:
    """Student's t that a share `confidence` of the distribution lies within, on both sides.

    Parameters
    ----------
    confidence : float
        Share, such as 0.9. [1]
    degrees : float
        Degrees of freedom; infinite gives the normal distribution.

    Returns
    -------
    float
        Missing without a degree of freedom.

    Raises
    ------
    ConfigError
        The confidence is not between 0 and 1.

    Examples
    --------
    >>> round(t_value(0.9, 10), 3), round(t_value(0.9, np.inf), 3)
    (1.812, 1.645)
    """
    if not 0.0 < confidence < 1.0:
        raise ConfigError("E753", what=f"confidence = {confidence:g}")
    if not degrees > 0.0:
        return float("nan")
    side = 0.5 + confidence / 2.0
    return float(ndtri(side) if np.isinf(degrees) else stdtrit(degrees, side))


@dataclass(frozen=True, slots=True)
class Design:
    """Plots of a sample.

    Attributes
    ----------
    table : DataFrame, one row per stratum, by name
        ``stratum area_dm2 weight possible plots``: `possible` is how many plots would cover the
        stratum, `plots` how many are to be measured. [1, 0.01 m2, 1, 1, 1]
    by_formula : int
        Plots in all by the formula, with the t of their own degrees of freedom.
    t : float
        Student's t of the plots allotted.
    relative_margin : float
        Margin to expect of the plots allotted over the expected mean, never above what was asked
        unless all land is sampled. [1]
    """

    table: pd.DataFrame
    by_formula: int
    t: float
    relative_margin: float

    @property
    def plots(self) -> int:
        """Plots in all."""
        return int(self.table["plots"].sum())


@dataclass(frozen=True, slots=True)
class _Expected:
    """What is known of the strata before the sample: arrays over strata."""

    weight: Floats
    mean: Floats
    deviation: Floats
    possible: Floats
    neyman: bool

    @property
    def within(self) -> float:
        return float(np.sum(self.weight * self.deviation**2))

    def needed(self, t: float, margin: float) -> float:
        """Plots for a margin of the mean, before rounding."""
        pooled = float(np.sum(self.weight * self.deviation)) ** 2 if self.neyman else self.within
        all_plots = float(self.possible.sum())
        top = all_plots * t * t * pooled
        return top / (all_plots * margin**2 + t * t * self.within)

    def margin(self, plots: Ints, t: float) -> float:
        """Half-width of the interval of the mean with so many plots in each stratum."""
        left = np.maximum(1.0 - plots / self.possible, 0.0)
        return t * float(np.sqrt(np.sum((self.weight * self.deviation) ** 2 / plots * left)))


def sample_design(
    strata: pd.DataFrame,
    *,
    plot_area_m2: float,
    relative_error: float,
    confidence: float,
    allocation: str = "neyman",
    at_least: int = 2,
) -> Design:
    r"""Number of plots for a margin of error at a confidence, and their division over strata.

    .. math:: n = \frac{N t^2 (\sum w_i s_i)^2}{N E^2 + t^2 \sum w_i s_i^2}, \qquad
              n_i = n \frac{w_i s_i}{\sum w_i s_i}

    For proportional allocation the square of the sum is :math:`\sum w_i s_i^2`, and
    :math:`n_i = n w_i`. `t` has as many degrees of freedom as plots less strata, so `n` is the
    smallest number that reaches the margin with its own t. Plots are divided by largest
    remainder. If whole plots and the minimum leave the margin above what is asked, plots are
    added one by one.

    Parameters
    ----------
    strata : DataFrame, one row per stratum
        Columns ``stratum area_dm2 stock_t_ha deviation_t_ha``: mean and standard deviation of
        plots to expect, from a pilot or from like forest; what `stock` gives fits.
        [1, 0.01 m2, t CO2e ha-1, t CO2e ha-1]
    plot_area_m2 : float
        Area of a plot; the deviations must be of plots of this size. [m2]
    relative_error, confidence : float
        Margin over the mean to reach, and its confidence, such as the methodology's. [1]
    allocation : {"neyman", "proportional"}
        How plots are divided.
    at_least : int
        Plots in every stratum; fewer than two give no deviation. A policy.

    Returns
    -------
    Design

    Raises
    ------
    ConfigError
        An argument does not fit, a stratum has no expected mean or deviation, stands twice, or
        is too small for `at_least` plots.

    References
    ----------
    .. [1] CDM A/R methodological tool "Calculation of the number of sample plots", as recalled;
       the AR-CM methodologies follow it.
    .. [2] W. G. Cochran, "Sampling techniques," 3rd ed., Wiley, 1977, chapter 5.

    Examples
    --------
    Two strata of 30 and 70 ha. The t of 1.645 gives 36.7 plots; 39 are enough with the t of their
    own 37 degrees of freedom, 1.687:

    >>> strata = pd.DataFrame(
    ...     {
    ...         "stratum": ["A", "B"],
    ...         "area_dm2": [30_000_000, 70_000_000],
    ...         "stock_t_ha": [200.0, 100.0],
    ...         "deviation_t_ha": [80.0, 35.0],
    ...     }
    ... )
    >>> sample = sample_design(strata, plot_area_m2=600, relative_error=0.1, confidence=0.9)
    >>> sample.by_formula, sample.table["plots"].tolist()
    (39, [19, 20])
    """
    _check(allocation, (plot_area_m2, relative_error, float(at_least)), at_least)
    require(strata, ("stratum", "area_dm2", "stock_t_ha", "deviation_t_ha"), "strata")
    table = strata.sort_values("stratum", kind="stable", ignore_index=True)
    _check_strata(table)
    area = table["area_dm2"].to_numpy(dtype=np.float64)
    expected = _Expected(
        weight=area / area.sum(),
        mean=table["stock_t_ha"].to_numpy(dtype=np.float64),
        deviation=table["deviation_t_ha"].to_numpy(dtype=np.float64),
        possible=area * _M2_PER_DM2 / plot_area_m2,
        neyman=allocation == "neyman",
    )
    for name, room in zip(table["stratum"], expected.possible, strict=True):
        if room < at_least:
            raise ConfigError("E753", what=f"{name}: plots {room:.1f} < {at_least}")
    margin = relative_error * float(np.sum(expected.weight * expected.mean))
    by_formula = _by_formula(expected, margin, confidence)
    plots, t = _allotted(
        expected, max(by_formula, at_least * len(table)), margin, (confidence, at_least)
    )
    columns = {"weight": expected.weight, "possible": expected.possible, "plots": plots}
    out = table[["stratum", "area_dm2"]].assign(**columns)
    return Design(out, by_formula, t, expected.margin(plots, t) / margin * relative_error)


def _check(allocation: str, positive: tuple[float, ...], at_least: int) -> None:
    if allocation not in ALLOCATIONS:
        raise ConfigError("E753", what=f"allocation = {allocation} ({', '.join(ALLOCATIONS)})")
    if not all(np.isfinite(value) and value > 0 for value in positive) or at_least < 2:
        raise ConfigError("E753", what="plot_area_m2, relative_error, at_least")


def _check_strata(table: pd.DataFrame) -> None:
    numbers = table[["area_dm2", "stock_t_ha", "deviation_t_ha"]].to_numpy(dtype=np.float64)
    bad = ~(np.isfinite(numbers).all(axis=1) & (numbers >= 0).all(axis=1) & (numbers[:, 0] > 0))
    bad |= table["stratum"].isna().to_numpy() | table["stratum"].duplicated(keep=False).to_numpy()
    if bad.any() or not len(table):
        names = ", ".join(map(str, table.loc[bad, "stratum"])) or "strata"
        raise ConfigError("E753", what=f"{names}: area_dm2, stock_t_ha, deviation_t_ha")
    if not (table["area_dm2"] * table["stock_t_ha"]).sum() > 0:
        raise ConfigError("E753", what="stock_t_ha = 0")


def _by_formula(expected: _Expected, margin: float, confidence: float) -> int:
    """Smallest number of plots that is enough with the t of its own degrees of freedom.

    More plots have a smaller t and need fewer, so the smallest is found by halving.
    """
    strata = len(expected.weight)

    def enough(plots: int) -> bool:
        return expected.needed(t_value(confidence, plots - strata), margin) <= plots

    low = high = max(strata + 1, int(np.ceil(expected.needed(t_value(confidence, np.inf), margin))))
    while not enough(high):
        low, high = high + 1, 2 * high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle + 1, high)
    return low


def _allotted(
    expected: _Expected, plots: int, margin: float, policy: tuple[float, int]
) -> tuple[Ints, float]:
    """Whole plots by stratum that reach the margin, and their t."""
    confidence, at_least = policy
    most = np.floor(expected.possible).astype(np.int64)
    size = expected.weight * expected.deviation if expected.neyman else expected.weight
    while True:
        parts = _divided(plots, size, at_least, most)
        t = t_value(confidence, int(parts.sum()) - len(parts))
        if expected.margin(parts, t) <= margin * (1 + 1e-12) or parts.sum() < plots:
            return parts, t
        plots += 1


def _divided(total: int, size: Floats, least: int, most: Ints) -> Ints:
    """Whole plots by size with a least and a most number; fewer than the total when all are full.

    Every stratum has the same number of plots for its size, unless it has the least or the most.
    That number is found by halving; what is under a whole plot goes by largest remainder.
    """
    size = size / (size.max() or 1.0)
    size = np.where(size > _NOTHING, size, 0.0)
    ceiling = np.where(size > 0, most, least).astype(np.float64)
    if total >= ceiling.sum():
        return ceiling.astype(np.int64)
    low, high = 0.0, float(np.max(ceiling / np.where(size > 0, size, np.inf)))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        fits = np.clip(middle * size, least, ceiling).sum() <= total
        low, high = (middle, high) if fits else (low, middle)
    quota = np.clip(low * size, least, ceiling)
    parts = np.floor(quota).astype(np.int64)
    rest = np.where(quota < ceiling, quota - parts, -1.0)
    order = np.argsort(-rest, kind="stable")
    parts[order[: total - int(parts.sum())]] += 1
    return parts
