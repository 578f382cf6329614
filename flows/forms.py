"""Result forms as mapped tasks: the run's own functions on threads, processes or a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.runner import task_runner
from pipelines.jobs.run import Run

# Places are networks and disks: a task that fails is tried again. What it finds wrong with data is no failure.
RETRIES = 2


@contextmanager
def mapped(run: Run) -> Iterator[None]:
    """Within, the run's parts go to its runner; without a runner nothing changes.

    Raises:
        RunnerError: the runner is unknown, or not installed. StorageError: the place does not work.
    """
    if not run.runner:
        yield
        return
    from pipelines.jobs.forms.old_runs import begin
    from pipelines.jobs.forms.partitioned import mapper  # late: it imports what only the steps need

    runner = task_runner(run.runner, run.workers)
    begin(run)  # before minutes go into reading, say that the place does not work

    def spread(name: str, function: Callable[..., None], todo: Sequence[tuple[Any, ...]]) -> None:
        work = task(
            name=name, cache_policy=NO_CACHE, persist_result=False, retries=RETRIES, retry_delay_seconds=1.0
        )(function)

        @flow(name=f"forms-{name}", task_runner=runner, persist_result=False)
        def parts(count: int) -> None:
            for future in [work.submit(*arguments) for arguments in todo]:
                future.result()

        parts(len(todo))

    token = mapper.set(spread)
    try:
        yield
    finally:
        mapper.reset(token)
