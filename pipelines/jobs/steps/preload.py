"""Load heavy libraries in the background while something else is waited for, such as Prefect's server."""

from __future__ import annotations

import threading
from importlib import import_module

MODULES = (
    "pipelines.jobs.steps.validate",
    "pipelines.jobs.steps.derive",
    "pipelines.marts.clusters",
    "scipy.stats",
)


def preload() -> threading.Thread:
    """Start importing what the steps need; a failure shows up again where the step imports the module itself."""

    def load() -> None:
        try:
            import_module("pipelines.quality.engine").warm_up()
            for name in MODULES:
                import_module(name)
        except Exception:  # noqa: S110 (told where it matters: at the import in the step)
            pass

    thread = threading.Thread(target=load, name="preload", daemon=True)
    thread.start()
    return thread
