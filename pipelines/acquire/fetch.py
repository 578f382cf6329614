"""One polite GET: rate-limited, size-limited, retried with growing pauses, never redirected to another host."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from types import TracebackType
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from ..catalog.messages import Message
from .content import Check, ContentError, parse
from .errors import ServerTroubleError
from .limiter import RateLimiter, shared_limiter
from .records import Record
from .settings import Settings

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
ABSENT = frozenset({404, 410})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 3
LONGEST_HEADER = 1_000


@dataclass(frozen=True)
class Answer:
    """Outcome of one request: `new` (with body), `unchanged`, `absent` or `failed` (with the reason)."""

    outcome: str
    status: int = 0
    etag: str = ""
    last_modified: str = ""
    sha256: str = ""
    body: str | None = None
    value: Any = None
    reason: str = ""
    attempts: int = 1


class _TryAgainError(Exception):
    """This attempt failed; `wait` is the pause the server asked for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


class _HopelessError(Exception):
    """Retrying would not help."""


@cache
def _certificates() -> ssl.SSLContext:
    """Whom httpx trusts, read once: reading takes longer than a village."""
    return httpx.create_ssl_context()


class Fetcher:
    """An open connection pool; use with `async with`."""

    def __init__(self, settings: Settings, limiter: RateLimiter | None = None) -> None:
        self._settings = settings
        self._limiter = limiter or shared_limiter(settings.base, settings.rate)
        self._seats = asyncio.Semaphore(settings.concurrency)
        self._failed_in_a_row = 0
        agent = "titik-rawan (+research on published election results)"
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            verify=_certificates(),
            timeout=settings.timeout,
            limits=httpx.Limits(max_connections=settings.concurrency),
            headers={
                "User-Agent": f"{agent} {settings.contact}".strip(),
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
            },
        )

    async def __aenter__(self) -> Fetcher:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def get(self, path: str, check: Check, known: Record | None = None) -> Answer:
        """Fetch `path` below the base URL, retrying where that may help.

        Args:
            path: begins with `/`.
            check: raises ContentError when the JSON is not what is expected.
            known: newest version on disk; it makes the request conditional, so that the server sends only
                newer content.
        Returns:
            An Answer; `failed` when all attempts failed.
        Raises:
            ServerTroubleError: too many consecutive URLs failed, or the server asked for a very long pause.
        """
        reason, attempt = "", 0
        async with self._seats:
            for attempt in range(1, self._settings.attempts + 1):
                await self._limiter.wait()
                try:
                    async with asyncio.timeout(self._settings.deadline):
                        answer = await self._once(path, check, known, attempt)
                    self._failed_in_a_row = 0
                    return answer
                except (_TryAgainError, ContentError, httpx.TransportError, TimeoutError) as error:
                    reason = _reason(error)
                    await self._rest(attempt, getattr(error, "wait", None))
                except _HopelessError as error:
                    reason = str(error)
                    break
                except (httpx.InvalidURL, httpx.HTTPError, ValueError, OverflowError) as error:
                    # Protocol violations that no well-behaved server sends: this URL fails, the others
                    # continue.
                    reason = f"protocol: {type(error).__name__}"
                    break
        self._count_failure(path, reason)
        return Answer("failed", reason=reason, attempts=attempt)

    async def _rest(self, attempt: int, asked: float | None) -> None:
        """Wait before the next attempt; a pause the server asked for applies to every other request as well."""
        settings = self._settings
        if asked is not None:
            if asked > settings.wait_limit:
                raise ServerTroubleError(
                    Message("acquire.wait_longer", asked=asked),
                )
            self._limiter.pause(asked)
        if attempt < settings.attempts:
            longest = min(settings.backoff_limit, settings.backoff * 2 ** (attempt - 1))
            await asyncio.sleep(longest * random.uniform(0.5, 1.0))  # noqa: S311 (spreads load, no secret)

    def _count_failure(self, path: str, reason: str) -> None:
        self._failed_in_a_row += 1
        if self._failed_in_a_row >= self._settings.patience:
            raise ServerTroubleError(
                Message("acquire.many_failures", number=self._failed_in_a_row, path=path, reason=reason),
            )

    async def _once(self, path: str, check: Check, known: Record | None, attempt: int) -> Answer:
        url = self._settings.base + path
        headers = _conditions(known)
        self._client.cookies.clear()
        for _ in range(MOST_REDIRECTS + 1):
            async with self._client.stream("GET", url, headers=headers) as response:
                status = response.status_code
                if status in REDIRECTS:
                    url = _same_host(url, response.headers.get("Location", ""))
                    continue
                if status == 304 and headers:
                    return Answer("unchanged", status, attempts=attempt)
                if status in ABSENT:
                    return Answer("absent", status, attempts=attempt)
                if status in RETRIED:
                    raise _TryAgainError(f"status {status}", _retry_after(response.headers))
                if status != 200:
                    raise _HopelessError(f"status {status}")
                body = await _read(response, self._settings.max_bytes)
                return _judge(body, response.headers, check, attempt)
        raise _HopelessError("redirect: too many")


def _judge(body: bytes, headers: Mapping[str, str], check: Check, attempt: int) -> Answer:
    value = parse(body, headers.get("Content-Type", ""))
    check(value)
    return Answer(
        "new",
        200,
        _plain(headers.get("ETag", "")),
        _plain(headers.get("Last-Modified", "")),
        hashlib.sha256(body).hexdigest(),
        body.decode(),
        value,
        attempts=attempt,
    )


def _reason(error: Exception) -> str:
    if isinstance(error, _TryAgainError):
        return error.reason
    if isinstance(error, ContentError):
        return str(error)
    return f"{'timeout' if isinstance(error, (TimeoutError, httpx.TimeoutException)) else 'connection'}: " + (
        str(error) or type(error).__name__
    )


def _conditions(known: Record | None) -> dict[str, str]:
    if known is None or not known.is_present:
        return {}
    given = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in given.items() if value and _plain(value)}


def _plain(value: str) -> str:
    """Return a header's value if it can be sent back, else '': the next request is then unconditional."""
    return value if value.isascii() and value.isprintable() and len(value) <= LONGEST_HEADER else ""


def _same_host(url: str, location: str) -> str:
    """Return the target of a redirect if it is on the same server; content of other hosts is never trusted."""
    try:
        target = urljoin(url, location)
        here, there = urlsplit(url), urlsplit(target)
    except ValueError:
        raise _HopelessError("redirect: refused, to no address") from None
    if not location or (here.scheme, here.netloc) != (there.scheme, there.netloc):
        raise _HopelessError(f"redirect: refused, to {there.netloc or 'nowhere'}")
    return target


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of `Retry-After` (a number or a date), or None when it is missing or invalid."""
    text = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


async def _read(response: httpx.Response, limit: int) -> bytes:
    """Return the decompressed body; never holds more than `limit` bytes, whatever the server sends."""
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("", "identity", "gzip"):
        raise ContentError("content_encoding", coding)
    unzip = zlib.decompressobj(wbits=31) if coding == "gzip" else None
    body = bytearray()
    try:
        async for piece in response.aiter_raw():
            body += unzip.decompress(piece, limit + 1 - len(body)) if unzip else piece
            if len(body) > limit:
                raise _HopelessError(f"size: more than {limit} bytes")
    except zlib.error as error:
        raise ContentError("truncated", str(error)) from None
    if unzip and not unzip.eof:
        raise ContentError("truncated", "the compressed answer has no end")
    return bytes(body)
