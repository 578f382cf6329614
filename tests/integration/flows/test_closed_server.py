"""A real server is attacked from other pages in a real browser, and without the login; its owner can work with it."""

from __future__ import annotations

import base64
import http.client
import os
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from flows.local_server import is_ours, listener_uid, status_of

pytestmark = [pytest.mark.flows, pytest.mark.slow]


@pytest.fixture
def login(server: str) -> str:
    return os.environ["PREFECT_API_AUTH_STRING"]


@pytest.fixture
def target(server: str, tmp_path: Path) -> Iterator[Any]:
    """A deployment whose pull steps an attacker would like to write; raises in the end if one could."""
    from prefect import flow
    from prefect.client.orchestration import get_client

    @flow(name="attacked")
    def attacked() -> None: ...

    with get_client(sync_client=True) as client:
        made = client.create_deployment(client.create_flow(attacked), name="target", pull_steps=[])
        yield made
        assert not client.read_deployment(made).pull_steps, "somebody got in"


STEPS = [{"prefect.deployments.steps.run_shell_script": {"script": "touch taken"}}]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic " + base64.b64encode(b"titikrawan:guess").decode()},
        {"Authorization": "Bearer x"},
        {"Origin": "http://127.0.0.1:9"},
        {"X-Forwarded-Host": "127.0.0.1", "X-Original-URL": "/api/health"},
    ],
)
def test_patch_of_pull_steps_without_the_login_is_refused(
    server: str, target: Any, headers: dict[str, str]
) -> None:
    body = {"pull_steps": STEPS}
    address = f"{server}/deployments/{target}"
    assert httpx.patch(address, json=body, headers=headers).status_code in (401, 403)
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        assert httpx.post(address, content="{}", headers={**headers, "Content-Type": kind}).status_code in (
            401,
            403,
        )


def test_no_path_of_the_api_answers_a_stranger(server: str, login: str) -> None:
    base = server.removesuffix("/api")
    authorized = httpx.get(f"{server}/admin/version", auth=tuple(login.split(":")))  # type: ignore[arg-type]
    assert authorized.status_code == 200
    for path in (
        "/api/health", "/api/ready", "/api/version", "/api/hello", "/api/admin/settings", "/api/admin/version",
        "/api/csrf-token?client=x", "/api//health", "/api/./admin/version", "/API/admin/version",
        "/api/docs", "/api/openapi.json", "/openapi.json", "/docs", "/api/metrics", "/api/static/../admin/settings",
    ):  # fmt: skip
        answer = httpx.get(base + path)
        assert answer.status_code in (401, 404, 405) or "text/html" in answer.headers["content-type"], path
        assert "access-control-allow-origin" not in answer.headers, path


def test_a_foreign_host_name_is_refused_even_with_the_login(server: str, login: str) -> None:
    port = urlsplit(server).port
    basic = "Basic " + base64.b64encode(login.encode()).decode()
    for host in (f"evil.example:{port}", "127.0.0.1", f"127.0.0.1.evil.example:{port}"):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/api/admin/version", headers={"Host": host, "Authorization": basic})
        assert connection.getresponse().status == 421
        connection.close()


def test_web_sockets_ask_for_the_login_too(server: str, login: str) -> None:
    from websockets.exceptions import WebSocketException
    from websockets.sync.client import connect

    address = server.replace("http", "ws", 1) + "/events/out"
    with pytest.raises(WebSocketException), connect(address) as socket:
        socket.recv(timeout=10)
    with pytest.raises(WebSocketException):
        connect(address, origin="http://evil.example", subprotocols=["prefect"])  # type: ignore[arg-type,list-item]
    with connect(address, subprotocols=["prefect"]) as socket:  # type: ignore[list-item]
        socket.send('{"type": "auth", "token": "titikrawan:guess"}')
        with pytest.raises(WebSocketException):
            while '"auth_success"' not in str(socket.recv(timeout=10)):
                pass
            pytest.fail("a wrong login was accepted")


def test_only_the_loopback_address_listens(server: str) -> None:
    port = urlsplit(server).port or 0
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    places = {line.split()[1] for line in lines if line.split()[3] == "0A"}
    assert {place for place in places if place.endswith(f":{port:04X}")} == {f"0100007F:{port:04X}"}
    assert listener_uid(port) == os.geteuid()


def test_the_login_stands_on_no_command_line_and_in_no_file_but_its_own(server: str, login: str) -> None:
    secret = login.split(":")[1]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert secret not in path.read_bytes().decode(errors="replace"), path
        except OSError:
            continue  # it ended meanwhile
    home = Path(os.environ["PREFECT_HOME"])
    holding = [p.name for p in home.rglob("*") if p.is_file() and secret.encode() in p.read_bytes()]
    assert holding == ["api_auth"]


def test_an_open_server_or_another_program_is_not_ours_and_never_hears_the_login(login: str) -> None:
    heard: list[str | None] = []

    class Open(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers["Authorization"])
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"true")

        def log_message(self, *_: Any) -> None:
            pass

    other = HTTPServer(("127.0.0.1", 0), Open)
    Thread(target=other.serve_forever, args=(0.02,), daemon=True).start()
    try:
        assert status_of(other.server_port) == 200
        assert not is_ours(other.server_port, login)
    finally:
        other.shutdown()
        other.server_close()
    mine = base64.b64encode(login.encode()).decode()
    assert heard
    assert not any(mine in (one or "") for one in heard)


