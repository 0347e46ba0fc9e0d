"""Supply and use, two years, and the borrower's land."""

import pandas as pd
import pytest

from ecogis import services
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings


@pytest.fixture
def water(land, everywhere, accounted, price_set):
    def made(depth, year=2026, **price):
        quantities = land(everywhere(retention_mm=depth))
        return accounted(quantities, year=year, prices=price_set(year=year, **price))

    return made


def test_use_is_supply_to_the_fen(water):
    """I09."""
    shares = {"water": {"households": 1 / 3, "industry": 1 / 3, "agriculture": 1 / 3}}
    found = services.supply_use(water(33.333), shares)
    assert found.supply["value_fen"].sum() == found.use["value_fen"].sum()
    assert found.supply["quantity_milli"].sum() == found.use["quantity_milli"].sum()
    assert found.supply["ecosystem"].tolist() == ["forest", "shrubland"]
    assert found.use["user"].tolist() == ["households", "industry", "agriculture"]
    assert found.use["value_fen"].max() - found.use["value_fen"].min() <= 1


def test_a_part_nobody_claims_goes_to_its_user(water):
    assert services.supply_use(water(10.0)).use["user"].tolist() == ["government"]


@pytest.mark.parametrize("shares", [{"banks": 1.0}, {"industry": 0.5}, {"industry": 1.5}])
def test_users_and_shares_are_looked_at(water, shares):
    with pytest.raises(ConfigError, match="E002"):
        services.supply_use(water(10.0), {"water": shares})


def test_an_empty_account_has_an_empty_table(accounted):
    found = services.supply_use(accounted(services.stacked([])))
    assert (len(found.supply), len(found.use)) == (0, 0)


def test_two_years_by_hand(water):
    """3 ha: 100 to 120 mm, price 7.06 to 10.59: 600 m3 at the mean 8.825, 3,300 m3 at +3.53."""
    before = water(100.0, year=2025, index={2010: 1.0, 2025: 1.0})
    after = water(120.0, year=2026, index={2010: 1.0, 2026: 1.5})
    row = services.compared(before, after).iloc[0]
    assert (row["value0_fen"], row["value1_fen"]) == (2_118_000, 3_812_400)
    assert row["quantity_effect_fen"] == 529_500
    assert row["price_effect_fen"] == 1_164_900
    assert row["coverage_fen"] == 0


def test_what_one_year_does_not_have_is_coverage(water, land, everywhere, accounted, price_set):
    given = everywhere(retention_mm=100.0, soil_retained_t_ha=10.0, soil_nitrogen=0.002)
    both = accounted(land(given), prices=price_set())
    found = services.compared(water(100.0, year=2025), both).set_index("part")
    assert found.loc["nitrogen", "coverage_fen"] == 3 * 1_750
    assert found.loc["nitrogen", ["quantity_effect_fen", "price_effect_fen"]].tolist() == [0, 0]


def test_tonnes_and_kilograms_of_two_years_are_one_product(record, accounted):
    """1,000 t at 3 CNY/kg, then 1,200,000 kg: 200 t more at the same price."""
    line = ("products", "crops")
    about = {"product": "稻谷", "township": "T1"}
    old = record((*line, 1_000.0, "t", {"price_cny": 3_000.0, **about})).quantities
    new = record((*line, 1_200_000.0, "kg", {"price_cny": 3.0, **about})).quantities
    for first, last in ((old, new), (old.assign(unit="t"), old)):
        found = services.compared(accounted(first, year=2025), accounted(last, year=2026))
        assert len(found) == 1
        assert found["coverage_fen"].tolist() == [0]
    found = services.compared(accounted(old, year=2025), accounted(new, year=2026)).iloc[0]
    assert (found["unit"], found["quantity0_milli"]) == ("kg", 1_000_000_000)
    assert (found["quantity_effect_fen"], found["price_effect_fen"]) == (60_000_000, 0)
    length = new.assign(unit="km")
    apart = services.compared(accounted(old, year=2025), accounted(length, year=2026))
    assert sorted(apart["unit"]) == ["km", "t"]


def test_the_second_year_comes_second(water):
    with pytest.raises(ConfigError, match="E002"):
        services.compared(water(1.0), water(1.0))


def test_at_no_rate_the_value_is_years_times_the_yearly(water):
    """PC13: the limit, not a division by nought."""
    made = water(100.0)
    land = pd.Series({"S1": 0.5})
    found = services.vep(made, land, {"water_retention": 0.1}, years=20, rate=0.0)
    assert (found.yearly_fen, found.value_fen) == (35_300, 20 * 35_300)
    near = services.vep(made, land, {"water_retention": 0.1}, years=20, rate=1e-9)
    assert near.value_fen == pytest.approx(found.value_fen, abs=1)


def test_present_value_by_hand(water):
    """353 CNY at the end of each of two years at 10 %: 353/1.1 + 353/1.21 = 612.64."""
    found = services.vep(
        water(100.0), pd.Series({"S1": 0.5}), {"water_retention": 0.1}, years=2, rate=0.1
    )
    assert found.value_fen == 61_264


def test_what_nobody_pays_for_has_no_value_to_a_borrower(water):
    found = services.vep(water(100.0), pd.Series({"S1": 1.0}), {}, years=2, rate=0.1)
    assert (found.table["yearly_fen"].sum(), found.value_fen) == (706_000, 0)


def test_a_term_without_years_is_refused(water):
    with pytest.raises(ConfigError, match="E002"):
        services.vep(water(1.0), pd.Series(dtype=float), {}, years=0, rate=0.1)


def test_pc10_cover_is_told_as_seen(water):
    findings = Findings()
    value = services.vep(
        water(100.0), pd.Series({"S1": 1.0}), {"water_retention": 1.0}, years=1, rate=0.0
    )
    assert services.observed_cover(value, 1_412_000, findings) == 2.0
    assert findings.table()[["code", "severity"]].to_numpy().tolist() == [["E496", "note"]]
    nothing = services.vep(water(100.0), pd.Series(dtype=float), {}, years=1, rate=0.0)
    assert services.observed_cover(nothing, 100, findings) is None
