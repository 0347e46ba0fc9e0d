"""The life of a pledge as data: its states, the steps between them, and what is due in each.

The shipped file is ``lifecycle.toml``; a lender whose own rules differ keeps a file of the same
form. A file is strict: a state, document or date that is not listed is refused before it is used.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

import msgspec

from ecogis.core.errors import ConfigError

__all__ = ["Duty", "Lifecycle", "State", "Transition", "Within", "lifecycle"]

ENTERED: Final = "entered"
LAST_TAKEN: Final = "last_taken"

Confidence = Literal["quoted", "inferred", "recalled", "assumed"]
Label = tuple[str, str]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class State(_Strict, frozen=True):
    """Where a pledge stands; `final` when nothing follows."""

    zh: str
    en: str
    final: bool = False


class Within(_Strict, frozen=True):
    """Up to how many days after a state was entered a step is open."""

    state: str
    days: int
    confidence: Confidence
    source: Label = ("", "")


class Transition(_Strict, frozen=True):
    """A step: from where to where, who acts, and what must be shown.

    Attributes
    ----------
    froms : tuple of str
        States it may be taken in; none for the step a life begins with.
    actors : tuple of str
        Roles of which one acts.
    to : str
        State it leads to; empty where the state stays as it is.
    documents : tuple of tuple of str
        Groups of document kinds; one of each group must be shown.
    dates : tuple of str
        Dates the step states.
    claim : str
        What the ledger of claims must show: confirm, extend, transfer, return, release, none,
        or nothing.
    not_by : tuple of str
        Steps whose persons may not take this one too.
    reason : bool
        Whether a reason must be given.
    registered : bool
        Whether the registration must be in force on the day.
    within : Within or None
        Time after which the step is no longer open.
    """

    zh: str
    en: str
    froms: tuple[str, ...] = msgspec.field(name="from")
    actors: tuple[str, ...]
    to: str = ""
    documents: tuple[tuple[str, ...], ...] = ()
    dates: tuple[str, ...] = ()
    claim: Literal["", "confirm", "extend", "transfer", "return", "release", "none"] = ""
    not_by: tuple[str, ...] = ()
    reason: bool = False
    registered: bool = False
    within: Within | None = None


class Duty(_Strict, frozen=True):
    """The step some states wait for, by `days` after a day, or before it where negative."""

    states: tuple[str, ...] = msgspec.field(name="in")
    step: str
    days: int
    after: str
    confidence: Confidence
    source: Label = ("", "")


class Lifecycle(_Strict, frozen=True):
    """Everything a file says of the life of a pledge."""

    actors: Mapping[str, Label]
    dates: Mapping[str, Label]
    documents: Mapping[str, Label]
    states: Mapping[str, State]
    steps: Mapping[str, Transition]
    duties: tuple[Duty, ...] = ()

    def label(self, name: str, lang: str) -> str:
        """What people call an actor, date or document, in ``"zh"`` or ``"en"``."""
        zh, en = (*(kind[name] for kind in self._labels() if name in kind), (name, name))[0]
        return zh if lang == "zh" else en

    def step_label(self, name: str, lang: str) -> str:
        """What people call a step; a step of another file's keeps its name."""
        step = self.steps.get(name)
        return name if step is None else step.zh if lang == "zh" else step.en

    def state_label(self, name: str, lang: str) -> str:
        """What people call a state; empty before the first step."""
        state = self.states.get(name)
        return name if state is None else state.zh if lang == "zh" else state.en

    def _labels(self) -> tuple[Mapping[str, Label], ...]:
        return (self.actors, self.dates, self.documents)


def lifecycle(file: str | Path | None = None) -> Lifecycle:
    """The shipped life of a pledge, or a lender's own.

    Parameters
    ----------
    file : path, optional
        A TOML file of the same form as the shipped one.

    Raises
    ------
    ConfigError
        E831 the file cannot be read; E832 it is wrong: names the key.

    Examples
    --------
    >>> life = lifecycle()
    >>> life.steps["approve"].froms, life.steps["approve"].to
    (('valued',), 'approved')
    >>> life.label("centre", "zh")
    '收储中心'
    """
    if file is None:
        return _shipped()
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError("E831", file=file, detail=fault) from None
    return _read(str(file), text)


@cache
def _shipped() -> Lifecycle:
    name = "lifecycle.toml"
    return _read(name, files("ecogis.registry").joinpath(name).read_text(encoding="utf-8"))


def _read(file: str, text: str) -> Lifecycle:
    try:
        found = msgspec.convert(tomllib.loads(text), Lifecycle)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as fault:
        raise ConfigError("E832", file=file, key="-", value=fault) from None
    for key, name, known in _named(found):
        if name not in known:
            raise ConfigError("E832", file=file, key=key, value=name)
    return found


def _named(life: Lifecycle) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """Every name a file uses, with its key and the names it must be one of."""
    for name, step in life.steps.items():
        at = f"steps.{name}"
        yield from ((f"{at}.from", state, life.states) for state in step.froms)
        yield from ((f"{at}.to", state, life.states) for state in filter(None, [step.to]))
        yield from ((f"{at}.actors", actor, life.actors) for actor in step.actors)
        yield from (
            (f"{at}.documents", d, life.documents) for group in step.documents for d in group
        )
        yield from ((f"{at}.dates", date, life.dates) for date in step.dates)
        yield from ((f"{at}.not_by", other, life.steps) for other in step.not_by)
        if step.within is not None:
            yield f"{at}.within.state", step.within.state, life.states
    days = {ENTERED: "", LAST_TAKEN: "", **life.dates}
    for at, duty in ((f"duties[{number}]", duty) for number, duty in enumerate(life.duties)):
        yield from ((f"{at}.in", state, life.states) for state in duty.states)
        yield f"{at}.step", duty.step, life.steps
        yield f"{at}.after", duty.after, days
