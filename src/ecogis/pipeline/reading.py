"""From the project file to layers and tables, looked at: nothing is missing in silence."""

from dataclasses import asdict
from functools import partial
from pathlib import Path

import geopandas
import pandas as pd

from ecogis import growth, io, overlay, quality
from ecogis.core.errors import InputError
from ecogis.core.provenance import sha256_file
from ecogis.methods import note_stale
from ecogis.pipeline.config import TABLES
from ecogis.pipeline.config_absent import absent
from ecogis.pipeline.run import Run
from ecogis.spatial.area import area_dm2
from ecogis.spatial.remembering import remembering

__all__ = ["look", "read"]

_KEYS = {"stands": "stand", "stands_opening": "stand", "parcels": "parcel"}
_OPTIONAL = {
    "stands_opening": ("上期调查图层", "layer of the survey before"),
    "boundary": ("乡镇界线图层", "boundary layer"),
    "rights": ("权利登记表", "table of rights"),
    "encumbrances": ("权利限制登记表", "table of encumbrances"),
    "documents": ("证明文件清单", "list of documents"),
    "land_history": ("地类变更记录", "land-use history"),
    "prices": ("碳价资料", "carbon prices"),
}


def read(run: Run) -> None:
    """Read every layer, table and raster the project names, and say which are absent."""
    config = run.config
    for role, layer in config.layers.items():
        path = run.project.folder / layer.path
        run.layers[role] = io.read_layer(
            path,
            layer=layer.layer,
            profile=_profile(run.project.folder, layer.profile),
            crs=layer.crs,
            encoding=layer.encoding,
            shift=layer.shift,
            role=role,
            findings=run.findings,
            told=partial(_note, run, role),
        )
    for role in config.tables:
        if role not in run.unread:
            run.tables[role] = _rows(run, role)
    if "dem" in config.rasters:
        path = run.project.folder / config.rasters["dem"].path
        run.dem = io.read_dem(path)
        crs, cells = str(run.dem.attrs["crs"]), int(run.dem.size)
        _note(run, "dem", io.LayerInfo(path.name, "", cells, crs, "", sha256_file(path)))
    harvest = config.growth.harvest
    for role, name in {
        "own_curves": config.growth.own_curves,
        "harvest": harvest.plan if harvest else None,
    }.items():
        if name is not None:
            path = run.project.folder / name
            if not path.is_file():
                raise InputError("E105", file=path, near="—")
            _note(run, role, io.LayerInfo(path.name, "", 0, "", "", sha256_file(path)))
    _say_what_is_absent(run)


def _rows(run: Run, role: str) -> pd.DataFrame:
    table = run.config.tables[role]
    path = run.project.folder / table.path
    priced = role == "prices"
    told = partial(_note, run, role)
    read_rows = io.read_quotes if priced else partial(io.read_table, role=role, told=told)
    found = read_rows(
        path,
        sheet=table.sheet,
        profile=_profile(run.project.folder, table.profile),
        findings=run.findings,
    )
    if priced:
        told(io.quotes_info(path, table.sheet))
    return found


def _note(run: Run, role: str, info: io.LayerInfo) -> None:
    run.inputs.append({"role": role} | asdict(info))


def _profile(folder: Path, name: str) -> str | Path:
    return folder / name if name.endswith(".toml") else name


def _say_what_is_absent(run: Run) -> None:
    for role, (zh, en) in _OPTIONAL.items():
        if role not in run.layers and role not in run.tables:
            unread = role in run.unread and role in run.config.tables
            run.findings.add("E557" if unread else "E547", layer=role, what=f"{zh} ({en})")
    for role in TABLES:
        run.tables.setdefault(role, pd.DataFrame(columns=[*io.role(role).columns, "row"]))


def look(run: Run) -> None:
    """Unique ids, sound rings, areas of record; then every check; and editions long unchecked."""
    with remembering():
        _look(run)


def _look(run: Run) -> None:
    for role, key in _KEYS.items():
        if role in run.layers:
            run.layers[role] = _sound(run, run.layers[role], role, key)
    layers, tables = run.layers, run.tables
    if run.config.growth.fill:
        limits = growth.age_limits(run.ages, run.date)
        layers["stands"] = growth.filled(
            layers["stands"], run.findings, rules=run.config.growth.fill, limits=limits
        )
    quality.look(
        layers["stands"],
        layers["parcels"],
        tables["rights"],
        tables["encumbrances"],
        None if "documents" in run.unread else tables["documents"],
        run.findings,
        valuation_date=run.date,
        land_history=None if "land_history" in run.unread else tables["land_history"],
        age_limits=_age_limits(run),
    )
    asked = [] if absent(run.config) else [run.methodology]
    note_stale([*asked, run.guideline], run.date, run.findings)
    note_stale([*run.sets, run.names, run.ages], run.date, run.findings)
    _look_at_maps(run)


def _look_at_maps(run: Run) -> None:
    """Each layer as a map, and whether it lies where the others lie."""
    boundary = run.layers.get("boundary")
    for role, key in _KEYS.items():
        if role in run.layers:
            quality.topology(run.layers[role], key, run.findings, role=role, boundary=boundary)
    stands = run.layers["stands"]
    for role in ("boundary", "parcels", "stands_opening"):
        if role in run.layers:
            other = run.layers[role]
            quality.shifted(stands, other, run.findings, role="stands", reference_role=role)


def _age_limits(run: Run) -> pd.DataFrame:
    """Limits of the age groups by species and origin."""
    groups = run.ages.frame("species", run.date)[["species", "species_group"]]
    return groups.merge(run.ages.frame("limits", run.date), on="species_group")


def _sound(run: Run, layer: geopandas.GeoDataFrame, role: str, key: str) -> geopandas.GeoDataFrame:
    layer = overlay.unique_ids(layer, key, run.findings, role=role)
    repairs = getattr(run.config.policy.repairs, role)
    layer = quality.repair(layer, key, run.findings, role=role, repairs=repairs)
    area = area_dm2(layer.geometry.array)
    return layer.assign(area_dm2=area, area_ha=pd.Series(area, index=layer.index) * 1e-6)
