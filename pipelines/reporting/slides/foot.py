"""The footing of a slide: where it comes from, of which day, out of how many, and how sure."""

from __future__ import annotations

from ..facts.context import Context
from ..language import numbers


def foot(ctx: Context, denominator: str, certainty: str, basis: str = "") -> str:
    """Source, date of the data and release, denominator, certainty; a part that does not apply is left out."""
    parts = (
        ctx.say("slides.source", basis=basis or ctx.say("slides.basis")),
        ctx.say(
            "slides.as_of",
            day=numbers.long_date(ctx.release.data_date, ctx.lang),
            release=numbers.clean(ctx.release.release_id),
        ),
        ctx.say("slides.denominator", what=denominator) if denominator else "",
        ctx.say("slides.certainty", what=certainty),
    )
    return " ".join(part for part in parts if part)
