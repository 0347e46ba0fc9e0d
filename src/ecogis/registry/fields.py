"""Fields of what is entered in the ledger, checked one by one."""

import re
import unicodedata
from contextlib import suppress
from datetime import date
from numbers import Integral
from typing import Any, Final

from ecogis.core.errors import ConfigError

__all__ = [
    "day_of",
    "folded",
    "known_day",
    "line_of_text",
    "person_name",
    "sha256_or_blank",
    "whole_number",
]

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_ISO: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def folded(text: str) -> str:
    """A number as it is compared: one width, no blanks, capital letters.

    >>> folded(" 粤(2024) 第０１２号a ")
    '粤(2024)第012号A'
    """
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def whole_number(name: str, value: Any, low: int, high: int) -> int:
    """A whole number within its range.

    Raises
    ------
    ConfigError
        E811 another kind of value, or out of range.

    Examples
    --------
    >>> whole_number("vintage", 2027, 1990, 2200)
    2027
    """
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        raise ConfigError("E811", field=name, value=repr(value), expected=f"{low} … {high}")
    return int(value)


def line_of_text(name: str, value: Any, *, blank: bool = False) -> None:
    """Refuse what is not one line of text.

    Parameters
    ----------
    name : str
        What it is, for the message.
    value : str
        The text.
    blank : bool
        Whether it may be empty.

    Raises
    ------
    ConfigError
        E811 it is no text, is blank, or has a control character.

    Examples
    --------
    >>> line_of_text("reason", "贷款质押")
    """
    if not isinstance(value, str) or not (blank or value.strip()) or _unprintable(value):
        raise ConfigError("E811", field=name, value=repr(value), expected="文字 / text")


def _unprintable(value: str) -> bool:
    return any(unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} for letter in value)


def person_name(name: str, value: Any) -> str:
    """The name of a person in the form it is compared: one width, no blanks around or doubled.

    Parameters
    ----------
    name : str
        What it is, for the message.
    value : str
        The name.

    Raises
    ------
    ConfigError
        E811 it is no line of text, or has a character that is not seen.

    Examples
    --------
    >>> person_name("actor", " Ｃ1 ")
    'C1'
    """
    line_of_text(name, value)
    if any(unicodedata.category(letter) in {"Cf", "Co", "Cn"} for letter in value):
        raise ConfigError("E811", field=name, value=ascii(value), expected="文字 / text")
    return " ".join(unicodedata.normalize("NFKC", value).split())


def day_of(name: str, value: Any) -> date | None:
    """A day stated as one or as yyyy-mm-dd; none where none is stated.

    Raises
    ------
    ConfigError
        E811 it is written otherwise or is no day.

    Examples
    --------
    >>> day_of("expires_on", "2031-06-30")
    datetime.date(2031, 6, 30)
    """
    if value is None or type(value) is date:
        return value
    if isinstance(value, str) and _ISO.fullmatch(value):
        with suppress(ValueError):
            return date.fromisoformat(value)
    raise ConfigError("E811", field=name, value=repr(value), expected="YYYY-MM-DD")


def sha256_or_blank(name: str, value: Any) -> None:
    """Refuse what is neither empty nor a SHA-256.

    Raises
    ------
    ConfigError
        E811 it is something else.

    Examples
    --------
    >>> sha256_or_blank("manifest", "")
    """
    if value != "" and (not isinstance(value, str) or not _SHA256.fullmatch(value)):
        raise ConfigError("E811", field=name, value=repr(value), expected="SHA-256")


def known_day(name: str, value: Any, *, missing: bool) -> None:
    """Refuse what is not a date, or nothing where nothing is allowed.

    Raises
    ------
    ConfigError
        E811.
    """
    if type(value) is not date and not (missing and value is None):
        raise ConfigError("E811", field=name, value=repr(value), expected="YYYY-MM-DD")
