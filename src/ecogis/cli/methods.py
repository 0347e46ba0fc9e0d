"""The words of ``ecogis methods``: what the library holds, one edition, a file, a comparison."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

__all__ = ["methods"]

_LANG = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default=None, help="Language; Chinese by default."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
_DAY = click.option("--date", "day", default=None, help="Day it is asked for; today by default.")


@click.group(invoke_without_command=True)
@_LANG
@_JSON
@click.pass_context
def methods(ctx: click.Context, *, lang: str | None, as_json: bool) -> None:
    """List, show, check and compare methodologies, guidelines and parameter sets."""
    if ctx.invoked_subcommand is None:
        _body("list_editions")(kind=None, day=None, lang=lang, as_json=as_json)


def _body(name: str) -> Callable[..., None]:
    """A body, loaded when it is called."""
    from ecogis.cli import methods_commands

    found: Callable[..., None] = getattr(methods_commands, name)
    return found


def _command(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """Register a command whose body has the declaration's name."""

    def register(declared: Callable[..., None]) -> click.Command:
        @wraps(declared)
        def body(**words: Any) -> None:
            _body(declared.__name__)(**words)

        return methods.command(name)(body)

    return register


@_command("list")
@click.option(
    "--kind",
    type=click.Choice(["methodology", "guideline", "standard", "parameters"]),
    default=None,
    help="One kind only.",
)
@_DAY
@_LANG
@_JSON
def list_editions() -> None:
    """List every edition that is shipped, with its status on a day."""


@_command("show")
@click.argument("edition")
@_DAY
@_LANG
@_JSON
def show() -> None:
    """Show EDITION (id or id@edition): clauses, conditions, lines, parameters, confidence."""


@_command("check")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_LANG
@_JSON
def check() -> None:
    """Read FILE, an own methodology or parameter set in TOML, and say what does not fit."""


@_command("compare")
@click.argument("project", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("editions", nargs=-1, required=True)
@_LANG
@_JSON
def compare() -> None:
    """Judge and credit PROJECT's land under each of EDITIONS, side by side."""
