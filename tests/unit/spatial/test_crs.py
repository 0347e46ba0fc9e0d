import geopandas
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely

from ecogis.core.errors import ConfigError, InputError
from ecogis.core.findings import Findings
from ecogis.spatial.area import ellipsoidal_area_m2
from ecogis.spatial.crs import Source, declared, likely_epsg, to_canonical
from ecogis.spatial.zones import projection

ABOUT = Source(file="a.shp", layer="小班", role="stands")
PLACE = (114.2, 23.5)


def layer(*shapes):
    names = pd.array([f"S{n}" for n in range(len(shapes))], dtype="string")
    return geopandas.GeoDataFrame(
        {"stand": names, "row": range(1, len(shapes) + 1)}, geometry=list(shapes)
    )


def square_in(epsg, place=PLACE, size=100.0):
    """A square of a place in the coordinates of a system. [m]"""
    x, y = pyproj.Transformer.from_crs(4490, epsg, always_xy=True).transform(*place)
    return shapely.box(x, y, x + size, y + size)


def corner(found):
    """Where the lower left corner of a box came to."""
    return shapely.get_coordinates(found.geometry.iloc[0])[3]


def canonical(shape, crs, findings=None, **options):
    return to_canonical(layer(shape), crs, ABOUT, findings or Findings(), **options)


@pytest.mark.parametrize("epsg", [4526, 4547, 4498, 4509, 4490])
def test_every_system_of_cgcs2000_gives_the_same_place(epsg):
    size = 1e-3 if epsg == 4490 else 100.0
    findings = Findings()
    found = canonical(square_in(epsg, size=size), f"EPSG:{epsg}", findings)
    assert found.crs.to_epsg() == 4490
    np.testing.assert_allclose(corner(found), PLACE, atol=1e-9)
    assert findings.count() == 0


def test_a_square_of_a_hundred_metres_is_a_hectare():
    area = ellipsoidal_area_m2(canonical(square_in(4526), "EPSG:4526").geometry.array)
    assert area[0] == pytest.approx(10_000.0, rel=2e-4)


@pytest.mark.parametrize("epsg", [4326, 3857, 32650])
def test_wgs84_is_taken_as_cgcs2000_and_told(epsg):
    east, north = pyproj.Transformer.from_crs(4326, epsg, always_xy=True).transform(*PLACE)
    findings = Findings()
    found = canonical(shapely.box(east, north, east + 1, north + 1), f"EPSG:{epsg}", findings)
    np.testing.assert_allclose(corner(found), PLACE, atol=1e-9)
    note = findings.table().iloc[0]
    assert (note["code"], note["severity"]) == ("E314", "note")
    assert "a.shp" in note["message_zh"]


@pytest.mark.parametrize("epsg", [4214, 4610, 2362, 2434, 2414])
def test_older_datums_need_parameters(epsg):
    with pytest.raises(InputError) as caught:
        canonical(_old_square(epsg), f"EPSG:{epsg}")
    assert caught.value.code == "E310"
    for word in ("a.shp", "小班", "CGCS2000"):
        assert word in caught.value.zh


def _old_square(epsg):
    crs = pyproj.CRS.from_epsg(epsg)
    if crs.is_geographic:
        return shapely.box(*PLACE, 114.21, 23.51)
    x, y = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True).transform(*PLACE)
    return shapely.box(x, y, x + 100, y + 100)


def test_parameters_move_a_layer_by_what_they_say():
    findings = Findings()
    shape = shapely.box(*PLACE, 114.21, 23.51)
    zero = canonical(shape, "EPSG:4610", shift={"dx": 0, "dy": 0, "dz": 0})
    moved = canonical(shape, "EPSG:4610", findings, shift={"dx": 0, "dy": 0, "dz": 100})
    before, after = (found.geometry.iloc[0].bounds[1] for found in (zero, moved))
    # 100 m along the axis are 100 cos(latitude) m northwards
    assert (after - before) * 110_750 == pytest.approx(100 * np.cos(np.radians(23.5)), rel=1e-2)
    assert "dz=100" in findings.table().query("code == 'E315'")["message_en"].iloc[0]


