"""`ecogis registry` as people type it: from a run's results to a release, in two hands."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import geopandas
import pandas as pd
import pytest
from click.testing import CliRunner
from shapely import box

from ecogis.cli.main import main
from ecogis.cli.registry_tables import COLUMNS
from ecogis.core.provenance import sha256_file
from ecogis.pipeline.manifest import manifest

UNITS = ("441899101201JE00001L00000001", "441899101201JE00002L00000001")
PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "pledge-registry.md"


def offered():
    rows = [
        (f"K{n}{part}", unit, "management", f"演示证000{n}", year, 1000 * n + part)
        for n, unit in enumerate(UNITS, 1)
        for part in (1, 2)
        for year in (2027, 2028)
    ]
    names = ("piece", "unit_code", "right_kind", "certificate_no", "vintage", "pledgeable_kg")
    return pd.DataFrame(rows, columns=list(names))


def pieces():
    shapes = {
        f"K{n}{part}": box(114 + n, 23 + part / 100, 114.01 + n, 23.01 + part / 100)
        for n in (1, 2)
        for part in (1, 2)
    }
    return geopandas.GeoDataFrame({"piece": list(shapes)}, geometry=list(shapes.values()), crs=4490)


def write_run(folder, offer=None, land=None):
    """A folder as a run leaves it, with what the registry needs."""
    folder.mkdir()
    offer = offered() if offer is None else offer
    offer.to_csv(folder / "pledgeable.csv", index=False)
    (pieces() if land is None else land).to_file(folder / "pieces.gpkg", layer="地块")
    results = {"pledgeable_kg": int(offer["pledgeable_kg"].sum())}
    core = {"methodology": {"id": "CCER-14-001-V01", "edition": "2023"}, "results": results}
    names = ("pieces.gpkg", "pledgeable.csv")
    outputs = [{"name": name, "sha256": sha256_file(folder / name)} for name in names]
    record = manifest(core, 1.0) | {"outputs": outputs}
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return folder


class Office:
    """A ledger's folder, and the command as one person types it."""

    def __init__(self, folder):
        self.folder = folder
        self.run = write_run(folder / "out")

    def ask(self, actor, *words, code=0):
        env = {"ECOGIS_LEDGER": str(self.folder / "pledges.db"), "ECOGIS_ACTOR": actor}
        done = CliRunner().invoke(main, ["registry", *map(str, words)], env=env)
        assert done.exit_code == code, (words, done.output)
        assert "Traceback" not in done.output
        return done

    def json(self, actor, *words, code=0):
        return json.loads(self.ask(actor, *words, "--json", code=code).stdout)

    def step(self, actor, name, *words, code=0):
        return self.ask(actor, "step", "ZY-1", name, *words, code=code)


@pytest.fixture
def office(tmp_path):
    made = Office(tmp_path)
    made.ask("主管01", "open")
    for person, roles in (("柜员01", ("read", "propose")), ("审批01", ("propose", "approve"))):
        named = [word for role in roles for word in ("--role", role)]
        made.ask("主管01", "appoint", person, *named, "--reason", "授权")
    return made


def pledged(office, *words):
    terms = ("--party", "甲银行", "--dossier", "ZY-1", "--reason", "申请")
    return office.json("柜员01", "pledge", "--run", office.run, *terms, *words)


def test_a_new_ledger_is_made_once(office):
    assert (office.folder / "pledges.db.key").stat().st_mode & 0o077 == 0
    again = office.ask("主管01", "open", code=2)
    assert "E814" in again.stderr


def test_a_run_is_pledged_right_by_right_and_vintage_by_vintage(office):
    made = pledged(office)
    told = [(c["unit_code"], c["vintage"], c["kg"], c["state"]) for c in made["claims"]]
    assert told == [
        (UNITS[0], 2027, 2003, "proposed"),
        (UNITS[0], 2028, 2003, "proposed"),
        (UNITS[1], 2027, 4003, "proposed"),
        (UNITS[1], 2028, 4003, "proposed"),
    ]
    assert made["claims"][0]["certificate_no"] == "演示证0001"
    record = json.loads((office.run / "run.json").read_text(encoding="utf-8"))
    assert {event["body"]["manifest"] for event in made["events"]} == {record["sha256"]}


