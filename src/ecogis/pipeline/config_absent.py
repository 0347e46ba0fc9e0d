"""Sections of the project file that an assessment needs and a balance may do without."""

from typing import Any, Final

from ecogis.core.errors import ConfigError

__all__ = ["ASSESSED", "NotGiven", "absent"]

ASSESSED: Final = ("methodology", "prices", "valuation")
"""Sections that may be left out where only the accounts are asked for."""


class NotGiven:
    """A section the project file leaves out; whoever asks it for a key is told so.

    Examples
    --------
    >>> NotGiven("valuation").discount
    Traceback (most recent call last):
    ecogis.core.errors.ConfigError: E543 project:缺少键 valuation...
    """

    def __init__(self, section: str) -> None:
        self.section = section

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise ConfigError("E543", file="project", key=self.section)


def absent(found: Any) -> list[str]:
    """Which of `ASSESSED` a project file leaves out."""
    return [name for name in ASSESSED if isinstance(getattr(found, name), NotGiven)]