ATTACK = """async ([api, id]) => {
  const steps = JSON.stringify({pull_steps: [{"prefect.deployments.steps.run_shell_script": {script: "touch taken"}}]});
  const tries = {
    patch: () => fetch(`${api}/deployments/${id}`, {method: 'PATCH', body: steps,
                       headers: {'Content-Type': 'application/json'}}),
    simple: () => fetch(`${api}/deployments/filter`, {method: 'POST', body: '{}'}),
    plain: () => fetch(`${api}/deployments/filter`, {method: 'POST', body: '{}',
                       headers: {'Content-Type': 'text/plain'}}),
    untyped: () => fetch(`${api}/deployments/filter`, {method: 'POST', body: new Blob(['{}'])}),
    cookies: () => fetch(`${api}/admin/settings`, {credentials: 'include'}),
    health: () => fetch(`${api}/health`),
    page: () => fetch(api.replace('/api', '/ui-settings')),
  };
  const found = {};
  for (const [name, go] of Object.entries(tries)) {
    try { const answer = await go(); found[name] = answer.status; } catch (error) { found[name] = 'blocked'; }
  }
  found.script = await new Promise(done => { const one = document.createElement('script');
    one.src = api + '/admin/settings'; one.onload = () => done('loaded'); one.onerror = () => done('blocked');
    document.head.append(one); });
  found.opaque = await fetch(`${api}/deployments/${id}/create_flow_run`,
                             {method: 'POST', mode: 'no-cors', body: '{}'}).then(one => one.type, () => 'blocked');
  found.socket = await new Promise(done => {
    const one = new WebSocket(api.replace('http', 'ws') + '/events/in', 'prefect');
    one.onopen = () => done('open'); one.onerror = () => done('blocked'); });
  return found;
}"""

FRAMED = """async address => {
  const one = document.createElement('iframe'); one.src = address; document.body.append(one);
  await new Promise(done => { one.onload = done; setTimeout(done, 3000) });
  try { return one.contentDocument ? one.contentDocument.title : 'closed' } catch { return 'closed' }
}"""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Address of a page of somebody else, on another port of this machine."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>elsewhere</title>")

        def log_message(self, *_: Any) -> None:
            pass

    page = HTTPServer(("127.0.0.1", 0), Page)
    Thread(target=page.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{page.server_port}/"
    page.shutdown()
    page.server_close()


@pytest.mark.browser
def test_a_page_of_another_origin_gets_nothing(
    server: str, target: Any, browser: Any, elsewhere: str, tmp_path: Path
) -> None:
    from prefect.client.orchestration import get_client

    local = tmp_path / "page.html"
    local.write_text("<!doctype html><title>a file</title>")
    for address in (elsewhere, elsewhere.replace("127.0.0.1", "localhost"), local.as_uri()):
        window = browser.new_page()
        window.goto(address)
        found = window.evaluate(ATTACK, [server, str(target)])
        assert found.pop("opaque") in ("opaque", "blocked")  # sent, but see below: nothing came of it
        assert set(found.values()) == {"blocked"}, (address, found)
        framed = window.evaluate(FRAMED, server.removesuffix("/api"))
        assert framed == "closed"
        window.close()
    with get_client(sync_client=True) as client:
        assert [run for run in client.read_flow_runs() if run.deployment_id == target] == []


@pytest.mark.browser
def test_a_foreign_name_that_resolves_to_this_machine_gets_nothing(
    server: str, target: Any, browser: Any
) -> None:
    import playwright.sync_api

    assert playwright.sync_api is not None
    port = urlsplit(server).port
    rebound = browser.browser_type.launch(
        executable_path="/usr/bin/chromium",
        args=["--no-sandbox", "--host-resolver-rules=MAP evil.example 127.0.0.1"],
    )
    try:
        window = rebound.new_page()
        answer = window.goto(f"http://evil.example:{port}/")
        assert answer.status == 421
        found = window.evaluate(ATTACK, [f"http://evil.example:{port}/api", str(target)])
        assert {found["patch"], found["simple"], found["cookies"], found["health"], found["page"]} == {421}
        assert found["socket"] == "blocked"
    finally:
        rebound.close()


@pytest.mark.browser
def test_the_owner_logs_in_with_the_content_of_the_file(
    server: str, login: str, target: Any, browser: Any
) -> None:
    window = browser.new_page()
    asked: list[str] = []
    window.on("requestfinished", lambda request: asked.append(request.url))
    port = urlsplit(server).port
    window.goto(f"http://localhost:{port}/deployments")  # led to the one address
    field = window.locator("input[type=password]")
    field.wait_for(timeout=60_000)
    field.fill("titikrawan:guess")
    field.press("Enter")
    window.get_by_text("Invalid").first.wait_for(timeout=30_000)
    field.fill(login)
    field.press("Enter")
    window.get_by_role("link", name="Deployments").first.click(timeout=60_000)
    window.get_by_text("target").first.wait_for(timeout=60_000)
    assert {urlsplit(address).netloc for address in asked} <= {f"127.0.0.1:{port}", f"localhost:{port}"}
    window.close()
