"""Where each number of the account of services comes from: formula, inputs, price, rule."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ecogis import services
from ecogis.core.errors import ConfigError
from ecogis.methods import ParameterSet, parameters, weakest
from ecogis.pipeline.gep_inputs import SOIL

if TYPE_CHECKING:
    from ecogis.pipeline.gep_account import GepResult

__all__ = ["explain_gep", "made_of", "named_way", "origins_told"]

_MILLI: Final = 1000.0
_BEHIND: Final = {
    "et_mm": ("rain_mm", "potential_et_mm", "plant_water"),
    "storm_runoff_mm": ("storm_rain_mm", "curve_number"),
}
_ORIGINS: Final = {
    "stand": ("小班", "stand"),
    "raster": ("栅格", "raster"),
    "table": ("分类参数表", "table by class"),
    "carbon": ("碳储量模块", "carbon stage"),
    "record": ("统计表", "records"),
}
_TRACE: Final = {
    "quantity": ("实物量", "quantity"),
    "formula": ("公式", "formula"),
    "source": ("公式来源", "source of the formula"),
    "inputs": ("输入来源", "inputs from"),
    "derived": ("变量公式", "variables by"),
    "made_of": ("栅格由来", "rasters made of"),
    "typed": ("无来源填报值", "typed in without a source"),
    "library": ("参数集", "parameter sets"),
    "constants": ("常数", "constants"),
    "price": ("价格", "price"),
    "standard": ("标准", "standard"),
    "confidence": ("可信度", "confidence"),
}


def explain_gep(made: "GepResult", name: str, *, lang: str = "zh") -> str:
    """Where the figures of an item come from: formula, inputs, constants, price, standard.

    Parameters
    ----------
    made : GepResult
        The account.
    name : str
        Item, or item and part as ``soil_retention/silt``.
    lang : {"zh", "en"}
        Language.

    Returns
    -------
    str
        Lines of text, one block for each part.

    Raises
    ------
    ConfigError
        E002: the account has no such item or part.
    """
    item, _, part = name.partition("/")
    rows = made.account.parts
    rows = rows[rows["item"].eq(item) & (rows["part"].eq(part) | (part == ""))]
    if rows.empty:
        known = ", ".join(dict.fromkeys(made.account.parts["item"]))
        raise ConfigError("E002", value=name, expected=known)
    return "\n".join(_explained(made, row, lang) for row in rows.to_dict("records"))


def _explained(made: "GepResult", row: Mapping[Any, Any], lang: str) -> str:
    zh = lang == "zh"
    part = services.parts()[row["item"], row["part"]]
    behind, derived = made_of(made, part), _derived(made, part)
    about = services.formulas()[row["formula"]]
    value = "—" if pd.isna(row["value_fen"]) else f"{row['value_fen'] / 100:,.2f} CNY"
    names = [name for name in part.constants if name in made.constants]
    listed = made.account.standard.items.get(row["item"])
    sets = _sets(made, part, str(row["origins"]))
    marks = [row["price_confidence"], about.confidence, *_marks_of(made, names, sets)]
    marks += [each.confidence for each in derived.values()]
    marks += [way.confidence for text in behind.values() for way in _ways(text)]
    marks += [] if listed is None else [listed.confidence]
    typed = _typed(made, part, str(row["origins"]))
    marks += ["assumed"] if typed or "record" in str(row["origins"]) else []  # neither has a source
    lines = {
        "quantity": f"{row['quantity_milli'] / _MILLI:,.3f} {row['unit']}",
        "formula": f"{about.text}({about.zh})" if zh else f"{about.text} ({about.en})",
        "source": f"{about.source_zh if zh else about.source_en} [{about.confidence}]",
        "inputs": " ".join([*part.variables, f"[{origins_told(row['origins'], lang)}]"]),
        "derived": "; ".join(_of_formula(n, each, lang) for n, each in derived.items()),
        "made_of": "; ".join(f"{n} = {_way(text, lang)}" for n, text in behind.items()),
        "typed": " ".join(typed),
        "library": "; ".join(sets),
        "constants": "; ".join(_constant(made, name) for name in names),
        "price": _price(made, row, lang),
        "standard": made.account.standard.label
        + ("" if listed is None else f": {listed.locator_zh if zh else listed.locator_en}"),
        "confidence": weakest(mark for mark in marks if mark),
    }
    head = f"{row['item']}/{row['part']} {row['product']}".rstrip() + f" = {value}"
    at = 0 if zh else 1
    return "\n".join([head, *(f"  {_TRACE[k][at]}: {text}" for k, text in lines.items() if text)])


def _derived(made: "GepResult", part: services.Part) -> dict[str, services.Formula]:
    """Formulas of the variables of a part that were computed of others."""
    return {
        name: services.formulas()[made.derived[name]]
        for name in _behind(part)
        if name in made.derived
    }


def _typed(made: "GepResult", part: services.Part, origins: str) -> list[str]:
    """Variables behind a part that the project typed in, where rows took any so."""
    if not {"stand", "table"} & set(origins.replace("+", ", ").split(", ")):
        return []
    return [name for name in _behind(part) if name in made.typed]


def _of_formula(name: str, about: services.Formula, lang: str) -> str:
    source = about.source_zh if lang == "zh" else about.source_en
    return f"{about.text} ({name}; {source} [{about.confidence}])"


def _sets(made: "GepResult", part: services.Part, origins: str) -> dict[str, frozenset[str]]:
    """Editions of the library behind a part's inputs, and the marks of what they hold."""
    config = made.project.config
    asked = config.gep
    if "carbon" in origins:
        own = [config.growth.curves] if config.growth.own_curves is None else []
        labels = [*own, config.growth.biomass]
        return {label: _marks_in(parameters(label)) for label in labels}
    names = [name for name in _behind(part) if name in SOIL]
    if asked is None or asked.soil is None or not names or "table" not in origins:
        return {}
    numbers = parameters(asked.formulas)
    found = [n for n in names if asked.soil in numbers.keys(n)]
    day = date(asked.year, 12, 31)
    entries = [numbers.entry(n, day, key=asked.soil) for n in found]
    told = ", ".join(f"{n} = {e.value:g}" for n, e in zip(found, entries, strict=True))
    label = f"{asked.formulas}: soil = {asked.soil} ({told})"
    return {label: frozenset(e.confidence for e in entries)} if found else {}


