"""Each clause of 4.1 by hand: what makes it yes, no and not known."""

from datetime import date

import pandas as pd
import pytest

from ecogis import eligibility
from ecogis.core.errors import VocabularyError
from ecogis.core.findings import Findings
from ecogis.eligibility.guideline import CLAUSES


def judge(case, **changes):
    given = {"rights": case.rights, "encumbrances": case.burdens, "documents": case.documents}
    given |= changes
    options = {"province": "44", "methodology_match": case.match}
    options |= {"ledger": eligibility.no_claims(), "units": eligibility.Units("ccer")}
    options |= {name: given.pop(name) for name in list(given) if name not in _TABLES}
    return eligibility.guideline(
        case.pieces, *(given[name] for name in _TABLES), case.day, **options
    )


_TABLES = ("rights", "encumbrances", "documents")


def one(verdicts, clause, piece="P1"):
    table = verdicts.table
    return table[(table["clause"] == clause) & (table["piece"] == piece)].iloc[0]


def test_with_everything_on_file_all_clauses_are_yes(case):
    verdicts = judge(case)
    assert verdicts.wide().to_numpy().tolist() == [[True] * 6] * 2
    assert eligibility.pledgeable(verdicts).tolist() == [True, True]
    assert one(verdicts, "4.1 a")["evidence"] == "R1;D1;D2"
    assert one(verdicts, "4.1 d")["evidence"] == "D5;D6"
    assert eligibility.due_diligence([verdicts]).empty


@pytest.mark.parametrize("empty", [None, "no rows"])
def test_with_nothing_on_file_nothing_is_yes(case, empty):
    def table(given):
        return None if empty is None else given.iloc[:0]

    verdicts = judge(
        case,
        rights=table(case.rights),
        documents=table(case.documents),
        encumbrances=table(case.burdens),
        methodology_match=None,
    )
    assert verdicts.wide().isna().all(axis=None)
    assert verdicts.table["would_settle"].ne("").all()


def test_counts_add_up_to_the_land(case):
    counts = judge(case, documents=case.make.documents(*case.full[:2])).counts()
    assert counts["clause"].tolist() == list(CLAUSES)
    assert (counts[["yes", "no", "unknown"]].sum(axis=1) == 2).all()
    assert (counts[["yes_ha", "no_ha", "unknown_ha"]].sum(axis=1) == 2.0).all()


def test_due_diligence_names_parcel_clause_and_documents(case):
    verdicts = judge(case, documents=case.make.documents(*case.full[1:]))
    assert eligibility.due_diligence([verdicts]).to_dict("records") == [
        {
            "would_settle": "certificate;transfer_contract",
            "subject_kind": "parcel",
            "subject": "Z1",
            "parcel": "Z1",
            "holder": "持有人0001",
            "clause": "4.1 a",
            "reasons": "certificate_missing",
            "issuer_kind": "registry;holder",
            "issuer": "不动产登记机构;流转双方",
            "issuer_en": "the real-estate registry;both parties to the transfer",
            "pieces": 2,
            "area_dm2": 2_000_000,
            "settled_dm2": 2_000_000,
            "area_ha": 2.0,
            "settled_ha": 2.0,
        }
    ]


