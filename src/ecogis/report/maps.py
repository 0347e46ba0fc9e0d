"""Maps: location over relief, species, age groups, eligibility, rights, carbon density, value.

Layers come in EPSG:4490 and are drawn in the local 3-degree Gauss-Krüger zone.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Final

import geopandas
import numpy as np
import pandas as pd

from ecogis.core.vocabulary import code_label, codes
from ecogis.report.canvas import HATCHES, INK, shades
from ecogis.report.desk import Desk
from ecogis.report.present import KINDS, cell, verdict
from ecogis.report.sheetmap import MapSheet, layer_longitude, local_crs, map_sheet

__all__ = ["MAPS", "VERDICT_LOOKS", "layer_of", "location"]

_MOST_SPECIES: Final = 7
_NO_DATA: Final = "#f4f4f2"
_BELOW: Final = "#e2a08f"
VERDICT_LOOKS: Final = (
    ("yes", "#b9dd8f", ""),
    ("unknown", "#fdf3d0", "...."),
    ("no", "#8d86b8", "////"),
)
_CLASSES: Final = 5
_LINES: Final = 9.0  # boundary width times the root of the number of shapes [pt]


def layer_of(desk: Desk, name: str) -> geopandas.GeoDataFrame | None:
    """A result layer that has shapes, or nothing."""
    table = desk.source(name)
    if not isinstance(table, geopandas.GeoDataFrame) or not len(table):
        return None
    there = table[table.geometry.notna() & ~table.geometry.is_empty]
    return there if len(there) else None


def _finish(sheet: MapSheet, desk: Desk, layer: geopandas.GeoDataFrame) -> bytes:
    boundary = layer_of(desk, "boundary")
    if boundary is not None and sheet.crosses(boundary.geometry):
        sheet.lines(boundary.geometry, desk.words.word("drawing.boundary"), INK, 1.1, "-.")
    name = local_crs(layer_longitude(layer))[1]
    return sheet.finish(desk.words, name, desk.fact("project.valuation_date"))


def _areas(rows: pd.DataFrame, label: str, lang: str) -> str:
    """A legend entry with the area it stands for, where the layer knows it."""
    if "area_ha" not in rows.columns:
        return label
    kind = KINDS["ha"]
    whole = int((rows["area_ha"] * kind.steps).round().sum()) / kind.steps
    return f"{label} ({cell(whole, 'ha', lang)} {kind.unit(lang)})"


def _categories(
    desk: Desk,
    layer: geopandas.GeoDataFrame,
    values: pd.Series,
    entries: Iterable[tuple[str, str, str, str]],
) -> bytes:
    """A map of classes: `entries` are (value, label, colour, hatch) in the legend's order."""
    with map_sheet(layer) as sheet:
        missing = layer[values.isna()]
        for value, label, colour, hatch in entries:
            rows = layer[values == value]
            if len(rows):
                sheet.fill(rows.geometry, _areas(rows, label, desk.words.lang), colour, hatch)
        if len(missing):
            label = _areas(missing, desk.words.word("drawing.no_data"), desk.words.lang)
            sheet.fill(missing.geometry, label, _NO_DATA)
        return _finish(sheet, desk, layer)


def _species(desk: Desk) -> bytes | None:
    layer = layer_of(desk, "stands")
    if layer is None or "species" not in layer.columns:
        return None
    size = layer["area_ha"] if "area_ha" in layer.columns else layer["area_record_ha"]
    ranked = size.groupby(layer["species"]).sum().sort_values(ascending=False, kind="stable")
    shown = list(ranked.index[:_MOST_SPECIES])
    others = desk.words.word("drawing.others")
    values = layer["species"].astype(object).where(layer["species"].isin(shown), others)
    values = values.where(layer["species"].notna())
    names = [*shown, *([others] if len(ranked) > len(shown) else [])]
    label = dict(zip(layer["species"], layer.get("species_en", layer["species"]), strict=True))
    in_words = label if desk.words.lang == "en" else {}
    colours = shades(len(names))
    return _categories(
        desk,
        layer,
        values,
        [(n, str(in_words.get(n, n)), colours[i], HATCHES[i % 8]) for i, n in enumerate(names)],
    )


def _age(desk: Desk) -> bytes | None:
    layer = layer_of(desk, "stands")
    if layer is None or "age_group" not in layer.columns:
        return None
    groups = list(codes("age_group"))
    colours = shades(len(groups) + 2)
    return _categories(
        desk,
        layer,
        layer["age_group"],
        [
            (group, code_label("age_group", group, desk.words.lang), colours[i], HATCHES[i])
            for i, group in enumerate(groups)
        ],
    )


