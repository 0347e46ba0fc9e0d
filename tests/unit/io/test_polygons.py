import struct

import pyarrow as pa
import pytest
import shapely

from ecogis.io.polygons import parse
from ecogis.io.raw import CURVED, DAMAGED, FINE, MISSING, OTHER

SQUARE = shapely.box(0, 0, 1, 1)
TWO = shapely.MultiPolygon(
    [SQUARE, shapely.box(2, 0, 3, 1).difference(shapely.box(2.2, 0.2, 2.8, 0.8))]
)


def faults(*blobs):
    return parse(pa.chunked_array([pa.array(blobs, type=pa.binary())]))


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("shape", [SQUARE, TWO])
def test_polygons_come_back(shape, order):
    geometry, fault, high = faults(shapely.to_wkb(shape, byte_order=order))
    assert shapely.equals(geometry[0], shape)
    assert fault.tolist() == [FINE]
    assert not high


@pytest.mark.parametrize("flavor", ["iso", "extended"])
@pytest.mark.parametrize("shape", [SQUARE, TWO])
def test_heights_are_left_out(shape, flavor):
    blob = shapely.to_wkb(shapely.force_3d(shape, 5.0), flavor=flavor)
    geometry, fault, high = faults(blob)
    assert (fault.tolist(), high, geometry[0].has_z) == ([FINE], True, False)
    assert geometry[0].area == shape.area


def deep(code, levels):
    """A collection in a collection in a collection ..."""
    return struct.pack("<BII", 1, code, 1) * levels + shapely.to_wkb(SQUARE)


@pytest.mark.parametrize(
    ("blob", "expected"),
    [
        (None, MISSING),
        (b"", MISSING),
        (b"\x01\x03", DAMAGED),
        (shapely.to_wkb(shapely.Point(1, 2)), OTHER),
        (shapely.to_wkb(shapely.GeometryCollection([SQUARE])), OTHER),
        (shapely.to_wkb(shapely.Polygon()), MISSING),
        (shapely.to_wkb(SQUARE)[:-9], DAMAGED),
        (shapely.to_wkb(TWO)[:-9], DAMAGED),
        (struct.pack("<BII", 1, 3, 2**31), DAMAGED),
        (struct.pack("<BII", 1, 6, 2**31), DAMAGED),
        (struct.pack("<BII", 1, 10, 1), CURVED),
        (struct.pack("<BII", 1, 1012, 1), CURVED),
        (deep(7, 30_000), OTHER),
        (deep(6, 30_000), DAMAGED),
    ],
)
def test_what_is_no_polygon_is_told_and_never_parsed(blob, expected):
    geometry, fault, _ = faults(blob, shapely.to_wkb(SQUARE))
    assert fault.tolist() == [expected, FINE]
    assert geometry[0] is None
    assert geometry[1].area == 1.0
