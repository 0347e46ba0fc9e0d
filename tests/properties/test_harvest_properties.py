"""Laws of harvest and disturbance that hold for any stands and plan."""

from datetime import date

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogis.carbon import PoolRates, coefficients, living, pools, stocks
from ecogis.core.findings import Findings
from ecogis.growth import curve_set, schedule, standing_volume, trajectories
from ecogis.growth.events import Event, Hazards, Rule
from ecogis.growth.phases import phases
from ecogis.growth.plans import felling_event
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
YEARS = range(2025, 2040)
DAYS = [date(year, 1, 1) for year in range(2025, 2041)]
CURVES = curve_set(parameters("growth-south-china@2026-1"), DAY)
BIOMASS = parameters("biomass-inventory@2014")
EVENTS = [felling_event("thinning", 0.3), felling_event("final_felling", 1.0, 0.8)]
FIRE = Event("fire", "fire", 0.4, above_air=0.2, above_dead=0.5, dead_air=0.1, litter_air=0.6)
RATES = PoolRates(
    litterfall=0.05, deaths=0.01, dead_wood=0.3, litter=0.4, products=0.05, products_kept=0.9,
    tracked=("dead_wood", "litter", "products"),
)  # fmt: skip

stand = st.tuples(
    st.sampled_from(["桉树", "马尾松", "杉木"]),
    st.integers(1, 40),
    st.floats(1.0, 300.0),
    st.integers(10_000, 10**8),
    st.sampled_from([date(2024, 12, 31), date(2024, 7, 1), date(2020, 2, 29), date(2025, 1, 1)]),
)
felling = st.tuples(st.integers(0, 4), st.integers(0, len(YEARS) - 1), st.integers(0, 1))


def landscape(rows, fellings, chance):
    """Paths, coefficients, areas, a schedule and the phases of random stands and fellings."""
    stands = pd.DataFrame(
        {
            "stand": [f"S{k}" for k in range(len(rows))],
            "species": [row[0] for row in rows],
            "land_class": "arbor_forest",
            "age_yr": [row[1] for row in rows],
            "standing_volume": [row[2] for row in rows],
            "survey_date": pd.to_datetime([row[4] for row in rows]),
            "rule": "r",
        }
    )
    named = [(f"S{k}", year, EVENTS[kind].name) for k, year, kind in fellings if k < len(rows)]
    plan = pd.DataFrame(named, columns=["stand", "year", "event"])
    plan = plan.drop_duplicates(["stand", "year"], ignore_index=True)
    paths = trajectories(stands, DAYS, curves=CURVES, findings=Findings())
    hazards = Hazards(
        ("桉树", "马尾松", "杉木"), np.full((3, 300), chance), (FIRE,), np.ones((3, 1))
    )
    rules = [Rule("r", (), delay_yr=1)]
    made = schedule(stands, rules, hazards=hazards, plan=plan, events=EVENTS, years=len(YEARS))
    way = phases(paths, plan, made, species=stands["species"], first_year=YEARS.start)
    area = np.array([row[3] for row in rows], dtype=np.int64)
    return paths, coefficients(stands, BIOMASS, DAY, Findings()), area, made, way


asked = st.tuples(
    st.lists(stand, min_size=1, max_size=5),
    st.lists(felling, max_size=12),
    st.floats(0.0, 0.3),
)


@settings(max_examples=40, deadline=None)
@given(asked)
def test_change_of_stocks_is_gains_less_losses_for_every_stand_and_year(given_):
    paths, per_m3, area, made, _ = landscape(*given_)
    found = pools(
        living(paths, per_m3, area, parts=True),
        RATES,
        years=len(YEARS),
        events=made,
        disturbance="expected",
        groups=np.arange(len(area)),
        start_year=YEARS.start,
    )
    change = found["stock_kg"].sum("pool").diff("instant").to_numpy()
    flow = found["flow_kg"]
    np.testing.assert_array_equal(
        change, (flow.sel(flow="growth") - flow.sel(flow="released")).to_numpy()
    )
    # the balancing sum is growth: below zero by no more than the rounding of seven amounts
    assert flow.sel(flow="growth").min() >= -7
    assert found["stock_kg"].min() >= 0


@settings(max_examples=40, deadline=None)
@given(asked)
def test_phases_and_pools_come_to_the_same_living_carbon(given_):
    paths, per_m3, area, made, way = landscape(*given_)
    found = pools(
        living(paths, per_m3, area, parts=True), RATES, years=len(YEARS), events=made,
        disturbance="expected", keep_stands=True, start_year=YEARS.start,
    )  # fmt: skip
    volume = standing_volume(way.paths) * way.kept(made, YEARS)
    factors = per_m3.iloc[way.stand].reset_index(drop=True)
    above = way.woven(stocks(volume, factors, area[way.stand])["above_ground"].to_numpy())
    kernel = found["stand_stock"].sel(pool="above_ground").to_numpy()
    # a leap year moves a 1 January by 1/700 of a year's growth, of at most 15 t C/ha at scale one
    limit = 15.0 / 700 * np.maximum(paths.scale, 1.0)[:, None] + 1e-9
    assert (np.abs(above[:, 1:] - kernel) <= limit).all()


@settings(max_examples=40, deadline=None)
@given(asked)
def test_a_felling_never_adds_and_touches_no_year_before_nor_other_stand(given_):
    paths, _, _, _, way = landscape(given_[0], given_[1], 0.0)
    before = standing_volume(paths).to_numpy()
    after = way.woven(standing_volume(way.paths).to_numpy())
    first = np.full(len(before), len(DAYS))
    for row in range(way.count, way.stand.size):
        first[way.stand[row]] = min(first[way.stand[row]], way.begin[row])
    for row, begin in enumerate(first):
        np.testing.assert_array_equal(after[row, :begin], before[row, :begin])
    assert (after <= before * (1.0 + 1e-12)).all()  # the same curve, never older
