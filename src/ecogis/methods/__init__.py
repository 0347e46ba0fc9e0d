"""Rules and numbers as data: dated, sourced parameter sets, methodologies and guidelines.

A stage asks a `ParameterSet` for a value at a date and in a unit; nothing is defaulted, and what
was asked for is on record.
"""

from ecogis.methods.clauses import Clause, Condition, Exemption, Line, Pool, Removal, Rounding
from ecogis.methods.confidence import CONFIDENCES, weakest
from ecogis.methods.editions import (
    editions,
    guideline,
    methodology,
    parameters,
    supplied_numbers,
)
from ecogis.methods.explain import explain
from ecogis.methods.freshness import note_stale
from ecogis.methods.guideline import Guideline, GuidelineClause, Unseen
from ecogis.methods.loader import Source
from ecogis.methods.methodology import RESOURCES, Methodology, read_methodology
from ecogis.methods.parameter_file import read_set
from ecogis.methods.parameters import ParameterSet, uses_table
from ecogis.methods.supplied import Given, Wanted
from ecogis.methods.unit_kinds import UNIT_KINDS, unit_kind
from ecogis.methods.values import Parameter, Value

__all__ = [
    "CONFIDENCES",
    "RESOURCES",
    "UNIT_KINDS",
    "Clause",
    "Condition",
    "Exemption",
    "Given",
    "Guideline",
    "GuidelineClause",
    "Line",
    "Methodology",
    "Parameter",
    "ParameterSet",
    "Pool",
    "Removal",
    "Rounding",
    "Source",
    "Unseen",
    "Value",
    "Wanted",
    "editions",
    "explain",
    "guideline",
    "methodology",
    "note_stale",
    "parameters",
    "read_methodology",
    "read_set",
    "supplied_numbers",
    "unit_kind",
    "uses_table",
    "weakest",
]
