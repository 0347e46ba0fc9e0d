"""Series of the authalic coordinate q, the northing of the equal-area plane.

With ``s`` the sine of the latitude, ``t`` that of the conformal latitude and ``e2`` the squared
eccentricity [1]_::

    q       = (1 - e2) (s / (1 - e2 s^2) + atanh(e s) / e)
    ds / dq = (1 - e2 s^2)^2 / (2 (1 - e2))
    ds / dt = (1 - s^2) (1 - e2 s^2) / ((1 - e2) (1 - t^2))

Each is an odd function of the other, with coefficients that fall by some 1/100 a term, so that
nine terms are exact to float64. They are found in fractions, once per ellipsoid.

References
----------
.. [1] J. P. Snyder, "Map Projections: A Working Manual," USGS Professional Paper 1395, 1987,
   equations 3-1 and 3-12.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from itertools import accumulate

__all__ = ["authalic_of_conformal", "authalic_of_sine", "sine_of_authalic"]

_TERMS = 9

Series = tuple[Fraction, ...]  # coefficients of the powers of a square


@cache
def authalic_of_sine(e2: float) -> tuple[float, ...]:
    """Coefficients of ``q = s (c_0 + c_1 s^2 + ... + c_8 s^16)``.

    Parameters
    ----------
    e2 : float
        Squared eccentricity. [1]

    Returns
    -------
    tuple of float
        Nine coefficients. [1]

    Examples
    --------
    On a sphere q is twice the sine.

    >>> authalic_of_sine(0.0)[:2]
    (2.0, 0.0)
    """
    return tuple(map(float, _of_sine(Fraction(e2))))


@cache
def sine_of_authalic(e2: float) -> tuple[float, ...]:
    """Coefficients of ``s = q (c_0 + c_1 q^2 + ... + c_8 q^16)``, as `authalic_of_sine`.

    >>> sine_of_authalic(0.0)[:2]
    (0.5, 0.0)
    """
    exact = Fraction(e2)

    def slope(square: Series) -> Series:
        w = _one_less(exact, square)
        return _scaled(1 / (2 * (1 - exact)), _product(w, w))

    return tuple(map(float, _solved(slope)))


@cache
def authalic_of_conformal(e2: float) -> tuple[float, ...]:
    """Coefficients of ``q = t (c_0 + c_1 t^2 + ... + c_8 t^16)``, as `authalic_of_sine`.

    >>> authalic_of_conformal(0.0)[:2]
    (2.0, 0.0)
    """
    exact = Fraction(e2)

    def slope(square: Series) -> Series:
        both = _product(_one_less(Fraction(1), square), _one_less(exact, square))
        return _scaled(1 / (1 - exact), tuple(accumulate(both)))  # divided by 1 - t^2

    power = _solved(slope)
    square = _squared(power)
    total = (Fraction(0),) * _TERMS
    for coefficient in _of_sine(exact):
        total = tuple(a + coefficient * b for a, b in zip(total, power, strict=True))
        power = _product(power, square)
    return tuple(map(float, total))


def _of_sine(e2: Fraction) -> Series:
    return tuple((1 - e2) * e2**k * Fraction(2 * k + 2, 2 * k + 1) for k in range(_TERMS))


def _solved(slope: Callable[[Series], Series]) -> Series:
    """The odd function whose slope is given by its own square: each round adds a term."""
    found: Series = slope((Fraction(0),))
    for _ in range(1, _TERMS):
        found = tuple(c / (2 * k + 1) for k, c in enumerate(slope(_squared(found))))
    return found


def _squared(odd: Series) -> Series:
    return (Fraction(0), *_product(odd, odd))


def _product(a: Series, b: Series) -> Series:
    """The product, as far as the shorter of both is known."""
    return tuple(
        sum((a[i] * b[k - i] for i in range(k + 1)), Fraction(0))
        for k in range(min(len(a), len(b)))
    )


def _one_less(factor: Fraction, series: Series) -> Series:
    return (1 - factor * series[0], *(-factor * c for c in series[1:]))


def _scaled(factor: Fraction, series: Series) -> Series:
    return tuple(factor * c for c in series)
