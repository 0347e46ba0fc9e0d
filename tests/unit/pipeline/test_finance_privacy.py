"""The report on finance names nobody, and says what is passed, covered and not known."""

import zipfile
from datetime import date

import pandas as pd
import pytest

from ecogis import report
from ecogis.core.findings import Findings
from ecogis.finance.guarantee import check_book
from ecogis.finance.guarantee_limits import guarantee_rules
from ecogis.finance.households import household_rules
from ecogis.finance.households_lines import score
from ecogis.finance.indicators import indicator_board
from ecogis.finance.products import products
from ecogis.finance.products_match import match
from ecogis.finance.products_places import mountain_counties
from ecogis.pipeline.finance_privacy import reported
from ecogis.pipeline.finance_report import finance_content

DAY = date(2026, 8, 31)
KEY = "330821198001011234"


def business():
    """Offers, a line and limits of one household known by its identity number."""
    rows = [(KEY, "H15", 10**7), *((KEY, item, 0) for item in ("H17", "H18", "H19"))]
    people = pd.DataFrame({"household": [KEY], "place": ["浙江/衢州/开化"], "unsecured_fen": [0],
                           "bad_record": [False], "grade": ["A"], "veto": [False],
                           "minutes": ["2026-3"], "kind": ["village"]})  # fmt: skip
    items = pd.DataFrame(rows, columns=["household", "item", "value_fen"])
    lines = score(people, items, household_rules(DAY), findings=Findings())
    lines.insert(0, "number", "户00001")
    lines["name"] = "持有人0001"
    book = pd.DataFrame({"loan": ["L1"], "borrower": [KEY], "kind": ["farmer"],
                         "balance_fen": [600_000_000]})  # fmt: skip
    rules = guarantee_rules(DAY)
    limits = check_book(book, 5 * 10**9, None, rules=rules, findings=Findings()).limits
    asset = pd.DataFrame({"borrower": [KEY], "kind": ["carbon"], "value_fen": [10**7]})
    borrowers = people.rename(columns={"household": "borrower"})[["borrower", "place", "kind"]]
    found = match(borrowers, asset, products(DAY), DAY, findings=Findings())
    return {"finance_lines": lines, "finance_limits": limits, "finance_offers": found.offers}


@pytest.fixture(scope="module")
def tables():
    return business()


def content(tables, **words):
    values = pd.DataFrame({"indicator": [], "day": [], "value": []})
    board = indicator_board(values, DAY, findings=Findings())
    return finance_content(board, mountain_counties(DAY), DAY, tables=tables, name="x", **words)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_nobody_is_named_in_page_or_workbook(tables, tmp_path, lang):
    files = report.write(content(tables), tmp_path, lang=lang, formats=("html", "xlsx"),
                         forms=("finance",))  # fmt: skip
    page = next(file for file in files if file.suffix == ".html").read_text(encoding="utf-8")
    book = next(file for file in files if file.suffix == ".xlsx")
    with zipfile.ZipFile(book) as parts:
        cells = "".join(parts.read(name).decode("utf-8", "ignore") for name in parts.namelist())
    for text in (page, cells):
        assert KEY not in text
        assert "持有人0001" not in text
        assert "P0001" in text
        assert "主体0001" not in text  # no Chinese word in an English report
    seen = (
        ("未通过", "不明", "可办理", "押品价值") if lang == "zh" else ("passed beyond", "offered")
    )
    assert all(word in page for word in seen)
    assert ">refused<" not in page


def test_one_party_is_one_number_in_every_table(tables):
    told, left_out = reported(tables)
    assert set(told["finance_offers"]["borrower"]) == {"P0001"}
    assert set(told["finance_limits"]["party"].dropna()) <= {"P0001"}
    assert not {"household", "name"} & set(told["finance_lines"].columns)
    kept = len(told["finance_offers"])
    assert kept + left_out == len(tables["finance_offers"])
    assert "refused" not in set(told["finance_offers"]["verdict"])


def test_no_room_is_shown_where_the_group_is_not_known(tables):
    limits = reported(tables)[0]["finance_limits"].set_index("rule")
    assert limits["passed_zh"].to_dict() == {
        "leverage": "通过",
        "single": "未通过",
        "group": "不明",
    }
    assert pd.isna(limits.loc["group", "room_fen"])
    assert limits.loc["single", "room_fen"] == -100_000_000


def test_names_are_there_for_who_may_see(tables):
    told, _ = reported(tables, named=True)
    assert set(told["finance_offers"]["borrower"]) == {KEY}
    assert content(tables, named=True).tables["finance_lines"]["household"].tolist() == [KEY]
