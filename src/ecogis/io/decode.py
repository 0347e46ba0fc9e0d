"""A layer as read becomes a table in the vocabulary's names, by a profile.

Every cell that cannot be understood becomes missing and a finding with its row; a column that may
be absent and is comes as all missing with a note; a column that must be there is an error.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from ecogis.core.errors import ConfigError, InputError
from ecogis.core.findings import Findings
from ecogis.core.units import factor
from ecogis.core.vocabulary import codes as code_list
from ecogis.core.vocabulary import unit as vocabulary_unit
from ecogis.io import cells
from ecogis.io.mapping import Column, Expected, Profile, role
from ecogis.io.raw import Raw

__all__ = ["decode"]

_EMPTY_DTYPE: Final = {
    "number": "float64",
    "share": "float64",
    "integer": "Int64",
    "date": "datetime64[us]",
}
_FORMS: Final = {
    "unit_code": (28, "13, 14, 20", re.compile(r"^[0-9]{12}[A-Z]{2}[0-9]{5}[A-Z][0-9]{8}$")),
    "parcel_code": (19, "13, 14", re.compile(r"^[0-9]{12}[A-Z]{2}[0-9]{5}$")),
}
_SHAPEFILE_NAME: Final = 10  # bytes a shapefile keeps of a column's name
_WRONG: Final = {
    "integer": "E136",
    "number": "E136",
    "date": "E141",
    "code": "E147",
    "share": "E148",
}

Mask = npt.NDArray[np.bool_]


class _Reading:
    """One layer while it is being decoded: what its findings share."""

    def __init__(self, raw: Raw, profile: Profile, name: str, findings: Findings) -> None:
        self.raw = raw
        self.profile = profile
        self.role = name
        self.findings = findings
        self.rows = np.arange(1, raw.rows + 1)
        self.key = role(name).key
        self.feature: pd.Series | None = None
        self.absent: list[str] = []

    def add(self, code: str, column: str = "", **values: Any) -> None:
        """One finding about the layer as a whole."""
        self.findings.add(code, layer=self.role, column=column, **self._where(), **values)

    def rows_wrong(
        self, code: str, where: Mask, column: str, observed: pd.Series, **values: Any
    ) -> None:
        """One finding for each row."""
        if where.any():
            self.findings.add(
                code,
                layer=self.role,
                where=where,
                feature=observed if self._is_naming(column) else self.feature,
                row=self.rows,
                column=column,
                observed=observed,
                **self._where(),
                **values,
            )

    def _is_naming(self, column: str) -> bool:
        """Whether the column is the identifier, and not known yet."""
        return column == self.key and self.feature is None

    def _where(self) -> dict[str, Any]:
        return {"file": self.raw.file, "name": self.raw.layer}


def decode(raw: Raw, profile: Profile, role_name: str, findings: Findings) -> pd.DataFrame:
    """A table in the vocabulary's names.

    Parameters
    ----------
    raw : Raw
        Layer or table as read.
    profile : Profile
        Which source column is which word.
    role_name : str
        Role such as ``"stands"``.
    findings : Findings
        Grows by what could not be understood.

    Returns
    -------
    DataFrame, one row per source row
        The role's columns, then `row` (1-based, in the source's order) and what the profile keeps.

    Raises
    ------
    ConfigError
        E158 the profile is not for this role.
    InputError
        E146 a column that must be there is not.
    """
    if role_name not in profile.roles:
        raise ConfigError(
            "E158", role=role_name, profile=profile.id, roles=", ".join(profile.roles)
        )
    reading = _Reading(raw, profile, role_name, findings)
    for code, values in raw.notes:
        reading.add(code, **values)
    promised = role(role_name)
    frame = pd.DataFrame(index=range(raw.rows))
    for name, expected in promised.columns.items():
        column = _column(reading, name, expected)
        if name == promised.key:
            column = reading.feature = _unique(reading, name, column)
        if expected.start_of:
            column = column.fillna(frame[expected.start_of].str.slice(0, expected.characters))
        frame[name] = column
    if reading.absent:
        reading.add("E145", columns="; ".join(reading.absent))
    frame["row"] = reading.rows
    return _with_kept(reading, frame)


def _with_kept(reading: _Reading, frame: pd.DataFrame) -> pd.DataFrame:
    """Add what the profile carries along."""
    table = reading.raw.table
    for name in reading.profile.keep:
        for source in _find(table.column_names, [name]):
            frame[name] = cells.texts(table.column(source))
    return frame


def _column(reading: _Reading, name: str, expected: Expected) -> pd.Series:
    given = reading.profile.columns.get(name)
    if given is not None and given.constant is not None:
        return pd.Series(given.constant, index=range(reading.raw.rows), dtype="string")
    aliases = given.sources if given else ()
    sources = _find(reading.raw.table.column_names, aliases)
    if len(sources) > 1:
        reading.add("E144", name, used=sources[0], left=", ".join(sources[1:]))
    if given is not None and sources:
        return _understood(reading, name, expected, given, sources[0])
    if given is not None and given.parts:
        return _composed(reading, name, given.parts)
    return _absent(reading, name, expected, given)


def _find(names: Iterable[str], aliases: Iterable[str]) -> list[str]:
    """Source columns that carry one of the names, best first: in full, then as files cut them."""
    folded = {_fold(name): name for name in names}
    listed = list(aliases)
    full = [folded[_fold(alias)] for alias in listed if _fold(alias) in folded]
    cut = [folded[short] for alias in listed for short in _cut(alias) if short in folded]
    return list(dict.fromkeys(full or cut))


def _fold(name: str) -> str:
    return name.strip().casefold()


def _cut(alias: str) -> list[str]:
    """An alias as a shapefile cuts it, in either encoding."""
    shorts = (
        alias.encode(codec, "ignore")[:_SHAPEFILE_NAME].decode(codec, "ignore")
        for codec in ("utf-8", "gb18030")
    )
    return [_fold(short) for short in shorts if short]


def _absent(reading: _Reading, name: str, expected: Expected, given: Column | None) -> pd.Series:
    required = expected.required
    if given is not None and given.required is not None:
        required = given.required
    aliases = ", ".join(given.sources if given else ()) or "-"
    if required:
        raise InputError(
            "E146",
            file=reading.raw.file,
            name=reading.raw.layer,
            column=name,
            aliases=aliases,
            columns=", ".join(reading.raw.table.column_names),
        )
    if not expected.start_of and (given is not None or not expected.rare):
        reading.absent.append(name if aliases == "-" else f"{name} ({aliases})")
    dtype = _EMPTY_DTYPE.get(expected.kind, "string")
    return pd.Series(None, index=range(reading.raw.rows), dtype=dtype)


def _composed(reading: _Reading, name: str, parts: Iterable[str]) -> pd.Series:
    """An identifier put together from its parts, where the source has none of its own.

    What is wrong with a part that is a column of its own too is told there.
    """
    sources = [_part(reading, name, part) for part in parts]
    reading.add("E111", name, parts=" + ".join(parts))
    table = reading.raw.table
    texts = {source: cells.texts(table.column(source)) for source in sources}
    joined, *others = [texts[source] for source in sources]
    for text in others:
        joined = joined + "-" + text
    joined = joined.astype("string")
    if name == reading.key:
        reading.feature = joined
    words = _read_as_words(reading)
    for source in (source for source in texts if source not in words):
        text = _without_lost(reading, name, source, table.column(source), texts[source])
        _tell_unseen(reading, name, source, text)
    return joined


def _read_as_words(reading: _Reading) -> set[str]:
    """Source columns that are read as a word of the role."""
    given = (reading.profile.columns.get(name) for name in role(reading.role).columns)
    names = reading.raw.table.column_names
    found = (_find(names, column.sources) for column in given if column is not None)
    return {sources[0] for sources in found if sources}


def _part(reading: _Reading, name: str, part: str) -> str:
    """Source column of a part of an identifier."""
    sources = _find(reading.raw.table.column_names, [part])
    if not sources:
        raise InputError(
            "E146",
            file=reading.raw.file,
            name=reading.raw.layer,
            column=name,
            aliases=f"{', '.join(reading.profile.columns[name].sources)}; {part}",
            columns=", ".join(reading.raw.table.column_names),
        )
    return sources[0]


def _understood(
    reading: _Reading, name: str, expected: Expected, given: Column, source: str
) -> pd.Series:
    column = reading.raw.table.column(source)
    text = cells.texts(column, given.missing)
    values, wrong, hint = _values(reading, name, expected, given, column)
    if expected.kind in _WRONG:
        code = _WRONG[expected.kind]
        reading.rows_wrong(code, wrong, name, text, source=source, expected=hint, wanted=hint)
    if expected.kind in {"identifier", "text", "code"}:
        values = _without_lost(reading, name, source, column, values)
    if expected.kind in {"identifier", "text"}:
        _tell_unseen(reading, name, source, values)
    if expected.form:
        _check_form(reading, name, expected.form, source, values)
    return values.set_axis(range(reading.raw.rows))


def _values(
    reading: _Reading, name: str, expected: Expected, given: Column, column: pa.ChunkedArray
) -> tuple[pd.Series, Mask, str]:
    """Values, the cells not understood, and what would have been."""
    missing = given.missing
    if expected.kind == "number":
        to = vocabulary_unit(name)
        values, wrong = cells.numbers(column, missing)
        return _converted(values, given.unit or to, to), wrong, given.unit or to
    if expected.kind == "code":
        known = _known(reading.profile, name, expected, given)
        return *cells.codes(column, known, missing), _some(known)
    if expected.kind == "date":
        return *cells.dates(column, given.dates, missing), " ".join(given.dates) or "%Y-%m-%d"
    return _simple(expected.kind, given, column)


def _converted(values: pd.Series, unit: str, to: str) -> pd.Series:
    """Values in another unit; divided where the unit is a whole number of times smaller."""
    times = factor(to, unit)
    return values / times if times.is_integer() else values * factor(unit, to)


def _simple(kind: str, given: Column, column: pa.ChunkedArray) -> tuple[pd.Series, Mask, str]:
    if kind == "integer":
        return *cells.integers(column, given.missing, floor=given.floor), "0 1 2 …"
    if kind == "share":
        return *cells.shares(column, given.missing), "0-1, 25 %, 1/4"
    text = cells.texts(column, given.missing)
    return text, np.zeros(len(text), dtype=bool), ""


def _known(profile: Profile, name: str, expected: Expected, given: Column) -> Mapping[str, str]:
    """Codes of the profile, and the vocabulary's own words in both languages."""
    own = dict(profile.codes[given.codes]) if given.codes else {}
    listed = name if expected.list is None else expected.list
    words: dict[str, str] = {}
    if listed:
        for code, label in code_list(listed).items():
            words |= {label.zh: code, label.en: code, code: code}
    else:
        words = {value: value for value in own.values()}
    return {**words, **own}


