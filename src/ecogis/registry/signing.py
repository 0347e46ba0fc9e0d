"""Signed heads: the last event's hash under the ledger's key, to be kept elsewhere."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ecogis.core.errors import ConfigError, InputError
from ecogis.core.provenance import canonical_json

__all__ = ["SignedHead", "Signer", "new_key", "read_key"]

_DOMAIN: Final = b"ecogis-head-v1\0"
_OWNER_ONLY: Final = 0o077


@dataclass(frozen=True, slots=True)
class SignedHead:
    """Where a ledger stood at an event, signed.

    Attributes
    ----------
    ledger : str
        Identifier of the ledger.
    seq : int
        Number of events.
    hash : str
        Hash of the last one.
    time : str
        When it was entered.
    signature, public_key : str
        Ed25519. [hexadecimal]
    """

    ledger: str
    seq: int
    hash: str
    time: str
    signature: str
    public_key: str

    @property
    def message(self) -> bytes:
        """What is signed."""
        names = ("ledger", "seq", "hash", "time")
        return _DOMAIN + canonical_json({name: getattr(self, name) for name in names}).encode()

    def json(self) -> str:
        """One line of canonical JSON."""
        return canonical_json({"head": {name: getattr(self, name) for name in self.__slots__}})

    def text(self) -> str:
        """Two short lines for a report or a printed sheet.

        >>> print(SignedHead("L1", 7, "ab" * 32, "2026-08-31T09:00:00+08:00", "cd", "ef").text())
        L1 #7 2026-08-31T09:00:00+08:00
        abababab abababab abababab abababab abababab abababab abababab abababab
        """
        groups = " ".join(self.hash[at : at + 8] for at in range(0, len(self.hash), 8))
        return f"{self.ledger} #{self.seq} {self.time}\n{groups}"

    def genuine(self, public_key: str = "") -> bool:
        """Whether the signature is that of a key: the one named here, or one known otherwise."""
        if public_key and public_key != self.public_key:
            return False
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(self.public_key))
            key.verify(bytes.fromhex(self.signature), self.message)
        except (ValueError, InvalidSignature):
            return False
        return True

    @classmethod
    def parse(cls, text: str, source: object) -> "SignedHead":
        """A head from its line of JSON.

        Raises
        ------
        InputError
            E814 the text is no head.
        """
        try:
            record: Any = json.loads(text)["head"]
            head = cls(**record)
            if type(head.seq) is not int or not all(
                isinstance(getattr(head, name), str) for name in cls.__slots__ if name != "seq"
            ):
                raise TypeError("types")  # noqa: TRY301 - one message for every wrong head
        except (ValueError, KeyError, TypeError) as fault:
            raise InputError("E814", ledger=source, detail=f"head: {fault}") from None
        return head

    @classmethod
    def read(cls, path: Path) -> "SignedHead":
        """A head from a file: its only or its last line.

        Raises
        ------
        InputError
            E814 the file cannot be read or holds no head.
        """
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, ValueError) as fault:
            raise InputError("E814", ledger=path, detail=fault) from None
        return cls.parse(text.removesuffix("\n").rpartition("\n")[2], path)


class Signer:
    """The ledger's private key.

    Parameters
    ----------
    key : Ed25519PrivateKey
        The key.
    """

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
        self.public_key = key.public_key().public_bytes(*raw).hex()

    def signed(self, ledger: str, seq: int, digest: str, time: str) -> SignedHead:
        """The head after an event."""
        bare = SignedHead(ledger, seq, digest, time, "", self.public_key)
        signature = self._key.sign(bare.message).hex()
        return SignedHead(ledger, seq, digest, time, signature, self.public_key)


def new_key(path: Path | None) -> Signer:
    """A new key; its file can be read by its owner alone and is never written over.

    Parameters
    ----------
    path : Path or None
        Where it is kept; none for a ledger in memory.

    Raises
    ------
    ConfigError
        E815 the file exists or cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    if path is None:
        return Signer(key)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(pem)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as fault:
        raise ConfigError("E815", file=path, detail=fault.strerror) from None
    return Signer(key)


def read_key(path: Path) -> Signer:
    """The key of a ledger.

    Raises
    ------
    InputError
        E815 the file is missing, is no Ed25519 key, or others can read it.
    """
    try:
        if path.stat().st_mode & _OWNER_ONLY:
            raise InputError("E815", file=path, detail="权限应为 0600 / its mode must be 0600")
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as fault:
        raise InputError("E815", file=path, detail=fault) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise InputError("E815", file=path, detail="Ed25519")
    return Signer(key)
