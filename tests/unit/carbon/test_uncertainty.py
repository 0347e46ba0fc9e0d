"""Error of carbon totals: draws beside formulas, hand-sized cases, parts, and what is refused."""

from datetime import date

import numba
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ecogis import carbon, growth
from ecogis.carbon import (
    CurveError,
    Events,
    FactorError,
    SurveyError,
    change,
    combined,
    propagated,
    shortfall,
    uncertainty,
)
from ecogis.carbon.error_sources import HELD, moments, root_of, spread_of
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.growth.curves import FORMS
from ecogis.numerics import normals

STANDS, YEARS, DRAWS = 240, range(2025, 2046), 3000
SPECIES = ("杉木", "马尾松", "桉树")
CURVES = tuple(
    growth.Curve(
        f"c{i}", "richards", {"asymptote": 200.0 + 50 * i, "rate": 0.08, "shape": 1.8}, 0.0, 60.0
    )
    for i in range(3)
)
SET = growth.CurveSet("own", "1", CURVES, dict(zip(SPECIES, ("c0", "c1", "c2"), strict=True)))
DEVIATION = np.diag([8.0, 0.003, 0.06])
CORRELATION = np.array([[1.0, -0.5, 0.2], [-0.5, 1.0, 0.7], [0.2, 0.7, 1.0]])
COVARIANCE = DEVIATION @ CORRELATION @ DEVIATION
HAZARD = pd.DataFrame([[0.005] * 20 + [0.03] * 20] * 3, index=["c0", "c1", "c2"])


def volumes(name, values):
    """Table rows of a class for drawn parameters, by growth's own forms."""
    like = next(curve for curve in CURVES if curve.name == name)
    drawn = [
        growth.Curve(
            str(i), like.form, dict(zip(FORMS[like.form], map(float, row), strict=True)), 0.0, 60.0
        )
        for i, row in enumerate(values)
    ]
    return growth.age_table(drawn).values[:-1]


def curve_error(scale=1.0, **given):
    values = {curve.name: list(curve.values.values()) for curve in CURVES}
    return CurveError(
        values, dict.fromkeys(values, COVARIANCE * scale), volumes, edition="own@1", **given
    )


class Case:
    """Stands, their paths and what else a call needs."""

    def __init__(self, stands, years=YEARS):
        days = [date(year, 1, 1) for year in years]
        self.stands = stands
        self.paths = growth.trajectories(stands, days, curves=SET, findings=Findings())
        per_m3 = stands["species"].map(dict(zip(SPECIES, (1.2, 1.5, 1.8), strict=True)))
        self.per_m3 = pd.DataFrame({"stand": stands["stand"], "co2e_t_m3": per_m3.astype(float)})
        self.area = stands["area_dm2"].to_numpy()
        self.groups = stands["group"].tolist()

    def of(self, rows):
        return Case(self.stands.iloc[rows].reset_index(drop=True), self.years)

    @property
    def years(self):
        return [day.year for day in self.paths.instants]

    def __call__(self, *sources, function=uncertainty, **given):
        return function(self.paths, self.per_m3, self.area, self.groups, sources=sources, **given)


def table(count, seed=1):
    rng = np.random.default_rng(seed)
    kind, age = rng.integers(0, 3, count), rng.integers(3, 50, count)
    at_age = growth.age_table(SET).values[kind, age]
    return pd.DataFrame(
        {
            "stand": [f"S{i}" for i in range(count)],
            "species": [SPECIES[k] for k in kind],
            "land_class": "0111",
            "age_yr": age,
            "standing_volume": at_age * rng.uniform(0.6, 1.6, count),
            "survey_date": [date(2024, 6, 15) if i % 2 else date(2025, 1, 1) for i in range(count)],
            "area_dm2": rng.integers(10**5, 10**7, count),
            "group": [f"G{i % 3}" for i in range(count)],
        }
    )


