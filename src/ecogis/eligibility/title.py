"""Title: which rights lie on a piece at a date, who may pledge its yield, and until when."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.vocabulary import require
from ecogis.eligibility.documents import SILENT, Shelf, joined, laid, shelf, usable
from ecogis.eligibility.encumbrances import Burdens, burdens
from ecogis.eligibility.holdings import Holdings, holdings, turns
from ecogis.eligibility.placing import placed, rivals

__all__ = ["Ground", "ground", "title"]

TITLE_COLUMNS = (
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
    "active",
    "gives_yield",
    "consent",
    "disposal",
    "pledge_until",
    "term_known",
    "encumbrances",
    "evidence",
)


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything known about the title to the pieces at a date, laid side by side.

    ``rivals`` are the rights of others that cannot be placed and may lie on a parcel, by parcel.
    """

    pieces: pd.DataFrame
    holdings: Holdings
    burdens: Burdens
    shelf: Shelf
    rivals: pd.Series

    def flag(self, name: str) -> npt.NDArray[np.bool_]:
        """A parcel's flag at its pieces; false where the parcel has no right on record."""
        flags = self.holdings.parcels[name]
        return self.pieces["parcel"].map(flags).eq(True).fillna(False).to_numpy(dtype=bool)

    def text(self, name: str) -> npt.NDArray[np.object_]:
        """A parcel's text at its pieces."""
        return laid(self.pieces["parcel"], self.holdings.parcels[name])

    def on_record(self) -> npt.NDArray[np.bool_]:
        """Whether any right at all is recorded for the piece's parcel."""
        return self.pieces["parcel"].isin(self.holdings.parcels.index).to_numpy(dtype=bool)

    def burden(
        self, kinds: tuple[str, ...], *, of_holder: bool = False
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.object_]]:
        """Encumbrances of some kinds; `of_holder` keeps those on the yield holder's rights.

        A right a finding leaves open may be the holder's, so those on it stay.
        """
        rights = self.holdings.rights
        his = rights["gives_yield"] | rights["of_holder"] | rights["excluded"]
        theirs = set(rights.loc[his, "right"])
        return self.at_parcels(self.burdens.on_parcels(kinds, theirs if of_holder else None))

    def at_parcels(self, texts: pd.Series) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.object_]]:
        """Texts by parcel at the pieces, and where there is one."""
        found = laid(self.pieces["parcel"], texts)
        return found != "", found

    def certificates(self) -> pd.DataFrame:
        """Certificates and transfer contracts in force that speak for the pieces."""
        return self.shelf.of(["certificate", "transfer_contract"], ["clear", "encumbered", SILENT])


def ground(
    pieces: pd.DataFrame,
    rights: pd.DataFrame | None,
    encumbrances: pd.DataFrame | None,
    documents: pd.DataFrame | None,
    date: date,
    *,
    ledger: pd.DataFrame | None = None,
    project: str | None = None,
    excluded: Collection[str] = (),
) -> Ground:
    """Lay rights, encumbrances and documents beside the pieces, as they stand on a day.

    On which parcel a right lies, and where one that cannot be placed may lie (``may_lie_on``), is
    the overlay's to say; a table that does not tell is taken at its word.
    """
    require(pieces, ("piece", "stand", "parcel"), "pieces")
    pieces = pieces.reset_index(drop=True)
    on_file = usable(documents, date)
    held = holdings(rights, on_file, date, excluded=excluded)
    parcels = set(pieces["parcel"].dropna())
    theirs = held.rights.loc[held.rights["of_holder"], ["parcel", "right"]]
    piece_rights = pieces[["piece", "parcel"]].dropna().merge(theirs, on="parcel")
    return Ground(
        pieces=pieces,
        holdings=held,
        burdens=_burdens(encumbrances, _at_home(held.rights, parcels), date, parcels, ledger),
        shelf=shelf(pieces, on_file, piece_rights, project=project),
        rivals=_rivals(rights, held, date),
    )


