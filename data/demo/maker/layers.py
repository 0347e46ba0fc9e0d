"""The layers of the demo in the fields and codes of the stand map."""

from __future__ import annotations

import geopandas
import numpy as np
import pandas as pd
import shapely

from maker import land as ground
from maker import numbers
from maker.before import EARLIER, LATER
from maker.codebook import code, land_code
from maker.draws import Floats
from maker.forest import Forest, tenure
from maker.land import CRS, Land

OPEN_CODES = ("9",)  # land-class codes that begin so are not forest land
USES = {
    "protection": ("111", "112"),
    "special_use": ("127",),
    "economic": ("252",),
    "fuel": ("240",),
}
TIMBER = {"桉树": "231", "杉木": "232", "湿地松": "232"}


def stand_layers(
    land: Land, forest: Forest, area: Floats
) -> tuple[geopandas.GeoDataFrame, geopandas.GeoDataFrame]:
    """The later layer in upper-case names and the earlier layer in lower-case names."""
    later_number, earlier_number = numbers.stand_numbers(land.stands)
    past = ground.placed(land.stands.past_geometry)
    later = _stand_layer(forest.later, later_number, area, LATER)
    earlier = _stand_layer(forest.earlier, earlier_number, ground.area_ha(past), EARLIER)
    earlier.columns = [name.lower() for name in earlier.columns]
    return (
        geopandas.GeoDataFrame(later, geometry=ground.placed(land.stands.geometry), crs=CRS),
        geopandas.GeoDataFrame(earlier, geometry=past, crs=CRS),
    )


def _stand_layer(
    table: pd.DataFrame, number: pd.DataFrame, area: Floats, year: int
) -> pd.DataFrame:
    recorded = np.round(area, 3)
    wooded = table["species"].ne("").to_numpy()
    grown = table["age"].gt(0).to_numpy()
    village = number["village"]
    return pd.DataFrame(
        {
            "SHENG": "44",
            "SHI": "4418",
            "XIAN": numbers.COUNTY,
            "XIANG": number["township"],
            "CUN": village,
            "LIN_BAN": number["compartment"],
            "XIAO_BAN": number["number"],
            "XBID": number["stand"],
            "MIAN_JI": recorded,
            "DI_LEI": _lands(table["land"], table["species"]),
            "Q_DI_LEI": _lands(table["was"], table["was_species"]),
            "YOU_SHI_SZ": _coded("YOU_SHI_SZ", table["species"]),
            "QI_YUAN": _coded("QI_YUAN", table["origin"]),
            "PINGJUN_NL": _whole(table["age"], grown & wooded),
            "LING_ZU": _coded("LING_ZU", table["group"]),
            "YU_BI_DU": table["canopy"].to_numpy(),
            "HUO_LMGQXJ": table["volume"].to_numpy(),
            "ZXJ": np.round(table["volume"].to_numpy() * recorded, 2),
            "SEN_LIN_LB": _categories(table),
            "LIN_ZHONG": _uses(table),
            "LD_QS": _coded("LD_QS", table["tenure"]),
            "ZLND": _whole(table["planted"], table["planted"].gt(0).to_numpy()),
            "BHYY": _coded("BHYY", table["cause"]),
            "BHND": _whole(table["cause_year"], table["cause_year"].gt(0).to_numpy()),
            "GXSJ": f"{year}1231",
        }
    )


def _coded(field: str, words: pd.Series) -> pd.Series:
    table = {word: code(field, word) for word in words.unique() if word}
    return words.map(table).astype(object).where(words.ne(""), None).reset_index(drop=True)


def _lands(land: pd.Series, species: pd.Series) -> list[str]:
    return [land_code(word, tree) for word, tree in zip(land, species, strict=True)]


def _whole(values: pd.Series, known: np.ndarray) -> pd.Series:
    numbers_ = values.reset_index(drop=True).astype("Int32")
    return numbers_.where(pd.Series(known))


def _categories(table: pd.DataFrame) -> pd.Series:
    """Important and general forest of either category, by the use."""
    public, commercial = table["category"].eq("public_welfare"), table["category"].eq("commercial")
    important = table["use"].eq("special_use") | table["species"].isin(TIMBER)
    words = np.select(
        [public & important, public, commercial & important, commercial],
        ["11", "12", "21", "22"],
        "",
    )
    return pd.Series(words, dtype=object).where(words != "", None)


def _uses(table: pd.DataFrame) -> pd.Series:
    plain = table["use"].map({use: codes[0] for use, codes in USES.items()})
    timber = table["species"].map(TIMBER).where(table["origin"].eq("planted")).fillna("233")
    slope = table["use"].eq("protection") & table["site"].lt(0.95)
    out = plain.where(table["use"].ne("timber"), timber).where(~slope, USES["protection"][1])
    return out.astype(object).where(table["use"].ne(""), None).reset_index(drop=True)


def parcel_layer(land: Land, village: np.ndarray, forest: np.ndarray) -> geopandas.GeoDataFrame:
    """Parcels with their codes; `forest` says where the land is forest land."""
    shapes = ground.placed(land.parcels)
    held = tenure(land, shapely.get_coordinates(shapely.centroid(land.parcels)))
    names = [numbers.village_name(int(v[9:]) - 201) for v in village]
    parcels = numbers.parcel_numbers(village, held, forest)
    return geopandas.GeoDataFrame(
        {
            "ZDDM": parcels,
            "ZL": [
                f"演示县演示镇{name}第{c[14:]}号" for name, c in zip(names, parcels, strict=True)
            ],
            "ZDMJ": np.round(ground.area_ha(shapes) * 1e4, 1),
            "QSXZ": [code("LD_QS", word) for word in held],
        },
        geometry=shapes,
        crs=CRS,
    )


def boundary_layer(land: Land) -> geopandas.GeoDataFrame:
    """Townships and villages; a village carries its own code and name."""
    several = len(land.townships)
    towns = np.arange(several)
    rows = [
        (numbers.township_code(towns)[t], numbers.township_name(t, several), shape)
        for t, shape in enumerate(land.townships)
    ]
    return geopandas.GeoDataFrame(
        {"XIANG": [r[0] for r in rows], "NAME": [r[1] for r in rows]},
        geometry=ground.placed(np.asarray([r[2] for r in rows])),
        crs=CRS,
    )


def village_layer(land: Land) -> geopandas.GeoDataFrame:
    """Villages with their codes and names."""
    town, village, shapes = zip(*land.villages, strict=True)
    return geopandas.GeoDataFrame(
        {
            "CUN": numbers.village_code(np.asarray(town), np.asarray(village)),
            "NAME": [numbers.village_name(v) for v in village],
        },
        geometry=ground.placed(np.asarray(shapes)),
        crs=CRS,
    )


def located(points: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """Index of the shape each point lies in."""
    tree = shapely.STRtree(shapes)
    point, shape = tree.query(points, predicate="intersects")
    out = np.full(len(points), -1, dtype=np.int64)
    out[point[::-1]] = shape[::-1]
    return out
