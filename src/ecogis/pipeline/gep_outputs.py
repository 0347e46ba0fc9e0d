"""Outputs of the account of services: report, workbook, map layer, tables, manifest."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ecogis import io, report
from ecogis.core.provenance import canonical_json, library_versions, sha256_text
from ecogis.core.vocabulary import terms
from ecogis.pipeline.gep_account import GepResult
from ecogis.pipeline.gep_tables import change_table, gep_summary, gep_tables
from ecogis.pipeline.manifest import manifest
from ecogis.pipeline.outputs import MANIFEST, run_folder
from ecogis.report import Content

__all__ = ["GEP_FORMATS", "gep_content", "write_gep"]

GEP_FORMATS: Final = ("docx", "html", "xlsx", "gpkg")
"""Faces of the account that are written unless others are named; ``pdf`` is there too."""
_SCHEMA: Final = "ecogis-gep/1"


def gep_content(made: GepResult, seconds: float = 0.0) -> tuple[Content, dict[str, Any]]:
    """What a report of the account is made of, and the record for its manifest."""
    tables = gep_tables(made)
    summary = {"project": _project(made), "gep": gep_summary(made)}
    inputs = sorted(made.inputs, key=lambda entry: (str(entry["role"]), str(entry["file"])))
    core = {
        "schema": _SCHEMA,
        "project": {"file": made.project.file.name, "sha256": made.project.sha256},
        "inputs": inputs,
        "standard": {
            "id": made.account.standard.id,
            "edition": made.account.standard.edition,
            "sha256": made.account.standard.sha256,
        },
        "constants": dict(made.constants),
        "made_of": dict(made.made_of),
        "derived": dict(made.derived),
        "parameters": made.parameters.astype(str).to_dict("records"),
        "results": summary | {"items": _records(tables["gep_items"])},
    }
    record = manifest(core, seconds)
    version = library_versions()["ecogis"]
    summary["manifest"] = {"sha256": sha256_text(canonical_json(core)), "version": version}
    listed = {
        "parameters": made.parameters,
        "inputs": pd.DataFrame(inputs),
        "findings": made.findings,
    }
    return Content(summary, tables | listed), record


def write_gep(
    made: GepResult,
    folder: str | Path,
    *,
    lang: str | None = None,
    formats: Collection[str] = GEP_FORMATS,
    change: pd.DataFrame | None = None,
    seconds: float = 0.0,
) -> list[str]:
    """Write the account, whole or not at all.

    Parameters
    ----------
    made : GepResult
        The account.
    folder : str or Path
        Folder; an earlier run's is replaced.
    lang : {"zh", "en"}, optional
        Language; the project's by default.
    formats : collection of {"docx", "pdf", "html", "xlsx", "gpkg"}
        Faces.
    change : DataFrame, optional
        What changed since an earlier year, as `gep_years` gives it.
    seconds : float
        Time the account took, for the manifest. [s]

    Returns
    -------
    list of str
        Names of the files, the manifest last.

    Raises
    ------
    ConfigError
        E551 the folder holds other files, E546 its parent cannot be made.
    InputError
        E162, E163 the folder cannot be written.
    """
    lang = lang or made.project.config.project.lang
    content, record = gep_content(made, seconds)
    changed = None if change is None else change_table(change)
    if changed is not None:
        content = Content(content.summary, {**content.tables, "gep_change": changed})
    record["lang"] = lang
    faces = [name for name in formats if name != "gpkg"]
    out = Path(folder)
    with run_folder(out, record) as draft:
        if faces:
            report.write(content, draft, lang=lang, formats=faces, forms=("gep",))
        if "gpkg" in formats:
            _layer(draft / "gep.gpkg", made, lang)
        for name in ("gep_items", "gep_parts", "gep_townships", "gep_supply", "gep_use"):
            io.write_csv(draft / f"{name}.csv", content.tables[name])
        for name, raster in made.rasters.items():
            io.write_cog(draft / f"{name}.tif", raster)
        io.write_csv(draft / "findings.csv", made.findings)
        if changed is not None:
            io.write_csv(draft / "gep_change.csv", changed)
    return [*sorted(path.name for path in out.iterdir() if path.name != MANIFEST), MANIFEST]


def _project(made: GepResult) -> dict[str, Any]:
    about = made.project.config.project
    return {
        "name": about.name,
        "lang": about.lang,
        "province": about.province,
        "valuation_date": about.valuation_date.isoformat(),
        "crs_label": "EPSG:4490 (CGCS2000)",
    }


def _records(items: pd.DataFrame) -> dict[str, int | None]:
    pairs = zip(items["item"], items["value_fen"], strict=True)
    return {str(item): None if pd.isna(fen) else int(fen) for item, fen in pairs}


def _layer(path: Path, made: GepResult, lang: str) -> None:
    from ecogis.services import items

    name = "生态产品价值" if lang == "zh" else "ecosystem_services"
    total = "合计" if lang == "zh" else "total"
    titles = {key: about.zh if lang == "zh" else about.en for key, about in items().items()}
    unit = "分" if lang == "zh" else "fen"
    heads = {key: told.zh if lang == "zh" else told.en for key, told in terms().items()}
    heads["area_dm2"] += " (0.01 m²)"
    heads |= {k: f"{v} ({unit})" for k, v in {**titles, "gep_fen": total}.items()}
    aliases = {column: heads[column] for column in made.units.columns if column in heads}
    io.write_gpkg(
        path,
        {name: made.units},
        styles={name: report.services_style(made.units, lang, names=aliases)},
        aliases={name: aliases},
        descriptions={name: report.area_note(lang)},
    )
