"""Laws of the verdicts: evidence only helps, its absence never does, and order is nothing."""

from datetime import date

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecogis import eligibility

DAY = date(2026, 8, 31)
KINDS = (
    "certificate",
    "transfer_contract",
    "register_extract",
    "joint_consent",
    "project_registration",
    "intent_letter",
    "third_party_report",
    "pledge_search",
    "project_search",
    "lender_policy",
)
SUBJECTS = (("parcel", "Z1"), ("parcel", "Z2"), ("right", "R1"), ("stand", "S1"), ("project", "J"))
PIECES = pd.DataFrame(
    {
        "piece": ["P1", "P2", "P3"],
        "stand": ["S1", "S1", "S2"],
        "parcel": ["Z1", "Z2", "Z1"],
        "area_dm2": [1_000_000, 40_000, 1],
    }
).astype({"piece": "string", "stand": "string", "parcel": "string"})


def dated(days):
    return pd.Timestamp(DAY) + pd.Timedelta(days=days)


@st.composite
def documents(draw, results=("clear", "encumbered", "refused", None)):
    kind, (subject_kind, subject) = draw(st.sampled_from(KINDS)), draw(st.sampled_from(SUBJECTS))
    return {
        "document_kind": kind,
        "subject_kind": subject_kind,
        "subject": subject,
        "number": draw(st.sampled_from(["1", None])),
        "date": draw(st.sampled_from([dated(-30), dated(-5), dated(1), pd.NaT])),
        "valid_until": draw(st.sampled_from([pd.NaT, dated(-1), dated(30)])),
        "result": draw(st.sampled_from(results)),
        "issuer_kind": draw(st.sampled_from(["third_party", "own", None])),
    }


@st.composite
def rights(draw):
    return {
        "unit_code": draw(st.sampled_from(["U1", "U2"])),
        "parcel": draw(st.sampled_from(["Z1", "Z2"])),
        "right_kind": draw(
            st.sampled_from(["land_ownership", "management", "forest_ownership", "forest_use"])
        ),
        "holder": draw(st.sampled_from(["甲", "乙", None])),
        "co_ownership": draw(st.sampled_from(["sole", "joint", "shares", None])),
        "share": draw(st.sampled_from([0.3333, 0.5, 0.6667, None])),
        "certificate_no": None,
        "start": draw(st.sampled_from([dated(-900), dated(1), pd.NaT])),
        "end": draw(st.sampled_from([dated(900), dated(-1), pd.NaT])),
        "consent_document": draw(st.sampled_from(["D0", "D1", None])),
    }


BURDEN = st.fixed_dictionaries(
    {
        "right": st.sampled_from(["R0", "R1", "R9", None]),
        "parcel": st.sampled_from(["Z1", "Z2", None]),
        "encumbrance_kind": st.sampled_from(["pledge", "mortgage", "seizure", "dispute", None]),
        "start": st.sampled_from([dated(-9), dated(9), pd.NaT]),
        "end": st.sampled_from([dated(-12), dated(-3), pd.NaT]),
    }
)


def table(rows, key, columns):
    text = {name: "string" for name in columns if name not in TYPED}
    made = pd.DataFrame([{key: f"{key[0].upper()}{at}"} | row for at, row in enumerate(rows)])
    made = made.reindex(columns=[key, *columns])
    return made.astype(text | {key: "string"} | {k: v for k, v in TYPED.items() if k in columns})


TYPED = {"share": "Float64"} | dict.fromkeys(
    ("date", "valid_until", "start", "end"), "datetime64[ns]"
)
RIGHT = (
    "unit_code",
    "parcel",
    "right_kind",
    "holder",
    "co_ownership",
    "share",
    "certificate_no",
    "start",
    "end",
    "consent_document",
)
DOCUMENT = (
    "document_kind",
    "subject_kind",
    "subject",
    "number",
    "date",
    "valid_until",
    "result",
    "issuer_kind",
)
ENCUMBRANCE = ("right", "parcel", "encumbrance_kind", "start", "end")


def judged(held, burdens, papers, match=None, excluded=()):
    return eligibility.guideline(
        PIECES,
        table(held, "right", RIGHT),
        table(burdens, "encumbrance", ENCUMBRANCE),
        table(papers, "document", DOCUMENT),
        DAY,
        province="44",
        methodology_match=match,
        excluded_rights=excluded,
    )


MATCH = pd.Series([True, None, False], index=["P1", "P2", "P3"], dtype="boolean")
FAST = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
HELD = st.lists(rights(), max_size=4)
BURDENS = st.lists(BURDEN, max_size=3)


@FAST
@given(HELD, BURDENS, st.lists(documents(), max_size=8), documents(results=("clear", None)))
def test_another_document_that_is_no_refusal_never_takes_a_yes_away(held, burdens, papers, more):
    # a contract confirmed for a right says whose the yield is, and so may move it: not a mere paper
    if (more["document_kind"], more["subject_kind"]) == ("transfer_contract", "right"):
        more = more | {"document_kind": "certificate"}
    before = judged(held, burdens, papers, MATCH).wide().fillna(False).astype(bool)
    after = judged(held, burdens, [*papers, more], MATCH).wide().fillna(False).astype(bool)
    assert (after | ~before).all(axis=None)


@FAST
@given(HELD, BURDENS, st.lists(documents(), max_size=8))
def test_a_verdict_says_why_and_an_open_one_what_would_settle_it(held, burdens, papers):
    long = judged(held, burdens, papers, MATCH).table
    assert len(long) == len(PIECES) * 6
    said = long["reason"].map({code: why.verdict for code, why in eligibility.reasons().items()})
    assert (eligibility.words(long["verdict"]) == said).all()
    assert (long["would_settle"].ne("") == long["verdict"].isna()).all()
    assert long.loc[long["verdict"].eq(True).fillna(False), "evidence"].ne("").all()


@FAST
@given(HELD, BURDENS)
def test_without_documents_nothing_is_yes(held, burdens):
    assert not judged(held, burdens, [], MATCH).wide().fillna(False).any(axis=None)


@FAST
@given(st.lists(documents(), max_size=8))
def test_without_rights_title_is_not_known_or_no(papers):
    assert not judged([], [], papers).wide()["4.1 a"].fillna(False).any()


@FAST
@given(HELD, st.lists(documents(), max_size=8), BURDENS, BURDEN)
def test_another_burden_never_makes_a_yes(held, papers, burdens, more):
    before = judged(held, burdens, papers, MATCH).wide().fillna(False).astype(bool)
    after = judged(held, [*burdens, more], papers, MATCH).wide().fillna(False).astype(bool)
    assert (before | ~after).all(axis=None)


@FAST
@given(HELD, BURDENS, st.lists(documents(), max_size=8), st.sets(st.sampled_from(["R0", "R1"])))
def test_a_right_in_doubt_never_makes_a_title_or_a_pledge(held, burdens, papers, excluded):
    before = judged(held, burdens, papers, MATCH).wide()
    after = judged(held, burdens, papers, MATCH, excluded).wide()
    for pledge in (lambda wide: wide["4.1 a"], eligibility.every):
        was, now = pledge(before).fillna(False), pledge(after).fillna(False)
        assert (was | ~now).all()
