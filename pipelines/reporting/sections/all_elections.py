"""Every election and every outcome of the area, with the sources of each value."""

from __future__ import annotations

from typing import Any

from pipelines.catalog.vocabulary import codes

from ..facts.context import Context
from ..facts.evidence import Evidence
from ..facts.values import OF_AREA, TABLE, brief_cell, heading, unit
from ..model import Cell, Column, Group, Section, Table, Text

OUTCOMES = codes("outcome")
SEE = "coverage"


def build(ctx: Context) -> Section:
    """Build the section: newest election first, one column per outcome."""
    rows = ctx.rows(TABLE, OF_AREA, [ctx.area.code])
    by_key = {(row["election_id"], row["outcome"]): row for row in rows}
    elections = list(dict.fromkeys(row["election_id"] for row in rows))
    outcomes = list(dict.fromkeys(outcome for _, outcome in by_key))
    known = [o for o in OUTCOMES if o in outcomes]
    known += [o for o in outcomes if o not in known]
    columns = [ctx.words.column(TABLE, "election_id", 1.5), ctx.words.column(TABLE, "n_tps", 0.9)]
    for outcome in known:
        unit_text = unit(outcome, ctx.lang)
        help_text = f"{ctx.words.label('outcome', outcome)} ({unit_text})"
        columns.append(Column(heading(ctx, outcome), "end", 1.0, help_text))
    lines, silent, evidence = [], [], Evidence(ctx)
    for election_id in reversed(elections):
        name = ctx.elections[election_id].short if election_id in ctx.elections else election_id
        if not any(_says(row) for (e, _), row in by_key.items() if e == election_id):
            silent.append(name)
            continue
        cells = [_value(ctx, evidence, by_key.get((election_id, outcome))) for outcome in known]
        sizes = [row["n_tps"] for (e, _), row in by_key.items() if e == election_id and row["n_tps"]]
        size = ctx.words.cell(TABLE, "n_tps", max(sizes, default=None))
        lines.append((Cell(name, election_id), size, *cells))
    notes = [ctx.say("trend.note")]
    if silent and not lines:
        text = Text((ctx.say("trend.silent", elections=", ".join(silent)),))
        return Section("all_elections", ctx.say("trend.table"), (text,), see=SEE)
    if silent:
        notes.append(ctx.say("trend.silent", elections=", ".join(silent)))
    table = Table("", tuple(columns), (Group("", tuple(lines)),), (" ".join(notes),))
    return Section("all_elections", ctx.say("trend.table"), (table, *ctx.caveats(TABLE)), see=SEE)


def _says(row: dict[str, Any]) -> bool:
    return row["coverage"] != "no_data" or bool(row.get("ordered_lower"))


def _value(ctx: Context, evidence: Evidence, row: dict[str, Any] | None) -> Cell:
    """Return the value; an outcome that cannot occur at an election (no row) is a dash."""
    return brief_cell(ctx, row, evidence.numbers(row)) if row else ctx.words.cell(TABLE, "value", None)
