"""Random polygons for the overlay kernels: crooked, with holes, on a grid, nested, with spikes."""

import numpy as np
import shapely

FAMILIES = ("crooked", "holed", "grid", "split", "spiked", "same")


def crooked(rng, count, *, corners=(5, 40), radius=(20.0, 120.0), spread=100.0):
    """Star-shaped polygons about random middles [m]."""
    out = []
    for _ in range(count):
        number = int(rng.integers(*corners))
        turn = np.sort(rng.uniform(0, 2 * np.pi, number))
        far = rng.uniform(*radius) * rng.uniform(0.3, 1.0, number)
        middle = rng.uniform(-spread, spread, 2)
        out.append(np.column_stack([np.cos(turn), np.sin(turn)]) * far[:, None] + middle)
    shapes = shapely.polygons([shapely.linearrings(ring) for ring in out])
    bad = ~shapely.is_valid(shapes)  # where two corners are more than half a turn apart
    shapes[bad] = shapely.convex_hull(shapes[bad])
    return shapes


def pairs(rng, family, count):
    """Two arrays of valid single polygons."""
    one, other = crooked(rng, count), crooked(rng, count)
    if family == "holed":
        one = shapely.difference(one, shapely.buffer(shapely.point_on_surface(one), 6.0))
        other = shapely.difference(other, shapely.buffer(shapely.point_on_surface(other), 9.0))
    elif family == "grid":  # whole coordinates: common vertices, edges on edges, corners on edges
        one, other = (rounded(shape) for shape in (one, other))
    elif family == "split":  # a polygon and a part of itself: every edge of the part is shared
        half = shapely.box(-1e3, -1e3, *np.array([[0.0, 1e3]] * count).T)
        other = shapely.intersection(one, half)
    elif family == "spiked":
        other = shapely.union(other, shapely.buffer(shapely.boundary(one), 1e-3, quad_segs=1))
    elif family == "same":
        other = one.copy()
    one, other = (largest(shape) for shape in (one, other))
    keep = (shapely.area(one) > 1.0) & (shapely.area(other) > 1.0)
    keep &= shapely.is_valid(one) & shapely.is_valid(other)
    return one[keep], other[keep]


def rounded(shapes):
    """Polygons on a grid of 10 m; what they keep of the grid is their coordinates only."""
    return shapely.set_precision(shapely.set_precision(shapes, 10.0), 0.0)


def largest(shapes):
    """The largest polygon of each shape; an empty polygon where there is none."""
    out = np.full(len(shapes), shapely.Polygon(), dtype=object)
    for row, shape in enumerate(shapes):
        parts = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
        out[row] = max(parts, key=shapely.area, default=shapely.Polygon())
    return out
