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
    Removal,
    Rounding,
    clause_named,
    read_clauses,
    read_conditions,
    read_exemptions,
    read_lines,
    read_pools,
    read_removal,
    read_rounding,
)
from ecogis.methods.loader import Place, Source, check, check_all, one_of, sha256, sources, toml
from ecogis.methods.parameters import ParameterSet
from ecogis.methods.supplied import Wanted, read_supplied
from ecogis.methods.unit_kinds import UNIT_KINDS

__all__ = ["RESOURCES", "Methodology", "read_methodology"]

RESOURCES: Final = ("forest", "ocean", "grassland", "wetland")
"""Kinds of resource a carbon sink may belong to, as T/GZGFA 8—2026 names them."""

_TOP: Final = {
    "methodology": dict,
    "sources": dict,
    "parameters": dict,
    "supplied?": dict,
    "removal?": dict,
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
    "resources?": list,
    "draft?": bool,
    "merging_clause?": str,
    "unit_kind?": str,
}
_FOREST: Final = ("forest",)  # editions from before the key was there are all of forest
_BEFORE: Final = dict.fromkeys(("CCER-14-001-V01@2023", "AR-CM-001-V01@2013"), "ccer")
"""Units of the editions from before they were stated."""
_BY_CLASS: Final = "baseline_by_class"


@dataclass(frozen=True, slots=True)
class Methodology:
    """One edition of a methodology: what it asks for and how it counts, as data.

    Attributes
    ----------
    in_force_from, in_force_to : date, date or None
        Half-open span the edition is in force.
    parameters : mapping of str to str
        Role (biomass, crediting) to the parameter set's ``id@edition``.
    resources : tuple of str
        Kinds of resource it is for, out of `RESOURCES`.
    draft : bool
        Out for comment: for comparison, never open to registration.
    merging_clause : str
        Clause by which projects may share a registration that ends with the first right; empty
        where there is none.
    unit_kind : str
        What is issued under it, out of `UNIT_KINDS`; empty where the file does not say.
    supplied : mapping of str to Wanted
        Numbers the project must give; they have no default.
    removal : Removal
        How removals arise.
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
    resources: tuple[str, ...]
    draft: bool
    merging_clause: str
    unit_kind: str
    parameters: Mapping[str, str]
    supplied: Mapping[str, Wanted]
    removal: Removal
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
    def crediting_years(self) -> tuple[int, int] | None:
        """Shortest and longest crediting period; None where no condition states it. [yr]"""
        for each in self.conditions:
            if each.rule == "crediting_years":
                return int(each.arguments["minimum"]), int(each.arguments["maximum"])
        return None

    @property
    def registration_open(self) -> tuple[date, date | None]:
        """Half-open span in which new projects can be registered under it."""
        found = next(each for each in self.conditions if each.rule == "registration_open")
        return found.arguments["open_from"], found.arguments.get("open_to")

    def status(self, day: date) -> str:
        """Whether new projects can be registered on a day: draft, not_yet, open or closed.

        Examples
        --------
        >>> from ecogis.methods import methodology
        >>> methodology("AR-CM-001-V01").status(date(2026, 8, 31))
        'closed'
        """
        if self.draft:
            return "draft"
        opens, closes = self.registration_open
        if day < opens:
            return "not_yet"
        return "open" if closes is None or day < closes else "closed"

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
    supplied = read_supplied(content["supplied"], known, sets, at.at("supplied"))
    numbers = _numbers(sets, supplied)
    conditions = read_conditions(content["conditions"], known, at.at("conditions"))
    removal = read_removal(content["removal"], known, numbers, at.at("removal"))
    lines = read_lines(content["lines"], known, numbers, at.at("lines"))
    _required(conditions, at.at("conditions"))
    _agree(removal, lines, at.at("removal"))
    settled = _settled(head, at.at("methodology"))
    if settled["merging_clause"]:
        clause_named(clauses, settled["merging_clause"], head["id"])
    found = Methodology(
        **settled,
        sha256=sha256([file]),
        files=(file.name,),
        sources=MappingProxyType(listed),
        parameters=MappingProxyType({role: found.label for role, found in sets.items()}),
        supplied=MappingProxyType(supplied),
        removal=removal,
        rounding=read_rounding(content["rounding"], at.at("rounding")),
        clauses=clauses,
        conditions=conditions,
        exemptions=read_exemptions(content["exemptions"] or [], known, at.at("exemptions")),
        pools=read_pools(content["pools"], known, at.at("pools")),
        lines=lines,
    )
    if found.draft and found.registration_open[0] != found.registration_open[1]:
        raise ConfigError("E705", file=at.file, key="methodology.draft", what="open_to = open_from")
    return found


def _settled(head: Mapping[str, Any], at: Place) -> dict[str, Any]:
    """The head with what may be left out in its place."""
    names = tuple(str(name) for name in head["resources"] or _FOREST)
    for name in names:
        one_of(name, RESOURCES, at.at("resources"))
    texts = {key: head[key] or "" for key in ("note_zh", "note_en", "merging_clause")}
    units = head["unit_kind"] or _BEFORE.get(f"{head['id']}@{head['edition']}", "")
    if units:
        one_of(units, tuple(UNIT_KINDS), at.at("unit_kind"))
    return {
        **head,
        **texts,
        "resources": names,
        "draft": bool(head["draft"]),
        "unit_kind": units,
    }


def _sets(
    table: object, parameters: Callable[[str], ParameterSet], at: Place
) -> dict[str, ParameterSet]:
    labels = check(table, dict.fromkeys(check_all(table, at), str), at)
    if "crediting" not in labels:
        raise ConfigError("E232", file=at.file, key=at.at("crediting").key)
    return {role: parameters(label) for role, label in labels.items()}


def _numbers(
    sets: Mapping[str, ParameterSet], supplied: Mapping[str, Wanted]
) -> dict[str, tuple[str, ...]]:
    """Every number a line may name, with the sets that hold it; a supplied one is of set ""."""
    found: dict[str, tuple[str, ...]] = dict.fromkeys(supplied, ("",))
    for each in sets.values():
        for name in each.names:
            found[name] = (*found.get(name, ()), each.label)
    return found


def _agree(removal: Removal, lines: tuple[Line, ...], at: Place) -> None:
    """Refuse a way removals arise that the lines contradict."""
    rules = [line.rule for line in lines]
    beyond = removal.kind == "stock_change_beyond_average"
    if beyond and _BY_CLASS not in rules:
        raise ConfigError("E705", file=at.file, key=at.at("kind").key, what=f"lines: {_BY_CLASS}?")
    if removal.kind == "all_growth" and any(rule.startswith("baseline") for rule in rules):
        raise ConfigError("E705", file=at.file, key=at.at("kind").key, what="lines: baseline")


def _required(conditions: tuple[Condition, ...], at: Place) -> None:
    asked: dict[str, dict[str, Any]] = {
        "crediting_years": {"minimum": int, "maximum": int},
        "registration_open": {"open_from": date, "open_to?": date},
    }
    by_rule = {condition.rule: condition for condition in conditions}
    if "registration_open" not in by_rule:
        raise ConfigError("E232", file=at.file, key=f"{at.key} (registration_open)")
    for rule, fields in asked.items():
        if rule in by_rule:
            place = at.at(by_rule[rule].id).at("arguments")
            check(dict(by_rule[rule].arguments), fields, place)
