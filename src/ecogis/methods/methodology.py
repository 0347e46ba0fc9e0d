"""Methodologies as data: clauses, conditions of use and the lines of the crediting sum."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any, Final

from ecogis.core.errors import ConfigError, NotInForceError
from ecogis.methods.clauses import (
    Clause,
    Condition,
    Exemption,
    Line,
    Pool,
    Rounding,
    clause_named,
    read_clauses,
    read_conditions,
    read_exemptions,
    read_lines,
    read_pools,
    read_rounding,
)
from ecogis.methods.loader import Place, Source, check, check_all, sha256, sources, toml
from ecogis.methods.parameters import ParameterSet

__all__ = ["Methodology", "read_methodology"]

_TOP: Final = {
    "methodology": dict,
    "sources": dict,
    "parameters": dict,
    "rounding": dict,
    "clauses": list,
    "conditions": list,
    "exemptions?": list,
    "pools": list,
    "lines": list,
}
_HEAD: Final = {
    "id": str,
    "edition": str,
    "title_zh": str,
    "title_en": str,
    "publisher": str,
    "in_force_from": date,
    "in_force_to?": date,
    "checked_on": date,
    "note_zh?": str,
    "note_en?": str,
}


@dataclass(frozen=True, slots=True)
class Methodology:
    """One edition of a methodology: what it asks for and how it counts, as data.

    Attributes
    ----------
    in_force_from, in_force_to : date, date or None
        Half-open span the edition is in force.
    parameters : mapping of str to str
        Role (biomass, crediting) to the parameter set's ``id@edition``.
    clauses : tuple of Clause
        In our own words, each with its source.
    conditions : tuple of Condition
        Each names a rule of `ecogis.eligibility` and its arguments.
    lines : tuple of Line
        Lines of the crediting sum in order; each names a rule of `ecogis.crediting` and the
        parameter it uses.
    """

    id: str
    edition: str
    title_zh: str
    title_en: str
    publisher: str
    in_force_from: date
    in_force_to: date | None
    checked_on: date
    note_zh: str
    note_en: str
    sha256: str
    files: tuple[str, ...]
    sources: Mapping[str, Source]
    parameters: Mapping[str, str]
    rounding: Rounding
    clauses: tuple[Clause, ...]
    conditions: tuple[Condition, ...]
    exemptions: tuple[Exemption, ...]
    pools: tuple[Pool, ...]
    lines: tuple[Line, ...]

    @property
    def label(self) -> str:
        """``id@edition``."""
        return f"{self.id}@{self.edition}"

    @property
    def crediting_years(self) -> tuple[int, int]:
        """Shortest and longest crediting period, out of the condition on it. [yr]"""
        arguments = self._rule("crediting_years").arguments
        return int(arguments["minimum"]), int(arguments["maximum"])

    @property
    def registration_open(self) -> tuple[date, date | None]:
        """Half-open span in which new projects can be registered under it."""
        arguments = self._rule("registration_open").arguments
        return arguments["open_from"], arguments.get("open_to")

    def clause(self, name: str) -> Clause:
        """A clause by its number or heading.

        Raises
        ------
        ConfigError
            When the methodology has no such clause.
        """
        return clause_named(self.clauses, name, self.label)

    def require_in_force(self, day: date) -> None:
        """Stop when the edition is not in force on a day.

        Raises
        ------
        NotInForceError
            Names the span it is in force.
        """
        ended = self.in_force_to is not None and day >= self.in_force_to
        if day < self.in_force_from or ended:
            raise NotInForceError(
                "E249",
                name=self.label,
                first=self.in_force_from,
                until=self.in_force_to or "—",
                day=day,
            )

    def _rule(self, name: str) -> Condition:
        return next(condition for condition in self.conditions if condition.rule == name)


def read_methodology(file: Traversable, parameters: Callable[[str], ParameterSet]) -> Methodology:
    """Read and check a methodology file.

    Parameters
    ----------
    file : Path or Traversable
        The TOML file.
    parameters : callable
        Gives the parameter set of an ``id@edition``; every set and parameter named must exist.

    Returns
    -------
    Methodology
        Every clause named is there, every source listed, every parameter found.

    Raises
    ------
    ConfigError
        Names the file, the key and what to do.
    """
    at = Place(file.name)
    content = check(toml(file), _TOP, at)
    head = check(content["methodology"], _HEAD, at.at("methodology"))
    listed = sources(content["sources"], at.at("sources"))
    clauses = read_clauses(content["clauses"], listed, at.at("clauses"))
    known = [clause.clause for clause in clauses]
    sets = _sets(content["parameters"], parameters, at.at("parameters"))
    conditions = read_conditions(content["conditions"], known, at.at("conditions"))
    _required(conditions, at.at("conditions"))
    return Methodology(
        **(head | {"note_zh": head["note_zh"] or "", "note_en": head["note_en"] or ""}),
        sha256=sha256([file]),
        files=(file.name,),
        sources=MappingProxyType(listed),
        parameters=MappingProxyType({role: found.label for role, found in sets.items()}),
        rounding=read_rounding(content["rounding"], at.at("rounding")),
        clauses=clauses,
        conditions=conditions,
        exemptions=read_exemptions(content["exemptions"] or [], known, at.at("exemptions")),
        pools=read_pools(content["pools"], known, at.at("pools")),
        lines=read_lines(content["lines"], known, sets, at.at("lines")),
    )


def _sets(
    table: object, parameters: Callable[[str], ParameterSet], at: Place
) -> dict[str, ParameterSet]:
    labels = check(table, dict.fromkeys(check_all(table, at), str), at)
    return {role: parameters(label) for role, label in labels.items()}


def _required(conditions: tuple[Condition, ...], at: Place) -> None:
    asked: dict[str, dict[str, Any]] = {
        "crediting_years": {"minimum": int, "maximum": int},
        "registration_open": {"open_from": date, "open_to?": date},
    }
    by_rule = {condition.rule: condition for condition in conditions}
    for rule, fields in asked.items():
        if rule not in by_rule:
            raise ConfigError("E232", file=at.file, key=f"{at.key} ({rule})")
        place = at.at(by_rule[rule].id).at("arguments")
        check(dict(by_rule[rule].arguments), fields, place)
