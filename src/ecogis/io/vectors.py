"""Layers of files as they are: opened read-only, counted, nothing understood yet."""

import json
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from ecogis.core.errors import InputError
from ecogis.io import geojson, gpkg, polygons, shapefile
from ecogis.io.raw import Raw

__all__ = ["layer_names", "read"]

# side files must not change what a file says, and nothing may go to the network
_OPTIONS: Final = {
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "GDAL_HTTP_TIMEOUT": "2",
    "SHAPE_RESTORE_SHX": "NO",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "0",
}


def layer_names(file: Path, kind: str) -> dict[str, bool]:
    """Layers and tables of a file by name, and whether each has geometries."""
    if kind == "GeoPackage":
        with gpkg.connected(file) as database:
            return gpkg.layers(database)
    if kind == "FileGDB":
        with _quiet(file):
            return {str(name): form is not None for name, form in pyogrio.list_layers(file)}
    if kind == "Parquet":
        with _quiet(file):
            return {file.stem: b"geo" in (pq.read_schema(file).metadata or {})}
    return {file.stem: True}


def read(file: Path, kind: str, *, layer: str | None, encoding: str | None, polygon: bool) -> Raw:
    """One layer (`polygon`) or table of a file that passed the gate.

    Raises
    ------
    InputError
        E104 cannot be opened, E110 no such layer, E117 several and none named, E118 no geometry,
        E120-E125 GeoPackage, E150-E152 Shapefile without its parts, E108-E109 GeoJSON.
    """
    name = _choose(file, layer_names(file, kind), layer, polygon=polygon)
    if kind == "Parquet":
        raw = _parquet(file, polygon=polygon)
    else:
        counted = _count(file, kind, name)
        raw = _driver(file, kind, name, polygon=polygon)
        if counted is not None and counted != raw.rows:
            raise InputError("E125", file=file.name, layer=name, a=counted, b=raw.rows)
    if kind == "Shapefile":
        shapefile.decode(raw, file, encoding)
    if kind == "GeoPackage":
        with gpkg.connected(file) as database:
            for trigger in gpkg.triggers(database):
                raw.note("E123", trigger=trigger)
    return raw


def _choose(file: Path, names: Mapping[str, bool], layer: str | None, *, polygon: bool) -> str:
    fitting = [name for name, spatial in names.items() if spatial or not polygon]
    if layer is not None and layer not in names and len(names) == 1 and file.stem in names:
        return file.stem  # formats with one layer have no name for it but the file's
    if layer is None and len(fitting) == 1:
        return fitting[0]
    listed = ", ".join(names) or "-"
    if layer is None:
        raise InputError("E117" if fitting else "E118", file=file.name, layers=listed)
    if layer not in names:
        raise InputError("E110", file=file.name, layer=layer, layers=listed)
    if polygon and not names[layer]:
        raise InputError("E118", file=file.name, layers=listed)
    return layer


def _count(file: Path, kind: str, layer: str) -> int | None:
    """Rows as the file itself tells, where a driver could tell another number."""
    if kind == "GeoPackage":
        with gpkg.connected(file) as database:
            return gpkg.row_count(file, database, layer)
    if kind == "GeoJSON":
        return geojson.feature_count(file)
    if kind == "Shapefile":
        return shapefile.live_records(file)
    return None


@contextmanager
def _quiet(file: Path) -> Iterator[list[str]]:
    """Run a driver under our options; what it says is collected, what it refuses is ours."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in _OPTIONS}
    said: list[str] = []
    pyogrio.set_gdal_config_options(_OPTIONS)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield said
        said.extend(dict.fromkeys(str(warning.message) for warning in caught))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pa.ArrowInvalid) as why:
        raise InputError("E104", file=file.name, detail=_one_line(why)) from None
    except (RuntimeError, OSError, UnicodeDecodeError, ValueError) as why:
        raise InputError("E104", file=file.name, detail=_one_line(why)) from None
    finally:
        pyogrio.set_gdal_config_options(before)


def _one_line(why: Exception) -> str:
    return " ".join(str(why).split())[:300]


def _driver(file: Path, kind: str, layer: str, *, polygon: bool) -> Raw:
    # a .dbf is read byte for byte; its encoding is settled afterwards
    encoding = "ISO-8859-1" if kind == "Shapefile" else None
    with _quiet(file) as said:
        meta, table = pyogrio.read_arrow(
            file,
            layer=None if kind in {"Shapefile", "FlatGeobuf", "GeoJSON"} else layer,
            encoding=encoding,
            read_geometry=polygon,
        )
    _check_names(file, table)
    raw = Raw(file=file.name, layer=layer, table=table, crs=str(meta["crs"] or ""))
    for text in said:
        raw.note("E119", detail=_one_line(Exception(text)))
    if polygon:
        name = meta["geometry_name"] or "wkb_geometry"
        if name not in table.column_names:
            raise InputError("E118", file=file.name, layers=layer)
        _take_geometry(raw, name)
    return raw


def _check_names(file: Path, table: pa.Table) -> None:
    twice = [name for name, number in Counter(table.column_names).items() if number > 1]
    if twice:
        raise InputError("E134", file=file.name, x=", ".join(twice))


def _take_geometry(raw: Raw, name: str) -> None:
    raw.geometry, raw.fault, flattened = polygons.parse(raw.table.column(name))
    raw.table = raw.table.drop_columns([name])
    if flattened:
        raw.note("E128")


def _parquet(file: Path, *, polygon: bool) -> Raw:
    with _quiet(file):
        table = pq.read_table(file)
    _check_names(file, table)
    raw = Raw(file=file.name, layer=file.stem, table=table)
    if not polygon:
        return raw
    about = _geo(file, table)
    primary = about.get("primary_column", "")
    column = about.get("columns", {}).get(primary, {})
    if primary not in table.column_names or column.get("encoding") != "WKB":
        raise InputError("E109", file=file.name, what="GeoParquet (WKB)")
    # no crs key means longitude and latitude on WGS84; null means not known
    crs = column.get("crs", "OGC:CRS84")
    raw.crs = crs if isinstance(crs, str) else json.dumps(crs) if crs else ""
    _take_geometry(raw, primary)
    return raw


def _geo(file: Path, table: pa.Table) -> dict[str, Any]:
    try:
        found = json.loads((table.schema.metadata or {}).get(b"geo", b"{}"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InputError("E109", file=file.name, what="GeoParquet (WKB)")
    return found
