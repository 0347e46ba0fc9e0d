"""Curves from the parameter library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

from ecogis.growth.curves import FORMS, Curve, CurveSet
from ecogis.methods import ParameterSet, parameters

__all__ = ["curve_set"]

# what a coefficient is called in the library after the name of its form, and its unit; {v} is the
# unit of the curve. Coefficients multiplied with a power of age that is itself fitted count as 1.
_LETTERS: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "richards": (("a", "{v}"), ("k", "yr-1"), ("c", "1")),
        "richards4": (("a", "{v}"), ("k", "yr-1"), ("c", "1"), ("b", "1")),
        "schumacher": (("a", "{v}"), ("b", "yr")),
        "quadratic": (("a", "{v}"), ("b", "{v} yr-1"), ("c", "{v} yr-2")),
        "cubic": (("a", "{v}"), ("b", "{v} yr-1"), ("c", "{v} yr-2"), ("d", "{v} yr-3")),
        "korf": (("a", "{v}"), ("b", "1"), ("c", "1")),
        "logistic": (("a", "{v}"), ("b", "1"), ("k", "yr-1")),
        "gompertz": (("a", "{v}"), ("b", "1"), ("k", "yr-1")),
        "weibull": (("a", "{v}"), ("b", "1"), ("c", "1")),
        "hossfeld": (("a", "{v}"), ("b", "1"), ("c", "1")),
        "allometric": (("a", "{v}"), ("b", "1")),
        "plateau": (("a", "{v}"), ("age", "yr")),
    }
)


def curve_set(
    library: str | ParameterSet,
    date: date,
    species: Iterable[str] | None = None,
    *,
    unit: str = "m3 ha-1",
) -> CurveSet:
    """Growth curves of a library edition, and the curve each species follows.

    Parameters
    ----------
    library : str or ParameterSet
        ``id`` or ``id@edition``, or a set already read.
    date : date
        Day the values must be in force.
    species : iterable of str, optional
        Species wanted, repeated and missing ones allowed; only their curves are read and stand
        in the set's record. Without it all.
    unit : str
        Unit the curves stand in.

    Returns
    -------
    CurveSet

    Raises
    ------
    NotInForceError
        No value is in force at the date.
    ConfigError
        A curve has an unknown form or lacks a coefficient.
    UnitError
        The curves are of another kind than `unit`.

    Examples
    --------
    >>> shrubs = curve_set("growth-bamboo-shrub", date(2026, 8, 31), unit="t C ha-1")
    >>> shrubs.by_species["灌木"]
    '灌丛-冀北'
    """
    if isinstance(library, str):
        library = parameters(library)
    follows = library.texts("curve", date, species)
    wanted = library.keys("form") if species is None else sorted(set(follows))
    curves = tuple(_curve(library, name, date, unit) for name in wanted)
    return CurveSet(
        library.id,
        library.edition,
        curves,
        MappingProxyType({str(key): name for key, name in follows.items()}),
    )


def _curve(library: ParameterSet, name: str, date: date, unit: str) -> Curve:
    form = library.text("form", date, name)
    values, marks = {}, []
    for term, (letter, its) in zip(FORMS.get(form, ()), _LETTERS.get(form, ()), strict=True):
        parameter = f"{form}_{letter}"
        values[term] = library.value(parameter, date, its.format(v=unit), key=name)
        marks.append(library.entry(parameter, date, name))
    first, last = (
        library.value(age, date, "yr", key=name) for age in ("valid_from_age", "valid_to_age")
    )
    return Curve(
        name,
        form,
        MappingProxyType(values),
        first,
        last,
        unit=unit,
        source="; ".join(dict.fromkeys(mark.source_en for mark in marks)),
        confidence=marks[0].confidence if marks else "",
    )
