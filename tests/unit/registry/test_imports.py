"""Lists from outside: each row accepted, queried or refused with its reason; twice is once."""

from datetime import UTC, date, datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from ecogis.core.errors import ConfigError, InputError, StageRefusedError, VocabularyError
from ecogis.core.findings import Findings
from ecogis.io import read_table
from ecogis.registry import Claim, Ledger, Right, Survey, imports_entering
from ecogis.registry.imports import KINDS, judge, known
from ecogis.registry.imports_entering import enter
from ecogis.registry.imports_rows import listed

DAY = date(2026, 9, 1)
NOW = datetime(2026, 9, 2, tzinfo=UTC)
UNITS = [f"44189910120{n}JE00001L00000001" for n in range(1, 6)]
WHY = {"day": DAY, "reason": "导入存量"}

BOOK = (
    "业务编号,不动产单元号,权利类型,证书号,减排年度,质押量(吨),质权人,"
    "登记证明编号,登记日,登记到期日"
)
PRIOR = "不动产单元号,权利类型,证书号,权利人,减排年度,数量(吨),用途,对方,凭证编号"
EXTRACT = "不动产单元号,权利类型,证书号,权利人,登记状态,终止日期,限制类型,登记号,查询编号,查询日期"
HEADS = {"pledge_book": BOOK, "prior_claims": PRIOR, "register_extract": EXTRACT}


def right(number=0):
    return Right(UNITS[number], "management", f"演示证{number + 1:04}")


def booked(number=0, **changed):
    cells = dict(
        zip(
            BOOK.split(","),
            ["ZY-1", UNITS[number], "林地经营权", f"演示证{number + 1:04}", "2027", "12.345",
             "甲银行", "演示登记01", "2026-08-01", "2031-08-01"],
            strict=True,
        )
    )  # fmt: skip
    return cells | changed


def given_away(number=0, **changed):
    cells = [UNITS[number], "林地经营权", f"演示证{number + 1:04}", "持有人0001", "2027", "2",
             "碳票", "乙公司", "演示票01"]  # fmt: skip
    return dict(zip(PRIOR.split(","), cells, strict=True)) | changed


def extracted(number=0, **changed):
    cells = [UNITS[number], "林地经营权", f"演示证{number + 1:04}", "持有人0001", "现势",
             "2060-01-01", "", "", "演示查询01", "2026-08-31"]  # fmt: skip
    return dict(zip(EXTRACT.split(","), cells, strict=True)) | changed


@pytest.fixture
def ledger():
    """Two persons, and four rights that yield 20 t in 2027 and in 2028."""
    made = Ledger.create("sqlite://", "柜员01", clock=lambda: NOW)
    surveys = [
        Survey(right(n), box(114 + n, 23, 114.01 + n, 23.01), {2027: 20_000, 2028: 20_000})
        for n in range(4)
    ]
    made.survey(surveys, **WHY)
    yield made
    made.close()


def table_of(folder, kind, rows, name="list.csv"):
    path = folder / name
    pd.DataFrame(rows, columns=HEADS[kind].split(",")).to_csv(path, index=False)
    found = Findings()
    profile = f"registry-{kind.replace('_', '-')}"
    return read_table(path, profile=profile, role=kind, findings=found), found


def told(ledger, folder, kind, rows):
    """Verdict and codes of each row."""
    table, found = table_of(folder, kind, rows)
    judged = judge(table, kind, known(ledger), day=DAY, read=found)
    return [(row.verdict, *sorted({reason["code"] for reason in row.reasons})) for row in judged]


