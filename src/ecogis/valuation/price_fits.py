"""Price processes fitted to logarithms of prices at uneven times: figures, errors, residuals."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

__all__ = ["Fit", "brownian", "is_even", "jumping", "residual_checks", "returning"]

Floats = npt.NDArray[np.float64]
Span = tuple[float, float]

_WITHIN: Final = float(special.ndtri(0.975)) ** 2 / 2.0
_SLOWEST: Final = 0.01  # reversions within the span of the record
_FASTEST: Final = 5.0  # reversions within a usual step: nothing is left of the price before
_GRID: Final = 121
_EVEN: Final = 1e-9  # difference of paces that is rounding and no movement [yr-1]
_MOST_JUMPS: Final = 8  # jumps in one step that the likelihood counts
_ROUNDS: Final = 100


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted process.

    Attributes
    ----------
    values : dict
        Figures by their names in `PriceProcess`; ``level`` is the logarithm's.
    errors : dict
        Their standard errors; NaN where the likelihood has none.
    log_likelihood : float
        Of the changes of the logarithm, given the first price.
    residuals : array (step)
        Changes less what is expected, over their standard deviation. [1]
    gain : float
        What reversion adds to the log-likelihood of Brownian motion with a drift.
    spans : dict
        95 % intervals by the profile of the likelihood, where there are any.
    jumps : array (step), bool
        Steps taken as jumps.
    """

    values: dict[str, float]
    errors: dict[str, float]
    log_likelihood: float
    residuals: Floats
    gain: float = math.nan
    spans: dict[str, Span] = field(default_factory=dict)
    jumps: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))


def is_even(changes: Floats, steps: Floats) -> bool:
    """Whether a price moves at one pace, or not at all: it then has no deviation to fit.

    >>> is_even(np.array([0.1, 0.2]), np.array([1.0, 2.0]))
    True
    """
    return len(steps) == 0 or float(np.ptp(changes / steps)) <= _EVEN


def brownian(logs: Floats, steps: Floats) -> Fit:
    r"""Geometric Brownian motion by maximum likelihood, in closed form.

    .. math:: m = \frac{x_n - x_0}{T},\quad \sigma^2 = \frac1n \sum_i \frac{(d_i - m h_i)^2}{h_i},
       \quad \mu = m + \sigma^2/2

    Examples
    --------
    >>> fit = brownian(np.array([0.0, 0.1, 0.0]), np.array([1.0, 1.0]))
    >>> round(fit.values["volatility"], 9), round(fit.values["drift"], 9)
    (0.1, 0.005)
    """
    changes, span, count = np.diff(logs), float(steps.sum()), len(steps)
    rate = float(logs[-1] - logs[0]) / span
    variance = float(np.mean((changes - rate * steps) ** 2 / steps))
    residuals = (changes - rate * steps) / np.sqrt(variance * steps)
    values = {"volatility": math.sqrt(variance), "drift": rate + variance / 2.0}
    errors = {
        "volatility": math.sqrt(variance / (2.0 * count)),
        "drift": math.sqrt(variance / span + variance**2 / (2.0 * count)),
    }
    return Fit(values, errors, _normal(residuals, variance * steps), residuals)


def _normal(residuals: Floats, variances: Floats) -> float:
    return float(-0.5 * np.sum(np.log(2.0 * math.pi * variances) + residuals**2))


def returning(logs: Floats, steps: Floats) -> Fit:
    r"""Mean reversion of the logarithm by exact likelihood, over the profile of its speed.

    .. math:: x_{i+1} \sim N(L + (x_i - L) e^{-\kappa h_i},\; \sigma^2 v_i),\quad
       v_i = \frac{1 - e^{-2 \kappa h_i}}{2 \kappa}

    For each speed, level and volatility have closed forms; the speed is sought between 0.01
    reversions in the whole record and 5 in a usual step. Standard errors are those of the observed
    information; the speed's interval is where the profile stays within 1.92 of its maximum, and
    begins at 0 where the slowest speed does.

    Examples
    --------
    >>> around = np.array([0.0, 0.1, 0.0, 0.1, 0.0, 0.1, 0.0])
    >>> fit = returning(around, np.full(6, 0.25))
    >>> round(fit.values["level"], 3), fit.gain > 1.0
    (0.05, True)
    """
    span, usual = float(steps.sum()), float(np.median(steps))
    ends = math.log(_SLOWEST / span), math.log(_FASTEST / usual)
    grid = np.linspace(*ends, _GRID)

    from scipy import optimize

    def profile(speed: float) -> float:
        return _given(math.exp(speed), logs, steps)[2]

    heights = np.array([profile(speed) for speed in grid])
    near = int(heights.argmax())
    around = grid[max(near - 1, 0)], grid[min(near + 1, _GRID - 1)]
    found = optimize.minimize_scalar(lambda s: -profile(s), bounds=around, method="bounded")
    kappa = math.exp(found.x if -found.fun >= heights[near] else grid[near])
    level, variance, height = _given(kappa, logs, steps)
    errors = _information(np.array([kappa, level, variance]), logs, steps)
    keep = np.exp(-kappa * steps)
    residuals = (logs[1:] - level - (logs[:-1] - level) * keep) / np.sqrt(
        variance * _spread(kappa, steps)
    )
    deviation = math.sqrt(variance)
    return Fit(
        {"volatility": deviation, "reversion": kappa, "level": level},
        {
            "volatility": errors[2] / (2.0 * deviation),
            "reversion": errors[0],
            "level": errors[1],
        },
        height,
        residuals,
        gain=height - brownian(logs, steps).log_likelihood,
        spans={"reversion": _interval(profile, height, math.log(kappa), ends)},
    )


