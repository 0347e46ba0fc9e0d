"""A disk that is full or broken, at the n-th write call of SQLite: told by its own table of calls.

SQLite's file layer lets its system calls be replaced one by one. Ours count, and fail when told
to. ``python failing.py FILE ERROR once|on`` proposes a claim again and again, with the first write
call failing, then the second, and so on until none is left, and prints what became of each.
"""

import ctypes
import errno
import json
import shutil
import sys
from pathlib import Path

from ledgers import WHY, claim, clock, made

from ecogis.core.errors import EcogisError
from ecogis.registry.ledger import Ledger

CALLS = {  # those that change a file, with what they are given
    "write": (ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t),
    "pwrite": (ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_long),
    "pwrite64": (ctypes.c_ssize_t, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_long),
    "ftruncate": (ctypes.c_int, ctypes.c_int, ctypes.c_long),
    "fallocate": (ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long),
}
MOST = 400
SET_CALL = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
GET_CALL = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p)


class Vfs(ctypes.Structure):
    """`sqlite3_vfs`, version 3."""

    _fields_ = [
        ("version", ctypes.c_int), ("file_size", ctypes.c_int), ("path_size", ctypes.c_int),
        ("next", ctypes.c_void_p), ("name", ctypes.c_char_p), ("data", ctypes.c_void_p),
        *((f"method{n}", ctypes.c_void_p) for n in range(13)),
        ("set_call", SET_CALL),
        ("get_call", GET_CALL),
    ]  # fmt: skip


class Disk:
    """Counts write calls; fails at one of them, or from it on."""

    def __init__(self, error):
        self.error, self.count, self.first, self.last = error, 0, 0, 0
        library = ctypes.CDLL("libsqlite3.so.0")
        library.sqlite3_vfs_find.restype = ctypes.POINTER(Vfs)
        pointer = library.sqlite3_vfs_find(None)
        vfs, address = pointer.contents, ctypes.cast(pointer, ctypes.c_void_p)
        self.kept = []
        for name, shape in CALLS.items():
            real = vfs.get_call(address, name.encode())
            if not real:
                continue
            kind = ctypes.CFUNCTYPE(*shape, use_errno=True)
            ours = kind(self.between(kind(real)))
            self.kept.append(ours)
            vfs.set_call(address, name.encode(), ctypes.cast(ours, ctypes.c_void_p))

    def between(self, real):
        def call(*words):
            self.count += 1
            if self.first <= self.count <= self.last:
                ctypes.set_errno(self.error)
                return -1
            return real(*words)

        return call

    def fail(self, first, *, on):
        self.count, self.first, self.last = 0, first, MOST * 10 if on else first

    def mend(self):
        self.first = self.last = 0


def tried(path, disk, first, *, on):
    """Open, propose, close, with a failing disk; then look at what is there without one."""
    disk.fail(first, on=on)
    done = False
    try:
        with Ledger.open(path, "A", clock=clock) as ledger:
            ledger.propose([claim(0, kg=1, use="sale")], **WHY)
            done = True
    except EcogisError as fault:
        told = fault.code
    else:
        told = "done"
    calls = disk.count
    disk.mend()
    with Ledger.open(path, "A", clock=clock) as ledger:
        findings = ledger.verify().table()["code"].tolist()
        return {"call": first, "calls": calls, "told": told, "acknowledged": done,
                "events": ledger.head().seq, "findings": findings}  # fmt: skip


def all_calls(path, error, *, on):
    """Each write call in turn, always from the same ledger."""
    disk = Disk(error)
    fresh = Path(f"{path}.fresh")
    made(str(path)).close()
    shutil.copy(path, fresh)
    with Ledger.open(path, "A", clock=clock) as ledger:
        before = ledger.head().seq
    outcomes = []
    for first in range(1, MOST):
        shutil.copy(fresh, path)
        outcomes.append(tried(path, disk, first, on=on))
        if outcomes[-1]["calls"] < first:
            break
    return {"before": before, "outcomes": outcomes}


if __name__ == "__main__":
    file, name, how = sys.argv[1:]
    sys.stdout.write(json.dumps(all_calls(Path(file), getattr(errno, name), on=how == "on")))
