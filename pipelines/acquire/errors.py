"""What may go wrong while downloading, in two languages and with the exit code of the command line."""

from __future__ import annotations


class AcquireError(Exception):
    """`.message["id"]` and `.message["en"]` say what happened and what to do."""

    exit_code = 3

    def __init__(self, english: str, indonesian: str) -> None:
        super().__init__(english, indonesian)  # both, so that the error survives the way between processes
        self.message = {"en": english, "id": indonesian}

    def __str__(self) -> str:
        return self.message["en"]


class AcquireUsageError(AcquireError):
    """A setting or an area code that cannot be meant."""

    exit_code = 2


class ServerTroubleError(AcquireError):
    """The server does not answer as it should, so that going on would only burden it."""


class BusyError(AcquireError):
    """Another process is downloading the same area into the same folder."""
