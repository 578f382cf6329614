"""An archive holds what a reader needs in ten years, checks itself, and says how to cite it."""

from __future__ import annotations

import json

import pytest

from pipelines.jobs.archive import citation, zenodo


def test_metadata_for_zenodo_name_the_release_and_close_own_records() -> None:
    about = zenodo("2026-11-25-0123456789ab", "2026-11-25", 0)["metadata"]
    assert (about["version"], about["access_right"]) == ("2026-11-25-0123456789ab", "open")
    closed = zenodo("x", "2026-11-25", 3)["metadata"]
    assert closed["access_right"] == "restricted" and "3 rows" in closed["notes"]
    json.dumps(about)


def test_the_citation_names_the_release() -> None:
    import yaml

    cited = yaml.safe_load(citation("2026-11-25-0123456789ab", "2026-11-25"))
    assert (cited["version"], cited["type"], cited["license"]) == (
        "2026-11-25-0123456789ab",
        "dataset",
        "CC-BY-4.0",
    )


def test_the_citation_of_the_project_has_its_version() -> None:
    import tomllib

    import yaml

    from tests.conftest import ROOT

    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert cited["version"] == project["version"]


def test_a_release_is_archived_whole(register_run, tmp_path) -> None:
    from pipelines.jobs.archive import archive
    from pipelines.warehouse import releases
    from pipelines.warehouse.load import WarehouseError

    root = register_run.work.parents[3]
    found, files = archive(root, tmp_path / "kept")
    names = {path.relative_to(tmp_path / "kept").as_posix() for path in files}
    assert found.id == register_run.id
    assert {
        "titikrawan.duckdb",
        "csv/datapackage.json",
        "parquet/datapackage.json",
        "codebook.en.pdf",
    } <= names
    assert {"CITATION.cff", "zenodo.json", "SHA256SUMS", "codebook.id.html"} <= names
    assert releases.faults(tmp_path / "kept") == []
    assert (tmp_path / "kept" / "codebook.en.pdf").read_bytes().startswith(b"%PDF")
    book = (tmp_path / "kept" / "codebook.en.html").read_text(encoding="utf-8")
    assert "mart.counts" in book and "re-vote (PSU)" in book and "2026-11-25" in book
    with pytest.raises(WarehouseError, match="exists already"):
        archive(root, tmp_path / "kept")


def test_a_comparison_is_told_as_a_table(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    from click.testing import CliRunner

    from pipelines.cli.main import build
    from pipelines.jobs import differences

    group = {
        "election_id": "pemilu-2024",
        "province_code": "31",
        "n_added": 2,
        "n_removed": 0,
        "n_changed": 1,
    }
    said = {"before": "a", "after": "b", "tables": [{"table": "mart.counts", "groups": [group]}], "notes": []}
    monkeypatch.setattr(differences, "between", lambda *_: said)
    monkeypatch.setenv("TITIKRAWAN_ROOT", str(tmp_path))
    done = CliRunner().invoke(build("en"), ["diff", "--csv"])
    assert done.output.splitlines() == [
        "before,after,table_name,election_id,province_code,n_added,n_removed,n_changed",
        "a,b,mart.counts,pemilu-2024,31,2,0,1",
    ]