# clause, reason, changed papers: each row replaces the paper of that kind, or drops it (None)
PAPERS = [
    ("4.1 a", "certificate_missing", {"certificate": None}),
    ("4.1 a", "certificate_missing", {"certificate": {"date": pd.NaT}}),
    ("4.1 a", "certificate_unnumbered", {"certificate": {"number": " "}}),
    ("4.1 a", "certificate_missing", {"certificate": {"date": pd.Timestamp("2026-09-01")}}),
    ("4.1 a", "register_extract_missing", {"register_extract": None}),
    (
        "4.1 a",
        "register_extract_missing",
        {"register_extract": {"valid_until": pd.Timestamp("2026-08-30")}},
    ),
    ("4.1 a", "register_extract_missing", {"register_extract": {"result": None}}),
    ("4.1 b", "intent_missing", {"intent_letter": None}),
    ("4.1 c", "report_missing", {"third_party_report": None}),
    ("4.1 c", "own_report_only", {"third_party_report": {"issuer_kind": "own"}}),
    ("4.1 c", "own_report_only", {"third_party_report": {"number": "9f" * 32}}),
    ("4.1 c", "report_issuer_unknown", {"third_party_report": {"issuer_kind": None}}),
    ("4.1 c", "report_issuer_unknown", {"third_party_report": {"issuer_kind": "lender"}}),
    ("4.1 c", "report_unnumbered", {"third_party_report": {"number": None}}),
    ("4.1 c", "report_missing", {"third_party_report": {"result": None}}),
    ("4.1 c", "third_party_refused", {"third_party_report": {"result": "refused"}}),
    ("4.1 d", "pledge_search_missing", {"pledge_search": None}),
    ("4.1 d", "pledge_search_missing", {"pledge_search": {"result": None}}),
    ("4.1 d", "pledge_search_encumbered", {"pledge_search": {"result": "encumbered"}}),
    ("4.1 d", "project_search_missing", {"project_search": None}),
    ("4.1 d", "project_search_encumbered", {"project_search": {"result": "encumbered"}}),
    ("4.1 e", "register_extract_missing", {"register_extract": None}),
    ("4.1 e", "register_extract_missing", {"register_extract": {"result": None}}),
    ("4.1 e", "extract_encumbered", {"register_extract": {"result": "encumbered"}}),
    ("4.1 f", "lender_not_asked", {"lender_policy": None}),
    ("4.1 f", "lender_refused", {"lender_policy": {"result": "refused"}}),
    ("4.1 f", "lender_refused", {"lender_policy": {"result": "refused", "issuer_kind": None}}),
    ("4.1 f", "lender_not_asked", {"lender_policy": {"issuer_kind": "own"}}),
]


@pytest.mark.parametrize(("clause", "reason", "changed"), PAPERS)
def test_papers(case, clause, reason, changed):
    kept = [
        paper | (changed.get(paper["document_kind"], {}) or {})
        for paper in case.full
        if changed.get(paper["document_kind"], {}) is not None
    ]
    row = one(judge(case, documents=case.make.documents(*kept)), clause)
    assert row["reason"] == reason
    assert eligibility.reason(reason).verdict == {True: "yes", False: "no"}.get(
        row["verdict"], "unknown"
    )


# clause, reason and the encumbrance that gives it
BURDENS = [
    ("4.1 a", "contested", {"encumbrance_kind": "dispute"}),
    ("4.1 a", "contested", {"encumbrance_kind": "objection", "right": "R1"}),
    ("4.1 d", "pledged_on_record", {"encumbrance_kind": "pledge", "right": "R1", "parcel": None}),
    ("4.1 d", "pledged_on_record", {"encumbrance_kind": "mortgage"}),
    ("4.1 d", "pledged_on_record", {"encumbrance_kind": "pledge", "right": "nobody's"}),
    ("4.1 e", "restricted", {"encumbrance_kind": "seizure"}),
    ("4.1 e", "restricted", {"encumbrance_kind": "freeze", "start": pd.NaT}),
    ("4.1 e", "restricted", {"encumbrance_kind": "enforcement", "right": "R1", "parcel": None}),
    ("4.1 e", "restricted", {"encumbrance_kind": "dispute"}),
    # it ends before it begins: which of the days is wrong cannot be known
    (
        "4.1 d",
        "pledged_on_record",
        {"encumbrance_kind": "pledge", "end": pd.Timestamp("2019-01-01")},
    ),
    (
        "4.1 e",
        "restricted",
        {
            "encumbrance_kind": "seizure",
            "start": pd.Timestamp("2030-01-01"),
            "end": pd.Timestamp("2024-01-01"),
        },
    ),
]


@pytest.mark.parametrize(("clause", "reason", "burden"), BURDENS)
def test_burdens(case, clause, reason, burden):
    row = one(judge(case, encumbrances=case.make.burdens(burden)), clause)
    assert (row["reason"], row["verdict"], row["evidence"]) == (reason, False, "X1")


