"""Progress of recapitulation from snapshot to snapshot, and which
provinces lagged; only if there are snapshots."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any

from pipelines.catalog.vocabulary import AREA_LEVELS

from ..facts.audits import contest_name, names
from ..facts.context import Context
from ..language import numbers
from ..language.words import DASH
from ..model import Block, Cell, Column, Group, Section, Table, Text

TABLE = "mart.recap_filling"
HOURS = 12  # hours of one contest in a table; of more, the first, the last and some in between
BEHIND = 10  # number of provinces named
PROVINCE = AREA_LEVELS[0]
NUMBERS = ("n_missing", "n_new", "n_changed", "n_withdrawn")
SQL = """
select filling.*, voting_date
from {table} as filling
join (select election_id, voting_date from ref.elections) using (election_id)
where area_code = ?
order by voting_date desc, election_id, contest, unit_level, seen_hour
"""
LAST = """
select *
from {table}
where election_id = ? and contest = ? and unit_level = ? and seen_hour = ? and n_missing > 0 and area_code <> '00'
order by in_share, n_missing desc, area_code
"""


def build(ctx: Context) -> Section | None:
    """Build the nation or the province hour by hour; the nation also names
    the provinces with most units missing."""
    if not ctx.area.is_nation and ctx.area.level != PROVINCE:
        return None
    rows = ctx.rows(TABLE, SQL, [ctx.area.code])
    if not rows:
        return None
    by_contest = [
        list(found)
        for _, found in groupby(rows, key=lambda r: (r["election_id"], r["contest"], r["unit_level"]))
    ]
    told = [_told(ctx, found) for found in by_contest]
    groups = [
        Group(
            _heading(ctx, found[0]),
            tuple(_line(ctx, row, _hour(ctx, row["seen_hour"])) for row in _some(found)),
        )
        for found in by_contest
    ]
    blocks: list[Block] = [
        Text((ctx.say("filling.intro"), *told)),
        Table(
            "", _columns(ctx, ctx.words.field(TABLE, "seen_hour")), tuple(groups), (ctx.say("filling.note"),)
        ),
    ]
    if ctx.area.is_nation and (
        behind := [group for found in by_contest if (group := _behind(ctx, found[-1]))]
    ):
        province = ctx.words.label("level", PROVINCE).capitalize()
        blocks.append(Table(ctx.say("filling.behind"), _columns(ctx, province), tuple(behind)))
    return Section("recap_filling", ctx.say("filling.title"), (*blocks, *ctx.caveats(TABLE)))


def _heading(ctx: Context, row: dict[str, Any]) -> str:
    contest = contest_name(ctx, row["election_id"], row["contest"])
    return ctx.say(
        "filling.heading", contest=contest, level=ctx.words.label("level", row["unit_level"]).lower()
    )


def _told(ctx: Context, found: list[dict[str, Any]]) -> str:
    last = found[-1]
    return ctx.say(
        "filling.told",
        contest=_heading(ctx, last),
        hour=_hour(ctx, last["seen_hour"]),
        n=last["n_in"],
        of=last["n_units"],
        missing=last["n_missing"],
    )


def _some(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(found) <= HOURS:
        return found
    return [found[round(i * (len(found) - 1) / (HOURS - 1))] for i in range(HOURS)]


def _behind(ctx: Context, last: dict[str, Any]) -> Group | None:
    key = [last["election_id"], last["contest"], last["unit_level"], last["seen_hour"]]
    rows = ctx.rows(TABLE, LAST, key)[:BEHIND]
    if not rows:
        return None
    known = names(ctx, (row["area_code"] for row in rows))
    title = ctx.say("filling.at", contest=_heading(ctx, last), hour=_hour(ctx, last["seen_hour"]))
    return Group(title, tuple(_line(ctx, row, known[row["area_code"]]) for row in rows))


def _columns(ctx: Context, first: str) -> tuple[Column, ...]:
    return (
        Column(first, width=1.8),
        Column(ctx.words.field(TABLE, "n_in"), "end", 1.6, ctx.say("filling.of")),
        *(ctx.words.column(TABLE, name, 0.9) for name in NUMBERS),
    )


def _line(ctx: Context, row: dict[str, Any], first: str) -> tuple[Cell, ...]:
    n, of = (numbers.integer(row[name], ctx.lang) for name in ("n_in", "n_units"))
    share = numbers.decimal(100 * row["in_share"], ctx.lang)
    return (
        Cell(first, first),
        Cell(f"{n} / {of} ({share} %)", row["n_in"], tone="strong"),
        *(
            Cell(DASH, None, tone="muted") if row[name] is None else ctx.words.cell(TABLE, name, row[name])
            for name in NUMBERS
        ),
    )


def _hour(ctx: Context, moment: dt.datetime) -> str:
    return (
        f"{numbers.short_date(moment.date(), ctx.lang)} {moment:%H.%M}"
        if ctx.lang == "id"
        else (f"{numbers.short_date(moment.date(), ctx.lang)} {moment:%H:%M}")
    )