def one(volume=50.0, age=10, species="杉木", area_dm2=1_000_000, **given):
    row = {"stand": "S1", "species": species, "land_class": "0111", "age_yr": age}
    row |= {"standing_volume": volume, "survey_date": date(2025, 1, 1), "area_dm2": area_dm2}
    return pd.DataFrame([row | {"group": "G"} | given])


@pytest.fixture(scope="module")
def case():
    return Case(table(STANDS))


@pytest.fixture(scope="module")
def everything():
    return (
        SurveyError(0.2, edition="a@1"),
        curve_error(),
        FactorError(0.05, table(STANDS)["species"], edition="b@1"),
        Events(HAZARD, share=0.3, restart=["c1"]),
    )


SOURCES = {
    "survey": SurveyError(0.2),
    "survey, normal": SurveyError(0.3, "normal"),
    "survey, by stand": SurveyError(np.linspace(0.0, 0.4, STANDS)),
    "curve": curve_error(),
    "factor": FactorError(
        dict(zip(SPECIES, (0.05, 0.0, 0.1), strict=True)), table(STANDS)["species"]
    ),
    "factor, normal": FactorError(0.1, table(STANDS)["species"], "normal"),
    "events": Events(HAZARD, share=0.4),
    "events, restart": Events(HAZARD, restart=True),
    "events, mixed": Events(HAZARD, share={"c1": 0.3, "c2": 0.9}, restart=["c0"]),
}


@pytest.mark.parametrize("name", SOURCES)
def test_draws_agree_with_the_formulas(case, name):
    """Mean within 4.5 standard errors, deviation within 4.5 of its own (kurtosis of a sum is 3)."""
    drawn = case(SOURCES[name], seed=3, draws=DRAWS)
    formula = case(SOURCES[name], function=propagated)
    second_order = 0.002 if name == "curve" else 1e-7  # the formula is of first order there
    limit = 4.5 * formula["sd"] / np.sqrt(DRAWS) + second_order * formula["mean"]
    assert (abs(drawn["mean"] - formula["mean"]) <= limit).all()
    known = formula["sd"] > 1e-4 * formula["mean"]
    assert known.to_numpy()[:, 1:].all()
    ratio = (drawn["sd"] / formula["sd"]).where(known, 1.0)
    assert (abs(ratio - 1.0) <= 4.5 / np.sqrt(2 * DRAWS) + 0.005).all()


def test_all_sources_together_agree_with_the_formulas(case, everything):
    drawn = case(*everything, seed=4, draws=DRAWS)
    formula = case(*everything, function=propagated)
    assert formula["variance"]["source"].to_numpy().tolist() == [
        "survey", "events", "factor", "curve"
    ]  # fmt: skip
    limit = 4.5 * formula["sd"] / np.sqrt(DRAWS) + 0.002 * formula["mean"]
    assert (abs(drawn["mean"] - formula["mean"]) <= limit).all()
    ratio = drawn["sd"] / formula["sd"]
    assert (abs(ratio - 1.0) <= 4.5 / np.sqrt(2 * DRAWS) + 0.02).all()


def test_what_is_cut_off_below_zero_raises_the_mean(case):
    """A normal error of eight tenths: a tenth of it lies below zero."""
    plain = case(function=propagated)["mean"]
    factor = FactorError(0.6, case.stands["species"], "normal")
    raised = case(SurveyError(0.8, "normal"), factor, function=propagated)["mean"]
    expected = moments([0.8], "normal")[0] * moments([0.6], "normal")[0]
    assert expected[0] > 1.2
    np.testing.assert_allclose(raised, plain * expected[0], rtol=1e-12)


def test_without_sources_it_is_the_stock(case):
    expected = carbon.group_kg(
        case.paths, case.per_m3, case.area, [int(name[1]) for name in case.groups], 3
    )
    exact = case(SurveyError(0.0), seed=1, draws=2, keep_draws=True)
    for draw in range(2):
        np.testing.assert_array_equal(exact["co2e_kg"][:, :, draw], expected)
    assert float(exact["sd"].max()) == 0.0
    by_weight = case(seed=1, draws=2)
    # a stand-year is rounded in one and not in the other: half a kilogram for each stand at most
    np.testing.assert_allclose(by_weight["mean"], expected, atol=0.5 * STANDS / 3)


