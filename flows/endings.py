"""How a run ends when it does not end well: a state with a name that says why, and a message that says what to do.

These are answers of the project, not faults of its code, so the page shows them without a traceback.
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
# The first that fits.
NAMES: tuple[tuple[type[UserError], str], ...] = (
    (HeldError, HELD),
    (DataRefusedError, "DataRefused"),
    (DiskFullError, "DiskFull"),
    (MachineError, "MachineRefused"),
    (UserError, "Failed"),
)


def expected(error: BaseException, root: Path) -> UserError | None:
    """The error as a person may see it; None where it is a fault of the code."""
    return explain(error, root) or (error if isinstance(error, UserError) else None)


def ending(error: UserError, lang: str) -> State[Any]:
    """The state of a run, or of a step, that this error ended."""
    name = next(name for kind, name in NAMES if isinstance(error, kind))
    return Failed(name=name, message=error.said(lang))


def can_be_tried_again(error: BaseException, root: Path) -> bool:
    """Whether the same step may go well a moment later: not with the same data, nor on a disk that is full."""
    known = expected(error, root)
    return not isinstance(known, HeldError | DataRefusedError | MachineError)
