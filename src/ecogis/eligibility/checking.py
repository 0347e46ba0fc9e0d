"""Whether the conditions of a methodology can be judged at all, seen before any piece is."""

import inspect
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import codes
from ecogis.eligibility.facts import MEASURED, RECORDED, STAND_COLUMNS
from ecogis.eligibility.rules import RULES
from ecogis.methods import Condition, Methodology

__all__ = ["check_rules"]

_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "recorded_as": tuple(
            name for name in (*STAND_COLUMNS, *RECORDED) if name not in {"stand", "planting_year"}
        ),
        "measured_between": MEASURED,
    }
)
"""Columns of a stand that rules with an argument ``column`` may ask about."""

_LISTS: Final = MappingProxyType({"prior_land_class": "land_class"})
"""Code lists that are not called as the column or argument."""

_CODED: Final = ("land_class", "origin", "forest_category", "forest_use", "age_group")


def check_rules(methodology: Methodology) -> None:
    """See that every condition names a rule we have, with arguments that fit.

    Parameters
    ----------
    methodology : Methodology
        With its conditions.

    Raises
    ------
    ConfigError
        E273 for a rule there is not, E275 for arguments it does not take, E732 for a column it
        cannot ask about, E735 for a code that is not in the vocabulary's list.

    Examples
    --------
    >>> from ecogis.methods import methodology
    >>> check_rules(methodology("CCER-14-001-V01"))
    """
    for condition in methodology.conditions:
        if condition.rule not in RULES:
            raise ConfigError("E273", rule=condition.rule, known=", ".join(RULES))
        _bind(condition)
        _check_column(condition)
        for column, values in _coded(condition.arguments):
            _check_codes(condition.id, column, values)


def _bind(condition: Condition) -> None:
    try:
        inspect.signature(RULES[condition.rule]).bind(None, **condition.arguments)
    except TypeError as problem:
        raise ConfigError("E275", rule=condition.rule, arguments=str(problem)) from None


def _check_column(condition: Condition) -> None:
    known = _COLUMNS.get(condition.rule)
    column = condition.arguments.get("column")
    if known is not None and column not in known:
        raise ConfigError("E732", column=column, known=", ".join(known))


def _coded(arguments: Mapping[str, Any]) -> Iterable[tuple[str, Iterable[str]]]:
    """Arguments that list codes: by their own name, or as the values of a column."""
    yield from ((name, arguments[name]) for name in _CODED if name in arguments)
    column = _LISTS.get(str(arguments.get("column")), str(arguments.get("column")))
    if column in _CODED and "values" in arguments:
        yield column, arguments["values"]


def _check_codes(condition: str, column: str, values: Iterable[str]) -> None:
    known = codes(column)
    for value in values:
        if value not in known:
            raise ConfigError(
                "E735", condition=condition, column=column, value=value, known=", ".join(known)
            )