def imported(ledger, folder, kind, rows):
    table, found = table_of(folder, kind, rows)
    judged = judge(table, kind, known(ledger), day=DAY, read=found)
    return enter(ledger, judged, **WHY)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("accepted",)),
        ({"证书号": " 演示证０００１ "}, ("accepted",)),
        ({"登记证明编号": "", "登记日": "", "登记到期日": ""}, ("accepted",)),
        ({"业务编号": ""}, ("refused", "E847")),
        ({"质权人": " "}, ("refused", "E847")),
        ({"登记证明编号": ""}, ("refused", "E847")),
        ({"质押量(吨)": "0"}, ("refused", "E849")),
        ({"质押量(吨)": "-3"}, ("refused", "E849")),
        ({"质押量(吨)": "1.2345"}, ("refused", "E849")),
        ({"质押量(吨)": "十二"}, ("refused", "E136", "E847")),
        ({"减排年度": "27"}, ("refused", "E811")),
        ({"减排年度": "2027.5"}, ("refused", "E136", "E847")),
        ({"减排年度": "2040"}, ("queried", "E850")),
        ({"不动产单元号": UNITS[4]}, ("queried", "E850")),
        ({"不动产单元号": "4.41899E+27"}, ("refused", "E137", "E847")),
        ({"不动产单元号": "441899"}, ("refused", "E138", "E811")),
        ({"证书号": "演示证9999"}, ("queried", "E851")),
        ({"权利类型": "地役权"}, ("refused", "E147", "E847")),
        ({"登记到期日": "2026-08-31"}, ("queried", "E853")),
        ({"登记到期日": "2026-07-01"}, ("refused", "E811")),
        ({"登记到期日": "2031-13-01"}, ("refused", "E141")),
    ],
)
def test_a_row_of_a_book(ledger, tmp_path, changed, expected):
    assert told(ledger, tmp_path, "pledge_book", [booked(**changed)]) == [expected]


def test_tonnes_become_whole_kilograms(ledger, tmp_path):
    rows = imported(ledger, tmp_path, "pledge_book", [booked()])
    assert ledger.claims()["kg"].tolist() == [12_345]
    assert (rows[0].entered, rows[0].claim) == ("proposed", ledger.claims()["claim"].iloc[0])


def test_what_is_said_twice_counts_once(ledger, tmp_path):
    rows = [booked(), booked(证书号="演示证 ０００1"), booked(业务编号="ZY-2")]
    expected = [("accepted",), ("refused", "E848"), ("accepted",)]
    assert told(ledger, tmp_path, "pledge_book", rows) == expected


def test_two_lenders_of_one_right_and_vintage_are_both_asked(ledger, tmp_path):
    rows = [booked(), booked(质权人="丙银行"), booked(1)]
    assert told(ledger, tmp_path, "pledge_book", rows) == [
        ("queried", "E855"), ("queried", "E855"), ("accepted",),
    ]  # fmt: skip


def test_a_second_import_changes_nothing(ledger, tmp_path):
    rows = [booked(n, 业务编号=f"ZY-{n}") for n in range(3)]
    first = imported(ledger, tmp_path, "pledge_book", rows)
    events = len(ledger.history())
    again = imported(ledger, tmp_path, "pledge_book", rows[::-1])
    assert [row.entered for row in first] == ["proposed"] * 3
    assert [row.entered for row in again] == ["unchanged"] * 3
    assert [row.claim for row in again] == [row.claim for row in first][::-1]
    assert len(ledger.history()) == events


def test_an_approved_row_is_registered_by_the_next_import(ledger, tmp_path):
    ledger.appoint("审批01", ["approve"], **WHY)
    rows = imported(ledger, tmp_path, "pledge_book", [booked()])
    other = Ledger(ledger._store, "审批01", ledger._signer, lambda: NOW)
    other.approve([rows[0].claim], **WHY)
    assert imported(ledger, tmp_path, "pledge_book", [booked()])[0].entered == "registered"
    claim = ledger.claims().iloc[0]
    assert (claim["state"], claim["external_no"], claim["expires_on"]) == (
        "registered", "演示登记01", "2031-08-01",
    )  # fmt: skip
    assert imported(ledger, tmp_path, "pledge_book", [booked()])[0].entered == "unchanged"


NOT_YET = {"登记证明编号": "", "登记日": "", "登记到期日": ""}


