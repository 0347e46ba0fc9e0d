"""Figures an appraiser has adjusted: printed beside what was computed, never in its place."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.report.present import KINDS, cell, clean, is_missing
from ecogis.report.words import Words, facts

__all__ = [
    "ADJUSTABLE",
    "adjusted_amounts",
    "adjusted_facts",
    "adjustments",
    "contradictions",
    "most_principal",
    "require_kept",
]

ADJUSTABLE: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "npv": ("valuation.npv_fen", "yuan"),
        "pledge_value": ("valuation.pledge_value_fen", "yuan"),
        "principal": ("valuation.principal_fen", "yuan"),
        "credit": ("totals.credit_kg", "t_kg"),
        "issued": ("totals.issued_t", "t"),
        "pledge_issued": ("totals.pledge_issued_t", "t"),
    }
)
"""Figures of a conclusion that may be adjusted: the headline result, and how it is shown."""


def _asked(
    summary: Mapping[str, Any],
) -> Iterator[tuple[str, str, str, Any, Any, Mapping[str, Any]]]:
    """Figure, group, name, computed and adjusted value in base units, and the entry itself."""
    seen: set[str] = set()
    for entry in summary.get("adjustments", ()):
        figure = entry["figure"]
        if figure in seen or figure not in ADJUSTABLE:
            raise ConfigError("E458", value=figure, expected=", ".join(ADJUSTABLE))
        seen.add(figure)
        key, _ = ADJUSTABLE[figure]
        group, _, name = key.partition(".")
        computed = summary.get(group, {}).get(name)
        if is_missing(computed):
            raise ConfigError("E459", value=figure)
        yield figure, group, name, computed, require_kept(figure, entry["value"]), entry


def require_kept(figure: str, value: float) -> int:
    """An adjusted value in base units; one given finer than the figure is kept is refused.

    Parameters
    ----------
    figure : str
        A name in `ADJUSTABLE`.
    value : float
        As the project file has it. [CNY or t CO2e]

    Raises
    ------
    ConfigError
        E462: more decimals than fen, kg or whole tonnes have.

    Examples
    --------
    >>> require_kept("npv", 280000.55)
    28000055
    """
    per = KINDS[ADJUSTABLE[figure][1]].per
    exact = Decimal(str(value)) * per
    if exact != exact.to_integral_value():
        places = int(Decimal(per).log10())
        raise ConfigError("E462", value=value, name=figure, places=places)
    return int(exact)


def adjusted_amounts(summary: Mapping[str, Any]) -> dict[str, int]:
    """The adjusted figures in base units, by the name of the headline result.

    >>> given = [{"figure": "npv", "value": 12.5, "because": "b", "by": "c"}]
    >>> adjusted_amounts({"valuation": {"npv_fen": 100}, "adjustments": given})
    {'valuation.npv_fen': 1250}
    """
    return {f"{group}.{name}": value for _, group, name, _, value, _ in _asked(summary)}


_KG_PER_T: Final = KINDS["t_kg"].per
_TONNES: Final = frozenset({"totals.credit_kg", "totals.issued_t", "totals.pledge_issued_t"})


def contradictions(concluded: Callable[[str], Any], adjusted: Mapping[str, int]) -> tuple[str, ...]:
    """Relations that computed figures keep and the concluded ones do not.

    Parameters
    ----------
    concluded : callable
        The concluded figure by the name of a headline result, in base units; None for none.
    adjusted : mapping of str to int
        What was adjusted, as `adjusted_amounts` gives it.

    Returns
    -------
    tuple of str
        ``above_value`` the pledge value exceeds the net present value or nought, ``above_limit``
        the principal exceeds pledge value times pledge rate, ``above_credit`` more tonnes are
        issued than credited, ``above_issued`` more tonnes can be pledged than are issued,
        ``money_of_computed`` tonnes are adjusted and no amount of money is.

    Examples
    --------
    >>> given = {"valuation.npv_fen": 100, "valuation.pledge_value_fen": 90}
    >>> contradictions(given.get, {})
    ()
    >>> contradictions((given | {"valuation.npv_fen": 80}).get, {"valuation.npv_fen": 80})
    ('above_value',)
    """
    npv, pledged, principal, rate = (
        concluded(f"valuation.{name}")
        for name in ("npv_fen", "pledge_value_fen", "principal_fen", "pledge_rate")
    )
    credit, issued, pledge_issued = (
        concluded(f"totals.{name}") for name in ("credit_kg", "issued_t", "pledge_issued_t")
    )
    limit = None if None in (pledged, rate) else most_principal(pledged, rate)
    money = any(key not in _TONNES for key in adjusted)
    said = {
        "above_value": _exceeds(pledged, None if npv is None else max(npv, 0)),
        "above_limit": _exceeds(principal, limit),
        "above_credit": _exceeds(None if issued is None else issued * _KG_PER_T, credit),
        "above_issued": _exceeds(pledge_issued, issued),
        "money_of_computed": npv is not None and bool(_TONNES & set(adjusted)) and not money,
    }
    return tuple(name for name, holds in said.items() if adjusted and holds)


def most_principal(pledged: Any, rate: Any) -> Decimal:
    """The largest principal of a pledge value and a pledge rate, the rate as it is written. [fen]

    >>> most_principal(3_000_000, 0.29)
    Decimal('870000.00')
    """
    return Decimal(pledged) * Decimal(str(rate))


def _exceeds(one: Any, other: Any) -> bool:
    return None not in (one, other) and one > other


def adjusted_facts(summary: Mapping[str, Any], words: Words) -> dict[str, str]:
    """Headline results as texts; an adjusted one reads as such and names what was computed.

    Raises
    ------
    ConfigError
        E458: a figure cannot be adjusted, or is adjusted twice. E459: the run has no such figure.
        E462: it is given finer than it is kept.

    Examples
    --------
    >>> given = [{"figure": "issued", "value": 90, "because": "b", "by": "c"}]
    >>> told = {"totals": {"issued_t": 100}, "adjustments": given}
    >>> adjusted_facts(told, Words("en"))["totals.issued_t"]
    '90 (as adjusted; computed: 100)'
    """
    found = facts(summary, words.lang)
    mark = words.word("words.adjusted")
    for _, group, name, computed, value, _ in _asked(summary):
        was = facts({group: {name: computed}}, words.lang)
        for key, text in facts({group: {name: value}}, words.lang).items():
            capital = key.endswith("_capitals")
            found[key] = text if capital else mark.format(value=text, computed=was[key])
    return found


def adjustments(summary: Mapping[str, Any], words: Words) -> pd.DataFrame:
    """The adjustments one by one.

    Returns
    -------
    DataFrame, one row per adjustment
        ``figure computed adjusted unit because by``, as texts.
    """
    lang = words.lang
    rows = [
        {
            "figure": words.word(f"headline.{figure}"),
            "computed": cell(computed, ADJUSTABLE[figure][1], lang),
            "adjusted": cell(value, ADJUSTABLE[figure][1], lang),
            "unit": KINDS[ADJUSTABLE[figure][1]].unit(lang),
            "because": clean(entry["because"]),
            "by": clean(entry["by"]),
        }
        for figure, _, _, computed, value, entry in _asked(summary)
    ]
    return pd.DataFrame(rows, columns=["figure", "computed", "adjusted", "unit", "because", "by"])
