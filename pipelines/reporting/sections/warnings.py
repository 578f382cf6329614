"""The usage warnings of the tables used here, from the controlled list of the catalog."""

from __future__ import annotations

from ..facts.caveats import texts, users
from ..facts.context import Context
from ..model import Facts, Section, Text


def build(ctx: Context) -> Section:
    """List each warning once, with the tables to which it applies."""
    pairs = tuple(
        ("; ".join(users(key, ctx.tables, ctx.lang)), text)
        for key, text in texts(ctx.tables, ctx.lang).items()
    )
    return Section("warnings", ctx.say("warnings.title"), (Text((ctx.say("warnings.note"),)), Facts(pairs)))
