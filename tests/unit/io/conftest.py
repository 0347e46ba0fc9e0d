"""Tiny layers and a small profile: squares of about one hectare near 114E 23.5N."""

from pathlib import Path

import geopandas
import pandas as pd
import pytest
import shapely

from ecogis.core.findings import Findings

PROFILE = """
[profile]
id = "small"
roles = ["stands", "rights", "documents", "prices"]
zh = "小例"
en = "small example"
keep = ["REMARK"]

[columns.stand]
from = ["XBID", "小班编号"]

[columns.land_class]
from = ["DI_LEI"]
codes = "land_class"
required = true

[columns.species]
from = ["YOU_SHI_SZ"]
codes = "species"

[columns.age_yr]
from = ["PINGJUN_NL"]

[columns.standing_volume]
from = ["HUO_LMGQXJ"]
unit = "m3 ha-1"

[columns.area_record_ha]
from = ["MIAN_JI"]
unit = "mu"

[columns.planting_year]
from = ["ZLND"]
missing = ["0"]

[columns.survey_date]
from = ["GXSJ"]
dates = ["%Y%m%d"]

[codes.land_class]
111 = "arbor_forest"
601 = "cutover"
0 = ""

[codes.species]
121 = "杉木"
"""


@pytest.fixture
def findings() -> Findings:
    return Findings()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(PROFILE, encoding="utf-8")
    return path


@pytest.fixture
def stands() -> geopandas.GeoDataFrame:
    """Two squares of 100 m in zone 38 (EPSG:4526), 15 mu each."""
    return geopandas.GeoDataFrame(
        {
            "XBID": pd.array(["0012", "0013"], dtype="string"),
            "DI_LEI": ["111", "601"],
            "YOU_SHI_SZ": ["121", None],
            "PINGJUN_NL": pd.array([12, None], dtype="Int64"),
            "HUO_LMGQXJ": [96.5, None],
            "MIAN_JI": [15.0, 15.0],
            "ZLND": [2012, 0],
            "GXSJ": ["20241231", "20241231"],
            "REMARK": ["甲", "乙"],
        },
        geometry=[shapely.box(x, 2_600_000, x + 100, 2_600_100) for x in (38_500_000, 38_500_100)],
        crs="EPSG:4526",
    )


@pytest.fixture
def gpkg(tmp_path: Path, stands: geopandas.GeoDataFrame) -> Path:
    path = tmp_path / "stands.gpkg"
    stands.to_file(path, layer="小班", driver="GPKG", engine="pyogrio")
    return path
