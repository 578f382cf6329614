"""The small pieces: planning, pace, differences, places to keep files."""

from __future__ import annotations

import asyncio
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.acquire import Part, ServerTroubleError, Settings, crawl_part, plan_parts
from pipelines.acquire.changes import between, flatten
from pipelines.acquire.limiter import RateLimiter
from pipelines.acquire.records import Record, pack, unpack
from pipelines.acquire.tree import list_path, result_path, village_file
from pipelines.storage import SharedStorage
from tests.support.published import Published, result, small_tree

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def record(
    body: str | None, status: int = 200, code: str = "3171011001001", at: str = "2024-02-16"
) -> Record:
    return Record("result", "ppwp", code, "/x.json", status, "", "", at, "", body)


@pytest.mark.parametrize(
    ("areas", "parts"),
    [
        (["00"], [Part("1101"), Part("3171"), Part("3172")]),
        (["31"], [Part("3171"), Part("3172")]),
        (["3171", "31"], [Part("3171"), Part("3172")]),
        (["317101", "3171021001"], [Part("3171", ("317101", "3171021001"))]),
        (["317101", "3171"], [Part("3171")]),
    ],
)
def test_areas_become_parts_each_regency_once(
    published: Published, settings: Settings, tmp_path: Path, areas: list[str], parts: list[Part]
) -> None:
    assert plan_parts(areas, settings, tmp_path) == parts


def test_addresses_are_those_of_the_published_tree() -> None:
    tree = Settings(base="http://h").tree
    assert list_path(tree, "00") == "/wilayah/pemilu/ppwp/0.json"
    assert list_path(tree, "317101") == "/wilayah/pemilu/ppwp/31/3171/317101.json"
    assert (
        result_path(tree, "pdpr", "3171011001002")
        == "/pemilu/hhcw/pdpr/31/3171/317101/3171011001/3171011001002.json"
    )
    assert village_file("ppwp", "3171011001") == "hhcw/ppwp/31/3171/317101/3171011001.ndjson.gz"


def test_pace_is_kept_and_a_pause_moves_everyone() -> None:
    now = 100.0
    limiter = RateLimiter(4.0, clock=lambda: now)
    assert [limiter.reserve() for _ in range(4)] == [0.0, 0.25, 0.5, 0.75]
    limiter.pause(10.0)
    assert limiter.reserve() == 10.0
    assert limiter.reserve() == 10.25


def test_who_already_has_a_moment_respects_a_pause() -> None:
    async def scene() -> float:
        limiter = RateLimiter(20.0)
        await limiter.wait()
        loop = asyncio.get_running_loop()
        began = loop.time()
        waiting = asyncio.create_task(limiter.wait())
        await asyncio.sleep(0)
        limiter.pause(0.3)
        await waiting
        return loop.time() - began

    assert asyncio.run(scene()) >= 0.29


@given(json_values)
def test_an_answer_does_not_differ_from_itself(value: object) -> None:
    import json

    one = record(json.dumps(value))
    assert list(between(one, record(json.dumps(value, indent=2)))) == []


@given(st.dictionaries(st.sampled_from(["100025", "100026", "null"]), st.none() | st.integers(0, 300)))
def test_every_figure_that_differs_is_one_row(chart: dict[str, int | None]) -> None:
    import json

    before = result(83)
    after = before | {"chart": chart}
    old, new = dict(flatten(before)), dict(flatten(after))
    rows = list(between(record(json.dumps(before)), record(json.dumps(after))))
    nothing = ("", "null", "{}")
    assert {r.field for r in rows} == {
        f
        for f in old.keys() | new.keys()
        if old.get(f, "") != new.get(f, "") and not (old.get(f, "") in nothing and new.get(f, "") in nothing)
    }
    assert all(r.before != r.after for r in rows)


def test_first_figures_are_published_not_edited() -> None:
    rows = list(between(record('{"chart": null}'), record('{"chart": {"100025": 0}}')))
    assert [(r.field, r.change, r.before, r.after) for r in rows] == [("chart.100025", "published", "", "0")]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text()), max_size=6))
def test_files_keep_every_version_and_equal_records_give_equal_bytes(pairs: list[tuple[str, str]]) -> None:
    records = [record(body, code=code) for code, body in pairs]
    data = pack(records)
    assert data == pack(records)
    back = list(unpack(data, "x"))
    for code in "abc":
        assert [r for r in back if r.code == code] == [r for r in records if r.code == code]


def test_errors_travel_between_processes() -> None:
    error = pickle.loads(pickle.dumps(ServerTroubleError({"en": "down", "id": "mati"})))
    assert (str(error), error.message["id"], error.exit_code) == ("down", "mati", 3)


def test_any_place_fsspec_reaches_holds_the_same_files(
    published: Published, settings: Settings, tmp_path: Path
) -> None:
    crawl_part(Part("3171"), settings, tmp_path / "here")
    address = f"memory://{tmp_path.name}/there"
    crawl_part(Part("3171"), settings, address)
    again = crawl_part(Part("3171"), settings, address)

    here, there = SharedStorage(tmp_path / "here"), SharedStorage(address)
    assert list(there.names("hhcw")) == list(here.names("hhcw")) != []
    for name in here.names("hhcw"):
        mine, theirs = (unpack(store.read(name) or b"", name) for store in (here, there))
        assert [(r.code, r.body) for r in mine] == [(r.code, r.body) for r in theirs]
    assert again.results == {"unchanged": 8, "absent": 1}
    there.remove("manifest-ppwp-3171.csv.gz")
    assert there.read("manifest-ppwp-3171.csv.gz") is None


def test_small_tree_is_shaped_like_the_published_one() -> None:
    tree = small_tree()
    assert "/wilayah/pemilu/ppwp/0.json" in tree
    assert "/pemilu/hhcw/ppwp/31/3171/317101/3171011001/3171011001001.json" in tree


def test_share_of_a_worker_adds_up() -> None:
    share = Settings(base="http://h", rate=6.0, concurrency=4).shared_among(3)
    assert (share.rate, share.concurrency) == (2.0, 1)