def test_a_row_filled_in_since_is_known_again_and_registered(ledger, tmp_path):
    ledger.appoint("审批01", ["approve"], **WHY)
    claim = imported(ledger, tmp_path, "pledge_book", [booked(**NOT_YET)])[0].claim
    again = imported(ledger, tmp_path, "pledge_book", [booked(质权人="甲 银行")])[0]
    assert (again.entered, again.claim) == ("unchanged", claim)
    Ledger(ledger._store, "审批01", ledger._signer, lambda: NOW).approve([claim], **WHY)
    assert imported(ledger, tmp_path, "pledge_book", [booked()])[0].entered == "registered"
    assert imported(ledger, tmp_path, "pledge_book", [booked()])[0].entered == "unchanged"
    assert ledger.claims()[["kg", "external_no"]].to_numpy().tolist() == [[12_345, "演示登记01"]]
    other = booked(登记证明编号="演示登记02")
    assert told(ledger, tmp_path, "pledge_book", [other]) == [("queried", "E896")]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"质押量(吨)": "12"}, ("queried", "E896")),
        ({"登记到期日": "2032-08-01"}, ("accepted",)),
        ({"业务编号": "ZY-2"}, ("accepted",)),
        ({"减排年度": "2028"}, ("accepted",)),
    ],
)
def test_a_second_claim_is_never_entered_unasked(ledger, tmp_path, changed, expected):
    imported(ledger, tmp_path, "pledge_book", [booked()])
    assert told(ledger, tmp_path, "pledge_book", [booked(**changed)]) == [expected]


def test_two_rows_of_one_file_are_asked_about_in_any_order_and_again(ledger, tmp_path):
    rows = [booked(), booked(**{"质押量(吨)": "3"})]
    assert told(ledger, tmp_path, "pledge_book", rows) == [("accepted",), ("queried", "E896")]
    imported(ledger, tmp_path, "pledge_book", rows)
    back = told(ledger, tmp_path, "pledge_book", rows[::-1])
    assert back == [("queried", "E896"), ("accepted",)]


def test_a_holder_spelled_otherwise_gave_away_once(ledger, tmp_path):
    claim = imported(ledger, tmp_path, "prior_claims", [given_away()])[0].claim
    again = imported(ledger, tmp_path, "prior_claims", [given_away(权利人="持有人0001(本人)")])
    assert [(row.entered, row.claim) for row in again] == [("unchanged", claim)]
    assert len(ledger.claims()) == 1


def test_a_row_whose_claim_has_ended_says_so(ledger, tmp_path):
    ledger.appoint("审批01", ["approve"], **WHY)
    claim = imported(ledger, tmp_path, "pledge_book", [booked()])[0].claim
    Ledger(ledger._store, "审批01", ledger._signer, lambda: NOW).refuse([claim], **WHY)
    again = imported(ledger, tmp_path, "pledge_book", [booked()])[0]
    assert (again.entered, again.claim) == ("withdrawn", claim)


def test_a_registration_before_the_approval_is_told_at_its_row(ledger, tmp_path):
    ledger.appoint("审批01", ["approve"], **WHY)
    rows = [booked(), booked(1, 业务编号="ZY-2")]
    claim = imported(ledger, tmp_path, "pledge_book", rows[:1])[0].claim
    second = Ledger(ledger._store, "审批01", ledger._signer, lambda: NOW)
    second.approve([claim], day=date(2026, 9, 2), reason="批准")
    done = imported(ledger, tmp_path, "pledge_book", rows)
    assert [(row.verdict, row.entered) for row in done] == [
        ("refused", "unchanged"), ("accepted", "proposed"),
    ]  # fmt: skip
    assert [reason["code"] for reason in done[0].reasons] == ["E812"]
    table, found = table_of(tmp_path, "pledge_book", rows)
    judged = judge(table, "pledge_book", known(ledger), day=DAY, read=found)
    with pytest.raises(ConfigError, match="E812"):
        enter(ledger, judged, day=date(2027, 1, 1), reason="明年")


