"""Who owns and runs a parcel at a day; nothing is guessed."""

from datetime import date

import pandas as pd
import pytest

from ecogis import accounts

DAY = date(2024, 12, 31)


def right(kind="contract_management", **other):
    return {
        "parcel": "Z1",
        "right_kind": kind,
        "holder": "持有人0001",
        "holder_kind": "household",
        "start": pd.Timestamp("2010-01-01"),
        "end": pd.Timestamp("2060-12-31"),
    } | other


def owner(*rights, tenure=None, disputes=(), platforms=()):
    parcels = pd.DataFrame({"parcel": ["Z1"], "land_tenure": [tenure]})
    columns = list(right())
    table = pd.DataFrame(list(rights), columns=columns)
    columns = ["parcel", "encumbrance_kind", "start", "end"]
    held = pd.DataFrame(list(disputes), columns=columns)
    found = accounts.parcel_owners(parcels, table, DAY, encumbrances=held, platforms=platforms)
    return found["Z1"]


@pytest.mark.parametrize(
    ("rights", "tenure", "expected"),
    [
        ([], None, "not_on_record"),
        ([], "collective", "not_on_record"),  # owned by the collective; who runs it is not told
        ([], "collective_enterprise", "collective"),
        ([], "household", "household"),
        ([], "joint_household", "household"),
        ([], "state", "state"),
        ([right()], None, "household"),
        ([right(holder_kind=None)], None, "not_on_record"),  # a contract, and not on record whose
        ([right(holder_kind="organisation")], None, "company"),
        ([right(holder_kind="collective")], None, "collective"),
        ([right(), right("management")], None, "transferred"),
        ([right("management")], "state", "state"),
        ([right("forest_land_use")], None, "state"),
        ([right("land_ownership", holder_kind="state", end=pd.NaT)], None, "state"),
        ([right("land_ownership", holder_kind="collective", end=pd.NaT)], None, "collective"),
        ([right(end=pd.NaT)], None, "not_on_record"),  # a term without an end is not known
        ([right(start=pd.NaT)], None, "not_on_record"),
        ([right(end=pd.Timestamp("2020-01-01"))], "household", "household"),
        ([right(end=pd.Timestamp("2024-12-30"))], None, "not_on_record"),
        ([right(end=pd.Timestamp("2024-12-31"))], None, "household"),
        ([right("forest_ownership", end=pd.NaT)], None, "not_on_record"),
    ],
)
def test_rights_and_records(rights, tenure, expected):
    assert owner(*rights, tenure=tenure) == expected


def test_a_platform_goes_before_all_but_a_dispute():
    held = right("management", holder="收储平台")
    assert owner(held, tenure="state", platforms=["收储平台"]) == "platform"
    assert owner(held, tenure="state") == "state"
    dispute = ("Z1", "dispute", pd.NaT, pd.NaT)
    assert owner(held, disputes=[dispute], platforms=["收储平台"]) == "disputed"


@pytest.mark.parametrize(
    ("kind", "start", "end", "expected"),
    [
        ("dispute", "2020-01-01", None, "disputed"),
        ("dispute", "2025-01-01", None, "household"),
        ("dispute", "2020-01-01", "2021-01-01", "household"),
        ("mortgage", "2020-01-01", None, "household"),
    ],
)
def test_only_a_dispute_of_the_day_counts(kind, start, end, expected):
    dispute = ("Z1", kind, pd.Timestamp(start), pd.Timestamp(end) if end else pd.NaT)
    assert owner(right(), disputes=[dispute]) == expected


def test_what_pieces_leave_of_a_stand_is_not_on_record():
    pieces = pd.DataFrame(
        {"stand": ["S1", "S1", "S2", "S9"], "parcel": ["Z1", "Z2", "Z1", "Z1"],
         "area_dm2": [30, 20, 100, 5]}
    )  # fmt: skip
    stands = pd.DataFrame({"stand": ["S1", "S2", "S3"], "area_dm2": [60, 100, 40]})
    before = pd.Series({"Z1": "household", "Z2": "state"})
    after = pd.Series({"Z1": "platform", "Z2": "state"})
    made = accounts.stand_owners(pieces, stands, before, after)
    assert made.groupby("stand")["area_dm2"].sum().to_dict() == {"S1": 60, "S2": 100, "S3": 40}
    keyed = made.set_index(["stand", "owner_opening", "owner_closing"])["area_dm2"]
    assert keyed[("S1", "household", "platform")] == 30
    assert keyed[("S1", "not_on_record", "not_on_record")] == 10
    assert keyed[("S3", "not_on_record", "not_on_record")] == 40