def _spread(kappa: float, steps: Floats) -> Floats:
    return np.asarray(-np.expm1(-2.0 * kappa * steps) / (2.0 * kappa))


def _given(kappa: float, logs: Floats, steps: Floats) -> tuple[float, float, float]:
    """Level, variance and log-likelihood of the best process of one speed."""
    gone, spread = -np.expm1(-kappa * steps), _spread(kappa, steps)
    moved = logs[1:] - logs[:-1] * (1.0 - gone)
    level = float(np.sum(gone * moved / spread) / np.sum(gone**2 / spread))
    variance = float(np.mean((moved - gone * level) ** 2 / spread))
    count = len(steps)
    constant = count * (math.log(2.0 * math.pi * variance) + 1.0)
    return level, variance, -0.5 * (constant + float(np.log(spread).sum()))


def _information(best: Floats, logs: Floats, steps: Floats) -> Floats:
    """Standard errors of speed, level and variance; NaN where the information has no inverse."""

    def height(at: Floats) -> float:
        kappa, level, variance = at
        gone, spread = -np.expm1(-kappa * steps), variance * _spread(kappa, steps)
        residuals = (logs[1:] - logs[:-1] + gone * (logs[:-1] - level)) / np.sqrt(spread)
        return _normal(residuals, spread)

    scale = np.array([best[0], math.sqrt(best[2] / (2.0 * best[0])), best[2]]) * 1e-3
    hessian = np.empty((3, 3))
    for i in range(3):
        for j in range(3):
            up, down = np.zeros(3), np.zeros(3)
            up[i], down[j] = scale[i], scale[j]
            corners = height(best + up + down) - height(best + up - down)
            corners -= height(best - up + down) - height(best - up - down)
            hessian[i, j] = corners / (4.0 * scale[i] * scale[j])
    try:
        variances = np.diag(np.linalg.inv(-hessian))
    except np.linalg.LinAlgError:
        return np.full(3, math.nan)
    return np.asarray(np.sqrt(np.where(variances > 0.0, variances, math.nan)))


def _interval(
    profile: Callable[[float], float], height: float, best: float, ends: tuple[float, float]
) -> Span:
    """Speeds whose profile lies within reach of the maximum; 0 or infinite where none ends it."""
    from scipy import optimize

    def above(speed: float) -> float:
        return profile(speed) - height + _WITHIN

    low = 0.0 if above(ends[0]) > 0.0 else math.exp(optimize.brentq(above, ends[0], best))
    high = math.inf if above(ends[1]) > 0.0 else math.exp(optimize.brentq(above, best, ends[1]))
    return low, high


