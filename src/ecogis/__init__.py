"""From forest map and title to certified reductions, pledge value and county accounts.

``import ecogis as eg`` costs nothing: each name is loaded on first use.

Examples
--------
>>> import ecogis as eg
>>> eg.__version__
'0.1.0'
"""

from importlib import import_module
from importlib.metadata import version
from typing import Any

__version__ = version("ecogis")

_STAGES = (
    "accounts",
    "carbon",
    "crediting",
    "eligibility",
    "growth",
    "io",
    "methods",
    "numerics",
    "overlay",
    "quality",
    "registry",
    "report",
    "services",
    "spatial",
    "valuation",
)
_FUNCTIONS = {
    "assess": "ecogis.pipeline",
    "balance": "ecogis.pipeline.balance_run",
    "batch": "ecogis.pipeline.batching",
    "check": "ecogis.pipeline",
    "compare": "ecogis.pipeline",
    "explain_run": "ecogis.pipeline",
    "pack": "ecogis.pipeline.packing",
    "verify": "ecogis.pipeline.verifying",
    "open": "ecogis.pipeline",
    "revalue": "ecogis.pipeline",
    "watch": "ecogis.pipeline",
    "explain": "ecogis.methods",
    "Findings": "ecogis.core.findings",
    "EcogisError": "ecogis.core.errors",
}

__all__ = ["__version__", *_FUNCTIONS, *_STAGES]  # noqa: PLE0604 - names of strings


def __getattr__(name: str) -> Any:
    if name in _FUNCTIONS:
        return getattr(import_module(_FUNCTIONS[name]), name)
    if name in _STAGES:
        return import_module(f"ecogis.{name}")
    raise AttributeError(f"module 'ecogis' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
