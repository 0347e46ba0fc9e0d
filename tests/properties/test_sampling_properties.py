"""Laws of plots, deductions and holders that hold for any input."""

from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import xarray as xr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ecogis.core.findings import Findings
from ecogis.crediting.aggregation import by_holder
from ecogis.crediting.deduction import DeductionTable, deduction, deduction_table, discounted_kg
from ecogis.crediting.sampling import _divided, sample_design
from ecogis.crediting.strata import stratify
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
SHIPPED = [
    deduction_table(parameters(name), DAY)
    for name in ("uncertainty-deductions-ar-cm", "uncertainty-deductions-ar-tool14")
]
grade = st.tuples(st.floats(0.001, 0.3), st.floats(0, 0.2), st.floats(0, 0.3))


@st.composite
def tables(draw):
    """Tables that rise: ends, shares and parts of the margin are running sums."""
    steps = np.cumsum(np.array(draw(st.lists(grade, min_size=1, max_size=5))), axis=0)
    columns = (tuple(np.minimum(steps[:, i], (np.inf, 1, 1)[i]).tolist()) for i in range(3))
    return DeductionTable("drawn", *columns)


@given(
    st.sampled_from(SHIPPED) | tables(),
    st.lists(st.floats(0, 2), min_size=2, max_size=2).map(sorted),
    st.integers(-(10**12), 10**12),
)
def test_a_larger_margin_never_takes_off_less_nor_leaves_more(table, margins, kg):
    low, high = (deduction(margin, table) for margin in margins)
    assume(low is not None)
    if high is None:
        return
    assert 0.0 <= low <= high <= 1.0
    assert discounted_kg(kg, high) <= discounted_kg(kg, low) <= kg
    assert discounted_kg(kg, high, baseline=True) >= discounted_kg(kg, low, baseline=True) >= kg


@given(st.sampled_from(SHIPPED) | tables(), st.lists(st.floats(0, 2), min_size=2, max_size=2))
def test_beyond_the_last_grade_stays_beyond(table, margins):
    low, high = sorted(margins)
    if deduction(low, table) is None:
        assert deduction(high, table) is None


strata = st.lists(
    st.tuples(st.integers(10**6, 10**9), st.floats(1, 400), st.floats(0, 300)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=30, deadline=None)
@given(strata, st.sampled_from(["neyman", "proportional"]), st.floats(0.05, 0.5))
def test_a_design_keeps_its_promise_with_whole_plots_that_fit(rows, allocation, error):
    frame = pd.DataFrame(rows, columns=["area_dm2", "stock_t_ha", "deviation_t_ha"])
    frame = frame.assign(stratum=[f"S{i}" for i in range(len(rows))])
    sample = sample_design(
        frame, plot_area_m2=600.0, relative_error=error, confidence=0.9, allocation=allocation
    )
    plots, possible = sample.table["plots"], sample.table["possible"]
    assert (plots >= 2).all()
    assert (plots <= possible).all()
    all_land = plots.to_numpy() == np.floor(possible)
    kept = sample.relative_margin <= error * (1 + 1e-9)
    assert kept or all_land[frame["deviation_t_ha"] > 0].all()
    looser = sample_design(
        frame, plot_area_m2=600.0, relative_error=2 * error, confidence=0.9, allocation=allocation
    )
    assert looser.by_formula <= sample.by_formula


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.integers(2, 500)), min_size=1, max_size=8),
    st.integers(0, 2000),
)
def test_plots_are_divided_whole_within_their_bounds(rows, more):
    size, most = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    total = 2 * len(rows) + more
    parts = _divided(total, size, 2, most)
    assert (parts >= 2).all()
    assert (parts <= most).all()
    full = (parts == np.where(size / (size.max() or 1.0) > 1e-12, most, 2)).all()
    assert parts.sum() == total or (full and parts.sum() < total)


unit = st.tuples(
    st.sampled_from(["杉木", "木荷", "桉树", None]),
    st.sampled_from([2010, 2015, None]),
    st.integers(0, 10**8),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(unit, min_size=1, max_size=25), st.floats(0, 50))
