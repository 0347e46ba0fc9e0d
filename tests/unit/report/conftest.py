"""A small county as the pipeline hands it to the report: every table, awkward names included."""

from datetime import date

import geopandas
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from shapely import Polygon

from ecogis.core.vocabulary import term
from ecogis.report import Content, Report, compose, draw

AWKWARD = "演示林场 & <合作社> “青山”"
SIDE = 10
SPECIES = ["杉木", "马尾松", "桉树", "木荷", "阔叶混", "毛竹", "湿地松", "樟树", "相思"]
AGES = ["young", "middle", "near_mature", "mature", "over_mature"]


def _grid() -> list[Polygon]:
    rng = np.random.default_rng(7)
    x, y = np.meshgrid(np.arange(SIDE + 1), np.arange(SIDE + 1))
    shift = rng.uniform(-0.28, 0.28, (2, SIDE + 1, SIDE + 1))
    east = 114.02 + (x + shift[0]) * 0.004
    north = 23.71 + (y + shift[1]) * 0.0036
    return [
        Polygon(
            [(east[j, i], north[j, i]) for j, i in ((r, c), (r, c + 1), (r + 1, c + 1), (r + 1, c))]
        )
        for r in range(SIDE)
        for c in range(SIDE)
    ]


def _stands() -> geopandas.GeoDataFrame:
    shapes = _grid()
    n = len(shapes)
    rng = np.random.default_rng(11)
    forest = rng.uniform(size=n) > 0.15
    area_dm2 = (geopandas.GeoSeries(shapes, crs=4490).to_crs(4547).area * 100).round().astype(int)
    volume = np.where(forest, rng.uniform(20, 180, n), 0.0)
    return geopandas.GeoDataFrame(
        {
            "stand": [f"4418991010{i // SIDE:02d}{i % SIDE:03d}" for i in range(n)],
            "township": "演示镇",
            "village": [f"{'上中下'[i // 34]}村" for i in range(n)],
            "land_class": np.where(forest, "arbor_forest", "cropland"),
            "species": pd.array(
                [SPECIES[k % 9] if f else pd.NA for k, f in enumerate(forest)], "string"
            ),
            "species_en": pd.array(
                [f"Species {k % 9}" if f else pd.NA for k, f in enumerate(forest)], "string"
            ),
            "origin": "planted",
            "age_yr": pd.array(rng.integers(2, 45, n), "Int64"),
            "age_group": pd.array(
                [AGES[k % 5] if f else pd.NA for k, f in enumerate(forest)], "string"
            ),
            "canopy_cover": 0.6,
            "standing_volume": volume,
            "area_record_ha": area_dm2 * 1.001e-6,
            "area_ha": area_dm2 * 1e-6,
            "co2e_kg": (area_dm2 * 1e-6 * volume * 1.35 * 1000).round().astype("int64"),
            "forest_category": "commercial",
        },
        geometry=shapes,
        crs=4490,
    )