def title(
    pieces: pd.DataFrame,
    rights: pd.DataFrame | None,
    encumbrances: pd.DataFrame | None,
    documents: pd.DataFrame | None,
    date: date,
    *,
    excluded_rights: Collection[str] = (),
) -> pd.DataFrame:
    """The rights that lie on each piece at a date, and what they allow.

    Parameters
    ----------
    pieces : DataFrame
        ``piece stand parcel``.
    rights : DataFrame or None
        One row per right and parcel it lies on, as `overlay.right_parcels` gives them; with
        ``may_lie_on``, where one that lies on none may lie.
    encumbrances, documents : DataFrame or None
        Canonical tables; a missing one, like missing rights, leaves open what it would have shown.
    date : date
        Valuation date.
    excluded_rights : collection of str, optional
        Rights a finding leaves open: not in force, and disposal over their parcels is not known.

    Returns
    -------
    DataFrame
        One row per piece and right: ``piece parcel right unit_code right_kind holder co_ownership
        share certificate_no start end``; ``active`` (boolean, missing where the term is not
        known); ``gives_yield`` (whether it gives the expected-yield right); ``consent`` of its
        holder and ``disposal`` over the whole yield right (boolean, missing where not shown);
        ``pledge_until`` (the earliest end over the rights in force; missing: no end where
        ``term_known``, else not known); ``encumbrances`` and ``evidence`` (identifiers joined by
        ``;``). A piece whose parcel has no right on record has no row.

    Examples
    --------
    >>> pieces = pd.DataFrame({"piece": ["P1"], "stand": ["S1"], "parcel": ["Z1"]})
    >>> title(pieces, None, None, None, date(2026, 8, 31)).empty
    True
    """
    known = ground(pieces, rights, encumbrances, documents, date, excluded=excluded_rights)
    rows = known.holdings.rights.assign(
        encumbrances=lambda held: laid(held["right"], known.burdens.on_rights()),
        evidence=lambda held: _evidence(held, usable(documents, date)),
    )
    of_parcel = known.holdings.parcels[["disposal", "pledge_until", "term_known"]]
    rows = rows.join(of_parcel, on="parcel")
    found = known.pieces[["piece", "parcel"]].dropna().merge(rows, on="parcel")
    return found[list(TITLE_COLUMNS)].sort_values(["piece", "right"], ignore_index=True)


def _at_home(rights: pd.DataFrame, parcels: Collection[str]) -> pd.DataFrame:
    return rights[placed(rights["parcel"], parcels)]


def _burdens(
    encumbrances: pd.DataFrame | None,
    rights: pd.DataFrame,
    day: date,
    parcels: Collection[str],
    ledger: pd.DataFrame | None,
) -> Burdens:
    """Encumbrances in force; one on a right that lies on several parcels binds each of them."""
    first, *more = turns(rights)
    found = burdens(encumbrances, first, day, parcels, ledger=ledger)
    for part in more:
        again, own = (_naming(table, part) for table in (encumbrances, ledger))
        other = burdens(again, part, day, parcels, ledger=own)
        found = replace(found, table=pd.concat([found.table, other.table], ignore_index=True))
    return found


def _naming(encumbrances: pd.DataFrame | None, rights: pd.DataFrame) -> pd.DataFrame | None:
    if encumbrances is None:
        return None
    return pd.DataFrame(encumbrances[encumbrances["right"].isin(rights["right"])])


def _rivals(rights: pd.DataFrame | None, held: Holdings, day: date) -> pd.Series:
    if rights is None or "may_lie_on" not in rights:
        return pd.Series(dtype=object)
    start, end = pd.to_datetime(rights["start"]), pd.to_datetime(rights["end"])
    ended = end.lt(pd.Timestamp(day)) & ~end.lt(start)  # a reversed term shows no end
    return rivals(rights, held.rights, ended)


def _evidence(rights: pd.DataFrame, documents: pd.DataFrame) -> pd.Series:
    """Papers by row; those of a right on one parcel say nothing of another it lies on."""
    texts: pd.Series = pd.concat([_papers(part, documents) for part in turns(rights)])
    return texts


def _papers(rights: pd.DataFrame, documents: pd.DataFrame) -> pd.Series:
    """Documents that name each right, or its parcel, and its consent."""
    links = [rights[["right"]].assign(document=rights["consent_evidence"].replace("", pd.NA))]
    for kind in ("right", "parcel"):
        about = documents.loc[documents["subject_kind"].eq(kind), ["subject", "document"]]
        own = rights[["right"]].assign(subject=rights[kind])
        links.append(own.merge(about, on="subject")[["right", "document"]])
    pairs = pd.concat(links, ignore_index=True).dropna()
    pairs["document"] = pairs["document"].astype(str).str.split(";")
    texts = joined(pairs.explode("document"), "right", "document")
    return pd.Series(laid(rights["right"], texts), rights.index, "string")
