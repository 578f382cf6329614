"""What can go wrong while a report is made; the message says what to do."""

from __future__ import annotations


class ReportError(ValueError):
    """The report cannot be made as asked: unknown area, language or format."""
