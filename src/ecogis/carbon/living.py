"""Living carbon by class and age: growth's volume table in t C ha-1, species by species."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ecogis.carbon.pool_kernels import Curves
from ecogis.carbon.stocks import Paths
from ecogis.core.errors import ConfigError

__all__ = ["Living", "living"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
_KG_PER_T = 1000.0
_HA_PER_DM2 = 1e-6
_PER_M3 = ["above_t_c_m3", "below_t_c_m3", "stem_share"]


@dataclass(frozen=True, slots=True)
class Living:
    """Curves of living carbon, and the stands on them.

    Attributes
    ----------
    names : tuple of str
        Species of each class.
    above : array (class, age), float64
        Living carbon above ground at scale one. [t C ha-1]
    ratio, stem : array (class), float64
        Below ground over above; stem in the carbon above ground. [1]
    stands : array (stand) of object
        Names of the stands.
    cls, age : array (stand), int32
        Row of `above`; age at the start. [yr]
    scale : array (stand), float64
        Stand over curve; zero where nothing is known. [1]
    area_dm2 : array (stand), int64
        Area of each stand. [0.01 m2]
    known : array (stand), bool
        False where volume or coefficients are missing: such a stand has no kilogram.
    co2_per_c : float
        Mass of CO2 of one of carbon. [t CO2e t-1 C-1]
    parameter_set : str
        Set of the coefficients, ``id@edition``.
    anew : array (class), int32, optional
        Class a stand is on when it begins again; without it the same one.
    """

    names: tuple[str, ...]
    above: Floats
    ratio: Floats
    stem: Floats
    stands: NDArray[np.object_]
    cls: Ints
    age: Ints
    scale: Floats
    area_dm2: NDArray[np.int64]
    known: NDArray[np.bool_]
    co2_per_c: float
    parameter_set: str
    anew: Ints | None = None

    def __post_init__(self) -> None:
        classes = self.above.shape[0] == len(self.names) == self.ratio.size == self.stem.size
        stands = self.stands.size == self.cls.size == self.age.size == self.scale.size
        if self.area_dm2.shape != self.cls.shape or self.area_dm2.dtype.kind not in "iu":
            raise ConfigError("E266", what="area_dm2")
        numbers = (self.above, self.ratio, self.stem, self.scale)
        whole = all(np.isfinite(n).all() and (n >= 0.0).all() for n in numbers)
        if not (classes and stands and whole) or (self.stem > 1.0).any():
            raise ConfigError("E673", what="living: above, ratio, stem, stands")

    @property
    def size(self) -> Floats:
        """Mass of 1 t C ha-1 on each stand's area. [kg CO2e t-1 ha]"""
        return np.asarray(self.area_dm2 * _HA_PER_DM2 * (_KG_PER_T * self.co2_per_c))

    @property
    def curves(self) -> Curves:
        """The kernel's arrays of the classes."""
        anew = np.arange(self.stem.size, dtype=np.int32) if self.anew is None else self.anew
        return Curves(self.above, self.ratio, self.stem, anew)

    def class_of(self, species: str) -> int:
        """First class of a species, for replanting."""
        if species not in self.names:
            raise ConfigError("E673", what=f"replant = {species}: {', '.join(self.names)}")
        return self.names.index(species)


def living(
    paths: Paths,
    coefficients: pd.DataFrame,
    area_dm2: ArrayLike,
    *,
    instant: int = 0,
    also: pd.DataFrame | None = None,
    parts: bool = False,
) -> Living:
    """Living carbon of stands from growth's volumes and the coefficients of their species.

    Ages are whole years: the age at the instant is rounded to the nearest year, half a year up.
    With `parts` it is rounded down, and a class of its own carries the part of a year since, so
    that living carbon is that of the very day.

    Parameters
    ----------
    paths : Trajectories of growth
        Table of volume and each stand's way through it.
    coefficients : DataFrame, one row per stand
        As `coefficients` gives it, in the order of the stands.
    area_dm2 : array (stand), int64
        Area of each stand. [0.01 m2]
    instant : int
        Position of the instant the pools start at.
    also : DataFrame, optional
        Further classes to replant with: a row of `coefficients` each, and ``class``, the row of
        growth's table. They come first, so that a rule finds them.
    parts : bool
        Follow parts of a year.

    Returns
    -------
    Living

    Raises
    ------
    ConfigError
        E266: the stands are not the same. E673: the coefficients do not say their set.
    """
    stands = paths.stands["stand"].to_numpy(dtype=object)
    if coefficients["stand"].tolist() != stands.tolist():
        raise ConfigError("E266", what="coefficients")
    if not {"parameter_set", "co2_per_c"} <= coefficients.attrs.keys():
        raise ConfigError("E673", what="coefficients: parameter_set, co2_per_c")
    rest = paths.part[paths.survey, instant] if parts else np.zeros(len(stands))
    own = coefficients.assign(**{"class": paths.curve, "part": rest})
    whole = own.assign(part=0.0)  # what a stand is on when it begins again
    before = [] if also is None else [also.assign(part=0.0)]
    every = pd.concat([*before, own, whole], ignore_index=True)
    rows = _classes(every)
    classes, place = np.unique(rows, return_index=True)
    first = every.iloc[place]
    per_m3 = np.nan_to_num(first[_PER_M3].to_numpy(dtype=np.float64))
    member, again = rows[-2 * len(own) : -len(own) or None], rows[len(every) - len(own) :]
    anew = classes.astype(np.int32)
    anew[member] = again
    known = ~np.isnan(coefficients["above_t_c_m3"].to_numpy()) | (paths.scale == 0.0)
    known &= ~np.isnan(paths.scale)
    return Living(
        names=tuple(first["species"].astype("string").fillna("")),
        above=_volumes(paths, first) * per_m3[:, [0]],
        ratio=_ratio(per_m3),
        stem=per_m3[:, 2],
        stands=stands,
        cls=member.astype(np.int32),
        age=_age(paths, instant, parts=parts),
        scale=np.where(known, paths.scale, 0.0),
        area_dm2=np.asarray(area_dm2),
        known=known,
        co2_per_c=float(coefficients.attrs["co2_per_c"]),
        parameter_set=str(coefficients.attrs["parameter_set"]),
        anew=anew,
    )


def _volumes(paths: Paths, classes: pd.DataFrame) -> Floats:
    """Volume by class and whole age, the part of a year later that the class carries."""
    low = paths.table.values[classes["class"].to_numpy(dtype=np.int64)]
    high = np.append(low[:, 1:], low[:, -1:], axis=1)
    return np.asarray(low + classes["part"].to_numpy(dtype=np.float64)[:, None] * (high - low))


def _classes(every: pd.DataFrame) -> NDArray[np.int64]:
    """Row of each curve, part of a year and species, in the order they first appear."""
    keys = pd.MultiIndex.from_arrays(
        [
            every["class"].to_numpy(),
            every["part"].to_numpy(),
            every["species"].astype("string").fillna("").to_numpy(),
        ]
    )
    return np.asarray(pd.factorize(keys)[0], dtype=np.int64)


def _ratio(per_m3: Floats) -> Floats:
    out = np.zeros(len(per_m3))
    np.divide(per_m3[:, 1], per_m3[:, 0], out=out, where=per_m3[:, 0] > 0.0)
    return out


def _age(paths: Paths, instant: int, *, parts: bool) -> Ints:
    late = 0 if parts else paths.part[paths.survey, instant] >= 0.5
    return np.asarray(paths.age + paths.whole[paths.survey, instant] + late, dtype=np.int32)
