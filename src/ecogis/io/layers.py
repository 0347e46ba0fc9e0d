"""Layers and tables in the vocabulary's names, from the files users have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj

from ecogis.core.errors import InputError
from ecogis.core.findings import Findings
from ecogis.core.provenance import sha256_file, sha256_text
from ecogis.io import cells, gate, tables, vectors
from ecogis.io.decode import decode
from ecogis.io.mapping import Join, Profile
from ecogis.io.mapping import profile as profile_of
from ecogis.io.raw import CURVED, DAMAGED, MISSING, OTHER, Raw
from ecogis.spatial import crs as reference

__all__ = ["LayerInfo", "input_sha256", "layer_info", "read_layer", "read_table"]

_FAULT_CODES: Final = {MISSING: "E129", OTHER: "E126", CURVED: "E130", DAMAGED: "E127"}


@dataclass(frozen=True, slots=True)
class LayerInfo:
    """What the manifest says of an input.

    Attributes
    ----------
    file, layer : str
        File name and layer, sheet or table.
    rows : int
        Rows in it.
    crs : str
        Coordinate system the file states: authority and number, or a name; empty for a table.
    encoding : str
        Encoding of its text.
    sha256 : str
        Hash of the file, or of all members of a Shapefile or FileGDB.
    """

    file: str
    layer: str
    rows: int
    crs: str
    encoding: str
    sha256: str


def read_layer(
    path: str | Path,
    *,
    layer: str | None = None,
    profile: str | Path | Profile,
    crs: str | None = None,
    encoding: str | None = None,
    role: str = "stands",
    findings: Findings,
    shift: Mapping[str, float] | None = None,
    told: Callable[[LayerInfo], None] | None = None,
) -> geopandas.GeoDataFrame:
    """Read a layer of polygons: columns in the vocabulary's names, in EPSG:4490.

    Parameters
    ----------
    path : str or Path
        FileGDB folder, GeoPackage, Shapefile, GeoParquet, FlatGeobuf or GeoJSON on this machine.
    layer : str, optional
        Layer of the file; may be left out where there is one.
    profile : str, Path or Profile
        Shipped profile by name, or the user's own by path.
    crs : str, optional
        Coordinate system such as ``"EPSG:4526"``, where the file states none.
    encoding : str, optional
        Encoding of a Shapefile's text, where the file is silent or wrong.
    role : {"stands", "stands_opening", "parcels", "boundary"}
        What the layer is read as.
    findings : Findings
        Grows by everything met on the way.
    shift : mapping, optional
        Datum shift for Beijing 1954 or Xian 1980: ``dx dy dz`` [m], ``rx ry rz`` [arcsec],
        ``ds`` [ppm], position-vector convention.
    told : callable, optional
        Told what `layer_info` says of the file, which is then read but once.

    Returns
    -------
    GeoDataFrame, one row per source row
        The role's columns, `row` (1-based in the source) and `geometry`. A geometry that cannot
        be read is missing, with a finding that excludes the row from earning.

    Raises
    ------
    InputError
        The file, layer, coordinate system or a required column is missing or wrong.
    ConfigError
        The profile is wrong or not for this role.

    Examples
    --------
    >>> findings = Findings()
    >>> read_layer("stands.vrt", profile="cn-forest-map", findings=findings)
    Traceback (most recent call last):
    ecogis.core.errors.InputError: E105 ...
    """
    chosen = profile_of(profile)
    file, kind = gate.admit(path, gate.LAYERS)
    raw = vectors.read(file, kind, layer=layer, encoding=encoding, polygon=True)
    if told is not None:
        told(_info(raw, file))
    for name, join in chosen.joins.items():
        _join(raw, _beside(file, kind, join), name, join, _adder(findings, role))
    frame = decode(raw, chosen, role, findings)
    feature = frame.iloc[:, 0]
    _geometry_findings(raw, role, feature, findings)
    stands = geopandas.GeoDataFrame(
        frame, geometry=geopandas.GeoSeries(raw.geometry, index=frame.index)
    )
    about = reference.Source(file=raw.file, layer=raw.layer, role=role)
    declared = reference.declared(raw.crs, crs, about, findings)
    return reference.to_canonical(stands, declared, about, findings, shift=shift)


def read_table(
    path: str | Path,
    *,
    sheet: str | None = None,
    profile: str | Path | Profile,
    role: str,
    findings: Findings,
    told: Callable[[LayerInfo], None] | None = None,
) -> pd.DataFrame:
    """Read a table: columns in the vocabulary's names.

    Parameters
    ----------
    path : str or Path
        CSV, XLSX, or a GeoPackage, FileGDB or Parquet file that holds the table.
    sheet : str, optional
        Sheet of a workbook or table of a GeoPackage; may be left out where there is one.
    profile : str, Path or Profile
        Shipped profile by name, or the user's own by path.
    role : str
        rights, encumbrances, documents, land_history, prices ...
    findings : Findings
        Grows by everything met on the way.
    told : callable, optional
        Told what `layer_info` says of the file, which is then read but once.

    Returns
    -------
    DataFrame, one row per source row
        The role's columns and `row` (1-based; the header is not counted).

    Raises
    ------
    InputError
        The file, sheet or a required column is missing or wrong.
    ConfigError
        The profile is wrong or not for this role.
    """
    chosen = profile_of(profile)
    raw, file, kind = _raw_table(path, sheet)
    if told is not None:
        told(_info(raw, file))
    for name, join in chosen.joins.items():
        _join(raw, _beside(file, kind, join), name, join, _adder(findings, role))
    return decode(raw, chosen, role, findings)


def _raw_table(path: str | Path, sheet: str | None) -> tuple[Raw, Path, str]:
    file, kind = gate.admit(path, gate.TABLES)
    if kind == "CSV":
        return tables.read_csv(file), file, kind
    if kind == "XLSX":
        return tables.read_xlsx(file, sheet), file, kind
    raw = vectors.read(file, kind, layer=sheet, encoding=None, polygon=False)
    return raw, file, kind


def layer_info(
    path: str | Path, layer: str | None = None, *, encoding: str | None = None
) -> LayerInfo:
    """What the manifest says of a layer or table.

    Raises
    ------
    InputError
        As for reading it.
    """
    file, kind = gate.admit(path, gate.LAYERS | gate.TABLES)
    if kind in {"CSV", "XLSX"}:
        raw, _, _ = _raw_table(file, layer)
    else:
        names = vectors.layer_names(file, kind)
        spatial = names.get(layer or "", any(names.values()))
        raw = vectors.read(file, kind, layer=layer, encoding=encoding, polygon=spatial)
    return _info(raw, file)


def _info(raw: Raw, file: Path) -> LayerInfo:
    return LayerInfo(
        file=raw.file,
        layer=raw.layer,
        rows=raw.rows,
        crs=_crs_name(raw.crs),
        encoding=raw.encoding,
        sha256=input_sha256(file),
    )


def _crs_name(text: str) -> str:
    if not text:
        return ""
    found = pyproj.CRS.from_user_input(text)
    authority = found.to_authority(min_confidence=100)
    return ":".join(authority) if authority else found.name


def input_sha256(file: Path) -> str:
    """SHA-256 of a layer's file, of a folder, or of the files that make up a Shapefile."""
    parts = gate.members(file)
    if len(parts) == 1:
        return sha256_file(file)
    return sha256_text("\n".join(f"{part.suffix.lower()} {sha256_file(part)}" for part in parts))


