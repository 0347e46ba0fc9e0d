"""Rasters under polygons: by hand, by law, and against exactextract."""

from dataclasses import dataclass, replace

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogis.core.errors import ConfigError, InputError, UnitError
from ecogis.core.findings import Findings
from ecogis.spatial import covered
from ecogis.spatial.area import ellipsoidal_area_m2
from ecogis.spatial.grids import Grid, grid_of
from ecogis.spatial.zonal import STATISTICS, statistics

EPSG = "EPSG:4547"
CELL = 10.0  # m


def raster(values, *, crs=EPSG, cell=CELL, west=500_000.0, north=2_600_000.0):
    """North-up raster whose top left corner is at west, north."""
    values = np.asarray(values)
    rows, columns = values.shape
    return xr.DataArray(
        values,
        {
            "y": north - cell * (np.arange(rows) + 0.5),
            "x": west + cell * (np.arange(columns) + 0.5),
        },
        ("y", "x"),
        attrs={"crs": crs},
    )


def at(*shapes, crs=EPSG, cell=CELL, west=500_000.0, north=2_600_000.0):
    """Polygons drawn in cells right and down of the raster's corner."""
    moved = [
        shape and shapely.transform(shape, lambda xy: [west, north] + xy * [cell, -cell])
        for shape in shapes
    ]
    return geopandas.GeoSeries(moved, crs=crs)


def box(left, top, right, bottom):
    return shapely.box(left, top, right, bottom)


@dataclass(frozen=True)
class Blocks:
    """A raster read by windows that remembers what was asked of it."""

    values: np.ndarray
    grid: Grid
    block_rows: int
    asked: list

    def window(self, rows, columns):
        self.asked.append((rows.start, rows.stop, columns.start, columns.stop))
        return np.ascontiguousarray(self.values[rows, columns])


NUMBERS = np.arange(1.0, 13.0).reshape(3, 4)  # 1 2 3 4 / 5 6 7 8 / 9 10 11 12


def test_squares_by_hand():
    shapes = at(box(1, 0, 3, 2), box(0.5, 0.5, 1.5, 1.5), box(2.2, 1.1, 2.7, 1.9))
    found = statistics(shapes, raster(NUMBERS))
    expected = {
        "covered": [4.0, 1.0, 0.4],
        "covered_area": [400.0, 100.0, 40.0],
        "uncovered_share": [0.0, 0.0, 0.0],
        "mean": [4.5, 3.5, 7.0],
        "sum": [18.0, 3.5, 2.8],
        "min": [2.0, 1.0, 7.0],
        "max": [7.0, 6.0, 7.0],
        "stdev": [np.sqrt(4.25), np.sqrt(4.25), 0.0],
    }
    pd.testing.assert_frame_equal(found, pd.DataFrame(expected), atol=1e-9)


def test_holes_and_parts():
    ring = box(0, 0, 3, 3).difference(box(1, 1, 2, 2))
    parts = shapely.MultiPolygon([box(0, 0, 1, 1), box(3, 2, 4, 3)])
    both = shapely.GeometryCollection([parts, shapely.Point(9, 9)])
    found = statistics(at(ring, parts, both), raster(NUMBERS), statistics=["sum"])
    assert found["covered"].tolist() == [8.0, 2.0, 2.0]
    assert found["uncovered_share"].tolist() == [0.0, 0.0, 0.0]
    assert found["sum"].tolist() == pytest.approx([48.0, 13.0, 13.0])


def test_the_index_and_the_order_of_columns_are_the_caller_s():
    layer = geopandas.GeoDataFrame(geometry=at(box(0, 0, 1, 1), box(1, 0, 2, 1)))
    layer.index = ["b", "a"]
    found = statistics(layer, raster(NUMBERS), statistics=["max", "mean"])
    assert found.index.tolist() == ["b", "a"]
    assert found.columns.tolist()[3:] == ["max", "mean"]
    assert found["max"].tolist() == [1.0, 2.0]


def test_no_shapes_no_rows():
    findings = Findings()
    found = statistics(at(), raster(NUMBERS), findings=findings, classes=[1])
    assert found.shape == (0, 3 + 5 + 4)
    assert findings.count() == 0


