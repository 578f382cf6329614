"""A published tree, served on loopback by a server that can be told to misbehave."""

from __future__ import annotations

import gzip
import hashlib
import itertools
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

AREAS, RESULTS = "/wilayah/pemilu/ppwp", "/pemilu/hhcw/ppwp"
LENGTHS = (2, 4, 6, 10, 13)


def list_address(code: str) -> str:
    return f"{AREAS}/{'/'.join(code[:n] for n in LENGTHS if n <= len(code)) or '0'}.json"


def result_address(station: str, results: str = RESULTS) -> str:
    return f"{results}/{'/'.join(station[:n] for n in LENGTHS)}.json"


def result(first: int = 83, **other: Any) -> dict[str, Any]:
    """The answer of one polling station, shaped like KPU's."""
    return {
        "mode": "hhcw",
        "chart": {"null": None, "100025": first, "100026": 107, "100027": 38},
        "images": ["a-20240214-205639--x.jpg", None, None],
        "administrasi": {"suara_sah": first + 145, "suara_tidak_sah": 5, "suara_total": first + 150},
        "psu": None,
        "ts": "2024-02-16 16:25:10",
        "status_suara": True,
        "status_adm": True,
    } | other


def small_tree() -> dict[str, bytes]:
    """Two regencies of a province, one of another; six villages, 14 stations, one of them (901) absent."""
    villages = {
        "3171011001": ["001", "002", "003"],
        "3171011002": ["001", "002"],
        "3171021001": ["001", "002", "901"],
        "3171021002": ["001"],
        "3172011001": ["001", "002", "003"],
        "1101012001": ["001", "002"],
    }
    below: dict[str, set[str]] = defaultdict(set)
    tree: dict[str, bytes] = {}
    for village, stations in villages.items():
        chain = ["", *(village[:n] for n in LENGTHS[:-1])]
        for parent, child in itertools.pairwise(chain):
            below[parent].add(child)
        for number, station in enumerate(stations):
            below[village].add(village + station)
            if station != "901":
                tree[result_address(village + station)] = to_bytes(result(80 + number))
    for level, (parent, codes) in enumerate(below.items()):
        entries = [
            {"nama": f"KOTA {c}.", "id": 900 + level, "kode": c, "tingkat": LENGTHS.index(len(c)) + 1}
            for c in sorted(codes, reverse=True)  # published lists are not sorted
        ]
        tree[list_address(parent)] = to_bytes(entries)
    return tree


def to_bytes(value: Any) -> bytes:
    return json.dumps(value, indent=4).encode()


# A fault answers in place of the server and says whether it did.
Fault = Callable[["Handler"], bool]


class Published:
    """What the server serves, what it did, and how it misbehaves."""

    def __init__(self, tree: Mapping[str, bytes]) -> None:
        self.tree = dict(tree)
        self.base = ""
        self.delay = 0.0
        self.faults: dict[str, list[Fault]] = defaultdict(list)  # one is used up per request
        self.always: dict[str, Fault] = {}
        self.asked: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.moments: list[float] = []
        self.agents: set[str] = set()
        self.now, self.most_at_once = 0, 0
        self.lock = threading.Lock()

    def forget(self) -> None:
        self.asked.clear()
        self.statuses.clear()
        self.moments.clear()
        self.most_at_once = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else an answer waits 40 ms for its head to be acknowledged
    published: Published

    def do_GET(self) -> None:
        me = self.published
        with me.lock:
            me.asked[self.path] += 1
            me.moments.append(time.monotonic())
            me.agents.add(self.headers.get("User-Agent", ""))
            me.now += 1
            me.most_at_once = max(me.most_at_once, me.now)
            fault = me.faults[self.path].pop(0) if me.faults.get(self.path) else me.always.get(self.path)
        try:
            if me.delay:
                time.sleep(me.delay)
            if fault is None or not fault(self):
                self.serve()
        finally:
            with me.lock:
                me.now -= 1

    def serve(self) -> None:
        body = self.published.tree.get(self.path)
        if body is None:
            self.answer(404, b"<html>not found</html>", "text/html")
            return
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        if self.headers.get("If-None-Match") == etag:
            self.answer(304, b"", None)
            return
        self.answer(200, gzip.compress(body), "application/json", ETag=etag, Content_Encoding="gzip")

    def answer(self, status: int, body: bytes, kind: str | None, **headers: str) -> bool:
        with self.published.lock:
            self.published.statuses[status] += 1
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(body)
        return True

    def log_message(self, *_: Any) -> None:
        pass


def status(code: int, **headers: str) -> Fault:
    return lambda handler: handler.answer(code, b"busy", "text/plain", **headers)


def body(data: bytes, kind: str | None = "application/json", **headers: str) -> Fault:
    return lambda handler: handler.answer(200, data, kind, **headers)


def truncated(handler: Handler) -> bool:
    """Promises more bytes than it sends, then hangs up."""
    data = handler.published.tree[handler.path]
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data[: len(data) // 2])
    handler.close_connection = True
    return True


def half_a_gzip(handler: Handler) -> bool:
    data = gzip.compress(handler.published.tree[handler.path])[:-12]
    return handler.answer(200, data, "application/json", Content_Encoding="gzip")


def hang_up(handler: Handler) -> bool:
    handler.close_connection = True
    return True


def sleep(seconds: float) -> Fault:
    def fault(_: Handler) -> bool:
        time.sleep(seconds)
        return False

    return fault


def trickle(handler: Handler) -> bool:
    """Sends a byte now and then, so that no pause is ever long enough for the time-out."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    try:
        for _ in range(100):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass
    handler.close_connection = True
    return True


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed is no error of the server."""


@contextmanager
def serving(tree: Mapping[str, bytes]) -> Iterator[Published]:
    """Serve `tree` on a free port of loopback until the end of the block."""
    published = Published(tree)
    handler = type("BoundHandler", (Handler,), {"published": published})
    server = Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    published.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield published
    finally:
        server.shutdown()
        server.server_close()
