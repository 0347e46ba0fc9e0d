"""Add editions that are new in the library to ``editions.lock``; one on record never changes.

Run ``python tests/library/lock_editions.py`` after adding an edition. A figure of a shipped edition
that has to be corrected is a new edition: copy its files, raise ``edition``, name the old one under
``replaces`` where the file is a parameter set, say in a note what changed, and run this again.
"""

from pathlib import Path

from ecogis.methods import editions

__all__ = ["LOCK", "locked", "main", "shipped"]

LOCK = Path(__file__).with_name("editions.lock")


def shipped() -> dict[str, str]:
    """``id@edition`` of everything in the library to the SHA-256 of its files."""
    table = editions()
    labels = table["id"] + "@" + table["edition"]
    return dict(zip(labels, table["sha256"], strict=True))


def locked() -> dict[str, str]:
    """What is on record, in the same form."""
    rows = (line.split() for line in LOCK.read_text(encoding="utf-8").splitlines())
    return {label: sha256 for sha256, label in rows}


def main() -> None:
    """Write the new ones; those on record stay as they are."""
    known = locked()
    found = {label: sha256 for label, sha256 in shipped().items() if label not in known} | known
    lines = [f"{found[label]}  {label}\n" for label in sorted(found)]
    LOCK.write_text("".join(lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
