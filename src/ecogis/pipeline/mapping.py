"""What a run left, handed over to the map page."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pandas as pd

from ecogis.core.provenance import canonical_json, sha256_text
from ecogis.numerics import largest_remainder
from ecogis.report import onemap

if TYPE_CHECKING:
    from ecogis.pipeline.result import Result

__all__ = ["land_of", "write_map"]


def write_map(
    result: "Result",
    path: Path | None = None,
    *,
    folder: Path | None = None,
    lang: str,
    public: bool = False,
    coarsen_m: float = onemap.COARSE_M,
) -> list[Path]:
    """Write the map page of a run as one file, as a folder, or both.

    Returns
    -------
    list of Path
        The pages written.
    """
    land = land_of(result)
    chosen: dict[str, Any] = {"lang": lang, "public": public, "coarsen_m": coarsen_m}
    written = [] if path is None else [onemap.write_page(land, path, **chosen)]
    if folder is not None:
        written.append(onemap.write_folder(land, folder, **chosen))
    return written


def land_of(result: "Result") -> onemap.Land:
    """The layers and tables of a run that the map page shows."""
    tables = result.tables
    forecast = result.forecast
    # the forecast has the stands' order: both come from the same layer
    stands = geopandas.GeoDataFrame(tables["stands"]).reset_index(drop=True)
    return onemap.Land(
        project={
            "name": str(result.summary["project"]["name"]),
            "valuation_date": str(result.summary["project"]["valuation_date"]),
            "run": sha256_text(canonical_json(result.record)),
        },
        stands=stands,
        parcels=geopandas.GeoDataFrame(tables["parcels"]).reset_index(drop=True),
        pieces=_valued(tables["pieces"], result.summary),
        rights=tables["rights"],
        encumbrances=_in_force(tables, str(result.summary["project"]["valuation_date"])),
        clauses=_clauses(tables),
        guideline=tuple(tables["verdict_counts"]["clause"]),
        verdicts=tables["verdicts"],
        places=_places(tables),
        instants=tuple(str(day)[:10] for day in forecast["instant"].to_numpy()),
        stock_kg=forecast["co2e_kg"].to_numpy(),
        known=forecast["known"].to_numpy(),
    )


def _valued(pieces: pd.DataFrame, summary: Any) -> geopandas.GeoDataFrame:
    """Pieces with their part of the pledge value, shared by pledgeable reductions to the fen."""
    found = geopandas.GeoDataFrame(pieces).reset_index(drop=True)
    whole = (summary.get("valuation") or {}).get("pledge_value_fen")
    weights = found["pledgeable_kg"].to_numpy(np.int64)
    if whole is None or not weights.sum() or whole < 0:
        return found.assign(pledge_value_fen=pd.Series(pd.NA, index=found.index, dtype="Int64"))
    return found.assign(pledge_value_fen=largest_remainder(weights, np.array([int(whole)])))


def _in_force(tables: Any, day: str) -> pd.DataFrame:
    """Burdens with the parcel of their right, and whether they are in force on a day."""
    held, rights = tables["encumbrances"], tables["rights"]
    of_right = held["right"].map(rights.drop_duplicates("right").set_index("right")["parcel"])
    start, end = pd.to_datetime(held["start"]), pd.to_datetime(held["end"])
    on = pd.Timestamp(day)
    current = (start.isna() | (start <= on)) & (end.isna() | (end >= on))
    found: pd.DataFrame = held.assign(parcel=held["parcel"].fillna(of_right), in_force=current)
    return found


def _clauses(tables: Any) -> pd.DataFrame:
    """Every condition and clause with its words."""
    listed = pd.concat([tables["condition_counts"], tables["verdict_counts"]], ignore_index=True)
    found: pd.DataFrame = listed.drop_duplicates("clause")[["clause", "zh", "en"]]
    return found.reset_index(drop=True)


def _places(tables: Any) -> geopandas.GeoDataFrame:
    """Limits and names of townships and villages, from the layers that are there."""
    parts = list(_place_layers(tables))
    if not parts:
        empty: dict[str, list[str]] = {"code": [], "name": [], "level": []}
        return geopandas.GeoDataFrame(empty, geometry=[], crs="EPSG:4490")
    return geopandas.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=parts[0].crs)


def _place_layers(tables: Any) -> Iterator[geopandas.GeoDataFrame]:
    for role, level in (("boundary", "township"), ("villages", "village")):
        layer = tables.get(role)
        if layer is not None and {level, "location"} <= set(layer.columns):
            yield geopandas.GeoDataFrame(
                {"code": layer[level], "name": layer["location"], "level": level},
                geometry=layer.geometry,
                crs=layer.crs,
            )
