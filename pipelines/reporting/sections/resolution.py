"""What these numbers can and cannot show: over-dispersion, and the smallest detectable difference."""

from __future__ import annotations

from typing import Any

from pipelines.catalog.vocabulary import COMPARED_LEVELS, REPORT_LEVELS

from ..facts.certainty import scope_name
from ..facts.context import Context
from ..facts.families import own_scope
from ..facts.values import heading
from ..language import numbers
from ..model import Block, Cell, Column, Group, Section, Table, Text

TABLE = "mart.resolution"
SPREAD = "mart.dispersion"
LEVELS = REPORT_LEVELS
MOST = 14
SQL = """
select resolution.scope_code, resolution.election_id, outcome, level, unit, median_exposure, detectable_ratio,
       n_areas, total_count, variance_ratio, shape_k, n_hit, n_hit_expected
from {table} as resolution
join (select * exclude (unit, is_comparable) from mart.dispersion) using
     (scope_code, election_id, outcome, level)
join (select election_id, voting_date from ref.elections) using (election_id)
where scope_code = ? and is_comparable and total_count > 0
order by voting_date desc, election_id, list_position(['psu', 'psl', 'pss', 'dispute'], outcome),
         list_position(['province', 'regency', 'district'], level)
"""


def build(ctx: Context) -> Section | None:
    """Build half a page: the rows of the scope in which this area is compared."""
    if ctx.area.level not in LEVELS:
        return None
    rows: list[dict[str, Any]] = []
    for scope in dict.fromkeys((own_scope(ctx), "00")):
        rows = rows or (ctx.rows(TABLE, SQL, [scope]) if ctx.has(SPREAD) else [])
    title = ctx.words.table(TABLE)
    if not rows:
        return Section("resolution", title, (Text((ctx.say("resolution.none"),)),))
    blocks: tuple[Block, ...] = (Text(tuple(_words(ctx, rows))), _table(ctx, rows[:MOST]))
    return Section("resolution", title, blocks)


def _words(ctx: Context, rows: list[dict[str, Any]]) -> list[str]:
    told = [ctx.say("resolution.intro", scope=scope_name(ctx, rows[0]["scope_code"]))]
    # The clearest case of each level: the election with most re-votes.
    psu = [row for row in rows if row["outcome"] == "psu"]
    for level in COMPARED_LEVELS:
        found = [row for row in psu if row["level"] == level and row["detectable_ratio"] is not None]
        if not found:
            continue
        row = max(found, key=lambda r: r["total_count"])
        told.append(
            ctx.say(
                "resolution.told",
                level=ctx.words.label("level", level),
                tps=round(row["median_exposure"]),
                election=ctx.election_name(row["election_id"]),
                ratio=numbers.decimal(row["detectable_ratio"], ctx.lang),
                hit=row["n_hit"],
                expected=round(row["n_hit_expected"]),
            )
        )
    return [told[0], " ".join(told[1:])] if len(told) > 1 else told


def _table(ctx: Context, rows: list[dict[str, Any]]) -> Table:
    words = ctx.words
    columns = (
        words.column(TABLE, "election_id", 1.5),
        Column(words.field(TABLE, "outcome"), width=1.2),
        words.column(TABLE, "level", 1.2),
        words.column(SPREAD, "total_count", 0.8),
        words.column(SPREAD, "n_areas", 0.9),
        Column(ctx.say("resolution.hit"), "end", 1.3, ctx.say("resolution.hit_help")),
        words.column(SPREAD, "variance_ratio", 1.1),
        words.column(SPREAD, "shape_k", 0.8),
        words.column(TABLE, "median_exposure", 1.0),
        Column(ctx.say("resolution.smallest"), "end", 1.2, words.table(TABLE)),
    )
    lines = tuple(_line(ctx, row) for row in rows)
    return Table("", columns, (Group("", lines),), (ctx.say("resolution.note"),))


def _line(ctx: Context, row: dict[str, Any]) -> tuple[Cell, ...]:
    words, lang = ctx.words, ctx.lang
    known = ctx.elections.get(row["election_id"])
    ratio = row["detectable_ratio"]
    hit = f"{numbers.integer(row['n_hit'], lang)} / {numbers.decimal(row['n_hit_expected'], lang)}"
    return (
        Cell(known.short if known else row["election_id"], row["election_id"]),
        Cell(heading(ctx, row["outcome"]), row["outcome"]),
        words.cell(TABLE, "level", row["level"]),
        words.cell(SPREAD, "total_count", row["total_count"]),
        words.cell(SPREAD, "n_areas", row["n_areas"]),
        Cell(hit, row["n_hit"]),
        words.cell(SPREAD, "variance_ratio", row["variance_ratio"]),
        words.cell(SPREAD, "shape_k", row["shape_k"], 2),
        Cell(numbers.integer(round(row["median_exposure"]), lang), row["median_exposure"]),
        Cell(f"{numbers.decimal(ratio, lang)}×", ratio, tone="strong")
        if ratio is not None
        else Cell(ctx.say("resolution.cannot"), None, tone="muted"),
    )
