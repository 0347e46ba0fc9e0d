"""Stock and change from plots."""

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.crediting.estimates import plot_change, plot_stock
from ecogis.crediting.margins import difference
from ecogis.crediting.sampling import t_value
from ecogis.numerics import normals

STRATA = pd.DataFrame({"stratum": ["B", "A"], "area_dm2": [70_000_000, 30_000_000]})


def plots(**values):
    rows = [(f"{name}{i}", name, v) for name, row in values.items() for i, v in enumerate(row)]
    return pd.DataFrame(rows, columns=["plot", "stratum", "stock_t_ha"])


PLOTS = plots(A=[10.0, 14.0, 12.0], B=[5.0, 7.0])


def stock(table=PLOTS, strata=STRATA, findings=None, **options):
    findings = Findings() if findings is None else findings
    return plot_stock(table, strata, findings, confidence=options.pop("confidence", 0.9), **options)


def codes(findings):
    return findings.table()["code"].tolist()


def test_mean_error_and_total_by_hand():
    found = stock()
    assert found.strata["stratum"].tolist() == ["A", "B"]
    assert found.strata["stock_t_ha"].tolist() == [12.0, 6.0]
    assert found.strata["deviation_t_ha"].tolist() == pytest.approx([2.0, 2.0**0.5])
    variance = 0.09 * 4 / 3 + 0.49 * 1.0
    whole = found.whole
    assert whole.stock_t_ha == pytest.approx(7.8)
    assert whole.standard_error_t_ha == pytest.approx(variance**0.5)
    assert whole.degrees == 3
    assert whole.margin_t_ha == pytest.approx(t_value(0.9, 3) * variance**0.5)
    assert (whole.co2e_kg, found.strata["co2e_kg"].tolist()) == (780_000, [360_000, 420_000])
    assert whole.margin_kg == np.ceil(whole.margin_t_ha * 100_000)
    assert not stock().domains


def test_what_is_sampled_has_no_error():
    all_of_it = STRATA.assign(area_dm2=[200_000, 300_000])
    found = stock(strata=all_of_it, plot_area_m2=1_000.0)
    assert found.whole.margin_t_ha == 0.0
    half = stock(strata=all_of_it, plot_area_m2=500.0).whole
    assert half.standard_error_t_ha == pytest.approx(
        0.5**0.5 * stock(strata=all_of_it).whole.standard_error_t_ha
    )


def test_domains_are_sums_of_strata():
    strata = pd.DataFrame(
        {"stratum": ["A", "B", "C"], "area_dm2": [3 * 10**7, 7 * 10**7, 10**7]}
    ).assign(domain=["杉木", "木荷", None])
    table = pd.concat([PLOTS, plots(C=[1.0, 3.0])])
    found = stock(table, strata)
    assert set(found.domains) == {"杉木", "木荷", "not_stated"}
    assert found.domains["杉木"].stock_t_ha == 12.0
    assert sum(each.co2e_kg for each in found.domains.values()) == found.whole.co2e_kg
    assert found.domains["木荷"].margin_t_ha == pytest.approx(t_value(0.9, 1) * 1.0)


def test_satterthwaite_weighs_strata_of_unlike_variance():
    found = stock(freedom="satterthwaite").whole
    parts = np.array([0.09 * 4 / 3, 0.49 * 1.0])
    assert found.degrees == pytest.approx(parts.sum() ** 2 / (parts**2 / [2, 1]).sum())
    assert found.degrees < stock().whole.degrees
    alike = plots(A=[4.0, 4.0], B=[4.0, 4.0])
    assert stock(alike, freedom="satterthwaite").whole.degrees == 2


def test_plots_that_cannot_be_used_are_told_and_left_out():
    bad = pd.DataFrame(
        {
            "plot": ["x1", "x2", "x3", "x4", "x5", "x6", "x7", "x7", None],
            "stratum": ["Z", None, "A", "A", "A", "A", "B", "B", "B"],
            "stock_t_ha": [1.0, 1.0, None, -1.0, np.inf, "?", 1.0, 1.0, 1.0],
        }
    )
    findings = Findings()
    found = stock(pd.concat([PLOTS, bad]), findings=findings)
    assert codes(findings) == ["E754"] * 2 + ["E755"] * 4 + ["E756"] * 3
    assert (findings.table()["action"] == "excluded").all()
    assert found.whole == stock().whole


def test_one_plot_tells_no_error_and_none_no_stock():
    findings = Findings()
    one = stock(plots(A=[10.0, 12.0], B=[5.0]), findings=findings)
    assert codes(findings) == ["E757"]
    assert one.whole.co2e_kg == 680_000
    assert one.whole.margin_kg is None
    assert np.isnan(one.whole.relative_margin)
    none = stock(plots(A=[10.0, 12.0]), findings=findings)
    assert none.whole.co2e_kg is None
    assert np.isnan(none.whole.stock_t_ha)
    assert none.strata["co2e_kg"].isna().tolist() == [False, True]


