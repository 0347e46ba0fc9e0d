"""Fits: known curves are found again, the covariance tells the truth, thin data are refused."""

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.growth import FORMS, Demands, age_table, fit, fit_plot, stand_curves
from ecogis.growth.fit_figure import band
from ecogis.growth.fit_laws import LAWS, predicted

TRUE = {
    "richards": (300.0, 0.06, 2.5),
    "richards4": (300.0, 0.06, 2.5, 0.95),
    "schumacher": (400.0, 20.0),
    "korf": (500.0, 30.0, 1.1),
    "logistic": (260.0, 20.0, 0.12),
    "gompertz": (280.0, 5.0, 0.08),
    "weibull": (280.0, 0.004, 1.7),
    "hossfeld": (300.0, 3.0, 1.9),
    "allometric": (3.0, 1.1),
    "quadratic": (-10.0, 8.0, -0.04),
    "cubic": (5.0, 4.0, 0.1, -0.0015),
}


def sample(form="richards", stands=400, noise=0.0, seed=5, species="杉木"):
    rng = np.random.default_rng(seed)
    ages = rng.integers(2, 61, stands).astype(float)
    volume = predicted(form, np.array(TRUE[form]), ages)
    volume = np.maximum(volume + noise * np.sqrt(volume) * rng.standard_normal(stands), 0.0)
    return pd.DataFrame(
        {
            "stand": [f"{species}{n:04d}" for n in range(stands)],
            "species": species,
            "age_yr": ages,
            "standing_volume": volume,
        }
    )


def found(stands, **options):
    findings = Findings()
    return fit(stands, findings, by=["species"], **options), findings


@pytest.mark.parametrize("form", LAWS)
def test_a_known_curve_is_found_again(form):
    fits, findings = found(sample(form), form=form)
    row = fits.table.iloc[0]
    assert row["refused"] == ""
    assert findings.count() == 0
    # four correlated coefficients leave a flat valley
    tolerance = 1e-3 if form == "richards4" else 1e-5
    assert row[list(FORMS[form])].astype(float).tolist() == pytest.approx(TRUE[form], rel=tolerance)
    assert row["rmse"] < 1e-3
    assert row["rmse_held_out"] < 1e-3 < row["rmse_mean"]


def test_a_few_wild_stands_do_not_bend_the_curve():
    stands = sample(noise=1.0)
    wild = stands.copy()
    wild.loc[::40, "standing_volume"] = 2500.0  # a decimal point lost in one of forty
    clean, bent = (found(table)[0].table.iloc[0] for table in (stands, wild))
    assert bent["asymptote"] == pytest.approx(clean["asymptote"], rel=0.05)
    assert bent["rate"] == pytest.approx(clean["rate"], rel=0.1)


def test_standard_errors_cover_the_truth_about_as_often_as_they_claim():
    hits = []
    for seed in range(40):
        fits, _ = found(sample(stands=250, noise=1.5, seed=seed), demands=Demands(folds=2))
        row = fits.table.iloc[0]
        hits += [abs(row[t] - v) < 1.96 * row[f"{t}_se"]
                 for t, v in zip(FORMS["richards"], TRUE["richards"], strict=True)]  # fmt: skip
    assert 0.88 <= np.mean(hits) <= 0.99  # 120 trials at 0.95


def test_the_covariance_is_in_the_order_of_the_form():
    fits, _ = found(sample(noise=1.0))
    (curve,) = fits.curves
    covariance = fits.covariance(curve.name)
    assert curve.name == "fit:杉木"
    assert covariance.shape == (3, 3)
    np.testing.assert_array_equal(covariance, covariance.T)
    errors = fits.table.iloc[0][[f"{name}_se" for name in FORMS["richards"]]].astype(float)
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), errors)
    covariance[:] = 0.0
    assert fits.covariance(curve.name).any()
    with pytest.raises(ConfigError) as caught:
        fits.covariance("fit:樟树")
    assert caught.value.code == "E662"


def test_draws_of_coefficients_become_volumes():
    fits, _ = found(sample(noise=1.0))
    (curve,) = fits.curves
    middle = fits.coefficients()[curve.name]
    assert dict(curve.values) == dict(zip(FORMS["richards"], middle, strict=True))
    rows = fits.volumes(curve.name, np.array([middle, middle * [2.0, 1.0, 1.0]]))
    table = age_table(fits.curve_set())
    np.testing.assert_array_equal(rows[0], table.values[0])
    np.testing.assert_allclose(rows[1], 2.0 * rows[0], rtol=1e-14)
    # a negative rate is no curve: nothing stands
    assert not fits.volumes(curve.name, [middle * [1.0, -1.0, 1.0]]).any()
    with pytest.raises(ConfigError):
        fits.volumes("fit:樟树", [middle])