@pytest.mark.parametrize("at_once", [1, 3, 256])
def test_the_ledger_refuses_one_row_and_takes_the_others(ledger, tmp_path, monkeypatch, at_once):
    monkeypatch.setattr(imports_entering, "_AT_ONCE", at_once)
    ledger.propose([Claim(right(1), 2027, 1, "丁银行")], **WHY)
    rows = [booked(n, 业务编号=f"ZY-{n}") for n in range(4)]
    rows[2]["质押量(吨)"] = "20.001"
    done = imported(ledger, tmp_path, "pledge_book", rows)
    assert [row.verdict for row in done] == ["accepted", "refused", "refused", "accepted"]
    assert [row.reasons[-1]["code"] for row in done if row.reasons] == ["E801", "E802"]
    assert set(ledger.claims()["party"]) == {"甲银行", "丁银行"}
    assert len(ledger.claims()) == 3


def test_a_person_who_may_not_propose_is_no_fault_of_a_row(ledger, tmp_path):
    ledger.appoint("看客01", ["read"], **WHY)
    reader = Ledger(ledger._store, "看客01", ledger._signer, lambda: NOW)
    with pytest.raises(StageRefusedError, match="E808"):
        imported(reader, tmp_path, "pledge_book", [booked()])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("accepted",)),
        ({"用途": "质押"}, ("queried", "E852")),
        ({"用途": "赠与"}, ("refused", "E147", "E847")),
        ({"凭证编号": ""}, ("accepted",)),
        ({"对方": ""}, ("refused", "E847")),
    ],
)
def test_a_row_of_what_a_holder_gave_away(ledger, tmp_path, changed, expected):
    assert told(ledger, tmp_path, "prior_claims", [given_away(**changed)]) == [expected]


def test_what_was_given_away_cannot_be_pledged(ledger, tmp_path):
    imported(ledger, tmp_path, "prior_claims", [given_away(**{"数量(吨)": "15"})])
    done = imported(ledger, tmp_path, "pledge_book", [booked()])
    assert [(row.verdict, row.reasons[-1]["code"]) for row in done] == [("refused", "E802")]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("accepted",)),
        ({"限制类型": "查封", "登记号": "演示限制01"}, ("queried", "E854")),
        ({"登记状态": "注销"}, ("queried", "E854")),
        ({"终止日期": "2026-08-31"}, ("queried", "E854")),
        ({"证书号": "演示证7777"}, ("queried", "E851")),
        ({"查询日期": "2026-09-02"}, ("refused", "E856")),
        ({"登记状态": ""}, ("refused", "E847")),
    ],
)
def test_an_extract_of_a_right_with_live_claims(ledger, tmp_path, changed, expected):
    ledger.propose([Claim(right(), 2027, 1, "甲银行", dossier="ZY-1")], **WHY)
    assert told(ledger, tmp_path, "register_extract", [extracted(**changed)]) == [expected]


def test_a_restriction_on_a_right_nothing_rests_on_is_no_question(ledger, tmp_path):
    row = extracted(限制类型="查封")
    assert told(ledger, tmp_path, "register_extract", [row]) == [("accepted",)]
    assert imported(ledger, tmp_path, "register_extract", [row])[0].entered == "nothing"


def test_an_extract_is_filed_once_in_each_dossier(ledger, tmp_path):
    claims = [Claim(right(), year, 1, "甲银行", dossier=f"ZY-{year}") for year in (2027, 2028)]
    ledger.propose(claims, **WHY)
    assert imported(ledger, tmp_path, "register_extract", [extracted()])[0].entered == "filed"
    assert imported(ledger, tmp_path, "register_extract", [extracted()])[0].entered == "unchanged"
    steps = ledger.steps()
    assert [event.dossier for event in steps] == ["ZY-2027", "ZY-2028"]
    assert steps[0].body["step"]["extract"]["number"] == "演示查询01"


def test_an_extract_has_to_have_a_dossier(ledger, tmp_path):
    ledger.propose([Claim(right(), 2027, 1, "甲银行")], **WHY)
    expected = [("queried", "E857")]
    assert told(ledger, tmp_path, "register_extract", [extracted()]) == expected


