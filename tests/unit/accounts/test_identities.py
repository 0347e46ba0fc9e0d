"""Each identity, broken by one unit in one cell, is refused by name."""

import pandas as pd
import pytest

from ecogis import accounts
from ecogis.accounts import identities
from ecogis.accounts.rows import survey
from ecogis.core.errors import IdentityError

HECTARE_DM2 = 1_000_000


@pytest.fixture
def made():
    before = pd.DataFrame(
        {
            "stand": ["S1", "S2"],
            "township": ["甲镇", "乙镇"],
            "land_class": ["arbor_forest", "barren"],
            "origin": "planted",
            "forest_category": "commercial",
            "age_group": "young",
            "standing_volume": [50.0, 0.0],
            "area_dm2": HECTARE_DM2,
            "co2e_kg": [60_000, 0],
        }
    )
    after = before.assign(
        land_class=["cutover", "arbor_forest"],
        standing_volume=[5.0, 2.0],
        co2e_kg=[6_000, 2_400],
        change_cause=["harvest", "afforestation"],
    )
    pairs = pd.DataFrame({"left": ["S1", "S2"], "right": ["S1", "S2"], "area_dm2": HECTARE_DM2})
    balance = accounts.physical_balance(before, after, pairs=pairs)
    return balance, survey(before, layer="stands_opening"), survey(after, layer="stands")


def nudge(table, line, column, township=""):
    wrong = table.copy()
    at = wrong["township"].eq(township) & wrong["line_code"].eq(line)
    wrong.loc[at, column] += 1
    return wrong


@pytest.mark.parametrize("line", ["T00", "T13", "T21", "T26", "T91", "T90"])
def test_closing(made, line):
    wrong = nudge(made[0].volume, line, "arbor_forest")
    with pytest.raises(IdentityError, match="I01") as refused:
        identities.check_closing(wrong, "I01", "dm3")
    assert refused.value.where["cells"] == "all / arbor_forest"
    assert abs(refused.value.where["difference"]) == 1


def test_moves(made):
    with pytest.raises(IdentityError, match="I04"):
        identities.check_moves(nudge(made[0].volume, "T14", "total"), [("T14", "T26")], "dm3")


def test_additive(made):
    with pytest.raises(IdentityError, match="V3"):
        identities.check_additive(nudge(made[0].area, "A00", "barren", "乙镇"), "dm2")


def test_matrix(made):
    balance, opening, closing = made
    identities.check_matrix(balance.matrix, opening, closing)
    wrong = balance.matrix.copy()
    wrong.loc[wrong["from_class"].eq("barren"), "total"] -= 1
    with pytest.raises(IdentityError, match="I03"):
        identities.check_matrix(wrong, opening, closing)
    cell = balance.matrix.copy()
    cell.loc[0, "barren"] += 1
    with pytest.raises(IdentityError, match="I02"):
        identities.check_matrix(cell, opening, closing)


def test_surveys(made):
    balance, opening, closing = made
    wrong = nudge(balance.carbon, "T90", "cutover")
    with pytest.raises(IdentityError, match="I12"):
        identities.check_surveys(wrong, "co2e_kg", opening, closing, "kg CO2e")
