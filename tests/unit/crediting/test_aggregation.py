"""A project's kilograms by holder, and how long a merged project lasts."""

from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ecogis.core.errors import ConfigError, IdentityError
from ecogis.core.findings import Findings
from ecogis.crediting.aggregation import _whole, by_holder, ends_with_first_right

COLUMNS = ["piece", "right", "holder", "co_ownership", "share"]
A, B, C = "持有人0001", "持有人0002", "持有人0003"


def kilograms(*rows, vintages=(2026, 2027)):
    return xr.DataArray(
        np.array(rows, dtype=np.int64),
        {"piece": [f"P{i}" for i in range(1, len(rows) + 1)], "vintage": list(vintages)},
        ("piece", "vintage"),
    )


def shared(kg, *held, findings=None):
    findings = Findings() if findings is None else findings
    pieces = pd.DataFrame({"piece": kg["piece"].to_numpy(), "area_dm2": 10_000_001})
    rights = pd.DataFrame(list(held), columns=COLUMNS)
    return by_holder(kg, pieces, rights, findings)


def whole(found):
    table = found.holders
    return dict(zip(table["holder"].fillna("?"), table["credit_kg"], strict=True))


def test_sole_shares_joint_and_nobody():
    findings = Findings()
    found = shared(
        kilograms([100, 10], [90, 9], [80, 8], [7, 1]),
        ("P1", "R1", A, "sole", None),
        ("P2", "R2", A, "shares", "1/3"),
        ("P2", "R3", B, "shares", "2/3"),
        ("P3", "R4", C, "joint", None),
        ("P3", "R5", B, "joint", None),
        findings=findings,
    )
    assert whole(found) == {A: 143, B: 66, f"{B}、{C}": 88, "?": 8}
    assert found.holders["held_as"].tolist() == ["named", "named", "joint", "unknown"]
    assert found.holders["pieces"].tolist() == [2, 1, 1, 1]
    assert found.holders["area_dm2"].sum() == 4 * 10_000_001
    by_year = found.vintages.groupby("vintage")["credit_kg"].sum()
    assert by_year.to_dict() == {2026: 277, 2027: 28}
    first = found.vintages[found.vintages["vintage"].eq(2026)]
    assert first["credit_kg"].tolist() == [130, 60, 80, 7]
    assert findings.table()["code"].tolist() == ["E764"]
    assert findings.table()["feature"].tolist() == ["P4"]


@pytest.mark.parametrize(
    ("shares", "expected", "code"),
    [
        ((0.1, 0.9), {A: 10, B: 90}, None),
        (("0.5", Fraction(1, 2)), {A: 50, B: 50}, None),
        ((0.3333333333333333, 0.6666666666666666), {A: 33, B: 67}, None),
        (("1/4", "1/4"), {A: 25, B: 25, "?": 50}, "E765"),
        (("1/4", None), {A: 25, "?": 75}, "E765"),
        (("1/4", "half"), {A: 25, "?": 75}, "E765"),
        (("1/4", "1/0"), {A: 25, "?": 75}, "E765"),
        (("3/4", "3/4"), {"?": 100}, "E765"),
        (("1", -1), {A: 100}, "E765"),
    ],
)
def test_shares(shares, expected, code):
    findings = Findings()
    found = shared(
        kilograms([100, 0]),
        ("P1", "R1", A, "shares", shares[0]),
        ("P1", "R2", B, "shares", shares[1]),
        findings=findings,
    )
    assert whole(found) == expected
    assert findings.table()["code"].tolist() == ([code] if code else [])


@pytest.mark.parametrize(
    ("held", "expected", "code"),
    [
        ([(A, "sole"), (B, "sole")], {"?": 100}, "E765"),
        ([(A, "sole"), (B, "joint")], {"?": 100}, "E765"),
        ([(A, "sole"), (A, "sole")], {A: 100}, None),  # two certificates of one holder
        ([(A, "joint")], {A: 100}, None),
        ([(A, "joint"), (None, "joint")], {"?": 100}, "E764"),
        ([(None, "sole")], {"?": 100}, "E764"),
        ([(A, None)], {"?": 100}, "E765"),
    ],
)
def test_rights_without_shares(held, expected, code):
    findings = Findings()
    rows = [("P1", f"R{i}", holder, kind, None) for i, (holder, kind) in enumerate(held)]
    assert whole(shared(kilograms([100, 0]), *rows, findings=findings)) == expected
    assert findings.table()["code"].tolist() == ([code] if code else [])


