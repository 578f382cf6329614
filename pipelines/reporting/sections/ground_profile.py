"""Shares of grounds by area: with intervals, "unknown" kept, and cells that truly stand out."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Literal

from pipelines.catalog.vocabulary import REPORT_LEVELS

from ..facts.certainty import scope_name
from ..facts.context import Context
from ..facts.families import own_scope
from ..language import numbers
from ..model import Block, Cell, Column, Figure, Group, Section, Table, Text

TABLE = "mart.ground_profile"
LEVELS = REPORT_LEVELS
LEAST = 10  # minimum number of incidents for an area in the nation's table
SQL = """
select profile.*, sum(n_incidents) over (partition by area_code) as n_area
from {table} as profile
where scope_code = ? and outcome = 'psu'
order by n_area desc, area_code, ground_code = 'unknown', n_incidents desc, ground_code
"""


def build(ctx: Context) -> Section | None:
    """Build the province's own table if there is one, else its row in the
    nation's; the nation's for the nation."""
    if ctx.area.level not in LEVELS:
        return None
    title = ctx.words.table(TABLE)
    rows: list[dict[str, Any]] = []
    for scope in dict.fromkeys((own_scope(ctx), "00")):
        rows = rows or ctx.rows(TABLE, SQL, [scope])
    shown = _shown(ctx, rows)
    if not shown:
        return Section("ground_profile", title, (Text((ctx.say("grounds.none"),)),))
    blocks: list[Block] = [Text(tuple(_words(ctx, rows, shown)))]
    if ctx.area.level != "regency":
        blocks.append(_figure(ctx, rows if rows[0]["scope_code"] == ctx.area.code else shown))
    blocks.append(_table(ctx, shown))
    return Section("ground_profile", title, (*blocks, *ctx.caveats(TABLE)))


def _shown(ctx: Context, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if ctx.area.is_nation:
        return [row for row in rows if row["n_area"] >= LEAST]
    if rows and rows[0]["scope_code"] == ctx.area.code:
        return rows
    code = ctx.area.code if rows and rows[0]["level"] == "regency" else ctx.area.code[:2]
    return [row for row in rows if row["area_code"] == code]


def _words(ctx: Context, rows: list[dict[str, Any]], shown: list[dict[str, Any]]) -> list[str]:
    total = sum(row["n_incidents"] for row in shown)
    unknown = sum(row["n_incidents"] for row in shown if row["ground_code"] == "unknown")
    told = [ctx.say("grounds.total", n=total, unknown=unknown)]
    flagged = [row for row in shown if row["is_flagged"]]
    for row in flagged:
        told.append(
            ctx.say(
                "grounds.flagged",
                area=numbers.short_area(row["area_name"]),
                ground=numbers.clean(row[f"ground_{ctx.columns}"] or row["ground_code"]),
                n=row["n_incidents"],
                expected=numbers.decimal(row["expected"], ctx.lang),
            )
        )
    p = rows[0]["global_p_value"]
    if not flagged:
        told.append(ctx.say("grounds.no_flag"))
    if p is not None:
        scope = scope_name(ctx, rows[0]["scope_code"])
        told.append(ctx.say("grounds.test", scope=scope, p=numbers.decimal(p, ctx.lang, 3)))
    return told


def _figure(ctx: Context, rows: list[dict[str, Any]]) -> Figure:
    from ..figures.bars import bars  # imported late: matplotlib is slow to import

    totals: dict[str, int] = {}
    names: dict[str, str] = {}
    for row in rows:
        totals[row["ground_code"]] = totals.get(row["ground_code"], 0) + row["n_incidents"]
        names[row["ground_code"]] = numbers.clean(row[f"ground_{ctx.columns}"] or row["ground_code"])
    order = sorted(totals, key=lambda code: (code == "unknown", -totals[code], code))
    entries = [(names[code], totals[code], code == "unknown") for code in order]
    unit = ctx.words.field(TABLE, "n_incidents")
    basis = ctx.say("grounds.basis", n=sum(totals.values()))
    line = ctx.say("figure.line", date=numbers.long_date(ctx.release.data_date, ctx.lang), basis=basis)
    return Figure(ctx.say("grounds.figure"), (bars(entries, unit, ctx.lang),), line)


def _table(ctx: Context, rows: list[dict[str, Any]]) -> Table:
    words = ctx.words
    columns = (
        Column(words.field(TABLE, "ground_id" if ctx.columns == "id" else "ground_code"), width=3.4),
        words.column(TABLE, "n_incidents", 0.9),
        Column(ctx.say("rankings.interval", name=words.field(TABLE, "share")), "end", 1.5),
        words.column(TABLE, "expected", 0.9),
        words.column(TABLE, "lift", 0.9),
        words.column(TABLE, "eb05", 0.8),
        words.column(TABLE, "is_flagged", 0.9),
    )
    groups, pooled = [], _pooled(rows)
    for _, members in groupby(rows, key=lambda row: row["area_code"]):
        found = list(members)
        name = numbers.short_area(found[0]["area_name"] or found[0]["area_code"])
        title = ctx.say("grounds.group", area=name, n=int(found[0]["n_area"]))
        groups.append(Group(title, tuple(_line(ctx, row, pooled) for row in found)))
    notes = [ctx.say("grounds.note")]
    if pooled:
        notes.insert(0, ctx.say("grounds.pooled"))
    if ctx.area.is_nation:
        notes.append(ctx.say("grounds.least", n=LEAST))
    return Table("", columns, tuple(groups), tuple(notes))


def _pooled(rows: list[dict[str, Any]]) -> bool:
    """Return whether areas are fully pooled: an interval of a percentage point would be false precision."""
    return all(row["share_high"] - row["share_low"] < 0.02 for row in rows)


def _line(ctx: Context, row: dict[str, Any], pooled: bool) -> tuple[Cell, ...]:
    words = ctx.words
    tone: Literal["muted", ""] = "muted" if row["ground_code"] == "unknown" else ""
    share, low, high = (
        numbers.integer(round(100 * row[name]), ctx.lang) for name in ("share", "share_low", "share_high")
    )
    flagged = bool(row["is_flagged"])
    return (
        Cell(
            numbers.clean(row[f"ground_{ctx.columns}"] or row["ground_code"]), row["ground_code"], tone=tone
        ),
        Cell(numbers.integer(row["n_incidents"], ctx.lang), row["n_incidents"], tone="strong"),
        Cell(f"{share} %" if pooled else f"{share} % ({low}–{high} %)", row["share"]),
        words.cell(TABLE, "expected", row["expected"]),
        words.cell(TABLE, "lift", row["lift"]),
        words.cell(TABLE, "eb05", row["eb05"]),
        Cell(
            words.label("yes_no", "yes" if flagged else "no"), flagged, tone="strong" if flagged else "muted"
        ),
    )
