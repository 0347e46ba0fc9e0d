"""Laws of methodologies as data: whatever lines, rates and years they name."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogis import crediting
from ecogis.core.findings import Findings
from ecogis.crediting import (
    RULES,
    Schedule,
    area_stocks,
    drawn_credits,
    piece_stocks,
    vintage_instants,
    vintage_tonnes,
    waterfall,
)
from ecogis.methods import Given, methodology, parameters, supplied_numbers

METHOD = methodology("CCER-14-001-V01")
MANGROVE = methodology("CCER-14-002-V01")
NUMBERS = parameters(METHOD.parameters["crediting"])
DAY, START = date(2026, 8, 31), date(2024, 1, 1)
OPTIONAL = [name for name in RULES if name not in {"removal", "emission", "baseline_by_class"}]


class Numbers:
    """A number for every line, drawn by the test; the rule is the parameter's name."""

    def __init__(self, values):
        self.values = values

    def value(self, name, day, unit):
        return self.values.get(name, 0.0)


def lines_of(names):
    made = [replace(METHOD.lines[0], id=name, rule=name, parameter=name) for name in names]
    return replace(METHOD, lines=(*METHOD.lines[:2], *made))


def flows(rows):
    years = range(2024, 2024 + len(rows))
    return pd.DataFrame(
        {
            "vintage": list(years),
            "start": pd.to_datetime([f"{year}-01-01" for year in years]),
            "end": pd.to_datetime([f"{year + 1}-01-01" for year in years]),
            "years": 1.0,
            "removal_kg": np.array([gain for gain, _ in rows], dtype=np.int64),
            "emission_kg": np.array([loss for _, loss in rows], dtype=np.int64),
        }
    )


shares = st.floats(0, 1).map(lambda each: round(each, 3))
rates = st.floats(0, 9).map(lambda each: round(each, 2))
chosen = st.lists(st.sampled_from(OPTIONAL), unique=True).flatmap(
    lambda names: st.fixed_dictionaries(
        {name: shares if RULES[name].unit == "1" else rates for name in names}
    )
)
years = st.lists(st.tuples(st.integers(0, 10**8), st.integers(0, 10**7)), min_size=1, max_size=6)
areas = st.integers(0, 10**8)


@settings(max_examples=60, deadline=None)
@given(years, chosen, areas)
def test_credits_never_exceed_removals_whatever_the_lines(rows, values, area):
    _, table = waterfall(flows(rows), lines_of(values), Numbers(values), area_dm2=area, date=DAY)
    assert (table["credit_kg"] <= table["removal_kg"]).all()
    taken = table[[f"{RULES[name].column}" for name in RULES if name != "removal"]]
    assert (taken >= 0).all(axis=None)


@settings(max_examples=40, deadline=None)
@given(years, chosen, areas, st.integers(1, 10**6))
def test_a_year_is_credited_for_itself(rows, values, area, more):
    """Years that follow change nothing in the years before."""
    made = [
        waterfall(flows(each), lines_of(values), Numbers(values), area_dm2=area, date=DAY)[1]
        for each in (rows, [*rows, (more, 0), (0, more)])
    ]
    earlier = made[1].iloc[: len(rows)]
    pd.testing.assert_frame_equal(earlier, made[0])


@settings(max_examples=60, deadline=None)
@given(years, chosen, areas, st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_stricter_uncertainty_never_raises_credits(rows, values, area, share, more):
    credit = []
    for taken in (share, share + more):
        asked = values | {"uncertainty": round(taken, 3)}
        method = lines_of(asked)
        made = waterfall(flows(rows), method, Numbers(asked), area_dm2=area, date=DAY)[1]
        credit.append(made["credit_kg"])
    assert (credit[1] <= credit[0]).all()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(-(10**5), 10**5), min_size=1, max_size=12),
    st.lists(st.integers(-(10**5), 10**5), max_size=6),
    st.integers(1, 4),
)
def test_tonnes_of_verified_years_stay_as_they_are(kg, later, every):
    row = np.arange(len(kg) + len(later)) // every
    before = vintage_tonnes(np.array(kg, dtype=np.int64), row[: len(kg)])
    after = vintage_tonnes(np.array([*kg, *later], dtype=np.int64), row)
    done = len(kg) // every * every  # whole verifications
    assert after[:done].tolist() == before[:done].tolist()
    assert (after >= 0).all()
    assert int(after.sum()) * 1_000 <= max(np.cumsum([0, *kg, *later]).tolist())


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 10**5), min_size=1, max_size=12),
    st.lists(st.integers(0, 10**5), max_size=6),
    st.integers(1, 5),
    st.integers(1, 5),
)
def test_without_losses_no_schedule_moves_a_tonne_between_years(kg, later, one, other):
    places = np.arange(len(kg) + len(later))
    made = [
        vintage_tonnes(np.array([*kg, *later], dtype=np.int64), places // every)
        for every in (one, other)
    ]
    alone = vintage_tonnes(np.array(kg, dtype=np.int64), places[: len(kg)])
    assert made[0].tolist() == made[1].tolist()
    assert made[0][: len(kg)].tolist() == alone.tolist()


stand_rows = st.lists(
    st.tuples(st.integers(1, 10**8), st.none() | st.integers(2015, 2030)), min_size=1, max_size=5
)
rate = st.floats(0, 60).map(lambda each: round(each, 2))


def mangrove(biomass, soil):
    given_numbers = {name: Given(accept=True, because="by analogy") for name in MANGROVE.supplied}
    said = {
        "unit": "t CO2e ha-1 yr-1",
        "source": "test",
        "because": "test",
        "confidence": "assumed",
    }
    given_numbers["mangrove_biomass_rate"] = Given(by={"红树林": biomass}, **said)
    given_numbers["mangrove_soil_rate"] = Given(value=soil, **said)
    return supplied_numbers(MANGROVE, given_numbers)


def gained(rows, numbers, horizon):
    stands = pd.DataFrame(
        {
            "stand": [f"S{place}" for place in range(len(rows))],
            "area_dm2": [area for area, _ in rows],
            "species": "红树林",
            "planting_year": pd.array([year for _, year in rows], dtype="Int64"),
        }
    )
    made = area_stocks(
        stands,
        MANGROVE,
        numbers,
        instants=vintage_instants(START, horizon),
        start=START,
        date=DAY,
        findings=Findings(),
    )
    return made.to_numpy()


@settings(max_examples=40, deadline=None)
@given(stand_rows, rate, rate, st.integers(1, 10), st.integers(0, 10))
def test_area_times_rate_grows_and_a_longer_horizon_changes_no_year(rows, one, two, short, more):
    numbers = mangrove(one, two)
    early, late = gained(rows, numbers, short), gained(rows, numbers, short + more)
    assert (np.diff(early, axis=1) >= 0).all()
    assert late[:, : early.shape[1]].tolist() == early.tolist()
    most = [(one + two) * area / 1e6 * short * 1e3 + 1 for area, _ in rows]
    assert (early[:, -1] <= most).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 10**8), st.floats(0.01, 0.99), rate, st.integers(1, 8))
