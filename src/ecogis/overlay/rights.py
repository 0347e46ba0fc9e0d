"""Which rights lie on each piece at a date, and whether their parts make one whole."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.core.identifiers import among
from ecogis.core.vocabulary import code_label, require
from ecogis.overlay.ownership import OWNERSHIP, recorded_days, share_sums
from ecogis.overlay.pieces import HA_PER_DM2
from ecogis.overlay.placing import right_parcels

__all__ = ["COLUMNS", "active_at", "piece_rights", "without_right"]

COLUMNS = (
    "piece",
    "parcel",
    "right",
    "unit_code",
    "right_kind",
    "holder",
    "co_ownership",
    "share",
    "certificate_no",
    "start",
    "end",
    "joined_by",
    "land_only",
    "active",
)

Ints = npt.NDArray[np.int64]


def piece_rights(
    pieces: pd.DataFrame,
    rights: pd.DataFrame,
    day: date,
    *,
    parcels: pd.DataFrame | None = None,
    findings: Findings | None = None,
) -> pd.DataFrame:
    """The rights that lie on each piece, and whether they are in force on a day.

    A right lies on every piece of the parcels it lies on (`right_parcels`). Which kind of right may
    do what is not asked here.

    Parameters
    ----------
    pieces : DataFrame
        ``piece parcel area_dm2``.
    rights : DataFrame
        Rights as `right_parcels` takes them, or as it gives them: then nothing is placed again.
    day : date
        Valuation date.
    parcels : DataFrame, optional
        The layer of parcels; without it only the parcels of the pieces are known.
    findings : Findings, optional
        Receives what is wrong.

    Returns
    -------
    DataFrame, one row per piece and right, by piece and right
        `COLUMNS`: the right's own, as recorded; ``joined_by`` ``"unit_code"``, ``"certificate"`` or
        ``"place"``; ``land_only`` and ``active`` (boolean, missing where not known, see
        `active_at`). A piece on which no right lies has no row, see `without_right`.

    Raises
    ------
    InputError
        E002 a date cannot be read or has a time zone; E345, E346, E349 as `right_parcels`.
    VocabularyError
        A column is missing, also of `rights` that have ``joined_by`` already.

    Findings
    --------
    E620 to E624
        As `right_parcels`, where it is called.
    E625, E626
        A right on a parcel without a piece; pieces without a right.
    E627, E628, E629
        I15: parts that are not one whole on the day, a joint right with a share, parts that cannot
        be added up.

    Examples
    --------
    >>> pieces = pd.DataFrame({"piece": ["P1", "P2"], "parcel": ["Z1", "Z2"], "area_dm2": [5, 7]})
    >>> rights = pd.DataFrame(
    ...     {
    ...         "right": ["R1"],
    ...         "unit_code": ["Z1-1"],
    ...         "parcel": ["Z1"],
    ...         "right_kind": ["management"],
    ...         "holder": ["持有人0001"],
    ...         "co_ownership": ["sole"],
    ...         "share": [None],
    ...         "certificate_no": ["证1"],
    ...         "start": pd.to_datetime(["2010-01-01"]),
    ...         "end": pd.to_datetime(["2026-08-30"]),
    ...     }
    ... )
    >>> held = piece_rights(pieces, rights, date(2026, 8, 31))
    >>> held[["piece", "right", "joined_by", "active"]].values.tolist()
    [['P1', 'R1', 'unit_code', False]]
    >>> without_right(pieces, held)["piece"].tolist()
    ['P2']
    """
    require(pieces, ["piece", "parcel", "area_dm2"], "pieces")
    if "joined_by" not in rights:
        land = pieces[["parcel"]].dropna().drop_duplicates() if parcels is None else parcels
        rights = right_parcels(rights, land, findings)
    require(rights, COLUMNS[1:-1], "rights")
    lying = rights[rights["joined_by"].notna().to_numpy(dtype=bool)]
    table = _joined(pieces, lying.assign(active=active_at(lying, day)))
    if findings is not None:
        _look(pieces, lying, table, findings)
        _look_at_parts(pieces, lying, day, findings)
    return table


def active_at(rights: pd.DataFrame, day: date) -> pd.Series:
    """Whether rights are in force on a day: begun, and not ended; both days of the term count.

    Missing where the start is not on record, and where a term ends before it begins, for which of
    its days is wrong cannot be known. Without an end a right lasts; whether a kind of right may
    last without end is law, and not asked here. E002 is raised for a date that cannot be read.

    >>> terms = [["2010-01-01", None], [None, "2020-12-31"], [None, None]]
    >>> rights = pd.DataFrame(terms, columns=["start", "end"]).apply(pd.to_datetime)
    >>> active_at(rights, date(2026, 8, 31)).tolist()
    [True, False, <NA>]
    """
    start, end = (recorded_days(rights[name]) for name in ("start", "end"))
    now = pd.Timestamp(day)
    begun = start.le(now).astype("boolean").mask(start.isna())
    lasts = (end.ge(now) | end.isna()).astype("boolean")
    return (begun & lasts).mask(end.lt(start))


def without_right(pieces: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """The pieces on which no right lies, in their order, with their area.

    Parameters
    ----------
    pieces : DataFrame
        ``piece`` and what is to be seen of it, such as ``stand parcel area_dm2 area_ha``.
    held : DataFrame
        From `piece_rights`, or some of its rows, such as those in force.

    Examples
    --------
    >>> pieces = pd.DataFrame({"piece": ["P1", "P2"], "area_dm2": [5, 7]})
    >>> without_right(pieces, pd.DataFrame({"piece": ["P1"]})).values.tolist()
    [['P2', 7]]
    """
    there = pd.Index(held["piece"].astype("string").unique())
    bare = there.get_indexer(pd.Index(pieces["piece"].astype("string"))) < 0
    table = pd.DataFrame(pieces.drop(columns="geometry", errors="ignore"))
    return pd.DataFrame(table[bare].reset_index(drop=True))


def _joined(pieces: pd.DataFrame, lying: pd.DataFrame) -> pd.DataFrame:
    """Every piece beside every right on its parcel."""
    land = pieces[["piece", "parcel"]].astype("string").dropna(subset=["parcel"])
    land = land.sort_values(["piece"], ignore_index=True)
    parcel, names = pd.factorize(land["parcel"])
    at = names.get_indexer(pd.Index(lying["parcel"].astype("string")))
    order = np.argsort(at, kind="stable")[np.count_nonzero(at < 0) :]
    number = np.bincount(at[order], minlength=len(names))
    times = number[parcel]
    rows = np.repeat(np.arange(len(land)), times)
    place = np.arange(len(rows)) - np.repeat(_before(times), times)
    rights = order[np.repeat(_before(number)[parcel], times) + place]
    found = lying[list(COLUMNS[2:])].take(rights).reset_index(drop=True)
    found.insert(0, "piece", land["piece"].take(rows).array)
    found.insert(1, "parcel", land["parcel"].take(rows).array)
    return found


def _before(number: Ints) -> Ints:
    """How many come before each."""
    return np.cumsum(number) - number


def _look(
    pieces: pd.DataFrame, lying: pd.DataFrame, table: pd.DataFrame, findings: Findings
) -> None:
    """E625, E626: rights on parcels without a piece, pieces without a right."""
    idle = lying[~among(lying["parcel"], pieces["parcel"]).to_numpy()]
    findings.add(
        "E625",
        layer="rights",
        where=np.ones(len(idle), dtype=bool),
        feature=idle["right"],
        row=idle.get("row"),
        column="parcel",
        observed=idle["parcel"],
        parcel=idle["parcel"],
    )
    bare = without_right(pieces, table)
    if len(bare):
        area = float(bare["area_dm2"].sum()) * HA_PER_DM2
        findings.add(
            "E626",
            layer="pieces",
            column="parcel",
            observed=len(bare),
            area_ha=area,
            number=len(bare),
            ha=f"{area:.4f}",
        )


def _look_at_parts(
    pieces: pd.DataFrame, lying: pd.DataFrame, day: date, findings: Findings
) -> None:
    """E627, E628, E629: identity I15 on the day."""
    area = pieces.groupby("parcel")["area_dm2"].sum() * HA_PER_DM2
    sums = share_sums(lying, day)
    sums["ha"] = sums["parcel"].map(area).fillna(0.0).astype("float64")
    broken = sums[sums["state"].eq("broken").to_numpy(dtype=bool)]
    findings.add(
        "E627",
        layer="rights",
        where=np.ones(len(broken), dtype=bool),
        feature=broken["unit"],
        column="share",
        observed=broken["sum"].round(9),
        area_ha=broken["ha"],
        parcel=broken["parcel"],
        whole=np.where(broken["right_kind"].isin(OWNERSHIP), "1", "0 / 1"),
        day=day,
        ha=[f"{ha:.4f}" for ha in broken["ha"]],
        kind_zh=_labels(broken["right_kind"], "zh"),
        kind_en=_labels(broken["right_kind"], "en"),
    )
    joint = lying[(lying["co_ownership"].eq("joint") & lying["share"].notna()).fillna(False)]
    joint = joint.drop_duplicates([name for name in ("right", "row") if name in joint])
    findings.add(
        "E628",
        layer="rights",
        where=np.ones(len(joint), dtype=bool),
        feature=joint["right"],
        row=joint.get("row"),
        column="share",
        observed=joint["share"],
    )
    _tell_unknown(area, lying, sums, day, findings)


def _tell_unknown(
    area: pd.Series, lying: pd.DataFrame, sums: pd.DataFrame, day: date, findings: Findings
) -> None:
    """E629: kinds whose parts cannot be added up somewhere; all land has an owner."""
    owned = lying.loc[lying["right_kind"].eq(OWNERSHIP[0]).fillna(False), "parcel"]
    bare = area[~area.index.isin(owned)]
    unowned = pd.DataFrame({"parcel": bare.index, "right_kind": OWNERSHIP[0], "ha": bare.array})
    unknown = sums.loc[sums["state"].eq("unknown"), ["parcel", "right_kind", "ha"]]
    places = pd.concat([unknown.astype({"right_kind": object}), unowned], ignore_index=True)
    places = places.drop_duplicates(["parcel", "right_kind"])
    kinds = places.groupby("right_kind", dropna=False)["ha"].agg(["size", "sum"]).reset_index()
    findings.add(
        "E629",
        layer="rights",
        where=np.ones(len(kinds), dtype=bool),
        column="share",
        observed=kinds["size"],
        area_ha=kinds["sum"],
        number=kinds["size"],
        ha=[f"{ha:.4f}" for ha in kinds["sum"]],
        day=day,
        kind_zh=_labels(kinds["right_kind"], "zh"),
        kind_en=_labels(kinds["right_kind"], "en"),
    )


def _labels(kinds: pd.Series, lang: str) -> list[str]:
    """What people call the kinds of right."""
    return [code_label("right_kind", kind, lang) for kind in kinds]
