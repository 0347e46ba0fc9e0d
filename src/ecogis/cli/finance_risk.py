"""The words of ``ecogis finance guarantee`` and ``insurance``."""

import click

from ecogis.cli.finance_words import FILE, HELP, MONEY, command, together

__all__ = ["guarantee", "insurance"]

_BODIES = "finance_risk_commands"
_KIND = click.Choice(["small_firm", "farmer", "bond_aa", "other"])


@click.group(context_settings=HELP)
def guarantee() -> None:
    """The guarantee company's book (担保)."""


@click.group(context_settings=HELP)
def insurance() -> None:
    """Policies on an index or on cost, premiums, the three lists (保险)."""


_book = together(
    click.argument("book", type=FILE),
    click.option("--relations", type=FILE, default=None, help="Related parties. 关联方"),
    click.option("--net-assets", type=MONEY, default=None, help="[CNY] 净资产(元)"),
    click.option("--fund", type=FILE, default=None, help="Net assets by day. 各日净资产表"),
)
_borrower = together(
    click.option("--borrower", required=True, help="Who would owe. 被担保人"),
    click.option("--kind", type=_KIND, required=True, help="Kind of the debt. 类别"),
)
_shares = click.option(
    "--share",
    "shares",
    multiple=True,
    metavar="PARTY=SHARE",
    help="Shares of the programme's contract; the 4-2-2-2 pattern without. 合同分担比例",
)


@command(guarantee, "check", module=_BODIES)
@_book
def check() -> None:
    """Hold the guarantee BOOK against every limit (担保限额)."""


@command(guarantee, "focus", module=_BODIES)
@_book
@click.option("--fees", type=MONEY, help="Guarantee fees of a year. 年担保费(元)")
def focus() -> None:
    """Shares of small firms, farmers and small accounts in the BOOK (政策性业务占比)."""


@command(guarantee, "room", module=_BODIES)
@_book
@_borrower
def room() -> None:
    """The largest amount the BOOK still takes for a borrower (可用额度)."""


@command(guarantee, "propose", module=_BODIES)
@_book
@_borrower
@click.option("--loan", required=True, help="Number of the loan, new. 担保笔编号")
@click.option("--amount", type=MONEY, required=True, help="To be guaranteed. 担保金额(元)")
def propose() -> None:
    """Propose a guarantee to the BOOK: the book with it, or what it would pass (担保申请)."""


@command(guarantee, "share", module=_BODIES)
@click.option("--loss", type=MONEY, required=True, help="The loss. 损失(元)")
@_shares
def share() -> None:
    """Share a loss among bank, guarantor, province and nation (风险分担)."""


@command(guarantee, "compensation", module=_BODIES)
@click.argument("losses", type=FILE)
@click.option("--guaranteed", type=MONEY, required=True, help="Amount guaranteed. 担保总额(元)")
@click.option("--limit", type=float, required=True, help="Ceiling, a share of it. 代偿率上限")
@_shares
def compensation() -> None:
    """Share the LOSSES of a programme up to its ceiling, then the bank's alone (代偿)."""


@command(guarantee, "reserves", module=_BODIES)
@click.option("--liability", type=MONEY, required=True, help="At the year's end. 责任余额(元)")
@click.option("--held", type=MONEY, required=True, help="Loss reserve before. 已提赔偿准备(元)")
@click.option("--fees", type=MONEY, required=True, help="Guarantee fees of the year. 担保费(元)")
@click.option("--paid-in", type=MONEY, default=None, help="Paid-in capital. 实缴资本(元)")
def reserves() -> None:
    """What is to be reserved at a year's end, and what capital lacks (准备金)."""


@command(guarantee, "assets", module=_BODIES)
@click.option("--class-1", type=MONEY, required=True, help="Cash, deposits. Ⅰ级资产(元)")
@click.option("--class-2", type=MONEY, required=True, help="Ⅱ级资产(元)")
@click.option("--class-3", type=MONEY, required=True, help="Ⅲ级资产(元)")
@click.option("--other", type=MONEY, required=True, help="其他资产(元)")
@click.option("--receivable", type=MONEY, required=True, help="From compensation. 应收代偿款(元)")
def assets() -> None:
    """Hold the company's asset mix against its shares (资产比例)."""


@command(guarantee, "fee", module=_BODIES)
@click.option("--loan", type=MONEY, required=True, help="The loan. 贷款金额(元)")
def fee() -> None:
    """Yearly fee of the national fund on its share of a loan (再担保费)."""


@command(insurance, "index", module=_BODIES)
@click.option("--index", type=float, required=True, help="Index of the year. 年度指数")
@click.option("--threshold", type=float, required=True, help="Above it is paid. 起赔点")
@click.option("--unit", type=MONEY, required=True, help="Paid for a unit. 每单位赔付(元)")
@click.option("--limit", type=MONEY, required=True, help="At most in a year. 年度限额(元)")
def index() -> None:
    """What an index policy pays (指数保险赔付)."""


@command(insurance, "cost", module=_BODIES)
@click.option("--insured", type=MONEY, required=True, help="Cost insured. 保险金额(元)")
@click.option("--loss", type=float, required=True, help="Share lost, 0-1. 损失率")
@click.option("--deductible", type=float, default=0.0, show_default=True, help="起赔损失率")
def cost() -> None:
    """What a cost policy pays (成本保险赔付)."""


@command(insurance, "premium", module=_BODIES)
@click.option("--premium", type=MONEY, required=True, help="The premium. 保费(元)")
@click.option("--pattern", type=click.Choice(["rain", "cost"]), default=None, help="分担方式")
@click.option("--share", "shares", multiple=True, metavar="PARTY=SHARE", help="分担比例")
def premium() -> None:
    """Who pays which part of a premium: by a --pattern seen, or by --share (保费分担)."""


@command(insurance, "lists", module=_BODIES)
@click.argument("services", type=FILE)
def lists() -> None:
    """The three lists of insurance SERVICES of a county in force (三张清单)."""
