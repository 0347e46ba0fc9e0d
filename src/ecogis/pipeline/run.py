"""One run: what a project asks for, what each stage left, what was found on the way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import geopandas
import pandas as pd
import xarray as xr

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.provenance import sha256_file
from ecogis.methods import Guideline, Methodology, ParameterSet, guideline, methodology, parameters
from ecogis.pipeline.config import ProjectFile, load
from ecogis.pipeline.config_absent import absent

__all__ = ["Progress", "Project", "Run", "open_project"]

_DOUBTFUL = ("E137", "E138", "E219")  # unit code lost or malformed; shares not one in all

Progress = Callable[[str, int, int], None]
"""Told the name of a stage, its number and how many there are."""


@dataclass(frozen=True, slots=True)
class Project:
    """A project file that was read and found sound, and where it lies."""

    file: Path
    sha256: str
    folder: Path
    config: ProjectFile

    @property
    def valuation_date(self) -> date:
        """Day everything is valued for."""
        return self.config.project.valuation_date

    def __repr__(self) -> str:
        return f"Project({self.config.project.name}, {self.valuation_date}, {self.file.name})"


def open_project(path: str | Path) -> Project:
    """Read a project file; nothing it names is opened yet.

    Raises
    ------
    ConfigError
        When the file is missing or a key is unknown, missing or out of range.

    Examples
    --------
    >>> import ecogis as eg
    >>> from ecogis import demo
    >>> eg.open(demo.folder() / "project.toml").valuation_date
    datetime.date(2026, 8, 31)
    """
    config, folder = load(path)
    return Project(Path(path), sha256_file(Path(path)), folder, config)


@dataclass
class Run:
    """The state of one run: each stage reads what earlier ones left and adds its own."""

    project: Project
    findings: Findings = field(default_factory=Findings)
    layers: dict[str, geopandas.GeoDataFrame] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    inputs: list[dict[str, Any]] = field(default_factory=list)
    left: dict[str, Any] = field(default_factory=dict)
    dem: xr.DataArray | None = None
    unread: frozenset[str] = frozenset()  # tables the work does not ask for

    def __post_init__(self) -> None:
        config = self.project.config
        self._for_assessment(config)
        self.curves: ParameterSet = parameters(config.growth.curves)
        self.biomass: ParameterSet = parameters(config.growth.biomass)
        self.uncertainty: ParameterSet = parameters(config.growth.uncertainty)
        self.names: ParameterSet = parameters("species-names")
        self.ages: ParameterSet = parameters("age-groups")
        self.guideline: Guideline = guideline("t-gzgfa-8-2026")
        self.register: ParameterSet = parameters("register-rates")
        growth = config.growth
        self.law: ParameterSet = parameters("harvest-law")
        self.mortality = parameters(growth.disturbance.hazards) if growth.disturbance else None
        self.pool_rates = parameters(growth.pools.rates) if growth.pools else None
        self.opinion = parameters(growth.opinion) if growth.opinion else None

    def _for_assessment(self, config: ProjectFile) -> None:
        """Methodology and editions only an assessment asks; a balance may go without."""
        if absent(config):
            nothing: Any = config.methodology  # tells whoever asks it for anything
            self.methodology: Methodology = nothing
            self.crediting: ParameterSet = nothing
            self.discount: ParameterSet = nothing
            self.returns: ParameterSet | None = None
            return
        self.methodology = methodology(config.methodology.id, folder=self.project.folder)
        self.methodology.require_in_force(self.date)
        self.crediting = parameters(self.methodology.parameters["crediting"])
        self.discount = parameters(config.valuation.discount)
        trees = config.valuation.forest_assets
        self.returns = parameters(trees.returns) if trees and trees.returns else None

    @property
    def absent(self) -> list[str]:
        """Sections of an assessment the project file leaves out."""
        return absent(self.config)

    def require_assessed(self) -> None:
        """Refuse a project that leaves out a section an assessment needs.

        Raises
        ------
        ConfigError
            E543, naming the section.
        """
        for section in absent(self.config):
            raise ConfigError("E543", file=self.project.file.name, key=section)

    @property
    def sets(self) -> tuple[ParameterSet, ...]:
        """Every parameter set the run may ask."""
        assessed = () if absent(self.config) else (self.crediting, self.discount)
        used = (self.curves, self.biomass, *assessed, self.uncertainty)
        law = self.law if self.config.growth.harvest else None
        asked = (law, self.mortality, self.pool_rates, self.opinion, self.returns)
        return (*used, self.register, *(entry for entry in asked if entry is not None))

    @property
    def config(self) -> ProjectFile:
        """The project file's values."""
        return self.project.config

    def given(self, table: str) -> pd.DataFrame | None:
        """A table of the project, or nothing where it was not supplied."""
        return self.tables[table] if table in self.config.tables else None

    def doubtful_rights(self) -> set[str]:
        """Rights that a finding takes out: identifier not unique, or shares that do not add up."""
        named = self.findings.features("rights", codes=_DOUBTFUL)
        return self.findings.excluded("rights") | named

    def refuse(self) -> None:
        """Stop when findings are open that the policy does not accept."""
        policy = self.config.policy
        self.findings.refuse(policy.refuse_at, [entry.code for entry in policy.accept])

    @property
    def date(self) -> date:
        """The valuation date."""
        return self.project.valuation_date