def test_independent_errors_add_in_squares_and_shared_ones_straight():
    """A tenth on each of nine equal stands is a thirtieth of their sum; shared it stays a tenth."""
    rows = pd.concat([one(stand=f"S{i}") for i in range(9)], ignore_index=True)
    nine = Case(rows, [2025])
    alone = nine(SurveyError(0.1), seed=1, draws=20_000)
    shared = nine(FactorError(0.1, rows["species"]), seed=1, draws=20_000)
    total = 9 * 50 * 1.2 * 1000
    for found, cv in ((alone, 0.1 / 3), (shared, 0.1)):
        assert float(found["mean"][0, 0]) == pytest.approx(total, rel=0.003)
        assert float(found["sd"][0, 0] / total) == pytest.approx(cv, rel=0.02)


def test_a_curve_error_leaves_the_surveyed_volume_as_it_was():
    found = Case(one())(curve_error(), seed=1, draws=50)
    assert float(found["sd"][0, 0]) < 1e-3  # 50 m3 at the survey in every draw
    assert (np.diff(found["sd"][0]) > 0).all()


def test_a_young_stand_without_volume_has_the_curve_s_own_error():
    """Scale one, nothing surveyed to hold it to: the drawn curve itself."""
    young = Case(one(volume=0.0, age=4), [2025])
    draws = 400
    found = young(curve_error(), seed=5, draws=draws, keep_draws=True)
    shocks = np.array([normals(5, "c0", f"curve parameter {k}, try 0", draws) for k in range(3)])
    middle = np.array(list(CURVES[0].values.values()))
    values = middle + (np.linalg.cholesky(COVARIANCE) @ shocks).T
    expected = volumes("c0", values)[:, 4] * 1200
    np.testing.assert_allclose(found["co2e_kg"][0, 0], expected, atol=0.51, rtol=1e-9)
    held = young(curve_error(anchored=[True]), seed=5, draws=draws)
    assert float(held["sd"][0, 0]) < 0.51


def test_parts_of_a_county_add_up_to_it(case, everything):
    whole = case(*everything, seed=9, draws=40, keep_draws=True)
    parts = []
    for i in range(7):
        rows = np.arange(i, STANDS, 7)
        part = case.of(rows)
        sources = list(everything)
        sources[2] = FactorError(0.05, part.stands["species"], edition="b@1")
        parts.append(part(*sources, seed=9, draws=40, keep_draws=True))
    found = combined(parts, keep_draws=True)
    xr.testing.assert_identical(found, whole)
    wide = combined(parts, into=dict.fromkeys(("G0", "G1", "G2"), "county"))
    together = whole["co2e_kg"].sum("group")
    assert wide["group"].to_numpy().tolist() == ["county"]
    np.testing.assert_allclose(wide["mean"][0], together.mean("draw"), rtol=1e-12)
    assert "co2e_kg" not in wide


def test_parts_by_weight_add_up_to_the_last_step(case):
    def sources(of):
        return curve_error(), FactorError(0.05, of.stands["species"])

    whole = case(*sources(case), seed=9, draws=40, keep_draws=True)
    parts = [case.of(np.arange(i, STANDS, 7)) for i in range(7)]
    drawn = [part(*sources(part), seed=9, draws=40, keep_draws=True) for part in parts]
    xr.testing.assert_identical(combined(drawn, keep_draws=True), whole)
    assert (abs(whole["rest"]) <= 2**29).all()


def test_more_draws_begin_with_the_same_ones(case, everything):
    few = case(*everything, seed=2, draws=20, keep_draws=True)["co2e_kg"]
    many = case(*everything, seed=2, draws=50, keep_draws=True)["co2e_kg"]
    np.testing.assert_array_equal(many[:, :, :20], few)
    other = case(*everything, seed=3, draws=20, keep_draws=True)["co2e_kg"]
    assert not (other == few).all()


