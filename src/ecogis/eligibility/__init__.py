"""Which pieces may be counted and pledged: title, clause 4.1, and a methodology's conditions.

In: pieces, rights, encumbrances, documents, land records and stands in the vocabulary's columns.
Out: title (one row per piece and right) and `Verdicts` (one row per piece and clause), where a
missing verdict means not known. What is missing never counts as yes.
"""

from ecogis.eligibility.checking import check_rules
from ecogis.eligibility.conditions import conditions, creditable, of_the_project, pledgeable
from ecogis.eligibility.declared_rules import DECLARABLE
from ecogis.eligibility.due import due_diligence
from ecogis.eligibility.encumbrances import no_claims
from ecogis.eligibility.facts import Declaration, Period, Site
from ecogis.eligibility.guideline import Units, clause_labels, guideline
from ecogis.eligibility.pledging import pledgors
from ecogis.eligibility.reasons import Reason, reason, reason_label, reasons
from ecogis.eligibility.rules import RULES
from ecogis.eligibility.title import Ground, ground, title
from ecogis.eligibility.verdicts import Verdicts, every, words

__all__ = [
    "DECLARABLE",
    "RULES",
    "Declaration",
    "Ground",
    "Period",
    "Reason",
    "Site",
    "Units",
    "Verdicts",
    "check_rules",
    "clause_labels",
    "conditions",
    "creditable",
    "due_diligence",
    "every",
    "ground",
    "guideline",
    "no_claims",
    "of_the_project",
    "pledgeable",
    "pledgors",
    "reason",
    "reason_label",
    "reasons",
    "title",
    "words",
]
