"""A Prefect server on this machine, closed to everybody else: the running one, or a temporary one."""

from __future__ import annotations

import base64
import http.client
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from flows.auth import login, new_login
from flows.guard import API
from flows.pages import HOST
from flows.server import PORT_TAKEN, environment
from pipelines.catalog.messages import ENVIRONMENT, Message, UserError

PORT_FILE = "server_port"


class ServerError(UserError):
    """No Prefect server could be reached or started."""

    exit_code = ENVIRONMENT


@dataclass(frozen=True)
class Server:
    """Address and login of a server, and its process if we started it."""

    api: str
    login: str
    process: subprocess.Popen[bytes] | None = None

    @property
    def client_environment(self) -> dict[str, str]:
        """Environment variables for a client of this server."""
        return {
            "PREFECT_API_URL": self.api,
            "PREFECT_API_AUTH_STRING": self.login,
            "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "true",
        }


def address(port: int) -> str:
    """Return the API URL of this machine's server at a port."""
    return f"http://{HOST}:{port}{API}"


def prefect_home() -> Path:
    """Return Prefect's home, as set by `flows.settings`."""
    return Path(os.environ["PREFECT_HOME"]).expanduser()


def kept_port() -> int | None:
    """Return the port that `make serve` noted here; that server may be gone."""
    with suppress(OSError, ValueError):
        return int((prefect_home() / PORT_FILE).read_text(encoding="ascii"))
    return None


def note_port(port: int) -> None:
    """Write the note that `kept_port` reads."""
    (prefect_home() / PORT_FILE).write_text(f"{port}\n", encoding="ascii")


def listener_uid(port: int) -> int | None:
    """Return the user id of the program listening at a loopback port; None if there is none, or unknown."""
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            place, state = fields[1], fields[3]
            if state == "0A" and place in (f"0100007F:{port:04X}", f"00000000:{port:04X}"):
                return int(fields[7])
    return None


def status_of(port: int, secret: str = "") -> int | None:
    """Return the HTTP status of a server's health page, requested with a login; None if no server answers."""
    return _ask(port, "health", secret)[0]


def version_of(port: int, secret: str) -> str:
    """Return the Prefect version of one of our servers; empty if it does not say."""
    status, body = _ask(port, "admin/version", secret)
    try:
        found = json.loads(body) if status == 200 else ""
    except ValueError:
        return ""
    return found if isinstance(found, str) else ""


def _ask(port: int, page: str, secret: str) -> tuple[int | None, bytes]:
    headers = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()} if secret else {}
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", f"{API}/{page}", headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(4096)
    except (OSError, http.client.HTTPException):
        return None, b""
    finally:
        connection.close()


def is_ours(port: int, secret: str) -> bool:
    """Return whether the server there belongs to this user, accepts the login, and rejects requests without it."""
    if listener_uid(port) not in (os.geteuid(), None):
        return False  # never send our login to another user's program
    # Try a wrong login first: a server that accepts it is open and must not see the right one.
    return status_of(port, f"nobody:{secrets.token_hex(8)}") == 401 and status_of(port, secret) == 200


@contextmanager
def local_server(port: int = 4200, wait: float = 300.0, temporary: bool = False) -> Iterator[Server]:
    """Provide a server at this port for a `with` block, reusing one of ours that is already running.

    Args:
        port: TCP port on the loopback address.
        wait: seconds to wait until a new server answers; its first start creates a database.
        temporary: without pages and schedules, and with a login valid only for this server.
    Yields:
        The server. One started here ends with the block or with this process; one found running stays.
    Raises:
        ServerError: the server did not start, e.g. because another program holds the port.
        AuthError: the login can be neither read nor created.
    """
    secret = new_login() if temporary else login(prefect_home())
    if not temporary and is_ours(port, secret):
        yield Server(address(port), secret)
        return
    process = start(port, secret, temporary)
    try:
        wait_until_healthy(process, port, secret, wait)
        if not temporary:
            note_port(port)
        yield Server(address(port), secret, process)
    finally:
        stop(process)
        if kept_port() == port:
            (prefect_home() / PORT_FILE).unlink(missing_ok=True)


def start(port: int, secret: str, temporary: bool = False) -> subprocess.Popen[bytes]:
    """Start a server; it ends when its standard input is closed, and so also when this process is killed."""
    command = [sys.executable, "-m", "flows.server", str(port), *(["--temporary"] if temporary else [])]
    # A separate session: Ctrl+C must reach us first, so that runs are ended while the server still answers.
    return subprocess.Popen(  # noqa: S603 (our own interpreter, fixed words)
        command,
        env=os.environ | {"PYTHONPATH": _with_our_code()} | environment(port, secret, temporary),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _with_our_code() -> str:
    here = str(Path(__file__).parents[1])
    return os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))


def stop(process: subprocess.Popen[bytes], seconds: float = 10) -> None:
    """Stop a server we started; kill it after `seconds`."""
    if process.stdin:
        with suppress(OSError):
            process.stdin.close()
    process.terminate()
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_until_healthy(
    process: subprocess.Popen[bytes],
    port: int,
    secret: str,
    seconds: float = 300.0,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Wait until a server answers, for at most `seconds` or until `cancelled`.

    Raises:
        ServerError: it ended, or did not answer in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if cancelled():
            return
        if process.poll() is not None:
            taken = process.returncode == PORT_TAKEN
            key = "flows.server_port_taken" if taken else "flows.server_ended"
            raise ServerError(Message(key, code=process.returncode, api=address(port), port=port))
        if status_of(port, secret) == 200:
            return
        time.sleep(0.1)
    raise ServerError(Message("flows.server_silent", api=address(port), seconds=seconds))
