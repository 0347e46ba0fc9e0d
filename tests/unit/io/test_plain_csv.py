"""A plain table read by column is the table read line by line; all else is left to that."""

import csv
import io

import pytest

from ecogis.io.plain_csv import plain_columns

PLAIN = [
    "a,b\n1,2\n",
    "a,b\r\n1,2\r\n,\u4e19\r\n",
    "a,b,c\n 1 ,, \n2,3,4",
    "a,b\n001,1e5\nNULL,nan\n",
    "\u7f16\u53f7,\u540d\n\u7532,\u4e59\n",
    "a\n1\n2\n",
]
ODD = [
    "",
    "a,b",
    "\na,b\n1,2\n",
    "a,b\n\n1,2\n",
    "a,b\n1,2\n\n",
    "a,b\n1,2\n,\n",
    'a,b\n"1",2\n',
    "a,b\n1\n",
    "a,b\n1,2,3\n",
    "a,b\r1,2\r",
    "a,b\n1\0,2\n",
    "a,b\n" + "x" * 140_000 + ",1\n",
]


@pytest.mark.parametrize("text", PLAIN)
def test_cells_are_those_the_csv_module_reads(text):
    table = plain_columns(text.encode())
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert [list(row.values()) for row in table.to_pylist()] == rows


@pytest.mark.parametrize("text", ODD)
def test_what_is_out_of_the_ordinary_is_left_alone(text):
    assert plain_columns(text.encode()) is None