def test_classes_by_covered_area():
    codes = np.array([[11, 11, 42, 42], [11, 11, 42, 42], [7, 7, 7, 7]], dtype=np.uint8)
    found = statistics(
        at(box(1, 1, 3, 3), box(0, 0, 0.5, 0.5)), raster(codes), statistics=(), classes=[42, 11, 99]
    )
    assert found.columns.tolist()[3:] == [
        *("share_42", "share_11", "share_99", "share_other"),
        *("area_42", "area_11", "area_99", "area_other"),
    ]
    assert found.loc[0].tolist()[3:] == [0.25, 0.25, 0.0, 0.5, 100.0, 100.0, 0.0, 200.0]
    assert found.loc[1].tolist()[3:] == [0.0, 1.0, 0.0, 0.0, 0.0, 25.0, 0.0, 0.0]


def holed():
    values = NUMBERS.copy()
    values[:, 3] = np.nan
    values[2, 0] = np.inf
    return raster(values)


def test_what_has_no_value_is_left_out_and_told():
    shapes = at(
        box(0, 0, 1, 1),  # whole
        box(2, 0, 4, 1),  # half on missing cells
        box(-3, 0, 1, 1),  # three quarters off
        box(3, 0, 4, 3),  # all missing
        box(9, 9, 10, 10),  # all off
        box(0, 2, 1, 3),  # infinite
        box(1, 0, 3.005, 1),  # 0.25 % missing
    )
    findings = Findings()
    found = statistics(shapes, holed(), findings=findings, keys=list("abcdefg"), layer="stands")
    assert found["covered"].tolist() == pytest.approx([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 2.0])
    assert found["uncovered_share"].tolist() == pytest.approx(
        [0, 0.5, 0.75, 1, 1, 1, 0.005 / 2.005]
    )
    assert found["mean"].tolist() == pytest.approx([1, 3, 1, *[np.nan] * 3, 2.5], nan_ok=True)
    assert found.loc[3:5, list(STATISTICS)].isna().all(axis=None)
    assert (found.loc[3:5, ["covered", "covered_area"]] == 0.0).all(axis=None)
    table = findings.table()
    told = list(zip(table["code"], table["feature"], table["observed"], strict=True))
    assert told == [
        ("E632", "b", "50.0"),
        ("E632", "c", "75.0"),
        ("E633", "d", "100.0"),
        ("E633", "e", "100.0"),
        ("E633", "f", "100.0"),
    ]
    assert table["area_ha"].tolist() == pytest.approx([0.01, 0.03, 0.03, 0.01, 0.01])
    assert set(table["layer"]) == {"stands"}


@pytest.mark.parametrize("dtype", ["int16", "float32", "float64"])
def test_a_fill_value_that_is_still_in_the_cells_is_missing(dtype):
    values = raster(NUMBERS.astype(dtype)).assign_attrs(crs=EPSG, _FillValue=2)
    found = statistics(at(box(0, 0, 3, 1)), values).loc[0]
    assert found[["covered", "mean"]].tolist() == [2.0, 2.0]


def test_the_limit_is_the_caller_s():
    shape = at(box(1, 0, 3.005, 1))
    for limit, count in ((0.0, 1), (0.002, 1), (0.003, 0)):
        findings = Findings()
        statistics(shape, holed(), findings=findings, limit=limit)
        assert findings.count("E632") == count
    with pytest.raises(UnitError, match=r"E007.*limit"):
        statistics(shape, holed(), limit=5)


def test_classes_are_shares_of_what_is_known():
    found = statistics(at(box(0, 1, 4, 3)), holed(), statistics=(), classes=[5, 6, 11]).loc[0]
    assert found["covered_area"] == 500.0
    assert found["share_5"] == 0.2
    assert found[["area_5", "area_6", "area_11", "area_other"]].tolist() == [100, 100, 100, 200]


def test_values_beside_a_polygon_do_not_touch_its_figures():
    values = np.array([[np.nan, 1e30, 5.25, 1e30]])
    parts = shapely.MultiPolygon([box(0, 0, 1, 1), box(2, 0, 3, 1)])
    grid = grid_of(raster(NUMBERS))
    source = Blocks(values, replace(grid, rows=1), 1, [])
    found = statistics(at(parts), source).loc[0]
    assert found[["mean", "sum", "min", "max", "stdev"]].tolist() == [5.25, 5.25, 5.25, 5.25, 0.0]


