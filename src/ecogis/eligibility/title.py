"""Title: which rights lie on a piece at a date, who may pledge its yield, and until when."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.identifiers import among
from ecogis.core.vocabulary import require
from ecogis.eligibility.chain import LINKS
from ecogis.eligibility.documents import SILENT, Shelf, joined, laid, shelf, standing, usable
from ecogis.eligibility.encumbrances import CLAIMS, Burdens, burdens, claims
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
    "may_pledge",
    "from_right",
    "chain",
    "missing_link",
    "encumbrances",
    "certificate_evidence",
    "chain_evidence",
    "consent_evidence",
    "evidence",
)


_TITLE_PAPERS = ("certificate", "transfer_contract", "register_extract")
_DOUBTS = (
    *LINKS,
    "excluded",
    "land_only",
    "kind_unread",
    "term_unknown",
    "holder_missing",
    "holders_differ",
    "shares_disagree",
    "co_ownership_missing",
    "co_owner_missing",
)


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything known about the title to the pieces at a date, laid side by side.

    Attributes
    ----------
    burdens, ledger : Burdens
        Encumbrances on record, and claims of our own ledger.
    rivals : Series
        Rights of others that cannot be placed and may lie on a parcel, by parcel.
    match : Series of boolean
        Whether the methodology's conditions hold, by the rows of `pieces`.
    methodology : str
        The methodology's identifier; empty where none was named.
    units_fit : bool or None
        Whether the guideline is for the units of the methodology; None where not known.
    """

    pieces: pd.DataFrame
    holdings: Holdings
    burdens: Burdens
    ledger: Burdens
    shelf: Shelf
    rivals: pd.Series
    match: pd.Series
    methodology: str
    units_fit: bool | None = None

    def matched(self, match: pd.Series | None, methodology: str) -> "Ground":
        """The same ground with what is known of a methodology's conditions, by piece."""
        found = _matched(match, self.pieces["piece"])
        return replace(self, match=found, methodology=methodology)

    def claimed_by(self, ledger: pd.DataFrame | None, day: date) -> "Ground":
        """The same ground with the claims of our own ledger."""
        parcels = set(self.pieces["parcel"].dropna())
        rights = _at_home(self.holdings.rights, parcels)
        return replace(self, ledger=_burdens(claims(ledger), rights, day, parcels))

    def flag(self, name: str) -> npt.NDArray[np.bool_]:
        """A parcel's flag at its pieces; false where the parcel has no right on record."""
        flags = self.holdings.parcels[name]
        return self.pieces["parcel"].map(flags).eq(True).fillna(False).to_numpy(dtype=bool)

    def text(self, name: str) -> npt.NDArray[np.object_]:
        """A parcel's text at its pieces."""
        return laid(self.pieces["parcel"], self.holdings.parcels[name])

    def on_record(self) -> npt.NDArray[np.bool_]:
        """Whether any right at all is recorded for the piece's parcel."""
        return among(self.pieces["parcel"], self.holdings.parcels.index).to_numpy()

    def burden(
        self, kinds: tuple[str, ...], *, of_holder: bool = False
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.object_]]:
        """Encumbrances of some kinds; `of_holder` keeps those on the yield holder's rights.

        A right of the holder that has ended is one of them: a pledge outlasts a certificate that
        was replaced. A right a finding leaves open may be the holder's, so those on it stay.
        """
        theirs = self._of_holder() if of_holder else None
        return self.at_parcels(self.burdens.on_parcels(kinds, theirs))

    def claimed(self) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.object_]]:
        """Claims of our own ledger on any right of the parcel, whoever holds it and until when.

        The yield of a parcel is pledged once: whichever right a claim names, it is taken.
        """
        return self.at_parcels(self.ledger.on_parcels(CLAIMS))

    def _of_holder(self) -> set[str]:
        rights = self.holdings.rights
        his = rights["gives_yield"] | rights["same_holder"] | rights["excluded"]
        return set(rights.loc[his, "right"])

    def at_parcels(self, texts: pd.Series) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.object_]]:
        """Texts by parcel at the pieces, and where there is one."""
        found = laid(self.pieces["parcel"], texts)
        return found != "", found

    def certificates(self) -> pd.DataFrame:
        """Certificates and transfer contracts in force that speak for the pieces.

        A refused certificate overrules all papers up to its day, a refused contract the contracts.
        """
        good = ["clear", "encumbered", SILENT]
        refused = self.shelf.of(["transfer_contract"], ["refused"])
        contracts = standing(self.shelf.of(["transfer_contract"], good), refused)
        papers = pd.concat([self.shelf.of(["certificate"], good), contracts])
        return standing(papers, self.shelf.of(["certificate"], ["refused"]))


