"""A fifth of a county through the whole chain: it balances, and time grows with the land.

``pytest -m slow``
"""

import subprocess
import sys
from pathlib import Path

import pytest

import ecogis as eg
from ecogis import demo

ROOT = Path(__file__).parents[2]
STANDS = 20_000


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("county")
    subprocess.run(
        [sys.executable, str(ROOT / "data" / "demo" / "make.py"), "--stands", str(STANDS),
         "--out", str(folder), "--format", "gpkg"],
        check=True, capture_output=True, timeout=900,
    )  # fmt: skip
    text = (demo.folder() / "project.toml").read_text(encoding="utf-8")
    text = text.replace('formats = ["docx", "html", "pdf", "xlsx", "gpkg"]', "formats = []")
    (folder / "project.toml").write_text(text, encoding="utf-8")
    return eg.assess(folder / "project.toml")


@pytest.mark.slow
def test_land_adds_up_to_the_square_decimetre(result):
    total = result.summary["totals"]
    assert total["stands"] >= STANDS
    parts = (total["pieces_ha"], total["without_parcel_ha"], total["contested_ha"])
    assert sum(round(part * 1e6) for part in parts) == round(total["area_ha"] * 1e6)
    assert int(result.pieces["credit_kg"].sum()) == total["credit_kg"]


@pytest.mark.slow
def test_the_proportions_are_those_of_the_county(result):
    """Forest cover and volume per hectare of forest land, as the demo's README states them."""
    total = result.summary["totals"]
    assert total["forest_ha"] / total["area_ha"] == pytest.approx(0.877, abs=0.01)


@pytest.mark.slow
def test_the_balance_closes(result):
    balance = result.summary["balance"]
    for name, unit in (("area", "dm2"), ("volume", "dm3"), ("carbon", "kg")):
        opening, more, less, closing, rest = (
            balance[f"{name}_{line}_{unit}"]
            for line in ("opening", "additions", "reductions", "closing", "difference")
        )
        assert opening + more - less + rest == closing, name
