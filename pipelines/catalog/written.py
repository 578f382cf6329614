"""Generate the committed files docs/DICTIONARY.md and schema.lock.json from the catalog.

`python -m pipelines.catalog.written` writes both; tests fail when they are out of date.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from .declared import caveats, code_lists, load, views
from .messages import Message, UserError
from .model import Table
from .vocabulary import LAYERS_TO_READ

ROOT = Path(__file__).parents[2]
DICTIONARY = Path("docs") / "DICTIONARY.md"
LOCK = Path("schema.lock.json")
# Increment it when you remove a table, column, type or key, or change the meaning of one.
SCHEMA_VERSION = 2
_HEAD = """# Data dictionary

Written from the catalog by `python -m pipelines.catalog.written`; a test keeps it fresh. The same stands inside the
database (comments, `meta.dictionary`, `meta.code_values`, `meta.relations`), in Indonesian as well.
"""


def everything() -> tuple[Table, ...]:
    """Return tables and views, those most useful to readers first."""
    return tuple(sorted((*load(), *views()), key=lambda t: (LAYERS_TO_READ.index(t.layer), t.name)))


def dictionary() -> str:
    """Return the text of docs/DICTIONARY.md."""
    tables = everything()
    lines = [_HEAD, "| table | what it holds |", "|---|---|"]
    lines += [f"| [{t.full_name}](#{_anchor(t.full_name)}) | {_cell(t.title['en'])} |" for t in tables]
    for table in tables:
        lines += ["", *_table(table)]
    lines += ["", "## Codes", ""]
    for name, values in code_lists().items():
        lines += [
            f"### Codes of {name}",
            "",
            "| code | English | Indonesian | meaning |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| `{code}` | {_cell(words['en'])} | {_cell(words['id'])} | {_cell(words.get('explain_en', ''))} |"
            for code, words in values.items()
        ]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _anchor(name: str) -> str:
    return name.replace(".", "")


def _table(table: Table) -> Iterator[str]:
    kind = "view" if table.is_view else "table"
    yield f"## {table.full_name}"
    yield ""
    yield f"{table.title['en']} ({kind}; {table.grain}). {table.description['en']}"
    yield ""
    yield f"Key: {', '.join(f'`{name}`' for name in table.primary_key)}."
    for key in table.foreign_keys:
        yield f"`{', '.join(key.fields)}` points at `{key.reference}`."
    for name in table.caveats:
        yield f"Beware: {caveats()[name]['en']}"
    yield ""
    yield "| column | type | meaning | unit | codes |"
    yield "|---|---|---|---|---|"
    for field in table.fields:
        codes = f"[{field.codes}](#codes-of-{field.codes})" if field.codes else ""
        meaning = _cell(field.description["en"])
        yield f"| `{field.name}` | {field.sql_type} | {meaning} | {field.unit} | {codes} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def schema(tables: Iterable[Table]) -> dict[str, Any]:
    """Return the tables with their column types and keys, in the form of schema.lock.json."""
    return {
        table.full_name: {
            "key": list(table.primary_key),
            "columns": {field.name: field.sql_type for field in table.fields},
        }
        for table in sorted(tables, key=lambda t: t.full_name)
    }


def breaking(before: Mapping[str, Any], now: Mapping[str, Any], formerly: Iterable[str] = ()) -> list[str]:
    """Return what a query written for the schema `before` no longer finds: tables, columns, types and keys.

    Args:
        formerly: old names of renamed tables that still exist as views.
    """
    found = []
    for name, table in before.items():
        if name not in now:
            found += [] if name in set(formerly) else [f"{name} is gone"]
            continue
        there = now[name]["columns"]
        for column, kind in table["columns"].items():
            if column not in there:
                found.append(f"{name}.{column} is gone")
            elif there[column] != kind:
                found.append(f"{name}.{column} was {kind}, is {there[column]}")
        if table["key"] != now[name]["key"]:
            found.append(f"{name}: the key was {', '.join(table['key'])}")
    return found


def formerly() -> list[str]:
    """Return the old names of renamed tables that still exist as views."""
    return [name for table in load() for name in table.formerly]


def read_lock(root: Path = ROOT) -> dict[str, Any]:
    """Return the committed schema: `version` and `tables`; version 0 without tables where there is no file."""
    path = root / LOCK
    if not path.exists():
        return {"version": 0, "tables": {}}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


class BreakingChangeError(UserError):
    """The schema lost something although SCHEMA_VERSION was not raised."""


def write(root: Path = ROOT) -> None:
    """Write both files.

    Raises:
        BreakingChangeError: something was removed and SCHEMA_VERSION was not raised.
    """
    lock, now = read_lock(root), schema(everything())
    lost = breaking(lock["tables"], now, formerly())
    if lost and lock["version"] >= SCHEMA_VERSION:
        raise BreakingChangeError(Message("catalog.breaking_change", lost="; ".join(lost)))
    text = json.dumps({"version": SCHEMA_VERSION, "tables": now}, indent=1, sort_keys=True)
    (root / LOCK).write_text(text + "\n", encoding="utf-8")
    (root / DICTIONARY).write_text(dictionary(), encoding="utf-8")


if __name__ == "__main__":
    try:
        write()
    except BreakingChangeError as error:
        sys.exit(str(error))
