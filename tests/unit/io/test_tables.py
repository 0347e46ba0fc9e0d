import sys

import pandas as pd
import pytest
from openpyxl import Workbook

from ecogis.core.errors import InputError
from ecogis.io import layer_info, read_table, tables

HEADER = "权利编号,不动产单元号,权利类型,权利人,共有情况,份额,证书号,起始日期,终止日期,共有人同意书"
CODE = "441899101001JE00001L00000001"
ROW = f"Q1,{CODE},林地经营权,持有人0001,按份共有,1/4,0012,2020-01-01,2050-12-31,W1"


def write(tmp_path, text, encoding="utf-8-sig", name="rights.csv"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def read(path, findings, **options):
    return read_table(path, profile="demo-rights", role="rights", findings=findings, **options)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_right_in_any_encoding(tmp_path, findings, encoding):
    right = read(write(tmp_path, f"{HEADER}\n{ROW}\n", encoding), findings).iloc[0]
    assert right["right_kind"] == "management"
    assert right["co_ownership"] == "shares"
    assert right["share"] == 0.25
    assert right["certificate_no"] == "0012"
    assert right["unit_code"] == CODE
    assert right["parcel"] == CODE[:19]
    assert str(right["end"].date()) == "2050-12-31"
    told = findings.table().query("code == 'E159'")
    assert len(told) == (encoding == "gb18030")


def test_identifiers_survive_byte_for_byte(tmp_path, findings):
    names = ["0012", "12E3", "NA", "null", "1" * 28, "1.50"]
    rows = [f"{name},,林地经营权,NA,单独所有,,,,," for name in names]
    table = read(write(tmp_path, "\n".join([HEADER, *rows])), findings)
    assert table["right"].tolist() == names
    assert table["holder"].tolist() == ["NA"] * len(names)
    assert table["parcel"].isna().all()


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (f"{HEADER}\n{ROW}\n{ROW},9\n", "E133", ("2", "11", "10")),
        (f"{HEADER}\n{ROW[:-3]}\n", "E133", ("1", "9", "10")),
        (f"{HEADER},权利人\n{ROW},x\n", "E134", ("权利人",)),
        (f'{HEADER}\n"{ROW}\n', "E135", ("1",)),
        (f"{HEADER},\n{ROW},9\n", "E139", ("11",)),
        (HEADER.replace("权利类型", "类型") + f"\n{ROW}\n", "E146", ("right_kind", "权利类型")),
    ],
)
def test_tables_that_cannot_be_trusted(tmp_path, findings, text, code, words):
    with pytest.raises(InputError) as caught:
        read(write(tmp_path, text), findings)
    assert caught.value.code == code
    for word in ("rights.csv", *words):
        assert word in caught.value.zh
        assert word in caught.value.en


def test_bytes_of_no_encoding(tmp_path, findings):
    path = tmp_path / "rights.csv"
    path.write_bytes(HEADER.encode() + b"\n\xff\xff,\n")
    with pytest.raises(InputError, match=r"E153.*rights.csv"):
        read(path, findings)


@pytest.mark.parametrize(
    ("column", "text", "code"),
    [
        (1, CODE[:-1], "E138"),
        (1, CODE.replace("JE", "12"), "E138"),
        (1, "4.41899E+27", "E137"),
        (2, "林权", "E147"),
        (5, "25", "E148"),
        (7, "2020-02-30", "E141"),
    ],
)
def test_a_cell_not_understood_is_missing_and_told(tmp_path, findings, column, text, code):
    cells = ROW.split(",")
    cells[column] = text
    table = read(
        write(tmp_path, f"{HEADER}\n{ROW.replace('Q1', 'Q0')}\n{','.join(cells)}\n"), findings
    )
    found = findings.table().query("code == @code").iloc[0]
    assert (found["row"], found["feature"], found["observed"]) == (2, "Q1", text)
    for word in ("rights.csv", "2", text, HEADER.split(",")[column]):
        assert word in found["message_zh"]
        assert word in found["message_en"]
    assert found["severity"] == "error"
    assert found["remedy_en"]
    if code != "E138":
        assert pd.isna(table[found["column"]].iloc[1])


@pytest.mark.parametrize(("text", "n"), [(CODE[:-1], 27), (CODE.replace("JE", "12"), 28)])
def test_a_malformed_code_is_told_its_form_whatever_its_length(tmp_path, findings, text, n):
    read(write(tmp_path, f"{HEADER}\n{ROW.replace(CODE, text)}\n"), findings)
    found = findings.table().query("code == 'E138'").iloc[0]
    assert f"(现有 {n} 位)不合规则:应为 28 位,第 13, 14, 20 位为大写字母" in found["message_zh"]
    assert f"({n} characters) does not have its form: 28 characters" in found["message_en"]