def test_the_list_of_verdicts_leaves_no_row_out(ledger, tmp_path):
    rows = [booked(), booked(业务编号="", 质权人=""), booked(2, 减排年度="2040")]
    found = listed(imported(ledger, tmp_path, "pledge_book", rows))
    assert found["row"].tolist() == [1, 2, 3]
    assert found["verdict"].tolist() == ["accepted", "refused", "queried"]
    assert found["code"].tolist() == ["", "E847", "E850"]
    assert "dossier, party" in found["message_en"][1] or "party, dossier" in found["message_en"][1]
    assert found["remedy_zh"][2].startswith("请先评估")
    assert found["claim"].notna().tolist() == [True, False, False]


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_without_rows_is_no_fault(ledger, tmp_path, kind):
    assert imported(ledger, tmp_path, kind, []) == []
    assert listed([]).empty


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_of_empty_rows_is_refused_row_by_row(ledger, tmp_path, kind):
    empty = dict.fromkeys(HEADS[kind].split(","), "")
    first = HEADS[kind].split(",")[0]
    rows = [empty | {first: "x"}, empty, empty | {first: "y"}]
    verdicts = [verdict for verdict, *_ in told(ledger, tmp_path, kind, rows)]
    assert verdicts == ["refused"] * 3


def test_a_list_of_another_kind_is_refused_as_a_whole(ledger, tmp_path):
    table, _ = table_of(tmp_path, "register_extract", [extracted()])
    with pytest.raises(VocabularyError):
        judge(table, "pledge_book", known(ledger), day=DAY)
    with pytest.raises(ConfigError, match="E002"):
        judge(table, "wishes", known(ledger), day=DAY)


HOSTILE = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=12
) | st.sampled_from(
    ["=cmd|' /C calc'!A0", "'; DROP TABLE event;--", "1e400", "-0", "NaN", "９９９", "\u202e甲",
     "9" * 400, "２０２７", "2027-02-30", "\ufeff", "\x07", "TRUE", "#REF!"]
)  # fmt: skip


@given(kind=st.sampled_from(sorted(KINDS)), data=st.data())
def test_hostile_cells_give_findings_and_never_a_fault(kind, data, tmp_path_factory):
    sound = {"pledge_book": booked, "prior_claims": given_away, "register_extract": extracted}
    names = HEADS[kind].split(",")
    rows = [
        sound[kind]() | {data.draw(st.sampled_from(names)): data.draw(HOSTILE) for _ in range(3)}
        for _ in range(3)
    ]
    with Ledger.create("sqlite://", "柜员01", clock=lambda: NOW) as made:
        made.survey([Survey(right(), box(114, 23, 114.01, 23.01), {2027: 20_000})], **WHY)
        try:
            done = imported(made, tmp_path_factory.mktemp("hostile"), kind, rows)
        except InputError:
            return
        assert len(listed(done)) == len(done) == 3
        assert all(row.reasons or row.verdict == "accepted" for row in done)
        assert not made.verify().count()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("binary.csv", bytes(range(256)) * 8),
        ("ragged.csv", f"{BOOK}\na,b\n".encode()),
        ("open-quote.csv", f'{BOOK}\n"ZY-1,{",".join("x" * 9)}\n'.encode()),
        ("other-columns.csv", "甲,乙\n1,2\n".encode()),
        ("renamed.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(64)),
        ("half.xlsx", b"PK\x03\x04" + bytes(64)),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_one_line(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError):
        read_table(
            tmp_path / name,
            profile="registry-pledge-book",
            role="pledge_book",
            findings=Findings(),
        )


def test_a_list_from_an_older_office_suite_is_read(ledger, tmp_path):
    row = booked()
    text = "\n".join([",".join(row), ",".join(row.values())])
    (tmp_path / "gbk.csv").write_bytes(text.encode("gb18030"))
    pd.DataFrame([row]).to_excel(tmp_path / "book.xlsx", index=False)
    for name in ("gbk.csv", "book.xlsx"):
        found = Findings()
        table = read_table(
            tmp_path / name, profile="registry-pledge-book", role="pledge_book", findings=found
        )
        judged = judge(table, "pledge_book", known(ledger), day=DAY, read=found)
        assert [row.verdict for row in judged] == ["accepted"]
