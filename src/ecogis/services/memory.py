"""How much memory is free, so that what would not fit is refused before it begins."""

from pathlib import Path
from typing import Final

__all__ = ["room"]

_MEMORY: Final = Path("/proc/meminfo")
_GROUP: Final = Path("/sys/fs/cgroup")


def room(memory: Path = _MEMORY, group: Path = _GROUP) -> int | None:
    """Memory a process may still take: what the system has, and what its group may have.

    Parameters
    ----------
    memory, group : Path
        Where Linux tells of the system's memory, and of the limit of a group of processes.

    Returns
    -------
    int or None
        The smaller of the two; None where the system tells of neither. [B]

    Examples
    --------
    >>> room(Path("no-such-file"), Path("no-such-folder")) is None
    True
    """
    known = [size for size in (_available(memory), _left(group)) if size is not None]
    return min(known, default=None)


def _available(memory: Path) -> int | None:
    if not memory.is_file():
        return None
    for line in memory.read_text(encoding="ascii", errors="replace").splitlines():
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            return int(rest.split()[0]) * 1024
    return None


def _left(group: Path) -> int | None:
    texts = [group / "memory.max", group / "memory.current"]
    if not all(text.is_file() for text in texts):
        return None
    most, taken = (text.read_text(encoding="ascii").strip() for text in texts)
    if not most.isdigit():
        return None
    held = int(taken) - _given_back(group)
    return max(int(most) - held, 0)


def _given_back(group: Path) -> int:
    """Pages of files read earlier, which the system takes back when memory is wanted. [B]"""
    told = group / "memory.stat"
    if not told.is_file():
        return 0
    for line in told.read_text(encoding="ascii", errors="replace").splitlines():
        name, _, size = line.partition(" ")
        if name == "inactive_file":
            return int(size)
    return 0
