"""Status file, webhook and e-mail: whole or not at all, and never a secret in a log."""

from __future__ import annotations

import json
import logging
import resource
import smtplib
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from flows import notify

FAILED = {"state": "failed", "name": "Failed", "flow": "refresh", "message": "revotes.csv line 7"}
COMPLETED = {**FAILED, "state": "completed", "name": "Completed", "message": ""}


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[Any]]]:
    received: list[Any] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", received
    server.shutdown()
    server.server_close()


def test_status_is_replaced_whole(tmp_path: Path) -> None:
    path = notify.write_status(tmp_path, COMPLETED)
    notify.write_status(tmp_path, FAILED)
    assert json.loads(path.read_text()) == FAILED
    assert list(path.parent.iterdir()) == [path]


def test_status_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = notify.write_status(tmp_path, COMPLETED)
    with pytest.raises(TypeError):
        notify.write_status(tmp_path, {"state": object()})
    assert json.loads(path.read_text()) == COMPLETED
    assert list(path.parent.iterdir()) == [path]


def test_webhook_gets_failures_and_by_request_everything(webhook: tuple[str, list[Any]]) -> None:
    url, received = webhook
    assert notify.send(COMPLETED, {"TITIKRAWAN_WEBHOOK_URL": url}) == []
    assert notify.send(FAILED, {"TITIKRAWAN_WEBHOOK_URL": url}) == ["webhook"]
    assert notify.send(COMPLETED, {"TITIKRAWAN_WEBHOOK_URL": url, "TITIKRAWAN_NOTIFY": "always"}) == [
        "webhook"
    ]
    assert received == [FAILED, COMPLETED]


def test_channel_that_fails_is_logged_without_its_secrets(caplog: pytest.LogCaptureFixture) -> None:
    secret = "t0ken-of-the-hook"
    with caplog.at_level(logging.DEBUG):
        sent = notify.send(
            FAILED,
            {
                "TITIKRAWAN_WEBHOOK_URL": f"ftp://example.invalid/{secret}",
                "TITIKRAWAN_MAIL_TO": "someone@example.invalid",
                "TITIKRAWAN_SMTP_HOST": "127.0.0.1",
                "TITIKRAWAN_SMTP_PORT": "1",
                "TITIKRAWAN_SMTP_PASSWORD": secret,
            },
        )
    assert sent == []
    assert "webhook: not delivered (ValueError)" in caplog.text
    assert "e-mail: not delivered" in caplog.text
    assert secret not in caplog.text


def test_mail_is_encrypted_and_signed_in_before_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    class Server:
        def __init__(self, host: str, port: int, timeout: float) -> None:
            calls.append((host, port))

        def __enter__(self) -> Server:
            return self

        def __exit__(self, *_: object) -> None:
            calls.append("closed")

        def starttls(self, context: object) -> None:
            calls.append("tls")

        def login(self, user: str, password: str) -> None:
            calls.append((user, password))

        def send_message(self, message: Any) -> None:
            calls.append((message["To"], message["Subject"], "revotes.csv line 7" in message.get_content()))

    monkeypatch.setattr(smtplib, "SMTP", Server)
    environment = {
        "TITIKRAWAN_MAIL_TO": "a@example.invalid, b@example.invalid",
        "TITIKRAWAN_SMTP_HOST": "mail.example.invalid",
        "TITIKRAWAN_SMTP_USER": "u",
        "TITIKRAWAN_SMTP_PASSWORD": "p",
    }
    assert notify.send(FAILED, environment) == ["e-mail"]
    assert calls == [
        ("mail.example.invalid", 587),
        "tls",
        ("u", "p"),
        ("a@example.invalid, b@example.invalid", "titik-rawan: refresh Failed", True),
        "closed",
    ]


@pytest.fixture
def endless() -> Iterator[str]:
    """A webhook that answers without end, as fast as it is read, or drop by drop, or leads elsewhere."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if self.path == "/elsewhere":
                self.send_response(307)
                self.send_header("Location", "/flood")
                self.end_headers()
                return
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * 1_000_000 if self.path == "/flood" else b"x")
                    if self.path == "/drip":
                        time.sleep(0.2)
            except OSError:
                sent.append("cut off")

        def log_message(self, *_: Any) -> None:
            pass

    sent: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("path", "taken"), [("/flood", ["webhook"]), ("/drip", []), ("/elsewhere", [])])
def test_a_webhook_can_hold_nobody_up(
    endless: str, path: str, taken: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "SECONDS", 2.0)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    assert notify.send(FAILED, {"TITIKRAWAN_WEBHOOK_URL": endless + path}) == taken
    assert time.monotonic() - began < 6
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


def test_list_of_notices_is_kept_and_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "KEPT", 3)
    for number in range(5):
        notify.send({**FAILED, "flow_run": str(number)}, {}, tmp_path)
    assert [one["flow_run"] for one in notify.notices(tmp_path)] == ["2", "3", "4"]
    path = tmp_path / "data" / "warehouse" / notify.NOTICES
    path.write_text(path.read_text() + "{broken\n[1]\n", encoding="utf-8")
    assert len(notify.notices(tmp_path)) == 3
    notify.send(COMPLETED, {}, tmp_path)
    assert len(notify.notices(tmp_path)) == 3


@pytest.mark.parametrize(
    ("status", "news"),
    [
        (COMPLETED, False),
        ({**COMPLETED, "name": "Unchanged"}, False),
        ({**COMPLETED, "name": "CompletedWithWarnings"}, True),
        ({**COMPLETED, "places_new": ["Menteng (317101)"]}, True),
        ({**COMPLETED, "name": "Held"}, True),
        ({"state": "cancelled", "name": "Skipped"}, True),
        ({"state": "crashed", "name": "Crashed"}, True),
    ],
)
def test_everything_but_a_plain_good_end_is_news(status: dict[str, Any], news: bool) -> None:
    assert notify.is_news(status, {}) is news


def test_a_state_cannot_add_lines_to_the_mail_or_codes_to_the_terminal(tmp_path: Path) -> None:
    class Thing:
        def __init__(self, **values: Any) -> None:
            self.__dict__ |= values

    state = Thing(type=Thing(value="FAILED"), name="Failed", message="a\x1b[2J" + "x" * 9_000)
    run = Thing(id="1", name="n", parameters={"root": str(tmp_path)}, start_time=None)
    notify.record(Thing(name="refresh"), run, state)
    (told,) = notify.notices(tmp_path)
    assert "\x1b" not in told["message"]
    assert len(told["message"]) == notify.TEXT
