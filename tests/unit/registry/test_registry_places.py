"""Shapes of rights: one form, one hash; overlaps to the square metre; copies in other datums."""

import numpy as np
import pytest
import shapely
from ledgers import WHY, claim, made, proposed, right, surveyed

from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.registry.claims import Claim, Policy, Registration, Right, Survey
from ecogis.registry.ledger import Ledger
from ecogis.registry.places import copied, place_of, shared_m2
from ecogis.spatial.area import ellipsoidal_area_m2
from ecogis.spatial.gcj02 import gcj02

METRE = 1 / 111_320  # of latitude, in degrees, near enough


def shape(west=113.0, south=24.0, points=40, size=0.002, seed=1):
    rng = np.random.default_rng(seed)
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = size * (1 + 0.3 * rng.random(points))
    ring = np.column_stack([west + radius * np.cos(angle), south + radius * np.sin(angle)])
    return shapely.Polygon(ring)


def place(geometry):
    return place_of(geometry, "R")


def nowhere():
    """A ring with a corner that is no place."""
    with np.errstate(invalid="ignore"):
        return shapely.from_wkt("POLYGON ((113 24, 113.1 nan, 113.1 24, 113 24))")


def test_one_hash_for_one_land():
    ring = shape().exterior.coords[:-1]
    hole = [(113.0, 24.0), (113.0005, 24.0), (113.0005, 24.0005)]
    land = shapely.transform(shapely.Polygon(ring, [hole]), lambda xy: np.round(xy, 9))
    ring = land.exterior.coords[:-1]
    same = [
        shapely.Polygon(ring[7:] + ring[:7], [hole[::-1]]),
        shapely.Polygon(ring[::-1], [hole]),
        shapely.force_3d(land, 12.0),
        shapely.MultiPolygon([land]),
        shapely.transform(land, lambda xy: xy + 4e-10),
    ]
    assert {place(each).sha256 for each in same} == {place(land).sha256}
    assert place(shapely.transform(land, lambda xy: xy + 2e-9)).sha256 != place(land).sha256
    assert place(shapely.Polygon(land.exterior)).sha256 != place(land).sha256


def test_parts_in_any_order_are_one_land():
    one, other = shape(), shape(113.1)
    both = [shapely.MultiPolygon(parts) for parts in ([one, other], [other, one])]
    assert place(both[0]).sha256 == place(both[1]).sha256
    assert place(both[0]).area_m2 == pytest.approx(ellipsoidal_area_m2([one, other]).sum())


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        "POLYGON",
        shapely.Point(113, 24),
        shapely.LineString([(113, 24), (113.1, 24)]),
        shapely.Polygon(),
        shapely.Polygon([(113, 24), (113.1, 24.1), (113.1, 24), (113, 24.1)]),
        shapely.box(500_000, 2_600_000, 500_100, 2_600_100),
        shapely.transform(shapely.box(113, 24, 114, 25), lambda xy: xy * np.array([1.0, np.inf])),
        nowhere(),
        shapely.box(113, 24, 113 + 1e-12, 24 + 1e-12),
        shapely.box(113, 89, 113.1, 90),
    ],
    ids=lambda geometry: str(geometry)[:30],
)
def test_shapes_that_cannot_be_used(geometry):
    with pytest.raises(ConfigError) as told:
        place(geometry)
    assert told.value.code == "E813"


def test_shared_land_is_that_of_record():
    one, other = shape(), shape(113.001, seed=2)
    common = shapely.intersection(one, other)
    by_hand = float(ellipsoidal_area_m2([common])[0])
    assert shared_m2(place(one), place(other)) == pytest.approx(
        by_hand, rel=1e-6
    )  # to the tenth of a millimetre
    touching = shapely.box(113, 24, 113.001, 24.001), shapely.box(113.001, 24, 113.002, 24.001)
    assert shared_m2(*map(place, touching)) == 0.0


@pytest.mark.parametrize(
    ("wide_m", "side_m", "refused"),
    [
        (0.6, 1000, False),  # 600 m2 of a million
        (0.8, 1000, True),  # 800 m2, more than a mu
        (4, 100, False),  # 400 m2, 4 % of the smaller
        (6, 100, True),  # 600 m2, less than a mu, but 6 %
        (1, 40, False),
        (40, 40, True),
    ],
)
def test_how_much_two_rights_may_share(wide_m, side_m, refused):
    """A square of a side, and a neighbour that reaches into it by a strip."""
    strip = wide_m * side_m
    with made() as ledger:
        west, side = 113.6, side_m * METRE
        east = west + side / np.cos(np.radians(24.0))
        reach = wide_m * METRE / np.cos(np.radians(24.0))
        here = shapely.box(west, 24.0, east, 24.0 + side)
        there = shapely.box(east - reach, 24.0, east + 5 * side, 24.0 + side)
        ledger.survey([surveyed(70, here), surveyed(71, there)], **WHY)
        proposed(ledger, claim(70))
        if refused:
            with pytest.raises(StageRefusedError, match="E803"):
                ledger.propose([claim(71)], **WHY)
            return
        (event,) = ledger.propose([claim(71)], **WHY)
        (alert,) = event.body["found"]["alerts"]
        assert (alert["code"], alert["right"]) == ("E820", right(70).id)
        assert alert["area_m2"] == pytest.approx(strip, rel=0.02)


def test_the_tolerance_is_the_lower_of_the_two():
    policy = Policy(overlap_m2=100.0, overlap_share=0.1)
    assert policy.tolerated_m2(500.0) == 50.0
    assert policy.tolerated_m2(5000.0) == 100.0


