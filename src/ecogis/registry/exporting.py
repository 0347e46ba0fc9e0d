"""The ledger as one file that is read, kept and verified without the database.

A line of JSON each: shapes, then events in their order with hash and signature, last the signed
head. The public key stands in the first event and in the head; whoever verifies should have it
from elsewhere too.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from ecogis.core.errors import InputError
from ecogis.core.findings import Findings
from ecogis.core.provenance import canonical_json
from ecogis.registry import reading
from ecogis.registry.checking import Link, check_chain, check_heads
from ecogis.registry.schema import EVENT, PLACE
from ecogis.registry.signing import SignedHead

__all__ = ["lines", "verify_export", "write"]

_LINK = ("seq", "body", "previous", "hash", "signature")


def lines(connection: Connection, ledger: str, public_key: str) -> tuple[list[str], SignedHead]:
    """Lines of an export, and the head they end with.

    Parameters
    ----------
    connection : Connection
        Reads the ledger at one state.
    ledger : str
        Identifier of the ledger.
    public_key : str
        Its key. [hexadecimal]
    """
    head = reading.head(connection, ledger, public_key)
    places = connection.execute(select(PLACE.c.sha256, PLACE.c.wkb).order_by(PLACE.c.sha256))
    found = [
        canonical_json({"place": {"sha256": row.sha256, "wkb": bytes(row.wkb).hex()}})
        for row in places
    ]
    columns = [EVENT.c[name] for name in _LINK]
    rows = connection.execute(select(*columns).order_by(EVENT.c.seq)).mappings()
    found += [canonical_json({"event": dict(row)}) for row in rows]
    return [*found, head.json()], head


def write(path: Path, text: Sequence[str]) -> None:
    """Write the lines of an export to a file, whole or not at all.

    A file that is there already is written over only where it is an earlier export of the same
    ledger: neither the ledger itself nor its key is ever lost to a slip.

    Raises
    ------
    InputError
        E814 the file cannot be written, or is something else than an export of this ledger.
    """
    if path.exists() and not _earlier(path, SignedHead.parse(text[-1], path).ledger):
        detail = "已有其他文件,不予覆盖 / another file is there and is not written over"
        raise InputError("E814", ledger=path, detail=detail)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(f"{line}\n" for line in text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except OSError as fault:
        with suppress(OSError):
            part.unlink()
        raise InputError("E814", ledger=path, detail=fault.strerror) from None


def _earlier(path: Path, ledger: str) -> bool:
    """Whether a file is an export of a ledger."""
    try:
        return SignedHead.read(path).ledger == ledger
    except InputError:
        return False


def verify_export(
    path: Path, public_key: str | None = None, heads: Sequence[SignedHead] = ()
) -> Findings:
    """Whether an export is what a ledger wrote: its chain, its signatures, its head.

    Parameters
    ----------
    path : Path
        The file.
    public_key : str, optional
        The ledger's key, known from elsewhere; the file's own head by default, which somebody who
        made the whole file anew would have replaced too. [hexadecimal]
    heads : sequence of SignedHead
        Heads kept elsewhere.

    Returns
    -------
    Findings
        None where the file is sound.

    Raises
    ------
    InputError
        E814 the file cannot be read or is no export.

    Findings
    --------
    E823
        An event was altered.
    E824
        Events were removed, added or swapped.
    E825
        An event is not signed with the key.
    E826
        The file's head, or one kept elsewhere, does not agree.
    E827
        A shape is not what its hash says, or is missing or surplus.
    """
    text = _text(path)
    head = SignedHead.parse(text[-1], path)
    key = public_key or head.public_key
    findings = Findings()
    links = list(_links(text[:-1], path))
    check_chain(links, head.ledger, key, findings)
    check_heads(links, head.ledger, key, (head, *heads), findings)
    _check_shapes(text[:-1], links, path, findings)
    return findings


def _check_shapes(
    text: Sequence[str], links: Sequence[Link], path: Path, findings: Findings
) -> None:
    shapes = dict(_shapes(text, path))
    surveyed = set(filter(None, map(_surveyed, links)))
    for sha256 in sorted(shapes.keys() | surveyed):
        told = "wkb"
        if sha256 not in shapes:
            told = "缺失 / missing"
        elif sha256 not in surveyed:
            told = "多出 / surplus"
        elif hashlib.sha256(shapes[sha256]).hexdigest() == sha256:
            continue
        findings.add("E827", layer="ledger", feature=sha256, observed=told, table=PLACE.name)


def _shapes(text: Sequence[str], path: Path) -> Iterator[tuple[str, bytes]]:
    for number, line in enumerate(text, start=1):
        try:
            record: dict[str, Any] = json.loads(line)
            if "place" in record:
                yield str(record["place"]["sha256"]), bytes.fromhex(record["place"]["wkb"])
        except (ValueError, KeyError, TypeError) as fault:
            raise InputError("E814", ledger=path, detail=f"line {number}: {fault}") from None


def _surveyed(link: Link) -> str:
    """Hash of the shape an event surveys; empty for other events and for what is none."""
    try:
        event = json.loads(link.body)
        return str(event["body"]["place"]) if event["kind"] == "survey" else ""
    except (ValueError, KeyError, TypeError):
        return ""


def _text(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, ValueError) as fault:
        raise InputError("E814", ledger=path, detail=fault) from None
    if text == [""]:
        raise InputError("E814", ledger=path, detail="空文件 / empty")
    return text


def _links(text: Sequence[str], path: Path) -> Iterator[Link]:
    for number, line in enumerate(text, start=1):
        try:
            record: dict[str, Any] = json.loads(line)
            if "event" in record:
                entry = record["event"]
                yield Link(int(entry["seq"]), *(str(entry[name]) for name in _LINK[1:]))
        except (ValueError, KeyError, TypeError) as fault:
            raise InputError("E814", ledger=path, detail=f"line {number}: {fault}") from None
