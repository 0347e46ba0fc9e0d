"""Where a stock's error comes from: survey, curves, carbon factors, events; and its draws."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ecogis.carbon.draw_kernels import fill_errors
from ecogis.core.errors import ConfigError
from ecogis.numerics import normals, stream_keys

__all__ = ["HELD", "CurveError", "Events", "FactorError", "Sources", "SurveyError", "sorted_out"]

Floats = NDArray[np.float64]
Law = Literal["lognormal", "normal"]

HELD = "held"
"""Name of the class of stands without a curve, whose volume is held constant."""

_CERTAIN = 40.0  # -log of a chance that no draw of 53 bits reaches
_CUT_DIGITS = 12  # the chance cut off is rounded, so that no library's last digit shows
_TRIES = 20
_SLACK = 1e-12
_NEARLY = 1e-6


@dataclass(frozen=True, slots=True)
class SurveyError:
    """Relative error of each stand's surveyed volume, drawn for each stand on its own.

    Parameters
    ----------
    cv : float or array (stand)
        Standard deviation over the mean. [1]
    law : {"lognormal", "normal"}
        Lognormal with mean one, or normal about one with what lies below zero cut off.
    edition : str
        Where the figure comes from, such as ``uncertainty-assumptions@2026-1``.
    """

    cv: ArrayLike
    law: Law = "lognormal"
    edition: str = ""
    name: str = field(default="survey", init=False)

    def __post_init__(self) -> None:
        _check_law(self.cv, self.law)

    def cvs(self, stands: int) -> Floats:
        """Error of each stand. [1]"""
        cv = np.asarray(self.cv, dtype=np.float64)
        if cv.ndim and cv.shape != (stands,):
            raise ConfigError("E266", what="cv")
        return np.full(stands, float(cv)) if cv.ndim == 0 else cv


@dataclass(frozen=True, slots=True)
class FactorError:
    """Relative error of the carbon in a cubic metre, one draw for all stands of a species.

    Parameters
    ----------
    cv : float or mapping of species to float
        Standard deviation over the mean. [1]
    species : array (stand)
        Species of each stand, in order; a stand without one shares the draws of such stands.
    law, edition
        As for `SurveyError`.
    """

    cv: float | Mapping[str, float]
    species: Iterable[Any]
    law: Law = "lognormal"
    edition: str = ""
    name: str = field(default="factor", init=False)

    def __post_init__(self) -> None:
        listed = list(self.cv.values()) if isinstance(self.cv, Mapping) else self.cv
        _check_law(listed, self.law)

    def members(self, stands: int) -> tuple[NDArray[np.int32], list[str]]:
        """Row of each stand's species, and the species in rising order."""
        labels = pd.Series(self.species, dtype="string").fillna("")
        if len(labels) != stands:
            raise ConfigError("E266", what="species")
        rows, names = pd.factorize(labels, sort=True)
        return rows.astype(np.int32), [str(name) for name in names]

    def cvs(self, species: Sequence[str]) -> Floats:
        """Error of each species. [1]"""
        if not isinstance(self.cv, Mapping):
            return np.full(len(species), float(self.cv))
        lost = [name for name in species if name and name not in self.cv]
        if lost:
            raise ConfigError("E680", what=f"cv, {lost[0]}", expected="one for each species")
        return np.array([float(self.cv.get(name, 0.0)) for name in species])

    def drawn(self, seed: int, species: Sequence[str], draws: int) -> Floats:
        """Errors by draw and species. [1]"""
        out = np.empty((draws, len(species)))
        spread, shift = spread_of(self.cvs(species), self.law)
        lognormal = self.law == "lognormal"
        fill_errors(stream_keys(seed, species, "carbon factor"), spread, shift, lognormal, out)
        return out


