"""Harvest, disturbance, pools, a second opinion and the spread of the forecast in a run."""

import sys
from dataclasses import replace
from types import SimpleNamespace

import msgspec
import numpy as np
import pandas as pd
import pytest

import ecogis as eg
from ecogis import carbon, demo
from ecogis.core.errors import ConfigError, IdentityError
from ecogis.pipeline import config, pooling
from ecogis.pipeline.crediting import credit
from ecogis.pipeline.doubting import doubt
from ecogis.pipeline.forecasting import grow
from ecogis.pipeline.judging import join, judge
from ecogis.pipeline.reading import look, read
from ecogis.pipeline.run import Run

RULES = (
    config.FellingRule(
        species=("杉木组", "马尾松组"),
        thinning_ages_yr=(12, 18),
        thinning_share=0.25,
        because="演示用假定",
    ),
    config.FellingRule(
        species=("桉树",), replant="杉木", replant_scale=0.8, delay_yr=1, because="演示用假定"
    ),
)
HARVEST = config.Harvest(quota_m3=4500.0, because="演示用假定", rules=RULES)
DISASTER = config.Disturbance(
    hazards="mortality-guangdong@2018", disaster_share=0.4, severity=0.3, because="演示用假定"
)
POOLS = config.Pools(
    follow=("dead_wood", "litter", "products"),
    rates="pools-south-china@2026-1",
    products_half_life_yr=20.0,
)


@pytest.fixture(scope="module")
def joined():
    """Half of the demo's stands, read, looked at, overlaid; surveys of two days in the year."""
    run = Run(eg.open(demo.folder() / "project.toml"))
    read(run)
    run.layers["stands"] = run.layers["stands"].iloc[::2].reset_index(drop=True)
    for stage in (look, join):
        stage(run)
    stands = run.layers["stands"]
    early = stands["survey_date"].mask(np.arange(len(stands)) % 3 == 0, pd.Timestamp(2024, 6, 30))
    run.layers["stands"] = stands.assign(survey_date=early)
    return run


@pytest.fixture(scope="module")
def grown(joined):
    """A run of the same land, grown as asked."""

    def variant(*stages, stands=None, treatment=None, **asked):
        values = msgspec.structs.replace(joined.config.growth, **asked)
        whole = msgspec.structs.replace(joined.config, growth=values)
        run = Run(replace(joined.project, config=whole))
        run.layers = dict(joined.layers)
        run.tables, run.left = joined.tables, dict(joined.left)
        if stands is not None:
            run.layers["stands"] = stands
        if treatment is not None:
            pools = [replace(pool, treatment=treatment) for pool in run.methodology.pools]
            run.methodology = replace(run.methodology, pools=tuple(pools))
        for stage in (grow, *stages):
            stage(run)
        return run

    return variant


@pytest.fixture(scope="module")
def plain(grown):
    return grown(judge, credit, doubt)


@pytest.fixture(scope="module")
def felled(grown):
    return grown(judge, credit, doubt, harvest=HARVEST, disturbance=DISASTER, pools=POOLS)


def _codes(run):
    return run.findings.table()["code"].value_counts()


def _kg(run):
    return run.left["forecast"]["co2e_kg"].to_numpy()


def test_without_harvest_and_disturbance_that_is_told(plain, felled, grown):
    told = plain.findings.table().set_index("code").loc["E690", "message_en"]
    assert told.startswith("No harvest or disturbance was assumed")
    assert "E690" not in _codes(felled)
    half = grown(disturbance=DISASTER).findings.table().set_index("code").loc["E690"]
    assert half["message_en"].startswith("No harvest was assumed")


def test_the_forecast_is_the_kilograms_of_the_fused_kernel(plain):
    paths, per_m3 = plain.left["paths"], plain.left["per_m3"]
    area = plain.layers["stands"]["area_dm2"].to_numpy()
    np.testing.assert_array_equal(carbon.stand_kg(paths, per_m3, area).to_numpy(), _kg(plain))


def test_pools_the_methodology_leaves_out_move_no_credit(plain, grown):
    run = grown(pools=POOLS)
    assert _codes(run)["E696"] == 3
    np.testing.assert_array_equal(run.left["stand_kg"].to_numpy(), plain.left["stand_kg"])
    assert run.left["pools"]["stock_kg"].sel(pool="litter").sum() > 0


def test_a_pool_the_methodology_lets_choose_is_credited(plain, grown):
    run = grown(pools=POOLS, treatment="optional")
    more = run.left["stand_kg"].to_numpy() - plain.left["stand_kg"].to_numpy()
    assert more.min() >= -1  # largest remainders of another whole
    assert more.sum(axis=0).min() > 0
    # a steady opening: litter follows the trees and does not jump in the first year
    yearly = np.diff(more.sum(axis=0)) / more.sum(axis=0)[:-1]
    assert np.abs(yearly).max() < 0.1


