"""The brief: what a division reads in ten seconds. Status, priorities and reasons, actions, certainty."""

from __future__ import annotations

from ..facts.context import Context
from ..model import Brief
from .evidence import read
from .findings import findings_line
from .headline import headline
from .places import place_lines
from .steps import step_lines
from .sure import sure
from .where import where
from .zeros import STRIP_STATES, span, swatches, zero_tiles


def build(ctx: Context) -> Brief:
    """Return the brief of one area."""
    found = read(ctx)
    tiles = zero_tiles(ctx, found)
    places, note = place_lines(ctx, found)
    return Brief(
        headline=headline(ctx, found),
        tiles=tiles,
        strip_span=span(ctx, found),
        strip_key=swatches(ctx, STRIP_STATES),
        map=where(ctx),
        places_title=ctx.words.table("mart.priority_places"),
        places=places,
        places_note=note,
        steps_title=ctx.say("brief.steps_title"),
        steps=step_lines(ctx),
        sure_title=ctx.say("brief.sure_title"),
        sure=sure(ctx, found),
        findings=findings_line(ctx),
    )
