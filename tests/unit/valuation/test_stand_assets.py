"""Trees by the method of their age group, a hectare at a time."""

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, UnitError
from ecogis.core.findings import Findings
from ecogis.valuation import TimberTerms, stand_assets, stand_assets_by_age

FIR = TimberTerms(
    0.1,
    20,
    price_cny_m3=1000.0,
    cost_cny_m3=300.0,
    profit_share=0.1,
    outturn=0.5,
    planting_cny_ha=(5000.0, 1000.0),
    yearly_cny_ha=100.0,
)


def stand(name="S1", **changed):
    row = {
        "stand": name,
        "species": "杉木",
        "site_class": "planted",
        "age_group": "mature",
        "age_yr": 21.0,
        "area_ha": 2.0,
        "standing_volume": 100.0,
        "final_volume": 110.0,
    }
    return row | changed


def valued(*rows, terms=None):
    findings = Findings()
    found = stand_assets(pd.DataFrame(rows), {"杉木": FIR} if terms is None else terms, findings)
    return found, findings


@pytest.mark.parametrize("group", ["near_mature", "mature", "over_mature"])
def test_older_stands_by_the_market_price_backward(group):
    """100 m3, half of it timber: 50 x (1000 - 300 - 100) = 30,000 a hectare."""
    found, _ = valued(stand(age_group=group))
    assert found["method"].item() == "stumpage"
    assert found["value_cny_ha"].item() == pytest.approx(30_000)
    assert found["value_fen"].item() == 6_000_000


def test_middle_aged_stands_by_what_the_harvest_will_bring():
    """Harvest in a year of 110 m3: 33,000 / 1.1, less 100 at the end of this year and the next."""
    found, _ = valued(stand(age_group="middle", age_yr=19.0))
    assert found["method"].item() == "harvest"
    assert found["value_cny_ha"].item() == pytest.approx(30_000 - 100 / 1.1 - 100 / 1.21)


def test_young_stands_by_what_they_have_cost():
    """5,000, 1,000 and 100 in three years: 5,000 x 1.331 + 1,000 x 1.21 + 100 x 1.1."""
    found, _ = valued(stand(age_group="young", age_yr=3.0))
    assert found["method"].item() == "replacement"
    assert found["value_cny_ha"].item() == pytest.approx(6655 + 1210 + 110)


def test_bamboo_by_its_steady_income_at_any_age():
    terms = {"毛竹": TimberTerms(0.05, income_cny_ha=500.0)}
    found, findings = valued(stand(species="毛竹", age_group=None, age_yr=None), terms=terms)
    assert found[["method", "value_cny_ha"]].to_numpy().tolist() == [["income", 10_000.0]]
    assert findings.count() == 0


@pytest.mark.parametrize(
    "changed",
    [
        {"species": "桉树"},
        {"species": None},
        {"age_group": None},
        {"age_group": "young", "age_yr": None},
        {"age_group": "middle", "age_yr": 25.0},
        {"age_group": "middle", "age_yr": 10.0, "final_volume": float("nan")},
        {"standing_volume": float("nan")},
    ],
)
def test_what_is_not_known_is_told_and_has_no_value(changed):
    found, findings = valued(stand(**changed))
    assert found["value_fen"].isna().all()
    assert found["method"].item() == ""
    told = findings.table()
    assert told["code"].tolist() == ["E884"]
    assert told["area_ha"].item() == 2.0


def test_stands_not_valued_are_told_once_a_species():
    _, findings = valued(*(stand(f"S{n}", species="桉树") for n in range(3)))
    assert findings.count("E884") == 1
    assert findings.table()["observed"].item() == "3"


def test_a_fall_from_one_age_group_to_the_next_is_told_once():
    """Young ones cost more than the harvest of the middle-aged brings: PC9."""
    _, findings = valued(
        stand("S1", age_group="young", age_yr=9.0),
        stand("S2", age_group="middle", age_yr=12.0, final_volume=20.0),
        stand("S3", age_group="middle", age_yr=12.0, final_volume=10.0),
    )
    assert findings.table()["code"].tolist() == ["E862"]
    assert "杉木 中龄林" in findings.table()["message_zh"].item()


def test_single_stands_of_one_age_group_may_differ():
    _, findings = valued(stand("S1"), stand("S2", age_yr=30.0, standing_volume=50.0))
    assert findings.count() == 0


def test_sums_by_age_group_keep_every_hectare():
    found, _ = valued(stand("S1"), stand("S2"), stand("S3", age_group="young", age_yr=3.0),
                      stand("S4", species="桉树"))  # fmt: skip
    table = stand_assets_by_age(found)
    assert table["age_group"].tolist() == ["young", "mature", "mature"]
    assert table["area_ha"].sum() == 8.0
    assert table["stands"].sum() == 4
    assert table["value_fen"].sum() == found["value_fen"].sum()
    assert table.loc[table["method"] == "", "value_fen"].isna().all()


def test_a_return_of_nothing_or_of_percents_is_refused():
    with pytest.raises(ConfigError, match="E532"):
        TimberTerms(0.0)
    with pytest.raises(UnitError, match="E007"):
        TimberTerms(5.0)
