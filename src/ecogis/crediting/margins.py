"""The margin of error of a stratified mean and total, and of the difference of two."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecogis.crediting.sampling import t_value

__all__ = ["FREEDOMS", "Total", "difference", "margin_of"]

FREEDOMS = ("pooled", "satterthwaite")
"""Degrees of freedom: plots less strata, or weighted by each stratum's own variance."""

_HA_PER_DM2 = 1e-6
_KG_PER_T = 1000.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Total:
    """A mean and a total with their margin, of all strata or of one domain.

    Missing numbers are NaN, and None for kilograms: some stratum has fewer than two plots.

    Attributes
    ----------
    plots : int
        Plots used.
    degrees : float
        Degrees of freedom.
    stock_t_ha, standard_error_t_ha, margin_t_ha : float
        Mean, its standard error and half the width of its interval. [t CO2e ha-1]
    relative_margin : float
        Margin over the size of the mean; infinite where that is zero. [1]
    co2e_kg, margin_kg : int or None
        Total, the sum over strata, and its margin, rounded up. [kg CO2e]
    """

    plots: int
    degrees: float
    stock_t_ha: float
    standard_error_t_ha: float
    margin_t_ha: float
    relative_margin: float
    co2e_kg: int | None
    margin_kg: int | None


def difference(earlier: Total, later: Total) -> Total:
    r"""Change between two stocks estimated from samples that share no plots.

    .. math:: u_{\Delta} = \frac{\sqrt{(u_1 C_1)^2 + (u_2 C_2)^2}}{|C_2 - C_1|}

    Parameters
    ----------
    earlier, later : Total
        Of the same land, at the same confidence.

    Returns
    -------
    Total
        Later less earlier; plots and degrees of freedom are those of both.

    References
    ----------
    .. [1] CDM AR-TOOL14, version 04.2, equation (2).

    Examples
    --------
    >>> one = Total(9, 8.0, 50.0, 2.0, 3.0, 0.06, 5_000, 300)
    >>> two = Total(9, 8.0, 90.0, 3.0, 4.0, 0.0444, 9_000, 400)
    >>> found = difference(one, two)
    >>> found.margin_t_ha, found.relative_margin, found.co2e_kg, found.margin_kg
    (5.0, 0.125, 4000, 500)
    """
    mean = later.stock_t_ha - earlier.stock_t_ha
    margin = float(np.hypot(earlier.margin_t_ha, later.margin_t_ha))
    known = earlier.co2e_kg is not None and later.co2e_kg is not None
    sure = earlier.margin_kg is not None and later.margin_kg is not None
    return Total(
        plots=earlier.plots + later.plots,
        degrees=earlier.degrees + later.degrees,
        stock_t_ha=mean,
        standard_error_t_ha=float(np.hypot(earlier.standard_error_t_ha, later.standard_error_t_ha)),
        margin_t_ha=margin,
        relative_margin=_relative(margin, mean),
        co2e_kg=(later.co2e_kg or 0) - (earlier.co2e_kg or 0) if known else None,
        margin_kg=int(np.ceil(np.hypot(earlier.margin_kg or 0, later.margin_kg or 0)))
        if sure
        else None,
    )


def margin_of(strata: pd.DataFrame, policy: tuple[float, str]) -> Total:
    """Mean and total of some strata, with their margin.

    Parameters
    ----------
    strata : DataFrame, one row per stratum
        ``area_dm2 plots stock_t_ha co2e_kg``, ``variance`` of the stratum's mean and ``degrees`` of
        freedom it has. [0.01 m2, 1, t CO2e ha-1, kg CO2e, (t CO2e ha-1)2, 1]
    policy : tuple of float and str
        Confidence [1], and one of `FREEDOMS`.

    Returns
    -------
    Total

    Examples
    --------
    >>> row = {"area_dm2": [10**7], "plots": [9], "stock_t_ha": [50.0], "co2e_kg": [500_000]}
    >>> found = margin_of(pd.DataFrame(row).assign(variance=4.0, degrees=8.0), (0.9, "pooled"))
    >>> round(found.margin_t_ha, 3), round(found.relative_margin, 4)
    (3.719, 0.0744)
    """
    confidence, freedom = policy
    table = strata[strata["area_dm2"] > 0]  # a stratum without land changes nothing
    area_ha = float(table["area_dm2"].sum()) * _HA_PER_DM2
    weight = table["area_dm2"] / table["area_dm2"].sum()
    mean = float((weight * table["stock_t_ha"]).sum(skipna=False))
    parts = (weight**2 * table["variance"]).to_numpy(dtype=np.float64)
    variance = float(parts.sum())
    degrees = _degrees(parts, table["degrees"].to_numpy(dtype=np.float64), freedom)
    margin = t_value(confidence, degrees) * variance**0.5
    known = bool(np.isfinite(margin))
    return Total(
        plots=int(table["plots"].sum()),
        degrees=degrees,
        stock_t_ha=mean,
        standard_error_t_ha=variance**0.5,
        margin_t_ha=margin,
        relative_margin=_relative(margin, mean),
        co2e_kg=None if np.isnan(mean) else int(table["co2e_kg"].sum()),
        margin_kg=int(np.ceil(margin * area_ha * _KG_PER_T)) if known else None,
    )


def _degrees(parts: Floats, degrees: Floats, freedom: str) -> float:
    total = float(parts.sum())
    if freedom == "pooled" or not total > 0:
        return float(degrees.sum())
    return total**2 / float(np.sum(parts**2 / degrees))


def _relative(margin: float, mean: float) -> float:
    if np.isnan(margin) or np.isnan(mean):
        return float("nan")
    if mean == 0:
        return 0.0 if margin == 0 else float("inf")
    return margin / abs(mean)
