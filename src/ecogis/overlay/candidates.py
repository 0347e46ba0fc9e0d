"""Which polygons may meet: pairs whose boxes touch, from a tree over the boxes of single polygons.

Multiparts are opened before: two far-apart parts under one box would meet half the county. A
polygon far larger than the others' middle size, such as a frame around a county, is entered by the
cells of a grid that it covers, not by one box.
"""

import math
from typing import Any

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
    boxes, part, _ = _entries(left, middle)
    _, other_part, tree = _entries(right, middle)
    first, second = tree.query(boxes)
    return _sorted(part[first], other_part[second], len(right.owner))


def pairs_within(layer: Outlines) -> tuple[Ints, Ints]:
    """Pairs (part, later part) of different features of one layer whose boxes meet, sorted."""
    boxes, part, tree = _entries(layer, _middle(layer))
    first, second = (part[found] for found in tree.query(boxes))
    ahead = (first < second) & (layer.owner[first] != layer.owner[second])
    return _sorted(first[ahead], second[ahead], len(layer.owner))


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


def _entries(layer: Outlines, middle: float) -> tuple[Objects, Ints, shapely.STRtree]:
    """Boxes for the tree, the part each stands for, and the tree."""
    part = np.arange(len(layer.owner))
    large = np.flatnonzero(_spans(layer) > _LARGE * middle) if middle > 0.0 else part[:0]
    if not len(large):
        return layer.boxes, part, layer.tree
    keep = np.ones(len(part), dtype=bool)
    keep[large] = False
    cells = [_cells(shape, box, middle) for shape, box in _drawn(layer, large)]
    owner = np.repeat(large, [len(found) for found in cells])
    boxes = np.concatenate([layer.boxes[keep], *cells])
    return boxes, np.concatenate([part[keep], owner]), shapely.STRtree(boxes)


def _drawn(layer: Outlines, parts: Ints) -> list[tuple[Any, Floats]]:
    return list(zip(layer.polygons(parts), layer.flat.box[parts], strict=True))


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
