"""Error of carbon totals by formulas, to set beside the draws: first order, sources added up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from ecogis.carbon.drawn_stands import DatedPaths, Stock, stock_of
from ecogis.carbon.error_sources import (
    CurveError,
    Events,
    FactorError,
    Sources,
    SurveyError,
    members_of,
    moments,
    sorted_out,
)

__all__ = ["propagated"]

Floats = NDArray[np.float64]

_STEP = 1e-3  # of a parameter's deviation, for central differences


def propagated(
    paths: DatedPaths,
    coefficients: pd.DataFrame,
    area_dm2: ArrayLike,
    groups: Iterable[Any],
    *,
    sources: Iterable[SurveyError | CurveError | FactorError | Events],
) -> xr.Dataset:
    r"""Mean and standard deviation of groups of stands by year, by error propagation.

    Variances of the sources are added, each to first order with the others at their mean:

    .. math::

        \sigma^2 = \sum_s (u_s m_s)^2 + \sum_s m_s^2 \operatorname{Var} x_s
        + \sum_p \Bigl(u_p \sum_{s \in p} m_s\Bigr)^2 + \sum_c J_c \Sigma_c J_c^\top

    Survey errors and events are independent between stands; a species' factor and a class's curve
    are the same for all their stands, so their stands are added before they are squared. What
    events leave is followed exactly, year by year, as a chain of chances. Needs an array (stand,
    year): for a look at small cases, and as the check of `uncertainty`.

    Parameters
    ----------
    paths, coefficients, area_dm2, groups, sources
        As for `uncertainty`.

    Returns
    -------
    Dataset (group, year)
        ``mean``, ``sd`` [kg CO2e]; ``variance`` (source, group, year) of each source that is on
        [kg2 CO2e2].

    Raises
    ------
    ConfigError
        As `uncertainty`.

    Examples
    --------
    Two stands of 100 kg with independent errors of a tenth, and a factor off by a tenth for both:
    the first adds in squares to 14.1 kg, the second straight to 20 kg.

    >>> round(float(np.sqrt(2 * 10.0**2)), 1), round(float(np.sqrt((2 * 10.0) ** 2)), 1)
    (14.1, 20.0)
    """
    on = sorted_out(sources)
    members, names = members_of(groups)
    ages = 0 if on.events is None else on.events.hazard.shape[1]
    stock = stock_of(paths, coefficients, area_dm2, members, names, ages=ages)
    left, left_squared = _left(stock, on)
    kg = _fitted(stock) * left
    level, found = _survey(stock, on, kg)
    if on.events is not None:
        spread = np.maximum(left_squared - left**2, 0.0)
        found["events"] = _by_group(stock, _fitted(stock) ** 2 * spread)
    if on.factor is not None:
        factor, found["factor"] = _factor(stock, on.factor, kg)
        level = level * factor
    if on.curve is not None:
        found["curve"] = _curve(stock, on.curve, left)
    variance = np.array(list(found.values())).reshape(-1, stock.groups.size, len(stock.years))
    axes = ("group", "year")
    return xr.Dataset(
        {
            "mean": (axes, _by_group(stock, kg * level), {"units": "kg CO2e"}),
            "sd": (axes, np.sqrt(variance.sum(axis=0)), {"units": "kg CO2e"}),
            "variance": (("source", *axes), variance, {"units": "kg2 CO2e2"}),
        },
        coords={"group": names, "year": list(stock.years), "source": list(found)},
    )


def _by_group(stock: Stock, values: Floats) -> Floats:
    """Sums (group, year) of (stand, year)."""
    out = np.zeros((stock.groups.size, values.shape[1]))
    np.add.at(out, stock.group, values)
    return out


def _volumes(stock: Stock, table: Floats, curve: NDArray[Any]) -> Floats:
    """Volume (stand, year) at scale one, by table (class, place). [m3 ha-1]"""
    place = stock.start[:, None] + np.arange(len(stock.years))
    low, high = table[curve[:, None], place], table[curve[:, None], place + 1]
    return np.asarray(low + stock.part[stock.survey] * (high - low))


def _fitted(stock: Stock) -> Floats:
    """Stock (stand, year) without any error. [kg CO2e]"""
    volume = _volumes(stock, stock.padded(stock.table), stock.curve)
    return np.asarray(volume * (stock.scale * stock.size)[:, None])


def _survey(stock: Stock, on: Sources, kg: Floats) -> tuple[Floats, dict[str, Floats]]:
    """Mean of each stand's survey error, and the variance it brings."""
    if on.survey is None:
        return np.ones((stock.curve.size, 1)), {}
    mean, deviation = moments(on.survey.cvs(stock.curve.size)[stock.order], on.survey.law)
    return mean[:, None], {"survey": _by_group(stock, (kg * deviation[:, None]) ** 2)}


