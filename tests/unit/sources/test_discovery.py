"""A source is a module named like its folder; nothing else registers it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

from pipelines import sources
from pipelines.catalog import load
from pipelines.sources import SourceError, discover, read_all

RAW = Path(__file__).resolve().parents[3] / "data" / "raw"


def test_every_declared_file_of_the_repository_is_read_without_a_problem() -> None:
    found = list(read_all(RAW))
    declared = [s.path for t in load() for s in t.sources]
    assert sorted(t.frame["source_file"].iloc[0] for t in found) == sorted(declared)
    assert sum(len(t.problems) for t in found) == 0
    assert all(t.n_read == len(t.frame) > 0 for t in found)


def test_a_module_named_like_a_new_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kecamatan").mkdir()
    module = ModuleType(f"{sources.__name__}.kecamatan")
    module.read = lambda folder: iter(())  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    assert list(discover(tmp_path)) == ["kecamatan"]


@pytest.mark.parametrize("name", ["sirekap_2031", "csv_text"])
def test_a_folder_without_a_reader_says_what_to_add(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(SourceError, match=f"Add pipelines/sources/{name}.py") as caught:
        discover(tmp_path)
    assert "Tambahkan" in caught.value.message["id"]


def test_a_missing_folder_of_inputs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="folder of inputs is missing"):
        discover(tmp_path / "raw")
