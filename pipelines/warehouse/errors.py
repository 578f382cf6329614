"""The error of this room; apart, since most that name it need no library of tables."""

from __future__ import annotations

from ..catalog.messages import ENVIRONMENT, UserError


class WarehouseError(UserError):
    """The warehouse cannot be built or read; the message says what to do."""

    exit_code = ENVIRONMENT
