"""The ten lines a run ends with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["headline"]


def headline(summary: Mapping[str, Any], out: Path, lang: str) -> list[str]:
    """Headline results in ten lines.

    Parameters
    ----------
    summary : mapping
        Results of the run, as in run.json.
    out : Path
        Folder of the outputs.
    lang : {"zh", "en"}
        Language of the lines.

    Returns
    -------
    list of str
        Ten lines.
    """
    total, value = summary["totals"], summary.get("valuation") or {}
    zh = lang == "zh"
    project = summary["project"]
    number = f"{total['stands']:,} / {total['parcels']:,} / {total['pieces']:,}"
    ha = {name: f"{total[f'{name}_ha']:,.2f}" for name in _AREAS}
    lines = (
        ("项目", "project", f"{project['name']}({project['valuation_date']})"),
        ("小班 / 宗地 / 地块", "stands / parcels / pieces", number),
        ("面积(森林)", "area (forest)", f"{ha['area']} ({ha['forest']}) ha"),
        ("可计入 / 不可计入 / 不明", "creditable / excluded / not known",
         f"{ha['creditable']} / {ha['excluded']} / {ha['unknown']} ha"),
        ("评估基准日碳储量", "stock at the valuation date",
         f"{total['stock_co2e_kg_valuation'] / 1000:,.0f} t CO2e"),
        ("计入期减排量(可质押)", "reductions (pledgeable)",
         f"{total['issued_t']:,} ({total['pledge_issued_t']:,}) t CO2e"),
        ("净现值 P5 / P50 / P95", "net present value P5 / P50 / P95", _money(value, zh)),
        ("质押价值 / 贷款建议", "pledge value / loan proposed",
         f"{_yuan(value.get('pledge_value_fen'), zh)} / {_yuan(value.get('principal_fen'), zh)}"),
        ("问题(提示/警告/错误)", "findings (note/warning/error)",
         " / ".join(str(summary["findings"][name]) for name in ("note", "warning", "error"))),
        ("结果", "results", str(out)),
    )  # fmt: skip
    return [f"{a if zh else b}{':' if zh else ': '}{text}" for a, b, text in lines]


_AREAS = ("area", "forest", "creditable", "excluded", "unknown")


def _yuan(fen: int | None, zh: bool) -> str:
    amount = "—" if fen is None else f"{fen / 100:,.2f}"
    return f"{amount} 元" if zh else f"CNY {amount}"


def _money(value: Mapping[str, Any], zh: bool) -> str:
    return " / ".join(_yuan(value.get(f"{name}_fen"), zh) for name in ("p5", "p50", "p95"))