def test_the_balance_of_pools_closes_by_township_and_year(felled):
    found = felled.left["pools"]
    change = found["stock_kg"].sum("pool").diff("instant").to_numpy()
    flow = found["flow_kg"]
    gained = flow.sel(flow="growth") - flow.sel(flow="released")
    np.testing.assert_array_equal(change, gained.to_numpy())


def test_a_pool_balance_that_breaks_stops_the_run(grown, monkeypatch):
    monkeypatch.setattr(sys.modules["ecogis.carbon.pools"], "_GAP", -1.0)
    with pytest.raises(IdentityError, match="E678"):
        grown(pools=POOLS)


def test_two_ways_to_living_carbon_that_differ_stop_the_run(felled, monkeypatch):
    monkeypatch.setattr(pooling, "_TOLERANCE", -1.0)
    with pytest.raises(IdentityError, match="E698"):
        grow(felled)


def test_stands_that_are_not_felled_keep_their_kilograms(plain, grown):
    run = grown(harvest=HARVEST)
    felled = run.left["forecast"]["stand"].isin(run.left["fellings"]["stand"]).to_numpy()
    np.testing.assert_array_equal(_kg(run)[~felled], _kg(plain)[~felled])
    assert (_kg(run)[felled] <= _kg(plain)[felled])[:, :3].all()
    assert _kg(run)[felled, -1].sum() < _kg(plain)[felled, -1].sum()


def test_fellings_stay_within_quota_law_and_age(felled):
    fellings = felled.left["fellings"]
    assert fellings.groupby("year")["volume_m3"].sum().max() <= HARVEST.quota_m3
    stands = felled.layers["stands"].set_index("stand")
    final = fellings[fellings["event"] == "final_felling 1"]
    about = stands.loc[final["stand"]]
    assert set(about["forest_category"]) == {"commercial"}
    assert set(about["origin"]) == {"planted"}
    fir = about["species"].eq("杉木").to_numpy()
    age = about["age_yr"].to_numpy(dtype=np.int64) + final["year"].to_numpy() - 2025
    assert age[fir].min() >= 26
    assert {"E671", "E691"} <= set(_codes(felled).index)


def test_a_felled_stand_begins_again(grown):
    run = grown(harvest=HARVEST)
    final = run.left["fellings"].query("event == 'final_felling 1'").drop_duplicates("stand")
    one = final.iloc[0]
    volume = run.left["forecast"]["standing_volume"].sel(stand=one["stand"])
    days = pd.DatetimeIndex(volume["instant"].to_numpy())
    before, after = volume[days <= f"{one['year']}-01-01"], volume[days > f"{one['year']}-01-01"]
    area = run.layers["stands"].set_index("stand").loc[one["stand"], "area_ha"]
    assert float(before[-1]) * area == pytest.approx(one["volume_m3"], abs=5e-4)
    assert float(after[0]) < 0.2 * float(before[-1])


def test_another_species_comes_with_its_own_carbon(grown):
    run = grown(harvest=HARVEST)
    way = run.left["course"]
    fresh = way.phases.species[way.phases.count :]
    assert "杉木" in set(fresh)
    per_m3 = way.coefficients(run.left["per_m3"])
    by_species = per_m3.groupby(way.phases.species)["co2e_t_m3"].nunique()
    assert (by_species <= 1).all()
    assert per_m3["species"].fillna("").tolist() == way.phases.species.tolist()


def test_permits_bound_the_years(joined, grown):
    stands = joined.layers["stands"].assign(
        permit_from=pd.Timestamp(2031, 3, 1), permit_to=pd.Timestamp(2032, 2, 1)
    )
    run = grown(harvest=HARVEST, stands=stands)
    assert set(run.left["fellings"]["year"]) == {2031, 2032}
    told = run.findings.table().set_index("code").loc["E692", "message_en"]
    assert told.str.contains("(years 2031-2032)", regex=False).all()
    needed = msgspec.structs.replace(HARVEST, permits="needed")
    none = grown(harvest=needed)
    assert none.left["fellings"].empty
    assert _codes(none)["E692"] > 0


def test_expected_disasters_take_their_share_every_year(plain, grown):
    run = grown(disturbance=DISASTER)
    hazards = run.left["course"].made.hazards
    at = plain.left["forecast"]["standing_volume"].to_numpy()
    left = run.left["forecast"]["standing_volume"].to_numpy()
    species = run.layers["stands"]["species"].eq("马尾松").fillna(False).to_numpy(dtype=bool)
    lost = hazards.annual_loss("马尾松", 10)
    assert lost == pytest.approx(0.4 * (1 - (1 - 0.0745) ** 0.2))
    chosen = species & (at[:, -1] > 0)
    # 1 January 2025 is before the first event, 1 January 2045 after twenty
    np.testing.assert_allclose(left[chosen, 0], at[chosen, 0], rtol=1e-12)
    np.testing.assert_allclose(left[chosen, -1], at[chosen, -1] * (1 - lost) ** 20, rtol=1e-12)


def test_harvest_lowers_the_credits_of_the_project(plain, felled):
    issued = [run.left["project"].vintages["credit_kg"].sum() for run in (plain, felled)]
    assert issued[1] < issued[0]


