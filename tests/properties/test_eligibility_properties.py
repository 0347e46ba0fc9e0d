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
    "local_standard_proof",
    "ledger_extract",
    "guardian_consent",
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
        "issuer_kind": draw(st.sampled_from(["third_party", "own", "lender", None])),
    }


@st.composite
def rights(draw):
    return {
        "unit_code": draw(st.sampled_from(["U1", "U2"])),
        "parcel": draw(st.sampled_from(["Z1", "Z2"])),
        "right_kind": draw(
            st.sampled_from(
                [
                    "land_ownership",
                    "contract_management",
                    "management",
                    "forest_ownership",
                    "forest_use",
                ]
            )
        ),
        "holder": draw(st.sampled_from(["甲", "乙", None])),
        "holder_kind": draw(st.sampled_from(["person", "minor", None])),
        "from_right": draw(st.sampled_from(["R0", "R1", None, None])),
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
    "holder_kind",
    "from_right",
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
    return of_tables(
        table(held, "right", RIGHT),
        table(burdens, "encumbrance", ENCUMBRANCE),
        table(papers, "document", DOCUMENT),
        match,
        excluded,
    )


def of_tables(held, burdens, papers, match=None, excluded=(), pieces=PIECES):
    return eligibility.guideline(
        pieces,
        held,
        burdens,
        papers,
        DAY,
        province="44",
        methodology_match=match,
        methodology="M@1",
        units=eligibility.Units("ccer"),
        ledger=eligibility.no_claims(),
        excluded_rights=excluded,
    )


def rank(verdicts):
    """No, not known and yes as 0, 1 and 2."""
    return verdicts.wide().astype("Int64").mul(2).fillna(1).astype(int)


MATCH = pd.Series([True, None, False], index=["P1", "P2", "P3"], dtype="boolean")
FAST = settings(
    max_examples=settings.default.max_examples // 4,  # each judges the land twice
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
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
    assert long.loc[long["verdict"].notna(), "evidence"].ne("").all()


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


def unasked(paper):
    """Whether a paper is neither adverse nor decides whose the yield is."""
    contract = (paper["document_kind"], paper["subject_kind"]) == ("transfer_contract", "right")
    return paper["result"] in {"clear", None} and not contract


@FAST
@given(HELD, BURDENS, st.lists(documents(), min_size=1, max_size=8), st.data())
def test_taking_a_paper_away_never_makes_a_verdict_better(held, burdens, papers, data):
    """Unless the paper was itself a refusal or showed an encumbrance."""
    fit = [at for at, paper in enumerate(papers) if unasked(paper)]
    if not fit:
        return
    gone = data.draw(st.sampled_from(fit))
    tables = (table(held, "right", RIGHT), table(burdens, "encumbrance", ENCUMBRANCE))
    filed = table(papers, "document", DOCUMENT)
    before = rank(of_tables(*tables, filed, MATCH))
    after = rank(of_tables(*tables, filed.drop(index=gone), MATCH))
    assert (after <= before).all(axis=None)


LINKED = st.lists(
    rights().map(
        lambda right: (
            right
            | {
                "right_kind": "contract_management"
                if right["from_right"] is None
                else "management",
                "parcel": "Z1",
            }
        )
    ),
    min_size=1,
    max_size=4,
)


@FAST
@given(LINKED, st.lists(documents(), min_size=1, max_size=8), st.data())
def test_taking_a_contract_out_of_a_chain_never_makes_a_title_better(held, papers, data):
    papers = [paper | {"document_kind": "transfer_contract"} for paper in papers]
    fit = [at for at, paper in enumerate(papers) if paper["result"] in {"clear", None}]
    if not fit:
        return
    gone = data.draw(st.sampled_from(fit))
    extract = {"document_kind": "register_extract", "subject_kind": "parcel", "subject": "Z1"}
    extract |= {"number": "1", "date": dated(-5), "result": "clear", "valid_until": pd.NaT}
    certificate = extract | {"document_kind": "certificate"}
    rows, none = table(held, "right", RIGHT), table([], "encumbrance", ENCUMBRANCE)
    filed = table([*papers, extract, certificate], "document", DOCUMENT)
    before = rank(of_tables(rows, none, filed, MATCH))["4.1 a"]
    after = rank(of_tables(rows, none, filed.drop(index=gone), MATCH))["4.1 a"]
    assert (after <= before).all()


@FAST
@given(HELD, st.lists(documents(), max_size=8), BURDENS, BURDEN)
def test_another_burden_never_makes_a_verdict_better(held, papers, burdens, more):
    before = rank(judged(held, burdens, papers, MATCH))
    after = rank(judged(held, [*burdens, more], papers, MATCH))
    assert (after <= before).all(axis=None)


@FAST
@given(HELD, BURDENS, st.lists(documents(), max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_nothing(held, burdens, papers, random):
    tables = [
        table(held, "right", RIGHT),
        table(burdens, "encumbrance", ENCUMBRANCE),
        table(papers, "document", DOCUMENT),
    ]
    turned = [frame.sample(frac=1.0, random_state=random.randrange(2**32)) for frame in tables]
    pieces = PIECES.sample(frac=1.0, random_state=random.randrange(2**32))
    straight, shuffled = of_tables(*tables, MATCH), of_tables(*turned, MATCH, pieces=pieces)
    pd.testing.assert_frame_equal(straight.table, shuffled.table)
    pd.testing.assert_frame_equal(straight.by_parcel(), shuffled.by_parcel())
    lists = [eligibility.due_diligence([verdicts]) for verdicts in (straight, shuffled)]
    pd.testing.assert_frame_equal(*lists)


@FAST
@given(HELD, BURDENS, st.lists(documents(), max_size=8))
def test_what_is_due_accounts_for_all_land_that_is_open(held, burdens, papers):
    verdicts = judged(held, burdens, papers, MATCH)
    due = eligibility.due_diligence([verdicts])
    assert not due.duplicated(["would_settle", "subject_kind", "subject"]).any()
    assert (due["settled_dm2"] <= due["area_dm2"]).all()
    open_land = verdicts.wide().isna().any(axis=1)
    area = PIECES.set_index("piece")["area_dm2"]
    assert due["area_dm2"].sum() >= int(area[open_land].sum())
    assert due["settled_dm2"].sum() <= int(area[open_land].sum())
    by_parcel = verdicts.by_parcel()
    sums = by_parcel[by_parcel["clause"] == "all"][["yes_dm2", "no_dm2", "unknown_dm2"]].sum().sum()
    assert sums == area.sum()
