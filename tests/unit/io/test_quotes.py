"""Exports of exchanges: nothing of a file is lost, and a day without trade is no price of 0."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from ecogis import demo
from ecogis.core.errors import InputError
from ecogis.core.findings import Findings
from ecogis.io import layer_info, quotes_info, read_quotes, read_table

EXPORT = """全国碳市场行情日报,,,,
(单位:元/吨、吨),,,,
交易日期,市场,品种,成交均价(元/吨),成交量(吨)
2026-08-17,甲交易所,CEA,"1,096.10","12,345"
2026-08-18,甲交易所,CEA,--,0
2026-08-18,乙交易所,CCER,93.5,1000
,,,,
交易日期,市场,品种,成交均价(元/吨),成交量(吨)
2026-08-19,甲交易所,CEA,0,0
2026/8/20,甲交易所,CEA,97.4,2000
合计,,,,15345
数据来源:甲交易所网站,,,,
注:无成交日以“--”表示
"""


def write(tmp_path, text, encoding="utf-8-sig", name="quotes.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def lines_left_out(findings):
    return {row["message_en"] for row in findings.rows() if row["code"] == "E863"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_an_export_with_titles_footers_and_days_without_trade(tmp_path, findings, encoding):
    path = write(tmp_path, EXPORT.replace("“--”", "--"), encoding)
    quotes = read_quotes(path, profile="cn-carbon-quotes", findings=findings)
    assert quotes["price_cny_t"].tolist() == [1096.1, 93.5, 97.4]
    assert quotes["volume_t"].tolist() == [12345.0, 1000.0, 2000.0]
    assert quotes["instrument"].tolist() == ["CEA", "CCER", "CEA"]
    assert quotes["market"].tolist() == ["甲交易所", "乙交易所", "甲交易所"]
    assert quotes["row"].tolist() == [1, 3, 7]
    assert quotes["date"].dt.date.tolist() == [dt.date(2026, 8, day) for day in (17, 18, 20)]
    assert set(quotes["source"]) == {"甲交易所网站"}
    assert set(quotes["price_kind"]) == {"market"}
    assert findings.count("E159") == (encoding == "gbk")


def test_every_line_left_out_is_told_with_its_row_and_reason(tmp_path, findings):
    quotes = read_quotes(write(tmp_path, EXPORT), profile="cn-carbon-quotes", findings=findings)
    told = {
        row["message_en"].split(", ")[1].split(";")[0]: int(row["observed"])
        for row in findings.rows()
        if row["code"] == "E863"
    }
    assert told == {
        "lines above the header": 2,
        "blank lines": 1,
        "the header again": 1,
        "remarks": 3,
        "no trade: neither a price nor a volume": 2,
    }
    header = 1
    assert sum(told.values()) + len(quotes) + header == len(EXPORT.splitlines())
    words = " ".join(lines_left_out(findings))
    assert "rows below the header: 2, 6" in words
    assert "rows below the header: 8–10" in words
    assert "合计 15345; 数据来源:甲交易所网站" in words
    (grouped,) = (row for row in findings.rows() if row["code"] == "E865")
    assert grouped["observed"] == "2"


def test_full_width_commas_and_brackets_are_read_alike(tmp_path, findings):
    header = "日期,市场,品种,成交均价\uff08元/吨\uff09,成交量\uff08吨\uff09"
    text = f"{header}\n2026-08-17,a,b,90,1\uff0c000\n"
    quotes = read_quotes(write(tmp_path, text), profile="cn-carbon-quotes", findings=findings)
    assert quotes["volume_t"].tolist() == [1000.0]


def test_a_workbook_gives_what_its_csv_gives(tmp_path, findings):
    path = write(tmp_path, EXPORT)
    book = Workbook()
    for line in EXPORT.replace('"', "").splitlines():
        book.active.append(line.split(","))
    book.active.delete_rows(4)
    book.active.insert_rows(4)
    cells = (pd.Timestamp("2026-08-17").to_pydatetime(), "甲交易所", "CEA", 1096.1, 12345)
    for at, value in enumerate(cells, start=1):
        book.active.cell(4, at, value)
    book.save(tmp_path / "quotes.xlsx")
    from_csv = read_quotes(path, profile="cn-carbon-quotes", findings=findings)
    from_book = read_quotes(tmp_path / "quotes.xlsx", profile="cn-carbon-quotes", findings=findings)
    assert from_book.equals(from_csv)


def test_an_unsold_lot_stays_without_a_price_and_is_told(tmp_path, findings):
    text = "date,project,tCO2,base_cny_t,price_cny_t,note\n2024-02-07,甲村,234183,65,,unsold\n"
    lots = read_quotes(write(tmp_path, text), profile="phcer-auctions", findings=findings)
    assert lots["volume_t"].tolist() == [234183.0]
    assert lots["price_cny_t"].isna().tolist() == [True]
    assert (lots["project"].tolist(), lots["source"].tolist()) == (["甲村"], ["quotes.csv"])
    (told,) = (row for row in findings.rows() if row["code"] == "E864")
    assert "234,183 t" in told["message_en"]


def test_a_price_of_words_and_a_day_nobody_can_read_stay_and_are_told(tmp_path, findings):
    text = "日期,市场,品种,均价,成交量\n2026-08-17,a,CEA,九十,10\n八月十八日,a,CEA,91,10\n"
    quotes = read_quotes(write(tmp_path, text), profile="cn-carbon-quotes", findings=findings)
    assert len(quotes) == 2
    assert findings.count("E136") == findings.count("E141") == 1


def test_a_quote_that_stands_twice_is_kept_and_told(tmp_path, findings):
    line = "2026-08-17,a,CEA,90,10\n"
    text = f"日期,市场,品种,均价,成交量\n{line}{line}2026-08-17,a,CEA,90,11\n"
    quotes = read_quotes(write(tmp_path, text), profile="cn-carbon-quotes", findings=findings)
    assert len(quotes) == 3
    (told,) = (row for row in findings.rows() if row["code"] == "E866")
    assert told["observed"] == "1"
    assert "rows: 2" in told["message_en"]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("日期,均价\n2026-08-17,90,7\n", "E133", ("2", "3")),
        ("日,价\n2026-08-17,90\n", "E146", ("交易日期", "日, 价")),
        ("日期,均价,均价\n2026-08-17,90,90\n", "E134", ("均价",)),
        ("日期,均价\n2026-08-17,90\n", "E146", ("market",)),
        (",,\n,,\n", "E107", ("quotes.csv",)),
        ('日期,均价\n"2026-08-17,90\n', "E135", ("quotes.csv",)),
    ],
)
def test_exports_that_cannot_be_trusted(tmp_path, findings, text, code, words):
    with pytest.raises(InputError, match=code) as caught:
        read_quotes(write(tmp_path, text), profile="cn-carbon-quotes", findings=findings)
    assert all(word in str(caught.value) for word in words)


def test_bytes_of_no_encoding_are_refused(tmp_path, findings):
    (tmp_path / "a.csv").write_bytes(b"\xff\xff\xfe,1\n\x81\n")
    with pytest.raises(InputError, match="E153"):
        read_quotes(tmp_path / "a.csv", profile="cn-carbon-quotes", findings=findings)


def test_a_plain_table_of_prices_reads_as_any_table(findings):
    """The demo's prices: the same rows, findings and manifest by either reader."""
    path, other = demo.folder() / "prices.csv", Findings()
    quotes = read_quotes(path, profile="demo-prices", findings=findings)
    plain = read_table(path, profile="demo-prices", role="prices", findings=other)
    pd.testing.assert_frame_equal(quotes, plain, check_exact=True)
    assert findings.rows() == other.rows()
    assert quotes_info(path) == layer_info(path)


