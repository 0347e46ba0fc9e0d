"""What is missing, refused, self-issued or impossible never makes a verdict of clause 4.1 a yes."""

import pandas as pd
import pytest

from ecogis import eligibility

LATE = pd.Timestamp("2026-08-20")
PAST = {"start": pd.Timestamp("2000-01-01"), "end": pd.Timestamp("2020-01-01")}


def judge(case, **changes):
    given = {"rights": case.rights, "encumbrances": case.burdens, "documents": case.documents}
    given |= {name: changes.pop(name) for name in list(changes) if name in given}
    options = {"methodology_match": case.match, "ledger": eligibility.no_claims()} | changes
    return eligibility.guideline(
        case.pieces,
        *given.values(),
        case.day,
        province="44",
        units=eligibility.Units("ccer"),
        **options,
    )


def told(verdicts, clause):
    table = verdicts.table
    row = table[table["clause"].eq(clause) & table["piece"].eq("P1")].iloc[0]
    verdict = None if pd.isna(row["verdict"]) else bool(row["verdict"])
    return row["reason"], verdict


def filed(case, *more, **changed):
    """All papers, some of them changed, and more after them."""
    kept = [paper | changed.get(paper["document_kind"], {}) for paper in case.full]
    return case.make.documents(*kept, *more)


def consented(case, *rights):
    letters = [
        case.make.paper("joint_consent", "clear", subject_kind="right", subject=name)
        for name in rights
    ]
    return filed(case, *letters)


OTHERS = [
    {"right": "R2"} | PAST,  # a certificate that was replaced
    {"right": "R2", "holder": "乙"} | PAST,
    {"right": "R2", "holder": "乙", "right_kind": "forest_land_use"},
]


@pytest.mark.parametrize("other", OTHERS)
def test_a_claim_of_our_ledger_binds_by_whichever_right_of_the_parcel(case, other):
    rights = case.make.rights({"right": "R1"}, other)
    assert told(judge(case, rights=rights), "4.1 d") == ("unique_shown", True)
    ledger = pd.DataFrame([{"claim": "K1", "right": "R2", "vintage": 2027, "lender": "演示银行"}])
    found = told(judge(case, rights=rights, ledger=ledger), "4.1 d")
    assert found == ("pledged_in_ledger", False)


def test_a_pledge_outlasts_the_holders_replaced_certificate(case):
    rights = case.make.rights({"right": "R1"}, OTHERS[0])
    pledge = case.make.burdens({"encumbrance_kind": "pledge", "right": "R2", "parcel": None})
    found = judge(case, rights=rights, encumbrances=pledge)
    assert told(found, "4.1 d") == ("pledged_on_record", False)
    ended = case.make.rights({"right": "R2"} | PAST)
    found = judge(case, rights=ended, encumbrances=pledge)
    assert told(found, "4.1 d") == ("pledged_on_record", False)


@pytest.mark.parametrize("place", [{}, {"parcel": None}])
def test_an_encumbrance_without_an_identifier_binds_like_any_other(case, place):
    burdens = case.make.burdens({"encumbrance_kind": "pledge", "encumbrance": None} | place)
    found = told(judge(case, encumbrances=burdens), "4.1 d")
    assert found == (("encumbrance_unplaced", None) if place else ("pledged_on_record", False))


REFUSED = [
    ("certificate", "4.1 a", "certificate_missing"),
    ("register_extract", "4.1 a", "register_extract_missing"),
    ("register_extract", "4.1 e", "register_extract_missing"),
    ("intent_letter", "4.1 b", "intent_missing"),
    ("pledge_search", "4.1 d", "pledge_search_missing"),
    ("project_search", "4.1 d", "project_search_missing"),
]


@pytest.mark.parametrize(("kind", "clause", "reason"), REFUSED)
def test_a_later_refusal_overrules_what_was_said_before(case, kind, clause, reason):
    refusal = case.make.paper(kind, "refused", date=LATE)
    assert told(judge(case, documents=filed(case, refusal)), clause) == (reason, None)
    early = refusal | {"date": pd.Timestamp("2026-01-01")}
    assert told(judge(case, documents=filed(case, early)), clause)[1]


def test_a_refused_certificate_overrules_a_contract_but_not_the_other_way_round(case):
    contract = case.make.paper("transfer_contract", "clear", subject_kind="right", subject="R1")
    refusal = case.make.paper("certificate", "refused", date=LATE)
    found = judge(case, documents=filed(case, contract, refusal))
    assert told(found, "4.1 a") == ("certificate_missing", None)
    refusal = contract | {"result": "refused", "date": LATE}
    assert told(judge(case, documents=filed(case, contract, refusal)), "4.1 a")[1]


def test_a_refusal_after_a_restriction_does_not_lift_it(case):
    found = case.make.paper("pledge_search", "encumbered", date=pd.Timestamp("2026-08-10"))
    refusal = case.make.paper("pledge_search", "refused", date=LATE)
    verdict = told(judge(case, documents=filed(case, found, refusal)), "4.1 d")
    assert verdict == ("pledge_search_encumbered", False)


