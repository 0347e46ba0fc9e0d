"""Household balance sheets: weights by hand, review and veto, caps by place and date, privacy."""

from dataclasses import replace
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


def told(*rows, household="A"):
    """Items with nought for each debt that is not among them."""
    seen = {row[0] for row in rows}
    none = [(debt, 0) for debt in ("H17", "H18", "H19") if debt not in seen]
    return items(*rows, *none, household=household)


RICH = told(("H10", 1_000_000_000), ("H15", 100_000_000))


def one(table, rows, **policy):
    findings = Findings()
    return score(table, rows, RULES, findings=findings, **policy).iloc[0], findings


def test_a_sheet_by_hand():
    """House, forest and guarantee at one half, a deposit and a loan at their face."""
    rows = told(("H01", 20_000_000), ("H07", 6_000_001), ("H10", 500_000), ("H15", 4_000_000),
                ("H16", 1_000_000), ("H17", 3_000_000), ("H18", 1_000_001))  # fmt: skip
    rows = pd.concat([rows, told(household="B")])
    found = balance_sheets(pd.Series(["A", "B"]), rows, RULES, findings=Findings())
    first = found.iloc[0]
    assert first["assets_fen"] == 26_500_001
    assert first["weighted_fen"] == 10_000_000 + 3_000_000 + 500_000
    assert first["debts_fen"] == 3_000_000 + 500_001  # a debt is rounded up
    assert first["net_fen"] == 13_500_000 - 3_500_001
    assert first["income_fen"] == 4_000_000 + 700_000
    assert (first["fixed_fen"], first["rights_fen"]) == (10_000_000, 3_000_000)
    assert found.iloc[1].drop(["household", "sound", "confidence"]).eq(0).all()
    assert found["sound"].all()


def test_the_line_by_hand():
    """0.15 x 80,000 + 0.6 x 50,000 - 10,000 = 32,000; by grade 1.1, 1.0, 0.8, 0.6."""
    rows = told(("H10", 8_000_000), ("H15", 5_000_000))
    for grade, line in (("A+", 3_520_000), ("A", 3_200_000), ("B", 2_560_000), ("C", 1_920_000)):
        found, findings = one(people(grade=grade, unsecured_fen=1_000_000), rows)
        assert (found["verdict"], found["line_fen"]) == ("granted", line)
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
    found, _ = one(people(**change), RICH)
    assert (found["verdict"], found["reason"]) == (verdict, reason)
    assert (found["line_fen"] > 0) == (verdict == "granted")
    assert found["reason_zh"]
    assert found["reason_en"]


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
    found, _ = one(people(place=place), RICH, higher=higher)
    assert found["cap_fen"] == cap == found["line_fen"]


def test_caps_by_date():
    before = household_rules(date(2023, 10, 11))
    found = score(people(place="浙江/杭州/萧山"), RICH, before, findings=Findings()).iloc[0]
    assert found["line_fen"] == 30_000_000
    with pytest.raises(NotInForceError):
        household_rules(date(2021, 11, 8))


def test_the_least_line_of_xiaoshan():
    rows = told(("H15", 8_000_000))  # 0.6 x 80,000 = 48,000
    found, _ = one(people(place="浙江/杭州/萧山"), rows)
    assert (found["verdict"], found["reason"]) == ("refused", "floor")
    found, _ = one(people(place="浙江/丽水/云和"), rows)
    assert found["line_fen"] == 4_800_000


def test_jiangshan_example():
    """wxredian 2025-01-31: a base of 200,000 and 100,000 for carbon points and honours."""
    rows = told(("H10", 100_000_000), ("H15", 100_000_000 // 12), ("H13", 4_000_000),
                ("H14", 6_000_000))  # fmt: skip
    found, _ = one(people(place="浙江/衢州/江山"), rows)
    assert found["formula_fen"] == 15_000_000 + 4_999_999 + 10_000_000
    assert found["line_fen"] == 29_990_000  # down to 100 CNY
    assert one(people(grade="D"), rows)[0]["formula_fen"] == 0


@pytest.mark.parametrize(
    "row", [("H99", 1), ("H20", 1), ("H10", -1), ("H10", pd.NA), ("H10", 10**14)]
)
def test_an_unusable_item_leaves_the_line_open(row):
    found, findings = one(people(), pd.concat([RICH, items(row)]))
    assert (found["verdict"], found["reason"], found["line_fen"]) == ("open", "sheet", 0)
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
     {"value_fen": pd.NA}, {"kind": "compensation"}, {"right": None},
     {"value_fen": 18_446_744_573_710}, {"value_fen": -1}, {"value_fen": 0.5},
     {"kind": "compensation", "yearly_fen": 9 * 10**15},
     {"kind": "compensation", "yearly_fen": 10**12}],
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
    nan, inf = float("nan"), float("inf")
    for wrong in ((-1, 1, 0.1), (1, -1, 0.1), (1, 1, -0.1), (nan, 1, 0.1), (1, nan, 0.1),
                  (1, 1, inf), (1, inf, 0), (True, 1, 0), (10**13, 2, 0)):  # fmt: skip
        with pytest.raises(ConfigError, match="E900"):
            annuity_value(*wrong)
    for wrong in ((1, 0.0), (nan, 0.1), (1, nan), (1, inf), (1, 1e-320)):
        with pytest.raises(ConfigError, match="E900"):
            capitalised_value(*wrong)
    for wrong in (nan, inf, -1, 1e17, True, 15.005):
        with pytest.raises(ConfigError, match="E900"):
            forest_items(rights(), wrong, findings=Findings())


