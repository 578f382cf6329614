"""Default environment for Prefect and Great Expectations, set before either is imported."""

from __future__ import annotations

import logging
import os
from collections.abc import MutableMapping
from pathlib import Path


def find_root(start: Path | None = None) -> Path:
    """Return the project folder: `TITIKRAWAN_ROOT`, else the nearest parent of `start` that holds data/raw.

    Args:
        start: where to start looking; default: the working directory, then the folder of this code.
    Returns:
        Absolute path; the working directory when nothing is found (the run then says what is missing).
    """
    if named := os.environ.get("TITIKRAWAN_ROOT"):
        return Path(named).resolve()
    for place in (start or Path.cwd(), Path(__file__).parent):
        for folder in (place.resolve(), *place.resolve().parents):
            if (folder / "data" / "raw").is_dir():
                return folder
    return Path.cwd()


def defaults(root: Path) -> dict[str, str]:
    """Return our defaults for Prefect; the user's environment takes precedence."""
    return {
        "DO_NOT_TRACK": "1",
        # Also avoids a "database is locked" traceback of the telemetry service in short runs.
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "GX_ANALYTICS_ENABLED": "false",
        # Inside the project and persistent: a new home costs each first run seven seconds of migrations.
        "PREFECT_HOME": str(root / ".prefect"),
        # The command line reports errors itself; flows.deploy raises this to INFO.
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_INTERNAL_LEVEL": "CRITICAL",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_API_HOST": "127.0.0.1",
        # Without a permanent server each run starts a temporary one; a slow, busy laptop needs the time.
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    }


_ours: set[str] = set()


def apply(root: Path | None = None, environment: MutableMapping[str, str] = os.environ) -> None:
    """Set every default that is not yet in the environment."""
    for name, value in defaults(root or find_root()).items():
        if name not in environment:
            environment[name] = value
            _ours.add(name)
    # Great Expectations sets this logger to INFO, and Prefect gives the root logger a console handler.
    logging.getLogger("great_expectations.data_context.types.base").addFilter(_is_warning)


def _is_warning(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def prefer(name: str, value: str, environment: MutableMapping[str, str] = os.environ) -> None:
    """Replace one of our defaults, but never a user's setting; effective only before prefect is imported."""
    if name in _ours or name not in environment:
        environment[name] = value
        _ours.add(name)
