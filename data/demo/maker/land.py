"""The land itself: relief, the outline, townships, villages, stands of two surveys, parcels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyproj
import shapely

from maker import tiling
from maker.draws import Floats, Grid, Ints, smooth_field, stream
from maker.tiling import Cells

CRS = "EPSG:4526"  # CGCS2000, 3-degree Gauss-Krueger zone 38, zone number in the easting
PLACE = (38_513_000.0, 2_667_000.0)  # where the middle of the map lies: about 114.1 E, 24.1 N
STAND_M2 = 12_510.0  # mean stand: 100,000 stands on the 1,251 km2 of the county of record
CELLS_A_STAND, CELLS_A_PARCEL = 4.5, 3.0
PART = {"stands": 20.6, "parcels": 17.0}  # mean straight part of a border [m]
ROOM = 2.3  # map square over township area
TOWNSHIP_STANDS = 2_000
VILLAGES = 8  # in a township
DEM_STEP = 30.0
COMPARTMENT_STANDS = 22


@dataclass(frozen=True)
class Stands:
    """Stands of the later survey, and the regions they were at the earlier one."""

    geometry: np.ndarray  # (stand) polygons [m], local
    centre: Floats  # (stand, 2) [m], local
    township: Ints
    village: Ints  # number in the township, from 0
    compartment: Ints  # number in the village, from 0
    past: Ints  # (stand) region of the earlier survey; two stands may share one
    past_geometry: np.ndarray  # (past region)
    part_of: Ints  # (past region) later stand it lies in, or the first of two


@dataclass(frozen=True)
class Land:
    """All geometry of one seed, in metres from the middle of the map."""

    relief: Grid  # [m above sea]
    fields: dict[str, Grid]  # smooth fields that share out land use, species, tenure
    stands: Stands
    parcels: np.ndarray
    townships: np.ndarray
    villages: list[tuple[int, int, object]]  # township, village, polygon


def make(seed: int, stands: int, parcels: int) -> Land:
    """Land for a number of stands and parcels."""
    half_width = float(np.sqrt(stands * STAND_M2 * ROOM)) / 2
    relief = _relief(stream(seed, "relief"), half_width)
    fields = {
        name: smooth_field(
            stream(seed, f"field {name}"), half_width, step=120.0, wavelength=wave, slope=4.5
        )
        for name, wave in _WAVES.items()
    }
    cells = tiling.small_cells(
        stream(seed, "stand cells"),
        half_width,
        np.sqrt(STAND_M2 / CELLS_A_STAND),
        part=PART["stands"],
    )
    inside = _outline(stream(seed, "outline"), cells, stands * STAND_M2)
    region = _regions(stream(seed, "stands"), cells, inside, relief, stands)
    placed, townships, villages = _placed(stream(seed, "surveys"), cells, region, stands)
    outline = shapely.union_all(townships)
    chosen = _parcels(stream(seed, "parcels"), half_width, outline, parcels)
    return Land(relief, fields, placed, chosen, townships, villages)


_WAVES = {
    "open": 1500.0, "water": 2600.0, "town": 1300.0, "bamboo": 1800.0, "oil": 1500.0,
    "welfare": 2600.0, "tenure": 1600.0, "planting": 1500.0, "eucalypt": 1600.0,
    "species 0": 1300.0, "species 1": 1300.0, "species 2": 1300.0, "species 3": 1300.0,
}  # fmt: skip


def _relief(rng: np.random.Generator, half_width: float) -> Grid:
    """Hills from about 70 m to 640 m, with wide valley floors [m]."""
    margin = half_width + 300.0
    field = smooth_field(rng, margin, step=DEM_STEP, wavelength=3000.0, slope=4.7)
    share = 1.0 / (1.0 + np.exp(-1.25 * field.values))
    return Grid(field.x0, field.y0, DEM_STEP, 70.0 + 570.0 * share**1.5)


def _outline(rng: np.random.Generator, cells: Cells, target_m2: float) -> np.ndarray:
    """Cells of a round patch with bays and capes, of a given area."""
    radius = np.hypot(*cells.centre.T)
    angle = np.arctan2(cells.centre[:, 1], cells.centre[:, 0])
    reach = np.ones(len(cells))
    for waves in range(2, 12):
        reach += rng.normal(0, 0.16 / waves) * np.cos(waves * angle + rng.uniform(0, 6.28))
    order = np.argsort(radius / np.clip(reach, 0.8, 1.22), kind="stable")
    running, wanted = np.cumsum(cells.area[order]), target_m2
    for _ in range(3):  # the sway changes areas a little: correct by what comes out
        inside = np.zeros(len(cells), dtype=bool)
        inside[order[running <= wanted]] = True
        inside = tiling.filled(cells, inside)
        whole = tiling.polygons(cells, np.where(inside, 0, -1), 1)[0]
        wanted *= target_m2 / shapely.area(whole)
    return inside


def _regions(
    rng: np.random.Generator, cells: Cells, inside: np.ndarray, relief: Grid, count: int
) -> Ints:
    """Stand of each cell; it costs more to join cells at different heights."""
    seeds = rng.choice(np.flatnonzero(inside), count, replace=False)
    way = np.hypot(*(cells.centre[cells.left] - cells.centre[cells.right]).T)
    height = relief.at(cells.centre)
    climb = np.abs(height[cells.left] - height[cells.right])
    cost = way * np.exp(0.35 * rng.standard_normal(len(way))) + 3.0 * climb
    return tiling.joined(cells, inside, seeds, cost)


def _placed(
    rng: np.random.Generator, cells: Cells, region: Ints, count: int
) -> tuple[Stands, np.ndarray, list[tuple[int, int, object]]]:
    """Stands with township, village, compartment and their past, and the outlines above them."""
    geometry = tiling.polygons(cells, region, count)
    centre = shapely.get_coordinates(shapely.centroid(geometry))
    near, far = tiling.neighbours(cells, region)
    township = _grouped(centre, near, far, max(1, round(count / TOWNSHIP_STANDS)))
    village = _within(township, centre, near, far, lambda n: VILLAGES if n >= 150 else 6)
    area = township * (village.max() + 1) + village
    compartment = _within(area, centre, near, far, lambda n: max(1, n // COMPARTMENT_STANDS))
    past_region, past = _past(rng, cells, region, area, near, far)
    past_count = int(past_region.max()) + 1
    part_of = np.zeros(past_count, dtype=np.int64)
    member = past_region >= 0
    part_of[past_region[member][::-1]] = region[member][::-1]
    part_of[past] = np.arange(count)
    stands = Stands(
        geometry=geometry,
        centre=centre,
        township=township,
        village=village,
        compartment=compartment,
        past=past,
        past_geometry=tiling.polygons(cells, past_region, past_count),
        part_of=part_of,
    )
    return stands, *_outlines(cells, region, township, village)


def _outlines(
    cells: Cells, region: Ints, township: Ints, village: Ints
) -> tuple[np.ndarray, list[tuple[int, int, object]]]:
    """Polygons of the townships, and of the villages with their numbers."""
    member = region >= 0
    of_cell = np.where(member, township[region], -1)
    townships = tiling.polygons(cells, of_cell, int(township.max()) + 1)
    wide = int(village.max()) + 1
    keys, number = np.unique(township * wide + village, return_inverse=True)
    shapes = tiling.polygons(cells, np.where(member, number[region], -1), len(keys))
    villages = [(int(k // wide), int(k % wide), s) for k, s in zip(keys, shapes, strict=True)]
    return townships, villages


def _grouped(centre: Floats, near: Ints, far: Ints, groups: int) -> Ints:
    """Connected groups of stands around points far from one another."""
    start = int(np.hypot(*centre.T).argmax())
    seeds = tiling.spread(centre, groups + 1, start)[1:] if groups > 1 else np.asarray([start])
    way = np.hypot(*(centre[near] - centre[far]).T)
    group = tiling.nearest_seed(len(centre), near, far, way, seeds)
    return np.maximum(group, 0)


def _within(
    group: Ints, centre: Floats, near: Ints, far: Ints, parts: Callable[[int], int]
) -> Ints:
    """Connected parts of each group, as many as `parts` of the group's size says."""
    out = np.zeros(len(group), dtype=np.int64)
    position = np.empty(len(group), dtype=np.int64)
    for number in np.unique(group):
        member = np.flatnonzero(group == number)
        position[member] = np.arange(len(member))
        line = (group[near] == number) & (group[far] == number)
        out[member] = _grouped(
            centre[member], position[near[line]], position[far[line]], parts(len(member))
        )
    return out