@pytest.mark.parametrize("shift", [{"dx": 1}, {"dx": 1, "dy": 1, "dz": 1, "scale": 1}])
def test_parameters_that_are_incomplete_or_unknown(shift):
    with pytest.raises(ConfigError, match="E317"):
        canonical(shapely.box(*PLACE, 114.21, 23.51), "EPSG:4610", shift=shift)


@pytest.mark.parametrize("epsg", [3067, 3301, 4258])
def test_other_datums_go_through_wgs84_and_are_told(epsg):
    place = (26.5, 58.5)
    x, y = pyproj.Transformer.from_crs(4326, epsg, always_xy=True).transform(*place)
    findings = Findings()
    found = canonical(shapely.box(x, y, x + 0.1, y + 0.1), f"EPSG:{epsg}", findings)
    np.testing.assert_allclose(corner(found), place, atol=1e-6)
    assert findings.table()["code"].tolist() == ["E316"]


@pytest.mark.parametrize(
    ("real", "said", "guess"),
    [
        (4526, 4547, "4526"),  # zone number in the eastings, none in the system
        (4547, 4526, "4547"),  # the reverse
        (4526, 4527, "4526"),  # one zone off, which would look valid 300 km away
        (4497, 4508, "4497"),
        (4526, 4490, "4526"),  # metres called degrees
        (4526, 4326, "4526"),
        (4547, 4490, "4534-4554"),  # of which the meridian is not in the numbers
        (4547, 4326, "4534-4554"),
        (32650, 4490, "4534-4554"),
        (3857, 4490, "3857"),
        (3857, 4326, "3857"),
        (4526, 4610, "2362"),  # called Xian 80, so the zone is looked for there
        (4526, 3857, "4526"),  # a zone number beyond the edge of the world
        (4526, 32650, "4526"),
        (4490, 4526, "4490"),  # degrees called metres
        (4490, 4547, "4490"),
        (4490, 4498, "4490"),
        (4490, 32650, "4326"),
        (4490, 3857, "4326"),
        (4490, 2362, "4610"),
    ],
)
def test_zone_numbers_that_do_not_go_with_the_system(real, said, guess):
    with pytest.raises(InputError) as caught:
        canonical(square_in(real, size=1e-3 if real == 4490 else 100.0), f"EPSG:{said}")
    assert caught.value.code == "E320"
    assert f"EPSG:{guess}" in caught.value.zh
    assert "a.shp" in caught.value.en


def test_guess_for_older_datums():
    assert likely_epsg("xian1980", 38_500_000.0) == "2362"
    assert likely_epsg("beijing1954", 20_500_000.0) == "21420"
    assert likely_epsg("xian1980", 500_000.0, 114.0) == "2383"
    assert likely_epsg("cgcs2000", 99_500_000.0) == "?"
    for zone in range(25, 46):
        found = projection(pyproj.CRS.from_epsg(int(likely_epsg("cgcs2000", zone * 1e6))))
        assert (found.zone, found.meridian) == (zone, zone * 3)


def test_web_mercator_where_its_eastings_look_like_a_zone():
    """121.4 E is at 13,520 km on the web's sphere, which could be zone 13 of 6 degrees."""
    shape = square_in(3857, place=(121.4, 30.0))
    with pytest.raises(InputError, match=r"E320.*EPSG:4491 / 3857"):
        canonical(shape, "EPSG:4490")
    assert likely_epsg("cgcs2000", 13_900_000.0, northing=3_500_000.0) == "3857"
    assert likely_epsg("cgcs2000", 13_520_000.0) == "4491"


@pytest.mark.parametrize("epsg", [4526, 4547, 4498, 4509, 4490, 4326, 32650, 4610, 2362])
def test_swapped_axes(epsg):
    x, y, *_ = square_in(epsg).bounds
    size = 1e-3 if x < 180 else 100
    with pytest.raises(InputError, match=r"E324.*a.shp") as caught:
        canonical(shapely.box(y, x, y + size, x + size), f"EPSG:{epsg}")
    assert pyproj.CRS(epsg).name in caught.value.en