def test_the_same_pledge_twice_is_one(office):
    first = pledged(office)
    assert pledged(office) == first


def test_a_part_of_a_run_is_pledged_and_only_that_is_surveyed(office):
    made = pledged(office, "--unit-code", UNITS[1], "--vintage", 2028)
    assert [(c["unit_code"], c["vintage"]) for c in made["claims"]] == [(UNITS[1], 2028)]
    rows = office.json("柜员01", "show", "--balances")["rows"]
    assert {row["unit_code"] for row in rows} == {UNITS[1]}


def test_another_lender_is_refused_and_nothing_is_entered(office):
    pledged(office, "--unit-code", UNITS[0], "--vintage", 2027)
    events = len(office.json("柜员01", "history")["events"])
    terms = ("--party", "乙银行", "--dossier", "ZY-2", "--reason", "申请")
    words = ("--unit-code", UNITS[0], "--vintage", 2027)
    done = office.ask("柜员01", "pledge", "--run", office.run, *terms, *words, code=1)
    assert done.stderr.startswith(("E801", "E802"))
    assert len(office.json("柜员01", "history")["events"]) == events


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--unit-code", "441899101209JE00009L00000001"), "E858"),
        (("--vintage", "1999"), "E858"),
        (("--kg", "5"), "--run"),
    ],
)
def test_what_the_run_does_not_offer_is_refused(office, words, code):
    terms = ("--party", "甲银行", "--dossier", "ZY-1", "--reason", "申请")
    done = office.ask("柜员01", "pledge", "--run", office.run, *terms, *words, code=2)
    assert code in done.output


def spoilt(office, how):
    folder = office.folder / "spoilt"
    offer, land = offered(), pieces()
    if how == "two rights":
        row = offer.iloc[[0]].assign(certificate_no="演示证0009")
        offer = pd.concat([offer, row])
    elif how == "twice":
        offer = pd.concat([offer, offer.iloc[[0]]])
    elif how == "no shape":
        land = land.iloc[1:]
    elif how == "empty cell":
        offer.loc[0, "certificate_no"] = None
    write_run(folder, offer, land)
    if how == "changed":
        text = (folder / "pledgeable.csv").read_text(encoding="utf-8")
        (folder / "pledgeable.csv").write_text(text.replace("1001", "9001"), encoding="utf-8")
    elif how == "missing":
        (folder / "pledgeable.csv").unlink()
    elif how == "no run":
        (folder / "run.json").unlink()
    return folder


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("two rights", "E859"), ("twice", "E858"), ("no shape", "E858"), ("empty cell", "E858"),
        ("changed", "E858"), ("missing", "E858"), ("no run", "E550"),
    ],
)  # fmt: skip
def test_a_run_that_does_not_hold_what_is_needed_is_refused(office, how, code):
    run = spoilt(office, how)
    done = office.ask("柜员01", "survey", run, "--reason", "录入", code=2)
    assert done.stderr.startswith(code)
    assert len(done.stderr.splitlines()) == 1


def test_a_pledge_by_hand_needs_all_of_the_right(office):
    office.ask("柜员01", "survey", office.run, "--reason", "录入")
    terms = ("--party", "乙公司", "--dossier", "TP-1", "--reason", "碳票", "--use", "forest_ticket")
    right = ("--unit-code", UNITS[0], "--right-kind", "management", "--certificate", "演示证0001")
    made = office.json("柜员01", "pledge", *right, "--vintage", 2027, "--kg", 500, *terms)
    assert [(c["kg"], c["use"]) for c in made["claims"]] == [(500, "forest_ticket")]
    office.ask("柜员01", "pledge", *right, "--kg", 500, *terms, code=2)


