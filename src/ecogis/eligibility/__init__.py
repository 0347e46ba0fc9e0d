"""Which pieces may be counted and pledged: title, clause 4.1, and a methodology's conditions.

In: pieces, rights, encumbrances, documents, land records and stands in the vocabulary's columns.
Out: title (one row per piece and right) and `Verdicts` (one row per piece and clause), where a
missing verdict means not known. What is missing never counts as yes.
"""

from ecogis.eligibility.conditions import check_rules, conditions, creditable, pledgeable
from ecogis.eligibility.facts import Declaration, Period
from ecogis.eligibility.guideline import clause_labels, guideline
from ecogis.eligibility.reasons import Reason, reason, reason_label, reasons
from ecogis.eligibility.rules import DECLARABLE, RULES
from ecogis.eligibility.title import title
from ecogis.eligibility.verdicts import Verdicts, every, words

__all__ = [
    "DECLARABLE",
    "RULES",
    "Declaration",
    "Period",
    "Reason",
    "Verdicts",
    "check_rules",
    "clause_labels",
    "conditions",
    "creditable",
    "every",
    "guideline",
    "pledgeable",
    "reason",
    "reason_label",
    "reasons",
    "title",
    "words",
]
