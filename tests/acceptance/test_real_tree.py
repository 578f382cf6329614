"""The real tree of Jakarta: every answer of KPU that we have a copy of arrives byte for byte."""

from __future__ import annotations

import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.acquire import Part, Settings, Summary, crawl_part
from pipelines.jobs.acquire import acquire_plainly
from tests.conftest import ROOT
from tests.support import published as server
from tests.support.published import Published, list_address, result_address, serving

NEWEST = re.compile(r"```sql\n(.*?)```", re.DOTALL)


def documented_query(folder: Path) -> str:
    """The query of ACQUIRED.md, on the files of `folder`."""
    text = (ROOT / "pipelines/sources/ACQUIRED.md").read_text(encoding="utf-8")
    (query,) = NEWEST.findall(text)
    return query.replace("'hhcw/", f"'{folder}/hhcw/")


def newest(folder: Path) -> dict[str, str | None]:
    found = duckdb.sql(f"select code, body from ({documented_query(folder)})").fetchall()
    return dict(found)


def test_documented_query_gives_the_newest_version_of_every_result(
    published: Published, crawl, tmp_path: Path
) -> None:
    crawl()
    address = result_address("3171011001001")
    published.tree[address] = server.to_bytes(server.result(9))
    crawl()
    found = newest(tmp_path)
    assert len(found) == 9
    assert found["3171021001901"] is None
    assert json.loads(found["3171011001001"] or "")["chart"]["100025"] == 9


@pytest.fixture(scope="module")
def real_tree(shared_data: Path) -> dict[str, bytes]:
    folder = shared_data / "sirekap-json-sample"
    tree: dict[str, bytes] = {}
    with zipfile.ZipFile(folder / "wilayah_and_aggregates_dki.zip") as lists:
        for name in lists.namelist():
            if name.endswith(".json"):
                tree["/" + name.removeprefix("secrets/data/")] = lists.read(name)
    with zipfile.ZipFile(folder / "hhcw_ppwp_dki_tps_sample.zip") as sample:
        for name in sample.namelist():
            if name.endswith(".json"):
                tree[result_address(Path(name).stem)] = sample.read(name)
    return tree


@pytest.fixture(scope="module")
def real(real_tree: dict[str, bytes]) -> Iterator[Published]:
    with serving(real_tree) as tree:
        yield tree


def listed(tree: dict[str, bytes], regency: str) -> set[str]:
    """Stations in the lists of a regency, read without the code under test."""
    prefix = list_address(regency).removesuffix(".json") + "/"
    entries = [e for path, data in tree.items() if path.startswith(prefix) for e in json.loads(data)]
    return {e["kode"] for e in entries if e["tingkat"] == 5}


@pytest.mark.realdata
@pytest.mark.slow
@pytest.mark.parametrize("regency", ["3101", "3173"])
def test_every_published_answer_of_a_regency_arrives_as_it_was(
    real: Published, real_tree: dict[str, bytes], tmp_path: Path, regency: str
) -> None:
    part = Part(regency, ("317301",)) if regency == "3173" else Part(regency)
    stations = {s for s in listed(real_tree, regency) if part.wants(s[:6])}
    assert len(stations) > 80

    settings = Settings(base=real.base, rate=5000, concurrency=8)
    summary = crawl_part(part, settings, tmp_path)

    there = {s for s in stations if result_address(s) in real_tree}
    assert len(there) > 50
    assert summary.results == Counter(new=len(there), absent=len(stations) - len(there))
    found = newest(tmp_path)
    assert found.keys() == stations
    assert {s: (b or "").encode() for s, b in found.items() if b is not None} == {
        s: real_tree[result_address(s)] for s in there
    }


@pytest.mark.realdata
@pytest.mark.slow
def test_real_tree_on_a_bad_day(real: Published, real_tree: dict[str, bytes], tmp_path: Path) -> None:
    stations = sorted(s for s in listed(real_tree, "3101") if result_address(s) in real_tree)
    trouble = [
        server.status(500), server.status(429, Retry_After="0"), server.truncated, server.hang_up,
        server.body(b"<html>", "text/html"), server.body(b'{"chart": nul'), server.half_a_gzip,
    ]  # fmt: skip
    for n, station in enumerate(stations):
        real.faults[result_address(station)] = [trouble[n % 7], trouble[n // 7 % 7]]
    settings = Settings(base=real.base, rate=5000, concurrency=8, backoff=0.01, patience=1000)
    summary: Summary = acquire_plainly(settings, ["3101"], tmp_path)
    assert summary.is_complete
    assert {s: (b or "").encode() for s, b in newest(tmp_path).items() if b is not None} == {
        s: real_tree[result_address(s)] for s in stations
    }
