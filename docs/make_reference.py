"""Write the reference pages that are generated: findings and vocabulary.

``python docs/make_reference.py`` rewrites them; a test keeps them equal to the code.
"""

from pathlib import Path

from ecogis.core.texts import catalogue
from ecogis.core.vocabulary import terms

FOLDER = Path(__file__).parent / "reference"


def findings() -> str:
    """The page of codes."""
    lines = ["# Findings and errors", "", "| code | kind | 中文 | English |", "|---|---|---|---|"]
    for code, rule in sorted(catalogue().items()):
        kind = "error" if rule.kind == "error" else f"finding, {rule.severity}"
        zh, en = (_cell(text, remedy) for text, remedy in (
            (rule.zh, rule.remedy_zh), (rule.en, rule.remedy_en)))  # fmt: skip
        lines.append(f"| {code} | {kind} | {zh} | {en} |")
    return "\n".join(lines) + "\n"


def vocabulary() -> str:
    """The page of words."""
    lines = ["# Vocabulary", "", "| name | unit | kind | 中文 | English |", "|---|---|---|---|---|"]
    for name, term in sorted(terms().items()):
        lines.append(f"| `{name}` | {term.unit} | {term.kind} | {term.zh} | {term.en} |")
    return "\n".join(lines) + "\n"


def _cell(text: str, remedy: str) -> str:
    return f"{text} {remedy}".strip().replace("|", "\\|").replace("\n", " ")


PAGES = {"findings.md": findings, "vocabulary.md": vocabulary}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
