"""What is entered in the ledger: rights, surveys, claims, registrations; and its policy."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import codes
from ecogis.registry.fields import folded, known_day, line_of_text, sha256_or_blank, whole_number

__all__ = [
    "LARGEST_KG",
    "USES",
    "Claim",
    "Policy",
    "Registration",
    "Right",
    "Survey",
]

USES: Final = ("pledge", "sale", "forest_ticket", "eco_product", "other_methodology")
"""What tonnes can be claimed for: a pledge, a sale, 碳票, an ecological product, other rules."""

_UNIT: Final = re.compile(r"[0-9]{12}[A-Z]{2}[0-9]{5}[A-Z][0-9]{8}")
LARGEST_KG: Final = 10**15
"""A million million tonnes: more is a mistake. [kg CO2e]"""

_VINTAGES: Final = (1990, 2200)


@dataclass(frozen=True, slots=True)
class Right:
    """A right as the register names it.

    Parameters
    ----------
    unit_code : str
        Real-estate unit code, 28 characters.
    kind : str
        Kind of right, a code of the vocabulary.
    registration_no : str
        Number of the certificate or contract, as written there.

    Raises
    ------
    ConfigError
        E811 a field is not what it should be.

    Examples
    --------
    >>> right = Right("441899101207JE00038L00000001", "forest_ownership", "No. 1")
    >>> right.id
    '441899101207JE00038L00000001|forest_ownership|NO.1'
    """

    unit_code: str
    kind: str
    registration_no: str

    def __post_init__(self) -> None:
        line_of_text("unit_code", self.unit_code)
        line_of_text("registration_no", self.registration_no)
        if not _UNIT.fullmatch(folded(self.unit_code)):
            expected = "28 位不动产单元代码 / unit code of 28 characters"
            raise ConfigError("E811", field="unit_code", value=self.unit_code, expected=expected)
        if self.kind not in codes("right_kind"):
            expected = ", ".join(codes("right_kind"))
            raise ConfigError("E811", field="right_kind", value=self.kind, expected=expected)

    @property
    def id(self) -> str:
        """The right's key: the three parts folded, so that a change of spelling is no new right."""
        return f"{folded(self.unit_code)}|{self.kind}|{folded(self.registration_no)}"


@dataclass(frozen=True, slots=True)
class Survey:
    """Where a right lies and what it can yield, by one run.

    Parameters
    ----------
    right : Right
        The right.
    geometry : shapely.Polygon or shapely.MultiPolygon
        Its land, EPSG:4490.
    yields : mapping of int to int
        What it can give by vintage. A vintage not listed keeps what an earlier survey gave it; one
        that gives nothing any more is listed with 0. [kg CO2e]
    pieces : sequence of str
        Pieces of the run that make up the right.
    manifest : str
        SHA-256 of the run's manifest.
    methodology : str
        Methodology and edition the yield is by.
    key : str
        Idempotency key.

    Raises
    ------
    ConfigError
        E811 a field is not what it should be.
    """

    right: Right
    geometry: Any
    yields: Mapping[int, int]
    pieces: Sequence[str] = ()
    manifest: str = ""
    methodology: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.yields, Mapping):
            raise ConfigError("E811", field="yields", value=self.yields, expected="{vintage: kg}")
        yields = {
            whole_number("vintage", vintage, *_VINTAGES): whole_number("kg", kg, 0, LARGEST_KG)
            for vintage, kg in self.yields.items()
        }
        for piece in self.pieces:
            line_of_text("pieces", piece)
        sha256_or_blank("manifest", self.manifest)
        line_of_text("methodology", self.methodology, blank=True)
        line_of_text("key", self.key, blank=True)
        object.__setattr__(self, "yields", MappingProxyType(yields))
        object.__setattr__(self, "pieces", tuple(self.pieces))


