"""Areas asked for: known by code or name, and refused before anything is built where nobody knows them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli.main import build
from pipelines.jobs import run as job
from pipelines.jobs.areas import codes
from pipelines.reporting.errors import ReportError

AREAS = """area_code,level,name,parent_code
31,province,Daerah Khusus Ibukota Jakarta,
3171,regency,Kota Administrasi Jakarta Pusat,31
7371,regency,Kota Makassar,73
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "raw" / "register"
    folder.mkdir(parents=True)
    (folder / "areas.csv").write_text(AREAS, encoding="utf-8")
    return tmp_path


def test_codes_names_and_short_names_are_understood_once(project: Path) -> None:
    asked = ("Makassar", "3171", "00", "jakpus", "7371")
    assert codes(project / "data" / "raw", asked) == ("7371", "3171", "00")


def test_unknown_areas_are_refused_before_the_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ReportError, match="3171"):
        job.plan(project, ("3179",))
    monkeypatch.setenv("TITIKRAWAN_ROOT", str(project))
    result = CliRunner().invoke(build("en"), ["run", "--no-prefect", "--area", "9999"])
    assert result.exit_code == 2 and "9999" in result.output and "near it: 31" in result.output
    assert not (project / "data" / "warehouse").exists()


def test_without_a_list_of_areas_the_run_itself_says_what_is_missing(tmp_path: Path) -> None:
    assert codes(tmp_path, ("9999", "9999")) == ("9999",)
