"""What the workbook says of itself: period, route, limits, policies, and how to read a cell."""

from ecogis.accounts import Balance
from ecogis.core.periods import years_between
from ecogis.pipeline.balance_money import notes as stated
from ecogis.pipeline.balancing import surveyed_twice
from ecogis.pipeline.config_accounts import Accounts
from ecogis.pipeline.run import Run

__all__ = ["notes"]

_ROUTES = {
    "surveys": ("两期调查逐小班对比", "two surveys, stand by stand"),
    "events": (
        "期初调查、生长模型与变化事件,对照期末调查",
        "opening survey, growth model and event records against the closing survey",
    ),
    "modelled": (
        "期初调查、生长模型与变化事件;无期末调查,期末各数均为模型推算",
        "opening survey, growth model and event records; without a closing survey it is modelled",
    ),
}
_FIXED = (
    (
        "单元格状态",
        "status of a cell",
        "合计取各部分中最差的状态;缺失的单元格留空(—),不以零代替。",
        "A sum has the worst status of its parts; a missing cell is a dash, never nought.",
    ),
    (
        "林木分栏",
        "columns of timber",
        "人工林为培育林;天然商品林可供木材;天然公益林不可供木材(政策取舍)。",
        "Natural commercial forest is available for wood supply, public-welfare not: a policy.",
    ),
    (
        "权属",
        "owners",
        "取自权利登记资料;资料未载明的列为未记录,不推定。",
        "From the records of rights; what they do not say is not on record and not guessed.",
    ),
    (
        "GEP",
        "GEP",
        "生态服务为年流量,不计入资产、负债或净资产。",
        "Ecosystem services are a yearly flow and enter no asset, liability or net worth.",
    ),
)


def notes(run: Run, found: Balance) -> list[tuple[str, str, str, str]]:
    """Notes of a balance: ``what_zh what_en text_zh text_en`` each."""
    days = run.config.accounts
    period = "—" if days is None else f"{days.opening} — {days.closing}"
    route_zh, route_en = _ROUTES[found.route if surveyed_twice(run.config) else "modelled"]
    made = [
        ("核算期", "period", period, period),
        ("编制方法", "route", route_zh, route_en),
        *_growth_span(days, found),
        ("生长参数", "growth parameters", run.curves.label, run.curves.label),
        ("生物量参数", "biomass parameters", run.biomass.label, run.biomass.label),
    ]
    return [*made, *_limits(found), *stated(run), *_FIXED]


def _growth_span(days: Accounts | None, found: Balance) -> list[tuple[str, str, str, str]]:
    """On the route by events, the years the kernel grows: those of the account. A policy."""
    if days is None or found.route != "events":
        return []
    years = f"{years_between(days.opening, days.closing):.4f}"
    return [
        (
            "生长年数",
            "years of growth",
            f"{years} 年,自期初日至期末日;调查日不同的,以其调查蓄积为期初存量",
            f"{years}, opening to closing day; what a stand had when surveyed is its opening stock",
        )
    ]


def _limits(found: Balance) -> list[tuple[str, str, str, str]]:
    """The statistical difference of each account against its limit. A policy."""
    made = []
    for row in found.limits.to_dict("records"):
        limit, share = f"{row['limit_share']:.2%}", f"{row['found_share']:.4%}"
        because = str(row.get("because") or "")
        above, below = (f"{row[name]:.4%}" for name in ("above_share", "below_share"))
        zh = f"期初的 {share},限额 {limit};相抵前高于 {above}、低于 {below}"
        en = f"{share} of the opening, limit {limit}; gross, {above} above and {below} below"
        made.append(
            (
                f"统计差异 {row['zh']}",
                f"statistical difference, {row['en']}",
                ";".join(filter(None, (zh, because))),
                "; ".join(filter(None, (en, because))),
            )
        )
    return made
