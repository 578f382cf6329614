"""The refresh flow: the same ordered steps as `pipelines.jobs.run.run_all`, each as a Prefect task.

Every task gets the small `Run` and finds its data on disk: nothing large passes through Prefect. A step
that fails fails the flow with its own message, later steps do not start, and since publishing is the last
step the release of yesterday keeps serving.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from flows import notify
from flows.assets import leave_assets
from flows.choices import (
    ALL,
    NONE,
    AreaChoice,
    AreaCode,
    ElectionChoice,
    LangChoice,
    RunnerChoice,
    area_code,
    chosen,
)
from flows.dead_runs import locks
from flows.endings import can_be_tried_again, ending, expected
from flows.forms import mapped
from flows.outcome import WARNED, Outcome, Places, outcome, places
from flows.schedules import TIMEZONE
from flows.session import on_screen
from flows.settings import find_root
from flows.summary import StepRecord, facts_line, links, markdown
from pipelines.catalog.messages import Message, UserError
from pipelines.catalog.vocabulary import LANGS
from pipelines.jobs.lifeline import alive, end_with_parent
from pipelines.jobs.run import HeldError, Run, Step, plan, run_all

Function = Callable[[Run], Mapping[str, Any]]
RunAll = Callable[..., Sequence[Any]]

ARTIFACT_KEY = "refresh-summary"
log = logging.getLogger(__name__)

RETRY_DELAYS = (1.0, 5.0, 20.0)

_OPTIONS: dict[str, Any] = {
    "name": "refresh",
    "persist_result": False,
    "on_completion": [notify.record],
    "on_failure": [notify.record],
    "on_crashed": [notify.record],
    "on_cancellation": [notify.record],
}


def as_task(step: Step, record: StepRecord | None = None, lang: str = LANGS[0]) -> Function:
    """Wrap a step as a Prefect task that takes the Run and returns the step's facts.

    Args:
        step: name, titles, function and number of retries; only steps with `retries` > 0 (input and output)
            are tried again, and only where that may help (`endings.can_be_tried_again`).
        record: where time, attempts, facts or error are noted, if anywhere.
        lang: language of messages.
    Returns:
        A function of the Run, to be called inside a flow; raises whatever the step raises.
    """
    note = record or StepRecord(step.name, step.name)
    failure: Exception | None = None
    is_final = False

    def timed(run: Run) -> Any:
        nonlocal failure, is_final
        note.attempts += 1
        failure, start = None, time.perf_counter()
        try:
            note.facts, note.error = step.function(run), ""
        except Exception as error:
            failure, is_final = error, not can_be_tried_again(error, run.root)
            known = expected(error, run.root)
            note.error = known.said(lang) if known else f"{type(error).__name__}: {error}"
            if known is None:
                raise
            return ending(known, lang)  # raised, Prefect would log a traceback, which tells a person nothing
        finally:
            note.seconds += time.perf_counter() - start
        return Completed(message=facts_line(note.facts))  # what the log says

    wrapped = task(
        name=step.name,
        description=step.title.get("en", step.name),
        retries=step.retries,
        retry_delay_seconds=list(RETRY_DELAYS[: step.retries]) or 0.0,
        retry_condition_fn=lambda *_: not is_final,
        cache_policy=NO_CACHE,
        persist_result=False,
    )(timed)

    def call(run: Run) -> Mapping[str, Any]:
        state: State[Any] = wrapped(run, return_state=True)
        if failure is not None:
            raise failure
        if not state.is_completed():
            state.result()  # raises: what went wrong is Prefect's own
        return note.facts

    return call


class Execution(NamedTuple):
    """What the runner returned, how the run ended, and the error that ended it, where people may see that."""

    results: Sequence[Any]
    state: State[Any]
    error: UserError | None = None


def execute(
    run: Run,
    run_all: RunAll = run_all,
    on_event: Callable[..., None] | None = None,
    election: str = "",
) -> Execution:
    """Run all steps as tasks of the current flow and leave a summary page, also when a step fails.

    Args:
        run: what to build.
        run_all: the runner; default `pipelines.jobs.run.run_all`.
        on_event: passed on to the runner, for progress on screen.
        election: the summary page tells changes of this election only; empty: of all.
    Returns:
        How it ended; raises what the failing step raised where that is a fault of the code.
    """
    lang = _lang(run)
    records: list[StepRecord] = []
    before, since = places(run.root), time.time()
    results: Sequence[Any] = ()
    failure: UserError | None = None

    def step_as_task(step: Step) -> Function:
        def call(run: Run) -> Mapping[str, Any]:
            record = StepRecord(step.name, step.title.get(lang, step.name))
            records.append(record)
            return as_task(step, record, lang)(run)

        return call

    try:
        with _alive(), mapped(run):
            results = run_all(run, step=step_as_task, on_event=on_event)
    except Exception as error:
        failure = expected(error, run.root)
        if failure is None:
            raise
    finally:
        found = _found(run, records, before, since, election, failure)
        notify.attach(flow_run.id, found.facts())
        _leave_summary(run, records, lang, found)
    if failure is not None:
        return Execution((), ending(failure, lang), failure)
    leave_assets(run, lang)
    name = "Completed" if found.is_good else WARNED
    return Execution(results, Completed(name=name, message=found.message(run.id)[lang]))


def _lang(run: Run) -> str:
    return run.langs[0] if run.langs else LANGS[0]


def _found(
    run: Run,
    records: Sequence[StepRecord],
    before: Places,
    since: float,
    election: str,
    failure: UserError | None,
) -> Outcome:
    """What there is to look at; that it cannot be read must neither fail a good run nor hide why a bad one failed."""
    held = run.id if isinstance(failure, HeldError) else ""
    try:
        return outcome(run, records, before, since, _lang(run), election, held)
    except Exception as error:
        log.warning("findings not read (%s)", type(error).__name__)
        return Outcome(held=held)


@contextmanager
def _alive() -> Iterator[None]:
    """Hold this run's lock; a run that somebody else started ends when that one does."""
    if os.environ.get("PREFECT__FLOW_RUN_ID"):
        end_with_parent()
    with alive(locks(), str(flow_run.id)):
        yield


