"""Errors of downloads."""

from __future__ import annotations

from ..catalog.messages import ENVIRONMENT, USAGE, UserError


class AcquireError(UserError):
    """A download that failed, wholly or in part."""

    exit_code = ENVIRONMENT


class AcquireUsageError(AcquireError):
    """An invalid setting or area code."""

    exit_code = USAGE


class ServerTroubleError(AcquireError):
    """The server responds so badly that continuing would only add to its load."""


class BusyError(AcquireError):
    """Another process is downloading the same area into the same folder."""
