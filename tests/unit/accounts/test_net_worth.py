"""Assets less liabilities, by owner; no liability is booked but by a named policy."""

import pandas as pd
import pytest

from ecogis.accounts.net_worth import Duty, Memo, duties, net_worth_table, value_table
from ecogis.core.errors import ConfigError

HECTARE = 1_000_000
NOBODY = pd.DataFrame(columns=["asset", "township", "owner", "kind", "amount", "status"])


def money(*rows):
    names = ["asset", "owner", "line_code", "kind", "amount"]
    return pd.DataFrame(rows, columns=names).assign(status="modelled", township="甲镇")


MONEY = money(
    ("M01", "state", "A00", "opening", 100),
    ("M01", "state", "A90", "closing", 130),
    ("M01", "state", "R01", "add", 30),
    ("M04", "collective", "T00", "opening", 50),
    ("M04", "collective", "T21", "less", 20),
    ("M04", "collective", "T90", "closing", 30),
)


def postings(*rows):
    names = ["account", "line_code", "township", "owner", "land_class", "amount"]
    return pd.DataFrame(rows, columns=names).assign(status="observed")


def test_value_table_by_hand():
    made = value_table(MONEY, NOBODY, held={"M01", "M04"})
    assert made.amount("M01", "price") == 30
    assert made.amount("M04", "volume") == -20
    assert made.amount("M10", "closing") == made.amount("M90", "closing") == 160
    assert made.amount("M02", "closing") == 0  # there is none
    assert made.status.loc["M10", "closing"] == "modelled"


def test_a_held_line_without_a_price_is_missing_and_the_sum_incomplete():
    made = value_table(MONEY, NOBODY, held={"M01", "M02", "M04"})
    assert made.amount("M02", "closing") is None
    assert made.status.loc["M90", "closing"] == "incomplete"
    assert made.amount("M90", "closing") == 160


def test_what_stands_beside_is_never_added():
    made = value_table(MONEY, NOBODY, [Memo("M22", 40, 70), Memo("M08", 10**9, 10**9)], held=())
    assert made.amount("M22", "closing") == 70
    assert made.amount("M22", "add") == 30
    assert made.amount("M90", "closing") == 160


def test_without_any_price_every_held_line_is_missing_and_none_is_nought():
    made = value_table(MONEY[:0], NOBODY, [Memo("M22", 40, 70)], held={"M01", "M04"})
    assert made.amount("M01", "closing") is made.amount("M90", "closing") is None
    assert made.status.loc["M90", "closing"] == "missing"
    assert made.amount("M22", "closing") == 70
    owners = net_worth_table(MONEY[:0], NOBODY, held={"M01", "M04"})
    assert owners.amount("M90", "closing.total") is None


def test_restoration_by_hand():
    """Two hectares of cutover land at the closing, none at the opening, 10,000 yuan a hectare."""
    owed = duties(
        postings(
            ("land", "A90", "甲镇", "state", "cutover", 2 * HECTARE),
            ("land", "A90", "甲镇", "state", "arbor_forest", 9 * HECTARE),
        ),
        [Duty("restoration", 900_000, 1_000_000, "演示")],
    )
    assert owed[["asset", "owner", "kind", "amount"]].to_numpy().tolist() == [
        ["M20", "state", "closing", 2_000_000]
    ]
    made = value_table(MONEY, owed, held={"M01", "M04"})
    assert made.amount("M29", "closing") == 2_000_000
    assert made.amount("M90", "closing") == 160 - 2_000_000
    assert made.amount("M20", "add") == 2_000_000


@pytest.mark.parametrize(
    ("policies", "told"),
    [
        ([Duty("restoration", 1, 1, "演示", ("cutovr",))], "cutovr"),
        ([Duty("restoration", 1, 1, "演示")] * 2, "cutover"),
        ([Duty("over_quota", 1, 1, "演示")] * 2, "quota"),
    ],
)
def test_no_duty_is_booked_twice_or_on_land_there_cannot_be(policies, told):
    with pytest.raises(ConfigError, match="E422") as refused:
        duties(postings(("land", "A90", "甲镇", "state", "cutover", HECTARE)), policies)
    assert told in str(refused.value)