def test_splitting_a_stand_moves_at_most_a_kilogram_a_part(area, share, each, horizon):
    first = max(1, min(area - 1, int(area * share)))
    numbers = mangrove(each, 0.0)
    whole = gained([(area, None)], numbers, horizon).sum(axis=0)
    parts = gained([(first, None), (area - first, None)], numbers, horizon).sum(axis=0)
    assert np.abs(parts - whole).max() <= 2


def split_project(areas_dm2, rest, kg):
    days = np.array(vintage_instants(START, len(kg) - 1), dtype="datetime64[ns]")
    names = np.array([f"P{place}" for place in range(len(areas_dm2))], dtype=object)
    frame = pd.DataFrame({"piece": names, "stand": "A", "area_dm2": areas_dm2})
    stand_kg = xr.DataArray(
        np.array([kg], dtype=np.int64),
        {"stand": np.array(["A"], dtype=object), "instant": days},
        ("stand", "instant"),
    )
    whole = pd.Series([sum(areas_dm2) + rest], index=["A"])
    stocks = piece_stocks(frame, stand_kg, whole)
    schedule = Schedule(START, len(kg) - 1, DAY, (date(2040, 1, 1),))
    found = crediting.credits(
        stocks,
        frame,
        METHOD,
        schedule=schedule,
        numbers=NUMBERS,
        date=DAY,
        findings=Findings(),
    )
    return stocks.sum("piece").to_numpy(), found.vintages["credit_kg"].to_numpy()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(1, 10**6), min_size=2, max_size=5),
    st.integers(0, 10**6),
    st.lists(st.integers(0, 10**7), min_size=3, max_size=4).map(sorted),
)
def test_splitting_the_land_among_holders_moves_at_most_a_kilogram_a_part(parts, rest, kg):
    stock, credit = split_project(parts, rest, kg)
    together, alone = split_project([sum(parts)], rest, kg)
    assert np.abs(stock - together).max() <= 1
    assert np.abs(credit - alone).max() <= len(parts)
    if rest == 0:
        assert credit.tolist() == alone.tolist()


@settings(max_examples=40, deadline=None)
@given(years, shares)
def test_no_credit_without_eligible_land(rows, share):
    values = dict.fromkeys(OPTIONAL, share)
    bare = [(0, 0) for _ in rows]
    _, table = waterfall(flows(bare), lines_of(values), Numbers(values), area_dm2=0, date=DAY)
    assert table["credit_kg"].tolist() == [0] * len(rows)
    assert gained([(0, None)], mangrove(share, share), 3).tolist() == [[0] * 4]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.integers(-(10**7), 10**7), min_size=3, max_size=3), min_size=1, max_size=8)
)
def test_each_draw_is_credited_as_the_central_sum_would_be(draws):
    vintages = flows([(0, 0)] * 3)
    found = drawn_credits(
        np.array(draws, dtype=np.int64),
        vintages,
        METHOD,
        NUMBERS,
        area_dm2=10**6,
        date=DAY,
        verifications=[date(2027, 1, 1)],
    )
    for row, draw in zip(found.credit_kg.tolist(), draws, strict=True):
        alone = flows([(max(kg, 0), max(-kg, 0)) for kg in draw])
        _, table = waterfall(alone, METHOD, NUMBERS, area_dm2=10**6, date=DAY)
        assert row == table["credit_kg"].tolist()
    table = found.table()
    assert (table["credit_kg_p5"] <= table["credit_kg_p50"]).all()
    assert (table["credit_kg_p50"] <= table["credit_kg_p95"]).all()
