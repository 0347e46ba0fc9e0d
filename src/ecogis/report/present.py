"""Numbers, dates and codes as people read them: separators, units at the border, sums that add up.

Nothing is worked out here but unit conversion and rounding. A missing value is a dash.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from ecogis.core.units import factor
from ecogis.core.vocabulary import code_label, codes

__all__ = [
    "DASH",
    "KINDS",
    "Kind",
    "adding_up",
    "capitals",
    "cell",
    "chinese",
    "clean",
    "day",
    "exact",
    "is_missing",
    "joined",
    "mu",
    "verdict",
]

DASH: Final = "—"

# what XML 1.0 cannot carry, page breaks that word processors act on, and our own marks
_LOST: Final = "\N{GETA MARK}"
_UNPRINTABLE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\ud800-\udfff\ue000\ue001\ue010\ue011\ufffe\uffff]"
)
# Han characters and the marks that stand among them
_HAN: Final = "\u2e80-\u9fff\uf900-\ufaff\u3000-\u303f\uff00-\uffef\u201c\u201d"
_ROUND: Final = re.compile(r"\(([^()]*)\)")
_STOPS: Final = re.compile(f"(?<=[{_HAN}])[,;:!?]|[,;:!?](?=[{_HAN}])")
_FULL: Final = str.maketrans(",;:!?()", "\uff0c\uff1b\uff1a\uff01\uff1f\uff08\uff09")
_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a quantity is shown: divided by `per`, to `decimals` places, with a unit.

    `steps` is how many whole base units make one source unit (an area in ha is counted in units of
    0.01 m2), so that sums are sums of whole numbers.
    """

    zh: str = ""
    en: str = ""
    decimals: int = 0
    per: int = 1
    steps: int = 1
    percent: bool = False
    grouped: bool = True
    signed: bool = False

    def unit(self, lang: str) -> str:
        """The unit in the language of the report."""
        return self.zh if lang == "zh" else self.en

    @property
    def excel(self) -> str:
        """The number format of a spreadsheet."""
        places = "." + "0" * self.decimals if self.decimals else ""
        return ("#,##0" if self.grouped else "0") + places + ("%" if self.percent else "")


KINDS: Final = MappingProxyType(
    {
        "count": Kind(),
        "year": Kind(grouped=False),
        "years": Kind("年", "yr"),
        "ha": Kind("公顷", "ha", decimals=2, steps=1_000_000),
        "ha_dm2": Kind("公顷", "ha", decimals=2, per=1_000_000),
        "m3": Kind("m³", "m³", steps=1_000),
        "m3_dm3": Kind("m³", "m³", per=1_000),
        "m3_ha": Kind("m³/公顷", "m³/ha", decimals=1),
        "t": Kind("t CO₂e", "t CO₂e"),
        "t_kg": Kind("t CO₂e", "t CO₂e", decimals=1, per=1_000),
        "t_ha": Kind("t CO₂e/公顷", "t CO₂e/ha", decimals=1),
        "t_c": Kind("t C", "t C", decimals=1, steps=1_000),
        "yuan": Kind("元", "CNY", decimals=2, per=100),
        "yuan_ha": Kind("元/公顷", "CNY/ha", decimals=2, per=100),
        "price": Kind("元/t CO₂e", "CNY/t CO₂e", decimals=2),
        "percent": Kind("%", "%", decimals=2, percent=True),
        "signed": Kind("%", "%", decimals=2, percent=True, signed=True),
        "factor": Kind(decimals=4),
        "share": Kind(decimals=2),
        "amount": Kind(decimals=2),
    }
)


