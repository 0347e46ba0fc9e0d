"""The repair of rings: bounded, and told each time."""

import subprocess
import sys

import geopandas
import numpy as np
import pytest
import shapely
from shapely import box

from ecogis.core.findings import Findings
from ecogis.quality import repair_rings
from ecogis.spatial.area import ellipsoidal_area_m2
from ecogis.spatial.bounded import Bounds
from ecogis.spatial.plane import equal_area_plane

PLANE = equal_area_plane(24.0, 113.0)


def layer(*shapes):
    names = [f"S{number}" for number in range(1, len(shapes) + 1)]
    drawn = [None if shape is None else PLANE.unproject(shape) for shape in shapes]
    return geopandas.GeoDataFrame({"stand": names}, geometry=drawn, crs=4490)


def repaired(*shapes, role="stands", **limits):
    findings = Findings()
    given = layer(*shapes)
    if role == "parcels":
        given = given.rename(columns={"stand": "parcel"})
    return repair_rings(given, role, findings, **limits), findings


# a square of 100 m with a spike of 0.1 m that folds over itself at the corner
SPIKE = shapely.Polygon(
    [(0, 0), (100, 0), (100, 100), (50, 100), (50.1, 100.1), (50.1, 99.9), (0, 100)]
)
BOW_TIE = shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)])


def star(points):
    angle = np.arange(points + 1) * 2 * np.pi * (points // 2) / points
    return shapely.Polygon(np.column_stack([50 * np.cos(angle), 50 * np.sin(angle)]))


def test_sound_polygons_are_left_alone():
    given = layer(box(0, 0, 100, 100), None)
    findings = Findings()
    out = repair_rings(given, "stands", findings)
    assert findings.count() == 0
    assert out.geometry.iloc[0].equals_exact(given.geometry.iloc[0], 0)
    assert out.geometry.iloc[1] is None


def test_a_small_repair_is_made_and_told():
    out, findings = repaired(box(200, 0, 300, 100), SPIKE)
    told = findings.table().iloc[0]
    assert (told["code"], told["action"], told["feature"], told["row"]) == (
        "E340",
        "repaired",
        "S2",
        2,
    )
    assert "Self-intersection at 113.0" in told["message_en"]
    assert "?" not in told["message_en"]
    assert out.is_valid.all()
    assert findings.excluded("stands") == set()


def test_a_large_repair_keeps_the_land_and_excludes_the_stand():
    out, findings = repaired(BOW_TIE)
    assert findings.table()[["code", "action"]].values.tolist() == [["E342", "excluded"]]
    assert findings.excluded("stands") == {"S1"}
    assert shapely.area(PLANE.project(out.geometry.iloc[0])) == pytest.approx(5_000)


def test_the_limit_is_the_caller_s():
    assert repaired(SPIKE, max_change=1e-9)[1].count("E342") == 1
    assert repaired(BOW_TIE, max_change=1.0)[1].count("E340") == 1


def test_parcels_are_named_by_their_own_key():
    assert repaired(BOW_TIE, role="parcels")[1].excluded("parcels") == {"S1"}


def test_a_polygon_that_crosses_itself_too_often_is_not_tried():
    out, findings = repaired(BOW_TIE, star(101), max_crossings=1)
    told = findings.table().set_index("feature")
    assert told["code"].to_dict() == {"S1": "E342", "S2": "E341"}
    assert told.loc["S2", "action"] == "excluded"
    kept = ellipsoidal_area_m2(out.geometry.array)[1] / 10_000.0  # as the totals have it
    assert told.loc["S2", "area_ha"] == pytest.approx(kept)
    assert "more than 1 self-crossings" in told.loc["S2", "message_en"]
    assert "?" not in told.loc["S2", "message_zh"]
    assert out.is_valid.tolist() == [True, False]


def test_a_polygon_that_uses_up_its_time_is_left_and_the_rest_goes_on():
    """501 vertices need some three seconds; the child is given a twentieth."""
    out, findings = repaired(
        star(501), BOW_TIE, box(0, 0, 1, 1), max_crossings=10**6, bounds=Bounds(seconds=0.15)
    )
    told = findings.table()
    assert told[["feature", "code", "action"]].values.tolist() == [
        ["S1", "E341", "excluded"],
        ["S2", "E342", "excluded"],
    ]
    assert "took over 0.15 s" in told["message_en"].iloc[0]
    assert len(out) == 3
    assert out.is_valid.tolist() == [False, True, True]


def test_nothing_is_started_where_every_ring_is_valid(monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", None)
    assert repaired(box(0, 0, 100, 100))[1].count() == 0


def test_a_child_that_cannot_start_costs_its_polygons_and_no_more(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    _, findings = repaired(BOW_TIE, box(0, 0, 1, 1))
    told = findings.table()
    assert told[["feature", "code"]].values.tolist() == [["S1", "E341"]]
    assert "could not be started" in told["message_en"].iloc[0]


def test_what_collapses_leaves_no_polygon():
    flat = shapely.Polygon([(0, 0), (100, 0), (50, 0)])
    out, findings = repaired(flat)
    assert findings.count() == 1
    assert out.geometry.iloc[0].is_empty


@pytest.mark.filterwarnings("error")
def test_a_hole_larger_than_its_shell_earns_nothing():
    ring = [(40, 40), (60, 40), (60, 60), (40, 60)]
    hole = [(0, 0), (100, 0), (100, 100), (0, 100)]
    _, findings = repaired(shapely.Polygon(ring, [hole]))
    assert findings.table()[["code", "action"]].to_numpy().tolist() == [["E342", "excluded"]]