def jumping(logs: Floats, steps: Floats, threshold: float) -> Fit:
    r"""Brownian motion with jumps, by the recursive filter of large changes.

    Changes further than `threshold` standard deviations from what is expected are jumps; drift and
    deviation are taken again from the others, until no more are found or the others do not move. A
    jump's size is its change less the drift; the deviation of the sizes is less what the step
    itself would spread.

    The rule sees no jump smaller than the threshold and takes some large ordinary changes for
    jumps: with 3 about 0.3 % of the steps. The log-likelihood is that of the mixture at the
    figures, not a maximum.

    References
    ----------
    .. [1] Clewlow and Strickland, "Energy Derivatives: Pricing and Risk Management," Lacima, 2000,
       on estimating jumps (recalled).

    Examples
    --------
    >>> still = np.tile([0.0, 0.01], 50)
    >>> still[60:] += 1.0
    >>> fit = jumping(still, np.full(99, 0.01), 3.0)
    >>> int(fit.jumps.sum()), round(fit.values["jump_rate"], 4)
    (1, 1.0101)
    """
    changes, span = np.diff(logs), float(steps.sum())
    jumps = np.zeros(len(steps), dtype=np.bool_)
    rate, variance = 0.0, 0.0
    for _ in range(_ROUNDS):
        calm = ~jumps
        rate = float(changes[calm].sum() / steps[calm].sum())
        variance = float(np.mean((changes[calm] - rate * steps[calm]) ** 2 / steps[calm]))
        far = np.abs(changes - rate * steps) > threshold * np.sqrt(variance * steps)
        if (far <= jumps).all() or is_even(changes[~(jumps | far)], steps[~(jumps | far)]):
            break
        jumps |= far
    sizes, count = changes[jumps] - rate * steps[jumps], int(jumps.sum())
    mean = float(sizes.mean()) if count else 0.0
    own = float(np.mean(variance * steps[jumps])) if count else 0.0
    spread = math.sqrt(max(float(sizes.var()) - own, 0.0)) if count else 0.0
    frequency = count / span
    residuals = (changes - rate * steps) / np.sqrt(variance * steps)
    grown = frequency * math.expm1(mean + spread**2 / 2.0)
    values = {
        "volatility": math.sqrt(variance),
        "drift": rate + variance / 2.0 + grown,
        "jump_rate": frequency,
        "jump_mean": mean,
        "jump_spread": spread,
    }
    total = variance + frequency * (mean**2 + spread**2)
    known = math.sqrt(count) if count else math.nan
    errors = {
        "volatility": math.sqrt(variance / (2.0 * (len(steps) - count))),
        "drift": math.sqrt(total / span),
        "jump_rate": known / span,
        "jump_mean": math.sqrt(spread**2 + own) / known,
        "jump_spread": math.sqrt(spread**2 + own) / (known * math.sqrt(2.0)),
    }
    height = _mixture(changes, steps, rate, values)
    return Fit(values, errors, height, residuals[~jumps], jumps=jumps)


def _mixture(changes: Floats, steps: Floats, rate: float, values: dict[str, float]) -> float:
    """Log-likelihood of changes that hold any number of jumps."""
    number = np.arange(_MOST_JUMPS + 1)[:, None]
    expected = values["jump_rate"] * steps
    weight = special.xlogy(number, expected) - expected - special.gammaln(number + 1)
    middle = rate * steps + number * values["jump_mean"]
    variance = values["volatility"] ** 2 * steps + number * values["jump_spread"] ** 2
    density = -0.5 * (np.log(2.0 * math.pi * variance) + (changes - middle) ** 2 / variance)
    return float(np.logaddexp.reduce(weight + density, axis=0).sum())


def residual_checks(residuals: Floats) -> list[tuple[str, float, float]]:
    r"""Whether residuals are normal and free of each other: statistic and p-value.

    Jarque and Bera's test of skewness and kurtosis; Ljung and Box's test of the autocorrelation of
    the residuals and of their squares, over 10 lags, or a fifth of a short record.

    .. math:: JB = \frac n6 \left(S^2 + \frac{(K-3)^2}{4}\right),\quad
       Q = n (n + 2) \sum_{k=1}^{m} \frac{\rho_k^2}{n - k}

    Examples
    --------
    >>> alternating = np.tile([1.0, -1.0], 50)
    >>> [name for name, _, chance in residual_checks(alternating) if chance < 0.01]
    ['normal', 'independent']
    """
    count = len(residuals)
    lags = max(min(10, count // 5), 1)
    centred = residuals - residuals.mean()
    spread = math.sqrt(float(np.mean(centred**2)))
    skewness = float(np.mean((centred / spread) ** 3))
    excess = float(np.mean((centred / spread) ** 4)) - 3.0
    shape = count / 6.0 * (skewness**2 + excess**2 / 4.0)
    rows = [("normal", shape, 2)]
    rows += [
        (name, _ljung_box(series, lags), lags)
        for name, series in (("independent", residuals), ("steady", residuals**2))
    ]
    return [(name, found, float(special.chdtrc(degrees, found))) for name, found, degrees in rows]


def _ljung_box(series: Floats, lags: int) -> float:
    centred, count = series - series.mean(), len(series)
    whole = float(centred @ centred)
    if whole <= 1e-12 * count:
        return 0.0
    parts = [float(centred[k:] @ centred[:-k]) / whole for k in range(1, lags + 1)]
    return count * (count + 2.0) * sum(r * r / (count - k) for k, r in enumerate(parts, start=1))
