"""Water by quality grade: a row of its own for each grade on record, the best first."""

from typing import Final

import pandas as pd

from ecogis.accounts.layout import Row

__all__ = ["GRADED", "grade_cells", "grade_rows", "spelt_alike"]

GRADED: Final = "W95"
"""The line of the water account that is told apart by grade."""
_ORDER: Final = ("I", "II", "III", "IV", "V", "劣V", "")
_SPELT: Final = {"Ⅰ": "I", "Ⅱ": "II", "Ⅲ": "III", "Ⅳ": "IV", "Ⅴ": "V", "V-": "劣V", "劣Ⅴ": "劣V"}


def spelt_alike(grades: pd.Series) -> pd.Series:
    """Grades in one spelling; others than those of surface water stay as they are.

    >>> spelt_alike(pd.Series(["Ⅲ", " III", "劣Ⅴ"])).tolist()
    ['III', 'III', '劣V']
    """
    trimmed = grades.astype("string").str.strip()
    return trimmed.replace(_SPELT).replace("", None)


def grade_rows(rows: tuple[Row, ...], postings: pd.DataFrame) -> tuple[Row, ...]:
    """Rows of the water sheet, the line of grades as the sum of a row for each.

    Parameters
    ----------
    rows : tuple of Row
        Rows of the sheet.
    postings : DataFrame
        Postings of the account ``water``; the grade is in ``quality``.

    Returns
    -------
    tuple of Row
        As given where no grade is on record. What has none stands last, as not on record.

    Examples
    --------
    >>> line = Row("W95", "水质等级", "water-quality grade", "memo")
    >>> booked = pd.DataFrame({"line_code": ["W95", "W95"], "quality": ["劣V", "II"]})
    >>> [row.code for row in grade_rows((line,), booked)]
    ['W95.II', 'W95.劣V', 'W95']
    """
    found = _grades(postings)
    if not any(found):
        return rows
    made: list[Row] = []
    for row in rows:
        if row.code == GRADED:
            parts = [_row(row, grade) for grade in found]
            sums = tuple((1, part.code) for part in parts)
            made += [*parts, Row(row.code, row.zh, row.en, row.role, sums, row.ours)]
        else:
            made.append(row)
    return tuple(made)


def grade_cells(postings: pd.DataFrame) -> pd.Series:
    """Row of each posting of the water account: its line, and for W95 the grade too.

    Examples
    --------
    >>> booked = pd.DataFrame({"line_code": ["W90", "W95"], "quality": ["", "II"]})
    >>> grade_cells(booked).tolist()
    ['W90', 'W95.II']
    """
    line = postings["line_code"].astype(object)
    grade = postings["quality"].astype(object)
    graded = line.eq(GRADED) & bool(any(_grades(postings)))
    return line.mask(graded, GRADED + "." + grade)


def _grades(postings: pd.DataFrame) -> list[str]:
    """Grades on record, the best first; others after them, and what has none last."""
    graded = postings["line_code"].astype(object).eq(GRADED)
    seen = {str(grade) for grade in postings.loc[graded, "quality"]}
    return sorted(seen, key=_place)


def _place(grade: str) -> tuple[bool, int, str]:
    return grade == "", _ORDER.index(grade) if grade in _ORDER else len(_ORDER), grade


def _row(row: Row, grade: str) -> Row:
    words = grade or "未记录", grade or "not on record"
    code = f"{GRADED}.{grade}"
    return Row(code, f"{row.zh} {words[0]}", f"{row.en} {words[1]}", row.role, (), row.ours)