def test_felling_above_the_quota_is_spread_by_what_each_felled():
    """90 m3 felled by two owners, 60 allowed: 30 m3 at 300 yuan, two thirds and one third."""
    felled = postings(
        ("timber", "T21", "甲镇", "state", "arbor_forest", 50_000),
        ("timber", "T22", "甲镇", "state", "arbor_forest", 10_000),
        ("timber", "T21", "甲镇", "household", "arbor_forest", 30_000),
        ("timber", "T13", "甲镇", "household", "arbor_forest", 99_000),
    )
    duty = Duty("over_quota", 0, 30_000, "演示", quota_dm3=60_000)
    owed = duties(felled, [duty]).set_index("owner")["amount"]
    assert owed.to_dict() == {"state": 600_000, "household": 300_000}
    within = Duty("over_quota", 0, 30_000, "演示", quota_dm3=90_000)
    assert duties(felled, [within])["amount"].sum() == 0


def test_net_worth_of_each_owner_and_in_total():
    owed = NOBODY.copy()
    owed.loc[0] = ["M20", "甲镇", "state", "closing", 40, "modelled"]
    made = net_worth_table(MONEY, owed, held={"M01", "M04"})
    assert made.amount("M90", "closing.state") == 90
    assert made.amount("M90", "closing.collective") == 30
    assert made.amount("M90", "closing.total") == 120
    assert made.amount("M90", "opening.total") == 150


def holds(*rows):
    return pd.DataFrame(rows, columns=["asset", "owner", "kind", "status"])


OWNED = holds(
    ("M01", "state", "opening", "observed"), ("M01", "state", "closing", "observed"),
    ("M04", "collective", "opening", "observed"), ("M04", "collective", "closing", "observed"),
    ("M05", "household", "closing", "observed"), ("M05", "state", "closing", "observed"),
)  # fmt: skip


def test_an_owner_who_holds_none_of_a_line_has_nought_and_not_missing():
    """M05 has no price: missing for who holds it, observed nought for who does not."""
    made = net_worth_table(MONEY, NOBODY, held={"M01", "M04", "M05"}, owned=OWNED)
    for column in ("opening.collective", "closing.collective", "opening.state"):
        assert made.amount("M05", column) == 0
        assert made.status.loc["M05", column] == "observed"
    assert made.amount("M04", "closing.state") == 0
    assert made.amount("M10", "closing.collective") == 30
    assert made.status.loc["M10", "closing.collective"] == "modelled"
    assert made.amount("M05", "closing.household") is None
    assert made.amount("M90", "closing.household") is None  # all it holds has no price
    assert made.amount("M90", "opening.household") == 0
    assert made.status.loc["M90", "opening.household"] == "observed"
    assert made.status.loc["M10", "closing.state"] == "incomplete"
    assert made.amount("M05", "closing.total") is None


def test_a_nought_that_follows_from_a_modelled_closing_is_modelled():
    modelled = OWNED.assign(status=OWNED["status"].where(OWNED["kind"].eq("opening"), "modelled"))
    made = net_worth_table(MONEY, NOBODY, held={"M01", "M04"}, owned=modelled)
    assert made.status.loc["M04", ["opening.state", "closing.state"]].tolist() == [
        "observed", "modelled",
    ]  # fmt: skip


def test_without_a_policy_nothing_is_owed():
    assert duties(postings(("land", "A90", "甲镇", "state", "cutover", 1)), []).empty


@pytest.mark.parametrize(
    "wrong",
    [
        Duty("none", 0, 0, "演示"),
        Duty("depletion", 1, 1, "演示"),
        Duty("restoration", -1, 1, "演示"),
    ],
)
def test_a_wrong_policy_is_refused(wrong):
    with pytest.raises(ConfigError, match="E422"):
        duties(postings(), [wrong])