@pytest.mark.parametrize("shared", [False, True])
def test_any_threads_and_any_order_of_stands_give_the_same_bytes(case, everything, shared):
    """2,400 stand-years and 500 draws: enough to be shared out among threads."""

    def run(of):
        factor = FactorError(0.05, of.stands["species"])
        sources = (curve_error(), factor) if shared else (*everything[:2], factor, everything[3])
        return of(*sources, seed=6, draws=500, keep_draws=True)

    whole = run(case)
    order = np.random.default_rng(1).permutation(STANDS)
    assert (
        run(case.of(order))["co2e_kg"].to_numpy().tobytes() == whole["co2e_kg"].to_numpy().tobytes()
    )
    before = numba.get_num_threads()
    try:
        for threads in range(1, before + 1):
            numba.set_num_threads(threads)
            xr.testing.assert_identical(run(case), whole)
    finally:
        numba.set_num_threads(before)


def test_tables_made_in_batches_are_the_same(case, everything, monkeypatch):
    whole = case(*everything, seed=2, draws=50, keep_draws=True)
    monkeypatch.setattr(carbon.drawing, "_TABLE_BYTES", 1.0)
    xr.testing.assert_identical(case(*everything, seed=2, draws=50, keep_draws=True), whole)


def test_what_the_result_tells(case, everything):
    found = case(*everything, seed=2, draws=20)
    assert found.attrs == {
        "seed": 2,
        "draws": 20,
        "sources": "survey, curve, factor, events",
        "editions": "survey: a@1, curve: own@1, factor: b@1, events: -",
        "redrawn": 0,
        "stands": STANDS,
        "without_stock": 0,
    }
    assert found["mean"].attrs == {"units": "kg CO2e"}
    assert found["year"].to_numpy().tolist() == list(YEARS)
    ordered = [found[name] for name in ("p5", "p50", "p95")]
    assert (ordered[0] <= ordered[1]).all()
    assert (ordered[1] <= ordered[2]).all()


def test_a_stock_that_is_not_known_is_counted_and_not_drawn():
    rows = pd.concat(
        [
            one(),
            one(stand="S2", volume=None),
            one(stand="S3", species=None, volume=0.0, land_class="0304"),
        ]
    )
    found = Case(rows.reset_index(drop=True))(SurveyError(0.2), seed=1, draws=500)
    alone = Case(one())(SurveyError(0.2), seed=1, draws=500)
    assert found.attrs["without_stock"] == 1
    np.testing.assert_array_equal(found["mean"], alone["mean"])


def test_a_held_stand_does_not_begin_again():
    """A species without a curve: its volume stays, and what would restart it takes it for good."""
    rows = one(species="毛竹")
    held = Case(rows, YEARS)
    held.per_m3["co2e_t_m3"] = 1.0
    chances = pd.DataFrame([[0.1]], index=[HELD])
    found = held(Events(chances, restart=True), seed=1, draws=20_000)
    expected = 50_000 * 0.9 ** np.arange(len(YEARS))
    np.testing.assert_allclose(found["mean"][0], expected, atol=4.5 * 25_000 / np.sqrt(20_000))
    formula = held(Events(chances, restart=True), function=propagated)
    np.testing.assert_allclose(formula["mean"][0], expected, rtol=1e-12)


def test_stands_before_age_zero_and_past_the_table():
    """Planted in 2030, and of age 300: nothing yet, and the curve's last value."""
    rows = pd.concat([one(volume=0.0, age=0), one(stand="S2", age=300, volume=200.0)])
    late = rows.assign(survey_date=[date(2030, 1, 1), date(2025, 1, 1)], group=["A", "B"])
    found = Case(late.reset_index(drop=True))(SurveyError(0.0), seed=1, draws=2)
    assert found["mean"][0, :6].to_numpy().tolist() == [0.0] * 6
    assert (found["mean"][0, 6:] > 0).all()
    assert set(found["mean"][1].to_numpy().tolist()) == {240_000.0}


