"""Rights as the overlay lays them: placed, perhaps here, on one parcel or on several."""

import pandas as pd
import pytest

from ecogis import eligibility
from ecogis.overlay import placing
from ecogis.overlay import rights as overlay_rights


def judged(case, rights, burdens=None, **options):
    return eligibility.guideline(
        case.pieces,
        rights,
        case.burdens if burdens is None else burdens,
        case.documents,
        case.day,
        province="44",
        units=eligibility.Units("ccer"),
        methodology_match=case.match,
        **({"ledger": eligibility.no_claims()} | options),
    )


def verdicts(case, rights, clause, burdens=None, **options):
    found = judged(case, rights, burdens, **options).wide()[clause]
    return [None if pd.isna(verdict) else verdict for verdict in found]


HERE = "441899101207JE00038"
# (reason; reason where a finding leaves R2 open; what of R2 does not tell its parcel for sure)
LOST = [
    ("right_unplaced", "right_unplaced", {"unit_code": "4418991012070000038L00000001"}),
    ("right_unplaced", "right_unplaced", {"unit_code": "441899101207JE0003"}),
    ("title_shown", "title_shown", {"unit_code": "441899101206JE0003"}),
    ("title_shown", "title_shown", {"unit_code": "4.41899101207E+27"}),
    ("holders_differ", "right_excluded", {"unit_code": None, "certificate_no": "证1"}),
    ("title_shown", "title_shown", {"unit_code": None, "certificate_no": "证2"}),
    (
        "holder_missing",
        "right_excluded",
        {"unit_code": None, "certificate_no": "证1", "holder": None},
    ),
    (
        "title_shown",
        "right_excluded",
        {"unit_code": None, "certificate_no": "证1", "holder": "持有人0001"},
    ),
    (
        "title_shown",
        "right_excluded",
        {"unit_code": None, "certificate_no": "证1", "right_kind": "land_ownership"},
    ),
    (
        "title_shown",
        "right_excluded",
        {"unit_code": None, "certificate_no": "证1", "end": pd.Timestamp("2020-12-31")},
    ),
    (
        "term_unknown",  # a term that ends before it begins shows no end
        "right_excluded",
        {
            "unit_code": None,
            "certificate_no": "证1",
            "start": pd.Timestamp("2050-12-31"),
            "end": pd.Timestamp("2010-12-31"),
        },
    ),
    # the same by what is left of its code
    ("right_unplaced", "right_unplaced", {"unit_code": HERE[:17], "holder": None}),
    ("title_shown", "title_shown", {"unit_code": HERE[:17], "holder": "持有人0001"}),
    ("title_shown", "title_shown", {"unit_code": HERE[:17], "right_kind": "land_ownership"}),
    ("title_shown", "title_shown", {"unit_code": HERE[:17], "end": pd.Timestamp("2020-12-31")}),
    (
        "right_unplaced",
        "right_unplaced",
        {
            "unit_code": HERE[:17],
            "start": pd.Timestamp("2050-12-31"),
            "end": pd.Timestamp("2010-12-31"),
        },
    ),
]


def laid_here(case, *rows):
    """Rights laid on the parcels of the case, which is HERE and no other."""
    case.pieces["parcel"] = pd.array([HERE] * 2, dtype="string")
    case.documents = case.make.documents(*(paper | {"subject": HERE} for paper in case.full))
    rights = case.make.rights(*({"parcel": None} | row for row in rows))
    return placing.right_parcels(rights, pd.DataFrame({"parcel": [HERE]}))


@pytest.mark.parametrize(("reason", "in_doubt", "lost"), LOST)
def test_anothers_right_that_cannot_be_placed_may_lie_here(case, reason, in_doubt, lost):
    own = {"right": "R1", "unit_code": HERE + "L00000001", "certificate_no": "证1"}
    rights = laid_here(case, own, {"right": "R2", "holder": "持有人0002"} | lost)
    row = judged(case, rights).table.iloc[0]
    assert row["reason"] == reason
    if reason == "right_unplaced":
        assert row["evidence"] == "R2"
    doubted = judged(case, rights, excluded_rights=["R2"]).table.iloc[0]
    assert doubted["reason"] == in_doubt


def test_title_and_the_overlay_have_the_same_rows(case):
    rights = laid_here(
        case,
        {"right": "R1", "unit_code": HERE + "L00000001", "certificate_no": "证1"},
        {"right": "R2", "unit_code": HERE + "W00000000"},
        {"right": "R3", "unit_code": None, "certificate_no": "证1"},
        {"right": "R4", "unit_code": "441899101299JE00001L00000001"},
        {"right": "R5", "unit_code": HERE[:16]},
    )
    title = eligibility.title(case.pieces, rights, None, case.documents, case.day)
    held = overlay_rights.piece_rights(case.pieces, rights, case.day)
    shared = [name for name in held.columns if name in title.columns and name != "active"]
    pd.testing.assert_frame_equal(title[shared], held[shared], check_dtype=False)
    assert sorted(set(held["right"])) == ["R1", "R2", "R3"]


def two_parcels(case, **cells):
    """One right on Z1 and on Z2, one piece on each."""
    case.pieces["parcel"] = pd.array(["Z1", "Z2"], dtype="string")
    papers = [paper | {"subject": parcel} for parcel in ("Z1", "Z2") for paper in case.full]
    case.documents = case.make.documents(*papers)
    return case.make.rights(
        {"right": "R1", "parcel": "Z1"} | cells, {"right": "R1", "parcel": "Z2"} | cells
    )


def test_a_right_may_lie_on_several_parcels(case):
    rights = two_parcels(case)
    table = eligibility.title(case.pieces, rights, None, case.documents, case.day)
    assert table[["piece", "parcel", "right"]].to_numpy().tolist() == [
        ["P1", "Z1", "R1"],
        ["P2", "Z2", "R1"],
    ]
    assert table["evidence"].tolist() == [
        ";".join(f"D{number}" for number in sorted(range(first, first + 7), key=str))
        for first in (1, 8)
    ]
    assert verdicts(case, rights, "4.1 a") == [True, True]


def test_an_encumbrance_on_a_right_binds_every_parcel_it_lies_on(case):
    rights = two_parcels(case)
    burdens = case.make.burdens({"encumbrance_kind": "mortgage", "right": "R1", "parcel": None})
    assert verdicts(case, rights, "4.1 d", burdens) == [False, False]
    told = {"claim": ["K1"], "right": ["R1"], "parcel": ["Z1"], "vintage": [2027], "lender": ["行"]}
    ledger = pd.DataFrame(told)
    none = burdens.iloc[:0]
    assert verdicts(case, rights, "4.1 d", none, ledger=ledger) == [False, False]


def test_consent_on_one_parcel_says_nothing_of_another(case):
    rights = two_parcels(case, co_ownership="joint", holder="持有人0001、持有人0002")
    letter = case.make.paper("joint_consent", "clear", subject="Z2", document="C")
    case.documents = pd.concat([case.documents, case.make.documents(letter)], ignore_index=True)
    assert verdicts(case, rights, "4.1 a") == [None, True]
