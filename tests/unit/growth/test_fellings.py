"""What may be felled, at what age, and what fits quota and permit."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.growth.events import Event, Felling, Rule
from ecogis.growth.fellings import Stock, felling_ages, permitted_rules, within_quota
from ecogis.growth.schedules import schedule
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
CLEAR = Event("clear cut", "final_felling", 1.0, restart=True, stem_out=1.0)
THIN = Event("thinning", "thinning", 0.25, stem_out=1.0)
RENEW = Event("renewal", "regeneration_felling", 0.4, stem_out=1.0)


def test_final_felling_is_the_first_year_of_the_mature_group():
    library = parameters("age-groups")
    planted = felling_ages(library, DAY, ["杉木", "马尾松", "桉树", "毛竹"], "planted")
    assert planted.to_dict() == {"杉木": 26.0, "马尾松": 31.0, "桉树": 16.0}
    assert felling_ages(library, DAY, ["马尾松"], "natural").to_dict() == {"马尾松": 41.0}
    with pytest.raises(ConfigError):
        felling_ages(library, DAY, ["马尾松"], "seeded")


def test_the_law_leaves_tending_in_public_welfare_and_natural_forest():
    stands = pd.DataFrame(
        {
            "stand": ["A", "B", "C", "D", "E"],
            "species": ["杉木", "杉木", "杉木", "杉木", "木荷"],
            "forest_category": ["commercial", "public_welfare", "commercial", None, "commercial"],
            "origin": ["planted", "planted", "natural", "planted", "planted"],
        }
    )
    rule = Rule("fir", [Felling(CLEAR, 26), Felling(THIN, 12), Felling(RENEW, 60)])
    findings = Findings()
    rules, names = permitted_rules(stands, {"杉木": rule}, parameters("harvest-law"), DAY, findings)
    kinds = {each.name: [felling.event.kind for felling in each.fellings] for each in rules}
    assert kinds[names[0]] == ["final_felling", "thinning", "regeneration_felling"]
    assert kinds[names[1]] == kinds[names[2]] == ["thinning", "regeneration_felling"]
    assert kinds[names[3]] == []
    assert pd.isna(names[4])
    found = findings.table()[["code", "feature", "observed"]].to_numpy().tolist()
    assert found[:2] == [["E671", "B", "final_felling"], ["E671", "C", "final_felling"]]
    assert found[2] == ["E671", "D", "final_felling, regeneration_felling, thinning"]
    made = schedule(stands.assign(rule=names), rules)
    assert (made.felling[made.rule[0]] > 0).sum() > (made.felling[made.rule[1]] > 0).sum()


def stock(ages, *, area=1.0):
    count = len(ages)
    return Stock(
        volume=10.0 * np.arange(80.0)[None, :],
        cls=np.zeros(count, dtype=np.int32),
        age=np.array(ages, dtype=np.int32),
        scale=np.ones(count),
        area_ha=np.full(count, area),
    )


def due(count, *fellings, **more):
    table = pd.DataFrame({"stand": [f"S{k}" for k in range(count)], "rule": "r"})
    return table, schedule(table, [Rule("r", fellings, **more)])


def plan_of(ages, quota, *fellings, findings=None, groups=None, permits=None, **more):
    table, made = due(len(ages), *fellings, **more)
    table = table.assign(**(permits or {}))
    found = Findings() if findings is None else findings
    return within_quota(made, stock(ages), table, quota, found, groups=groups)


def test_the_oldest_are_felled_first_and_the_rest_waits():
    findings = Findings()
    # 260, 300, 280, 270 m3: 600 a year fits two
    plan = plan_of([26, 30, 28, 27], [600.0, 300.0], Felling(CLEAR, 26), findings=findings)
    assert plan[["stand", "year"]].to_numpy().tolist() == [["S1", 0], ["S2", 0], ["S3", 1]]
    assert plan["volume_m3"].tolist() == pytest.approx([300.0, 280.0, 280.0])
    assert plan.groupby("year")["volume_m3"].sum().le([600.0, 300.0]).all()
    assert findings.table()[["code", "feature", "observed"]].to_numpy().tolist() == [
        ["E679", "S0", "28"],
        ["E691", "S0", "0 clear cut"],
        ["E691", "S3", "0 clear cut"],
    ]
    told = findings.table()["message_en"].iloc[1]
    assert "its 260.0 m3 do not fit the year's quota behind older stands (20.0 m3 stay" in told


def test_a_felled_stand_starts_anew():
    plan = plan_of([26], [1e9] * 30, Felling(CLEAR, 26))
    assert plan["year"].tolist() == [0, 26]
    later = plan_of([26], [1e9] * 40, Felling(CLEAR, 26), delay_yr=3)
    assert later["year"].tolist() == [0, 29]


def test_a_thinning_takes_its_share_and_is_missed_without_quota():
    plan = plan_of([10], [100.0] * 20, Felling(THIN, 12), Felling(CLEAR, 20))
    # 25 % of 120 m3, and 200 m3 at the end of which three quarters stand
    assert plan[["year", "event"]].to_numpy().tolist() == [[2, "thinning"]]
    assert plan["volume_m3"][0] == pytest.approx(30.0)
    full = plan_of([10], [200.0] * 12, Felling(THIN, 12), Felling(CLEAR, 20))
    assert full["volume_m3"].tolist() == pytest.approx([30.0, 150.0])
    missed = plan_of([10], [20.0] * 12, Felling(THIN, 12))
    assert missed.empty


def test_permits_and_groups():
    permits = {"permit_from": [1, None], "permit_to": [None, 0]}
    plan = plan_of([30, 30], [1e9] * 3, Felling(CLEAR, 26), permits=permits)
    assert sorted(plan[["stand", "year"]].to_numpy().tolist()) == [["S0", 1], ["S1", 0]]
    apart = plan_of([30, 30], [[300.0], [0.0]], Felling(CLEAR, 26), groups=[1, 0])
    assert apart["stand"].tolist() == ["S1"]


def test_a_plan_comes_in_place_of_the_rule_and_every_cut_row_is_told():
    table = pd.DataFrame({"stand": ["S0", "S1"], "rule": "r", "permit_to": [None, 4]})
    rows = [("S0", 1, THIN.name), ("S0", 3, THIN.name), ("S1", 3, THIN.name), ("S1", 5, THIN.name)]
    plan = pd.DataFrame(rows, columns=["stand", "year", "event"])
    made = schedule(table, [Rule("r")], plan=plan, events=[THIN], years=6)
    findings = Findings()
    # a quarter of 310 m3; then of 247.5 m3, and behind it, of the same age, of 330 m3
    quota = [0.0, 80.0, 0.0, 70.0, 0.0, 1e9]
    found = within_quota(made, stock([30, 30]), table, quota, findings, first_year=2030)
    assert found[["stand", "year"]].to_numpy().tolist() == [["S0", 1], ["S0", 3]]
    told = findings.table().set_index("code")
    assert told.loc["E691", "observed"] == "2033 thinning"
    assert told.loc["E692", "observed"] == "2035 thinning"
    assert "(years 2030-2034)" in told.loc["E692", "message_en"]
    with pytest.raises(ConfigError, match="E670"):
        within_quota(made, stock([30, 30]), table, [1.0] * 9, Findings())


def test_order_of_stands_changes_no_felling():
    ages = list(range(20, 50))
    plan = plan_of(ages, [900.0] * 6, Felling(CLEAR, 26))
    table, made = due(len(ages), Felling(CLEAR, 26))
    back = table.iloc[::-1].reset_index(drop=True)
    again = within_quota(made, stock(ages[::-1]), back, [900.0] * 6, Findings())
    keys = ["year", "stand", "event", "volume_m3"]
    sort = ["year", "stand"]
    pd.testing.assert_frame_equal(
        plan[keys].sort_values(sort, ignore_index=True),
        again[keys].sort_values(sort, ignore_index=True),
    )


def test_more_quota_never_fells_less():
    ages = list(range(20, 40))
    felled = [
        plan_of(ages, [quota] * 5, Felling(CLEAR, 26))["volume_m3"].sum()
        for quota in (0.0, 250.0, 500.0, 1e6)
    ]
    assert felled == sorted(felled)
    assert felled[0] == 0.0


def test_quota_and_stands_must_fit():
    for groups in ([0], [0, 1], [-1, 0]):
        with pytest.raises(ConfigError) as caught:
            plan_of([30, 30], [1.0], Felling(CLEAR, 26), groups=groups)
        assert caught.value.code == "E670"
