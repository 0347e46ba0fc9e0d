"""How long ago somebody compared an edition with its sources."""

from collections.abc import Iterable
from datetime import date

from ecogis.core.findings import Findings
from ecogis.core.periods import add_months
from ecogis.methods.guideline import Guideline
from ecogis.methods.methodology import Methodology
from ecogis.methods.parameters import ParameterSet

__all__ = ["note_stale"]


def note_stale(
    editions: Iterable[ParameterSet | Methodology | Guideline],
    day: date,
    findings: Findings,
    *,
    months: int = 12,
) -> int:
    """Note every edition that nobody has compared with its sources for a while.

    Parameters
    ----------
    editions : iterable
        What a run uses.
    day : date
        The valuation date.
    findings : Findings
        Where the notes go.
    months : int, default 12
        Age from which a note is made. [months]

    Returns
    -------
    int
        Notes made.

    Findings
    --------
    E246
        When `checked_on` lies more than `months` before `day`.
    """
    stale = [entry for entry in editions if add_months(entry.checked_on, months) < day]
    for entry in stale:
        findings.add(
            "E246",
            layer="methods",
            feature=entry.label,
            set=entry.label,
            checked_on=entry.checked_on,
            day=day,
            months=months,
        )
    return len(stale)