def test_hazards_reach_past_the_table():
    """Certain at 100 years and nowhere else: the stand of 95 falls in 2031, seen in that year."""
    chances = pd.DataFrame([[0.0] * 100 + [1.0, 0.0]], index=["c0"])
    found = Case(one(age=95))(Events(chances, share=1.0), seed=1, draws=5)
    empty = [year for year, kg in zip(YEARS, found["mean"][0], strict=True) if kg == 0]
    assert empty == list(range(2031, 2046))


def test_change_between_years_is_taken_draw_by_draw(case):
    found = case(FactorError(0.1, case.stands["species"]), seed=1, draws=200, keep_draws=True)
    gain = change(found, 2025, 2035)
    kg = found["co2e_kg"].sel(year=2035) - found["co2e_kg"].sel(year=2025)
    np.testing.assert_allclose(gain["mean"], kg.mean("draw"), rtol=1e-12)
    np.testing.assert_allclose(gain["sd"], kg.std("draw", ddof=1), rtol=1e-12)
    assert gain.attrs["from"] == 2025
    with pytest.raises(ConfigError, match="E683"):
        change(found, 2025, 1999)


def test_shortfall_is_a_share_of_the_mean(case):
    found = case(SurveyError(0.2), seed=1, draws=100)
    share = shortfall(found, "p5")
    np.testing.assert_allclose(share, 1 - found["p5"] / found["mean"])
    assert share.attrs["units"] == "1"
    with pytest.raises(ConfigError, match="E680"):
        shortfall(found, "p1")


def test_draws_that_are_no_curve_are_drawn_again():
    """A rate of 0.08 with a deviation of 0.06: about one draw in eleven is below zero."""
    wide = CurveError({"c0": [200.0, 0.08, 1.8]}, {"c0": np.diag([0.0, 0.06**2, 0.0])}, volumes)
    case = Case(one())
    found = case(wide, seed=1, draws=500)
    assert 20 < found.attrs["redrawn"] < 80
    assert np.isfinite(found["sd"]).all()
    never = CurveError(
        {"c0": [200.0, 0.08, 1.8]}, {"c0": np.zeros((3, 3))}, lambda _, v: -volumes("c0", v)
    )
    with pytest.raises(ConfigError, match=r"E681.*c0"):
        case(never, seed=1, draws=10)


def test_rows_shorter_than_the_table_are_held():
    short = CurveError(
        {"c0": [1.0]}, {"c0": [[0.0]]}, lambda _, v: np.repeat(v, 12, axis=1) * np.arange(12)
    )
    np.testing.assert_array_equal(
        short.rows("c0", np.array([[2.0]]), 15)[0, 10:], [20, 22, 22, 22, 22]
    )


@pytest.mark.parametrize("law", ["lognormal", "normal"])
def test_moments_are_those_of_the_draws(law):
    error = FactorError(0.45, ["a"], law)
    drawn = error.drawn(1, ["a"], 200_000)[:, 0]
    mean, deviation = moments([0.45], law)
    assert drawn.mean() == pytest.approx(mean[0], abs=0.005)
    assert drawn.std() == pytest.approx(deviation[0], abs=0.005)
    spread, _ = spread_of([0.0], law)
    assert spread[0] == 0.0


