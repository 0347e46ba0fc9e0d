"""Pools through harvest and disturbance: by hand, the balance, expectation and draws."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.carbon import (
    PoolRates,
    coefficients,
    decay_share,
    living,
    pool_rates,
    pools,
    products_stock,
    stand_kg,
)
from ecogis.carbon.living import Living
from ecogis.carbon.products import first_year_share
from ecogis.core.errors import ConfigError, UnitError
from ecogis.core.findings import Findings
from ecogis.growth import curve_set, trajectories
from ecogis.growth.events import Event, Felling, Hazards, Rule
from ecogis.growth.hazards import disaster_hazards
from ecogis.growth.schedules import schedule
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
HA = 1_000_000  # dm2
CLEAR = Event("clear cut", "final_felling", 1.0, restart=True, stem_out=1.0)
THIN = Event("thinning", "thinning", 0.25, stem_out=1.0)
NO_FALL = PoolRates(tracked=("dead_wood", "litter", "soil", "products"))


def simple(stands=1, age=8, scale=1.0):
    """One curve that gains 2 t C/ha a year for ever; below ground a quarter, stem six tenths."""
    return Living(
        names=("fir",),
        above=2.0 * np.arange(60.0)[None, :],
        ratio=np.array([0.25]),
        stem=np.array([0.6]),
        stands=np.array([f"S{k}" for k in range(stands)], dtype=object),
        cls=np.zeros(stands, dtype=np.int32),
        age=np.full(stands, age, dtype=np.int32),
        scale=np.full(stands, scale),
        area_dm2=np.full(stands, HA),
        known=np.ones(stands, dtype=bool),
        co2_per_c=44 / 12,
        parameter_set="test",
    )


def planned(fellings, stands=1, **more):
    table = pd.DataFrame({"stand": [f"S{k}" for k in range(stands)], "rule": "fir"})
    return schedule(table, [Rule("fir", fellings, **more)])


def test_growth_alone_by_hand():
    found = pools(simple(), NO_FALL, years=2, start_year=2026)
    # 16, 18, 20 t C/ha above ground on one hectare; 44/12 t CO2e each
    kg = found["stock_kg"].sel(pool="above_ground", group=0)
    assert kg.to_numpy().tolist() == [58_667, 66_000, 73_333]
    assert found["instant"].to_numpy().tolist() == [2026, 2027, 2028]
    below = found["stock_kg"].sel(pool="below_ground", group=0).to_numpy()
    assert below.tolist() == [14_667, 16_500, 18_333]
    growth = found["flow_kg"].sel(flow="growth", group=0).to_numpy()
    assert growth.tolist() == [9_166, 9_166]
    assert found["flow_kg"].attrs["units"] == "kg CO2e"
    assert int(found["flow_kg"].sel(flow="released").sum()) == 0


def test_a_clear_cut_by_hand():
    rates = PoolRates(products=0.5, products_kept=0.8)
    found = pools(
        simple(age=10), rates, years=2, events=planned([Felling(CLEAR, 10)]), keep_stands=True
    )
    stock = found["stand_stock"].sel(stand="S0", year=1)
    # 20 t above ground: 12 of stem are cut, 9.6 kept as products; 8 litter; 5 of roots dead wood
    assert stock.to_numpy().tolist() == pytest.approx([2.0, 0.5, 5.0, 8.0, 0.0, 9.6])
    flow = found["stand_flow"].sel(stand="S0", year=1)
    assert flow.to_numpy().tolist() == pytest.approx([2.4, 12.0, 0.0, 0.0])
    # a year on the new stand has grown and half the products are gone
    assert found["stand_stock"].sel(stand="S0", year=2).to_numpy().tolist() == pytest.approx(
        [4.0, 1.0, 5.0, 8.0, 0.0, 4.8]
    )


def test_a_thinning_leaves_three_quarters_to_grow_on():
    found = pools(simple(age=10), NO_FALL, years=3, events=planned([Felling(THIN, 11)]),
                  keep_stands=True)  # fmt: skip
    above = found["stand_stock"].sel(stand="S0", pool="above_ground").to_numpy()
    assert above.tolist() == pytest.approx([22.0, 0.75 * 24.0, 0.75 * 26.0])


def test_a_delay_and_another_scale_after_the_cut():
    events = planned([Felling(CLEAR, 10)], delay_yr=2, scale=1.5)
    found = pools(simple(age=10), NO_FALL, years=5, events=events, keep_stands=True)
    above = found["stand_stock"].sel(stand="S0", pool="above_ground").to_numpy()
    assert above.tolist() == pytest.approx([0.0, 0.0, 3.0, 6.0, 9.0])


def test_pools_that_are_not_tracked_release_at_once():
    rates = PoolRates(tracked=("dead_wood",))
    found = pools(simple(age=10), rates, years=1, events=planned([Felling(CLEAR, 10)]))
    kg = found["stock_kg"].sel(group=0, instant=1).to_numpy()
    assert kg[[3, 4, 5]].tolist() == [0, 0, 0]
    # 12 t of stem and 8 t of slash
    assert int(found["flow_kg"].sel(flow="released").sum()) == round(20 * 44 / 12 * 1000)


def test_litterfall_and_deaths_are_replaced():
    rates = PoolRates(litterfall=0.1, deaths=0.02, litter=0.5)
    found = pools(simple(age=10), rates, years=1, keep_stands=True)
    # 22 t above and 5.5 below: 2.2 of litter, 0.55 dead; the living stay on the net curve
    assert found["stand_stock"].sel(stand="S0", year=1).to_numpy().tolist() == pytest.approx(
        [22.0, 5.5, 0.55, 2.2, 0.0, 0.0]
    )
    assert float(
        found["stand_flow"].sel(stand="S0", year=1, inner_flow="turnover")[()]
    ) == pytest.approx(2.75)


def test_products_follow_first_order_decay():
    half = 5.0
    rates = PoolRates(products=decay_share(half), products_kept=first_year_share(half))
    events = planned([Felling(CLEAR, 10)])
    found = pools(simple(age=8), rates, years=20, events=events, keep_stands=True)
    harvested = found["stand_flow"].sel(stand="S0", inner_flow="harvested").to_numpy()
    np.testing.assert_allclose(
        found["stand_stock"].sel(stand="S0", pool="products").to_numpy(),
        products_stock(harvested, half),
        rtol=1e-12,
    )
    assert harvested.nonzero()[0].tolist() == [2, 12]


FIRE = Event("fire", "fire", 0.6, above_air=0.3, above_dead=0.4, dead_air=0.5, litter_air=0.9)
PEST = Event("pest", "pest", 0.2, stem_out=0.3, above_dead=0.5)


def struck(stands, chance=0.2, agents=(FIRE, PEST), mix=(0.4, 0.6)):
    table = pd.DataFrame({"stand": [f"S{k}" for k in range(stands)], "species": "fir", "rule": "r"})
    hazards = Hazards(("fir",), np.full((1, 80), chance), tuple(agents), np.array([mix]))
    thin = Felling(THIN, 12)
    return schedule(table, [Rule("r", [thin])], hazards=hazards)


def test_expectation_of_one_year_by_hand():
    found = pools(simple(age=10), NO_FALL, years=1, events=struck(1, agents=(FIRE,), mix=(1.0,)),
                  disturbance="expected", keep_stands=True)  # fmt: skip
    # 0.2 of 0.6: 12 % of 20 and of 5 t are lost; 2.4 t above ground, 0.72 burnt, 0.96 dead wood
    above, below, dead, litter = found["stand_stock"].sel(stand="S0", year=1).to_numpy()[:4]
    assert above == pytest.approx(0.88 * 22)
    assert below == pytest.approx(0.88 * 5.5)
    assert dead == pytest.approx(0.96 + 0.6)
    assert litter == pytest.approx(2.4 - 0.72 - 0.96)


def test_expectation_is_the_mean_of_the_draws():
    rates = PoolRates(0.05, 0.01, 0.3, 0.4, 0.1, 0.02, 0.1, 0.7)
    count = 20_000
    drawn = pools(simple(count), rates, years=12, events=struck(count), disturbance="drawn",
                  keep_stands=True)  # fmt: skip
    expected = pools(simple(), rates, years=12, events=struck(1), disturbance="expected",
                     keep_stands=True)["stand_stock"][0]  # fmt: skip
    stock = drawn["stand_stock"].to_numpy()
    off = stock.mean(axis=0) - expected.to_numpy()
    error = stock.std(axis=0) / np.sqrt(count)
    assert (np.abs(off) <= 5.0 * error + 1e-12).all()
    assert error[:, :4].max() > 0.0


def test_draws_belong_to_the_stand_and_the_seed():
    kept = {"years": 15, "disturbance": "drawn", "keep_stands": True, "seed": 4}
    whole = pools(simple(50), NO_FALL, events=struck(50), **kept)["stand_stock"]
    half = pools(simple(20), NO_FALL, events=struck(20), **kept)["stand_stock"]
    np.testing.assert_array_equal(whole[:20], half)
    other = pools(simple(50), NO_FALL, events=struck(50), **(kept | {"seed": 5}))["stand_stock"]
    assert (whole.to_numpy() != other.to_numpy()).any()


@pytest.fixture(scope="module")
def county():
    """A county's stands on library curves, with their events."""
    rng = np.random.default_rng(11)
    count = 300
    stands = pd.DataFrame(
        {
            "stand": [f"S{k:04d}" for k in range(count)],
            "species": rng.choice(["桉树", "马尾松", "杉木", "木荷", "毛竹"], count),
            "land_class": "arbor_forest",
            "age_yr": pd.array(rng.integers(1, 50, count), dtype="Int64"),
            "standing_volume": rng.uniform(5, 150, count),
            "survey_date": pd.Timestamp("2024-12-31"),
        }
    )
    days = [date(2025 + year, 1, 1) for year in range(3)]
    path = trajectories(
        stands, days, curves=curve_set("growth-south-china", DAY), findings=Findings()
    )
    table = coefficients(stands, parameters("biomass-inventory"), DAY, Findings())
    area = rng.integers(1_000, 30 * HA, count)
    return stands, path, table, area


