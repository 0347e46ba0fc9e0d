"""A price process from a price series: figures with errors, checks, and refusal where it is due."""

import math
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.valuation.price_fits import Fit, brownian, is_even, jumping, residual_checks, returning
from ecogis.valuation.price_series import PriceSeries
from ecogis.valuation.processes import PriceProcess

__all__ = ["Calibration", "CalibrationPolicy", "calibrate"]

Floats = npt.NDArray[np.float64]
Kind = Literal["gbm", "mean_reverting", "jump"]

_DAYS_PER_YEAR: Final = 365  # as in discounting
_TOLD: Final = 1.96  # standard errors a drift must be away from 0, two-sided 5 %
_FIGURES: Final = {
    "volatility": ("波动率", "volatility", "yr-0.5"),
    "drift": ("漂移率", "drift", "yr-1"),
    "reversion": ("均值回复速度", "reversion", "yr-1"),
    "level_cny_t": ("回复水平", "level returned to", "CNY t-1"),
    "jump_rate": ("跳跃频率", "jumps a year", "yr-1"),
    "jump_mean": ("跳跃均值", "mean of a jump", "1"),
    "jump_spread": ("跳跃标准差", "standard deviation of a jump", "1"),
}
_CHECKS: Final = {
    "normal": ("正态性(Jarque–Bera)", "normality (Jarque-Bera)"),
    "independent": ("自相关(Ljung–Box)", "autocorrelation (Ljung-Box)"),
    "steady": ("平方的自相关(Ljung–Box)", "autocorrelation of squares (Ljung-Box)"),
}


@dataclass(frozen=True, slots=True)
class CalibrationPolicy:
    """What a record must carry before a process is built on it. A policy.

    Parameters
    ----------
    least_steps : int
        Changes of the price.
    least_years : float
        From the first price to the last. [yr]
    least_gain : float
        What reversion must add to the log-likelihood of Brownian motion. Under no reversion the
        gain is not half a chi-square: it follows Dickey and Fuller, and passes 4.1 in 5 of 100
        records.
    least_half_life_yr : float
        Time in which half the distance to the level is gone. What returns faster is the noise
        between trades: it says nothing of the price years ahead, and would make it look certain.
        [yr]
    threshold : float
        Standard deviations beyond which a change is a jump.
    least_jumps : int
        Jumps a rate, mean and spread can be taken from.
    doubt : float
        p-value below which a check of the residuals is told.
    """

    least_steps: int = 30
    least_years: float = 1.0
    least_gain: float = 4.1
    least_half_life_yr: float = 1.0 / 12.0
    threshold: float = 3.0
    least_jumps: int = 5
    doubt: float = 0.01


@dataclass(frozen=True, slots=True)
class Calibration:
    """A process fitted to a series.

    Attributes
    ----------
    kind : {"gbm", "mean_reverting", "jump"}
        Which process.
    series : PriceSeries
        What it was fitted to.
    process : PriceProcess or None
        For `PriceModel`; None where the record cannot carry it. A drift that is not told from 0
        is 0 in it.
    figures : DataFrame
        ``figure zh en unit value standard_error low high``, the last two by the profile of the
        likelihood for the reversion; empty where nothing could be fitted.
    checks : DataFrame
        ``check zh en statistic p_value`` of the residuals.
    residuals : DataFrame
        ``date``, ``residual`` [1], ``jump`` (taken as a jump; its residual is missing).
    steps : int
        Changes of the price.
    span_yr : float
        From the first price to the last. [yr]
    clock : {"weekdays", "calendar"}
        What time runs by: weekdays, or days where a price was made on a weekend.
    log_likelihood, gain : float
        Of the changes; and what reversion adds to Brownian motion.
    """

    kind: Kind
    series: PriceSeries
    process: PriceProcess | None
    figures: pd.DataFrame
    checks: pd.DataFrame
    residuals: pd.DataFrame
    steps: int
    span_yr: float
    clock: Literal["weekdays", "calendar"]
    log_likelihood: float
    gain: float

    def value(self, figure: str) -> float:
        """A figure by its name."""
        return float(self.figures["value"][self.figures["figure"].eq(figure)].iloc[0])


