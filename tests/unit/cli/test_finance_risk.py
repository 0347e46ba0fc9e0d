"""``ecogis finance guarantee`` and ``insurance``: figures by hand, in tables and in JSON."""

import json

import pytest
from click.testing import CliRunner

from ecogis.cli.finance_words import MONEY
from ecogis.cli.main import main

DAY = ("--day", "2026-08-31")
BOOK = "loan,borrower,kind,balance_fen\nL1,甲,other,300000000\nL2,乙,other,100000000\n"
NONE = "party,related_party\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "book.csv", BOOK)
    write(tmp_path, "rel.csv", NONE)
    write(tmp_path, "fund.csv", "day,net_assets_fen\n2026-06-30,5000000000\n")
    return tmp_path


def write(folder, name, text):
    (folder / name).write_text(text, encoding="utf-8")
    return name


def run(*words, code=0):
    done = CliRunner().invoke(main, ["finance", *map(str, words), *DAY])
    assert done.exit_code == code, done.output
    return done


def guarantee(word, *words, code=0):
    return json.loads(run("guarantee", word, *words, "--json", code=code).stdout)


COMPANY = ("book.csv", "--relations", "rel.csv", "--net-assets", "50,000,000")
BOTH = ("book.csv", "--relations", "rel.csv", "--fund", "fund.csv")
ASKED = ("--borrower", "甲", "--kind", "other")


def test_room_is_what_is_left_for_a_borrower():
    assert guarantee("room", *COMPANY, *ASKED)["room"][0]["room_fen"] == 200_000_000
    assert guarantee("room", *BOTH, *ASKED)["room"][0]["room_fen"] == 200_000_000
    assert "2,000,000.00" in run("guarantee", "room", *BOTH, *ASKED).stdout


def test_room_is_nought_where_relations_are_not_known(folder):
    words = ("book.csv", "--net-assets", "50000000", *ASKED)
    found = guarantee("room", *words, code=1)
    assert found["room"][0]["room_fen"] == 0
    assert [row["code"] for row in found["findings"]] == ["E922"]


def test_a_guarantee_is_taken_and_kept_or_refused_with_the_room(folder):
    asked = ("--loan", "L3", *ASKED, "--amount")
    done = run("guarantee", "propose", *BOTH, *asked, "1500000.50", "--out", "new.csv")
    assert "剩余额度 499,999.50 元" in done.stdout
    kept = (folder / "new.csv").read_text(encoding="utf-8-sig")
    assert "L3,甲,other,150000050" in kept
    second = ("new.csv", "--relations", "rel.csv", "--fund", "fund.csv", "--loan", "L4", *ASKED)
    refused = run("guarantee", "propose", *second, "--amount", "500000", code=1)
    assert "E905" in refused.stderr
    assert "499999.50" in refused.stderr
    assert "E900" in run("guarantee", "propose", *second[:6], "L3", *ASKED, "--amount", "1",
                         code=2).stderr  # fmt: skip
    write(folder, "book.csv", BOOK + "L5,,other,1\n")
    blind = guarantee("propose", *BOTH, *asked, "1", code=1)
    assert "E902" in {row["code"] for row in blind["findings"]}


def test_a_result_never_takes_the_place_of_its_input(folder):
    run("guarantee", "check", *BOTH, "--out", "./book.csv", code=2)
    assert (folder / "book.csv").read_text(encoding="utf-8") == BOOK


@pytest.mark.parametrize("words", [(), ("--net-assets", "1", "--fund", "fund.csv")])
def test_net_assets_are_stated_once(words):
    run("guarantee", "check", "book.csv", "--relations", "rel.csv", *words, code=2)


def test_net_assets_of_a_later_day_do_not_count(folder):
    write(folder, "fund.csv", "day,net_assets_fen\n2026-09-30,5000000000\n")
    assert "E969" in run("guarantee", "check", *BOTH, code=2).stderr


@pytest.mark.parametrize(
    "amount",
    [
        "-1",
        "0.001",
        "nan",
        "1e400",
        "五万",
        "1,5",
        "1_000",
        "1e3",
        "1,00,0.10",
        ",100",
        "1000,000",
        "1.0000000000000000000000000000000001",
    ],
)
def test_an_amount_is_yuan_with_two_decimals(amount):
    run("guarantee", "fee", "--loan", amount, code=2)


@pytest.mark.parametrize(
    ("amount", "fen"),
    [("1,000.5", 100_050), (" 12345.60 ", 1_234_560), ("1,234,567.8900", 123_456_789)],
)
def test_commas_stand_between_thousands(amount, fen):
    assert MONEY(amount) == fen


def test_focus_of_a_policy_company(folder):
    write(
        folder, "book.csv", "loan,borrower,kind,balance_fen\nL1,甲,farmer,8000\nL2,乙,other,2000\n"
    )
    rows = guarantee("focus", *COMPANY)["focus"]
    assert [(row["rule"], row["passed"]) for row in rows] == [
        ("focus_share", True), ("focus_small_share", True), ("focus_ceiling", True),
    ]  # fmt: skip
    told = guarantee("focus", *COMPANY, "--fees", "2", code=1)
    average = told["focus"][-1]
    assert (average["rule"], average["value"]) == ("policy_fee_limit", 0.025)
    assert average["passed"] is False
    assert [(row["code"], row["feature"]) for row in told["findings"]] == [
        ("E891", "policy_fee_limit")
    ]
    shown = run("guarantee", "focus", *COMPANY, "--fees", "2", code=1)
    assert "平均担保费率" in shown.stdout
    assert "focus_" not in shown.stdout
    write(folder, "book.csv", "loan,borrower,kind,balance_fen\n")
    empty = guarantee("focus", *COMPANY, code=1)
    assert [row["code"] for row in empty["findings"]] == ["E892"] * 3


