"""A place without any information: what that means, and the status of the area above it."""

from __future__ import annotations

from ..facts.context import Context
from ..facts.evidence import Evidence
from ..facts.known import is_known
from ..facts.queries import NATION, area
from ..facts.values import TABLE, ZEROS, full_cell
from ..model import Block, Cell, Column, Group, Section, Table, Text

ALSO_WITHOUT_DATA = True
LATEST = """
select * from {table} where area_code = ? and outcome = ? and value is not null
order by voting_date desc, election_id limit 1
"""


def build(ctx: Context) -> Section | None:
    """Build the explanation and the parent's latest known value; nothing if the area itself has data."""
    if is_known(ctx):
        return None
    blocks: list[Block] = [Text(ctx.say.paragraphs("unknown.text", area=ctx.area.name))]
    above = area(ctx.con, ctx.area.parent_code or NATION)
    evidence = Evidence(ctx, above)
    lines = []
    for goal, outcomes in ZEROS.items():
        found = ctx.rows(TABLE, LATEST, [above.code, outcomes[0]])
        if found:
            row = found[0]
            name = Cell(ctx.say(f"indicator.{outcomes[0]}"), outcomes[0])
            election = Cell(ctx.election_heading(row["election_id"]), row["election_id"])
            lines.append(
                (Cell(ctx.say(f"goal.{goal}")), name, election, full_cell(ctx, row), evidence.cell(row))
            )
    if lines:
        columns = (
            Column(ctx.say("zeros.goal"), width=1.5),
            Column(ctx.say("zeros.indicator"), width=2.2),
            ctx.words.column(TABLE, "election_id", 2.2),
            Column(ctx.words.field(TABLE, "value"), width=2.2, help=ctx.say("zeros.realisation_help")),
            Column(ctx.say("sources.column"), width=1.0),
        )
        title = ctx.say("unknown.above", area=above.name)
        blocks.append(Table(title, columns, (Group("", tuple(lines)),), (ctx.say("unknown.note"),)))
    return Section("unknown", ctx.say("unknown.title"), tuple(blocks))