@pytest.mark.parametrize(
    "over", [{"end": pd.Timestamp("2026-08-30")}, {"start": pd.Timestamp("2026-09-01")}]
)
def test_a_burden_that_is_over_or_not_begun_does_not_count(case, over):
    burdens = case.make.burdens({"encumbrance_kind": "pledge"} | over)
    assert one(judge(case, encumbrances=burdens), "4.1 d")["verdict"]


@pytest.mark.parametrize("kind", [None, "代码表外"])
@pytest.mark.parametrize("place", [{"right": "R1", "parcel": None}, {"parcel": "Z1"}])
def test_a_burden_of_a_kind_that_cannot_be_read_leaves_its_parcel_open(case, kind, place):
    case.pieces.loc[1, "parcel"] = "Z2"
    verdicts = judge(case, encumbrances=case.make.burdens({"encumbrance_kind": kind} | place))
    for clause in ("4.1 d", "4.1 e"):
        row = one(verdicts, clause)
        assert (row["reason"], row["evidence"]) == ("encumbrance_unread", "X1")
        assert row["would_settle"] == "register_extract;pledge_search"
        assert one(verdicts, clause, "P2")["reason"] != "encumbrance_unread"


@pytest.mark.parametrize(
    "place",
    [
        {"right": "nobody's", "parcel": None},
        {"right": None, "parcel": None},
        {"right": "R9", "parcel": None},  # on record, on a parcel whose code cannot be read
        {"right": None, "parcel": "4418991012070000038"},
    ],
)
def test_a_burden_that_names_no_known_land_may_bind_any(case, place):
    lost = {"right": "R9", "parcel": "4418991012070000038", "holder": "持有人0002"}
    rights = case.make.rights({"right": "R1"}, lost)
    case.pieces.loc[1, "parcel"] = "Z2"
    burdens = case.make.burdens({"encumbrance_kind": "mortgage"} | place)
    verdicts = judge(case, rights=rights, encumbrances=burdens)
    for clause in ("4.1 d", "4.1 e"):
        for piece in ("P1", "P2"):
            row = one(verdicts, clause, piece)
            assert (row["reason"], row["evidence"]) == ("encumbrance_unplaced", "X1")
    assert one(verdicts, "4.1 d")["would_settle"] == "register_extract;pledge_search"


def test_a_burden_whose_right_lies_elsewhere_binds_the_parcel_it_names_as_well(case):
    case.pieces.loc[1, "parcel"] = "Z2"
    rights = case.make.rights({"right": "R1"}, {"right": "R2", "parcel": "Z2", "unit_code": "U2"})
    burdens = case.make.burdens({"encumbrance_kind": "mortgage", "right": "R1", "parcel": "Z2"})
    verdicts = judge(case, rights=rights, encumbrances=burdens)
    for piece in ("P1", "P2"):
        row = one(verdicts, "4.1 d", piece)
        assert (row["reason"], row["evidence"]) == ("pledged_on_record", "X1")


def test_a_burden_on_a_parcel_beyond_the_map_binds_that_one_only(case):
    burdens = case.make.burdens({"encumbrance_kind": "seizure", "parcel": "441899101207JE00038"})
    assert one(judge(case, encumbrances=burdens), "4.1 e")["verdict"]


def test_a_mortgage_on_a_right_in_doubt_does_not_vanish(case):
    burdens = case.make.burdens({"encumbrance_kind": "mortgage", "right": "R1"})
    row = one(judge(case, encumbrances=burdens, excluded_rights={"R1"}), "4.1 d")
    assert row["reason"] == "pledged_on_record"


def test_a_claim_in_the_ledger_counts_like_one_on_record(case):
    claim = {"claim": "K1", "right": "R1", "vintage": 2027, "lender": "演示银行"}
    row = one(judge(case, ledger=pd.DataFrame([claim, claim | {"vintage": 2028}])), "4.1 d")
    assert (row["reason"], row["evidence"], row["verdict"]) == ("pledged_in_ledger", "K1", False)
    with pytest.raises(VocabularyError):
        judge(case, ledger=pd.DataFrame([{"claim": "K1", "right": "R1"}]))


