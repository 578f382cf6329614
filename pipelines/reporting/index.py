"""What the entry page lists: every area with its files and its latest known realisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from . import queries
from .context import Context
from .files import file_name
from .realisation import TABLE, full_cell


@dataclass(frozen=True)
class Entry:
    """One area of the index; empty file names where a file does not exist."""

    code: str
    name: str
    level: str
    html: str
    pdf: str
    latest: str


def entries(con: duckdb.DuckDBPyConnection, areas: Sequence[str], lang: str, out_dir: Path) -> list[Entry]:
    """Entries in the order given."""
    elections, release = queries.elections(con, lang), queries.release(con)
    found = []
    for code in dict.fromkeys(areas):
        ctx = Context(con, queries.area(con, code), lang, elections, release)
        names = {kind: file_name(ctx.area, lang, kind) for kind in ("html", "pdf")}
        names = {kind: name if (out_dir / name).exists() else "" for kind, name in names.items()}
        level = ctx.words.label("level", ctx.area.level)
        found.append(Entry(ctx.area.code, ctx.area.name, level, names["html"], names["pdf"], _latest(ctx)))
    return found


def _latest(ctx: Context) -> str:
    rows = ctx.rows(
        TABLE,
        "select * from {table} where area_code = ? and outcome = 'psu' and value is not null"
        " order by voting_date desc, election_id limit 1",
        [ctx.area.code],
    )
    if not rows:
        return ctx.words.label("coverage", "no_data")
    return f"{ctx.election_name(rows[0]['election_id'])}: {full_cell(ctx, rows[0]).text}"
