"""One demo from seed to files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from maker import cover, files, forest, history, land, layers, papers, title
from maker import faults as flaws
from maker.codebook import HERE
from maker.draws import Floats

FILES = (
    "stands.gpkg", "parcels.gpkg", "boundary.gpkg", "rights.csv", "encumbrances.csv",
    "documents.csv", "land_history.csv", "prices.csv", "dem.tif", "faults.csv",
)  # fmt: skip
DOCUMENTED = ("new_land", "no_record", "short_record")


def make(
    out: Path, seed: int, stands: int, parcels: int, *, surveys: int, parquet: bool, faults: bool
) -> dict[str, Any]:
    """Write a demo to a folder and count what is in it."""
    made = land.make(seed, stands, parcels)
    area = land.area_ha(land.placed(made.stands.geometry))
    grown = forest.make(made, area, seed)
    later, earlier = layers.stand_layers(made, grown, area)
    parcel_layer, known = _parcels(made, grown)
    owned = title.make(known, seed)
    past, found = history.make(later["XBID"].to_numpy(), grown.history, seed)
    filed = papers.numbered(found, start=len(owned.documents) + 1)
    documents = pd.concat([owned.documents, filed], ignore_index=True)
    records = documents[documents["document_kind"].eq("land_record")]
    past["document"] = past["stand"].map(records.set_index("subject")["document"])
    tables = _planted(later, parcel_layer, owned, documents, past, seed=seed if faults else None)
    _write(out, made, tables, earlier if surveys == 2 else None, parquet=parquet)
    return _counts(tables, area, grown, owned)


def _parcels(made: land.Land, grown: forest.Forest) -> tuple[Any, pd.DataFrame]:
    """The layer of parcels, and what title needs to know of each."""
    centre = shapely.point_on_surface(made.parcels)
    stand = layers.located(centre, made.stands.geometry)
    town, village = made.stands.township[stand], made.stands.village[stand]
    wooded = ~np.isin(grown.later["land"].to_numpy()[stand], cover.OPEN)
    layer = layers.parcel_layer(made, layers.numbers.village_code(town, village), wooded)
    planted = np.flatnonzero(grown.later["kind"].isin(DOCUMENTED))
    tree = shapely.STRtree(made.parcels)
    _, touched = tree.query(made.stands.geometry[planted], predicate="intersects")
    documented = np.zeros(len(layer), dtype=bool)
    documented[touched] = True
    held = forest.tenure(made, shapely.get_coordinates(shapely.centroid(made.parcels)))
    known = pd.DataFrame(
        {
            "parcel": layer["ZDDM"],
            "tenure": held,
            "forest": wooded,
            "documented": documented & wooded,
        }
    )
    return layer, known


def _planted(
    later: Any, parcels: Any, owned: title.Title, documents: pd.DataFrame, past: pd.DataFrame,
    *, seed: int | None,
) -> flaws.Tables:  # fmt: skip
    tables = flaws.Tables(later, parcels, owned.rights, owned.encumbrances, documents, past)
    if seed is not None:
        flaws.plant(tables, seed)
    return tables


def _write(
    out: Path, made: land.Land, tables: flaws.Tables, earlier: Any, *, parquet: bool
) -> None:
    surveys = {"小班_2024": tables.stands}
    if earlier is not None:
        surveys["小班_2019"] = earlier
    files.write_layers(out / "stands.gpkg", surveys, parquet=parquet)
    files.write_layers(out / "parcels.gpkg", {"宗地": tables.parcels}, parquet=parquet)
    bounds = {"乡镇": layers.boundary_layer(made), "村": layers.village_layer(made)}
    files.write_layers(out / "boundary.gpkg", bounds, parquet=False)
    for name in files.HEADERS:
        files.write_table(out / f"{name}.csv", name, getattr(tables, name))
    files.write_text(out / "prices.csv", (HERE / "prices.csv").read_text(encoding="utf-8"))
    files.write_terrain(out / "dem.tif", made)
    listed = pd.DataFrame(tables.listed, columns=["fault", "layer", "id", "expected"])
    listed.to_csv(out / "faults.csv", index=False, lineterminator="\n")


def _counts(
    tables: flaws.Tables, area: Floats, grown: forest.Forest, owned: title.Title
) -> dict[str, Any]:
    """What the demo holds, for the eye."""
    later = grown.later
    forest_land = ~later["land"].isin(cover.OPEN)
    wooded = later["land"].isin(cover.FOREST)
    volume = float((later["volume"] * area).sum())
    land_ha = float(area[forest_land].sum())
    return {
        "stands": len(tables.stands),
        "earlier stands": len(grown.earlier),
        "parcels": len(tables.parcels),
        "rights": len(tables.rights),
        "encumbrances": len(tables.encumbrances),
        "documents": len(tables.documents),
        "land ha": round(float(area.sum()), 2),
        "forest land ha": round(land_ha, 2),
        "forest cover": round(float(area[wooded].sum() / area.sum()), 4),
        "volume m3": round(volume),
        "volume m3/ha": round(volume / land_ha, 2),
        "planted on open land ha": round(float(area[later["kind"] == "new_land"].sum()), 2),
        "parcels in order": int(owned.cases.eq("in_order").sum()),
        "faults": len(tables.listed),
    }
