"""GeoPackage out: several layers in one file, with styles and Chinese names, same bytes each time.

The file is written beside its place, opened again, counted layer by layer and only then moved.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import geopandas
import pandas as pd
import pyogrio

from ecogis.core.errors import InputError
from ecogis.io import gpkg
from ecogis.io.whole import whole

__all__ = ["write_gpkg"]

_STYLES_TABLE: Final = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
  f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
  styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
  owner TEXT(30), ui TEXT(30), update_time DATETIME DEFAULT CURRENT_TIMESTAMP)
"""
_ALIASES_TABLE: Final = """
CREATE TABLE IF NOT EXISTS gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
  mime_type TEXT, constraint_name TEXT,
  CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name))
"""
_EXTENSIONS_TABLE: Final = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))
"""
_POLYGONS: Final = frozenset({"Polygon", "MultiPolygon"})

Tables = Mapping[str, pd.DataFrame | geopandas.GeoDataFrame]


def write_gpkg(
    path: str | Path,
    layers: Tables,
    *,
    styles: Mapping[str, str] | None = None,
    aliases: Mapping[str, Mapping[str, str]] | None = None,
    descriptions: Mapping[str, str] | None = None,
    stamp: str = "2000-01-01T00:00:00.000Z",
) -> Path:
    """Write layers and tables to a GeoPackage that QGIS opens styled.

    Parameters
    ----------
    path : str or Path
        File to write; an old one is replaced only when the new one is complete.
    layers : mapping of str to GeoDataFrame or DataFrame
        By layer name, in the order wanted. Nullable integers, text and days keep their kinds.
    styles : mapping of str to str, optional
        QML of a layer, by its name (`categorised_style` makes one).
    aliases : mapping of str to mapping, optional
        What people read instead of each column's name, by layer.
    descriptions : mapping of str to str, optional
        What a layer is, and how its areas are measured.
    stamp : str
        Time of last change written into the file. It is fixed so that the same layers give the
        same bytes.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        E162, E163 it cannot be written, E164 a layer does not read back with as many rows.
    """
    target = Path(path)
    with whole(target) as draft:
        with _stamped(stamp):
            for number, (name, table) in enumerate(layers.items()):
                told = (descriptions or {}).get(name, "")
                _write_layer(draft, name, table, description=told, append=number > 0)
        with closing(sqlite3.connect(draft)) as database, database:
            _add_aliases(database, aliases or {})
            _add_styles(database, layers, styles or {}, stamp)
        with gpkg.connected(draft) as database:
            for name, table in layers.items():
                found = gpkg.row_count(draft, database, name)
                if found != len(table):
                    raise InputError("E164", file=target.name, name=name, a=len(table), b=found)
    return target


@contextmanager
def _stamped(stamp: str) -> Iterator[None]:
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": stamp})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _write_layer(
    draft: Path, name: str, table: pd.DataFrame, *, description: str, append: bool
) -> None:
    options: dict[str, Any] = {}
    if isinstance(table, geopandas.GeoDataFrame):
        kinds = set(table.geometry.geom_type.dropna())
        if kinds <= _POLYGONS:
            options = {"geometry_type": "MultiPolygon", "promote_to_multi": True}
    try:
        pyogrio.write_dataframe(
            _days(table),
            draft,
            layer=name,
            driver="GPKG",
            append=append,
            use_arrow=True,
            layer_options={"IDENTIFIER": name, "DESCRIPTION": description},
            **options,
        )
    except (pyogrio.errors.DataSourceError, RuntimeError) as fault:
        raise InputError("E163", file=draft.name, detail=str(fault)[:200]) from None


def _days(table: pd.DataFrame) -> pd.DataFrame:
    """Columns of days as days, not as instants at midnight."""
    taken = table.copy()
    for name in table.columns:
        column = table[name]
        if pd.api.types.is_datetime64_any_dtype(column.dtype):
            known = column.dropna()
            if (known == known.dt.normalize()).all():
                taken[name] = pd.Series(
                    [None if pd.isna(v) else v.date() for v in column],
                    index=column.index,
                    dtype="object",
                )
    return taken


def _add_aliases(database: sqlite3.Connection, aliases: Mapping[str, Mapping[str, str]]) -> None:
    if not any(aliases.values()):
        return
    database.execute(_ALIASES_TABLE)
    database.execute(_EXTENSIONS_TABLE)
    database.execute(
        "INSERT INTO gpkg_extensions VALUES ('gpkg_data_columns', NULL, 'gpkg_schema', "
        "'http://www.geopackage.org/spec/#extension_schema', 'read-write')"
    )
    for layer, names in aliases.items():
        kept = {row[1] for row in database.execute(f"PRAGMA table_info({gpkg.quoted(layer)})")}
        rows = [(layer, column, text, text) for column, text in names.items() if column in kept]
        database.executemany(
            "INSERT OR IGNORE INTO gpkg_data_columns (table_name, column_name, name, title) "
            "VALUES (?, ?, ?, ?)",
            rows,
        )


def _add_styles(
    database: sqlite3.Connection, layers: Tables, styles: Mapping[str, str], stamp: str
) -> None:
    if not styles:
        return
    database.execute(_STYLES_TABLE)
    database.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?)",
        (stamp,),
    )
    columns = dict(database.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
    database.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, "
        "f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description, owner, ui, "
        "update_time) VALUES ('', '', ?, ?, ?, ?, '', 1, '', '', NULL, ?)",
        [
            (name, columns.get(name, ""), name, style, stamp)
            for name, style in styles.items()
            if name in layers
        ],
    )
