"""Whom to ask next: the holders whose parcels make the largest joined block for a budget.

A mixed-integer programme. Each holder h is asked or not (x), each parcel i is counted or not (y).

    maximise    sum of area_i y_i
    subject to  y_i <= x_h(i)                            only parcels of holders asked are counted
                sum of cost_h x_h <= budget
                sum of roots r_i <= 1, r_i <= y_i        the block has one root
                in-flow_i + n r'_i - out-flow_i = y_i    each counted parcel takes one unit of flow
                flow_ij <= n y_i, flow_ij <= n y_j       flow passes counted parcels only

Flow enters at the root, so that every counted parcel is joined to it. Where the collector holds
parcels already they are the root together. Among equal areas the cheapest choice is taken, in a
second programme that keeps the area of the first. Parcels the budget cannot reach are left out
beforehand, and each counted parcel but the root has a counted neighbour; both only save time.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import require
from ecogis.finance.parties import components, party_keys

__all__ = ["Asked", "ask_next"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_MOST: Final = 500
_NODES: Final = 4_000  # of the solver's tree; a choice not settled by then is told, not waited for
_DM2: Final = 1e4  # dm2 in the solver's unit of area, 100 m2
_FEN: Final = 1e4  # fen in the solver's unit of money, 100 CNY
_STEP: Final = 1e-6
_NEAR: Final = 0.5 / _DM2  # half a dm2


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to ask, and what it brings.

    Attributes
    ----------
    holders : tuple of str
        Keys of the holders to ask, in alphabetical order.
    parcels : tuple of str
        Their parcels that join the block, in the order of the table.
    area_dm2 : int
        Area of the block, with what the collector holds in it. [dm2]
    gain_dm2 : int
        Area that comes to it. [dm2]
    cost_fen : int
        Price of all the parcels of the holders asked. [fen]
    """

    holders: tuple[str, ...]
    parcels: tuple[str, ...]
    area_dm2: int
    gain_dm2: int
    cost_fen: int


def ask_next(
    parcels: pd.DataFrame,
    pairs: pd.DataFrame,
    budget_fen: int,
    *,
    collector: str = "",
) -> Asked:
    """The holders to ask so that one joined block is as large as a budget allows.

    A holder is asked for all parcels listed and is paid for all of them, also for one that does not
    join the block: list only what would be bought. Consent is not assumed; ask again after a no
    with that holder's parcels left out.

    Parameters
    ----------
    parcels : DataFrame, one row per parcel
        ``parcel``, ``holder``, ``area_dm2`` [dm2] and ``price_fen`` [fen]; those of the collector
        cost nothing.
    pairs : DataFrame
        As `joining.adjacent` gives it for these rows.
    budget_fen : int
        What may be spent. [fen]
    collector : str
        Holder of the parcels the block grows from; without one, or where it holds nothing, the
        block may lie anywhere.

    Returns
    -------
    Asked
        The best choice; nobody where nothing can be gained.

    Raises
    ------
    ConfigError
        E900 a holder is missing, a number is no whole one above zero, or there are more than 500
        parcels; E916 the solver did not reach the optimum.

    Examples
    --------
    Three parcels in a row, one held; both others cost more than there is:

    >>> table = pd.DataFrame(
    ...     {
    ...         "parcel": ["A", "B", "C"],
    ...         "holder": ["P", "H1", "H2"],
    ...         "area_dm2": [100, 200, 900],
    ...         "price_fen": [0, 50, 60],
    ...     }
    ... )
    >>> pairs = pd.DataFrame({"first": [0, 1], "second": [1, 2]})
    >>> found = ask_next(table, pairs, 100, collector="P")
    >>> found.holders, found.gain_dm2, found.cost_fen
    (('H1',), 200, 50)
    """
    task = _Task.of(parcels, pairs, budget_fen, collector)
    if not task.count:
        return Asked((), (), 0, 0, 0)
    area = task.solved(-task.areas_first())
    least = area @ task.areas_first()
    chosen = task.solved(task.costs_first(), least_area=float(least) - _NEAR)
    return task.told(chosen)


