"""Laws of household lines: never above the cap, never better for knowing less."""

from datetime import date

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ecogis.core.findings import Findings
from ecogis.finance.households import household_rules
from ecogis.finance.households_lines import score

PLACES = ["浙江/丽水/云和", "浙江/杭州/萧山", "浙江", "江西/抚州/资溪", None]
ALL = ("浙江/丽水", "浙江/杭州")
NAMES = [f"H{n:02d}" for n in range(1, 20)]
RULES = {
    day: household_rules(day)
    for day in (date(2021, 11, 9), date(2023, 10, 11), date(2023, 10, 12), date(2030, 1, 1))
}
DAYS = st.sampled_from(sorted(RULES))


@st.composite
def villages(draw):
    count = draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    people = pd.DataFrame(
        {
            "household": [f"h{n}" for n in range(count)],
            "place": rng.choice(np.array(PLACES, dtype=object), count),
            "unsecured_fen": pd.array(rng.integers(0, 10**8, count), dtype="Int64"),
            "bad_record": pd.array(rng.choice([True, False], count), dtype="boolean"),
            "grade": rng.choice(["A+", "A", "B", "C", "D", "?"], count),
            "veto": pd.array(rng.choice([True, False, False], count), dtype="boolean"),
            "minutes": rng.choice(["1", ""], count),
        }
    )
    rows = draw(st.integers(0, 40))
    items = pd.DataFrame(
        {
            "household": rng.choice(people["household"], rows),
            "item": rng.choice(NAMES, rows),
            "value_fen": (10 ** rng.uniform(0, 13, rows)).astype(np.int64),
        }
    )
    debts = people[["household"]].merge(pd.DataFrame({"item": ["H17", "H18", "H19"]}), how="cross")
    return people, pd.concat([items, debts.assign(value_fen=0)], ignore_index=True)


def lines(people, items, day, **policy):
    return score(people, items, RULES[day], findings=Findings(), **policy)


@given(villages(), DAYS, st.booleans())
def test_a_line_is_never_above_its_cap(village, day, raised):
    people, items = village
    told = lines(people, items, day, higher=ALL if raised else ())
    ceiling = told["cap_fen"].fillna(0)
    assert (told["line_fen"] <= ceiling).all()
    hard = 100_000_000 if day >= date(2023, 10, 12) else 50_000_000 if raised else 30_000_000
    assert (told["line_fen"] <= hard).all()
    elsewhere = people["place"] == "浙江/丽水/云和"
    assert (told["line_fen"][elsewhere] <= (50_000_000 if raised else 30_000_000)).all()
    assert (told["line_fen"] >= 0).all()


@given(villages(), DAYS)
def test_only_the_granted_have_a_line(village, day):
    told = lines(*village, day)
    assert ((told["line_fen"] > 0) == (told["verdict"] == "granted")).all()


@given(villages(), DAYS, st.sampled_from(["bad_record", "grade", "veto", "minutes"]))
def test_knowing_less_never_grants_more(village, day, column):
    people, items = village
    less = people.assign(**{column: pd.array([pd.NA] * len(people), dtype=people[column].dtype)
                            if column in ("bad_record", "veto") else None})  # fmt: skip
    assert (lines(less, items, day)["line_fen"] <= lines(people, items, day)["line_fen"]).all()


@given(villages(), DAYS)
def test_honours_never_help_who_has_nothing_else(village, day):
    people, items = village
    honours = items["item"].isin(["H13", "H14"])
    without = lines(people, items[~honours], day)
    told = lines(people, items, day)
    assert (told["formula_fen"] <= without["formula_fen"] + 11_000_000).all()  # 1.1 x 100,000
    poor = without["formula_fen"] == 0
    assert (told["line_fen"][poor & (people["unsecured_fen"] > 10_000_000)] == 0).all()


@given(villages(), DAYS)
def test_more_debt_never_raises_a_line(village, day):
    people, items = village
    more = people.assign(unsecured_fen=people["unsecured_fen"] + 1_000_000)
    assert (lines(more, items, day)["line_fen"] <= lines(people, items, day)["line_fen"]).all()


@given(villages(), DAYS)
def test_a_household_is_scored_alike_alone_and_in_its_village(village, day):
    people, items = village
    whole = lines(people, items, day)
    for at, key in enumerate(people["household"]):
        alone = lines(people.iloc[[at]], items[items["household"] == key], day)
        assert alone["line_fen"].iloc[0] == whole["line_fen"].iloc[at]
        assert alone["reason"].iloc[0] == whole["reason"].iloc[at]
