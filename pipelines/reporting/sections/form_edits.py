"""Results that were edited after publication, where repeated downloads have seen it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from .. import numbers
from ..audits import contest_name, names
from ..context import Context
from ..model import Block, Cell, Column, Group, Section, Table, Text
from ..queries import BELOW

ORDER = 49
TABLE = "mart.result_change_area"
LEVELS = ("national", "province", "regency")
NUMBERS = ("n_edits", "n_withdrawn", "n_vote_edits", "n_votes_moved", "largest_change")
SQL = """
select edits.*, voting_date
from {table} as edits
join (select election_id, voting_date from ref.elections) using (election_id)
where area_code = ? or (level = ? and (? = '00' or starts_with(area_code, ?)))
order by voting_date desc, election_id, contest, area_code
"""


def build(ctx: Context) -> Section | None:
    """The area and those below it; nothing where no edit was seen."""
    if ctx.area.level not in LEVELS:
        return None
    code = ctx.area.code
    rows = ctx.rows(TABLE, SQL, [code, BELOW[ctx.area.level], code, code])
    if not any(row["area_code"] == code for row in rows):
        return None
    known = names(ctx, (row["area_code"] for row in rows))
    groups = []
    for key, members in groupby(rows, key=lambda row: (row["election_id"], row["contest"])):
        found = sorted(members, key=lambda row: (row["area_code"] != code, row["area_code"]))
        groups.append(Group(contest_name(ctx, *key), tuple(_line(ctx, row, known) for row in found)))
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
