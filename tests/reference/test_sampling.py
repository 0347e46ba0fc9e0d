"""Sampling against printed numbers, and against the numbers of its page in the docs.

Sources: AR-TOOL14 version 04.2 and F. Freese, "Elementary forest sampling," USDA Agriculture
Handbook 232, 1962, as read in public extracts; FSH 2409.12, "Timber cruising handbook," USDA, 2000,
read in an extract; S. Lohr, "Sampling: design and analysis," example 3.2 (means, variance of West
and two errors as in the tests of a public package, the other figures recalled), and W. G. Cochran,
"Sampling techniques," 3rd ed., 1977, the 64 cities of chapter 5 (recalled; the figures fit each
other).
"""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecogis.core.findings import Findings
from ecogis.crediting.deduction import deduction, deduction_table, discounted_kg
from ecogis.crediting.estimates import plot_change, plot_stock
from ecogis.crediting.margins import difference
from ecogis.crediting.sampling import _divided, _Expected, sample_design, t_value
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
PAGE = Path(__file__).parents[2] / "docs" / "method-notes" / "sampling.md"
AR_CM = parameters("uncertainty-deductions-ar-cm")
AR_TOOL14 = parameters("uncertainty-deductions-ar-tool14")


def page_table(first):
    """Rows of the page's table whose head begins with a word, by their first cell."""
    blocks = re.findall(r"(?:^\|.*\|\n)+", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    for block in blocks:
        head, _, *rows = [
            [c.strip() for c in line.strip("|").split("|")] for line in block.split("\n")[:-1]
        ]
        if head[0] == first:
            return {row[0]: dict(zip(head, row, strict=True)) for row in rows}
    raise AssertionError(first)


def close(text, value):
    """Whether a value is what is printed, to its last digit."""
    digits = len(text.partition(".")[2])
    return abs(Decimal(text) - Decimal(repr(float(value)))) <= Decimal(10) ** -digits / 2


GIVEN = page_table("stratum")
STRATA = pd.DataFrame(
    {
        "stratum": list(GIVEN),
        "area_dm2": [int(row["area ha"]) * 1_000_000 for row in GIVEN.values()],
    }
)
VALUES = {name: [float(v) for v in row["plots t CO2e ha-1"].split()] for name, row in GIVEN.items()}
PLOTS = pd.DataFrame(
    [(f"{name}{i}", name, value) for name, row in VALUES.items() for i, value in enumerate(row)],
    columns=["plot", "stratum", "stock_t_ha"],
)


def stock_of_the_page():
    return plot_stock(PLOTS, STRATA, Findings(), confidence=0.9)


def test_the_pages_stock():
    found = stock_of_the_page()
    for name, row in GIVEN.items():
        values = np.array(VALUES[name])
        squares = ((values - values.mean()) ** 2).sum()
        assert close(row["mean"], values.mean())
        assert close(row["variance of the mean"], squares / (len(values) - 1) / len(values))
    printed = {name: row["value"] for name, row in page_table("result").items()}
    whole = found.whole
    assert close(printed["mean"], whole.stock_t_ha)
    assert close(printed["standard error"], whole.standard_error_t_ha)
    assert close(printed["degrees of freedom"], whole.degrees)
    assert close(printed["t"], t_value(0.9, 7))
    assert close(printed["margin"], whole.margin_t_ha)
    assert close(printed["relative margin"], whole.relative_margin)
    assert whole.co2e_kg == int(printed["total t"]) * 1000
    assert whole.co2e_kg == found.strata["co2e_kg"].sum()


def test_the_pages_design():
    pilot = stock_of_the_page().strata
    for allocation, row in page_table("design").items():
        sample = sample_design(
            pilot, plot_area_m2=600, relative_error=0.1, confidence=0.9, allocation=allocation
        )
        assert str(sample.plots) == row["plots"]
        assert sample.table.set_index("stratum")["plots"].astype(str).to_dict() == {
            "A": row["A"],
            "B": row["B"],
        }
        assert sample.relative_margin <= 0.1


def test_the_pages_change():
    first = PLOTS[PLOTS["stratum"] == "B"]
    later = re.search(r"plot by plot: ([\d, ]+)\.", PAGE.read_text(encoding="utf-8"))[1]
    second = first.assign(stock_t_ha=[float(value) for value in later.split(",")])
    strata = STRATA[STRATA["stratum"] == "B"]
    permanent = plot_change(first, second, strata, Findings(), confidence=0.9)
    assert permanent.strata["covariance"].tolist() == pytest.approx([522.5])
    stocks = [
        plot_stock(each, strata, Findings(), confidence=0.9).whole for each in (first, second)
    ]
    printed = page_table("change")
    for name, total in (("permanent", permanent.whole), ("anew", difference(*stocks))):
        assert close(printed[name]["mean"], total.stock_t_ha)
        assert close(printed[name]["margin"], total.margin_t_ha)
        assert close(printed[name]["relative margin"], total.relative_margin)


@pytest.mark.parametrize(("name", "numbers"), [("AR-CM", AR_CM), ("AR-TOOL14", AR_TOOL14)])
def test_the_pages_deductions(name, numbers):
    whole = stock_of_the_page().whole
    share = deduction(whole.relative_margin, deduction_table(numbers, DAY))
    printed = page_table("deduction")[name]
    assert close(printed["share"], share)
    assert close(printed["left t"], discounted_kg(whole.co2e_kg, share) / 1000)


def test_the_pages_grades_are_the_librarys():
    grades = page_table("table")
    tops = {"up to 10 %": 0.1, "up to 15 %": 0.15, "up to 20 %": 0.2, "up to 30 %": 0.3}
    for name, numbers in (("AR-CM", AR_CM), ("AR-TOOL14", AR_TOOL14)):
        table = deduction_table(numbers, DAY)
        for head, top in tops.items():
            words = grades[name][head]
            share = float(words.split()[0]) / 100
            expected = share * top if words.endswith("of it") else share
            assert table.at(top) == pytest.approx(expected), (name, head)
    assert deduction_table(AR_CM, DAY).at(0.31) is None
    assert deduction_table(AR_TOOL14, DAY).at(0.31) == pytest.approx(0.31)


def test_grades_agree_with_those_of_the_methodologys_own_set():
    own = parameters("ar-cm-001-crediting").table("deduction", DAY, "1")
    assert own.tolist() == AR_CM.table("deduction", DAY, "1").tolist()


def test_uncertainty_example_of_ar_tool14():
    """Pages 4 and 5: mean 45.328, n = 34, s = 12.776; SEM 2.191, t 1.692, 3.707, U = 8.18 %."""
    off = 12.776 * (33 / 34) ** 0.5
    values = np.r_[np.full(17, 45.328 - off), np.full(17, 45.328 + off)]
    plots = pd.DataFrame({"plot": np.arange(34), "stratum": "A", "stock_t_ha": values})
    land = pd.DataFrame({"stratum": ["A"], "area_dm2": [10**8]})
    whole = plot_stock(plots, land, Findings(), confidence=0.9).whole
    assert round(whole.standard_error_t_ha, 3) == 2.191
    assert round(t_value(0.9, whole.degrees), 3) == 1.692
    assert round(whole.margin_t_ha, 3) == pytest.approx(3.707, abs=0.0011)  # printed SEM times t
    assert round(100 * whole.relative_margin, 2) == 8.18


def test_discount_example_of_ar_tool14():
    """Appendix 2, page 28: 60 ± 9, a quarter of 9 is 2.25; 57.75 and 62.25."""
    share = deduction(9 / 60, deduction_table(AR_TOOL14, DAY))
    assert discounted_kg(60_000, share) == 57_750
    assert discounted_kg(60_000, share, baseline=True) == 62_250


def test_simple_random_sample_of_freese():
    """Chapter 3: 20 of 100 units; mean 10.7, variance 13.4842, total 1,070, error 0.734."""
    values = [10, 9, 10, 9, 11, 16, 11, 7, 12, 12, 11, 3, 5, 11, 14, 8, 13, 12, 20, 10]
    plots = pd.DataFrame({"plot": range(20), "stratum": "A", "stock_t_ha": values})
    land = pd.DataFrame({"stratum": ["A"], "area_dm2": [100_000_000]})  # 100 units of 1 ha
    found = plot_stock(plots, land, Findings(), confidence=0.95, plot_area_m2=10_000)
    assert found.whole.stock_t_ha == pytest.approx(10.7)
    assert round(found.strata["deviation_t_ha"].iloc[0] ** 2, 4) == 13.4842
    assert round(found.whole.standard_error_t_ha, 3) == 0.734
    assert found.whole.co2e_kg == 1_070_000


def sample_of(mean, variance, number):
    """A sample with just this mean and variance, all but one value alike."""
    low = mean - (variance / number) ** 0.5
    return np.r_[np.full(number - 1, low), number * mean - (number - 1) * low]


def test_stratified_sample_of_lohr():
    """Example 3.2: acres of farmland by county; total 909,736,034, error 50,417,248."""
    rows = {
        "NE": (220, 21, 97_629.8, 7_647_472_708),
        "NC": (1054, 103, 300_504.2, 29_618_183_543),
        "S": (1382, 135, 211_315.0, 53_587_487_856),
        "W": (422, 41, 662_295.5, 396_185_950_266),
    }
    land = pd.DataFrame(
        {"stratum": list(rows), "area_dm2": [row[0] * 1_000_000 for row in rows.values()]}
    )
    plots = pd.concat(
        pd.DataFrame({"stratum": name, "stock_t_ha": sample_of(mean, variance, number)})
        for name, (_, number, mean, variance) in rows.items()
    )
    plots = plots.assign(plot=np.arange(len(plots)))
    found = plot_stock(plots, land, Findings(), confidence=0.95, plot_area_m2=10_000)
    assert found.whole.co2e_kg / 1000 == pytest.approx(909_736_034, abs=100)  # printed means
    assert found.whole.standard_error_t_ha * 3078 == pytest.approx(50_417_248, rel=1e-6)
    errors = found.strata.set_index("stratum")["standard_error_t_ha"]
    assert errors[["NE", "S"]].round(1).tolist() == [18_149.5, 18_925.4]
    assert found.whole.degrees == 296


CITIES = _Expected(
    weight=np.array([16, 48]) / 64,
    mean=np.array([1.0, 1.0]),
    deviation=np.array([53_843, 5_581]) ** 0.5,
    possible=np.array([16.0, 48.0]),
    neyman=True,
)


def test_sixty_four_cities_of_cochran():
    """24 of 64: errors of the total 1,372 with proportional, 1,044 with optimum allocation."""
    size = CITIES.weight * CITIES.deviation
    most = np.array([16, 48])
    assert _divided(24, CITIES.weight, 2, most).tolist() == [6, 18]
    assert _divided(24, size, 2, most).tolist() == [12, 12]
    assert round(64 * CITIES.margin(np.array([6, 18]), 1.0)) == 1372
    assert round(64 * CITIES.margin(np.array([12, 12]), 1.0)) == 1044


def test_cruise_of_the_timber_cruising_handbook():
    """10 % with t = 2 of 1,000 possible plots: 86, divided into 21, 12, 28 and 25.

    The handbook's finite population correction has the square of the sum in both places, so its
    number is a little larger than that of the formula here before rounding.
    """
    weight, cv = np.array([0.3, 0.1, 0.2, 0.4]), np.array([40.0, 65.0, 80.0, 35.0])
    cruise = _Expected(weight, np.full(4, 100.0), cv, 1000.0 * weight, neyman=True)
    assert np.sum(weight * cv) == pytest.approx(48.5)
    assert np.ceil(cruise.needed(2.0, 10.0)) == 86
    most = (1000 * weight).astype(np.int64)
    assert _divided(86, weight * cv, 2, most).tolist() == [21, 12, 28, 25]
