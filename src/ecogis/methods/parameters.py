"""Parameter sets: the only way to a number, at a date and in a unit, with a record of use."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd

from ecogis.core.errors import ConfigError, NotInForceError
from ecogis.core.units import factor
from ecogis.methods.confidence import weakest
from ecogis.methods.loader import Source
from ecogis.methods.parameter_file import SetFile
from ecogis.methods.values import Key, Parameter, Value

__all__ = ["ParameterSet", "uses_table"]

_TWINS = ("meaning_zh", "meaning_en", "source_zh", "source_en", "locator_zh", "locator_en")
_USES = ("set", "name", "key", "value", "unit", "from", *_TWINS, "confidence")


class ParameterSet:
    """One edition of a set of parameters, and everything a run asked it for.

    Values are in force from their day until the next one starts. A day before the first, a name
    or a key that is not there is an error: nothing is ever defaulted.

    Parameters
    ----------
    content : SetFile
        The edition as read from its file.

    Examples
    --------
    >>> from ecogis.methods import parameters
    >>> biomass = parameters("biomass-inventory")
    >>> biomass.value("bef", date(2026, 8, 31), "1", key="杉木")
    1.634
    >>> biomass.uses[0].confidence
    'recalled'
    """

    def __init__(self, content: SetFile) -> None:
        self._content = content
        self._uses: dict[tuple[str, Key, date], Value] = {}

    def __repr__(self) -> str:
        return f"ParameterSet({self.label})"

    @property
    def id(self) -> str:
        """The set's id."""
        return self._content.id

    @property
    def edition(self) -> str:
        """The edition."""
        return self._content.edition

    @property
    def label(self) -> str:
        """``id@edition``."""
        return self._content.label

    @property
    def title_zh(self) -> str:
        """Title in Chinese."""
        return self._content.title_zh

    @property
    def title_en(self) -> str:
        """Title in English."""
        return self._content.title_en

    @property
    def note_zh(self) -> str:
        """What a reader must know of the set, in Chinese."""
        return self._content.note_zh

    @property
    def note_en(self) -> str:
        """What a reader must know of the set, in English."""
        return self._content.note_en

    @property
    def replaces(self) -> str:
        """The edition it corrects, if any."""
        return self._content.replaces

    @property
    def checked_on(self) -> date:
        """The day somebody last compared the set with its sources."""
        return self._content.checked_on

    @property
    def sha256(self) -> str:
        """SHA-256 of the TOML file followed by its CSV files."""
        return self._content.sha256

    @property
    def files(self) -> tuple[str, ...]:
        """Names of the files the set is read from."""
        return self._content.files

    @property
    def sources(self) -> Mapping[str, Source]:
        """The documents the set cites, by their id."""
        return self._content.sources

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(self._content.parameters)

    @property
    def tables(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the tables, and of the parameters in each."""
        return self._content.tables

    @property
    def uses(self) -> list[Value]:
        """Every value asked for so far, once, in the order of asking."""
        return list(self._uses.values())

    def parameter(self, name: str) -> Parameter:
        """A parameter with its unit, meaning, range and whole history.

        Raises
        ------
        ConfigError
            When the set does not have it.
        """
        try:
            return self._content.parameters[name]
        except KeyError:
            raise ConfigError(
                "E235", set=self.label, name=name, expected=", ".join(self.names)
            ) from None

    def keys(self, name: str) -> tuple[Any, ...]:
        """The keys a parameter has values for: words, or tuples of words."""
        return tuple(_outward(key) for key in self.parameter(name).history if key)

    def entry(self, name: str, day: date, key: str | Key | None = None) -> Value:
        """The value in force on a day with its unit, source and confidence.

        Parameters
        ----------
        name : str
            Parameter.
        day : date
            Day it must be in force on.
        key : str or tuple of str, optional
            Species, group and origin ... for a parameter that is a table.

        Returns
        -------
        Value
            Recorded in `uses`.

        Raises
        ------
        ConfigError
            When there is no such parameter or it has no such key.
        NotInForceError
            When the first value starts later.
        """
        parameter, inward = self.parameter(name), _inward(key)
        if inward not in parameter.history:
            known = ", ".join("/".join(k) for k in parameter.history) or "—"
            shown = "/".join(inward) or "—"
            raise ConfigError("E236", set=self.label, name=name, key=shown, expected=known)
        value = parameter.in_force(inward, day)
        if value is None:
            raise self._too_early(parameter, day, parameter.history[inward][0].from_)
        return self._record(value)

    def value(self, name: str, day: date, unit: str, key: str | Key | None = None) -> float:
        """The number in force on a day, in a unit.

        Parameters
        ----------
        name, day, key
            As in `entry`.
        unit : str
            Unit to express it in; another kind is refused.

        Returns
        -------
        float
            The number. [`unit`]

        Raises
        ------
        ConfigError
            When there is no such parameter or key, or it holds words.
        NotInForceError
            When the first value starts later.
        UnitError
            When the unit is of another kind.
        """
        self._must_be(name, words=False)
        return float(self.entry(name, day, key).in_unit(unit).value)

    def text(self, name: str, day: date, key: str | Key | None = None) -> str:
        """The words in force on a day, for a parameter that holds words."""
        self._must_be(name, words=True)
        return str(self.entry(name, day, key).value)

    def table(
        self, name: str, day: date, unit: str, keys: Iterable[Any] | None = None
    ) -> "pd.Series[float]":
        """The numbers in force on a day by key, in a unit.

        Parameters
        ----------
        name : str
            Parameter.
        day : date
            Day they must be in force on.
        unit : str
            Unit to express them in.
        keys : iterable, optional
            Keys wanted, repeated and missing ones allowed; only these are recorded as used. A key
            without a value is absent from the result, and the caller reports it as a finding.

        Returns
        -------
        Series of float64
            One value per key, indexed by key. [`unit`]

        Raises
        ------
        ConfigError
            When there is no such parameter or it holds words.
        NotInForceError
            When no key has a value on that day yet.
        UnitError
            When the unit is of another kind.

        Examples
        --------
        >>> from ecogis.methods import parameters
        >>> biomass = parameters("biomass-inventory")
        >>> biomass.table("bef", date(2026, 8, 31), "1", keys=["杉木", "马尾松", "?"]).to_dict()
        {'杉木': 1.634, '马尾松': 1.472}
        """
        self._must_be(name, words=False)
        scale = factor(self.parameter(name).unit, unit)
        found = self._found(name, day, keys)
        numbers = [float(value.value) * scale for value in found]
        return pd.Series(numbers, index=self._index(name, found), name=name, dtype="float64")

    def texts(self, name: str, day: date, keys: Iterable[Any] | None = None) -> "pd.Series[str]":
        """The words in force on a day by key, as `table` does for numbers."""
        self._must_be(name, words=True)
        found = self._found(name, day, keys)
        words = [str(value.value) for value in found]
        return pd.Series(words, index=self._index(name, found), name=name, dtype="string")

    def frame(self, table: str, day: date, keys: Iterable[Any] | None = None) -> pd.DataFrame:
        """A whole table in force on a day, in the units of its file.

        Parameters
        ----------
        table : str
            Name of the table.
        day : date
            Day it must be in force on.
        keys : iterable, optional
            As in `table`.

        Returns
        -------
        DataFrame, one row per key
            The key columns, one column per parameter (``attrs["units"]`` has their units), and
            ``source_zh``, ``source_en`` (titles), ``locator_zh``, ``locator_en``, ``confidence``
            (the row's weakest), ``note_zh``, ``note_en``.

        Raises
        ------
        ConfigError
            When the set has no such table.
        NotInForceError
            When no key has a value on that day yet.
        """
        if table not in self.tables:
            known = ", ".join(self.tables)
            raise ConfigError("E235", set=self.label, name=table, expected=known)
        names = self.tables[table]
        rows: dict[Key, list[Value]] = {}
        for name in names:
            for value in self._found(name, day, keys):
                rows.setdefault(value.key, []).append(value)
        columns = self.parameter(names[0]).keys
        frame = pd.DataFrame([_row(columns, values) for values in rows.values()])
        frame.attrs["units"] = {name: self.parameter(name).unit for name in names}
        return frame

    def _found(self, name: str, day: date, keys: Iterable[Any] | None) -> list[Value]:
        parameter = self.parameter(name)
        if day < parameter.first:
            raise self._too_early(parameter, day, parameter.first)
        wanted = parameter.history if keys is None else dict.fromkeys(map(_inward, _given(keys)))
        found = (parameter.in_force(key, day) for key in wanted)
        return [self._record(value) for value in found if value is not None]

    def _index(self, name: str, found: list[Value]) -> pd.Index:
        names = list(self.parameter(name).keys)
        if len(names) == 1:
            return pd.Index([value.key[0] for value in found], name=names[0], dtype="string")
        return pd.MultiIndex.from_tuples([value.key for value in found], names=names)

    def _record(self, value: Value) -> Value:
        return self._uses.setdefault((value.name, value.key, value.from_), value)

    def _must_be(self, name: str, *, words: bool) -> None:
        if (self.parameter(name).unit == "text") is not words:
            raise ConfigError("E242", file=self.label, key=name)

    def _too_early(self, parameter: Parameter, day: date, first: date) -> NotInForceError:
        return NotInForceError("E237", set=self.label, name=parameter.name, day=day, first=first)


def uses_table(sets: Iterable[ParameterSet]) -> pd.DataFrame:
    """Everything asked of some sets, for the report's table of parameters.

    Parameters
    ----------
    sets : iterable of ParameterSet
        The sets of a run.

    Returns
    -------
    DataFrame, one row per value asked for
        ``set, name, key, value, unit, from, confidence``; the value as text; and in both languages
        (``_zh``, ``_en``) ``meaning`` of the parameter, ``source`` (its title) and ``locator``.
    """
    rows = [
        {
            "set": value.set,
            "name": value.name,
            "key": "/".join(value.key),
            "value": value.value if isinstance(value.value, str) else f"{value.value:.8g}",
            "unit": "" if value.unit == "text" else value.unit,
            "from": value.from_.isoformat(),
            **{name: getattr(value, name) for name in _TWINS},
            "confidence": value.confidence,
        }
        for parameter_set in sets
        for value in parameter_set.uses
    ]
    return pd.DataFrame(rows, columns=list(_USES)).astype("string")


def _row(keys: tuple[str, ...], values: list[Value]) -> dict[str, Any]:
    first = values[0]
    return {
        **dict(zip(keys, first.key, strict=True)),
        **{value.name: value.value for value in values},
        **{name: _joined(name, values) for name in _TWINS[2:]},
        "confidence": weakest(value.confidence for value in values),
        "note_zh": first.note_zh,
        "note_en": first.note_en,
    }


def _joined(name: str, values: list[Value]) -> str:
    """The texts of a field, each once; between them the mark of the language."""
    mark = ";" if name.endswith("_zh") else "; "
    return mark.join(dict.fromkeys(getattr(value, name) for value in values))


def _given(keys: Iterable[Any]) -> list[Any]:
    return [key for key in keys if isinstance(key, tuple) or not pd.isna(key)]


def _inward(key: object) -> Key:
    if key is None:
        return ()
    return tuple(map(str, key)) if isinstance(key, tuple) else (str(key),)


def _outward(key: Key) -> str | Key:
    return key[0] if len(key) == 1 else key
