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
    "recap_filling",
    "form_audit",
    "form_worst",
    "form_uploads",
    "form_incidents",
    "form_edits",
    "disputes",
    "findings",
    "backtest",
    "resolution",
    "coverage",
    "conflicts",
    "checks",
    "quarantine",
    "law",
    "sources",
    "method",
    "warnings",
    "glossary",
    "version",
)

# What the brief says already, where there is one.
IN_BRIEF = ("unknown", "three_zeros", "first_places")
# What is said once per release, in the book of methods.
IN_METHODS = (
    "how_sure",
    "rankings",
    "clusters",
    "ground_profile",
    "backtest",
    "resolution",
    "coverage",
    "conflicts",
    "checks",
    "quarantine",
    "law",
    "sources",
    "method",
    "warnings",
    "glossary",
    "version",
)
# What only the book says: a page without a brief says the rest itself.
ONLY_IN_METHODS = ("law", "glossary")
# What result forms say.
ON_FORMS = ("form_audit", "form_worst", "form_uploads", "form_incidents", "form_edits")
# What stands in the book and on every page.
ON_EVERY_PAGE = ("sources",)


def in_details(has_outlines: bool, has_checklist: bool, has_forms: bool) -> tuple[ModuleType, ...]:
    """The parts that follow the brief of an area.

    `has_outlines`: boundaries are loaded, so that maps show more than the tiles of the brief; `has_checklist`: the
    steps stand on a sheet of their own; `has_forms`: result forms of polling stations are loaded.
    """
    left_out = {*IN_BRIEF, *IN_METHODS} - {*ON_EVERY_PAGE}
    left_out |= set() if has_forms else {*ON_FORMS}
    left_out |= (set() if has_outlines else {"maps"}) | ({"actions"} if has_checklist else set())
    return tuple(module for module in modules() if module.__name__.rpartition(".")[2] not in left_out)


def in_methods() -> tuple[ModuleType, ...]:
    """The parts of the book of methods."""
    return tuple(module for module in modules() if module.__name__.rpartition(".")[2] in IN_METHODS)


def without_brief() -> tuple[ModuleType, ...]:
    """The parts of a page that has no brief and no book to point to."""
    return tuple(m for m in modules() if m.__name__.rpartition(".")[2] not in ONLY_IN_METHODS)


@cache
def modules() -> tuple[ModuleType, ...]:
    """Section modules in the order of the page; each has `build(Context) -> Section | None`."""
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in IN_ORDER)
