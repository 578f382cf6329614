"""What can go wrong while a report is made; the message says what to do."""

from __future__ import annotations

from pipelines.catalog.messages import USAGE, UserError


class ReportError(UserError):
    """The report cannot be made as asked: unknown area, language or format."""

    exit_code = USAGE
