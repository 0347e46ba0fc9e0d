"""Published growth curves, and the table of volume by class and age built from them once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.growth.kernels import fill_curves

__all__ = ["FORMS", "AgeTable", "Curve", "CurveSet", "age_table"]

FORMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "richards": ("asymptote", "rate", "shape"),
        "schumacher": ("asymptote", "decay"),
        "quadratic": ("constant", "linear", "quadratic"),
    }
)
"""Forms and the names of their coefficients, in order."""

_ORDER = tuple(FORMS)
_SCALE = "scale"  # optional fourth coefficient of Richards, one where it is absent


@dataclass(frozen=True, slots=True)
class Curve:
    r"""One published curve of standing volume over age.

    Forms, age :math:`t` in years:

    .. math::

        \text{richards:}\quad V = a\,(1 - b\,e^{-k t})^{p} \qquad
        \text{schumacher:}\quad V = a\,e^{-b/t} \qquad
        \text{quadratic:}\quad V = c_0 + c_1 t + c_2 t^2

    Parameters
    ----------
    name, form : str
        Name in the library; a key of `FORMS`.
    values : mapping of str to float
        Coefficients by name, as `FORMS` lists them; Richards may add ``scale`` (b, else one).
    first_age : float
        First age the curve is valid for; below it volume rises on a straight line from zero. [yr]
    last_age : float
        Last age it is valid for; its value there is held. A quadratic is held from its maximum
        if that comes sooner. [yr]
    """

    name: str
    form: str
    values: Mapping[str, float]
    first_age: float
    last_age: float

    def __post_init__(self) -> None:
        known = FORMS.get(self.form)
        if known is None:
            raise ConfigError("E250", curve=self.name, form=self.form, expected=", ".join(FORMS))
        if set(self.values) - {_SCALE} != set(known) or not 0 <= self.first_age < self.last_age:
            raise ConfigError("E268", curve=self.name, expected=", ".join(known))

    @property
    def held_from(self) -> float:
        """Age from which the value is held. [yr]"""
        if self.form != "quadratic" or self.values["quadratic"] >= 0:
            return self.last_age
        vertex = -self.values["linear"] / (2.0 * self.values["quadratic"])
        return min(self.last_age, vertex)

    def coefficients(self) -> tuple[float, float, float, float]:
        """Coefficients in the kernel's order."""
        listed = [self.values[name] for name in FORMS[self.form]]
        fourth = self.values.get(_SCALE, 1.0)
        return (*listed, *([0.0] * (3 - len(listed))), fourth)  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class CurveSet:
    """Curves of one edition, and the curve of each species that has one."""

    id: str
    edition: str
    curves: tuple[Curve, ...]
    by_species: Mapping[str, str]

    def __post_init__(self) -> None:
        names = [curve.name for curve in self.curves]
        lost = set(self.by_species.values()) - set(names)
        if lost or len(set(names)) != len(names) or "" in names:
            raise ConfigError("E268", curve=", ".join(sorted(lost)) or self.id, expected="one each")


@dataclass(frozen=True, slots=True)
class AgeTable:
    """Volume by class and whole age; the last class stands for a volume held constant.

    `values` (class, age), float64 [m3 ha-1]; the row of the held class is one at every age, so
    that scale times table is the surveyed volume itself. `held_from` (class) [yr].
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    held_from: NDArray[np.float64]

    @property
    def held(self) -> int:
        """Class of a volume held constant."""
        return len(self.names)

    def at(self, name: str, age: int) -> float:
        """Volume of a curve at a whole age; ages beyond the table hold its end. [m3 ha-1]"""
        row = self.values[self.names.index(name)]
        return float(row[min(max(age, 0), row.size - 1)])


def age_table(curves: CurveSet | Sequence[Curve]) -> AgeTable:
    """Volume of each curve at every whole age, up to the last age any curve is valid for.

    Built once; everything after is look-up, linear within a year. Computed with our own
    exponential, so the table has the same bits on every machine.

    Parameters
    ----------
    curves : CurveSet or sequence of Curve
        Curves in the order of the classes.

    Returns
    -------
    AgeTable
        One row per curve and one for volumes held constant. [m3 ha-1]

    Examples
    --------
    >>> pine = Curve("pine", "schumacher", {"asymptote": 100.0, "decay": 5.0}, 2.0, 40.0)
    >>> table = age_table([pine])
    >>> round(table.at("pine", 10), 4)  # 100 exp(-5 / 10)
    60.6531
    >>> table.at("pine", 90) == table.at("pine", 40), table.at("pine", 0)
    (True, 0.0)
    """
    listed = tuple(curves.curves if isinstance(curves, CurveSet) else curves)
    held_from = np.array([curve.held_from for curve in listed])
    ages = int(np.ceil(held_from.max(initial=0.0))) + 1
    values = np.ones((len(listed) + 1, ages), dtype=np.float64)
    fill_curves(
        np.array([_ORDER.index(curve.form) for curve in listed], dtype=np.int32),
        np.array([curve.coefficients() for curve in listed], dtype=np.float64).reshape(-1, 4),
        np.array([curve.first_age for curve in listed], dtype=np.float64),
        held_from,
        values[:-1],
    )
    return AgeTable(tuple(curve.name for curve in listed), values, held_from)