def is_missing(value: Any) -> bool:
    """Whether a cell holds nothing: None, NaN, NA, NaT or an empty text."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return True
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def clean(text: object) -> str:
    """A text that any of the formats can carry; for what cannot be printed stands 〓.

    >>> clean("林 & <田>")
    '林 & <田>'
    """
    found = str(text)
    if found.isprintable():
        return found
    return _UNPRINTABLE.sub(_LOST, found.replace("\r\n", "\n").replace("\r", "\n"))


def chinese(text: str) -> str:
    r"""Full-width marks where they stand among Han characters, as Chinese is set.

    >>> chinese("面积(ha),见 1,234") == "面积\N{FULLWIDTH LEFT PARENTHESIS}ha" + (
    ...     "\N{FULLWIDTH RIGHT PARENTHESIS}\N{FULLWIDTH COMMA}见 1,234"
    ... )
    True
    """
    han = re.compile(f"[{_HAN}]")

    def bracket(match: re.Match[str]) -> str:
        around = match.string[: match.start()][-1:] + match.string[match.end() :][:1] + match[1]
        return f"\uff08{match[1]}\uff09" if han.search(around) else match[0]

    wide = _ROUND.sub(bracket, text)
    return _STOPS.sub(lambda match: match[0].translate(_FULL), wide)


def joined(text: str) -> str:
    """Chinese without spaces between characters; those beside figures and Latin words stay.

    >>> joined("不在 宗地 中, 共 3 宗")
    '不在宗地中, 共 3 宗'
    """
    return re.sub(f"(?<=[{_HAN}]) +(?=[{_HAN}])", "", text)


def exact(value: Any, kind: Kind) -> Decimal:
    """The value in the shown unit, exact where the source is a whole number of base units."""
    number = Decimal(str(value.item() if hasattr(value, "item") else value))
    if kind.steps > 1:
        number = (number * kind.steps).to_integral_value(ROUND_HALF_EVEN) / kind.steps
    return number * 100 / kind.per if kind.percent else number / kind.per


def cell(value: Any, kind: str, lang: str) -> str:
    """One cell as text.

    Parameters
    ----------
    value : object
        A number, date, code or text; missing gives a dash.
    kind : str
        A name in `KINDS`, ``text``, ``date``, ``number``, or ``code:LIST``.
    lang : {"zh", "en"}
        Language of codes and dates.

    Examples
    --------
    >>> cell(123456789, "yuan", "zh"), cell(0.085, "percent", "zh"), cell(None, "ha", "zh")
    ('1,234,567.89', '8.50%', '—')
    """
    if is_missing(value):
        return DASH
    if kind in KINDS:
        return _figure(exact(value, KINDS[kind]), KINDS[kind])
    if kind.startswith("code:"):
        return _coded(value, kind.removeprefix("code:"), lang)
    if kind == "date":
        return pd.Timestamp(value).date().isoformat()
    return _number(value) if kind == "number" else clean(value)


def _coded(value: Any, name: str, lang: str) -> str:
    known = verdict(value) if name == "verdict" else str(value)
    label = code_label(name, known, lang)
    return clean(label if lang == "zh" else label[:1].upper() + label[1:])


def _figure(number: Decimal, kind: Kind) -> str:
    rounded = round(number, kind.decimals) + Decimal(0)
    sign = ("+" if kind.signed and rounded else "") + ("," if kind.grouped else "")
    return format(rounded, f"{sign}.{kind.decimals}f") + ("%" if kind.percent else "")


def _number(value: Any) -> str:
    try:
        number = Decimal(str(value)).normalize()
    except ArithmeticError:
        return clean(value)
    digits = round(number, 6) if abs(number) < 1000 else round(number, 2)
    return format(digits.normalize() + Decimal(0), ",f")


def adding_up(values: Sequence[Any], kind: str) -> tuple[list[str], str]:
    """Cells rounded so that they add up to their rounded total, and the total.

    What rounding down leaves over goes to the largest remainders, earlier rows first.

    >>> adding_up([1_400, 1_400, 1_400], "t_kg")
    (['1.4', '1.4', '1.4'], '4.2')
    >>> adding_up([0.003, 0.003, 0.004], "ha")
    (['0.00', '0.00', '0.01'], '0.01')
    """
    rule = KINDS[kind]
    unit = Decimal(1).scaleb(-rule.decimals)
    known = [index for index, value in enumerate(values) if not is_missing(value)]
    sizes = {index: exact(values[index], rule) / unit for index in known}
    floors = {index: size.to_integral_value(ROUND_FLOOR) for index, size in sizes.items()}
    total = sum(sizes.values(), Decimal(0)).to_integral_value(ROUND_HALF_EVEN)
    left = int(total - sum(floors.values(), Decimal(0)))
    by_remainder = sorted(known, key=lambda index: (floors[index] - sizes[index], index))
    for index in by_remainder[:left]:
        floors[index] += 1
    texts = [
        _figure(floors[index] * unit, rule) if index in floors else DASH
        for index in range(len(values))
    ]
    return texts, _figure(total * unit, rule)


def mu(area_ha: float) -> str:
    """An area in mu, the unit of Chinese land documents.

    >>> mu(2.0)
    '30.00'
    """
    return _figure(exact(area_ha, KINDS["ha"]) * Decimal(str(factor("ha", "mu"))), KINDS["share"])


def capitals(fen: int) -> str:
    """A sum of money in Chinese capitals, as banks write it.

    >>> capitals(123_400)
    '壹仟贰佰叁拾肆元整'
    """
    import cn2an

    return str(cn2an.an2cn(f"{Decimal(int(fen)) / 100:.2f}", "rmb"))


def day(value: Any, lang: str) -> str:
    """A date in running text.

    >>> day(date(2026, 8, 31), "zh"), day(date(2026, 8, 31), "en")
    ('2026年8月31日', '31 August 2026')
    """
    if is_missing(value):
        return DASH
    found = value if isinstance(value, date | datetime) else pd.Timestamp(value).date()
    if lang == "zh":
        return f"{found.year}年{found.month}月{found.day}日"
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def verdict(value: Any) -> str:
    """The three-valued word of a verdict: yes, no or unknown.

    >>> verdict(True), verdict("no"), verdict(pd.NA)
    ('yes', 'no', 'unknown')
    """
    if is_missing(value):
        return "unknown"
    if isinstance(value, str) and value in codes("verdict"):
        return value
    return "yes" if bool(value) else "no"
