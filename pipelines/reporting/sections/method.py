"""Summary of the method in half a page."""

from __future__ import annotations

from ..facts.context import Context
from ..model import Section, Text

ALSO_WITHOUT_DATA = True


def build(ctx: Context) -> Section:
    """Build the summary: what was counted, how sources were chosen, how to read the words."""
    return Section("method", ctx.say("method.title"), (Text(ctx.say.paragraphs("method.text")),))
