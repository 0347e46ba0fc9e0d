"""Amounts handed over one by one: whole fen or finite numbers, anything else is refused."""

import math
from typing import Final

import numpy as np

from ecogis.core.errors import ConfigError

__all__ = ["MOST_AMOUNT_FEN", "finite_number", "whole_amount"]

MOST_AMOUNT_FEN: Final = 2**63 // (2 * 10_000)
"""The largest amount, so that ten-thousandths of it are exact in 64 bits: 4.6e12 CNY. [fen]"""


def whole_amount(amount: object, name: str) -> int:
    """An amount that is whole fen from nought to `MOST_AMOUNT_FEN`. [fen]

    Parameters
    ----------
    amount : object
        Any whole number; one with nothing behind its point is whole too.
    name : str
        What to call it if it is refused.

    Returns
    -------
    int
        The amount. [fen]

    Raises
    ------
    ConfigError
        E900 it is no number, has a fraction, is below nought, too large or not finite.

    Examples
    --------
    >>> whole_amount(100, "loss"), whole_amount(100.0, "loss")
    (100, 100)
    """
    number = isinstance(amount, int | float | np.integer | np.floating)
    if not number or isinstance(amount, bool) or not 0 <= float(amount) <= MOST_AMOUNT_FEN:  # type: ignore[arg-type]
        raise ConfigError("E900", field=name, value=amount, expected=f"0-{MOST_AMOUNT_FEN} fen")
    whole = int(amount)  # type: ignore[call-overload]
    if whole != amount:
        raise ConfigError("E900", field=name, value=amount, expected=">= 0 fen, int")
    return int(whole)


def finite_number(value: object, name: str, *, most: float = math.inf) -> float:
    """A finite number from nought to a most.

    Parameters
    ----------
    value : object
        Any number but a truth value.
    name : str
        What to call it if it is refused.
    most : float
        The largest it may be.

    Returns
    -------
    float
        The number.

    Raises
    ------
    ConfigError
        E900 it is no number, not finite, below nought or above the most.

    Examples
    --------
    >>> finite_number(0.35, "loss", most=1.0)
    0.35
    """
    number = isinstance(value, int | float | np.integer | np.floating)
    if number and not isinstance(value, bool):
        told = float(value)  # type: ignore[arg-type]
        if math.isfinite(told) and 0 <= told <= most:
            return told
    expected = ">= 0" if math.isinf(most) else f"0-{most:g}"
    raise ConfigError("E900", field=name, value=value, expected=expected)