def test_a_stratum_without_land_changes_nothing():
    strata = pd.concat([STRATA, pd.DataFrame({"stratum": ["Z"], "area_dm2": [0]})])
    findings = Findings()
    assert stock(strata=strata, findings=findings).whole == stock().whole
    assert not findings.count()


def test_bare_land_has_a_margin_of_nothing():
    whole = stock(plots(A=[0.0, 0.0], B=[0.0, 0.0])).whole
    assert (whole.relative_margin, whole.co2e_kg) == (0.0, 0)


def test_order_of_rows_changes_nothing():
    assert stock(PLOTS.iloc[::-1], STRATA.iloc[::-1]).whole == stock().whole


@pytest.mark.parametrize(
    ("strata", "options"),
    [
        (STRATA.assign(area_dm2=[None, 1]), {}),
        (STRATA.assign(area_dm2=[-1, 1]), {}),
        (STRATA.assign(area_dm2=0), {}),
        (STRATA.assign(stratum=["A", "A"]), {}),
        (STRATA.assign(stratum=["A", None]), {}),
        (STRATA, {"freedom": "many"}),
        (STRATA, {"plot_area_m2": 0.0}),
        (STRATA, {"confidence": 90.0}),
    ],
)
def test_arguments_that_do_not_fit(strata, options):
    with pytest.raises(ConfigError) as caught:
        stock(strata=strata, **options)
    assert caught.value.code == "E753"


LATER = PLOTS.assign(stock_t_ha=[15.0, 20.0, 16.0, 9.0, 13.0])


def change(earlier=PLOTS, later=LATER, findings=None):
    findings = Findings() if findings is None else findings
    return plot_change(earlier, later, STRATA, findings, confidence=0.9)


def test_permanent_plots_are_compared_with_themselves():
    found = change()
    assert found.strata["stock_t_ha"].tolist() == [5.0, 5.0]
    first, second = [10.0, 14.0, 12.0], [15.0, 20.0, 16.0]
    assert found.strata["covariance"].iloc[0] == pytest.approx(np.cov(first, second)[0, 1])
    assert found.strata["deviation_earlier_t_ha"].iloc[0] == pytest.approx(np.std(first, ddof=1))
    assert found.strata["deviation_later_t_ha"].iloc[0] == pytest.approx(np.std(second, ddof=1))
    assert found.whole.standard_error_t_ha**2 == pytest.approx(0.09 * 1 / 3 + 0.49 * 2 / 2)
    assert found.whole.co2e_kg == 500_000


def test_what_plots_share_cancels():
    apart = difference(stock().whole, stock(LATER).whole)
    assert apart.stock_t_ha == pytest.approx(change().whole.stock_t_ha)
    assert apart.co2e_kg == change().whole.co2e_kg
    assert apart.margin_t_ha > change().whole.margin_t_ha
    assert apart.plots == 10


def test_an_unknown_stock_gives_no_difference():
    unknown = stock(plots(A=[10.0, 12.0])).whole
    found = difference(unknown, stock().whole)
    assert (found.co2e_kg, found.margin_kg) == (None, None)
    assert np.isnan(found.relative_margin)


def test_plots_measured_once_and_plots_that_moved():
    later = LATER.assign(stratum=["A", "A", "B", "B", "B"]).iloc[1:]
    findings = Findings()
    found = change(later=later, findings=findings)
    assert codes(findings) == ["E757", "E760", "E761"]
    table = findings.table()
    assert table["feature"].tolist() == ["A", "A2", "A0"]
    assert "stratum A and counts in B" in table["message_en"].iloc[1]
    assert found.strata["plots"].tolist() == [1, 3]


def test_no_change_at_all_has_no_relative_margin_but_nought():
    assert change(later=PLOTS).whole.relative_margin == 0.0
    swapped = PLOTS.assign(stock_t_ha=[14.0, 10.0, 12.0, 7.0, 5.0])
    assert change(later=swapped).whole.relative_margin == np.inf


def test_the_interval_covers_the_truth_as_often_as_it_says():
    """150 samples of two strata, 9 and 6 plots: 90 % give or take 3.3 binomial deviations."""
    z = normals(20, [f"sample {i}" for i in range(150)], "plots", 15)
    truth = 0.3 * 200 + 0.7 * 100
    names = [f"A{i}" for i in range(9)] + [f"B{i}" for i in range(6)]
    held = 0
    for draw in z:
        values = np.r_[200 + 30 * draw[:9], 100 + 30 * draw[9:]]
        table = pd.DataFrame(
            {"plot": names, "stratum": [n[0] for n in names], "stock_t_ha": values}
        )
        whole = stock(table).whole
        held += abs(whole.stock_t_ha - truth) <= whole.margin_t_ha
    assert abs(held - 135) <= 3.3 * (150 * 0.9 * 0.1) ** 0.5
