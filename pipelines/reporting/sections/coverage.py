"""Completeness of the data, and reconciliation with official counts."""

from __future__ import annotations

from pipelines.catalog.vocabulary import WIDE_LEVELS

from ..facts.context import Context
from ..facts.values import short_label
from ..model import Cell, Group, Section, Table, Text

TABLE = "mart.coverage"
WIDTHS = {
    "election_id": 1.4,
    "outcome": 1.4,
    "coverage": 1.4,
    "value": 0.8,
    "n_complete": 0.8,
    "n_at_least": 0.8,
    "n_steps_only": 0.8,
    "n_no_data": 0.8,
    "n_unlocated": 1.0,
    "expected_count": 0.9,
    "difference": 0.8,
}


def build(ctx: Context) -> Section:
    """Build the rows of this area; a regency shows those of its province, and says so."""
    code = ctx.area.code
    if ctx.area.level not in WIDE_LEVELS and len(code) > 2:
        code = code[:2]
    rows = ctx.rows(
        TABLE,
        "select coverage.*, voting_date from {table} as coverage"
        " left join (select election_id, voting_date from ref.elections) using (election_id)"
        " where area_code = ? order by voting_date desc, election_id,"
        " list_position(['psu', 'psl', 'pss', 'pssu', 'psu_court', 'late_recap', 'dispute'], outcome)",
        [code],
    )
    if not rows:
        return Section("coverage", ctx.words.table(TABLE), (Text((ctx.say("coverage.none"),)),))
    hidden = [row for row in rows if row["coverage"] == "no_data" and row["expected_count"] is None]
    lines = []
    for row in (row for row in rows if row not in hidden):
        cells = dict(zip(WIDTHS, ctx.words.cells(TABLE, WIDTHS, row), strict=True))
        known = ctx.elections.get(row["election_id"])
        cells["election_id"] = Cell(known.short if known else row["election_id"], row["election_id"])
        cells["outcome"] = Cell(short_label(ctx, row["outcome"]), row["outcome"])
        if row["difference"]:
            cells["difference"] = Cell(cells["difference"].text, row["difference"], tone="alert")
        lines.append(tuple(cells.values()))
    notes = [ctx.say("coverage.note"), ctx.say("coverage.hidden", n=len(hidden))]
    if code != ctx.area.code:
        notes.insert(
            0,
            ctx.say("coverage.of_parent", area=ctx.words.cell(TABLE, "area_name", rows[0]["area_name"]).text),
        )
    table = Table("", ctx.words.columns(TABLE, WIDTHS), (Group("", tuple(lines)),), tuple(notes))
    return Section("coverage", ctx.words.table(TABLE), (table, *ctx.caveats(TABLE)))
