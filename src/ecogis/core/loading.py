"""Names of a package loaded on first use, so that its kernels can be had without its tables."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, Final

__all__ = ["on_first_use"]

_PLACES: Final = "_places"


class _Package(ModuleType):
    """A package whose public names may be those of its modules: the public name wins."""

    def __getattr__(self, name: str) -> Any:
        places = self.__dict__.get(_PLACES, {})
        if name not in places:
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}'")
        found = getattr(import_module(f"{self.__name__}.{places[name]}"), name)
        self.__dict__[name] = found
        return found

    def __setattr__(self, name: str, value: object) -> None:
        if not (isinstance(value, ModuleType) and name in self.__dict__[_PLACES]):
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return sorted({*self.__dict__, *self.__dict__[_PLACES]})


def on_first_use(package: str, modules: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Let a package load each public name when it is first asked for.

    Parameters
    ----------
    package : str
        Its full name; called while it is imported.
    modules : mapping of str to tuple of str
        Module of the package to the public names it defines.

    Returns
    -------
    list of str
        All of them, sorted: the package's ``__all__``.
    """
    found = sys.modules[package]
    names = {name: module for module, listed in modules.items() for name in listed}
    found.__dict__[_PLACES] = names
    found.__class__ = _Package
    return sorted(names)
