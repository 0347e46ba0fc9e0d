"""Household balance sheets: weights by hand, review and veto, caps by place and date, privacy."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, NotInForceError, VocabularyError
from ecogis.core.findings import Findings
from ecogis.finance.households import balance_sheets, household_rules
from ecogis.finance.households_forest import annuity_value, capitalised_value, forest_items
from ecogis.finance.households_lines import decisions, score

DAY = date(2026, 8, 31)
RULES = household_rules(DAY)


def people(**change):
    table = {"household": ["A"], "place": ["浙江省/丽水市/云和县"], "unsecured_fen": [0],
             "bad_record": [False], "grade": ["A"], "veto": [False],
             "minutes": ["纪要-1"]}  # fmt: skip
    return pd.DataFrame(table | {name: [value] for name, value in change.items()})


def items(*rows, household="A"):
    return pd.DataFrame(
        [(household, *row) for row in rows], columns=["household", "item", "value_fen"]
    )


RICH = items(("H10", 1_000_000_000), ("H15", 100_000_000))


def one(table, rows, **policy):
    findings = Findings()
    return score(table, rows, RULES, findings=findings, **policy).iloc[0], findings


def test_a_sheet_by_hand():
    """House, forest and guarantee at one half, a deposit and a loan at their face."""
    rows = items(("H01", 20_000_000), ("H07", 6_000_001), ("H10", 500_000), ("H15", 4_000_000),
                 ("H16", 1_000_000), ("H17", 3_000_000), ("H18", 1_000_001))  # fmt: skip
    told = balance_sheets(pd.Series(["A", "B"]), rows, RULES, findings=Findings())
    first = told.iloc[0]
    assert first["assets_fen"] == 26_500_001
    assert first["weighted_fen"] == 10_000_000 + 3_000_000 + 500_000
    assert first["debts_fen"] == 3_000_000 + 500_001  # a debt is rounded up
    assert first["net_fen"] == 13_500_000 - 3_500_001
    assert first["income_fen"] == 4_000_000 + 700_000
    assert (first["fixed_fen"], first["rights_fen"]) == (10_000_000, 3_000_000)
    assert told.iloc[1].drop(["household", "sound"]).eq(0).all()
    assert told["sound"].all()


def test_the_line_by_hand():
    """0.15 x 80,000 + 0.6 x 50,000 - 10,000 = 32,000; by grade 1.1, 1.0, 0.8, 0.6."""
    rows = items(("H10", 8_000_000), ("H15", 5_000_000))
    for grade, line in (("A+", 3_520_000), ("A", 3_200_000), ("B", 2_560_000), ("C", 1_920_000)):
        told, findings = one(people(grade=grade, unsecured_fen=1_000_000), rows)
        assert (told["verdict"], told["line_fen"]) == ("granted", line)
        assert findings.count() == 0


@pytest.mark.parametrize(
    ("change", "verdict", "reason"),
    [
        ({"bad_record": True}, "refused", "record"),
        ({"veto": True}, "refused", "veto"),
        ({"grade": "D"}, "refused", "grade"),
        ({"unsecured_fen": 10**10}, "refused", "nothing"),
        ({"bad_record": pd.NA}, "open", "record_unknown"),
        ({"veto": pd.NA}, "open", "review"),
        ({"minutes": " "}, "open", "review"),
        ({"minutes": None, "veto": True}, "open", "review"),
        ({"grade": None}, "open", "review"),
        ({"grade": "Z"}, "open", "review"),
        ({"unsecured_fen": pd.NA}, "open", "debt"),
        ({"unsecured_fen": -1}, "open", "debt"),
        ({"place": "江西/抚州/资溪"}, "open", "place"),
        ({"place": None}, "open", "place"),
        ({}, "granted", "cap"),
    ],
)
def test_every_reason_has_its_verdict(change, verdict, reason):
    told, _ = one(people(**change), RICH)
    assert (told["verdict"], told["reason"]) == (verdict, reason)
    assert (told["line_fen"] > 0) == (verdict == "granted")
    assert told["reason_zh"]
    assert told["reason_en"]


def test_faults_of_households_are_told():
    for change in ({"unsecured_fen": pd.NA}, {"grade": "Z"}):
        assert one(people(**change), RICH)[1].table()["code"].tolist() == ["E945"]


@pytest.mark.parametrize(
    ("place", "higher", "cap"),
    [
        ("浙江/丽水/云和", (), 30_000_000),
        ("浙江/丽水/云和", ("浙江省/丽水市",), 50_000_000),
        ("浙江/丽水/云和", ("浙江/衢州",), 30_000_000),
        ("浙江/杭州/萧山", (), 100_000_000),
        ("浙江省/杭州市/萧山区", ("浙江/杭州",), 100_000_000),
    ],
)
def test_caps_by_place(place, higher, cap):
    told, _ = one(people(place=place), RICH, higher=higher)
    assert told["cap_fen"] == cap == told["line_fen"]


def test_caps_by_date():
    before = household_rules(date(2023, 10, 11))
    told = score(people(place="浙江/杭州/萧山"), RICH, before, findings=Findings()).iloc[0]
    assert told["line_fen"] == 30_000_000
    with pytest.raises(NotInForceError):
        household_rules(date(2021, 11, 8))


def test_the_least_line_of_xiaoshan():
    rows = items(("H15", 8_000_000))  # 0.6 x 80,000 = 48,000
    told, _ = one(people(place="浙江/杭州/萧山"), rows)
    assert (told["verdict"], told["reason"]) == ("refused", "floor")
    told, _ = one(people(place="浙江/丽水/云和"), rows)
    assert told["line_fen"] == 4_800_000


def test_jiangshan_example():
    """wxredian 2025-01-31: a base of 200,000 and 100,000 for carbon points and honours."""
    rows = items(("H10", 100_000_000), ("H15", 100_000_000 // 12), ("H13", 4_000_000),
                 ("H14", 6_000_000))  # fmt: skip
    told, _ = one(people(place="浙江/衢州/江山"), rows)
    assert told["formula_fen"] == 15_000_000 + 4_999_999 + 10_000_000
    assert told["line_fen"] == 29_990_000  # down to 100 CNY
    assert one(people(grade="D"), rows)[0]["formula_fen"] == 0


@pytest.mark.parametrize(
    "row", [("H99", 1), ("H20", 1), ("H10", -1), ("H10", pd.NA), ("H10", 10**14)]
)
def test_an_unusable_item_leaves_the_line_open(row):
    told, findings = one(people(), pd.concat([RICH, items(row)]))
    assert (told["verdict"], told["reason"], told["line_fen"]) == ("open", "sheet", 0)
    assert findings.table()["code"].tolist() == ["E944"]


def test_an_item_of_nobody_is_told():
    _, findings = one(people(), pd.concat([RICH, items(("H10", 1), household="X")]))
    assert findings.table()["feature"].tolist() == ["X"]


def test_wrong_calls_are_refused():
    with pytest.raises(ConfigError, match="E943"):
        score(pd.concat([people(), people()]), RICH, RULES, findings=Findings())
    with pytest.raises(VocabularyError, match="E004"):
        score(people().drop(columns="veto"), RICH, RULES, findings=Findings())


def test_a_village_is_told_without_names():
    table = pd.concat([people(), people(household="B")], ignore_index=True)
    table["name"] = ["持有人0001", "持有人0002"]
    scored = score(table, RICH, RULES, findings=Findings())
    quiet = decisions(scored)
    assert quiet["number"].tolist() == ["户00001", "户00002"]
    assert not {"household", "name"} & set(quiet.columns)
    assert "持有人" not in quiet.to_csv()
    loud = decisions(scored, names=table["name"])
    assert loud["name"].tolist() == table["name"].tolist()
    assert loud["household"].tolist() == ["A", "B"]


def rights(**change):
    table = {"household": ["A"], "right": ["R"], "kind": ["forest_right"], "value_fen": [100],
             "yearly_fen": [pd.NA], "share_ppm": [1_000_000]}  # fmt: skip
    return pd.DataFrame(table | {name: [value] for name, value in change.items()})


@pytest.mark.parametrize(
    "change",
    [{"share_ppm": pd.NA}, {"share_ppm": 0}, {"share_ppm": 1_000_001}, {"kind": "gold"},
     {"value_fen": pd.NA}, {"kind": "compensation"}],
)  # fmt: skip
def test_rights_that_are_not_known_open_the_sheet(change):
    findings = Findings()
    found = forest_items(rights(**change), 15, findings=findings)
    assert found["value_fen"].isna().all()
    assert findings.table()["code"].tolist() == ["E946"]
    sheet = balance_sheets(pd.Series(["A"]), found, RULES, findings=Findings())
    assert not sheet["sound"].any()


def test_shares_beyond_the_whole_count_for_nobody():
    both = pd.concat([rights(share_ppm=600_000), rights(household="B", share_ppm=600_000)])
    findings = Findings()
    assert forest_items(both, 15, findings=findings)["value_fen"].isna().all()
    assert findings.count("E946") == 2


def test_annuities():
    assert annuity_value(1_000_000, 10, 0.05) == 7_721_734
    for wrong in ((-1, 1, 0.1), (1, -1, 0.1), (1, 1, -0.1)):
        with pytest.raises(ConfigError, match="E900"):
            annuity_value(*wrong)
    with pytest.raises(ConfigError, match="E900"):
        capitalised_value(1, 0.0)


def test_sums_do_not_depend_on_order():
    rng = np.random.default_rng(11)
    rows = pd.DataFrame({"household": rng.choice(["A", "B"], 200),
                         "item": rng.choice([f"H{n:02d}" for n in range(1, 20)], 200),
                         "value_fen": rng.integers(0, 10**9, 200)})  # fmt: skip
    told = [balance_sheets(pd.Series(["A", "B"]), table, RULES, findings=Findings())
            for table in (rows, rows.sample(frac=1, random_state=1))]  # fmt: skip
    pd.testing.assert_frame_equal(*told)
