"""The drawing board: fonts that have every character, grey-safe colours, the same bytes each time.

Matplotlib is loaded on first use, its fonts are registered at use, and no global setting is left
behind.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import as_file, files
from typing import Any, Final

__all__ = ["HATCHES", "INK", "canvas", "png", "shades"]

_FONT: Final = "NotoSansCJKsc-Regular-gbk.otf"
_STYLE: Final = {
    # Latin first: the Chinese font has no subscript digits
    "font.family": ["DejaVu Sans", "Noto Sans CJK SC"],
    "font.size": 9.0,
    "axes.unicode_minus": False,
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
    with rc_context(_STYLE):
        figure = Figure(figsize=(width / 2.54, height / 2.54), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure.add_subplot()


def png(axes: Any, dpi: int = 200) -> bytes:
    """The figure an axes belongs to, as PNG without any date or version in it."""
    stream = io.BytesIO()
    axes.figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    return stream.getvalue()


def shades(number: int) -> list[str]:
    """So many colours from light to dark."""
    if number <= 1:
        return [_SHADES[2]]
    step = (len(_SHADES) - 1) / (number - 1)
    return [_SHADES[round(place * step)] for place in range(number)]
