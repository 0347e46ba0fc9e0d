"""From stands and sources of error to whole totals by group, draw and year."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecogis.carbon import draw_kernels as kernels
from ecogis.carbon.drawn_stands import Stock
from ecogis.carbon.error_sources import Sources, spread_of
from ecogis.core.errors import ConfigError
from ecogis.numerics import group_sum_int64, quantise, stream_keys
from ecogis.numerics.threads import in_parts, parts_of

__all__ = ["REST_PER_KG", "carried", "totals"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Wholes = NDArray[np.int64]

_TABLE_BYTES = 48e6  # tables of a batch of draws
_WEIGHT_STEP = 2.0**-10  # kg CO2e for 1 m3 ha-1
_VOLUME_STEP = 2.0**-20  # m3 ha-1
_REST_BITS = 30
_LARGEST = 2.0**62

REST_PER_KG = 2**_REST_BITS
"""Steps of the rest in one kilogram: those of weight times those of volume."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some draws' tables and factors; one row stands for all draws where nothing is drawn."""

    first: int
    end: int
    tables: Floats  # (draw or 1, class, place)
    levels: Floats  # (draw or 1, class, anchor)
    factors: Floats  # (draw or 1, species)


@dataclass(frozen=True, slots=True)
class _Cells:
    """Stands put together: ways through the tables, and the weight of each way in each group."""

    ways: tuple[Ints, Ints, Ints, Ints, Ints]  # class, start, anchor, survey, species
    bounds: Wholes
    group: Ints
    weight: Wholes


def totals(
    stock: Stock, sources: Sources, seed: int, draws: int
) -> tuple[Wholes, Wholes | None, dict[str, int]]:
    """Totals (draw, group, year) [kg CO2e], their rest, and draws made again by curve.

    With a source that strikes stands on their own every stand is followed and each of its years
    rounded to the kilogram; there is no rest. Without one, stands with the same way through the
    tables are one weight, and the sum is exact in steps of weight times volume.
    """
    again: dict[str, int] = {}
    species, factors = _factors(stock, sources, seed, draws)
    anchor = _anchors(stock, sources)
    batches = _batches(stock, sources, (seed, draws), factors, again)
    out = np.zeros((draws, stock.groups.size, len(stock.years)), dtype=np.int64)
    if sources.survey is None and sources.events is None:
        low = np.zeros_like(out)
        _add_cells(_cells(stock, anchor, species), stock, batches, (out, low))
        return *_carried(out, low), again
    _add_stands((anchor, species), (stock, sources, seed), batches, out)
    return out, None, again


def _add_stands(
    places: tuple[Ints, Ints],
    given: tuple[Stock, Sources, int],
    batches: Iterator[_Batch],
    out: Wholes,
) -> None:
    anchor, species = places
    stock, sources, seed = given
    risk, lost, restart = _risks(stock, sources)
    spread, shift = _spreads(stock, sources)
    errors = _keys(stock, seed, "survey error" if sources.survey else "")
    events = _keys(stock, seed, "event" if sources.events else "")
    for batch in batches:
        arguments = (
            stock.zero,
            batch.tables,
            batch.levels,
            batch.factors,
            batch.first,
            sources.survey is None or sources.survey.law == "lognormal",
            risk,
            lost,
            restart,
            stock.part,
            stock.curve,
            stock.start,
            anchor,
            stock.survey,
            species,
            stock.group,
            stock.scale,
            stock.size,
            spread,
            shift,
            errors,
            events,
            out[batch.first : batch.end],
        )
        _share_out(kernels.add_stand_draws, arguments, batch, stock.curve.size * out.shape[2])


def _share_out(add: Callable[..., None], given: tuple[Any, ...], batch: _Batch, work: int) -> None:
    """Draws of a batch shared out among threads, each draw to one; `work` is that of one draw."""
    draws = batch.end - batch.first

    def some(_: int, begin: int, end: int) -> None:
        add(*given, begin, end)

    in_parts(some, parts_of(draws, draws * work))


def _add_cells(
    cells: _Cells, stock: Stock, batches: Iterator[_Batch], out: tuple[Wholes, Wholes]
) -> None:
    high, low = out
    heaviest = np.zeros(stock.groups.size)
    np.add.at(heaviest, cells.group, cells.weight.astype(np.float64))
    for batch in batches:
        most = batch.tables.max() * batch.levels.max() * batch.factors.max() / _VOLUME_STEP
        bound = heaviest.max(initial=0.0) * max(most / 2**kernels.LOW_BITS, 2**kernels.LOW_BITS)
        if not bound < _LARGEST:
            raise ConfigError("E684", group=stock.groups[np.argmax(heaviest)])
        given = (
            batch.tables,
            batch.levels,
            batch.factors,
            1.0 / _VOLUME_STEP,
            stock.part,
            *cells.ways,
            cells.bounds,
            cells.group,
            cells.weight,
            high[batch.first : batch.end],
            low[batch.first : batch.end],
        )
        _share_out(kernels.add_cell_draws, given, batch, cells.weight.size * high.shape[2])


def _carried(high: Wholes, low: Wholes) -> tuple[Wholes, Wholes]:
    """Nearest kilograms and the signed rest of ``high * 2**LOW_BITS + low``, in place."""
    rest = ((high & (2 ** (_REST_BITS - kernels.LOW_BITS) - 1)) << kernels.LOW_BITS) + low
    high >>= _REST_BITS - kernels.LOW_BITS
    return carried(high, rest)


