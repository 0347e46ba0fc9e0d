"""Stands on no parcel: gaps enclosed by parcels, and the end of the cadastre."""

import geopandas
import numpy as np
import pytest
import shapely
from shapely import box

from ecogis.core.findings import Findings
from ecogis.overlay import pieces, unallocated
from ecogis.overlay.rings import widened
from ecogis.spatial.plane import equal_area_plane

PLANE = equal_area_plane(24.0, 113.0)


def layer(key, shapes):
    drawn = list(PLANE.unproject(np.array(shapes, dtype=object)))
    names = [f"{key}{number}" for number in range(len(shapes))]
    return geopandas.GeoDataFrame({key: names}, geometry=drawn, crs=4490)


def ring_of_parcels(*, gap):
    """Parcels of 100 m about a square of 300 m, without the middle one if there is a gap."""
    cells = [(x, y) for x in (0, 100, 200) for y in (0, 100, 200) if not (gap and x == y == 100)]
    return [box(x, y, x + 100, y + 100) for x, y in cells]


def told(stands, parcels, **policy):
    findings = Findings()
    left, right = layer("stand", stands), layer("parcel", parcels)
    unallocated(pieces(left, right, findings), left, right, findings, **policy)
    return findings


def test_a_stand_wholly_on_parcels_is_fine():
    findings = told([box(20, 20, 280, 280)], ring_of_parcels(gap=False))
    assert findings.count("E356") == findings.count("E357") == 0


def test_a_gap_between_parcels_is_told_with_its_area():
    findings = told([box(20, 20, 280, 280)], ring_of_parcels(gap=True))
    row = findings.table().query("code == 'E356'").iloc[0]
    assert row["area_ha"] == pytest.approx(1.0, abs=1e-4)
    assert findings.count("E357") == 0


def test_two_stands_may_share_a_gap():
    halves = [box(20, 20, 150, 280), box(150, 20, 280, 280)]
    assert told(halves, ring_of_parcels(gap=True)).count("E356") == 2


def test_where_the_parcel_layer_ends_it_is_one_note():
    """One stand reaches 100 m beyond, another lies 200 m of 220 beyond: 2.6 ha and 8 ha."""
    stands = [box(0, 20, 400, 280), box(0, 280, 400, 500)]
    findings = told(stands, ring_of_parcels(gap=False))
    assert findings.count("E356") == 0
    row = findings.table().query("code == 'E357'").iloc[0]
    assert row["area_ha"] == pytest.approx(2.6 + 8.0 + 0.2, abs=1e-3)


def test_the_limit_is_a_policy():
    assert told([box(20, 20, 280, 280)], ring_of_parcels(gap=True), limit=0.2).count("E356") == 0


def test_a_narrow_shape_that_geos_folds_when_made_wider_is_mended():
    """Found in a county of 100,000 stands; GEOS 3.14 crosses the lines of its mitred buffer."""
    ring = shapely.from_wkt(
        "POLYGON ((6832.6585958963005 -10840.208998540162, 6830.643314336977 -10847.452948408378,"
        " 6816.448169066717 -10848.726157576988, 6816.447548639157 -10848.71981843793,"
        " 6816.395764903736 -10848.73085787836, 6816.3485656262665 -10848.735091336466,"
        " 6816.34912443173 -10848.740800859647, 6813.64672459579 -10849.3169080439,"
        " 6813.646724595568 -10849.316908043249, 6813.609389527366 -10849.32486726565,"
        " 6832.6585958963005 -10840.208998540162))"
    )
    assert ring.is_valid
    wider = widened(np.array([ring], dtype=object), 0.1)[0]
    assert wider.is_valid
    assert wider.area == pytest.approx(62.05, abs=0.1)