def test_the_start_is_the_stock_of_the_other_way(county):
    _, path, table, area = county
    made = living(path, table, area)
    found = pools(made, NO_FALL, years=1, groups=np.arange(len(area)))
    live = found["stock_kg"].sel(instant=0, pool=["above_ground", "below_ground"]).sum("pool")
    kg = stand_kg(path, table, area)[:, 0]
    # 2024-12-31 to 2025-01-01 is under a day of growth, and the two pools are rounded apart
    near = np.abs(live.to_numpy() - kg)
    assert (near <= 2 + 1e-2 * kg).all()
    assert (live.to_numpy()[~made.known] == 0).all()
    assert (~made.known).sum() == (county[0]["species"] == "毛竹").sum()


def test_the_balance_is_exact_for_every_stand_and_year(county):
    stands, path, table, area = county
    made = living(path, table, area)
    fire = Event("fire", "fire", 0.5, above_air=0.2, above_dead=0.5, litter_air=0.8)
    hazards = disaster_hazards(
        stands, parameters("mortality-guangdong"), DAY, Findings(),
        disaster_share=0.4, agents=[fire],
    )  # fmt: skip
    rule = Rule("cut", [Felling(THIN, 12), Felling(CLEAR, 26)])
    events = schedule(stands.assign(rule="cut"), [rule], hazards=hazards)
    rates = pool_rates(
        parameters("pools-south-china"), DAY, tracked=("dead_wood", "litter", "products"),
        products_half_life_yr=25.0,
    )  # fmt: skip
    for mode in ("none", "expected", "drawn"):
        found = pools(
            made, rates, years=30, events=events, disturbance=mode, groups=np.arange(len(area)),
            keep_stands=True,
        )  # fmt: skip
        change = found["stock_kg"].sum("pool").diff("instant").to_numpy()
        growth, released = (found["flow_kg"].sel(flow=f).to_numpy() for f in ("growth", "released"))
        np.testing.assert_array_equal(change, growth - released)
        # growth is the balancing sum; on its own it differs by the rounding of pools only
        stock = found["stand_stock"].sum("pool").to_numpy()
        gained = (
            np.diff(stock, axis=1)
            + found["stand_flow"].sel(inner_flow="released").to_numpy()[:, 1:]
        )
        assert np.abs(gained * made.size[:, None] - growth[:, 1:]).max() <= 7.0
        assert found.attrs["largest_gap_t_c_ha"] < 1e-11
        assert (growth >= -7).all()


