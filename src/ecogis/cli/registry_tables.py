"""Tables of the registry on a terminal: aligned, with Chinese characters two columns wide."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import pandas as pd

from ecogis.cli.columns import lined_up
from ecogis.core.vocabulary import codes

__all__ = ["COLUMNS", "lines"]

# heads by column: Chinese, English, and the code list its values are of
COLUMNS: Final[Mapping[str, tuple[str, str, str]]] = {
    "claim": ("登记", "claim", ""),
    "state": ("状态", "state", "claim_state"),
    "request": ("待批", "request", "claim_request"),
    "requested_by": ("申请人", "by", ""),
    "unit_code": ("不动产单元代码", "unit code", ""),
    "right_kind": ("权利类型", "right", "right_kind"),
    "certificate_no": ("证书号", "certificate", ""),
    "vintage": ("年度", "vintage", ""),
    "kg": ("数量 kg", "kg", ""),
    "claim_kg": ("数量 kg", "kg", ""),
    "use": ("用途", "use", "claim_use"),
    "party": ("质权人", "party", ""),
    "dossier": ("业务编号", "dossier", ""),
    "external_no": ("登记证明编号", "registration", ""),
    "expires_on": ("登记到期日", "expires", ""),
    "yield_kg": ("产出量", "yield", ""),
    "pledged_kg": ("已质押", "pledged", ""),
    "sold_kg": ("已出售", "sold", ""),
    "forest_ticket_kg": ("碳票", "carbon ticket", ""),
    "eco_product_kg": ("生态产品", "eco product", ""),
    "other_methodology_kg": ("其他方法学", "other rules", ""),
    "free_kg": ("可用", "free", ""),
    "lender": ("质权人", "lender", ""),
    "seq": ("序号", "no", ""),
    "event": ("事项", "event", "ledger_event"),
    "day": ("日期", "day", ""),
    "actor": ("经办人", "actor", ""),
    "reason": ("理由", "reason", ""),
    "hash": ("哈希", "hash", ""),
    "row": ("行", "row", ""),
    "verdict": ("判定", "verdict", "row_verdict"),
    "entered": ("录入", "entered", "row_entered"),
    "code": ("编号", "code", ""),
    "message": ("说明", "message", ""),
    "pledge": ("业务编号", "dossier", ""),
    "life_state": ("阶段", "state", ""),
    "step": ("步骤", "step", ""),
    "label": ("名称", "name", ""),
    "actors": ("办理方", "who", ""),
    "due": ("应办日", "due", ""),
    "days_late": ("逾期天数", "days late", ""),
    "confidence": ("期限依据", "basis", "confidence"),
}


def lines(table: pd.DataFrame, columns: Sequence[str], lang: str) -> list[str]:
    """A table as lines of text: a head and one line per row; numbers to the right.

    Parameters
    ----------
    table : DataFrame
        What is shown; values of a code list are written out.
    columns : sequence of str
        Columns of `COLUMNS`, in their order; one without a value in any row is left out.
    lang : {"zh", "en"}
        Language of heads and codes.

    Examples
    --------
    >>> table = pd.DataFrame({"party": ["甲银行"], "kg": [12000]})
    >>> lines(table, ["party", "kg"], "zh")
    ['质权人  数量 kg', '甲银行   12,000']
    """
    written = {
        name: [_words(name, lang)(value) for value in table[name]]
        for name in columns
        if name in table
    }
    shown = {name: cells for name, cells in written.items() if any(cells)}
    heads = [COLUMNS[name][lang == "en"] for name in shown]
    right = [pd.api.types.is_numeric_dtype(table[name]) for name in shown]
    columns_of_text = [(head, *cells) for head, cells in zip(heads, shown.values(), strict=True)]
    return list(lined_up(list(zip(*columns_of_text, strict=True)), right=right))


def _words(name: str, lang: str) -> Callable[[Any], str]:
    """How a column's values are written."""
    listed = COLUMNS[name][2]
    known = codes(listed) if listed else {}
    years = name in {"vintage", "claim", "seq", "row"}

    def write(value: Any) -> str:
        if value is None or value is pd.NaT or value is pd.NA or value != value:  # noqa: PLR0124
            return ""
        if value in known:
            return known[value].zh if lang == "zh" else known[value].en
        if isinstance(value, date):
            return value.isoformat()[:10]
        if not isinstance(value, str) and not years and not isinstance(value, bool):
            return f"{value:,}"
        return str(value)

    return write
