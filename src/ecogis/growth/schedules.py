"""Events of stands as the arrays a kernel reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import require
from ecogis.growth.events import LAST_AGE, Event, Hazards, Rule

__all__ = ["Schedule", "schedule"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

_MOST = 127  # events that fit a byte


@dataclass(frozen=True, slots=True)
class Schedule:
    """Rules and hazards as the arrays a kernel reads; made by `schedule`.

    Attributes
    ----------
    events : tuple of Event
        Row 0 of `effects` is no event; event k of the arrays is ``events[k - 1]``.
    effects : array (event, 9), float64
        `Event.effects`. [1]
    rules : tuple of Rule
        Row 0 is no felling.
    felling : array (rule, age), int32
        Event of that age, 0 none; ages beyond hold the last.
    rule, hazard : array (stand), int32
        Row of `felling`, and of the hazards (0 where there are none).
    given : array (stand, year), int8
        Planned events by year, 0 none; of shape (0, 0) without a plan.
    hazards : Hazards or None
        Chances by class and age.
    agent : array (agent), int32
        Event of each agent.
    """

    events: tuple[Event, ...]
    effects: Floats
    rules: tuple[Rule, ...]
    felling: Ints
    rule: Ints
    hazard: Ints
    given: NDArray[np.int8]
    hazards: Hazards | None
    agent: Ints

    def named(self, name: str) -> int:
        """Number of an event in `felling` and `given`."""
        names = [event.name for event in self.events]
        if name not in names:
            raise ConfigError("E670", what=f"{name}: {', '.join(names)}")
        return 1 + names.index(name)


def schedule(
    stands: pd.DataFrame,
    rules: Sequence[Rule] = (),
    *,
    hazards: Hazards | None = None,
    hazard_of: str = "species",
    plan: pd.DataFrame | None = None,
    events: Sequence[Event] = (),
    years: int = 0,
) -> Schedule:
    """Arrays of events for stands, in their order.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        Column ``stand``; ``rule``, the name of a rule (missing: no felling), where rules are
        given; the column `hazard_of` where hazards are.
    rules : sequence of Rule
        Rules that stands name.
    hazards : Hazards, optional
        Chances of disturbance; a stand whose class has no row is struck by none.
    hazard_of : str
        Column that names the class of the hazard.
    plan : DataFrame, optional
        Events by stand and year: columns ``stand year event``, year 0 the first. An event here
        comes in place of the rule's.
    events : sequence of Event
        Events the plan names that no rule has.
    years : int
        Years the plan may speak of. [yr]

    Returns
    -------
    Schedule

    Raises
    ------
    ConfigError
        E670: a rule, event or hazard is not complete, or a stand or plan names what is not there.

    Examples
    --------
    >>> from ecogis.growth.events import Felling
    >>> clear = Event("clear cut", "final_felling", 1.0, restart=True, stem_out=1.0)
    >>> stands = pd.DataFrame({"stand": ["a", "b"], "rule": ["fir", None]})
    >>> made = schedule(stands, [Rule("fir", [Felling(clear, 26)])])
    >>> made.rule.tolist(), made.felling[1, [25, 26, 40]].tolist()
    ([1, 0], [0, 1, 1])
    """
    agents = hazards.agents if hazards else ()
    fellings = (felling.event for rule in rules for felling in rule.fellings)
    listed = tuple(dict.fromkeys([*fellings, *agents, *events]))
    if len({event.name for event in listed}) != len(listed) or len(listed) > _MOST:
        raise ConfigError("E670", what=f"events: {', '.join(event.name for event in listed)}")
    number = {event.name: row for row, event in enumerate(listed, start=1)}
    treated = (Rule(""), *rules)
    named = [rule.name for rule in treated]
    if len(set(named)) != len(named):
        raise ConfigError("E670", what=f"rules: {', '.join(named[1:])}")
    nothing = np.zeros(len(stands), dtype=np.int32)
    return Schedule(
        events=listed,
        effects=np.array([(0.0,) * 9, *(event.effects for event in listed)]),
        rules=treated,
        felling=_by_age(treated, number),
        rule=_rows(stands, "rule", named, strict=True) if rules else nothing,
        hazard=nothing if hazards is None else _rows(stands, hazard_of, ["", *hazards.names]),
        given=_given(stands, plan, number, years),
        hazards=None if hazards is None else _with_none(hazards),
        agent=np.array([number[agent.name] for agent in agents], dtype=np.int32),
    )


def _by_age(rules: Sequence[Rule], number: dict[str, int]) -> Ints:
    """Event of each rule and age; the first felling that is due holds."""
    table = np.zeros((len(rules), LAST_AGE), dtype=np.int32)
    for row, rule in zip(table, rules, strict=True):
        for felling in reversed(rule.fellings):
            row[list(felling.ages())] = number[felling.event.name]
    return table


def _rows(stands: pd.DataFrame, column: str, names: Sequence[str], *, strict: bool = False) -> Ints:
    """Row of each stand's name; 0 where it has none, or where it is not in the list."""
    require(stands, ("stand", column), "stands")
    given = stands[column].astype("string").fillna("")
    rows = pd.Index(names).get_indexer(pd.Index(given.to_numpy(dtype=object)))
    if strict and (rows < 0).any():
        raise ConfigError("E670", what=f"{column}: {given[rows < 0].iloc[0]}")
    return np.maximum(rows, 0).astype(np.int32)


def _with_none(hazards: Hazards) -> Hazards:
    """The hazards with a first row that never strikes."""
    even = np.full((1, len(hazards.agents)), 1.0 / max(len(hazards.agents), 1))
    return Hazards(
        names=("", *hazards.names),
        chance=np.vstack([np.zeros((1, hazards.chance.shape[1])), hazards.chance]),
        agents=hazards.agents,
        mix=np.vstack([even, hazards.mix]),
    )


def _given(
    stands: pd.DataFrame, plan: pd.DataFrame | None, number: dict[str, int], years: int
) -> NDArray[np.int8]:
    if plan is None:
        return np.zeros((0, 0), dtype=np.int8)
    require(plan, ("stand", "year", "event"), "plan")
    rows = pd.Index(stands["stand"].to_numpy(dtype=object)).get_indexer(
        pd.Index(plan["stand"].to_numpy(dtype=object))
    )
    year = plan["year"].to_numpy(dtype=np.int64)
    lost = sorted(set(plan["event"]) - number.keys())
    twice = plan.duplicated(["stand", "year"]).any()
    if (rows < 0).any() or lost or twice or ((year < 0) | (year >= years)).any():
        raise ConfigError("E670", what=f"plan: {', '.join(lost) or 'stand, year'}")
    given = np.zeros((len(stands), years), dtype=np.int8)
    given[rows, year] = plan["event"].map(number).to_numpy(dtype=np.int8)
    return given
