"""A user's own curves from a file: laws with coefficients, or points of volume over age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType

from ecogis.core.errors import ConfigError
from ecogis.growth.curves import ANY, FORMS, JOINT, POINTS, Curve, CurveSet
from ecogis.growth.library import curve_set
from ecogis.methods import CONFIDENCES, ParameterSet, read_set
from ecogis.methods.loader import Place, csv_rows, number, sha256

__all__ = ["read_curves"]

_KEYS = ("species", "site_class", "origin")
_LAW = ("curve", "form", "first_age_yr", "last_age_yr", "source", "confidence")
_POINT = ("curve", "age_yr", "standing_volume", "source", "confidence")
_TERMS = tuple(dict.fromkeys(term for terms in FORMS.values() for term in terms))
Row = Mapping[str, str]


def read_curves(path: str | Path, date: date | None = None) -> CurveSet:
    r"""Curves from a user's file.

    A CSV (UTF-8) has one row per curve, ``curve form first_age_yr last_age_yr source confidence``
    and the coefficients by their names in `FORMS`; or one row per point, ``curve age_yr
    standing_volume source confidence``. In both, ``species`` and optionally ``site_class`` and
    ``origin`` say who follows the curve; a blank cell stands for any value. A TOML is a parameter
    set of the library's own layout, with its CSV files beside it.

    Parameters
    ----------
    path : str or Path
        File.
    date : date, optional
        Day the values must be in force; for a TOML only.

    Returns
    -------
    CurveSet
        With the file's name as id and the start of its SHA-256 as edition.

    Raises
    ------
    ConfigError
        Names the file, the line and what is wrong with it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> head = "curve,species,age_yr,standing_volume,source,confidence"
    >>> lines = [head, "own,pine,10,40,plots 2024,quoted", "own,pine,30,100,plots 2024,quoted"]
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder) / "own.csv"
    ...     _ = file.write_text("\n".join(lines), encoding="utf-8")
    ...     curves = read_curves(file)
    >>> curves.curves[0].at(20).tolist(), dict(curves.by_species)
    ([70.0], {'pine': 'own'})
    """
    file = Path(path)
    if file.suffix.lower() == ".toml":
        if date is None:
            raise _wrong(file, 1, ("须给出取值日期", "a day the values are in force is needed"))
        return curve_set(ParameterSet(read_set(file, file.parent)), date)
    header, rows = csv_rows(file)
    table = [dict(zip(header, cells, strict=True)) for cells in rows]
    points = "form" not in header
    _check_columns(file, header, _POINT if points else (*_LAW,))
    keys = tuple(key for key in _KEYS if key in header)
    curves, follows = _pointed(file, table, keys) if points else _laws(file, table, keys)
    return CurveSet(file.stem, sha256([file])[:12], tuple(curves), MappingProxyType(follows), keys)


def _wrong(file: Path, line: int, what: tuple[str, str]) -> ConfigError:
    zh, en = what
    return ConfigError("E663", file=file.name, line=line, what_zh=zh, what=en)


def _check_columns(file: Path, header: Sequence[str], needed: Sequence[str]) -> None:
    missing = [name for name in (*needed, "species") if name not in header]
    strange = sorted(set(header) - {*needed, *_KEYS, *_TERMS, "interpolation", "note"})
    if missing:
        names = ", ".join(missing)
        raise _wrong(file, 1, (f"缺少列 {names}", f"columns missing: {names}"))
    if strange:
        names = ", ".join(strange)
        raise _wrong(file, 1, (f"有未知的列 {names}", f"unknown columns: {names}"))


def _laws(
    file: Path, table: Sequence[Row], keys: tuple[str, ...]
) -> tuple[list[Curve], dict[str, str]]:
    curves, follows = [], dict[str, str]()
    for line, row in enumerate(table, start=2):
        _marked(file, line, row)
        at = Place(file.name, f"line {line}")
        values = {term: number(row[term], at.at(term)) for term in _TERMS if row.get(term)}
        ages = (number(row[name], at.at(name)) for name in ("first_age_yr", "last_age_yr"))
        marks = {"source": row["source"], "confidence": row["confidence"]}
        curves.append(
            Curve(row["curve"], row["form"], MappingProxyType(values), *ages, **marks)  # type: ignore[arg-type]
        )
        _follow(file, line, row, keys, follows)
    return curves, follows


def _pointed(
    file: Path, table: Sequence[Row], keys: tuple[str, ...]
) -> tuple[list[Curve], dict[str, str]]:
    points: dict[str, list[tuple[float, float]]] = {}
    first: dict[str, tuple[int, Row]] = {}
    for line, row in enumerate(table, start=2):
        _marked(file, line, row)
        at = Place(file.name, f"line {line}")
        pair = tuple(number(row[name], at.at(name)) for name in ("age_yr", "standing_volume"))
        points.setdefault(row["curve"], []).append(pair)  # type: ignore[arg-type]
        first.setdefault(row["curve"], (line, row))
    curves, follows = [], dict[str, str]()
    for name, (line, row) in first.items():
        listed = tuple(sorted(points[name]))
        curves.append(
            Curve(
                name,
                POINTS,
                MappingProxyType({}),
                listed[0][0],
                listed[-1][0],
                points=listed,
                interpolation=row.get("interpolation") or "monotone",
                source=row["source"],
                confidence=row["confidence"],
            )
        )
        _follow(file, line, row, keys, follows)
    return curves, follows


def _marked(file: Path, line: int, row: Row) -> None:
    if not row["curve"] or not row["source"] or row["confidence"] not in CONFIDENCES:
        marks = ", ".join(CONFIDENCES)
        zh = f"须有曲线名、来源和可信度({marks})"
        raise _wrong(file, line, (zh, f"curve, source and confidence ({marks}) are needed"))


def _follow(
    file: Path, line: int, row: Row, keys: tuple[str, ...], follows: dict[str, str]
) -> None:
    entry = JOINT.join(row[key] or ANY for key in keys)
    if entry in follows:
        zh, en = f"{entry} 已有曲线", f"{entry} follows a curve already"
        raise _wrong(file, line, (zh, en))
    follows[entry] = row["curve"]
