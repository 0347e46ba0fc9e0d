"""The reference price: three sources taken together with stated weights (clause 4.2 a)."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any, Final

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError, InputError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import code_label, codes, require
from ecogis.methods.confidence import CONFIDENCES, weakest
from ecogis.valuation.money import exact, fen

__all__ = ["ReferencePrice", "reference_price"]

_COLUMNS: Final = (
    "date",
    "instrument",
    "price_kind",
    "price_cny_t",
    "volume_t",
    "source",
    "confidence",
    "row",
)
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ReferencePrice:
    """The price at the valuation date, the parts it is made of and their weakest confidence."""

    date: dt.date
    price_cny_t: Decimal
    parts: pd.DataFrame
    confidence: str

    @property
    def price_fen(self) -> int:
        """The price. [fen t-1]"""
        return fen(self.price_cny_t)


def reference_price(
    prices: pd.DataFrame,
    date: dt.date,
    *,
    weights: Mapping[str, float],
    lookback_days: int,
    findings: Findings,
    instruments: Collection[str] = (),
) -> ReferencePrice:
    """Price of a tonne by the three sources of clause 4.2 a, weighted as stated.

    Observations count from `lookback_days` before the valuation date up to that date. Acquisition
    and market prices are means weighted by volume over the observations that have one (plain means
    when none has); the regulated price is the latest. Each part is rounded to 0.01 before it is
    weighted, so that the printed parts give the printed price.

    Parameters
    ----------
    prices : DataFrame, one row per observation
        ``date``, ``instrument``, ``price_kind``, ``price_cny_t`` [CNY t-1], ``volume_t`` [t],
        ``source``, ``confidence``, ``row``.
    date : date
        Valuation date.
    weights : mapping
        Shares of ``acquisition``, ``market`` and ``regulated``; they add up to 1. [1]
    lookback_days : int
        Length of the look-back. [d]
    findings : Findings
        Takes what was left out or replaced.
    instruments : collection of str, optional
        Instruments taken as equivalent to the reductions valued; others are left out. None named:
        all count, and a mixture is a finding.

    Returns
    -------
    ReferencePrice
        Price to 0.01 CNY t-1; parts: ``price_kind zh en weight_stated weight_used price_cny_t
        observations volume_t latest sources confidence``.

    Raises
    ------
    InputError
        E520: no observation in the look-back for any source that has weight.
    ConfigError
        E521: the weights are not three shares that add up to 1.

    Findings
    --------
    E522
        A source with weight has no observation; its weight goes to the others in proportion.
    E523, E524, E525, E526, E527
        Rows not usable; instruments mixed; observations not used; no volume; no confidence.

    References
    ----------
    .. [1] T/GZGFA 8—2026, clause 4.2 a.

    Examples
    --------
    >>> seen = pd.DataFrame(
    ...     {
    ...         "date": pd.to_datetime(["2026-08-28", "2026-08-31"]),
    ...         "instrument": "CCER",
    ...         "price_kind": "market",
    ...         "price_cny_t": [80.0, 90.0],
    ...         "volume_t": [100.0, 300.0],
    ...         "source": "exchange",
    ...         "confidence": "quoted",
    ...         "row": [1, 2],
    ...     }
    ... )
    >>> findings = Findings()
    >>> shares = {"acquisition": 0.25, "market": 0.5, "regulated": 0.25}
    >>> found = reference_price(
    ...     seen, dt.date(2026, 8, 31), weights=shares, lookback_days=30, findings=findings
    ... )
    >>> found.price_cny_t, findings.count("E522")
    (Decimal('87.50'), 2)
    """
    require(prices, _COLUMNS, "prices")
    stated = _stated(weights)
    recent = _recent(_usable(prices, findings), date, lookback_days, instruments, findings)
    groups = {kind: recent[recent["price_kind"] == kind] for kind in stated}
    used = _used(stated, groups)
    if not used:
        raise InputError("E520", date=date, days=lookback_days)
    _report_missing(stated, used, date, findings)
    means = {
        kind: _to_cent(_mean(kind, group, findings)) for kind, group in groups.items() if len(group)
    }
    price = sum((weight * Fraction(means[kind]) for kind, weight in used.items()), Fraction(0))
    parts = pd.DataFrame([_part(kind, groups[kind]) for kind in stated])
    parts.insert(3, "weight_stated", [float(weight) for weight in stated.values()])
    parts.insert(4, "weight_used", [float(used.get(kind, 0)) for kind in stated])
    parts.insert(5, "price_cny_t", [float(means.get(kind, "nan")) for kind in stated])
    marks = parts.loc[parts["weight_used"] > 0, "confidence"].tolist()
    return ReferencePrice(date, _to_cent(price), parts, weakest(marks))


def _stated(weights: Mapping[str, float]) -> dict[str, Fraction]:
    kinds = list(codes("price_kind"))
    if set(weights) != set(kinds):
        raise ConfigError("E521", what=f"{sorted(weights)}")
    stated = {kind: Fraction(exact(weights[kind], f"weights.{kind}")) for kind in kinds}
    if sum(stated.values()) != 1 or min(stated.values()) < 0:
        raise ConfigError("E521", what=f"{dict(weights)}")
    return stated


def _usable(prices: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    price = pd.to_numeric(prices["price_cny_t"], errors="coerce")
    known = prices["price_kind"].isin(list(codes("price_kind"))).to_numpy(dtype=bool)
    good = known & (price > 0).to_numpy(dtype=bool) & np.isfinite(price.to_numpy(dtype=float))
    good &= prices["date"].notna().to_numpy(dtype=bool)
    about: dict[str, Any] = {"row": prices["row"], "feature": prices["row"], "layer": "prices"}
    findings.add(
        "E523", where=~good, observed=prices["price_cny_t"], action="excluded",
        column="price_cny_t", **about,
    )  # fmt: skip
    silent = good & ~prices["confidence"].isin(CONFIDENCES).to_numpy(dtype=bool)
    findings.add("E527", where=silent, column="confidence", **about)
    marks = prices["confidence"].where(~pd.Series(silent, index=prices.index), "assumed")
    usable: pd.DataFrame = prices.assign(confidence=marks, price_cny_t=price).loc[good]
    return usable


def _recent(
    prices: pd.DataFrame,
    date: dt.date,
    lookback_days: int,
    instruments: Collection[str],
    findings: Findings,
) -> pd.DataFrame:
    last = pd.Timestamp(date)
    days = (last - pd.to_datetime(prices["date"])).dt.days
    late, early = days < 0, days > lookback_days
    other = pd.Series(False, index=prices.index)
    if instruments:
        other = ~(late | early | prices["instrument"].isin(list(instruments)))
    for mask, zh, en in (
        (late, "晚于估值基准日", "later than the valuation date"),
        (early, f"早于回溯期 {lookback_days} 天", f"before the look-back of {lookback_days} days"),
        (other, "品种不在同等之列", "the instrument is not among the equivalent ones"),
    ):
        if mask.any():
            findings.add("E525", layer="prices", observed=int(mask.sum()), why_zh=zh, why_en=en)
    recent: pd.DataFrame = prices.loc[~(late | early | other)]
    if not instruments:
        _report_mixture(recent, findings)
    return recent


def _report_mixture(recent: pd.DataFrame, findings: Findings) -> None:
    for kind, group in recent.groupby("price_kind"):
        names = sorted(group["instrument"].astype(str).unique())
        if len(names) > 1:
            findings.add("E524", layer="prices", instruments=", ".join(names), **_kind_names(kind))


def _used(
    stated: Mapping[str, Fraction], groups: Mapping[str, pd.DataFrame]
) -> dict[str, Fraction]:
    """Weights of the sources that have observations, scaled to 1; empty when there is none."""
    present = {kind: weight for kind, weight in stated.items() if weight and len(groups[kind])}
    total = sum(present.values())
    return {kind: weight / total for kind, weight in present.items()}


def _report_missing(
    stated: Mapping[str, Fraction], used: Mapping[str, Fraction], date: dt.date, findings: Findings
) -> None:
    for kind, weight in stated.items():
        if weight and kind not in used:
            findings.add(
                "E522", layer="prices", column="price_kind", feature=kind, date=date,
                weight=float(weight), **_kind_names(kind),
            )  # fmt: skip


def _part(kind: str, group: pd.DataFrame) -> dict[str, Any]:
    return {
        "price_kind": kind,
        "zh": code_label("price_kind", kind, "zh"),
        "en": code_label("price_kind", kind, "en"),
        "observations": len(group),
        "volume_t": float(pd.to_numeric(group["volume_t"], errors="coerce").sum()),
        "latest": pd.to_datetime(group["date"]).max(),
        "sources": "; ".join(sorted(group["source"].dropna().astype(str).unique())),
        "confidence": weakest(group["confidence"].tolist()) if len(group) else "",
    }


def _mean(kind: str, group: pd.DataFrame, findings: Findings) -> Fraction:
    if kind == "regulated":  # a regulated price holds until the next one replaces it
        group = group[group["date"] == group["date"].max()]
        volumes = [Fraction(1)] * len(group)
    else:
        group, volumes = _volumes(kind, group, findings)
    values = [Fraction(exact(price, "price_cny_t")) for price in group["price_cny_t"]]
    paid = sum((v * p for v, p in zip(volumes, values, strict=True)), Fraction(0))
    return paid / sum(volumes, Fraction(0))


def _volumes(
    kind: str, group: pd.DataFrame, findings: Findings
) -> tuple[pd.DataFrame, list[Fraction]]:
    volume = pd.to_numeric(group["volume_t"], errors="coerce")
    traded = volume > 0
    without = int((~traded).sum())
    if without:
        zh, en = ("不计入加权平均", "they do not enter the weighted mean")
        if without == len(group):
            zh, en = ("按简单平均计算", "the plain mean is used")
        findings.add(
            "E526", layer="prices", column="volume_t", observed=without, used_zh=zh, used_en=en,
            **_kind_names(kind),
        )  # fmt: skip
    if without == len(group):
        return group, [Fraction(1)] * len(group)
    return group[traded], [Fraction(exact(v, "volume_t")) for v in volume[traded]]


def _kind_names(kind: object) -> dict[str, str]:
    return {f"kind_{lang}": code_label("price_kind", kind, lang) for lang in ("zh", "en")}


def _to_cent(price: Fraction) -> Decimal:
    """The price to 0.01, half to even, from the exact fraction."""
    return (Decimal(round(price * 100)) * _CENT).quantize(_CENT, ROUND_HALF_EVEN)