def test_class_areas_are_missing_where_nothing_is_known():
    found = statistics(at(box(3, 0, 4, 3)), holed(), classes=[1])
    assert found.filter(regex="^(share|area)_").isna().all(axis=None)


def test_rows_without_a_polygon_have_no_figures():
    corners = shapely.get_coordinates(box(0, 0, 1, 1))
    corners[2, 0] = np.nan
    bad = shapely.set_coordinates(box(0, 0, 1, 1), corners)
    shapes = at(None, shapely.Point(1, 1), shapely.Polygon(), box(0, 0, 1, 1), box(0, 0, 1, 1))
    shapes.iloc[3] = bad
    findings = Findings()
    found = statistics(shapes, raster(NUMBERS), findings=findings)
    assert found.loc[:3].isna().all(axis=None)
    assert found.loc[4, "mean"] == 1.0
    table = findings.table()
    assert table["code"].tolist() == ["E634"] * 4
    assert table["observed"].tolist() == ["—", "Point", "Polygon", "Polygon"]


def test_a_polygon_that_covers_land_twice_has_no_figures():
    bow_tie = shapely.Polygon([(0, 0), (3, 3), (3, 0), (0, 3)])
    twice = shapely.MultiPolygon([box(0, 0, 2, 2), box(1, 1, 3, 3)])
    findings = Findings()
    found = statistics(at(bow_tie, twice, box(0, 0, 2, 2)), raster(NUMBERS), findings=findings)
    assert found.loc[:1].isna().all(axis=None)
    assert found.loc[2, "mean"] == 3.5
    assert findings.table()["code"].tolist() == ["E635", "E635"]


def test_coordinate_systems_must_be_one():
    values, shape = raster(NUMBERS), at(box(0, 0, 1, 1))
    with pytest.raises(InputError, match=r"E630.*EPSG:4526.*EPSG:4547.*to_crs"):
        statistics(shape.set_crs("EPSG:4526", allow_override=True), values)
    with pytest.raises(InputError, match=r"E631.*pieces"):
        statistics(shape.set_crs(None, allow_override=True), values)
    with pytest.raises(InputError, match=r"E631.*height"):
        statistics(shape, values.rename("height").assign_attrs(crs=None))
    with pytest.raises(InputError, match=r"E631.*nonsense"):
        statistics(shape, values.assign_attrs(crs="nonsense"))


def test_a_height_system_beside_the_plane_does_not_matter():
    values = raster(NUMBERS, crs="EPSG:32650+5703")
    assert statistics(at(box(0, 0, 1, 1), crs="EPSG:32650"), values)["mean"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"statistics": ["median"]}, "E002.*median.*stdev"),
        ({"weights": "people"}, "E002.*people"),
        ({"threads": 0}, "E002"),
        ({"classes": [1, 2, 1]}, "E639"),
        ({"classes": [np.nan]}, "E639"),
        ({"keys": ["a", "b"]}, "E638.*2.*1|E638.*1.*2"),
    ],
)
def test_wrong_calls(given, code):
    with pytest.raises(ConfigError, match=code):
        statistics(at(box(0, 0, 1, 1)), raster(NUMBERS), **given)


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.transpose("x", "y"),
        lambda r: r.drop_vars("x"),
        lambda r: r.isel(y=slice(0, 1)),
        lambda r: r.assign_coords(x=[0.0, 1.0, 2.0, 4.0]),
        lambda r: r.assign_coords(x=[1.0, 1.0, 1.0, 1.0]),
        lambda r: r.assign_coords(x=[1.0, np.nan, 2.0, 3.0]),
    ],
)
def test_arrays_that_are_no_grid(change):
    with pytest.raises(InputError, match="E636"):
        statistics(at(box(0, 0, 1, 1)), change(raster(NUMBERS)))


def test_either_way_up_and_either_way_round():
    shapes = at(*SOME)
    whole = statistics(shapes, raster(NUMBERS))
    for turned in (raster(NUMBERS)[::-1], raster(NUMBERS)[:, ::-1], raster(NUMBERS)[::-1, ::-1]):
        pd.testing.assert_frame_equal(statistics(shapes, turned), whole, rtol=1e-9)


def test_values_far_from_zero_keep_their_spread():
    values = 1e9 + NUMBERS
    found = statistics(at(box(0, 0, 4, 3)), raster(values))
    assert found.loc[0, "stdev"] == pytest.approx(NUMBERS.std(), rel=1e-12)