def test_sums_do_not_depend_on_order():
    rng = np.random.default_rng(11)
    rows = pd.DataFrame({"household": rng.choice(["A", "B"], 200),
                         "item": rng.choice([f"H{n:02d}" for n in range(1, 20)], 200),
                         "value_fen": rng.integers(0, 10**9, 200)})  # fmt: skip
    assert not rows.duplicated().any()
    found = [balance_sheets(pd.Series(["A", "B"]), table, RULES, findings=Findings())
            for table in (rows, rows.sample(frac=1, random_state=1))]  # fmt: skip
    pd.testing.assert_frame_equal(*found)


def test_honours_never_make_a_line_alone():
    """Debts come off before honours count, the grade holds for them, and they have a most."""
    honoured = told(("H13", 30_000_000))
    for table in (people(), people(unsecured_fen=10**10), people(unsecured_fen=500_000_000)):
        assert one(table, honoured)[0]["line_fen"] == 0
    owing = told(("H17", 1_000_000_000), ("H13", 25_000_000))
    assert one(people(), owing)[0]["reason"] == "nothing"
    earning = told(("H15", 5_000_000), ("H13", 30_000_000))  # 30,000 and at most 100,000
    for grade, line in (("A", 13_000_000), ("C", 7_800_000)):
        assert one(people(grade=grade), earning)[0]["line_fen"] == line
    assert one(people(unsecured_fen=12_000_000), earning)[0]["line_fen"] == 1_000_000


@pytest.mark.parametrize("lacking", ["H17", "H18", "H19"])
def test_debts_that_are_not_stated_are_not_nought(lacking):
    found, findings = one(people(), RICH[RICH["item"] != lacking])
    assert (found["verdict"], found["reason"]) == ("open", "sheet")
    assert findings.table()[["code", "row", "observed"]].values.tolist() == [["E976", 1, lacking]]


def test_nothing_is_counted_twice():
    house = items(("H01", 5_000_000))
    found, findings = one(people(), pd.concat([RICH, house, house]))
    assert (found["verdict"], found["assets_fen"]) == ("open", 1_005_000_000)
    assert findings.table()[["code", "row"]].values.tolist() == [["E973", 7]]
    two = pd.concat([RICH, house, items(("H01", 5_000_001)), items(("H17", 0))])
    assert one(people(), two)[0]["verdict"] == "granted"


def test_rights_of_the_cadastre_stand_alone():
    """Equal values of two rights are two; a right twice, or land typed in beside, is not."""
    both = pd.concat([rights(), rights(right="R2")])
    land = forest_items(both, 15, findings=Findings())
    found, findings = one(people(), pd.concat([RICH, land]))
    assert found["rights_fen"] == 100
    assert findings.count() == 0
    twice = pd.concat([rights(share_ppm=400_000), rights(right="r", share_ppm=500_000)])
    land = forest_items(twice, 15, findings=Findings())
    found, findings = one(people(), pd.concat([RICH, land]))
    assert findings.table()[["code", "layer", "row"]].values.tolist() == [
        ["E973", "household_rights", 2]
    ]
    typed = pd.concat([RICH, items(("H06", 7)), forest_items(rights(), 15, findings=Findings())])
    found, findings = one(people(), typed)
    assert (found["verdict"], found["rights_fen"]) == ("open", 50)
    assert findings.table()[["code", "layer", "row"]].values.tolist() == [
        ["E975", "household_items", 6]
    ]


