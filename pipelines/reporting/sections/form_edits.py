"""Results edited after publication, as seen by repeated downloads."""

from __future__ import annotations

from typing import Any

from ..facts.audits import by_contest, contest_name, names
from ..facts.context import Context
from ..language import numbers
from ..model import Block, Cell, Column, Group, Section, Table, Text

TABLE = "mart.result_change_area"
NUMBERS = ("n_edits", "n_withdrawn", "n_vote_edits", "n_votes_moved", "largest_change")


def build(ctx: Context) -> Section | None:
    """Build the rows of the area and those below it; nothing if no edit was seen."""
    found = by_contest(ctx, TABLE)
    if not found:
        return None
    known = names(ctx, (row["area_code"] for _, rows in found for row in rows))
    groups = []
    for key, rows in found:
        groups.append(Group(contest_name(ctx, *key), tuple(_line(ctx, row, known) for row in rows)))
    columns = (
        Column(ctx.words.field("mart.hotspots", "area_name"), width=1.8),
        Column(ctx.words.field(TABLE, "n_tps_changed"), "end", 1.4, ctx.say("edits.of")),
        *(ctx.words.column(TABLE, name, 0.9) for name in NUMBERS),
        ctx.words.column(TABLE, "last_changed", 1.2),
    )
    table = Table("", columns, tuple(groups), (ctx.say("edits.note"),))
    blocks: tuple[Block, ...] = (Text((ctx.say("edits.intro"),)), table, *ctx.caveats(TABLE))
    return Section("form_edits", ctx.say("edits.title"), blocks)


def _line(ctx: Context, row: dict[str, Any], known: dict[str, str]) -> tuple[Cell, ...]:
    is_own = row["area_code"] == ctx.area.code
    changed = numbers.integer(row["n_tps_changed"], ctx.lang)
    if row["n_tps"] is not None:
        changed = f"{changed} / {numbers.integer(row['n_tps'], ctx.lang)}"
    return (
        Cell(known[row["area_code"]], row["area_code"], tone="strong" if is_own else ""),
        Cell(changed, row["n_tps_changed"], tone="strong"),
        *ctx.words.cells(TABLE, NUMBERS, row),
        ctx.words.cell(TABLE, "last_changed", row["last_changed"].date()),
    )
