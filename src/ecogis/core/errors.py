"""The few errors a caller can meet: what is wrong, where, and what to do, in both languages.

Data faults are findings (`ecogis.core.findings`); these are for wrong calls, files and numbers.
"""

from typing import Any

from ecogis.core.texts import fill, rule

__all__ = [
    "ConfigError",
    "EcogisError",
    "IdentityError",
    "InputError",
    "NotInForceError",
    "StageRefusedError",
    "UnitError",
    "VocabularyError",
]


class EcogisError(Exception):
    """Root of all errors of ecogis.

    Parameters
    ----------
    code : str
        Code of the text in the catalogue, such as ``"E106"``.
    zh, en : str, optional
        Texts that replace the catalogue's.
    **where
        Values for the placeholders of the texts: file, layer, row, column, value ...
    """

    def __init__(self, code: str, *, zh: str = "", en: str = "", **where: Any) -> None:
        text = rule(code)
        self.code = code
        self.where = where
        self.zh = " ".join(filter(None, (fill(zh or text.zh, where), fill(text.remedy_zh, where))))
        self.en = " ".join(filter(None, (fill(en or text.en, where), fill(text.remedy_en, where))))
        super().__init__(f"{code} {self.zh} / {self.en}")


class ConfigError(EcogisError):
    """The project file or an argument is wrong."""


class InputError(EcogisError):
    """A file cannot be read as what it is said to be."""


class UnitError(EcogisError):
    """A quantity is asked for in a unit of another kind, or out of its range."""


class VocabularyError(EcogisError):
    """A table does not have the columns a stage was promised."""


class NotInForceError(EcogisError):
    """No value is in force at the date asked for."""


class StageRefusedError(EcogisError):
    """Findings forbid the next step."""


class IdentityError(EcogisError):
    """Sums that must close do not: our fault."""