def test_root_of_a_covariance():
    root = root_of(COVARIANCE, 3, "c")
    np.testing.assert_allclose(root, np.linalg.cholesky(COVARIANCE), rtol=1e-9)
    singular = np.array([[4.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(root_of(singular, 3, "c") @ root_of(singular, 3, "c").T, singular)


@pytest.mark.parametrize(
    "matrix",
    [
        [[1.0, 0.0]],
        [[1.0, 0.5], [0.4, 1.0]],
        [[1.0, 2.0], [2.0, 1.0]],
        [[0.0, 1.0], [1.0, 1.0]],
        [[np.nan, 0.0], [0.0, 1.0]],
        [[-1.0, 0.0], [0.0, 1.0]],
    ],
)
def test_what_is_no_covariance_is_refused(matrix):
    with pytest.raises(ConfigError, match="E680"):
        CurveError({"c0": [1.0, 2.0]}, {"c0": matrix}, volumes)


@pytest.mark.parametrize(
    "make",
    [
        lambda: SurveyError(-0.1),
        lambda: SurveyError(np.nan),
        lambda: SurveyError(0.1, "uniform"),
        lambda: FactorError({"a": 2.0}, ["a"]),
        lambda: CurveError({"c0": [1.0]}, {}, volumes),
        lambda: Events(pd.DataFrame([[0.1, 1.2]], index=["c0"])),
        lambda: Events(pd.DataFrame([[0.1]], index=["c0"], columns=["1"])),
        lambda: Events(HAZARD, share=1.5),
        lambda: Events(HAZARD, share={"c0": -0.5}),
    ],
)
def test_figures_out_of_range_are_refused(make):
    with pytest.raises(ConfigError, match="E680"):
        make()


@pytest.mark.parametrize(
    ("code", "sources", "given"),
    [
        ("E680", [SurveyError(0.1), SurveyError(0.2)], {}),
        ("E680", ["survey"], {}),
        ("E680", [], {"draws": 1}),
        ("E266", [SurveyError([0.1, 0.2])], {}),
        ("E266", [FactorError(0.1, ["a", "b"])], {}),
        ("E680", [FactorError({"a": 0.1}, ["b"])], {}),
        ("E680", [CurveError({"c9": [1.0]}, {"c9": [[1.0]]}, volumes)], {}),
        ("E680", [CurveError({"c0": [1.0]}, {"c0": [[1.0]]}, lambda _, v: v[0])], {}),
        ("E266", [curve_error(anchored=[True, False])], {}),
        ("E680", [Events(HAZARD.loc[["c1"]])], {}),
        ("E680", [Events(HAZARD, share={"c1": 0.5})], {}),
    ],
)
def test_sources_that_do_not_fit_the_stands_are_refused(code, sources, given):
    with pytest.raises(ConfigError, match=code):
        Case(one())(*sources, seed=1, **{"draws": 4, **given})


def test_tables_of_other_stands_are_refused():
    case = Case(one())
    for name, value in (
        ("area", np.array([1, 2])),
        ("area", np.array([1.5])),
        ("groups", ["a", "b"]),
    ):
        kept = getattr(case, name)
        setattr(case, name, value)
        with pytest.raises(ConfigError, match="E266"):
            case(seed=1, draws=2)
        setattr(case, name, kept)
    case.groups = [None]
    with pytest.raises(ConfigError, match="E680"):
        case(seed=1, draws=2)
    case.groups = ["G"]
    case.per_m3 = case.per_m3.assign(stand="S9")
    with pytest.raises(ConfigError, match="E266"):
        case(seed=1, draws=2)


def test_instants_must_be_a_year_apart():
    with pytest.raises(ConfigError, match="E682"):
        Case(one(), [2025, 2027])(seed=1, draws=2)


def test_parts_that_do_not_fit_are_refused(case):
    kept = case(seed=1, draws=2, keep_draws=True)
    others = [
        case(seed=1, draws=2),
        case(seed=2, draws=2, keep_draws=True),
        case(seed=1, draws=3, keep_draws=True),
        case(SurveyError(0.1), seed=1, draws=2, keep_draws=True),
        kept.isel(year=slice(0, 3)),
    ]
    for other in others:
        with pytest.raises(ConfigError, match="E683"):
            combined([kept, other])
    with pytest.raises(ConfigError, match="E683"):
        combined([])


def test_a_group_too_heavy_for_exact_sums_is_refused():
    heavy = Case(one(volume=1e5, area_dm2=10**13, species="毛竹"), [2025])
    heavy.per_m3["co2e_t_m3"] = 1.0
    with pytest.raises(ConfigError, match=r"E684.*G"):
        heavy(seed=1, draws=2)
