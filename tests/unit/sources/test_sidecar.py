"""The sidecar: byte-stable, complete, checked, and a valid data package for other tools."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from pipelines.sources import SourceError, inner_files, input_files, seal, verify
from pipelines.sources.sidecar import NAME

RAW = Path(__file__).resolve().parents[3] / "data" / "raw"
DAY = date(2026, 11, 25)
SOURCES = sorted(p.name for p in RAW.iterdir() if p.is_dir())


@pytest.mark.parametrize("source", SOURCES)
def test_the_sealed_files_are_the_ones_in_the_repository(source: str) -> None:
    assert verify(RAW / source) == []


@pytest.mark.parametrize("source", SOURCES)
def test_the_sidecar_says_what_the_catalog_says_today(source: str, tmp_path: Path) -> None:
    copy = shutil.copytree(RAW / source, tmp_path / source)
    seal(copy)
    assert (copy / NAME).read_bytes() == (RAW / source / NAME).read_bytes(), f"run: titikrawan seal {source}"


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES)
def test_frictionless_finds_the_package_valid(source: str) -> None:
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(RAW / source / NAME))
    errors = [e for task in report.tasks for e in task.errors]
    assert report.valid, [f"{e.type}: {e.message}" for e in (*report.errors, *errors)][:5]
    assert len(report.tasks) == len(list(input_files(RAW / source)))


@pytest.mark.slow
def test_frictionless_sees_a_broken_constraint(tmp_path: Path) -> None:
    # The test above means something only if the schema in the sidecar is really applied.
    frictionless = pytest.importorskip("frictionless")
    copy = shutil.copytree(RAW / "register", tmp_path / "register")
    path = copy / "articles.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",yes,", ",perhaps,", 1), encoding="utf-8")
    seal(copy)
    report = frictionless.validate(str(copy / NAME))
    assert {e.type for task in report.tasks for e in task.errors} == {"constraint-error"}


def test_the_sidecar_carries_licence_sources_dates_and_fields() -> None:
    package = json.loads((RAW / "register" / NAME).read_text(encoding="utf-8"))
    assert package["title"]
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    assert all(s["title"] for s in package["sources"])
    resources = {r["path"]: r for r in package["resources"]}
    revotes = resources["revotes.csv"]
    assert revotes["accessed"] == "2026-11-28"
    assert revotes["bytes"] == (RAW / "register" / "revotes.csv").stat().st_size
    fields = {f["name"]: f for f in revotes["schema"]["fields"]}
    assert fields["kind"]["constraints"]["enum"] == ["psu", "psl", "pss", "pssu"]
    assert revotes["schema"]["primaryKey"] == ["event_id"]
    assert {"source_file", "source_row"}.isdisjoint(fields)
    keys = revotes["schema"]["foreignKeys"]
    assert {
        "fields": ["ground_code"],
        "reference": {"resource": "grounds", "fields": ["ground_code"]},
    } in keys
    assert "schema" not in resources["README.md"]


def test_input_files_tell_what_was_sealed() -> None:
    files = {f.file: f for f in input_files(RAW / "register")}
    areas = files["areas.csv"]
    raw = (RAW / "register" / "areas.csv").read_bytes()
    assert (areas.sha256, areas.n_bytes) == (hashlib.sha256(raw).hexdigest(), len(raw))
    assert (areas.accessed, areas.licence) == (DAY, "CC-BY-4.0")


def test_sealing_twice_changes_no_byte_and_keeps_what_people_wrote(folder: Path) -> None:
    seal(folder, DAY)
    package = json.loads((folder / NAME).read_text(encoding="utf-8"))
    package |= {"title": "Judul kami", "sources": [{"title": "Arsip KPU"}]}
    (folder / NAME).write_text(json.dumps(package), encoding="utf-8")
    first = seal(folder).read_bytes()
    assert seal(folder).read_bytes() == first
    again = json.loads(first)
    assert (again["title"], again["sources"]) == ("Judul kami", [{"title": "Arsip KPU"}])


def test_sealing_a_change_dates_that_file_alone(folder: Path) -> None:
    seal(folder, DAY)
    with (folder / "grounds.csv").open("a", encoding="utf-8") as stream:
        stream.write("unknown,Tidak diketahui,Unknown,,no,psu\n")
    seal(folder)
    days = {f.file: f.accessed for f in input_files(folder)}
    assert days.pop("grounds.csv") == date.today()
    assert set(days.values()) == {DAY}


def test_checksum_mismatch_says_file_expected_found_and_what_to_do(folder: Path) -> None:
    seal(folder, DAY)
    path = folder / "revotes.csv"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    path.write_bytes(path.read_bytes() + b"\n")
    after = hashlib.sha256(path.read_bytes()).hexdigest()
    (problem,) = verify(folder)
    assert (problem.file, problem.expected, problem.value) == (
        "register/revotes.csv",
        f"sha256:{before}",
        f"sha256:{after}",
    )
    for says in ("the content differs", before, after, "Restore the file", "titikrawan seal register"):
        assert says in problem.message["en"]
    assert "bila perubahan disengaja: titikrawan seal register" in problem.message["id"]


def test_missing_and_unlisted_files_are_told_apart(folder: Path) -> None:
    seal(folder, DAY)
    (folder / "areas.csv").rename(folder / "wilayah.csv")
    missing, unlisted = verify(folder)
    assert (missing.file, missing.value) == ("register/areas.csv", "no such file")
    assert (unlisted.file, unlisted.expected) == ("register/wilayah.csv", "not listed")
    assert all(
        "if the change is intended: titikrawan seal register" in p.message["en"] for p in (missing, unlisted)
    )


@pytest.mark.parametrize("content", [None, b"{", b"{}", b"[]", b"\xff"])
def test_a_missing_or_broken_sidecar_is_a_problem_of_its_own(folder: Path, content: bytes | None) -> None:
    if content is not None:
        (folder / NAME).write_bytes(content)
    (problem,) = verify(folder)
    assert problem.file == f"register/{NAME}"
    assert "titikrawan seal register" in problem.message["en"]
    with pytest.raises(SourceError):
        list(input_files(folder))


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="the folder is missing"):
        seal(tmp_path / "register")


def test_files_of_others_get_no_licence_of_ours(tmp_path: Path) -> None:
    folder = tmp_path / "situng-2019"
    folder.mkdir()
    (folder / "situng.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    package = json.loads(seal(folder, date(2024, 2, 14)).read_text(encoding="utf-8"))
    assert [item["name"] for item in package["licenses"]] == ["not-stated"]


def test_files_in_folders_below_are_told_with_the_sidecars_words(tmp_path: Path) -> None:
    folder = tmp_path / "sirekap_json"
    (folder / "hhcw").mkdir(parents=True)
    (folder / "hhcw" / "a.ndjson.gz").write_bytes(b"x")
    (folder / "manifest.csv").write_text("a\n", encoding="utf-8")
    seal(folder, date(2024, 2, 14))
    (found,) = inner_files(folder, ["hhcw/a.ndjson.gz"])
    assert (found.file, found.n_bytes, found.licence, found.accessed) == (
        "hhcw/a.ndjson.gz", 1, "not-stated", date(2024, 2, 14))  # fmt: skip
    assert found.sha256 == hashlib.sha256(b"x").hexdigest()


def test_a_new_folder_is_not_licensed_by_us(folder: Path) -> None:
    """Also where the catalog declares its files: who compiled them is not known from their names."""
    (folder / NAME).unlink(missing_ok=True)
    package = json.loads(seal(folder, DAY).read_text(encoding="utf-8"))
    assert [item["name"] for item in package["licenses"]] == ["not-stated"]
    assert package["sources"] == [{"title": "not stated"}]
    assert verify(folder) == []


@pytest.mark.parametrize("key", ["licenses", "sources"])
@pytest.mark.parametrize("emptied", [None, [], [{}], [{"name": " ", "title": ""}], "CC-BY-4.0"])
def test_a_sidecar_without_licence_or_source_is_refused_with_the_line_to_fill_in(
    folder: Path, key: str, emptied: object
) -> None:
    package = json.loads(seal(folder, DAY).read_text(encoding="utf-8")) | {key: emptied}
    (folder / NAME).write_text(json.dumps(package), encoding="utf-8")
    (problem,) = verify(folder)
    assert problem.column == key
    assert f'{folder.name}/{NAME}: `{key}` is empty. Fill in the line "{key}": [{{' in problem.message["en"]
    assert "Isi baris" in problem.message["id"]
    with pytest.raises(SourceError, match=f"`{key}` is empty"):
        seal(folder)
