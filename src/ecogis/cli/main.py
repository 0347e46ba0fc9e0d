"""The command ``ecogis``: its words, its progress and its exit codes.

Exit codes: 0 done, 1 findings refuse, 2 wrong project file or arguments, 3 our fault,
4 a batch ended with some areas not done or its sums in error, 130 interrupted. Nothing heavy is
imported before a command needs it.
"""

import logging
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ecogis.cli.finance import finance
from ecogis.cli.methods import methods
from ecogis.cli.registry import registry
from ecogis.core.errors import EcogisError, IdentityError, StageRefusedError

__all__ = ["main"]

LANG = click.option(
    "--lang",
    type=click.Choice(["zh", "en"]),
    default=None,
    help="Language; the project file's by default, without one Chinese.",
)
OUT = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("out"),
    show_default=True,
    help="Folder the results are written to, whole or not at all.",
)
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
QUIET = click.option("--quiet", is_flag=True, help="No progress.")
PROJECT = click.argument("project", type=click.Path(path_type=Path, dir_okay=False))

log = logging.getLogger(__name__)


class _Root(click.Group):
    """Turns our errors into one line and an exit code; a traceback is never shown."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EcogisError as fault:
            click.echo(_one_line(fault), err=True)
            ctx.exit(_exit_code(fault))
        except KeyboardInterrupt:
            click.echo("已中断 / interrupted", err=True)
            ctx.exit(130)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as fault:
            log.debug("internal error", exc_info=True)
            click.echo(
                f"内部错误,请反馈 / internal error, please report: {type(fault).__name__}: {fault}"
                " (ecogis -v …)".replace("\n", " "),
                err=True,
            )
            ctx.exit(3)


def _one_line(fault: EcogisError) -> str:
    return " ".join(str(fault).split())


def _exit_code(fault: EcogisError) -> int:
    if isinstance(fault, StageRefusedError):
        return 1
    return 3 if isinstance(fault, IdentityError) else 2


@click.group(cls=_Root, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ecogis", prog_name="ecogis")
@click.option("-v", "--verbose", is_flag=True, help="Log details to standard error.")
def main(*, verbose: bool) -> None:
    """From forest map and title records to a valuation and accounts."""
    logging.basicConfig(level=logging.DEBUG if verbose else logging.WARNING, stream=sys.stderr)


def _command(name: str, body: str = "") -> Callable[[Callable[..., None]], click.Command]:
    """Register a command whose body is loaded from `ecogis.cli.commands` when called."""

    def register(declared: Callable[..., None]) -> click.Command:
        @wraps(declared)
        def call(**words: Any) -> None:
            from ecogis.cli import commands

            getattr(commands, body or name)(**words)

        return main.command(name)(call)

    return register


@_command("demo")
@OUT
@LANG
@JSON
@QUIET
def demo() -> None:
    """Assess the embedded demo township."""


@_command("assess")
@PROJECT
@OUT
@LANG
@JSON
@QUIET
def assess() -> None:
    """Run every stage of PROJECT and write report, tables and map."""


@_command("check")
@PROJECT
@LANG
@JSON
@QUIET
def check() -> None:
    """Read the inputs of PROJECT and list what is wrong in them; write nothing."""


@_command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def init() -> None:
    """Copy the demo inputs and their project file to FOLDER, to start from."""


@_command("verify")
@click.argument("manifest", type=click.Path(path_type=Path), metavar="RUN|BUNDLE")
@click.option("--rerun", is_flag=True, help="Run it again; compare every figure and output.")
@click.option(
    "--project",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="With --rerun: the project file, where it is in neither bundle nor folder.",
)
@LANG
@JSON
@QUIET
def verify() -> None:
    """Hash the outputs a run.json, or the files a bundle, names again and compare.

    Exit code 1 when anything differs.
    """


@_command("pack")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="ZIP file to write.",
)
@click.option(
    "--project",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="The project file of the run, where it is not beside it.",
)
@click.option(
    "--ledger",
    is_flag=True,
    help="Take pledge ledger and guarantor's tables along, with all in them.",
)
@LANG
@JSON
def pack() -> None:
    """Pack RUN, a folder of results, with its inputs and working papers into one file.

    The bundle can be moved, verified and run again. It holds personal data.
    """


@_command("explain")
@click.argument("names", nargs=-1, required=True, metavar="[RUN] NAME")
@click.option("--set", "set_id", default=None, help="Without RUN: set or methodology, id@edition.")
@click.option("--key", default=None, help="Row of the table, such as a species.")
@click.option("--date", "day", default=None, help="Without RUN: day it is asked for, or today.")
@click.option(
    "--project",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="With RUN: the project file, for a methodology of its own.",
)
@LANG
def explain() -> None:
    """Say where NAME comes from: value, unit, date, clause, edition, source, confidence.

    With RUN (a folder of results or its run.json) NAME is a figure of the report, such as
    credit_t or vintages.buffer_kg, a parameter, a parameter set or a clause; without it a
    parameter or clause of the library's --set.
    """


@_command("watch")
@click.argument("book", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--policy",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="TOML file with the lender's limits.",
)
@click.option("--date", "day", required=True, help="Day of the review, YYYY-MM-DD.")
@click.option("--profile", default="loan-book", show_default=True, help="Which column is which.")
@click.option("--sheet", default=None, help="Sheet of a workbook.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="CSV the whole list is written to.",
)
@LANG
@JSON
def watch() -> None:
    """Hold every loan of BOOK against the lender's policy: what is pulled, what is to be done."""


