"""The terms that pages use, explained once."""

from __future__ import annotations

from ..facts.context import Context
from ..language.glossary import terms
from ..model import Facts, Section


def build(ctx: Context) -> Section:
    """Every term with what it stands for."""
    pairs = tuple((term.name, f"{term.short}. {term.text}") for term in terms(ctx.lang))
    return Section("glossary", ctx.say("glossary.title"), (Facts(pairs),))
