"""What the words of ``ecogis finance`` share: the session, amounts of money, how bodies load."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import click

__all__ = ["FILE", "HELP", "MONEY", "Body", "Session", "command", "together"]

Body = Callable[..., None]

HELP: Final = {"help_option_names": ["-h", "--help"]}
"""Both words for help."""

FILE: Final = click.Path(path_type=Path, dir_okay=False)
"""A file."""


_MOST_FEN: Final = 10**15  # every whole number up to it fits where tables are read and shown
# a comma stands before three digits only: 1,5 is nobody's fifteen
_AMOUNT: Final = re.compile(r"(\d+|\d{1,3}(,\d{3})+)(\.\d{1,2}0*)?")


class _Money(click.ParamType[int]):
    """Yuan with at most two decimals, as whole fen."""

    name = "CNY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Fen of an amount that is nought or more."""
        if isinstance(value, int):
            return value
        text = str(value).strip()
        plain = _AMOUNT.fullmatch(text) is not None
        fen = Decimal(text.replace(",", "")) * 100 if plain else Decimal("nan")
        if not plain or fen > _MOST_FEN:
            hint = "1234.50 | 1,234.50 (元,至多两位小数; CNY, at most 1e13)"
            self.fail(f"{value!r}: {hint}", param, ctx)
        return int(fen)


MONEY: Final = _Money()
"""An amount of money. [CNY on the command line, fen inside]"""


@dataclass(frozen=True, slots=True)
class Session:
    """For which day, and in which form the answer goes out."""

    day: str | None
    out: Path | None
    lang: str
    as_json: bool


_SESSION = (
    click.Option(["--day"], default=None, help="Day, YYYY-MM-DD; today by default. 日期"),
    click.Option(["--out"], type=FILE, default=None, help="CSV of the main table. 结果表"),
    click.Option(
        ["--lang"],
        type=click.Choice(["zh", "en"]),
        default="zh",
        show_default=True,
        help="Language. 语言",
    ),
    click.Option(["--json", "as_json"], is_flag=True, help="One JSON object on standard output."),
)


def command(
    group: click.Group, name: str, *, module: str = "finance_commands"
) -> Callable[[Body], click.Command]:
    """Register a command whose body, of the declaration's name, is loaded when it is called."""

    def register(declared: Body) -> click.Command:
        @wraps(declared)
        def body(**words: Any) -> None:
            own = {field: words.pop(field) for field in Session.__dataclass_fields__}
            _must_be_spared(own["out"], words.values())
            bodies = import_module(f"ecogis.cli.{module}")
            getattr(bodies, declared.__name__)(**words, session=Session(**own))

        made = group.command(name)(body)
        made.params.extend(_SESSION)
        return made

    return register


def _must_be_spared(out: Path | None, words: Iterable[Any]) -> None:
    """A result never takes the place of a table it was made from."""
    read = [word.resolve() for word in words if isinstance(word, Path)]
    if out is not None and out.resolve() in read:
        raise click.BadParameter(f"{out}: input, 输入文件", param_hint="--out")


def together(*parts: Callable[[Any], Any]) -> Callable[[Body], Body]:
    """Several arguments and options as one decorator, in their order."""

    def decorate(body: Body) -> Body:
        for part in reversed(parts):
            body = part(body)
        return body

    return decorate
