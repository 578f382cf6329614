"""Run Prefect's server behind the guard, in a separate process: `python -m flows.server PORT [--temporary]`.

Started by `flows.local_server`, which passes the login in the environment. Listens on the loopback address only
and ends when its standard input closes, that is, when its parent process ends for whatever reason.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading

from flows.guard import API, Guard
from flows.pages import HOST, Pages
from flows.settings import find_root
from pipelines.catalog.imports import without_garbage

PORT_TAKEN = 4
# Seconds to wait for the final updates of ending runs.
GRACE = 5
AUTH = "PREFECT_SERVER_API_AUTH_STRING"
# Only the pages offer types of blocks; noting them all takes more than a second. Nor is it remembered as done: the
# next server with pages does it.
WITHOUT_BLOCKS = {
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "false",
    "PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
}


def environment(port: int, login: str, temporary: bool) -> dict[str, str]:
    """Return the environment of the server process, on top of its parent's."""
    api = f"http://{HOST}:{port}{API}"
    return {
        "PREFECT_API_URL": api,
        "PREFECT_API_AUTH_STRING": login,
        AUTH: login,
        # Prefect's own checks, as a second line of defence.
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{HOST}:{port}",
        "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "true",
        # A relative path, so that the page talks to the address it was loaded from.
        "PREFECT_SERVER_UI_API_URL": api,
        "PREFECT_SERVER_UI_ENABLED": "false" if temporary else "true",
        # No second port: Prefect's metrics and runner pages stay off whatever the environment says.
        "PREFECT_RUNNER_SERVER_ENABLE": "false",
        "PREFECT_CLIENT_METRICS_ENABLED": "false",
        **(WITHOUT_BLOCKS if temporary else {}),
    }


def main(arguments: list[str]) -> int:
    """Serve until standard input closes or a signal arrives; returns the exit code."""
    port, temporary = int(arguments[0]), "--temporary" in arguments
    login = os.environ.get(AUTH, "")
    if not login:  # never serve without a login
        print(f"{AUTH} is missing", file=sys.stderr)
        return 2
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen(128)
        except OSError:
            return PORT_TAKEN
        serve(listener, port, login, temporary)
    return 0


def serve(listener: socket.socket, port: int, login: str, temporary: bool) -> None:
    """Run Prefect's application behind the guard on a listening socket."""
    with without_garbage():
        import uvicorn
        from prefect.server.api.server import create_app

    app = Guard(
        create_app(ephemeral=temporary, final=True),
        HOST,
        port,
        login,
        None if temporary else Pages(find_root() / "reports" / "latest", login),
    )
    logging.getLogger("uvicorn.error").addFilter(_is_news)
    config = uvicorn.Config(
        app, log_level="warning", lifespan="on", server_header=False, timeout_graceful_shutdown=GRACE
    )
    server = uvicorn.Server(config)
    threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    server.run(sockets=[listener])


def _is_news(record: logging.LogRecord) -> bool:
    """Return False for log records of requests cut off by the server's shutdown."""
    return "CancelledError" not in record.getMessage() and not (
        record.exc_info and record.exc_info[0] and record.exc_info[0].__name__ == "CancelledError"
    )


def _end_with_parent(server: object) -> None:
    while os.read(0, 4096):
        pass
    server.should_exit = True  # type: ignore[attr-defined]
    timer = threading.Timer(GRACE + 2, lambda: os.kill(os.getpid(), signal.SIGKILL))
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    # Use the package's guard instead of this script's, and apply the settings before prefect is imported.
    import flows  # noqa: F401

    sys.exit(main(sys.argv[1:]))
