"""How far a figure can be relied on, from read in a source to assumed."""

from collections.abc import Iterable
from typing import Final

from ecogis.core.errors import ConfigError

__all__ = ["CONFIDENCES", "weakest"]

CONFIDENCES: Final = ("quoted", "inferred", "recalled", "assumed")
"""Marks from the strongest: read in the source named, derived from what was read, from memory
without seeing the source, and ours without authority."""


def weakest(confidences: Iterable[str]) -> str:
    """The mark of a result that rests on several figures: the weakest of theirs.

    Parameters
    ----------
    confidences : iterable of str
        Marks out of `CONFIDENCES`, at least one.

    Returns
    -------
    str
        The weakest mark.

    Raises
    ------
    ConfigError
        When there is no mark or one is unknown.

    Examples
    --------
    >>> weakest(["quoted", "recalled", "inferred"])
    'recalled'
    """
    marks = set(confidences)
    unknown = marks.difference(CONFIDENCES)
    if unknown or not marks:
        seen = ", ".join(sorted(map(str, unknown))) or "—"
        raise ConfigError("E002", value=seen, expected=", ".join(CONFIDENCES))
    return max(marks, key=CONFIDENCES.index)
