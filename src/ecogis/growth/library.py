"""Curves from the parameter library."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

from ecogis.growth.curves import Curve, CurveSet
from ecogis.methods import ParameterSet, parameters

__all__ = ["curve_set"]

_NAMES: Mapping[str, Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "richards": {
            "asymptote": ("richards_a", "m3 ha-1"),
            "rate": ("richards_k", "yr-1"),
            "shape": ("richards_c", "1"),
        },
        "schumacher": {
            "asymptote": ("schumacher_a", "m3 ha-1"),
            "decay": ("schumacher_b", "yr"),
        },
        "quadratic": {
            "constant": ("quadratic_a", "m3 ha-1"),
            "linear": ("quadratic_b", "m3 ha-1 yr-1"),
            "quadratic": ("quadratic_c", "m3 ha-1 yr-2"),
        },
    }
)


def curve_set(
    library: str | ParameterSet, date: date, species: Iterable[str] | None = None
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

    Returns
    -------
    CurveSet

    Raises
    ------
    NotInForceError
        No value is in force at the date.
    ConfigError
        A curve has an unknown form or lacks a coefficient.
    """
    if isinstance(library, str):
        library = parameters(library)
    follows = library.texts("curve", date, species)
    wanted = library.keys("form") if species is None else sorted(set(follows))
    curves = tuple(_curve(library, name, date) for name in wanted)
    return CurveSet(
        library.id,
        library.edition,
        curves,
        MappingProxyType({str(key): name for key, name in follows.items()}),
    )


def _curve(library: ParameterSet, name: str, date: date) -> Curve:
    form = library.text("form", date, name)
    values = {
        term: library.value(parameter, date, unit, key=name)
        for term, (parameter, unit) in _NAMES.get(form, {}).items()
    }
    first, last = (
        library.value(age, date, "yr", key=name) for age in ("valid_from_age", "valid_to_age")
    )
    return Curve(name, form, MappingProxyType(values), first, last)
