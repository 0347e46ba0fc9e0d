"""The pledge ledger: one tonne is pledged once.

In: rights with their place and yield by vintage, claims on them, registrations entered elsewhere.
Out: balances by right and vintage, alerts, a signed head for every report. Events are only ever
appended, each carries the hash of the one before; every table beside them is derived from them.

Names are loaded on first use; the ledger needs the extra ``registry``.
"""

from importlib import import_module
from typing import Any

from ecogis.core.errors import ConfigError

_NAMES = {
    "Claim": "ecogis.registry.claims",
    "Event": "ecogis.registry.chain",
    "Ledger": "ecogis.registry.ledger",
    "Lifecycle": "ecogis.registry.lifecycle",
    "Policy": "ecogis.registry.claims",
    "Registration": "ecogis.registry.claims",
    "Right": "ecogis.registry.claims",
    "SignedHead": "ecogis.registry.signing",
    "Step": "ecogis.registry.lifecycle_steps",
    "Survey": "ecogis.registry.claims",
    "enter": "ecogis.registry.imports_entering",
    "judge": "ecogis.registry.imports",
    "lives": "ecogis.registry.lifecycle_record",
    "next_steps": "ecogis.registry.lifecycle_due",
    "overdue": "ecogis.registry.lifecycle_due",
    "record_step": "ecogis.registry.lifecycle_record",
    "verify_export": "ecogis.registry.exporting",
}
_EXTRAS = {"sqlalchemy": "registry", "cryptography": "registry", "psycopg": "postgres"}

__all__ = [*_NAMES]  # noqa: PLE0604 - names of strings


def __getattr__(name: str) -> Any:
    if name not in _NAMES:
        raise AttributeError(f"module 'ecogis.registry' has no attribute '{name}'")
    try:
        return getattr(import_module(_NAMES[name]), name)
    except ModuleNotFoundError as fault:
        missing = str(fault.name).partition(".")[0]
        if missing not in _EXTRAS:
            raise
        raise ConfigError("E800", library=missing, extra=_EXTRAS[missing]) from None