def test_a_pledge_from_application_to_release(office):
    office.step("柜员01", "apply", "--by", "持有人0001", "--document", "pledge_application=SQ-1",
                "--document", "certificate=演示证0001")  # fmt: skip
    papers = ("due_diligence_report", "register_extract", "pledge_search", "project_search")
    shown = [word for kind in papers for word in ("--document", f"{kind}=演示文号1")]
    office.step("柜员01", "examine", *shown)
    office.step("柜员01", "value", "--by", "评估01", "--document", "third_party_report=演示评估1")
    refused = office.step("柜员01", "approve", "--document", "credit_approval=1", code=1)
    assert "E833" in refused.stderr
    office.step("审批01", "approve", "--document", "credit_approval=演示审批1")
    pledged(office)
    same = office.ask("柜员01", "approve", "--dossier", "ZY-1", "--reason", "批准", code=1)
    assert "E808" in same.stderr
    office.ask("审批01", "approve", "--dossier", "ZY-1", "--reason", "批准")
    number = ("--number", "演示登记01", "--expires", "2035-01-01")
    office.ask("柜员01", "confirm", "--dossier", "ZY-1", *number, "--reason", "登记")
    office.step("柜员01", "register", "--document", "loan_contract=1", "--document",
                "pledge_contract=2", "--document", "pledge_registration=演示登记01", "--date",
                "registration_expires=2035-01-01")  # fmt: skip
    office.step(
        "柜员01", "draw", "--document", "drawdown_voucher=1", "--date", "loan_due=2034-01-01"
    )
    state = office.json("柜员01", "steps", "ZY-1")
    assert (state["state"], len(state["taken"])) == ("drawn", 6)
    assert state["next"][0]["step"] == "check"
    office.step("柜员01", "repay", "--by", "持有人0001", "--document", "repayment_proof=1")
    office.step("柜员01", "release", "--document", "release_notice=1", code=1)
    office.ask("柜员01", "release", "--dossier", "ZY-1", "--reason", "已还清")
    office.ask("审批01", "approve", "--dossier", "ZY-1", "--reason", "同意")
    done = office.step("柜员01", "release", "--document", "release_notice=演示解除1")
    assert "已解除" in done.stdout
    assert office.json("柜员01", "show")["rows"] == []
    assert office.json("柜员01", "verify")["findings"] == []


def test_what_is_overdue_is_listed_and_in_words(office):
    office.step("柜员01", "apply", "--by", "持有人0001", "--document", "pledge_application=SQ-1",
                "--document", "certificate=演示证0001")  # fmt: skip
    late = office.json("柜员01", "steps", "--day", "2099-01-01")["overdue"]
    assert [(row["pledge"], row["step"]) for row in late] == [("ZY-1", "examine")]
    assert "尽职调查" in office.ask("柜员01", "steps", "--day", "2099-01-01").stdout
    assert office.ask("柜员01", "steps").stdout == "(无)\n"
    english = office.ask("柜员01", "steps", "ZY-1", "--lang", "en").stdout
    assert "due-diligence report" in english
    assert "assumed" in english
    assert not re.search("[一-鿿]", english.replace("持有人0001", ""))


def test_a_step_with_several_roles_has_to_say_which(office):
    done = office.step("柜员01", "collect", code=1)
    assert "E833" in done.stderr


