"""A book of loans from a file, against a policy from a file."""

import datetime as dt

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, InputError
from ecogis.pipeline.watching import read_policy, watch

DAY = dt.date(2026, 8, 31)
POLICY = """because = "示例规则"
confidence = "assumed"
least_cover = 1.2
price_fall = 0.3
area_lost = 0.05
hazard_share = 0.05
verification_days = 180
"""
ROW = {
    "贷款编号": "DK1",
    "贷款余额(元)": "10.00",
    "质押价值(元)": "20.00",
    "放款时价格": "80",
    "当前价格": "79.5",
    "放款时面积(公顷)": "10.5",
    "当前面积(公顷)": "10.5",
    "灾害损失比例": "0.01",
    "权属变化": "无",
    "应核查日期": "2026-06-30",
    "核查日期": "2026-06-15",
}


@pytest.fixture
def policy(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text(POLICY, encoding="utf-8")
    return file


@pytest.fixture
def watched(tmp_path, policy):
    def look(*rows, encoding="utf-8-sig"):
        book = tmp_path / "book.csv"
        table = pd.DataFrame([ROW | row for row in rows] or [], columns=list(ROW))
        table.to_csv(book, index=False, encoding=encoding)
        return watch(book, policy, DAY)

    return look


def pulled(found):
    return found.table[["loan", "trigger"]].to_numpy().tolist()


def test_a_sound_loan_pulls_nothing(watched):
    found = watched({})
    assert (found.loans, len(found.table), found.findings.count()) == (1, 0, 0)


def test_an_empty_book_has_nothing_to_say(watched):
    assert (watched().loans, len(watched().table)) == (0, 0)


@pytest.mark.parametrize(
    ("changed", "trigger"),
    [
        ({"质押价值(元)": "11.99"}, "cover"),
        ({"当前价格": "55.99"}, "price"),
        ({"当前面积(公顷)": "9.9749"}, "area"),
        ({"灾害损失比例": "5.1%"}, "hazard"),
        ({"权属变化": "有"}, "title"),
        ({"应核查日期": "2026-03-03", "核查日期": ""}, "verification"),
    ],
)
def test_each_trigger_by_its_cell(watched, changed, trigger):
    found = watched(changed)
    assert pulled(found) == [["DK1", trigger]]
    assert found.table["known"].tolist() == [True]


@pytest.mark.parametrize(
    ("column", "trigger"),
    [("质押价值(元)", "cover"), ("当前价格", "price"), ("放款时面积(公顷)", "area"),
     ("灾害损失比例", "hazard"), ("权属变化", "title")],
)  # fmt: skip
def test_an_empty_cell_is_not_known_and_never_sound(watched, column, trigger):
    found = watched({column: ""})
    assert pulled(found) == [["DK1", trigger]]
    assert found.table[["known", "action"]].to_numpy().tolist() == [[False, "supply"]]


def test_a_cell_that_cannot_be_read_is_told_with_its_row_and_is_not_known(watched):
    found = watched({}, {"贷款编号": "DK2", "当前价格": "八十"})
    assert pulled(found) == [["DK2", "price"]]
    told = found.findings.table()
    assert told["row"].tolist() == [2]
    assert told["remedy_zh"].str.len().gt(0).all()


def test_what_restores_the_cover_is_to_the_fen(watched):
    """10.00 at 1.2 needs 12.00: pledge 2.01 more for 9.99, or repay 10 - 9.99 / 1.2 = 1.675."""
    row = watched({"质押价值(元)": "9.99"}).table.iloc[0]
    assert (row["pledge_more_fen"], row["repay_fen"]) == (201, 168)


@pytest.mark.parametrize(
    "rows",
    [
        [{"贷款编号": ""}],
        [{}, {}],
        [{"贷款余额(元)": ""}],
        [{"贷款余额(元)": "-1"}],
        [{"质押价值(元)": "-1"}],
    ],
    ids=["no name", "twice", "no balance", "below nought", "value below nought"],
)
def test_rows_that_cannot_be_judged_are_told_and_stay_in_the_list(watched, rows):
    """The sound loan beside them is judged all the same."""
    found = watched(*rows, {"贷款编号": "DK9", "权属变化": "有"})
    assert found.findings.count("E886") == len(rows)
    assert found.table["trigger"].tolist() == ["record"] * len(rows) + ["title"]
    assert found.table.loc[found.table["trigger"] == "record", "known"].eq(False).all()


def test_gbk_is_read_too(watched):
    assert pulled(watched({"权属变化": "有"}, encoding="gb18030")) == [["DK1", "title"]]


def test_a_missing_column_is_refused(tmp_path, policy):
    book = tmp_path / "book.csv"
    pd.DataFrame([ROW]).drop(columns="当前价格").to_csv(book, index=False)
    with pytest.raises(InputError, match="price_cny_t"):
        watch(book, policy, DAY)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (POLICY + "cover = 1\n", "E542"),
        (POLICY.replace("price_fall = 0.3\n", ""), "E543"),
        (POLICY.replace("0.3", "30"), "E544"),
        (POLICY.replace("1.2", "0"), "E544"),
        (POLICY + '[actions]\nprice = "pray"\n', "E544"),
        (POLICY + '[actions]\nweather = "review"\n', "E542"),
        ("because = ", "E541"),
    ],
)
def test_a_policy_is_strict(tmp_path, text, code):
    file = tmp_path / "policy.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=f"{code}.*policy.toml"):
        read_policy(file)


def test_a_policy_that_is_not_there_or_not_text(tmp_path):
    with pytest.raises(ConfigError, match="E885"):
        read_policy(tmp_path / "none.toml")
    (tmp_path / "gbk.toml").write_bytes(POLICY.encode("gb18030"))
    with pytest.raises(ConfigError, match="E556"):
        read_policy(tmp_path / "gbk.toml")


def test_the_actions_of_the_policy_are_taken(tmp_path, policy):
    policy.write_text(POLICY + '[actions]\ntitle = "more_collateral"\n', encoding="utf-8")
    book = tmp_path / "book.csv"
    pd.DataFrame([ROW | {"权属变化": "有"}]).to_csv(book, index=False)
    assert watch(book, policy, DAY).table["action"].tolist() == ["more_collateral"]
