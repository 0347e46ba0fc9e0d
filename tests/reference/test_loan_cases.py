"""Published carbon loans and projects: does the arithmetic of the source come out?

Each row is transcribed with its source; expected figures are as printed, and the tolerance is half
of the last printed digit unless the product is exact.
"""

from dataclasses import dataclass

import pytest

from ecogis.core.findings import Findings
from ecogis.valuation import (
    area_payment,
    cny,
    cover,
    fen,
    mean_rate,
    quantity_value,
    undiscounted_value,
)


@dataclass(frozen=True)
class Contract:
    """Area in mu, t per mu and year, years; tonnes as printed."""

    area_mu: int
    rate: str
    years: str
    tonnes: int
    source: str


CONTRACTS = {
    "安吉 毛竹 2021": Contract(1030, "0.39", "17.54", 7045, "taiwan.cn 2021-08-08"),
    "宜兴 茶园": Contract(1457, "0.22", "9.82", 3147, "wxredian 6f1eb747; printed as 3,149"),
}


@pytest.mark.parametrize("case", CONTRACTS.values(), ids=CONTRACTS)
def test_tonnes_of_a_contract(case):
    assert undiscounted_value(case.area_mu, case.rate, case.years, 0).tonnes == case.tonnes


@pytest.mark.parametrize(
    ("tonnes", "price", "value", "source"),
    [
        (7045, "52.78", "371835.10", "Anji at the first national trade, 2021-07-16"),
        (5913, "336", "1986768.00", "恩平 mangrove, 南都 2024-11-20"),
        ("12504.14", "100", "1250414.00", "东台 wetland, 10jqka 2025-03-31"),
        (15_380_000, "35", "538300000.00", "郧阳, cshrdq 5648 (printed 538 M)"),
        (13_319, "17.06", "227222.14", "梯面 碳普惠 (printed 227,222; recalled)"),
        (1448, "36", "52128.00", "前锋村 碳普惠, people.cn 2020-07-07"),
    ],
)
def test_tonnes_times_price(tonnes, price, value, source):
    assert quantity_value(tonnes, price) == fen(value), source


def test_anji_loan_2021():
    """1,030 mu x 0.39 t x 17.54 yr; 371,900 and a loan of 370,000 are printed (taiwan.cn)."""
    anji = undiscounted_value("1030", "0.39", "17.54", "52.78")
    assert str(anji.tonnes_exact.normalize()) == "7045.818"
    assert (anji.tonnes, cny(anji.value_fen)) == (7045, cny(37_183_510))
    # the printed 371,900 is the same quantity at 52.79, one fen a tonne above the first trade
    assert quantity_value(7045, "52.79") == fen("371905.55")
    # the bank lent 99.5 % of an undiscounted value, with no cost and no risk taken off
    ratio = cover(fen(371_900), fen(370_000), subject="L01", findings=Findings())
    assert 1 / ratio == pytest.approx(0.995, abs=5e-4)


def test_anji_storage_contract():
    """5,425 mu x 16.926 CNY x 3 yr = 275,470.65; 27.55 万 was paid (p-72734575)."""
    assert cny(area_payment(5425, "16.926", 3)) == cny(27_547_065)
    # 16.926 CNY a mu is 0.39 t at 43.40 CNY/t: fractions of a tonne are paid for
    assert quantity_value("6347.25", "43.40") == 27_547_065
    assert undiscounted_value(5425, "0.39", 3, "43.40").value_fen == fen("275459.80")


def test_wuning_totals_disagree():
    """6,317 t/yr over 20 yr is 126,340 t; 127,400 is printed beside an income of 20 M CNY."""
    assert 6317 * 20 == 126_340
    assert quantity_value(126_340, "158.30") == fen("19999622")
    assert quantity_value(127_400, "157") == fen("20001800")


def test_yixing_tea_is_not_borne_by_carbon():
    """3,147 t by the stated factors (3,149 printed), about 0.2 M CNY, beside a loan of 10 M."""
    findings = Findings()
    value = undiscounted_value(1457, "0.22", "9.82", "60").value_fen
    assert cover(value, fen(10_000_000), subject="L03", findings=findings) < 0.02
    assert findings.table()["code"].tolist() == ["E536"]