def _marks_in(numbers: ParameterSet) -> frozenset[str]:
    return frozenset(
        value.confidence
        for name in numbers.names
        for history in numbers.parameter(name).history.values()
        for value in history
    )


def _marks_of(
    made: "GepResult", names: Sequence[str], sets: Mapping[str, frozenset[str]]
) -> list[str]:
    """Marks of constants, the project's own by its own, and of sets."""
    asked = made.project.config.gep
    own = {} if asked is None else asked.constants
    library = [name for name in names if name not in own]
    told = made.parameters[made.parameters["name"].isin(library)]["confidence"].tolist()
    mine = [str(own[name].confidence) for name in names if name in own]
    return [*told, *mine, *(mark for marks in sets.values() for mark in sorted(marks))]


def _constant(made: "GepResult", name: str) -> str:
    return f"{name} = {made.constants[name]:g} [{_edition(made, name)}]"


def _behind(part: services.Part) -> list[str]:
    """Variables of a part, those they are computed of, and so on."""
    known = services.variables()
    found: dict[str, None] = {}
    left = list(part.variables)
    while left:
        name = left.pop(0)
        found[name] = None
        left += [*known[name].of, *_BEHIND.get(name, ())]
    return list(found)


def made_of(made: "GepResult", part: services.Part) -> dict[str, str]:
    """How the rasters behind a part were made, and those behind what it is computed of."""
    return {name: made.made_of[name] for name in _behind(part) if name in made.made_of}


def _ways(text: str) -> list[services.Way]:
    """The formulas a raster was made by, and whether cell by cell."""
    known = services.ways()
    names = text.partition(": ")[0].split(", ")
    return [known[name] for name in names if name in known]


def _way(text: str, lang: str) -> str:
    """How a variable was made: formulas and what they took, then their sources and marks."""
    told = [
        f"{way.zh if lang == 'zh' else way.en} [{way.confidence}]".removesuffix(" []")
        for way in _ways(text)
    ]
    return f"{text} ({'; '.join(told)})"


def named_way(text: str, lang: str) -> str:
    """The formulas of a raster by their names, and what is no formula in words."""
    words = {
        way.name: way.zh if lang == "zh" else way.en for way in _ways(text) if not way.confidence
    }
    names = text.partition(": ")[0].split(", ")
    return ", ".join(words.get(name, name) for name in names)


def _edition(made: "GepResult", name: str) -> str:
    """Where a constant comes from: the project, or an edition of the library."""
    asked = made.project.config.gep
    if asked is not None and name in asked.constants:
        return f"project: {asked.constants[name].because}"
    return "" if asked is None else asked.formulas


def _price(made: "GepResult", row: Mapping[Any, Any], lang: str) -> str:
    source = row["price_source"]
    if not source:
        return "—"
    title = str(row["price_title_zh"] if lang == "zh" else row["price_title_en"])
    if source == "record":
        return title
    asked = made.project.config.gep
    index = "" if asked is None or asked.deflator is None else f" ({asked.deflator.source})"
    times = f"{row['deflator']:g}{index if row['deflator'] != 1.0 else ''}"
    figures = f"{row['base_price']:g} ({row['base_year']}) × {times} = {row['price']:g}"
    return f"{figures} CNY/{row['unit']} [{source}: {title}]"


def origins_told(text: str, lang: str) -> str:
    """Where inputs come from, in words.

    >>> origins_told("stand+table, table", "en")
    'stand, table by class'
    """
    at = 0 if lang == "zh" else 1
    names = dict.fromkeys(name for each in text.split(", ") for name in each.split("+") if name)
    return ", ".join(_ORIGINS[name][at] for name in names)
