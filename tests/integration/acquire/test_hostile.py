"""What no server sends that means well: its address fails, the rest goes on, and the next call is not poisoned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.acquire import AcquireError, Part, read_records
from pipelines.acquire.content import ContentError, parse
from pipelines.acquire.fetch import _retry_after
from pipelines.acquire.journal import Journal
from pipelines.acquire.records import from_line
from pipelines.storage import SharedStorage
from tests.support import published as server
from tests.support.published import Published, result, result_address, to_bytes

ADDRESS = result_address("3171011001002")
VILLAGE = "hhcw/ppwp/31/3171/317101/3171011001.ndjson.gz"


def headed(status: int, **headers: str) -> server.Fault:
    return lambda handler: handler.answer(status, to_bytes(result()), "application/json", **headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"Location": "//["},
        {"Location": "data:text/plain,x"},
        {"Location": "http://[::1"},
        {"Location": "/\x7f\x01"},
        {"Location": "javascript:alert(1)"},
        {},
    ],
)
def test_redirect_to_no_address_fails_alone(published: Published, crawl, headers) -> None:
    published.always[ADDRESS] = headed(302, **headers)
    summary = crawl(Part("3171", ("3171011001",)))
    assert summary.results["new"] == 2 and summary.results["failed"] == 1


@pytest.mark.parametrize(
    "headers", [{"ETag": '"é"'}, {"ETag": "\x7f"}, {"Last_Modified": "ÿ" * 5}, {"Set_Cookie": "a=é"}]
)
def test_header_that_cannot_be_sent_back_is_not_kept(
    published: Published, crawl, tmp_path: Path, headers
) -> None:
    published.always[ADDRESS] = headed(200, **headers)
    part = Part("3171", ("3171011001",))
    assert crawl(part).is_complete
    assert crawl(part).is_complete  # asked again, with what was kept
    records = [r for r in read_records(SharedStorage(tmp_path), VILLAGE) if r.code == "3171011001002"]
    assert all((r.etag + r.last_modified).isascii() for r in records)


@pytest.mark.parametrize(
    "text",
    ["²", "-1", "1e9", "9" * 400, "Mon, 01 Jan 2024 00:00:00 +99999999999999999999", "tomorrow", "", "\x00"],
)
def test_pause_that_makes_no_sense_is_none(text: str) -> None:
    pause = _retry_after({"Retry-After": text})
    assert pause is None or pause >= 0


@pytest.mark.parametrize("body", [b'{"chart": "\\ud800"}', b'{"chart": ' + b"[" * 60 + b"]" * 60 + b"}"])
def test_text_and_nesting_that_no_program_can_keep_are_refused(body: bytes) -> None:
    with pytest.raises(ContentError):
        parse(body, "application/json")


@pytest.mark.parametrize(
    "state",
    [b"[]", b"3", b"\xff", b"[" * 5000, b'{"started": "2024-02-16T09:25:10", "done": {}, "trouble": []}',
     b'{"started": "x", "done": 3, "trouble": {}}', b'{"started": null}',
     b'{"started": "9999-12-31T23:59:59Z", "done": [1]}'],
)  # fmt: skip
def test_unreadable_journal_begins_anew(tmp_path: Path, state: bytes) -> None:
    (tmp_path / ".state").mkdir()
    (tmp_path / ".state" / "3171.json").write_bytes(state)
    journal = Journal(SharedStorage(tmp_path), "3171")
    assert not journal.is_done("3171011001") and journal.turn("3171011001") == 0


GOOD = {
    "kind": "result", "contest": "ppwp", "code": "3171011001002", "path": "/a.json", "status": 200, "etag": "",
    "last_modified": "", "fetched_at": "2024-02-16T09:25:10Z", "sha256": "", "body": "{}",
}  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"etag": 3},
        {"kind": "x"},
        {"status": "200"},
        {"body": 1},
        {"body": "[1]", "kind": "areas"},
        {"code": None},
    ],
)
def test_changed_record_is_no_record(changed) -> None:
    assert from_line(json.dumps(GOOD)).code == "3171011001002"
    with pytest.raises((ValueError, TypeError)):
        from_line(json.dumps(GOOD | changed))


def test_record_with_another_body_says_so() -> None:
    with pytest.raises(AcquireError, match="damaged"):
        from_line(json.dumps(GOOD | {"body": "{"})).value()
