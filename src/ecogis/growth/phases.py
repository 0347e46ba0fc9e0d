"""A stand's life in phases: from one felling to the next it follows one curve at one scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ecogis.core.errors import ConfigError
from ecogis.growth.fellings import Stock
from ecogis.growth.schedules import Schedule
from ecogis.growth.volume import Trajectories, elapsed

__all__ = ["Phases", "phases", "stock_at"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Phases:
    """Phases as rows of trajectories: every stand as surveyed first, then one for each felling.

    Attributes
    ----------
    paths : Trajectories
        One row per phase, with the name of its stand.
    stand : array (phase), int32
        Row of the stand.
    begin, end : array (phase), int32
        First instant of the phase, and the one behind its last.
    since : array (phase), int32
        Calendar year the trees of the phase began in; before all others for those surveyed.
    species : array (phase) of object
        Species that grows.
    """

    paths: Trajectories
    stand: Ints
    begin: Ints
    end: Ints
    since: Ints
    species: NDArray[np.object_]

    @property
    def count(self) -> int:
        """Number of stands."""
        return int(self.stand.max(initial=-1)) + 1

    def woven(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Values (phase, instant) as values (stand, instant): each instant by its own phase."""
        out = values[: self.count].copy()
        for row in range(self.count, self.stand.size):
            first = self.begin[row]
            out[self.stand[row], first:] = values[row, first:]
        return out

    def kept(self, made: Schedule, years: range) -> Floats:
        """What expected disturbances leave of each phase's stock by instant.

        An event falls right after 1 January, at the chance of the whole age of that day.

        Parameters
        ----------
        made : Schedule
            Hazards, and the row of each stand.
        years : range
            Calendar years with disturbances; their 1 Januaries are among the instants.

        Returns
        -------
        array (phase, instant), float64
            Share left. [1]
        """
        shape = self.stand.size, len(self.paths.instants)
        out = np.ones(shape)
        if made.hazards is None:
            return out
        chance, lost = made.hazards.chance, made.hazards.expected[:, 0]
        row = made.hazard[self.stand]
        level = np.ones(shape[0])
        for year in years:
            column = _column(self.paths.instants, year)
            age = self.paths.age + self.paths.whole[self.paths.survey, column]
            risk = chance[row, np.clip(age, 0, chance.shape[1] - 1)] * lost[row]
            level = level * (1.0 - np.where(year > self.since, risk, 0.0))
            out[:, column + 1 :] = level[:, None]
        return out


def phases(
    paths: Trajectories,
    fellings: pd.DataFrame,
    made: Schedule,
    *,
    species: ArrayLike,
    first_year: int,
    replanted: Mapping[str, int] | None = None,
) -> Phases:
    """Phases of stands through the fellings of a plan.

    A felling falls right after 1 January. What a thinning leaves keeps its age and grows on in
    proportion; a felling that restarts ends the trees of the stand, and new ones of age zero begin,
    after the delay and at the scale of the stand's rule.

    Parameters
    ----------
    paths : Trajectories
        Stands on their curves; every 1 January with a felling is among the instants.
    fellings : DataFrame
        ``stand year event``, as `within_quota` gives it; year 0 is `first_year`.
    made : Schedule
        Events by name, and the rule of each stand.
    species : array (stand)
        Species of each stand.
    first_year : int
        Calendar year of year 0.
    replanted : mapping of species to int, optional
        Row of the age table of species that rules replant with.

    Returns
    -------
    Phases

    Raises
    ------
    ConfigError
        E670: a species to replant has no row, or a 1 January is no instant.
    """
    now = _Now(paths, np.asarray(species, dtype=object))
    numbers = fellings["event"].map(made.named).to_numpy(dtype=np.int64)
    rows = pd.Index(now.names).get_indexer(pd.Index(fellings["stand"].to_numpy(dtype=object)))
    year = fellings["year"].to_numpy(dtype=np.int64) + first_year
    for this in sorted(set(year.tolist())):
        at = year == this
        now.fell(rows[at], made.effects[numbers[at]], made, this, replanted or {})
    return now.phases()


