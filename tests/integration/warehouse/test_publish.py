"""Publishing: readers are never blocked, old releases stay, and one can go back."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.warehouse import publish
from pipelines.warehouse.load import WarehouseError, create_schemas, writing
from pipelines.warehouse.read import open_readonly


def build(warehouse: Path, release_id: str, number: int) -> Path:
    """A work folder with a tiny database and report."""
    work = warehouse / "releases" / ".work" / release_id
    (work / "reports").mkdir(parents=True)
    (work / "parquet").mkdir()
    (work / "reports" / "index.html").write_text(release_id)
    with writing(work / "titikrawan.duckdb") as con:
        create_schemas(con)
        con.execute(f"create table meta.number as select {number} as n")
    return work


def release(root: Path, release_id: str, number: int) -> None:
    warehouse = root / "warehouse"
    manifest = {"release_id": release_id, "fingerprint": release_id, "published_at": f"2026-01-{number:02d}"}
    publish.publish(warehouse, root / "reports", build(warehouse, release_id, number), manifest)


def number_seen(root: Path) -> int:
    with open_readonly(root / "warehouse" / "titikrawan.duckdb") as con:
        return con.execute("select n from meta.number").fetchone()[0]


def test_reader_keeps_old_release_until_reconnect(tmp_path: Path) -> None:
    release(tmp_path, "a", 1)
    con = open_readonly(tmp_path / "warehouse" / "titikrawan.duckdb")
    release(tmp_path, "b", 2)
    assert con.execute("select n from meta.number").fetchone() == (1,)
    con.close()
    assert number_seen(tmp_path) == 2
    assert (tmp_path / "reports" / "latest" / "index.html").read_text() == "b"


def test_another_process_reads_while_a_release_is_published(tmp_path: Path) -> None:
    release(tmp_path, "a", 1)
    script = (
        "import duckdb, sys\n"
        "con = duckdb.connect(sys.argv[1], read_only=True)\n"
        "print('open', flush=True)\n"
        "sys.stdin.readline()\n"
        "print(con.execute('select n from meta.number').fetchone()[0])\n"
    )
    path = str(tmp_path / "warehouse" / "titikrawan.duckdb")
    reader = subprocess.Popen(
        [sys.executable, "-c", script, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout is not None and reader.stdout.readline() == "open\n"
    release(tmp_path, "b", 2)
    out, _ = reader.communicate("\n", timeout=30)
    assert out == "1\n"
    assert number_seen(tmp_path) == 2


def test_rollback_goes_one_back_and_to_a_named_release(tmp_path: Path) -> None:
    for number, name in enumerate("abc", 1):
        release(tmp_path, name, number)
    assert publish.rollback(tmp_path / "warehouse", tmp_path / "reports") == "b"
    assert number_seen(tmp_path) == 2
    assert (tmp_path / "reports" / "latest" / "index.html").read_text() == "b"
    assert publish.rollback(tmp_path / "warehouse", tmp_path / "reports", "c") == "c"
    assert number_seen(tmp_path) == 3


def test_rollback_without_an_earlier_release_says_so(tmp_path: Path) -> None:
    release(tmp_path, "a", 1)
    with pytest.raises(WarehouseError, match="no earlier release"):
        publish.rollback(tmp_path / "warehouse", tmp_path / "reports")
    with pytest.raises(WarehouseError, match="no release 'zzz'"):
        publish.rollback(tmp_path / "warehouse", tmp_path / "reports", "zzz")
    assert number_seen(tmp_path) == 1


def test_only_the_last_releases_are_kept(tmp_path: Path) -> None:
    for number in range(1, publish.KEEP + 3):
        release(tmp_path, f"r{number}", number)
    kept = [m["release_id"] for m in publish.list_releases(tmp_path / "warehouse")]
    assert len(kept) == publish.KEEP and kept[0] == f"r{publish.KEEP + 2}"
    assert not (tmp_path / "reports" / "r1").exists()


def test_failed_build_leaves_the_published_release(tmp_path: Path) -> None:
    release(tmp_path, "a", 1)
    work = build(tmp_path / "warehouse", "b", 2)
    (work / "titikrawan.duckdb").unlink()
    with pytest.raises(WarehouseError, match="no database"):
        publish.publish(
            tmp_path / "warehouse",
            tmp_path / "reports",
            work,
            {"release_id": "b", "published_at": "2026-02-01"},
        )
    assert number_seen(tmp_path) == 1


def test_second_writer_is_refused(tmp_path: Path) -> None:
    with (
        publish.locked(tmp_path / "warehouse"),
        pytest.raises(WarehouseError, match="another run"),
        publish.locked(tmp_path / "warehouse"),
    ):
        pass


def test_missing_and_broken_warehouse_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="make run"):
        open_readonly(tmp_path / "none.duckdb")
    (tmp_path / "broken.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(WarehouseError, match="cannot be opened"):
        open_readonly(tmp_path / "broken.duckdb")


def test_warehouse_is_opened_read_only(tmp_path: Path) -> None:
    release(tmp_path, "a", 1)
    with open_readonly(tmp_path / "warehouse" / "titikrawan.duckdb") as con, pytest.raises(duckdb.Error):
        con.execute("create table meta.x as select 1")