def test_a_plane_that_shows_areas_wrong_is_told():
    shape = at(box(0, 0, 1, 1), crs="EPSG:3857")
    findings = Findings()
    found = statistics(shape, raster(NUMBERS, crs="EPSG:3857"), findings=findings)
    assert found["covered_area"].tolist() == pytest.approx([100.0])
    assert findings.table()["code"].tolist() == ["E637"]
    assert "17." in findings.table()["message_en"][0]  # 1 / cos(22.7 degrees) squared
    statistics(at(box(0, 0, 1, 1)), raster(NUMBERS), findings=(fine := Findings()))
    assert fine.count() == 0


def test_feet_are_feet():
    foot = 1200 / 3937  # m, US survey
    found = statistics(
        at(box(0, 0, 2, 1), crs="EPSG:2264"), raster(NUMBERS, crs="EPSG:2264"), statistics=()
    )
    assert found.loc[0, "covered_area"] == pytest.approx(200 * foot**2)


# --- longitude and latitude -------------------------------------------------------------------

DEGREES = {"crs": "EPSG:4490", "cell": 0.25, "west": 100.0, "north": 60.0}


def test_cells_of_degrees_weigh_their_area():
    rows = np.repeat(np.arange(20.0)[:, None], 3, axis=1)
    shapes = at(box(0, 0, 3, 20), box(1, 4, 2, 6), **DEGREES)
    found = statistics(shapes, raster(rows, **DEGREES))
    area = ellipsoidal_area_m2(
        [box(0, 60 - 0.25 * (r + 1), 0.25, 60 - 0.25 * r) for r in range(20)]
    )
    assert found["covered_area"].tolist() == pytest.approx(
        [3 * area.sum(), area[4:6].sum()], rel=1e-11
    )
    assert found["covered_area"].tolist() == pytest.approx(
        list(ellipsoidal_area_m2(list(shapes))), rel=1e-11
    )
    mean = np.average(np.arange(20), weights=area)
    spread = np.sqrt(np.average((np.arange(20) - mean) ** 2, weights=area))
    assert found.loc[0, "mean"] == pytest.approx(mean, rel=1e-12)
    assert found.loc[0, "stdev"] == pytest.approx(spread, rel=1e-12)
    assert found.loc[0, "sum"] == pytest.approx(570.0)
    plain = statistics(shapes, raster(rows, **DEGREES), weights="cells")
    assert plain.loc[0, "mean"] == pytest.approx(9.5)
    assert plain.loc[0, "covered_area"] == found.loc[0, "covered_area"]


def test_the_area_at_stake_is_in_hectares_at_its_latitude():
    shapes = at(box(-1, 0, 1, 1), box(0, 19, 1, 21), box(0, 90, 1, 91), **DEGREES)
    findings = Findings()
    statistics(shapes, raster(np.ones((20, 3)), **DEGREES), findings=findings)
    table = findings.table().sort_values("feature")
    assert table["code"].tolist() == ["E632", "E632", "E633"]
    land = ellipsoidal_area_m2(list(shapes)) / 1e4 * [0.5, 0.5, 1.0]
    np.testing.assert_allclose(table["area_ha"][:2], land[:2], rtol=0.01)
    # off the raster by 70 rows: counted as the cells of its last row
    np.testing.assert_allclose(table["area_ha"].iloc[2], land[1], rtol=0.01)


def test_class_areas_of_degrees_add_up_to_the_covered_area():
    codes = np.random.default_rng(2).integers(0, 3, (20, 20))
    shapes = at(shapely.Point(9, 9).buffer(7), **DEGREES)
    found = statistics(shapes, raster(codes, **DEGREES), classes=[0, 1], weights="cells").loc[0]
    areas = found[["area_0", "area_1", "area_other"]]
    assert areas.sum() == pytest.approx(found["covered_area"], rel=1e-12)
    np.testing.assert_allclose(found[["share_0", "share_1", "share_other"]], areas / areas.sum())


