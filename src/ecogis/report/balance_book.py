"""The balance workbook: sheets a bureau files, live sums with their values, a sheet of checks."""

import io
from datetime import datetime

import xlsxwriter

from ecogis.report.balance_book_checks import write_checks, write_notes
from ecogis.report.balance_book_content import BalanceBook, words
from ecogis.report.balance_book_pages import Pages

__all__ = ["BalanceBook", "book_bytes"]


def book_bytes(book: BalanceBook, lang: str = "zh") -> bytes:
    """The workbook as an .xlsx file.

    Totals, subtotals, closings and checks are formulas that carry the value they must give. A
    missing cell is a dash, never nought. Text stays text.

    Returns
    -------
    bytes
        The same book gives the same bytes.
    """
    stream = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}  # fmt: skip
    made = xlsxwriter.Workbook(stream, options)
    at = 0 if lang == "zh" else 1
    made.set_properties(
        {
            "title": book.title[at],
            "subject": book.subject[at],
            "author": "ecogis",
            "comments": f"{words()[lang]['manifest']}: {book.fingerprint}",
            "created": datetime(book.created.year, book.created.month, book.created.day),  # noqa: DTZ001
        }
    )
    pages = Pages(made, book, lang)
    checks, notes = (made.add_worksheet(words()[lang][name]) for name in ("checks", "notes"))
    for name, table in book.tables.items():
        pages.table(made.add_worksheet(words()["sheets"][name][at]), table)
    if book.condition is not None:
        pages.condition(made.add_worksheet(words()[lang]["condition"]), book.condition)
    write_checks(pages, checks)
    write_notes(pages, notes)
    made.close()
    return stream.getvalue()
