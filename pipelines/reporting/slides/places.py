"""Slides on repetition and on the priority places with their reasons."""

from __future__ import annotations

from ..brief.evidence import PLACES, REVOTES, Evidence, events_of
from ..brief.places import place_lines
from ..brief.where import where
from ..facts.context import Context
from ..language import numbers
from ..model import Cell, Column
from .foot import foot
from .model import Grid, Picture, Slide

MOST_REPEATED = 8
SHOWN = 4  # number of elections named per place, the latest ones
REPEATED = """
select * from {table} where parent_code = ? and n_repeated > 1 order by position
"""


def repeats_slide(ctx: Context) -> Slide:
    """Build the slide on where re-votes, late recapitulation or disputes recurred, beside the map."""
    say = ctx.say
    found = ctx.rows(PLACES, REPEATED, [ctx.area.code])
    drawn = where(ctx)
    pictures = (Picture(drawn.svg, drawn.alt),) if drawn else ()
    notes = (say("slides.map_key"),) if drawn else ()
    title = say("slides.repeats_title")
    ending = foot(ctx, say("slides.tps_at_least"), say("slides.certain_repeats"))
    if not found:
        return Slide(title, ending, say("slides.nothing_repeats"), pictures=pictures, notes=notes)
    shown = found[:MOST_REPEATED]
    events = events_of(ctx, [row["area_code"] for row in shown])
    rows = []
    for row in shown:
        kinds = REVOTES if row["repeated_outcome"] == "psu" else (row["repeated_outcome"],)
        names = dict.fromkeys(
            ctx.elections[one["election_id"]].short
            for one in events.get(row["area_code"], ())
            if one["outcome"] in kinds and one["n"]
        )
        listed = list(names)[-SHOWN:]
        told = ("…, " if len(names) > SHOWN else "") + ", ".join(listed)
        rows.append(
            (
                Cell(numbers.short_area(row["area_name"]), tone="strong"),
                Cell(say("slides.times", outcome=ctx.words.short_labels("outcome", row["repeated_outcome"]),
                         n=int(row["n_repeated"]))),
                Cell(told),
            )
        )  # fmt: skip
    columns = (
        Column(say("slides.place"), width=2.2),
        Column(say("slides.what_repeats"), width=2.2),
        Column(say("slides.at_elections"), width=3.0),
    )
    lead = say("slides.repeats_lead", n=len(found))
    if len(found) > len(shown):
        notes = (*notes, say("slides.more_rows", n=len(found) - len(shown)))
    return Slide(title, ending, lead, Grid(columns, tuple(rows), title), pictures, notes)


def places_slide(ctx: Context, found: Evidence) -> Slide:
    """Build the list of the brief: rank, place, reasons in words, certainty."""
    say = ctx.say
    lines, note = place_lines(ctx, found)
    title = ctx.words.table(PLACES)
    ending = foot(ctx, say("slides.tps_at_least"), say("slides.certain_places"))
    if not lines:
        return Slide(title, ending, note)
    columns = (
        Column(say("slides.rank"), "end", 0.5),
        Column(say("slides.place"), width=2.0),
        Column(say("slides.why"), width=6.2),
        Column(say("slides.statement"), width=1.6),
    )
    rows = tuple(
        (Cell(str(line.rank)), Cell(line.name, tone="strong"), Cell(line.why), Cell(line.tag))
        for line in lines
    )
    return Slide(title, ending, grid=Grid(columns, rows, title), notes=(note,))
