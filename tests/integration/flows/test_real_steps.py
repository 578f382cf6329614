"""The real steps on the real register: both modes build the same release, and a refused input publishes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipelines.jobs.run import STEPS, DataRefusedError, StepResult, plan
from tests.support.builds import AREAS, LANGS, copy_inputs, published

pytestmark = [pytest.mark.flows, pytest.mark.slow]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with the real inputs and nothing built."""
    copy_inputs(tmp_path)
    return tmp_path


def facts(results: Sequence[StepResult]) -> list[list[Any]]:
    return [[result.name, dict(result.facts)] for result in results]


STABLE = (".parquet", ".html", ".pdf", "datapackage.json")


def digests(root: Path) -> dict[str, str]:
    """Hashes of the files that readers see and that depend on inputs and code alone."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in (root / "data" / "warehouse", root / "reports")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and path.name.endswith(STABLE)
        and "last_attempt" not in path.parts
        and ".work" not in path.parts
    }


def test_the_same_input_gives_the_same_release_with_its_reports_under_prefect_and_plainly(
    server: str, project: Path
) -> None:
    from flows.refresh import run_refresh

    run = plan(project, AREAS, LANGS)
    assert run is not None
    under_prefect = run_refresh(run)
    made = digests(project)
    status = json.loads((project / "data/warehouse/status.json").read_text())
    assert (status["state"], status["published"]) == ("completed", run.id)

    plainly = published()
    assert [result.name for result in under_prefect] == [step.name for step in STEPS]
    assert facts(under_prefect) == json.loads((plainly / "facts.json").read_text(encoding="utf-8"))
    assert made.keys() == digests(plainly).keys()
    assert {ending: sum(name.endswith(ending) for name in made) > 0 for ending in STABLE} == dict.fromkeys(
        STABLE, True
    )
    assert sum(name.endswith(".parquet") for name in made) > 20
    assert made == digests(plainly)


def test_refused_input_fails_the_flow_and_publishes_nothing(server: str, project: Path) -> None:
    from flows.refresh import run_refresh

    (project / "data/raw/register/revotes.csv").write_text("not,the,header\n1,2,3\n", encoding="utf-8")
    run = plan(project, AREAS, LANGS)
    assert run is not None
    with pytest.raises(DataRefusedError, match=r"revotes\.csv"):
        run_refresh(run)
    assert not (project / "data/warehouse/titikrawan.duckdb").exists()
    status = json.loads((project / "data/warehouse/status.json").read_text())
    assert status["state"] == "failed"
    assert "revotes.csv" in status["message"]
