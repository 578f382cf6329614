"""doctor sees what is wrong with schedules, server and login, and mends what is safe."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from flows import auth, dead_runs, local_server
from pipelines.cli import doctor_schedule
from pipelines.cli.doctor_schedule import examine_schedule
from pipelines.warehouse.publish import locked


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / ".prefect"
    monkeypatch.setenv("PREFECT_HOME", str(found))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setattr(doctor_schedule, "PORT", probe.getsockname()[1])
    return found


def findings(root: Path) -> dict[str, Any]:
    return {finding.about["en"]: finding for finding in examine_schedule(root)}


def test_a_quiet_machine_is_good(home: Path, tmp_path: Path) -> None:
    assert all(one.is_good for one in findings(tmp_path).values())


def test_a_dead_run_is_seen(home: Path, tmp_path: Path) -> None:
    dead_runs.locks().mkdir(parents=True)
    (dead_runs.locks() / "run-1").touch()
    found = findings(tmp_path)["dead runs"]
    assert (found.seen, found.is_good) == ("1", False)
    assert found.mend is not None


def test_the_holder_of_the_lock_is_named(home: Path, tmp_path: Path) -> None:
    with locked(tmp_path / "data" / "warehouse"):
        assert str(os.getpid()) in str(findings(tmp_path)["lock of the warehouse"].seen)
    assert findings(tmp_path)["lock of the warehouse"].seen == "-"


def test_a_server_that_is_open_and_a_port_that_is_taken_are_told_apart(home: Path, tmp_path: Path) -> None:
    class Open(BaseHTTPRequestHandler):
        status = 200

        def do_GET(self) -> None:
            self.send_response(self.status)
            self.end_headers()
            self.wfile.write(b"true")

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", doctor_schedule.PORT), Open)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        found = findings(tmp_path)["Prefect server"]
        assert not found.is_good
        assert "lets everybody in" in str(found.seen)
        Open.status = 404
        assert "another program" in str(findings(tmp_path)["Prefect server"].seen)
    finally:
        server.shutdown()
        server.server_close()


def test_a_server_of_another_version_is_told(home: Path, tmp_path: Path) -> None:
    secret = auth.login(local_server.prefect_home())
    wanted = "Basic " + base64.b64encode(secret.encode()).decode()

    class Old(BaseHTTPRequestHandler):
        version: bytes = b'"3.0.0"'

        def do_GET(self) -> None:
            self.send_response(200 if self.headers["Authorization"] == wanted else 401)
            self.end_headers()
            self.wfile.write(self.version)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", doctor_schedule.PORT), Old)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        found = findings(tmp_path)["Prefect server"]
        assert not found.is_good
        assert "3.0.0" in str(found.seen) and version("prefect") in str(found.seen)
        Old.version = f'"{version("prefect")}"'.encode()
        assert findings(tmp_path)["Prefect server"].is_good
        Old.version = b"{broken"
        assert not findings(tmp_path)["Prefect server"].is_good
    finally:
        server.shutdown()
        server.server_close()


def test_a_login_that_others_can_read_is_mended(home: Path, tmp_path: Path) -> None:
    first = auth.login(local_server.prefect_home())
    (home / auth.FILE).chmod(0o644)
    found = findings(tmp_path)["login of the Prefect server"]
    assert not found.is_good
    found.mend()
    assert findings(tmp_path)["login of the Prefect server"].is_good
    assert auth.login(home) != first


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (json.dumps({"state": "completed", "name": "Completed"}), True),
        (json.dumps({"state": "completed", "name": "CompletedWithWarnings"}), False),
        (json.dumps({"state": "crashed", "name": "Crashed", "message": "gone"}), False),
        ("[1]", False),
        ("{broken", False),
        (json.dumps({"state": None, "name": ["x"]}), False),
    ],
)
def test_the_last_run_is_judged(home: Path, tmp_path: Path, text: str, good: bool) -> None:
    path = tmp_path / "data" / "warehouse" / "status.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert findings(tmp_path)["last run under Prefect"].is_good is good


def test_a_clock_behind_its_own_files_is_seen(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "data" / "warehouse" / "current.json"
    path.parent.mkdir(parents=True)
    path.touch()
    os.utime(path, (4_000_000_000, 4_000_000_000))
    assert not findings(tmp_path)["clock"].is_good


def test_doctor_looks_without_prefect() -> None:
    code = (
        "import sys; from pathlib import Path; from pipelines.cli.doctor_schedule import examine_schedule\n"
        "list(examine_schedule(Path('/nowhere'))); sys.exit('prefect' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
