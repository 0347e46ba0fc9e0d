"""The sheet a map is drawn on: local projection, filled areas, legend, scale, north, date."""

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import geopandas
import numpy as np
import pandas as pd
import shapely

from ecogis.report.canvas import INK, canvas, png
from ecogis.report.words import Words

__all__ = ["MapSheet", "layer_longitude", "local_crs", "map_sheet"]

_WIDTH: Final = 15.0
_HEIGHTS: Final = (6.5, 8.8)
_SQUARE: Final = 0.75  # land as high as this beside its width has its legend at the side
_SIDE: Final = 10.0  # width of the land then [cm]
_MARGIN: Final = 0.04
_FAR: Final = 3.0  # quartile spans from the median at which a shape is off the sheet
_FOOT: Final = 0.12  # room below the land for scale and north
_EDGE: Final = "#555555"
_FINEST: Final = 0.06  # half a dot of the picture on paper [mm]
# CGCS2000 / 3-degree Gauss-Kruger without zone prefix, by central meridian
_FIRST_CODE, _FIRST_MERIDIAN, _LAST_MERIDIAN = 4534, 75, 135


def local_crs(longitude: float) -> tuple[str, str]:
    """The 3-degree Gauss-Krüger zone of a longitude: code and name.

    >>> local_crs(107.4)
    ('EPSG:4545', 'CGCS2000 / 3° Gauss-Krüger CM 108°E')
    """
    meridian = min(max(3 * round(longitude / 3), _FIRST_MERIDIAN), _LAST_MERIDIAN)
    code = _FIRST_CODE + (meridian - _FIRST_MERIDIAN) // 3
    return f"EPSG:{code}", f"CGCS2000 / 3° Gauss-Krüger CM {meridian}°E"


