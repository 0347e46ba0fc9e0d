"""What each form needs to be fitted: a start from the data, and bounds it may not touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ecogis.growth.curve_kernels import curve_values
from ecogis.growth.curves import FORM_CODES, FORMS

__all__ = ["LAWS", "Law", "jacobian", "predicted"]

Floats = NDArray[np.float64]
_POLYNOMIALS = ("quadratic", "cubic")
_STEP = 1e-5  # of a coefficient: central differences lose a third of the digits each way


@dataclass(frozen=True, slots=True)
class Law:
    """Start and bounds of the coefficients, in the form's order; made from the data's scale.

    `start`, `low` and `high` take the highest age and the volume near the top of the data.
    `positive` laws are searched in the logarithms of their coefficients.
    """

    start: Callable[[float, float], tuple[float, ...]]
    low: Callable[[float, float], tuple[float, ...]]
    high: Callable[[float, float], tuple[float, ...]]
    positive: bool = True


# ends of the asymptote: a twentieth and five times the volume near the top of the data
def _low(*rest: float) -> Callable[[float, float], tuple[float, ...]]:
    return lambda _, top: (0.05 * top, *rest)


def _high(*rest: float) -> Callable[[float, float], tuple[float, ...]]:
    return lambda _, top: (5.0 * top, *rest)


def _flat(count: int, value: float) -> Callable[[float, float], tuple[float, ...]]:
    return lambda _, __: (value,) * count


LAWS: Mapping[str, Law] = MappingProxyType(
    {
        "richards": Law(
            lambda age, top: (1.1 * top, 4.0 / age, 2.0), _low(1e-4, 0.3), _high(2.0, 20.0)
        ),
        "richards4": Law(
            lambda age, top: (1.1 * top, 4.0 / age, 2.0, 1.0),
            _low(1e-4, 0.3, 0.2),
            _high(2.0, 20.0, 3.0),
        ),
        "schumacher": Law(lambda age, top: (1.5 * top, 0.4 * age), _low(0.05), _high(500.0)),
        "korf": Law(lambda age, top: (1.5 * top, 0.4 * age, 1.0), _low(1e-3, 0.1), _high(1e5, 5.0)),
        "logistic": Law(
            lambda age, top: (1.1 * top, 15.0, 7.0 / age), _low(0.1, 1e-4), _high(1e4, 2.0)
        ),
        "gompertz": Law(
            lambda age, top: (1.1 * top, 5.0, 5.0 / age), _low(0.1, 1e-4), _high(1e3, 2.0)
        ),
        "weibull": Law(
            lambda age, top: (1.1 * top, 3.0 / age**1.5, 1.5), _low(1e-12, 0.3), _high(10.0, 6.0)
        ),
        "hossfeld": Law(
            lambda age, top: (1.3 * top, (0.5 * age) ** 1.5 / top, 1.5),
            _low(1e-9, 0.3),
            _high(1e9, 6.0),
        ),
        "allometric": Law(
            lambda age, top: (top / age, 1.0), lambda _, __: (1e-9, 0.05), lambda _, __: (1e9, 6.0)
        ),
        "quadratic": Law(
            lambda age, top: (0.0, top / age, 0.0), _flat(3, -np.inf), _flat(3, np.inf), False
        ),
        "cubic": Law(
            lambda age, top: (0.0, top / age, 0.0, 0.0), _flat(4, -np.inf), _flat(4, np.inf), False
        ),
    }
)
"""Forms that can be fitted."""


def predicted(form: str, coefficients: Floats, ages: Floats) -> Floats:
    """The law at some ages. [m3 ha-1]"""
    row = np.ones(4)
    row[: coefficients.size] = coefficients
    out = np.empty(ages.size)
    curve_values(FORM_CODES[form], row, np.require(ages, requirements="W"), out)  # compiled once
    return out


def jacobian(form: str, coefficients: Floats, ages: Floats) -> Floats:
    """Derivatives of the law by its coefficients (age, coefficient), by central differences."""
    columns = []
    for place in range(len(FORMS[form])):
        step = np.zeros(coefficients.size)
        step[place] = _STEP * max(abs(coefficients[place]), 1e-8)
        ahead, behind = (predicted(form, coefficients + s, ages) for s in (step, -step))
        columns.append((ahead - behind) / (2.0 * step[place]))
    return np.column_stack(columns)
