"""The cards as a PDF: A4 across, two cards of A5 on a page, to be cut in the middle."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

from ..formats.pdf import typeset
from .cards import Hand


def document(hand: Hand, created: dt.date) -> bytes:
    """The PDF (PDF/UA-1), the same bytes for the same cards, dated `created`."""
    return typeset(asdict(hand), created, "cards")