@pytest.mark.parametrize("which", ["plain", "felled"])
def test_draws_lie_about_the_forecast(which, request):
    run = request.getfixturevalue(which)
    found = run.left["forecast_quantiles"]
    forecast = run.left["forecast"]["co2e_kg"].sum("stand").to_series()
    whole = found.sel(group="whole").to_dataframe()
    expected = forecast[pd.to_datetime([f"{year}-01-01" for year in whole.index])].to_numpy()
    # the mean of 2,000 draws within four of its standard errors
    assert (np.abs(whole["mean"] - expected) < 4 * whole["sd"] / np.sqrt(2000)).all()
    assert (whole["p5"] < whole["p50"]).all()
    assert (whole["p50"] < whole["p95"]).all()
    assert (found.sel(group="project")["mean"] < found.sel(group="whole")["mean"]).all()


def test_draws_of_what_can_be_issued_keep_the_expected_reductions(plain, felled):
    for run in (plain, felled):
        drawn = run.left["issuable_draws"]
        expected = run.left["project"].vintages["pledgeable_kg"].to_numpy()
        assert drawn.dtype == np.int64
        assert drawn.dims == ("draw", "vintage")
        np.testing.assert_allclose(drawn.mean("draw"), expected, atol=1.0)
        assert drawn.std("draw").min() > 0


def test_draws_do_not_depend_on_the_order_of_stands(joined, grown, plain):
    back = joined.layers["stands"].iloc[::-1].reset_index(drop=True)
    run = grown(judge, credit, doubt, stands=back)
    np.testing.assert_array_equal(run.left["issuable_draws"], plain.left["issuable_draws"])


def test_a_second_opinion_stands_beside_and_excludes_nothing(plain, grown):
    run = grown(opinion="volume-biomass-linear@2016")
    found = run.left["opinion"]
    assert found["opinion"].to_numpy().tolist() == [
        "biomass-inventory@2014",
        "volume-biomass-linear@2016",
    ]
    assert _codes(run)["E699"] == 1
    np.testing.assert_array_equal(_kg(run), _kg(plain))
    assert run.findings.excluded("stands") == grown().findings.excluded("stands")
    assert "E677" not in _codes(run)


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({"pools": msgspec.structs.replace(POOLS, products_half_life_yr=None)}, "half_life"),
        ({"opinion": "growth-south-china@2026-1"}, "opinion"),
        ({"opinion": "biomass-lyt2264@2014"}, "opinion"),  # no diameters in the demo
        ({"harvest": msgspec.structs.replace(
            HARVEST, rules=(msgspec.structs.replace(RULES[0], thinning_share=0.0),)
        )}, "thinning_share"),
        ({"harvest": msgspec.structs.replace(
            HARVEST, rules=(msgspec.structs.replace(RULES[1], replant="银杏"),)
        )}, "银杏"),
    ],
)  # fmt: skip
def test_keys_that_do_not_go_together_are_refused(grown, asked, what):
    with pytest.raises(ConfigError, match="E697") as caught:
        grown(**asked)
    assert what in str(caught.value)


def test_one_opinion_cannot_be_both(grown):
    with pytest.raises(ConfigError, match="E674"):
        grown(opinion="biomass-inventory@2014")


def test_events_begin_after_the_last_survey(joined, grown):
    late = joined.layers["stands"].assign(survey_date=pd.Timestamp(2029, 5, 1))
    run = grown(harvest=HARVEST, disturbance=DISASTER, stands=late)
    assert run.left["course"].years == range(2030, 2045)
    assert run.left["fellings"]["year"].min() == 2030
    alone = grown(stands=late)
    days = pd.DatetimeIndex(run.left["forecast"]["instant"].to_numpy())
    early = np.flatnonzero(days <= "2030-01-01")
    np.testing.assert_array_equal(_kg(run)[:, early], _kg(alone)[:, early])


def test_a_survey_after_the_end_leaves_nothing_to_follow(joined, grown):
    late = joined.layers["stands"].assign(survey_date=pd.Timestamp(2045, 5, 1))
    run = grown(judge, credit, doubt, harvest=HARVEST, disturbance=DISASTER, stands=late)
    assert run.left["course"] is None
    assert run.left["fellings"].empty
    told = run.findings.table().set_index("code").loc["E690", "message_en"]
    assert told.startswith("No harvest or disturbance was assumed")


def test_a_fit_too_wide_to_draw_from_is_told(grown):
    fit = config.Fit(by=("species",), form="schumacher")
    run = grown(judge, credit, fit=fit)
    fits = run.left["fits"]
    run.left["fits"] = SimpleNamespace(
        coefficients=fits.coefficients,
        covariance=fits.covariance,
        volumes=lambda name, draws: np.full((len(draws), 50), np.nan),
    )
    doubt(run)
    told = run.findings.table().query("code == 'E693'")
    assert set(told["observed"]) <= {curve.name for curve in fits.curves}
    assert len(told) == told["observed"].nunique() > 0
    assert np.isfinite(run.left["forecast_quantiles"]["mean"]).all()
