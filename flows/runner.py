"""Where mapped tasks run: threads, processes, or a Dask cluster. One choice for downloads and for result forms."""

from __future__ import annotations

import os
from typing import Any

from prefect.task_runners import ProcessPoolTaskRunner, ThreadPoolTaskRunner

RUNNERS = ("threads", "processes", "dask")
CLUSTER_VARIABLE = "TITIKRAWAN_DASK_ADDRESS"


class RunnerError(Exception):
    """The runner cannot be had; `message` says why, in two languages."""

    exit_code = 2

    def __init__(self, english: str, indonesian: str) -> None:
        super().__init__(english)
        self.message = {"en": english, "id": indonesian}


class MissingLibraryError(RunnerError):
    """What the runner needs is not installed."""

    exit_code = 3


def task_runner(kind: str, workers: int) -> Any:
    """The task runner of that name.

    Args:
        kind: `threads`, `processes`, or `dask`: the cluster whose scheduler `TITIKRAWAN_DASK_ADDRESS` names,
            else one of `workers` processes on this machine.
        workers: tasks at the same time.
    Raises:
        RunnerError: unknown name. MissingLibraryError: prefect-dask is not installed.
    """
    if kind == "threads":
        return ThreadPoolTaskRunner(max_workers=workers)
    if kind == "processes":
        return ProcessPoolTaskRunner(max_workers=workers)
    if kind != "dask":
        known = ", ".join(RUNNERS)
        raise RunnerError(
            f"Unknown runner {kind!r}; there are: {known}.",
            f"Pelaksana {kind!r} tidak dikenal; yang ada: {known}.",
        )
    try:
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError:
        raise MissingLibraryError(
            "The runner dask needs prefect-dask: install titik-rawan with the extra [cluster].",
            "Pelaksana dask memerlukan prefect-dask: pasang titik-rawan dengan tambahan [cluster].",
        ) from None
    if address := os.environ.get(CLUSTER_VARIABLE):
        return DaskTaskRunner(address=address)
    return DaskTaskRunner(
        cluster_kwargs={"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
    )
