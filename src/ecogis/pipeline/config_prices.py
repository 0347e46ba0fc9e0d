"""[prices] of the project file: sources of clause 4.2 a, and how the price moves after that day."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec

from ecogis.core.errors import ConfigError

__all__ = ["Calibrate", "Prices", "Process", "check_prices"]

_PROCESSES: Final = ("mean_reverting", "gbm", "jump")

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, msgspec.Meta(gt=0.0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0.0)]
Name = Annotated[str, msgspec.Meta(min_length=1)]
Reason = Annotated[str, msgspec.Meta(min_length=4)]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Process(_Strict, frozen=True, kw_only=True):
    """[prices.process]: figures of the process, as the client states them, with the reason."""

    volatility: NotNegative
    because: Reason
    reversion: NotNegative = 0.0
    level_cny_t: Positive | None = None
    drift: float = 0.0
    jump_rate: NotNegative = 0.0
    jump_mean: float = 0.0
    jump_spread: NotNegative = 0.0


class Calibrate(_Strict, frozen=True, kw_only=True):
    """[prices.calibrate]: figures of the process, from the project's own table of prices."""

    instrument: Name
    start: dt.date | None = None
    end: dt.date | None = None
    every: Literal["day", "month_end", "month_mean"] = "day"


class Prices(_Strict, frozen=True, kw_only=True):
    """[prices]: weights of the three sources, look-back, what counts as equivalent, and model."""

    weights: Mapping[str, Share]
    lookback_days: Annotated[int, msgspec.Meta(ge=1)]
    instruments: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]
    because: str
    model: Literal["flat", "growth", "scenario", "mean_reverting", "gbm", "jump"] = "flat"
    growth_rate: float = 0.0
    scenario: Mapping[str, Positive] = {}
    process: Process | None = None
    calibrate: Calibrate | None = None


def check_prices(file: str, prices: Prices) -> None:
    """Refuse keys that do not belong to the model.

    Raises
    ------
    ConfigError
        E874: a process without its figures, or with two; figures, years or a growth of another
        model; a span that ends before it starts.
    """
    given = (prices.process is not None) + (prices.calibrate is not None)
    needed = int(prices.model in _PROCESSES)
    if given != needed:
        fault = ("process 与 calibrate 二选一", "one of process and calibrate")
        other = ("不能有 process、calibrate", "neither process nor calibrate")
        raise _fault(file, prices, fault if needed else other)
    if bool(prices.scenario) is not (prices.model == "scenario"):
        raise _fault(file, prices, ("scenario 仅用于 scenario", "scenario with scenario only"))
    if not all(len(year) == 4 and year.isdecimal() for year in prices.scenario):
        raise _fault(file, prices, ("scenario 的键为年份", "years for the keys of scenario"))
    if prices.growth_rate and prices.model not in {"growth", "scenario"}:
        raise _fault(file, prices, ("没有 growth_rate", "no growth_rate"))
    span = prices.calibrate
    if span and span.start and span.end and span.start >= span.end:
        raise _fault(file, prices, ("calibrate 的 start 早于 end", "start before end in calibrate"))


def _fault(file: str, prices: Prices, wanted: tuple[str, str]) -> ConfigError:
    zh, en = wanted
    return ConfigError("E874", file=file, model=prices.model, wanted_zh=zh, wanted=en)