@dataclass(frozen=True, slots=True)
class Claim:
    """Tonnes of one right and vintage that somebody is to hold.

    Parameters
    ----------
    right : Right
        The right they come from.
    vintage : int
        Calendar year.
    kg : int
        How much. [kg CO2e]
    party : str
        Lender of a pledge, buyer of a sale, issuer of a carbon ticket.
    use : {"pledge", "sale", "forest_ticket", "eco_product", "other_methodology"}
        What for.
    dossier : str
        The business file it belongs to; all claims of one pledge have the same.
    manifest : str
        SHA-256 of the manifest of the run it was valued by.
    key : str
        Idempotency key.

    Raises
    ------
    ConfigError
        E811 a field is not what it should be.
    """

    right: Right
    vintage: int
    kg: int
    party: str
    use: str = "pledge"
    dossier: str = ""
    manifest: str = ""
    key: str = ""

    def __post_init__(self) -> None:
        vintage = whole_number("vintage", self.vintage, *_VINTAGES)
        object.__setattr__(self, "vintage", vintage)
        object.__setattr__(self, "kg", whole_number("kg", self.kg, 1, LARGEST_KG))
        line_of_text("party", self.party)
        if self.use not in USES:
            raise ConfigError("E811", field="use", value=self.use, expected=", ".join(USES))
        line_of_text("dossier", self.dossier, blank=True)
        line_of_text("key", self.key, blank=True)
        sha256_or_blank("manifest", self.manifest)


@dataclass(frozen=True, slots=True)
class Registration:
    """What was registered outside the ledger.

    Parameters
    ----------
    number : str
        Number of the registration.
    expires : date or None
        Last day it is in force; a pledge needs one.
    registered : date, optional
        Day it was made.
    system : str
        Where: ``movables`` for the unified registration of movables and rights.
    real_estate_no, project_no : str
        Numbers in the real-estate register and the project registry.

    Raises
    ------
    ConfigError
        E811 a field is not what it should be, or the end lies before the start.
    """

    number: str
    expires: date | None
    registered: date | None = None
    system: str = "movables"
    real_estate_no: str = ""
    project_no: str = ""

    def __post_init__(self) -> None:
        line_of_text("registration", self.number)
        line_of_text("system", self.system)
        line_of_text("real_estate_no", self.real_estate_no, blank=True)
        line_of_text("project_no", self.project_no, blank=True)
        known_day("expires", self.expires, missing=True)
        known_day("registered", self.registered, missing=True)
        if self.expires and self.registered and self.expires < self.registered:
            expected = f">= {self.registered}"
            raise ConfigError("E811", field="expires", value=self.expires, expected=expected)


@dataclass(frozen=True, slots=True)
class Policy:
    """What counts as an overlap or a copy; recorded when the ledger is opened, for good.

    Attributes
    ----------
    overlap_m2 : float
        Land two rights may share before the second claim is refused: one 亩. A policy. [m2]
    overlap_share : float
        The same as a share of the smaller right; the lower of the two decides, so that neither a
        large nor a small right can be pledged twice in part. A policy. [1]
    notice_m2 : float
        Land two rights may share before it is told. A policy. [m2]
    copy_reach_m : float
        How far away a copy in shifted coordinates is looked for. A policy. [m]
    copy_share : float
        Land two shapes have in common, laid on one another, to be called copies. A policy. [1]
    copy_size : float
        How much area and perimeter of copies may differ. A policy. [1]
    expiry_notice_days : int
        How long before its end a registration is told. A policy. [day]
    """

    overlap_m2: float = 667.0
    overlap_share: float = 0.05
    notice_m2: float = 1.0
    copy_reach_m: float = 1000.0
    copy_share: float = 0.98
    copy_size: float = 0.003
    expiry_notice_days: int = 90
    version: int = field(default=1, init=False)

    def __post_init__(self) -> None:
        for name in ("overlap_share", "copy_share", "copy_size"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ConfigError("E811", field=name, value=getattr(self, name), expected="0 … 1")
        for name in ("overlap_m2", "notice_m2", "copy_reach_m", "expiry_notice_days"):
            if not 0 <= getattr(self, name) < 1e6:
                raise ConfigError("E811", field=name, value=getattr(self, name), expected=">= 0")

    def tolerated_m2(self, smaller_m2: float) -> float:
        """Land two rights may share when the smaller of them has this area. [m2]

        >>> Policy().tolerated_m2(1e6), Policy().tolerated_m2(1000.0)
        (667.0, 50.0)
        """
        return min(self.overlap_m2, self.overlap_share * smaller_m2)