def test_without_our_ledger_uniqueness_is_not_known_until_an_extract_is_on_file(case):
    row = one(judge(case, ledger=None), "4.1 d")
    assert (row["reason"], row["would_settle"]) == ("ledger_missing", "ledger_extract")
    about = {"subject_kind": "project", "subject": "项目", "issuer_kind": "own"}
    for result, reason in (("clear", "unique_shown"), ("encumbered", "ledger_extract_encumbered")):
        extract = case.make.paper("ledger_extract", result, **about)
        found = judge(case, ledger=None, documents=case.make.documents(*case.full, extract))
        assert one(found, "4.1 d")["reason"] == reason
        assert one(found, "4.1 d")["evidence"].endswith("D8")


def test_a_claim_of_our_ledger_on_no_known_right_may_bind_any_land(case):
    findings = Findings()
    ledger = pd.DataFrame([{"claim": "K9", "right": "?", "vintage": 2027, "lender": "演示银行"}])
    row = one(judge(case, ledger=ledger, findings=findings), "4.1 d")
    assert (row["reason"], row["evidence"]) == ("claim_unplaced", "K9")
    assert findings.table()["code"].tolist() == ["E771"]


def test_the_latest_third_partys_report_speaks(case):
    early = case.make.paper(
        "third_party_report",
        "refused",
        issuer_kind="third_party",
        date=pd.Timestamp("2026-01-01"),
    )
    assert one(judge(case, documents=case.make.documents(*case.full, early)), "4.1 c")["verdict"]
    late = early | {"date": pd.Timestamp("2026-08-20")}
    row = one(judge(case, documents=case.make.documents(*case.full, late)), "4.1 c")
    assert (row["reason"], row["evidence"]) == ("third_party_refused", "D8")


def test_before_its_first_day_the_guideline_is_used_by_analogy(case):
    findings = Findings()
    case.day = date(2026, 1, 15)
    judge(case, findings=findings)
    assert findings.table()["code"].tolist() == ["E772"]


def test_without_a_table_of_encumbrances_uniqueness_stays_open(case):
    verdicts = judge(case, encumbrances=None)
    assert one(verdicts, "4.1 d")["reason"] == "encumbrances_missing"
    assert one(verdicts, "4.1 e")["reason"] == "encumbrances_missing"


def test_the_latest_search_speaks_and_on_one_day_the_adverse_one(case):
    found = case.make.paper("pledge_search", "encumbered", date=pd.Timestamp("2026-01-01"))
    later = judge(case, documents=case.make.documents(*case.full, found))
    assert one(later, "4.1 d")["verdict"]
    same_day = case.make.documents(*case.full, found | {"date": pd.Timestamp("2026-08-01")})
    assert one(judge(case, documents=same_day), "4.1 d")["reason"] == "pledge_search_encumbered"


def test_methodology_or_project_and_intent(case):
    silent = case.make.paper(
        "project_registration", number="1", subject_kind="project", subject="项目"
    )
    registration = silent | {"result": "clear"}
    fails = pd.Series(False, index=["P1", "P2"], dtype="boolean")
    assert one(judge(case, methodology_match=fails), "4.1 b")["reason"] == "methodology_not_met"
    assert one(judge(case, methodology_match=None), "4.1 b")["reason"] == "methodology_open"
    on_file = case.make.documents(*case.full, registration)
    registered = judge(case, methodology_match=fails, documents=on_file)
    assert one(registered, "4.1 b")["reason"] == "project_registered"
    said_nothing = case.make.documents(*case.full, silent)
    unsaid = judge(case, methodology_match=fails, documents=said_nothing)
    assert one(unsaid, "4.1 b")["reason"] == "methodology_not_met"
    other = judge(case, methodology_match=fails, documents=on_file, project="另一项目")
    assert one(other, "4.1 b")["reason"] == "methodology_not_met"
    bare = case.make.documents(*case.full, registration | {"number": None})
    unnumbered = one(judge(case, methodology_match=fails, documents=bare), "4.1 b")
    assert (unnumbered["reason"], unnumbered["verdict"]) == ("registration_unnumbered", pd.NA)
    refused = case.make.documents(*case.full, registration | {"result": "refused"})
    assert one(judge(case, documents=refused), "4.1 b")["reason"] == "registration_refused"


