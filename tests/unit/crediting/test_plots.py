"""Plot centres on the map."""

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from ecogis.core.errors import ConfigError, EcogisError
from ecogis.core.findings import Findings
from ecogis.crediting.plots import field_sheet, located_plots, plot_centres

X, Y = 500_000.0, 2_600_000.0
RADIUS = (600.0 / np.pi) ** 0.5


def box(x0, y0, x1, y1):
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


LAND = geopandas.GeoDataFrame(
    {"piece": ["P1", "P2", "P3", "P4"], "stratum": ["A", "A", "B", "A"]},
    geometry=[
        box(0, 0, 300, 400),
        box(300, 0, 600, 400),
        box(600, 0, 900, 400),
        box(2_000, 0, 2_300, 100),
    ],
    crs="EPSG:4547",
)
SAMPLE = pd.DataFrame({"stratum": ["B", "A"], "plots": [5, 12]})


def centres(land=LAND, sample=SAMPLE, findings=None, **options):
    findings = Findings() if findings is None else findings
    options = {"plot_area_m2": 600.0, "seed": 7} | options
    return plot_centres(land, sample, findings, **options)


def codes(findings):
    return findings.table()["code"].tolist()


def test_as_many_as_asked_whole_within_their_stratum():
    findings = Findings()
    found = centres(findings=findings)
    assert not findings.count()
    assert found["stratum"].value_counts().to_dict() == {"A": 12, "B": 5}
    assert found["plot"].is_unique
    assert found["plot"].tolist()[:2] == ["01-001", "01-002"]
    for stratum, land in LAND.dissolve("stratum").geometry.items():
        mine = found[found["stratum"] == stratum]
        assert (mine.distance(land.boundary) >= RADIUS - 0.01).all()
        assert mine.within(land).all()


def test_plots_lie_on_one_square_grid_and_never_overlap():
    found = centres(sample=pd.DataFrame({"stratum": ["A"], "plots": [12]}))
    points = np.column_stack([found["x"], found["y"]])
    apart = np.abs(points[:, None] - points[None, :])
    step = np.min(np.hypot(*apart.transpose(2, 0, 1))[np.triu_indices(12, 1)])
    assert step > 2 * RADIUS
    ratio = apart / step
    assert np.allclose(ratio, np.round(ratio), atol=0.01)  # the plane and the zone differ a little


def test_each_plot_names_the_piece_it_lies_on():
    found = centres()
    for plot, piece in zip(found.geometry, found["piece"], strict=True):
        assert LAND.set_index("piece").geometry[piece].contains(plot)


def test_touching_land_of_a_stratum_is_one():
    """The line between P1 and P2 is no edge: plots may lie across it."""
    near = [
        abs(x - X - 300.0) < RADIUS
        for seed in range(12)
        for x in centres(sample=SAMPLE.iloc[[1]], seed=seed)["x"]
    ]
    assert any(near)


def test_seed_decides_and_other_strata_and_order_do_not():
    found = centres()
    same = centres(LAND.iloc[::-1], SAMPLE.iloc[::-1])
    assert found["plot"].tolist() == same["plot"].tolist()
    np.testing.assert_allclose(found[["x", "y"]], same[["x", "y"]], rtol=0, atol=1e-6)
    assert not np.allclose(found["x"], centres(seed=8)["x"])
    more = pd.DataFrame({"stratum": ["A", "B"], "plots": [12, 9]})
    again = centres(sample=more)
    np.testing.assert_allclose(
        found.loc[found["stratum"] == "A", "x"], again.loc[again["stratum"] == "A", "x"]
    )


def test_no_place_is_preferred():
    """Mean of 200 starts in a rectangle 300 m wide: its middle, within four standard errors."""
    one = pd.DataFrame({"stratum": ["B"], "plots": [1]})
    x = [centres(sample=one, seed=seed)["x"].iloc[0] - X for seed in range(200)]
    wide = 300.0 - 2 * RADIUS
    assert abs(np.mean(x) - 750.0) < 4 * wide / 12**0.5 / 200**0.5


def test_longitude_and_latitude_are_those_of_the_layer():
    found = centres()
    degrees = LAND.to_crs("EPSG:4490")
    same = found.to_crs("EPSG:4490").geometry
    np.testing.assert_allclose(found["longitude"], same.x, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found["latitude"], same.y, rtol=0, atol=1e-9)
    there = centres(degrees)
    np.testing.assert_allclose(there["x"], there["longitude"])
    np.testing.assert_allclose(there["longitude"], found["longitude"], rtol=0, atol=1e-7)


