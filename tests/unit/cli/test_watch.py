"""``ecogis watch``: what is printed, written and returned."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from ecogis.cli.main import main

POLICY = """because = "example"
confidence = "assumed"
least_cover = 1.2
price_fall = 0.3
area_lost = 0.05
hazard_share = 0.05
verification_days = 180
"""
HEAD = (
    "loan,balance_cny,pledge_value_cny,price_before_cny_t,price_cny_t,area_before_ha,area_ha,"
    "hazard_share,title_event,verification_due,verified_on\n"
)
SOUND = "L1,10,20,80,80,5,5,0,no,2027-06-30,\n"
POOR = "L2,10,9,80,80,5,5,0,no,2027-06-30,\n"


@pytest.fixture
def ask(tmp_path):
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")

    def run(rows, *words, policy="policy.toml", day="2026-08-31"):
        book = tmp_path / "book.csv"
        book.write_text(HEAD + rows, encoding="utf-8")
        named = ["--policy", str(tmp_path / policy), "--date", day, *words]
        return CliRunner().invoke(main, ["watch", str(book), *named])

    return run


def test_the_list_says_what_is_to_be_done(ask):
    done = ask(SOUND + POOR, "--lang", "en")
    assert done.exit_code == 0
    head, row, sums = done.stdout.splitlines()
    assert head.split("  ")[0] == "loan"
    assert row.startswith("L2")
    assert "0.9000" in row
    assert "2.50" in row  # 10 - 9 / 1.2
    assert "3.00" in row  # 12 - 9
    assert sums == "loans 2, to look at 1: triggers 1, not known 0"


def test_in_chinese_by_default(ask):
    done = ask(POOR)
    assert "质押价值覆盖率低于下限" in done.stdout
    assert done.stdout.splitlines()[-1] == "贷款 1 笔,须处理 1 笔:触发 1 项,资料不足 0 项"


def test_one_object_for_machines(ask):
    record = json.loads(ask(SOUND + POOR, "--json").stdout)
    assert (record["date"], record["loans"]) == ("2026-08-31", 2)
    assert [each["trigger"] for each in record["triggers"]] == ["cover"]
    assert record["findings"] == []


def test_the_whole_list_is_written(ask, tmp_path):
    rows = "".join(POOR.replace("L2", f"L{n}") for n in range(60))
    out = tmp_path / "list.csv"
    done = ask(rows, "--out", str(out))
    assert len(pd.read_csv(out)) == 60
    assert len(done.stdout.splitlines()) == 52
    assert "--out" in done.stdout


def test_a_row_that_cannot_be_judged_is_exit_1_with_its_remedy(ask):
    done = ask(SOUND + SOUND + POOR)
    assert done.exit_code == 1
    assert done.stderr.count("E886") == 2
    assert "请更正该行" in done.stderr
    assert "L2" in done.stdout


@pytest.mark.parametrize(
    ("rows", "words", "code"),
    [
        (SOUND, {"policy": "none.toml"}, "E885"),
        (SOUND, {"day": "31/08/2026"}, "E010"),
        ("L1,10\n", {}, "E133"),
    ],
)
def test_wrong_arguments_are_exit_2_in_one_line(ask, rows, words, code):
    done = ask(rows, **words)
    assert done.exit_code == 2
    assert done.stderr.startswith(code)
    assert len(done.stderr.splitlines()) == 1
