"""Harvest and disturbance as data: what a year does to a stand, in which order.

`YEAR` is the order of a year. An `Event` says what is lost and where it goes; a `Rule` lists the
fellings of a kind of stand by age; `Hazards` hold the yearly chance of a disturbance by age.
`ecogis.growth.schedules`
makes the arrays the pool kernel reads of them. The meaning of an event is one for
everybody: **the stand loses `share` of its living trees; what is left keeps its age and grows on
in proportion; an event that restarts takes all and the stand begins again at age zero.**
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.units import share as checked_share

__all__ = ["FELLINGS", "LAST_AGE", "NATURAL", "YEAR", "Event", "Felling", "Hazards", "Rule"]

YEAR: Final = ("decay", "disturbance", "felling", "replanting", "growth", "turnover")
"""What happens within a year, in this order. Age is that of the year's start."""

FELLINGS: Final = (
    "final_felling",
    "regeneration_felling",
    "low_yield_felling",
    "thinning",
    "tending",
)
"""Kinds of felling; the first three end a stand, the last two are tending (抚育)."""

NATURAL: Final = ("fire", "pest", "wind", "disaster")
"""Kinds of disturbance; ``disaster`` where the agent is not known."""

LAST_AGE: Final = 300
"""Number of ages a rule speaks of; its last age holds for all later ones. [yr]"""

Floats = NDArray[np.float64]

_WAYS = ("share", "stem_out", "above_air", "above_dead", "below_air", "dead_air", "litter_air")


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of event and where the carbon goes. All numbers are shares. [1]

    Parameters
    ----------
    name, kind : str
        Its name in plans; one of `FELLINGS` or `NATURAL`.
    share : float
        Living trees lost, above and below ground alike.
    restart : bool
        The stand starts again at age zero; then all is lost. Only drawn or planned events may.
    stem_out : float
        Lost stems that leave the forest (timber, salvage). A policy.
    above_air, above_dead : float
        Shares of the lost trees above ground that burn, and that become dead wood; what is neither
        taken out, burnt nor dead wood is litter. A policy.
    below_air : float
        Burnt share of the lost roots; the rest is dead wood. A policy.
    dead_air, litter_air : float
        Burnt share of the older dead wood and litter. A policy.

    Examples
    --------
    >>> clear = Event("clear cut", "final_felling", 1.0, restart=True, stem_out=1.0)
    >>> clear.effects
    (1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    """

    name: str
    kind: str
    share: float
    restart: bool = False
    stem_out: float = 0.0
    above_air: float = 0.0
    above_dead: float = 0.0
    below_air: float = 0.0
    dead_air: float = 0.0
    litter_air: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in (*FELLINGS, *NATURAL):
            raise ConfigError("E670", what=f"{self.name}: {self.kind}")
        for way in _WAYS:
            checked_share(getattr(self, way), way)
        if (self.restart and self.share != 1.0) or self.above_air + self.above_dead > 1.0:
            raise ConfigError(
                "E670", what=f"{self.name}: share {self.share}, above_air, above_dead"
            )

    @property
    def natural(self) -> bool:
        """Whether it is a disturbance and no felling."""
        return self.kind in NATURAL

    @property
    def effects(self) -> tuple[float, ...]:
        """The kernel's row: seven shares, restart, natural."""
        shares = (float(getattr(self, way)) for way in _WAYS)
        return (*shares, float(self.restart), float(self.natural))


@dataclass(frozen=True, slots=True)
class Felling:
    """An event at some ages of a rule: from `first_age` to `last_age`, every so many years.

    Without `last_age` an event that restarts is due at every later age too, so that a stand past
    its age is felled at once; another happens once.
    """

    event: Event
    first_age: int
    last_age: int | None = None
    every_yr: int = 1

    def ages(self) -> range:
        """Ages it is due at. [yr]

        >>> thinning = Event("thinning", "thinning", 0.25, stem_out=1.0)
        >>> list(Felling(thinning, 8, 16, 4).ages())
        [8, 12, 16]
        """
        once = self.first_age if not self.event.restart else LAST_AGE - 1
        last = once if self.last_age is None else self.last_age
        if not 0 <= self.first_age <= last or self.every_yr < 1:
            raise ConfigError("E670", what=f"{self.event.name}: {self.first_age}-{self.last_age}")
        return range(self.first_age, min(last, LAST_AGE - 1) + 1, self.every_yr)


@dataclass(frozen=True, slots=True)
class Rule:
    """How a kind of stand is treated.

    Parameters
    ----------
    name : str
        Name stands are given it by.
    fellings : sequence of Felling
        In order: where two are due at an age, the first holds. None is no felling at all.
    replant : str
        Species after a new start; empty: the same species again.
    delay_yr : int
        Years without trees after a new start. A policy. [yr]
    scale : float, optional
        Scale of the new stand on its curve; without it the stand's own at the survey, which keeps
        its site. A change of species needs one. A policy. [1]
    """

    name: str
    fellings: Sequence[Felling] = ()
    replant: str = ""
    delay_yr: int = 0
    scale: float | None = None

    def __post_init__(self) -> None:
        if self.delay_yr < 0 or (self.replant and self.scale is None):
            raise ConfigError("E670", what=f"{self.name}: {self.replant} {self.delay_yr}")


@dataclass(frozen=True, slots=True)
class Hazards:
    """Yearly chance of a disturbance by class of stands and age.

    Parameters
    ----------
    names : tuple of str
        Classes of stands: species, or age groups; one row of `chance` each.
    chance : array (hazard, age), float64
        Chance that any of the agents strikes. [yr-1]
    agents : tuple of Event
        What strikes.
    mix : array (hazard, agent), float64
        Share of each agent in the chance; rows add up to one. [1]
    """

    names: tuple[str, ...]
    chance: Floats
    agents: tuple[Event, ...]
    mix: Floats

    def __post_init__(self) -> None:
        shaped = self.chance.ndim == 2 and self.chance.shape[0] == len(self.names)
        mixed = self.mix.shape == (len(self.names), len(self.agents))
        if not (shaped and mixed and all(agent.natural for agent in self.agents)):
            raise ConfigError("E670", what="hazards: names, chance, agents, mix")
        inside = (self.chance >= 0).all() and (self.chance <= 1).all() and (self.mix >= 0).all()
        if not inside or np.abs(self.mix.sum(axis=1) - 1.0).max(initial=0.0) > 1e-9:
            raise ConfigError("E670", what="hazards: chance, mix")

    @property
    def expected(self) -> Floats:
        """Mean loss of a disturbance and its ways, by class; the kernel's row. [1]

        Ways of what is lost are weighted by what each agent takes, those of older stocks by how
        often it strikes: the expectation of a year is exact.
        """
        rows = [np.array(agent.effects) for agent in self.agents]
        zero = np.zeros((len(self.names), 1))
        taken = [self.mix[:, [k]] * row[0] for k, row in enumerate(rows)]
        lost = sum(taken, zero)
        ways = sum((take * row[None, 1:5] for take, row in zip(taken, rows, strict=True)), zero)
        older = sum((self.mix[:, [k]] * row[None, 5:7] for k, row in enumerate(rows)), zero)
        mean = np.divide(ways, lost, out=np.zeros((len(self.names), 4)), where=lost > 0.0)
        return np.hstack([lost, mean, np.broadcast_to(older, (len(self.names), 2))])

    def annual_loss(self, name: str, age: int) -> float:
        """Expected loss of living trees of a class in a year. [yr-1]"""
        row = self.names.index(name)
        chance = self.chance[row, min(max(age, 0), self.chance.shape[1] - 1)]
        return float(chance * self.expected[row, 0])
