"""The words of ``ecogis finance``; the bodies are loaded when one is called."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

import click

__all__ = ["Session", "finance"]

Body = Callable[..., None]
_HELP = {"help_option_names": ["-h", "--help"]}
_FILE = click.Path(path_type=Path, dir_okay=False)


@dataclass(frozen=True, slots=True)
class Session:
    """For which day, and in which form the answer goes out."""

    day: str | None
    out: Path | None
    lang: str
    as_json: bool


_SESSION = (
    click.Option(["--day"], default=None, help="Day, YYYY-MM-DD; today by default. 日期"),
    click.Option(["--out"], type=_FILE, default=None, help="CSV of the main table. 结果表"),
    click.Option(
        ["--lang"],
        type=click.Choice(["zh", "en"]),
        default="zh",
        show_default=True,
        help="Language. 语言",
    ),
    click.Option(["--json", "as_json"], is_flag=True, help="One JSON object on standard output."),
)


@click.group(context_settings=_HELP)
def finance() -> None:
    """Finance around the loan: products, households, guarantee, collection, county (周边金融)."""


@finance.group(context_settings=_HELP)
def products() -> None:
    """The catalogue of products (金融产品)."""


@finance.group(context_settings=_HELP)
def household() -> None:
    """Household balance sheets (农户家庭资产负债表)."""


@finance.group(context_settings=_HELP)
def guarantee() -> None:
    """The guarantee company's book (担保)."""


@finance.group(context_settings=_HELP)
def collection() -> None:
    """Collection of rights, and land joined by it (收储)."""


@finance.group(context_settings=_HELP)
def centre() -> None:
    """Default cases of the collateral centre (抵押物收储中心)."""


@finance.group(context_settings=_HELP)
def onlending() -> None:
    """On-lending at cost and a small margin (转贷)."""


@finance.group(context_settings=_HELP)
def requests() -> None:
    """Requests assigned to province, city or county (诉求闭环)."""


def _command(
    group: click.Group, name: str, *, module: str = "finance_commands"
) -> Callable[[Body], click.Command]:
    """Register a command whose body, of the declaration's name, is loaded when it is called."""

    def register(declared: Body) -> click.Command:
        @wraps(declared)
        def body(**words: Any) -> None:
            own = {field: words.pop(field) for field in Session.__dataclass_fields__}
            bodies = import_module(f"ecogis.cli.{module}")
            getattr(bodies, declared.__name__)(**words, session=Session(**own))

        command = group.command(name)(body)
        command.params.extend(_SESSION)
        return command

    return register


_PRODUCTS = click.option(
    "--products", "own", type=_FILE, default=None, help="TOML with products of your own. 自有产品"
)


@_command(products, "list")
@_PRODUCTS
@click.option("--by-lender", is_flag=True, help="One bank, one product. 一行一品")
def list_products() -> None:
    """List the catalogue (产品目录)."""


@_command(products, "match")
@click.argument("borrowers", type=_FILE)
@click.argument("assets", type=_FILE)
@_PRODUCTS
@click.option("--refused", is_flag=True, help="Refused products too, with reasons. 含拒绝理由")
@click.option("--one-per-lender", is_flag=True, help="Best product of each lender. 每家一个")
def match_products() -> None:
    """Offer products to BORROWERS for their ASSETS, ranked (匹配产品)."""


@_command(household, "score")
@click.argument("households", type=_FILE)
@click.argument("items", type=_FILE)
@click.option("--rights", type=_FILE, default=None, help="Forest rights of the cadastre. 林权")
@click.option(
    "--higher", multiple=True, metavar="PLACE", help="Place with the higher cap. 适用较高上限的地方"
)
@click.option("--named", is_flag=True, help="With keys and names, for those who may see. 显示姓名")
def score_households() -> None:
    """Draw the line of every household, with reasons (家庭授信)."""


@_command(guarantee, "check")
@click.argument("book", type=_FILE)
@click.option("--relations", type=_FILE, default=None, help="Related parties. 关联方")
@click.option("--net-assets", type=click.IntRange(0), required=True, help="[CNY] 净资产(元)")
def check_guarantee() -> None:
    """Hold the guarantee BOOK against every limit (担保限额)."""


