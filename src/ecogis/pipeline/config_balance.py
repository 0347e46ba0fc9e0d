"""Sections of the project file for accounts in money, liabilities and condition."""

from typing import Annotated, Literal

import msgspec

__all__ = [
    "AssetPrice",
    "ConditionVariable",
    "Credits",
    "EcosystemService",
    "Encumbered",
    "GepFlow",
    "Liability",
    "Stated",
]

Positive = Annotated[float, msgspec.Meta(gt=0.0, le=1e6)]
Amount = Annotated[float, msgspec.Meta(ge=0.0, le=1e13)]
UnitPrice = Annotated[float, msgspec.Meta(ge=0.0, le=1e7)]
PerHectare = Annotated[float, msgspec.Meta(ge=0.0, le=1e5)]
Level = Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)]
Tonnes = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Because = Annotated[str, msgspec.Meta(min_length=4, pattern=r"\S")]
Confidence = Literal["quoted", "inferred", "recalled", "assumed"]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class AssetPrice(_Strict, frozen=True, kw_only=True):
    """[[accounts.prices]]: price of one line of the value table at the opening and the closing."""

    line: Literal["M01", "M02", "M03", "M04", "M05", "M06", "M07"]
    basis: Literal["volume", "area", "carbon"]
    opening_cny: UnitPrice
    closing_cny: UnitPrice
    because: Because
    confidence: Confidence = "assumed"


class Liability(_Strict, frozen=True, kw_only=True):
    """[[accounts.liabilities]]: a policy of liabilities; without one none is booked."""

    policy: Literal["restoration", "over_quota"]
    opening_cny: UnitPrice
    closing_cny: UnitPrice
    because: Because
    land_classes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("cutover", "burnt")
    quota_m3: Amount = 0.0


class Credits(_Strict, frozen=True, kw_only=True):
    """[accounts.credits]: future reductions that can be certified, at both ends."""

    opening_t: Tonnes
    closing_t: Tonnes
    because: Because


class Encumbered(_Strict, frozen=True, kw_only=True):
    """[accounts.encumbered]: debt secured on rights, shown beside and never subtracted."""

    opening_cny: Amount
    closing_cny: Amount
    because: Because


class GepFlow(_Strict, frozen=True, kw_only=True):
    """[accounts.gep]: gross ecosystem product of the year of each end; a flow, never added."""

    opening_cny: Amount
    closing_cny: Amount
    because: Because


class ConditionVariable(_Strict, frozen=True, kw_only=True):
    """[[accounts.condition]]: a variable of condition and the levels that are worth 0 and 1."""

    column: Literal["canopy_cover", "standing_volume", "age_yr"]
    group: Literal["physical", "chemical", "compositional", "structural", "functional", "landscape"]
    low: Level
    high: Level
    because: Because
    weight: Positive = 1.0
    higher_is_better: bool = True


class EcosystemService(_Strict, frozen=True, kw_only=True):
    """[[accounts.services]]: yearly service of an ecosystem type, for its value as an asset."""

    land_class: str
    opening_per_ha: PerHectare
    closing_per_ha: PerHectare
    opening_cny: UnitPrice
    closing_cny: UnitPrice
    rate: Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
    years: Annotated[int, msgspec.Meta(ge=1, le=200)]
    because: Because


class Stated(_Strict, frozen=True, kw_only=True):
    """[accounts]: what the project states for the accounts in money; each may be left out."""

    prices: tuple[AssetPrice, ...] = ()
    timber_prices: Literal["stated", "stand_assets"] = "stated"
    liabilities: tuple[Liability, ...] = ()
    credits: Credits | None = None
    encumbered: Encumbered | None = None
    gep: GepFlow | None = None
    condition: tuple[ConditionVariable, ...] = ()
    services: tuple[EcosystemService, ...] = ()
