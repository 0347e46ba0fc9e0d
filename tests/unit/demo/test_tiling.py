"""Small cells, regions and polygons of the maker: exact tilings by construction."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

HOME = Path(__file__).parents[3] / "data" / "demo"


@pytest.fixture(scope="module")
def tiling():
    sys.path.insert(0, str(HOME))
    try:
        yield importlib.import_module("maker.tiling")
    finally:
        sys.path.remove(str(HOME))


@pytest.fixture(scope="module")
def cells(tiling):
    return tiling.small_cells(np.random.default_rng(3), 500.0, 50.0, part=12.0)


def _inside(cells):
    return np.hypot(*cells.centre.T) < 350.0


def test_regions_tile_their_union_without_gap_or_overlap(tiling, cells):
    inside = tiling.filled(cells, _inside(cells))
    seeds = np.flatnonzero(inside)[::7]
    region = tiling.joined(cells, inside, seeds, np.ones(len(cells.left)))
    shapes = tiling.polygons(cells, region, len(seeds))
    assert (region[inside] >= 0).all()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    whole = tiling.polygons(cells, np.where(inside, 0, -1), 1)[0]
    assert shapely.area(shapes).sum() == pytest.approx(whole.area, rel=1e-12)


def test_an_enclave_is_a_hole(tiling, cells):
    middle = int(np.hypot(*cells.centre.T).argmin())
    region = np.where(_inside(cells), 0, -1)
    region[middle] = 1
    around, within = tiling.polygons(cells, region, 2)
    assert len(around.interiors) == 1
    assert shapely.Polygon(around.interiors[0]).equals(within)


def test_holes_and_islands_are_left_out_of_the_outline(tiling, cells):
    chosen = _inside(cells)
    chosen[int(np.hypot(*cells.centre.T).argmin())] = False
    chosen[int(np.hypot(*(cells.centre - 470.0).T).argmin())] = True
    filled = tiling.filled(cells, chosen)
    assert np.array_equal(filled, _inside(cells))


def test_spread_takes_far_points_first(tiling):
    points = np.asarray([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0], [10.0, 0.0]])
    assert tiling.spread(points, 2, 0).tolist() == [0, 3]
