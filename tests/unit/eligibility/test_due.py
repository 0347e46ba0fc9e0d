"""The due-diligence list, and what pieces come to by parcel and project."""

import pandas as pd

from ecogis import eligibility


def judged(case, documents, rights=None, **options):
    return eligibility.guideline(
        case.pieces,
        case.rights if rights is None else rights,
        case.burdens,
        documents,
        case.day,
        province="44",
        units=eligibility.Units("ccer"),
        methodology_match=options.pop("match", case.match),
        ledger=options.pop("ledger", eligibility.no_claims()),
    )


def without(case, *kinds):
    return case.make.documents(*(p for p in case.full if p["document_kind"] not in kinds))


def test_one_paper_for_two_clauses_is_asked_for_once(case):
    asked = eligibility.due_diligence([judged(case, without(case, "register_extract"))])
    keys = ["would_settle", "clause", "settled_ha", "area_ha"]
    assert asked[keys].to_numpy().tolist() == [["register_extract", "4.1 a;4.1 e", 2.0, 2.0]]


def test_what_settles_the_most_land_alone_comes_first(case):
    case.pieces = case.pieces.assign(parcel=["Z1", "Z2"], area_dm2=[3_000_000, 1_000_000])
    rights = case.make.rights({"right": "R1"}, {"right": "R2", "parcel": "Z2", "unit_code": "U2"})
    papers = without(case, "pledge_search", "project_search")
    second = [paper | {"subject": "Z2"} for paper in case.full[:-1]]
    documents = pd.concat([papers, case.make.documents(*second)], ignore_index=True)
    asked = eligibility.due_diligence([judged(case, documents, rights)])
    keys = ["would_settle", "subject", "settled_ha", "area_ha"]
    assert asked[keys].to_numpy().tolist() == [
        ["lender_policy", "Z2", 1.0, 1.0],
        ["pledge_search", "Z1", 0.0, 3.0],
        ["project_search", "Z1", 0.0, 3.0],
    ]
    only = eligibility.due_diligence([judged(case, documents, rights)], ["P2"])
    assert only["subject"].tolist() == ["Z2"]


def test_consent_is_asked_of_each_owner_who_has_not_spoken(case):
    joint = {"co_ownership": "joint"}
    rights = case.make.rights(
        joint | {"right": "R1", "consent_document": "C1"},
        joint | {"right": "R2", "holder": "持有人0002"},
        joint | {"right": "R3", "holder": "持有人0003"},
    )
    letter = case.make.paper("joint_consent", "clear", document="C1", subject="x")
    asked = eligibility.due_diligence(
        [judged(case, case.make.documents(*case.full, letter), rights)]
    )
    keys = ["subject_kind", "subject", "parcel", "holder", "issuer"]
    assert asked[keys].to_numpy().tolist() == [
        ["right", "R2", "Z1", "持有人0002", "共有人"],
        ["right", "R3", "Z1", "持有人0003", "共有人"],
    ]
    assert asked["settled_ha"].tolist() == [0.0, 0.0]  # each alone settles nothing


def test_what_is_missing_for_all_land_is_asked_for_once(case):
    case.pieces = case.pieces.assign(parcel=["Z1", "Z2"])
    rights = case.make.rights({"right": "R1"}, {"right": "R2", "parcel": "Z2", "unit_code": "U2"})
    asked = eligibility.due_diligence([judged(case, case.documents, rights, ledger=None)])
    ledger = asked[asked["would_settle"] == "ledger_extract"]
    keys = ["subject_kind", "subject", "pieces", "area_ha", "issuer_en"]
    assert ledger[keys].to_numpy().tolist() == [["project", "", 2, 2.0, "this office"]]
    assert ledger["holder"].isna().all()


def test_where_the_conditions_ask_already_clause_b_asks_for_nothing_more(case):
    open_match = pd.Series([None, None], index=["P1", "P2"], dtype="boolean")
    clauses = judged(case, case.documents, match=open_match)
    alone = eligibility.due_diligence([clauses])
    assert alone["reasons"].tolist() == ["methodology_open"]
    conditions = eligibility.guideline(  # any verdicts will do: here the extract is missing
        case.pieces,
        case.rights,
        case.burdens,
        without(case, "register_extract"),
        case.day,
        province="44",
        units=eligibility.Units("ccer"),
        methodology_match=case.match,
        ledger=eligibility.no_claims(),
    )
    both = eligibility.due_diligence([conditions, clauses])
    assert both["would_settle"].tolist() == ["register_extract"]


def test_a_parcel_is_yes_when_all_its_pieces_are(case):
    case.pieces = pd.concat([case.pieces, case.pieces.assign(piece=["P3", "P4"], parcel="Z2")])
    match = pd.Series([True, False, True, None], index=["P1", "P2", "P3", "P4"], dtype="boolean")
    rights = case.make.rights({"right": "R1"}, {"right": "R2", "parcel": "Z2", "unit_code": "U2"})
    second = case.make.documents(*(paper | {"subject": "Z2"} for paper in case.full))
    documents = pd.concat([case.documents, second], ignore_index=True)
    verdicts = judged(case, documents, rights, match=match)
    table = verdicts.by_parcel()
    assert len(table) == 2 * 7
    got = table[table["clause"].isin(["4.1 b", "4.1 c", "all"])].fillna({"verdict": False})
    assert got.drop(columns="verdict").to_numpy().tolist() == [
        ["Z1", "4.1 b", 2, 1_000_000, 1_000_000, 0],
        ["Z1", "4.1 c", 2, 2_000_000, 0, 0],
        ["Z1", "all", 2, 1_000_000, 1_000_000, 0],
        ["Z2", "4.1 b", 2, 1_000_000, 0, 1_000_000],
        ["Z2", "4.1 c", 2, 2_000_000, 0, 0],
        ["Z2", "all", 2, 1_000_000, 0, 1_000_000],
    ]
    whole = table.set_index(["parcel", "clause"])["verdict"]
    assert whole["Z1", "4.1 b"] == False  # noqa: E712
    assert pd.isna(whole["Z2", "all"])
    assert whole["Z2", "4.1 c"]
    project = verdicts.of_project().set_index("clause")
    assert project.loc["all", "verdict"] == False  # noqa: E712
    assert project.loc["4.1 b", ["yes_dm2", "no_dm2", "unknown_dm2"]].tolist() == [
        2_000_000,
        1_000_000,
        1_000_000,
    ]
    put_forward = verdicts.of_project(["P1", "P3"]).set_index("clause")
    assert put_forward["verdict"].all()
    assert put_forward.loc["all", "yes_dm2"] == 2_000_000


def test_a_piece_without_parcel_is_counted_too(case):
    case.pieces.loc[1, "parcel"] = pd.NA
    table = judged(case, case.documents).by_parcel()
    areas = table[table["clause"] == "4.1 a"][["yes_dm2", "unknown_dm2"]].sum().tolist()
    assert areas == [1_000_000, 1_000_000]
