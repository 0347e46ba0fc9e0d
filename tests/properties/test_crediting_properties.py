"""Laws of splitting and crediting that hold for any project."""

from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogis import crediting
from ecogis.core.findings import Findings
from ecogis.crediting import Schedule, piece_stocks, vintage_instants
from ecogis.methods import methodology
from ecogis.numerics import largest_remainder

METHOD = methodology("CCER-14-001-V01")
DAY, START, YEARS = date(2026, 8, 31), date(2024, 1, 1), 4
DAYS = np.array(vintage_instants(START, YEARS), dtype="datetime64[ns]")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=40).filter(any),
    st.integers(-(2**62), 2**62),
)
def test_parts_add_up_and_are_less_than_one_from_their_share(weights, total):
    parts = largest_remainder(weights, total).tolist()
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total) * weight / sum(weights)) < 1


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=20), st.integers(0, 10**9), st.randoms()
)
def test_order_changes_only_who_wins_a_tie(weights, total, random):
    order = list(range(len(weights)))
    random.shuffle(order)
    mixed = largest_remainder([weights[i] for i in order], total)
    assert sorted(mixed.tolist()) == sorted(largest_remainder(weights, total).tolist())


class Numbers:
    """Numbers of the crediting sum drawn by the test."""

    def __init__(self, rate, share):
        self.rate, self.share = rate, share

    def value(self, name, day, unit):
        return self.share if unit == "1" else self.rate


piece = st.tuples(
    st.sampled_from(["A", "B", "C"]),
    st.integers(1, 10**7),
    st.lists(st.integers(0, 10**8), min_size=YEARS + 1, max_size=YEARS + 1),
    st.none() | st.dates(date(2024, 1, 1), date(2030, 1, 1)),
)
pieces = st.lists(piece, min_size=1, max_size=8)
numbers = st.builds(Numbers, st.floats(0, 3).map(lambda x: round(x, 2)), st.floats(0, 1))


def project(rows, values, verified=(date(2026, 1, 1), date(2028, 1, 1)), pledgeable=None):
    frame = pd.DataFrame(
        {
            "piece": [f"P{i}" for i in range(len(rows))],
            "stand": [row[0] for row in rows],
            "area_dm2": [row[1] for row in rows],
            "until": [row[3] for row in rows],
        }
    )
    kg = xr.DataArray(
        np.array([row[2] for row in rows], dtype=np.int64),
        {"piece": frame["piece"].to_numpy(dtype=object), "instant": DAYS},
        ("piece", "instant"),
    )
    if pledgeable is not None:
        frame["pledgeable"] = pd.array(pledgeable[: len(rows)], dtype="boolean")
    schedule = Schedule(START, YEARS, DAY, tuple(verified))
    return crediting.credits(
        kg,
        frame,
        METHOD,
        schedule=schedule,
        numbers=values,
        date=DAY,
        findings=Findings(),
    )


@settings(max_examples=30, deadline=None)
@given(pieces, numbers)
def test_credits_close(rows, values):
    found = project(rows, values)
    table = found.vintages
    assert (table["credit_kg"] <= table["removal_kg"]).all()
    assert (table.filter(regex="removal|emission|baseline|leakage|uncertainty|buffer") >= 0).all(
        axis=None
    )
    by_piece = found.piece_vintages
    assert by_piece["credit_kg"].sum("piece").to_numpy().tolist() == table["credit_kg"].tolist()
    most = by_piece["credit_kg"].clip(min=0)
    assert ((by_piece["pledgeable_kg"] >= 0) & (by_piece["pledgeable_kg"] <= most)).all()


@settings(max_examples=30, deadline=None)
@given(pieces)
def test_no_carbon_appears(rows):
    # without rates and shares, credits are the change of the stocks to the kilogram
    table = project(rows, Numbers(0.0, 0.0)).vintages
    change = sum(row[2][-1] - row[2][0] for row in rows)
    assert table["removal_kg"].sum() - table["emission_kg"].sum() == change
    assert table["credit_kg"].sum() == change


