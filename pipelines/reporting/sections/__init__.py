"""The sections of a report. To add one, create a module here with
`build(context)` and list its name in `IN_ORDER`."""

from __future__ import annotations

import importlib
from functools import cache
from types import ModuleType

# Order of the sections on a page.
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

# Sections already covered by the brief, if there is one.
IN_BRIEF = ("unknown", "three_zeros", "first_places")
# Sections shown once per release, in the book of methods.
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
# Sections only in the book; a page without a brief includes the others itself.
ONLY_IN_METHODS = ("law", "glossary")
# Sections on result forms.
ON_FORMS = ("form_audit", "form_worst", "form_uploads", "form_incidents", "form_edits")
# Sections in the book and on every page.
ON_EVERY_PAGE = ("sources",)


def in_details(has_outlines: bool, has_checklist: bool, has_forms: bool) -> tuple[ModuleType, ...]:
    """Return the sections that follow the brief of an area.

    `has_outlines`: boundaries are loaded, so that maps show more than the tiles of the brief; `has_checklist`:
    the steps are on a separate checklist; `has_forms`: result forms of polling stations are loaded.
    """
    left_out = {*IN_BRIEF, *IN_METHODS} - {*ON_EVERY_PAGE}
    left_out |= set() if has_forms else {*ON_FORMS}
    left_out |= (set() if has_outlines else {"maps"}) | ({"actions"} if has_checklist else set())
    return tuple(module for module in modules() if module.__name__.rpartition(".")[2] not in left_out)


def in_methods() -> tuple[ModuleType, ...]:
    """Return the sections of the book of methods."""
    return tuple(module for module in modules() if module.__name__.rpartition(".")[2] in IN_METHODS)


def without_brief() -> tuple[ModuleType, ...]:
    """Return the sections of a page without a brief and without a book to refer to."""
    return tuple(m for m in modules() if m.__name__.rpartition(".")[2] not in ONLY_IN_METHODS)


@cache
def modules() -> tuple[ModuleType, ...]:
    """Return the section modules in page order; each has `build(Context) -> Section | None`."""
    return tuple(importlib.import_module(f"{__name__}.{name}") for name in IN_ORDER)
