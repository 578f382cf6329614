"""`titikrawan add`: copies or links input of others, seals it, and refuses what must not come in."""

from __future__ import annotations

import json

import pytest

from pipelines.cli.main import main
from pipelines.sources import SourceError, verify
from pipelines.sources.add import add, addable
from tests.support.forms_cases import answer, csv_text, path_of, station, write_gz, write_zip


@pytest.fixture
def given(tmp_path):
    return write_gz(tmp_path / "given" / "31-dki.csv.gz", csv_text([station(1)]))


def test_file_is_copied_and_sealed(tmp_path, given) -> None:
    added = add(tmp_path / "raw", "sirekap-2024", given, licence="MIT")
    folder = tmp_path / "raw" / "sirekap-2024"
    assert [p.name for p in added.files] == ["31-dki.csv.gz"] and not verify(folder)
    package = json.loads(added.sidecar.read_text())
    assert package["licenses"][0]["name"] == "MIT" and not added.files[0].is_symlink()


def test_linked_folder_takes_its_own_sidecar_over_and_names_what_it_left(tmp_path, given) -> None:
    (given.parent / "README").write_text("about")
    head = {
        "name": "x",
        "title": "Given title",
        "licenses": [{"name": "ODbL"}],
        "sources": [{"title": "KPU"}],
    }
    (given.parent / "datapackage.json").write_text(json.dumps(head))
    added = add(tmp_path / "raw", "sirekap-2024", given.parent, link=True)
    package = json.loads(added.sidecar.read_text())
    assert added.files[0].is_symlink() and added.passed_over == ("README",)
    assert (package["title"], package["licenses"][0]["name"]) == ("Given title", "ODbL")
    assert not verify(tmp_path / "raw" / "sirekap-2024")


def test_tree_of_answers_becomes_one_zip_always_the_same(tmp_path) -> None:
    tree = tmp_path / "tree"
    for code in ("3171011001002", "3171011001001"):
        path = tree / path_of(code)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(answer()))
    first = add(tmp_path / "a", "sirekap-json", tree).files[0].read_bytes()
    second = add(tmp_path / "b", "sirekap-json", tree).files[0].read_bytes()
    assert first == second and first[:2] == b"PK"


def test_other_file_of_the_same_name_is_refused(tmp_path, given) -> None:
    add(tmp_path / "raw", "sirekap-2024", given)
    add(tmp_path / "raw", "sirekap-2024", given)  # the same once more is fine
    other = write_gz(tmp_path / "other" / "31-dki.csv.gz", csv_text([station(2), station(3)]))
    with pytest.raises(SourceError, match="another file of this name"):
        add(tmp_path / "raw", "sirekap-2024", other)


@pytest.mark.parametrize("source", ["nowhere", "register", "../register"])
def test_unknown_source_is_refused(tmp_path, given, source: str) -> None:
    with pytest.raises(SourceError, match="There are: boundaries, dpt-2019, sirekap-2024"):
        add(tmp_path / "raw", source, given)
    assert addable() == ["boundaries", "dpt-2019", "sirekap-2024", "sirekap-json", "situng-2019", "table"]


def test_archive_that_points_outside_is_refused_before_anything_is_written(tmp_path) -> None:
    path = write_zip(tmp_path / "bad.zip", {"../x.json": {}})
    with pytest.raises(SourceError, match="points outside"):
        add(tmp_path / "raw", "sirekap-json", path)
    assert not (tmp_path / "raw").exists()


def test_command_says_what_it_did(tmp_path, given, monkeypatch, capsys) -> None:
    (tmp_path / "data" / "raw").mkdir(parents=True)
    monkeypatch.setenv("TITIKRAWAN_ROOT", str(tmp_path))
    with pytest.raises(SystemExit) as end:
        main(["--lang", "en", "add", "sirekap-2024", str(given)])
    assert end.value.code == 0
    assert "Written: data/raw/sirekap-2024/31-dki.csv.gz" in capsys.readouterr().out
