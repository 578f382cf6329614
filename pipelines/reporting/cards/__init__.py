"""Case cards for rehearsals: up to eight A5 cards of an area, two on a page of A4."""

from __future__ import annotations

from .cards import Card, Hand, hand
from .paper import document

__all__ = ["Card", "Hand", "document", "hand"]