def calibrate(
    series: PriceSeries,
    *,
    kind: Kind,
    findings: Findings,
    policy: CalibrationPolicy | None = None,
) -> Calibration:
    r"""A process for the logarithm of a price, fitted to its record.

    Steps may be uneven: a day without trade lengthens the step over it. Time runs by weekdays,
    scaled to the calendar's length, since prices hardly move on days without an exchange; where a
    price was made on a weekend, by calendar days.

    A series of monthly means carries Brownian motion only. Means change less than prices: their
    variance is two thirds of that of the price, which is put right [1]_.

    Parameters
    ----------
    series : PriceSeries
        As `price_series` gives it.
    kind : {"gbm", "mean_reverting", "jump"}
        Maximum likelihood in closed form; exact likelihood over the profile of the speed; or
        Brownian motion with jumps by a stated threshold.
    findings : Findings
        Takes refusal and doubts.
    policy : CalibrationPolicy, optional
        What the record must carry.

    Returns
    -------
    Calibration
        With figures even where no process can be built on them.

    Raises
    ------
    ConfigError
        E002: another kind.

    Findings
    --------
    E869
        The record cannot carry the process: too few or too short, no movement, reversion not told
        from none or only noise between trades, too few jumps, a figure out of range.
    E870
        A check of the residuals fails.
    E871
        A drift is not told from 0 and is taken as 0.

    References
    ----------
    .. [1] Working, "Note on the Correlation of First Differences of Averages in a Random Chain,"
       Econometrica 28, 1960 (recalled).
    .. [2] Dickey and Fuller, "Distribution of the Estimators for Autoregressive Time Series with a
       Unit Root," Journal of the American Statistical Association 74, 1979 (recalled).

    Examples
    --------
    >>> days = pd.bdate_range("2025-01-01", periods=262)
    >>> table = pd.DataFrame({"date": days, "price_cny_t": np.tile([80.0, 81.0], 131)})
    >>> found = calibrate(PriceSeries("CEA", "day", table), kind="gbm", findings=Findings())
    >>> found.steps, round(found.value("volatility"), 3)
    (261, 0.2)
    """
    if kind not in {"gbm", "mean_reverting", "jump"}:
        raise ConfigError("E002", value=kind, expected="gbm, mean_reverting, jump")
    asked = policy or CalibrationPolicy()
    steps, clock = _steps(series.table["date"])
    logs = np.log(series.table["price_cny_t"].to_numpy(dtype=np.float64))
    why = _record_faults(series, logs, steps, kind, asked)
    fit = None
    if len(steps) > 2 and not is_even(np.diff(logs), steps):
        fit = _fitted(logs, steps, kind, asked)
        fit = _of_means(fit) if series.every == "month_mean" else fit
        why += _fit_faults(fit, kind, asked)
    rows = _figures(fit) if fit else []
    process = None if why or fit is None else _process(series, rows, findings)
    for zh, en in why:
        findings.add(
            "E869", layer="prices", column="price_cny_t", instrument=series.label, kind=kind,
            why_zh=zh, why_en=en,
        )  # fmt: skip
    checks = residual_checks(fit.residuals) if fit else []
    _tell_checks(series, checks, asked.doubt, findings)
    figures = ["figure", "zh", "en", "unit", "value", "standard_error", "low", "high"]
    told = [(name, *_CHECKS[name], found, chance) for name, found, chance in checks]
    return Calibration(
        kind=kind,
        series=series,
        process=process,
        figures=pd.DataFrame(rows, columns=figures),
        checks=pd.DataFrame(told, columns=["check", "zh", "en", "statistic", "p_value"]),
        residuals=_residuals(series, fit),
        steps=len(steps),
        span_yr=float(steps.sum()),
        clock=clock,
        log_likelihood=fit.log_likelihood if fit else math.nan,
        gain=fit.gain if fit else math.nan,
    )


def _steps(dates: pd.Series) -> tuple[Floats, Literal["weekdays", "calendar"]]:
    """Years from each price to the next; they add up to the calendar's span."""
    days = dates.to_numpy().astype("datetime64[D]")
    between = np.diff(days).astype(np.float64)
    weekdays = np.busday_count(days[:-1], days[1:]).astype(np.float64)
    if (np.is_busday(days)).all() and len(days) > 1:
        return weekdays * (between.sum() / weekdays.sum() / _DAYS_PER_YEAR), "weekdays"
    return between / _DAYS_PER_YEAR, "calendar"


def _record_faults(
    series: PriceSeries, logs: Floats, steps: Floats, kind: Kind, asked: CalibrationPolicy
) -> list[tuple[str, str]]:
    found = []
    count, span = len(steps), float(steps.sum())
    if count < asked.least_steps:
        zh = f"价格变动仅 {count} 次,少于 {asked.least_steps} 次"
        found.append((zh, f"{count} changes, fewer than {asked.least_steps}"))
    if span < asked.least_years:
        zh = f"时段仅 {span:.2f} 年,短于 {asked.least_years} 年"
        found.append((zh, f"{span:.2f} years, shorter than {asked.least_years}"))
    if count and is_even(np.diff(logs), steps):
        found.append(("价格没有变动或匀速变动", "the price does not move, or at one pace"))
    if series.every == "month_mean" and kind != "gbm":
        found.append(("月均价只能用于几何布朗运动", "monthly means carry only gbm"))
    return found


