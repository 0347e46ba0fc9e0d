"""The fingerprint of a run as a picture a telephone can read."""

import io
from typing import Final

import segno

__all__ = ["qr_png"]

_SCALE: Final = 8  # dots for one module
_QUIET: Final = 4  # modules of white around it, as the standard asks


def qr_png(text: str) -> bytes:
    """A QR code (ISO/IEC 18004, level M) as PNG; the same text gives the same bytes.

    >>> qr_png("0f" * 32)[1:4]
    b'PNG'
    """
    stream = io.BytesIO()
    segno.make(text, error="m", micro=False).save(stream, kind="png", scale=_SCALE, border=_QUIET)
    return stream.getvalue()