def test_where_too_few_fit_as_many_as_fit_are_given():
    findings = Findings()
    sample = pd.DataFrame({"stratum": ["A", "B", "C"], "plots": [2, 400, 3]})
    found = centres(sample=sample, findings=findings)
    counts = found["stratum"].value_counts()
    assert counts["A"] == 2
    assert 100 < counts["B"] < 400
    assert codes(findings) == ["E758", "E758"]
    assert findings.table()["observed"].tolist() == [str(counts["B"]), "0"]
    points = shapely.points(found.loc[found["stratum"] == "B", ["x", "y"]].to_numpy())
    assert shapely.STRtree(points).query(points, "dwithin", 2 * RADIUS - 0.01).shape[1] == len(
        points
    )


def test_land_narrower_than_a_plot_has_no_room():
    strip = geopandas.GeoDataFrame({"stratum": ["A"]}, geometry=[box(0, 0, 500, 20)], crs=LAND.crs)
    findings = Findings()
    sample = pd.DataFrame({"stratum": ["A"], "plots": [2]})
    assert centres(strip, sample, findings).empty
    assert codes(findings) == ["E758"]
    assert len(centres(strip, sample, edge_m=2.0)) == 2


def test_land_without_a_sound_polygon_is_told():
    bow = shapely.Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])
    extra = geopandas.GeoDataFrame(
        {"piece": ["P5", "P6", "P7"], "stratum": ["B"] * 3},
        geometry=[bow, None, shapely.Point(X, Y)],
        crs=LAND.crs,
    )
    findings = Findings()
    found = centres(pd.concat([LAND, extra], ignore_index=True), findings=findings)
    assert codes(findings) == ["E768"] * 3
    assert findings.table()["feature"].tolist() == ["P5", "P6", "P7"]
    assert len(found) == 17


def test_no_plots_asked_for_gives_an_empty_layer():
    assert centres(sample=SAMPLE.iloc[:0]).empty
    assert centres(sample=SAMPLE.assign(plots=0)).empty


def test_the_sheet_for_the_field_is_plain_and_rounded(tmp_path):
    sheet = field_sheet(centres())
    assert list(sheet) == [
        "plot", "stratum", "plot_area_m2", "x", "y", "longitude", "latitude", "piece",
    ]  # fmt: skip
    sheet.to_csv(tmp_path / "plots.csv", index=False)
    back = pd.read_csv(tmp_path / "plots.csv", dtype={"plot": "string"})
    assert back["plot"].tolist() == sheet["plot"].tolist()
    assert (back["x"] * 100 - (back["x"] * 100).round()).abs().max() < 1e-4
    degrees = field_sheet(centres(LAND.to_crs("EPSG:4490")))
    np.testing.assert_allclose(degrees["x"], degrees["longitude"])


@pytest.mark.parametrize(
    "options", [{"plot_area_m2": 0.0}, {"edge_m": -1.0}, {"sample": SAMPLE.assign(plots=-1)}]
)
def test_arguments_that_do_not_fit(options):
    with pytest.raises(ConfigError) as caught:
        centres(**options)
    assert caught.value.code == "E753"


def test_another_datum_is_refused():
    with pytest.raises(EcogisError) as caught:
        centres(LAND.set_crs("EPSG:2414", allow_override=True))
    assert caught.value.code == "E345"


def test_plots_are_found_where_they_lie():
    plots = geopandas.GeoDataFrame(
        {"plot": list("123456"), "stratum": ["A", "B", "A", None, "A", "B"]},
        geometry=[
            shapely.Point(X + 10, Y + 10),
            shapely.Point(X + 20, Y + 10),
            shapely.Point(X - 50, Y),
            shapely.Point(X + 700, Y + 10),
            None,
            shapely.Point(X + 600, Y + 10),  # on the line between A and B
        ],
        crs=LAND.crs,
    )
    findings = Findings()
    found = located_plots(plots, LAND, findings)
    assert found["stratum"].fillna("-").tolist() == ["A", "A", "-", "B", "-", "B"]
    table = findings.table()
    assert table["code"].tolist() == ["E759", "E759", "E760"]
    assert table["feature"].tolist() == ["3", "5", "2"]
    assert table["action"].tolist() == ["excluded", "excluded", "kept"]
    assert "in stratum B and counts in A" in table["message_en"].iloc[2]


def test_plots_in_degrees_are_found_in_a_zone():
    placed = centres()
    degrees = geopandas.GeoDataFrame(
        placed[["plot"]],
        geometry=shapely.points(placed[["longitude", "latitude"]].to_numpy()),
        crs="EPSG:4490",
    )
    findings = Findings()
    assert located_plots(degrees, LAND, findings)["stratum"].equals(placed["stratum"])
    assert not findings.count()
