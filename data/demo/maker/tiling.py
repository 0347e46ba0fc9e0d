"""Tilings with wiggly shared boundaries: small cells, cells joined to regions, regions to polygons.

The plane is cut into small Voronoi cells. The border of two cells is a fractal line that stays
inside the quadrilateral of its two end points and the two cell centres. Those quadrilaterals do not
overlap, so no border can cross another: every union of cells is a valid polygon, and neighbours
share every vertex.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import Voronoi

from maker.draws import Floats, Ints

WIGGLE = 0.42  # height of a border's first bend, share of its length in the reference triangle
ROUGHNESS = 0.62  # each halving multiplies the bend by this
SWAY = 0.30  # strength of the smooth sway that bends all borders together


@dataclass(frozen=True)
class Cells:
    """Small cells and the lines between them; lines keep both end vertices."""

    centre: Floats  # (cell, 2) [m]
    area: Floats  # (cell) [m2]
    left: Ints  # (line) cell on the one side
    right: Ints  # (line) cell on the other side
    start: Ints  # (line) vertex
    end: Ints  # (line) vertex
    first: Ints  # (line) index of the line's first point
    turn: np.ndarray  # (line) whether the left cell is on the left hand from start to end
    steps: Ints  # (line) number of straight parts
    points: Floats  # (point, 2) all points of all lines, end vertices included [m]

    def __len__(self) -> int:
        return len(self.centre)


def small_cells(rng: np.random.Generator, half_width: float, size: float, *, part: float) -> Cells:
    """Cells of about `size` squared [m2] over a square, lines in parts of about `part` [m]."""
    seeds = _jittered_grid(rng, half_width, size)
    diagram = Voronoi(seeds)
    pair = np.asarray(diagram.ridge_points, dtype=np.int64)
    vertices = np.asarray([v if len(v) == 2 else (-1, -1) for v in diagram.ridge_vertices])
    corner = diagram.vertices
    inside = np.abs(corner).max(axis=1) < half_width * 1.02
    keep = (vertices >= 0).all(axis=1)
    keep[keep] = inside[vertices[keep]].all(axis=1)
    pair, vertices = pair[keep], vertices[keep]
    order = np.lexsort((pair.max(axis=1), pair.min(axis=1)))
    pair, vertices = pair[order], vertices[order]
    first, steps, points = _wiggly_lines(rng, corner, vertices, seeds[pair], part)
    swayed = _sway(rng, np.concatenate([seeds, points]), half_width)
    return Cells(
        centre=swayed[: len(seeds)],
        area=_cell_areas(seeds, pair, corner[vertices]),
        left=pair[:, 0],
        right=pair[:, 1],
        start=vertices[:, 0].astype(np.int64),
        end=vertices[:, 1].astype(np.int64),
        first=first,
        turn=_left_handed(corner[vertices], seeds[pair]),
        steps=steps,
        points=swayed[len(seeds) :],
    )


def _left_handed(ends: Floats, centres: Floats) -> np.ndarray:
    """Whether the first of the two centres is on the left hand of the way between the ends."""
    way, across = ends[:, 1] - ends[:, 0], centres[:, 0] - centres[:, 1]
    return way[:, 0] * across[:, 1] - way[:, 1] * across[:, 0] > 0


def _jittered_grid(rng: np.random.Generator, half_width: float, size: float) -> Floats:
    """Seed points: one in each square of a staggered grid, anywhere in the middle nine tenths."""
    count = int(np.ceil(2 * half_width / size))
    step = 2 * half_width / count
    row, column = np.divmod(np.arange(count * count), count)
    base = np.stack([column + 0.5 * (row % 2), row.astype(float)], axis=1)
    return -half_width + step * (base + 0.05 + 0.9 * rng.random((len(base), 2)))


def _cell_areas(seeds: Floats, pair: Ints, ends: Floats) -> Floats:
    """Areas of the straight cells, from the triangles of centre and line [m2]."""
    total = np.zeros(len(seeds))
    for side in (0, 1):
        a, b = ends[:, 0] - seeds[pair[:, side]], ends[:, 1] - seeds[pair[:, side]]
        triangle = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2
        total += np.bincount(pair[:, side], triangle, len(seeds))
    return total


def _wiggly_lines(
    rng: np.random.Generator, corner: Floats, vertices: Ints, centres: Floats, part: float
) -> tuple[Ints, Ints, Floats]:
    """First point, number of parts and points of each line."""
    a, b = corner[vertices[:, 0]], corner[vertices[:, 1]]
    length = np.hypot(*(b - a).T)
    depth = np.clip(np.round(np.log2(np.maximum(length / part, 1.0))), 0, 4).astype(np.int64)
    steps = 2**depth
    first = np.cumsum(steps + 1) - (steps + 1)
    points = np.empty((int((steps + 1).sum()), 2))
    for level in range(int(depth.max()) + 1):
        lines = np.flatnonzero(depth == level)
        bend = _bends(rng, len(lines), level)
        along = np.linspace(0.0, 1.0, 2**level + 1)
        towards = np.where(bend[..., None] > 0, centres[lines, 0, None], centres[lines, 1, None])
        middle = (a[lines] + b[lines])[:, None] / 2
        share = along[None, :, None]
        straight = a[lines, None] * (1 - share) + b[lines, None] * share  # exact at both ends
        line = straight + 2 * np.abs(bend)[..., None] * (towards - middle)
        index = first[lines][:, None] + np.arange(2**level + 1)
        points[index.ravel()] = line.reshape(-1, 2)
    return first, steps, points


def _bends(rng: np.random.Generator, lines: int, depth: int) -> Floats:
    """Heights (line, point) by midpoint displacement, kept inside the reference triangle."""
    bend = np.zeros((lines, 2))
    size = WIGGLE / 2
    for level in range(depth):
        middle = (bend[:, 1:] + bend[:, :-1]) / 2
        middle += size * ROUGHNESS**level * rng.uniform(-1, 1, (lines, 2**level))
        joined = np.empty((lines, 2 ** (level + 1) + 1))
        joined[:, 0::2], joined[:, 1::2] = bend, middle
        bend = joined
    along = np.linspace(0.0, 1.0, bend.shape[1])
    room = 0.8 * np.minimum(along, 1 - along)
    return np.clip(bend, -room, room)


def _sway(rng: np.random.Generator, points: Floats, half_width: float) -> Floats:
    """Points moved by a smooth field of long waves, so that borders bend together."""
    out = points.copy()
    for wave in (900.0, 1700.0, 3100.0):
        if wave > half_width * 2:
            continue
        phase = rng.random(4) * 2 * np.pi
        height = SWAY * wave / (2 * np.pi) / 2
        x, y = points[:, 0] * 2 * np.pi / wave, points[:, 1] * 2 * np.pi / wave
        out[:, 0] += height * np.sin(y + phase[0]) * np.cos(0.6 * x + phase[1])
        out[:, 1] += height * np.sin(x + phase[2]) * np.cos(0.6 * y + phase[3])
    return out


# --- joining -------------------------------------------------------------------------------


def joined(cells: Cells, allowed: np.ndarray, seeds: Ints, cost: Floats) -> Ints:
    """Region of each cell: the seed nearest by the cost of crossing lines; -1 where not allowed."""
    use = allowed[cells.left] & allowed[cells.right]
    return nearest_seed(len(cells), cells.left[use], cells.right[use], cost[use], seeds)


def nearest_seed(nodes: int, a: Ints, b: Ints, cost: Floats, seeds: Ints) -> Ints:
    """Number of the seed that each node is nearest to in a graph; -1 where none is reached."""
    graph = coo_array((cost, (a, b)), shape=(nodes, nodes)).tocsr()
    _, _, source = dijkstra(
        graph, directed=False, indices=seeds, min_only=True, return_predecessors=True
    )
    number = np.full(nodes + 1, -1, dtype=np.int64)
    number[seeds] = np.arange(len(seeds))
    return np.where(source >= 0, number[np.maximum(source, 0)], -1)


def filled(cells: Cells, inside: np.ndarray) -> np.ndarray:
    """The largest connected part of `inside`, its holes filled."""
    joined_up = np.zeros(len(cells), dtype=bool)
    joined_up[cells.left] = joined_up[cells.right] = True
    largest = _largest(cells, inside)
    return joined_up & ~_largest(cells, ~largest)


def _largest(cells: Cells, chosen: np.ndarray) -> np.ndarray:
    use = chosen[cells.left] & chosen[cells.right]
    ones = np.ones(int(use.sum()))
    graph = coo_array((ones, (cells.left[use], cells.right[use])), shape=(len(cells),) * 2)
    _, part = connected_components(graph, directed=False)
    part = np.where(chosen, part, -1)
    return part == np.bincount(part[chosen]).argmax()


def spread(points: Floats, count: int, start: int) -> Ints:
    """Indices of `count` points far from one another (each the farthest from those before)."""
    chosen = [start]
    distance = np.full(len(points), np.inf)
    while len(chosen) < count:
        distance = np.minimum(distance, np.hypot(*(points - points[chosen[-1]]).T))
        chosen.append(int(distance.argmax()))
    return np.asarray(chosen)


def neighbours(cells: Cells, region: Ints) -> tuple[Ints, Ints]:
    """Pairs of regions that share a line, each pair once, the smaller number first."""
    a, b = region[cells.left], region[cells.right]
    border = (a != b) & (a >= 0) & (b >= 0)
    pair = np.stack([np.minimum(a, b)[border], np.maximum(a, b)[border]], axis=1)
    pair = np.unique(pair, axis=0)
    return pair[:, 0], pair[:, 1]


# --- polygons ------------------------------------------------------------------------------


def polygons(cells: Cells, region: Ints, count: int) -> np.ndarray:
    """Polygon of each region 0 … count-1; enclaves are holes."""
    a, b = region[cells.left], region[cells.right]
    lines = np.flatnonzero(a != b)
    turn = cells.turn[lines]
    owner = np.concatenate([a[lines], b[lines]])
    line = np.concatenate([lines, lines])
    forward = np.concatenate([turn, ~turn])
    use = owner >= 0
    ring_of, order = _rings(cells, owner[use], line[use], forward[use])
    owner, line, forward = owner[use][order], line[use][order], forward[use][order]
    coordinates, ring = _walk(cells, line, forward, ring_of)
    rings = shapely.linearrings(coordinates, indices=ring)
    ring_owner = owner[np.concatenate([[0], np.flatnonzero(np.diff(ring_of)) + 1])]
    return _with_holes(rings, ring_owner, count)


def _rings(cells: Cells, owner: Ints, line: Ints, forward: np.ndarray) -> tuple[Ints, Ints]:
    """Ring number of each directed line in walking order, and that order.

    Three cells meet in each vertex, so in a region's border one line leaves each vertex.
    """
    begin = np.where(forward, cells.start[line], cells.end[line])
    finish = np.where(forward, cells.end[line], cells.start[line])
    key = owner * (int(max(begin.max(), finish.max())) + 1)
    by_start = np.argsort(key + begin, kind="stable")
    follows = by_start[np.searchsorted((key + begin)[by_start], key + finish)]
    after, seen = follows.tolist(), np.zeros(len(line), dtype=bool).tolist()
    order: list[int] = []
    ring: list[int] = []
    number = -1
    for at in np.argsort(owner, kind="stable").tolist():
        if seen[at]:
            continue
        number += 1
        here = at
        while not seen[here]:
            seen[here] = True
            order.append(here)
            ring.append(number)
            here = after[here]
    return np.asarray(ring), np.asarray(order)


def _walk(cells: Cells, line: Ints, forward: np.ndarray, ring_of: Ints) -> tuple[Floats, Ints]:
    """Points of the rings in order, without the last point of each line (the next begins there)."""
    count = cells.steps[line]
    offset = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    full, ahead = np.repeat(count, count), np.repeat(forward, count)
    index = np.repeat(cells.first[line], count) + np.where(ahead, offset, full - offset)
    return cells.points[index], np.repeat(ring_of, count)


def _with_holes(rings: np.ndarray, owner: Ints, count: int) -> np.ndarray:
    """Polygons from rings: an outer ring runs counter-clockwise, a hole clockwise."""
    outer = shapely.is_ccw(rings)
    shells = np.full(count, None, dtype=object)
    shells[owner[outer]] = rings[outer]
    out = shapely.polygons(shells)
    holes, holders = rings[~outer], owner[~outer]
    for region in np.unique(holders):
        out[region] = shapely.polygons(shells[region], holes=holes[holders == region])
    return out
