"""The refresh flow: the same ordered steps as `pipelines.jobs.run.run_all`, each as a Prefect task.

Every task gets the small `Run` and finds its data on disk: nothing large passes through Prefect. A failing step
fails the flow with its own message and later steps do not start; since publishing is the last step, the
previous release keeps serving.
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
        step: name, titles, function and number of retries; only steps with `retries` > 0 (input and output) are
            retried, and only where that may help (`endings.can_be_tried_again`).
        record: receives time, attempts, facts or error, if given.
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
            return ending(known, lang)  # if raised, Prefect would log a traceback that does not help users
        finally:
            note.seconds += time.perf_counter() - start
        return Completed(message=facts_line(note.facts))  # shown in the log

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
            state.result()  # raises: the failure is Prefect's own
        return note.facts

    return call


class Execution(NamedTuple):
    """The runner's result, how the run ended, and the error that ended it if users may see it."""

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
        on_event: progress callback, passed to the runner.
        election: show only changes of this election on the summary page; empty: of all.
    Returns:
        How it ended; re-raises the error of the failing step if it is a bug.
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
    """Collect the findings; a failure here must neither fail a good run nor hide why a bad one failed."""
    held = run.id if isinstance(failure, HeldError) else ""
    try:
        return outcome(run, records, before, since, _lang(run), election, held)
    except Exception as error:
        log.warning("findings not read (%s)", type(error).__name__)
        return Outcome(held=held)


@contextmanager
def _alive() -> Iterator[None]:
    """Hold this run's lock; a run started by another process ends with that process."""
    if os.environ.get("PREFECT__FLOW_RUN_ID"):
        end_with_parent()
    with alive(locks(), str(flow_run.id)):
        yield


def _leave_summary(run: Run, records: Sequence[StepRecord], lang: str, found: Outcome) -> None:
    # A failed summary page must neither fail a good run nor hide why a bad one failed.
    try:
        more = [*found.lines(lang), *links(run.root, lang)]
        text = markdown(run.id, run.areas, records, lang, more, is_held=bool(found.held))
        create_markdown_artifact(text, key=ARTIFACT_KEY, description=run.id)
    except Exception as error:
        log.warning("summary page not written (%s)", type(error).__name__)


def _run_name() -> str:
    """Return the run name on Prefect's page: when it was due and, unless they are the defaults, its areas."""
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
        areas: areas to report on, by name or code; default: the project's.
        langs: report languages; default: the project's.
        force: build even when nothing changed.
        accept: reason for publishing a held release.
        runner: workers that check parts of the result forms; default: this process.
        workers: number of concurrent workers of the runner.
        place: folder or fsspec URL for the parts; empty: a folder of the run.
        election: show only changes of this election on the summary page.
    """
    selection: dict[str, Any] = {
        "areas": tuple(map(area_code, areas)) if areas else None,
        "langs": tuple(LangChoice(one).value for one in langs) if langs else None,
    }
    given = {name: value for name, value in selection.items() if value is not None}
    home = Path(root) if root else find_root()
    try:
        run = plan(home, force=force, accept=accept, **given)
    except Exception as error:  # a held release, or unreadable inputs
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
    """Return the final state of a run that could not be planned; a release
    still on hold is reported with its changes."""
    if isinstance(error, HeldError):
        run = Run(error.args[0], "", root, langs=(lang,))
        found = _found(run, (), {}, time.time(), "", error)
        notify.attach(flow_run.id, found.facts())
        _leave_summary(run, (StepRecord("plan", error.said(lang)),), lang, found)
    return ending(error, lang)


def run_refresh(
    run: Run, on_event: Callable[..., None] | None = None, run_all: RunAll = run_all
) -> Sequence[Any]:
    """Run a planned refresh under Prefect, in this process; called by the command line.

    Server: see `flows.session.on_screen`.

    Args:
        run: what to build, from `pipelines.jobs.run.plan`.
        on_event: progress callback, as for `run_all`.
        run_all: a runner other than `pipelines.jobs.run.run_all`.
    Returns:
        The same as `run_all(run)`. Raises what the failing step raised.
    """

    results: list[Any] = []
    failures: list[Exception] = []

    # Prefect stores and shows parameters, so these objects are passed in the closure.
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
        state.result()  # raises: the failure is Prefect's own
    return results
