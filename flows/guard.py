"""The door in front of Prefect's server: whoever does not come from this machine's own page or clients stays out.

Prefect's API can do anything that its owner can: a deployment's `pull_steps` run shell commands. Any web page that is
open on the same machine can reach the loopback address, so being on loopback protects from nobody. Refused before
Prefect sees them:

- another `Host` than our own address (DNS rebinding: a foreign name that resolves to 127.0.0.1),
- any `Origin` but our own page's, also `null`, also on web sockets, and whatever the browser itself marks as coming
  from another site (`Sec-Fetch-Site`), except opening one of Prefect's pages by a link,
- bodies of the kinds that a foreign page may send without asking (forms, plain text),
- every request to the API without the login, also those to its health, version and documentation.
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
# Pages of the outer application that show the API to everybody and load scripts from the web.
CLOSED = ("/docs", "/redoc", "/openapi.json", "/api/docs", "/api/redoc")
HEADERS: Mapping[bytes, bytes] = {
    b"x-frame-options": b"DENY",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    # Prefect's pages load nothing from elsewhere and tell nobody (they would report their use to a statistics service).
    b"content-security-policy": b"default-src 'self'; script-src 'self' 'unsafe-inline'; "
    b"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; "
    b"object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
}
_KEPT = frozenset({b"content-security-policy"})  # a page of a release has a stricter one
_OURS = frozenset(HEADERS) | {b"access-control-allow-origin", b"access-control-allow-credentials"}


class Guard:
    """ASGI middleware around Prefect's application.

    Args:
        app: Prefect's application.
        host, port: the address we listen on; nothing else is accepted as `Host`.
        login: `user:secret`, as Prefect's own setting has it.
        pages: the pages of the published release, where they are served, too.
    """

    def __init__(self, app: App, host: str, port: int, login: str, pages: Pages | None = None) -> None:
        self._app = app
        self._pages = pages
        self._address = f"{host}:{port}".encode()
        self._hosts = frozenset({self._address, f"localhost:{port}".encode()})
        self._origin = b"http://" + self._address
        self._authorization = b"Basic " + base64.b64encode(login.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on with headers that keep the pages out of foreign frames."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refused = self._reason(scope)
        if refused is None and self._is_other_name(scope):
            # The page knows one address of the API; whoever types `localhost` is led there.
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
        """(status, why) where the request is refused."""
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
            # Prefect asks for the login in the first message; outside its API there are no sockets.
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
        # Prefect's page asks this without its login, and complains when it gets no answer. We give it ourselves.
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
    """All values of a header; a request that names one twice hides something."""

    def __init__(self, scope: Scope) -> None:
        self._found = [(bytes(name).lower(), bytes(value).strip()) for name, value in scope["headers"]]

    def all(self, name: bytes) -> list[bytes]:
        return [value for found, value in self._found if found == name]


def _with_headers(send: Send, own: frozenset[bytes] = frozenset()) -> Send:
    """Headers of ours in the place of the application's; of those named in `own`, the application's stay."""
    ours = {name: value for name, value in HEADERS.items() if name not in own}

    async def wrapped(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            kept = [(k, v) for k, v in message.get("headers", ()) if bytes(k).lower() not in _OURS - own]
            message = {**message, "headers": [*kept, *ours.items()]}
        await send(message)

    return wrapped


async def _answer(send: Send, status: int, text: str, more: Sequence[tuple[bytes, bytes]] = ()) -> None:
    # Prefect's page shows its login when the API answers 401 with this field.
    body = json.dumps({"exception_message": text} if text else True).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *HEADERS.items()]})
    await send({"type": "http.response.body", "body": body})
