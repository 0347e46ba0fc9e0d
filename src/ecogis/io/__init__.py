"""Files to tables in the vocabulary's names, and back.

In: FileGDB, GeoPackage, Shapefile, GeoParquet, FlatGeobuf, GeoJSON; CSV, XLSX; GeoTIFF. A profile
says which source column is which word. Out: layers in EPSG:4490 with identifiers as text, areas in
ha, volumes in m3; what could not be understood is a finding, a file that cannot be trusted is an
`InputError`. Results are written whole or not at all.
"""

from ecogis.io.geopackage import write_gpkg
from ecogis.io.layers import LayerInfo, layer_info, read_layer, read_table
from ecogis.io.mapping import Profile, profile, profiles, role
from ecogis.io.quotes import quotes_info, read_quotes
from ecogis.io.raster_writers import write_cog, write_windows
from ecogis.io.rasters import RasterFile, open_raster, read_dem, read_raster
from ecogis.io.styles import categorised_style, graduated_style
from ecogis.io.whole import whole, whole_folder
from ecogis.io.writers import write_csv, write_parquet, write_parquet_parts

__all__ = [
    "LayerInfo",
    "Profile",
    "RasterFile",
    "categorised_style",
    "graduated_style",
    "layer_info",
    "open_raster",
    "profile",
    "profiles",
    "quotes_info",
    "read_dem",
    "read_layer",
    "read_quotes",
    "read_raster",
    "read_table",
    "role",
    "whole",
    "whole_folder",
    "write_cog",
    "write_csv",
    "write_gpkg",
    "write_parquet",
    "write_parquet_parts",
    "write_windows",
]