@dataclass(frozen=True, slots=True)
class CurveError:
    """Error of curves' parameters, correlated as their fit has it: a draw serves a whole class.

    A stand scaled to its surveyed volume keeps that volume at its surveyed age in every draw, so
    a curve's error shows in growth after the survey and not in the survey's level.

    Parameters
    ----------
    values : mapping of class to array (parameter)
        Parameters as fitted. Classes that are not named have none of this error.
    covariance : mapping of class to array (parameter, parameter)
        Their covariance.
    volumes : callable (class, array (draw, parameter)) -> array (draw, age)
        Volume at whole ages from zero for each draw's parameters; a shorter row is held at its
        end. [m3 ha-1]
    anchored : array (stand) of bool, optional
        Stands whose scale comes from a surveyed volume. Without it all but those of scale one,
        which growth gives to young stands below measurable size. A policy.
    edition : str
        Edition of the curves.
    """

    values: Mapping[str, ArrayLike]
    covariance: Mapping[str, ArrayLike]
    volumes: Callable[[str, Floats], Floats]
    anchored: ArrayLike | None = None
    edition: str = ""
    name: str = field(default="curve", init=False)

    def __post_init__(self) -> None:
        if self.values.keys() != self.covariance.keys():
            raise ConfigError("E680", what="covariance", expected=", ".join(self.values))
        for name, values in self.values.items():
            root_of(self.covariance[name], np.asarray(values).size, name)

    def anchors(self, scale: Floats, order: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Stands held to their surveyed volume, in another order than the caller's."""
        if self.anchored is None:
            return np.asarray(scale != 1.0)
        given = np.asarray(self.anchored, dtype=bool)
        if given.shape != scale.shape:
            raise ConfigError("E266", what="anchored")
        return np.asarray(given[order])

    def rows(self, name: str, values: Floats, ages: int) -> Floats:
        """Volume (draw, age) by parameters: shorter rows held at their end, longer ones cut."""
        found = np.asarray(self.volumes(name, values), dtype=np.float64)
        if found.ndim != 2 or found.shape[0] != len(values) or not found.shape[1]:
            shape = f"({len(values)}, {ages})"
            raise ConfigError("E680", what=f"volumes, {name}", expected=shape)
        return found[:, np.minimum(np.arange(ages), found.shape[1] - 1)]

    def parameters(self, seed: int, name: str, draws: int, attempt: int = 0) -> Floats:
        """First draws (draw, parameter) of one class; `attempt` counts how often it was refused."""
        middle = np.asarray(self.values[name], dtype=np.float64)
        root = root_of(self.covariance[name], middle.size, name)
        shocks = [
            normals(seed, name, f"curve parameter {k}, try {attempt}", draws)
            for k in range(middle.size)
        ]
        out = np.tile(middle, (draws, 1))
        for k in range(middle.size):
            for j in range(k + 1):
                out[:, k] += root[k, j] * shocks[j]
        return out

    def drawn(
        self, seed: int, name: str, span: tuple[int, int], middle: Floats
    ) -> tuple[Floats, int]:
        """Rows (draw, age) of one class for draws from, to; and how many were made again.

        A draw whose volume is not finite, falls below zero, or is zero where the curve as fitted
        is not, is no curve: it is drawn again from numbers of its own.

        Raises
        ------
        ConfigError
            Draws are still no curve after many tries: the covariance is too wide for the form.
        """
        first, end = span
        rows = np.empty((end - first, middle.size))
        left = np.arange(end - first)
        again = 0
        for attempt in range(_TRIES):
            values = self.parameters(seed, name, end, attempt)[first + left]
            found = self.rows(name, values, middle.size)
            fit = np.isfinite(found).all(axis=1) & (found >= 0.0).all(axis=1)
            fit &= ((found > 0.0) | (middle <= 0.0)).all(axis=1)
            rows[left[fit]] = found[fit]
            left = left[~fit]
            again += left.size
            if not left.size:
                return rows, again
        raise ConfigError("E681", curve=name, count=left.size, draws=end - first, tries=_TRIES)


@dataclass(frozen=True, slots=True)
class Events:
    """Fire, pest, wind: a chance for each stand and year, by class and age.

    An event falls at the start of a year, right after an instant, before the year's growth. The
    stand loses a share of its stock, and what is left keeps its age and grows on in proportion, so
    that the loss lasts; or, where an event restarts, it takes all, and the stand begins again at
    age zero on the same curve at the same scale. A stand without a curve cannot begin again: what
    would restart it leaves nothing.

    Parameters
    ----------
    hazard : DataFrame (class, age)
        Chance of an event in the year after a whole age. Index: names of the
        classes, and ``held`` for stands without a curve; columns 0, 1, 2 ...; the last one holds
        for later ages. [yr-1]
    share : float or mapping of class to float
        Share of the stock an event takes where it does not restart. [1]
    restart : bool or collection of class
        Classes in which an event takes all and the stand begins again.
    edition : str
        Where the figures come from.
    """

    hazard: pd.DataFrame
    share: float | Mapping[str, float] = 1.0
    restart: bool | Collection[str] = False
    edition: str = ""
    name: str = field(default="events", init=False)

    def __post_init__(self) -> None:
        values = self.hazard.to_numpy(dtype=np.float64)
        if not values.size or not self.hazard.columns.equals(pd.RangeIndex(values.shape[1])):
            raise ConfigError("E680", what="hazard", expected="columns 0, 1, 2 ...")
        if not ((values >= 0.0) & (values <= 1.0)).all():
            raise ConfigError("E680", what="hazard", expected="0 <= hazard <= 1")
        shares = self.share.values() if isinstance(self.share, Mapping) else [self.share]
        if not all(0.0 <= share <= 1.0 for share in shares):
            raise ConfigError("E680", what="share", expected="0 <= share <= 1")

    def hazards(self, names: Sequence[str], ages: int) -> Floats:
        """Chance by class and age, the last one held. [yr-1]"""
        lost = sorted(set(names) - set(self.hazard.index))
        if lost:
            raise ConfigError("E680", what="hazard", expected=f"a row for {lost[0]}")
        values = self.hazard.loc[list(names)].to_numpy(dtype=np.float64)
        return values[:, np.minimum(np.arange(ages), values.shape[1] - 1)]

    def risk(self, names: Sequence[str], ages: int) -> Floats:
        """Sum of ``-log(1 - hazard)`` over the ages before each, (class, age)."""
        with np.errstate(divide="ignore"):
            yearly = np.minimum(-np.log1p(-self.hazards(names, ages)), _CERTAIN)
        out = np.zeros(yearly.shape)
        np.cumsum(yearly[:, :-1], axis=1, out=out[:, 1:])
        return out

    def outcome(self, names: Sequence[str]) -> tuple[Floats, NDArray[np.bool_]]:
        """Share an event takes, and whether the stand begins again, by class."""
        chosen = self.restart
        ending = (names if chosen else ()) if isinstance(chosen, bool) else chosen
        ended = np.array([name in ending for name in names], dtype=bool)
        shares = self.share
        if not isinstance(shares, Mapping):
            shares = dict.fromkeys(names, float(shares))
        lost = [name for name in names if name not in shares and name not in ending]
        if lost:
            raise ConfigError("E680", what="share", expected=f"one for {lost[0]}")
        share = np.array([float(shares.get(name, 1.0)) for name in names])
        held = np.array([name == HELD for name in names], dtype=bool)
        return np.where(ended, 1.0, share), ended & ~held


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources that are on, each at most once."""

    survey: SurveyError | None = None
    curve: CurveError | None = None
    factor: FactorError | None = None
    events: Events | None = None

    def on(self) -> list[SurveyError | CurveError | FactorError | Events]:
        """Sources that are on, in a fixed order."""
        listed = (self.survey, self.curve, self.factor, self.events)
        return [source for source in listed if source is not None]


def sorted_out(sources: Iterable[SurveyError | CurveError | FactorError | Events]) -> Sources:
    """Sources by kind.

    Raises
    ------
    ConfigError
        A kind stands twice, or something else is no source.
    """
    found: dict[str, Any] = {}
    for source in sources:
        name = getattr(source, "name", "")
        if name in found or not isinstance(source, (SurveyError, CurveError, FactorError, Events)):
            raise ConfigError("E680", what="sources", expected="survey, curve, factor, events")
        found[name] = source
    return Sources(**found)


def members_of(groups: Iterable[Any]) -> tuple[NDArray[np.int64], NDArray[np.object_]]:
    """Row of each stand's group, and the groups in rising order."""
    rows, names = pd.factorize(pd.Series(groups), sort=True)
    if (rows < 0).any():
        raise ConfigError("E680", what="groups", expected="one for each stand")
    return rows.astype(np.int64), np.asarray(names, dtype=object)


def spread_of(cv: ArrayLike, law: Law) -> tuple[Floats, Floats]:
    """Numbers the kernels draw errors with: spread, and shift or the chance cut off.

    >>> spread, shift = spread_of([0.2], "lognormal")
    >>> round(float(spread[0]) ** 2, 6) == round(float(np.log(1.04)), 6), float(shift[0]) > 0
    (True, True)
    """
    from scipy import special

    relative = np.asarray(cv, dtype=np.float64)
    if law == "lognormal":
        spread = np.sqrt(np.log1p(relative**2))
        return spread, 0.5 * spread**2
    with np.errstate(divide="ignore"):
        return relative.copy(), np.round(special.ndtr(-1.0 / relative), _CUT_DIGITS)


def moments(cv: ArrayLike, law: Law) -> tuple[Floats, Floats]:
    """Mean and standard deviation of an error as drawn. [1]

    >>> [value.round(4).tolist() for value in moments([0.5], "normal")]
    [[1.0276], [0.4708]]
    """
    from scipy import special

    relative = np.asarray(cv, dtype=np.float64)
    if law == "lognormal":
        return np.ones(relative.shape), relative.copy()
    with np.errstate(divide="ignore"):
        low = -1.0 / relative
    ratio = np.exp(-0.5 * low**2) / np.sqrt(2.0 * np.pi) / special.ndtr(-low)
    finite = np.where(np.isfinite(low), low, 0.0)
    return 1.0 + relative * ratio, relative * np.sqrt(1.0 + finite * ratio - ratio**2)


def root_of(covariance: ArrayLike, size: int, name: str) -> Floats:
    """Lower triangle whose product with its transpose is the covariance.

    Taken term by term, not by a library, so that draws have the same bits everywhere. A parameter
    without variance has a row of zeros.

    >>> root_of([[4.0, 2.0], [2.0, 5.0]], 2, "pine").tolist()
    [[2.0, 0.0], [1.0, 2.0]]
    """
    matrix = np.asarray(covariance, dtype=np.float64)
    faults = f"{name}: symmetric, {size} x {size}, no variance below zero"
    if matrix.shape != (size, size) or not np.isfinite(matrix).all():
        raise ConfigError("E680", what="covariance", expected=faults)
    limit = _SLACK * np.sqrt(np.outer(np.abs(np.diag(matrix)), np.abs(np.diag(matrix))))
    if (np.abs(matrix - matrix.T) > limit).any():
        raise ConfigError("E680", what="covariance", expected=faults)
    root = np.zeros((size, size))
    for k in range(size):
        rest = matrix[k:, k].copy()
        for j in range(k):
            rest -= root[k:, j] * root[k, j]
        if rest[0] > limit[k, k]:
            root[k:, k] = rest / np.sqrt(rest[0])
        elif rest[0] < -limit[k, k] or (np.abs(rest) > _NEARLY / _SLACK * limit[k:, k]).any():
            raise ConfigError("E680", what="covariance", expected=faults)
    return root


def _check_law(cv: ArrayLike, law: str) -> None:
    values = np.asarray(cv, dtype=np.float64)
    if law not in {"lognormal", "normal"}:
        raise ConfigError("E680", what=f"law, {law}", expected="lognormal, normal")
    if not ((values >= 0.0) & (values <= 1.0)).all():
        raise ConfigError("E680", what="cv", expected="0 <= cv <= 1")