@pytest.mark.parametrize("kind", ["carbon_ticket", "tcer", "other"])
def test_units_the_guideline_does_not_speak_of_are_outside_it(case, kind):
    proof = case.make.paper("local_standard_proof", "clear", issuer_kind="third_party")
    about = {"number": "1", "subject_kind": "project", "subject": "项目"}
    registered = case.make.paper("project_registration", "clear", **about)
    papers = case.make.documents(*case.full, proof, registered)
    found = judge(case, documents=papers, units=eligibility.Units(kind), methodology="M@1")
    row = one(found, "4.1 b")
    assert (row["reason"], row["verdict"], row["evidence"]) == ("units_outside", False, "M@1")
    assert not eligibility.pledgeable(found).any()


@pytest.mark.parametrize("units", [None, eligibility.Units("")])
def test_units_nobody_named_are_not_known_until_a_project_is_registered(case, units):
    row = one(judge(case, units=units), "4.1 b")
    assert (row["reason"], row["verdict"]) == ("units_unknown", pd.NA)
    about = {"number": "1", "subject_kind": "project", "subject": "项目"}
    registered = case.make.paper("project_registration", "clear", **about)
    papers = case.make.documents(*case.full, registered)
    assert one(judge(case, units=units, documents=papers), "4.1 b")["verdict"]


@pytest.mark.parametrize(("kind", "codes"), [("carbon_ticket", ["E737"]), ("ccer", [])])
def test_by_analogy_other_units_are_judged_as_the_rest_and_that_is_told(case, kind, codes):
    findings = Findings()
    units = eligibility.Units(kind, by_analogy="贷款人书面同意(测试)")
    assert one(judge(case, units=units, findings=findings), "4.1 b")["verdict"]
    told = findings.table()
    assert told["code"].tolist() == codes
    assert all("贷款人书面同意" in text for text in told["message_zh"])


@pytest.mark.parametrize("fit", [False, None])
def test_a_local_standard_with_a_letter_of_intent_will_do(case, fit):
    match = pd.Series([fit] * 2, index=["P1", "P2"], dtype="boolean")
    proof = case.make.paper("local_standard_proof", "clear", issuer_kind="third_party")
    shown = judge(case, methodology_match=match, documents=case.make.documents(*case.full, proof))
    row = one(shown, "4.1 b")
    assert (row["reason"], row["evidence"]) == ("local_standard_and_intent", "D3;D8")
    unmeant = [paper for paper in case.full if paper["document_kind"] != "intent_letter"]
    papers = case.make.documents(*unmeant, proof)
    found = judge(case, methodology_match=match, documents=papers)
    assert one(found, "4.1 b")["reason"] == "intent_missing"
    silent = case.make.documents(*case.full, proof | {"result": None})
    row = one(judge(case, methodology_match=match, documents=silent, methodology="M@1"), "4.1 b")
    expected = ("methodology_not_met", "M@1") if fit is False else ("methodology_open", "D3")
    assert (row["reason"], row["evidence"]) == expected


def test_a_piece_without_parcel_is_never_yes_for_parcel_documents(case):
    case.pieces.loc[1, "parcel"] = pd.NA
    verdicts = judge(case)
    assert one(verdicts, "4.1 a", "P2")["reason"] == "no_right_on_record"
    assert eligibility.pledgeable(verdicts).isna().tolist() == [False, True]


def test_outside_guangdong_one_finding_for_the_run(case):
    findings = Findings()
    judge(case, province="35", findings=findings)
    table = findings.table()
    assert table["code"].tolist() == ["E270"]
    assert "35" in table.loc[0, "message_zh"]


def test_row_order_changes_nothing(case):
    straight = judge(case).table
    shuffled = judge(case, documents=case.documents.iloc[::-1]).table
    case.pieces = case.pieces.iloc[::-1]
    turned = judge(case).table
    pd.testing.assert_frame_equal(straight, shuffled)
    pd.testing.assert_frame_equal(straight, turned)
