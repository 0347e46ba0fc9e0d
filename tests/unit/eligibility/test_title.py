"""Who holds the yield right of one parcel, and may he pledge it."""

import pandas as pd
import pytest

from ecogis import eligibility
from ecogis.core.findings import Findings

THIRD = 0.3333


def clause_a(case, rights, documents=None, **options):
    verdicts = eligibility.guideline(
        case.pieces,
        rights,
        case.burdens,
        case.documents if documents is None else documents,
        case.day,
        province="44",
        units=eligibility.Units("ccer"),
        methodology_match=case.match,
        ledger=eligibility.no_claims(),
        **options,
    )
    return verdicts.table.iloc[0]


def test_one_row_per_piece_and_right(case):
    table = eligibility.title(case.pieces, case.rights, case.burdens, case.documents, case.day)
    assert table[["piece", "right"]].to_numpy().tolist() == [["P1", "R1"], ["P2", "R1"]]
    first = table.iloc[0]
    assert first["active"]
    assert first["gives_yield"]
    assert first["disposal"]
    assert first["pledge_until"] == pd.Timestamp("2060-12-31")
    assert first["evidence"] == "D1;D2;D3;D4;D5;D6;D7"


def test_the_yield_ends_with_the_earliest_right_it_rests_on(case):
    rights = case.make.rights(
        {"right": "R1", "right_kind": "land_ownership", "end": pd.NaT, "holder": "村集体"},
        {"right": "R2", "right_kind": "contract_management", "end": pd.Timestamp("2040-12-31")},
        {"right": "R3", "right_kind": "management", "end": pd.Timestamp("2050-12-31")},
        {"right": "R4", "right_kind": "forest_ownership", "end": pd.NaT},
    )
    table = eligibility.title(case.pieces, rights, None, None, case.day)
    assert table.loc[table["gives_yield"], "right"].unique().tolist() == ["R4"]
    assert set(table["pledge_until"]) == {pd.Timestamp("2040-12-31")}


# (reason, rights): what the record must say
CASES = [
    ("title_shown", [{"right": "R1", "right_kind": "forest_ownership"}]),
    ("title_shown", [{"right": "R1", "end": pd.Timestamp("2026-08-31")}]),
    (
        "title_shown",  # who owns the land holds its trees without end
        [
            {"right": "R1", "right_kind": "forest_ownership", "end": pd.NaT},
            {"right": "R2", "right_kind": "land_ownership", "end": pd.NaT},
        ],
    ),
    (
        "end_not_known",
        [
            {"right": "R1", "right_kind": "forest_ownership", "end": pd.NaT},
            {
                "right": "R2",
                "right_kind": "land_ownership",
                "end": pd.NaT,
                "holder": "持有人0002",
            },
        ],
    ),
    ("end_not_known", [{"right": "R1", "right_kind": "forest_ownership", "end": pd.NaT}]),
    ("end_not_known", [{"right": "R1", "right_kind": "forest_land_use", "end": pd.NaT}]),
    ("end_not_known", [{"right": "R1", "right_kind": "forest_use", "end": pd.NaT}]),
    (
        "end_not_known",  # the trees stand on land whose contract may end any day
        [
            {"right": "R1", "right_kind": "forest_ownership"},
            {
                "right": "R2",
                "right_kind": "contract_management",
                "end": pd.NaT,
                "holder": "持有人0002",
            },
        ],
    ),
    ("right_ended", [{"right": "R1", "end": pd.Timestamp("2026-08-30")}]),
    ("right_not_begun", [{"right": "R1", "start": pd.Timestamp("2026-09-01")}]),
    ("term_unknown", [{"right": "R1", "start": pd.NaT}]),
    ("end_not_known", [{"right": "R1", "end": pd.NaT}]),
    ("land_ownership_only", [{"right": "R1", "right_kind": "land_ownership", "end": pd.NaT}]),
    ("holder_missing", [{"right": "R1", "holder": None}]),
    ("co_ownership_missing", [{"right": "R1", "co_ownership": None}]),
    ("no_right_on_record", [{"right": "R1", "parcel": "Z9"}]),
    (
        "title_shown",
        [
            {"right": "R1", "right_kind": "forest_ownership", "end": pd.NaT},
            {"right": "R2", "right_kind": "management"},
        ],
    ),
    (
        "holders_differ",
        [
            {"right": "R1", "right_kind": "forest_ownership", "end": pd.NaT},
            {"right": "R2", "right_kind": "management", "holder": "持有人0002"},
        ],
    ),
    ("holders_differ", [{"right": "R1"}, {"right": "R2", "holder": "持有人0002"}]),
    (
        "right_ended",  # the trees stand on land whose contract is over
        [
            {"right": "R1", "right_kind": "forest_ownership", "end": pd.NaT},
            {"right": "R2", "right_kind": "management", "end": pd.Timestamp("2020-12-31")},
        ],
    ),
    (
        "title_shown",  # renewed
        [
            {"right": "R1", "end": pd.Timestamp("2020-12-31")},
            {"right": "R2", "start": pd.Timestamp("2021-01-01")},
        ],
    ),
]


@pytest.mark.parametrize(("reason", "rows"), CASES)
def test_the_record(case, reason, rows):
    assert clause_a(case, case.make.rights(*rows))["reason"] == reason


def test_a_confirmed_transfer_contract_gives_the_yield_to_the_manager(case):
    rights = case.make.rights(
        {"right": "R1", "right_kind": "forest_ownership", "end": pd.NaT},
        {"right": "R2", "right_kind": "management", "holder": "持有人0002"},
    )
    contract = case.make.paper("transfer_contract", "clear", subject_kind="right", subject="R2")
    row = clause_a(case, rights, case.make.documents(*case.full, contract))
    assert row["reason"] == "title_shown"
    assert row["evidence"].startswith("R2;")