def _parcels(stands: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    group = np.arange(len(stands)) // 5
    merged = stands.assign(k=group).dissolve(
        "k", aggfunc={"area_ha": "sum", "area_record_ha": "sum"}
    )
    merged["parcel"] = [f"441899101001JC{i:05d}" for i in range(len(merged))]
    merged["location"] = "演示县演示镇"
    merged["land_tenure"] = "collective"
    return merged.reset_index(drop=True)


def _pieces(
    stands: geopandas.GeoDataFrame, parcels: geopandas.GeoDataFrame
) -> geopandas.GeoDataFrame:
    n = len(stands)
    verdict = pd.array([None if k % 7 == 0 else k % 3 != 0 for k in range(n)], "boolean")
    pledge = pd.array(
        [
            None if k % 5 == 0 else bool(v) if v is not pd.NA else False
            for k, v in enumerate(verdict)
        ],
        "boolean",
    )
    return geopandas.GeoDataFrame(
        {
            "piece": [f"P{k + 1:06d}" for k in range(n)],
            "stand": stands["stand"],
            "parcel": parcels["parcel"].to_numpy()[np.arange(n) // 5],
            "area_ha": stands["area_ha"],
            "creditable": verdict,
            "pledgeable": pledge,
        },
        geometry=stands.geometry,
        crs=4490,
    )


def _rights(parcels: geopandas.GeoDataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    n = len(parcels) - 2
    rights = pd.DataFrame(
        {
            "right": [f"Q{k:04d}" for k in range(n)],
            "unit_code": [f"{parcel}L00000001" for parcel in parcels["parcel"][:n]],
            "parcel": parcels["parcel"][:n],
            "right_kind": ["management", "contract_management", "forest_land_use"] * (n // 3),
            "holder": [AWKWARD if k == 1 else f"持有人{k:04d}" for k in range(n)],
            "co_ownership": ["sole", "joint", "shares"] * (n // 3),
            "share": [pd.NA, pd.NA, 0.5] * (n // 3),
            "certificate_no": [f"演(2021)演示县不动产权第{k:07d}号" for k in range(n)],
            "start": pd.Timestamp("2015-01-01"),
            "end": [pd.Timestamp("2055-12-31"), pd.NaT, pd.Timestamp("2039-06-30")] * (n // 3),
            "consent_document": pd.NA,
        }
    )
    kinds = ["mortgage", "pledge", "seizure", "dispute"]
    encumbrances = pd.DataFrame(
        {
            "encumbrance": [f"X{k:03d}" for k in range(4)],
            "right": pd.array(["Q0002", pd.NA, pd.NA, "Q0009"], "string"),
            "parcel": pd.array(
                [pd.NA, parcels["parcel"][4], parcels["parcel"][6], pd.NA], "string"
            ),
            "encumbrance_kind": kinds,
            "start": pd.Timestamp("2024-03-01"),
            "end": [pd.Timestamp("2029-03-01"), pd.NaT, pd.NaT, pd.NaT],
            "registration_no": [f"登记{k:08d}" for k in range(4)],
        }
    )
    return rights, encumbrances


CLAUSES = {
    "4.1 a": (
        "权属清晰,持有林权证、不动产权证、经营权流转合同等文件,出质人有处分权",
        "clear title with certificate or contract, and the pledgor may dispose of it",
    ),
    "4.1 b": ("具有开发条件和意向", "can and will be developed"),
    "4.1 c": ("估值客观:有市场价值证明材料", "objective value: proof of market value"),
    "4.1 d": ("真实、唯一,未质押给其他机构或个人", "real and unique, not pledged to anyone else"),
    "4.1 e": ("不存在司法查封、冻结、强制执行等限制", "no seizure, freeze or enforcement"),
    "4.1 f": ("贷款人要求的其他条件", "other conditions of the lender"),
}


def _counts(clauses: dict[str, tuple[str, str]]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "clause": clause,
                "zh": zh,
                "en": en,
                "yes": 70 - k,
                "no": k * 2,
                "unknown": 30 - k,
                "yes_ha": 1010.123456 - k,
                "no_ha": 20.5 * k,
                "unknown_ha": 480.654321,
                "confidence": "quoted" if k % 2 else "recalled",
                "topic": "additionality" if k == 4 else "land",
            }
            for k, (clause, (zh, en)) in enumerate(clauses.items())
        ]
    )


def _carbon() -> dict[str, pd.DataFrame]:
    years = np.arange(2024, 2047)
    grown = (150_000 * (1 - np.exp(-0.05 * (years - 2010)))).round()
    forecast = pd.DataFrame(
        {
            "year": years,
            "standing_volume_m3": grown * 0.8,
            "above_ground_t_c": grown * 0.2,
            "below_ground_t_c": grown * 0.07,
            "co2e_t": grown.astype(int),
        }
    )
    vintage = np.arange(2021, 2041)
    removal = np.linspace(2_310_457, 1_204_331, 20).round().astype("int64")
    buffer = (removal * 0.1).round().astype("int64")
    vintages = pd.DataFrame(
        {
            "vintage": vintage,
            "removal_kg": removal,
            "emission_kg": 0,
            "baseline_kg": 0,
            "leakage_kg": 0,
            "uncertainty_kg": 0,
            "buffer_kg": buffer,
            "cap_kg": 0,
            "credit_kg": removal - buffer,
        }
    )
    credit = vintages["credit_kg"].to_numpy().reshape(4, 5).sum(1)
    issued = np.diff(np.floor(np.cumsum(credit) / 1000), prepend=0).astype("int64")
    ends = pd.to_datetime([f"{year}-12-31" for year in (2025, 2030, 2035, 2040)])
    issuances = pd.DataFrame(
        {
            "verification_date": ends,
            "issuance_date": ends + pd.Timedelta(days=180),
            "vintages": [f"{y - 4}-{y}" for y in (2025, 2030, 2035, 2040)],
            "credit_kg": credit,
            "issued_t": issued,
        }
    )
    waterfall = pd.DataFrame(
        {
            "line": ["removal", "baseline", "leakage", "buffer", "credit"],
            "clause": ["8.3", "8.2", "8.4", "8.5", "8.5"],
            "zh": [
                "项目清除量",
                "基线清除量:保持项目开始前的土地利用",
                "泄漏",
                "非持久性风险扣减",
                "项目减排量",
            ],
            "en": [
                "Project removals",
                "Baseline: the land stays as it was",
                "Leakage",
                "Deduction for non-permanence",
                "Project reductions",
            ],
            "kg": [removal.sum(), 0, 0, -buffer.sum(), (removal - buffer).sum()],
        }
    )
    return {
        "forecast": forecast,
        "project_forecast": forecast.assign(co2e_t=forecast["co2e_t"] // 3),
        "vintages": vintages,
        "issuances": issuances,
        "waterfall": waterfall,
    }


def _money(issuances: pd.DataFrame) -> dict[str, pd.DataFrame]:
    tonnes = issuances["issued_t"].to_numpy()
    gross = tonnes * 8_250
    factor = 1 / 1.09 ** np.array([0.5, 4.9, 9.8, 14.8])
    net = gross - 15_000_000 // 10
    flow = pd.DataFrame(
        {
            "date": issuances["issuance_date"],
            "kind": "issuance",
            "zh": "签发与出售",
            "en": "Issuance and sale",
            "tonnes": tonnes,
            "price_cny_t": 82.5,
            "gross_fen": gross,
            "delivery_fen": 0,
            "fee_fen": 0,
            "tax_fen": 0,
            "developer_fen": 0,
            "cost_fen": 1_500_000,
            "net_fen": net,
            "discount_factor": factor,
            "present_fen": (net * factor).round().astype("int64"),
            "confidence": "assumed",
        }
    )
    draws = np.random.default_rng(3).normal(int(flow["present_fen"].sum()), 2e7, 4000)
    return {
        "cash_flow": flow,
        "value_draws": pd.DataFrame({"value_fen": draws.round().astype("int64")}),
        "distribution": pd.DataFrame(
            {
                "quantity": ["npv", "tonnes"],
                "zh": ["净现值", "签发量合计"],
                "en": ["net present value", "tonnes issued"],
                "unit": ["fen", "t"],
                "p5": [98_765_432, 25_000],
                "p50": [123_456_789, 30_100],
                "p95": [150_000_000, 35_000],
                "mean": [123_000_000, 30_050],
            }
        ),
        "prices": pd.DataFrame(
            {
                "date": pd.date_range("2026-03-31", periods=5, freq="ME"),
                "market": "全国自愿减排交易市场",
                "instrument": "CCER",
                "price_kind": ["market"] * 3 + ["acquisition", "regulated"],
                "price_cny_t": [82.1, 83.4, 81.0, 80.0, 85.0],
                "volume_t": [1200, 3400, pd.NA, 500, pd.NA],
                "source": "演示数据",
                "confidence": "assumed",
            }
        ),
        "price_parts": pd.DataFrame(
            {
                "price_kind": ["acquisition", "market", "regulated"],
                "price_cny_t": [80.0, 82.79, 85.0],
                "weight_stated": [0.3, 0.5, 0.2],
                "weight_used": [0.3, 0.5, 0.2],
                "observations": [1, 3, 1],
                "volume_t": [500, 4600, pd.NA],
                "latest": pd.Timestamp("2026-07-31"),
                "sources": "演示数据",
                "confidence": "assumed",
            }
        ),
        "discount_parts": pd.DataFrame(
            {
                "component": [
                    "无风险利率",
                    "林业行业风险",
                    "碳价与政策风险",
                    "流动性风险",
                    "灾害风险",
                ],
                "component_en": [
                    "risk free",
                    "forestry",
                    "price and policy",
                    "liquidity",
                    "hazard",
                ],
                "used": [0.02, 0.03, 0.02, 0.015, 0.005],
                "simulated": [0.02, 0.03, 0.0, 0.015, 0.005],
                "low": [0.017, 0.02, 0.01, 0.01, 0.0],
                "mid": [0.02, 0.03, 0.02, 0.015, 0.005],
                "high": [0.026, 0.04, 0.04, 0.03, 0.01],
                "confidence": ["recalled", "inferred", "assumed", "assumed", "assumed"],
            }
        ),
        "sensitivity": pd.DataFrame(
            {
                "zh": ["基准", "价格", "价格", "折现率"],
                "en": ["base", "price", "price", "discount rate"],
                "change": [0.0, -0.2, 0.2, 0.01],
                "value_fen": [123_456_789, 98_765_431, 148_148_147, 115_000_000],
                "difference_fen": [0, -24_691_358, 24_691_358, -8_456_789],
            }
        ),
        "variance_shares": pd.DataFrame(
            {
                "zh": ["减排量", "价格"],
                "en": ["reductions", "price"],
                "first_order": [0.06, 0.93],
                "first_order_error": [0.01, 0.02],
                "total": [0.07, 0.94],
                "total_error": [0.01, 0.02],
            }
        ),
        "cross_checks": pd.DataFrame(
            {
                "method": ["income", "market", "forest"],
                "zh": ["收益法", "市场法", "林木资产"],
                "en": ["income approach", "market approach", "standing trees"],
                "value_fen": [160_257_230, 150_000_000, 300_000_000],
                "difference_fen": pd.array([0, -10_257_230, None], dtype="Int64"),
                "change": [0.0, -0.064, None],
                "because": ["现金流", "4 笔,均价 57.84 元/t", "演示"],
                "because_en": ["cash flow", "4 transactions, mean 57.84 CNY/t", "example"],
                "confidence": ["assumed", "inferred", "assumed"],
            }
        ),
        "forest_assets": pd.DataFrame(
            {
                "age_group": ["young", "mature"],
                "method": ["replacement", "stumpage"],
                "zh": ["重置成本法", "市场价倒算法"],
                "en": ["replacement cost", "market price backward"],
                "stands": [3, 4],
                "area_ha": [10.5, 20.25],
                "volume_m3": [120.0, 3000.5],
                "value_fen": pd.array([100_000_000, 200_000_000], dtype="Int64"),
            }
        ),
        "loan_amounts": pd.DataFrame(
            {
                "limit": ["pledge_rate", "product_cap"],
                "zh": ["质押价值 × 质押率", "产品上限"],
                "en": ["pledge value × pledge rate", "product cap"],
                "amount_fen": pd.array([59_259_259, pd.NA], "Int64"),
                "binding": [True, False],
            }
        ),
        "loan_ends": pd.DataFrame(
            {
                "limit": ["right"],
                "zh": ["权利终止"],
                "en": ["end of the right"],
                "end": [pd.Timestamp("2031-08-31")],
                "binding": [True],
            }
        ),
    }


def _evidence() -> dict[str, pd.DataFrame]:
    digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    names = ["wood_density", "bef", "root_shoot_ratio", "carbon_fraction"]
    values = {
        "wood_density": 0.307,
        "bef": 1.634,
        "root_shoot_ratio": 0.246,
        "carbon_fraction": 0.52,
    }
    units = {
        "wood_density": "t DM m-3",
        "bef": "1",
        "root_shoot_ratio": "1",
        "carbon_fraction": "t C t-1",
    }
    balance = pd.DataFrame(
        {
            "line_code": ["T00", "T10", "T11", "T20", "T21", "T90"],
            "zh": [
                "期初存量",
                "存量增加合计",
                "其中:造林与更新",
                "存量减少合计",
                "其中:采伐",
                "期末存量",
            ],
            "en": [
                "opening stock",
                "total additions",
                "of which afforestation",
                "total reductions",
                "of which harvest",
                "closing stock",
            ],
        }
    )
    classes = [
        "arbor_forest",
        "bamboo_forest",
        "shrub_special",
        "young_plantation",
        "cutover",
        "barren",
        "cropland",
        "total",
    ]
    wide = {name: [15_000_000, 0, 0, 1_200_000, 1_200_000, 13_800_000] for name in classes}
    matrix = pd.DataFrame(
        {
            "from_class": ["arbor_forest", "cropland", "", "total"],
            "zh": ["乔木林地", "耕地", "仅一期有", "合计"],
            "en": ["arbor forest", "cropland", "one survey only", "total"],
            "arbor_forest": [14_000_000, 200_000, 0, 14_200_000],
            "cropland": [100_000, 900_000, 0, 1_000_000],
            "": [0, 0, 0, 0],
            "total": [14_100_000, 1_100_000, 0, 15_200_000],
        }
    )
    return {
        "change_matrix": matrix,
        "verdict_counts": _counts(CLAUSES),
        "condition_counts": _counts(
            {
                f"5.{k}": (f"条件{k}:{zh}", f"condition {k}: {en}")
                for k, (zh, en) in enumerate(CLAUSES.values())
            }
        ),
        "due_diligence": pd.DataFrame(
            {
                "subject": [f"441899101001JC{k:05d}" for k in range(60)],
                "clause": "4.1 d",
                "would_settle": "pledge_search;project_search",
                "pieces": 5,
                "area_ha": 80.25,
            }
        ),
        "documents": pd.DataFrame(
            {
                "document": ["D001", "D002"],
                "document_kind": ["certificate", "pledge_search"],
                "subject_kind": ["right", "project"],
                "subject": ["Q0001", "演示项目"],
                "number": ["演(2021)第1号", pd.NA],
                "date": pd.Timestamp("2026-06-01"),
                "valid_until": pd.NaT,
                "result": ["clear", pd.NA],
                "issuer_kind": ["registry", "registry"],
            }
        ),
        "parameters": pd.DataFrame(
            [
                {
                    "name": name,
                    "key": key,
                    "value": values[name],
                    "unit": units[name],
                    "from": pd.Timestamp("2023-10-24"),
                    "meaning_zh": f"{term(name).zh}:取值",
                    "meaning_en": f"{term(name).en}: value",
                    "source_zh": "CCER-14-001-V01 造林碳汇(《温室气体自愿减排项目方法学》)",
                    "source_en": "CCER-14-001-V01 Afforestation",
                    "locator_zh": "附录 B 表 B.1",
                    "locator_en": "annex B, table B.1",
                    "edition": "biomass-inventory@2026.1",
                    "confidence": "recalled" if key == "桉树" else "quoted",
                }
                for key in ("杉木", "桉树", "阔叶混")
                for name in names
            ]
        ),
        "inputs": pd.DataFrame(
            {
                "role": ["stands", "parcels", "rights"],
                "file": ["stands.gpkg", "parcels.gpkg", "rights.csv"],
                "layer": ["小班_2024", "宗地", pd.NA],
                "rows": [100, 20, 18],
                "crs": ["EPSG:4526", "EPSG:4526", pd.NA],
                "sha256": digest,
            }
        ),
        "findings_summary": pd.DataFrame(
            {
                "code": ["E350", "E221", "E210"],
                "severity": ["error", "warning", "note"],
                "count": [2, 5, 1],
                "area_ha": [0.0123, 45.6, np.nan],
                "zh": ["小班之间重叠", "单位蓄积超出合理范围", "面积与图形不符"],
                "en": ["stands overlap", "volume out of range", "area differs"],
                "accepted_because": [pd.NA, "已与林业站核对外业记录,属实", pd.NA],
            }
        ),
        "balance_area": balance.assign(**wide),
        "balance_volume": balance.assign(
            total=[8_000_000, 900_000, 0, 100_000, 100_000, 8_800_000]
        ),
        "balance_carbon": balance.assign(
            total=[8_123_456, 900_000, 0, 100_000, 100_000, 8_923_456]
        ),
        "versions": pd.DataFrame(
            {"name": ["ecogis", "python", "numpy"], "version": ["0.1.0", "3.11.7", "2.4.6"]}
        ),
        "editions": pd.DataFrame(
            {
                "id": ["CCER-14-001-V01"],
                "edition": ["2023-10"],
                "checked_on": ["2026-11-01"],
                "sha256": [digest],
            }
        ),
    }


def _summary(tables: dict[str, pd.DataFrame]) -> dict[str, object]:
    stands, flow = tables["stands"], tables["cash_flow"]
    return {
        "project": {
            "name": AWKWARD,
            "province": "广东省",
            "valuation_date": date(2026, 8, 31),
            "seed": 20260831,
        },
        "methodology": {
            "id": "CCER-14-001-V01",
            "edition": "2023-10",
            "title_zh": "造林碳汇",
            "title_en": "Afforestation",
            "in_force_from": date(2023, 10, 24),
            "registration_open": True,
            "crediting_start": date(2021, 1, 1),
            "crediting_years": 20,
            "declared": [
                {
                    "clause": "5.4",
                    "zh": "条件4:不存在司法查封",
                    "en": "condition 4: no seizure",
                    "value": True,
                    "because": "委托人声明:已论证",
                }
            ],
        },
        "totals": {
            "stands": 100,
            "parcels": 20,
            "rights": 18,
            "pieces": 100,
            "area_ha": 1500.5,
            "forest_ha": 1290.25,
            "standing_volume_m3": 98_765.4,
            "stock_co2e_kg_valuation": int(stands["co2e_kg"].sum()),
            "creditable_ha": 800.1,
            "excluded_ha": 480.3,
            "unknown_ha": 220.1,
            "pledgeable_ha": 610.7,
            "credit_kg": int(tables["vintages"]["credit_kg"].sum()),
            "issued_t": int(tables["issuances"]["issued_t"].sum()),
            "pledge_issued_t": 20_123,
        },
        "valuation": {
            "sharing_zh": "项目共同成本由可质押部分承担 45.57%。",
            "sharing_en": "The pledgeable part bears 45.57% of the project's common costs.",
            "reference_price": 82.4,
            "discount_rate": 0.09,
            "npv_fen": int(flow["present_fen"].sum()),
            "p5_fen": 98_765_432,
            "p50_fen": 123_456_789,
            "p95_fen": 150_000_000,
            "pledge_value_fen": 98_765_432,
            "pledge_rate": 0.6,
            "principal_fen": 59_000_000,
            "tenor_years": 5,
            "binding_zh": "质押价值 × 质押率",
            "binding_en": "pledge value × pledge rate",
            "binding_end_zh": "申请期限",
            "binding_end_en": "term requested",
            "quantile_name_zh": "5% 分位数",
            "quantile_name_en": "5% quantile",
            "timing_zh": "按实际天数除以 365",
            "timing_en": "actual days over 365",
            "simulated_zh": "价格",
            "simulated_en": "price",
            "simulated_rate": 0.07,
            "return_zh": "12.00%",
            "return_en": "12.00%",
            "duration_years": "7.60",
            "least_cover": 1.2,
            "cover_at_zh": "到期时",
            "cover_at_en": "at maturity",
            "other_income_fen": 2_000_000,
            "limits_because_zh": "演示用假定",
            "limits_because_en": "assumed for this demonstration",
            "draws": 4000,
        },
        "balance": {"opening_date": date(2019, 12, 31), "closing_date": date(2024, 12, 31)},
        "analogy": False,
        "weakest_confidence": "assumed",
        "manifest": {"sha256": "3" * 64, "version": "0.1.0", "created": "2026-11-22T08:00:00Z"},
    }


def _parcel_values(parcels: geopandas.GeoDataFrame, rights: pd.DataFrame) -> pd.DataFrame:
    """Four parcels carry the value, the others none."""
    n = len(parcels)
    area = (parcels["area_ha"] * 1_000_000).round().astype("int64")
    part = np.where(np.arange(n) < 4, np.arange(4, 4 - n, -1), 0)
    held = rights.set_index("parcel")["holder"]
    return pd.DataFrame(
        {
            "parcel": parcels["parcel"],
            "location": parcels["location"],
            "holder": parcels["parcel"].map(held),
            "certificate_no": pd.NA,
            "pieces": 5,
            "area_dm2": area,
            "creditable_dm2": area,
            "pledgeable_dm2": np.where(part > 0, area, 0),
            "co2e_kg": 100_000,
            "credit_kg": 50_000,
            "pledgeable_kg": part * 10_000,
            "value_fen": pd.array(part * 16_025_723, "Int64"),
            "pledge_value_fen": pd.array(part * 9_876_543 + (np.arange(n) == 0) * 2, "Int64"),
            "value_fen_ha": pd.array((part * 16_025_723 / area * 1e6).round().astype(int), "Int64"),
        }
    )


def make_content() -> Content:
    """A full run."""
    stands = _stands()
    parcels = _parcels(stands)
    rights, encumbrances = _rights(parcels)
    tables: dict[str, pd.DataFrame] = {
        "stands": stands,
        "parcels": parcels,
        "pieces": _pieces(stands, parcels),
        "rights": rights,
        "encumbrances": encumbrances,
        **_carbon(),
        **_evidence(),
    }
    tables |= _money(tables["issuances"])
    for name, key in (("stock_by_species", "species"), ("stock_by_age", "age_group")):
        forest = stands[stands["species"].notna()]
        sums = forest.assign(
            stands=1, standing_volume_m3=forest["standing_volume"] * forest["area_ha"]
        )
        columns = ["stands", "area_ha", "standing_volume_m3", "co2e_kg"]
        tables[name] = pd.DataFrame(sums).groupby(key, as_index=False)[columns].sum()
    tables["area_by_class"] = pd.DataFrame(
        {
            "land_class": ["arbor_forest", "cropland"],
            "stands": [86, 14],
            "area_ha": [1290.25, 210.25],
        }
    )
    tables["parcel_values"] = _parcel_values(parcels, rights)
    x, y = np.linspace(500_000, 509_000, 120), np.linspace(2_628_000, 2_619_000, 120)
    relief = 300 + 80 * np.sin(x[None, :] / 700) + 60 * np.cos(y[:, None] / 500)
    dem = xr.DataArray(
        relief, coords={"y": y, "x": x}, dims=("y", "x"), attrs={"crs": "EPSG:4547", "units": "m"}
    )
    return Content(_summary(tables), tables, dem)


@pytest.fixture(scope="session")
def content() -> Content:
    """A run with everything in it."""
    return make_content()


@pytest.fixture(scope="session")
def barren() -> Content:
    """A run in which nothing is creditable, and little else was given."""
    whole = make_content()
    kept = ("stands", "verdict_counts", "condition_counts", "inputs")
    summary = {
        key: dict(value) if isinstance(value, dict) else value
        for key, value in whole.summary.items()
    }
    summary["valuation"] = {}
    summary["totals"] |= {"creditable_ha": 0.0, "pledgeable_ha": 0.0}
    summary["analogy"] = True
    summary["project"]["province"] = "广西壮族自治区"
    summary["methodology"]["registration_open"] = False
    return Content(summary, {name: whole.tables[name] for name in kept})


@pytest.fixture(scope="session")
def pictures(content: Content) -> dict[str, dict[str, bytes]]:
    """All figures, by language."""
    return {lang: draw(content, lang=lang) for lang in ("zh", "en")}


@pytest.fixture(scope="session")
def composed(content: Content, pictures: dict[str, dict[str, bytes]]) -> dict[str, Report]:
    """The full report, by language."""
    return {lang: compose(content, lang=lang, pictures=drawn) for lang, drawn in pictures.items()}


@pytest.fixture(scope="session")
def appraisal(content: Content, pictures: dict[str, dict[str, bytes]]) -> dict[str, Report]:
    """The appraisal report, by language."""
    return {
        lang: compose(content, lang=lang, form="asset", pictures=drawn)
        for lang, drawn in pictures.items()
    }


@pytest.fixture(scope="session")
def explanation(content: Content) -> dict[str, Report]:
    """The explanation, by language; without figures."""
    return {lang: compose(content, lang=lang, form="explanation") for lang in ("zh", "en")}


@pytest.fixture(scope="session")
def bare(barren: Content) -> dict[str, Report]:
    """The report of a run in which nothing is creditable, by language; without figures."""
    return {lang: compose(barren, lang=lang) for lang in ("zh", "en")}
