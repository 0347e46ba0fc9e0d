"""The words of ``ecogis registry``; the bodies are loaded when one is called."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

import click

__all__ = ["Entry", "Session", "registry"]

Body = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Session:
    """Which ledger, who asks, and in which form the answer goes out."""

    ledger: str
    actor: str
    key: Path | None
    lang: str
    as_json: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """When and why something is entered."""

    day: str | None
    reason: str


_SESSION = (
    click.Option(
        ["--ledger"],
        envvar="ECOGIS_LEDGER",
        required=True,
        help="File of the ledger, or a database's URL; ECOGIS_LEDGER. 台账文件或数据库地址",
    ),
    click.Option(
        ["--actor"],
        envvar="ECOGIS_ACTOR",
        required=True,
        help="Who acts, as appointed in the ledger; ECOGIS_ACTOR. 经办人",
    ),
    click.Option(
        ["--key"],
        envvar="ECOGIS_LEDGER_KEY",
        type=click.Path(path_type=Path, dir_okay=False),
        default=None,
        help="Signing key; beside the ledger's file by default; ECOGIS_LEDGER_KEY. 签名密钥",
    ),
    click.Option(
        ["--lang"],
        type=click.Choice(["zh", "en"]),
        default="zh",
        show_default=True,
        help="Language. 语言",
    ),
    click.Option(["--json", "as_json"], is_flag=True, help="One JSON object on standard output."),
)
_DAY = click.Option(["--day"], default=None, help="Day, YYYY-MM-DD; today by default. 日期")
_REASON = click.Option(["--reason"], required=True, help="Why, for the record. 理由")
_MAYBE_REASON = click.Option(["--reason"], default="", help="Why, where it is asked for. 理由")
_NUMBER = click.IntRange(1, 10**15)
_CLAIMS = click.argument("claims", nargs=-1, type=_NUMBER)
_DOSSIER = click.option(
    "--dossier", default="", help="All live claims of this dossier instead of numbers. 业务编号"
)
_LIFE = click.option(
    "--life",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="The lender's own life-cycle file; the shipped one by default. 流程文件",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def registry() -> None:
    """Keep the pledge ledger: one tonne is pledged once (质押登记台账)."""


def _command(
    name: str, *, module: str = "registry_commands", writes: bool = True, reason: bool = True
) -> Callable[[Body], click.Command]:
    """Register a command whose body, of the declaration's name, is loaded when it is called.

    What every command asks for comes to the body as one ``session``; day and reason as ``entry``.
    """

    def register(declared: Body) -> click.Command:
        @wraps(declared)
        def body(**words: Any) -> None:
            own = {field: words.pop(field) for field in Session.__dataclass_fields__}
            words["session"] = Session(**own)
            if writes:
                words["entry"] = Entry(words.pop("day"), words.pop("reason"))
            bodies = import_module(f"ecogis.cli.{module}")
            getattr(bodies, declared.__name__)(**words)

        command = registry.command(name)(body)
        entry = (_REASON if reason else _MAYBE_REASON, _DAY) if writes else ()
        command.params.extend((*entry, *_SESSION))
        return command

    return register


@_command("open", writes=False)
def create() -> None:
    """Make a new ledger and its signing key (新建台账)."""


@_command("appoint")
@click.argument("person")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(["read", "propose", "approve", "administer"]),
    help="May be given several times; none takes every role away. 权限",
)
def appoint() -> None:
    """Say what PERSON may do (授权)."""


@_command("survey", module="registry_entering")
@click.argument("run", type=click.Path(path_type=Path, file_okay=False))
def survey() -> None:
    """Enter the rights and yields of a run's results (录入产出量)."""


@_command("pledge", module="registry_entering")
@click.option(
    "--run",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder of a run's results: claims are proposed for what it found pledgeable.",
)
@click.option("--unit-code", multiple=True, help="Unit codes; all of the run's by default.")
@click.option("--right-kind", default="", help="Kind of right, without --run.")
@click.option("--certificate", default="", help="Number of the certificate, without --run.")
@click.option("--vintage", multiple=True, type=_NUMBER, help="Vintages; all by default.")
@click.option("--kg", type=_NUMBER, default=None, help="Quantity [kg CO2e], without --run.")
@click.option("--party", required=True, help="The lender, or who else takes the tonnes. 质权人")
@click.option("--dossier", required=True, help="Business file of the pledge. 业务编号")
@click.option("--use", default="pledge", show_default=True, help="What for. 用途")
def pledge() -> None:
    """Propose claims on the tonnes of rights (申请质押)."""


@_command("approve")
@_CLAIMS
@_DOSSIER
def approve() -> None:
    """Approve what another person asked for CLAIMS (批准)."""


@_command("refuse")
@_CLAIMS
@_DOSSIER
def refuse() -> None:
    """Refuse what is requested for CLAIMS (退回)."""


