"""Write the reference pages that are generated: findings, vocabulary and parameters.

``python docs/make_reference.py`` rewrites them; a test keeps them equal to the code.
"""

from pathlib import Path

from ecogis.core.texts import catalogue
from ecogis.core.vocabulary import terms
from ecogis.methods import editions
from ecogis.methods import parameters as read_set

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


def parameters() -> str:
    """The page of parameter sets: each value's unit, day, source and mark; tables by their span."""
    lines = [
        "# Parameters",
        "",
        "Numbers of the library. A set `id@edition` is never edited; to correct is a new edition.",
        "Of a parameter with many keys the page gives number and span;",
        "`ecogis explain NAME --set SET --key KEY` prints one.",
        "Marks: quoted, inferred, recalled (from memory, source not seen), assumed (ours).",
    ]
    listed = editions()
    for row in listed[listed["kind"] == "parameters"].to_dict("records"):
        lines += ["", *_set(f"{row['id']}@{row['edition']}", row)]
    return "\n".join(lines) + "\n"


def _set(label: str, row: dict) -> list[str]:
    found = read_set(label)
    head = [
        f"## {label}",
        "",
        f"{row['title_zh']} / {row['title_en']}.",
        f"Checked on {found.checked_on}, sha256 `{found.sha256[:16]}…`, `{found.files[0]}`.",
        "",
        *(f"- {source.title_en} ({source.publisher}, {source.year})"
          for source in found.sources.values()),
        "",
        "| name | value | unit | from | source, place | mark | 中文 | English |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    return head + [_parameter(found.parameter(name)) for name in found.names]


def _parameter(parameter) -> str:
    values = [value for history in parameter.history.values() for value in history]
    marks = " ".join(sorted({value.confidence for value in values}))
    places = sorted({f"{value.source}, {value.locator_en}" for value in values})
    place = places[0] if len(places) == 1 else f"{places[0]} (and {len(places) - 1} more)"
    cells = (
        f"`{parameter.name}`", _span(values), parameter.unit, str(parameter.first), place, marks,
        values[0].meaning_zh, values[0].meaning_en,
    )  # fmt: skip
    return "| " + " | ".join(_cell(cell, "") for cell in cells) + " |"


def _span(values: list) -> str:
    if len(values) == 1:
        return str(values[0].value)
    if all(isinstance(value.value, str) for value in values):
        return f"{len(values)} values"
    numbers = [float(value.value) for value in values]
    return f"{len(values)} values, {min(numbers):g} to {max(numbers):g}"


def _cell(text: str, remedy: str) -> str:
    return f"{text} {remedy}".strip().replace("|", "\\|").replace("\n", " ")


PAGES = {"findings.md": findings, "vocabulary.md": vocabulary, "parameters.md": parameters}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
