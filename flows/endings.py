"""How a failed run ends: a state whose name gives the reason, and a message that says what to do.

These are expected outcomes, not bugs, so the page shows them without a traceback.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect.client.schemas.objects import State
from prefect.states import Failed

from pipelines.catalog.messages import UserError
from pipelines.jobs.run import DataRefusedError, HeldError
from pipelines.jobs.trouble import DiskFullError, MachineError, explain

HELD = "Held"
# The first matching class decides.
NAMES: tuple[tuple[type[UserError], str], ...] = (
    (HeldError, HELD),
    (DataRefusedError, "DataRefused"),
    (DiskFullError, "DiskFull"),
    (MachineError, "MachineRefused"),
    (UserError, "Failed"),
)


def expected(error: BaseException, root: Path) -> UserError | None:
    """Return the error in the form shown to users; None if it is a bug."""
    return explain(error, root) or (error if isinstance(error, UserError) else None)


def ending(error: UserError, lang: str) -> State[Any]:
    """Return the state of a run or step that this error ended."""
    name = next(name for kind, name in NAMES if isinstance(error, kind))
    return Failed(name=name, message=error.said(lang))


def can_be_tried_again(error: BaseException, root: Path) -> bool:
    """Return whether a retry may succeed: not with the same data, nor on a full disk."""
    known = expected(error, root)
    return not isinstance(known, HeldError | DataRefusedError | MachineError)