def _factor(stock: Stock, factor: FactorError, kg: Floats) -> tuple[Floats, Floats]:
    """Mean of each stand's factor error, and the variance: stands of a species added first."""
    rows, names = factor.members(stock.curve.size)
    species = rows[stock.order]
    mean, deviation = moments(factor.cvs(names), factor.law)
    sums = np.zeros((len(names), stock.groups.size, kg.shape[1]))
    np.add.at(sums, (species, stock.group), kg * deviation[species, None])
    return mean[species, None], (sums**2).sum(axis=0)


def _curve(stock: Stock, curve: CurveError, left: Floats) -> Floats:
    """Variance of parameters: slopes of a class's sum over its stands, through the covariance."""
    out = np.zeros((stock.groups.size, len(stock.years)))
    anchored = curve.anchors(stock.scale, stock.order)
    for name, values in curve.values.items():
        chosen = np.flatnonzero(stock.curve == stock.names.index(name))
        middle = np.asarray(values, dtype=np.float64)
        covariance = np.asarray(curve.covariance[name], dtype=np.float64)
        steps = _STEP * np.sqrt(np.diag(covariance))
        moved = np.concatenate([middle + np.diag(steps), middle - np.diag(steps)])
        rows = curve.rows(name, moved, stock.table.shape[1])
        sums = [_class_sum(stock, row, chosen, anchored, left) for row in rows]
        size = middle.size
        slopes = np.array(
            [
                (sums[k] - sums[size + k]) / (2.0 * steps[k]) if steps[k] else 0.0 * sums[k]
                for k in range(size)
            ]
        )
        out += np.einsum("igt,ij,jgt->gt", slopes, covariance, slopes)
    return out


def _class_sum(
    stock: Stock,
    row: Floats,
    chosen: NDArray[np.intp],
    anchored: NDArray[np.bool_],
    left: Floats,
) -> Floats:
    """Sum (group, year) of some stands on another curve, held to their surveyed volume."""
    place = stock.start[chosen, None] + np.arange(len(stock.years))
    padded = stock.padded(row)
    low, high = padded[place], padded[place + 1]
    volume = low + stock.part[stock.survey[chosen]] * (high - low)
    fitted = stock.table[stock.curve[chosen], stock.age[chosen]]
    moved = row[stock.age[chosen]]
    level = np.where(anchored[chosen] & (moved > 0.0), fitted / np.where(moved > 0, moved, 1), 1.0)
    weight = stock.scale[chosen] * stock.size[chosen] * level
    out = np.zeros((stock.groups.size, volume.shape[1]))
    np.add.at(out, stock.group[chosen], volume * weight[:, None] * left[chosen])
    return out


def _left(stock: Stock, on: Sources) -> tuple[Floats, Floats]:
    """Mean and mean square of what events leave of each stand's stock, over its fitted stock.

    Without restart: the product over years of ``1 - h q`` and of ``1 - h (2 q - q**2)``. With
    restart: the chance of each age by a chain over the years, and the curve's volume at it.
    """
    years = len(stock.years)
    ones = np.ones((stock.curve.size, years))
    if on.events is None:
        return ones, ones
    used = np.unique(stock.curve)
    names = [stock.names[c] for c in used]
    hazard = np.zeros((len(stock.names), stock.width))
    hazard[used, stock.zero :] = on.events.hazards(names, stock.width - stock.zero)
    share, restart = (np.zeros(len(stock.names)) for _ in range(2))
    share[used], restart[used] = on.events.outcome(names)
    place = stock.start[:, None] + np.arange(years - 1)
    yearly = hazard[stock.curve[:, None], place]
    lost = share[stock.curve][:, None]
    first, second = ones.copy(), ones.copy()
    first[:, 1:] = np.cumprod(1.0 - yearly * lost, axis=1)
    second[:, 1:] = np.cumprod(1.0 - yearly * (2.0 * lost - lost**2), axis=1)
    table = stock.padded(stock.table)
    fitted = _volumes(stock, table, stock.curve)
    for s in np.flatnonzero(restart[stock.curve] > 0.0):
        c = stock.curve[s]
        first[s], second[s] = _restarted(table[c], hazard[c], fitted[s], yearly[s], stock.zero)
    return first, second


def _restarted(
    row: Floats, hazard: Floats, fitted: Floats, yearly: Floats, zero: int
) -> tuple[Floats, Floats]:
    """Mean and mean square of volume over fitted volume, where an event restarts."""
    years = fitted.size
    never = 1.0
    young = np.zeros(years + 1)  # chance of each age since the last event
    mean, square = np.ones(years), np.ones(years)
    for t in range(1, years):
        struck = never * yearly[t - 1] + (young * hazard[zero : zero + years + 1]).sum()
        young[1:] = (young * (1.0 - hazard[zero : zero + years + 1]))[:-1]
        young[1] += struck
        never *= 1.0 - yearly[t - 1]
        ratio = row[zero : zero + years + 1] / fitted[t] if fitted[t] > 0.0 else np.ones(years + 1)
        mean[t] = never + (young * ratio).sum()
        square[t] = never + (young * ratio**2).sum()
    return mean, square
