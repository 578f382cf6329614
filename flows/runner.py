"""Where mapped tasks run: threads, processes or a Dask cluster; used by downloads and result forms."""

from __future__ import annotations

import logging
import os
from typing import Any

from prefect.task_runners import ProcessPoolTaskRunner, ThreadPoolTaskRunner

from pipelines.catalog.messages import ENVIRONMENT, USAGE, Message, UserError
from pipelines.catalog.vocabulary import RUNNERS
from pipelines.jobs.lifeline import end_with_parent

CLUSTER_VARIABLE = "TITIKRAWAN_DASK_ADDRESS"


class RunnerError(UserError):
    """The runner is not available."""

    exit_code = USAGE


class MissingLibraryError(RunnerError):
    """A library required by the runner is not installed."""

    exit_code = ENVIRONMENT


def task_runner(kind: str, workers: int) -> Any:
    """Return the task runner of that name.

    Args:
        kind: `threads`, `processes`, or `dask`: the cluster whose scheduler `TITIKRAWAN_DASK_ADDRESS` names,
            else one of `workers` processes on this machine.
        workers: number of concurrent tasks.
    Raises:
        RunnerError: unknown name. MissingLibraryError: prefect-dask is not installed.
    """
    if kind == "threads":
        return ThreadPoolTaskRunner(max_workers=workers)
    if kind == "processes":
        return ProcessPoolTaskRunner(max_workers=workers, initializer=end_with_parent)
    if kind != "dask":
        known = ", ".join(RUNNERS)
        raise RunnerError(
            Message("flows.unknown_runner", kind=kind, known=known),
        )
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError:
        raise MissingLibraryError(
            Message("flows.dask_missing"),
        ) from None
    if address := os.environ.get(CLUSTER_VARIABLE):
        return DaskTaskRunner(address=address)
    return DaskTaskRunner(cluster_kwargs=_own_cluster(workers))


def _own_cluster(workers: int) -> dict[str, Any]:
    """Return a private cluster on this machine: anyone who can reach an open scheduler can run code on it."""
    import dask
    from distributed.security import Security

    logging.getLogger("distributed").setLevel(logging.ERROR)
    # No web pages, not even for health and metrics.
    dask.config.set({f"distributed.{part}.http.routes": [] for part in ("scheduler", "worker", "nanny")})
    return {
        "n_workers": workers,
        "threads_per_worker": 1,
        "dashboard_address": None,
        "host": "127.0.0.1",
        "protocol": "tls",
        "security": Security.temporary(),  # type: ignore[no-untyped-call]
    }
