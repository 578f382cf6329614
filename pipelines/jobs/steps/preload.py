"""Import heavy libraries in the background during waiting times, such as the start of Prefect's server."""

from __future__ import annotations

import threading
from importlib import import_module

from pipelines.jobs import judging
from pipelines.jobs.run import Run

MODULES = (
    "pipelines.jobs.steps.validate",
    "pipelines.jobs.steps.derive",
    "pipelines.marts.clusters",
)


def preload(run: Run) -> threading.Thread:
    """Start the Great Expectations process, if the run will use it, and import what the steps need.

    A failure shows up again where the step imports the module itself.
    """
    if judging.is_wanted(run):
        judging.warm_up()

    def load() -> None:
        try:
            for name in MODULES:
                import_module(name)
        except Exception:  # noqa: S110 (told where it matters: at the import in the step)
            pass

    thread = threading.Thread(target=load, name="preload", daemon=True)
    thread.start()
    return thread
