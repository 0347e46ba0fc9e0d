"""What is known about each piece when a methodology's conditions are judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.core.identifiers import among
from ecogis.core.periods import add_years
from ecogis.core.vocabulary import require
from ecogis.eligibility.documents import usable
from ecogis.eligibility.title import Ground
from ecogis.methods import Exemption

__all__ = [
    "MEASURED",
    "RECORDED",
    "STAND_COLUMNS",
    "Declaration",
    "Facts",
    "Period",
    "Site",
    "facts",
    "text",
    "true",
]

STAND_COLUMNS = (
    "stand",
    "land_class",
    "prior_land_class",
    "origin",
    "forest_category",
    "forest_use",
    "planting_year",
)
MEASURED = (
    "canopy_cover",
    "age_yr",
    "height_m",
    "dbh_cm",
    "standing_volume",
    "dominant_height",
    "stems_ha",
)
"""Figures of a stand a condition may ask about; a table without the column leaves it open."""
RECORDED = ("age_group", "species")
"""Codes of a stand a condition may ask about beside those every table has."""
HISTORY_COLUMNS = ("stand", "year_from", "year_to", "land_class", "document")


@dataclass(frozen=True, slots=True)
class Declaration:
    """A statement about the site that no layer can show.

    Attributes
    ----------
    value : bool
        Whether the condition is met.
    because : str
        The statement in words.
    document : str
        Identifier of the document that holds it; one not in force on the day does not count.
    """

    value: bool
    because: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """The crediting period: `years` whole years from `start`."""

    start: date
    years: int

    @property
    def end(self) -> date:
        """The day after the last."""
        return add_years(self.start, self.years)


@dataclass(frozen=True, slots=True)
class Site:
    """Where the project lies, and what of its land is in a registered project already.

    Attributes
    ----------
    province : str
        First two digits of the administrative code; empty where not told.
    registered : DataFrame or None
        ``parcel project``: our ledger's or the register's table; None where none was handed in.
    """

    province: str = ""
    registered: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the rules look at.

    Attributes
    ----------
    land : DataFrame
        One row per piece: ``piece stand parcel area_dm2 merged_area_dm2`` (missing where not
        given), the stand's ``land_class prior_land_class origin forest_category forest_use
        planting_year``, and `MEASURED` and `RECORDED`, missing where the table has no such column.
    history : DataFrame
        ``stand year_from year_to land_class document documented usable``.
    ground : Ground
        Title and documents beside the pieces.
    exemptions : tuple of Exemption
        The cases in which the methodology asks for no proof of additionality.
    site : Site
        Where the project lies and what of it is registered already.
    """

    land: pd.DataFrame
    history: pd.DataFrame
    ground: Ground
    date: date
    on_file: frozenset[str]
    period: Period | None = None
    declared: Mapping[str, Declaration] = field(default_factory=lambda: MappingProxyType({}))
    exemptions: tuple[Exemption, ...] = ()
    site: Site = field(default_factory=Site)

    def nothing(self) -> npt.NDArray[np.object_]:
        """Empty evidence."""
        return np.full(len(self.land), "", dtype=object)

    def everywhere(self, flag: bool) -> npt.NDArray[np.bool_]:
        """One answer for all pieces."""
        return np.full(len(self.land), flag)

    def stand_evidence(self) -> npt.NDArray[np.object_]:
        """The stand's own record, which is the evidence for what the map says."""
        return self.land["stand"].fillna("").to_numpy(dtype=object)

    def planting(self) -> pd.Series:
        """Planting year by stand."""
        known = self.land.dropna(subset=["stand"]).drop_duplicates("stand")
        return known.set_index("stand")["planting_year"]


def facts(
    ground: Ground,
    stands: pd.DataFrame,
    land_history: pd.DataFrame | None,
    documents: pd.DataFrame | None,
    date: date,
    *,
    period: Period | None = None,
    declared: Mapping[str, Declaration] | None = None,
    exemptions: tuple[Exemption, ...] = (),
    site: Site | None = None,
    findings: Findings | None = None,
) -> Facts:
    """Lay the stands' attributes and land records beside the pieces."""
    require(stands, STAND_COLUMNS, "stands")
    own = stands.reindex(columns=[*STAND_COLUMNS, *MEASURED, *RECORDED]).drop_duplicates("stand")
    columns = ["piece", "stand", "parcel", "area_dm2"]
    merged = ground.pieces.get("merged_area_dm2", pd.Series(pd.NA, ground.pieces.index))
    land = ground.pieces[columns].assign(merged_area_dm2=merged.astype("Int64"))
    land = land.merge(pd.DataFrame(own), on="stand", how="left", validate="many_to_one")
    on_file = frozenset(usable(documents, date)["document"])
    return Facts(
        land=land.assign(planting_year=land["planting_year"].astype("Int64")),
        history=_history(land_history, on_file, findings),
        ground=ground,
        date=date,
        on_file=on_file,
        period=period,
        declared=MappingProxyType(dict(declared or {})),
        exemptions=exemptions,
        site=site or Site(),
    )


def true(mask: pd.Series) -> npt.NDArray[np.bool_]:
    """True where it is; a missing answer is not."""
    return mask.fillna(False).to_numpy(dtype=bool)


def text(column: pd.Series) -> npt.NDArray[np.object_]:
    """Texts, empty where there is none."""
    return column.fillna("").to_numpy(dtype=object)


def _history(
    land_history: pd.DataFrame | None, on_file: frozenset[str], findings: Findings | None
) -> pd.DataFrame:
    if land_history is None:
        land_history = pd.DataFrame(columns=[*HISTORY_COLUMNS])
    require(land_history, HISTORY_COLUMNS, "land_history")
    found = land_history[list(HISTORY_COLUMNS)].reset_index(drop=True)
    years = {name: pd.to_numeric(found[name]).astype("Int64") for name in ("year_from", "year_to")}
    found = found.assign(**years, documented=among(found["document"], on_file))
    ordered = (found["year_from"] <= found["year_to"]).fillna(False).astype(bool)
    found["usable"] = ordered & found["land_class"].notna()
    if findings is not None:
        spans = found["year_from"].astype("string") + "-" + found["year_to"].astype("string")
        findings.add(
            "E272",
            layer="land_history",
            where=~ordered,
            feature=found["stand"],
            row=land_history["row"].to_numpy() if "row" in land_history else None,
            column="year_from",
            observed=spans.fillna("?"),
        )
    return found