def test_a_loss_is_shared_to_the_fen():
    rows = guarantee("share", "--loss", "10.03")["shares"]
    assert {row["party"]: row["amount_fen"] for row in rows} == {
        "bank": 201, "guarantor": 401, "province": 201, "national": 200,
    }  # fmt: skip
    own = guarantee("share", "--loss", "1", "--share", "bank=0.5", "--share", "fund=0.5")
    assert [row["amount_fen"] for row in own["shares"]] == [50, 50]
    for wrong in (("bank=0.5",), ("bank=x",), ("=1",), ("bank=nan",), ("a=0.5", "a=0.5")):
        said = [word for one in wrong for word in ("--share", one)]
        assert "E900" in run("guarantee", "share", "--loss", "1", *said, code=2).stderr


def test_compensation_stops_at_the_ceiling(folder):
    losses = write(folder, "loss.csv", "loan,day,loss_fen\nA,2026-01-05,60\nB,2026-01-06,200\n")
    words = ("--guaranteed", "20", "--limit", "0.05", "--share", "bank=0.5", "--share", "fund=0.5")
    rows = guarantee("compensation", losses, *words)["compensation"]
    assert [(row["bank_fen"], row["fund_fen"], row["beyond_fen"]) for row in rows] == [
        (30, 30, 0), (130, 70, 60),
    ]  # fmt: skip
    write(folder, "loss.csv", "loan,day,loss_fen\nA,2026-01-05,60\nB,2026-01-06,\n")
    assert "E900" in run("guarantee", "compensation", losses, *words, code=2).stderr


def test_reserves_and_capital_of_a_year():
    words = ("--liability", "100000000", "--held", "11000000", "--fees", "10.01")
    rows = guarantee("reserves", *words, "--paid-in", "15000000")["reserves"]
    assert {row["item"]: row["amount_fen"] for row in rows} == {
        "loss_reserve": -100_000_000, "unearned_fee_reserve": 501, "capital_shortfall": 500_000_000,
    }  # fmt: skip
    assert "未到期责任准备金" in run("guarantee", "reserves", *words).stdout
    assert "unearned_fee_reserve" in run("guarantee", "reserves", *words, "--lang", "en").stdout


def test_the_asset_mix_is_kept_or_told():
    classes = ("--class-2", 50, "--other", 0, "--receivable", 10)
    kept = guarantee("assets", "--class-1", 20, "--class-3", 30, *classes)
    assert all(row["passed"] for row in kept["assets"])
    shown = run("guarantee", "assets", "--class-1", 20, "--class-3", 30, *classes).stdout
    assert "Ⅰ级资产占比" in shown
    assert "class_" not in shown
    broken = guarantee("assets", "--class-1", 10, "--class-3", 40, *classes, code=1)
    assert [row["code"] for row in broken["findings"]] == ["E970"] * 3


def test_the_fee_of_the_national_fund():
    assert guarantee("fee", "--loan", 1_000_000)["fee"][0]["amount_fen"] == 60_000


def insurance(*words, code=0):
    return json.loads(run("insurance", *words, "--json", code=code).stdout)


def test_policies_pay():
    words = ("--index", 1500, "--threshold", 1000, "--unit", 20)
    assert insurance("index", *words, "--limit", 9000)["payout"][0]["amount_fen"] == 900_000
    assert insurance("index", *words, "--limit", 90_000)["payout"][0]["amount_fen"] == 1_000_000
    found = insurance("cost", "--insured", 1000, "--loss", 0.35)
    assert found["payout"][0]["amount_fen"] == 35_000
    for wrong in (("index", *words[:1], "nan", *words[2:], "--limit", 1),
                  ("cost", "--insured", 1, "--loss", "nan")):  # fmt: skip
        assert "E900" in run("insurance", *wrong, code=2).stderr


def test_shares_off_the_pattern_are_warned_of():
    words = ("--loss", "1", "--share", "bank=0.05", "--share", "guarantor=0.95")
    told = guarantee("share", *words)["findings"]
    assert [row["code"] for row in told] == ["E888", "E888"]
    assert not guarantee("share", "--loss", "1")["findings"]


def test_a_premium_is_shared():
    rows = insurance("premium", "--premium", 150, "--pattern", "cost")["premium"]
    assert [row["amount_fen"] for row in rows] == [6_000, 6_000, 3_000]
    own = insurance("premium", "--premium", 1, "--share", "county=1")["premium"]
    assert own == [{"party": "county", "share": 1, "amount_fen": 100}]
    run("insurance", "premium", "--premium", 1, code=2)


def test_the_three_lists_of_a_day(folder):
    text = "list,service,from,to\n一,a,2026-01-01,\n二,b,2026-01-01,2026-06-30\n三,c,2026-01-01,\n"
    table = write(folder, "lists.csv", text)
    assert [row["service"] for row in insurance("lists", table)["lists"]] == ["a", "c"]
