"""Suggest the right source for a file that another source refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..catalog.messages import Message, Text
from .about import About, head
from .errors import SourceError

_ALIKE = 0.5


def nearest(path: Path, refused_by: str, known: Mapping[str, About]) -> Text:
    """Return a sentence naming a source that reads the file or has similar columns, or advising a mapping."""
    for name, about in known.items():
        if name == refused_by or not any(path.match(pattern) for pattern in about.accepts):
            continue
        try:
            about.look(path, path.name)
        except SourceError:
            continue
        return Message("sources.nearest_source", source=name, file=path.name)
    try:
        header = {name.strip().lower() for name in head(path, path.name, 1)[0]}
    except SourceError:
        header = set()
    shares = {
        name: len(header & {c.lower() for c in about.header}) / len(about.header)
        for name, about in known.items()
        if about.header
    }
    best = max(shares, key=lambda name: shares[name], default="")
    if best and shares[best] >= _ALIKE:
        return Message("sources.nearest_columns", source=best)
    if len(header) > 1:
        return Message("sources.nearest_mapping", file=path.name)
    return Message("sources.nearest_none")