def test_a_transfer_a_part_release_an_extension_and_a_correction(office):
    claims = [row["claim"] for row in pledged(office, "--unit-code", UNITS[0])["claims"]]
    office.ask("审批01", "approve", *claims, "--reason", "批准")
    number = ("--number", "演示登记01", "--expires", "2035-01-01", "--reason", "登记")
    office.ask("柜员01", "confirm", *claims, *number)
    office.ask("柜员01", "extend", *claims, "--number", "演示登记02", "--expires", "2036-01-01",
               "--reason", "续登记")  # fmt: skip
    office.ask("柜员01", "transfer", *claims, "--to", "乙银行", "--reason", "债权转让")
    office.ask("审批01", "approve", *claims, "--reason", "同意")
    office.ask("柜员01", "part-release", f"{claims[0]}=3", "--reason", "部分还款")
    office.ask("审批01", "approve", claims[0], "--reason", "同意")
    office.ask("柜员01", "correct", claims[1], "--set", "kg=2000", "--reason", "更正")
    office.ask("审批01", "refuse", claims[1], "--reason", "不同意")
    rows = office.json("柜员01", "show")["rows"]
    assert [(r["kg"], r["party"], r["external_no"], r["expires_on"]) for r in rows] == [
        (2000, "乙银行", "演示登记02", "2036-01-01"),
        (2003, "乙银行", "演示登记02", "2036-01-01"),
    ]
    office.ask("柜员01", "expire", *claims, "--reason", "到期", code=2)
    kinds = [
        event["kind"] for event in office.json("柜员01", "history", "--claim", claims[0])["events"]
    ]
    assert kinds[:4] == ["propose", "approve", "confirm", "extend"]


def test_claims_are_named_by_number_or_by_dossier(office):
    pledged(office)
    for words in ((), ("7", "--dossier", "ZY-1")):
        done = office.ask("审批01", "approve", *words, "--reason", "批准", code=2)
        assert "--dossier" in done.stderr
    done = office.ask("审批01", "approve", "--dossier", "ZY-9", "--reason", "批准", code=2)
    assert "E816" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("part-release", "5"), ("part-release", "5=x"), ("correct", "5", "--set", "kg"),
        ("part-release", "6=1", "6=2"), ("part-release", "6=1", "06=2"),
        ("part-release", "6=" + "9" * 5000), ("correct", "9" * 30, "--set", "kg=1"),
        ("correct", "6", "--set", "kg=1", "--set", "kg=2"),
        ("step", "ZY-1", "draw", "--document", "a=1", "--document", "a=2"),
        ("step", "ZY-1", "draw", "--date", "a=2026-01-01", "--date", "a=2027-01-01"),
    ],
)  # fmt: skip
def test_a_value_is_given_once_with_its_name(office, words):
    done = office.ask("柜员01", *words, "--reason", "试", code=2)
    assert "Usage:" in done.stderr


@pytest.mark.parametrize("words", [("open",), ("show",)])
def test_a_ledger_in_memory_is_none(office, words):
    done = office.ask("主管01", *words, "--ledger", "sqlite://", code=2)
    assert "E811" in done.stderr


OWN = ("pledges.db", "pledges.db.key", "pledges.db-wal", "pledges.db-shm", "link.db", "no/x.csv")


@pytest.mark.parametrize("name", OWN)
def test_nothing_is_written_over_the_ledger(office, name):
    (office.folder / "link.db").hardlink_to(office.folder / "pledges.db")
    book = office.folder / "book.csv"
    book.write_text(
        "业务编号,不动产单元号,权利类型,证书号,减排年度,质押量(吨),质权人\n", encoding="utf-8"
    )
    kept = {path: path.read_bytes() for path in office.folder.glob("*.db*")}
    imported = ("import", book, "--kind", "pledge_book", "--reason", "导入", "--out")
    for words in (("export",), imported):
        assert "E811" in office.ask("柜员01", *words, office.folder / name, code=2).stderr
    assert {path: path.read_bytes() for path in office.folder.glob("*.db*")} == kept
    for words in (("export",), imported):
        done = office.ask("柜员01", *words, book, code=2)
        assert "E81" in done.stderr
    assert book.read_text(encoding="utf-8").startswith("业务编号")


def test_an_export_takes_the_place_of_an_earlier_one_of_the_same_ledger(office):
    kept = office.folder / "kept.jsonl"
    office.ask("柜员01", "export", kept)
    first = kept.read_text(encoding="utf-8")
    pledged(office)
    office.ask("柜员01", "export", kept)
    assert len(kept.read_text(encoding="utf-8")) > len(first)
    office.ask("主管01", "open", "--ledger", office.folder / "other.db")
    done = office.ask("主管01", "export", kept, "--ledger", office.folder / "other.db", code=2)
    assert "E814" in done.stderr


