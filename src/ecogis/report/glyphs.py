"""Whether the shipped fonts have every character of a report: a missing one is an error."""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final
from unicodedata import category, name

from ecogis.core.errors import InputError
from ecogis.report.model import Paragraph, Report, Table

__all__ = ["SANS", "SERIF", "check_glyphs", "families", "require_drawn", "signs"]

SANS: Final = "NotoSansCJKsc-Regular-gbk.otf"
SERIF: Final = "NotoSerifCJKsc-Regular-gbk.otf"
# the Latin fonts beside them have this one; the line end is no glyph
_BESIDE: Final = frozenset("\N{SUBSCRIPT TWO}\n\t")
_UNSEEN: Final = frozenset({"Cf", "Cc", "Zl", "Zp"})  # marks of format, control and line
_SHOWN: Final = 40  # characters of the text an error quotes


@cache
def _drawn() -> frozenset[str]:
    """Characters that both shipped fonts have."""
    found = []
    for file in (SANS, SERIF):
        with as_file(files("ecogis.report.fonts").joinpath(file)) as path:
            found.append(signs(path))
    return _BESIDE | (found[0] & found[1])


def signs(path: Path) -> frozenset[str]:
    """The characters a font file has.

    Raises
    ------
    InputError
        E461: no font that can be read.
    """
    return frozenset(map(chr, _face(path).get_charmap()))


def _face(path: Path) -> Any:
    from matplotlib.ft2font import FT2Font

    try:
        return FT2Font(str(path))
    except (OSError, RuntimeError) as fault:
        raise InputError("E461", file=path, detail=fault) from None


def families(fonts: Sequence[Path]) -> list[str]:
    """The names by which a document asks for these fonts.

    Raises
    ------
    InputError
        E461: a file is no font that can be read.
    """
    return [str(_face(path).family_name) for path in fonts]


def check_glyphs(report: Report, fonts: Sequence[Path] = ()) -> None:
    """Refuse a report with a character that would be printed as a box.

    Parameters
    ----------
    report : Report
        Report in one language.
    fonts : sequence of Path
        Font files beside the shipped ones.

    Raises
    ------
    InputError
        E455: a text holds a character that the fonts lack; the message names both. E463: one that
        cannot be seen. E461: a file is no font that can be read.
    """
    drawn = _drawn().union(*map(signs, fonts))
    for text in _texts(report):
        require_drawn(text, drawn)


def require_drawn(text: str, drawn: frozenset[str]) -> None:
    """Refuse a text with a character that is not among those the fonts have.

    Raises
    ------
    InputError
        E455: a character the fonts lack; the message names it and the text. E463: one that cannot
        be seen, such as a zero-width space or a mark of direction.
    """
    if drawn.issuperset(text):
        return
    sign = next(sign for sign in text if sign not in drawn)
    place = max(text.index(sign) - _SHOWN // 2, 0)
    near, point = text[place : place + _SHOWN], f"U+{ord(sign):04X}"
    if category(sign) in _UNSEEN or name(sign, "").startswith("VARIATION SELECTOR"):
        raise InputError("E463", point=point, text=near.replace(sign, f"⟨{point}⟩"))
    raise InputError("E455", sign=sign, point=point, text=near)


def _texts(report: Report) -> Iterator[str]:
    """Everything that is printed; not the rows that only the workbook has."""
    yield from (report.title, report.subject, *report.statement)
    for pair in (*report.cover, *report.signatures):
        yield from pair
    for section in report.sections:
        yield section.title
    for block in report.blocks():
        yield block.text if isinstance(block, Paragraph) else block.caption
        if isinstance(block, Table):
            yield from (block.foot, *(column.title for column in block.columns))
            for row in block.rows:
                yield from row
