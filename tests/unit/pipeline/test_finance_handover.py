"""What a run hands over: carbon by holder, rights with shares; no share is ever made up."""

import pandas as pd

from ecogis.core.findings import Findings
from ecogis.finance.households_forest import forest_items
from ecogis.pipeline.finance import carbon_assets, household_rights


def test_carbon_of_a_holder_is_known_only_whole():
    schedule = pd.DataFrame({"holder": ["A", "A", "B", None],
                             "value_fen": pd.array([3, pd.NA, 5, 7], dtype="Int64")})  # fmt: skip
    found = carbon_assets(schedule)
    assert found["borrower"].tolist() == ["A", "B"]
    assert found["kind"].tolist() == ["carbon", "carbon"]
    assert pd.isna(found["value_fen"].iloc[0])
    assert found["value_fen"].iloc[1] == 5


RIGHTS = pd.DataFrame(
    {
        "right": ["R1", "R2", "R2", "R3"],
        "holder": ["A", "A", "B", "C"],
        "co_ownership": ["sole", "shares", "shares", "joint"],
        "share": [None, 0.4, 0.6, None],
    }
)


def values(rights):
    return pd.DataFrame({"right": rights, "kind": "forest_right", "value_fen": 1_000,
                         "yearly_fen": pd.NA})  # fmt: skip


def test_rights_go_over_with_their_shares():
    findings = Findings()
    told = household_rights(RIGHTS, values(["R1", "R2", "R3"]), findings=findings)
    assert told["share_ppm"].fillna(-1).tolist() == [1_000_000, 400_000, 600_000, -1]
    assert findings.count() == 0
    items = forest_items(told, 15, findings=findings)
    assert items["value_fen"].fillna(-1).tolist() == [1_000, 400, 600, -1]
    assert findings.table()["code"].tolist() == ["E946"]  # joint: no share is stated


def test_values_of_unknown_rights_are_told():
    findings = Findings()
    told = household_rights(RIGHTS, values(["R1", "R1", "R9"]), findings=findings)
    assert told.empty
    assert findings.table()["code"].tolist() == ["E956"] * 3


def shared(shares, own="shares"):
    return pd.DataFrame({"right": "R", "holder": [f"h{n}" for n in range(len(shares))],
                         "co_ownership": own, "share": shares})  # fmt: skip


def test_shares_add_up_to_the_whole():
    """Six sixths and three thirds are the whole, not two millionths more or one less."""
    for count in (3, 6, 7):
        findings = Findings()
        told = household_rights(shared([1 / count] * count), values(["R"]), findings=findings)
        assert told["share_ppm"].sum() == 1_000_000
        assert forest_items(told, 15, findings=findings)["value_fen"].notna().all()
        assert findings.count() == 0


def test_shares_that_cannot_be_are_not_known():
    told = household_rights(shared([float("inf"), -0.5, 33.3, 0.25]), values(["R"]),
                            findings=Findings())  # fmt: skip
    assert told["share_ppm"].fillna(-1).tolist() == [-1, -1, -1, 250_000]
    assert forest_items(told, 15, findings=Findings())["value_fen"].isna().all()


def test_one_joint_share_leaves_all_unknown():
    told = household_rights(shared([None, None], ["sole", "joint"]), values(["R"]),
                            findings=Findings())  # fmt: skip
    findings = Findings()
    assert forest_items(told, 15, findings=findings)["value_fen"].isna().all()
    assert findings.count("E946") == 2
