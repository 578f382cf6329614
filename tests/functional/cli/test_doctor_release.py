"""doctor sees a release that is mixed or broken, and fonts that are missing, and mends what is safe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench import faults
from pipelines.cli.doctor_release import examine_release
from pipelines.reporting.formats import fonts
from pipelines.warehouse import releases


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "reports").symlink_to("../reports")
    (tmp_path / "reports").mkdir()
    for number in (1, 2):
        faults.make(tmp_path / "data", number)
    return tmp_path


def release_of(root: Path) -> Any:
    return {finding.about["en"]: finding for finding in examine_release(root)}["one whole release"]


def test_a_whole_release_is_good_and_none_is_no_trouble(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert release_of(root).is_good
    assert release_of(tmp_path_factory.mktemp("empty")).is_good


@pytest.mark.parametrize(
    "name",
    ["data/warehouse/parquet", "data/warehouse/csv", "data/warehouse/titikrawan.duckdb", "reports/latest"],
)
def test_a_path_into_another_release_is_seen_and_mended(root: Path, name: str) -> None:
    other = root / "data" / "warehouse" / "releases" / faults.name_of(1)
    path = root / name
    path.unlink()
    path.symlink_to(other / path.name)
    found = release_of(root)
    assert (found.is_good, str(path) in found.seen["en"]) == (False, True)
    found.mend()
    assert release_of(root).is_good


def test_a_lost_pointer_is_mended(root: Path) -> None:
    (root / "data" / "warehouse" / releases.CURRENT).unlink()
    found = release_of(root)
    assert not found.is_good
    found.mend()
    assert release_of(root).is_good


def test_a_file_that_changed_is_named_and_left_to_people(root: Path) -> None:
    (root / "data" / "warehouse" / "parquet" / "meta.number.csv").write_text("9\n")
    found = release_of(root)
    assert (found.is_good, found.mend) == (False, None)
    assert "meta.number.csv" in found.seen["en"] and "rollback" in found.advice["id"]


def test_missing_fonts_are_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def look() -> Any:
        return {finding.about["en"]: finding for finding in examine_release(root)}["fonts of the pages"]

    assert look().is_good
    monkeypatch.setattr(fonts, "font_paths", list)
    assert (look().is_good, look().seen["en"]) == (False, "not found: DejaVu Sans")
