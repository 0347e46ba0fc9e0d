"""The content of a page, block by block: what is drawn, what is found, what is said."""

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogis.core.errors import ConfigError, InputError
from ecogis.core.vocabulary import codes
from ecogis.report.onemap.packing import packed
from ecogis.report.onemap.source import Land, Words
from ecogis.report.onemap.tables import (
    Groups,
    groups,
    labels,
    parcel_table,
    piece_table,
    series,
    stand_table,
    title_table,
    verdict_table,
)
from ecogis.report.onemap.themes import Theme, themes
from ecogis.report.onemap.tiles import extent, is_dense, tiles, zooms

__all__ = ["BLOCKS", "blocks", "words_of"]

_KEYS: Final = {"stands": "stand", "parcels": "parcel", "pieces": "piece"}
BLOCKS: Final = (*(f"{name}-tiles" for name in _KEYS), *_KEYS, "series", "titles", "verdicts")
"""Names of the blocks beside the one a page starts with."""
_TAIL: Final = {"stands": 4, "parcels": 7}  # last characters of a code, written on the map


@cache
def words_of(lang: str) -> Words:
    """Texts of the page.

    Raises
    ------
    ConfigError
        E002: there are none in that language.
    """
    text = files("ecogis.report.onemap").joinpath("texts.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)
    if lang not in found:
        raise ConfigError("E002", value=lang, expected=", ".join(found))
    return cast(Words, found[lang])


def blocks(
    land: Land, *, lang: str, public: bool, notes: Sequence[str] = (), swallowed: int = 0
) -> Iterator[tuple[str, bytes]]:
    """Every block of a page: its name and its bytes. The first is what the page starts with.

    Parameters
    ----------
    land : Land
        What is shown; for the public already without what concerns persons.
    lang : {"zh", "en"}
        Language of the page.
    public : bool
        Whether themes and tables about titles and money are left out.
    notes : sequence of str
        Sentences at the foot of the page, before those made here.
    swallowed : int
        Shapes the notes already say are not drawn.

    Raises
    ------
    InputError
        E472: no stand has a shape.
    """
    words = words_of(lang)
    drawn = {name: _with_shape(getattr(land, name)) for name in _KEYS}
    if not len(drawn["stands"]):
        raise InputError("E472", value="stands")
    bounds = extent(drawn["stands"])
    found = groups(land)
    by_layer = _groups_by_layer(land, found)
    listed = themes(land, words, lang, public=public)
    missing = sum(len(getattr(land, name)) - len(drawn[name]) for name in _KEYS) - swallowed
    said = [*notes, *([str(words["unmapped"]).format(n=missing)] if missing else [])]
    if not public and (loose := _without_parcel(land)):
        said.append(str(words["burdens_loose"]).format(n=loose))
    levels = {name: zooms(bounds, len(layer)) for name, layer in drawn.items() if len(layer)}
    start = _start(land, listed, found, bounds, (words, lang, public, said))
    dense = [name for name in levels if is_dense(len(drawn[name]))]
    yield "start", packed(start | {"levels": levels, "dense": dense})
    for name, between in levels.items():
        layer = _attributed(land, name, drawn[name].index, listed, by_layer[name])
        yield f"{name}-tiles", tiles(layer, name, between)
    yield "stands", packed(stand_table(land, found, lang))
    yield "series", packed(series(land))
    yield "pieces", packed(piece_table(land, public=public))
    if not public:
        yield "parcels", packed(parcel_table(land, by_layer["parcels"]))
        yield "titles", packed(title_table(land))
        yield "verdicts", packed(verdict_table(land, lang))


def _start(
    land: Land,
    listed: list[Theme],
    found: Groups,
    bounds: tuple[float, float, float, float],
    said: tuple[Words, str, bool, list[str]],
) -> dict[str, Any]:
    words, lang, public, notes = said
    column = "en" if lang == "en" else "zh"
    return {
        "project": dict(land.project),
        "lang": lang,
        "public": public,
        "words": dict(words),
        "notes": notes,
        "bounds": list(bounds),
        "days": list(land.instants),
        "wide": not land.stock_kg.size or int(land.stock_kg.max()) < 2**32,
        "themes": [
            theme.record(getattr(land, theme.layer)["area_dm2"].to_numpy(np.int64))
            for theme in listed
        ],
        "level": found.level,
        "groups": found.names,
        "labels": labels(lang),
        "codes": {name: list(codes(name)) for name in ("land_class", "encumbrance_kind")},
        "clauses": [list(row) for row in zip(land.clauses["clause"], land.clauses[column],
                                             strict=True)],
        "guideline": list(land.guideline),
        "places": _places(land.places),
    }  # fmt: skip


def _without_parcel(land: Land) -> int:
    """Burdens in force that no parcel of the map can show."""
    held = land.encumbrances[land.encumbrances["in_force"]]
    return int((~held["parcel"].isin(land.parcels["parcel"].dropna())).sum())


def _with_shape(layer: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    there = layer.geometry.notna() & ~layer.geometry.is_empty
    return layer.reset_index(drop=True)[there.to_numpy()]


def _groups_by_layer(land: Land, found: Groups) -> dict[str, npt.NDArray[np.int64]]:
    """Group of every stand, piece and parcel; a parcel's is where most of its land lies."""
    of_stand = pd.Series(found.stand, index=land.stands["stand"].astype(object))
    of_stand = of_stand[~of_stand.index.duplicated()]
    pieces = pd.DataFrame(land.pieces[["parcel", "area_dm2"]]).assign(
        group=land.pieces["stand"].astype(object).map(of_stand).fillna(-1).astype("int64")
    )
    inside = pieces[pieces["group"].ge(0) & pieces["parcel"].notna()]
    sums = inside.groupby(["parcel", "group"], as_index=False).agg(dm2=("area_dm2", "sum"))
    ranked = sums.sort_values(["dm2", "group"], ascending=[False, True], kind="stable")
    most = ranked.drop_duplicates("parcel").set_index("parcel")["group"]
    of_parcel = land.parcels["parcel"].map(most)
    return {
        "stands": found.stand,
        "pieces": pieces["group"].to_numpy(np.int64),
        "parcels": of_parcel.fillna(-1).to_numpy().astype(np.int64),
    }


def _attributed(
    land: Land, name: str, kept: pd.Index, listed: list[Theme], group: npt.NDArray[np.int64]
) -> geopandas.GeoDataFrame:
    """The shapes with row, group, number and the classes of the layer's themes."""
    whole = getattr(land, name).reset_index(drop=True)
    columns: dict[str, Any] = {"n": np.arange(len(whole), dtype=np.int32), "g": group}
    if name in _TAIL:
        columns["t"] = whole[_KEYS[name]].astype(object).fillna("").str[-_TAIL[name] :]
    columns |= {theme.column: theme.values for theme in listed if theme.layer == name}
    table = geopandas.GeoDataFrame(columns, geometry=whole.geometry, crs=whole.crs)
    return table.loc[kept]


def _places(places: geopandas.GeoDataFrame) -> dict[str, Any]:
    """Limits and names as GeoJSON, to a metre."""
    there = _with_shape(places)
    shapes = shapely.set_precision(shapely.force_2d(there.geometry.to_numpy()), 1e-5)
    middles = shapely.point_on_surface(shapes)
    rows = zip(there["name"], there["level"], shapes, middles, strict=True)
    features = [
        {"type": "Feature", "properties": {"name": str(name), "level": level},
         "geometry": shapely.geometry.mapping(shape)}
        for name, level, outline, middle in rows
        for shape in (outline, middle)
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features}