def _eligibility(desk: Desk) -> bytes | None:
    layer = layer_of(desk, "pieces")
    if layer is None or "creditable" not in layer.columns:
        return None
    values = layer["creditable"].map(verdict).astype(object)
    return _categories(
        desk,
        layer,
        values,
        [
            (value, code_label("verdict", value, desk.words.lang), colour, hatch)
            for value, colour, hatch in VERDICT_LOOKS
        ],
    )


def _rights(desk: Desk) -> bytes | None:
    layer = layer_of(desk, "parcels")
    if layer is None or not desk.has("rights"):
        return None
    states = _states(desk, layer)
    kinds = list(codes("encumbrance_kind"))
    word, lang = desk.words.word, desk.words.lang
    colours = shades(len(kinds) + 1)
    entries = [
        ("clear", word("drawing.clear"), "#dcefc7", ""),
        ("untitled", word("drawing.untitled"), "#ffffff", "...."),
        ("unnamed", word("drawing.burden_unnamed"), "#b8b8b8", "++++"),
        *(
            (kind, code_label("encumbrance_kind", kind, lang), colours[i + 1], HATCHES[1 + i])
            for i, kind in enumerate(kinds)
        ),
    ]
    return _categories(desk, layer, states, entries)


def _states(desk: Desk, parcels: geopandas.GeoDataFrame) -> pd.Series:
    """The right or the gravest encumbrance in force on each parcel at the valuation date."""
    day = pd.Timestamp(desk.amount("project.valuation_date"))
    rights = desk.source("rights")
    titled = parcels["parcel"].isin(rights["parcel"].dropna())
    states = pd.Series(np.where(titled, "clear", "untitled"), index=parcels.index, dtype=object)
    if not desk.has("encumbrances"):
        return states
    held = desk.source("encumbrances")
    start, end = pd.to_datetime(held["start"]), pd.to_datetime(held["end"])
    held = held[(start.isna() | (start <= day)) & (end.isna() | (end >= day))]
    of_right = held["right"].map(rights.drop_duplicates("right").set_index("right")["parcel"])
    bound = held["parcel"].fillna(of_right)
    # a burden of a kind nobody can read is a burden; the kinds that are known come over it
    states[parcels["parcel"].isin(bound.dropna())] = "unnamed"
    for kind in codes("encumbrance_kind"):
        states[parcels["parcel"].isin(bound[held["encumbrance_kind"] == kind].dropna())] = kind
    return states


def _carbon(desk: Desk) -> bytes | None:
    layer = layer_of(desk, "stands")
    if layer is None or not {"co2e_kg", "area_ha"} <= set(layer.columns):
        return None
    tonnes = layer["co2e_kg"].astype(float) / KINDS["t_kg"].per
    density = (tonnes / layer["area_ha"].where(layer["area_ha"] > 0)).where(tonnes > 0)
    return _classed(desk, layer, density, "density")


def _value(desk: Desk) -> bytes | None:
    """Each parcel by its part of the value, to the hectare."""
    layer, shared = layer_of(desk, "parcels"), desk.source("parcel_values")
    if layer is None or "value_fen_ha" not in shared.columns:
        return None
    by_parcel = shared.drop_duplicates("parcel").set_index("parcel")["value_fen_ha"]
    yuan = layer["parcel"].map(by_parcel).astype("Float64").astype(float) / KINDS["yuan"].per
    return _classed(desk, layer, yuan.where(yuan != 0), "value_density", bare="no_value")


def _classed(
    desk: Desk,
    layer: geopandas.GeoDataFrame,
    density: pd.Series,
    title: str,
    *,
    bare: str = "no_data",
) -> bytes | None:
    """A map of an amount in classes of about as many shapes each, light to dark, then below 0."""
    if density.notna().sum() == 0:
        return None
    above = density[density > 0].to_numpy()
    bounds = _breaks(above) if above.size else []
    place = pd.Series(np.searchsorted(bounds, density, side="right"), index=layer.index)
    place = place.where(density > 0)
    colours = shades(len(bounds) + 3)
    labels = [f"{low:,.0f} – {high:,.0f}" for low, high in pairwise([0, *bounds])]
    labels += [f"≥ {bounds[-1]:,.0f}"] if bounds else []
    with map_sheet(layer) as sheet:
        for number, label in enumerate(labels):
            rows = layer[place == number]
            sheet.fill(rows.geometry, label, colours[number], HATCHES[number % 2 * 2])
        sheet.fill(layer[density < 0].geometry, "< 0", _BELOW, "xxxx")
        sheet.fill(layer[density.isna()].geometry, desk.words.word(f"drawing.{bare}"), _NO_DATA)
        sheet.axes.set_title(desk.words.word(f"drawing.{title}"), fontsize=8.5)
        return _finish(sheet, desk, layer)


