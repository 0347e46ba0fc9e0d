"""Price sets as versioned objects: what a unit of each part costs, of which year, by whom."""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from ecogis.core.errors import ConfigError, NotInForceError
from ecogis.core.units import factor
from ecogis.methods import ParameterSet
from ecogis.services.items import Part

__all__ = ["Deflator", "OwnPrice", "Price", "PriceSet", "price_unit"]

_CARBON: Final = 12.0 / 44.0  # tonnes of carbon in a tonne of carbon dioxide


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one unit of a part.

    Attributes
    ----------
    value : float
        In CNY a unit, at the level of the account's year where an index was given.
    base : float
        In CNY a unit, as the source has it.
    base_year : int
        Year of the source's price level; 0 for a price on record, which is of the year itself.
    deflator : float
        What `base` was multiplied with. [1]
    source : str
        ``id@edition`` of the set, ``project`` for the project's own, ``record`` for a record's.
    """

    value: float
    base: float
    base_year: int
    deflator: float
    source: str
    title_zh: str
    title_en: str
    confidence: str


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """A price the project states for a part, with where it comes from."""

    value: float
    year: int
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Deflator:
    """An index of prices by year, as the project states it with its source.

    Nothing is invented: between years the index does not have, a price stays as it is.

    Examples
    --------
    >>> Deflator({2010: 100.0, 2024: 130.0}, "yearbook").between(2010, 2024)
    1.3
    >>> Deflator({}, "").between(2010, 2024) is None
    True
    """

    index: Mapping[int, float]
    source: str

    def __post_init__(self) -> None:
        for year, value in self.index.items():
            if not value > 0.0:
                raise ConfigError("E002", value=f"{year}: {value}", expected="> 0")

    def between(self, base: int, year: int) -> float | None:
        """What a price of `base` is multiplied with to stand at `year`; None if not known. [1]"""
        if base == year:
            return 1.0
        if base not in self.index or year not in self.index:
            return None
        return self.index[year] / self.index[base]


def price_unit(unit: str) -> str:
    """Unit of the price of something.

    >>> price_unit("m3"), price_unit("t CO2e"), price_unit("1")
    ('CNY m-3', 'CNY t-1 CO2e-1', 'CNY')
    """
    found = ["CNY"]
    for text in unit.split():
        symbol = text.rstrip(string.digits)
        found += [f"{symbol}-{text[len(symbol) :] or 1}"] if symbol else []
    return " ".join(found)


class PriceSet:
    """One edition of prices, for the account of a year.

    Parameters
    ----------
    prices : ParameterSet
        The edition.
    year : int
        Year of the account: a price of a later year is not in force in it.
    deflator : Deflator
        Brings prices to the account's year.
    own : mapping of str to OwnPrice
        Prices of the project by name, which go before those of the set.

    Examples
    --------
    The set states carbon by the tonne of carbon: 1,200 CNY are 327.27 for a tonne of CO2.

    >>> from ecogis.methods import parameters
    >>> from ecogis.services.items import parts
    >>> found = PriceSet(parameters("gep-prices-lyt1721"), 2024, Deflator({}, ""))
    >>> part = parts()["carbon_fixation", "carbon_dioxide"]
    >>> round(found.price(part).value, 2), found.price(part).base_year
    (327.27, 2008)
    >>> found.price(parts()["local_climate", "transpiration"]) is None
    True
    """

    def __init__(
        self,
        prices: ParameterSet,
        year: int,
        deflator: Deflator,
        own: Mapping[str, OwnPrice] | None = None,
    ) -> None:
        self._prices = prices
        self._year = year
        self._deflator = deflator
        self._own = own or {}

    @property
    def label(self) -> str:
        """``id@edition``."""
        return self._prices.label

    @property
    def parameters(self) -> ParameterSet:
        """The edition, with what was asked of it."""
        return self._prices

    def price(self, part: Part) -> Price | None:
        """The price of a part; None where the set has none that is in force.

        Raises
        ------
        UnitError
            PC14: the set's price is of another unit than the part, and cannot be turned into it.
        """
        if part.price in self._own:
            return self._of_project(self._own[part.price], part.per)
        if part.price == "carbon_dioxide" and part.price not in self._prices.names:
            return self._of_set("carbon", _CARBON, "t C")
        return self._of_set(part.price, part.per, part.unit if part.per == 1.0 else "1")

    def listed(self, part: Part) -> Price | None:
        """The price of the set itself, where the project's own goes before it; else None."""
        if part.price not in self._own:
            return None
        return PriceSet(self._prices, self._year, self._deflator).price(part)

    def _of_project(self, own: OwnPrice, per: float) -> Price:
        base = own.value * per
        value, times = self._levelled(base, own.year)
        told = (own.source, own.source, own.confidence)
        return Price(value, base, own.year, times, "project", *told)

    def _of_set(self, name: str, per: float, unit: str) -> Price | None:
        if name not in self._prices.names:
            return None
        try:
            entry = self._prices.entry(name, date(self._year, 12, 31))
        except NotInForceError:
            return None
        base = float(entry.value) * per * factor(entry.unit, price_unit(unit))
        value, times = self._levelled(base, entry.from_.year)
        told = (entry.source_zh, entry.source_en, entry.confidence)
        return Price(value, base, entry.from_.year, times, self.label, *told)

    def _levelled(self, base: float, year: int) -> tuple[float, float]:
        times = self._deflator.between(year, self._year)
        return (base, 1.0) if times is None else (base * times, times)

    def is_levelled(self, price: Price) -> bool:
        """Whether a price stands at the level of the account's year."""
        known = self._deflator.between(price.base_year, self._year)
        return price.base_year == 0 or known is not None
