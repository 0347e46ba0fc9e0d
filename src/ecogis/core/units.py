"""Units: a small table of kinds, so that carbon is never taken for carbon dioxide.

Conversion happens once, at the border (`io`, `methods`); inside, everything is in the vocabulary's
unit. Compound units are written with spaces and exponents: ``m3 ha-1 yr-1``.
"""

import re
from typing import Final

from ecogis.core.errors import UnitError

__all__ = ["factor", "kind", "share"]

# symbol -> (kind, size in the kind's base unit); definitions, not measured values
_BASE: Final[dict[str, tuple[str, float]]] = {
    "1": ("number", 1.0),
    "%": ("number", 0.01),
    "m": ("length", 1.0),
    "cm": ("length", 0.01),
    "mm": ("length", 0.001),
    "km": ("length", 1000.0),
    "m2": ("area", 1.0),
    "dm2": ("area", 0.01),
    "ha": ("area", 10_000.0),
    "km2": ("area", 1_000_000.0),
    "mu": ("area", 10_000.0 / 15.0),
    "acre": ("area", 4046.8564224),
    "m3": ("volume", 1.0),
    "dm3": ("volume", 0.001),
    "t": ("mass", 1000.0),
    "kg": ("mass", 1.0),
    "g": ("mass", 0.001),
    "yr": ("time", 1.0),
    "d": ("time", 1.0 / 365.25),
    "CNY": ("money", 1.0),
    "fen": ("money", 0.01),
    "kW": ("power", 1.0),
    "kWh": ("energy", 3_600_000.0),
    "J": ("energy", 1.0),
}
_SOLIDS: Final = {2: "area", 3: "volume"}
_SUBSTANCES: Final = ("C", "CO2e", "DM", "CO2")
_PART: Final = re.compile(r"^(?P<symbol>[A-Za-z%]+[23]?|1)(?P<power>-\d+)?$")


def factor(unit: str, to: str) -> float:
    """What a value in `unit` is multiplied with to stand in `to`.

    Raises
    ------
    UnitError
        When a unit is unknown or the two are of different kinds.

    Examples
    --------
    >>> factor("ha", "mu")
    15.0
    >>> factor("t C ha-1", "kg C m-2")
    0.1
    >>> factor("t C", "t CO2e")
    Traceback (most recent call last):
    ecogis.core.errors.UnitError: E005 ...
    """
    kind_from, size_from = _parse(unit)
    kind_to, size_to = _parse(to)
    if kind_from != kind_to:
        raise UnitError("E005", a=unit, b=to)
    return float(f"{size_from / size_to:.15g}")


def kind(unit: str) -> str:
    """The kind of a unit, its parts in alphabetical order.

    >>> kind("m3 ha-1")
    'area^-1 volume^1'
    """
    return _parse(unit)[0]


def share(value: float, name: str) -> float:
    """A share between 0 and 1; a percentage is refused.

    >>> share(0.05, "discount_rate")
    0.05
    """
    if not 0.0 <= value <= 1.0:
        raise UnitError("E007", name=name, value=value)
    return value


def _parse(unit: str) -> tuple[str, float]:
    powers: dict[str, int] = {}
    size = 1.0
    for part in unit.split():
        name, power, scale = _part(part, unit)
        if name != "number":
            powers[name] = powers.get(name, 0) + power
        size *= scale**power
    kinds = " ".join(f"{name}^{power}" for name, power in sorted(powers.items()) if power)
    return kinds or "number", size


def _part(part: str, unit: str) -> tuple[str, int, float]:
    stem, minus, digits = part.partition("-")
    if stem in _SUBSTANCES:
        return stem, -int(digits) if minus else 1, 1.0
    match = _PART.match(part)
    if match is None or match["symbol"] not in _BASE:
        raise UnitError("E006", unit=unit)
    name, scale = _BASE[match["symbol"]]
    power = int(match["power"] or 1)
    if name == "length" and -power in _SOLIDS:
        return _SOLIDS[-power], -1, scale**-power
    return name, power, scale
