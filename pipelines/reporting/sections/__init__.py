"""The parts of a report, in order. A new part is one module here with `ORDER` and `build(context)`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType


@cache
def modules() -> tuple[ModuleType, ...]:
    """Section modules sorted by their ORDER; each has `build(Context) -> Section | None`."""
    found = (importlib.import_module(f"{__name__}.{item.name}") for item in pkgutil.iter_modules(__path__))
    return tuple(sorted(found, key=lambda module: (module.ORDER, module.__name__)))