def test_a_ledger_keeps_the_policy_it_was_opened_with(tmp_path):
    strict = Policy(overlap_m2=0.0, overlap_share=0.0, notice_m2=0.0, expiry_notice_days=1)
    with Ledger.create(str(tmp_path / "l.db"), "A", policy=strict) as ledger:
        assert ledger.policy == strict
    with Ledger.open(str(tmp_path / "l.db"), "A") as ledger:
        assert ledger.policy == strict


@pytest.mark.parametrize("seed", range(12))
def test_a_copy_in_web_map_coordinates_is_found(seed):
    land = shape(108 + seed, 22 + seed, seed=seed)
    web = shapely.transform(land, gcj02)
    for one, other in ((land, web), (web, land)):
        copy = copied(place(one), place(other), Policy())
        assert copy.how == "gcj02"
        assert 100 < copy.distance_m < 900


@pytest.mark.parametrize("seed", range(6))
def test_a_copy_with_an_untransformed_datum_is_found(seed):
    land = shape(seed=seed)
    old = shapely.transform(land, lambda xy: xy + np.array([6e-4, -9e-5]))
    copy = copied(place(land), place(old), Policy())
    assert copy.how == "shift"
    assert copy.distance_m == pytest.approx(61.8, abs=1.0)


@pytest.mark.parametrize("seed", range(12))
def test_other_land_is_no_copy(seed):
    here, there = shape(seed=seed), shape(113.006, seed=seed + 100)
    assert copied(place(here), place(there), Policy()) is None
    far = shapely.transform(here, lambda xy: xy + np.array([0.02, 0.0]))
    assert copied(place(here), place(far), Policy()) is None


def test_places_are_found_at_every_scale():
    """A county, a township and a parcel inside both; each finds the others."""
    county, township, parcel = (
        shapely.box(113 - size, 24 - size, 113 + size, 24 + size) for size in (0.5, 0.05, 0.0005)
    )
    order = (county, township, parcel)
    for first in range(3):
        for second in {0, 1, 2} - {first}:
            with made() as ledger:
                ledger.survey([surveyed(n, order[n]) for n in (first, second)], **WHY)
                proposed(ledger, claim(first))
                with pytest.raises(StageRefusedError, match="E803"):
                    ledger.propose([claim(second)], **WHY)


def test_the_index_misses_no_overlap():
    """Random boxes, each claimed alone, against every pair compared."""
    rng = np.random.default_rng(5)
    corners = rng.uniform((113, 24), (113.015, 24.015), (24, 2))
    sizes = 10.0 ** rng.uniform(-3.5, -2, 24)
    boxes = [shapely.box(x, y, x + s, y + s) for (x, y), s in zip(corners, sizes, strict=True)]
    with made() as ledger:
        ledger.survey([surveyed(100 + n, box) for n, box in enumerate(boxes)], **WHY)
        for n, box in enumerate(boxes):
            (held,) = proposed(ledger, claim(100 + n))
            for other, there in enumerate(boxes):
                if other == n:
                    continue
                shared = float(ellipsoidal_area_m2([shapely.intersection(box, there)])[0])
                smaller = float(ellipsoidal_area_m2([box, there]).min())
                if abs(shared - Policy().tolerated_m2(smaller)) < 1:
                    continue
                clash = shared > Policy().tolerated_m2(smaller)
                assert clashes(ledger, 100 + other) == clash
            ledger.refuse([held], **WHY)


def clashes(ledger, number):
    code = ""
    try:
        ledger.refuse(proposed(ledger, claim(number)), **WHY)
    except StageRefusedError as fault:
        code = fault.code
    assert code in {"", "E803"}
    return bool(code)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Right("44", "forest_ownership", "1"),
        lambda: Right(right(0).unit_code, "ownership", "1"),
        lambda: Right(right(0).unit_code, "forest_ownership", " "),
        lambda: Right(right(0).unit_code, "forest_ownership", "a\nb"),
        lambda: Right(None, "forest_ownership", "1"),
        lambda: Claim(right(0), 2027, 0, "甲"),
        lambda: Claim(right(0), 2027, -5, "甲"),
        lambda: Claim(right(0), 2027, 1.0, "甲"),
        lambda: Claim(right(0), 2027, True, "甲"),
        lambda: Claim(right(0), 27, 1, "甲"),
        lambda: Claim(right(0), 2027, 1, ""),
        lambda: Claim(right(0), 2027, 1, "甲", use="gift"),
        lambda: Claim(right(0), 2027, 1, "甲", manifest="abc"),
        lambda: Survey(right(0), None, {2027: -1}),
        lambda: Survey(right(0), None, {"2027": 1}),
        lambda: Survey(right(0), None, [2027]),
        lambda: Survey(right(0), None, {}, pieces=[3]),
        lambda: Registration("", None),
        lambda: Registration("1", "2027-01-01"),
        lambda: Policy(overlap_share=5.0),
        lambda: Policy(overlap_m2=-1.0),
        lambda: Policy(expiry_notice_days=float("nan")),
    ],
)
def test_fields_that_cannot_be(make):
    with pytest.raises(ConfigError) as told:
        make()
    assert told.value.code == "E811"


def test_numbers_of_tables_are_numbers():
    kg, vintage = np.int64(5), np.int64(2027)
    entry = Claim(right(0), vintage, kg, "甲")
    assert (type(entry.kg), type(entry.vintage)) == (int, int)
    with made() as ledger:
        ledger.propose([entry], **WHY)
        ledger.refuse(ledger.claims()["claim"], **WHY)
        assert len(ledger.claims()) == 0