def test_yunyang_claim_is_a_stock():
    """15.38 Mt on 6,000 mu (400 ha) over 30 yr would be 1,282 t/ha/yr."""
    findings = Findings()
    rate = mean_rate(15_380_000, 400, 30, subject="L09", explain_above=13, findings=findings)
    assert rate == pytest.approx(1281.7, abs=0.05)
    assert findings.table()["code"].tolist() == ["E537"]


@dataclass(frozen=True)
class Project:
    """Total tonnes, hectares, years; t per ha and year as printed or derived, its digits."""

    tonnes: float
    area_ha: float
    years: float
    rate: float
    digits: int
    explained: bool
    source: str


PROJECTS = {
    "P01 长隆": Project(347_000, 866.7, 20, 20.0, 1, False, "handmsg 12826843"),
    "P02 潮阳": Project(60_610, 200, 20, 15.15, 2, False, "forestry.gov.cn thjj 354993"),
    "P03 宣恩": Project(1_374_517, 1480, 20, 46.4, 1, False, "carbontree.com.cn Bid=10091"),
    "P04 武宁": Project(126_340, 1386.7, 20, 4.56, 2, True, "5dxc.com 719451"),
    "P06 CDM 0547": Project(773_842, 4000, 30, 6.45, 2, True, "biocarbonfund node/50"),
    "P07 CDM 3561": Project(1_746_158, 8671, 20, 10.07, 2, False, "biocarbonfund node/64"),
    "P08 CDM 2700": Project(460_603, 2251.8, 20, 10.23, 2, False, "docslib 9141987"),
    "P09 湛江": Project(160_000, 380, 40, 10.53, 2, False, "fz.tudiw.org.cn 129783"),
    "P12 安吉": Project(7_045, 68.67, 17.54, 5.85, 2, True, "taiwan.cn"),
    "P15 前锋": Project(1_448, 456.3, 1, 3.17, 2, True, "people.cn 2020-07-07 (whole window)"),
}


@pytest.mark.parametrize("case", PROJECTS.values(), ids=PROJECTS)
def test_mean_rate_of_a_project(case):
    findings = Findings()
    rate = mean_rate(
        case.tonnes, case.area_ha, case.years, subject=case.source, explain_above=8,
        findings=findings,
    )  # fmt: skip
    assert rate == pytest.approx(case.rate, abs=0.5 * 10**-case.digits + 1e-9)
    assert findings.count("E537") == (not case.explained)


@pytest.mark.parametrize(
    ("loan_cny", "value_cny", "share", "source"),
    [
        (3_000_000, 20_000_000, "15 %", "L04 武宁"),
        (12_000_000, 71_870_000, "16.7 %", "L05 宁洱, loan"),
        (5_920_000, 71_870_000, "8.2 %", "L05 宁洱, lower bound"),
    ],
)
def test_loan_over_value(loan_cny, value_cny, share, source):
    ratio = cover(fen(value_cny), fen(loan_cny), subject=source, findings=Findings())
    digits = len(share.removesuffix(" %").partition(".")[2])
    assert f"{100 / ratio:.{digits}f} %" == share


def test_transcribed_cases_are_those_of_the_table(shared_tables):
    """The transcription above against the table of facts, where it lies beside the project."""
    import pandas as pd

    loans = pd.read_csv(shared_tables / "loan_cases.csv").set_index("id")
    anji, yixing = loans.loc["L01"], loans.loc["L03"]
    for row, case in ((anji, CONTRACTS["安吉 毛竹 2021"]), (yixing, CONTRACTS["宜兴 茶园"])):
        assert float(row["area_mu"]) == case.area_mu
        assert float(row["rate_t_per_mu_yr"]) == float(case.rate)
        assert float(row["years"]) == float(case.years)
    projects = pd.read_csv(shared_tables / "project_examples.csv").set_index("id")
    for name, case in PROJECTS.items():
        assert float(projects.loc[name.split()[0], "area_ha"]) == pytest.approx(case.area_ha)
