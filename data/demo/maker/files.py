"""The files of the demo: layers, tables, terrain. The same input gives the same bytes."""

from __future__ import annotations

import os
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyogrio
import rasterio
from rasterio.transform import from_origin

from maker.codebook import WORDS
from maker.land import CRS, DEM_STEP, PLACE, Land

STAMP = "2026-08-31T00:00:00Z"

HEADERS = {
    "rights": {
        "right": "权利编号", "unit_code": "不动产单元号", "right_kind": "权利类型",
        "holder": "权利人", "co_ownership": "共有情况", "share": "份额",
        "certificate_no": "证书号", "start": "起始日期", "end": "终止日期",
        "consent_document": "共有人同意书",
    },
    "encumbrances": {
        "encumbrance": "限制编号", "right": "权利编号", "parcel": "宗地代码",
        "encumbrance_kind": "限制类型", "start": "起始日期", "end": "终止日期",
        "registration_no": "登记号",
    },
    "documents": {
        "document": "文件编号", "document_kind": "文件类型", "subject_kind": "对象类型",
        "subject": "对象编号", "number": "文号", "date": "日期", "valid_until": "有效期至",
        "result": "结果", "issuer_kind": "出具方",
    },
    "land_history": {
        "stand": "小班编号", "year_from": "起始年", "year_to": "终止年", "land_class": "地类",
        "document": "文件编号",
    },
}  # fmt: skip
SPOKEN = ("right_kind", "co_ownership", "encumbrance_kind", "document_kind", "subject_kind",
          "result", "issuer_kind", "land_class")  # fmt: skip


def write_layers(path: Path, layers: dict[str, geopandas.GeoDataFrame], *, parquet: bool) -> None:
    """Layers of one GeoPackage, or one GeoParquet file for each layer."""
    if parquet:
        for name, layer in layers.items():
            target = (
                path.with_suffix(".parquet")
                if len(layers) == 1
                else path.with_name(f"{path.stem}_{name}.parquet")
            )
            layer.to_parquet(target, index=False)
        return
    path.unlink(missing_ok=True)
    os.environ["OGR_CURRENT_DATE"] = STAMP
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP})
    for number, (name, layer) in enumerate(layers.items()):
        pyogrio.write_dataframe(
            layer,
            path,
            layer=name,
            driver="GPKG",
            append=number > 0,
            geometry_type="Polygon",
            layer_options={"SPATIAL_INDEX": "NO"},
        )


def write_table(path: Path, name: str, table: pd.DataFrame) -> None:
    """CSV with a byte-order mark, Chinese headers and words, dates as YYYY-MM-DD."""
    headers = HEADERS[name]
    out = table[list(headers)].copy()
    for column in out:
        if column in SPOKEN:
            out[column] = out[column].map(WORDS, na_action="ignore")
        elif pd.api.types.is_datetime64_any_dtype(out[column]):
            out[column] = out[column].dt.strftime("%Y-%m-%d")
    if "share" in out:
        out["share"] = out["share"].map(lambda v: "" if pd.isna(v) else f"{v:g}")
    if "holder" in out:
        out["holder"] = out["holder"].map("持有人{:04d}".format)
    text = out.rename(columns=headers).to_csv(index=False, lineterminator="\n")
    write_text(path, text)


def write_text(path: Path, text: str) -> None:
    """Text with a byte-order mark, by which spreadsheets know UTF-8."""
    path.write_text("\ufeff" + text, encoding="utf-8", newline="\n")


def write_terrain(path: Path, land: Land) -> None:
    """Heights in whole metres, north up, one grid cell for each node of the relief."""
    relief = land.relief
    heights = np.round(relief.values[::-1]).astype(np.int16)
    north = relief.y0 + PLACE[1] + (relief.values.shape[0] - 0.5) * relief.step
    transform = from_origin(relief.x0 + PLACE[0] - relief.step / 2, north, DEM_STEP, DEM_STEP)
    with rasterio.open(
        path, "w", driver="GTiff", height=heights.shape[0], width=heights.shape[1], count=1,
        dtype="int16", crs=CRS, transform=transform, nodata=-32768, compress="deflate",
        predictor=2, tiled=True, blockxsize=256, blockysize=256,
    ) as target:  # fmt: skip
        target.write(heights, 1)
        target.set_band_unit(1, "m")
