"""Slide on what is unknown, and who could supply it."""

from __future__ import annotations

from collections.abc import Sequence

from ..brief.evidence import Evidence
from ..facts.certainty import some_names
from ..facts.context import Context
from ..facts.values import TABLE, ZEROS, heading
from ..language import numbers
from ..model import Cell, Column
from ..sections.actions import grounds_here
from ..sections.three_zeros import latest
from .foot import foot
from .model import Grid, Slide
from .zeros import PARTS

NAMED = 4
SILENT = """
select area_code, area_name from {table}
where election_id = ? and outcome = ? and level = ? and coverage = 'no_data'
    and (? = '00' or starts_with(area_code, ?)) and not contains(area_code, '-')
order by area_code
"""
COUNTED = """
select count(*) as n from {table}
where election_id = ? and outcome = ? and level = ? and (? = '00' or starts_with(area_code, ?))
    and not contains(area_code, '-')
"""


def unknown_slide(ctx: Context, found: Evidence) -> Slide:
    """Build one row per gap: what, how much, which records would close it and who keeps them."""
    say = ctx.say
    rows = [*_silent(ctx, found), *_not_held(ctx, found), *_no_ground(ctx), *_not_located(ctx, found)]
    title = say("slides.unknown_title")
    ending = foot(ctx, say("slides.per_row"), say("slides.certain_unknown"))
    if not rows:
        return Slide(title, ending, say("slides.nothing_unknown"))
    columns = (
        Column(say("slides.gap"), width=3.6),
        Column(say("slides.how_much"), width=4.0),
        Column(say("slides.who_could_tell"), width=4.0),
    )
    return Slide(title, ending, grid=Grid(columns, tuple(rows), title), notes=(say("slides.unknown_note"),))


def _row(what: str, much: str, who: str) -> tuple[Cell, ...]:
    return (Cell(what, tone="strong"), Cell(much), Cell(who))


def _silent(ctx: Context, found: Evidence) -> list[tuple[Cell, ...]]:
    """Return parts without any information, by zero, at the latest elections."""
    who = {
        "psu": ctx.say("slides.who_psu"),
        "late_recap": ctx.say("slides.who_recap"),
        "dispute": ctx.say("slides.who_dispute"),
    }
    level = PARTS[ctx.area.level]
    here: Sequence[str] = [level, ctx.area.code, ctx.area.code]
    elections = [one for one in ctx.elections if any(key[0] == one for key in found.zeros)]
    rows = []
    for outcome in ZEROS:
        for election in latest(ctx, elections):
            names = [
                numbers.short_area(row["area_name"])
                for row in ctx.rows(TABLE, SILENT, [election, outcome, *here])
            ]
            if not names:
                continue
            total = ctx.rows(TABLE, COUNTED, [election, outcome, *here])[0]["n"]
            what = ctx.say(
                "slides.gap_silent", zero=heading(ctx, outcome), election=ctx.elections[election].short
            )
            much = ctx.say(
                "slides.much_silent",
                n=len(names),
                total=int(total),
                level=ctx.words.label("level", level),
                names=some_names(ctx, names, NAMED),
            )
            rows.append(_row(what, much, who[outcome]))
    return rows


def _not_held(ctx: Context, found: Evidence) -> list[tuple[Cell, ...]]:
    """Return stations with an ordered re-vote that no source reports as held, at the latest election with any."""
    for election in reversed(list(ctx.elections)):
        row = found.zeros.get((election, "psu"))
        if row is None:
            continue
        missing = int(row.get("ordered_lower") or 0) - int(row["value"] or 0)
        if missing > 0:
            much = ctx.say("slides.much_tps", n=missing, election=ctx.elections[election].short)
            return [_row(ctx.say("slides.gap_not_held"), much, ctx.say("slides.who_held"))]
    return []


def _no_ground(ctx: Context) -> list[tuple[Cell, ...]]:
    here = grounds_here(ctx)
    if not here.n_unstated:
        return []
    much = ctx.say("slides.much_of", n=here.n_unstated, total=here.n_tps)
    return [_row(ctx.say("slides.gap_ground"), much, ctx.say("slides.who_ground"))]


def _not_located(ctx: Context, found: Evidence) -> list[tuple[Cell, ...]]:
    """Return the part of the latest known value whose location is unknown."""
    for election in reversed(list(ctx.elections)):
        row = found.zeros.get((election, "psu"))
        if row is not None and row["n_unlocated"]:
            much = ctx.say(
                "slides.much_located",
                n=int(row["n_unlocated"]),
                total=int(row["value"] or 0),
                election=ctx.elections[election].short,
            )
            return [_row(ctx.say("slides.gap_located"), much, ctx.say("slides.who_located"))]
    return []