def test_a_sphere_and_beyond_the_pole():
    sphere = "+proj=longlat +R=6371000 +no_defs"
    grid = grid_of(raster(np.zeros((3, 4)), crs=sphere, cell=60.0, west=0.0, north=150.0))
    zone = np.diff(np.sin(np.radians([-30, 30, 90])))[::-1]
    expected = 6371000.0**2 * np.pi / 3 * np.array([0.0, zone[0], zone[1]])
    np.testing.assert_allclose(grid.cell_areas(), expected, rtol=1e-12)


# --- laws -------------------------------------------------------------------------------------


def star(rng, centre, reach, points=14):
    angle = np.sort(rng.uniform(0, 2 * np.pi, points))
    radius = reach * rng.uniform(0.3, 1.0, points)
    one = shapely.Polygon(
        np.column_stack([centre[0] + radius * np.cos(angle), centre[1] + radius * np.sin(angle)])
    )
    return shapely.make_valid(one, method="structure")


def stars(seed, count=12, size=40):
    rng = np.random.default_rng(seed)
    return [star(rng, rng.uniform(-3, size + 3, 2), rng.uniform(0.2, 12)) for _ in range(count)]


SOME = (box(0.3, 0.2, 3.4, 2.5), shapely.Point(2, 1).buffer(1.3), box(-1, -1, 1.5, 1.25))


def field(seed, size=40, dtype=np.float64):
    rng = np.random.default_rng(seed)
    values = rng.normal(100, 20, (size, size)).astype(dtype)
    values[rng.random((size, size)) < 0.05] = np.nan
    return values


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_pieces_of_a_tiling_add_up_to_the_whole(seed):
    rng = np.random.default_rng(seed)
    whole = star(rng, (20, 20), 25)
    points = shapely.MultiPoint(rng.uniform(0, 40, (15, 2)))
    tiles = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=whole.envelope))
    pieces = [one for one in shapely.intersection(tiles, whole) if not one.is_empty]
    values = raster(field(seed))
    names = ("covered", "covered_area", "sum")
    parts = statistics(at(*pieces), values, classes=[1])[[*names, "area_other"]].sum()
    one = statistics(at(whole), values, classes=[1]).loc[0, [*names, "area_other"]]
    np.testing.assert_allclose(parts, one, rtol=1e-6, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), right=st.integers(0, 30), down=st.integers(0, 30))
def test_moving_all_by_whole_cells_changes_nothing(seed, right, down):
    values = field(seed)
    shapes = at(*stars(seed))
    moved = shapes.translate(CELL * right, -CELL * down)
    there = raster(values, west=500_000 + CELL * right, north=2_600_000 - CELL * down)
    pd.testing.assert_frame_equal(
        statistics(moved, there), statistics(shapes, raster(values)), rtol=1e-9, atol=1e-9
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), left=st.integers(0, 39), top=st.integers(0, 39), data=st.data())
def test_an_aligned_square_is_a_slice(seed, left, top, data):
    right = data.draw(st.integers(left + 1, 40))
    bottom = data.draw(st.integers(top + 1, 40))
    values = field(seed)
    under = values[top:bottom, left:right]
    found = statistics(at(box(left, top, right, bottom)), raster(values)).loc[0]
    assert found["covered"] == np.isfinite(under).sum()
    if found["covered"]:
        assert found["mean"].tolist() == pytest.approx(np.nanmean(under))
        assert found["stdev"].tolist() == pytest.approx(np.nanstd(under), abs=1e-12)
        assert (found["min"], found["max"]) == (np.nanmin(under), np.nanmax(under))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_order_and_direction_change_nothing(seed):
    shapes, values = at(*stars(seed)), raster(field(seed))
    found = statistics(shapes, values)
    turned = statistics(shapes.iloc[::-1], values)
    pd.testing.assert_frame_equal(turned.sort_index(), found, check_exact=True)
    pd.testing.assert_frame_equal(statistics(shapes.reverse(), values), found, rtol=1e-9, atol=1e-9)


# --- exactextract -----------------------------------------------------------------------------

OPS = ["count", "mean", "sum", "min", "max", "stdev"]


def by_exactextract(shapes, values):
    grid = grid_of(values)
    source = NumPyRasterSource(
        values.to_numpy(),
        xmin=grid.x0,
        ymax=grid.y0,
        xmax=grid.x0 + grid.dx * grid.columns,
        ymin=grid.y0 + grid.dy * grid.rows,
        nodata=np.nan,
        srs_wkt=grid.crs.to_wkt(),
    )
    return exact_extract(source, geopandas.GeoDataFrame(geometry=shapes), OPS, output="pandas")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(5))
