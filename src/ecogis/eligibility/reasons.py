"""Why a verdict stands as it does: codes with a text in both languages and what would settle it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

__all__ = ["Reason", "reason", "reason_label", "reasons"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: the verdict it gives, its text, and the documents that would settle it.

    `about` says what they would be about, where their kinds do not say it; one that `follows`
    asks for nothing where the conditions of the methodology ask already.
    """

    code: str
    verdict: str
    zh: str
    en: str
    would_settle: tuple[str, ...]
    about: str
    follows: bool


@cache
def reasons() -> dict[str, Reason]:
    """Every reason by its code, from ``reasons.toml``."""
    text = files("ecogis.eligibility").joinpath("reasons.toml").read_text(encoding="utf-8")
    return {
        code: Reason(
            code=code,
            verdict=entry["verdict"],
            zh=entry["zh"],
            en=entry["en"],
            would_settle=tuple(entry.get("would_settle", ())),
            about=entry.get("about", ""),
            follows=entry.get("follows", False),
        )
        for code, entry in tomllib.loads(text).items()
    }


def reason(code: str) -> Reason:
    """The reason of that code.

    >>> reason("consent_missing").would_settle
    ('joint_consent',)
    """
    return reasons()[code]


def reason_label(code: str, lang: str) -> str:
    """What people read for a reason, in ``"zh"`` or ``"en"``.

    >>> reason_label("right_ended", "zh")
    '权利已到期'
    """
    found = reason(code)
    return found.zh if lang == "zh" else found.en