def test_a_text_of_two_lines_is_refused_and_an_older_one_is_still_verified(office, monkeypatch):
    words = ("appoint", "路人01", "--role", "read", "--reason", "一\u2028二")
    assert "E811" in office.ask("主管01", *words, code=2).stderr
    monkeypatch.setattr("ecogis.registry.book.line_of_text", lambda *_: None)
    office.ask("主管01", *words)
    kept = office.folder / "kept.jsonl"
    office.ask("柜员01", "export", kept)
    for asked in ("--export", "--head"):
        assert office.ask("柜员01", "verify", asked, kept).stdout.startswith("完好")


def test_a_pledge_entered_before_is_told_as_unchanged(office):
    words = ("pledge", "--run", office.run, "--party", "甲银行", "--dossier", "ZY-1")
    assert "已入账" in office.ask("柜员01", *words, "--reason", "申请").stdout
    office.ask("审批01", "refuse", "--dossier", "ZY-1", "--reason", "退回")
    again = office.ask("柜员01", *words, "--reason", "申请").stdout
    assert "已撤回" in again
    assert "无变化" in again
    assert "已入账" not in again


def test_an_older_run_is_not_entered_over_a_newer_one(office):
    office.ask("柜员01", "survey", office.run, "--reason", "录入")
    offer = offered().query("vintage == 2027")
    office.ask("柜员01", "survey", write_run(office.folder / "newer", offer), "--reason", "录入")
    rows = office.json("柜员01", "show", "--balances")["rows"]
    assert [row["yield_kg"] for row in rows] == [2003, 0, 4003, 0]
    for words in (("survey", office.run), ("pledge", "--run", office.run, "--party", "甲银行",
                                           "--dossier", "ZY-1")):  # fmt: skip
        assert "E858" in office.ask("柜员01", *words, "--reason", "旧", code=2).stderr


def test_the_book_is_imported_once_with_a_verdict_on_every_row(office):
    office.ask("柜员01", "survey", office.run, "--reason", "录入")
    head = "业务编号,不动产单元号,权利类型,证书号,减排年度,质押量(吨),质权人\n"
    book = office.folder / "book.csv"
    rows = [f"ZY-1,{UNITS[0]},林地经营权,演示证0001,2027,2.003,甲银行\n",
            f"ZY-2,{UNITS[1]},林地经营权,演示证0002,2030,1,甲银行\n",
            f"ZY-3,{UNITS[1]},林地经营权,演示证0002,2028,99,甲银行\n"]  # fmt: skip
    book.write_text(head + "".join(rows), encoding="utf-8")
    words = ("import", book, "--kind", "pledge_book", "--reason", "导入")
    judged = office.json("柜员01", *words, "--dry-run")
    assert judged["verdicts"] == {"accepted": 2, "queried": 1}
    assert office.json("柜员01", "show")["rows"] == []
    out = office.folder / "verdicts.csv"
    done = office.json("柜员01", *words, "--out", out, code=1)
    assert [row["verdict"] for row in done["rows"]] == ["accepted", "queried", "refused"]
    assert [row["code"] for row in done["rows"]] == ["", "E850", "E802"]
    assert pd.read_csv(out)["row"].tolist() == [1, 2, 3]
    events = office.json("柜员01", "history")["events"]
    told = office.ask("柜员01", *words, code=1).stdout
    assert "接受 1 · 存疑 1 · 拒绝 1" in told
    assert "无变化" in told
    assert office.json("柜员01", "history")["events"] == events


