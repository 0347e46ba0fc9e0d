"""The words of ``ecogis finance``; the bodies are loaded when one is called."""

from pathlib import Path

import click

from ecogis.cli.finance_risk import guarantee, insurance
from ecogis.cli.finance_words import FILE, HELP, MONEY, command, together

__all__ = ["finance"]


@click.group(context_settings=HELP)
def finance() -> None:
    """Finance around the loan: products, households, guarantee, collection, county (周边金融)."""


@finance.group(context_settings=HELP)
def products() -> None:
    """The catalogue of products (金融产品)."""


@finance.group(context_settings=HELP)
def household() -> None:
    """Household balance sheets (农户家庭资产负债表)."""


@finance.group(context_settings=HELP)
def collection() -> None:
    """Collection of rights, and land joined by it (收储)."""


@finance.group(context_settings=HELP)
def centre() -> None:
    """Default cases of the collateral centre (抵押物收储中心)."""


@finance.group(context_settings=HELP)
def onlending() -> None:
    """On-lending at cost and a small margin (转贷)."""


@finance.group(context_settings=HELP)
def requests() -> None:
    """Requests assigned to province, city or county (诉求闭环)."""


finance.add_command(guarantee)
finance.add_command(insurance)


_PRODUCTS = click.option(
    "--products", "own", type=FILE, default=None, help="TOML with products of your own. 自有产品"
)


@command(products, "list")
@_PRODUCTS
@click.option("--by-lender", is_flag=True, help="One bank, one product. 一行一品")
def list_products() -> None:
    """List the catalogue (产品目录)."""


@command(products, "match")
@click.argument("borrowers", type=FILE)
@click.argument("assets", type=FILE)
@_PRODUCTS
@click.option("--refused", is_flag=True, help="Refused products too, with reasons. 含拒绝理由")
@click.option("--one-per-lender", is_flag=True, help="Best product of each lender. 每家一个")
def match_products() -> None:
    """Offer products to BORROWERS for their ASSETS, ranked (匹配产品)."""


@command(household, "score")
@click.argument("households", type=FILE)
@click.argument("items", type=FILE)
@click.option("--rights", type=FILE, default=None, help="Forest rights of the cadastre. 林权")
@click.option(
    "--higher", multiple=True, metavar="PLACE", help="Place with the higher cap. 适用较高上限的地方"
)
@click.option("--named", is_flag=True, help="With keys and names, for those who may see. 显示姓名")
def score_households() -> None:
    """Draw the line of every household, with reasons (家庭授信)."""


_land = together(
    click.argument("parcels", type=FILE),
    click.argument("holders", type=FILE),
    click.option("--profile", default="demo-parcels", show_default=True, help="字段映射"),
    click.option("--collector", required=True, help="Who collects. 收储方"),
)


@command(collection, "groups", module="finance_collection")
@_land
@click.option("--take", "taken", multiple=True, required=True, help="Parcel taken. 收储的宗地")
@click.option("--map", "layer", type=FILE, default=None, help="GeoPackage to write. 图层")
def groups() -> None:
    """Show how PARCELS join, before and after a collection (连片)."""


@command(collection, "next", module="finance_collection")
@_land
@click.option("--budget", type=click.IntRange(0), required=True, help="[CNY] 预算(元)")
@click.option(
    "--nearest", type=click.IntRange(1, 500), default=60, show_default=True, help="考虑的户数"
)
def ask_next() -> None:
    """Say whom to ask next for the largest joined block (下一步收储对象)."""


_ledger = together(
    click.argument("ledger", type=FILE),
    click.option("--actor", envvar="ECOGIS_ACTOR", required=True, help="Who acts. 经办人"),
)


@command(collection, "record", module="finance_collection")
@_ledger
@click.argument("records", type=FILE)
@click.option("--new", is_flag=True, help="Make the ledger. 新建台账")
@click.option("--reason", default="", help="Why it is entered late. 补登理由")
def record() -> None:
    """Propose the collections, holdings or payments in RECORDS, a JSON file (登记)."""


@command(collection, "approve", module="finance_collection")
@_ledger
@click.argument("tx", nargs=-1, required=True)
@click.option("--reason", default="", help="Why it is approved late. 补批理由")
def approve() -> None:
    """Approve what another person proposed (批准)."""


@command(collection, "refuse", module="finance_collection")
@_ledger
@click.argument("tx", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why. 理由")
def refuse() -> None:
    """Drop what was proposed; the person who proposed it may (否决、撤回)."""


@command(collection, "reverse", module="finance_collection")
@_ledger
@click.argument("tx")
@click.option("--reason", required=True, help="Why. 理由")
def reverse() -> None:
    """Propose to take a collection back from --day on; another person approves (冲回)."""


@command(collection, "income", module="finance_collection")
@_ledger
@click.argument("tx")
@click.option("--net", type=MONEY, required=True, help="Net income, whole. 净收入(元)")
@click.option("--payer", required=True, help="Who pays it out. 付款方")
@click.option("--document", required=True, help="Settlement or period, each once. 结算单号或期间")
@click.option("--felling/--no-felling", required=True, help="From felling or not. 是否采伐收入")
@click.option("--reason", default="", help="Why it is entered late. 补登理由")
def income() -> None:
    """Propose to pay the givers their share of a net income; another person approves (分红)."""


@command(collection, "settle", module="finance_collection")
@_ledger
@click.argument("tx")
@click.option(
    "--part", "parts", multiple=True, required=True, metavar="PARTY=CNY", help="收款方=金额(元)"
)
@click.option("--payer", required=True, help="Who pays it out. 付款方")
@click.option("--reason", default="", help="Why it is entered late. 补登理由")
def settle() -> None:
    """Propose to pay out what a disposal brought; another person approves (处置清偿)."""


@command(collection, "verify", module="finance_collection")
@_ledger
@click.option("--head", default=None, metavar="HASH", help="Last entry kept elsewhere. 另存的末条")
def verify() -> None:
    """Replay the LEDGER, check its chain, and compare it with a head kept elsewhere (核验)."""


@command(collection, "replay", module="finance_collection")
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


@command(centre, "step", module="finance_collection")
@click.argument("steps", type=FILE)
@click.option("--case", required=True, help="案件")
@click.option("--to", required=True, help="State it comes to. 状态")
@click.option("--set", "said", multiple=True, metavar="FIELD=VALUE", help="What it states. 内容")
def step() -> None:
    """Take a step of a case and write it behind the others in STEPS (办理)."""


@command(centre, "status", module="finance_collection")
@click.argument("steps", type=FILE)
@click.option("--case", default=None, help="Payout of this case. 清偿明细")
def status() -> None:
    """Show where the cases of STEPS stand, and which are overdue (状态)."""


@command(onlending, "price")
@click.argument("offers", type=FILE)
def price_onlending() -> None:
    """Price OFFERS part by part against their caps (定价)."""


@command(finance, "indicators")
@click.argument("values", type=FILE)
@click.option(
    "--report", type=click.Path(path_type=Path, file_okay=False), default=None, help="Folder. 看板"
)
def show_indicators() -> None:
    """Show the county's indicators: actual, target, gap, trend (指标)."""


@command(requests, "status")
@click.argument("events", type=FILE)
def status_requests() -> None:
    """Show where requests stand, the most overdue first (诉求状态)."""


@command(requests, "add")
@click.argument("events", type=FILE)
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
