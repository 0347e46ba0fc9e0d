"""Section [accounts] of the project file: days, route, limits and policies of the accounts."""

import datetime as dt
from collections.abc import Collection
from typing import Annotated, Literal

import msgspec

from ecogis.core.errors import ConfigError
from ecogis.pipeline.config_balance import Stated

__all__ = ["ACCOUNT_TABLES", "Accounts", "check_accounts"]

ACCOUNT_TABLES = ("events", "extents", "water")
"""Tables the accounts take beside the surveys."""

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
_VOLUME_SHARE = 0.02
Ratio = Annotated[float, msgspec.Meta(gt=0.0, le=1e3)]


class Accounts(Stated, frozen=True, kw_only=True):
    """[accounts]: days of the opening and the closing survey, and how the change is explained.

    A statistical difference above its limit is an error finding; a wider limit needs a reason.
    """

    opening: dt.date
    closing: dt.date
    route: Literal["surveys", "events"] = "surveys"
    difference_area_share: Share = 0.0
    difference_volume_share: Share = _VOLUME_SHARE
    because: str = ""
    platforms: tuple[str, ...] = ()
    mortality_share: Share | None = None
    residue_share: Share | None = None
    grade_limits: tuple[Ratio, Ratio, Ratio, Ratio] = (1.3, 1.1, 0.9, 0.7)


def check_accounts(file: str, found: Accounts | None, given: Collection[str]) -> None:
    """Refuse days out of order, a wider limit without a reason, a route without its records.

    Raises
    ------
    ConfigError
        E554, E410, E411.
    """
    if found is None:
        return
    if found.opening >= found.closing:
        raise ConfigError("E554", file=file, opening=found.opening, closing=found.closing)
    wider = found.difference_area_share > 0.0 or found.difference_volume_share > _VOLUME_SHARE
    if wider and not found.because.strip():
        raise ConfigError("E410", file=file)
    if found.route == "events" and "events" not in given:
        raise ConfigError("E411", file=file)
