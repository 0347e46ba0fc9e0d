"""Growth curves, and the table of volume by class and age built from them once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecogis.core.errors import ConfigError
from ecogis.growth.curve_kernels import curve_values, fill_curves, fill_slopes, point_values

__all__ = ["FORMS", "FORM_CODES", "AgeTable", "Curve", "CurveSet", "age_table", "law"]

FORMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "richards": ("asymptote", "rate", "shape"),
        "schumacher": ("asymptote", "decay"),
        "quadratic": ("constant", "linear", "quadratic"),
        "korf": ("asymptote", "decay", "shape"),
        "logistic": ("asymptote", "offset", "rate"),
        "gompertz": ("asymptote", "offset", "rate"),
        "weibull": ("asymptote", "rate", "shape"),
        "hossfeld": ("asymptote", "decay", "shape"),
        "cubic": ("constant", "linear", "quadratic", "cubic"),
        "allometric": ("factor", "power"),
        "plateau": ("asymptote", "ripe_age"),
        "richards4": ("asymptote", "rate", "shape", "scale"),
    }
)
"""Forms and the names of their coefficients, in order."""

FORM_CODES: Mapping[str, int] = MappingProxyType(
    {name: code for code, name in enumerate(FORMS) if name != "richards4"} | {"richards4": 0}
)
"""The kernel's number of each form; both Richards curves are one law."""

POINTS = "points"  # form of a curve given by its points
_SCALE = "scale"  # optional fourth coefficient of Richards, one where it is absent
_METHODS = ("monotone", "linear")
ANY, JOINT = "*", "|"  # any value of a key; between the values of several keys


@dataclass(frozen=True, slots=True)
class Curve:
    r"""One curve of standing volume over age: a law, or points joined.

    Laws, age :math:`t` in years:

    .. math::

        \text{richards, richards4:}\; a\,(1 - b\,e^{-k t})^{p} \quad
        \text{schumacher:}\; a\,e^{-b/t} \quad
        \text{korf:}\; a\,e^{-b\,t^{-c}} \quad
        \text{logistic:}\; \frac{a}{1 + b\,e^{-k t}} \quad
        \text{gompertz:}\; a\,e^{-b\,e^{-k t}}

        \text{weibull:}\; a\,(1 - e^{-b t^{c}}) \quad
        \text{hossfeld:}\; \frac{t^{c}}{b + t^{c}/a} \quad
        \text{cubic:}\; c_0 + c_1 t + c_2 t^2 + c_3 t^3 \quad
        \text{allometric:}\; a\,t^{b} \quad
        \text{plateau:}\; a \min(t/t_r, 1)

    Parameters
    ----------
    name, form : str
        Name in the library; a key of `FORMS`, or ``"points"``.
    values : mapping of str to float
        Coefficients by name, as `FORMS` lists them; ``richards`` may add ``scale`` (b, else one).
    first_age : float
        First age the curve is valid for; below it volume rises on a straight line from zero. [yr]
    last_age : float
        Last age it is valid for; its value there is held. A polynomial is held from its maximum
        if that comes sooner. [yr]
    unit : str
        Unit of the values; a set of curves has one.
    points : tuple of (float, float)
        Ages, rising, and values; they begin at `first_age` and end at `last_age`. [yr, unit]
    interpolation : {"monotone", "linear"}
        Between points: a cubic that never overshoots them [1]_, or straight lines.
    source, confidence : str
        Where it comes from, and how far that carries.
    relative : bool
        Whether it carries growth only and no level, as curves made of rates do.

    References
    ----------
    .. [1] F. N. Fritsch and J. Butland, "A method for constructing local monotone piecewise cubic
       interpolants," SIAM J. Sci. Stat. Comput. 5, 1984, :doi:`10.1137/0905021`.

    Examples
    --------
    >>> table = Curve("oak", "points", {}, 10.0, 30.0, points=((10.0, 40.0), (30.0, 100.0)))
    >>> table.at([5.0, 20.0, 99.0]).tolist()
    [20.0, 70.0, 100.0]
    """

    name: str
    form: str
    values: Mapping[str, float]
    first_age: float
    last_age: float
    unit: str = "m3 ha-1"
    points: tuple[tuple[float, float], ...] = ()
    interpolation: str = "monotone"
    source: str = ""
    confidence: str = ""
    relative: bool = False

    def __post_init__(self) -> None:
        if self.form == POINTS:
            self._check_points()
            return
        known = FORMS.get(self.form)
        if known is None:
            expected = ", ".join((*FORMS, POINTS))
            raise ConfigError("E250", curve=self.name, form=self.form, expected=expected)
        given = set(self.values) - ({_SCALE} if self.form == "richards" else set())
        finite = np.isfinite([*self.values.values(), self.first_age, self.last_age]).all()
        if given != set(known) or not finite or not 0 <= self.first_age < self.last_age:
            raise ConfigError("E268", curve=self.name, expected=", ".join(known))

    def _check_points(self) -> None:
        ages = [age for age, _ in self.points]
        sound = np.isfinite(self.points).all() and self.interpolation in _METHODS
        rising = all(sooner < later for sooner, later in pairwise(ages))
        whole = len(ages) > 1 and (ages[0], ages[-1]) == (self.first_age, self.last_age)
        if not (
            sound and rising and whole and ages[0] >= 0 and min(v for _, v in self.points) >= 0
        ):
            raise ConfigError("E655", curve=self.name, methods=", ".join(_METHODS))

    @property
    def held_from(self) -> float:
        """Age from which the value is held. [yr]"""
        if self.form not in {"quadratic", "cubic"}:
            return self.last_age
        _, linear, quadratic, cubic = self.coefficients()
        tops = _maxima(linear, quadratic, cubic if self.form == "cubic" else 0.0)
        return min([self.last_age, *(top for top in tops if top > self.first_age)])

    def coefficients(self) -> tuple[float, float, float, float]:
        """Coefficients in the kernel's order."""
        listed = [self.values[name] for name in FORMS[self.form]]
        fourth = self.values.get(_SCALE, 1.0 if self.form != "cubic" else self.values["cubic"])
        return (*listed[:3], *([0.0] * (3 - len(listed))), fourth)  # type: ignore[return-value]

    def at(self, ages: ArrayLike) -> NDArray[np.float64]:
        """Values at any ages, with the line below the first age and the end held. [unit]"""
        wanted = np.atleast_1d(np.asarray(ages, dtype=np.float64))
        if self.form == POINTS:
            out = np.empty(wanted.size)
            point_values(*_points(self), wanted.ravel(), out)
            return out.reshape(wanted.shape)
        lead = np.clip(wanted / self.first_age, 0.0, 1.0) if self.first_age else wanted > 0.0
        return law(self, np.clip(wanted, self.first_age, self.held_from)) * lead