def carried(kg: Wholes, rest: Wholes) -> tuple[Wholes, Wholes]:
    """Nearest kilograms, and a rest of at most half of one on either side.

    >>> [part.tolist() for part in carried(np.array([5, 5]), np.array([REST_PER_KG, -3]))]
    [[6, 5], [0, -3]]
    """
    whole = (rest + REST_PER_KG // 2) >> _REST_BITS
    return kg + whole, rest - (whole << _REST_BITS)


def _batches(
    stock: Stock,
    sources: Sources,
    asked: tuple[int, int],
    factors: Floats,
    again: dict[str, int],
) -> Iterator[_Batch]:
    """Draws in batches whose tables stay small in memory."""
    seed, draws = asked
    classes, ages = stock.table.shape
    if sources.curve is None:
        middle, level = stock.padded(stock.table)[None], np.ones((1, classes, 1))
        yield _Batch(0, draws, middle, level, factors)
        return
    used = {stock.names[c]: int(c) for c in np.unique(stock.curve)}
    struck = [(name, used[name]) for name in sources.curve.values if name in used]
    fit = int(_TABLE_BYTES / (8 * classes * (stock.width + ages)))
    step = max(1, fit // kernels.BLOCK) * kernels.BLOCK
    for first in range(0, draws, step):
        end = min(first + step, draws)
        rows = np.repeat(stock.table[None], end - first, axis=0)
        levels = np.ones((end - first, classes, ages + 1))
        for name, c in struck:
            span = (first, end)
            rows[:, c], count = sources.curve.drawn(seed, name, span, stock.table[c])
            again[name] = again.get(name, 0) + count
            grown = np.broadcast_to(stock.table[c] > 0.0, rows[:, c].shape)
            np.divide(stock.table[c], rows[:, c], out=levels[:, c, :-1], where=grown)
        part = factors if len(factors) == 1 else factors[first:end]
        yield _Batch(first, end, stock.padded(rows), levels, part)


def _factors(stock: Stock, sources: Sources, seed: int, draws: int) -> tuple[Ints, Floats]:
    """Species of each stand, and errors of carbon factors (draw or 1, species)."""
    if sources.factor is None:
        return np.zeros(stock.curve.size, dtype=np.int32), np.ones((1, 1))
    rows, names = sources.factor.members(stock.curve.size)
    return rows[stock.order], sources.factor.drawn(seed, names, draws)


def _anchors(stock: Stock, sources: Sources) -> Ints:
    """Column of `levels`: the surveyed age, or the last column, one, without a surveyed volume."""
    if sources.curve is None:
        return np.zeros(stock.curve.size, dtype=np.int32)
    unknown = set(sources.curve.values) - set(stock.names[:-1])
    if unknown:
        raise ConfigError("E680", what=f"curve, {min(unknown)}", expected="a curve of the stands")
    anchored = sources.curve.anchors(stock.scale, stock.order)
    return np.where(anchored, stock.age, stock.table.shape[1]).astype(np.int32)


def _risks(stock: Stock, sources: Sources) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Risk by class and place, share an event takes, and whether it ends the stand."""
    classes = len(stock.names)
    risk, lost = np.zeros((classes, stock.width)), np.zeros(classes)
    restart = np.zeros(classes, dtype=bool)
    if sources.events is not None:
        used = np.unique(stock.curve)
        names = [stock.names[c] for c in used]
        risk[used, stock.zero :] = sources.events.risk(names, stock.width - stock.zero)
        lost[used], restart[used] = sources.events.outcome(names)
    return risk, lost, restart


def _spreads(stock: Stock, sources: Sources) -> tuple[Floats, Floats]:
    """Spread and shift of each stand's survey error; zero where there is none."""
    count = stock.curve.size
    if sources.survey is None:
        return np.zeros(count), np.zeros(count)
    spread, shift = spread_of(sources.survey.cvs(count)[stock.order], sources.survey.law)
    return spread, shift


def _keys(stock: Stock, seed: int, purpose: str) -> NDArray[np.uint64]:
    if not purpose:
        return np.zeros((stock.curve.size, 2), dtype=np.uint64)
    return stream_keys(seed, (str(name) for name in stock.stands), purpose)


def _cells(stock: Stock, anchor: Ints, species: Ints) -> _Cells:
    """Stands of one way and group as one whole weight."""
    listed = (stock.curve, stock.start, anchor, stock.survey, species, stock.group)
    sizes = [int(column.max(initial=0)) + 1 for column in listed]
    key = np.zeros(stock.curve.size, dtype=np.int64)
    for column, size in zip(listed, sizes, strict=True):
        key = key * size + column
    found, row = np.unique(key, return_inverse=True)
    weight = group_sum_int64(quantise(stock.scale * stock.size, _WEIGHT_STEP), row, found.size)
    way, begins = np.unique(found // sizes[-1], return_index=True)
    columns = []
    for size in reversed(sizes[:-1]):
        columns.append((way % size).astype(np.int32))
        way //= size
    curve, start, at, survey, kind = reversed(columns)
    bounds = np.append(begins, found.size).astype(np.int64)
    group = (found % sizes[-1]).astype(np.int32)
    return _Cells((curve, start, at, survey, kind), bounds, group, weight)
