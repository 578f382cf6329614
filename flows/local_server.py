"""A Prefect server on this machine: the one that runs already, or one for as long as we need it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pipelines.catalog.messages import ENVIRONMENT, Message, UserError

HOST = "127.0.0.1"


class ServerError(UserError):
    """No Prefect server could be reached or started."""

    exit_code = ENVIRONMENT


def is_healthy(api: str) -> bool:
    """Whether a Prefect server answers at this API address."""
    with suppress(OSError, ValueError), urllib.request.urlopen(f"{api}/health", timeout=2) as answer:  # noqa: S310
        return bool(answer.status == 200 and answer.read().strip() == b"true")
    return False


def address(port: int) -> str:
    """API address of the server of this machine at a port."""
    return f"http://{HOST}:{port}/api"


@contextmanager
def local_server(port: int = 4200, wait: float = 120.0) -> Iterator[str]:
    """A server at this port for the time of a `with` block, unless one answers there already.

    Args:
        port: TCP port on the loopback address.
        wait: seconds to wait until a new server answers; its first start creates a database.
    Yields:
        Its API address. A server started here ends with the block, one found here stays.
    Raises:
        ServerError: the server did not start, e.g. because another program holds the port.
    """
    api = address(port)
    if is_healthy(api):
        yield api
        return
    # The pages in the browser must be told where the API is unless it is at Prefect's own port.
    environment = os.environ | {"PREFECT_API_URL": api, "PREFECT_SERVER_UI_API_URL": api}
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
    # A session of its own: Ctrl+C must reach us first, so that runs are wound up while the server still answers.
    process = subprocess.Popen(  # noqa: S603 (our own interpreter, fixed words)
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait(process, api, wait)
        yield api
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], api: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise ServerError(Message("flows.server_ended", code=process.returncode, api=api))
        if is_healthy(api):
            return
        time.sleep(0.2)
    raise ServerError(Message("flows.server_silent", api=api, seconds=seconds))
