"""Make the tables and rasters of the demo's account of ecosystem services.

`python data/demo/gep/make.py` writes them beside itself and into the package. Everything is made up
for a township that does not exist; no figure is of any real place.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import rasterio
from rasterio import Affine

HERE = Path(__file__).resolve().parent
PACKAGED = HERE.parents[2] / "src" / "ecogis" / "demo" / "gep"
TEXTURE = {"sand": 42.0, "silt": 36.0, "clay": 22.0, "organic_carbon": 18.0}
FILES = ("project.toml", "records.csv", "values.csv", "rain.tif", *(f"{n}.tif" for n in TEXTURE))
CELL = 1_800.0
SIDE = 6
RAIN_MM = (50, 70, 110, 150, 180, 190, 160, 160, 110, 60, 50, 40)

PARCELS = ("441899101204JE00001", "441899101205JE00001", "441899101201JE00001")
ACCEPTED = """  { code = "E487", because = "演示地形为虚构,坡度极大:超限小班不计土壤保持" },
"""
SECTION = """
# 演示镇生态产品总值;全部数据为虚构 / the account of ecosystem services; every figure is made up
[gep]
year = 2026
standard = "gep-gbt-46869@2025"
prices = "gep-prices-garze@2010"
because = "演示用假定:价格集仅用于演示,正式核算应采用本地价格"
records = "records.csv"
values = "values.csv"
soil = "Garze"
lake_region = "东部平原"
population = 12000.0
allowable_cut_m3 = 3000.0

# 由高程、逐月降水和土壤质地计算的土壤流失因子 / factors of soil loss of heights, rain and texture
[gep.terrain]
length_slope = "moore-burch"

[gep.terrain.rain]
files = ["rain.tif"]
formula = "wischmeier"

[gep.terrain.texture]
sand = "sand.tif"
silt = "silt.tif"
clay = "clay.tif"
organic_carbon = "organic_carbon.tif"
unit = "%"
carbon_unit = "g kg-1"
formula = "epic-china"

# 价格指数为虚构 / the index is made up
[gep.deflator]
index = { 2010 = 1.0, 2026 = 1.25 }
source = "演示用虚构指数"

# 借款人土地的生态产品价值,仅供交叉验证 / the borrower's land, a cross-check only
[gep.vep]
parcels = [PARCELS]
sold = { water_retention = 0.1, local_climate = 0.02 }
years = 10
rate = 0.05
because = "演示用假定:水和气候调节的一部分有人付费;碳已作为减排量质押,不再计入"
loan_cny = 300000.0
"""
RECORDS = """项目,分项,产品,乡镇,数量,单位,单价,其中来自区外,记录类型
products,crops,稻谷,441899101,1200,吨,2800,,
products,crops,蔬菜,441899101,3500,吨,3100,,
products,forest_products,木材,441899101,2600,立方米,900,,
products,livestock,生猪,441899101,300,吨,16000,120,
products,fishery,塘鱼,441899101,85,吨,15000,,
water_supply,water_domestic,,441899101,55,万立方米,2.6,,
water_supply,water_industry,,441899101,30,万立方米,3.1,,
flood_mitigation,lake,虚构湖,441899101,0.5,平方公里,,,
flood_mitigation,reservoir,虚构水库,441899101,120,万立方米,,,
tourism,visits,,,2.5,万人次,180,,
air_purification,so2,,,12,t,,,load
"""
VALUES = """变量,值,小班编号,地类
rain_mm,1520,,
runoff_mm,540,,乔木林地
runoff_mm,760,,
et_mm,700,,
cover_factor,0.006,,乔木林地
cover_factor,0.01,,竹林地
cover_factor,0.08,,
practice_factor,1,,
so2_t_ha,0.15,,乔木林地
dust_t_ha,10.1,,乔木林地
transpiration_heat,400,,乔木林地
cooling_days,80,,
"""


def main(arguments: list[str] | None = None) -> int:
    """Write the files and copy them into the package."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to")
    out = parser.parse_args(arguments).out
    out.mkdir(parents=True, exist_ok=True)
    make(out)
    if out == HERE:
        PACKAGED.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.copyfile(HERE / name, PACKAGED / name)
    sys.stdout.write("".join(f"{name}: {(out / name).stat().st_size} bytes\n" for name in FILES))
    return 0


def make(out: Path) -> None:
    """Write every file."""
    demo = (HERE.parent / "project.toml").read_text(encoding="utf-8")
    (out / "project.toml").write_text(project(demo), encoding="utf-8")
    (out / "records.csv").write_text(RECORDS, encoding="utf-8")
    (out / "values.csv").write_text(VALUES, encoding="utf-8")
    east = np.linspace(0.97, 1.03, SIDE)
    north = np.linspace(1.02, 0.98, SIDE)[:, None]
    _write(out / "rain.tif", [month * north * east for month in RAIN_MM], "mm")
    for name, value in TEXTURE.items():
        tilt = {"sand": 1.5, "clay": -1.5}.get(name, 0.0) * (east - 1.0) / 0.03
        unit = "g kg-1" if name == "organic_carbon" else "%"
        _write(out / f"{name}.tif", [np.broadcast_to(value + tilt, (SIDE, SIDE))], unit)


def project(demo: str) -> str:
    """The demo's project file with its inputs one folder up, and the section on services."""
    moved = re.sub(r'\bpath = "', 'path = "../', demo)
    named = moved.replace("评估(演示)", "评估及生态产品总值核算(演示)", 1)
    accepted = named.replace("accept = [\n", f"accept = [\n{ACCEPTED}", 1)
    parcels = ", ".join(f'"{parcel}"' for parcel in PARCELS)
    return accepted.rstrip() + "\n" + SECTION.replace("PARCELS", parcels)


def _write(path: Path, bands: list[np.ndarray], unit: str) -> None:
    """A small raster over the township, on the grid of its heights."""
    with rasterio.open(HERE.parent / "dem.tif") as heights:
        crs, west, north = heights.crs, heights.bounds.left, heights.bounds.top
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=SIDE,
        height=SIDE,
        count=len(bands),
        dtype="float32",
        crs=crs,
        nodata=-9999.0,
        transform=Affine(CELL, 0.0, west - CELL / 2, 0.0, -CELL, north + CELL / 2),
    ) as raster:
        for number, values in enumerate(bands, 1):
            raster.write(values.round(2).astype("float32"), number)
            raster.set_band_unit(number, unit)


if __name__ == "__main__":
    raise SystemExit(main())
