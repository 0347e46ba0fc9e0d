"""What a parameter is: a dated value with its unit, source and confidence, and its history."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from ecogis.core.errors import ConfigError
from ecogis.core.units import factor
from ecogis.methods.loader import Place

__all__ = ["Column", "Key", "Parameter", "Value", "rising"]

Key = tuple[str, ...]
"""What a value is looked up by: nothing, one word, or one word for each key column."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value in force from a day on.

    Attributes
    ----------
    value : float or str
        Number in `unit`, or words where `unit` is ``"text"``.
    meaning_zh, meaning_en : str
        What the parameter is.
    from_ : date
        First day in force; it ends where the next one of the same name and key starts.
    source : str
        Id of the document in the set; `source_zh` and `source_en` are its title.
    locator_zh, locator_en : str
        The place in it.
    confidence : str
        quoted, inferred, recalled or assumed.
    low, high : float or None
        Span of what it could be, where one is known.
    """

    set: str
    name: str
    key: Key
    value: float | str
    unit: str
    meaning_zh: str
    meaning_en: str
    from_: date
    source: str
    source_zh: str
    source_en: str
    locator_zh: str
    locator_en: str
    confidence: str
    low: float | None = None
    high: float | None = None
    note_zh: str = ""
    note_en: str = ""

    def in_unit(self, unit: str) -> "Value":
        """The same value in another unit of its kind."""
        scale = factor(self.unit, unit)
        return replace(
            self,
            value=float(self.value) * scale,
            unit=unit,
            low=None if self.low is None else self.low * scale,
            high=None if self.high is None else self.high * scale,
        )


@dataclass(frozen=True, slots=True)
class Column:
    """Name, unit, meaning and range of a parameter."""

    name: str
    unit: str
    meaning_zh: str
    meaning_en: str
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter with all its values: by key, each a history of rising dates."""

    column: Column
    keys: tuple[str, ...]
    history: Mapping[Key, tuple[Value, ...]]

    @property
    def name(self) -> str:
        """Its name in the set."""
        return self.column.name

    @property
    def unit(self) -> str:
        """The unit its values stand in."""
        return self.column.unit

    @property
    def first(self) -> date:
        """The day its first value starts."""
        return min(values[0].from_ for values in self.history.values())

    def in_force(self, key: Key, day: date) -> Value | None:
        """The value of a key on a day: the last that has started; None before the first."""
        started = [value for value in self.history.get(key, ()) if value.from_ <= day]
        return started[-1] if started else None


def rising(history: list[Value], value: Value, at: Place) -> None:
    """Refuse a value that does not start after the one before it."""
    if history and value.from_ <= history[-1].from_:
        raise ConfigError(
            "E238", file=at.file, key=at.key, value=value.from_, before=history[-1].from_
        )
