"""Pages of the release behind the door: by their key only, in a sandbox, and never a file outside their folder."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from flows.guard import Guard
from flows.pages import PREFIX, Pages, address_of, key_of

LOGIN = "titikrawan:s3cret"
HOST = "127.0.0.1:4200"
BELOW = f"{PREFIX}{key_of(LOGIN)}/"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "r1").mkdir()
    (tmp_path / "r1" / "index.html").write_text("<p>halo</p>", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "r1" / "out.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "latest").symlink_to("r1")
    return tmp_path / "latest"


def ask(
    folder: Path, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[bytes, bytes], bytes]:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise AssertionError("this is none of Prefect's business")

    async def receive() -> Any:
        await asyncio.sleep(60)  # the browser stays; it is asked whether it left
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    pairs = {"host": HOST} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {"type": "http", "path": path, "method": method, "query_string": b"", "root_path": "",
             "headers": [(k.encode(), v.encode()) for k, v in pairs.items()]}  # fmt: skip
    asyncio.run(Guard(app, "127.0.0.1", 4200, LOGIN, Pages(folder, LOGIN))(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body


def test_a_page_is_served_by_its_key_in_a_sandbox(folder: Path) -> None:
    status, headers, body = ask(folder, f"{BELOW}index.html")
    assert (status, body) == (200, b"<p>halo</p>")
    policy = headers[b"content-security-policy"].decode()
    assert (
        policy.startswith("sandbox ") and "allow-same-origin" not in policy and "default-src 'none'" in policy
    )
    assert headers[b"referrer-policy"] == b"no-referrer" and headers[b"x-frame-options"] == b"DENY"


def test_a_pdf_is_shown_by_the_browser_itself_and_so_in_no_sandbox(folder: Path) -> None:
    (folder / "index.pdf").write_bytes(b"%PDF-1.7")
    status, headers, _ = ask(folder, f"{BELOW}index.pdf")
    assert (status, headers[b"content-type"]) == (200, b"application/pdf")
    assert b"sandbox" not in headers[b"content-security-policy"]
    assert headers[b"x-content-type-options"] == b"nosniff"


@pytest.mark.parametrize(
    "path",
    [
        f"{PREFIX}index.html",
        f"{PREFIX}{key_of('titikrawan:other')}/index.html",
        f"{BELOW}../secret.txt",
        f"{BELOW}..%2fsecret.txt",
        f"{BELOW}/etc/passwd",
        f"{BELOW}out.txt",
        f"{BELOW}gone.html",
        BELOW,
        PREFIX,
        f"{PREFIX}{key_of(LOGIN)}é/index.html",
    ],
)
def test_nothing_else_is_found(folder: Path, path: str) -> None:
    status, _, body = ask(folder, path)
    assert status == 404 and b"secret" not in body and b"halo" not in body


def test_pages_follow_the_release_that_is_served_and_may_be_absent(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "r2").mkdir()
    (tmp_path / "r2" / "index.html").write_text("baru", encoding="utf-8")
    folder.unlink()
    assert ask(folder, f"{BELOW}index.html")[0] == 404
    folder.symlink_to("r2")
    assert ask(folder, f"{BELOW}index.html")[2] == b"baru"


def test_the_door_stands_before_pages_too(folder: Path) -> None:
    path = f"{BELOW}index.html"
    assert ask(folder, path, "POST")[0] == 405
    assert ask(folder, path, origin="http://evil.example")[0] == 403
    assert (
        ask(folder, path, sec_fetch_site="cross-site", sec_fetch_mode="no-cors", sec_fetch_dest="script")[0]
        == 403
    )


@pytest.mark.parametrize(
    ("api", "login"),
    [("", "titikrawan:x"), ("http://127.0.0.1:4200/api", ""), ("http://127.0.0.1:4200/api", "other:x"),
     ("https://prefect.example/api", "titikrawan:x")],
)  # fmt: skip
def test_a_server_that_is_not_ours_gets_no_links(
    api: str, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", api)
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", login)
    assert address_of("index.html") is None