def _past(
    rng: np.random.Generator, cells: Cells, region: Ints, area: Ints, near: Ints, far: Ints
) -> tuple[Ints, Ints]:
    """Region of each cell at the earlier survey, and the earlier region of each stand.

    About 2 % of the stands were one with a neighbour then; about 1.5 % were two stands.
    """
    count = int(region.max()) + 1
    past = np.arange(count)
    same = np.flatnonzero(area[near] == area[far])
    taken = np.zeros(count, dtype=bool)
    for at in rng.permutation(same):
        if taken.sum() >= 0.04 * count:
            break
        if not taken[near[at]] and not taken[far[at]]:
            taken[[near[at], far[at]]] = True
            past[far[at]] = past[near[at]]
    of_cell = np.where(region >= 0, past[region], -1)
    size = np.bincount(region[region >= 0], minlength=count)
    halves = rng.permutation(np.flatnonzero(~taken & (size >= 4)))[: max(1, round(0.015 * count))]
    of_cell = _halved(cells, region, of_cell, halves)
    used, number = np.unique(of_cell[of_cell >= 0], return_inverse=True)
    of_cell[of_cell >= 0] = number
    return of_cell, np.searchsorted(used, past)


def _halved(cells: Cells, region: Ints, of_cell: Ints, stands: Ints) -> Ints:
    """Regions in which each of `stands` is two, each half in one piece."""
    count = int(region.max()) + 1
    chosen = np.isin(region, stands)
    member = np.flatnonzero(chosen)
    member = member[np.argsort(region[member], kind="stable")]
    ends = np.cumsum(np.bincount(region[member], minlength=count))[stands]
    size = np.bincount(region[member], minlength=count)[stands]
    seeds = np.stack([member[ends - size], member[ends - 1]], axis=1).ravel()
    inside = chosen[cells.left] & (region[cells.left] == region[cells.right])
    way = np.hypot(*(cells.centre[cells.left] - cells.centre[cells.right]).T)
    half = tiling.nearest_seed(
        len(cells), cells.left[inside], cells.right[inside], way[inside], seeds
    )
    out = of_cell.copy()
    second = (half >= 0) & (half % 2 == 1)
    out[second] = count + half[second] // 2
    return out


