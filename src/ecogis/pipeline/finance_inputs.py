"""Tables handed to `ecogis.finance`: CSV, XLSX or JSON records, each column of its kind."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from ecogis.core.errors import InputError
from ecogis.core.findings import Findings
from ecogis.io import gate
from ecogis.io.tables import read_csv, read_xlsx

__all__ = ["FORMS", "finance_table"]

_YES: Final = ("yes", "true", "1", "是", "有")
_NO: Final = ("no", "false", "0", "否", "无")
_MOST_INT: Final = 2**53

FORMS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "borrowers": {
            "borrower": "text", "kind": "text", "place": "text", "age_yr": "number?",
            "debt_ratio": "number?", "area_mu": "number?", "sows": "number?",
            "wanted_fen": "whole?", "line_fen": "whole?", "*": "flag",
        },
        "assets": {
            "borrower": "text", "kind": "text", "value_fen": "whole", "yearly_fen": "whole?",
            "deposit_fen": "whole?",
        },
        "households": {
            "household": "text", "place": "text", "unsecured_fen": "whole", "bad_record": "flag",
            "grade": "text", "veto": "flag", "minutes": "text", "*": "text",
        },
        "household_items": {"household": "text", "item": "text", "value_fen": "whole"},
        "household_rights": {
            "household": "text", "right": "text", "kind": "text", "value_fen": "whole",
            "yearly_fen": "whole", "share_ppm": "whole",
        },
        "guarantee_book": {
            "loan": "text", "borrower": "text", "kind": "text", "balance_fen": "whole",
        },
        "guarantee_fund": {"day": "text", "net_assets_fen": "whole"},
        "guarantee_losses": {"loan": "text", "day": "text", "loss_fen": "whole"},
        "relations": {"party": "text", "related_party": "text"},
        "holders": {
            "parcel": "text", "holder": "text", "area_dm2": "whole?", "price_fen": "whole?",
        },
        "centre_steps": {"case": "text", "to": "text", "day": "text", "*": "text"},
        "onlending": {
            "wholesale_bp": "whole", "cost_bp": "whole", "loss_bp": "whole", "margin_bp": "whole",
            "cap_bp": "whole", "*": "text",
        },
        "indicator_values": {"indicator": "text", "day": "text", "value": "number"},
        "insurance_lists": {"list": "text", "service": "text", "from": "text", "to": "text"},
        "requests": {
            "request": "text", "day": "text", "step": "text", "level": "text", "due": "text",
            "said": "text",
        },
    }
)  # fmt: skip
"""Columns by table: text, whole (number), number or flag; ``?`` may be absent, ``*`` all others."""


def finance_table(path: str | Path, form: str, findings: Findings) -> pd.DataFrame:
    """Read one of the tables of `FORMS`.

    Parameters
    ----------
    path : str or Path
        CSV, XLSX, or JSON with a list of records.
    form : str
        Which table it is.
    findings : Findings
        Takes cells that are not of their kind.

    Returns
    -------
    DataFrame
        Columns in the order of the file; a blank or unreadable cell is missing.

    Raises
    ------
    InputError
        The file cannot be read; E952 a column is missing or unknown.

    Findings
    --------
    E951
        A cell is not of its column's kind; it is taken as not known.
    """
    kinds = FORMS[form]
    raw = _cells(Path(path))
    lacking = [name for name, kind in kinds.items() if not kind.endswith("?") and name != "*"]
    lacking = [name for name in lacking if name not in raw.columns]
    strange = [] if "*" in kinds else [name for name in raw.columns if name not in kinds]
    if lacking or strange:
        absent, more = (", ".join(names) or "—" for names in (lacking, strange))
        raise InputError("E952", file=Path(path).name, layer=form, lacking=absent, strange=more)
    told = {}
    for name in raw.columns:
        kind = kinds.get(name, kinds.get("*", "text")).rstrip("?")
        told[name] = _told(raw[name], kind, form, findings)
    return pd.DataFrame(told)


def _cells(file: Path) -> pd.DataFrame:
    """Every cell as text, None where it is blank."""
    if file.suffix.lower() == ".json":
        return _records(file)
    admitted, kind = gate.admit(file, {"CSV", "XLSX"})
    raw = read_csv(admitted) if kind == "CSV" else read_xlsx(admitted)
    columns = raw.table.to_pydict()
    return pd.DataFrame({name: [_blank(cell) for cell in cells] for name, cells in columns.items()},
                        dtype=object)  # fmt: skip


def _records(file: Path) -> pd.DataFrame:
    try:
        text = file.read_text(encoding="utf-8")
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # half a character is no text
    except (OSError, ValueError, RecursionError) as fault:
        raise InputError("E953", file=file.name, detail=fault) from None
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise InputError("E953", file=file.name, detail="[{…}, …]")
    names = list(dict.fromkeys(name for record in found for name in record))
    cells = {name: [_json_cell(record.get(name)) for record in found] for name in names}
    return pd.DataFrame(cells, dtype=object)


def _json_cell(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else _blank(str(value))


def _blank(cell: str | None) -> str | None:
    return (cell or "").strip() or None


def _told(cells: pd.Series, kind: str, form: str, findings: Findings) -> pd.Series:
    """A column of its kind; what cannot be read is told and missing."""
    if kind == "text":
        return cells.astype("string")
    read, dtype = _READERS[kind]
    values = [None if cell is None else read(cell) for cell in cells]
    wrong = np.array([cell is not None and value is None
                      for cell, value in zip(cells, values, strict=True)], dtype=bool)  # fmt: skip
    findings.add(
        "E951", layer=form, where=wrong, row=np.arange(1, len(cells) + 1), column=str(cells.name),
        observed=cells, expected=kind,
    )  # fmt: skip
    return pd.Series(pd.array(values, dtype=dtype), index=cells.index)


def _whole(cell: str) -> int | None:
    number = _number(cell)
    fits = number is not None and number == int(number) and abs(number) < _MOST_INT
    return int(number) if fits and number is not None else None


def _number(cell: str) -> float | None:
    try:
        number = float(cell) if "_" not in cell else None
    except ValueError:
        return None
    if number is None:
        return None
    return number if np.isfinite(number) else None


def _flag(cell: str) -> bool | None:
    word = cell.lower()
    return True if word in _YES else False if word in _NO else None


_READERS: Final[Mapping[str, tuple[Callable[[str], Any], Any]]] = MappingProxyType(
    {"whole": (_whole, "Int64"), "number": (_number, "Float64"), "flag": (_flag, "boolean")}
)
