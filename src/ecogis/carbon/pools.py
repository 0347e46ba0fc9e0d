"""Carbon of stands by pool through harvest, disturbance and decay, with a balance that closes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

import numba
import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from ecogis.carbon import pool_kernels as kernels
from ecogis.carbon.living import Living
from ecogis.carbon.rates import DEAD_POOLS, PoolRates
from ecogis.core.errors import ConfigError, IdentityError
from ecogis.numerics import stream_keys

__all__ = ["FLOWS", "POOLS", "Events", "pools"]

POOLS: Final = ("above_ground", "below_ground", *DEAD_POOLS)
"""Pools, in the kernel's order."""

FLOWS: Final = ("growth", "released", "harvested", "disturbed", "turnover")
"""Flows of a year. Stocks change by growth less what is released; the others move within."""

_QUANTITIES = kernels.POOLS + kernels.FLOWS
_PARALLEL_FROM = 100_000  # stand-years below which starting threads costs more than it saves
_GAP = 1e-9  # largest gap of a stand-year's balance, relative to the largest stock: rounding only

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


class _Rule(Protocol):
    @property
    def replant(self) -> str: ...
    @property
    def delay_yr(self) -> int: ...
    @property
    def scale(self) -> float | None: ...


class _Hazards(Protocol):
    @property
    def chance(self) -> Floats: ...
    @property
    def mix(self) -> Floats: ...
    @property
    def expected(self) -> Floats: ...


class Events(Protocol):
    """What the kernel needs of harvest and disturbance; growth's ``Schedule`` has all of it."""

    @property
    def effects(self) -> Floats:
        """Shares and marks of each event; row 0 is none. [1]"""
        ...

    @property
    def rules(self) -> tuple[Any, ...]:
        """Rules with ``replant``, ``delay_yr`` and ``scale``."""
        ...

    @property
    def felling(self) -> Ints:
        """Event by rule and age."""
        ...

    @property
    def rule(self) -> Ints:
        """Row of `felling`, by stand."""
        ...

    @property
    def hazard(self) -> Ints:
        """Row of the hazards, by stand."""
        ...

    @property
    def given(self) -> NDArray[np.int8]:
        """Planned events by stand and year, or of shape (0, 0)."""
        ...

    @property
    def hazards(self) -> Any:
        """Chances with ``chance``, ``mix`` and ``expected``; or None."""
        ...

    @property
    def agent(self) -> Ints:
        """Event of each agent."""
        ...


@dataclass(frozen=True, slots=True)
class _Groups:
    member: Ints
    count: int


class _Given(NamedTuple):
    curves: kernels.Curves
    stands: kernels.Stands
    rules: kernels.Rules
    hazards: kernels.Hazards
    rates: Floats
    blocks: kernels.Blocks


