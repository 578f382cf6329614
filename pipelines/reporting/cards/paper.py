"""The cards as a PDF: A4 landscape with two A5 cards per page, to be cut in the middle."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from ..formats.pdf import typeset
from .cards import Hand


def document(hand: Hand, created: dt.date) -> bytes:
    """Return the PDF (PDF/UA-1), dated `created`; deterministic."""
    return typeset(asdict(hand), created, "cards")
