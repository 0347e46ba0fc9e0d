"""Kinds of unit a methodology yields, and what tables of prices call them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["UNIT_KINDS", "unit_kind"]

UNIT_KINDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "ccer": ("CCER", "国家核证自愿减排量"),
        "gd_phcer": ("PHCER", "碳普惠"),
        "carbon_ticket": ("碳票", "CARBON TICKET"),
        "tcer": ("TCER", "LCER"),
        "other": (),
    }
)
"""Each kind with the words an instrument of it is known by; ``other`` is a scheme of its own."""


def unit_kind(instrument: str) -> str:
    """The kind of unit a table of prices means; empty where its name does not tell.

    Parameters
    ----------
    instrument : str
        As the table names it.

    Examples
    --------
    >>> [unit_kind(name) for name in ("CCER", "广东PHCER", "三明林业碳票", "tCER", "CEA")]
    ['ccer', 'gd_phcer', 'carbon_ticket', 'tcer', '']
    """
    name = instrument.upper()
    found = (kind for kind, words in UNIT_KINDS.items() if any(word in name for word in words))
    return next(found, "")
