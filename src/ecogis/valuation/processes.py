"""How a price may move: mean-reverting, Brownian, with jumps; its moments, and draws of it.

The draws lie around a stated path: their mean is the path. What a process itself expects of the
price is `expected_price`.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike

from ecogis.core.errors import ConfigError
from ecogis.numerics import stream_keys
from ecogis.numerics.runs import WHOLE_LIMIT
from ecogis.numerics.threads import in_parts, parts_of
from ecogis.valuation import price_kernels
from ecogis.valuation.money import Amount, Ints, exact

__all__ = [
    "PriceProcess",
    "drawn_prices",
    "expected_price",
    "log_moments",
    "worth_of_pieces",
]

Floats = npt.NDArray[np.float64]

_JUMPS_A_STEP: Final = 8.0  # expected jumps; of more, a step might not hold them all
_SUM_LIMIT: Final = 2.0**62
_NODES, _WEIGHTS = leggauss(32)


@dataclass(frozen=True, slots=True)
class PriceProcess:
    r"""Movement of the logarithm of a price.

    .. math:: d\ln P = \kappa (\ln \theta - \ln P)\,dt + \sigma\,dW + J\,dN

    and, without reversion, geometric Brownian motion whose mean grows by `drift`:

    .. math:: d\ln P = (\mu - \sigma^2/2 - \lambda E[e^J - 1])\,dt + \sigma\,dW + J\,dN

    Jumps come at `jump_rate` a year, each normal with `jump_mean` and `jump_spread`.

    Parameters
    ----------
    volatility : float
        `sigma`. [yr-0.5]
    reversion : float
        `kappa`; 0 is Brownian motion. [yr-1]
    level_cny_t : number, optional
        `theta`, the price returned to, where what is expected is asked for. [CNY t-1]
    drift : float
        `mu`; only without a reversion. [yr-1]
    jump_rate, jump_mean, jump_spread : float
        [yr-1, 1, 1]
    because, confidence : str
        Where the figures come from, and how well they are known.

    Raises
    ------
    ConfigError
        E861: a figure is out of range, or figures do not belong together.
    """

    volatility: float
    because: str
    confidence: str
    reversion: float = 0.0
    level_cny_t: Amount | None = None
    drift: float = 0.0
    jump_rate: float = 0.0
    jump_mean: float = 0.0
    jump_spread: float = 0.0

    def __post_init__(self) -> None:
        for name in ("volatility", "reversion", "jump_rate", "jump_spread"):
            if not 0.0 <= getattr(self, name) < math.inf:
                raise ConfigError("E861", name=name, value=getattr(self, name), expected=">= 0")
        for name in ("drift", "jump_mean"):
            if not -1.0 < getattr(self, name) <= 1.0:
                raise ConfigError("E861", name=name, value=getattr(self, name), expected="-1 … 1")
        if self.level_cny_t is not None and exact(self.level_cny_t, "level_cny_t") <= 0:
            raise ConfigError("E861", name="level_cny_t", value=self.level_cny_t, expected="> 0")
        adrift = self.level_cny_t is not None and not self.reversion
        if adrift or (self.drift and self.reversion):
            value = (
                f"reversion = {self.reversion}, level = {self.level_cny_t}, drift = {self.drift}"
            )
            expected = "a level only with a reversion, a drift only without"
            raise ConfigError("E861", name="process", value=value, expected=expected)


def log_moments(process: PriceProcess, start_cny_t: Amount, years: ArrayLike) -> tuple[Floats, ...]:
    r"""Mean and variance of the logarithm of the price after some years.

    .. math:: E = \ln\theta + \ln(P_0/\theta) e^{-\kappa t} + \lambda m (1 - e^{-\kappa t})/\kappa
    .. math:: V = (\sigma^2 + \lambda (m^2 + s^2)) (1 - e^{-2 \kappa t}) / 2\kappa

    Raises
    ------
    ConfigError
        E861: a reversion without the level it returns to.

    Examples
    --------
    >>> step = PriceProcess(0.2, "example", "assumed", reversion=1.0, level_cny_t=80)
    >>> mean, variance = log_moments(step, 80, [0.0, 1e9])
    >>> bool(abs(np.exp(mean) - 80).max() < 1e-9), [round(v, 9) for v in variance.tolist()]
    (True, [0.0, 0.02])
    """
    t = np.asarray(years, dtype=np.float64)
    start = math.log(float(exact(start_cny_t, "start_cny_t")))
    jumps = process.jump_rate * np.array(
        [process.jump_mean, process.jump_mean**2 + process.jump_spread**2]
    )
    k = process.reversion
    if k == 0.0:
        drift = process.drift - process.volatility**2 / 2.0 - _compensator(process)
        return start + (drift + jumps[0]) * t, (process.volatility**2 + jumps[1]) * t
    level, faded = _log_level(process), -np.expm1(-k * t)
    mean = level + (start - level) * (1.0 - faded) + jumps[0] * faded / k
    return mean, (process.volatility**2 + jumps[1]) * -np.expm1(-2.0 * k * t) / (2.0 * k)


def _log_level(process: PriceProcess) -> float:
    if process.level_cny_t is None:
        expected = "the price returned to"
        raise ConfigError("E861", name="level_cny_t", value=None, expected=expected)
    return math.log(float(exact(process.level_cny_t, "level_cny_t")))


def _compensator(process: PriceProcess) -> float:
    """What jumps add to the yearly growth of the mean, without a reversion."""
    return process.jump_rate * math.expm1(process.jump_mean + process.jump_spread**2 / 2.0)


def _log_mean_factor(process: PriceProcess, years: Floats) -> Floats:
    r"""Logarithm of the mean of the deviation's exponential, by date.

    .. math:: V_W(t)/2 + \lambda \int_{e^{-\kappa t}}^1 (e^{mw + s^2w^2/2} - 1) dw / \kappa w
    """
    k, s2 = process.reversion, process.volatility**2
    own = s2 * years if k == 0.0 else s2 * -np.expm1(-2.0 * k * years) / (2.0 * k)
    if k == 0.0:
        return np.asarray(own / 2.0 + _compensator(process) * years)
    span = -np.expm1(-k * years)[:, None]  # jumps fade: w falls from 1 to exp(-k t)
    w = 1.0 - span * (1.0 - _NODES[None, :]) / 2.0
    grown = np.expm1(process.jump_mean * w + (process.jump_spread * w) ** 2 / 2.0) / w
    jumps = (grown @ _WEIGHTS) * span[:, 0] / (2.0 * k)
    return np.asarray(own / 2.0 + process.jump_rate * jumps)


def expected_price(process: PriceProcess, start_cny_t: Amount, years: ArrayLike) -> Floats:
    """Mean of the price after some years. [CNY t-1]

    Raises
    ------
    ConfigError
        E861: a reversion without the level it returns to.

    Examples
    --------
    >>> flat = PriceProcess(0.3, "example", "assumed")
    >>> [round(price, 9) for price in expected_price(flat, 80, [0.0, 10.0]).tolist()]
    [80.0, 80.0]
    """
    t = np.asarray(years, dtype=np.float64)
    start = float(exact(start_cny_t, "start_cny_t"))
    if process.reversion == 0.0:
        return np.asarray(start * np.exp(process.drift * t))
    level = _log_level(process)
    fading = np.exp(-process.reversion * t)
    middle = level + (math.log(start) - level) * fading
    return np.asarray(np.exp(middle + _log_mean_factor(process, t)))


def drawn_prices(
    process: PriceProcess,
    path_fen: ArrayLike,
    years: ArrayLike,
    names: list[str],
    *,
    seed: int,
    draws: int,
) -> Ints:
    """Draws of the price around a path, whose mean is the path.

    Parameters
    ----------
    process : PriceProcess
        How far and how fast the price leaves the path.
    path_fen : array (date)
        Mean of the draws. [fen t-1]
    years : array (date)
        Years after the valuation date, rising. [yr]
    names : list of str
        Name of each date, which keys its draws: the same date draws the same shock in any run
        with the same seed.
    seed, draws : int
        Seed of the run and number of draws.

    Returns
    -------
    array (draw, date), int64
        [fen t-1]

    Raises
    ------
    ConfigError
        E861: years fall, or path, years and names do not fit.

    Notes
    -----
    A step in which more jumps are likely than one step can hold is walked in equal parts.

    Examples
    --------
    >>> still = PriceProcess(0.0, "example", "assumed")
    >>> drawn_prices(still, [8000, 8100], [0.5, 1.5], ["a", "b"], seed=1, draws=2).tolist()
    [[8000, 8100], [8000, 8100]]
    """
    t = np.ascontiguousarray(years, dtype=np.float64)
    path = np.ascontiguousarray(path_fen, dtype=np.float64)
    if not (np.diff(t, prepend=0.0) >= 0.0).all() or not np.isfinite(t).all():
        raise ConfigError("E861", name="years", value=t.tolist(), expected="rising years")
    if not (path.shape == t.shape == (len(names),) and (path >= 0.0).all()):
        expected = "a price and a name for each date"
        raise ConfigError("E861", name="path_fen", value=path.tolist(), expected=expected)
    if not t.size:
        return np.empty((draws, 0), dtype=np.int64)
    walked, stops, at = _walked(process, t, names)
    out = np.empty((draws, walked.size), dtype=np.int64)
    price_kernels.walk_process(
        stream_keys(seed, stops, "price"),
        stream_keys(seed, stops, "price-jumps"),
        walked,
        np.repeat(path, np.diff(at, prepend=-1)),
        _log_mean_factor(process, walked),
        process.volatility,
        process.reversion,
        process.jump_rate,
        process.jump_mean,
        process.jump_spread,
        out,
    )
    return out if walked.size == t.size else np.ascontiguousarray(out[:, at])


def _walked(
    process: PriceProcess, years: Floats, names: list[str]
) -> tuple[Floats, list[str], Ints]:
    """Dates the price is walked over, their names, and which of them were asked for."""
    starts = np.concatenate([[0.0], years[:-1]])
    jumps = (years - starts) * process.jump_rate
    parts = np.maximum(np.ceil(jumps / _JUMPS_A_STEP), 1.0).astype(np.int64)
    share = np.concatenate([np.arange(1, count + 1) / count for count in parts])
    begin, end = np.repeat(starts, parts), np.repeat(years, parts)
    walked = np.where(share == 1.0, end, begin + (end - begin) * share)
    stops = [
        name if part == count else f"{name}/{part}"
        for name, count in zip(names, parts.tolist(), strict=True)
        for part in range(1, count + 1)
    ]
    return walked, stops, np.cumsum(parts) - 1


def worth_of_pieces(credit_kg: Ints, price_fen: Ints, factors: Floats) -> tuple[Ints, Ints]:
    """Present worth of every piece on every price path, added up by path and by piece.

    Parameters
    ----------
    credit_kg : array (piece, vintage), int64
        Reductions sold at the date of the vintage; not below 0. [kg CO2e]
    price_fen : array (draw, vintage), int64
        [fen t-1]
    factors : array (vintage)
        Discount factors. [1]

    Returns
    -------
    array (draw), int64
        Worth of all pieces on each path. [fen]
    array (piece), int64
        Worth of each piece over all paths together; both add up to the same total. [fen]

    Raises
    ------
    ConfigError
        E535: shapes do not fit, a figure is missing or below 0, or a worth is too large to count.

    Examples
    --------
    >>> kg, price = np.array([[1000, 0], [0, 2000]]), np.array([[100, 200], [300, 400]])
    >>> by_path, by_piece = worth_of_pieces(kg, price, np.array([1.0, 0.5]))
    >>> by_path.tolist(), by_piece.tolist()
    ([300, 700], [400, 600])
    """
    kg = np.ascontiguousarray(credit_kg, dtype=np.float64)
    fits = kg.ndim == price_fen.ndim == 2 and kg.shape[1] == price_fen.shape[1] == factors.size
    known = all((each >= 0.0).all() for each in (kg, price_fen, factors))
    if not (fits and known):
        what = f"{kg.shape}, {price_fen.shape}, {factors.shape}, least {kg.min(initial=0.0):g} kg"
        raise ConfigError("E535", what=what)
    unit = price_fen.max(axis=0, initial=0) * factors / 1000.0
    largest = float((kg @ unit).max(initial=0.0))
    total = float(kg.sum(axis=0) @ unit) * len(price_fen)
    if largest >= WHOLE_LIMIT or total >= _SUM_LIMIT:
        raise ConfigError("E535", what=f"worth of a piece up to {largest:g} fen, of all {total:g}")
    by_draw = np.zeros(len(price_fen), dtype=np.int64)
    parts = parts_of(len(price_fen), kg.size * len(price_fen))
    by_piece = np.zeros((len(parts), len(kg)), dtype=np.int64)

    def work(part: int, low: int, high: int) -> None:
        unit = np.ascontiguousarray((price_fen[low:high] * factors / 1000.0).T)
        price_kernels.add_worth(kg, unit, by_draw[low:high], by_piece[part])

    in_parts(work, parts)
    return by_draw, by_piece.sum(axis=0, dtype=np.int64)
