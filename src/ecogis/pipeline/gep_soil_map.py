"""The map of soil retained: each cell with the factors of its rasters, or of its stand."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio.features
import shapely
import xarray as xr
from rasterio import Affine

from ecogis import services
from ecogis.pipeline.gep_rasters import Rasters
from ecogis.pipeline.run import Run
from ecogis.services import LandInputs
from ecogis.spatial.grids import Grid, RasterSource, Values, grid_of

__all__ = ["soil_map"]


def soil_map(
    run: Run, made: Rasters, inputs: LandInputs, *, rows: int = 512
) -> dict[str, xr.DataArray]:
    """Rasters for the map: the length-slope factor, and soil retained cell by cell.

    Soil retained is ``R K LS (1 - C P)`` on the cells of the heights: each factor of its raster
    where the stand takes it from there, the stand's own number elsewhere. Its mean under a stand is
    what the account has of it, but for cells its border cuts. Land without a stand has no value.

    Returns
    -------
    dict of str to DataArray (y, x), float32
        ``ls_factor`` [1], and ``soil_retained_t_ha`` [t ha-1 yr-1] where all five factors are
        known somewhere; empty where there are no heights.
    """
    if made.slope is None:
        return {}
    slope = made.slope
    shapes = run.layers["stands"].geometry.to_crs(grid_of(slope).crs)
    land = _Land(grid_of(slope), shapes.to_numpy(), shapely.STRtree(shapes.to_numpy()))
    factors = {name: inputs[name] for name in services.FACTORS}
    if not np.logical_and.reduce([~np.isnan(values) for values, _ in factors.values()]).any():
        return {"ls_factor": slope}
    sources = {name: _laid(land, name, made, *found) for name, found in factors.items()}
    found = np.concatenate(
        [values for _, values in services.soil_retained_windows(sources, rows=rows)]
    )
    kept = slope.copy(data=found.astype("float32")).rename("soil_retained_t_ha")
    kept.attrs["units"] = "t ha-1 yr-1"
    return {"ls_factor": slope, "soil_retained_t_ha": kept}


class _Land:
    """Which stand a cell's centre lies in, by windows; the last window is kept."""

    def __init__(self, grid: Grid, shapes: npt.NDArray[Any], tree: shapely.STRtree) -> None:
        self.grid, self._shapes, self._tree = grid, shapes, tree
        self._last: tuple[tuple[int, int, int, int], npt.NDArray[np.int32]] | None = None

    def window(self, rows: slice, columns: slice) -> npt.NDArray[np.int32]:
        """Position of the stand, from 1; 0 where there is none."""
        key = (rows.start, rows.stop, columns.start, columns.stop)
        if self._last is None or self._last[0] != key:
            self._last = key, self._burnt(rows, columns)
        return self._last[1]

    def _burnt(self, rows: slice, columns: slice) -> npt.NDArray[np.int32]:
        grid = self.grid
        x0, y0 = grid.x0 + grid.dx * columns.start, grid.y0 + grid.dy * rows.start
        tall, wide = rows.stop - rows.start, columns.stop - columns.start
        x1, y1 = x0 + grid.dx * wide, y0 + grid.dy * tall
        here = np.sort(
            self._tree.query(shapely.box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
        )
        found = np.zeros((tall, wide), dtype=np.int32)
        if len(here):
            rasterio.features.rasterize(
                ((self._shapes[at], int(at) + 1) for at in here),
                out=found,
                transform=Affine(grid.dx, 0.0, x0, 0.0, grid.dy, y0),
            )
        return found


@dataclass(frozen=True, slots=True)
class _Laid:
    """Values of stands on the cells they cover; where one has none, of the raster under it."""

    land: _Land
    values: npt.NDArray[np.float64]
    under: RasterSource | None = None

    @property
    def grid(self) -> Grid:
        return self.land.grid

    @property
    def block_rows(self) -> int:
        return 1

    def window(self, rows: slice, columns: slice) -> Values:
        at = self.land.window(rows, columns)
        laid = np.concatenate([[np.nan], self.values])[at]
        if self.under is None:
            return laid
        return np.where(np.isnan(laid) & (at > 0), self.under.window(rows, columns), laid)


def _laid(
    land: _Land,
    name: str,
    made: Rasters,
    values: npt.NDArray[np.float64],
    origins: npt.NDArray[np.object_],
) -> RasterSource:
    """A factor on the cells of the map."""
    source = made.sources.get(name)
    if source is None:
        return _Laid(land, values)
    if not services.aligned(source.grid, land.grid):
        source = services.OnGrid(source, land.grid)
    return _Laid(land, np.where(origins == "raster", np.nan, values), source)
