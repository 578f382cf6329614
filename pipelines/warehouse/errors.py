"""The error class of this package, in its own module to avoid importing heavy libraries."""

from __future__ import annotations

from ..catalog.messages import ENVIRONMENT, UserError


class WarehouseError(UserError):
    """The warehouse cannot be built or read; the message says what to do."""

    exit_code = ENVIRONMENT
