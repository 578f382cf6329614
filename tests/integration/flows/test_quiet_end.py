"""After a run has ended, what Prefect's threads and exit handlers complain of does not reach the screen; ours does."""

from __future__ import annotations

import sys
import threading
import types
from typing import Any

import pytest

CODE = "def fail():\n    import asyncio\n    raise asyncio.CancelledError('seen')"


@pytest.mark.parametrize(
    ("room", "is_seen"), [("prefect.events.worker", False), ("pipelines.jobs.run", True)]
)
def test_only_others_are_kept_quiet(room: str, is_seen: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.session import _keep_quiet

    seen: list[Any] = []
    monkeypatch.setattr(threading, "excepthook", seen.append)
    monkeypatch.setattr(sys, "unraisablehook", lambda given: seen.append(given))
    _keep_quiet()
    module = types.ModuleType(room)
    exec(compile(CODE, "there.py", "exec"), vars(module))
    thread = threading.Thread(target=module.fail)
    thread.start()
    thread.join()

    class Odd:
        def __del__(self) -> None:
            module.fail()

    Odd()
    assert len(seen) == (2 if is_seen else 1)  # the method itself is ours
