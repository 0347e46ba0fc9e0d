"""The report as one page that needs nothing else: no network, no second file."""

import base64
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ecogis.report.model import Figure, Paragraph, Report, Section, Table

__all__ = ["html_bytes"]


def html_bytes(report: Report) -> bytes:
    """The report as a self-contained HTML page in UTF-8.

    Parameters
    ----------
    report : Report
        Report in one language.
    """
    page: str = _template().render(
        report=report,
        words=report.words,
        language="zh-CN" if report.lang == "zh" else "en",
        sections=[(section, _runs(section)) for section in report.sections],
    )
    return page.encode()


@cache
def _template() -> Any:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["base64"] = lambda data: base64.b64encode(data).decode("ascii")
    environment.tests["table"] = lambda block: isinstance(block, Table)
    environment.tests["figure"] = lambda block: isinstance(block, Figure)
    source = files("ecogis.report.templates").joinpath("report.html").read_text(encoding="utf-8")
    return environment.from_string(source)


def _runs(section: Section) -> list[tuple[bool, list[Any]]]:
    """Blocks of a section, the items of a list together."""
    grouped = groupby(section.blocks, key=lambda b: isinstance(b, Paragraph) and b.style == "item")
    return [(is_list, list(blocks)) for is_list, blocks in grouped]
