"""Working papers of a run: what was used, what is asked, what is to be seen, what was decided."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ecogis import io
from ecogis.core.provenance import sha256_file

__all__ = ["decisions", "write_papers"]

_ASKED: Final = ("warning", "error")
_ON_LAND: Final = ("stands", "parcels", "stands_opening")
_REASON: Final = "because"


@cache
def words() -> dict[str, Any]:
    """Names and headings of the papers, and the text beside them, in both languages."""
    text = files("ecogis.pipeline").joinpath("working_papers.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def write_papers(
    folder: Path, record: Mapping[str, Any], findings: pd.DataFrame, project: Path, lang: str
) -> list[str]:
    """Write the working papers of a run as CSV, the index last.

    Parameters
    ----------
    folder : Path
        Where to; it exists.
    record : mapping
        The run's manifest.
    findings : DataFrame
        Its findings, as in ``findings.csv``.
    project : Path
        Its project file.
    lang : {"zh", "en"}
        Language of headings and sentences.

    Returns
    -------
    list of str
        Names of the files.
    """
    asked = tomllib.loads(project.read_text(encoding="utf-8-sig"))
    decided = list(decisions(asked))
    papers = {
        "inputs": _inputs(record),
        "queries": _queries(findings, _accepted(asked), lang),
        "field_checks": _field_checks(findings, _declared(record, asked, lang), lang),
        "decisions": pd.DataFrame(decided, columns=["key", "value", "because", "by"], dtype=str),
    }
    listed = []
    for number, (name, table) in enumerate(papers.items(), start=1):
        file = folder / f"{name}.csv"
        io.write_csv(file, table.rename(columns=_headings(lang)))
        about = words()["files"][name]
        listed.append(
            (str(number), about[lang], file.name, about[f"about_{lang}"], len(table),
             sha256_file(file))
        )  # fmt: skip
    heads = ["number", "paper", "file", "about", "rows", "sha256"]
    index = pd.DataFrame(listed, columns=heads)
    io.write_csv(folder / "index.csv", index.rename(columns=_headings(lang)))
    return [*(f"{name}.csv" for name in papers), "index.csv"]


def decisions(asked: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, str, str, str]]:
    """Every choice of a project file that has a reason: key, values beside it, reason, who.

    Examples
    --------
    >>> list(decisions({"valuation": {"pledge_rate": 0.5, "pledge_rate_because": "assumed"}}))
    [('valuation.pledge_rate', '0.5', 'assumed', '')]
    >>> list(decisions({"accept": [{"code": "E137", "because": "not placed"}]}))
    [('accept[1]', 'code = E137', 'not placed', '')]
    """
    for name, value in asked.items():
        key = f"{place}.{name}" if place else name
        if name == _REASON and isinstance(value, str):
            plain = {k: v for k, v in asked.items() if _plain(v) and k not in {_REASON, "by"}}
            shown = "; ".join(f"{k} = {_shown(v)}" for k, v in plain.items())
            yield place, shown, value, str(asked.get("by", ""))
        elif name.endswith(f"_{_REASON}") and isinstance(value, str):
            about = name.removesuffix(f"_{_REASON}")
            about = about if about in asked else name
            shown = _shown(asked[about]) if about != name else ""
            yield (f"{place}.{about}" if place else about), shown, value, ""
        elif isinstance(value, Mapping):
            yield from decisions(value, key)
        elif isinstance(value, list):
            for number, entry in enumerate(value, start=1):
                if isinstance(entry, Mapping):
                    yield from decisions(entry, f"{key}[{number}]")


def _plain(value: Any) -> bool:
    return not isinstance(value, Mapping | list) or (
        isinstance(value, list) and not any(isinstance(entry, Mapping) for entry in value)
    )


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _headings(lang: str) -> dict[str, str]:
    return {name: text[lang] for name, text in words()["columns"].items()}


def _inputs(record: Mapping[str, Any]) -> pd.DataFrame:
    heads = ["role", "file", "layer", "rows", "crs", "encoding", "sha256"]
    project = {"role": "project", **record["project"]}
    return pd.DataFrame([project, *record["inputs"]]).reindex(columns=heads).astype(object)


def _accepted(asked: Mapping[str, Any]) -> dict[str, str]:
    accepted = asked.get("policy", {}).get("accept", [])
    return {entry["code"]: entry["because"] for entry in accepted}


def _where(findings: pd.DataFrame) -> list[str]:
    """Layer, feature and row in one cell; it starts with a letter, so no sheet takes it for a
    formula.
    """
    rows = zip(findings["layer"], findings["feature"], findings["row"], strict=True)
    return [" ".join(str(cell) for cell in row if not pd.isna(cell) and cell != "") for row in rows]


def _queries(findings: pd.DataFrame, accepted: Mapping[str, str], lang: str) -> pd.DataFrame:
    asked = findings[findings["severity"].isin(_ASKED)]
    table = {
        "code": asked["code"],
        "severity": asked["severity"],
        "where": _where(asked),
        "question": asked[f"message_{lang}"],
        "remedy": asked[f"remedy_{lang}"],
        "accepted": [accepted.get(code, "") for code in asked["code"]],
    }
    return _with_blanks(pd.DataFrame(table), ("answer", "answered_by", "answered_on"))


def _declared(
    record: Mapping[str, Any], asked: Mapping[str, Any], lang: str
) -> list[tuple[str, str]]:
    """What the client declares: in the words of the methodology where the run judged by it."""
    judged = record["results"].get("methodology", {}).get("declared")
    if judged is not None:
        return [(f"{entry['clause']} {entry[lang]}", str(entry[_REASON])) for entry in judged]
    declared = asked.get("methodology", {}).get("declared", {})
    return [(name, str(entry.get(_REASON, ""))) for name, entry in declared.items()]


def _field_checks(
    findings: pd.DataFrame, declared: Sequence[tuple[str, str]], lang: str
) -> pd.DataFrame:
    """What the client declares, and what the checks find on the land."""
    on_land = findings[findings["severity"].isin(_ASKED) & findings["layer"].isin(_ON_LAND)]
    told = zip(_where(on_land), on_land["code"] + " " + on_land[f"message_{lang}"], strict=True)
    table = pd.DataFrame([*declared, *told], columns=["matter", "basis"], dtype=str)
    return _with_blanks(table, ("place", "seen", "photos", "checked_by", "checked_on"))


def _with_blanks(table: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    return table.assign(**dict.fromkeys(names, ""))
