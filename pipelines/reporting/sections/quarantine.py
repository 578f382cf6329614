"""Summary of rows that were rejected or kept with a warning; the raw rows stay in the warehouse."""

from __future__ import annotations

from ..facts.context import Context
from ..model import Cell, Column, Group, Section, Table, Text

TABLE = "meta.quarantine"
LIMIT = 30
SQL = """
select source_file, rule, disposition, min({message}) as {message}, count(*) as n
from {{table}}
group by source_file, rule, disposition
order by disposition desc, n desc, source_file, rule
"""


def build(ctx: Context) -> Section:
    """Build the counts by file, rule and disposition."""
    message = f"message_{ctx.lang}"
    rows = ctx.rows(TABLE, SQL.format(message=message))
    if not rows:
        return Section("quarantine", ctx.words.table(TABLE), (Text((ctx.say("quarantine.none"),)),))
    widths = {"source_file": 1.6, "disposition": 1.3, "rule": 1.6, message: 3.0}
    columns = (*ctx.words.columns(TABLE, widths), Column(ctx.say("quarantine.rows"), "end", 0.7))
    lines = []
    for row in rows[:LIMIT]:
        count = ctx.words.cell(TABLE, "problem_no", row["n"])
        lines.append((*ctx.words.cells(TABLE, widths, row), Cell(count.text, row["n"])))
    counted = "quarantine.count" if len(lines) < len(rows) else "quarantine.count_all"
    notes = (ctx.say(counted, n=sum(row["n"] for row in rows), shown=len(lines), kinds=len(rows)),)
    return Section(
        "quarantine", ctx.words.table(TABLE), (Table("", columns, (Group("", tuple(lines)),), notes),)
    )
