"""I15: parts make one whole or nothing, in exact fractions, on every day."""

from datetime import date
from fractions import Fraction

import pandas as pd
import pytest

from ecogis.core.errors import VocabularyError
from ecogis.overlay.ownership import exact_shares, share_sums, share_timeline

DAY = date(2026, 8, 31)


def held(*rows):
    """Rights on unit U1 of parcel Z1 from 2010 on, by shares, unless a row says otherwise."""
    blank = {
        "parcel": "Z1",
        "unit": "U1",
        "right_kind": "management",
        "co_ownership": "shares",
        "share": None,
        "start": pd.Timestamp("2010-01-01"),
        "end": pd.NaT,
    }
    made = pd.DataFrame([blank | row for row in rows], columns=[*blank, *_extra(rows, blank)])
    return made.astype({"start": "datetime64[us]", "end": "datetime64[us]"})


def _extra(rows, blank):
    return sorted({name for row in rows for name in row} - set(blank))


def shares(*values):
    return held(*({"share": value} for value in values))


SOLE, JOINT = {"co_ownership": "sole"}, {"co_ownership": "joint"}
# what the rights add up to, and what I15 says of it
SUMS = [
    (1.0, "whole", shares("1/3", "1/3", "1/3")),
    (1.0, "whole", shares(0.1, 0.2, 0.7)),
    (1.0, "whole", shares(*["1/7"] * 7)),
    (1.0, "whole", shares("25 %", "3/4")),
    (1.0, "whole", shares(1 / 3, 1 / 3, 1 / 3)),  # read as 0.333 333 333 333 333 3
    (1.0, "whole", shares("0.333333333333", "0.333333333333", "0.333333333333")),
    (0.9999, "broken", shares(0.3333, 0.3333, 0.3333)),
    (1.0, "broken", shares("1/3", "1/3", "333333331/1000000000")),
    (0.5, "broken", shares(0.5)),
    (1.1, "broken", shares(0.6, 0.5)),
    (0.5, "unknown", shares(0.5, None)),
    (1.5, "broken", shares(0.5, 1.0, None)),  # too much whatever the third has
    (1.0, "whole", held(SOLE)),
    (1.0, "whole", held(SOLE | {"share": 1.0})),
    (0.0, "unknown", held(SOLE | {"share": 0.5})),
    (2.0, "broken", held(SOLE, SOLE)),
    (1.0, "whole", held(JOINT, JOINT, JOINT)),
    (1.0, "whole", held(JOINT | {"share": 0.5}, JOINT | {"share": 0.2})),  # no shares: not used
    (1.5, "broken", held(JOINT, {"share": 0.5})),
    (0.0, "unknown", held({"co_ownership": None})),
    (0.0, "none", held(SOLE | {"end": pd.Timestamp("2026-08-30")})),
    (0.0, "none", held(SOLE | {"start": pd.Timestamp("2026-09-01")})),
    (1.0, "whole", held(SOLE | {"end": pd.Timestamp("2026-08-31")})),
    (0.0, "unknown", held(SOLE | {"start": pd.NaT})),
    (0.0, "none", held(SOLE | {"start": pd.NaT, "end": pd.Timestamp("2020-12-31")})),
    (0.0, "unknown", held(SOLE | {"start": pd.Timestamp("2060-01-01"), "end": DAY})),
    (0.0, "broken", held(SOLE | {"right_kind": "land_ownership", "end": pd.Timestamp("2020")})),
    (0.0, "none", shares()),
]


@pytest.mark.parametrize(("total", "state", "table"), SUMS[:-1])
def test_sums(total, state, table):
    found = share_sums(table, DAY)
    assert found["sum"].tolist() == pytest.approx([total], abs=1e-8)
    assert found["state"].tolist() == [state]


def test_nothing_on_record():
    assert share_sums(shares(), DAY).empty
    assert share_timeline(shares()).empty


def test_units_and_kinds_are_apart():
    table = held(
        SOLE,
        SOLE | {"unit": "U2"},
        SOLE | {"right_kind": "forest_ownership"},
        SOLE | {"parcel": "Z2"},
    )
    found = share_sums(table, DAY)
    assert found[["parcel", "unit", "right_kind"]].to_numpy().tolist() == [
        ["Z1", "U1", "forest_ownership"],
        ["Z1", "U1", "management"],
        ["Z1", "U2", "management"],
        ["Z2", "U1", "management"],
    ]
    assert set(found["state"]) == {"whole"}