def _some(known: Mapping[str, str]) -> str:
    codes = sorted(known)
    return ", ".join(codes[:12]) + (" …" if len(codes) > 12 else "")


def _without_lost(
    reading: _Reading, name: str, source: str, column: pa.ChunkedArray, values: pd.Series
) -> pd.Series:
    """Take out cells whose characters or digits were lost before they came here.

    A key keeps what is left of it, so that its row can still be named.
    """
    none = np.zeros(reading.raw.rows, dtype=bool)
    code, lost = reading.raw.lost.get(source, ("E137", none))
    text = cells.texts(column)
    long = (cells.digits_lost(column) | cells.in_powers_of_ten(text)) & ~lost
    reading.rows_wrong(code, lost, name, text, source=source)
    reading.rows_wrong("E137", long, name, text, source=source)
    return values if name == reading.key else values.mask(lost | long)


def _tell_unseen(reading: _Reading, name: str, source: str, values: pd.Series) -> None:
    """Cells with a character nobody sees: two identifiers that look alike are unlike."""
    hidden, shown = cells.unseen(values)
    reading.rows_wrong("E928", hidden, name, shown.reindex(values.index), source=source)


def _check_form(reading: _Reading, name: str, form: str, source: str, values: pd.Series) -> None:
    needed, letters, pattern = _FORMS[form]
    wrong = values.notna() & ~values.str.fullmatch(pattern).fillna(value=True)
    length = values.str.len()
    reading.rows_wrong(
        "E138",
        wrong.to_numpy(dtype=bool),
        name,
        values,
        source=source,
        n=length,
        needed=needed,
        letters=letters,
    )


def _unique(reading: _Reading, key: str, values: pd.Series) -> pd.Series:
    """Give each row an identifier of its own: a missing or repeated one takes its row number.

    Which of several rows is meant cannot be known, so none of them earns.
    """
    number = pd.Series(reading.rows, index=values.index).astype("string").radd("#")
    filled = values.fillna(number)
    again = filled.duplicated().to_numpy(dtype=bool)
    given = filled.mask(again, filled + number)
    shared = filled.duplicated(keep=False).to_numpy(dtype=bool)
    for code, where in (("E142", values.isna().to_numpy(dtype=bool)), ("E143", shared)):
        reading.findings.add(
            code,
            layer=reading.role,
            where=where,
            feature=given,
            row=reading.rows,
            column=key,
            observed=values,
            action="excluded",
            file=reading.raw.file,
            name=reading.raw.layer,
            given=given,
        )
    return given
