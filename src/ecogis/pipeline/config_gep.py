"""[gep] of the project file: year, standard, prices and inputs of the account of services."""

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

__all__ = [
    "Constant",
    "Gep",
    "GepDeflator",
    "GepMonths",
    "GepPotential",
    "GepPrice",
    "GepRain",
    "GepStorms",
    "GepTerrain",
    "GepTexture",
    "GepVep",
    "GepWater",
]

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, msgspec.Meta(gt=0.0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0.0)]
Year = Annotated[int, msgspec.Meta(ge=1990, le=2100)]
Reason = Annotated[str, msgspec.Meta(min_length=4)]
MassShare = Literal["1", "%", "g kg-1"]
Files = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
Mark = Literal["quoted", "inferred", "recalled", "assumed"]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class GepPrice(_Strict, frozen=True, kw_only=True):
    """[gep.own_prices.*]: a price of the project's own, which goes before the set's."""

    value: NotNegative
    year: Year
    source: Reason
    confidence: Mark


class GepDeflator(_Strict, frozen=True, kw_only=True):
    """[gep.deflator]: an index of prices by year, with its source."""

    index: Mapping[str, Positive]
    source: Reason


class Constant(_Strict, frozen=True, kw_only=True):
    """[gep.constants.*]: a constant of a formula in place of the library's."""

    value: float
    because: Reason
    source: str = ""
    confidence: Mark


class GepVep(_Strict, frozen=True, kw_only=True):
    """[gep.vep]: the products of a borrower's parcels over a term; a cross-check only."""

    parcels: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    sold: Mapping[str, Share]
    years: Annotated[int, msgspec.Meta(ge=1, le=100)]
    rate: Share
    because: Reason
    loan_cny: NotNegative | None = None


class GepRain(_Strict, frozen=True, kw_only=True):
    """[gep.terrain.rain]: monthly rain, and the formula that makes erosivity of it."""

    files: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    formula: Literal["renard-freimund", "wischmeier", "zhang-fu"]


class GepTexture(_Strict, frozen=True, kw_only=True):
    """[gep.terrain.texture]: rasters of soil texture, and the formula of erodibility."""

    sand: str
    silt: str
    clay: str
    organic_carbon: str
    unit: MassShare
    carbon_unit: MassShare
    formula: Literal["epic", "epic-china", "nomograph"]


class GepTerrain(_Strict, frozen=True, kw_only=True):
    """[gep.terrain]: factors of soil loss made of the project's heights, rain and texture."""

    length_slope: Literal["desmet-govers", "moore-burch"] | None = None
    steepness: Literal["mccool", "liu"] = "mccool"
    rain: GepRain | None = None
    texture: GepTexture | None = None


class GepMonths(_Strict, frozen=True, kw_only=True):
    """[gep.water.rain]: monthly rain, for the rain of the year."""

    files: Files


class GepPotential(_Strict, frozen=True, kw_only=True):
    """[gep.water.potential]: potential evapotranspiration, of temperatures or as it is given."""

    formula: Literal["given", "hargreaves", "thornthwaite"]
    files: tuple[str, ...] = ()
    temperature: tuple[str, ...] = ()
    highest: tuple[str, ...] = ()
    lowest: tuple[str, ...] = ()


class GepStorms(_Strict, frozen=True, kw_only=True):
    """[gep.water.storms]: the storms of the year, a raster or a band each."""

    files: Files
    abstraction: Share = 0.2


class GepWater(_Strict, frozen=True, kw_only=True):
    """[gep.water]: terms of the water balance made of rain, temperatures and storms."""

    evapotranspiration: Literal["zhang", "fu"] | None = None
    rain: GepMonths | None = None
    potential: GepPotential | None = None
    storms: GepStorms | None = None


class Gep(_Strict, frozen=True, kw_only=True):
    """[gep]: the account of ecosystem services of a year."""

    year: Year
    standard: str
    prices: str
    because: Reason
    formulas: str = "gep-formulas@2026-1"
    price_sets: tuple[str, ...] = ()
    records: str | None = None
    values: str | None = None
    rasters: Mapping[str, str] = {}
    terrain: GepTerrain | None = None
    water: GepWater | None = None
    soil: str | None = None
    lake_region: str | None = None
    constants: Mapping[str, Constant] = {}
    own_prices: Mapping[str, GepPrice] = {}
    deflator: GepDeflator | None = None
    users: Mapping[str, Mapping[str, Share]] = {}
    carbon_claim: Literal["account", "sale"] = "account"
    allowable_cut_m3: NotNegative | None = None
    population: Positive | None = None
    area_ha: Positive | None = None
    vep: GepVep | None = None
