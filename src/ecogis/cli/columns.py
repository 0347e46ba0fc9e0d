"""Rows of text lined up in columns, for a terminal in which Chinese takes twice the width."""

import unicodedata
from collections.abc import Iterator, Sequence

__all__ = ["lined_up"]


def lined_up(
    rows: Sequence[Sequence[str]], *, right: bool | Sequence[bool] = False
) -> Iterator[str]:
    """One line for each row, the cells of a column as wide as its widest.

    Parameters
    ----------
    rows : sequence of sequence of str
        All of one length.
    right : bool or sequence of bool
        Which columns stand right; True is every one but the first.

    Yields
    ------
    str
        Without blanks at its end.

    Examples
    --------
    >>> list(lined_up([["面积", "1.0"], ["area", "10.0"]], right=True))
    ['面积   1.0', 'area  10.0']
    """
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    sides = (
        [right and place > 0 for place in range(len(widths))] if isinstance(right, bool) else right
    )
    for row in rows:
        cells = [_padded(*cell) for cell in zip(row, widths, sides, strict=True)]
        yield "  ".join(cells).rstrip()


def _padded(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
