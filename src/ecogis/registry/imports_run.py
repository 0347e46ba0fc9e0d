"""What a run offers to the registry: each right's land and yield, and claims on it.

A run hands over its pieces with their shapes, and a table that says which right a piece's
pledgeable tonnes belong to, vintage by vintage. The tonnes of a piece belong to one right; shares
of several holders in one right are the right's own affair.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import geopandas
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import require
from ecogis.registry.claims import Claim, Right, Survey
from ecogis.registry.fields import folded

if TYPE_CHECKING:
    from ecogis.registry.ledger import Ledger

__all__ = ["COLUMNS", "Terms", "as_newest", "claims_on", "surveys_of"]

COLUMNS: Final = (
    "piece",
    "unit_code",
    "right_kind",
    "certificate_no",
    "vintage",
    "pledgeable_kg",
)
_RIGHT: Final = ("unit_code", "right_kind", "certificate_no")


@dataclass(frozen=True, slots=True)
class Terms:
    """For whom and what tonnes are claimed.

    Attributes
    ----------
    party : str
        Lender of a pledge.
    dossier : str
        The business file.
    units : collection of str
        Unit codes of the rights, all where empty.
    vintages : collection of int
        Vintages, all where empty.
    """

    party: str
    dossier: str
    units: Collection[str] = ()
    vintages: Collection[int] = ()


def surveys_of(
    pieces: geopandas.GeoDataFrame,
    offered: pd.DataFrame,
    *,
    manifest: str,
    methodology: str = "",
    units: Collection[str] = (),
) -> list[Survey]:
    """The land and yield of each right of a run.

    Parameters
    ----------
    pieces : GeoDataFrame
        ``piece`` and shape, EPSG:4490.
    offered : DataFrame, one row per right, piece and vintage
        ``piece unit_code right_kind certificate_no vintage pledgeable_kg``. [kg CO2e]
    manifest : str
        SHA-256 of the run's manifest.
    methodology : str
        Methodology and edition of the run.
    units : collection of str
        Unit codes of the rights that are wanted, all where empty. What is wrong with pieces of
        others does not matter then.

    Returns
    -------
    list of Survey
        One per right, in the order of its identifiers; entering the same run again changes
        nothing.

    Raises
    ------
    ConfigError
        E858: a piece has no shape or a row an empty cell; E859: a piece's tonnes are offered under
        several rights; E811: a right is not written as it should be.
    """
    require(offered, COLUMNS, "pledgeable")
    wanted = _of_units(offered, {folded(unit) for unit in units})
    touched = offered[offered["piece"].isin(wanted["piece"])]
    _check(pieces, touched)
    shapes = pieces.set_index("piece").geometry
    surveys = []
    for right, own in _by_right(wanted).items():
        named = sorted(set(own["piece"]))
        survey = Survey(
            right,
            shapes.loc[named].union_all(),
            _yields(own),
            pieces=tuple(named),
            manifest=manifest,
            methodology=methodology,
            key=f"run:{manifest}:{right.id}",
        )
        surveys.append(survey)
    return surveys


def as_newest(ledger: "Ledger", surveys: Collection[Survey]) -> list[Survey]:
    """The surveys of a run as the newest word on their rights.

    A vintage an earlier survey gave tonnes to, and the run no longer does, gets none: nothing can
    be claimed on a yield that is out of date. A run that is the newest word already is left as it
    was entered.

    Parameters
    ----------
    ledger : Ledger
        What was surveyed before.
    surveys : collection of Survey
        From `surveys_of`.

    Returns
    -------
    list of Survey
        In the same order.

    Raises
    ------
    ConfigError
        E858: the run was entered before, and a newer one has taken its place since.
    """
    wanted = {survey.right.id for survey in surveys}
    before: dict[str, list[Any]] = {}
    for event in ledger.history(kind="survey"):
        if event.right in wanted:
            before.setdefault(event.right, []).append(event)
    return [_newest(survey, before.get(survey.right.id, [])) for survey in surveys]


def _newest(survey: Survey, before: list[Any]) -> Survey:
    known = [{int(year): int(kg) for year, kg in e.body["yields"].items()} for e in before]
    same = [number for number, event in enumerate(before) if event.key and event.key == survey.key]
    if same and same[-1] < len(before) - 1:
        old, new = before[same[-1]].seq, before[-1].seq
        zh, en = f"#{old} 已由更新的 #{new} 取代", f"#{old} was replaced by the newer #{new}"
        raise ConfigError("E858", detail=f"{survey.right.id}: {zh} / {en}")
    if same:
        none = {year: 0 for year, kg in known[same[-1]].items() if kg == 0}
        return replace(survey, yields=none | dict(survey.yields))
    ended = {year: 0 for yields in known for year in yields}
    return replace(survey, yields=ended | dict(survey.yields))


def claims_on(surveys: Collection[Survey], terms: Terms) -> list[Claim]:
    """Claims on everything the surveyed rights yield, of the rights and vintages asked for.

    Parameters
    ----------
    surveys : collection of Survey
        From `surveys_of`.
    terms : Terms
        For whom, in which file, which rights and vintages.

    Returns
    -------
    list of Claim
        By right and vintage; a vintage that yields nothing is left out.

    Raises
    ------
    ConfigError
        E858: a unit code or vintage asked for is not in the run.

    Examples
    --------
    >>> import shapely
    >>> right = Right("441899101201JE00001L00000001", "management", "No. 1")
    >>> survey = Survey(right, shapely.box(114, 23, 114.1, 23.1), {2027: 5000, 2028: 0})
    >>> [(claim.vintage, claim.kg) for claim in claims_on([survey], Terms("甲银行", "ZY-1"))]
    [(2027, 5000)]
    """
    units = {folded(unit) for unit in terms.units}
    has = {folded(survey.right.unit_code) for survey in surveys}
    years = {vintage for survey in surveys for vintage in survey.yields}
    for asked, known in ((units, has), (set(terms.vintages), years)):
        if asked - known:
            raise ConfigError("E858", detail=", ".join(map(str, sorted(asked - known))))
    return [
        Claim(
            survey.right,
            vintage,
            kg,
            terms.party,
            dossier=terms.dossier,
            manifest=survey.manifest,
            key=f"run:{survey.manifest}:{terms.dossier}:{survey.right.id}:{vintage}",
        )
        for survey in surveys
        for vintage, kg in sorted(survey.yields.items())
        if kg > 0
        and (not units or folded(survey.right.unit_code) in units)
        and (not terms.vintages or vintage in terms.vintages)
    ]


def _of_units(offered: pd.DataFrame, units: Collection[str]) -> pd.DataFrame:
    if not units:
        return offered
    return offered[offered["unit_code"].map(folded, na_action="ignore").isin(units)]


def _check(pieces: pd.DataFrame, offered: pd.DataFrame) -> None:
    """Whether every cell is filled, and every piece has a shape and belongs to one right."""
    require(pieces, ("piece", "geometry"), "pieces")
    empty = offered[list(COLUMNS)].isna().any(axis=1)
    if empty.any():
        raise ConfigError("E858", detail=f"pledgeable: {int(empty.sum())} × —")
    shaped = pieces.loc[pieces["geometry"].notna(), "piece"]
    lost = offered.loc[~offered["piece"].isin(shaped), "piece"]
    if len(lost):
        raise ConfigError("E858", detail=f"pieces: {lost.iloc[0]}")
    again = offered.duplicated(["piece", *_RIGHT, "vintage"])
    if again.any():
        raise ConfigError("E858", detail=f"pledgeable: {offered['piece'][again].iloc[0]} × 2")
    rights = offered[["piece", *_RIGHT]].drop_duplicates()
    twice = rights[rights["piece"].duplicated()]
    if len(twice):
        raise ConfigError("E859", piece=twice["piece"].iloc[0])


def _by_right(offered: pd.DataFrame) -> Mapping[Right, Any]:
    """The rows of each right, spelled one way or another, in the order of the identifiers."""
    rights = {
        cells: Right(*cells) for cells in offered[list(_RIGHT)].itertuples(index=False, name=None)
    }
    keys = pd.Series(
        [rights[cells].id for cells in offered[list(_RIGHT)].itertuples(index=False, name=None)],
        index=offered.index,
    )
    first = {right.id: right for right in reversed(rights.values())}
    return MappingProxyType({first[str(key)]: own for key, own in offered.groupby(keys)})


def _yields(own: pd.DataFrame) -> dict[int, int]:
    kg = own.groupby("vintage", as_index=False)["pledgeable_kg"].sum()
    return {int(year): int(a) for year, a in zip(kg["vintage"], kg["pledgeable_kg"], strict=True)}
