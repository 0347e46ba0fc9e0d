"""Values of rights that are lent on: public-forest compensation, water rights of small hydro."""

from decimal import ROUND_FLOOR, Decimal
from typing import Final

from ecogis.finance.amounts import finite_number, whole_amount

__all__ = ["compensation_value", "hydro_energy", "pledge_share", "water_right_value"]

_JOULES_PER_KWH: Final = 3.6e6
_RHO_G: Final = 1000.0 * 9.80665  # density of water times gravity [N m-3]


def compensation_value(yearly_fen: int, multiple: float) -> int:
    """Value of public-forest compensation: the yearly amount times a multiple. [fen]

    Parameters
    ----------
    yearly_fen : int
        Compensation of a year. [fen]
    multiple : float
        Years it is counted for, as the product's rule has it. [1]

    Returns
    -------
    int
        Rounded down. [fen]

    Raises
    ------
    ConfigError
        E900 a number is negative or none.

    References
    ----------
    .. [1] Lishui (handmsg 2020-03-07) and Inner Mongolia: at most 15 times; 益林贷 of Changting: at
       most 30 times the yearly subsidy.

    Examples
    --------
    >>> compensation_value(3_000_000, 15), compensation_value(3_000_000, 30)
    (45000000, 90000000)
    """
    return pledge_share(yearly_fen, multiple)


def pledge_share(value_fen: int, share: float) -> int:
    """A share or multiple of an amount, rounded down. [fen]

    >>> pledge_share(2_040_000_000, 0.5)
    1020000000
    """
    whole, part = whole_amount(value_fen, "value"), finite_number(share, "share")
    return int((Decimal(whole) * Decimal(str(part))).to_integral_value(ROUND_FLOOR))


def water_right_value(volume_m3: float, price_cny: float) -> int:
    """Value of a water right: licensed yearly volume times a price. [fen]

    Parameters
    ----------
    volume_m3 : float
        Licensed volume of a year. [m3]
    price_cny : float
        Price of a cubic metre. [CNY m-3]

    Returns
    -------
    int
        Rounded down. [fen]

    Raises
    ------
    ConfigError
        E900 a number is negative or none.

    References
    ----------
    .. [1] Yunxi, Hubei (湖北日报): 1.36e8 m3 at 0.15 CNY, half of it lent: about 10 million.

    Examples
    --------
    >>> pledge_share(water_right_value(1.36e8, 0.15), 0.5) / 100
    10200000.0
    """
    volume, price = finite_number(volume_m3, "volume"), finite_number(price_cny, "price")
    exact = Decimal(str(volume)) * Decimal(str(price)) * 100
    return int(exact.to_integral_value(ROUND_FLOOR))


def hydro_energy(volume_m3: float, head_m: float, efficiency: float) -> float:
    r"""Energy a small plant makes of a licensed volume. [kWh yr-1]

    .. math:: E = \rho g V H \eta / 3.6 \times 10^6

    Parameters
    ----------
    volume_m3 : float
        Licensed volume of a year. [m3]
    head_m : float
        Net head. [m]
    efficiency : float
        Of turbine and generator together. [1]

    Returns
    -------
    float
        Theoretical energy; revenue is this times a price. [kWh yr-1]

    Raises
    ------
    ConfigError
        E900 a number is negative or none, or the efficiency above one.

    Examples
    --------
    >>> round(hydro_energy(1e6, 36.0, 1.0))
    98066
    """
    volume, head = finite_number(volume_m3, "volume"), finite_number(head_m, "head")
    share = finite_number(efficiency, "efficiency", most=1.0)
    return _RHO_G * volume * head * share / _JOULES_PER_KWH
