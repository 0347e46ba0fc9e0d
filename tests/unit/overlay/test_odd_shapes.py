"""Shapes that are valid and yet hard, and features that are none: no land moves, none is lost."""

import geopandas
import numpy as np
import pytest
import shapely
from shapely import GeometryCollection, MultiPolygon, Polygon, box

from ecogis.core.errors import ConfigError, EcogisError, InputError
from ecogis.core.findings import Findings
from ecogis.overlay import areas, common, pieces, touching_groups, unallocated
from ecogis.spatial.area import area_dm2

HERE = box(113, 24, 113.002, 24.002)


def layer(key, shapes, crs=4490, names=None):
    names = names or [f"{key}{number}" for number in range(len(shapes))]
    return geopandas.GeoDataFrame({key: names}, geometry=list(shapes), crs=crs)


def closes(over):
    for key, rest in (("stand", over.stand_remainder), ("parcel", over.parcel_remainder)):
        used = over.pieces.groupby(key)["area_dm2"].sum().reindex(rest[key], fill_value=0)
        total = used.to_numpy() + rest["area_dm2"] + rest["contested_dm2"]
        assert (total == rest[f"{key}_dm2"]).all()
    assert (over.pieces["area_dm2"] > 0).all()


def test_a_piece_of_a_stand_that_lost_an_overlap_is_drawn_where_it_lies():
    stands = layer("stand", [box(480170, 2669230, 480260, 2669320),
                             box(480180, 2669100, 480450, 2669290)], 4547)  # fmt: skip
    parcels = layer("parcel", [box(480250, 2669250, 480450, 2669430)], 4547)
    over = pieces(stands, parcels, Findings())
    drawn = area_dm2(over.pieces.geometry)
    assert np.abs(drawn - over.pieces["area_dm2"]).max() <= 2
    for row in over.pieces.itertuples():
        own = stands.set_index("stand").geometry[row.stand]
        assert row.geometry.difference(own.buffer(0.01)).area < 0.01
    closes(over)


@pytest.mark.parametrize("crs", [4490, 4547])
def test_many_overlaps_are_drawn_as_they_are_counted(crs):
    rng = np.random.default_rng(5)
    for _ in range(25):
        corner = rng.integers(0, 30, (6, 2)) * 10.0
        size = rng.integers(3, 30, (6, 2)) * 10.0
        boxes = shapely.box(*corner.T, *(corner + size).T)
        boxes = shapely.transform(boxes, lambda c: c + np.array([480_000.0, 2_669_000.0]))
        frame = geopandas.GeoSeries(list(boxes), crs=4547).to_crs(crs)
        over = pieces(layer("stand", frame[:3], crs), layer("parcel", frame[3:], crs), Findings())
        drawn = area_dm2(over.pieces.geometry)
        assert np.abs(drawn - over.pieces["area_dm2"].to_numpy()).max(initial=0) <= 60
        assert over.pieces.is_valid.all()
        closes(over)


def with_vertex(x):
    """A triangle with one easting that may be no number."""
    with np.errstate(invalid="ignore"):
        return Polygon([(113, 24), (x, 24), (113.1, 24.1)])


NEEDLES = [
    Polygon([(113.3732576895438, 24.155836910849207), (113.37890372112801, 24.16323755738406),
             (113.37608071346929, 24.159537228979254)]),
    Polygon([(113.38019801799908, 24.08685754737473), (113.36484423606004, 24.17562964722941),
             (113.37252103825746, 24.131243581948286)]),
]  # fmt: skip


@pytest.mark.parametrize("needle", NEEDLES)
def test_a_needle_that_turns_over_in_the_plane_loses_no_land(needle):
    whole = layer("parcel", [box(113.3, 24.0, 113.5, 24.3)])
    over = pieces(layer("stand", [needle]), whole, Findings())
    closes(over)
    turned = pieces(layer("stand", [box(113.37135, 24.1313, 113.3727, 24.1327)]),
                    layer("parcel", [needle]), Findings(), sliver_m2=0.0)  # fmt: skip
    closes(turned)
    assert (turned.parcel_remainder["parcel_dm2"] >= 0).all()


