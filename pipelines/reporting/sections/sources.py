"""The numbered list of the pages cited in this report."""

from __future__ import annotations

from ..facts.context import Context
from ..model import Block, Section, Sources, Text

ALSO_WITHOUT_DATA = True


def build(ctx: Context) -> Section:
    """List the pages in order of first use."""
    block: Block = Sources(ctx.sources) if ctx.sources else Text((ctx.say("sources.none"),))
    return Section("sources", ctx.say("sources.title"), (Text((ctx.say("sources.note"),)), block))
