"""What may go wrong while downloading."""

from __future__ import annotations

from ..catalog.messages import ENVIRONMENT, USAGE, UserError


class AcquireError(UserError):
    """A download that could not be made, or not wholly."""

    exit_code = ENVIRONMENT


class AcquireUsageError(AcquireError):
    """A setting or an area code that cannot be meant."""

    exit_code = USAGE


class ServerTroubleError(AcquireError):
    """The server does not answer as it should, so that going on would only burden it."""


class BusyError(AcquireError):
    """Another process is downloading the same area into the same folder."""
