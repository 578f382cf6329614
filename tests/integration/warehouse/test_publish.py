"""Publishing: one moment for database, Parquet and reports; readers are never blocked; one can go back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.warehouse import publish, releases
from pipelines.warehouse.load import WarehouseError, create_schemas, writing
from pipelines.warehouse.mend import mend
from pipelines.warehouse.read import open_readonly

INPUTS = "0" * 64


def name_of(number: int) -> str:
    return f"2026-01-{number:02d}-{number:012x}"


def build(root: Path, number: int) -> Path:
    """A work folder with a tiny database, Parquet and report."""
    work = root / "warehouse" / "releases" / ".work" / name_of(number)
    (work / "reports").mkdir(parents=True)
    (work / "parquet").mkdir()
    (work / "reports" / "index.html").write_text(str(number))
    (work / "parquet" / "meta.number.csv").write_text(str(number))
    (work / "typed").mkdir()  # left by the steps, no part of a release
    with writing(work / "titikrawan.duckdb") as con:
        create_schemas(con)
        con.execute(f"create table meta.number as select {number} as n")
        con.execute(
            "create table meta.release as select ? as release_id, ? as fingerprint, ? as inputs_fingerprint",
            [name_of(number), f"{number:064x}", INPUTS],
        )
    return work


def release(root: Path, number: int) -> releases.Release:
    manifest = {
        "release_id": name_of(number),
        "fingerprint": f"{number:064x}",
        "inputs": INPUTS,
        "published_at": f"2026-01-{number:02d}",
    }
    return publish.publish(
        root / "warehouse", root / "reports", build(root, number), manifest, {"langs": ["id"]}
    )


def seen(root: Path) -> tuple[int, str, str]:
    """What a reader finds behind the paths that people use."""
    with open_readonly(root / "warehouse" / "titikrawan.duckdb") as con:
        found = con.execute("select n from meta.number").fetchone()
    assert found is not None
    parquet = (root / "warehouse" / "parquet" / "meta.number.csv").read_text()
    return found[0], parquet, (root / "reports" / "latest" / "index.html").read_text()


def names(root: Path) -> list[str]:
    return [one.name for one in releases.all_releases(root / "warehouse")]


def test_reader_keeps_old_release_until_reconnect(tmp_path: Path) -> None:
    release(tmp_path, 1)
    con = open_readonly(tmp_path / "warehouse" / "titikrawan.duckdb")
    release(tmp_path, 2)
    assert con.execute("select n from meta.number").fetchone() == (1,)
    assert seen(tmp_path) == (2, "2", "2")  # also while the old one is open in the same process
    con.close()


def test_every_path_leads_through_the_one_pointer(tmp_path: Path) -> None:
    release(tmp_path, 1)
    assert (tmp_path / "warehouse" / "current").readlink() == Path("releases", name_of(1))
    (tmp_path / "warehouse" / "current").unlink()
    for path in ("warehouse/titikrawan.duckdb", "warehouse/parquet", "reports/latest"):
        assert (tmp_path / path).is_symlink() and not (tmp_path / path).exists()


def test_another_process_reads_while_a_release_is_published(tmp_path: Path) -> None:
    release(tmp_path, 1)
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
    for number in range(2, publish.KEEP + 4):  # the one that is read is pruned meanwhile
        release(tmp_path, number)
    out, _ = reader.communicate("\n", timeout=30)
    assert out == "1\n"


def test_a_release_being_read_is_not_pruned(tmp_path: Path) -> None:
    release(tmp_path, 1)
    with releases.reading(tmp_path / "warehouse") as one:
        for number in range(2, publish.KEEP + 4):
            release(tmp_path, number)
        assert one.pages is not None and (one.pages / "index.html").read_text() == "1"
    release(tmp_path, publish.KEEP + 4)
    assert name_of(1) not in names(tmp_path) and len(names(tmp_path)) == publish.KEEP


def test_a_release_holds_what_belongs_to_it_and_a_checksum_of_each_file(tmp_path: Path) -> None:
    one = release(tmp_path, 1)
    assert releases.verify(one) == []
    done = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=one.folder, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {path.name for path in one.folder.iterdir() if not path.name.startswith("reports")} == {
        "titikrawan.duckdb",
        "parquet",
        "csv",
        "manifest.json",
        "SHA256SUMS",
    }


@pytest.mark.parametrize(
    ("damage", "file", "kind"),
    [
        (lambda f: (f / "parquet" / "meta.number.csv").write_text("9"), "parquet/meta.number.csv", "changed"),
        (lambda f: (f / "parquet" / "meta.number.csv").unlink(), "parquet/meta.number.csv", "missing"),
        (lambda f: (f / "parquet" / "new.csv").write_text("9"), "parquet/new.csv", "unlisted"),
        (lambda f: (f / "reports" / "index.html").write_text("9"), "reports/index.html", "changed"),
        (lambda f: (f / "SHA256SUMS").write_text("../../x  y\n"), "SHA256SUMS", "unreadable"),
        (lambda f: (f / "reports").unlink(), "reports", "missing"),
    ],
)
def test_damage_is_found_and_such_a_release_is_not_served(
    tmp_path: Path, damage, file: str, kind: str
) -> None:
    one = release(tmp_path, 1)
    release(tmp_path, 2)
    damage(one.folder)
    assert releases.Fault(file, kind) in releases.verify(releases.Release(one.folder))
    with pytest.raises(WarehouseError, match="not whole"):
        publish.rollback(tmp_path / "warehouse", tmp_path / "reports", INPUTS)
    assert seen(tmp_path) == (2, "2", "2")
    assert releases.pinned(tmp_path / "warehouse") is None


def test_rollback_goes_one_back_and_to_a_named_release_and_pins(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        release(tmp_path, number)
    warehouse, reports = tmp_path / "warehouse", tmp_path / "reports"
    assert publish.rollback(warehouse, reports, INPUTS).name == name_of(2)
    assert seen(tmp_path) == (2, "2", "2")
    pin = releases.pinned(warehouse)
    assert pin is not None and pin["release_id"] == name_of(2)
    assert publish.rollback(warehouse, reports, INPUTS, "2026-01-03").name == name_of(3)
    assert seen(tmp_path) == (3, "3", "3")
    assert releases.unpin(warehouse) and not releases.unpin(warehouse)
    assert releases.pinned(warehouse) is None


def test_a_new_release_ends_the_pin(tmp_path: Path) -> None:
    release(tmp_path, 1)
    release(tmp_path, 2)
    publish.rollback(tmp_path / "warehouse", tmp_path / "reports", INPUTS)
    release(tmp_path, 3)
    assert releases.pinned(tmp_path / "warehouse") is None


def test_rollback_without_an_earlier_release_says_so(tmp_path: Path) -> None:
    release(tmp_path, 1)
    with pytest.raises(WarehouseError, match="no earlier release"):
        publish.rollback(tmp_path / "warehouse", tmp_path / "reports", INPUTS)
    for name in ("zzz", "", "../../victim", "2026"):
        if name == "2026":
            release(tmp_path, 2)
        with pytest.raises(WarehouseError):
            publish.rollback(tmp_path / "warehouse", tmp_path / "reports", INPUTS, name or None)


def test_only_the_last_releases_are_kept(tmp_path: Path) -> None:
    for number in range(1, publish.KEEP + 3):
        release(tmp_path, number)
    assert names(tmp_path) == [name_of(n) for n in range(publish.KEEP + 2, 2, -1)]
    assert sorted(path.name for path in (tmp_path / "warehouse" / "releases").iterdir()) == sorted(
        [".work", *names(tmp_path)]
    )


def test_the_same_release_built_again_changes_nothing(tmp_path: Path) -> None:
    one = release(tmp_path, 1)
    before = {path: path.read_bytes() for path in one.folder.rglob("*") if path.is_file()}
    assert release(tmp_path, 1).name == one.name
    assert {path: path.read_bytes() for path in one.folder.rglob("*") if path.is_file()} == before
    assert not list((tmp_path / "warehouse" / "releases" / ".work").iterdir())


def test_the_same_release_built_again_takes_the_place_of_a_damaged_one(tmp_path: Path) -> None:
    release(tmp_path, 1)
    for expected in (f"{name_of(1)}.2", name_of(1)):
        (tmp_path / "warehouse" / "parquet" / "meta.number.csv").write_text("damaged")
        assert release(tmp_path, 1).name == expected
        assert names(tmp_path) == [expected] and seen(tmp_path) == (1, "1", "1")


def test_failed_build_leaves_the_published_release(tmp_path: Path) -> None:
    release(tmp_path, 1)
    work = build(tmp_path, 2)
    (work / "titikrawan.duckdb").unlink()
    with pytest.raises(WarehouseError, match="no database"):
        publish.publish(tmp_path / "warehouse", tmp_path / "reports", work, {"release_id": name_of(2)})
    assert seen(tmp_path) == (1, "1", "1")


def test_pages_are_added_to_a_release_at_once(tmp_path: Path) -> None:
    one = release(tmp_path, 1)
    before = {path.name: path.read_bytes() for path in one.folder.iterdir() if path.is_file()}
    for text in ("1a", "1b", "1c"):
        made = tmp_path / "warehouse" / "releases" / ".work" / "pages"
        made.mkdir()
        (made / "index.html").write_text(text)
        publish.publish_pages(
            tmp_path / "warehouse",
            tmp_path / "reports",
            releases.Release(one.folder),
            made,
            {"langs": ["id"]},
        )
        assert seen(tmp_path) == (1, "1", text)
    assert {path.name: path.read_bytes() for path in one.folder.iterdir() if path.is_file()} == before
    assert releases.verify(releases.Release(one.folder)) == []
    assert len(list(one.folder.glob("reports-*"))) == 2  # the present ones, and those before


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
    release(tmp_path, 1)
    with open_readonly(tmp_path / "warehouse" / "titikrawan.duckdb") as con, pytest.raises(duckdb.Error):
        con.execute("create table meta.x as select 1")


# What somebody or something broke


def victim(root: Path) -> Path:
    found = root / "victim"
    found.mkdir()
    (found / "precious").write_text("x")
    return found


HOSTILE = '{"release_id":"../../../victim","published_at":"2019-01-01"}'


@pytest.mark.parametrize(
    "text",
    [HOSTILE, "", "{", "[]", "null", "[" * 100_000, '{"release_id": 5}', "\x00\xff", '"../../../victim"'],
)
def test_a_broken_manifest_is_named_and_written_anew_and_nothing_outside_is_touched(
    tmp_path: Path, text: str
) -> None:
    outside = victim(tmp_path)
    one = release(tmp_path, 1)
    release(tmp_path, 2)
    os.utime(one.database, (1_000_000_000, 1_000_000_000))  # the newest time that is known of it
    (one.folder / "manifest.json").write_text(text, encoding="latin-1")
    (tmp_path / "warehouse" / "current.json").write_text(text, encoding="latin-1")
    said = mend(tmp_path / "warehouse", tmp_path / "reports")
    assert len(said) == 1 and f"releases/{name_of(1)}/manifest.json" in said[0]["en"]
    assert name_of(1) in said[0]["id"]
    again = releases.Release(one.folder)
    assert again.manifest["fingerprint"] == f"{1:064x}" and releases.verify(again) == []
    assert mend(tmp_path / "warehouse", tmp_path / "reports") == []
    for number in range(3, publish.KEEP + 5):
        release(tmp_path, number)
    assert (outside / "precious").read_text() == "x"
    assert not one.folder.exists() and not (tmp_path / "warehouse" / "current.json").exists()


@pytest.mark.parametrize(
    "target", ["", "releases/../../victim", "../victim", "/etc", "releases/none", "file"]
)
def test_a_broken_pointer_is_named_and_set_anew(tmp_path: Path, target: str) -> None:
    outside = victim(tmp_path)
    for number in (1, 2):
        release(tmp_path, number)
    pointer = tmp_path / "warehouse" / "current"
    pointer.unlink()
    if target == "file":
        pointer.write_text(HOSTILE)
    elif target:
        pointer.symlink_to(target)
    newest = tmp_path / "warehouse" / "releases" / name_of(2)
    (newest / "parquet" / "meta.number.csv").write_text("damaged")
    assert publish.current_release(tmp_path / "warehouse") is None
    said = mend(tmp_path / "warehouse", tmp_path / "reports")
    assert [name_of(1) in one["en"] and "current" in one["id"] for one in said] == [True]
    assert seen(tmp_path) == (1, "1", "1")
    assert (outside / "precious").exists()


def test_links_in_the_place_of_releases_and_strange_names_are_left_alone(tmp_path: Path) -> None:
    outside = victim(tmp_path)
    release(tmp_path, 1)
    folder = tmp_path / "warehouse" / "releases"
    (folder / name_of(9)).symlink_to(outside)
    (folder / "notes").mkdir()
    (folder / f"{name_of(8)}x").mkdir()
    mend(tmp_path / "warehouse", tmp_path / "reports")
    for number in range(2, publish.KEEP + 4):
        release(tmp_path, number)
    assert (outside / "precious").exists() and (folder / "notes").is_dir()
    assert (folder / f"{name_of(8)}x").is_dir() and name_of(9) not in names(tmp_path)


@pytest.mark.parametrize("text", ["{", '{"release_id": "../x", "inputs": "y"}', "[]"])
def test_a_broken_pin_is_named_and_taken_out(tmp_path: Path, text: str) -> None:
    release(tmp_path, 1)
    (tmp_path / "warehouse" / "pinned.json").write_text(text)
    assert releases.pinned(tmp_path / "warehouse") is None
    (said,) = mend(tmp_path / "warehouse", tmp_path / "reports")
    assert "pinned.json" in said["en"] and not (tmp_path / "warehouse" / "pinned.json").exists()


def test_copies_in_the_place_of_links_make_way(tmp_path: Path) -> None:
    """Unpacking an archive may leave copies where links stood."""
    release(tmp_path, 1)
    copy = tmp_path / "copy"
    shutil.copytree(tmp_path / "warehouse", copy / "warehouse", symlinks=False)
    shutil.copytree(tmp_path / "reports", copy / "reports", symlinks=False)
    assert seen(copy) == (1, "1", "1")
    mend(copy / "warehouse", copy / "reports")
    release(copy, 2)
    assert seen(copy) == (2, "2", "2") and (copy / "reports" / "latest").is_symlink()
    assert releases.verify(releases.Release(copy / "warehouse" / "releases" / name_of(2))) == []


def test_releases_of_the_layout_before_are_taken_over(tmp_path: Path) -> None:
    work = build(tmp_path, 1)
    warehouse, reports, name = tmp_path / "warehouse", tmp_path / "reports", name_of(1)
    reports.mkdir()
    (work / "reports").rename(reports / name)
    (reports / "latest").symlink_to(name)
    (work / "manifest.json").write_text(
        json.dumps({"release_id": name, "fingerprint": "f", "published_at": "2026-01-01"})
    )
    work.rename(warehouse / "releases" / name)
    shutil.copyfile(warehouse / "releases" / name / "titikrawan.duckdb", warehouse / "titikrawan.duckdb")
    (warehouse / "current.json").write_text(json.dumps({"release_id": name}))
    mend(warehouse, reports)
    assert seen(tmp_path) == (1, "1", "1")
    assert not (reports / name).exists() and not (warehouse / "current.json").exists()
    release(tmp_path, 2)
    assert seen(tmp_path) == (2, "2", "2") and names(tmp_path) == [name_of(2), name]
