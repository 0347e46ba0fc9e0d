"""Cells of a source column understood as text, number, date, share or code.

Each function takes a column as the source has it and gives the values, and the cells it could not
understand; those become missing and their text goes into a finding. Nothing is guessed: full-width
digits, thousands commas and underscores are not numbers.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "codes",
    "dates",
    "digits_lost",
    "in_powers_of_ten",
    "integers",
    "numbers",
    "shares",
    "texts",
    "unseen",
]

_NUMBER: Final = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_POWER: Final = r"^[0-9]\.[0-9]+[eE]\+[0-9]{2,3}$"
_FRACTION: Final = re.compile(r"^([0-9]+)\s*/\s*([0-9]+)$")
_PERCENT: Final = re.compile(r"^([0-9]+(?:\.[0-9]+)?)\s*[%％]$")
_PLAIN: Final = re.compile(r"^[0-9]*\.?[0-9]+$")
# control characters but tab and line end, marks of format and line, variation selectors
_UNSEEN: Final = (
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}\p{Cf}\p{Zl}\p{Zp}"
    r"\x{fe00}-\x{fe0f}\x{e0100}-\x{e01ef}]"
)
_TIME: Final = r"^(\d{4}-\d{2}-\d{2})[ T]00:00:00.*$"
_EXACT_DIGITS: Final = 15  # a float64 holds every integer of 15 digits, not every one of 16

Mask = npt.NDArray[np.bool_]


def texts(column: pa.ChunkedArray, missing: Collection[str] = ()) -> pd.Series:
    """A column as text: trimmed, whole numbers without a decimal point, days as ISO.

    Cells that are empty, or whose text is in `missing`, are missing.

    >>> texts(pa.chunked_array([[7.0, None, 2.5]])).tolist()
    ['7', <NA>, '2.5']
    """
    series = pd.Series(_text_array(column).to_pandas(), dtype="string")
    if pa.types.is_timestamp(column.type):
        series = series.str.replace(_TIME, r"\1", regex=True)
    return series.mask(series.isin(["", *missing]))


def _text_array(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = pc.cast(column, kind.value_type)
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pc.utf8_trim(column, characters=" \t\r\n\x00\u3000\ufeff")
    if pa.types.is_floating(kind):
        whole = pc.and_(pc.equal(column, pc.round(column)), pc.less(pc.abs(column), 2.0**63))
        as_integer = pc.cast(pc.if_else(whole, column, None), pa.int64(), safe=False)
        return pc.coalesce(pc.cast(as_integer, pa.string()), _float_text(column))
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return pa.chunked_array([[None if v is None else str(v) for v in column.to_pylist()]])
    return pc.cast(column, pa.string())


def _float_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    column = pc.if_else(pc.is_nan(column), None, column)
    return pc.cast(column, pa.string())


def unseen(text: pd.Series) -> tuple[Mask, pd.Series]:
    """Cells with a character that cannot be seen, and those cells with its code point in its place.

    A zero-width space, a mark of direction, a soft hyphen or a control character makes two codes
    that look alike unlike, and no font draws it. Tab and line end are no such characters.

    >>> wrong, shown = unseen(pd.Series(["A1", "A\u200b1", None], dtype="string"))
    >>> wrong.tolist(), shown.tolist()
    ([False, True, False], ['A⟨U+200B⟩1'])
    """
    column = pa.array(text.dropna(), type=pa.large_string())
    wrong = np.zeros(len(text), dtype=bool)
    wrong[text.notna().to_numpy(dtype=bool)] = pc.match_substring_regex(column, _UNSEEN)
    shown = [_pointed(str(value)) for value in text[wrong]]
    return wrong, pd.Series(shown, index=text.index[wrong], dtype="string")


def _pointed(text: str) -> str:
    signs = pa.array(list(text), type=pa.string())
    hidden = pc.match_substring_regex(signs, _UNSEEN).to_pylist()
    pairs = zip(text, hidden, strict=True)
    return "".join(f"⟨U+{ord(sign):04X}⟩" if gone else sign for sign, gone in pairs)


def digits_lost(column: pa.ChunkedArray) -> Mask:
    """Cells of a float column that are too long to have kept their digits."""
    if not pa.types.is_floating(column.type):
        return np.zeros(len(column), dtype=bool)
    values = column.to_numpy()
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(values) >= 10.0**_EXACT_DIGITS)


def in_powers_of_ten(text: pd.Series) -> Mask:
    """Codes a spreadsheet has turned into text such as ``4.41899E+27``.

    >>> in_powers_of_ten(pd.Series(["4.41899E+27", "12E3"], dtype="string")).tolist()
    [True, False]
    """
    return text.str.fullmatch(_POWER).fillna(value=False).to_numpy(dtype=bool)


def numbers(column: pa.ChunkedArray, missing: Collection[str] = ()) -> tuple[pd.Series, Mask]:
    """A column as float64, and the cells that are no finite number.

    >>> values, wrong = numbers(pa.chunked_array([["1.5", "１２", "1,234"]]))
    >>> values.tolist(), wrong.tolist()
    ([1.5, nan, nan], [False, True, True])
    """
    text = texts(column, missing)
    if _is_number(column.type):
        values = pd.Series(pc.cast(column, pa.float64(), safe=False).to_pandas(), dtype="float64")
        values = values.mask(text.isna())
    else:
        written = text.str.fullmatch(_NUMBER).fillna(value=False)
        exact = [float(v) if ok else np.nan for v, ok in zip(text, written, strict=True)]
        values = pd.Series(exact, dtype="float64")
    finite = np.isfinite(values.to_numpy())
    wrong = ~finite & text.notna().to_numpy()
    return values.where(finite), wrong


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or _is_decimal(kind))


def _is_decimal(kind: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(kind))


def integers(
    column: pa.ChunkedArray, missing: Collection[str] = (), *, floor: bool = False
) -> tuple[pd.Series, Mask]:
    """A column as Int64, and the cells that are no whole number; `floor` drops the fraction."""
    values, wrong = numbers(column, missing)
    if floor:
        values = np.floor(values)
    broken = (values.notna() & (values != np.round(values))).to_numpy()
    return values.mask(broken).astype("Int64"), wrong | broken


def shares(column: pa.ChunkedArray, missing: Collection[str] = ()) -> tuple[pd.Series, Mask]:
    """A column as shares between 0 and 1: ``0.25``, ``25 %`` or ``1/4``, and what is none.

    >>> values, wrong = shares(pa.chunked_array([["1/4", "25%", "0.25", "25"]]))
    >>> values.tolist(), wrong.tolist()
    ([0.25, 0.25, 0.25, nan], [False, False, False, True])
    """
    text = texts(column, missing)
    known = {value: _share(value) for value in text.dropna().unique()}
    values = text.map(known).astype("float64")
    return values, (values.isna() & text.notna()).to_numpy()


def _share(text: str) -> float:
    value = float("nan")
    if fraction := _FRACTION.match(text):
        above, below = (int(part) for part in fraction.groups())
        value = above / below if below else value
    elif percent := _PERCENT.match(text):
        value = float(percent[1]) / 100.0
    elif _PLAIN.match(text):
        value = float(text)
    return value if 0.0 <= value <= 1.0 else float("nan")


def dates(
    column: pa.ChunkedArray, formats: Collection[str], missing: Collection[str] = ()
) -> tuple[pd.Series, Mask]:
    """A column as days, by the first of `formats` that fits, and the cells none fits.

    >>> values, wrong = dates(pa.chunked_array([["20241231", "2024-02-30"]]), ["%Y%m%d"])
    >>> str(values[0].date()), wrong.tolist()
    ('2024-12-31', [False, True])
    """
    text = texts(column, missing).str.replace(_TIME, r"\1", regex=True)
    values = pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    for form in dict.fromkeys([*formats, "%Y-%m-%d"]):
        left = values.isna() & text.notna()
        if left.any():
            read = pd.to_datetime(text.where(left), format=form, errors="coerce")
            values = values.fillna(read.astype("datetime64[us]"))
    return values, (values.isna() & text.notna()).to_numpy()


def codes(
    column: pa.ChunkedArray, known: Mapping[str, str], missing: Collection[str] = ()
) -> tuple[pd.Series, Mask]:
    """A column decoded by a list, and the cells the list does not have.

    A code that leads to an empty value stands for missing.

    >>> values, wrong = codes(pa.chunked_array([["11", "99"]]), {"11": "natural"})
    >>> values.tolist(), wrong.tolist()
    (['natural', <NA>], [False, True])
    """
    text = texts(column, missing)
    place, distinct = pd.factorize(text)
    meant = pd.Series([*map(known.get, distinct), None], dtype="string")
    values: Any = meant.take(place).reset_index(drop=True)  # the last where there is none
    wrong = (values.isna() & text.notna()).to_numpy()
    return values.mask(values == ""), wrong