@pytest.mark.parametrize(
    ("shape", "crs"),
    [
        (with_vertex(np.nan), 4490),
        (with_vertex(np.inf), 4490),
        (Polygon([(113.0005, 24.0005), (113.001, 24.0005), (113.001, 24.001)],
                 [[(113, 24), (113.002, 24), (113.002, 24.002)]]), 4490),
        (box(500_000, 2_700_000, 500_100, 2_700_100), 4490),
        (box(24, 113, 24.001, 113.001), 4490),
        (box(38_480_000, 2_669_000, 38_480_100, 2_669_100), 4547),
    ],
)  # fmt: skip
def test_a_broken_feature_is_told_and_the_others_go_on(shape, crs):
    good = geopandas.GeoSeries([HERE], crs=4490).to_crs(crs).iloc[0]
    with np.errstate(invalid="ignore"):
        for first, second in (("stand", "parcel"), ("parcel", "stand")):
            findings = Findings()
            faulty, sound = layer(first, [shape, good], crs), layer(second, [good], crs)
            given = (faulty, sound) if first == "stand" else (sound, faulty)
            over = pieces(*given, findings)
            assert findings.count("E344") == 1
            assert len(over.pieces) == 1
            closes(over)
            assert (over.parcel_remainder["parcel_dm2"] >= 0).all()


def test_a_hole_that_touches_its_shell_gives_valid_pieces():
    hole = [(113, 24.001), (113.0005, 24.0005), (113.001, 24.001)]
    stand = Polygon([(113, 24), (113.002, 24), (113.002, 24.002), (113, 24.002)], [hole])
    parcel = box(112.999, 23.999, 113.0004, 24.003)
    over = pieces(layer("stand", [stand]), layer("parcel", [parcel]), Findings())
    assert over.pieces.is_valid.all()
    closes(over)


def test_collections_are_opened_and_their_land_is_counted_once():
    nested = GeometryCollection([GeometryCollection([MultiPolygon([HERE])])])
    over = pieces(layer("stand", [nested]), layer("parcel", [HERE]), Findings())
    assert over.pieces["area_dm2"].tolist() == area_dm2([HERE]).tolist()
    twice, findings = GeometryCollection([HERE, HERE]), Findings()
    assert pieces(layer("stand", [twice]), layer("parcel", [HERE]), findings).pieces.empty
    assert findings.count("E344") == 1


def test_a_missing_polygon_ends_nothing():
    stands, parcels = layer("stand", [HERE, None]), layer("parcel", [None, HERE])
    findings = Findings()
    over = pieces(stands, parcels, findings)
    unallocated(over, stands, parcels, findings)
    assert len(over.pieces) == 1


def test_many_large_parcels_over_many_small_stands():
    """Large against large by box, large against small by cells: pairs grow with what meets."""
    cells = [box(113 + i * 1e-4, 24 + j * 1e-4, 113 + (i + 1) * 1e-4, 24 + (j + 1) * 1e-4)
             for i in range(30) for j in range(30)]  # fmt: skip
    large = [box(112.99 - k * 1e-3, 23.99, 113.02, 24.02) for k in range(20)]
    found = common(layer("stand", cells), layer("parcel", large))
    assert len(found) == len(cells) * len(large)


def test_faults_of_the_caller_are_named():
    stands, parcels = layer("stand", [HERE]), layer("parcel", [HERE])
    for wrong in ({"threads": 0}, {"sliver_m2": np.nan}, {"overlap_m2": -1.0}):
        with pytest.raises(ConfigError, match="E002"):
            pieces(stands, parcels, Findings(), **wrong)
    with pytest.raises(EcogisError, match="E004"):
        pieces(stands.drop(columns="geometry"), parcels, Findings())
    with pytest.raises(ConfigError, match="E002"):
        common(stands, stands, keys=("stand", "stand"))
    with pytest.raises(InputError, match="E346"):
        pieces(layer("stand", [HERE, HERE], names=[1, "1"]), parcels, Findings())
    bare = pieces(stands, parcels, Findings(), geometry=False)
    with pytest.raises(ConfigError, match="E002"):
        unallocated(bare, stands, parcels, Findings())


def test_a_geometry_column_may_have_any_name():
    stands = layer("stand", [HERE]).rename_geometry("shape")
    assert len(pieces(stands, layer("parcel", [HERE]), Findings()).pieces) == 1


def test_parcels_of_two_surveys_are_parcels():
    findings = Findings()
    two = layer("parcel", [HERE, box(113.001, 24, 113.003, 24.002)])
    areas(two, two, findings, key="parcel")
    assert set(findings.table()["code"]) == {"E355"}


def test_groups_and_gaps_know_gauss_krueger_metres():
    row = [box(480_000 + 100 * i, 2_669_000, 480_100 + 100 * i, 2_669_100) for i in (0, 1, 5)]
    table = layer("piece", row, 4547).assign(area_dm2=[10, 20, 30])
    assert touching_groups(table)["merged_area_dm2"].tolist() == [30, 30, 30]
