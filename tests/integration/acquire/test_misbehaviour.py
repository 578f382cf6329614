"""The server misbehaves: the download waits, asks again, refuses, and says what it could not get."""

from __future__ import annotations

import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from pipelines.acquire import Part, ServerTroubleError, Settings, crawl_part, plan_parts, read_records
from pipelines.storage import SharedStorage
from tests.support import published as server
from tests.support.published import Published, list_address, result_address

ADDRESS = result_address("3171011001002")
VILLAGE = "hhcw/ppwp/31/3171/317101/3171011001.ndjson.gz"


@pytest.mark.parametrize(
    "fault",
    [
        server.status(500),
        server.status(502),
        server.status(503),
        server.status(429),
        server.truncated,
        server.half_a_gzip,
        server.hang_up,
        server.sleep(0.8),
        server.trickle,
        server.body(b"<!doctype html><p>Situs sedang dipelihara</p>", "text/html"),
        server.body(b"  <html>please wait</html>", "application/json"),
        server.body(b'{"chart": {"100025": 83', "application/json"),
        server.body(b'{"chart": {"100025": NaN}}', "application/json"),
        server.body(b"", "application/json"),
        server.body(b"[]", "application/json"),
        server.body(b"null", "application/json"),
        server.body(b'{"error": "busy"}', "application/json"),
        server.body(b"[" * 100_000, "application/json"),
        server.body(b'{"chart": "\xff"}', "application/json"),
        server.body(b'{"chart": null}', "image/png"),
        server.body(b'{"chart": null}', "application/json", Content_Encoding="br"),
        server.body(b"no gzip at all", "application/json", Content_Encoding="gzip"),
    ],
    ids=[
        "500", "502", "503", "429", "truncated", "truncated gzip", "hangs up", "too slow", "trickles", "html",
        "html called json", "half a json", "not quite json", "empty", "list", "null", "another object", "too deep",
        "not utf-8", "image", "unknown compression", "broken gzip",
    ],
)  # fmt: skip
def test_passing_fault_is_overcome(published: Published, crawl, tmp_path: Path, fault: server.Fault) -> None:
    published.faults[ADDRESS] = [fault, fault]

    summary = crawl(Part("3171", ("3171011001",)), timeout=0.4, deadline=0.6)

    assert summary.is_complete
    assert published.asked[ADDRESS] == 3
    records = [r for r in read_records(SharedStorage(tmp_path), VILLAGE) if r.kind == "result"]
    assert [r.body.encode() for r in records] == [published.tree[r.path] for r in records]


@pytest.mark.parametrize(
    ("fault", "reason", "times"),
    [
        (server.status(500), "status 500", 4),
        (server.body(b"<html>", "text/html"), "html: a page instead of data", 4),
        (server.body(b"{}", "application/json"), "shape: not the result of a polling station", 4),
        (server.status(403), "status 403", 1),
        (server.status(304), "status 304", 1),
        (server.body(b"[" + b" " * 5000 + b"]"), "size: more than 4000 bytes", 1),
        (server.body(gzip.compress(b" " * 50_000_000), Content_Encoding="gzip"), "size: more than 4000 bytes", 1),
    ],
    ids=["500", "html", "wrong content", "forbidden", "304 unasked", "too large", "too large unpacked"],
)  # fmt: skip
def test_lasting_fault_is_named_and_costs_nothing_else(
    published: Published, crawl, tmp_path: Path, fault: server.Fault, reason: str, times: int
) -> None:
    published.always[ADDRESS] = fault

    summary = crawl(Part("3171", ("3171011001",)), max_bytes=4000)

    assert summary.failures == [f"{ADDRESS}: {reason}"]
    assert dict(summary.results) == {"new": 2, "failed": 1}
    assert published.asked[ADDRESS] == times
    codes = [r.code for r in read_records(SharedStorage(tmp_path), VILLAGE) if r.kind == "result"]
    assert codes == ["3171011001001", "3171011001003"]


def test_redirect_to_another_host_is_refused(published: Published, crawl) -> None:
    with server.serving({ADDRESS: server.to_bytes(server.result())}) as elsewhere:
        published.always[ADDRESS] = server.status(302, Location=elsewhere.base + ADDRESS)
        summary = crawl(Part("3171", ("3171011001",)))
        assert not elsewhere.asked
    host = elsewhere.base.removeprefix("http://")
    assert summary.failures == [f"{ADDRESS}: redirect: refused, to {host}"]


