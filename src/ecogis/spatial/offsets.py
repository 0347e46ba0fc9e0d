"""By how much one layer lies beside another: the shift at which their lines fall on one another.

Lines of both layers are drawn on grids in a few windows, and for every shift within reach it is
counted how much of the one falls on the other. Where both show the same land, in whole or in part,
one shift stands out: from neighbouring years, from parcels that follow stands, or from the outline
of a township. Where nothing stands out, nothing is said; in a grid of equal squares it cannot.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from ecogis.spatial import linework_kernels
from ecogis.spatial.linework import edges_in, outline_in
from ecogis.spatial.plane import EqualAreaPlane

__all__ = ["Comparison", "Offset", "compared"]

_CELL_M: Final = 10.0
_REACH: Final = 100  # cells, 1 km: the largest shift looked for
_WINDOW: Final = 400  # cells, 4 km: so small that a shift is the same all over it
_ALONE: Final = 6  # cells about the best shift that belong to it
_RANKED: Final = 200_000  # edges by which windows are chosen
_FAR: Final = 1 << 20  # tiles, more than there are on earth
_ENOUGH: Final = 100.0  # cells, 1 km of lines: fewer fall on others by chance
_BLUR: Final = 1.0  # cells; two drawings of a border differ by less

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Geometries = Any  # array of polygons


class Offset(NamedTuple):
    """How far a layer lies east and north of another, and how sure that is.

    Attributes
    ----------
    east_m, north_m : float
        The mean over the windows. [m]
    contrast : float
        How much this shift stands out: its count above the mean by that of the next best one
        elsewhere. 1 where it does not. [1]
    match : float
        How much of the lines of the one that has fewer falls on the other's; 0 where there is
        less than 1 km of them. [1]
    """

    east_m: float
    north_m: float
    contrast: float
    match: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two layers compared shift by shift, window by window.

    Attributes
    ----------
    middle : array (window, 2)
        Middles of the windows in the plane. [m]
    mine : array (window, 2)
        Cells with lines of the layer in the windows, and what they count on themselves.
    theirs : array (window, 2, x, y)
        The same for the reference, cell by cell, in the windows and 1 km about them.
    count : array (window, x, y)
        Element (i, j) of a window says how much of the layer falls on the reference when it is
        moved by (i, j) cells less 1 km.
    """

    middle: Floats
    mine: Floats
    theirs: Floats
    count: Floats

    def best(self, field: Floats | None = None) -> Offset:
        """The one shift that suits all windows best.

        Parameters
        ----------
        field : array (window, 2), optional
            A shift that differs from place to place; the best one is then looked for among this
            field and a constant. [m]
        """
        if not len(self.count):
            return Offset(0.0, 0.0, 1.0, 0.0)
        own = np.zeros_like(self.middle) if field is None else field
        bend = np.rint((own - own.mean(axis=0)) / _CELL_M).astype(np.int64)
        slack = np.minimum(np.abs(bend).max(axis=0), _REACH // 2)
        bend = np.clip(bend, -slack, slack)
        span = 2 * _REACH + 1 - 2 * slack
        begins = slack - bend  # a layer that lies farther east is to be moved farther west
        total = np.zeros(tuple(span))
        for count, (x, y) in zip(self.count, begins, strict=True):
            total += count[x : x + span[0], y : y + span[1]]
        best = np.unravel_index(int(total.argmax()), total.shape)
        moved = np.array(best) + slack - _REACH + _between(total, best)
        match = self._match(begins + np.array(best))
        east, north = -moved * _CELL_M
        return Offset(float(east), float(north), _contrast(total, best), match)

    def _match(self, places: Ints) -> float:
        """How much falls on the other in all windows, each with its own shift."""
        counted = least = 0.0
        cells = np.zeros(2)
        for window, (x, y) in enumerate(places):
            there = self.theirs[window, :, x : x + _WINDOW, y : y + _WINDOW].sum(axis=(1, 2))
            counted += float(self.count[window, x, y])
            least += min(self.mine[window, 1], there[1])
            cells += self.mine[window, 0], there[0]
        return counted / least if cells.min() >= _ENOUGH else 0.0


def compared(
    layer: Geometries,
    reference: Geometries,
    plane: EqualAreaPlane,
    *,
    outlines: bool = False,
    windows: int = 9,
) -> Comparison:
    """Compare two layers of polygons in the windows where both have most lines.

    Parameters
    ----------
    layer, reference : array of polygons
        EPSG:4490, valid or not.
    plane : EqualAreaPlane
        About the two.
    outlines : bool
        Whether only lines with land on one side are looked at: the outlines of both layers.
    windows : int
        How many at most. A policy. [1]

    Returns
    -------
    Comparison
        Without windows where the layers lie farther apart than 1 km.

    Examples
    --------
    >>> import shapely
    >>> from ecogis.spatial.plane import equal_area_plane
    >>> plane = equal_area_plane(24.0, 113.0)
    >>> ring = np.array([(0, 0), (900, 100), (1300, 800), (400, 700)])
    >>> here, there = plane.unproject([shapely.Polygon(ring), shapely.Polygon(ring + [300, -120])])
    >>> found = compared([there], [here], plane).best()
    >>> round(found.east_m, -1), round(found.north_m, -1)
    (300.0, -120.0)
    """
    lines, other = (_Lines.of(shapes, plane, outlines) for shapes in (layer, reference))
    corners = _corners(lines, other, windows)
    wide = _WINDOW + 2 * _REACH
    mine = np.zeros((len(corners), 2))
    theirs = np.zeros((len(corners), 2, wide, wide))
    count = np.zeros((len(corners), 2 * _REACH + 1, 2 * _REACH + 1))
    for window, corner in enumerate(corners):
        drawn = lines.drawn(corner, _WINDOW)
        mine[window] = drawn.sum(), (drawn * _blurred(drawn)).sum()
        grid = other.drawn(corner - _REACH, wide)
        soft = _blurred(grid)
        theirs[window] = grid, grid * soft
        count[window] = _at_every_shift(soft, drawn)
    middle = (corners.astype(np.float64) + _WINDOW / 2.0) * _CELL_M
    return Comparison(middle, mine, theirs, count)


@dataclass(frozen=True, slots=True)
class _Lines:
    """Edges of a layer: vertices [cells], and those that an edge begins with."""

    xy: Floats
    first: Ints

    @classmethod
    def of(cls, shapes: Geometries, plane: EqualAreaPlane, outlines: bool) -> "_Lines":
        """Edges of polygons, all or those of the outline."""
        edges = edges_in(shapes)
        first = edges.first[outline_in(shapes)] if outlines else edges.first
        return cls(plane.forward(edges.xy) / _CELL_M, first)

    def drawn(self, corner: Ints, size: int) -> Floats:
        """The lines on a grid of cells."""
        grid = np.zeros((size, size))
        linework_kernels.draw_edges(self.xy, self.first, corner.astype(np.float64), grid)
        return grid

    def tiles(self, moved: list[tuple[int, int]]) -> tuple[Ints, Floats]:
        """Tiles that have lines, moved in all these ways, and how long the lines are in them.

        Counted over a part of the edges, for it only serves to choose among tiles.
        """
        few = self.first[:: max(1, len(self.first) // _RANKED)]
        begin, end = self.xy[few], self.xy[few + 1]
        finite = np.isfinite(begin + end).all(axis=1)
        begin, end = begin[finite], end[finite]
        length = np.hypot(*(end - begin).T) * (len(self.first) / max(1, len(few)))
        tiles = [np.floor(((begin + end) / 2.0 + by) / _WINDOW).astype(np.int64) for by in moved]
        keys, back = np.unique(_key(np.concatenate(tiles)), return_inverse=True)
        total = np.bincount(back, weights=np.tile(length, len(moved)), minlength=len(keys))
        return keys, total.astype(np.float64)


def _key(tiles: Ints) -> Ints:
    """One number for a tile; the way back is `_tile`."""
    return np.asarray((tiles[:, 0] + _FAR) * (2 * _FAR) + tiles[:, 1] + _FAR)


def _tile(keys: Ints) -> Ints:
    return np.column_stack(np.divmod(keys, 2 * _FAR)) - _FAR


def _corners(lines: _Lines, other: _Lines, windows: int) -> Ints:
    """Lower left corners of the windows with most lines of the layer that has fewer there."""
    tiles, weight = lines.tiles([(0, 0)])
    about = [(i * _REACH, j * _REACH) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    near, others = other.tiles(about)
    both, place, match = np.intersect1d(tiles, near, assume_unique=True, return_indices=True)
    least = np.minimum(weight[place], others[match])
    return _tile(both[np.lexsort((both, -least))[:windows]]) * _WINDOW


def _at_every_shift(wide: Floats, grid: Floats) -> Floats:
    """How much a grid counts at every place within a wider one that it may be moved to.

    A correlation by way of frequencies; as long as the grid stays inside nothing wraps around.
    """
    turned = np.conj(np.fft.rfft2(grid, wide.shape))
    whole = np.fft.irfft2(np.fft.rfft2(wide) * turned, wide.shape)
    rows, columns = np.array(wide.shape) - grid.shape + 1
    return np.asarray(whole[:rows, :columns])


def _blurred(grid: Floats) -> Floats:
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(grid, _BLUR, mode="constant"))


def _between(count: Floats, best: tuple[Any, ...]) -> Floats:
    """Where between the cells the top of the count is, by a parabola along each axis."""
    off = np.zeros(2)
    for axis in (0, 1):
        place = [int(at) for at in best]
        if 0 < place[axis] < count.shape[axis] - 1:
            line = count[:, place[1]] if axis == 0 else count[place[0]]
            low, mid, high = (float(line[place[axis] + step]) for step in (-1, 0, 1))
            bend = low - 2.0 * mid + high
            off[axis] = 0.5 * (low - high) / bend if bend < 0 else 0.0
    return off


def _contrast(count: Floats, best: tuple[Any, ...]) -> float:
    """How the best count stands out against the next best one elsewhere, both above the mean."""
    mean = float(count.mean())
    rest = count.copy()
    x, y = (int(place) for place in best)
    rest[max(0, x - _ALONE) : x + _ALONE + 1, max(0, y - _ALONE) : y + _ALONE + 1] = -np.inf
    next_best = float(rest.max()) - mean
    top = float(count[best]) - mean
    return top / next_best if top > 0 and next_best > 0 else 1.0