def law(curve: Curve, ages: ArrayLike) -> NDArray[np.float64]:
    """A curve's law at any ages, without regard to the ages it is valid for. [unit]"""
    wanted = np.atleast_1d(np.asarray(ages, dtype=np.float64))
    out = np.empty(wanted.size)
    values = np.array(curve.coefficients(), dtype=np.float64)
    curve_values(FORM_CODES[curve.form], values, wanted.ravel(), out)
    return out.reshape(wanted.shape)


def _maxima(linear: float, quadratic: float, cubic: float) -> list[float]:
    """Ages of a polynomial's maxima. [yr]"""
    slope = np.polynomial.Polynomial([linear, 2.0 * quadratic, 3.0 * cubic])
    turns = [float(root.real) for root in slope.roots() if abs(root.imag) < 1e-12]
    return [age for age in turns if slope.deriv()(age) < 0.0]


def _points(curve: Curve) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    ages, values = np.array(curve.points, dtype=np.float64).T.copy()
    slopes = np.empty(ages.size if curve.interpolation == "monotone" else 0)
    if slopes.size:
        fill_slopes(ages, values, slopes)
    return ages, values, slopes


@dataclass(frozen=True, slots=True)
class CurveSet:
    """Curves of one edition, and the curve each group of stands follows.

    Parameters
    ----------
    id, edition : str
        Where the curves come from.
    curves : tuple of Curve
        Names once each, one unit.
    by_species : mapping of str to str
        Curve by species; with several `keys` by their values joined by ``|``, where ``*`` stands
        for any value. The entry with the fewest ``*`` holds.
    keys : tuple of str
        Columns of the stands that choose the curve.
    """

    id: str
    edition: str
    curves: tuple[Curve, ...]
    by_species: Mapping[str, str]
    keys: tuple[str, ...] = field(default=("species",))

    def __post_init__(self) -> None:
        names = [curve.name for curve in self.curves]
        lost = set(self.by_species.values()) - set(names)
        if lost or len(set(names)) != len(names) or "" in names:
            raise ConfigError("E268", curve=", ".join(sorted(lost)) or self.id, expected="one each")
        if len({curve.unit for curve in self.curves}) > 1:
            units = ", ".join(sorted({curve.unit for curve in self.curves}))
            raise ConfigError("E656", set=self.id, units=units)

    @property
    def unit(self) -> str:
        """Unit of the curves."""
        return self.curves[0].unit if self.curves else "m3 ha-1"

    @property
    def label(self) -> str:
        """``id@edition``."""
        return f"{self.id}@{self.edition}"

    def or_else(self, other: CurveSet) -> CurveSet:
        """These curves, and those of a coarser set where a group has none of its own.

        Parameters
        ----------
        other : CurveSet
            Its keys are among the keys of this one.

        Raises
        ------
        ConfigError
            The sets share the name of a curve, or the other one has a key of its own.
        """
        strange = set(other.keys) - set(self.keys)
        if strange:
            raise ConfigError("E004", where=other.label, columns=", ".join(sorted(strange)))
        coarse = {
            _widened(key, other.keys, self.keys): name for key, name in other.by_species.items()
        }
        return CurveSet(
            f"{self.id} | {other.id}",
            f"{self.edition} | {other.edition}",
            (*self.curves, *other.curves),
            MappingProxyType(coarse | dict(self.by_species)),
            self.keys,
        )


def _widened(key: str, keys: Sequence[str], wider: Sequence[str]) -> str:
    parts = key.split(JOINT) if len(keys) > 1 else [key]
    values = dict(zip(keys, parts, strict=True))
    return JOINT.join(values.get(name, ANY) for name in wider)


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
    for row, curve in enumerate(listed):
        _fill(curve, values[row])
    return AgeTable(tuple(curve.name for curve in listed), values, held_from)


def _fill(curve: Curve, out: NDArray[np.float64]) -> None:
    if curve.form == POINTS:
        point_values(*_points(curve), np.arange(out.size, dtype=np.float64), out)
        return
    fill_curves(
        np.array([FORM_CODES[curve.form]], dtype=np.int32),
        np.array([curve.coefficients()], dtype=np.float64),
        np.array([curve.first_age], dtype=np.float64),
        np.array([curve.held_from], dtype=np.float64),
        out[None, :],
    )
