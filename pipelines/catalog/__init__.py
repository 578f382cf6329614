"""Declarations of everything that exists: tables, columns, keys, rules, code lists and caveats, in two
languages.

Names are imported on first use: the command line needs only messages and starts quickly without the rest.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .declared import (
        RUN_COLUMNS,
        caveats,
        code_lists,
        columns,
        glossary,
        label,
        load,
        load_folder,
        needed,
        table,
        views,
    )
    from .model import CatalogError, Field, ForeignKey, Rule, SourceRef, Table
    from .vocabulary import LANGS

__all__ = [
    "LANGS",
    "RUN_COLUMNS",
    "CatalogError",
    "Field",
    "ForeignKey",
    "Rule",
    "SourceRef",
    "Table",
    "caveats",
    "code_lists",
    "columns",
    "glossary",
    "label",
    "load",
    "load_folder",
    "needed",
    "table",
    "views",
]
_MODULES = ("declared", "model", "vocabulary")


def __getattr__(name: str) -> Any:
    if name in __all__:
        for module in (import_module(f"{__name__}.{one}") for one in _MODULES):
            if hasattr(module, name):
                globals()[name] = found = getattr(module, name)
                return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