@pytest.mark.parametrize("shares", [(1.0, None), (1.5, -0.5), (1.0, 0.0), (0.7, 0.7)])
@pytest.mark.parametrize("result", ["clear", "refused"])
def test_shares_that_are_missing_or_impossible_decide_nothing(case, shares, result):
    rows = [
        {"right": f"R{i}", "holder": f"人{i}", "co_ownership": "shares", "share": share}
        for i, share in enumerate(shares)
    ]
    letter = case.make.paper("joint_consent", result, subject_kind="right", subject="R0")
    found = judge(case, rights=case.make.rights(*rows), documents=filed(case, letter))
    assert told(found, "4.1 a") == ("shares_disagree", None)


@pytest.mark.parametrize("other", [[], [{"right": "R2", "co_ownership": "joint"}]])
def test_a_joint_right_with_one_owner_on_record_leaves_the_others_open(case, other):
    rights = case.make.rights({"right": "R1", "co_ownership": "joint"}, *other)
    found = told(judge(case, rights=rights, documents=consented(case, "R1", "R2")), "4.1 a")
    assert found == ("co_owner_missing", None)
    several = rights.assign(holder="甲、乙")
    found = told(judge(case, rights=several, documents=consented(case, "R1", "R2")), "4.1 a")
    assert found == ("title_shown", True)


def test_a_refusal_of_the_one_joint_owner_on_record_is_a_no(case):
    rights = case.make.rights({"right": "R1", "co_ownership": "joint"})
    letter = case.make.paper("joint_consent", "refused", subject_kind="right", subject="R1")
    found = judge(case, rights=rights, documents=filed(case, letter))
    assert told(found, "4.1 a") == ("owner_refused", False)


ISSUED = [
    ("certificate", "4.1 a", "certificate_missing"),
    ("register_extract", "4.1 e", "register_extract_missing"),
    ("pledge_search", "4.1 d", "pledge_search_missing"),
    ("project_search", "4.1 d", "project_search_missing"),
]


@pytest.mark.parametrize("issuer", ["holder", "own"])
@pytest.mark.parametrize(("kind", "clause", "reason"), ISSUED)
def test_a_good_word_of_the_holder_or_ourselves_settles_nothing(case, kind, clause, reason, issuer):
    by_him = filed(case, **{kind: {"issuer_kind": issuer}})
    assert told(judge(case, documents=by_him), clause) == (reason, None)
    nobody = filed(case, **{kind: {"issuer_kind": None}})
    assert told(judge(case, documents=nobody), clause)[1]


def test_a_bad_word_counts_whoever_wrote_it(case):
    found = filed(case, pledge_search={"issuer_kind": "holder", "result": "encumbered"})
    verdict = told(judge(case, documents=found), "4.1 d")
    assert verdict == ("pledge_search_encumbered", False)


@pytest.mark.parametrize("kind", ["project_registration", "local_standard_proof"])
def test_the_holder_cannot_register_a_project_or_prove_a_standard(case, kind):
    fails = pd.Series(False, index=["P1", "P2"], dtype="boolean")
    paper = case.make.paper(kind, "clear", issuer_kind="holder")
    found = judge(case, methodology_match=fails, documents=filed(case, paper))
    assert told(found, "4.1 b") == ("methodology_not_met", False)


def test_an_extract_of_our_ledger_comes_from_us(case):
    extract = case.make.paper("ledger_extract", "clear", issuer_kind="holder")
    found = judge(case, ledger=None, documents=filed(case, extract))
    assert told(found, "4.1 d") == ("ledger_missing", None)
    found = judge(case, ledger=None, documents=filed(case, extract | {"issuer_kind": "own"}))
    assert told(found, "4.1 d") == ("unique_shown", True)


@pytest.mark.parametrize("holder", ["乙", None])
def test_a_right_of_another_of_a_kind_that_cannot_be_read_leaves_the_title_open(case, holder):
    other = {"right": "R2", "right_kind": None, "holder": holder}
    rights = case.make.rights({"right": "R1"}, other)
    assert told(judge(case, rights=rights), "4.1 a") == ("right_kind_unread", None)
    table = eligibility.title(case.pieces, rights, case.burdens, case.documents, case.day)
    assert table.loc[table["right"].eq("R1"), "may_pledge"].isna().all()
    assert told(judge(case, rights=case.make.rights({"right": "R1"}, other | PAST)), "4.1 a")[1]
    own = other | {"holder": "持有人0001"}
    assert told(judge(case, rights=case.make.rights({"right": "R1"}, own)), "4.1 a")[1]


def test_the_contract_that_tells_whose_the_yield_is_is_asked_for_the_right_to_manage(case):
    forest = {"right": "R2", "right_kind": "forest_ownership", "holder": "乙"}
    rights = case.make.rights({"right": "R1"}, forest)
    verdicts = judge(case, rights=rights)
    assert told(verdicts, "4.1 a") == ("holders_differ", None)
    due = eligibility.due_diligence([verdicts])
    asked = due[["would_settle", "subject_kind", "subject"]].to_numpy().tolist()
    assert asked == [["transfer_contract", "right", "R1"]]
    contract = case.make.paper("transfer_contract", "clear", subject_kind="right", subject="R1")
    assert told(judge(case, rights=rights, documents=filed(case, contract)), "4.1 a")[1]


def test_a_missing_holder_does_not_differ_from_himself(case):
    verdicts = judge(case, rights=case.make.rights({"right": "R1", "holder": None}))
    assert verdicts.table["open_reasons"].str.contains("holder_missing").any()
    assert not verdicts.table["open_reasons"].str.contains("holders_differ").any()
