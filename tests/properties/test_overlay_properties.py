"""Laws of the overlay: land is neither made nor lost, and only land decides."""

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogis.core.findings import Findings
from ecogis.overlay import areas, pieces, touching_groups
from ecogis.spatial.area import area_dm2
from ecogis.spatial.plane import equal_area_plane

PLANE = equal_area_plane(24.0, 113.0)
SIDE = 1_000.0
QUICK = settings(max_examples=settings.default.max_examples // 2, deadline=None)
seeds = st.integers(0, 10_000)


def tiling(seed, count, *, warp=True):
    """Cells that cover a square of 1 km without gap or overlap, with crooked borders [m]."""
    rng = np.random.default_rng(seed)
    points = shapely.multipoints(rng.uniform(0, SIDE, (count, 2)))
    cells = shapely.get_parts(
        shapely.voronoi_polygons(points, extend_to=shapely.box(0, 0, SIDE, SIDE))
    )
    cells = shapely.intersection(cells, shapely.box(0, 0, SIDE, SIDE))
    if not warp:
        return cells
    wave = lambda c: c + 4 * np.sin(c[:, ::-1] / 37 + seed)  # noqa: E731
    return shapely.transform(shapely.segmentize(cells, 50), wave)


def layer(key, shapes, *, plane=PLANE):
    names = [f"{key}{number:04d}" for number in range(len(shapes))]
    return geopandas.GeoDataFrame({key: names}, geometry=list(plane.unproject(shapes)), crs=4490)


def dirty(seed, count):
    """A tiling with overlaps, slivers, holes, far-apart parts, a repeated and a missing shape."""
    rng = np.random.default_rng(seed)
    cells = tiling(seed, count)
    wide = rng.choice(count, 2, replace=False)
    cells[wide] = shapely.buffer(cells[wide], 3.0)
    middle = shapely.buffer(shapely.point_on_surface(cells[0]), 5.0)
    cells[0] = shapely.difference(cells[0], middle)
    cells[1] = shapely.union(cells[1], shapely.box(5_000, 5_000, 5_050, 5_050))
    cells[2] = shapely.transform(cells[2], lambda c: c + 0.005 * np.sin(1e3 * c))
    cells[2] = shapely.make_valid(cells[2], method="structure", keep_collapsed=False)
    return np.append(cells, [cells[3], shapely.Polygon()])


def balance(over):
    for key, rest in (("stand", over.stand_remainder), ("parcel", over.parcel_remainder)):
        used = over.pieces.groupby(key)["area_dm2"].sum().reindex(rest[key], fill_value=0)
        total = used.to_numpy() + rest["area_dm2"] + rest["contested_dm2"]
        assert (total == rest[f"{key}_dm2"]).all()


@QUICK
@given(seeds)
def test_land_is_conserved_exactly(seed):
    stands, parcels = layer("stand", tiling(seed, 12)), layer("parcel", tiling(seed + 1, 20))
    over = pieces(stands, parcels, Findings())
    balance(over)
    assert over.stand_remainder["stand_dm2"].tolist() == area_dm2(stands.geometry.array).tolist()
    whole = area_dm2(stands.geometry.array).sum()
    assert over.pieces["area_dm2"].sum() == pytest.approx(whole, abs=0.02 * whole)


@QUICK
@given(seeds)
def test_land_is_conserved_exactly_whatever_the_faults(seed):
    stands, parcels = layer("stand", dirty(seed, 12)), layer("parcel", dirty(seed + 1, 20))
    findings = Findings()
    over = pieces(stands, parcels, findings)
    balance(over)
    assert (over.pieces["area_dm2"] > 0).all()
    assert (over.stand_remainder[["area_dm2", "contested_dm2"]] >= 0).all(axis=None)
    assert (over.parcel_remainder["area_dm2"] > -500).all()  # small overlaps, below 1 m2 each
    assert findings.count("E351") == 0
    assert over.pieces.is_valid.all()
    drawn = area_dm2(over.pieces.geometry.array)
    assert np.abs(drawn - over.pieces["area_dm2"]).max() < 100 * len(drawn)  # small overlaps only


@QUICK
@given(seeds)
def test_the_order_of_rows_changes_nothing(seed):
    stands, parcels = layer("stand", dirty(seed, 8)), layer("parcel", dirty(seed + 1, 10))
    one = pieces(stands, parcels, Findings())
    other = pieces(
        stands.sample(frac=1, random_state=seed),
        parcels.sample(frac=1, random_state=seed),
        Findings(),
    )
    for name in ("pieces", "stand_remainder", "parcel_remainder", "contested"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


@QUICK
@given(seeds)
def test_ring_direction_and_first_vertex_change_nothing(seed):
    stands, parcels = layer("stand", tiling(seed, 8)), layer("parcel", tiling(seed + 1, 10))
    turned = stands.copy()
    rings = [shapely.get_coordinates(one)[:-1] for one in stands.geometry]
    turned["geometry"] = [shapely.Polygon(np.roll(ring, seed % 7, axis=0)[::-1]) for ring in rings]
    one, other = (pieces(given, parcels, Findings()).pieces for given in (stands, turned))
    pd.testing.assert_frame_equal(one, other, check_exact=True)


@QUICK
@given(seeds, st.sampled_from([(0.0, 10_000.0), (10_000.0, 0.0), (-7_000.0, -7_000.0)]))
def test_moving_everything_by_ten_kilometres_changes_no_area(seed, way):
    cells, lots = tiling(seed, 8), tiling(seed + 1, 10)
    here = pieces(layer("stand", cells), layer("parcel", lots), Findings()).pieces
    cells, lots = (shapely.transform(shapes, lambda c: c + way) for shapes in (cells, lots))
    there = pieces(layer("stand", cells), layer("parcel", lots), Findings()).pieces
    assert here["stand"].tolist() == there["stand"].tolist()
    assert (here["area_dm2"] - there["area_dm2"]).abs().max() <= 1


@QUICK
@given(seeds)
def test_splitting_parcels_changes_no_stand(seed):
    stands, lots = layer("stand", tiling(seed, 8)), tiling(seed + 1, 10, warp=False)
    whole = pieces(stands, layer("parcel", lots), Findings(), sliver_m2=0.0)
    west, east = shapely.box(-50, -50, 400, 1_050), shapely.box(400, -50, 1_050, 1_050)
    halves = np.concatenate([shapely.intersection(lots, west), shapely.intersection(lots, east)])
    split = pieces(
        stands, layer("parcel", halves[~shapely.is_empty(halves)]), Findings(), sliver_m2=0.0
    )
    before, after = (
        over.stand_remainder.set_index("stand")["pieces_dm2"] for over in (whole, split)
    )
    assert (before - after).abs().max() <= 1


@QUICK
@given(seeds)
def test_a_layer_over_itself_is_itself(seed):
    stands = layer("stand", tiling(seed, 10))
    table = areas(stands, stands)
    assert (table["kind"] == "common").all()
    assert (table["left"] == table["right"]).all()
    assert table["area_dm2"].tolist() == area_dm2(stands.geometry.array).tolist()


@QUICK
@given(seeds)
def test_areas_turned_round_are_the_same_land(seed):
    a, b = layer("stand", tiling(seed, 8)), layer("stand", tiling(seed + 1, 9))
    one = areas(a, b).query("kind == 'common'").set_index(["left", "right"])["area_dm2"]
    other = areas(b, a).query("kind == 'common'").set_index(["right", "left"])["area_dm2"]
    gap = one.sub(other.rename_axis(["left", "right"]), fill_value=0).abs()
    assert gap.max() <= 1


@QUICK
@given(seeds)
def test_groups_keep_the_area_of_their_pieces(seed):
    over = pieces(layer("stand", tiling(seed, 6)), layer("parcel", tiling(seed + 1, 6)), Findings())
    found = touching_groups(over.pieces)
    totals = found.drop_duplicates("group")["merged_area_dm2"]
    assert totals.sum() == over.pieces["area_dm2"].sum()


def blocks(seed, count):
    """Rectangles on a grid of 10 m, with holes, far parts, spikes and corners on edges [m]."""
    rng = np.random.default_rng(seed)
    corner = rng.integers(0, 60, (count, 2)) * 10.0
    size = rng.integers(2, 20, (count, 2)) * 10.0
    shapes = shapely.box(*corner.T, *(corner + size).T)
    hole = shapely.box(*(corner + 5).T, *(corner + 10).T)
    odd = np.arange(count) % 3 == 1
    shapes[odd] = shapely.difference(shapes[odd], hole[odd])
    far = np.arange(count) % 5 == 2
    shapes[far] = shapely.union(
        shapes[far], shapely.box(*(corner[far] + 2_000).T, *(corner[far] + 2_050).T)
    )
    spike = np.arange(count) % 7 == 3
    needle = shapely.polygons(
        [c + np.array([[0.0, 0.0], [-300.0, 0.02], [0.0, 0.04]]) for c in corner[spike]]
    )
    shapes[spike] = shapely.union(shapes[spike], needle)
    return shapes


@QUICK
@given(seeds)
def test_every_pair_has_the_area_geos_gives_it(seed):
    """One stand over one parcel at a time: edges on edges, corners on edges, holes, spikes."""
    left, right = blocks(seed, 12), blocks(seed + 1, 12)
    for stand, parcel in zip(left, right, strict=True):
        over = pieces(layer("stand", [stand]), layer("parcel", [parcel]), Findings(), sliver_m2=0.0)
        exact = shapely.area(shapely.intersection(stand, parcel))
        assert over.pieces["area_dm2"].sum() == pytest.approx(100 * exact, abs=1.01)
        assert over.pieces.is_valid.all()
        balance(over)


@QUICK
@given(seeds, st.sampled_from([(1, 0), (0, 1), (1, 1), (-1, 1)]))
def test_polygons_that_only_touch_give_no_piece(seed, way):
    """A tiling over its own neighbour: common edges and corners, no land."""
    cells = tiling(seed, 8)
    beside = shapely.transform(tiling(seed, 8), lambda c: c + np.array(way) * (SIDE + 8.0))
    square = shapely.box(0, 0, SIDE, SIDE)
    next_one = shapely.transform(square, lambda c: c + np.array(way) * SIDE)
    for left, right in ((cells, beside), ([square], [next_one])):
        over = pieces(layer("stand", left), layer("parcel", right), Findings(), sliver_m2=0.0)
        assert over.pieces.empty


@QUICK
@given(seeds)
def test_parts_of_a_tiling_meet_only_their_own(seed):
    """Cells over halves of themselves: coincident boundaries give whole halves, nothing else."""
    cells = tiling(seed, 10, warp=False)
    halves = shapely.intersection(cells, shapely.box(0, 0, 500, SIDE))
    own = ~shapely.is_empty(halves)
    names = np.array([f"cell{number:02d}" for number in range(len(cells))])
    stand = geopandas.GeoDataFrame(
        {"stand": names}, geometry=list(PLANE.unproject(cells)), crs=4490
    )
    parcel = geopandas.GeoDataFrame(
        {"parcel": names[own]}, geometry=list(PLANE.unproject(halves[own])), crs=4490
    )
    found = pieces(stand, parcel, Findings(), sliver_m2=0.0, overlap_m2=0.1).pieces
    real = found[found["area_dm2"] > 100]
    assert (real["stand"] == real["parcel"]).all()
    lots = dict(zip(names[own], area_dm2(parcel.geometry.array), strict=True))
    assert all(abs(row.area_dm2 - lots[row.parcel]) <= 2 for row in real.itertuples())


@QUICK
@given(seeds, st.integers(1, 3))
def test_threads_change_nothing(seed, threads):
    stands, parcels = layer("stand", dirty(seed, 8)), layer("parcel", dirty(seed + 1, 10))
    one = pieces(stands, parcels, Findings(), threads=1)
    other = pieces(stands, parcels, Findings(), threads=threads)
    pd.testing.assert_frame_equal(one.pieces, other.pieces, check_exact=True)
    bare = pieces(stands, parcels, Findings(), geometry=False).pieces
    assert bare["area_dm2"].tolist() == one.pieces["area_dm2"].tolist()