@pytest.mark.parametrize(
    ("place", "epsg"), [((25.5, 60.2), 4326), ((25.5, 60.2), 32635), ((-122.0, 44.0), 3857)]
)
def test_places_abroad_are_not_called_swapped(place, epsg):
    """On WGS 84 a layer may lie anywhere."""
    size = 1e-3 if epsg == 4326 else 100.0
    found = canonical(square_in(epsg, place=place, size=size), f"EPSG:{epsg}")
    np.testing.assert_allclose(corner(found), place, atol=1e-6)


def test_outside_china_and_outside_the_zone():
    with pytest.raises(InputError, match=r"E322.*a.shp"):
        canonical(shapely.box(10, 50, 10.1, 50.1), "EPSG:4490")
    with pytest.raises(InputError, match=r"E321.*km"):
        canonical(square_in(4548, place=(112.0, 23.5)), "EPSG:4548")
    assert len(canonical(square_in(4548, place=(115.0, 23.5)), "EPSG:4548")) == 1


def test_a_coordinate_that_is_not_finite_takes_its_row_out():
    bad = shapely.Polygon([(38_500_000, 2_600_000), (np.inf, 2_600_000), (38_500_000, 2_600_100)])
    findings = Findings()
    found = to_canonical(layer(square_in(4526), bad, None), "EPSG:4526", ABOUT, findings)
    assert found.geometry.isna().tolist() == [False, True, True]
    told = findings.table().iloc[0]
    assert (told["code"], told["row"], told["feature"]) == ("E332", 2, "S1")
    assert findings.excluded("stands") == {"S1"}


def test_an_empty_layer_and_one_without_geometries():
    for shapes in ((), (None,)):
        found = to_canonical(layer(*shapes), "EPSG:4526", ABOUT, Findings())
        assert (len(found), found.crs.to_epsg()) == (len(shapes), 4490)


WEB = (
    'PROJCS["Mercator",GEOGCS["GCS_WGS_1984",DATUM["D_unknown",SPHEROID["WGS84",6378137,'
    '298.257223563]],PRIMEM["Greenwich",0],UNIT["Degree",0.017453292519943295]],'
    'PROJECTION["Mercator"],PARAMETER["central_meridian",0],PARAMETER["false_easting",0],'
    'PARAMETER["false_northing",0],UNIT["Meter",1],PARAMETER["standard_parallel_1",0.0]]'
)


def test_the_system_of_the_file_or_the_one_stated():
    found = declared("EPSG:4526", None, ABOUT, Findings())
    assert found.to_epsg() == 4526
    assert declared("EPSG:4526", "EPSG:4526", ABOUT, Findings()).to_epsg() == 4526
    with pytest.raises(InputError, match=r"E311.*a\.shp"):
        declared("", None, ABOUT, Findings())
    with pytest.raises(InputError, match="E313"):
        declared("EPSG:4526", "EPSG:4547", ABOUT, Findings())
    with pytest.raises(ConfigError, match=r"E319.*EPSG:1"):
        declared("", "EPSG:1", ABOUT, Findings())
    with pytest.raises(InputError, match="E318"):
        declared("PROJCS[nothing", None, ABOUT, Findings())


def test_esri_text_of_a_zone_is_the_zone():
    text = pyproj.CRS.from_epsg(4526).to_wkt("WKT1_ESRI")
    assert declared(text, "EPSG:4526", ABOUT, Findings()) is not None


def test_mercator_of_an_unknown_datum_must_be_stated():
    with pytest.raises(InputError, match=r"E323.*EPSG:3857"):
        declared(WEB, None, ABOUT, Findings())
    findings = Findings()
    assert declared(WEB, "EPSG:3857", ABOUT, findings).to_epsg() == 3857
    assert findings.table()["code"].tolist() == ["E325"]