_REGISTRATION = (
    click.option("--number", required=True, help="Number of the registration. 登记证明编号"),
    click.option("--expires", default=None, help="Last day it is in force. 登记到期日"),
    click.option("--registered", default=None, help="Day it was made. 登记日"),
    click.option("--system", default="movables", show_default=True, help="Where. 登记系统"),
    click.option("--real-estate-no", default="", help="Number in the real-estate register."),
    click.option("--project-no", default="", help="Number in the project registry."),
)


def _registration(body: Body) -> Body:
    for option in reversed(_REGISTRATION):
        body = option(body)
    return body


@_command("confirm")
@_CLAIMS
@_DOSSIER
@_registration
def confirm() -> None:
    """Enter the outside registration of CLAIMS (录入外部登记)."""


@_command("extend")
@_CLAIMS
@_DOSSIER
@_registration
def extend() -> None:
    """Enter the renewed registration of CLAIMS (续登记)."""


@_command("release")
@_CLAIMS
@_DOSSIER
def release() -> None:
    """Ask for the release of CLAIMS (申请解除)."""


@_command("part-release")
@click.argument("claims", nargs=-1, required=True, metavar="CLAIM=KG...")
def part_release() -> None:
    """Ask for the release of a part of claims (申请部分解除)."""


@_command("transfer")
@_CLAIMS
@_DOSSIER
@click.option("--to", "party", required=True, help="The new lender. 新质权人")
def transfer() -> None:
    """Ask for a transfer to another lender (申请变更质权人)."""


@_command("expire")
@_CLAIMS
@_DOSSIER
def expire() -> None:
    """Mark CLAIMS whose registration has ended (登记到期)."""


@_command("correct")
@click.argument("claim", type=_NUMBER)
@click.option("--set", "changes", multiple=True, required=True, metavar="FIELD=VALUE")
def correct() -> None:
    """Ask for a correction of CLAIM (申请更正)."""


@_command("show", writes=False)
@click.option("--day", default=None, help="Day the ledger is shown at; today by default. 日期")
@click.option("--dossier", default="", help="Claims of this dossier only. 业务编号")
@click.option("--unit-code", default="", help="Claims on this unit only. 不动产单元代码")
@click.option("--all", "ended", is_flag=True, help="Ended claims too. 包括已结束的")
@click.option("--balances", is_flag=True, help="What is claimed and free by right and vintage.")
def show() -> None:
    """Show claims or balances, and what to look at (查看)."""


@_command("history", writes=False)
@click.option("--claim", type=_NUMBER, default=None, help="Events of this claim only. 登记")
@click.option("--dossier", default="", help="Events of this dossier only. 业务编号")
def history() -> None:
    """List the events in their order (历史)."""


@_command("verify", writes=False)
@click.option(
    "--head",
    "heads",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A signed head kept outside; may be given several times. 外部保存的签名头",
)
@click.option(
    "--export",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Verify this exported file instead of the ledger. 导出文件",
)
def verify() -> None:
    """Look for changes made behind the ledger's back (校验)."""


@_command("export", writes=False)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export() -> None:
    """Write every event and the signed head to FILE (导出)."""


@_command("import", module="registry_entering")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    required=True,
    type=click.Choice(["pledge_book", "prior_claims", "register_extract"]),
    help="A lender's book, tonnes given away before, or extracts of the register. 清单种类",
)
@click.option("--profile", default=None, help="Profile of the columns; the kind's by default.")
@click.option("--sheet", default=None, help="Sheet of a workbook with several. 工作表")
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="CSV file for the verdict on every row. 逐行结果",
)
@click.option("--dry-run", is_flag=True, help="Judge only; enter nothing. 只判定不录入")
def import_list() -> None:
    """Judge a list row by row and enter what is accepted (导入).

    Exit code 1 where a row is refused; the accepted rows are entered all the same. A second
    import changes nothing.
    """


@_command("steps", module="registry_steps", writes=False)
@click.argument("dossier", required=False, default="")
@click.option("--day", default=None, help="Day that is asked about; today by default. 日期")
@_LIFE
def steps() -> None:
    """What may follow for DOSSIER, or what is overdue (办理进度)."""


@_command("step", module="registry_steps", reason=False)
@click.argument("dossier")
@click.argument("step")
@click.option("--role", default="", help="Role of who took it; the only one by default. 角色")
@click.option("--by", default="", help="Who took it, when not the actor. 办理人")
@click.option("--document", "documents", multiple=True, metavar="KIND=NUMBER", help="文件编号")
@click.option("--date", "dates", multiple=True, metavar="NAME=YYYY-MM-DD", help="相关日期")
@_LIFE
def step() -> None:
    """Take a STEP in the life of DOSSIER (办理步骤)."""