class MapSheet:
    """Axes in metres with what a map must carry; made by `map_sheet`."""

    def __init__(
        self,
        axes: Any,
        crs: str,
        extent: tuple[float, float, float, float],
        *,
        beside: bool = False,
    ) -> None:
        self.axes = axes
        self._beside = beside
        self.crs = crs
        self._handles: list[Any] = []
        self.outside = 0
        left, bottom, right, top = extent
        size = max(right - left, top - bottom)
        margin, foot = size * _MARGIN, size * _FOOT
        self.extent = (left - margin, bottom - foot, right + margin, top + margin)
        self._grain = size / (_HEIGHTS[1] * 10) * _FINEST
        axes.set_xlim(self.extent[0], self.extent[2])
        axes.set_ylim(self.extent[1], self.extent[3])
        axes.set_aspect("equal")

    def fill(
        self,
        shapes: geopandas.GeoSeries,
        label: str,
        colour: str,
        hatch: str = "",
        alpha: float = 1.0,
    ) -> None:
        """Draw polygons in one colour and hatch, and name them in the legend."""
        from matplotlib.patches import Patch, PathPatch

        path = _outlines(shapes.to_crs(self.crs), self._grain)
        if path is None:
            return
        look: dict[str, Any] = {
            "facecolor": colour,
            "edgecolor": _EDGE,
            "hatch": hatch,
            "alpha": alpha,
        }
        # not as a patch: the limits are set, and matplotlib would seek them on every curve
        self.axes.add_artist(PathPatch(path, linewidth=0.25, **look))
        self._handles.append(Patch(linewidth=0.4, label=label, **look))

    def lines(
        self,
        shapes: geopandas.GeoSeries,
        label: str,
        colour: str,
        width: float,
        dash: str = "-",
    ) -> None:
        """Draw the boundaries of polygons, and name them in the legend."""
        from matplotlib.lines import Line2D
        from matplotlib.patches import PathPatch

        path = _outlines(shapes.to_crs(self.crs), self._grain)
        if path is None:
            return
        look: dict[str, Any] = {"linestyle": dash, "linewidth": width}
        self.axes.add_artist(PathPatch(path, fill=False, edgecolor=colour, zorder=3, **look))
        look["linewidth"] = max(width, 0.8)
        self._handles.append(Line2D([], [], color=colour, label=label, **look))

    def crosses(self, shapes: geopandas.GeoSeries) -> bool:
        """Whether a boundary of these polygons runs over the sheet."""
        sheet = shapely.box(*self.extent)
        return bool(shapes.to_crs(self.crs).boundary.intersects(sheet).any())

    def names(self, shapes: geopandas.GeoSeries, labels: Iterable[Any]) -> None:
        """Write the names of groups of polygons in their middle."""
        from matplotlib.patheffects import withStroke

        points = shapes.to_crs(self.crs).representative_point()
        middle = pd.DataFrame({"x": points.x, "y": points.y, "name": list(labels)}).dropna()
        for name, place in middle.groupby("name")[["x", "y"]].median().iterrows():
            self.axes.text(
                place["x"],
                place["y"],
                str(name),
                ha="center",
                va="center",
                fontsize=7.5,
                color=INK,
                path_effects=[withStroke(linewidth=2, foreground="white")],
                clip_on=True,
            )

    def finish(self, words: Words, crs_name: str, date_text: str) -> bytes:
        """Add frame, scale, north, legend and date, and give the map as PNG."""
        self._frame()
        self._scale(words)
        self._north(words)
        crs = words.word("drawing.crs").format(crs=crs_name)
        date = words.word("drawing.date").format(date=date_text)
        outside = words.word("drawing.outside").format(number=self.outside) if self.outside else ""
        gap = "\n" if self._beside else "    "
        self.axes.set_xlabel(f"{crs}{gap}{date}{outside}", fontsize=7.5)
        if self._handles:
            self.axes.figure.legend(
                handles=self._handles,
                loc="outside right upper" if self._beside else "outside lower center",
                ncols=1 if self._beside else 3,
                frameon=False,
                fontsize=7.5,
                handleheight=1.3,
                handlelength=2.2,
            )
        return png(self.axes)

    def _frame(self) -> None:
        """A frame with degrees of longitude and latitude."""
        left, bottom, right, top = self.extent
        corners = geopandas.GeoSeries(shapely.points([[left, bottom], [right, top]]), crs=self.crs)
        degrees = corners.to_crs("EPSG:4490")
        for axis, (low, high), fixed, letter in (
            ("x", tuple(degrees.x), degrees.y.iloc[0], "E"),
            ("y", tuple(degrees.y), degrees.x.iloc[0], "N"),
        ):
            ticks = _round_ticks(low, high)
            pairs = [(t, fixed) if axis == "x" else (fixed, t) for t in ticks]
            places = geopandas.GeoSeries(shapely.points(pairs), crs="EPSG:4490").to_crs(self.crs)
            where = places.x if axis == "x" else places.y
            labels = [_degrees(tick, letter) for tick in ticks]
            getattr(self.axes, f"set_{axis}ticks")(list(where), labels, fontsize=6.5)
        self.axes.tick_params(axis="y", rotation=90, length=3)
        for label in self.axes.get_yticklabels():
            label.set_verticalalignment("center")
        for spine in self.axes.spines.values():
            spine.set_visible(True)

    def _scale(self, words: Words) -> None:
        from matplotlib.patches import Rectangle

        left, bottom, right, top = self.extent
        length = _round_length((right - left) / 4)
        height = (top - bottom) * 0.008
        x, y = left + (right - left) * 0.03, bottom + (top - bottom) * 0.035
        for part, colour in enumerate((INK, "white")):
            bar = Rectangle((x + part * length / 2, y), length / 2, height)
            bar.set(facecolor=colour, edgecolor=INK, linewidth=0.6, zorder=5)
            self.axes.add_patch(bar)
        unit, size = ("kilometres", length / 1000) if length >= 1000 else ("metres", length)
        for share in (0.0, 0.5, 1.0):
            self.axes.text(
                x + share * length, y + 1.6 * height, f"{size * share:g}", ha="center", fontsize=7
            )
        self.axes.text(x + length * 1.07, y, words.word(f"drawing.{unit}"), va="bottom", fontsize=7)

    def _north(self, words: Words) -> None:
        self.axes.annotate(
            words.word("drawing.north"),
            xy=(0.95, 0.105),
            xytext=(0.95, 0.018),
            xycoords="axes fraction",
            ha="center",
            va="bottom",
            fontsize=9,
            arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.4},
        )