@settings(max_examples=30, deadline=None)
@given(pieces, numbers)
def test_never_more_tonnes_than_kilograms(rows, values):
    found = project(rows, values)
    for plan in (found.issuances, found.pledgeable_issuances):
        assert (plan["issued_t"] >= 0).all()
        kg = np.maximum.accumulate(np.append(0, plan["credit_kg"].cumsum()))[1:]
        assert (plan["issued_t"].cumsum().to_numpy() * 1_000 <= kg).all()


days = st.lists(st.dates(date(2024, 6, 1), date(2033, 1, 1)), min_size=1, max_size=5, unique=True)
small = st.tuples(
    st.sampled_from(["A", "B", "C"]),
    st.integers(1, 10**7),
    st.lists(st.integers(0, 5_000), min_size=YEARS + 1, max_size=YEARS + 1),
    st.none() | st.dates(date(2024, 1, 1), date(2030, 1, 1)),
)
answers = st.lists(st.sampled_from([True, False, None]), min_size=8, max_size=8)


@settings(max_examples=150, deadline=None)
@given(pieces | st.lists(small, min_size=1, max_size=8), numbers, days.map(sorted), answers)
def test_never_more_is_pledged_than_the_project_issues(rows, values, verified, pledgeable):
    found = project(rows, values, verified, pledgeable)
    plans = found.issuances["issued_t"], found.pledgeable_issuances["issued_t"]
    assert (plans[1] <= plans[0]).all()
    assert (found.tonnes["pledgeable_t"] <= found.tonnes["issued_t"]).all()
    assert found.tonnes["pledgeable_t"].sum() == plans[1].sum()
    # so it is before the first verification, and whatever is verified
    kg = found.vintages[["credit_kg", "pledgeable_kg"]].clip(lower=0)
    assert (kg["pledgeable_kg"] <= kg["credit_kg"]).all()
    assert 0.0 <= found.pledgeable_share() <= 1.0


@settings(max_examples=50, deadline=None)
@given(pieces, numbers, days.map(sorted))
def test_where_all_can_be_pledged_all_that_is_issued_is(rows, values, verified):
    found = project([(*row[:3], None) for row in rows], values, verified)
    assert found.tonnes["pledgeable_t"].tolist() == found.tonnes["issued_t"].tolist()
    assert found.pledgeable_share() == (1.0 if found.vintages["pledgeable_kg"].any() else 0.0)


@settings(max_examples=20, deadline=None)
@given(pieces, st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_larger_deduction_never_gives_more(rows, share, more):
    less = project(rows, Numbers(0.0, share + more)).vintages["credit_kg"]
    assert (less <= project(rows, Numbers(0.0, share)).vintages["credit_kg"]).all()


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["A", "B"]), st.integers(0, 10**6)), max_size=8),
    st.lists(st.integers(0, 10**9), min_size=2, max_size=2),
    st.integers(1, 10**6),
)
def test_pieces_and_the_rest_are_the_stand(rows, kg, rest):
    frame = pd.DataFrame(rows, columns=["stand", "area_dm2"]).astype({"area_dm2": "int64"})
    frame["piece"] = [f"P{i}" for i in range(len(rows))]
    inside = frame.groupby("stand")["area_dm2"].sum().reindex(["A", "B"], fill_value=0)
    stands = xr.DataArray(
        np.array(kg, dtype=np.int64)[:, None],
        {"stand": np.array(["A", "B"], dtype=object), "instant": DAYS[:1]},
        ("stand", "instant"),
    )
    found = piece_stocks(frame, stands, inside + rest).to_numpy()[:, 0]
    for name, total in zip(["A", "B"], kg, strict=True):
        mine = (frame["stand"] == name).to_numpy()
        share = Fraction(total) * int(inside[name]) / (int(inside[name]) + rest)
        assert abs(int(found[mine].sum()) - share) < 1 + mine.sum()
        assert int(found[mine].sum()) <= total