def test_rights_of_others_are_a_note():
    land = forest_items(rights(household="X"), 15, findings=Findings())
    found, findings = one(people(), pd.concat([RICH, land]))
    assert found["verdict"] == "granted"
    told_of = findings.table()[["code", "severity", "row"]].values.tolist()
    assert told_of == [["E974", "note", 1]]


def test_one_household_has_one_line_however_it_is_spelled():
    with pytest.raises(ConfigError, match="E943") as refused:
        score(pd.concat([people(household="33-A"), people(household="33-a ")]), RICH, RULES,
              findings=Findings())  # fmt: skip
    assert "33-a" not in str(refused.value)
    found, findings = one(people(), pd.concat([RICH, items(("H17", 5_000_000), household="a ")]))
    assert found["debts_fen"] == 5_000_000
    assert findings.count() == 0


@pytest.mark.parametrize(
    "minutes", ["无", "没有", "none", "-", "0", "N/A", "\u200b", "\u3000", "00", "否", "暂无", "—"]
)
def test_a_word_for_none_is_no_minutes(minutes):
    assert one(people(minutes=minutes), RICH)[0]["reason"] == "review"
    assert one(people(minutes=minutes, veto=True), RICH)[0]["verdict"] == "open"


@pytest.mark.parametrize("minutes", ["2026-3", "7", "纪要10", "无锡村2026-1", "第三次"])
def test_a_number_of_minutes_is_minutes(minutes):
    assert one(people(minutes=minutes), RICH)[0]["verdict"] == "granted"


def test_wrong_steps_and_places_are_refused():
    for step in (0, -7_000_000, 1.5, True):
        with pytest.raises(ConfigError, match="E900"):
            one(people(), RICH, step_fen=step)
    for place in ("浙江", "丽水", "江西/抚州", ""):
        with pytest.raises(ConfigError, match="E900"):
            one(people(), RICH, higher=[place])


def test_the_higher_cap_is_on_record():
    found, findings = one(people(), RICH, higher=["浙江/丽水", "浙江/衢州"])
    assert (found["cap_kind"], found["cap_place"]) == ("higher", "浙江")
    assert findings.table()[["code", "observed"]].values.tolist() == [["E977", "浙江/衢州"]]
    assert one(people(), RICH)[0]["cap_kind"] == "standard"


def test_lines_say_how_far_they_can_be_relied_on():
    own = replace(RULES, formula_mark="quoted", marks=dict.fromkeys(RULES.classes, "quoted"))
    own.marks["H16"] = "recalled"
    both = pd.concat([people(), people(household="B")], ignore_index=True)
    rows = pd.concat([RICH, items(("H16", 0)), told(("H16", 5_000_000), household="B")])
    found = score(both, rows, own, findings=Findings())
    assert found["confidence"].tolist() == ["quoted", "recalled"]
    assert found["verdict_zh"].tolist() == ["授信", "授信"]
    assert one(people(), RICH)[0]["confidence"] == "assumed"
    assert RULES.marks["H16"] == "assumed"


@pytest.mark.parametrize("value", [100.5, float("inf"), True, 10**30, "x"])
def test_amounts_that_are_no_whole_fen_leave_the_line_open(value):
    rows = pd.concat([RICH.astype(object), items(("H10", value)).astype(object)])
    assert one(people(), rows)[0]["reason"] == "sheet"
    assert one(people(unsecured_fen=value), RICH)[0]["reason"] == "debt"


@pytest.mark.parametrize("flag", ["no", 2, float("nan"), None])
def test_a_flag_that_is_neither_is_not_known(flag):
    assert one(people(bad_record=flag), RICH)[0]["reason"] == "record_unknown"
    assert one(people(veto=flag), RICH)[0]["reason"] == "review"


def test_shares_of_a_right_are_known_together():
    findings = Findings()
    both = pd.concat([rights(share_ppm=pd.NA), rights(household="B", right="r")])
    assert forest_items(both, 15, findings=findings)["value_fen"].isna().all()
    assert findings.count("E946") == 2
    whole = [rights(household=name, right=right) for name, right in (("A", "R1"), ("B", "r1"))]
    assert forest_items(pd.concat(whole), 15, findings=Findings())["value_fen"].isna().all()


def test_rounded_shares_never_exceed_the_whole():
    six = pd.concat([rights(household=name, share_ppm=166_667, value_fen=10**13 - 1)
                     for name in "ABCDEF"])  # fmt: skip
    findings = Findings()
    found = forest_items(six, 15, findings=findings)["value_fen"]
    assert findings.count() == 0
    assert found.tolist() == [(10**13 - 1) // 6] * 6