def _fitted(logs: Floats, steps: Floats, kind: Kind, asked: CalibrationPolicy) -> Fit:
    if kind == "mean_reverting":
        return returning(logs, steps)
    return brownian(logs, steps) if kind == "gbm" else jumping(logs, steps, asked.threshold)


def _of_means(fit: Fit) -> Fit:
    """Figures of the price whose monthly means were seen: its variance is half as large again."""
    volatility, times = fit.values["volatility"], math.sqrt(1.5)
    values = fit.values | {"volatility": volatility * times}
    if "drift" in values:
        values["drift"] += volatility**2 / 4.0
    return replace(fit, values=values, errors={k: e * times for k, e in fit.errors.items()})


def _fit_faults(fit: Fit, kind: Kind, asked: CalibrationPolicy) -> list[tuple[str, str]]:
    found = []
    if kind == "mean_reverting":
        if fit.gain < asked.least_gain:
            zh = f"回复速度与零的差别不显著(对数似然仅增加 {fit.gain:.2f},少于 {asked.least_gain})"
            en = f"the speed is not told from 0 (gain {fit.gain:.2f}, below {asked.least_gain})"
            found.append((zh, en))
        half = math.log(2.0) / fit.values["reversion"]
        if half < asked.least_half_life_yr:
            days = half * _DAYS_PER_YEAR
            zh = f"半衰期仅 {days:.1f} 天,属成交间的噪声,不代表长期回复"
            en = (
                f"the half-life is {days:.1f} days: noise between trades, no return in the long run"
            )
            found.append((zh, en))
    count = int(fit.jumps.sum())
    if kind == "jump" and count < asked.least_jumps:
        zh = f"只有 {count} 次跳跃,少于 {asked.least_jumps} 次"
        found.append((zh, f"{count} jumps, fewer than {asked.least_jumps}"))
    out = {name: fit.values.get(name, 0.0) for name in ("drift", "jump_mean")}
    found += [
        (f"{_FIGURES[name][0]} {value:.2f} 超出 -1 … 1", f"{name} {value:.2f} outside -1 … 1")
        for name, value in out.items()
        if not -1.0 < value <= 1.0 and _is_told(value, fit.errors[name])
    ]
    return found


def _is_told(value: float, error: float) -> bool:
    return abs(value) >= _TOLD * error


def _figures(fit: Fit) -> list[tuple[Any, ...]]:
    """Figures in the units of `PriceProcess`."""
    rows = []
    for name, raw in fit.values.items():
        value, error = raw, fit.errors[name]
        if name == "level":
            value = math.exp(raw)
            error *= value
        figure = "level_cny_t" if name == "level" else name
        zh, en, unit = _FIGURES[figure]
        low, high = fit.spans.get(name, (math.nan, math.nan))
        rows.append((figure, zh, en, unit, value, error, low, high))
    return rows


def _process(series: PriceSeries, rows: list[tuple[Any, ...]], findings: Findings) -> PriceProcess:
    """The process; a drift that is not told from 0 is left out and told."""
    values = {name: float(value) for name, *_, value, _, _, _ in rows}
    drift = values.pop("drift", 0.0)
    error = next((row[5] for row in rows if row[0] == "drift"), 0.0)
    if drift and not _is_told(drift, error):
        findings.add(
            "E871", layer="prices", observed=f"{drift:.3f}", error=f"{error:.3f}",
            instrument=series.label,
        )  # fmt: skip
        drift = 0.0
    return PriceProcess(because=series.label, confidence="inferred", drift=drift, **values)


def _tell_checks(
    series: PriceSeries, checks: list[tuple[str, float, float]], doubt: float, findings: Findings
) -> None:
    for name, found, chance in checks:
        if chance < doubt:
            zh, en = _CHECKS[name]
            findings.add(
                "E870", layer="prices", observed=f"{found:.1f}", instrument=series.label,
                chance=f"{chance:.2g}", check_zh=zh, check_en=en,
            )  # fmt: skip


def _residuals(series: PriceSeries, fit: Fit | None) -> pd.DataFrame:
    dates = series.table["date"].iloc[1:] if fit else series.table["date"].iloc[:0]
    found = pd.DataFrame({"date": dates.to_numpy()})
    jump = np.zeros(len(found), dtype=np.bool_)
    values = np.full(len(found), np.nan)
    if fit:
        jump = fit.jumps if len(fit.jumps) else jump
        values[~jump] = fit.residuals
    return found.assign(residual=values, jump=jump)
