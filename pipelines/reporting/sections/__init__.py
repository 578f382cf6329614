"""The parts of a report. A new part is one module here with `build(context)` and its name in `IN_ORDER`."""

from __future__ import annotations

import importlib
from functools import cache
from types import ModuleType

# The order in which the parts stand on a page.
IN_ORDER = (
    "unknown",
    "three_zeros",
    "first_places",
    "actions",
    "maps",
    "all_elections",
    "how_sure",
    "rankings",
    "clusters",
    "ground_profile",
    "incidents",
    "recap",
    "form_audit",
    "form_worst",
    "form_uploads",
    "form_incidents",
    "form_edits",
    "disputes",
    "backtest",
    "resolution",
    "coverage",
    "conflicts",
    "checks",
    "quarantine",
    "sources",
    "method",
    "warnings",
    "version",
)


@cache
def modules() -> tuple[ModuleType, ...]:
    """Section modules in the order of the page; each has `build(Context) -> Section | None`."""
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in IN_ORDER)
