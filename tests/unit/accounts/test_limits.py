"""How much may be left to the statistical difference."""

import pandas as pd
import pytest

from ecogis import accounts
from ecogis.accounts import Limits
from ecogis.core.findings import Findings


def test_land_gone_from_the_closing_survey_is_above_the_limit(surveys):
    before, after, pairs = surveys
    findings = Findings()
    made = accounts.physical_balance(before, after, pairs=pairs, findings=findings)
    told = findings.table().query("code == 'E401'")
    assert told["column"].tolist() == ["A91", "T91", "T91"]
    assert set(told["severity"]) == {"error"}
    assert "甲镇" in told["message_zh"].iloc[0]
    assert "arbor_forest" in told["message_en"].iloc[0]
    limits = made.limits.set_index("account")
    assert limits.loc["land", ["found", "allowed"]].tolist() == [1_000_000, 2 * 11]
    assert limits.loc["timber", ["found", "opening"]].tolist() == [10_000, 280_000]


def test_a_wider_limit_and_its_reason_are_carried_along(surveys):
    before, after, pairs = surveys
    findings = Findings()
    limits = Limits(area=0.2, volume=0.05, because="小班 S6 划出本镇")
    made = accounts.physical_balance(before, after, pairs=pairs, limits=limits, findings=findings)
    assert findings.count("E401") == 0
    assert set(made.limits["because"]) == {"小班 S6 划出本镇"}


def test_signs_do_not_cancel_between_classes_and_townships():
    rows = {
        "account": "land", "move": "", "owner": "", "amount": [5_000, -5_000],
        "line_code": "A91", "unit": "dm2", "status": "observed", "source": "",
        "township": ["甲镇", "乙镇"], "farm": "", "land_class": "barren",
    }  # fmt: skip
    table = pd.DataFrame(rows)
    for name in accounts.POSTING_COLUMNS:
        if name not in table:
            table[name] = ""
    made = accounts.limits.difference(accounts.joined([table]), Limits(), stands=0)
    assert made.set_index("account").loc["land", "found"] == 10_000


def test_two_surveys_without_common_land_are_refused(surveys):
    """As much forest in the west before as in the east after: nothing cancels."""
    before, _, _ = surveys
    findings = Findings()
    pairs = pd.DataFrame({"left": [], "right": [], "area_dm2": []})
    after = before.assign(stand=before["stand"] + "east", change_cause=None)
    made = accounts.physical_balance(before, after, pairs=pairs, findings=findings)
    assert findings.count("E401") == 3
    limits = made.limits.set_index("account")
    assert limits.loc["land", "found"] == 2 * limits.loc["land", "opening"]
    assert limits.loc["timber", ["above", "below"]].tolist() == [280_000, 280_000]


@pytest.mark.parametrize(("rest", "told"), [(20, 0), (21, 1)])
def test_the_rounding_of_covered_stands_is_no_difference(surveys, rest, told):
    before, after, _ = surveys
    before = before.iloc[:5]
    findings = Findings()
    pairs = pd.DataFrame({"left": after["stand"], "right": after["stand"], "area_dm2": 1_000_000})
    pairs.loc[2, "area_dm2"] -= rest
    pairs.loc[len(pairs)] = ["S3", None, rest]
    pairs.loc[len(pairs)] = [None, "S3", rest]
    accounts.physical_balance(before, after, pairs=pairs, findings=findings,
                              limits=Limits(rounding_dm2=4, volume=1.0))  # fmt: skip
    assert findings.count("E401") == told  # rest of barren, rest of forest: 4 for each of 10 stands