@contextmanager
def map_sheet(layer: geopandas.GeoDataFrame) -> Iterator[MapSheet]:
    """A map sheet for a layer in EPSG:4490.

    Shapes far from all others (a misplaced one, say) would shrink the land to a dot; the sheet
    leaves them out and says how many they are.
    """
    crs, _ = local_crs(layer_longitude(layer))
    bounds = layer.geometry.to_crs(crs).bounds
    near = _near(bounds)
    low, high = bounds[near].min(), bounds[near].max()
    left, bottom, right, top = low["minx"], low["miny"], high["maxx"], high["maxy"]
    ratio = (top - bottom) / max(right - left, 1.0)
    beside = ratio >= _SQUARE
    room = _SIDE if beside else _WIDTH
    height = min(max(room * ratio, _HEIGHTS[0]), _HEIGHTS[1]) + 1.8
    with canvas(_WIDTH, height) as axes:
        sheet = MapSheet(axes, crs, (left, bottom, right, top), beside=beside)
        sheet.outside = int((~near).sum())
        yield sheet


def layer_longitude(layer: geopandas.GeoDataFrame) -> float:
    """The middle longitude of a layer's shapes. [degree]"""
    bounds = layer.geometry.bounds
    return float(((bounds["minx"] + bounds["maxx"]) / 2).median())


def _near(bounds: pd.DataFrame) -> pd.Series:
    """Which shapes lie with the others: within so many quartile spans of the median."""
    near = pd.Series(True, index=bounds.index)
    for low, high in (("minx", "maxx"), ("miny", "maxy")):
        middle = (bounds[low] + bounds[high]) / 2
        first, median, third = middle.quantile([0.25, 0.5, 0.75])
        reach = _FAR * max(third - first, (bounds[high] - bounds[low]).max())
        near &= (middle - median).abs() <= reach
    return near


def _outlines(shapes: geopandas.GeoSeries, grain: float = 0.0) -> Any:
    """Polygons as one path, shells and holes turning opposite ways, no finer than the grain."""
    from matplotlib.path import Path

    parts = shapely.get_parts(shapes.dropna().to_numpy())
    parts = parts[shapely.get_dimensions(parts) == 2]
    parts = shapely.orient_polygons(shapely.simplify(parts, grain) if grain else parts)
    rings = shapely.get_rings(parts)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return None
    turns = ring[1:] != ring[:-1]
    kinds = np.full(len(points), Path.LINETO, dtype=Path.code_type)
    kinds[np.r_[True, turns]] = Path.MOVETO
    kinds[np.r_[turns, True]] = Path.CLOSEPOLY
    return Path(points, kinds)


def _round_length(metres: float) -> float:
    size = 10.0 ** math.floor(math.log10(metres))
    return max(step * size for step in (1, 2, 5) if step * size <= metres)


def _round_ticks(low: float, high: float) -> list[float]:
    """About three round arc-minutes between two angles. [degree]"""
    span = (high - low) * 3600
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 18000)
    step = next((s for s in steps if span / s <= 4), steps[-1])
    first, last = math.ceil(low * 3600 / step), math.floor(high * 3600 / step)
    return [number * step / 3600 for number in range(first, last + 1)]


def _degrees(angle: float, letter: str) -> str:
    seconds = round(angle * 3600)
    minutes, second = divmod(seconds, 60)
    degree, minute = divmod(minutes, 60)
    return f"{degree}°{minute:02d}′" + (f"{second:02d}″" if second else "") + letter