def test_an_export_and_its_head_are_verified(office):
    pledged(office)
    kept = office.folder / "kept.jsonl"
    assert "#" in office.ask("柜员01", "export", kept).stdout
    assert office.ask("柜员01", "verify", "--head", kept).stdout.startswith("完好")
    assert office.ask("柜员01", "verify", "--export", kept).stdout.startswith("完好")
    text = kept.read_text(encoding="utf-8")
    kept.write_text(text.replace("2003", "2004"), encoding="utf-8")
    assert "E823" in office.ask("柜员01", "verify", "--export", kept, code=1).stdout


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_tables_are_aligned_in_both_languages(office, lang):
    pledged(office)
    shown = office.ask("柜员01", "show", "--lang", lang).stdout.splitlines()
    head, *rows = shown[:5]
    assert ("不动产单元代码" in head) is (lang == "zh")
    wide = [
        sum(2 if ord(letter) > 0x2E80 else 1 for letter in row.split("44189")[0]) for row in rows
    ]
    assert len(set(wide)) == 1
    assert len(shown) == 5


def test_every_amount_of_a_balance_is_shown(office):
    pledged(office)
    row = office.json("柜员01", "show", "--balances")["rows"][0]
    assert (row["yield_kg"], row["pledged_kg"], row["free_kg"]) == (2003, 2003, 0)
    head = office.ask("柜员01", "show", "--balances", "--lang", "en").stdout.splitlines()[0]
    amounts = [COLUMNS[name][1] for name in row if name.endswith("_kg")]
    assert len(amounts) == 7
    assert all(f"  {amount}" in head for amount in amounts)


def test_who_is_not_appointed_sees_nothing(office):
    assert "E808" in office.ask("路人01", "show", code=1).stderr


def test_a_ledger_that_is_not_there_is_named(tmp_path):
    words = ["registry", "show", "--ledger", str(tmp_path / "none.db"), "--actor", "甲"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 2
    assert "E814" in done.stderr
    assert not (tmp_path / "none.db").exists()


def test_a_day_in_the_past_is_shown_as_it_was(office):
    pledged(office)
    assert office.json("柜员01", "show", "--day", "2000-01-01")["rows"] == []
    assert "E010" in office.ask("柜员01", "show", "--day", "someday", code=2).stderr


def _python(code):
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}"], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_asking_for_help_loads_nothing_heavy():
    heavy = ("pandas", "sqlalchemy", "cryptography", "shapely", "msgspec")
    code = (
        "from click.testing import CliRunner; from ecogis.cli.main import main;"
        "done = CliRunner().invoke(main, ['registry', 'pledge', '--help']);"
        f"print(done.exit_code, [name for name in {heavy!r} if name in sys.modules])"
    )
    assert _python(code) == (0, "0 []\n")


def test_a_missing_extra_is_named():
    code = (
        "sys.modules['sqlalchemy'] = None; from ecogis.cli.main import main;"
        "main(['registry', 'show', '--ledger', 'x.db', '--actor', 'x'])"
    )
    exit_code, told = _python(code)
    assert exit_code == 2
    assert told.startswith("E800")
    assert "ecogis[registry]" in told


def _commands():
    text = PAGE.read_text(encoding="utf-8").replace("\\\n", " ")
    blocks = re.findall(r"^```bash\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def test_the_commands_of_the_page_do_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_run(tmp_path / "out")
    head = "业务编号,不动产单元号,权利类型,证书号,减排年度,质押量(吨),质权人\n"
    row = f"ZY-9,{UNITS[0]},林地经营权,演示证0001,2027,2.003,甲银行\n"
    (tmp_path / "book.csv").write_text(head + row, encoding="utf-8")
    shown = {}
    for program, *words in _commands():
        if program == "export":
            name, _, value = words[0].partition("=")
            monkeypatch.setenv(name, value)
            continue
        assert program == "ecogis"
        done = CliRunner().invoke(main, words)
        assert done.exit_code == 0, (words, done.output)
        shown[" ".join(words[1:3])] = done.stdout
    assert "已批准" in shown["steps ZY-1"]
    assert "check" in shown["steps --day"]
    assert "已解除" in shown["step ZY-1"]
    assert "接受 1" in shown["import book.csv"]
    assert shown["verify --export"].startswith("完好")