def test_a_contract_in_one_co_owners_name_does_not_silence_the_other(case):
    rights = case.make.rights(
        {"right": "R1", "co_ownership": "joint", "consent_document": "C1"},
        {
            "right": "R2",
            "co_ownership": "joint",
            "holder": "持有人0002",
            "consent_document": "C2",
        },
    )
    papers = case.make.documents(
        *case.full,
        case.make.paper("transfer_contract", "clear", subject_kind="right", subject="R1"),
        case.make.paper(
            "joint_consent", "clear", document="C1", subject_kind="right", subject="R1"
        ),
        case.make.paper(
            "joint_consent", "refused", document="C2", subject_kind="right", subject="R2"
        ),
    )
    assert clause_a(case, rights, papers)["reason"] == "owner_refused"


# (verdict, co_ownership, [(share, consent result or None)])
CONSENTS = [
    (True, "joint", [(None, "clear"), (None, "clear")]),
    (None, "joint", [(None, "silent"), (None, "clear")]),
    (None, "joint", [(None, "clear"), (None, None)]),
    (False, "joint", [(None, "clear"), (None, "refused")]),
    (True, "shares", [(THIRD, "clear"), (THIRD, "clear"), (THIRD, None)]),
    (True, "shares", [(THIRD, "clear"), (THIRD, "clear"), (THIRD, "refused")]),
    (None, "shares", [(THIRD, "clear"), (THIRD, None), (THIRD, None)]),
    (False, "shares", [(THIRD, "clear"), (THIRD, "refused"), (THIRD, "refused")]),
    (False, "shares", [(0.6, "clear"), (0.4, "refused")]),
    (None, "shares", [(0.6, "clear"), (0.4, None)]),
    (True, "shares", [(0.7, "clear"), (0.3, "refused")]),
    (None, "shares", [(0.7, "clear")]),  # a co-owner is not on record
]


@pytest.mark.parametrize(("verdict", "kind", "owners"), CONSENTS)
def test_consent(case, verdict, kind, owners):
    rows, letters = [], []
    for place, (share, result) in enumerate(owners):
        letter = None if result is None else f"C{place}"
        rows.append(
            {
                "right": f"R{place}",
                "holder": f"持有人{place:04d}",
                "co_ownership": kind,
                "share": share,
                "consent_document": letter,
            }
        )
        if result is not None:
            said = None if result == "silent" else result
            letters.append(
                case.make.paper(
                    "joint_consent", said, document=letter, subject="另", subject_kind="stand"
                )
            )
    row = clause_a(case, case.make.rights(*rows), case.make.documents(*case.full, *letters))
    assert (None if pd.isna(row["verdict"]) else row["verdict"]) == verdict


def test_consent_for_the_parcel_speaks_for_all_its_owners(case):
    rights = case.make.rights(
        {"right": "R1", "co_ownership": "joint"},
        {"right": "R2", "co_ownership": "joint", "holder": "持有人0002"},
    )
    letter = case.make.paper("joint_consent", "clear")
    assert clause_a(case, rights)["would_settle"] == "joint_consent"
    assert clause_a(case, rights, case.make.documents(*case.full, letter))["verdict"]


def test_shares_that_do_not_add_up_are_a_finding(case):
    findings = Findings()
    rights = case.make.rights({"right": "R1", "co_ownership": "shares", "share": 0.5})
    row = clause_a(case, rights, findings=findings)
    assert row["reason"] == "shares_disagree"
    assert findings.table()[["code", "feature"]].to_numpy().tolist() == [["E271", "Z1"]]


def test_a_mortgage_on_anothers_land_right_is_no_pledge_of_the_yield(case):
    rights = case.make.rights(
        {"right": "R1"},
        {"right": "R2", "right_kind": "contract_management", "holder": "持有人0002"},
    )
    burdens = case.make.burdens({"encumbrance_kind": "mortgage", "right": "R2"})
    verdicts = eligibility.guideline(
        case.pieces,
        rights,
        burdens,
        case.documents,
        case.day,
        province="44",
        units=eligibility.Units("ccer"),
        methodology_match=case.match,
        ledger=eligibility.no_claims(),
    )
    assert verdicts.wide()["4.1 d"].tolist() == [True, True]


def test_a_right_in_doubt_is_not_in_force_and_leaves_the_title_open(case):
    rights = case.make.rights({"right": "R1"}, {"right": "R2", "right_kind": "forest_ownership"})
    row = clause_a(case, rights, excluded_rights={"R1"})
    assert (row["reason"], row["evidence"]) == ("right_excluded", "R1")
    table = eligibility.title(
        case.pieces, rights, None, case.documents, case.day, excluded_rights={"R1"}
    )
    assert table["active"].tolist() == [False, True] * 2
    assert table["disposal"].isna().all()
    assert clause_a(case, rights)["verdict"]


@pytest.mark.parametrize(
    "right",
    [{}, {"end": pd.Timestamp("2020-12-31")}, {"start": pd.Timestamp("2059-01-01")}],
)
def test_a_right_in_doubt_shows_no_more_a_no_than_a_yes(case, right):
    rights = case.make.rights({"right": "R1"} | right)
    assert clause_a(case, rights, excluded_rights=["R1"])["reason"] == "right_excluded"


def test_a_dispute_decides_beside_a_right_in_doubt(case):
    case.burdens = case.make.burdens({"encumbrance_kind": "dispute"})
    assert clause_a(case, case.rights, excluded_rights=["R1"])["reason"] == "contested"
