"""Clusters with the probability under both nulls; only the
over-dispersed null on complete data supports a claim."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from pipelines.catalog.vocabulary import REPORT_LEVELS

from ..facts.certainty import scope_name
from ..facts.context import Context
from ..facts.families import own_scope
from ..facts.values import heading
from ..language import numbers
from ..model import Block, Cell, Column, Group, Section, Table, Text

TABLE = "mart.clusters"
LEVELS = REPORT_LEVELS
SHOWN = {"national": 4, "province": 4, "regency": 6}  # clusters per election and outcome
# Clusters of the province's own scan if there is one, and only those that contain part of the area.
SQL = """
select clusters.*, voting_date
from {table} as clusters
join (select election_id, voting_date from ref.elections) using (election_id)
where scope_code = ? and (? = scope_code or starts_with(area_code, ?)
      or len(list_filter(string_split(member_codes, ';'), code -> starts_with(code, ?))) > 0)
order by voting_date desc, election_id, outcome, p_value, llr desc, method, cluster_rank
"""


def build(ctx: Context) -> Section | None:
    """Build the most likely clusters per election and outcome, with their interpretation."""
    if ctx.area.level not in LEVELS:
        return None
    code = ctx.area.code
    rows: list[dict[str, Any]] = []
    for scope in dict.fromkeys((own_scope(ctx), "00")):
        rows = rows or ctx.rows(TABLE, SQL, [scope, code, code, code])
    title = ctx.words.table(TABLE)
    if not rows:
        return Section("clusters", title, (Text((ctx.say("clusters.none"),)),))
    supported = sum(bool(row["is_supported"]) for row in rows)
    partial = any(not row["is_complete"] for row in rows)
    words = [ctx.say("clusters.supported", n=supported) if supported else ctx.say("clusters.unsupported")]
    words += [ctx.say("clusters.partial")] if partial else []
    blocks: list[Block] = [Text(tuple(words)), _table(ctx, rows)]
    return Section("clusters", title, (*blocks, *ctx.caveats(TABLE)))


def _table(ctx: Context, rows: list[dict[str, Any]]) -> Table:
    words = ctx.words
    columns = (
        Column(ctx.say("clusters.centre"), width=2.0),
        words.column(TABLE, "method", 0.9),
        words.column(TABLE, "n_members", 0.9),
        words.column(TABLE, "count", 0.8),
        words.column(TABLE, "expected", 0.9),
        words.column(TABLE, "relative_risk", 0.9),
        Column(words.field(TABLE, "p_value"), "end", 1.1, ctx.say("clusters.claims_help")),
        Column(words.field(TABLE, "p_poisson"), "end", 0.9, ctx.say("clusters.poisson_help")),
        words.column(TABLE, "is_complete", 0.9),
        words.column(TABLE, "is_supported", 0.9),
    )
    groups = []
    for (election_id, outcome), members in groupby(rows, key=lambda r: (r["election_id"], r["outcome"])):
        found = list(members)
        shown = found[: SHOWN[ctx.area.level]]
        title = ctx.say(
            "clusters.group",
            outcome=heading(ctx, outcome),
            election=ctx.election_name(election_id),
            scope=scope_name(ctx, found[0]["scope_code"]),
            shown=len(shown),
            n=len(found),
        )
        groups.append(Group(title, tuple(_line(ctx, row) for row in shown)))
    return Table("", columns, tuple(groups), (ctx.say("clusters.note"),))


def _line(ctx: Context, row: dict[str, Any]) -> tuple[Cell, ...]:
    words, supported = ctx.words, bool(row["is_supported"])
    return (
        Cell(numbers.short_area(row["area_name"] or row["area_code"]), row["area_code"]),
        _method(ctx, row),
        words.cell(TABLE, "n_members", row["n_members"]),
        Cell(numbers.integer(row["count"], ctx.lang), row["count"], tone="strong"),
        words.cell(TABLE, "expected", row["expected"]),
        words.cell(TABLE, "relative_risk", row["relative_risk"]),
        Cell(numbers.decimal(row["p_value"], ctx.lang, 3), row["p_value"], tone="strong"),
        Cell(numbers.decimal(row["p_poisson"], ctx.lang, 3), row["p_poisson"], tone="muted"),
        words.cell(TABLE, "is_complete", bool(row["is_complete"])),
        Cell(
            words.label("yes_no", "yes" if supported else "no"), supported, tone="strong" if supported else ""
        ),
    )


def _method(ctx: Context, row: dict[str, Any]) -> Cell:
    if row["method"] == "tree":
        return Cell(ctx.say("clusters.tree"), "tree")
    if not row["radius_km"]:
        return Cell(ctx.say("clusters.circle"), "circle")
    km = numbers.decimal(row["radius_km"], ctx.lang, 0 if row["radius_km"] >= 10 else 1)
    return Cell(ctx.say("clusters.circle_of", km=km), "circle")
