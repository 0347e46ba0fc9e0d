"""Which polygons may meet: pairs whose boxes touch, from a tree over the boxes of single polygons.

Multiparts are opened before: two far-apart parts under one box would meet half the county. A
polygon far larger than the others' middle size, such as a frame around a county, is entered by the
cells of a grid that it covers, not by one box.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

from ecogis.overlay.outlines import Outlines

__all__ = ["pairs_between", "pairs_within"]

_LARGE = 64.0  # boxes this many times the middle box of both layers are divided
_CELLS_A_BOX = 1.0 / 16.0  # cells of the grid, by the number of middle boxes under a large one
_MOST_CELLS = 64  # along one side

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]


def pairs_between(left: Outlines, right: Outlines) -> tuple[Ints, Ints]:
    """Pairs (part of left, part of right) whose boxes meet, sorted.

    >>> import shapely
    >>> from ecogis.overlay.outlines import outlines
    >>> a, b = shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)
    >>> [pair.tolist() for pair in pairs_between(outlines([a, b]), outlines([a]))]
    [[0], [0]]
    """
    middle = max(_middle(left), _middle(right))
    own, lots = _entries(left, middle), _entries(right, middle)
    return _sorted(*_met(own, lots), len(right.owner))


def pairs_within(layer: Outlines) -> tuple[Ints, Ints]:
    """Pairs (part, later part) of different features of one layer whose boxes meet, sorted."""
    own = _entries(layer, _middle(layer))
    first, second = _met(own, own)
    ahead = (first < second) & (layer.owner[first] != layer.owner[second])
    return _sorted(first[ahead], second[ahead], len(layer.owner))


class _Entries(NamedTuple):
    """Boxes of the ordinary parts and a tree of them; large parts by box, and by cells."""

    boxes: Objects
    part: Ints
    tree: shapely.STRtree
    large: Ints
    large_boxes: Objects
    cells: Objects
    cell_part: Ints


def _met(own: _Entries, lots: _Entries) -> tuple[Ints, Ints]:
    """Pairs of parts whose boxes meet; large ones meet small ones by cells, each other by box."""
    found = [_query(own.boxes, own.part, lots.tree, lots.part)]
    if len(own.large):
        found.append(_query(own.cells, own.cell_part, lots.tree, lots.part))
    if len(lots.large):
        found.append(_query(lots.cells, lots.cell_part, own.tree, own.part)[::-1])
    if len(own.large) and len(lots.large):
        tree = shapely.STRtree(lots.large_boxes)
        found.append(_query(own.large_boxes, own.large, tree, lots.large))
    first, second = (np.concatenate(side) for side in zip(*found, strict=True))
    return first, second


def _query(boxes: Objects, part: Ints, tree: shapely.STRtree, other: Ints) -> tuple[Ints, Ints]:
    first, second = tree.query(boxes)
    return part[first], other[second]


def _sorted(first: Ints, second: Ints, count: int) -> tuple[Ints, Ints]:
    """Pairs in rising order, each once."""
    key = np.sort(first * count + second)
    fresh = np.ones(len(key), dtype=bool)
    fresh[1:] = key[1:] != key[:-1]
    left, right = np.divmod(key[fresh], max(count, 1))
    return left, right


def _spans(layer: Outlines) -> Floats:
    box = layer.flat.box
    return np.asarray((box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]))


def _middle(layer: Outlines) -> float:
    """Area of the middle box of a layer; 0 where it is empty. [m2]"""
    return float(np.median(_spans(layer))) if len(layer.owner) else 0.0


def _entries(layer: Outlines, middle: float) -> _Entries:
    part = np.arange(len(layer.owner))
    large = np.flatnonzero(_spans(layer) > _LARGE * middle) if middle > 0.0 else part[:0]
    none = layer.boxes[:0]
    if not len(large):
        return _Entries(layer.boxes, part, layer.tree, large, none, none, large)
    small = np.delete(part, large)
    drawn = zip(layer.polygons(large), layer.flat.box[large], strict=True)
    cells = [_cells(shape, box, middle) for shape, box in drawn]
    return _Entries(
        layer.boxes[small],
        small,
        shapely.STRtree(layer.boxes[small]),
        large,
        layer.boxes[large],
        np.concatenate(cells),
        np.repeat(large, [len(found) for found in cells]),
    )


def _cells(shape: Any, box: Floats, middle: float) -> Objects:
    """The cells of a grid over a polygon's box that the polygon meets."""
    west, south, east, north = box
    count = math.sqrt((east - west) * (north - south) / middle * _CELLS_A_BOX)
    side = int(min(max(2, math.ceil(count)), _MOST_CELLS))
    x, y = np.linspace(west, east, side + 1), np.linspace(south, north, side + 1)
    column, row = (index.reshape(-1) for index in np.meshgrid(np.arange(side), np.arange(side)))
    grid = shapely.box(x[column], y[row], x[column + 1], y[row + 1])
    shapely.prepare(shape)
    return np.asarray(grid[shapely.intersects(shape, grid)], dtype=object)
