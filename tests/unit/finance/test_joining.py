"""Fragments joined: squares of 100 m side by side, at a corner, across a path; whom to ask next."""

from itertools import combinations

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from ecogis.core.errors import ConfigError, InputError
from ecogis.core.findings import Findings
from ecogis.finance import adjacent, ask_next, contiguity_groups, group_figures, groups_before_after
from ecogis.finance.parties import components

HA = 1_000_000  # dm2


def square(column, row, east=0.0, north=0.0):
    x, y = 500_000 + 100 * column + east, 3_000_000 + 100 * row + north
    return shapely.box(x, y, x + 100, y + 100)


def parcels(shapes, holders=None):
    names = [f"P{n}" for n in range(len(shapes))]
    table = {"parcel": names, "holder": holders or names, "area_dm2": [HA] * len(shapes)}
    return geopandas.GeoDataFrame(table, geometry=list(shapes), crs=4547)


def pairs_of(shapes, **policy):
    found = adjacent(parcels(shapes), Findings(), **policy)
    return list(zip(found["first"], found["second"], strict=True))


def test_an_edge_joins_and_a_corner_does_not():
    assert pairs_of([square(0, 0), square(1, 0), square(1, 1), square(2, 2)]) == [(0, 1), (1, 2)]


def wedge(tip, length, slope):
    """A triangle with its tip on the line y = 0."""
    x, y = 500_000 + tip, 3_000_000
    ends = [(x + length, y - abs(length) * slope), (x + length, y + abs(length) * slope)]
    return shapely.Polygon([(x, y), *ends])


@pytest.mark.parametrize("slope", [0.05, 0.1, 0.2, 0.4])
@pytest.mark.parametrize("apart", [0, 3])
def test_tips_do_not_join(slope, apart):
    assert pairs_of([wedge(0, -100, slope), wedge(apart, 100, slope)]) == []


@pytest.mark.parametrize(("shared", "joined"), [(2.5, False), (5.0, True)])
def test_a_slip_joins_by_the_edge_it_faces_in_any_order(shared, joined):
    slip = shapely.box(500_100, 3_000_010, 500_100.5, 3_000_010 + shared)
    for shapes in ([square(0, 0), slip], [slip, square(0, 0)]):
        assert (pairs_of(shapes) == [(0, 1)]) is joined
    short = [slip, shapely.box(500_100.5, 3_000_010, 500_101, 3_000_010 + shared)]
    assert (pairs_of(short) == [(0, 1)]) is joined


def test_what_lies_in_another_is_beside_it():
    inner = shapely.box(500_040, 3_000_040, 500_060, 3_000_060)
    for shapes in ([square(0, 0), inner], [inner, square(0, 0)]):
        assert pairs_of(shapes) == [(0, 1)]


@pytest.mark.parametrize(("gap", "joined"), [(0.0, True), (0.9, True), (1.2, False)])
def test_a_path_joins_up_to_its_width(gap, joined):
    assert (pairs_of([square(0, 0), square(1, 0, east=gap)]) == [(0, 1)]) is joined


@pytest.mark.parametrize(("shared", "joined"), [(40.0, True), (3.0, False)])
def test_the_common_border_must_be_long_enough(shared, joined):
    found = pairs_of([square(0, 0), square(1, 0, north=100 - shared)], edge_m=10.0, gap_m=0.5)
    assert (found == [(0, 1)]) is joined


def test_lying_over_one_another_joins():
    assert pairs_of([square(0, 0), square(0, 0, east=30)]) == [(0, 1)]


def test_parcels_without_a_polygon_are_told_and_join_nothing():
    findings = Findings()
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    found = adjacent(parcels([square(0, 0), None, shapely.Polygon(), bow, square(1, 0)]), findings)
    assert found[["first", "second"]].values.tolist() == [[0, 4]]
    assert findings.table()["feature"].tolist() == ["P1", "P2", "P3"]
    assert adjacent(parcels([None]), Findings()).empty


def test_degrees_and_metres_join_the_same():
    shapes = [square(c, r) for c in range(3) for r in range(3) if (c + r) % 3]
    metres = parcels(shapes)
    degrees = metres.to_crs(4490)
    one, other = (adjacent(table, Findings()) for table in (metres, degrees))
    assert one[["first", "second"]].equals(other[["first", "second"]])


def test_wrong_policies_and_systems_are_refused():
    with pytest.raises(ConfigError, match="E900"):
        adjacent(parcels([square(0, 0)]), Findings(), edge_m=4.0, gap_m=1.0)
    with pytest.raises(InputError):
        adjacent(parcels([square(0, 0)]).set_crs(3857, allow_override=True), Findings())


def test_groups_are_of_one_holder():
    table = parcels([square(c, 0) for c in range(4)], ["H1", "H1", "H2", None])
    found = contiguity_groups(adjacent(table, Findings()), table["holder"])
    assert found.tolist() == [0, 0, 2, 3]


def test_parcels_of_unknown_holders_are_not_joined():
    table = parcels([square(0, 0), square(1, 0)], [None, ""])
    found = contiguity_groups(adjacent(table, Findings()), table["holder"])
    assert found.tolist() == [0, 1]


def test_figures_of_groups_by_hand():
    table = parcels([square(0, 0), square(1, 0), square(5, 5)], ["H1", "H1", "H2"])
    found = group_figures(table, np.array([0, 0, 2]), Findings())
    assert found[["group", "parcels", "area_dm2"]].values.tolist() == [
        ["P0", 2, 2 * HA],
        ["P2", 1, HA],
    ]
    # 2 ha, 600 m round: 4 pi 20,000 / 360,000
    assert found["compactness"].tolist() == pytest.approx([0.6981, 0.7854], abs=2e-4)