def test_the_same_as_exactextract(seed, dtype):
    ring = shapely.Point(20, 20).buffer(15).difference(shapely.Point(22, 18).buffer(6))
    parts = shapely.MultiPolygon([shapely.Point(8, 8).buffer(5), shapely.Point(30, 9).buffer(4)])
    shapes = at(*stars(seed, count=40), ring, parts, box(7.2, 7.3, 7.4, 7.9), box(-9, -9, 60, 60))
    values = raster(field(seed, dtype=dtype))
    ours, theirs = statistics(shapes, values), by_exactextract(shapes, values)
    np.testing.assert_allclose(ours["covered"], theirs["count"], rtol=1e-6, atol=1e-6)
    for name in STATISTICS:
        some = theirs["count"] > 0
        np.testing.assert_allclose(ours.loc[some, name], theirs.loc[some, name], rtol=1e-6)


# --- windows ----------------------------------------------------------------------------------


@pytest.mark.parametrize("block_rows", [1, 3, 8, 64])
@pytest.mark.parametrize("cells", [1, 100, 500, 10_000])
def test_no_byte_depends_on_windows(monkeypatch, block_rows, cells):
    values = raster(field(3))
    shapes = at(*stars(7, count=60))
    whole = statistics(shapes, values, classes=[1])
    source = Blocks(values.to_numpy(), grid_of(values), block_rows, [])
    monkeypatch.setattr(covered, "WINDOW_CELLS", cells)
    monkeypatch.setattr(covered, "_SCRATCH_ROWS", 2)
    pd.testing.assert_frame_equal(
        statistics(shapes, source, classes=[1], threads=3), whole, check_exact=True
    )
    for top, bottom, _, _ in source.asked:
        step = max(1, cells // 40 // block_rows) * block_rows
        assert top // step == (bottom - 1) // step  # no block is read by two bands of rows


def test_only_rows_and_columns_under_shapes_are_read(monkeypatch):
    values = raster(field(3))
    source = Blocks(values.to_numpy(), grid_of(values), 4, [])
    monkeypatch.setattr(covered, "WINDOW_CELLS", 40)
    shapes = at(
        *(box(2.5, 9.5, 4.5, 10.5), box(3.5, 9.2, 3.9, 9.9)),  # near one another: read together
        *(box(30.5, 9.5, 31.5, 11.5), box(5.5, 33.5, 6, 34)),
    )
    statistics(shapes, source)
    assert sorted(source.asked) == [(9, 11, 2, 5), (9, 12, 30, 32), (33, 34, 5, 6)]


def test_a_grid_is_what_the_coordinates_say():
    grid = grid_of(raster(NUMBERS))
    assert replace(grid, crs=None) == Grid(None, 500_000.0, 10.0, 2_600_000.0, -10.0, 3, 4)
    assert np.isnan(
        replace(grid, crs=grid_of(raster(NUMBERS, crs=LOCAL)).crs).areal_scale((0,) * 4)
    )


LOCAL = 'LOCAL_CS["mine",UNIT["metre",1]]'


def test_a_local_plane_is_taken_at_its_word():
    findings = Findings()
    shapes = at(box(0, 0, 1, 1), crs=LOCAL)
    found = statistics(shapes, raster(NUMBERS, crs=LOCAL), findings=findings)
    assert found.loc[0, "covered_area"] == pytest.approx(100.0)
    assert findings.count() == 0


def test_no_number_of_threads_means_every_processor():
    square = geopandas.GeoSeries([shapely.box(500_005, 2_599_985, 500_015, 2_599_995)], crs=EPSG)
    one, all_of_them = (
        statistics(square, raster([[1.0, 2.0], [3.0, 4.0]]), threads=number) for number in (1, None)
    )
    pd.testing.assert_frame_equal(one, all_of_them)
    assert one["mean"].tolist() == [2.5]
    for wrong in (0, "two", 1.5):
        with pytest.raises(ConfigError, match="E002"):
            statistics(square, raster([[1.0]]), threads=wrong)


def test_a_plain_table_has_no_coordinate_system():
    with pytest.raises(InputError, match="E631"):
        statistics(pd.DataFrame({"piece": ["P1"]}), raster([[1.0, 2.0], [3.0, 4.0]]))
