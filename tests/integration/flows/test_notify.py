"""Status file, webhook and e-mail: whole or not at all, and never a secret in a log."""

from __future__ import annotations

import json
import logging
import smtplib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
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
    Thread(target=server.serve_forever, daemon=True).start()
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
