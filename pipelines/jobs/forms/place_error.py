"""What can be wrong with a place; without anything secret."""

from __future__ import annotations

import os

from pipelines.catalog.messages import ENVIRONMENT, USAGE, Message, UserError

_MESSAGES = {
    "absent": "jobs.place_absent",
    "refused": "jobs.place_refused",
    "library": "jobs.place_library",
    "address": "jobs.place_address",
    "failed": "jobs.place_failed",
}


class PlaceError(UserError):
    """A place is absent, refuses access or does not work.

    Args:
        kind: which message. address: where, without secrets. detail: name of what was raised, or the system's words.
    """

    exit_code = ENVIRONMENT

    def __init__(self, kind: str, address: str, detail: str) -> None:
        code = USAGE if kind == "address" else ENVIRONMENT
        super().__init__(Message(_MESSAGES[kind], address=address, detail=detail), code)
        self.args = (kind, address, detail)  # so that it comes back whole from a worker
        self.kind = kind

    @classmethod
    def of(cls, error: Exception, address: str) -> PlaceError:
        """What an exception of a library means; its own words are left out, since they may quote a request."""
        name = type(error).__name__
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            kind = "absent"
        elif isinstance(error, PermissionError) or "Credential" in name:
            kind = "refused"
        elif isinstance(error, ImportError):
            kind = "library"
        elif isinstance(error, ValueError) or "ParamValidation" in name:
            kind = "address"
        else:
            kind = "failed"
        number = error.errno if isinstance(error, OSError) else None
        return cls(kind, address, f"{name}: {os.strerror(number)}" if number else name)