def pools(
    living: Living,
    rates: PoolRates,
    *,
    years: int,
    events: Events | None = None,
    disturbance: str = "none",
    seed: int = 0,
    groups: ArrayLike | None = None,
    opening: ArrayLike | None = None,
    keep_stands: bool = False,
    start_year: int = 0,
) -> xr.Dataset:
    r"""Stocks of six pools and the flows between them, year by year, in whole kilograms.

    A year: decay, disturbance, felling, replanting, growth, turnover. Living carbon is the
    curve's at the stand's age times its scale; what an event takes lowers the scale, a new start
    sets age zero. For every stand and year, and so for every group,

    .. math:: \sum_p S_p(t+1) - \sum_p S_p(t) = growth - released

    In whole kilograms growth is this balancing sum; in the kernel it is computed on its own, and
    the largest difference is checked.

    Parameters
    ----------
    living : Living
        Curves of living carbon and the stands on them, see `living`.
    rates : PoolRates
        Turnover and decay; which pools are tracked.
    years : int
        Number of years. [yr]
    events : Schedule of growth, optional
        Fellings, replanting and hazards; without it nothing happens but growth.
    disturbance : {"none", "expected", "drawn"}
        Expected: every stand loses the chance times the loss of its age, every year; exactly the
        mean of drawn events. Drawn: a stand is struck or not, by draws keyed by `seed` and the
        stand's name.
    seed : int
        Seed of the draws.
    groups : array (stand), int, optional
        Group of each stand from 0; without it all are one group.
    opening : array (pool, stand), float64, optional
        Dead wood, litter, soil and products at the start; without it zero. [t C ha-1]
    keep_stands : bool
        Also keep every stand's pools; memory grows with stands times years.
    start_year : int
        Label of the first instant.

    Returns
    -------
    Dataset
        ``stock_kg`` (pool, group, instant) and ``flow_kg`` (flow, group, year), int64 [kg CO2e];
        a flow's year ends at the instant of that name. With `keep_stands`, ``stand_stock``
        (stand, year, pool) and ``stand_flow`` (stand, year, inner_flow), float64 at the year's
        end [t C ha-1].
        Attributes name the parameter sets and the largest gap of the balance. [t C ha-1]

    Raises
    ------
    ConfigError
        E673: stands, groups, pools or shares do not fit, or an event that restarts is expected.
    IdentityError
        E678: the balance of a stand does not close.
    """
    size = living.size
    members = _members(groups, size.size)
    stands = _stands(living, size, events, rates, opening)
    rules, hazards = _rules(events, living), _hazards(events, disturbance, seed, living)
    _check_ways(living, rules, years)
    states = np.empty((size.size if keep_stands else 0, years, _QUANTITIES))
    totals = np.zeros((members.count, _QUANTITIES, years + 1), dtype=np.int64)
    given = _Given(living.curves, stands, rules, hazards, rates.array, _blocks(members))
    gap = _run(given, totals, states, small=size.size * years < _PARALLEL_FROM)
    largest = max(float(living.above.max(initial=0.0)) * float(stands.scale.max(initial=0.0)), 1.0)
    if not gap <= _GAP * largest * max(years, 1):
        raise IdentityError("E678", gap=gap)
    return _dataset(totals, states, living, start_year, gap)


def _run(given: _Given, totals: NDArray[np.int64], states: Floats, *, small: bool) -> float:
    curves, stands, rules, hazards, rates, blocks = given
    if small:
        return float(
            kernels.add_pools(curves, stands, rules, hazards, rates, blocks, totals, states)
        )
    own = np.zeros((numba.get_num_threads(), *totals.shape), dtype=np.int64)
    gaps = kernels.add_pools_parallel(curves, stands, rules, hazards, rates, blocks, own, states)
    own.sum(axis=0, out=totals)
    return float(gaps.max(initial=0.0))


def _members(groups: ArrayLike | None, count: int) -> _Groups:
    if groups is None:
        return _Groups(np.zeros(count, dtype=np.int32), 1)
    members = np.asarray(groups)
    if members.shape != (count,) or (
        count and (members.dtype.kind not in "iu" or members.min() < 0)
    ):
        raise ConfigError("E262", what=f"groups of shape {members.shape} for {count} stands")
    return _Groups(members.astype(np.int32), int(members.max(initial=0)) + 1)


