"""What the project file says of the reports: faces, documents, fonts, adjusted figures."""

from typing import Annotated, Literal

import msgspec

from ecogis.report.adjusting import require_kept

__all__ = ["Adjustment", "Output", "Report", "require_kept_places"]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Adjustment(_Strict, frozen=True, kw_only=True):
    """[[report.adjustments]]: a figure of the conclusion as the appraiser sees it, why, and who."""

    figure: Literal["npv", "pledge_value", "principal", "credit", "issued", "pledge_issued"]
    value: Annotated[float, msgspec.Meta(ge=0.0, le=1e13)]
    because: Annotated[str, msgspec.Meta(min_length=4)]
    by: Annotated[str, msgspec.Meta(min_length=2)]


class Report(_Strict, frozen=True, kw_only=True):
    """[report]: what the signatories have adjusted; printed beside what was computed."""

    adjustments: tuple[Adjustment, ...] = ()


def require_kept_places(asked: Report) -> None:
    """Refuse an adjusted value finer than its figure is kept, before anything is run.

    Raises
    ------
    ConfigError
        E462: more decimals than fen, kg or whole tonnes have.
    """
    for entry in asked.adjustments:
        require_kept(entry.figure, entry.value)


class Output(_Strict, frozen=True, kw_only=True):
    """[output]: which documents are written, in which faces, and further fonts for rare names."""

    formats: tuple[Literal["docx", "html", "pdf", "xlsx", "gpkg"], ...] = (
        "docx",
        "html",
        "pdf",
        "xlsx",
        "gpkg",
    )
    reports: tuple[Literal["carbon", "asset", "explanation"], ...] = (
        "carbon",
        "asset",
        "explanation",
    )
    fonts: tuple[str, ...] = ()
