"""The search for one group's curve, its covariance, and the reasons to refuse it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecogis.growth.curves import FORMS
from ecogis.growth.fit_laws import LAWS, jacobian, predicted
from ecogis.numerics.draws import uniforms

__all__ = ["Demands", "Found", "Group", "Refusal", "search"]

Floats = NDArray[np.float64]
_NORMAL_MAD = 1.4826  # median absolute deviation of a normal law, as a standard deviation
_ROUNDS = 3  # of weights and scale; they settle after two
_DIGITS = 9  # kept of a coefficient, below what least squares resolves
_FINEST = 1e-6  # of the volume near the top: no record of a volume is truer than that


@dataclass(frozen=True, slots=True)
class Demands:
    """What data must show before a curve is believed. A policy.

    Parameters
    ----------
    stands : int
        Fewest stands in a group.
    ages : int
        Fewest different ages.
    age_ratio : float
        Least ratio of the highest to the lowest age, both without the outermost twentieth. [1]
    relative_se : float
        Widest standard error of the asymptote (the first coefficient), of its value; polynomials
        are not held to it. [1]
    variance_power : float
        The variance of volumes grows with this power of the volume expected: 0 constant, 1 in
        between, 2 a constant relative error. [1]
    tuning : float
        Robust standard deviations from which a residual's pull stops growing. [1]
    folds : int
        Parts the stands are held out in.
    """

    stands: int = 20
    ages: int = 6
    age_ratio: float = 2.0
    relative_se: float = 0.5
    variance_power: float = 1.0
    tuning: float = 1.5
    folds: int = 5


@dataclass(frozen=True, slots=True)
class Group:
    """Stands of one group: ids, ages [yr] and volumes [m3 ha-1]."""

    ids: tuple[str, ...]
    ages: Floats
    volumes: Floats


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a group has no curve."""

    code: str
    observed: str
    expected: str = ""
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What the search found in a group; figures are missing where it did not come to them."""

    stands: int
    age_low: float
    age_high: float
    coefficients: Floats
    covariance: Floats
    refusal: Refusal | None
    rmse: float = np.nan
    bias: float = np.nan
    r2: float = np.nan
    rmse_held_out: float = np.nan
    bias_held_out: float = np.nan
    rmse_mean: float = np.nan


@dataclass(frozen=True, slots=True)
class _Fitted:
    coefficients: Floats
    weights: Floats
    scale: float
    root_top: float
    ended: bool
    at_bound: bool


def search(form: str, group: Group, demands: Demands, seed: int) -> Found:
    """Fit one group, or say why not."""
    count, ages, volumes = len(FORMS[form]), group.ages, group.volumes
    empty = np.full(count, np.nan), np.full((count, count), np.nan)
    span = float(ages.min()), float(ages.max())
    thin = _thin(ages, volumes, demands, count)
    if thin:
        return Found(ages.size, *span, *empty, thin)
    fitted = _fitted(form, ages, volumes, demands)
    covariance = _sandwich(form, fitted, ages, volumes)
    off = predicted(form, fitted.coefficients, ages) - volumes
    spread = float(((volumes - volumes.mean()) ** 2).sum())
    held, mean = _held_out(form, group, demands, seed)
    rmse_held, rmse_mean = _rms(held), _rms(mean)
    refusal = _undetermined(form, fitted, covariance, demands)
    if refusal is None and rmse_held >= rmse_mean:
        refusal = Refusal("E660", f"{rmse_held:.1f}", f"< {rmse_mean:.1f}")
    return Found(
        ages.size,
        *span,
        fitted.coefficients,
        covariance,
        refusal,
        rmse=_rms(off),
        bias=float(off.mean()),
        r2=1.0 - float((off**2).sum()) / spread if spread > 0 else np.nan,
        rmse_held_out=rmse_held,
        bias_held_out=float(held.mean()),
        rmse_mean=rmse_mean,
    )


def _rms(values: Floats) -> float:
    return float(np.sqrt((values**2).mean()))


def _thin(ages: Floats, volumes: Floats, demands: Demands, count: int) -> Refusal | None:
    different = np.unique(ages).size
    low, high = np.quantile(ages, [0.05, 0.95])
    if ages.size < max(demands.stands, count + 2) or not volumes.any():
        least = max(demands.stands, count + 2)
        return Refusal("E657", str(ages.size), f">= {least}", "小班数量", "number of stands")
    if different < max(demands.ages, count + 1):
        least = max(demands.ages, count + 1)
        return Refusal("E657", str(different), f">= {least}", "不同年龄数", "number of ages")
    if high < demands.age_ratio * low:
        wanted = f">= {demands.age_ratio:g}"
        return Refusal("E657", f"{high / low:.2f}", wanted, "高低年龄之比", "ratio of the ages")
    return None


def _fitted(form: str, ages: Floats, volumes: Floats, demands: Demands) -> _Fitted:
    """Three rounds of search, each with the weights and the scale of the one before."""
    from scipy.optimize import least_squares

    law = LAWS[form]
    top = float(np.quantile(volumes, 0.9)) or float(volumes.max())
    oldest = float(ages.max())
    low, start, high = (np.array(f(oldest, top)) for f in (law.low, law.start, law.high))
    outward: Callable[[Floats], Floats] = np.exp if law.positive else np.array
    inward: Callable[[Floats], Floats] = np.log if law.positive else np.array
    bounds = inward(low), inward(high)
    x = np.clip(inward(start), *bounds)
    weights, scale, ended = np.full(ages.size, 1.0 / np.sqrt(top)), np.sqrt(top), False
    size = np.ones(x.size) if law.positive else top / oldest ** np.arange(x.size)
    for _ in range(_ROUNDS):
        tried = least_squares(
            lambda x, w: (predicted(form, outward(x), ages) - volumes) * w,
            x,
            args=(weights,),
            bounds=bounds,
            x_scale=size,
            loss="soft_l1",
            f_scale=scale,
            xtol=1e-13,
            ftol=1e-13,
            gtol=1e-13,
            max_nfev=400,
        )
        x, ended = tried.x, bool(tried.success)
        expected = np.maximum(predicted(form, outward(x), ages), 0.02 * top)
        weights = (expected / top) ** (-0.5 * demands.variance_power) / np.sqrt(top)
        off = (predicted(form, outward(x), ages) - volumes) * weights
        mad = _NORMAL_MAD * float(np.median(np.abs(off - np.median(off))))
        scale = max(demands.tuning * mad, _FINEST * float(np.sqrt(top)))
    room = np.abs(inward(high) - inward(low)) * 1e-4
    at_bound = law.positive and bool(((x - bounds[0] < room) | (bounds[1] - x < room)).any())
    kept = np.array([float(f"{value:.{_DIGITS}g}") for value in outward(x)])
    return _Fitted(kept, weights, scale, float(np.sqrt(top)), ended, at_bound)


def _sandwich(form: str, fitted: _Fitted, ages: Floats, volumes: Floats) -> Floats:
    """Covariance of the coefficients for the loss used, with the usual factor for few stands."""
    slopes = jacobian(form, fitted.coefficients, ages) * fitted.weights[:, None]
    off = (predicted(form, fitted.coefficients, ages) - volumes) * fitted.weights
    bend = 1.0 + (off / fitted.scale) ** 2
    bread = slopes.T @ (slopes * (bend**-1.5)[:, None])
    finest = (_FINEST * fitted.root_top) ** 2
    meat = slopes.T @ (slopes * (off**2 / bend + finest)[:, None])
    size = np.sqrt(np.diag(bread))
    if not np.isfinite(size).all() or (size <= 0).any():
        return np.full(bread.shape, np.nan)
    scaled = bread / np.outer(size, size)
    if np.linalg.cond(scaled) > 1e12:
        return np.full(bread.shape, np.nan)
    inverse = np.linalg.inv(scaled) / np.outer(size, size)
    few = ages.size / (ages.size - size.size)
    found = inverse @ meat @ inverse * few
    return np.asarray((found + found.T) / 2.0)


def _held_out(form: str, group: Group, demands: Demands, seed: int) -> tuple[Floats, Floats]:
    """Errors of stands held out, by the curve and by the mean volume of the others."""
    ages, volumes = group.ages, group.volumes
    part = np.floor(uniforms(seed, group.ids, "fit-fold", 1)[:, 0] * demands.folds)
    by_curve, by_mean = np.empty(ages.size), np.empty(ages.size)
    for fold in np.unique(part):
        out = part == fold
        rest = ~out if (~out).sum() > len(FORMS[form]) else np.ones(ages.size, dtype=bool)
        fitted = _fitted(form, ages[rest], volumes[rest], demands)
        by_curve[out] = predicted(form, fitted.coefficients, ages[out]) - volumes[out]
        by_mean[out] = volumes[rest].mean() - volumes[out]
    return by_curve, by_mean


def _undetermined(
    form: str, fitted: _Fitted, covariance: Floats, demands: Demands
) -> Refusal | None:
    shown = ", ".join(f"{value:.4g}" for value in fitted.coefficients)
    if not fitted.ended:
        return Refusal("E658", shown, "", "搜索未收敛", "the search did not end")
    if fitted.at_bound:
        return Refusal("E658", shown, "", "系数落在界限上", "a coefficient lies at its bound")
    if not _definite(covariance):
        zh, en = "系数协方差不是正定矩阵", "covariance not positive definite"
        return Refusal("E659", shown, "", zh, en)
    wide = float(np.sqrt(covariance[0, 0])) / abs(fitted.coefficients[0])
    if LAWS[form].positive and wide > demands.relative_se:
        zh, en = "首个系数的相对标准误", "relative standard error of the first coefficient"
        return Refusal("E659", f"{wide:.2f}", f"<= {demands.relative_se:g}", zh, en)
    return None


def _definite(covariance: Floats) -> bool:
    if not np.isfinite(covariance).all():
        return False
    size = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    if (size == 0).any():
        return False
    try:
        np.linalg.cholesky(covariance / np.outer(size, size))
    except np.linalg.LinAlgError:
        return False
    return True