@_command("balance")
@PROJECT
@OUT
@LANG
@click.option("--report", is_flag=True, help="Also the report, in the faces of [output] formats.")
@JSON
@QUIET
def balance() -> None:
    """Balance the accounts of PROJECT between its two surveys and write tables and workbook."""


@_command("batch")
@click.argument("areas", type=click.Path(path_type=Path, dir_okay=False))
@OUT
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=None,
    help="Worker processes; the number of processors by default.",
)
@click.option("--scheduler", default=None, help="Address of a Dask scheduler, tls://HOST:PORT.")
@click.option("--dask", is_flag=True, help="A Dask cluster on this machine.")
@LANG
@JSON
@QUIET
def batch() -> None:
    """Do every area of AREAS, a batch file, and add them up to county and province.

    What is done already is left as it is. Exit code 4: some areas are not done, the others are; or
    the sums count land twice.
    """


@_command("map", body="map_page")
@click.argument("source", type=click.Path(path_type=Path), metavar="PROJECT|RUN")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="HTML file to write.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write instead, or as well: layers are read on demand, as a county needs.",
)
@click.option(
    "--project",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="With RUN: its project file, where it is not beside it.",
)
@click.option("--public", is_flag=True, help="Without persons, titles and amounts; coarse shapes.")
@click.option(
    "--coarsen", type=float, default=50.0, show_default=True, help="Grid of --public. [m]"
)
@LANG
@JSON
@QUIET
def map_page() -> None:
    """Draw the land as a page that opens without a network: themes, search, titles, forecast.

    RUN is a folder of results or its run.json; its project is run again and must come out the same.
    """


@_command("gep")
@PROJECT
@OUT
@click.option(
    "--before",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Project file of an earlier year: what changed, by quantity and by price.",
)
@click.option(
    "--explain", "item", default=None, help="Print where the figures of an item are from."
)
@click.option(
    "--format",
    "faces",
    multiple=True,
    type=click.Choice(["docx", "pdf", "html", "xlsx", "gpkg"]),
    help="Face to write; may be repeated. All but pdf by default.",
)
@LANG
@JSON
@QUIET
def gep() -> None:
    """Account for the ecosystem services of PROJECT in a year: a flow, beside any balance."""


main.add_command(finance)
main.add_command(methods)
main.add_command(registry)