def _blocks(groups: _Groups) -> kernels.Blocks:
    """Stands group by group, cut where a group ends and after every `BLOCK`."""
    counts = np.bincount(groups.member, minlength=groups.count)
    parts = -(-counts // kernels.BLOCK)
    owner = np.repeat(np.arange(groups.count), parts)
    first = np.cumsum(counts) - counts
    rank = np.arange(owner.size) - np.repeat(np.cumsum(parts) - parts, parts)
    start = np.append(first[owner] + rank * kernels.BLOCK, groups.member.size)
    order = np.argsort(groups.member, kind="stable")
    return kernels.Blocks(order.astype(np.int32), start.astype(np.int32), owner.astype(np.int32))


def _stands(
    living: Living, size: Floats, events: Events | None, rates: PoolRates, opening: ArrayLike | None
) -> kernels.Stands:
    nothing = np.zeros(size.size, dtype=np.int32)
    rule, hazard = (events.rule, events.hazard) if events is not None else (nothing, nothing)
    stocks = np.zeros((4, size.size)) if opening is None else np.array(opening, dtype=np.float64)
    fits = stocks.shape == (4, size.size) and rule.shape == hazard.shape == size.shape
    if not fits or not (np.isfinite(stocks).all() and (stocks >= 0.0).all()):
        raise ConfigError("E673", what="opening, events")
    if (stocks[rates.array[8:12] > 0.0] > 0.0).any():
        raise ConfigError("E673", what="opening of a pool that is not tracked")
    return kernels.Stands(living.cls, living.age, living.scale, size, rule, hazard, stocks)


def _rules(events: Events | None, living: Living) -> kernels.Rules:
    if events is None:
        none = np.zeros(1, dtype=np.int32)
        return kernels.Rules(
            np.zeros((1, 9)),
            np.zeros((1, 1), dtype=np.int32),
            none - 1,
            none,
            np.full(1, np.nan),
            np.zeros((0, 0), dtype=np.int8),
        )
    rules: tuple[_Rule, ...] = events.rules
    return kernels.Rules(
        events.effects,
        events.felling,
        np.array([living.class_of(r.replant) if r.replant else -1 for r in rules], dtype=np.int32),
        np.array([rule.delay_yr for rule in rules], dtype=np.int32),
        np.array([np.nan if rule.scale is None else rule.scale for rule in rules]),
        events.given,
    )


def _hazards(events: Events | None, mode: str, seed: int, living: Living) -> kernels.Hazards:
    if mode not in {"none", "expected", "drawn"}:
        raise ConfigError("E673", what=f"disturbance = {mode}")
    found: _Hazards | None = None if events is None else events.hazards
    keys = np.zeros((0, 2), dtype=np.uint64)
    if mode == "none":
        no_agent = np.zeros(1, dtype=np.int32)
        one = np.ones((1, 1))
        return kernels.Hazards(0.0 * one, one, no_agent, np.zeros((0, 7)), keys)
    if found is None or events is None:
        raise ConfigError("E673", what=f"disturbance = {mode}, hazards = None")
    expected = found.expected if mode == "expected" else np.zeros((0, 7))
    if mode == "drawn":
        keys = stream_keys(seed, living.stands.tolist(), "disturbance")
    elif events.effects[events.agent, 7].any():
        raise ConfigError("E673", what="disturbance = expected, restart")
    return kernels.Hazards(found.chance, np.cumsum(found.mix, axis=1), events.agent, expected, keys)


def _check_ways(living: Living, rules: kernels.Rules, years: int) -> None:
    """Ways of what is lost must not be more than all of it; a plan must have the years."""
    stem = float(living.stem.max(initial=0.0))
    ways = rules.effects[:, 1] * stem + rules.effects[:, 2] + rules.effects[:, 3]
    if (ways > 1.0 + 1e-12).any():
        raise ConfigError("E673", what="stem_out, above_air, above_dead > 1")
    if rules.given.size and rules.given.shape != (living.cls.size, years):
        raise ConfigError("E673", what=f"given of shape {rules.given.shape}")


def _dataset(
    totals: NDArray[np.int64], states: Floats, living: Living, start_year: int, gap: float
) -> xr.Dataset:
    stock = totals[:, : kernels.POOLS].transpose(1, 0, 2)
    inner = totals[:, kernels.POOLS :, 1:].transpose(1, 0, 2)
    growth = np.diff(stock.sum(axis=0), axis=1) + inner[0]
    instants = start_year + np.arange(totals.shape[2])
    found = xr.Dataset(
        {
            "stock_kg": (("pool", "group", "instant"), stock, {"units": "kg CO2e"}),
            "flow_kg": (
                ("flow", "group", "year"),
                np.concatenate([growth[None], inner]),
                {"units": "kg CO2e"},
            ),
        },
        coords={
            "pool": list(POOLS),
            "flow": list(FLOWS),
            "group": np.arange(totals.shape[0]),
            "instant": instants,
            "year": instants[1:],
        },
        attrs={"parameter_set": living.parameter_set, "largest_gap_t_c_ha": gap},
    )
    if states.shape[0]:
        axes = ("stand", "year", "pool"), ("stand", "year", "inner_flow")
        found["stand_stock"] = (axes[0], states[..., : kernels.POOLS], {"units": "t C ha-1"})
        found["stand_flow"] = (axes[1], states[..., kernels.POOLS :], {"units": "t C ha-1 yr-1"})
        found = found.assign_coords(stand=living.stands, inner_flow=list(FLOWS[1:]))
    return found