@pytest.mark.parametrize("text", ["1,234.5", "１２.５", "1_000", "inf", "1e400", "1 2", "九"])
def test_what_is_no_number(tmp_path, findings, text):
    header = "日期,市场,品种,价格来源,价格,成交量,来源,可信度"
    row = f'2024-01-02,甲,CCER,当期市场成交均价,"{text}",3,丙,引用'
    path = write(tmp_path, f"{header}\n{row}\n", name="prices.csv")
    table = read_table(path, profile="demo-prices", role="prices", findings=findings)
    assert pd.isna(table["price_cny_t"].iloc[0])
    assert table["volume_t"].iloc[0] == 3.0
    assert findings.table().query("code == 'E136'")["observed"].tolist() == [text]


def workbook(tmp_path, rows, sheets=("权利",)):
    book = Workbook()
    book.remove(book.active)
    for name in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "rights.xlsx"
    book.save(path)
    return path


def test_a_workbook_reads_like_a_csv(tmp_path, findings):
    rows = [HEADER.split(","), ROW.split(",")]
    table = read(workbook(tmp_path, rows), findings)
    pd.testing.assert_frame_equal(table, read(write(tmp_path, f"{HEADER}\n{ROW}\n"), findings))
    assert layer_info(tmp_path / "rights.xlsx").rows == 1


def test_numbers_for_identifiers_in_a_workbook(tmp_path, findings):
    cells: list[object] = list(ROW.split(","))
    cells[6] = 123_456_789_012_345_678
    cells[7] = pd.Timestamp("2020-01-01").to_pydatetime()
    other = [*ROW.replace("Q1", "Q2").split(",")[:6], 12, *ROW.split(",")[7:]]
    table = read(workbook(tmp_path, [HEADER.split(","), cells, other]), findings)
    assert table["certificate_no"].isna().tolist() == [True, False]
    assert table["certificate_no"].iloc[1] == "12"
    assert str(table["start"].iloc[0].date()) == "2020-01-01"
    assert findings.table().query("code == 'E137'")["row"].tolist() == [1]


def test_formula_without_a_saved_value(tmp_path, findings):
    cells = ROW.split(",")
    cells[3] = "=A1"
    with pytest.raises(InputError) as caught:
        read(workbook(tmp_path, [HEADER.split(","), cells]), findings)
    assert caught.value.code == "E132"
    assert "D2" in caught.value.zh


def test_sheets_by_name(tmp_path, findings):
    path = workbook(tmp_path, [HEADER.split(","), ROW.split(",")], sheets=("甲", "乙"))
    with pytest.raises(InputError, match=r"E117.*甲, 乙"):
        read(path, findings)
    with pytest.raises(InputError, match=r"E110.*甲, 乙"):
        read(path, findings, sheet="丙")
    assert len(read(path, findings, sheet="乙")) == 1


def test_a_sheet_that_says_it_is_huge(tmp_path, findings):
    book = Workbook()
    book.active.append(HEADER.split(","))
    book.active["XFD1048576"] = 1
    path = tmp_path / "rights.xlsx"
    book.save(path)
    with pytest.raises(InputError, match="E131"):
        read(path, findings)


def test_a_workbook_that_expands_too_much(tmp_path, findings, monkeypatch):
    path = workbook(tmp_path, [HEADER.split(","), ROW.split(",")])
    monkeypatch.setattr(tables, "MAX_UNPACKED_BYTES", 100)
    with pytest.raises(InputError, match="E114"):
        read(path, findings)


def test_a_damaged_workbook(tmp_path, findings):
    path = tmp_path / "rights.xlsx"
    path.write_bytes(b"PK\x03\x04 nothing more")
    with pytest.raises(InputError, match=r"E104.*rights.xlsx"):
        read(path, findings)


def test_a_workbook_without_the_library_for_it(tmp_path, findings, monkeypatch):
    path = workbook(tmp_path, [HEADER.split(","), ROW.split(",")])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"E115.*rights\.xlsx"):
        read(path, findings)


def test_a_row_of_a_table_without_identifiers_is_named_by_its_number(tmp_path, findings):
    text = "小班编号,起始年,终止年,地类,文件编号\nX1,2019,2021,无此地类,W1\n"
    path = write(tmp_path, text, name="history.csv")
    read_table(path, profile="demo-land-history", role="land_history", findings=findings)
    found = findings.table().query("code == 'E147'").iloc[0]
    assert (found["row"], found["column"], found["observed"]) == (1, "land_class", "无此地类")
    assert pd.isna(found["feature"])
