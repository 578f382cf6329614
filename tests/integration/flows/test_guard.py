"""The door in front of Prefect's server, without Prefect: what it refuses and what it lets through."""

from __future__ import annotations

import asyncio
import base64
import stat
from pathlib import Path
from typing import Any

import pytest

from flows import auth
from flows.guard import Guard

LOGIN = "titikrawan:s3cret"
BASIC = "Basic " + base64.b64encode(LOGIN.encode()).decode()
HOST = "127.0.0.1:4200"
OURS = {"host": HOST, "authorization": BASIC}


def ask(
    path: str, headers: dict[str, str] | list[tuple[str, str]], method: str = "GET", kind: str = "http"
) -> Any:
    """Status of an answer (0 = the application behind was reached) and its headers."""
    reached: list[str] = []
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        reached.append(scope["path"])
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"access-control-allow-origin", b"*"), (b"x-mine", b"1")],
            }
        )

    async def send(message: Any) -> None:
        sent.append(message)

    pairs = headers.items() if isinstance(headers, dict) else headers
    scope = {
        "type": kind,
        "path": path,
        "method": method,
        "headers": [(k.encode(), v.encode()) for k, v in pairs],
    }
    asyncio.run(Guard(app, "127.0.0.1", 4200, LOGIN)(scope, None, send))  # type: ignore[arg-type]
    first = sent[0]
    return (0 if reached else first.get("status", first.get("code"))), dict(first.get("headers", ()))


def test_own_client_gets_through_and_the_answer_opens_to_nobody() -> None:
    status, headers = ask("/api/flows/filter", {**OURS, "content-type": "application/json"}, "POST")
    assert status == 0
    assert b"access-control-allow-origin" not in headers
    assert headers[b"x-frame-options"] == b"DENY"
    assert headers[b"x-mine"] == b"1"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:4200",
        "127.0.0.1",
        "127.0.0.1:80",
        "localhost",
        "127.0.0.1:4200.evil.example",
        "",
        "[::1]:4200",
    ],
)
def test_another_host_name_is_refused_everywhere(host: str) -> None:
    for path in ("/", "/api/health", "/api/flows/filter"):
        assert ask(path, {**OURS, "host": host})[0] == 421
    assert ask("/api/events/in", {**OURS, "host": host}, kind="websocket")[0] == 1008


def test_a_request_with_two_hosts_or_none_is_refused() -> None:
    assert ask("/api/flows/filter", [("host", HOST), ("host", HOST), ("authorization", BASIC)])[0] == 421
    assert ask("/api/flows/filter", {"authorization": BASIC})[0] == 421


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://evil.example",
        "http://127.0.0.1:8000",
        "https://127.0.0.1:4200",
        "http://localhost:4200",
        "file://",
        "",
    ],
)
def test_another_origin_is_refused_even_with_the_login(origin: str) -> None:
    for method in ("GET", "POST", "PATCH"):
        assert ask("/api/deployments/1", {**OURS, "origin": origin}, method)[0] == 403
    assert ask("/api/events/in", {"host": HOST, "origin": origin}, kind="websocket")[0] == 1008
    assert ask("/", {"host": HOST, "origin": origin})[0] == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site", "CROSS-SITE", "x"])
def test_what_the_browser_marks_as_foreign_is_refused(site: str) -> None:
    assert ask("/api/health", {**OURS, "sec-fetch-site": site})[0] == 403
    assert (
        ask("/assets/index.js", {"host": HOST, "sec-fetch-site": site, "sec-fetch-mode": "no-cors"})[0] == 403
    )
    link = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert ask("/runs", {"host": HOST, **link})[0] == 0
    assert ask("/api/flows", {**OURS, **link})[0] == 403
    framed = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
    assert ask("/runs", {"host": HOST, **framed})[0] == 403


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Basic",
        "Basic " + base64.b64encode(b"titikrawan:other").decode(),
        f"Bearer {LOGIN}",
        LOGIN,
        BASIC + " x",
    ],
)
def test_the_api_is_closed_without_the_login(given: str) -> None:
    headers = {"host": HOST} | ({"authorization": given} if given else {})
    for path in ("/api", "/api/health", "/api/ready", "/api/version", "/api/admin/settings", "/api/"):
        assert ask(path, headers)[0] == 401, path


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/api/docs", "/docs/", "/api/redoc"])
def test_pages_that_describe_the_api_do_not_exist(path: str) -> None:
    assert ask(path, OURS)[0] == 404


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_bodies_a_foreign_page_may_send_unasked_are_refused(kind: str) -> None:
    assert ask("/api/deployments/1", {**OURS, "content-type": kind}, "PATCH")[0] == 415


def test_preflight_is_never_granted() -> None:
    headers = {"host": HOST, "origin": "http://127.0.0.1:4200", "access-control-request-method": "PATCH"}
    assert ask("/api/deployments/1", headers, "OPTIONS")[0] == 405


def test_own_page_may_ask_for_health_and_localhost_is_led_to_our_address() -> None:
    assert ask("/api/health", {"host": HOST, "sec-fetch-site": "same-origin"})[0] == 200
    assert ask("/api/ready", {"host": HOST, "sec-fetch-site": "same-origin"})[0] == 401
    status, headers = ask("/runs", {"host": "localhost:4200"})
    assert (status, headers[b"location"]) == (307, b"http://127.0.0.1:4200/")


def test_login_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    home = tmp_path / ".prefect"
    made = auth.login(home)
    assert auth.login(home) == made
    assert len(made.split(":")[1]) >= 40
    path = home / auth.FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert [p.name for p in home.iterdir()] == [auth.FILE]


@pytest.mark.parametrize("spoil", ["open to others", "empty", "link", "short"])
def test_login_that_others_could_know_is_replaced(tmp_path: Path, spoil: str) -> None:
    first = auth.login(tmp_path)
    path = tmp_path / auth.FILE
    if spoil == "open to others":
        path.chmod(0o644)
    elif spoil == "empty":
        path.write_text("")
    elif spoil == "short":
        path.write_text("titikrawan:abc")
    else:
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    assert auth.login(tmp_path) != first
    assert auth.is_private(path)
    assert auth.login(tmp_path) == auth.login(tmp_path)
