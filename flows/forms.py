"""Result forms as mapped tasks: the job's own functions on threads, processes or a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.runner import task_runner
from pipelines.jobs.run import Run

# Storage and networks fail temporarily, so failed tasks are retried. Problems in the data are not failures.
RETRIES = 2


@contextmanager
def mapped(run: Run) -> Iterator[None]:
    """Inside the context, the run's parts are sent to its runner; without a runner nothing changes.

    Raises:
        RunnerError: the runner is unknown or not installed. StorageError: the storage does not work.
    """
    if not run.runner:
        yield
        return
    from pipelines.jobs.forms.old_runs import begin
    from pipelines.jobs.forms.partitioned import mapper  # imported late: only the steps need its imports

    runner = task_runner(run.runner, run.workers)
    begin(run)  # check the storage before spending minutes on reading

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
