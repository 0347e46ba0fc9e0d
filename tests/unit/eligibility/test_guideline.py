"""Each clause of 4.1 by hand: what makes it yes, no and not known."""

import pandas as pd
import pytest

from ecogis import eligibility
from ecogis.core.findings import Findings
from ecogis.eligibility.guideline import CLAUSES


def judge(case, **changes):
    given = {"rights": case.rights, "encumbrances": case.burdens, "documents": case.documents}
    given |= changes
    options = {"province": "44", "methodology_match": case.match}
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
    assert verdicts.due_diligence().empty


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
    wanted = judge(case, documents=case.make.documents(*case.full[1:])).due_diligence()
    assert wanted.to_dict("records") == [
        {
            "subject": "Z1",
            "clause": "4.1 a",
            "would_settle": "certificate;transfer_contract",
            "pieces": 2,
            "area_ha": 2.0,
        }
    ]


# clause, reason, changed papers: each row replaces the paper of that kind, or drops it (None)
PAPERS = [
    ("4.1 a", "certificate_missing", {"certificate": None}),
    ("4.1 a", "certificate_missing", {"certificate": {"date": pd.NaT}}),
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
    ("4.1 c", "report_missing", {"third_party_report": {"number": None}}),
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


def test_a_burden_on_a_parcel_beyond_the_map_binds_that_one_only(case):
    burdens = case.make.burdens({"encumbrance_kind": "seizure", "parcel": "441899101207JE00038"})
    assert one(judge(case, encumbrances=burdens), "4.1 e")["verdict"]


def test_a_mortgage_on_a_right_in_doubt_does_not_vanish(case):
    burdens = case.make.burdens({"encumbrance_kind": "mortgage", "right": "R1"})
    row = one(judge(case, encumbrances=burdens, excluded_rights={"R1"}), "4.1 d")
    assert row["reason"] == "pledged_on_record"


def test_a_claim_in_the_ledger_counts_like_one_on_record(case):
    ledger = case.make.burdens({"encumbrance_kind": "pledge", "right": "R1"})
    assert one(judge(case, ledger=ledger), "4.1 d")["reason"] == "pledged_on_record"


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
    silent = case.make.paper("project_registration", subject_kind="project", subject="项目")
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
    refused = case.make.documents(*case.full, registration | {"result": "refused"})
    assert one(judge(case, documents=refused), "4.1 b")["reason"] == "registration_refused"


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