@pytest.mark.parametrize("location", ["//other.example/x.json", "https://127.0.0.1/x.json", ""])
def test_redirect_to_another_origin_is_refused(published: Published, crawl, location: str) -> None:
    published.always[ADDRESS] = server.status(301, Location=location)
    summary = crawl(Part("3171", ("3171011001",)))
    assert summary.failures[0].startswith(f"{ADDRESS}: redirect: refused")


def test_redirect_on_the_same_host_is_followed_but_not_for_ever(published: Published, crawl) -> None:
    published.tree["/moved.json"] = published.tree[ADDRESS]
    published.faults[ADDRESS] = [server.status(307, Location="/moved.json")]
    assert crawl(Part("3171", ("3171011001",))).is_complete

    published.always[ADDRESS] = server.status(307, Location=ADDRESS)
    assert crawl(Part("3171", ("3171011001",))).failures == [f"{ADDRESS}: redirect: too many"]


@pytest.mark.parametrize("how", ["seconds", "date"])
def test_retry_after_holds_for_every_request(published: Published, crawl, how: str) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    published.faults[ADDRESS] = [server.status(429, Retry_After="1" if how == "seconds" else date)]

    assert crawl(Part("3171", ("317101",)), concurrency=1).is_complete

    gaps = [b - a for a, b in zip(published.moments, published.moments[1:], strict=False)]
    assert max(gaps) >= 0.95
    assert sum(gap > 0.5 for gap in gaps) == 1


def test_very_long_retry_after_ends_the_run_and_keeps_finished_villages(
    published: Published, crawl, tmp_path: Path
) -> None:
    address = result_address("3171011002001")
    published.faults[address] = [server.status(503, Retry_After="86400")]

    with pytest.raises(ServerTroubleError, match="wait 86400 s"):
        crawl()
    assert len(read_records(SharedStorage(tmp_path), VILLAGE)) == 4

    summary = crawl()
    assert summary.is_complete
    assert summary.skipped == 1


def test_server_that_fails_everywhere_is_left_alone(published: Published, crawl) -> None:
    for path in published.tree:
        if path.startswith("/pemilu"):
            published.always[path] = server.status(500)
    with pytest.raises(ServerTroubleError, match="3 addresses failed in a row"):
        crawl(patience=3, attempts=2, concurrency=1)
    assert published.statuses[500] == 6


def test_unreachable_server_is_an_error_of_the_environment(tmp_path: Path) -> None:
    with server.serving({}) as gone:
        base = gone.base
    settings = Settings(base=base, attempts=2, backoff=0.01, rate=1000)
    with pytest.raises(ServerTroubleError, match="cannot be had") as caught:
        plan_parts(["3171"], settings, tmp_path)
    assert caught.value.exit_code == 3
    assert "tidak dapat diperoleh" in caught.value.message["id"]


def test_pause_between_tries_grows_and_varies(published: Published, crawl) -> None:
    published.always[ADDRESS] = server.status(500)
    crawl(Part("3171", ("3171011001",)), attempts=4, backoff=0.2, backoff_limit=0.4, concurrency=1)
    # 0.2, 0.4, then the limit of 0.4, each times 0.5 to 1; the station is the second of three.
    gaps = sorted(b - a for a, b in zip(published.moments, published.moments[1:], strict=False))[-3:]
    assert 0.1 <= gaps[0] <= 0.3
    assert 0.2 <= gaps[1] <= gaps[2] <= 0.5


def test_rate_and_concurrency_are_bounded(published: Published, settings: Settings, tmp_path: Path) -> None:
    from dataclasses import replace

    published.delay = 0.15
    slow = replace(settings, rate=40.0, concurrency=2)
    began = time.monotonic()
    crawl_part(Part("3171"), slow, tmp_path)
    seconds = time.monotonic() - began

    requests = sum(published.asked.values())
    assert published.most_at_once == 2
    assert seconds >= requests / 40.0 * 0.9
    assert min(b - a for a, b in zip(published.moments, published.moments[1:], strict=False)) > 0.001


def test_failing_list_of_districts_is_owed_and_fetched_later(published: Published, crawl) -> None:
    address = list_address("317102")
    published.always[address] = server.body(json.dumps({"nama": "no list"}).encode())
    first = crawl()
    assert first.failures == [f"{address}: shape: not a list of areas"]
    assert first.results["new"] == 5

    published.always.clear()
    second = crawl()
    assert second.is_complete
    assert (second.skipped, second.results["new"]) == (2, 3)


def test_requests_say_who_asks(published: Published, crawl) -> None:
    crawl(Part("3171", ("3171011001",)), contact="mailto:someone@example.org")
    (agent,) = published.agents
    assert agent.startswith("titik-rawan")
    assert agent.endswith("mailto:someone@example.org")