_LAND = (
    click.argument("parcels", type=_FILE),
    click.argument("holders", type=_FILE),
    click.option("--profile", default="demo-parcels", show_default=True, help="字段映射"),
    click.option("--collector", required=True, help="Who collects. 收储方"),
)


def _land(body: Body) -> Body:
    for part in reversed(_LAND):
        body = part(body)
    return body


@_command(collection, "groups", module="finance_collection")
@_land
@click.option("--take", "taken", multiple=True, required=True, help="Parcel taken. 收储的宗地")
@click.option("--map", "layer", type=_FILE, default=None, help="GeoPackage to write. 图层")
def groups() -> None:
    """Show how PARCELS join, before and after a collection (连片)."""


@_command(collection, "next", module="finance_collection")
@_land
@click.option("--budget", type=click.IntRange(0), required=True, help="[CNY] 预算(元)")
@click.option(
    "--nearest", type=click.IntRange(1, 500), default=60, show_default=True, help="考虑的户数"
)
def ask_next() -> None:
    """Say whom to ask next for the largest joined block (下一步收储对象)."""


_LEDGER = (
    click.argument("ledger", type=_FILE),
    click.option("--actor", envvar="ECOGIS_ACTOR", required=True, help="Who acts. 经办人"),
)


def _ledger(body: Body) -> Body:
    for part in reversed(_LEDGER):
        body = part(body)
    return body


@_command(collection, "record", module="finance_collection")
@_ledger
@click.argument("records", type=_FILE)
@click.option("--new", is_flag=True, help="Make the ledger. 新建台账")
@click.option("--reason", default="", help="Why it is entered late. 补登理由")
def record() -> None:
    """Propose the collections, holdings or payments in RECORDS, a JSON file (登记)."""


@_command(collection, "approve", module="finance_collection")
@_ledger
@click.argument("tx", nargs=-1, required=True)
@click.option("--reason", default="", help="Why it is approved late. 补批理由")
def approve() -> None:
    """Approve what another person proposed (批准)."""


@_command(collection, "replay", module="finance_collection")
@_ledger
@click.option("--known", default=None, help="As known at the end of this day. 当时所知")
@click.option(
    "--show",
    type=click.Choice(["balances", "in-force", "payments", "transactions"]),
    default="balances",
    show_default=True,
)
def replay() -> None:
    """Replay the LEDGER to a day and verify its chain (重演)."""


@_command(centre, "step", module="finance_collection")
@click.argument("steps", type=_FILE)
@click.option("--case", required=True, help="案件")
@click.option("--to", required=True, help="State it comes to. 状态")
@click.option("--set", "said", multiple=True, metavar="FIELD=VALUE", help="What it states. 内容")
def step() -> None:
    """Take a step of a case and write it behind the others in STEPS (办理)."""


@_command(centre, "status", module="finance_collection")
@click.argument("steps", type=_FILE)
@click.option("--case", default=None, help="Payout of this case. 清偿明细")
def status() -> None:
    """Show where the cases of STEPS stand, and which are overdue (状态)."""


@_command(onlending, "price")
@click.argument("offers", type=_FILE)
def price_onlending() -> None:
    """Price OFFERS part by part against their caps (定价)."""


@_command(finance, "indicators")
@click.argument("values", type=_FILE)
@click.option(
    "--report", type=click.Path(path_type=Path, file_okay=False), default=None, help="Folder. 看板"
)
def show_indicators() -> None:
    """Show the county's indicators: actual, target, gap, trend (指标)."""


@_command(requests, "status")
@click.argument("events", type=_FILE)
def status_requests() -> None:
    """Show where requests stand, the most overdue first (诉求状态)."""


@_command(requests, "add")
@click.argument("events", type=_FILE)
@click.option("--request", required=True, help="诉求编号")
@click.option(
    "--step",
    "move",
    required=True,
    type=click.Choice(["logged", "assigned", "answered", "reopened"]),
    help="What happened. 步骤",
)
@click.option(
    "--level", default="", type=click.Choice(["", "province", "city", "county"]), help="层级"
)
@click.option("--due", default="", help="To be answered by, YYYY-MM-DD. 期限")
@click.option("--said", default="", help="What was said. 内容")
def add_request() -> None:
    """Write what happened to a request into EVENTS (登记诉求)."""