def test_order_of_stands_changes_nothing_and_data_make_the_edition():
    stands = sample(noise=1.0)
    one, _ = found(stands)
    two, _ = found(stands.sample(frac=1.0, random_state=1))
    pd.testing.assert_frame_equal(one.table, two.table)
    assert one.edition == two.edition
    np.testing.assert_array_equal(one.covariance("fit:杉木"), two.covariance("fit:杉木"))
    assert found(stands.iloc[1:])[0].edition != one.edition
    assert found(stands, seed=1)[0].edition != one.edition
    assert found(stands, seed=1)[0].table["rmse_held_out"][0] != one.table["rmse_held_out"][0]


def test_the_fit_is_a_set_of_curves_for_its_stands():
    stands = sample(noise=1.0).assign(land_class="arbor_forest", survey_date="2024-12-31")
    fits, findings = found(stands)
    curves = fits.curve_set()
    assert (curves.label, dict(curves.by_species)) == (f"fit@{fits.edition}", {"杉木": "fit:杉木"})
    (curve,) = fits.curves
    assert (curve.first_age, curve.last_age) == (2.0, 60.0)
    assert age_table(curves).at("fit:杉木", 99) == age_table(curves).at("fit:杉木", 60)
    assigned = stand_curves(stands, curves, findings)
    assert np.median(assigned["scale"]) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize(
    ("change", "options", "code"),
    [
        (lambda t: t.iloc[:12], {}, "E657"),
        (lambda t: t.assign(age_yr=30.0), {}, "E657"),
        (lambda t: t[t["age_yr"].between(30, 45)], {}, "E657"),
        (lambda t: t.assign(standing_volume=0.0), {}, "E657"),
        (lambda t: t.assign(standing_volume=3.0 * t["age_yr"]), {}, "E658"),
        (lambda t: t.assign(standing_volume=3.0 + 2.0 * t["age_yr"] + 4.0 * (t.index % 5)),
         {"form": "schumacher", "demands": Demands(relative_se=0.001)}, "E659"),
        (lambda t: t.assign(standing_volume=np.random.default_rng(0).permutation(
            t["standing_volume"])), {"form": "quadratic"}, "E660"),
    ],
)  # fmt: skip
def test_data_that_cannot_carry_a_curve_are_refused(change, options, code):
    fits, findings = found(change(sample(noise=1.0)), **options)
    assert fits.table["refused"].tolist() == [code]
    assert fits.curves == ()
    row = findings.table().iloc[0]
    assert (row["code"], row["feature"], row["severity"]) == (code, "fit:杉木", "warning")
    assert "?" not in row["message_zh"] + row["message_en"]


def test_groups_are_fitted_apart_and_rows_without_facts_are_told():
    stands = pd.concat([sample(noise=1.0), sample("schumacher", 15, species="樟树")])
    stands = stands.reset_index(drop=True)
    stands.loc[[0, 1, 2], "standing_volume"] = [np.nan, -1.0, np.inf]
    stands.loc[3, "age_yr"] = 0.0
    stands.loc[4, "species"] = None
    fits, findings = found(stands)
    assert fits.table[["species", "stands", "refused"]].to_numpy().tolist() == [
        ["杉木", 395, ""],
        ["樟树", 15, "E657"],
    ]
    told = findings.table().set_index("code")["observed"]
    assert told["E661"] == "5"


@pytest.mark.parametrize("options", [{"form": "plateau"}, {"form": "spline"}])
def test_a_form_that_cannot_be_fitted_is_refused(options):
    with pytest.raises(ConfigError) as caught:
        found(sample(), **options)
    assert caught.value.code == "E662"
    with pytest.raises(ConfigError):
        fit(sample(), Findings(), by=[])


def test_the_figure_shows_each_curve_and_its_band():
    pytest.importorskip("matplotlib")
    fits, _ = found(sample(noise=1.0).assign(species="fir"))
    figure = fit_plot(fits, sample(noise=1.0).assign(species="fir"))
    (panel,) = figure.axes
    assert panel.lines[0].get_xdata().size == 400
    assert panel.get_title().startswith("fit:fir")
    middle, low, high = band(fits, "fit:fir", np.array([20.0, 40.0]))
    assert (low < middle).all()
    assert high - middle == pytest.approx(middle - low)
