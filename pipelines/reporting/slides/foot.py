"""The footer of a slide: source, date, denominator and certainty."""

from __future__ import annotations

from ..facts.context import Context
from ..language import numbers


def foot(ctx: Context, denominator: str, certainty: str, basis: str = "") -> str:
    """Return source, date of the data and release, denominator, certainty, without parts that do not apply."""
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