def _geometry_findings(raw: Raw, role: str, feature: pd.Series, findings: Findings) -> None:
    if raw.fault is None:
        return
    rows = np.arange(1, raw.rows + 1)
    for fault, code in _FAULT_CODES.items():
        findings.add(
            code,
            layer=role,
            where=raw.fault == fault,
            feature=feature,
            row=rows,
            column="geometry",
            action="excluded",
            file=raw.file,
            name=raw.layer,
        )


def _beside(file: Path, kind: str, join: Join) -> Raw:
    return vectors.read(file, kind, layer=join.layer, encoding=None, polygon=False)


def _adder(findings: Findings, role: str) -> Callable[..., int]:
    return partial(findings.add, layer=role)


def _join(raw: Raw, other: Raw, name: str, join: Join, add: Callable[..., int]) -> None:
    """Set the columns of a joined layer beside the layer's own, as ``name.column``."""
    position = _positions(raw, other, join)
    taken = other.table.take(pa.array(position, mask=position < 0))
    for column in taken.column_names:
        raw.table = raw.table.append_column(f"{name}.{column}", taken.column(column))
    add(
        "E157",
        where=position < 0,
        row=np.arange(1, raw.rows + 1),
        column=join.on,
        file=raw.file,
        name=raw.layer,
        other=join.layer,
        key=join.key,
    )


def _positions(raw: Raw, other: Raw, join: Join) -> Any:
    """Row of the other layer for each row of this one; -1 where there is none."""
    for table, column, layer in ((raw, join.on, raw.layer), (other, join.key, join.layer)):
        if column not in table.table.column_names:
            columns = ", ".join(table.table.column_names)
            raise InputError(
                "E146", file=raw.file, name=layer, column=column, aliases=column, columns=columns
            )
    kept = np.ones(other.rows, dtype=bool)
    for column, value in join.where.items():
        kept &= (cells.texts(other.table.column(column)) == value).fillna(value=False).to_numpy()
    keys = cells.texts(other.table.column(join.key))[kept]
    if keys.duplicated().any():
        twice = keys[keys.duplicated()].iloc[0]
        raise InputError("E149", file=raw.file, name=join.layer, column=join.key, value=twice)
    index = pd.Index(keys).get_indexer(pd.Index(cells.texts(raw.table.column(join.on))))
    return np.where(index < 0, -1, np.flatnonzero(kept)[index]) if len(keys) else index
