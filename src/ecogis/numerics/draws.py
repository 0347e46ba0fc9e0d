"""Random numbers keyed by (seed, id, purpose), never by order.

A stand draws the same numbers alone, in a county, in a batch and on any number of threads.
The generator is a counter passed twice through the SplitMix64 finaliser with the two halves of
a 128-bit key [1]_; the normal quantile is Wichura's AS 241 [2]_ with our own logarithm, so that
streams do not change with a library's version. Kernels draw where they stand with `uniform_at`
and `normal_at`: draw `index` of a stream is what `uniforms` and `normals` give at that place.

References
----------
.. [1] G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators,"
   OOPSLA 2014, :doi:`10.1145/2660193.2660195`.
.. [2] M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution,"
   Applied Statistics 37(3), 1988, :doi:`10.2307/2347330`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.numerics.compiling import inlined, kernel
from ecogis.numerics.elementary import log

__all__ = ["normal_at", "normals", "quantile", "stream_keys", "uniform_at", "uniforms"]

Keys = NDArray[np.uint64]
Floats = NDArray[np.float64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_30, _27, _31, _11 = (np.uint64(n) for n in (30, 27, 31, 11))
_ONE = np.uint64(1)
_TO_UNIT = 2.0**-53


def stream_keys(seed: int, ids: Iterable[str], purpose: str) -> Keys:
    """Keys of the streams of `ids` for one purpose: half of SHA-256 of seed, purpose and id.

    Parameters
    ----------
    seed : int
        Seed of the run.
    ids : iterable of str
        Names of what draws: stands, or the project.
    purpose : str
        What is drawn, such as ``"price"``; different purposes never share numbers.

    Returns
    -------
    array (id, 2), uint64
        One key for each id.

    Raises
    ------
    ConfigError
        The purpose is empty or holds a NUL character.
    """
    if not purpose or "\0" in purpose:
        raise ConfigError("E264", purpose=purpose)
    head = f"{seed}\0{purpose}\0".encode()
    digests = b"".join(hashlib.sha256(head + name.encode()).digest()[:16] for name in ids)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64).reshape(-1, 2)


def uniforms(seed: int, ids: str | Iterable[str], purpose: str, count: int) -> Floats:
    """Uniform draws between 0 and 1, both excluded.

    Parameters
    ----------
    seed, purpose : int, str
        As `stream_keys`.
    ids : str or iterable of str
        One name, or many.
    count : int
        Draws for each name; the first draws do not change when more are asked for.

    Returns
    -------
    array (draw) for one name, (id, draw) for many, float64

    Examples
    --------
    >>> alone = uniforms(7, "S1", "growth", 3)
    >>> bool((uniforms(7, ["S2", "S1"], "growth", 2)[1] == alone[:2]).all())
    True
    """
    return _drawn(seed, ids, purpose, count, normal=False)


def normals(seed: int, ids: str | Iterable[str], purpose: str, count: int) -> Floats:
    """Standard normal draws, by the inverse of the distribution; arguments as `uniforms`."""
    return _drawn(seed, ids, purpose, count, normal=True)


def _drawn(
    seed: int, ids: str | Iterable[str], purpose: str, count: int, *, normal: bool
) -> Floats:
    keys = stream_keys(seed, [ids] if isinstance(ids, str) else ids, purpose)
    out = np.empty((len(keys), count), dtype=np.float64)
    fill_uniforms(keys, out)
    if normal:
        to_normals(out)
    return out[0] if isinstance(ids, str) else out


@inlined
def _mixed(z: np.uint64) -> np.uint64:
    z = (z ^ (z >> _30)) * _MIX_1
    z = (z ^ (z >> _27)) * _MIX_2
    return z ^ (z >> _31)


@inlined
def uniform_at(first: np.uint64, second: np.uint64, index: int) -> float:
    """Draw `index`, from zero, of the stream with this key: strictly between 0 and 1."""
    counter = first + (np.uint64(index) + _ONE) * _STEP
    return float((np.float64(_mixed(_mixed(counter) ^ second) >> _11) + 0.5) * _TO_UNIT)


@inlined
def normal_at(first: np.uint64, second: np.uint64, index: int) -> float:
    """Standard normal draw `index`, from zero, of the stream with this key."""
    return quantile(uniform_at(first, second, index))


@kernel
def fill_uniforms(
    keys: Keys,  # (id, 2)
    out: Floats,  # (id, draw)
) -> None:
    """Fill `out` with the streams' first draws, each strictly between 0 and 1."""
    for i in range(out.shape[0]):
        for d in range(out.shape[1]):
            out[i, d] = uniform_at(keys[i, 0], keys[i, 1], d)


