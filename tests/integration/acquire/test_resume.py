"""An interrupted download goes on: kill -9 costs at most the village under way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.acquire import AcquireError, Part, ServerTroubleError, Settings, crawl_part
from pipelines.acquire.errors import BusyError
from pipelines.acquire.records import unpack
from pipelines.jobs.acquire import acquire_plainly
from pipelines.sources import verify
from pipelines.storage import SharedStorage
from tests.conftest import ROOT
from tests.integration.acquire.test_crawl import files
from tests.support.published import Published, list_address, result, result_address, serving, to_bytes

PROGRAM = """
import sys
from pipelines.acquire import Part, Settings, crawl_part
crawl_part(Part("3171"), Settings(base=sys.argv[1], rate=1000, concurrency=2), sys.argv[2])
"""


def long_tree(villages: int = 12, stations: int = 5) -> dict[str, bytes]:
    codes = [f"31710110{n:02}" for n in range(1, villages + 1)]
    tree = {
        list_address("3171"): to_bytes([{"kode": "317101"}]),
        list_address("317101"): to_bytes([{"kode": code} for code in codes]),
    }
    for code in codes:
        mine = [f"{code}{n:03}" for n in range(1, stations + 1)]
        tree[list_address(code)] = to_bytes([{"kode": station} for station in mine])
        tree |= {result_address(station): to_bytes(result(n)) for n, station in enumerate(mine)}
    return tree


def start(base: str, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, base, str(folder)], cwd=ROOT)


def wait_until(condition, seconds: float = 30) -> None:
    for _ in range(int(seconds / 0.005)):
        if condition():
            return
        time.sleep(0.005)
    raise AssertionError("never came true")


@pytest.mark.parametrize("requests_before", [9, 16, 23, 38])
def test_killed_download_loses_at_most_the_village_under_way(tmp_path: Path, requests_before: int) -> None:
    with serving(long_tree()) as published:
        published.delay = 0.01
        process = start(published.base, tmp_path / "killed")
        wait_until(lambda: sum(published.asked.values()) >= requests_before)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        time.sleep(0.1)

        asked = {p for p in published.asked if p.startswith("/pemilu")}
        kept = {
            record.path
            for name in SharedStorage(tmp_path / "killed").names("hhcw")
            for record in unpack((tmp_path / "killed" / name).read_bytes(), name)
            if record.kind == "result"
        }
        lost = {path.split("/")[-2] for path in asked - kept}
        assert len(lost) <= 1
        assert len(asked) >= 5

        published.forget()
        published.delay = 0
        settings = Settings(base=published.base, rate=5000)
        summary = crawl_part(Part("3171"), settings, tmp_path / "killed")

        assert summary.is_complete
        assert summary.skipped + summary.villages == 12
        again = {p.split("/")[-2] for p in published.asked if p.startswith("/pemilu") and p in asked}
        assert len(again) <= 1

        crawl_part(Part("3171"), settings, tmp_path / "whole")
    names = [n for n in files(tmp_path / "whole") if n.startswith("hhcw/")]
    assert [n for n in files(tmp_path / "killed") if n.startswith("hhcw/")] == names
    for name in names:
        one, other = ((tmp_path / f / name).read_bytes() for f in ("killed", "whole"))
        assert [(r.code, r.body) for r in unpack(one, name)] == [
            (r.code, r.body) for r in unpack(other, name)
        ]


def test_leftover_of_a_killed_writer_is_not_data(published: Published, crawl, tmp_path: Path) -> None:
    folder = tmp_path / "hhcw/ppwp/31/3171/317101"
    folder.mkdir(parents=True)
    (folder / ".3171011001.ndjson.gz.77.new").write_bytes(b"\x1f\x8bhalf")
    assert crawl().is_complete


def test_damaged_village_file_is_named_not_overwritten(published: Published, crawl, tmp_path: Path) -> None:
    crawl()
    path = tmp_path / "hhcw/ppwp/31/3171/317101/3171011001.ndjson.gz"
    path.write_bytes(path.read_bytes()[:-20])
    before = path.read_bytes()
    with pytest.raises(AcquireError, match=r"3171011001\.ndjson\.gz is damaged"):
        crawl()
    assert path.read_bytes() == before


def test_unreadable_journal_costs_nothing(published: Published, crawl, tmp_path: Path) -> None:
    published.always[result_address("3171021002001")] = lambda handler: handler.answer(500, b"", None)
    crawl()
    (tmp_path / ".state/3171.json").write_text("{half")
    published.always.clear()
    summary = crawl()
    assert summary.is_complete
    assert dict(summary.results) == {"unchanged": 7, "new": 1, "absent": 1}


def test_old_interrupted_round_begins_anew(published: Published, crawl, tmp_path: Path) -> None:
    published.always[result_address("3171021002001")] = lambda handler: handler.answer(500, b"", None)
    crawl()
    path = tmp_path / ".state/3171.json"
    started = path.read_text().split('"started": "')[1][:4]
    path.write_text(path.read_text().replace(f'"started": "{started}', '"started": "2019', 1))
    published.always.clear()
    assert crawl().skipped == 0


def test_finished_round_leaves_a_log_of_when_each_village_was_checked(crawl, tmp_path: Path) -> None:
    crawl()
    log = (tmp_path / ".log/3171.json").read_text()
    assert log.count("checked_at") == 4
    assert not (tmp_path / ".state/3171.json").exists()


def test_two_downloads_of_one_area_do_not_mix(
    published: Published, settings: Settings, tmp_path: Path
) -> None:
    with SharedStorage(tmp_path).locked("3171"), pytest.raises(BusyError) as caught:
        crawl_part(Part("3171"), settings, tmp_path)
    assert caught.value.exit_code == 3
    assert crawl_part(Part("3172"), settings, tmp_path).is_complete


def test_call_over_several_areas_goes_on_with_those_not_finished(
    published: Published, settings: Settings, tmp_path: Path
) -> None:
    address = result_address("3171021002001")
    published.always[address] = lambda handler: handler.answer(500, b"", None)
    first = acquire_plainly(settings, ["00"], tmp_path)
    assert (first.areas, first.areas_skipped, first.n_failures) == (3, 0, 1)

    published.forget()
    published.always.clear()
    second = acquire_plainly(settings, ["00"], tmp_path)
    assert (second.areas, second.areas_skipped, second.n_failures) == (1, 2, 0)
    assert [p for p in published.asked if p.startswith("/pemilu")] == [address]

    third = acquire_plainly(settings, ["00"], tmp_path)
    assert (third.areas, third.areas_skipped, third.results["unchanged"]) == (3, 0, 13)


def test_lasting_trouble_in_one_village_and_area_does_not_block_the_others(
    published: Published, settings: Settings, tmp_path: Path
) -> None:
    from dataclasses import replace

    bad = [p for p in published.tree if "/1101012001/" in p or "/3171011001/" in p]
    for path in bad:
        published.always[path] = lambda handler: handler.answer(500, b"", None)
    impatient = replace(settings, patience=2, attempts=1, concurrency=1)

    for _ in range(4):
        with pytest.raises(ServerTroubleError):
            acquire_plainly(impatient, ["00"], tmp_path)
    villages = [name.split("/")[-1][:10] for name in SharedStorage(tmp_path).names("hhcw")]
    assert villages == ["3171011002", "3171021001", "3171021002", "3172011001"]

    published.always.clear()
    summary = acquire_plainly(impatient, ["00"], tmp_path)
    assert summary.is_complete
    assert len(list(SharedStorage(tmp_path).names("hhcw"))) == 6


def test_interrupted_command_says_how_to_go_on(tmp_path: Path) -> None:
    with serving(long_tree() | {list_address("31"): to_bytes([{"kode": "3171"}])}) as published:
        published.delay = 0.02
        words = ["acquire", "sirekap-2024", "--area", "3171", "--base", published.base, "--rate", "1000"]
        process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.cli.main", *words, "--no-prefect", "--out", str(tmp_path)],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
            # A test run in the background inherits that interrupts are ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        wait_until(lambda: sum(published.asked.values()) >= 20)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "jalankan perintah yang sama untuk melanjutkan" in err
    assert "Traceback" not in err
    assert verify(tmp_path) == []
