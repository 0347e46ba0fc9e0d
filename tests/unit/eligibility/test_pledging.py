"""Who may pledge what until when: kinds of right, holders who cannot bind themselves, shares."""

import pandas as pd
import pytest

from ecogis import eligibility


def clause_a(case, rights, *papers):
    verdicts = eligibility.guideline(
        case.pieces,
        rights,
        case.burdens,
        case.make.documents(*case.full, *papers),
        case.day,
        province="44",
        units=eligibility.Units("ccer"),
        methodology_match=case.match,
        ledger=eligibility.no_claims(),
    )
    return verdicts.table.iloc[0]


def pledgors(case, rights, *papers):
    documents = case.make.documents(*case.full, *papers)
    table = eligibility.title(case.pieces, rights, case.burdens, documents, case.day)
    return eligibility.pledgors(table, case.pieces)


@pytest.mark.parametrize(
    "kind",
    [
        "sea_area_use",
        "grassland_contract",
        "grassland_use",
        "grassland_management",
        "wetland_use",
        "wetland_management",
    ],
)
def test_a_right_to_sea_grassland_or_wetland_gives_the_yield_for_its_term(case, kind):
    rights = case.make.rights({"right": "R1", "right_kind": kind})
    assert clause_a(case, rights)["reason"] == "title_shown"
    endless = case.make.rights({"right": "R1", "right_kind": kind, "end": pd.NaT})
    assert clause_a(case, endless)["reason"] == "end_not_known"


def test_grassland_is_transferred_like_forest_land(case):
    rights = case.make.rights(
        {"right": "R1", "right_kind": "grassland_contract", "holder": "牧户"},
        {"right": "R2", "right_kind": "grassland_management"},
    )
    assert clause_a(case, rights)["reason"] == "link_not_documented"


def kinds(rights, *of_holders):
    return rights.assign(holder_kind=pd.array(of_holders, dtype="string"))


@pytest.mark.parametrize(
    ("holder", "paper", "missing"),
    [
        ("minor", "guardian_consent", "guardian_missing"),
        ("collective", "collective_decision", "decision_missing"),
    ],
)
def test_who_cannot_bind_himself_needs_a_paper(case, holder, paper, missing):
    rights = kinds(case.rights, holder)
    row = clause_a(case, rights)
    assert (row["reason"], row["would_settle"]) == (missing, paper)
    assert pledgors(case, rights)["may_pledge"].isna().all()
    for subject in ({"subject_kind": "right", "subject": "R1"}, {}):
        signed = case.make.paper(paper, "clear", document="G1", **subject)
        shown = clause_a(case, rights, signed)
        assert (shown["reason"], shown["evidence"]) == ("title_shown", "R1;D1;D2;G1")
        refused = clause_a(case, rights, signed | {"result": "refused"})
        assert (refused["reason"], refused["evidence"]) == ("owner_refused", "G1")
    assert clause_a(case, rights, case.make.paper(paper, None))["reason"] == missing


@pytest.mark.parametrize("holder", ["person", "household", "organisation", "state", None])
def test_others_bind_themselves(case, holder):
    assert clause_a(case, kinds(case.rights, holder))["verdict"]


def test_a_minor_among_joint_owners_needs_consent_and_guardian(case):
    joint = {"co_ownership": "joint", "consent_document": "C1"}
    rights = case.make.rights(
        joint | {"right": "R1"}, joint | {"right": "R2", "holder": "持有人0002"}
    )
    rights = kinds(rights, "person", "minor")
    consent = case.make.paper("joint_consent", "clear", document="C1", subject="x")
    assert clause_a(case, rights, consent)["would_settle"] == "guardian_consent"
    about = {"subject_kind": "right", "subject": "R2"}
    signed = case.make.paper("guardian_consent", "clear", **about)
    assert clause_a(case, rights, consent, signed)["verdict"]
    assert clause_a(case, rights, signed)["reason"] == "consent_missing"


def test_a_minor_share_that_is_not_needed_asks_for_no_guardian(case):
    shares = {"co_ownership": "shares"}
    rights = case.make.rights(
        shares | {"right": "R1", "share": 0.7, "consent_document": "C1"},
        shares | {"right": "R2", "share": 0.3, "holder": "持有人0002"},
    )
    consent = case.make.paper("joint_consent", "clear", document="C1", subject="x")
    assert clause_a(case, kinds(rights, "person", "minor"), consent)["verdict"]
    needed = clause_a(case, kinds(rights, "minor", "person"), consent)
    assert needed["reason"] == "guardian_missing"


def test_holders_shares_and_terms_are_told_parcel_by_parcel(case):
    shares = {"co_ownership": "shares", "end": pd.Timestamp("2040-06-30")}
    rights = case.make.rights(
        shares | {"right": "R1", "share": 0.7, "consent_document": "C1"},
        shares | {"right": "R2", "share": 0.3, "holder": "持有人0002"},
        {"right": "R3", "right_kind": "land_ownership", "holder": "村集体", "end": pd.NaT},
    )
    consent = case.make.paper("joint_consent", "clear", document="C1", subject="x")
    table = pledgors(case, rights, consent)
    columns = ["parcel", "holder", "right", "share", "may_pledge", "pieces", "area_dm2"]
    assert table[columns].to_numpy().tolist() == [
        ["Z1", "持有人0001", "R1", 0.7, True, 2, 2_000_000],
        ["Z1", "持有人0002", "R2", 0.3, True, 2, 2_000_000],
    ]
    assert set(table["pledge_until"]) == {pd.Timestamp("2040-06-30")}
    assert table["evidence"].tolist() == ["C1;D1;D2", "D1;D2"]
    alone = pledgors(case, rights)
    assert alone["may_pledge"].isna().all()


def test_joint_owners_have_no_share_and_units_of_different_shares_none(case):
    joint = {"co_ownership": "joint", "right": "R1"}
    assert pledgors(case, case.make.rights(joint))["share"].isna().all()
    part = {"co_ownership": "shares", "share": 0.5}
    rights = case.make.rights(
        part | {"right": "R1"}, {"right": "R2", "unit_code": "U2"}, part | {"right": "R3"}
    )
    table = pledgors(case, rights)
    assert table["right"].tolist() == ["R1;R2;R3"]
    assert table["share"].tolist() == [1.0]
    odd = pledgors(case, rights.iloc[:2])
    assert odd["share"].isna().all()


def test_an_ended_right_may_not_be_pledged(case):
    rights = case.make.rights(
        {"right": "R1", "right_kind": "forest_ownership", "end": pd.NaT},
        {"right": "R2", "right_kind": "management", "end": pd.Timestamp("2020-12-31")},
    )
    assert pledgors(case, rights)["may_pledge"].tolist() == [False]
