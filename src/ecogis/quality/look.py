"""Every check in its order: stands, parcels, rights, encumbrances, documents, history."""

import datetime as dt

import geopandas
import numpy as np
import pandas as pd
import shapely

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.quality import areas, attributes, burdens, identifiers, rights, shapes
from ecogis.quality.limits import Limits
from ecogis.quality.table import Names, Table
from ecogis.spatial.area import ellipsoidal_area_m2

__all__ = ["look"]


def look(  # noqa: PLR0917  the five inputs of a county, in their order
    stands: geopandas.GeoDataFrame,
    parcels: geopandas.GeoDataFrame,
    right_table: pd.DataFrame,
    encumbrances: pd.DataFrame,
    documents: pd.DataFrame | None,
    findings: Findings,
    *,
    valuation_date: dt.date,
    land_history: pd.DataFrame | None = None,
    age_limits: pd.DataFrame | None = None,
    limits: Limits | None = None,
) -> None:
    """Look at the inputs and add findings; nothing is changed.

    Stands that cannot be used (no identifier, land class, species, age or volume; a value that
    cannot be) are excluded: their area stays in every total and they earn nothing. No missing
    value is ever replaced by a default. A column that is absent counts as missing.

    Parameters
    ----------
    stands, parcels : GeoDataFrame
        Canonical, EPSG:4490, after `repair_rings`.
    right_table, encumbrances : DataFrame
        Canonical tables, possibly without rows.
    documents : DataFrame, optional
        The same; without it what points at a document is not looked up.
    findings : Findings
        Receives what is wrong.
    valuation_date : date
        Day at which rights, encumbrances and documents are judged.
    land_history : DataFrame, optional
        Land classes of stands by year.
    age_limits : DataFrame, optional
        ``species origin young_max middle_max near_mature_max mature_max`` [yr], from the library;
        without it the age groups are not judged.
    limits : Limits, optional
        What is still plausible.

    Raises
    ------
    VocabularyError
        A layer or table lacks its identifier.

    Findings
    --------
    E200, E201, E224
        Identifier missing, standing twice, or pointing at nothing.
    E203 to E214, E220, E221
        Attributes of stands.
    E210
        Areas stated for stands, parcels and rights.
    E215 to E219, E222, E223
        Rights.
    E225 to E228
        Encumbrances, documents and land history.
    E343, E347
        Geometry.

    Examples
    --------
    >>> from shapely import box
    >>> stand = geopandas.GeoDataFrame(
    ...     {"stand": ["S1"], "land_class": ["water"], "survey_date": ["2024-12-31"]},
    ...     geometry=[box(113, 24, 113.001, 24.001)],
    ...     crs=4490,
    ... )
    >>> parcel = stand.drop(columns="land_class").rename(columns={"stand": "parcel"})
    >>> empty = pd.DataFrame(columns=["right", "encumbrance", "document"])
    >>> findings = Findings()
    >>> day = dt.date(2026, 8, 31)
    >>> look(stand, parcel, empty, empty, empty, findings, valuation_date=day)
    >>> findings.table()["code"].tolist()
    ['E216']
    """
    policy = limits or Limits()
    for layer, name in ((stands, "stands"), (parcels, "parcels")):
        require(layer, ["geometry"], name)
    trees = Table(stands, "stands", "stand", findings, _hectares(stands))
    land = Table(parcels, "parcels", "parcel", findings, _hectares(parcels))
    owned = Table(right_table, "rights", "right", findings)
    burden = Table(encumbrances, "encumbrances", "encumbrance", findings)
    papers = None if documents is None else Table(documents, "documents", "document", findings)
    for table in filter(None, (trees, land, owned, burden, papers)):
        identifiers.unnamed(table)
        identifiers.duplicated(table)
    _stands(trees, stands, valuation_date, age_limits, policy)
    _parcels(land, parcels, owned, policy)
    known = {"stand": _ids(trees), "parcel": _ids(land), "right": _ids(owned)}
    if papers is not None:
        known["document"] = _ids(papers)
    _rights(owned, known, valuation_date, policy)
    areas.right_areas(owned, land, _latitude(parcels), policy)
    _burdens(burden, known, valuation_date)
    if papers is not None:
        _papers(papers, known, valuation_date)
    if land_history is not None:
        _history(Table(land_history, "land_history", "stand", findings), known)


def _hectares(layer: geopandas.GeoDataFrame) -> areas.Floats:
    return np.nan_to_num(ellipsoidal_area_m2(layer.geometry.array), nan=0.0) / 10_000.0


def _latitude(layer: geopandas.GeoDataFrame) -> areas.Floats:
    boxes = shapely.bounds(np.asarray(layer.geometry.array, dtype=object))
    return np.asarray((boxes[:, 1] + boxes[:, 3]) / 2.0)


def _ids(table: Table) -> Names:
    return table.text(table.key).dropna()


def _stands(
    table: Table,
    layer: geopandas.GeoDataFrame,
    day: dt.date,
    age_limits: pd.DataFrame | None,
    limits: Limits,
) -> None:
    shapes.drawn(table, layer)
    attributes.classes(table)
    attributes.ages(table)
    attributes.canopies(table)
    attributes.volumes(table, limits)
    attributes.volumes_in_all(table, limits)
    attributes.plantings(table, limits)
    attributes.surveys(table, day)
    areas.stated_areas(table, _latitude(layer), limits)
    if age_limits is not None:
        attributes.groups_of_age(table, age_limits)


def _parcels(table: Table, layer: geopandas.GeoDataFrame, owned: Table, limits: Limits) -> None:
    shapes.drawn(table, layer)
    areas.stated_areas(table, _latitude(layer), limits)
    rights.bare_parcels(table, owned)


def _rights(table: Table, known: dict[str, Names], day: dt.date, limits: Limits) -> None:
    if "document" in known:
        identifiers.references(table, "consent_document", known["document"], "documents")
    rights.orphans(table, known["parcel"])
    rights.kinds(table)
    rights.reversed_dates(table)
    rights.expired(table, day)
    rights.shares(table)
    rights.share_sums(table, day, limits)


def _burdens(table: Table, known: dict[str, Names], day: dt.date) -> None:
    burdens.kinds(table, ["encumbrance_kind"])
    burdens.unattached(table)
    identifiers.references(table, "right", known["right"], "rights")
    identifiers.references(table, "parcel", known["parcel"], "parcels")
    rights.reversed_dates(table)
    burdens.active(table, day)


def _papers(table: Table, known: dict[str, Names], day: dt.date) -> None:
    burdens.kinds(table, ["document_kind", "subject_kind"])
    burdens.subjects(table, known)
    rights.reversed_dates(table, "date", "valid_until")
    burdens.document_dates(table, day)


def _history(table: Table, known: dict[str, Names]) -> None:
    burdens.kinds(table, ["land_class"])
    identifiers.references(table, "stand", known["stand"], "stands")
    if "document" in known:
        identifiers.references(table, "document", known["document"], "documents")
    burdens.double_history(table)