def _breaks(values: np.ndarray) -> list[float]:
    """Round class bounds near the quantiles."""
    raw = np.quantile(values, np.linspace(0, 1, _CLASSES + 1)[1:-1])
    step = max(10.0, 10.0 ** (np.floor(np.log10(raw[-1])) - 1)) if raw[-1] >= 50 else 1.0
    return sorted({max(step, float(np.round(value / step) * step)) for value in raw})


def location(desk: Desk, dem: Any = None) -> bytes | None:
    """Where the land lies, over shaded relief when there is an elevation model."""
    stands, parcels = layer_of(desk, "stands"), layer_of(desk, "parcels")
    layer = stands if stands is not None else parcels
    if layer is None:
        return None
    word = desk.words.word
    with map_sheet(layer) as sheet:
        if dem is not None:
            _relief(sheet, dem)
        if parcels is not None:
            sheet.lines(parcels.geometry, word("drawing.parcels"), "#b5542c", _thin(parcels, 0.7))
        if stands is not None:
            sheet.lines(stands.geometry, word("drawing.stands"), "#2f5d3a", _thin(stands, 0.4))
        _villages(sheet, desk)
        return _finish(sheet, desk, layer)


def _villages(sheet: MapSheet, desk: Desk) -> None:
    """Villages by name, from their own layer or else from the stands; codes are not written."""
    layer = layer_of(desk, "villages")
    if layer is not None and "location" in layer.columns:
        sheet.lines(layer.geometry, desk.words.word("drawing.villages"), INK, 0.5, ":")
        sheet.names(layer.geometry, layer["location"])
        return
    stands = layer_of(desk, "stands")
    if stands is not None and "village" in stands.columns:
        named = stands[~stands["village"].astype(str).str.isdigit()]
        sheet.names(named.geometry, named["village"])


def _thin(layer: geopandas.GeoDataFrame, width: float) -> float:
    """The more shapes, the thinner their boundaries, so that a dense layer stays readable. [pt]"""
    return float(np.clip(_LINES / np.sqrt(len(layer)), 0.1, width))


def _relief(sheet: MapSheet, dem: Any) -> None:
    """Shade the elevation model behind the map."""
    from matplotlib.colors import LightSource
    from rasterio import Affine
    from rasterio.warp import Resampling, reproject

    left, bottom, right, top = sheet.extent
    columns = 700
    rows = max(round(columns * (top - bottom) / (right - left)), 1)
    x, y = dem["x"].to_numpy(), dem["y"].to_numpy()
    dx, dy = abs(x[1] - x[0]), abs(y[1] - y[0])
    heights = np.full((rows, columns), np.nan, dtype="float32")
    reproject(
        np.asarray(dem.to_numpy() if y[0] > y[-1] else dem.to_numpy()[::-1], dtype="float32"),
        heights,
        src_transform=Affine(dx, 0.0, x.min() - dx / 2, 0.0, -dy, y.max() + dy / 2),
        src_crs=str(dem.attrs["crs"]),
        dst_transform=Affine((right - left) / columns, 0.0, left, 0.0, (bottom - top) / rows, top),
        dst_crs=sheet.crs,
        src_nodata=np.nan,
        dst_nodata=np.nan,
        resampling=Resampling.bilinear,
    )
    light = LightSource(azdeg=315, altdeg=45)
    ground = np.where(np.isnan(heights), np.nanmean(heights), heights)
    shade = light.hillshade(
        ground, vert_exag=2.0, dx=(right - left) / columns, dy=-(top - bottom) / rows
    )
    shade[np.isnan(heights)] = 1.0
    sheet.axes.imshow(
        shade, cmap="gray", vmin=-0.6, vmax=1, extent=(left, right, bottom, top), zorder=0
    )


MAPS: Final[Mapping[str, Callable[[Desk], bytes | None]]] = MappingProxyType(
    {
        "map_species": _species,
        "map_age": _age,
        "map_eligibility": _eligibility,
        "map_rights": _rights,
        "map_carbon": _carbon,
        "map_value": _value,
    }
)
"""Maps by name; one that lacks its layer gives nothing. The location map also takes the relief."""