def test_a_table_of_another_format_reads_as_any_table(tmp_path, findings):
    path = tmp_path / "prices.parquet"
    table = {
        "日期": ["2026-08-17"],
        "市场": ["a"],
        "品种": ["CEA"],
        "均价": [90.0],
        "成交量": [1.0],
    }
    pd.DataFrame(table).to_parquet(path)
    quotes = read_quotes(path, profile="cn-carbon-quotes", findings=findings)
    assert quotes["price_cny_t"].tolist() == [90.0]
    assert quotes_info(path) == layer_info(path)


def test_sheets_must_be_named_where_there_are_several(tmp_path, findings):
    book = Workbook()
    book.create_sheet("另一张")
    book.save(tmp_path / "two.xlsx")
    for sheet, code in ((None, "E117"), ("无", "E110")):
        with pytest.raises(InputError, match=code):
            read_quotes(
                tmp_path / "two.xlsx", sheet=sheet, profile="cn-carbon-quotes", findings=findings
            )
    (tmp_path / "bad.xlsx").write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(InputError, match="E104"):
        read_quotes(tmp_path / "bad.xlsx", profile="cn-carbon-quotes", findings=findings)


def test_the_manifest_counts_every_line(tmp_path):
    info = quotes_info(write(tmp_path, EXPORT, "gbk"))
    assert (info.rows, info.encoding, len(info.sha256)) == (11, "GB18030", 64)


def test_the_daily_file_as_it_is(shared_data, findings):
    path = shared_data / "carbon_prices" / "cea_ccer_daily.csv"
    quotes = read_quotes(path, profile="cn-carbon-quotes-daily", findings=findings)
    assert quotes.groupby("instrument").size().to_dict() == {"CEA": 1234, "CCER": 350}
    assert np.isfinite(quotes["price_cny_t"]).all()
    assert [row["code"] for row in findings.rows()] == ["E863"]
    plain = read_table(path, profile="cn-carbon-quotes-daily", role="prices", findings=findings)
    assert plain[plain["price_cny_t"].notna()].reset_index(drop=True).equals(quotes)
