"""Serve the pages of the published release from Prefect's server, so that the links in a run's summary work.

Browsers do not open `file:` links from a web page. So the pages are served below a key on that server; the key
is derived from the login and appears in the links of a summary. Each page is sandboxed: its scripts run, but
they cannot see Prefect's page or its login, and cannot send anything.
"""

from __future__ import annotations

import hmac
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from flows.auth import USER

PREFIX = "/laporan/"
HOST = "127.0.0.1"
SANDBOX = (
    b"sandbox allow-scripts allow-downloads allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    b"script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# Files without active content; browsers do not show PDFs inside a sandbox.
STILL = (".pdf", ".csv", ".xlsx", ".pptx")


def key_of(login: str) -> str:
    """Return the secret part of the URLs; it does not reveal the login."""
    return hmac.new(login.encode(), b"pages of the published release", "sha256").hexdigest()[:40]


def address_of(name: str) -> str | None:
    """Return the URL of a page of the published release, if this process talks to one of our servers."""
    api = urlsplit(os.environ.get("PREFECT_API_URL", ""))
    login = os.environ.get("PREFECT_API_AUTH_STRING", "")
    if api.hostname != HOST or api.scheme != "http" or not login.startswith(f"{USER}:"):
        return None
    return f"http://{api.netloc}{PREFIX}{key_of(login)}/{quote(name)}"


class Pages:
    """ASGI application that serves files of a folder below the key; anything else is not found.

    Args:
        folder: pages of the published release; may be a link that moves meanwhile, or not exist yet.
        login: `user:secret` of the server.
    """

    def __init__(self, folder: Path, login: str) -> None:
        from starlette.staticfiles import StaticFiles

        self._folder = folder
        self._below = f"{PREFIX}{key_of(login)}/"
        self._files = StaticFiles(directory=folder, check_dir=False)

    async def answers(self, scope: Any, receive: Any, send: Any) -> bool:
        """Send the requested file; False if it does not exist."""
        from starlette.exceptions import HTTPException

        path = str(scope["path"])
        is_there = hmac.compare_digest(path[: len(self._below)].encode(), self._below.encode())
        if not is_there or not self._folder.is_dir():
            return False
        inner = {**scope, "path": path.removeprefix(self._below[:-1]), "root_path": ""}
        try:
            response = await self._files.get_response(self._files.get_path(inner), inner)
        except HTTPException:
            return False
        policy = b"frame-ancestors 'none'" if path.endswith(STILL) else SANDBOX
        response.headers["content-security-policy"] = policy.decode()
        await response(inner, receive, send)
        return True
