"""Area times rate, by hand."""

from datetime import date
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import VocabularyError
from ecogis.core.findings import Findings
from ecogis.crediting import area_stocks
from ecogis.methods import Given, methodology, supplied_numbers

DAY = date(2026, 8, 31)
START = date(2025, 1, 1)
INSTANTS = [date(2024, 1, 1), START, date(2025, 7, 2), date(2026, 1, 1), date(2027, 1, 1)]
RATE = "t CO2e ha-1 yr-1"
MANGROVE = methodology("CCER-14-002-V01")
STANDS = pd.DataFrame(
    {
        "stand": ["A", "B"],
        "area_dm2": [1_000_000, 2_500_000],
        "species": ["秋茄", "无瓣海桑"],
        "planting_year": pd.array([2020, 2026], dtype="Int64"),
    }
)


def numbers(biomass, soil=2.0):
    given = {name: Given(accept=True, because="by analogy") for name in MANGROVE.supplied}
    said = {"unit": RATE, "source": "test", "because": "test", "confidence": "assumed"}
    given["mangrove_biomass_rate"] = Given(by=biomass, **said)
    given["mangrove_soil_rate"] = Given(value=soil, **said)
    return supplied_numbers(MANGROVE, given)


def gained(stands=STANDS, biomass=None, findings=None, instants=INSTANTS):
    made = area_stocks(
        stands,
        MANGROVE,
        numbers(biomass or {"秋茄": 6.0, "无瓣海桑": 10.0}),
        instants=instants,
        start=START,
        date=DAY,
        findings=Findings() if findings is None else findings,
    )
    assert made.dtype == np.int64
    return made.to_numpy().tolist()


def test_rates_are_added_and_nothing_arises_before_the_start_or_the_planting():
    # A: 1 ha at 8 t; 182 of 365 days = 3.989 t. B: 2.5 ha at 12 t, planted in 2026
    assert gained() == [[0, 0, 3_989, 8_000, 16_000], [0, 0, 0, 0, 30_000]]


def test_a_year_of_planting_that_is_not_on_record_holds_nothing_back():
    bare = STANDS.drop(columns="planting_year")
    assert gained(bare)[1] == [0, 0, 14_959, 30_000, 60_000]
    unknown = STANDS.assign(planting_year=pd.array([None, None], dtype="Int64"))
    assert gained(unknown) == gained(bare)


def test_instants_wanted_do_not_change_the_others():
    few = [START, date(2027, 1, 1)]
    assert [row[-1] for row in gained(instants=few)] == [row[-1] for row in gained()]


def test_a_species_without_one_of_the_rates_gains_nothing_at_all_and_is_told():
    findings = Findings()
    found = gained(biomass={"秋茄": 6.0}, findings=findings)
    assert found == [gained()[0], [0] * 5]  # its soil's rate is known, and does not count
    row = findings.table().iloc[0]
    assert (row["code"], row["feature"], row["observed"]) == ("E702", "B", "无瓣海桑")
    assert row["area_ha"] == pytest.approx(2.5)
    assert "mangrove_biomass_rate" in row["remedy_en"]


def test_columns_a_rate_is_looked_up_by_must_be_there():
    with pytest.raises(VocabularyError, match="species"):
        gained(STANDS.drop(columns="species"))


def by_age(rates, stands, tmp_path):
    library = files("ecogis.methods").joinpath("library", "methodologies")
    text = library.joinpath("ccer-14-002-v01-2023.toml").read_text("utf-8")
    text = text.replace('by = ["species"]', 'by = ["species", "age_yr"]')
    text = text.replace('edition = "2023"', 'edition = "by-age"')
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    method = methodology("own.toml", folder=tmp_path)
    given = {name: Given(accept=True, because="by analogy") for name in method.supplied}
    said = {"unit": RATE, "source": "test", "because": "test", "confidence": "assumed"}
    given["mangrove_biomass_rate"] = Given(by=rates, **said)
    given["mangrove_soil_rate"] = Given(value=0.0, **said)
    findings = Findings()
    made = area_stocks(
        stands,
        method,
        supplied_numbers(method, given),
        instants=[date(year, 1, 1) for year in (2025, 2026, 2027)],
        start=START,
        date=DAY,
        findings=findings,
    )
    return made.to_numpy().tolist(), findings


def test_rates_by_age_hold_from_the_lower_age_of_their_band(tmp_path):
    rates = {"秋茄/0": 1.0, "秋茄/6": 4.0, "无瓣海桑/0": 10.0, "无瓣海桑/20": 20.0}
    # A is 5 years old in 2025 and 6 in 2026; B is planted in 2026
    found, findings = by_age(rates, STANDS, tmp_path)
    assert found == [[0, 1_000, 5_000], [0, 0, 25_000]]
    assert findings.count() == 0


def test_an_age_that_is_not_known_or_below_every_band_has_no_rate(tmp_path):
    stands = STANDS.assign(planting_year=pd.array([None, 2024], dtype="Int64"))
    rates = {"秋茄/0": 1.0, "无瓣海桑/2": 10.0}
    found, findings = by_age(rates, stands, tmp_path)
    assert found == [[0, 0, 0], [0, 0, 0]]  # B is one year old in 2025
    assert findings.table()["feature"].tolist() == ["A", "B"]
    older = stands.assign(planting_year=pd.array([2025, 2023], dtype="Int64"))
    found, findings = by_age(rates, older, tmp_path)
    assert found == [[0, 1_000, 2_000], [0, 25_000, 50_000]]
    assert findings.count() == 0


def test_no_rate_is_asked_for_the_years_before_the_planting(tmp_path):
    stands = STANDS.assign(planting_year=pd.array([2020, 2030], dtype="Int64"))
    found, findings = by_age({"秋茄/0": 1.0, "无瓣海桑/2": 10.0}, stands, tmp_path)
    assert found[1] == [0, 0, 0]
    assert findings.count() == 0


def test_stocks_say_which_stands_have_their_rates():
    made = area_stocks(
        STANDS,
        MANGROVE,
        numbers({"秋茄": 6.0}),
        instants=INSTANTS,
        start=START,
        date=DAY,
        findings=Findings(),
    )
    assert made["rated"].to_numpy().tolist() == [True, False]
