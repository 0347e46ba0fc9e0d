"""Real-estate unit codes: nineteen characters of the parcel, then nine of what stands on it.

A parcel's code is twelve digits, two letters and five digits. What stands on it is a letter and
eight digits: ``W00000000`` for the land alone, ``L`` for forest, others for buildings.
"""

from typing import Final

import pandas as pd

__all__ = [
    "PARCEL_CHARACTERS",
    "cleaned",
    "digits_of",
    "land_only",
    "parcel_of",
    "readable_start",
    "runs_on",
    "whole_parcel",
    "whole_unit",
]

PARCEL_CHARACTERS: Final = 19
_PARCEL: Final = "[0-9]{12}[A-Z]{2}[0-9]{5}"
_FIXTURE: Final = "[A-Z][0-9]{8}"
_LAND_ALONE: Final = "W00000000"
_NO_FIXTURE: Final = "W"
_READABLE: Final = r"^([0-9]{12}(?:[A-Z](?:[A-Z][0-9]{0,5})?)?)"
_LETTERS: Final = slice(12, 14)


def cleaned(codes: pd.Series) -> pd.Series:
    """Codes without blanks before and after them; a blank one is missing.

    >>> cleaned(pd.Series([" 441899101207JE00038", "  ", ""])).tolist()
    ['441899101207JE00038', <NA>, <NA>]
    """
    text = codes.astype("string").str.strip()
    return text.mask(text.eq("").fillna(False).astype(bool))


def whole_parcel(codes: pd.Series) -> pd.Series:
    """Whether a code has the form of a parcel's: 12 digits, 2 letters, 5 digits.

    >>> whole_parcel(pd.Series(["441899101207JE00038", "4418991012070000038", None])).tolist()
    [True, False, False]
    """
    return _matches(codes, _PARCEL)


def whole_unit(codes: pd.Series) -> pd.Series:
    """Whether a code has the form of a unit's, 28 characters.

    >>> whole_unit(pd.Series(["441899101207JE00038L00000001", "441899101207JE00038"])).tolist()
    [True, False]
    """
    return _matches(codes, _PARCEL + _FIXTURE)


def parcel_of(codes: pd.Series) -> pd.Series:
    """The parcel's code in a unit code, missing where it cannot be relied upon.

    A unit code that lost characters at its end still names its parcel; one in which something other
    than a letter follows the parcel's nineteen characters may have gained one before.

    >>> whole, cut = "441899101207JE00038L00000001", "441899101207JE00038L000"
    >>> parcel_of(pd.Series([whole, cut, "441899101207JE000380L0000001"])).tolist()
    ['441899101207JE00038', '441899101207JE00038', <NA>]
    """
    text = codes.astype("string")
    return text.str.slice(0, PARCEL_CHARACTERS).where(_matches(text, f"{_PARCEL}(?:[A-Z].*)?"))


def runs_on(codes: pd.Series) -> pd.Series:
    """Whether the parcel's nineteen characters are followed by something other than a letter.

    >>> runs_on(pd.Series(["441899101207JE000380L0000001", "441899101207JE00038L1"])).tolist()
    [True, False]
    """
    return _matches(codes, f"{_PARCEL}[^A-Z].*")


def land_only(codes: pd.Series) -> pd.Series:
    """Whether a unit is the land alone; missing where the last nine characters do not tell.

    >>> parcel = "441899101207JE00038"
    >>> units = [f"{parcel}W00000000", f"{parcel}L00000001", f"{parcel}L0000", None]
    >>> land_only(pd.Series(units)).tolist()
    [True, False, <NA>, <NA>]
    """
    text = codes.astype("string")
    fixture = text.str.slice(PARCEL_CHARACTERS).where(whole_unit(text))
    alone = fixture.eq(_LAND_ALONE)
    numbered = fixture.str.startswith(_NO_FIXTURE).fillna(False) & ~alone.fillna(False)
    return alone.astype("boolean").mask(numbered.astype(bool))


def readable_start(codes: pd.Series) -> pd.Series:
    """As much of a code as has the form of a parcel's, from its twelve digits on.

    >>> readable_start(pd.Series(["4418991012070000038L0000001", "4.41E+27"])).tolist()
    ['441899101207', <NA>]
    """
    return codes.astype("string").str.extract(_READABLE, expand=False)


def digits_of(codes: pd.Series) -> pd.Series:
    """The digits of a whole parcel code, without the place of its two letters.

    >>> digits_of(pd.Series(["441899101207JE00038", "4418991012070000038", "44"])).tolist()
    ['44189910120700038', '44189910120700038', <NA>]
    """
    text = codes.astype("string")
    whole = text.str.slice(0, PARCEL_CHARACTERS).where(
        text.str.len().ge(PARCEL_CHARACTERS).fillna(False).astype(bool)
    )
    return whole.str.slice(0, _LETTERS.start) + whole.str.slice(_LETTERS.stop)


def _matches(codes: pd.Series, pattern: str) -> pd.Series:
    found = codes.astype("string").str.fullmatch(pattern)
    return found.fillna(False).astype(bool)
