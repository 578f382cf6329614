"""Slides for a coordination meeting: an editable presentation of a
province or the nation, at most twelve slides."""

from __future__ import annotations

from .changes import Changed
from .deck import LEVELS, deck
from .write import presentation

__all__ = ["LEVELS", "Changed", "deck", "presentation"]
