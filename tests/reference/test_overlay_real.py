"""Overlays others published or drew: small cases with results, and a forest over its owners."""

import geopandas
import numpy as np
import pytest
import shapely

from ecogis.core.findings import Findings
from ecogis.overlay import areas, pieces
from ecogis.quality import repair_rings
from ecogis.spatial import Source, to_canonical
from ecogis.spatial.plane import equal_area_plane, plane_of

PLANE = equal_area_plane(24.0, 113.0)
UNIT_M = 100.0  # what one unit of the published cases is drawn as
HA_DM2 = 1_000_000


@pytest.fixture(params=["polys", "strict"])
def case(request, shared_data):
    """Left, right, and the published intersection of one set."""
    folder = shared_data / "ref_overlay_qgis" / request.param
    if request.param == "polys":
        left, right, met = ("df1", "df2", "df1_df2-intersection")
        return tuple(geopandas.read_file(folder / f"{name}.geojson") for name in (left, right, met))
    whole = geopandas.read_file(folder / "polys_union_True.geojson")
    left = whole.dropna(subset=["col1"]).dissolve("col1").reset_index()
    right = whole.dropna(subset=["col2"]).dissolve("col2").reset_index()
    return left, right, geopandas.read_file(folder / "polys_intersection_True.geojson")


def named(layer, column):
    """A case's layer as stands in EPSG:4490."""
    shapes = shapely.transform(np.asarray(layer.geometry.array, dtype=object), lambda c: c * UNIT_M)
    names = [str(int(value)) for value in layer[column]]
    return geopandas.GeoDataFrame(
        {"stand": names}, geometry=list(PLANE.unproject(shapes)), crs=4490
    )


def test_published_intersections(case):
    left, right, met = case
    table = areas(named(left, "col1"), named(right, "col2"))
    found = table[table["kind"] == "common"]
    got = {(row.left, row.right): row.area_dm2 for row in found.itertuples()}
    size = shapely.area(np.asarray(met.geometry.array, dtype=object)) * HA_DM2
    rows = zip(met["col1"], met["col2"], size, strict=True)
    expected = {(str(int(a)), str(int(b))): round(land) for a, b, land in rows if land > 0}
    assert got.keys() == expected.keys()
    assert all(abs(got[pair] - expected[pair]) <= 2 for pair in got)


@pytest.mark.parametrize(
    ("file", "kinds"),
    [
        ("df1_df2-difference", ["left_only"]),
        ("df1_df2-difference-inverse", ["right_only"]),
        ("df1_df2-symmetric_difference", ["left_only", "right_only"]),
        ("df1_df2-union", ["common", "left_only", "right_only"]),
    ],
)
def test_published_differences_and_unions(shared_data, file, kinds):
    folder = shared_data / "ref_overlay_qgis" / "polys"
    left, right = (geopandas.read_file(folder / f"{name}.geojson") for name in ("df1", "df2"))
    table = areas(named(left, "col1"), named(right, "col2"))
    got = table.loc[table["kind"].isin(kinds), "area_dm2"].sum()
    drawn = geopandas.read_file(folder / f"{file}.geojson").geometry.array
    expected = shapely.area(np.asarray(drawn, dtype=object)).sum() * HA_DM2
    assert abs(got - expected) <= 2 * len(table)


@pytest.fixture(scope="module")
def vercors(shared_data):
    """A French forest mask (85 polygons) and the public forests, one invalid multipolygon."""
    folder = shared_data / "fr_aba_gis" / "GIS"
    layers = []
    for name, key in (("ForestMask", "stand"), ("Public4Montagnes", "parcel")):
        raw = geopandas.read_file(folder / f"{name}.shp")
        raw.insert(0, key, [f"{key}{row:03d}" for row in range(len(raw))])
        about = Source(f"{name}.shp", name, f"{key}s")
        layers.append(to_canonical(raw[[key, "geometry"]], raw.crs, about, Findings()))
    return layers


def test_an_invalid_multipolygon_is_told_and_takes_no_part(vercors):
    findings = Findings()
    over = pieces(*vercors, findings)
    assert findings.count("E344") == 1
    assert over.pieces.empty
    rest = over.stand_remainder
    assert (rest["area_dm2"] == rest["stand_dm2"]).all()
    assert rest["stand_dm2"].sum() * 1e-6 == pytest.approx(5_221, rel=0.005)  # ha, as published


def test_the_mended_forest_over_its_owners_is_that_of_geos(vercors):
    stands, parcels = vercors
    findings = Findings()
    mended = repair_rings(parcels, "parcels", findings)
    assert findings.count("E340") == 1
    over = pieces(stands, mended, findings, sliver_m2=0.0)
    plane = plane_of(stands.geometry.array, mended.geometry.array)
    left = plane.project(np.asarray(stands.geometry.array, dtype=object))
    owner = plane.project(np.asarray(mended.geometry.array, dtype=object))[0]
    exact = shapely.area(shapely.intersection(left, owner))
    found = over.pieces.set_index("stand")["area_dm2"].reindex(stands["stand"], fill_value=0)
    assert np.abs(found.to_numpy() / 100.0 - exact).max() < 0.011
    assert over.pieces.is_valid.all()