def test_totals_are_the_sums_of_the_stands(county):
    _, path, table, area = county
    made = living(path, table, area)
    member = np.arange(len(area)) % 5
    alone = pools(made, NO_FALL, years=8, groups=np.arange(len(area)))["stock_kg"].to_numpy()
    together = pools(made, NO_FALL, years=8, groups=member)["stock_kg"].to_numpy()
    for group in range(5):
        np.testing.assert_array_equal(together[:, group], alone[:, member == group].sum(axis=1))


def test_large_runs_go_to_threads_and_give_the_same(county):
    _, path, table, area = county
    made = living(path, table, area)
    years = 400  # 120,000 stand-years
    found = pools(made, NO_FALL, years=years)["stock_kg"].to_numpy()[:, 0]
    short = pools(made, NO_FALL, years=100)["stock_kg"].to_numpy()[:, 0]
    np.testing.assert_array_equal(found[:, :101], short)


def test_replanting_with_another_species(county):
    _, path, table, area = county
    made = living(path, table, area)
    rule = Rule("change", [Felling(CLEAR, 0)], replant="杉木", scale=1.0)
    stands = pd.DataFrame({"stand": made.stands, "rule": "change"})
    found = pools(made, NO_FALL, years=1, events=schedule(stands, [rule]), keep_stands=True)
    above = found["stand_stock"].sel(pool="above_ground", year=1).to_numpy()
    fir = made.above[made.class_of("杉木"), 1]
    # every stand is cut at once and stands in its first year of fir
    np.testing.assert_allclose(above[made.age >= 0], fir)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"groups": [0, 0]}, "E262"),
        ({"opening": np.zeros((4, 3))}, "E673"),
        ({"opening": np.full((4, 1), np.nan)}, "E673"),
        ({"disturbance": "expected"}, "E673"),
        ({"disturbance": "often"}, "E673"),
    ],
)
def test_arguments_that_do_not_fit(wrong, code):
    with pytest.raises(ConfigError) as caught:
        pools(simple(), NO_FALL, years=2, **wrong)
    assert caught.value.code == code


def test_shares_that_cannot_be():
    greedy = Event("fire", "fire", 1.0, stem_out=1.0, above_air=0.5, above_dead=0.5)
    for events, mode in (
        (struck(1, agents=(greedy,), mix=(1.0,)), "expected"),
        (struck(1, agents=(Event("wind", "wind", 1.0, restart=True),), mix=(1.0,)), "expected"),
    ):
        with pytest.raises(ConfigError) as caught:
            pools(simple(), NO_FALL, years=2, events=events, disturbance=mode)
        assert caught.value.code == "E673"
    with pytest.raises(ConfigError, match="not tracked"):
        pools(simple(), PoolRates(tracked=()), years=1, opening=np.ones((4, 1)))
    with pytest.raises(UnitError):
        PoolRates(litter=1.5)
    with pytest.raises(ConfigError):
        PoolRates(tracked=("peat",))
    for tracked in (("soil",), ("products",)):
        with pytest.raises(ConfigError):
            pool_rates(parameters("pools-south-china"), DAY, tracked=tracked)
    for half in (0.0, -1.0, np.inf):
        with pytest.raises(ConfigError):
            decay_share(half)
