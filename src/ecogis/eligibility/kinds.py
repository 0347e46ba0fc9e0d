"""Kinds of right to forest, grassland, wetland and sea: what each gives, and from what it derives.

On each parcel the first kind in force, by `RANK`, gives the expected-yield right. The order and the
levels are our reading of the law; no text prints them.
"""

from types import MappingProxyType
from typing import Final

__all__ = ["CONTRACT", "GRANTED", "LAND", "LEVEL", "MANAGEMENT", "NONE", "RANK", "WITH_TERM"]

MANAGEMENT: Final = ("management", "grassland_management", "wetland_management")
"""Rights to manage, transferred by contract."""

CONTRACT: Final = ("contract_management", "grassland_contract")
"""Rights contracted from the collective, from which others are transferred."""

_USE: Final = ("forest_land_use", "grassland_use", "wetland_use", "sea_area_use")

LAND: Final = (*CONTRACT, *MANAGEMENT, *_USE)
"""Rights to the land or the sea on which the sink stands."""

WITH_TERM: Final = (*LAND, "forest_use")
"""Kinds that last for a term: without an end on record it is not known."""

GRANTED: Final = 0
"""Rank of a right to manage whose transfer contract is confirmed."""

RANK: Final = MappingProxyType(
    {"forest_use": 1, "forest_ownership": 2}
    | dict.fromkeys(MANAGEMENT, 3)
    | dict.fromkeys((*CONTRACT, *_USE), 4)
)
"""Which kind gives the yield right: the least in force."""

NONE: Final = 9
"""Rank of land ownership and of unknown kinds, which never give the yield right."""

LEVEL: Final = MappingProxyType(
    {"land_ownership": 0, "forest_ownership": 1, "forest_use": 2}
    | dict.fromkeys((*CONTRACT, *_USE), 1)
    | dict.fromkeys(MANAGEMENT, 2)
)
"""A right derives from one of a lower level; a right to manage also from another of its kind."""