def _leave_summary(run: Run, records: Sequence[StepRecord], lang: str, found: Outcome) -> None:
    # A page that cannot be written must neither fail a good run nor hide why a bad one failed.
    try:
        more = [*found.lines(lang), *links(run.root, lang)]
        text = markdown(run.id, run.areas, records, lang, more, is_held=bool(found.held))
        create_markdown_artifact(text, key=ARTIFACT_KEY, description=run.id)
    except Exception as error:
        log.warning("summary page not written (%s)", type(error).__name__)


def _run_name() -> str:
    """What a run is called in Prefect's page: when it was due, and for which areas if not for the usual ones."""
    due = (flow_run.scheduled_start_time or datetime.now(UTC)).astimezone(ZoneInfo(TIMEZONE))
    areas = ", ".join(map(area_code, (flow_run.parameters or {}).get("areas") or ()))
    return f"refresh {due:%Y-%m-%d %H:%M}" + (f" ({areas})" if areas else "")


@flow(**_OPTIONS, flow_run_name=_run_name)
def refresh(
    root: str | None = None,
    areas: list[AreaChoice | AreaCode] = [],  # noqa: B006 (Prefect copies parameters)
    langs: list[LangChoice] = [],  # noqa: B006
    force: bool = False,
    runner: RunnerChoice = RunnerChoice(NONE),  # noqa: B008 (a member of an enumeration)
    workers: int = 2,
    place: str = "",
    accept: str = "",
    election: ElectionChoice = ElectionChoice(ALL),  # noqa: B008
) -> Any:
    """Bring the warehouse and the reports up to date; does nothing when inputs, catalog and code are unchanged.

    Args:
        root: project folder; default: found from the working directory.
        areas: areas to report on, by name or code; none: the project's.
        langs: report languages; none: the project's.
        force: build even when nothing changed.
        accept: why a release that is held is to be published all the same.
        runner: where parts of the result forms are checked: in this process, or by workers of this kind.
        workers: of the runner, at the same time.
        place: folder, or address of fsspec, for the parts; empty: a folder of the run.
        election: the summary page tells changes of this election only.
    """
    selection: dict[str, Any] = {
        "areas": tuple(map(area_code, areas)) if areas else None,
        "langs": tuple(LangChoice(one).value for one in langs) if langs else None,
    }
    given = {name: value for name, value in selection.items() if value is not None}
    home = Path(root) if root else find_root()
    try:
        run = plan(home, force=force, accept=accept, **given)
    except Exception as error:  # a release that is held, or inputs that cannot be read
        known = expected(error, home)
        if known is None:
            raise
        return _not_begun(home, known, given.get("langs", LANGS)[0])
    if run is None:
        said = Message("flows.run_unchanged")[given.get("langs", LANGS)[0]]
        return Completed(name="Unchanged", message=said)
    run = replace(run, runner=chosen(runner), workers=workers, place=place)
    return execute(run, election=chosen(election)).state


def _not_begun(root: Path, error: UserError, lang: str) -> State[Any]:
    """How a run ends that could not even be planned; a release that is still held is told of with what it changes."""
    if isinstance(error, HeldError):
        run = Run(error.args[0], "", root, langs=(lang,))
        found = _found(run, (), {}, time.time(), "", error)
        notify.attach(flow_run.id, found.facts())
        _leave_summary(run, (StepRecord("plan", error.said(lang)),), lang, found)
    return ending(error, lang)


def run_refresh(
    run: Run, on_event: Callable[..., None] | None = None, run_all: RunAll = run_all
) -> Sequence[Any]:
    """Run an already planned refresh under Prefect, in this process; what the command line calls.

    Server: see `flows.session.on_screen`.

    Args:
        run: what to build, from `pipelines.jobs.run.plan`.
        on_event: progress callback, as for `run_all`.
        run_all: another runner than `pipelines.jobs.run.run_all`.
    Returns:
        The same as `run_all(run)`. Raises what the failing step raised.
    """

    results: list[Any] = []
    failures: list[Exception] = []

    # Prefect stores and shows the parameters; the objects travel in the closure.
    @flow(**_OPTIONS, flow_run_name="refresh {release}")
    def planned(root: str, areas: list[str], langs: list[str], force: bool, release: str) -> State[Any]:
        try:
            ended = execute(run, run_all, on_event)
        except Exception as error:
            failures.append(error)
            raise
        results.extend(ended.results)
        failures.extend([ended.error] if ended.error else [])
        return ended.state

    with on_screen():
        state: State[Any] = planned(
            str(run.root), list(run.areas), list(run.langs), run.force, run.id, return_state=True
        )
    if failures:
        raise failures[0]
    if not state.is_completed():
        state.result()  # raises: what went wrong is Prefect's own
    return results
