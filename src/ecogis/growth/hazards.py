"""Chances of disturbance from measured mortality."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.units import share
from ecogis.core.vocabulary import require
from ecogis.growth.events import LAST_AGE, Event, Hazards
from ecogis.methods import ParameterSet

__all__ = ["annual_mortality", "disaster_hazards"]

_MARGINS = {"species": "dead_share_species", "age_group": "dead_share_age"}
_ALL = "all"


def annual_mortality(mortality: ParameterSet, date: date, by: str) -> pd.Series[float]:
    """Share of living carbon that dies in a year, by one margin of the table.

    The table has species and age groups as margins of the same dead carbon: they are two views of
    one total, and their product would count it twice. One of them is used, never both.

    Parameters
    ----------
    mortality : ParameterSet
        Shares that died over some years, such as ``mortality-guangdong``.
    date : date
        Day the values must be in force.
    by : {"species", "age_group"}
        The margin.

    Returns
    -------
    Series of float64
        One value for each species or age group, ``all`` for every species. [yr-1]

    Raises
    ------
    ConfigError
        E670: no such margin.

    Examples
    --------
    >>> from ecogis.methods import parameters
    >>> dead = annual_mortality(parameters("mortality-guangdong"), date(2026, 8, 31), "species")
    >>> round(float(dead["all"]), 5)  # 1 - (1 - 0.0297)**(1 / 5)
    0.00601
    """
    if by not in _MARGINS:
        raise ConfigError("E670", what=f"by = {by}: {', '.join(_MARGINS)}")
    years = mortality.value("observed_years", date, "yr")
    dead = mortality.table(_MARGINS[by], date, "1")
    return (1.0 - (1.0 - dead) ** (1.0 / years)).rename("annual_mortality")


def disaster_hazards(
    stands: pd.DataFrame,
    mortality: ParameterSet,
    date: date,
    findings: Findings,
    *,
    disaster_share: float,
    agents: Sequence[Event],
    mix: Sequence[float] = (1.0,),
    by: str = "species",
) -> Hazards:
    r"""Yearly chance of a disaster from all-cause mortality.

    Curves of standing volume are net: trees that die one by one are in them already. Only the
    disasters' share of the dead carbon is a hazard. The chance is set so that what is expected to
    be lost in a year is that share of the yearly mortality:

    .. math:: chance \cdot \sum_k mix_k \, share_k = disaster\ share \cdot mortality

    Parameters
    ----------
    stands : DataFrame, one row per stand
        Columns ``stand`` and the one `by` names.
    mortality : ParameterSet
        As for `annual_mortality`.
    date : date
        Day the values must be in force.
    findings : Findings
        Grows by the finding below.
    disaster_share : float
        Share of the dead carbon that disasters caused, such as ``pools-south-china`` has it. [1]
    agents : sequence of Event
        What strikes, such as fire, pest, wind; how much each takes is the caller's.
    mix : sequence of float
        Share of each agent in the number of disasters; adds up to one. A policy. [1]
    by : {"species", "age_group"}
        The margin of the table. With age groups the hazard is that of the group at the start.

    Returns
    -------
    Hazards
        One row for each species or age group of the stands that has a value.

    Raises
    ------
    ConfigError
        E670: the mix is not one of the agents, or they could not take so much.

    Findings
    --------
    E672
        The species or age group has no value; that of all species is used, or for age groups no
        disaster is expected.
    """
    require(stands, ("stand", by), "stands")
    dead = annual_mortality(mortality, date, by)
    named = stands[by].astype("string")
    known = named.isin(dead.index).to_numpy(dtype=bool, na_value=False)
    findings.add(
        "E672",
        layer="stands",
        where=named.notna().to_numpy(dtype=bool) & ~known,
        feature=stands["stand"],
        row=stands.get("row"),
        column=by,
        observed=named,
        area_ha=stands.get("area_ha"),
    )
    names = sorted(set(named.dropna()) & set(dead.index))
    lost = sorted(set(named.dropna()) - set(dead.index)) if _ALL in dead.index else []
    values = np.array([dead[name] for name in names] + [dead[_ALL] for _ in lost])
    weights = np.asarray(mix, dtype=np.float64)
    if weights.shape != (len(agents),) or abs(float(weights.sum()) - 1.0) > 1e-9:
        raise ConfigError("E670", what=f"mix of {len(agents)} agents: {list(mix)}")
    taken = float(sum(w * agent.share for w, agent in zip(weights, agents, strict=True)))
    chance = values * share(disaster_share, "disaster_share") / max(taken, 1e-300)
    if (chance > 1.0).any():
        raise ConfigError("E670", what=f"agents take {taken:g}, mortality {values.max():g}")
    return Hazards(
        names=(*names, *lost),
        chance=_every_age(chance),
        agents=tuple(agents),
        mix=np.tile(weights, (chance.size, 1)),
    )


def _every_age(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.repeat(chance[:, None], LAST_AGE, axis=1)