def test_a_right_to_the_land_lies_under_every_unit_of_the_parcel():
    land = SOLE | {"unit": "W", "land_only": True}
    forest = SOLE | {"land_only": False}
    found = share_sums(held(land, forest, forest | {"unit": "U2"}), DAY).set_index("unit")
    assert found["sum"].to_dict() == {"U1": 2.0, "U2": 2.0, "W": 1.0}
    owner = land | {"right_kind": "land_ownership"}
    other = forest | {"parcel": "Z2"}
    found = share_sums(held(owner, forest, other), DAY)
    assert found["state"].tolist() == ["whole"] * 3


def test_what_lies_nowhere_is_not_added():
    table = held(SOLE | {"joined_by": "unit_code"}, SOLE | {"joined_by": None})
    assert share_sums(table, DAY)["sum"].tolist() == [1.0]


def test_a_kind_that_is_not_known_is_still_seen():
    found = share_sums(held(SOLE | {"right_kind": None}), DAY)
    assert found["right_kind"].isna().all()
    assert found["state"].tolist() == ["whole"]


def rows(timeline):
    return [
        (*(None if pd.isna(day) else str(day.date()) for day in (since, until)), total, state)
        for since, until, total, state in timeline[["since", "until", "sum", "state"]].itertuples(
            index=False
        )
    ]


def term(start, end, **cells):
    return {"start": pd.Timestamp(start), "end": pd.Timestamp(end) if end else pd.NaT} | cells


def test_the_sum_over_each_term():
    table = held(
        term("2010-01-01", "2019-12-31", share="1/3"),
        term("2010-01-01", "2029-12-31", share="2/3"),
        term("2020-01-01", "2024-12-31", share="1/3"),  # follows the first without a gap
    )
    assert rows(share_timeline(table)) == [
        ("2010-01-01", "2024-12-31", 1.0, "whole"),
        ("2025-01-01", "2029-12-31", 2 / 3, "broken"),
        ("2030-01-01", None, 0.0, "none"),
    ]


def test_an_ownership_leaves_no_gap():
    kind = {"right_kind": "forest_ownership", "co_ownership": "sole"}
    table = held(term("2010-01-01", "2014-12-31", **kind), term("2016-01-01", None, **kind))
    assert rows(share_timeline(table)) == [
        ("2010-01-01", "2014-12-31", 1.0, "whole"),
        ("2015-01-01", "2015-12-31", 0.0, "broken"),
        ("2016-01-01", None, 1.0, "whole"),
    ]


def test_joint_holders_are_one_whole_as_long_as_there_is_one():
    table = held(
        term("2010-01-01", "2014-12-31", **JOINT), term("2012-01-01", "2016-12-31", **JOINT)
    )
    assert rows(share_timeline(table)) == [
        ("2010-01-01", "2016-12-31", 1.0, "whole"),
        ("2017-01-01", None, 0.0, "none"),
    ]


def test_a_term_that_is_not_known_is_without_bound():
    table = held(term("2010-01-01", None, **SOLE), SOLE | {"start": pd.NaT, "end": DAY})
    assert rows(share_timeline(table)) == [
        (None, "2009-12-31", 0.0, "unknown"),
        ("2010-01-01", "2026-08-31", 1.0, "unknown"),
        ("2026-09-01", None, 1.0, "whole"),
    ]
    backwards = held(term("2030-01-01", "2010-01-01", **SOLE))
    assert rows(share_timeline(backwards)) == [(None, None, 0.0, "unknown")]


def test_groups_do_not_run_into_one_another():
    table = held(*(term("2010-01-01", None, unit=f"U{n}", share=f"{n}/10") for n in range(1, 10)))
    found = share_timeline(table)
    assert found["sum"].tolist() == [n / 10 for n in range(1, 10)]
    assert found["unit"].tolist() == [f"U{n}" for n in range(1, 10)]


def test_shares_as_the_record_writes_them():
    none = ["0", "0.0", "-1/2", "1/0", "1/00", "1e999999999", "inf", "半", "", None]
    given = pd.Series(["1/3", "１／３", "33.3 %", 0.1, 1e-5, 1, *none])
    assert exact_shares(given).tolist() == [
        Fraction(1, 3),
        Fraction(1, 3),
        Fraction(333, 1000),
        Fraction(1, 10),
        Fraction(1, 100_000),
        Fraction(1),
        *[None] * len(none),
    ]


def test_columns_are_promised():
    with pytest.raises(VocabularyError, match="unit"):
        share_sums(held(SOLE).drop(columns="unit"), DAY)
