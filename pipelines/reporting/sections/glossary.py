"""Glossary of the terms used on pages."""

from __future__ import annotations

from ..facts.context import Context
from ..language.glossary import terms
from ..model import Facts, Section


def build(ctx: Context) -> Section:
    """Build every term with its explanation."""
    pairs = tuple((term.name, f"{term.short}. {term.text}") for term in terms(ctx.lang))
    return Section("glossary", ctx.say("glossary.title"), (Facts(pairs),))
