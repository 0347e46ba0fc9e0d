"""The result of a run: frames for the analyst, files for everybody else."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import xarray as xr

from ecogis import report
from ecogis.core.provenance import canonical_json, sha256_text
from ecogis.pipeline.itemising import parcel_values
from ecogis.pipeline.manifest import identity, manifest
from ecogis.pipeline.mapping import write_map
from ecogis.pipeline.outputs import write
from ecogis.pipeline.presenting import tables
from ecogis.pipeline.run import Progress, Project, Run
from ecogis.pipeline.stages import STAGES
from ecogis.pipeline.summing import summary
from ecogis.pipeline.tracing import unit_of
from ecogis.report import Content

__all__ = ["Result", "result_of"]


@dataclass(frozen=True)
class Result:
    """What a run found.

    Attributes
    ----------
    project : Project
        The project file the run was made from.
    summary : mapping
        Headline results, as in run.json.
    tables : mapping of str to DataFrame
        Every table of the report and the workbook.
    forecast : Dataset (stand, instant)
        ``standing_volume`` [m3 ha-1], ``above_ground``, ``below_ground`` [t C ha-1], ``co2e_kg``,
        through harvest and disturbance where the project asks for them.
    forecast_quantiles : Dataset (group, year)
        ``mean``, ``sd``, ``p5``, ``p50``, ``p95`` of living carbon on 1 January over the draws of
        survey, curves, carbon factors and disturbance; groups are ``whole``, ``project`` (the
        creditable land) and the townships. [kg CO2e]
    fellings : DataFrame, one row per felling
        ``stand year event volume_m3``: what happens of the plan or the rules; empty without. [m3]
    pools : Dataset or None
        ``stock_kg`` (pool, group, instant) and ``flow_kg`` (flow, group, year) by township, whose
        balance closes; None where no pools are followed. [kg CO2e]
    opinion : Dataset or None
        Stocks by a second parameter set beside the run's, as `ecogis.carbon.opinions` gives them.
    dem : DataArray (y, x) or None
        Elevation, for the location map. [m]
    record : mapping
        What decides the result: inputs, editions, seed and results, by hash.
    seconds : float
        Time the stages took. [s]
    """

    project: Project
    summary: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    forecast: xr.Dataset
    forecast_quantiles: xr.Dataset
    fellings: pd.DataFrame
    pools: xr.Dataset | None
    opinion: xr.Dataset | None
    dem: xr.DataArray | None
    record: dict[str, Any]
    seconds: float

    @property
    def pieces(self) -> geopandas.GeoDataFrame:
        """One row per piece: stand, parcel, area, verdicts, carbon and reductions; EPSG:4490."""
        return geopandas.GeoDataFrame(self.tables["pieces"])

    @property
    def credits(self) -> pd.DataFrame:
        """Reductions by vintage; without rows when nothing is creditable. [kg CO2e]"""
        return self.tables.get("vintages", pd.DataFrame())

    @property
    def valuation(self) -> pd.DataFrame:
        """Cash flow, one row per event; without rows when nothing can be pledged. [fen]"""
        return self.tables.get("cash_flow", pd.DataFrame())

    @property
    def findings(self) -> pd.DataFrame:
        """What is wrong in the data, one row each, in both languages."""
        return self.tables["findings"]

    def report(
        self,
        path: str | Path,
        *,
        lang: str | None = None,
        form: str = "carbon",
        template: str | Path | None = None,
    ) -> Path:
        """Write one face of a report: ``.docx``, ``.html``, ``.pdf`` or ``.xlsx`` by the name.

        `form` is ``carbon``, the accounting report, ``asset``, the appraisal report, or
        ``explanation``. A firm's own restyled copy of the Word template is passed as `template`.
        """
        own = None if template is None else Path(template)
        return report.write_one(
            self._content(),
            Path(path),
            lang=lang or self._lang,
            form=form,
            template=own,
            fonts=[self.project.folder / font for font in self.project.config.output.fonts],
        )

    def map(
        self, path: str | Path, *, name: str = "map_eligibility", lang: str | None = None
    ) -> Path:
        """Write the whole map as a page (``.html``), or one map of the report as PNG.

        The page opens without a network; ``ecogis map`` also writes it as a folder and for the
        public. `name` is for PNG: eligibility unless another map is named.
        """
        if Path(path).suffix.lower() == ".html":
            return write_map(self, Path(path), lang=lang or self._lang)[0]
        fonts = [self.project.folder / font for font in self.project.config.output.fonts]
        return report.write_map(
            self._content(), Path(path), name=name, lang=lang or self._lang, fonts=fonts
        )

    def write(
        self, folder: str | Path, *, lang: str | None = None, progress: Progress | None = None
    ) -> list[str]:
        """Write report, tables, map layers, findings and run.json, whole or not at all."""
        if progress is not None:
            progress("write", len(STAGES) + 2, len(STAGES) + 2)
        return write(
            Path(folder),
            content=self._content(),
            findings=self.findings,
            config=self.project.config,
            record=manifest(self.record, self.seconds, lang=lang or self._lang),
            lang=lang or self._lang,
            home=self.project.folder,
        )

    @property
    def _lang(self) -> str:
        return self.project.config.project.lang

    def _content(self) -> Content:
        fingerprint = {
            "sha256": sha256_text(canonical_json(self.record)),
            "version": dict(self.tables["versions"].to_numpy())["ecogis"],
        }
        return Content({**self.summary, "manifest": fingerprint}, self.tables, self.dem)

    def __repr__(self) -> str:
        total = self.summary["totals"]
        return (
            f"Result({self.summary['project']['name']}: {total['pieces']:,} pieces, "
            f"{total['creditable_ha']:,.2f} ha creditable, {total['issued_t']:,} t CO2e)"
        )

    def _repr_html_(self) -> str:
        totals = self.summary["totals"]
        columns = {"unit": [unit_of(name) for name in totals], "": list(totals.values())}
        rows = pd.DataFrame(columns, index=pd.Index(totals, name=self.summary["project"]["name"]))
        return str(rows.to_html())


def result_of(run: Run, started: float) -> Result:
    """Gather what the stages left."""
    found = tables(run)
    headline = summary(run, found)
    found["parcel_values"] = parcel_values(found, headline["valuation"])
    return Result(
        project=run.project,
        summary=headline,
        tables=found,
        forecast=run.left["forecast"],
        forecast_quantiles=run.left["forecast_quantiles"],
        fellings=run.left["fellings"],
        pools=run.left.get("pools"),
        opinion=run.left["opinion"],
        dem=run.dem,
        record=identity(run, headline),
        seconds=time.monotonic() - started,
    )
