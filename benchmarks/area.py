"""Area of record: CPU beside a loop over pyproj.Geod, exactness beside the official series.

``python benchmarks/area.py --size small|medium|full``

Star-shaped polygons of 50 vertices and 0.1 to 100 ha lie all over China's latitudes, in longitude
and latitude on CGCS2000. Methods take turns in one process; the median of the rounds is told. The
official formula of the third land survey is written out here from its circular
(国土调查办发〔2008〕32号) and judges every polygon; geodesic edges are another definition of area,
so how far the two lie apart is told and not judged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

import measuring
from ecogis.spatial import ellipsoidal_area_m2, frame_of, plane_of
from ecogis.spatial.area import AREA_DEFINITION, ring_area_m2
from ecogis.spatial.plane import ellipsoid

Floats = npt.NDArray[np.float64]

SIZES = {"small": (5_000, 3), "medium": (100_000, 5), "full": (1_000_000, 3)}
VERTICES = 50  # the closing one included
HECTARES = (0.1, 100.0)
LATITUDES, LONGITUDES = (18.0, 53.5), (74.0, 134.5)
SEED = 32
BATCH = 50_000
MERIDIAN, EPSG = 114.0, 4547  # CGCS2000, 3-degree Gauss-Krueger about 114 E

PEER = "pyproj.Geod.geometry_area_perimeter, one polygon after the other"
OURS = "ecogis.spatial.ellipsoidal_area_m2"
FLAT = "ecogis.spatial.area.ring_area_m2, flat arrays"
COPY = "shapely.get_coordinates, get_num_coordinates and get_type_id alone"
GRID = "ecogis.spatial.ellipsoidal_area_m2, Gauss-Krueger"


def stars(count: int, latitudes: tuple[float, float] = LATITUDES) -> Floats:
    """Closed rings (polygon, vertex, 2) about random places, sizes even on a logarithmic scale."""
    rng = np.random.default_rng(SEED)
    corners = VERTICES - 1
    angle = np.sort(rng.uniform(0.0, 2.0 * np.pi, (count, corners)), axis=1)
    reach = rng.uniform(0.6, 1.4, (count, corners))
    turned = np.roll(angle, -1, axis=1)
    drawn = 0.5 * (reach * np.roll(reach, -1, axis=1) * np.sin(turned - angle)).sum(axis=1)
    wanted = 10_000.0 * np.exp(rng.uniform(*np.log(HECTARES), count))
    reach *= np.sqrt(wanted / drawn)[:, None]
    lat0, lon0 = rng.uniform(*latitudes, count), rng.uniform(*LONGITUDES, count)
    lat = lat0[:, None] + reach * np.sin(angle) / 111_000.0
    east = reach * np.cos(angle) / 111_320.0
    lon = lon0[:, None] + east / np.cos(np.radians(lat0))[:, None]
    ring = np.stack([lon, lat], axis=-1)
    return np.concatenate([ring, ring[:, :1]], axis=1)


def official_m2(rings: Floats) -> Floats:
    """The circular's trapezoids, term by term as printed: each edge with the axis ``L = L_1``.

    ``S = 2 b^2 dL [A sin(dB/2) cos Bm - B sin(3dB/2) cos 3Bm + C sin(5dB/2) cos 5Bm - ...]``
    """
    a, e2 = ellipsoid()
    e4, e6, e8 = e2**2, e2**3, e2**4
    factors = (
        1 + 3 / 6 * e2 + 30 / 80 * e4 + 35 / 112 * e6 + 630 / 2304 * e8,
        1 / 6 * e2 + 15 / 80 * e4 + 21 / 112 * e6 + 420 / 2304 * e8,
        3 / 80 * e4 + 7 / 112 * e6 + 180 / 2304 * e8,
        1 / 112 * e6 + 45 / 2304 * e8,
        5 / 2304 * e8,
    )
    lon, lat = np.radians(rings[..., 0]), np.radians(rings[..., 1])
    width = (lon[:, 1:] + lon[:, :-1]) / 2.0 - lon[:, :1]
    half, middle = (lat[:, 1:] - lat[:, :-1]) / 2.0, (lat[:, 1:] + lat[:, :-1]) / 2.0
    series = sum(
        (-1) ** k * factor * np.sin((2 * k + 1) * half) * np.cos((2 * k + 1) * middle)
        for k, factor in enumerate(factors)
    )
    return np.abs(2.0 * a * a * (1.0 - e2) * (width * series).sum(axis=1))


def geodesic_m2(polygons: Any) -> Floats:
    """The peer: one call for each polygon."""
    geod = pyproj.Geod(ellps="GRS80")
    return np.array([geod.geometry_area_perimeter(one)[0] for one in polygons])


def copied(polygons: Any) -> None:
    """What any method that starts from objects pays: the vertices out of them, in small blocks."""
    for low in range(0, len(polygons), 512):
        block = polygons[low : low + 512]
        shapely.get_num_coordinates(block)
        shapely.get_type_id(block)
        shapely.get_coordinates(block)


def race(rings: Floats, rounds: int) -> dict[str, float]:
    """Median CPU of each method; every method runs once on a few polygons first. [s]"""
    polygons = shapely.polygons(rings)
    xy, starts = rings.reshape(-1, 2), np.arange(len(rings) + 1) * VERTICES
    frame = frame_of(pyproj.CRS.from_epsg(EPSG), layer="polygons")
    beside = xy - np.repeat(rings[:, 0], VERTICES, axis=0) * [1.0, 0.0] + [MERIDIAN + 0.7, 0.0]
    drawn = shapely.polygons(frame.from_lonlat(beside).reshape(rings.shape))
    methods: dict[str, Callable[[int], object]] = {
        PEER: lambda n: geodesic_m2(polygons[:n]),
        OURS: lambda n: ellipsoidal_area_m2(polygons[:n]),
        FLAT: lambda n: ring_area_m2(xy[: n * VERTICES], starts[: n + 1]),
        COPY: lambda n: copied(polygons[:n]),
        GRID: lambda n: ellipsoidal_area_m2(drawn[:n], frame=frame),
    }
    taken: dict[str, list[float]] = {name: [] for name in methods}
    for method in methods.values():
        method(10)
    for _ in range(rounds):
        for name, method in methods.items():
            taken[name] += measuring.cpu_seconds(lambda m=method: m(len(rings)), 1)
    for name, seconds in taken.items():
        middle = measuring.median(seconds)
        measuring.row(
            part="speed",
            method=name,
            polygons=len(rings),
            vertices=VERTICES,
            cpu_s=middle,
            us_per_polygon=middle / len(rings) * 1e6,
            rounds=[round(one, 4) for one in seconds],
        )
    return {name: measuring.median(seconds) for name, seconds in taken.items()}


def exactness(rings: Floats, sample: int) -> dict[str, float]:
    """Ours beside the official series for all polygons, beside geodesics for some."""
    worst = 0.0
    for batch in np.split(rings, range(BATCH, len(rings), BATCH)):
        ours = ellipsoidal_area_m2(shapely.polygons(batch))
        worst = max(worst, float(np.abs(ours - official_m2(batch)).max()))
    some = shapely.polygons(rings[:sample])
    ours, geodesic = ellipsoidal_area_m2(some), np.abs(geodesic_m2(some))
    for low, high in ((0.1, 1.0), (1.0, 10.0), (10.0, 100.0)):
        of = (ours >= low * 1e4) & (ours < high * 1e4)
        apart = np.abs(ours - geodesic)[of]
        measuring.row(
            part="geodesic edges",
            from_ha=low,
            to_ha=high,
            polygons=int(of.sum()),
            max_abs_diff_m2=float(apart.max()),
            max_rel_diff=float((apart / geodesic[of]).max()),
        )
    measuring.row(
        part="official series",
        definition=AREA_DEFINITION,
        polygons=len(rings),
        max_abs_diff_m2=worst,
        largest_ha=float(ours.max() / 1e4),
    )
    return {"max_abs_diff_m2": worst}


def projection(count: int, rounds: int) -> dict[str, float]:
    """Gauss-Krüger undone, straight into the equal-area plane and to degrees, beside PROJ.

    Speed is told over a zone of 9 by 6 degrees, exactness from the equator to 54 degrees.
    """
    frame = frame_of(pyproj.CRS.from_epsg(EPSG), layer="points")
    rng = np.random.default_rng(SEED)
    lonlat = rng.uniform([MERIDIAN - 4.5, 27.0], [MERIDIAN + 4.5, 33.0], (count, 2))
    xy, out = frame.from_lonlat(lonlat), np.empty((count, 2))
    plane = plane_of(shapely.points([[MERIDIAN, 30.0]]))
    flat = frame.to_plane(xy, plane)
    proj = pyproj.Transformer.from_crs(EPSG, 4490, always_xy=True)
    methods: dict[str, Callable[[], object]] = {
        "pyproj.Transformer, to degrees": lambda: proj.transform(xy[:, 0], xy[:, 1]),
        "ecogis.spatial.Frame.lonlat": lambda: frame.lonlat(xy, out),
        "ecogis.spatial.Frame.from_lonlat": lambda: frame.from_lonlat(lonlat, out),
        "ecogis.spatial.Frame.to_plane": lambda: frame.to_plane(xy, plane, out),
        "ecogis.spatial.Frame.from_plane": lambda: frame.from_plane(flat, plane, out),
    }
    found = {}
    for name, method in methods.items():
        method()
        found[name] = measuring.median(measuring.cpu_seconds(method, rounds)) / count * 1e9
        measuring.row(part="projection", method=name, vertices=count, ns_per_vertex=found[name])
    whole = rng.uniform([MERIDIAN - 4.5, 0.0], [MERIDIAN + 4.5, 54.0], (count, 2))
    there = np.column_stack(proj.transform(*whole.T, direction="INVERSE"))
    degrees = frame.lonlat(there) - np.column_stack(proj.transform(*there.T))
    metres = np.abs(frame.from_lonlat(whole) - there).max()
    return {
        "ns_to_plane": found["ecogis.spatial.Frame.to_plane"],
        "max_diff_proj_m": max(float(np.abs(degrees).max()) * 111_320.0, float(metres)),
    }


def main(given: list[str] | None = None) -> None:
    """Run one size; the last line is the summary."""
    size = measuring.arguments(__doc__, given).size
    count, rounds = SIZES[size]
    measuring.row(**measuring.versions())
    rings = stars(count)
    cpu = race(rings, rounds)
    figures = exactness(rings, min(count, 100_000)) | projection(max(count, 100_000), rounds)
    measuring.summary(
        "area",
        size,
        speedup=cpu[PEER] / cpu[OURS],
        speedup_flat=cpu[PEER] / cpu[FLAT],
        speedup_gauss_kruger=cpu[PEER] / cpu[GRID],
        **figures,
    )


if __name__ == "__main__":
    main()