@dataclass(frozen=True, slots=True)
class _Task:
    """The programme: variables are x (holder), y (parcel), root (parcel), in-flow, flow (arc)."""

    parcels: pd.DataFrame
    names: list[str]
    holder: Ints
    area: Ints
    price: Ints
    cost: Ints
    own: npt.NDArray[np.bool_]
    arcs: Ints
    budget: int

    @classmethod
    def of(
        cls, parcels: pd.DataFrame, pairs: pd.DataFrame, budget_fen: int, collector: str
    ) -> "_Task":
        require(parcels, ["parcel", "holder", "area_dm2", "price_fen"], "parcels")
        keys = party_keys(parcels["holder"])
        area = _whole(parcels["area_dm2"], "area_dm2", 1)
        price = _whole(parcels["price_fen"], "price_fen", 0)
        for name, value, wrong in (
            ("holder", "—", keys.isna().any()),
            ("parcels", len(parcels), len(parcels) > _MOST),
            ("budget_fen", budget_fen, budget_fen < 0),
        ):
            if wrong:
                raise ConfigError("E900", field=name, value=value, expected="0-500, >= 0")
        holder, names = pd.factorize(keys, sort=True)
        mine = party_keys([collector])[0]
        own = (keys == mine).fillna(value=False).to_numpy(dtype=bool)
        cost = np.zeros(len(names), dtype=np.int64)
        np.add.at(cost, holder, np.where(own, 0, price))
        ends = pairs[["first", "second"]].to_numpy(dtype=np.int64)
        arcs = np.concatenate([ends, ends[:, ::-1]])
        return cls(
            parcels, [str(name) for name in names], holder, area, price, cost, own, arcs, budget_fen
        )

    @property
    def count(self) -> int:
        return len(self.area)

    @property
    def size(self) -> int:
        return len(self.names) + 3 * self.count + len(self.arcs)

    def areas_first(self) -> Floats:
        """Area of the block as a sum over the variables. [100 m2]"""
        found = np.zeros(self.size)
        found[len(self.names) : len(self.names) + self.count] = self.area / _DM2
        return found

    def costs_first(self) -> Floats:
        """Cost as a sum over the variables. [100 CNY]"""
        found = np.zeros(self.size)
        found[: len(self.names)] = self.cost / _FEN
        return found

    def solved(self, objective: Floats, *, least_area: float | None = None) -> Floats:
        rules = [*self._rules()]
        if least_area is not None:
            rules.append(LinearConstraint(self.areas_first()[None, :], least_area, np.inf))
        whole = np.zeros(self.size)
        whole[: len(self.names) + 2 * self.count] = 1
        found = milp(
            objective,
            integrality=whole,
            bounds=self._bounds(),
            constraints=rules,
            options={"mip_rel_gap": 0.0, "node_limit": _NODES},
        )
        if found.status != 0 or found.x is None:
            raise ConfigError("E916", detail=found.message)
        return np.asarray(found.x, dtype=np.float64)

    def _bounds(self) -> Bounds:
        low, high = np.zeros(self.size), np.ones(self.size)
        holders, n = len(self.names), self.count
        high[holders + 2 * n :] = self._most()
        high[holders : holders + n][~self._reachable()] = 0
        taken = np.unique(self.holder[self.own])
        low[taken] = 1
        low[holders : holders + n][self.own] = 1
        return Bounds(low, high)

    def _reachable(self) -> npt.NDArray[np.bool_]:
        """Parcels the budget can reach: by their holder's cost, and by the cheapest way to them.

        What is paid for a block is never less than the prices along a way through it.
        """
        affordable = self.cost[self.holder] <= self.budget
        if not self.own.any():
            return np.asarray(affordable)
        start, end = self.arcs[:, 0], self.arcs[:, 1]
        weight = np.where(self.own, 0, self.price)[end] + _STEP  # no length would be no arc
        graph = coo_array((weight, (start, end)), shape=(self.count, self.count)).tocsr()
        way = dijkstra(graph, indices=np.flatnonzero(self.own), min_only=True)
        near = way <= self.budget + _STEP * self.count
        return np.asarray((affordable & near) | self.own)

    def _most(self) -> int:
        """The most parcels a block can have."""
        offered = np.sort(self.price[self._reachable() & ~self.own])
        return int(self.own.sum() + (np.cumsum(offered) <= self.budget).sum())

    def _rules(self) -> list[LinearConstraint]:
        holders, n, arcs = len(self.names), self.count, len(self.arcs)
        x, y, most = 0, holders, max(self._most(), 1)
        root, inflow, flow = holders + n, holders + 2 * n, holders + 3 * n
        each, along = np.arange(n), np.arange(arcs)
        start, end = self.arcs[:, 0], self.arcs[:, 1]
        counted = self._matrix(n, (each, y + each, 1.0), (each, x + self.holder, -1.0))
        budget = self._matrix(
            1, (np.zeros(holders, dtype=np.int64), np.arange(holders), self._money())
        )
        rooted = self._matrix(n, (each, root + each, 1.0), (each, y + each, -1.0))
        entering = self._matrix(n, (each, inflow + each, 1.0), (each, root + each, -float(most)))
        kept = self._matrix(
            n,
            (each, inflow + each, 1.0),
            (end, flow + along, 1.0),
            (start, flow + along, -1.0),
            (each, y + each, -1.0),
        )
        beside = self._matrix(
            n, (each, y + each, 1.0), (each, root + each, -1.0), (end, y + start, -1.0)
        )
        one = self._matrix(1, (np.zeros(n, dtype=np.int64), root + each, 1.0))
        passing = [
            self._matrix(arcs, (along, flow + along, 1.0), (along, y + at, -float(most)))
            for at in (start, end)
        ]
        roots = float(self.own.sum()) if self.own.any() else 1.0
        rules = [
            (each_rule, -np.inf, 0.0) for each_rule in (counted, rooted, entering, beside, *passing)
        ]
        rules += [(budget, -np.inf, self.budget / _FEN), (kept, 0.0, 0.0)]
        rules.append((one, -np.inf, roots))
        if self.own.any():  # flow enters at what is held
            others = self._matrix(1, (np.zeros(n, dtype=np.int64), root + each, (~self.own) * 1.0))
            rules.append((others, 0.0, 0.0))
        return [LinearConstraint(*rule) for rule in rules if rule[0].shape[0]]

    def _money(self) -> Floats:
        return np.asarray(self.cost / _FEN, dtype=np.float64)

    def _matrix(self, rows: int, *parts: tuple[Ints, Ints, Any]) -> csr_array:
        row = np.concatenate([part[0] for part in parts])
        column = np.concatenate([part[1] for part in parts])
        value = np.concatenate([np.broadcast_to(part[2], part[0].shape) for part in parts])
        return csr_array(coo_array((value, (row, column)), shape=(rows, self.size)))

    def told(self, chosen: Floats) -> Asked:
        holders = chosen[: len(self.names)] > 0.5
        counted = chosen[len(self.names) : len(self.names) + self.count] > 0.5
        asked = holders.copy()
        asked[np.unique(self.holder[self.own])] = False
        useful = np.zeros(len(self.names), dtype=bool)
        useful[self.holder[counted]] = True
        asked &= useful
        self._must_hold(counted, int(self.cost[asked].sum()))
        joined = counted & ~self.own
        ids = self.parcels["parcel"].astype(str).to_numpy()
        return Asked(
            tuple(name for name, one in zip(self.names, asked, strict=True) if one),
            tuple(ids[joined].tolist()),
            int(self.area[counted].sum()),
            int(self.area[joined].sum()),
            int(self.cost[asked].sum()),
        )

    def _must_hold(self, counted: npt.NDArray[np.bool_], cost: int) -> None:
        """The answer checked in whole numbers, without the solver's tolerances."""
        kept = counted[self.arcs].all(axis=1)
        label = components(self.arcs[kept, 0], self.arcs[kept, 1], self.count)
        roots = self.own if self.own.any() else np.cumsum(counted) == 1
        if cost > self.budget or not np.isin(label[counted], label[roots & counted]).all():
            raise ConfigError("E916", detail="tolerance")


def _whole(column: pd.Series, name: str, least: int) -> Ints:
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    if not np.all((numbers >= least) & (numbers == np.floor(numbers))):
        raise ConfigError("E900", field=name, value="—", expected=f"int, >= {least}")
    return numbers.astype(np.int64)
