"""Edges two polygons share, edges with land on one side, and polygons put together again."""

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from ecogis.spatial.linework import edges_of, fingerprints, one_sided
from ecogis.spatial.reshaping import gathered, opened, without
from ecogis.spatial.rings import rings_of

SQUARES = [box(x, y, x + 1, y + 1) for y in range(4) for x in range(4)]


def rim(shapes):
    """One-sided edges as a set of pairs of points."""
    edges = edges_of(rings_of(shapes))
    lines = shapely.get_coordinates(edges.lines(one_sided(edges))).reshape(-1, 4)
    return {tuple(sorted([(a, b), (c, d)])) for a, b, c, d in lines.tolist()}


def test_the_rim_of_a_coverage_is_its_outline_and_its_holes():
    assert len(rim(SQUARES)) == 16
    without_one = [shape for k, shape in enumerate(SQUARES) if k != 5]
    assert len(rim(without_one)) == 20
    assert ((1.0, 1.0), (1.0, 2.0)) in rim(without_one)


def test_ring_direction_changes_nothing():
    turned = [Polygon(shape.exterior.coords[::-1]) for shape in SQUARES]
    mixed = [*SQUARES[:7], *turned[7:]]
    assert rim(mixed) == rim(turned) == rim(SQUARES)


def test_a_copy_does_not_make_its_rim_disappear():
    assert len(rim([*SQUARES[:5], SQUARES[4]])) == len(rim(SQUARES[:5]))


def test_a_hole_that_is_filled_has_no_rim():
    ring = Polygon(box(0, 0, 3, 3).exterior, [box(1, 1, 2, 2).exterior])
    assert len(rim([ring])) == 8
    assert len(rim([ring, box(1, 1, 2, 2)])) == 4


def test_no_polygon_has_no_edge():
    edges = edges_of(rings_of([Polygon(), None]))
    assert len(one_sided(edges)) == 0
    sums, number = fingerprints(edges, 2)
    assert (sums.tolist(), number.tolist()) == ([0, 0], [0, 0])


def test_fingerprints_are_of_the_polygon_not_of_its_drawing():
    ring = np.array([(0, 0), (3, 0), (3, 2), (1, 4)], dtype=float)
    same = [Polygon(ring), Polygon(np.roll(ring, 2, axis=0)), Polygon(ring[::-1])]
    parts = [MultiPolygon([box(0, 0, 1, 1), box(3, 0, 4, 1)])]
    parts += [MultiPolygon([box(3, 0, 4, 1), box(0, 0, 1, 1)])]
    shapes = [*same, None, *parts, box(0, 0, 1, 1)]
    sums, number = fingerprints(edges_of(rings_of(shapes)), len(shapes))
    assert len(set(sums[:3])) == len(set(sums[4:6])) == 1
    assert len(set(sums)) == 4
    assert number.tolist() == [4, 4, 4, 0, 8, 8, 4]


def test_parts_and_back():
    holed = Polygon(box(0, 0, 9, 9).exterior, [box(1, 1, 2, 2).exterior])
    shapes = np.array(
        [MultiPolygon([holed, box(20, 0, 21, 1)]), Polygon(), box(5, 5, 6, 6), None], dtype=object
    )
    parts, source = opened(shapes)
    assert source.tolist() == [0, 0, 2]
    back = gathered(parts, source, 3)
    assert shapely.equals_exact(back, [shapes[0], Polygon(), shapes[2]]).all()
    assert gathered(parts[:0], source[:0], 2)[1].is_empty


def test_polygons_without_some_vertices():
    shapes = [
        Polygon(
            [(0, 0), (4, 0), (4, 4), (2, 9), (0, 4)], [[(1, 1), (2, 1), (2, 2), (1.5, 3), (1, 2)]]
        ),
        MultiPolygon([box(0, 0, 1, 1), box(5, 5, 6, 6)]),
        box(7, 7, 8, 8),
    ]
    rings = rings_of(shapes)
    dropped = np.isin(rings.xy[:, 1], [9.0, 3.0])
    found = without(rings, dropped, 3)
    assert [shape.geom_type for shape in found] == ["Polygon", "MultiPolygon", "Polygon"]
    assert shapely.area(found).tolist() == pytest.approx([15.0, 2.0, 1.0])
    first = without(rings, (rings.xy == [0, 0]).all(axis=1), 3)
    assert first[0].area == pytest.approx(shapes[0].area - 8.0)  # the closing vertex follows


def test_a_shell_with_too_few_corners_left_gives_no_polygon_and_a_hole_closes():
    hole = [(1, 1), (3, 1), (1, 3)]
    shapes = [
        MultiPolygon([box(0, 0, 1, 1), Polygon([(5, 5), (6, 5), (5, 6)])]),
        Polygon(box(0, 0, 9, 9).exterior, [hole]),
        box(7, 7, 8, 8),
    ]
    rings = rings_of(shapes)
    found = without(rings, np.isin(rings.xy, [6, 3]).any(axis=1), 3)
    assert found[0].is_empty
    assert found[1].equals(box(0, 0, 9, 9))
    assert found[2].equals_exact(shapes[2], 0)
