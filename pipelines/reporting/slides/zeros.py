"""The three zeros of the area over the elections, and those of its parts side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.catalog.vocabulary import COUNTED_REVOTES

from ..brief.evidence import Evidence
from ..brief.zeros import zero_tiles
from ..facts.context import Context
from ..facts.values import TABLE, ZEROS, heading, unit, value_text
from ..language import numbers
from ..model import Cell, Column
from .foot import foot
from .model import Grid, Picture, Slide

PARTS = {"national": "province", "province": "regency"}
# The latest election with information on each zero.
LATEST = """
select * from {table}
where level = ? and (? = '00' or starts_with(area_code, ?)) and not contains(area_code, '-')
    and outcome in ('psu', 'late_recap', 'dispute') and value is not null
qualify row_number() over (partition by area_code, outcome order by voting_date desc, election_id) = 1
order by area_code, outcome
"""
TOTALS = """
select area_code, count(distinct election_id) as n_elections, sum(n) as n_tps, bool_or(is_at_least) as is_at_least
from {table}
where n > 0 and level = ? and outcome in (select unnest(?))
group by area_code
order by area_code
"""
NAMES = """
select area_code, name from {table}
where level = ? and (? = '00' or starts_with(area_code, ?)) and not contains(area_code, '-')
order by area_code
"""


def area_slide(ctx: Context, found: Evidence) -> Slide:
    """Build the zeros of the area itself: verdicts as a table, the development over the elections as pictures."""
    tones = {"missed": "alert", "met": "strong", "open": "muted"}
    rows = tuple(
        (
            Cell(tile.kicker, tone="strong"),
            Cell(tile.figure, tone="strong"),
            Cell(tile.verdict, tone=tones[tile.tone]),  # type: ignore[arg-type]
            Cell(" ".join(tile.lines)),
        )
        for tile in zero_tiles(ctx, found)
    )
    say = ctx.say
    columns = (
        Column(say("slides.zero"), width=2.6),
        Column(say("slides.value"), width=1.6),
        Column(say("slides.verdict"), width=1.7),
        Column(say("slides.how_whole"), width=4.6),
    )
    title = say("slides.zeros_title", area=numbers.short_area(ctx.area.name))
    ending = foot(ctx, _denominator(ctx, found), say("slides.certain_zeros"))
    return Slide(title, ending, grid=Grid(columns, rows, title), pictures=_trends(ctx, found))


def _denominator(ctx: Context, found: Evidence) -> str:
    """Return the stations of the area at the latest election with a known number."""
    for election in reversed(list(ctx.elections)):
        row = found.zeros.get((election, "psu"))
        if row is not None and row["n_tps"]:
            return ctx.say("slides.tps_of", n=int(row["n_tps"]), election=ctx.elections[election].short)
    return ctx.say("slides.no_tps")


def _trends(ctx: Context, found: Evidence) -> tuple[Picture, ...]:
    from ..figures.trend import trend

    pictures = []
    for outcome in ZEROS:
        series = [
            (election, dict(row))
            for election in ctx.elections
            if (row := found.zeros.get((election, outcome))) is not None
        ]
        if series:
            panel = trend(ctx, outcome, series)
            pictures.append(Picture(panel.svg, panel.alt))
    return tuple(pictures)


def parts_slide(ctx: Context) -> Slide:
    """Build all parts of the area, one row each: every zero at its latest known election."""
    level = PARTS[ctx.area.level]
    where = [level, ctx.area.code, ctx.area.code]
    latest: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in ctx.rows(TABLE, LATEST, where):
        latest.setdefault(row["area_code"], {})[row["outcome"]] = row
    totals = {
        row["area_code"]: row for row in ctx.rows("mart.area_events", TOTALS, [level, list(COUNTED_REVOTES)])
    }
    names = ctx.rows("ref.areas", NAMES, where)
    rows = tuple(
        (
            Cell(numbers.short_area(area["name"]), tone="strong"),
            _value(ctx, latest.get(area["area_code"], {}).get("psu")),
            _total(ctx, totals.get(area["area_code"])),
            _value(ctx, latest.get(area["area_code"], {}).get("late_recap")),
            _value(ctx, latest.get(area["area_code"], {}).get("dispute")),
        )
        for area in names
    )
    say = ctx.say
    columns = (
        Column(ctx.words.label("level", level).capitalize(), width=2.3),
        Column(say("slides.latest_known", zero=say("slides.psu")), width=2.3),
        Column(say("slides.all_elections"), width=2.5),
        Column(say("slides.latest_known", zero=heading(ctx, "late_recap")), width=2.6),
        Column(say("slides.latest_known", zero=heading(ctx, "dispute")), width=2.3),
    )
    title = say("slides.parts_title", level=ctx.words.label("level", level), n=len(rows))
    n_unknown = sum(1 for area in names if "psu" not in latest.get(area["area_code"], {}))
    ending = foot(ctx, say("slides.per_part"), say("slides.certain_parts", n=n_unknown, total=len(rows)))
    return Slide(
        title, ending, grid=Grid(columns, rows, title), notes=(say("slides.parts_note"),), most_pages=3
    )


def _value(ctx: Context, row: Mapping[str, Any] | None) -> Cell:
    if row is None:
        return Cell(ctx.words.label("coverage", "no_data"), tone="no_data")
    ctx.cite(row)
    text = value_text(ctx, row, unit(row["outcome"], ctx.lang) if row["outcome"] == "psu" else "")
    election = (
        ctx.elections[row["election_id"]].short if row["election_id"] in ctx.elections else row["election_id"]
    )
    return Cell(f"{text} · {election}", row["value"], tone="alert" if row["value"] else "")


def _total(ctx: Context, row: Mapping[str, Any] | None) -> Cell:
    if row is None:
        return Cell("–", tone="muted")
    amount = f"{'≥ ' if row['is_at_least'] else ''}{numbers.integer(int(row['n_tps']), ctx.lang)}"
    return Cell(ctx.say("slides.total", n=int(row["n_elections"]), amount=amount), row["n_tps"])
