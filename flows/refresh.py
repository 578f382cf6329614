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
from enum import Enum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from flows import notify
from flows.dead_runs import locks
from flows.forms import mapped
from flows.outcome import WARNED, Outcome, outcome, places
from flows.schedules import TIMEZONE
from flows.session import on_screen
from flows.settings import find_root
from flows.summary import StepRecord, markdown
from pipelines.catalog.vocabulary import LANGS, RUNNERS
from pipelines.jobs.lifeline import alive, end_with_parent
from pipelines.jobs.run import DataRefusedError, HeldError, Run, Step, plan, run_all

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


def as_task(step: Step, record: StepRecord | None = None) -> Function:
    """Wrap a step as a Prefect task that takes the Run and returns the step's facts.

    Args:
        step: name, titles, function and number of retries; only steps with `retries` > 0 (input and output)
            are tried again, and only when it was not the data that was refused.
        record: where time, attempts, facts or error are noted, if anywhere.
    Returns:
        A function of the Run, to be called inside a flow; raises whatever the step raises.
    """
    note = record or StepRecord(step.name, step.name)
    refused = False

    def timed(run: Run) -> Mapping[str, Any]:
        nonlocal refused
        note.attempts += 1
        start = time.perf_counter()
        try:
            note.facts, note.error = step.function(run), ""
        except Exception as error:
            refused = isinstance(error, DataRefusedError | HeldError)
            note.error = f"{type(error).__name__}: {error}"
            raise
        finally:
            note.seconds += time.perf_counter() - start
        return note.facts

    wrapped: Function = task(
        name=step.name,
        description=step.title.get("en", step.name),
        retries=step.retries,
        retry_delay_seconds=list(RETRY_DELAYS[: step.retries]) or 0.0,
        retry_condition_fn=lambda *_: not refused,  # reading bad data again does not mend it
        cache_policy=NO_CACHE,
        persist_result=False,
    )(timed)
    return wrapped


def execute(
    run: Run, run_all: RunAll = run_all, on_event: Callable[..., None] | None = None
) -> tuple[Sequence[Any], State[Any]]:
    """Run all steps as tasks of the current flow and leave a summary page, also when a step fails.

    Args:
        run: what to build.
        run_all: the runner; default `pipelines.jobs.run.run_all`.
        on_event: passed on to the runner, for progress on screen.
    Returns:
        What the runner returns, and the state that says how it ended. Raises what the failing step raised.
    """
    lang = run.langs[0] if run.langs else LANGS[0]
    records: list[StepRecord] = []
    found = Outcome()

    def step_as_task(step: Step) -> Function:
        def call(run: Run) -> Mapping[str, Any]:
            record = StepRecord(step.name, step.title.get(lang, step.name))
            records.append(record)
            return as_task(step, record)(run)

        return call

    before = places(run.root)
    try:
        with _alive(), mapped(run):
            results = run_all(run, step=step_as_task, on_event=on_event)
        found = outcome(run.root, records, before, places(run.root), lang)
    finally:
        notify.attach(flow_run.id, found.facts())
        _leave_summary(run, records, lang, found)
    name = "Completed" if found.is_good else WARNED
    return results, Completed(name=name, message=found.message(run.id)[lang])


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
        text = markdown(run.id, run.areas, records, lang, found.lines(lang))
        create_markdown_artifact(text, key=ARTIFACT_KEY, description=run.id)
    except Exception as error:
        log.warning("summary page not written (%s)", type(error).__name__)


# As enumerations, so that Prefect's page offers the choices.
LangChoice = Enum("LangChoice", {one: one for one in LANGS}, type=str)  # type: ignore[misc]
RunnerChoice = Enum("RunnerChoice", {one: one for one in RUNNERS}, type=str)  # type: ignore[misc]


def _run_name() -> str:
    """What a run is called in Prefect's page: when it was due, and for which areas if not for the usual ones."""
    due = (flow_run.scheduled_start_time or datetime.now(UTC)).astimezone(ZoneInfo(TIMEZONE))
    areas = ", ".join((flow_run.parameters or {}).get("areas") or ())
    return f"refresh {due:%Y-%m-%d %H:%M}" + (f" ({areas})" if areas else "")


@flow(**_OPTIONS, flow_run_name=_run_name)
def refresh(
    root: str | None = None,
    areas: list[str] | None = None,
    langs: list[LangChoice] | None = None,
    force: bool = False,
    runner: RunnerChoice | None = None,
    workers: int = 2,
    place: str = "",
    accept: str = "",
) -> Any:
    """Bring the warehouse and the reports up to date; does nothing when inputs, catalog and code are unchanged.

    Args:
        root: project folder; default: found from the working directory.
        areas: area codes to report on; default: the project's.
        langs: report languages, `id` and `en`; default: the project's.
        force: build even when nothing changed.
        accept: why a release that is held is to be published all the same.
        runner, workers, place: where parts of the result forms are checked; see `pipelines.jobs.run.Run`.
    """
    selection: dict[str, Any] = {
        "areas": tuple(areas) if areas else None,
        "langs": tuple(LangChoice(one).value for one in langs) if langs else None,
    }
    run = plan(
        Path(root) if root else find_root(),
        force=force,
        accept=accept,
        **{name: value for name, value in selection.items() if value is not None},
    )
    if run is None:
        return Completed(
            name="Unchanged", message="Nothing to do: inputs, catalog and code are those of the release."
        )
    _, state = execute(
        replace(run, runner=RunnerChoice(runner).value if runner else "", workers=workers, place=place)
    )
    return state


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

    # Prefect stores and shows the parameters; the objects travel in the closure.
    @flow(**_OPTIONS, flow_run_name="refresh {release}")
    def planned(root: str, areas: list[str], langs: list[str], force: bool, release: str) -> State[Any]:
        found, state = execute(run, run_all, on_event)
        results.extend(found)
        return state

    with on_screen():
        planned(str(run.root), list(run.areas), list(run.langs), run.force, run.id)
    return results
