"""Errors of reports; the message says what to do."""

from __future__ import annotations

from pipelines.catalog.messages import USAGE, UserError


class ReportError(UserError):
    """The requested report is impossible: unknown area, language or format."""

    exit_code = USAGE