def test_a_share_of_somebody_unnamed_is_the_unknown_holders():
    findings = Findings()
    found = shared(
        kilograms([100, 0]),
        ("P1", "R1", A, "shares", "3/4"),
        ("P1", "R2", None, "shares", "1/4"),
        findings=findings,
    )
    assert whole(found) == {A: 75, "?": 25}
    assert findings.table()["code"].tolist() == ["E764"]
    assert "25 % of piece P1" in findings.table()["message_en"].iloc[0]


@pytest.mark.parametrize(("share", "expected"), [(1.0, {A: 100}), ("1/2", {"?": 100})])
def test_a_sole_right_is_one_whole(share, expected):
    assert whole(shared(kilograms([100, 0]), ("P1", "R1", A, "sole", share))) == expected


def test_a_right_said_twice_counts_once():
    found = shared(
        kilograms([100, 0]),
        ("P1", "R1", A, "shares", "1/2"),
        ("P1", "R1", A, "shares", "1/2"),
        ("P1", "R2", B, "shares", "1/2"),
    )
    assert whole(found) == {A: 50, B: 50}


def test_whole_kilograms_are_made_once_for_the_project():
    """Ten pieces of 1 kg, halves: five each, not ten and none."""
    rows = [(f"P{i}", f"R{i}{h}", h, "shares", "1/2") for i in range(1, 11) for h in (A, B)]
    assert whole(shared(kilograms(*[[1, 0]] * 10), *rows)) == {A: 5, B: 5}


def test_losses_are_shared_like_gains():
    found = shared(
        kilograms([-100, 3]),
        ("P1", "R1", A, "shares", "1/3"),
        ("P1", "R2", B, "shares", "2/3"),
    )
    assert found.vintages["credit_kg"].tolist() == [-33, 1, -67, 2]


def test_rights_of_other_land_say_nothing():
    found = shared(
        kilograms([100, 0]), ("P1", "R1", A, "sole", None), ("P9", "R9", B, "sole", None)
    )
    assert whole(found) == {A: 100}


def test_pieces_and_kilograms_are_of_one_land():
    with pytest.raises(ConfigError) as caught:
        by_holder(
            kilograms([1, 1]),
            pd.DataFrame({"piece": ["P2"], "area_dm2": [1]}),
            pd.DataFrame(columns=COLUMNS),
            Findings(),
        )
    assert caught.value.code == "E381"


def test_parts_that_do_not_add_up_are_our_fault():
    with pytest.raises(IdentityError) as caught:
        _whole([3, 2], 1, 6)
    assert caught.value.code == "E769"


END = date(2060, 1, 1)


def terms(*rows):
    frame = pd.DataFrame(list(rows), columns=["piece", "until", "term_known"])
    return frame.assign(until=pd.to_datetime(frame["until"]))


def test_the_first_right_to_end_ends_the_project():
    findings = Findings()
    land = terms(("P1", "2050-05-01", True), ("P2", "2045-03-31", True), ("P3", None, True))
    found = ends_with_first_right(land, END, findings)
    assert (found.last_day, found.certain, found.pieces) == (date(2045, 3, 31), True, ("P2",))
    assert findings.table()["code"].tolist() == ["E767"]
    assert "2045-03-31" in findings.table()["message_en"].iloc[0]


def test_a_project_runs_no_longer_than_its_period():
    findings = Findings()
    land = terms(("P1", "2070-05-01", True), ("P2", "2059-12-31", True), ("P3", None, True))
    found = ends_with_first_right(land, END, findings)
    assert (found.last_day, found.certain, found.pieces) == (date(2059, 12, 31), True, ())
    assert not findings.count()


def test_an_unknown_end_is_not_taken_as_none():
    findings = Findings()
    land = terms(("P1", None, False), ("P2", None, None), ("P3", "2050-01-01", True))
    found = ends_with_first_right(land, END, findings)
    assert (found.last_day, found.certain) == (date(2050, 1, 1), False)
    assert findings.table()["code"].tolist() == ["E766", "E766", "E767"]


def test_a_right_whose_term_is_not_known_is_not_said_to_end_the_project():
    findings = Findings()
    land = terms(("P1", "2050-01-01", True), ("P2", "2050-01-01", False), ("P3", None, False))
    found = ends_with_first_right(land, END, findings)
    assert (found.last_day, found.certain, found.pieces) == (date(2050, 1, 1), False, ("P1",))
    told = findings.table()
    assert told[["code", "feature"]].to_numpy().tolist() == [
        ["E766", "P2"], ["E766", "P3"], ["E767", "P1"],
    ]  # fmt: skip


def test_a_day_on_record_whose_term_is_not_known_decides_nothing():
    found = ends_with_first_right(terms(("P1", "2030-01-01", False)), END, Findings())
    assert (found.last_day, found.certain) == (date(2059, 12, 31), False)
