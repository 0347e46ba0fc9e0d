"""Which encoding a text is in: what is stated, then UTF-8 if every byte fits, then GB18030.

GB18030 holds GBK and GB2312, so Chinese files of any age read with it; UTF-8 is tried first
because Chinese text in GB18030 is rarely valid UTF-8 by chance.
"""

import codecs
import re
from collections.abc import Iterable
from contextlib import suppress

__all__ = ["named", "sniff"]

_HAN = re.compile("[\u2e80-\U0003ffff]")
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_GB = ("gbk", "gb2312", "cp936", "936", "gb18030", "54936", "euc_cn")


def named(label: str) -> str | None:
    """The Python codec for an encoding as a ``.cpg`` or a user names it; None when unknown.

    >>> named("GBK"), named("UTF-8"), named("936"), named("nonsense")
    ('gb18030', 'utf-8', 'gb18030', None)
    """
    plain = re.sub(r"^(ansi|oem|ldid/)\s*", "", label.strip().lower())
    if plain in _GB or plain.replace("-", "") in _GB:
        return "gb18030"
    if plain == "65001":
        plain = "utf-8"
    if plain.isdigit():
        plain = f"iso8859-{plain[4:]}" if plain.startswith("8859") else f"cp{plain}"
    for spelling in (plain, re.sub(r"[^a-z0-9]", "", plain)):
        with suppress(LookupError):
            return codecs.lookup(spelling).name
    return None


def sniff(samples: Iterable[bytes]) -> str | None:
    """``utf-8`` or ``gb18030``, whichever all samples are; None when neither.

    A character cut at the end of a cell does not count against a codec. A few Chinese words in GBK
    are valid UTF-8 by chance (杉木 reads as ɼľ): where UTF-8 gives no Chinese at all and every run
    of bytes beyond ASCII is as long as two characters of GBK, it is GB18030.

    >>> sniff(["杉木".encode("gbk")]), sniff(["杉木".encode()]), sniff(["mänd".encode()])
    ('gb18030', 'utf-8', 'utf-8')
    """
    texts = list(samples)
    as_utf8 = _decoded(texts, "utf-8")
    if as_utf8 is None:
        return None if _decoded(texts, "gb18030") is None else "gb18030"
    if as_utf8.isascii() or _HAN.search(as_utf8) or _decoded(texts, "gb18030") is None:
        return "utf-8"
    runs = [len(run) for text in texts for run in _BEYOND_ASCII.findall(text)]
    return "gb18030" if min(runs) >= 4 else "utf-8"


def _decoded(texts: list[bytes], codec: str) -> str | None:
    try:
        return "".join(codecs.getincrementaldecoder(codec)().decode(text) for text in texts)
    except UnicodeDecodeError:
        return None
