"""Prefect settings for an interactive run: a server, and no heartbeat."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from traceback import walk_tb
from types import TracebackType

from prefect.context import refresh_global_settings_context
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_CLIENT_CSRF_SUPPORT_ENABLED,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    get_current_settings,
    temporary_settings,
)

from flows.auth import login
from flows.local_server import (
    Server,
    ServerError,
    address,
    is_ours,
    kept_port,
    local_server,
    prefect_home,
)
from flows.pages import HOST

TRIES = 3
SEND_SECONDS = 10.0
log = logging.getLogger(__name__)


@contextmanager
def on_screen() -> Iterator[None]:
    """Run flows in this process, using the server in `PREFECT_API_URL`, else the one kept by `make serve`, else
    a private one that starts now and ends with the block.

    Raises:
        ServerError: none could be started.
    """
    # The heartbeat detects runs whose machine died; an interactive run does not need it, and it costs a second.
    # It cannot be switched off by an environment variable. Scheduled runs keep it.
    quiet = {PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}
    if get_current_settings().api.url:
        with temporary_settings(quiet):
            yield
        return
    with _server() as server, _environment(server.client_environment):
        told = {
            PREFECT_API_URL: server.api,
            PREFECT_API_AUTH_STRING: server.login,
            PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: True,
        }
        with temporary_settings(quiet | told):
            try:
                yield
            finally:
                _send_the_rest()


def _send_the_rest() -> None:
    """Flush Prefect's remaining messages to the server while it exists; what does not arrive in time is
    silently lost, since the run has already ended."""
    from prefect.events.worker import EventsWorker

    _keep_quiet()
    for name in ("EventsWorker", "prefect._internal", "prefect.events", "asyncio"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        EventsWorker.drain_all(timeout=SEND_SECONDS)
    except Exception as error:
        log.debug("not everything reached the server (%s)", type(error).__name__)


# Libraries whose threads and exit handlers may fail once a run has ended; none of our own code runs in them.
_OTHERS = (
    "anyio", "asyncio", "concurrent", "contextlib", "h11", "httpcore", "httpx", "prefect", "selectors", "socket",
    "threading", "websockets",
)  # fmt: skip


def _keep_quiet() -> None:
    """Suppress tracebacks of Prefect's threads and exit handlers from now on: the run has ended and reported
    its result.

    On a busy machine they are interrupted midway, and an `asyncio.CancelledError` used to follow a good run on
    the screen.
    """
    if getattr(sys.unraisablehook, "is_quiet", False):
        return
    in_threads, elsewhere = threading.excepthook, sys.unraisablehook

    def of_thread(seen: threading.ExceptHookArgs) -> None:
        if seen.thread is threading.main_thread() or not _is_of_others(seen.exc_traceback):
            in_threads(seen)

    def unraisable(seen: sys.UnraisableHookArgs) -> None:
        if not _is_of_others(seen.exc_traceback):
            elsewhere(seen)

    unraisable.is_quiet = True  # type: ignore[attr-defined]
    threading.excepthook, sys.unraisablehook = of_thread, unraisable


def _is_of_others(traceback: TracebackType | None) -> bool:
    """Return whether an error comes from the code of these libraries alone."""
    rooms = {str(frame.f_globals.get("__name__")).partition(".")[0] for frame, _ in walk_tb(traceback)}
    return bool(rooms) and rooms <= {*_OTHERS}


@contextmanager
def _server() -> Iterator[Server]:
    port = kept_port()
    if port and is_ours(port, secret := login(prefect_home())):
        yield Server(address(port), secret)
        return
    with ExitStack() as stack:
        for attempt in range(1, TRIES + 1):
            try:
                found = stack.enter_context(local_server(_free_port(), temporary=True))
                break
            except ServerError:  # another process may have taken the port first
                if attempt == TRIES:
                    raise
        yield found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables, so that subprocesses and Prefect's own threads find the server.

    Temporary settings apply to a single thread. A thread that Prefect starts itself, such as the one that
    forwards messages of task processes, would find no server and start one that anybody on this machine can
    talk to.
    """
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    refresh_global_settings_context()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        refresh_global_settings_context()
