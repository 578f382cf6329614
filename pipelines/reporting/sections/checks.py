"""Results of the checks on this release."""

from __future__ import annotations

from typing import Any

from pipelines.catalog.vocabulary import codes

from ..facts.context import Context
from ..language import numbers
from ..model import Block, Cell, Column, Group, Section, Table, Text

TABLE = "meta.checks"
LIMIT = 30
STATUSES = codes("check_status")


def build(ctx: Context) -> Section:
    """Build the counts of checks by kind and result, then list those that did not pass."""
    counts = ctx.rows(
        TABLE, "select kind, status, count(*) as n from {table} group by kind, status order by kind, status"
    )
    if not counts:
        return Section("checks", ctx.words.table(TABLE), (Text((ctx.say("checks.none"),)),))
    blocks: tuple[Block, ...] = (_summary(ctx, counts), *_remarks(ctx))
    return Section("checks", ctx.words.table(TABLE), blocks)


def _summary(ctx: Context, counts: list[dict[str, Any]]) -> Table:
    by_key = {(row["kind"], row["status"]): row["n"] for row in counts}
    columns = (
        ctx.words.column(TABLE, "kind", 2.0),
        *(Column(ctx.words.label("check_status", status), "end") for status in STATUSES),
    )
    rows = []
    for kind in dict.fromkeys(row["kind"] for row in counts):
        cells = [
            Cell(numbers.integer(by_key.get((kind, s), 0), ctx.lang), by_key.get((kind, s), 0))
            for s in STATUSES
        ]
        rows.append((ctx.words.cell(TABLE, "kind", kind, codes="check_kind"), *cells))
    return Table(ctx.say("checks.summary"), columns, (Group("", tuple(rows)),), (ctx.say("checks.note"),))


def _remarks(ctx: Context) -> tuple[Table, ...]:
    rows = ctx.rows(
        TABLE,
        "select * from {table} where status <> 'pass' order by (status = 'fail') desc, table_name, check_id",
    )
    if not rows:
        return ()
    message = f"message_{ctx.lang}"
    names = {
        "table_name": 1.4,
        message: 2.6,
        "observed": 1.6,
        "expected": 1.4,
        "n_failed": 0.7,
        "status": 0.9,
    }
    lines = []
    for row in rows[:LIMIT]:
        row |= {name: ctx.plain(row[name]) for name in ("observed", "expected") if row[name]}
        row[message] = row[message] or row["rule"]
        lines.append(ctx.words.cells(TABLE, names, row))
    columns = ctx.words.columns(TABLE, names)
    notes = (ctx.say("checks.count", n=len(rows), shown=len(lines)),)
    return (Table(ctx.say("checks.remarks"), columns, (Group("", tuple(lines)),), notes),)
