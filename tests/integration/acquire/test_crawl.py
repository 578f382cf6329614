"""A download keeps what the server published: everything once, versions appended, absences noted."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from pathlib import Path

from pipelines.acquire import Part, changes_frame, read_records
from pipelines.storage import SharedStorage
from tests.support.published import Published, list_address, result, result_address, to_bytes

VILLAGE = "hhcw/ppwp/31/3171/317101/3171011001.ndjson.gz"
STATION = "3171011001002"


def files(folder: Path) -> dict[str, bytes]:
    """What counts as data: everything that does not begin with a dot."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    }


def test_one_file_per_village_holds_what_the_server_sent(published: Published, crawl, tmp_path: Path) -> None:
    summary = crawl()

    assert dict(summary.results) == {"new": 8, "absent": 1}
    assert summary.is_complete
    assert summary.villages == 4
    assert sorted(n for n in files(tmp_path) if n.startswith("hhcw/")) == [
        "hhcw/ppwp/31/3171/317101/3171011001.ndjson.gz",
        "hhcw/ppwp/31/3171/317101/3171011002.ndjson.gz",
        "hhcw/ppwp/31/3171/317102/3171021001.ndjson.gz",
        "hhcw/ppwp/31/3171/317102/3171021002.ndjson.gz",
    ]
    lines = gzip.decompress((tmp_path / VILLAGE).read_bytes()).decode().splitlines()
    assert [json.loads(line)["code"] for line in lines] == [
        "3171011001",
        "3171011001001",
        "3171011001002",
        "3171011001003",
    ]
    line = json.loads(lines[2])
    sent = published.tree[result_address(STATION)]
    assert line["body"].encode() == sent
    assert line["sha256"] == hashlib.sha256(sent).hexdigest()
    assert (line["kind"], line["contest"], line["status"]) == ("result", "ppwp", 200)
    assert line["path"] == result_address(STATION)
    assert line["etag"] and line["fetched_at"].endswith("Z")


def test_absent_result_is_recorded_as_absent(crawl, tmp_path: Path) -> None:
    crawl()
    records = read_records(SharedStorage(tmp_path), "hhcw/ppwp/31/3171/317102/3171021001.ndjson.gz")
    (absent,) = [r for r in records if r.code == "3171021001901"]
    assert (absent.status, absent.body, absent.sha256) == (404, None, "")


def test_nothing_outside_the_area_is_asked_for(published: Published, crawl) -> None:
    crawl(Part("3171", ("317101",)))
    assert all(f"{result_address('3171021001001')}" != path for path in published.asked)
    assert published.asked[result_address("3171011002001")] == 1
    assert not any("3172" in path or "1101" in path for path in published.asked)


def test_second_round_asks_only_whether_something_is_newer(
    published: Published, crawl, tmp_path: Path
) -> None:
    crawl()
    before = files(tmp_path)
    published.forget()

    again = crawl()

    assert dict(again.results) == {"unchanged": 8, "absent": 1}
    assert published.statuses == {304: 8 + 4 + 2 + 1, 404: 1}
    assert files(tmp_path) == before