@kernel
def to_normals(out: Floats) -> None:  # (id, draw)
    """Replace uniforms by standard normal quantiles, in place."""
    for i in range(out.shape[0]):
        for d in range(out.shape[1]):
            out[i, d] = quantile(out[i, d])


@inlined
def quantile(u: float) -> float:
    """Standard normal quantile of a probability 0 < u < 1 (AS 241, routine PPND16).

    All three of its fractions are taken and one is chosen, so that a loop has no branches.
    """
    q = u - 0.5
    middle = q * _central(0.180625 - q * q)
    r = np.sqrt(-log(min(u, 1.0 - u)))
    near, far = _near(r - 1.6), _far(r - 5.0)
    tail = near if r <= 5.0 else far
    signed = -tail if q < 0.0 else tail
    return float(middle if abs(q) <= 0.425 else signed)


@inlined
def _central(r: float) -> float:
    top = 3.3430575583588128105e4 + r * 2.5090809287301226727e3
    top = 4.5921953931549871457e4 + r * (6.7265770927008700853e4 + r * top)
    top = 1.9715909503065514427e3 + r * (1.3731693765509461125e4 + r * top)
    top = 3.3871328727963666080e0 + r * (1.3314166789178437745e2 + r * top)
    low = 2.8729085735721942674e4 + r * 5.2264952788528545610e3
    low = 2.1213794301586595867e4 + r * (3.9307895800092710610e4 + r * low)
    low = 6.8718700749205790830e2 + r * (5.3941960214247511077e3 + r * low)
    return top / (1.0 + r * (4.2313330701600911252e1 + r * low))


@inlined
def _near(r: float) -> float:
    top = 2.27238449892691845833e-2 + r * 7.74545014278341407640e-4
    top = 1.27045825245236838258e0 + r * (2.41780725177450611770e-1 + r * top)
    top = 5.76949722146069140550e0 + r * (3.64784832476320460504e0 + r * top)
    top = 1.42343711074968357734e0 + r * (4.63033784615654529590e0 + r * top)
    low = 5.47593808499534494600e-4 + r * 1.05075007164441684324e-9
    low = 1.48103976427480074590e-1 + r * (1.51986665636164571966e-2 + r * low)
    low = 1.67638483018380384940e0 + r * (6.89767334985100004550e-1 + r * low)
    return top / (1.0 + r * (2.05319162663775882187e0 + r * low))


@inlined
def _far(r: float) -> float:
    top = 2.71155556874348757815e-5 + r * 2.01033439929228813265e-7
    top = 2.65321895265761230930e-2 + r * (1.24266094738807843860e-3 + r * top)
    top = 1.78482653991729133580e0 + r * (2.96560571828504891230e-1 + r * top)
    top = 6.65790464350110377720e0 + r * (5.46378491116411436990e0 + r * top)
    low = 1.42151175831644588870e-7 + r * 2.04426310338993978564e-15
    low = 7.86869131145613259100e-4 + r * (1.84631831751005468180e-5 + r * low)
    low = 1.36929880922735805310e-1 + r * (1.48753612908506148525e-2 + r * low)
    return top / (1.0 + r * (5.99832206555887937690e-1 + r * low))
