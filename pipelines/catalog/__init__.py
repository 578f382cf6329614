"""What exists, declared once: tables, columns, keys, rules, code lists and caveats, in two languages."""

from .load import (
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