def test_changed_answer_is_appended_and_its_difference_is_a_table(
    published: Published, crawl, tmp_path: Path
) -> None:
    crawl()
    published.tree[result_address(STATION)] = to_bytes(result(70, psu="Reguler"))

    summary = crawl()

    assert summary.results["changed"] == 1
    versions = [r for r in read_records(SharedStorage(tmp_path), VILLAGE) if r.code == STATION]
    assert [r.value()["chart"]["100025"] for r in versions] == [81, 70]
    found = changes_frame(SharedStorage(tmp_path), "ppwp", "3171")
    assert found[["tps", "field", "change", "before", "after"]].values.tolist() == [
        [STATION, "administrasi.suara_sah", "edited", "226", "215"],
        [STATION, "administrasi.suara_total", "edited", "231", "220"],
        [STATION, "chart.100025", "edited", "81", "70"],
        [STATION, "psu", "published", "null", '"Reguler"'],
    ]
    assert found["first_seen"].unique().tolist() == [versions[0].fetched_at]
    assert found["changed_at"].unique().tolist() == [versions[1].fetched_at]
    with (tmp_path / "changes-ppwp-3171.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["field"] for row in csv.DictReader(stream)] == found["field"].tolist()
    assert summary.changes == 4


def test_withdrawn_and_returning_results_are_versions_too(
    published: Published, crawl, tmp_path: Path
) -> None:
    crawl()
    address = result_address(STATION)
    kept = published.tree.pop(address)
    assert crawl().results["withdrawn"] == 1
    assert crawl().results["absent"] == 2
    published.tree[address] = kept
    assert crawl().results["appeared"] == 1

    statuses = [r.status for r in read_records(SharedStorage(tmp_path), VILLAGE) if r.code == STATION]
    assert statuses == [200, 404, 200]
    found = changes_frame(SharedStorage(tmp_path), "ppwp")
    assert found[["field", "change"]].values.tolist() == [
        ["http_status", "withdrawn"],
        ["http_status", "published"],
    ]


def test_manifest_lists_every_answer_with_hash_and_time(published: Published, crawl, tmp_path: Path) -> None:
    published.always[result_address("3171021002001")] = lambda handler: handler.answer(500, b"", None)
    summary = crawl()

    assert not summary.is_complete
    with gzip.open(tmp_path / "manifest-ppwp-3171.csv.gz", "rt", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    results = {row["code"]: row for row in rows if row["kind"] == "result"}
    assert len(results) == 9
    assert all(row["fetched_at"] and len(row["sha256"]) in (0, 64) for row in rows if row["version"] != "0")
    assert results["3171021002001"]["version"] == "0"
    assert results["3171021001901"]["status"] == "404"


def test_what_failed_is_asked_for_again_and_nothing_else(published: Published, crawl) -> None:
    address = result_address("3171021002001")
    published.always[address] = lambda handler: handler.answer(500, b"", None)
    first = crawl()
    assert first.failures == [f"{address}: status 500"]
    published.always.clear()
    published.forget()

    second = crawl()

    assert second.is_complete
    assert second.skipped == 3
    assert sorted(p for p in published.asked if p.startswith("/pemilu")) == [address]


def test_several_contests_are_kept_apart(published: Published, crawl, tmp_path: Path) -> None:
    other = {
        "chart": {"0": {"jml_suara_total": 12, "jml_suara_partai": 2}},
        "caleg": {},
        "administrasi": None,
    }
    for station in ("3171011001001", "3171011001002", "3171011001003"):
        published.tree[result_address(station, "/pemilu/hhcw/pdpr")] = to_bytes(other)

    summary = crawl(Part("3171", ("3171011001",)), contests=("ppwp", "pdpr"))

    assert dict(summary.results) == {"new": 6}
    assert published.asked[list_address("3171011001")] == 1
    records = read_records(SharedStorage(tmp_path), VILLAGE.replace("ppwp", "pdpr"))
    assert [r.kind for r in records] == ["areas", "result", "result", "result"]


def test_station_added_later_is_fetched_and_its_list_kept_in_versions(
    published: Published, crawl, tmp_path: Path
) -> None:
    crawl()
    address = list_address("3171011001")
    entries = json.loads(published.tree[address])
    published.tree[address] = to_bytes([*entries, {**entries[0], "kode": "3171011001004"}])
    published.tree[result_address("3171011001004")] = to_bytes(result(5))

    summary = crawl()

    assert summary.results["new"] == 1
    kinds = [r.kind for r in read_records(SharedStorage(tmp_path), VILLAGE)]
    assert kinds == ["areas", "areas", "result", "result", "result", "result"]


def test_codes_that_would_lead_elsewhere_are_reported_not_followed(
    published: Published, crawl, tmp_path: Path
) -> None:
    address = list_address("3171011001")
    entries = json.loads(published.tree[address])
    odd = ["../../../etc/passwd", "3172011001001", "31710110010021", "３１７１０１１００１００３"]
    published.tree[address] = to_bytes([*entries, *({**entries[0], "kode": code} for code in odd)])

    summary = crawl()

    assert summary.results["new"] == 8
    assert summary.odd == [f"{address}: {code}" for code in sorted(odd)]
    assert {p.parts[0] for p in (Path(n) for n in files(tmp_path))} <= {
        "hhcw",
        "wilayah",
        "manifest-ppwp-3171.csv.gz",
    }


def test_a_text_with_an_unusual_line_break_is_one_line(published: Published, crawl, tmp_path: Path) -> None:
    published.tree[result_address(STATION)] = json.dumps(
        result(1, psu="a\u2028b\x85c"), ensure_ascii=False
    ).encode()
    crawl()
    crawl()
    (record,) = [r for r in read_records(SharedStorage(tmp_path), VILLAGE) if r.code == STATION]
    assert record.value()["psu"] == "a\u2028b\x85c"
