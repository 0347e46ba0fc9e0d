"""The kinds of document a report can be: which sections, which cover, under which file name.

A form's words stand in ``texts/*.zh.toml`` and ``texts/*.en.toml`` under ``[forms.NAME]``: `title`,
`statement` (a list) and `[forms.NAME.sections]`, the titles of its sections.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from ecogis.core.errors import ConfigError
from ecogis.report import (
    asset_sections,
    balance_sections,
    explanation_sections,
    finance_sections,
    gep_sections,
)
from ecogis.report.desk import Desk
from ecogis.report.model import Block
from ecogis.report.value_sections import SECTIONS

__all__ = ["FORMS", "Builder", "Form", "form_of"]

Builder = Callable[[Desk], Iterator[Block]]
"""A section: from the desk to its blocks."""

_CARBON_COVER: Final = (
    "subject",
    "number",
    "client",
    "borrower",
    "lender",
    "appraiser",
    "valuation_date",
    "methodology",
    "report_date",
    "software",
)


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of document.

    Parameters
    ----------
    name : str
        Its texts stand under ``[forms.NAME]``.
    file : str
        Stem of its files.
    sections : mapping of str to callable
        Sections in their order, each a function from the desk to its blocks.
    cover : tuple of str
        Lines of the cover, names in ``[cover]``; what the run does not know stays to be filled.
    needs : tuple of str
        Groups of headline results without which it cannot be composed.
    unnumbered : frozenset of str
        Sections that carry no number.
    signatures : tuple of str
        Who signs on the last page, names in ``[signatures]``; nobody when a section has them.
    workbook : str
        Stem of its workbook; none when empty.
    sheets : tuple of str
        Tables of the workbook; every table the run has when empty.
    """

    name: str
    file: str
    sections: Mapping[str, Builder]
    cover: tuple[str, ...] = _CARBON_COVER
    needs: tuple[str, ...] = ("project", "methodology", "totals")
    unnumbered: frozenset[str] = frozenset()
    signatures: tuple[str, ...] = ("appraiser_1", "appraiser_2", "legal", "seal", "date")
    workbook: str = ""
    sheets: tuple[str, ...] = ()


FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        "carbon": Form("carbon", "report", SECTIONS, workbook="tables"),
        "asset": Form(
            "asset",
            "appraisal",
            asset_sections.SECTIONS,
            unnumbered=frozenset({"annexes"}),
            signatures=(),
            workbook="schedule",
            sheets=asset_sections.SHEETS,
        ),
        "explanation": Form(
            "explanation",
            "explanation",
            explanation_sections.SECTIONS,
            signatures=("appraiser_1", "appraiser_2", "date"),
        ),
        "balance": Form(
            "balance",
            "balance",
            balance_sections.SECTIONS,
            cover=("subject", "number", "client", "report_date", "software"),
            needs=("project", "balance"),
            signatures=("expert_1", "expert_2", "seal", "date"),
        ),
        "gep": Form(
            "gep",
            "gep",
            gep_sections.SECTIONS,
            cover=("subject", "number", "client", "valuation_date", "report_date", "software"),
            needs=("project", "gep"),
            signatures=("expert_1", "expert_2", "seal", "date"),
            workbook="gep",
            sheets=gep_sections.SHEETS,
        ),
        "finance": Form(
            "finance",
            "finance",
            finance_sections.SECTIONS,
            cover=("subject", "number", "client", "valuation_date", "report_date", "software"),
            needs=("project", "finance"),
            signatures=("expert_1", "expert_2", "seal", "date"),
            workbook="finance",
            sheets=finance_sections.SHEETS,
        ),
    }
)
"""Forms by name, in the order they are written."""


def form_of(name: str) -> Form:
    """The form of that name.

    Raises
    ------
    ConfigError
        E456: there is none; the message names those there are.

    Examples
    --------
    >>> form_of("carbon").file
    'report'
    """
    if name not in FORMS:
        raise ConfigError("E456", value=name, expected=", ".join(FORMS))
    return FORMS[name]
