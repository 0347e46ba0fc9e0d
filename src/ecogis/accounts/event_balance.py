"""The physical balance of one survey, a growth kernel and event records, to a second survey or on.

Without a closing survey the modelled closing is the closing. With one, what the records and the
kernel do not explain is the statistical difference, and the limits of the policy decide.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.accounts.balance import BOOKED, Balance, posted, sheets
from ecogis.accounts.checking import check
from ecogis.accounts.event_owners import by_owner, stands_by_owner
from ecogis.accounts.event_records import bookable, unrecorded
from ecogis.accounts.events import Changes, changes
from ecogis.accounts.flows import FOREST_TYPE, loss_lines
from ecogis.accounts.gross import both_ways, gross_of_events
from ecogis.accounts.limits import Limits, difference
from ecogis.accounts.parts import DIMENSIONS, STATUSES
from ecogis.accounts.postings import POSTING_COLUMNS, UNITS, Ledger, joined
from ecogis.accounts.rows import QUANTITIES, Survey, survey
from ecogis.accounts.tables import change_matrix, structure
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.periods import years_between
from ecogis.core.vocabulary import FOREST, FOREST_LAND, require
from ecogis.numerics.rounding import quantise

__all__ = ["event_balance"]

_MODELLED = STATUSES.index("modelled")
_OPENING, _KERNEL, _EVENTS = 0, 1, 2

Ints = npt.NDArray[np.int64]


def event_balance(
    opening: pd.DataFrame,
    grown: pd.DataFrame,
    events: pd.DataFrame,
    *,
    days: tuple[date, date],
    closing: pd.DataFrame | None = None,
    shares: tuple[float | None, float | None] = (None, None),
    owners: tuple[pd.DataFrame | None, pd.DataFrame | None] = (None, None),
    sources: Sequence[str] = ("stands_opening", "growth", "events", "stands"),
    limits: Limits | None = None,
    findings: Findings | None = None,
) -> Balance:
    """Balance an opening survey by growth and event records.

    Parameters
    ----------
    opening : DataFrame
        As for `physical_balance`.
    grown : DataFrame
        ``stand volume_dm3 co2e_kg``: each opening stand at the closing day had nothing happened;
        missing where its growth is not known, which is booked as nothing.
    events : DataFrame
        As for `bookable`.
    days : tuple of date
        Opening and closing day.
    closing : DataFrame, optional
        The closing survey, as for `physical_balance`. Without it the closing is modelled.
    shares : tuple of float or None
        Share of felled volume left as residues where a record tells none, and share of the opening
        volume that dies in a year; without it deaths stay inside net growth. Policies. [1]
    owners : tuple of DataFrame or None
        Owners of the opening and of the closing stands, as `stand_owners` gives them; without them
        owners are not on record.
    sources : sequence of str
        What opening, growth, events and closing come from, carried along.
    limits : Limits, optional
        How much may be left unexplained; `Limits()` where not given. A policy.
    findings : Findings, optional
        Takes what cannot be booked and what is above a limit.

    Returns
    -------
    Balance
        ``route`` is ``"events"`` and ``rows`` is empty. Ageing is not modelled: between age groups
        the difference holds it.

    Raises
    ------
    ConfigError
        E407 when `grown` is of other stands, or a share is not from 0 to 1.
    IdentityError
        E399 when a sum does not close, naming its cells.
    InputError
        E396 when a stand's identifier is missing or stands twice.

    Findings
    --------
    E391, E401 to E405, E413
        As `physical_balance`, `difference`, `bookable`, `changes` and `unrecorded` tell them.

    Examples
    --------
    >>> stand = {
    ...     "stand": ["S1"],
    ...     "township": ["T"],
    ...     "land_class": ["arbor_forest"],
    ...     "origin": ["planted"],
    ...     "forest_category": ["commercial"],
    ...     "age_group": ["mature"],
    ...     "area_dm2": [1_000_000],
    ... }
    >>> before = pd.DataFrame(stand | {"standing_volume": [50.0], "co2e_kg": [60_000]})
    >>> grown = pd.DataFrame({"stand": ["S1"], "volume_dm3": [55_000], "co2e_kg": [66_000]})
    >>> event = {"event": "H1", "stand": "S1", "event_kind": "harvest", "date": "2022-06-30"}
    >>> event |= {"standing_volume_m3": 20.0, "residue_share": 0.1}
    >>> events = pd.DataFrame([event | {"area_record_ha": None, "land_class": None}])
    >>> days = date(2019, 12, 31), date(2024, 12, 31)
    >>> volume = event_balance(before, grown, events, days=days).volume
    >>> volume[volume["township"].eq("")].set_index("line_code")["total"].loc[
    ...     ["T00", "T13", "T21", "T22", "T90"]
    ... ].tolist()
    [50000, 5000, 18000, 2000, 35000]
    """
    _check_given(opening, grown, shares)
    first = survey(opening, layer="stands_opening", findings=findings)
    kept = bookable(events, first, days, findings=findings)
    made = changes(kept, first, grown, days, residue_share=shares[0], findings=findings)
    owned, died = by_owner(made, _dead(made, first, days, shares[1]), first.stands.index, owners[0])
    postings = _modelled(owned, died, sources)
    last = None
    if closing is not None:
        last = survey(closing, layer="stands", findings=findings)
        observed = _observed(stands_by_owner(last.stands, owners[1]), sources[3])
        postings = _against(postings, observed, sources)
        if findings is not None:
            unrecorded(kept, first, closing, days, findings)
    policy = Limits() if limits is None else limits
    apart = dict.fromkeys(UNITS, (0, 0))
    if last is not None:
        apart = dict(gross_of_events(made.parts, first, last))
    stands = len(first.stands) + (0 if last is None else len(last.stands))
    found = difference(postings, policy, stands=stands, findings=findings)
    laid = sheets(postings)
    balance = Balance(
        area=laid["area"],
        volume=laid["volume"],
        carbon=laid["carbon"],
        timber=laid["timber"],
        matrix=change_matrix(made.parts),
        structure=structure(first, first if last is None else last),
        unmatched=pd.DataFrame(),
        opening_date=days[0],
        closing_date=days[1],
        postings=postings,
        limits=both_ways(found, postings, apart),
        route="events",
    )
    check(postings)
    return balance if last is not None else replace(balance, structure=pd.DataFrame())


def _check_given(
    opening: pd.DataFrame, grown: pd.DataFrame, shares: tuple[float | None, float | None]
) -> None:
    require(grown, ["stand", "volume_dm3", "co2e_kg"], "grown")
    if grown["stand"].tolist() != opening["stand"].tolist():
        raise ConfigError("E407", what="grown")
    if any(share is not None and not 0.0 <= share <= 1.0 for share in shares):
        raise ConfigError("E407", what=f"shares = {shares}")


def _modelled(made: Changes, died: dict[str, Ints], sources: Sequence[str]) -> pd.DataFrame:
    """Postings of opening, growth and events, closing as modelled."""
    named = (sources[0], " + ".join(sources[:3]), " + ".join(sources[:3]))
    ledger = Ledger(made.parts.names, named, BOOKED)
    posted(ledger, made.parts)
    lost = loss_lines(made.parts)
    cell, state = dict(made.parts.before), np.full(len(lost), _MODELLED, dtype=np.int64)
    for account, name in (("timber", "volume_dm3"), ("carbon", "co2e_kg")):
        out = made.residues[name]
        for line, amount in (
            ("T21", -out),
            ("T22", out),
            ("T13", made.passing[name] + died[name]),
            (lost, made.passing[name]),
            ("T23", died[name]),
        ):
            ledger.book(account, line, amount, cell, status=state, source=_KERNEL)
    table = ledger.postings()
    plain = ~table["line_code"].astype(object).str.endswith("00") & table["status"].eq("observed")
    return table.assign(status=table["status"].mask(plain, STATUSES[_MODELLED]))


def _dead(
    made: Changes, first: Survey, days: tuple[date, date], mortality: float | None
) -> dict[str, Ints]:
    """What dies of the opening stock over the period, a share a year, on land no event clears."""
    years = float(years_between(*days))
    share = 0.0 if mortality is None else 1.0 - (1.0 - mortality) ** years
    area = first.stands["area_dm2"].to_numpy(dtype=np.float64)
    left = share * made.parts.area[: len(area)] / np.maximum(area, 1.0)
    found = {}
    for name in QUANTITIES:
        found[name] = np.zeros(len(made.parts.area), dtype=np.int64)
        found[name][: len(first.stands)] = quantise(first.stands[name].to_numpy() * left, 1.0)
    return found


def _against(
    postings: pd.DataFrame, observed: pd.DataFrame, sources: Sequence[str]
) -> pd.DataFrame:
    """Closing stocks of the survey, and what it has otherwise than modelled as difference."""
    lines = postings["line_code"].astype(object)
    ends = lines.str.endswith("90")
    modelled = postings[ends].assign(amount=-postings.loc[ends, "amount"])
    modelled["line_code"] = lines[ends].str[:1] + "91"
    apart = observed.assign(line_code=observed["line_code"].astype(object).str[:1] + "91")
    difference_rows = [table.assign(source=" + ".join(sources), status="modelled")
                       for table in (modelled, apart)]  # fmt: skip
    together = joined([postings[~ends], observed, *difference_rows])
    keys = [name for name in POSTING_COLUMNS if name != "amount"]
    added = together.groupby(keys, observed=True, as_index=False)["amount"].sum()
    kept: pd.DataFrame = added[added["amount"].ne(0) | added["status"].eq("missing")]
    return kept[list(POSTING_COLUMNS)].reset_index(drop=True)


def _observed(stands: pd.DataFrame, source: str) -> pd.DataFrame:
    """Closing stocks, stand by stand and owner by owner."""
    names: dict[str, list[str]] = {}
    cell: dict[str, Ints] = {}
    for name in DIMENSIONS:
        codes, texts = pd.factorize(stands[name].to_numpy(dtype=object))
        names[name], cell[name] = [str(text) for text in texts], codes.astype(np.int64)
    ledger = Ledger(names, [source], BOOKED)
    area = stands["area_dm2"].to_numpy(dtype=np.int64)
    forest = np.where(stands["land_class"].isin(list(FOREST)), area, 0)
    state = stands["status"].map(list(STATUSES).index).to_numpy(dtype=np.int64)
    place = {name: cell[name] for name in ("township", "farm")}
    land = place | {name: cell[name] for name in ("owner", "land_class")}
    ledger.book("land", "A90", area, land)
    ledger.book("forest", "T90", forest, cell)
    ledger.book("timber", "T90", stands["volume_dm3"].to_numpy(np.int64), cell, status=state)
    ledger.book("carbon", "T90", stands["co2e_kg"].to_numpy(np.int64), cell, status=state)
    ledger.book("age", "G90", forest, place | {"age_group": cell["age_group"]})
    ledger.book("quality", "Q90", forest, place | {"quality": cell["quality"]})
    ours = np.where(stands["land_class"].isin(list(FOREST_LAND)), area, 0)
    kind = np.full(len(area), ledger.code("land_class", FOREST_TYPE), dtype=np.int64)
    ledger.book("extent", "E90", ours, {"township": cell["township"], "land_class": kind})
    return ledger.postings()