def ground(
    pieces: pd.DataFrame,
    rights: pd.DataFrame | None,
    encumbrances: pd.DataFrame | None,
    documents: pd.DataFrame | None,
    date: date,
    *,
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
        burdens=_burdens(encumbrances, _at_home(held.rights, parcels), date, parcels),
        ledger=_burdens(claims(None), _at_home(held.rights, parcels), date, parcels),
        shelf=shelf(pieces, on_file, piece_rights, project=project),
        rivals=_rivals(rights, held, date),
        match=_matched(None, pieces["piece"]),
        methodology="",
    )


def title(
    pieces: pd.DataFrame,
    rights: pd.DataFrame | None,
    encumbrances: pd.DataFrame | None,
    documents: pd.DataFrame | None,
    date: date,
    *,
    excluded_rights: Collection[str] = (),
    known: Ground | None = None,
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
    known : Ground, optional
        What `ground` laid beside the same pieces from the same tables before; saves laying it
        again.

    Returns
    -------
    DataFrame
        One row per piece and right: ``piece parcel right unit_code right_kind holder co_ownership
        share certificate_no start end``; ``active`` (boolean, missing where the term is not
        known); ``gives_yield`` (whether it gives the expected-yield right); ``consent`` of its
        holder and ``disposal`` over the whole yield right (boolean, missing where not shown);
        ``pledge_until`` (the earliest end over the rights in force; missing: no end where
        ``term_known``, else not known); ``may_pledge`` (boolean: whether the record lets the holder
        of the yield right pledge it, papers and encumbrances apart); ``from_right``, ``chain`` (the
        right and those it derives from) and ``missing_link``; ``encumbrances``; and the documents
        behind it: ``certificate_evidence`` for the right and its term, ``chain_evidence`` for the
        transfers, ``consent_evidence`` for consent and disposal, ``evidence`` for all on file about
        the right or its parcel (identifiers joined by ``;``). A piece whose parcel has no right on
        record has no row.

    Examples
    --------
    >>> pieces = pd.DataFrame({"piece": ["P1"], "stand": ["S1"], "parcel": ["Z1"]})
    >>> title(pieces, None, None, None, date(2026, 8, 31)).empty
    True
    """
    if known is None:
        known = ground(pieces, rights, encumbrances, documents, date, excluded=excluded_rights)
    on_file = usable(documents, date)
    of_title = on_file["document_kind"].isin(_TITLE_PAPERS)
    rows = known.holdings.rights.assign(
        encumbrances=lambda held: laid(held["right"], known.burdens.on_rights()),
        evidence=lambda held: _evidence(held, on_file),
        certificate_evidence=lambda held: _evidence(held, on_file[of_title], consents=False),
        consent_evidence=lambda held: (
            held["consent_evidence"] + ";" + held["capacity_evidence"]
        ).str.strip(";"),
    )
    of_parcel = known.holdings.parcels[["disposal", "pledge_until", "term_known"]]
    rows = rows.join(of_parcel, on="parcel")
    rows["may_pledge"] = _may_pledge(rows, known.holdings.parcels)
    found = known.pieces[["piece", "parcel"]].dropna().merge(rows, on="parcel")
    return found[list(TITLE_COLUMNS)].sort_values(["piece", "right"], ignore_index=True)


def _may_pledge(rows: pd.DataFrame, parcels: pd.DataFrame) -> pd.Series:
    """Power of disposal where nothing in the record of the parcel leaves the title open."""
    barred = parcels[["ended", "not_begun", "refused"]].any(axis=1)
    doubtful = parcels[list(_DOUBTS)].any(axis=1) | ~parcels["term_known"].eq(True)
    allowed = parcels["disposal"].mask(doubtful).mask(barred, False)
    return rows["parcel"].map(allowed).astype("boolean").mask(~rows["gives_yield"], False)


def _at_home(rights: pd.DataFrame, parcels: Collection[str]) -> pd.DataFrame:
    return rights[placed(rights["parcel"], parcels)]


def _burdens(
    encumbrances: pd.DataFrame | None,
    rights: pd.DataFrame,
    day: date,
    parcels: Collection[str],
) -> Burdens:
    """Encumbrances in force; one on a right that lies on several parcels binds each of them."""
    encumbrances = _both_places(encumbrances, rights)
    first, *more = turns(rights)
    found = burdens(encumbrances, first, day, parcels)
    for part in more:
        other = burdens(_naming(encumbrances, part), part, day, parcels)
        found = replace(found, table=pd.concat([found.table, other.table], ignore_index=True))
    return found


def _both_places(encumbrances: pd.DataFrame | None, rights: pd.DataFrame) -> pd.DataFrame | None:
    """One whose right lies elsewhere than the parcel it names binds that parcel as well."""
    if encumbrances is None:
        return None
    lies = pd.MultiIndex.from_frame(rights[["right", "parcel"]].astype("string"))
    named = pd.MultiIndex.from_frame(encumbrances[["right", "parcel"]].astype("string"))
    there = encumbrances["parcel"].notna() & among(encumbrances["right"], rights["right"])
    astray = encumbrances[there & ~named.isin(lies)]
    if astray.empty:
        return encumbrances
    whole = astray.assign(right=pd.Series(pd.NA, astray.index, dtype="string"))
    return pd.concat([encumbrances, whole], ignore_index=True)


def _naming(encumbrances: pd.DataFrame | None, rights: pd.DataFrame) -> pd.DataFrame | None:
    if encumbrances is None:
        return None
    return pd.DataFrame(encumbrances[among(encumbrances["right"], rights["right"])])


def _matched(match: pd.Series | None, pieces: pd.Series) -> pd.Series:
    if match is None:
        return pd.Series(pd.NA, index=pieces.index, dtype="boolean")
    return pieces.map(match.astype("boolean")).astype("boolean")


def _rivals(rights: pd.DataFrame | None, held: Holdings, day: date) -> pd.Series:
    if rights is None or "may_lie_on" not in rights:
        return pd.Series(dtype=object)
    start, end = pd.to_datetime(rights["start"]), pd.to_datetime(rights["end"])
    ended = end.lt(pd.Timestamp(day)) & ~end.lt(start)  # a reversed term shows no end
    return rivals(rights, held.rights, ended)


def _evidence(rights: pd.DataFrame, documents: pd.DataFrame, *, consents: bool = True) -> pd.Series:
    """Papers by row; those of a right on one parcel say nothing of another it lies on."""
    found = [_papers(part, documents, consents=consents) for part in turns(rights)]
    texts: pd.Series = pd.concat(found)
    return texts


def _papers(rights: pd.DataFrame, documents: pd.DataFrame, *, consents: bool) -> pd.Series:
    """Documents that name each right, or its parcel, and its consent."""
    letters = rights["consent_evidence"].replace("", pd.NA)
    links = [rights[["right"]].assign(document=letters)] if consents else []
    for kind in ("right", "parcel"):
        about = documents.loc[documents["subject_kind"].eq(kind), ["subject", "document"]]
        own = rights[["right"]].assign(subject=rights[kind])
        links.append(own.merge(about, on="subject")[["right", "document"]])
    pairs = pd.concat(links, ignore_index=True).dropna()
    pairs["document"] = pairs["document"].astype(str).str.split(";")
    texts = joined(pairs.explode("document"), "right", "document")
    return pd.Series(laid(rights["right"], texts), rights.index, "string")
