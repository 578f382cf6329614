"""The controlled list of usage warnings, filtered by the tables of a report."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines import catalog


def texts(table_names: Iterable[str], lang: str) -> dict[str, str]:
    """Return key -> text of every caveat of the tables, each once, in order of first use."""
    known = catalog.caveats()
    keys = dict.fromkeys(key for name in table_names for key in catalog.table(name).caveats)
    return {key: known[key][lang] for key in keys}


def users(key: str, table_names: Iterable[str], lang: str) -> list[str]:
    """Return the titles of the tables to which a caveat applies."""
    tables = (catalog.table(name) for name in table_names)
    return [table.title[lang] for table in tables if key in table.caveats]