def test_strata_hold_all_land_whatever_their_smallest_size(rows, minimum):
    land = pd.DataFrame(rows, columns=["species", "planting_year", "area_dm2"])
    land = land.assign(piece=[f"P{i}" for i in range(len(rows))])
    by = ("species", "planting_year")
    found = stratify(land, Findings(), by=by, minimum_ha=minimum)
    assert found.table["area_dm2"].sum() == land["area_dm2"].sum()
    assert found.table["members"].sum() == len(land)
    words = land["species"].fillna("not_stated")
    for stratum, members in words.groupby(found.members["stratum"]):
        assert len(set(members)) == 1, stratum
    shuffled = stratify(land.sample(frac=1, random_state=1), Findings(), by=by, minimum_ha=minimum)
    pd.testing.assert_frame_equal(found.table, shuffled.table)


piece = st.tuples(
    st.lists(st.integers(0, 10**7), min_size=2, max_size=2),
    st.dictionaries(st.sampled_from("ABCD"), st.integers(1, 30), max_size=4),
    st.integers(0, 5),
)


def land_of(rows):
    """Kilograms, pieces and rights: parts of a piece are whole numbers over their sum and more."""
    names = [f"P{i}" for i in range(len(rows))]
    kg = np.array([row[0] for row in rows], dtype=np.int64)
    array = xr.DataArray(kg, {"piece": names, "vintage": [2026, 2027]}, ("piece", "vintage"))
    pieces = pd.DataFrame({"piece": names, "area_dm2": 1_000_003})
    held = [
        (name, f"R{name}{holder}", holder, "shares", Fraction(part, sum(parts.values()) + missing))
        for name, (_, parts, missing) in zip(names, rows, strict=True)
        for holder, part in parts.items()
    ]
    columns = ["piece", "right", "holder", "co_ownership", "share"]
    return array, pieces, pd.DataFrame(held, columns=columns)


def by_name(found):
    table = found.vintages.assign(holder=found.vintages["holder"].fillna("?"))
    return table.set_index(["holder", "vintage"])["credit_kg"]


@settings(max_examples=60, deadline=None)
@given(st.lists(piece, min_size=1, max_size=6))
def test_holders_add_up_and_are_within_a_kilogram_of_their_part(rows):
    array, pieces, held = land_of(rows)
    found = by_holder(array, pieces, held, Findings())
    kg = by_name(found)
    assert kg.groupby("vintage").sum().tolist() == array.sum("piece").to_numpy().tolist()
    assert found.holders["area_dm2"].sum() == pieces["area_dm2"].sum()
    assert found.holders["credit_kg"].sum() == int(array.sum())
    share = held.set_index(["piece", "holder"])["share"]
    for (holder, vintage), part in kg.items():
        column = array.sel(vintage=vintage).to_series()
        if holder != "?":
            mine = share[share.index.get_level_values("holder") == holder]
            exact = sum(column[name] * each for (name, _), each in mine.items())
            assert abs(part - exact) < 1


@settings(max_examples=60, deadline=None)
@given(st.lists(piece, min_size=1, max_size=6), st.integers(1, 9), st.randoms())
def test_splitting_a_holder_moves_no_other_by_more_than_a_kilogram(rows, tenths, random):
    array, pieces, held = land_of(rows)
    before = by_name(by_holder(array, pieces, held, Findings()))
    mine, others = held[held["holder"] == "A"], held[held["holder"] != "A"]
    part = Fraction(tenths, 10)
    split = [
        mine.assign(holder=name, right=mine["right"] + name, share=mine["share"] * size)
        for name, size in (("A1", part), ("A2", 1 - part))
    ]
    mixed = pd.concat([*split, others]).sample(frac=1, random_state=random.randint(0, 99))
    after = by_name(by_holder(array, pieces, mixed, Findings()))
    for key, kg in before.items():
        if key[0] != "A":
            assert abs(after[key] - kg) <= 1
        else:
            assert abs(after["A1", key[1]] + after["A2", key[1]] - kg) <= 2
