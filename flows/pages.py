"""The pages of the published release behind the door of Prefect's server, so that the links of a run's summary work.

A browser opens no `file:` address from a page of a server. Here the pages have addresses of that server, below a key
that only those who know the login can work out, and that they find in the links of a summary. A page is a sandbox of its
own: its scripts run, but see nothing of Prefect's page, its login among it, and can send nothing.
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
# Files in which nothing runs; a browser shows no PDF from within a sandbox.
STILL = (".pdf", ".csv", ".xlsx", ".pptx")


def key_of(login: str) -> str:
    """The part of the addresses that nobody guesses; it does not tell the login."""
    return hmac.new(login.encode(), b"pages of the published release", "sha256").hexdigest()[:40]


def address_of(name: str) -> str | None:
    """Where a page of the published release is served, if the server this process talks to is one of ours."""
    api = urlsplit(os.environ.get("PREFECT_API_URL", ""))
    login = os.environ.get("PREFECT_API_AUTH_STRING", "")
    if api.hostname != HOST or api.scheme != "http" or not login.startswith(f"{USER}:"):
        return None
    return f"http://{api.netloc}{PREFIX}{key_of(login)}/{quote(name)}"


class Pages:
    """ASGI application: files of a folder, below the key; anything else is not found.

    Args:
        folder: pages of the published release; it may be a link that is moved meanwhile, or not be there yet.
        login: `user:secret` of the server.
    """

    def __init__(self, folder: Path, login: str) -> None:
        from starlette.staticfiles import StaticFiles

        self._folder = folder
        self._below = f"{PREFIX}{key_of(login)}/"
        self._files = StaticFiles(directory=folder, check_dir=False)

    async def answers(self, scope: Any, receive: Any, send: Any) -> bool:
        """Send the file that is asked for; False where there is none."""
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
