"""Codes of the stand map and the Chinese words of the tables."""

from __future__ import annotations

import csv
from pathlib import Path

HERE = Path(__file__).parent

MIXED = ("针叶混", "阔叶混", "针阔混")
SETTLED = {"settlement": "952", "traffic": "953", "industry": "951"}


def _codes() -> dict[tuple[str, str], str]:
    """First code of each (field, value)."""
    out: dict[tuple[str, str], str] = {}
    with (HERE.parent / "codes.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            out.setdefault((row["field"], row["value"]), row["code"])
    return out


CODES = _codes()


def code(field: str, value: str) -> str:
    """Code of a value of the vocabulary in a field of the stand map.

    >>> code("LD_QS", "state")
    '10'
    """
    return CODES[field, value]


def land_code(land: str, species: str = "") -> str:
    """Code of a land class; a mixed arbor forest has its own, settled land has three."""
    if land == "arbor_forest" and species in MIXED:
        return "112"
    return SETTLED.get(land) or code("DI_LEI", land)


WORDS: dict[str, str] = {
    # land classes of the history table
    "arbor_forest": "乔木林地", "bamboo_forest": "竹林地", "shrub_special": "国家特别规定灌木林地",
    "sparse_forest": "疏林地", "cutover": "采伐迹地", "other_unstocked": "其他无立木林地",
    "barren": "宜林荒山荒地", "cropland": "耕地", "unused": "未利用地",
    # rights
    "contract_management": "土地承包经营权", "management": "林地经营权",
    "forest_land_use": "林地使用权", "forest_ownership": "林木所有权", "forest_use": "林木使用权",
    "sole": "单独所有", "joint": "共同共有", "shares": "按份共有",
    "mortgage": "抵押", "pledge": "质押", "seizure": "查封", "freeze": "冻结",
    "enforcement": "强制执行", "objection": "异议登记", "dispute": "权属争议",
    # documents
    "certificate": "权属证书", "transfer_contract": "流转合同",
    "register_extract": "登记簿查询结果", "joint_consent": "共有人同意书",
    "project_registration": "项目登记", "intent_letter": "开发意向书",
    "third_party_report": "第三方评估报告", "pledge_search": "动产融资统一登记查询",
    "project_search": "减排项目登记查询", "lender_policy": "贷款人条件核对",
    "land_record": "地类变更记录", "site_declaration": "现场情况声明",
    "parcel": "宗地", "right": "权利", "stand": "小班", "project": "项目",
    "clear": "无异常", "encumbered": "有限制", "refused": "不予认可",
    "registry": "登记机构", "third_party": "第三方机构", "own": "本方自行出具", "lender": "贷款人",
    "holder": "权利人", "government": "主管部门",
    # prices
    "acquisition": "有偿取得价格", "market": "当期市场成交均价", "regulated": "政府调控价格",
    "quoted": "引用", "inferred": "推算",
}  # fmt: skip
