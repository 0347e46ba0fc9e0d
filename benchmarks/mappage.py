"""How soon a browser has drawn the whole map of a county, from a file and without a network.

``python benchmarks/mappage.py --size small|medium|full``

The page is one file with stands and parcels of the demo maker inside. Debian's Chromium opens it
from the disk, with the graphics card emulated in software. The first frame is the time from the
start of loading until the map is idle: every parcel in view is drawn, nothing is left to do. It is
told by the clock, which is what the promise names. Requests are those that are not for the file.
"""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd

import layers
import measuring
from ecogis.report import onemap

# stands, parcels, rounds
SIZES = {"small": (1_000, 2_000, 1), "medium": (50_000, 100_000, 3), "full": (50_000, 100_000, 7)}
LOCAL = ("file:", "blob:", "data:")
GRAPHICS = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
YEARS = 21
SEED = 9


def land(folder: Path) -> onemap.Land:
    """The layers with made-up classes: the page does not depend on what they mean."""
    stands, parcels = (layer.to_crs("EPSG:4490") for layer in layers.read(folder))
    rng = np.random.default_rng(SEED)
    few, many = len(stands), len(parcels)
    stands = geopandas.GeoDataFrame(
        {
            "stand": [f"{number:019d}" for number in range(few)],
            "township": [f"4418991{number % 20:02d}" for number in range(few)],
            "village": None,
            "land_class": rng.choice(["arbor_forest", "bamboo_forest", "cropland"], few),
            "species": rng.choice(["杉木", "马尾松", "桉树"], few),
            "species_en": "",
            "age_group": rng.choice(["young", "middle", "mature"], few),
            "age_yr": rng.integers(1, 40, few),
            "origin": "planted",
            "forest_category": "commercial",
            "planting_year": 2000,
            "area_dm2": 1_000_000,
        },
        geometry=stands.geometry.array,
        crs="EPSG:4490",
    )
    parcels = geopandas.GeoDataFrame(
        {
            "parcel": [f"441899101201JE{number:05d}" for number in range(many)],
            "location": "",
            "land_tenure": "household",
            "area_dm2": 500_000,
        },
        geometry=parcels.geometry.array,
        crs="EPSG:4490",
    )
    return onemap.Land(
        project={"name": "benchmark", "valuation_date": "2026-01-01", "run": "0" * 64},
        stands=stands,
        parcels=parcels,
        pieces=_no_pieces(),
        **_titles(parcels["parcel"], rng),
        clauses=pd.DataFrame({"clause": [], "zh": [], "en": []}),
        guideline=(),
        verdicts=pd.DataFrame(
            {name: [] for name in ("piece", "clause", "verdict", "reason", "reason_en")}
        ),
        places=geopandas.GeoDataFrame(
            {"code": [], "name": [], "level": []}, geometry=[], crs="EPSG:4490"
        ),
        instants=tuple(f"{2026 + year}-01-01" for year in range(YEARS)),
        stock_kg=rng.integers(50_000, 500_000, (few, 1)) + 9_000 * np.arange(YEARS),
        known=np.ones(few, bool),
    )


def _no_pieces() -> geopandas.GeoDataFrame:
    names = ("piece", "stand", "parcel", "area_dm2", "creditable", "pledgeable", "decided_by",
             "credit_kg", "pledgeable_kg", "pledge_value_fen")  # fmt: skip
    return geopandas.GeoDataFrame({name: [] for name in names}, geometry=[], crs="EPSG:4490")


def _titles(parcels: pd.Series, rng: np.random.Generator) -> dict[str, Any]:
    rights = pd.DataFrame(
        {
            "right": [f"Q{number:06d}" for number in range(len(parcels))],
            "unit_code": parcels + "L00000001",
            "parcel": parcels,
            "right_kind": "contract_management",
            "holder": [f"持有人{number:06d}" for number in rng.integers(0, 60_000, len(parcels))],
            "co_ownership": "sole",
            "share": 1.0,
            "certificate_no": "",
            "start": pd.Timestamp("2010-01-01"),
            "end": pd.Timestamp("2060-01-01"),
        }
    )
    bound = rng.random(len(parcels)) < 0.05
    held = pd.DataFrame(
        {
            "parcel": parcels[bound],
            "encumbrance_kind": "mortgage",
            "start": pd.Timestamp("2020-01-01"),
            "end": pd.NaT,
            "registration_no": "",
            "in_force": True,
        }
    )
    return {"rights": rights, "encumbrances": held}


def opened(page: Path) -> tuple[float, int]:
    """Seconds until every parcel in view is drawn, and requests that leave the machine."""
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    with sync_playwright() as tool:
        browser = tool.chromium.launch(
            executable_path=shutil.which("chromium") or "chromium", args=list(GRAPHICS)
        )
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(f"{page.as_uri()}#rights")
        tab.wait_for_selector("html[data-ready]", timeout=180_000)
        shown = tab.evaluate("ecogis.firstFrame") / 1000
        browser.close()
    return float(shown), sum(not url.startswith(LOCAL) for url in asked)


def main(given: list[str] | None = None) -> None:
    """Run one size; the last line is the summary."""
    size = measuring.arguments(__doc__, given).size
    stands, parcels, rounds = SIZES[size]
    measuring.row(benchmark="mappage", **measuring.versions())
    folder = layers.files(stands, parcels, dirty=False)
    content = land(folder)
    page = measuring.cache_folder("mappage") / f"{size}-{os.getpid()}.html"
    before = time.process_time()
    onemap.write_page(content, page)
    written = time.process_time() - before
    size_mb = page.stat().st_size / 1e6
    try:
        found = [opened(page) for _ in range(rounds)]
    finally:
        page.unlink()
    for seconds, requests in found:
        measuring.row(parcels=parcels, first_frame_s=seconds, requests=requests)
    measuring.summary(
        "mappage",
        size,
        first_frame_s=measuring.median([seconds for seconds, _ in found]),
        requests=max(requests for _, requests in found),
        page_mb=size_mb,
        write_cpu_s=written,
    )


if __name__ == "__main__":
    main()
