"""Access control for Prefect's server: only this machine's own page and clients get through.

Prefect's API can do anything its owner can: a deployment's `pull_steps` run shell commands. Any web page open
on the same machine can reach the loopback address, so binding to loopback is no protection. These requests are
rejected before Prefect sees them:

- a `Host` other than our own address (DNS rebinding: a foreign name that resolves to 127.0.0.1),
- any `Origin` other than our own page's, including `null` and on web sockets, and requests that the browser
  marks as cross-site (`Sec-Fetch-Site`), except following a link to one of Prefect's pages,
- content types that a foreign page may send without a CORS preflight (forms, plain text),
- every request to the API without the login, including health, version and documentation.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any

from flows.pages import PREFIX, Pages

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

API = "/api"
HEALTH = "/api/health"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
# Pages of the outer application that expose the API to everybody and load scripts from the web.
CLOSED = ("/docs", "/redoc", "/openapi.json", "/api/docs", "/api/redoc")
HEADERS: Mapping[bytes, bytes] = {
    b"x-frame-options": b"DENY",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    # Prefect's pages may load nothing from other sites and send no usage statistics.
    b"content-security-policy": b"default-src 'self'; script-src 'self' 'unsafe-inline'; "
    b"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
}
_KEPT = frozenset({b"content-security-policy"})  # a release page has a stricter one
_OURS = frozenset(HEADERS) | {b"access-control-allow-origin", b"access-control-allow-credentials"}


class Guard:
    """ASGI middleware around Prefect's application.

    Args:
        app: Prefect's application.
        host, port: our listening address; no other `Host` is accepted.
        login: `user:secret`, as in Prefect's own setting.
        pages: the pages of the published release, if they are served too.
    """

    def __init__(self, app: App, host: str, port: int, login: str, pages: Pages | None = None) -> None:
        self._app = app
        self._pages = pages
        self._address = f"{host}:{port}".encode()
        self._hosts = frozenset({self._address, f"localhost:{port}".encode()})
        self._origin = b"http://" + self._address
        self._authorization = b"Basic " + base64.b64encode(login.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reject the request, or pass it on and add headers that prevent framing by other sites."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refused = self._reason(scope)
        if refused is None and self._is_other_name(scope):
            # The page knows only one address of the API; requests to `localhost` are redirected there.
            await _answer(send, 307, "see our address", [(b"location", self._origin + b"/")])
        elif refused is None and self._is_own_health(scope, _Headers(scope)):
            await _answer(send, 200, "")
        elif refused is None and scope["type"] == "http" and str(scope["path"]).startswith(PREFIX):
            if not (self._pages and await self._pages.answers(scope, receive, _with_headers(send, _KEPT))):
                await _answer(send, 404, "not found")
        elif refused is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refused[1]})
        else:
            await _answer(send, *refused)

    def _reason(self, scope: Scope) -> tuple[int, str] | None:
        """Return (status, reason) if the request is rejected."""
        headers = _Headers(scope)
        if scope["type"] not in ("http", "websocket"):
            return 400, "unknown protocol"
        if headers.all(b"host") not in [[host] for host in self._hosts]:
            return 421, "this server answers to its own address only"
        origins = headers.all(b"origin")
        if origins and (len(origins) > 1 or origins[0] != self._origin):
            return 403, "requests from other pages are refused"
        path = str(scope["path"])
        is_api = path == API or path.startswith(API + "/")
        if self._is_foreign(scope, headers, is_api):
            return 403, "requests from other sites are refused"
        if scope["type"] == "websocket":
            # Prefect checks the login in the first message; there are no sockets outside its API.
            return None if is_api else (403, "no socket here")
        return self._reason_of_http(scope, headers, path, is_api)

    def _is_other_name(self, scope: Scope) -> bool:
        return (
            scope["type"] == "http"
            and not str(scope["path"]).startswith(API)
            and _Headers(scope).all(b"host") != [self._address]
        )

    @staticmethod
    def _is_own_health(scope: Scope, headers: _Headers) -> bool:
        # Prefect's page requests this without its login and shows an error without an answer, so the guard
        # answers itself.
        return (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and scope["path"] == HEALTH
            and headers.all(b"sec-fetch-site") == [b"same-origin"]
            and not headers.all(b"authorization")
        )

    @staticmethod
    def _is_foreign(scope: Scope, headers: _Headers, is_api: bool) -> bool:
        site = headers.all(b"sec-fetch-site")
        if all(one in (b"same-origin", b"none") for one in site):
            return False
        followed_a_link = (
            scope["type"] == "http"
            and scope["method"] == "GET"
            and headers.all(b"sec-fetch-mode") == [b"navigate"]
            and headers.all(b"sec-fetch-dest") == [b"document"]
        )
        return is_api or not followed_a_link

    def _reason_of_http(
        self, scope: Scope, headers: _Headers, path: str, is_api: bool
    ) -> tuple[int, str] | None:
        method = str(scope["method"])
        if method not in METHODS or (not is_api and method not in ("GET", "HEAD")):
            return 405, "method not allowed"
        if path.rstrip("/") in CLOSED:
            return 404, "not found"
        if not is_api:
            return None
        if self._is_own_health(scope, headers):
            return None
        given = headers.all(b"authorization")
        if len(given) != 1 or not hmac.compare_digest(given[0], self._authorization):
            return 401, "Unauthorized"
        kinds = headers.all(b"content-type")
        if any(kind.split(b";")[0].strip().lower() != b"application/json" for kind in kinds):
            return 415, "only JSON is accepted"
        return None


class _Headers:
    """Return all values of a header; a repeated header in a request is suspicious."""

    def __init__(self, scope: Scope) -> None:
        self._found = [(bytes(name).lower(), bytes(value).strip()) for name, value in scope["headers"]]

    def all(self, name: bytes) -> list[bytes]:
        return [value for found, value in self._found if found == name]


def _with_headers(send: Send, own: frozenset[bytes] = frozenset()) -> Send:
    """Replace the application's headers with ours, except those named in `own`."""
    ours = {name: value for name, value in HEADERS.items() if name not in own}

    async def wrapped(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            kept = [(k, v) for k, v in message.get("headers", ()) if bytes(k).lower() not in _OURS - own]
            message = {**message, "headers": [*kept, *ours.items()]}
        await send(message)

    return wrapped


async def _answer(send: Send, status: int, text: str, more: Sequence[tuple[bytes, bytes]] = ()) -> None:
    # Prefect's page shows its login form when the API answers 401 with this field.
    body = json.dumps({"exception_message": text} if text else True).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *HEADERS.items()]})
    await send({"type": "http.response.body", "body": body})
