"""Great Expectations (GX) confirms the checks in a separate process during the run, before anything is
exported.

Importing GX takes longer than all its checks, and the run does not need its result immediately: our own query
has already identified the bad rows. So the steps `validate` and `check` store their questions with their own
answers, the run continues, and the step `export` waits for GX's verdicts. A different verdict, a canary that
passes when it must fail, or a process that died or does not answer ends the run with an EngineError.

If result forms are checked (inside the warehouse), or if GX is already loaded, it runs in this process instead.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing import get_context, set_start_method
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.catalog.messages import Message, Text, UserError
from pipelines.jobs.beside import without_main
from pipelines.jobs.lifeline import end_with_parent

if TYPE_CHECKING:
    from pipelines.jobs.run import Run
    from pipelines.quality.engine import Later
    from pipelines.quality.questions import Question

LIBRARY = "great_expectations"
FOLDER = "judged"  # in the work folder
NICE = 10  # whoever waits for the answer waits at the end; the steps before need the processors
SECONDS = 600.0  # timeout for an answer


class _Judge:
    """The GX process; it serves one run after the other."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), name="judge", daemon=True)
        with without_main():
            self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        return self._process.is_alive()

    def send(self, session: int, path: str) -> None:
        try:
            self._pipe.send((session, path))
        except OSError as error:
            raise _gone() from error

    def answer(self) -> tuple[int, str, Text | None]:
        """Return the next answer: session, path of the question ('' = no more), and the disagreement, if any."""
        until = time.monotonic() + SECONDS
        try:
            while not self._pipe.poll(1.0):
                if not self.is_alive or time.monotonic() > until:
                    raise _gone()
            session, path, wrong = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise _gone() from error
        return session, path, wrong

    def end(self) -> None:
        self._process.kill()
        self._pipe.close()


class _Session:
    """The questions of one run."""

    def __init__(self, judge: _Judge, number: int, folder: Path) -> None:
        self._judge, self._number, self._folder, self._n = judge, number, folder, 0

    def __call__(self, question: Question, found: Mapping[int, int]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self._n:04d}.json"
        question.leave(path, found)
        self._judge.send(self._number, str(path))
        self._n += 1

    def agreed(self) -> None:
        """Wait for all verdicts."""
        self._judge.send(self._number, "")
        n_answers, is_over = 0, False
        while not is_over:
            number, path, wrong = self._judge.answer()
            if number != self._number:
                continue  # from a run that ended before its verdicts arrived
            if wrong is not None:
                raise _error(wrong)
            is_over = not path
            n_answers += not is_over
        if n_answers != self._n:
            raise _gone()


_JUDGE: list[_Judge] = []  # at most one per process
_SESSIONS: dict[Path, _Session] = {}
_NUMBERS = iter(range(1, sys.maxsize))


def warm_up() -> None:
    """Start the process now, while the run is waiting anyway; it imports GX meanwhile."""
    if LIBRARY in sys.modules:
        return
    if _JUDGE and not _JUDGE[0].is_alive:
        _JUDGE.pop().end()
    if not _JUDGE:
        _JUDGE.append(_Judge())


@contextmanager
def beside(run: Run) -> Iterator[None]:
    """Provide the GX process for a run that needs it."""
    if is_wanted(run):
        warm_up()
        _SESSIONS[run.work] = _Session(_JUDGE[0], next(_NUMBERS), run.work / FOLDER)
    try:
        yield
    finally:
        _SESSIONS.pop(run.work, None)


def is_wanted(run: Run) -> bool:
    """Return whether the run uses the separate process."""
    from pipelines.sources import discover_forms

    if LIBRARY in sys.modules or not any(step.name == "validate" for step in run.steps()):
        return False
    return not discover_forms(run.root / "data" / "raw")


def later(run: Run) -> Later | None:
    """Return the function that receives the run's questions; None if they are answered immediately."""
    return _SESSIONS.get(run.work)


def agreed(run: Run) -> None:
    """Wait until every question of the run is confirmed.

    Raises:
        EngineError: a verdict differs from ours, or the process cannot be trusted or has died.
    """
    session = _SESSIONS.get(run.work)
    if session is None:
        return
    try:
        session.agreed()
    except UserError:
        if _JUDGE:
            _JUDGE.pop().end()
        raise


def _error(wrong: Text) -> UserError:
    from pipelines.quality import EngineError

    return EngineError(wrong)


def _gone() -> UserError:
    return _error(Message("quality.judge_gone"))


def _serve(pipe: Connection) -> None:
    """Main loop of the process. Keyboard interrupts are handled by the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    os.nice(NICE)
    set_start_method(
        "fork", force=True
    )  # so that locks created by the library leave nothing behind when the process is killed
    from pipelines.quality import engine

    with suppress(Exception):  # reported with the first answer
        engine.prove()
    with suppress(EOFError, OSError):
        while True:
            session, path = pipe.recv()
            pipe.send((session, path, _wrong(path)))


def _wrong(path: str) -> Text | None:
    from pipelines.quality import engine
    from pipelines.quality.questions import Question

    try:
        engine.prove()
        if path:
            engine.agree(*Question.left(Path(path)))
    except UserError as error:
        return error.message if isinstance(error.message, Text) else Message("quality.judge_gone")
    except Exception as error:  # any error ends the run
        return Message(
            "quality.suite_crashed", name=Path(path).name, exception=f"{type(error).__name__}: {error}"
        )
    return None
