"""The drawing board: fonts that have every character, grey-safe colours, the same bytes each time.

Matplotlib is loaded on first use, its fonts are registered at use, and no global setting is left
behind.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecogis.report.glyphs import families, require_drawn, signs

__all__ = ["HATCHES", "INK", "breaks", "canvas", "fonts_beside", "png", "shades"]

_FONT: Final = "NotoSansCJKsc-Regular-gbk.otf"
# Latin first: the Chinese font has no subscript digits
_FAMILIES: Final = ("DejaVu Sans", "Noto Sans CJK SC")
_beside: ContextVar[tuple[Path, ...]] = ContextVar("fonts_beside", default=())
_STYLE: Final = {
    "font.size": 9.0,
    "axes.unicode_minus": False,
    # a name with two dollar signs is a name, not a formula
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11.0,
    "hatch.linewidth": 0.5,
    "svg.hashsalt": "ecogis",
    "figure.max_open_warning": 0,
}
INK: Final = "#1a1a1a"
# light to dark in even steps of lightness, so that a grey print keeps their order
_SHADES: Final = (
    "#fde9a9",
    "#b9dd8f",
    "#7cc4a1",
    "#4fa3b8",
    "#4a78b0",
    "#54479a",
    "#3d1763",
    "#16051f",
)
HATCHES: Final = ("", "....", "////", "", "\\\\\\\\", "xxxx", "", "++++")


@cache
def _register() -> None:
    from matplotlib import font_manager

    with as_file(files("ecogis.report.fonts").joinpath(_FONT)) as path:
        font_manager.fontManager.addfont(str(path))


@cache
def _register_beside(path: Path) -> str:
    """A font file beside the shipped ones, made known to the drawing; its family."""
    from matplotlib import font_manager

    (family,) = families([path])
    font_manager.fontManager.addfont(str(path))
    return family


@cache
def _drawn() -> frozenset[str]:
    """Characters that the two fonts of every picture have between them."""
    from matplotlib import font_manager

    found = (font_manager.findfont(family, fallback_to_default=False) for family in _FAMILIES)
    return frozenset("\n").union(*(signs(Path(path)) for path in found))


@contextmanager
def fonts_beside(fonts: Sequence[Path]) -> Iterator[None]:
    """Pictures drawn within take characters from these font files too.

    Raises
    ------
    InputError
        E461: a file is no font that can be read.
    """
    families(fonts)
    before = _beside.set(tuple(fonts))
    try:
        yield
    finally:
        _beside.reset(before)


@contextmanager
def canvas(width: float, height: float) -> Iterator[Any]:
    """A figure with one pair of axes, closed on leaving.

    Parameters
    ----------
    width, height : float
        Size. [cm]
    """
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    _register()
    further = [_register_beside(path) for path in _beside.get()]
    with rc_context({**_STYLE, "font.family": [*_FAMILIES, *further]}):
        figure = Figure(figsize=(width / 2.54, height / 2.54), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure.add_subplot()


def png(axes: Any, dpi: int = 200) -> bytes:
    """The figure an axes belongs to, as PNG without any date or version in it.

    Raises
    ------
    InputError
        E455, E463: a name or label holds a character the fonts lack; a box is never drawn.
    """
    drawn = _drawn().union(*map(signs, _beside.get()))
    for text in _texts(axes.figure):
        require_drawn(text, drawn)
    stream = io.BytesIO()
    axes.figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    return stream.getvalue()


def _texts(figure: Any) -> Iterator[str]:
    """What is written on a figure, the labels of its axes too."""
    from matplotlib.text import Text

    for axes in figure.axes:
        axes.get_xticklabels()  # makes them
        axes.get_yticklabels()
    for text in figure.findobj(Text):
        yield text.get_text()


def breaks(values: npt.NDArray[np.float64], classes: int = 5) -> list[float]:
    """Round class limits near the quantiles, two digits of the highest one.

    >>> breaks(np.arange(1.0, 501.0))
    [100.0, 200.0, 300.0, 400.0]
    """
    if not values.size:
        return []
    raw = np.quantile(values, np.linspace(0, 1, classes + 1)[1:-1])
    step = 10.0 ** max(np.floor(np.log10(max(raw[-1], 1.0))) - 1, 0)
    return [float(bound) for bound in np.unique(np.maximum(np.round(raw / step), 1) * step)]


def shades(number: int) -> list[str]:
    """So many colours from light to dark."""
    if number <= 1:
        return [_SHADES[2]]
    step = (len(_SHADES) - 1) / (number - 1)
    return [_SHADES[round(place * step)] for place in range(number)]