def _parcels(
    rng: np.random.Generator, half_width: float, outline: object, count: int
) -> np.ndarray:
    """Parcels wholly inside the outline, drawn without knowledge of the stands."""
    shapely.prepare(outline)
    seeds, whole = round(1.01 * count), np.empty(0, dtype=object)
    while len(whole) < count:
        shapes = _parcel_shapes(rng, half_width, outline, seeds)
        whole = shapes[shapely.contains_properly(outline, shapes)]
        seeds = max(seeds + 2, round(seeds * 1.004 * count / len(whole)))
    return whole[np.sort(rng.permutation(len(whole))[:count])]


def _parcel_shapes(
    rng: np.random.Generator, half_width: float, outline: object, seeds: int
) -> np.ndarray:
    """Parcels over the outline and its surroundings, so small that `seeds` would fill it."""
    size = np.sqrt(shapely.area(outline) / seeds / CELLS_A_PARCEL)
    cells = tiling.small_cells(rng, half_width + 8 * size, size, part=PART["parcels"])
    near = shapely.dwithin(outline, shapely.points(cells.centre), 1.5 * size)
    inside = tiling.filled(cells, near)
    number = round(inside.sum() / CELLS_A_PARCEL)
    begin = rng.choice(np.flatnonzero(inside), number, replace=False)
    way = np.hypot(*(cells.centre[cells.left] - cells.centre[cells.right]).T)
    cost = way * np.exp(0.2 * rng.standard_normal(len(way)))
    return tiling.polygons(cells, tiling.joined(cells, inside, begin, cost), len(begin))


def placed(geometry: np.ndarray) -> np.ndarray:
    """Local geometry moved to the place on the map, millimetres kept."""
    return shapely.transform(geometry, lambda xy: np.round(xy + np.asarray(PLACE), 3))


def area_ha(geometry: np.ndarray) -> Floats:
    """Ellipsoidal area of placed geometry, by the equal-area cylinder of GRS80 [ha]."""
    move = pyproj.Transformer.from_crs(CRS, "+proj=cea +ellps=GRS80 +lon_0=114", always_xy=True)
    return (
        shapely.area(
            shapely.transform(geometry, lambda xy: np.stack(move.transform(*xy.T), axis=1))
        )
        / 1e4
    )