class _Now:
    """Phases as they are added, year by year."""

    def __init__(self, paths: Trajectories, species: NDArray[np.object_]) -> None:
        self.paths, self.count = paths, len(paths.curve)
        self.names = paths.stands["stand"].to_numpy(dtype=object)
        self.stand = np.arange(self.count)
        self.last = np.arange(self.count)  # the phase each stand is in
        self.curve, self.age = paths.curve.astype(np.int64), paths.age.astype(np.int64)
        self.scale, self.survey = paths.scale, paths.survey.astype(np.int64)
        self.species = species
        self.begin = np.zeros(self.count, dtype=np.int64)
        self.end = np.full(self.count, len(paths.instants))
        self.since = np.full(self.count, np.iinfo(np.int32).min, dtype=np.int64)
        self.whole, self.part = paths.whole, paths.part

    def fell(
        self, rows: NDArray[np.int64], effects: Floats, made: Schedule, year: int,
        replanted: Mapping[str, int],
    ) -> None:  # fmt: skip
        """Add a phase for each stand felled in a year."""
        column = _column(self.paths.instants, year)
        whole, part = elapsed(pd.Series([pd.Timestamp(year, 1, 1)]), self.paths.instants)[1:]
        self.whole, self.part = np.vstack([self.whole, whole]), np.vstack([self.part, part])
        before, anew = self.last[rows], effects[:, 7] > 0.0
        rules = [made.rules[row] for row in made.rule[rows]]
        fresh = np.array([np.nan if rule.scale is None else rule.scale for rule in rules])
        fresh = np.where(np.isnan(fresh), self.paths.scale[rows], fresh)
        delay = np.array([rule.delay_yr for rule in rules], dtype=np.int64)
        changed = np.array([rule.replant for rule in rules], dtype=object)
        species = np.where(anew & (changed != ""), changed, self.species[before])
        curve = self.curve[before]
        for name in sorted(set(changed[anew].tolist()) - {""}):
            if name not in replanted:
                raise ConfigError("E670", what=f"replant = {name}: {', '.join(replanted)}")
            curve = np.where(anew & (changed == name), replanted[name], curve)
        self.end[before] = column + 1
        self.last[rows] = len(self.stand) + np.arange(rows.size)
        left = self.scale[before] * (1.0 - effects[:, 0])
        self._add("stand", rows)
        self._add("curve", curve)
        self._add("age", np.where(anew, -delay, self.age[before]))
        self._add("scale", np.where(anew, fresh, left))
        self._add("survey", np.where(anew, len(self.whole) - 1, self.survey[before]))
        self._add("species", species)
        self._add("begin", np.full(rows.size, column + 1))
        self._add("end", np.full(rows.size, len(self.paths.instants)))
        self._add("since", np.where(anew, year, self.since[before]))

    def _add(self, name: str, values: NDArray[np.generic]) -> None:
        setattr(self, name, np.append(getattr(self, name), values))

    def phases(self) -> Phases:
        """What was added."""
        paths = replace(
            self.paths,
            stands=self.paths.stands.iloc[self.stand].reset_index(drop=True),
            curve=self.curve.astype(np.int32),
            age=self.age.astype(np.int32),
            survey=self.survey.astype(np.int32),
            scale=self.scale.astype(np.float64),
            whole=np.ascontiguousarray(self.whole, dtype=np.int32),
            part=np.ascontiguousarray(self.part, dtype=np.float64),
        )
        numbers = (self.stand, self.begin, self.end, self.since)
        stand, begin, end, since = (values.astype(np.int32) for values in numbers)
        return Phases(paths, stand, begin, end, since, self.species)


def stock_at(paths: Trajectories, year: int, area_ha: ArrayLike) -> Stock:
    """Stands on the 1 January of a year, as a quota needs them.

    Volumes are those of the day: a class for each curve and each part of a year that stands are
    past their whole age.

    Parameters
    ----------
    paths : Trajectories
        Stands on their curves; the day is among the instants.
    year : int
        Calendar year.
    area_ha : array (stand), float64
        Area. [ha]

    Returns
    -------
    Stock
        Stands whose volume is not known have none.
    """
    column = _column(paths.instants, year)
    part = paths.part[paths.survey, column]
    keys = pd.MultiIndex.from_arrays([paths.curve, part])
    cls, found = pd.factorize(keys)
    curve = found.get_level_values(0).to_numpy(dtype=np.int64)
    rest = found.get_level_values(1).to_numpy(dtype=np.float64)[:, None]
    low = paths.table.values[curve]
    high = np.append(low[:, 1:], low[:, -1:], axis=1)
    return Stock(
        volume=low + rest * (high - low),
        cls=cls.astype(np.int32),
        age=(paths.age + paths.whole[paths.survey, column]).astype(np.int32),
        scale=np.nan_to_num(paths.scale),
        area_ha=np.asarray(area_ha, dtype=np.float64),
    )


def _column(instants: tuple[date, ...], year: int) -> int:
    """Place of a year's 1 January among the instants."""
    day = date(year, 1, 1)
    if day not in instants:
        raise ConfigError("E670", what=f"{day}")
    return instants.index(day)