def test_before_and_after_collection():
    table = parcels([square(c, 0) for c in range(3)], ["H1", "H2", "H3"])
    pairs = adjacent(table, Findings())
    found = groups_before_after(
        table, pd.Series([True, True, False]), "centre", pairs, Findings()
    ).set_index("at")
    assert found["groups"].to_dict() == {"before": 3, "after": 2}
    assert found["holders"].to_dict() == {"before": 3, "after": 2}
    assert found["largest_dm2"].to_dict() == {"before": HA, "after": 2 * HA}


def plan(areas, prices, holders, edges):
    table = pd.DataFrame(
        {
            "parcel": [f"P{n}" for n in range(len(areas))],
            "holder": holders,
            "area_dm2": areas,
            "price_fen": prices,
        }
    )
    return table, pd.DataFrame(edges, columns=["first", "second"])


def by_force(table, pairs, budget, collector):
    """The best block of every set of holders that can be paid: area, then cost."""
    own = (table["holder"] == collector).to_numpy()
    others = sorted(set(table["holder"]) - {collector})
    first, second = pairs["first"].to_numpy(int), pairs["second"].to_numpy(int)
    best = (int(table.loc[own, "area_dm2"].sum()), 0)
    for size in range(len(others) + 1):
        for asked in combinations(others, size):
            chosen = table["holder"].isin([*asked, collector]).to_numpy()
            cost = int(table.loc[chosen & ~own, "price_fen"].sum())
            if cost > budget:
                continue
            kept = chosen[first] & chosen[second]
            label = components(first[kept], second[kept], len(table))
            blocks = [label[own]] if own.any() else [[b] for b in np.unique(label[chosen])]
            for block in blocks:
                joined = chosen & np.isin(label, block)
                best = max(best, (int(table.loc[joined, "area_dm2"].sum()), -cost))
    return best


@pytest.mark.parametrize("collector", ["H0", ""])
@pytest.mark.parametrize("seed", range(12))
def test_the_choice_is_the_best_there_is(seed, collector):
    rng = np.random.default_rng(seed)
    count = 9
    areas, prices = rng.integers(1, 10**7, count), rng.integers(1, 10**6, count)
    holders = [f"H{n}" for n in rng.integers(0, 6, count)]
    edges = [pair for pair in combinations(range(count), 2) if rng.random() < 0.25]
    table, pairs = plan(areas, prices, holders, edges)
    budget = int(prices.sum() * rng.uniform(0.2, 0.7))
    found = ask_next(table, pairs, budget, collector=collector)
    assert (found.area_dm2, -found.cost_fen) == by_force(table, pairs, budget, collector)
    assert found.cost_fen <= budget


def test_the_gain_across_a_bridge_nobody_else_pays_for():
    # held - dear bridge - large; with the bridge beyond the budget only the small one is left
    table, pairs = plan(
        [10, 5, 1000, 7], [0, 60, 50, 20], ["P", "A", "B", "C"], [(0, 1), (1, 2), (0, 3)]
    )
    assert ask_next(table, pairs, 110, collector="P").holders == ("A", "B")
    assert ask_next(table, pairs, 109, collector="P").holders == ("A", "C")
    assert ask_next(table, pairs, 59, collector="P").holders == ("C",)
    nobody = ask_next(table, pairs, 19, collector="P")
    assert (nobody.holders, nobody.gain_dm2, nobody.area_dm2) == ((), 0, 10)


def test_a_holder_is_paid_for_all_parcels_listed():
    table, pairs = plan([10, 20, 30], [0, 40, 40], ["P", "A", "A"], [(0, 1)])
    assert ask_next(table, pairs, 79, collector="P").holders == ()
    found = ask_next(table, pairs, 80, collector="P")
    assert (found.holders, found.parcels, found.cost_fen) == (("A",), ("P1",), 80)


def test_nothing_offered_and_wrong_numbers():
    table, pairs = plan([], [], [], [])
    assert ask_next(table, pairs, 100).holders == ()
    for areas, prices, holders, budget in (
        ([0], [1], ["A"], 1),
        ([1], [-1], ["A"], 1),
        ([1], [1], [None], 1),
        ([1], [1], ["A"], -1),
        ([1.5], [1], ["A"], 1),
    ):
        table, pairs = plan(areas, prices, holders, [])
        with pytest.raises(ConfigError, match="E900"):
            ask_next(table, pairs, budget)


def test_too_many_parcels_are_refused():
    table, pairs = plan([1] * 501, [1] * 501, ["A"] * 501, [])
    with pytest.raises(ConfigError, match="E900"):
        ask_next(table, pairs, 1)


def test_a_choice_that_is_not_settled_is_told(monkeypatch):
    monkeypatch.setattr("ecogis.finance.asking._NODES", 0)
    rng = np.random.default_rng(3)
    edges = [pair for pair in combinations(range(40), 2) if rng.random() < 0.06]
    areas, prices = rng.integers(1, 10**7, 40), rng.integers(1, 10**6, 40)
    table, pairs = plan(areas, prices, [f"H{n}" for n in rng.integers(0, 15, 40)], edges)
    with pytest.raises(ConfigError, match="E916"):
        ask_next(table, pairs, int(prices.sum() // 4))
