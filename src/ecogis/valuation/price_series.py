"""Observed prices: the series of one instrument, its years, and auctions that found no buyer."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require

__all__ = ["AuctionOutcomes", "PriceSeries", "auction_outcomes", "price_series", "yearly_prices"]

_COLUMNS: Final = ("date", "instrument", "price_kind", "price_cny_t", "volume_t")
_EVERY: Final = ("day", "month_end", "month_mean")
_PLACE: Final = r"^(\D+)\d"  # the name before a number of villages
_REASONS: Final = {
    "outside": ("不在所取时段内", "outside the span asked for"),
    "unpriced": ("无日期或无有效价格", "without a date or a price above 0"),
    "still": ("当日无成交,价格为前收盘价的延续", "no trade that day, the price before carried on"),
}


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """Prices of one instrument in order of time, each once.

    Attributes
    ----------
    instrument : str
        Whose prices.
    every : {"day", "month_end", "month_mean"}
        What one row stands for.
    table : DataFrame
        ``date``, ``price_cny_t`` [CNY t-1], ``volume_t`` [t].
    """

    instrument: str
    every: Literal["day", "month_end", "month_mean"]
    table: pd.DataFrame

    @property
    def label(self) -> str:
        """Instrument, first and last day, number of prices."""
        if self.table.empty:
            return f"{self.instrument}, n = 0"
        first, last = self.table["date"].iloc[[0, -1]].dt.strftime("%Y-%m-%d")
        return f"{self.instrument} {first}/{last}, {self.every}, n = {len(self.table)}"


def price_series(
    prices: pd.DataFrame,
    instrument: str,
    *,
    findings: Findings,
    start: dt.date | None = None,
    end: dt.date | None = None,
    every: Literal["day", "month_end", "month_mean"] = "day",
) -> PriceSeries:
    """Market prices of one instrument, one for a day or a month.

    A day without trade is a gap: the price an exchange carries on with a volume of 0 is no new
    price. Several prices of one day are averaged, weighted by volume where all have one.

    Parameters
    ----------
    prices : DataFrame, one row per observation
        ``date``, ``instrument``, ``price_kind``, ``price_cny_t`` [CNY t-1], ``volume_t`` [t].
    instrument : str
        As the table has it; only its market prices are taken.
    findings : Findings
        Takes what was left out.
    start, end : date, optional
        First and last day taken.
    every : {"day", "month_end", "month_mean"}
        Each day; the last price of each month; or the month's mean, weighted by volume, on the
        month's last day of trade.

    Returns
    -------
    PriceSeries
        In order of time; empty when there is none.

    Raises
    ------
    ConfigError
        E002: `every` is none of the three.

    Findings
    --------
    E867
        Observations of the instrument that were not used, by reason.

    Examples
    --------
    >>> seen = pd.DataFrame(
    ...     {
    ...         "date": pd.to_datetime(["2026-08-03", "2026-08-04", "2026-08-05"]),
    ...         "instrument": "CEA",
    ...         "price_kind": "market",
    ...         "price_cny_t": [90.0, 90.0, 96.0],
    ...         "volume_t": [100.0, 0.0, 50.0],
    ...     }
    ... )
    >>> findings = Findings()
    >>> price_series(seen, "CEA", findings=findings).table["price_cny_t"].tolist()
    [90.0, 96.0]
    >>> means = price_series(seen, "CEA", findings=findings, every="month_mean").table
    >>> means["price_cny_t"].tolist()
    [92.0]
    """
    require(prices, _COLUMNS, "prices")
    if every not in _EVERY:
        raise ConfigError("E002", value=every, expected=", ".join(_EVERY))
    own = prices[prices["instrument"].eq(instrument) & prices["price_kind"].eq("market")]
    date = pd.to_datetime(own["date"])
    price = pd.to_numeric(own["price_cny_t"], errors="coerce")
    volume = pd.to_numeric(own["volume_t"], errors="coerce")
    reason = pd.Series("", index=own.index)
    reason[volume.eq(0.0)] = "still"
    if start is not None:
        reason[date < pd.Timestamp(start)] = "outside"
    if end is not None:
        reason[date > pd.Timestamp(end)] = "outside"
    reason[date.isna() | ~(price > 0.0) | ~np.isfinite(price)] = "unpriced"
    for why, (zh, en) in _REASONS.items():
        count = int((reason == why).sum())
        if count:
            findings.add(
                "E867", layer="prices", column="price_cny_t", observed=count,
                instrument=instrument, why_zh=zh, why_en=en,
            )  # fmt: skip
    table = pd.DataFrame({"date": date, "price_cny_t": price, "volume_t": volume})
    days = _averaged(table[reason == ""], table["date"])
    return PriceSeries(instrument, every, _by_month(days, every))


def _averaged(table: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    """Mean price of each group on its last day, weighted by volume where all have one."""
    key = group.reindex(table.index)
    known = table["volume_t"].notna().groupby(key).transform("all")
    weight = table["volume_t"].where(known, 1.0)
    paid = (table["price_cny_t"] * weight).groupby(key).sum() / weight.groupby(key).sum()
    date, volume = table["date"].groupby(key).max(), table["volume_t"].groupby(key).sum(min_count=1)
    found = pd.DataFrame({"date": date, "price_cny_t": paid, "volume_t": volume})
    return found.reset_index(drop=True).sort_values("date", ignore_index=True)


def _by_month(days: pd.DataFrame, every: str) -> pd.DataFrame:
    month = days["date"].dt.to_period("M")
    if every == "month_end":
        return days.groupby(month).tail(1).reset_index(drop=True)
    return _averaged(days, month) if every == "month_mean" else days


def yearly_prices(prices: pd.DataFrame, *, trading_days: int) -> pd.DataFrame:
    r"""What a year of daily prices was like, by instrument.

    The volatility is the standard deviation of the logarithm's changes from one priced day to the
    next within the year, over a year of `trading_days`:

    .. math:: s = \sqrt{D} \cdot \sqrt{\tfrac1n \sum_i (r_i - \bar r)^2}

    Parameters
    ----------
    prices : DataFrame, one row per observation
        ``date``, ``instrument``, ``price_kind``, ``price_cny_t`` [CNY t-1], ``volume_t`` [t]; rows
        of market prices count, days with a price and no trade too. With ``turnover_cny`` [CNY] the
        weighted mean is turnover over volume, else prices weighted by volume.
    trading_days : int
        Trading days of a year.

    Returns
    -------
    DataFrame, one row per instrument and year
        ``instrument year days first_cny_t last_cny_t low_cny_t high_cny_t mean_cny_t
        weighted_cny_t`` [CNY t-1], ``volume_t`` [t], ``volatility`` [yr-0.5]; missing with fewer
        than two changes.

    Examples
    --------
    >>> seen = pd.DataFrame(
    ...     {
    ...         "date": pd.to_datetime(["2026-01-05", "2026-01-06", "2026-01-07"]),
    ...         "instrument": "CEA",
    ...         "price_kind": "market",
    ...         "price_cny_t": [80.0, 100.0, 80.0],
    ...         "volume_t": [1.0, 3.0, 0.0],
    ...     }
    ... )
    >>> year = yearly_prices(seen, trading_days=100).iloc[0]
    >>> (
    ...     float(year["mean_cny_t"]),
    ...     float(year["weighted_cny_t"]),
    ...     round(float(year["volatility"]), 4),
    ... )
    (86.66666666666667, 95.0, 2.2314)
    """
    require(prices, _COLUMNS, "prices")
    good = prices["price_kind"].eq("market") & (prices["price_cny_t"] > 0.0)
    known = prices[good].sort_values("date", kind="stable")
    years = pd.to_datetime(known["date"]).dt.year.rename("year")
    rows = [
        {"instrument": name, "year": year} | _year(group, trading_days)
        for (name, year), group in known.groupby([known["instrument"], years])
    ]
    return pd.DataFrame(rows)


def _year(group: pd.DataFrame, trading_days: int) -> dict[str, float]:
    price = group["price_cny_t"].to_numpy(dtype=np.float64)
    volume = group["volume_t"].to_numpy(dtype=np.float64, na_value=0.0)
    paid = price * volume
    if "turnover_cny" in group:
        paid = pd.to_numeric(group["turnover_cny"]).to_numpy(dtype=np.float64)
    changes = np.diff(np.log(price))
    return {
        "days": len(price),
        "first_cny_t": price[0],
        "last_cny_t": price[-1],
        "low_cny_t": price.min(),
        "high_cny_t": price.max(),
        "mean_cny_t": price.mean(),
        "weighted_cny_t": paid.sum() / volume.sum() if volume.any() else np.nan,
        "volume_t": volume.sum(),
        "volatility": changes.std() * np.sqrt(trading_days) if len(changes) > 1 else np.nan,
    }


@dataclass(frozen=True, slots=True)
class AuctionOutcomes:
    """What became of lots offered.

    Attributes
    ----------
    by_year : DataFrame
        ``year``, ``sold_t unsold_t not_stated_t`` [t], ``price_cny_t`` of what was sold
        [CNY t-1], ``unsold_share`` of the lots whose result is known [1].
    resold : DataFrame, one row per unsold lot
        ``lot``, ``date``, ``volume_t`` [t], and the next lot sold from the same place:
        ``next_lot``, ``next_date``, ``next_t`` [t], ``next_cny_t`` [CNY t-1], ``delay_days`` [d];
        missing where none was.
    """

    by_year: pd.DataFrame
    resold: pd.DataFrame


def auction_outcomes(
    lots: pd.DataFrame,
    *,
    findings: Findings,
    lot: str = "project",
    note: str = "note",
    unsold: Collection[str] = ("unsold", "流拍", "未成交"),
) -> AuctionOutcomes:
    """Share of an auction's tonnes that found no buyer, and how long until the place sold.

    A lot without a price is unsold only when its note says so; otherwise its result is not stated
    and counts on neither side. Two lots are of one place when their names agree up to the number
    of villages; whether they are the same tonnes is not known.

    Parameters
    ----------
    lots : DataFrame, one row per lot
        ``date``, ``price_cny_t`` [CNY t-1], ``volume_t`` [t], and the two columns named below.
    findings : Findings
        Takes the unsold share and the delays.
    lot, note : str
        Columns of the lot's name and of the remark.
    unsold : collection of str
        Remarks that say that nobody bought. A policy.

    Returns
    -------
    AuctionOutcomes
        By year, and lot by lot.

    Findings
    --------
    E868
        Lots found no buyer.

    Examples
    --------
    >>> notices = pd.DataFrame(
    ...     {
    ...         "date": pd.to_datetime(["2024-03-01", "2024-09-01"]),
    ...         "project": ["甲县9村", "甲县8村"],
    ...         "price_cny_t": [np.nan, 36.0],
    ...         "volume_t": [300.0, 100.0],
    ...         "note": ["unsold", ""],
    ...     }
    ... )
    >>> outcomes = auction_outcomes(notices, findings=Findings())
    >>> float(outcomes.by_year["unsold_share"][0]), int(outcomes.resold["delay_days"][0])
    (0.75, 184)
    """
    require(lots, ("date", "price_cny_t", "volume_t", lot, note), "auctions")
    names = lots[lot].astype("string")
    place = names.str.extract(_PLACE)[0].fillna(names)
    table = pd.DataFrame(
        {
            "date": pd.to_datetime(lots["date"]),
            "lot": names,
            "place": place,
            "volume_t": lots["volume_t"].astype("float64"),
            "price_cny_t": lots["price_cny_t"].astype("float64"),
        }
    )
    failed = table["price_cny_t"].isna() & lots[note].isin(list(unsold)).to_numpy(dtype=bool)
    sold = table["price_cny_t"].notna()
    by_year = _outcomes_by_year(table, sold, failed)
    resold = _resold(table[failed], table[sold])
    if failed.any():
        delays = resold["delay_days"].dropna().astype(int)
        tonnes, known = table.loc[failed, "volume_t"].sum(), table.loc[sold | failed, "volume_t"]
        findings.add(
            "E868", layer="prices", observed=int(failed.sum()), tonnes=f"{tonnes:,.0f}",
            share=f"{tonnes / known.sum():.3f}", days=", ".join(map(str, delays)) or "—",
        )  # fmt: skip
    return AuctionOutcomes(by_year, resold)


def _outcomes_by_year(table: pd.DataFrame, sold: pd.Series, failed: pd.Series) -> pd.DataFrame:
    year, tonnes = table["date"].dt.year.rename("year"), table["volume_t"]
    paid = (tonnes * table["price_cny_t"]).where(sold).groupby(year).sum()
    found = pd.DataFrame(
        {
            "sold_t": tonnes.where(sold).groupby(year).sum(),
            "unsold_t": tonnes.where(failed).groupby(year).sum(),
            "not_stated_t": tonnes.where(~(sold | failed)).groupby(year).sum(),
        }
    )
    found["price_cny_t"] = (paid / found["sold_t"]).where(found["sold_t"] > 0.0)
    known = found["sold_t"] + found["unsold_t"]
    found["unsold_share"] = (found["unsold_t"] / known).where(known > 0.0)
    return found.reset_index()


def _resold(failed: pd.DataFrame, sold: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for one in failed.to_dict("records"):
        after = sold[(sold["place"] == one["place"]) & (sold["date"] > one["date"])]
        following = after.sort_values("date").iloc[:1]
        rows.append(
            {
                "lot": one["lot"],
                "date": one["date"],
                "volume_t": one["volume_t"],
                "next_lot": following["lot"].squeeze() if len(following) else pd.NA,
                "next_date": following["date"].max(),
                "next_t": following["volume_t"].sum(min_count=1),
                "next_cny_t": following["price_cny_t"].sum(min_count=1),
                "delay_days": (following["date"].max() - one["date"]).days,
            }
        )
    names = ["lot", "date", "volume_t", "next_lot", "next_date", "next_t", "next_cny_t"]
    return pd.DataFrame(rows, columns=[*names, "delay_days"])
