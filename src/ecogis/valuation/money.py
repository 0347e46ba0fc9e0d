"""Money in whole 分: exact amounts, exact shares, exact sums.

Amounts are int64 fen. A share is held in millionths, so that a part of an amount is integer
arithmetic and the same for one sum and for a million draws.
"""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Final

import numpy as np
import numpy.typing as npt

from ecogis.core.errors import ConfigError
from ecogis.core.units import share

__all__ = ["Amount", "Ints", "cny", "exact", "fen", "part_of", "share_ppm"]

Amount = Decimal | int | float | str
Ints = npt.NDArray[np.int64]

_PPM: Final = 1_000_000
_LARGEST: Final = np.iinfo(np.int64).max // _PPM - 1


def exact(amount: Amount, name: str) -> Decimal:
    """The decimal number as it is written; a float stands for its shortest decimal text.

    >>> exact(16.926, "price")
    Decimal('16.926')
    """
    try:
        found = Decimal(str(amount))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise ConfigError("E532", name=name, value=amount, expected="a number")
    return found


def fen(amount: Amount, name: str = "amount_cny") -> int:
    """An amount of yuan in whole fen, half to even. [fen]

    >>> fen("371835.10")
    37183510
    """
    return int(exact(amount, name).scaleb(2).to_integral_value(ROUND_HALF_EVEN))


def cny(amount_fen: int) -> Decimal:
    """An amount of fen in yuan, two decimals. [CNY]

    >>> cny(37183510)
    Decimal('371835.10')
    """
    return Decimal(int(amount_fen)).scaleb(-2)


def share_ppm(value: float, name: str) -> int:
    """A share in whole millionths.

    Raises
    ------
    UnitError
        When it is not between 0 and 1 (5 for 0.05).
    ConfigError
        When it has more than six decimals.

    Examples
    --------
    >>> share_ppm(0.05, "tax_share")
    50000
    """
    scaled = exact(share(value, name), name) * _PPM
    if scaled != scaled.to_integral_value():
        raise ConfigError("E532", name=name, value=value, expected="at most six decimals")
    return int(scaled)


def part_of(amount_fen: Ints, ppm: int) -> Ints:
    """The share of each amount, half to even, in integer arithmetic. [fen]

    >>> part_of(np.array([1001, 10, 30]), 50_000)
    array([50,  0,  2])
    """
    amounts = np.asarray(amount_fen, dtype=np.int64)
    if amounts.size and np.abs(amounts).max() > _LARGEST:
        limit = f"at most {_LARGEST} fen"
        raise ConfigError("E532", name="amount", value=np.abs(amounts).max(), expected=limit)
    whole, rest = np.divmod(amounts * ppm, _PPM)
    up = (2 * rest > _PPM) | ((2 * rest == _PPM) & (whole % 2 == 1))
    return np.asarray(whole + up, dtype=np.int64)
